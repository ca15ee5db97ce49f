"""Why a delivery is late: the chain of waits behind its last unit, in days.

The chain is walked back from the last unit delivered: at each operation to what it waited for longest (a
part, a component lot, the operation before), and between being ready and starting to the station or the
people that were not free.
"""

from bisect import bisect_right, insort
from collections import defaultdict

from planning.engine.draft import Draft, Shipment
from planning.engine.mrp import STOCK, Lot
from planning.engine.plan import PlanException, Reason
from planning.engine.shop import Shop
from planning.engine.timegrid import DAY
from planning.engine.trouble import Obstacle

MOST_REASONS = 8
MAX_CHAIN = 10_000

Causes = dict[tuple[str, str], int]


class Explainer:
    """Answers for one draft; stations' busy times are indexed once."""

    def __init__(self, shop: Shop, draft: Draft, obstacles: dict[int, Obstacle]) -> None:
        self.shop, self.draft, self.obstacles = shop, draft, obstacles
        self.rows = {(row.lot, row.step): row for row in draft.schedule.rows}
        self.busy: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for row in draft.schedule.rows:
            centre = shop.routes[draft.material.lots[row.lot].item][row.step].centre
            if centre >= 0:
                self.busy[centre][0].append(row.start)
                insort(self.busy[centre][1], row.free)
        for starts, _ in self.busy.values():
            starts.sort()

    def reasons(self) -> dict[int, tuple[Reason, ...]]:
        """Reasons of every late or undeliverable demand, longest first."""
        found = {}
        for index in range(len(self.shop.demands)):
            days = self.draft.late_days[index]
            if days is None:
                found[index] = self._never(index)
            elif days > 0:
                found[index] = self._late(index, days)
        return found

    def _never(self, index: int) -> tuple[Reason, ...]:
        item = self.draft.material.unmet_item.get(index, self.shop.demands[index].item)
        obstacle = self.obstacles.get(item)
        days = float((self.shop.grid.horizon_end - self.shop.demands[index].due).days + 365)
        if obstacle is None:
            code = self.shop.items[item].code
            text = f"{code} cannot be supplied before {self.shop.grid.day(self.shop.grid.end - 1)}."
            return (Reason(code="BROKEN_SUPPLY_PATH", entity=code, days=days, text=text),)
        return (Reason(code=obstacle.code, entity=obstacle.entity, days=days, text=obstacle.text),)

    def _late(self, index: int, days: int) -> tuple[Reason, ...]:
        causes: Causes = defaultdict(int)
        last = max(self.draft.shipments[index], key=lambda row: row.ready)
        self._supply(last, index, causes)
        demand = self.shop.demands[index]
        if demand.due < self.shop.grid.as_of:
            causes["PAST_DUE_DEMAND", demand.sales_order] += -demand.due_minute
        reasons = [
            self._reason(code, entity, minutes)
            for (code, entity), minutes in causes.items()
            if minutes >= DAY // 20
        ]
        if not reasons:
            text = f"{self.shop.items[demand.item].code} is {days} days late by the work that it takes."
            reasons = [
                Reason(code="INSUFFICIENT_LEAD_TIME", entity=demand.sales_order, days=float(days), text=text)
            ]
        return tuple(sorted(reasons, key=lambda r: (-r.days, r.code, r.entity))[:MOST_REASONS])

    def _reason(self, code: str, entity: str, minutes: int) -> Reason:
        days = round(minutes / DAY, 1)
        text = {
            "AT_RISK_MATERIAL": f"{entity}, ordered now, arrives {days:g} days after the planning date.",
            "EXPEDITE": f"Open order {entity} arrives {days:g} days after the planning date.",
            "AT_RISK_RESOURCE": f"All stations of {entity} were taken for {days:g} days.",
            "AT_RISK_SKILL": f"No {entity} free for {days:g} days: heads or hours of the month used up.",
            "INSUFFICIENT_LEAD_TIME": f"The work on {entity} itself takes {days:g} days.",
            "FENCE_VIOLATION": f"{entity} may not start earlier: {days:g} days after the planning date.",
            "PAST_DUE_DEMAND": f"{entity} was due {days:g} days before the planning date.",
            "PLANNED_START": f"The plan starts {entity} {days:g} days after it could.",
        }[code]
        return Reason(code=code, entity=entity, days=days, text=text)

    def _supply(self, shipment: Shipment, index: int, causes: Causes) -> None:
        supply = shipment.supply
        item = self.shop.items[self.shop.demands[index].item].code
        if supply is None:
            causes["AT_RISK_MATERIAL", item] += shipment.ready
        elif supply.lot is None:
            if supply.id != STOCK:
                causes["EXPEDITE", supply.id] += supply.available
        else:
            self._walk(supply.lot, causes)

    def _walk(self, lot: Lot, causes: Causes) -> None:
        """Back through the lot and the component lots that held it up."""
        step = lot.steps - 1
        for _ in range(MAX_CHAIN):
            if step < lot.first_step:
                return
            row = self.rows.get((lot.number, step))
            if row is None:
                return
            causes["INSUFFICIENT_LEAD_TIME", self.shop.items[lot.item].code] += row.free - row.start
            ready, cause = self._ready(lot, step)
            self._waited(lot, step, ready, row.start, causes)
            if isinstance(cause, Lot):
                lot, step = (lot, step - 1) if cause is lot else (cause, cause.steps - 1)
                continue
            if cause is not None:
                causes[cause] += ready
            return

    def _ready(self, lot: Lot, step: int) -> tuple[int, Lot | tuple[str, str] | None]:
        """When ``step`` could start, and what decided it: the step before (the lot itself), a lot, a cause."""
        ready: int = 0
        cause: Lot | tuple[str, str] | None = None
        if step > lot.first_step:
            before = self.rows[lot.number, step - 1]
            ready, cause = before.free + self.shop.routes[lot.item][step - 1].queue_minutes, lot
        if lot.bought_ready[step] > ready:
            part = lot.binding_part.get(step)
            ready = lot.bought_ready[step]
            cause = ("AT_RISK_MATERIAL", self.shop.items[part].code) if part is not None else None
        for peg in lot.made_ready:
            if max(peg.step, lot.first_step) != step:
                continue
            supply = peg.supply
            at = self.draft.schedule.done[supply.lot.number] if supply.lot is not None else supply.available
            if at > ready:
                ready = at
                cause = supply.lot if supply.lot is not None else ("EXPEDITE", supply.id)
        if step == lot.first_step and lot.not_before > ready:
            return lot.not_before, ("FENCE_VIOLATION", self.shop.items[lot.item].code)
        return ready, cause

    def _waited(self, lot: Lot, step: int, ready: int, start: int, causes: Causes) -> None:
        route = self.shop.routes[lot.item][step]
        if route.centre < 0 or start <= ready:
            return
        centre = self.shop.factory.work_centres[route.centre]
        begin = self.shop.grid.open_time[centre.calendar].next_open(ready)
        if begin is None or start <= begin:
            return
        starts, frees = self.busy[route.centre]
        taken = bisect_right(starts, begin) - bisect_right(frees, begin)
        if taken >= centre.stations:
            causes["AT_RISK_RESOURCE", centre.code] += start - begin
        elif route.skill >= 0:
            causes["AT_RISK_SKILL", self.shop.skills[route.skill].code] += start - begin
        else:
            causes["PLANNED_START", self.shop.items[lot.item].code] += start - begin


def demand_exceptions(
    shop: Shop, draft: Draft, reasons: dict[int, tuple[Reason, ...]]
) -> list[PlanException]:
    """LATE_DEMAND and UNPLANNED_DEMAND, the dearest first."""
    found = []
    for index, why in reasons.items():
        demand = shop.demands[index]
        entity = f"{demand.sales_order}/{demand.line}/{demand.instalment}"
        days = draft.late_days[index]
        because = why[0]
        if days is None:
            found.append(
                PlanException(
                    code="UNPLANNED_DEMAND",
                    severity="error",
                    entity=entity,
                    text=f"Cannot be delivered: {because.text}",
                    suggestion="Remove the obstacle, or agree with the customer on something else.",
                )
            )
        else:
            found.append(
                PlanException(
                    code="LATE_DEMAND",
                    severity="warning",
                    entity=entity,
                    text=f"{days} days late. Longest reason: {because.text}",
                    suggestion=_SUGGESTIONS.get(because.code, "Agree on a later date, or free capacity."),
                )
            )
    return sorted(found, key=lambda each: (each.severity != "error", each.entity))


_SUGGESTIONS = {
    "AT_RISK_MATERIAL": "Expedite the part, or find a source with a shorter lead time.",
    "EXPEDITE": "Ask the supplier to deliver the open order earlier.",
    "AT_RISK_RESOURCE": "Add a shift or a station, or move other work away.",
    "AT_RISK_SKILL": "Hire earlier, allow more overtime, or train people of another skill.",
}
