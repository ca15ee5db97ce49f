"""What the search compares drafts by: the plan's cost with what the planner and the search weigh more.

Reported costs contain none of it.
"""

from planning.engine.draft import Draft, LatePrice, Shipment, lateness_cost
from planning.engine.request import Weights
from planning.engine.shop import Shop
from planning.engine.workforce import OVERTIME_RELUCTANCE, head_changes

# A broken promise costs more than the policy's price of a late day: the search counts lateness this many
# times.
LATE_WEIGHT = 8.0
LEEWAY = 0.003  # of all costs but lateness: by so much a draft may be cheaper than the best in them


class Scoring:
    """Scores for one shop and one planner's weights."""

    def __init__(self, shop: Shop, weights: Weights) -> None:
        self.shop, self.weights = shop, weights
        self.late_price = LatePrice(weights.lateness, weights.on_time / LATE_WEIGHT)

    def late(self, shipments: list[list[Shipment]]) -> float:
        """Lateness in money; the score counts it ``LATE_WEIGHT`` times."""
        return lateness_cost(self.shop, shipments, self.late_price)

    def of(self, draft: Draft) -> float:
        """The score: the less, the better."""
        weights, cost = self.weights, draft.cost
        reserve = OVERTIME_RELUCTANCE * weights.overtime * cost["overtime"]
        rest = draft.total + reserve + (weights.overtime - 1) * cost["overtime"]
        rest += (weights.stock - 1) * cost["holding"]
        rest += weights.headcount * head_changes(self.shop, draft.staffing)
        if weights.setups:
            rest += weights.setups * setup_hours(self.shop, draft)
        late = (
            cost["lateness"] if weights.lateness == 1 and not weights.on_time else self.late(draft.shipments)
        )
        return rest + (LATE_WEIGHT * late - cost["lateness"])

    def most_late(self, score: float, draft: Draft) -> float:
        """The most lateness, as ``late`` counts it, of a draft that could still be better than this one.

        Of what does not depend on the schedule much, another draft may have ``LEEWAY`` less; of stock,
        overtime, setups and changes of headcount, where they weigh more than usual, nothing at all.
        """
        steady = score - LATE_WEIGHT * self.late(draft.shipments) - self._varying(draft)
        return (score - steady * (1 - LEEWAY)) / LATE_WEIGHT

    def _varying(self, draft: Draft) -> float:
        weights, cost = self.weights, draft.cost
        found = weights.headcount * head_changes(self.shop, draft.staffing)
        if weights.stock > 1:
            found += weights.stock * cost["holding"]
        if weights.overtime > 1:
            found += weights.overtime * (1 + OVERTIME_RELUCTANCE) * cost["overtime"]
        if weights.setups:
            found += weights.setups * setup_hours(self.shop, draft)
        return found


def setup_hours(shop: Shop, draft: Draft) -> float:
    """Station hours that the schedule spends on setting up, by the family that a station did before."""
    listed = {
        (row.work_centre, row.from_family, row.to_family): float(row.hours)
        for row in shop.factory.setup_times
    }
    last: dict[tuple[int, int], str | None] = {}
    total = 0.0
    for row in sorted(draft.schedule.rows, key=lambda each: each.start):
        if row.centre < 0:
            continue
        centre = shop.factory.work_centres[row.centre]
        operation = shop.operation_rows[draft.material.lots[row.lot].item][row.step]
        family, before = operation.setup_family, last.get((row.centre, row.station))
        hours = float(operation.setup_h)
        if family is not None and before is not None:
            same = 0.0 if family == before else hours
            hours = listed.get((centre.code, before, family), same)
        speed = next(
            (float(each.speed) for each in operation.alternates if each.work_centre == centre.code), 1.0
        )
        if operation.work_centre == centre.code:
            speed = 1.0
        total += hours / (float(centre.efficiency) * speed)
        last[row.centre, row.station] = family
    return total
