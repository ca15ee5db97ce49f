"""What drives the heads of a skill in a month: its operations, and the sales orders they are for, pro rata.

Hours are standard hours, crew x open minutes of the station, counted as the verifier counts them: operations
of a month add up to its required hours. Quantities are pegged, so an operation's hours go to what takes its
order in the shares of the pegging.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from orders.models import SalesOrder
from planning.engine.verify.calendars import LocalTime, OpenTime, next_month
from planning.errors import SkillNotInPlan
from planning.models import PlannedOperation, PlanPromise, StaffingMonth
from planning.selectors.frozen import FrozenInput, get_frozen
from planning.selectors.pegging import EXCESS, Delivery, Supply, read_up_all
from planning.selectors.pegging_tree import share_out

SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationHours:
    """What one operation takes of the skill in the month."""

    order: str
    item: str
    seq: int
    work_centre: str | None
    start: dt.datetime
    end: dt.datetime
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemHours:
    """What making one item takes, by ``orders`` planned orders."""

    item: str
    hours: float
    orders: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryHours:
    """What an instalment of a customer's line takes, by itself and by all that goes into it."""

    sales_order: str
    line: int
    instalment: int
    customer: str
    item: str
    requested: dt.date | None
    promised: dt.date | None
    hours: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drivers:
    """``hours`` = those of the deliveries + ``excess_hours`` (for nobody) + ``other_hours`` (not followed).

    ``rules`` say what else holds people of the skill. ``more_operations``: those that are not told.
    """

    row: StaffingMonth
    hours: float
    deliveries: tuple[DeliveryHours, ...]
    items: tuple[ItemHours, ...]
    operations: tuple[OperationHours, ...]
    more_operations: int
    excess_hours: float
    other_hours: float
    rules: tuple[str, ...]


def get_drivers(version: int, *, skill: str, month: str) -> Drivers:
    """Hours by delivery, item and operation, the most first. At most 2 queries a level and 6 more."""
    row = StaffingMonth.objects.filter(run=version, skill=skill, month=month).first()
    if row is None:
        raise SkillNotInPlan(f"Plan {version} has no {skill} in {month}.")
    frozen = get_frozen(version)
    taken = sorted(_operations(frozen, row), key=lambda each: -each[1])
    minutes: dict[Supply, Fraction] = defaultdict(Fraction)
    for operation, worked in taken:
        minutes[Supply(operation.order, operation.item)] += worked
    graph = read_up_all(version, frozen, minutes)
    ends = share_out(graph, minutes)
    served = {node: part for node, part in ends.items() if isinstance(node, Delivery) and node != EXCESS}
    excess = ends.get(EXCESS, Fraction(0))
    total = sum(minutes.values(), Fraction(0))
    return Drivers(
        row=row,
        hours=_hours(total),
        deliveries=tuple(_deliveries(served, graph.promises)),
        items=tuple(_items(minutes)),
        operations=tuple(_told(operation, worked) for operation, worked in taken[:SHOWN]),
        more_operations=max(0, len(taken) - SHOWN),
        excess_hours=_hours(excess),
        other_hours=_hours(total - excess - sum(served.values(), Fraction(0))),
        rules=tuple(_rules(frozen, row)),
    )


def _hours(minutes: Fraction) -> float:
    return float(minutes / 60)


def _operations(frozen: FrozenInput, row: StaffingMonth) -> Iterator[tuple[PlannedOperation, Fraction]]:
    """Operations of the skill with their crew-minutes in the month."""
    local = LocalTime(frozen.zone.key)
    first = dt.date.fromisoformat(f"{row.month}-01")
    begin, until = local.midnight(first), local.midnight(next_month(first))
    open_times = _OpenTimes(frozen, local, first)
    found = PlannedOperation.objects.filter(
        run=row.run_id,
        skill=row.skill,
        work_centre__isnull=False,
        start__lt=local.moment(until),
        end__gt=local.moment(begin),
    )
    for operation in found.order_by("start", "pk"):
        open_time = open_times.of(str(operation.work_centre), operation.station)
        start, end = max(begin, local.minute(operation.start)), min(until, local.minute(operation.end))
        worked = operation.crew * open_time.open_minutes(start, end)
        if worked:
            yield operation, Fraction(worked)


class _OpenTimes:
    """Open time of stations around one month, laid out when it is asked for."""

    def __init__(self, frozen: FrozenInput, local: LocalTime, first: dt.date) -> None:
        self._frozen, self._local = frozen, local
        self._span = (first - dt.timedelta(days=2), next_month(first) + dt.timedelta(days=2))
        self._stations: dict[tuple[str, int | None], OpenTime] = {}
        self._laid_out: dict[tuple[str, tuple[tuple[int, int], ...]], OpenTime] = {}

    def of(self, centre: str, station: int | None) -> OpenTime:
        if (centre, station) not in self._stations:
            self._stations[centre, station] = self._lay_out(centre, station)
        return self._stations[centre, station]

    def _lay_out(self, centre: str, station: int | None) -> OpenTime:
        down = tuple(
            (self._local.minute(row.from_), self._local.minute(row.to))
            for row in self._frozen.downtimes
            if row.work_centre == centre and row.station in (None, station)
        )
        key = (self._frozen.centre_calendars[centre], down)
        if key not in self._laid_out:
            calendar = self._frozen.calendars[key[0]]
            self._laid_out[key] = OpenTime(calendar, self._local, *self._span, down)
        return self._laid_out[key]


def _told(operation: PlannedOperation, worked: Fraction) -> OperationHours:
    return OperationHours(
        order=operation.order,
        item=operation.item,
        seq=operation.seq,
        work_centre=operation.work_centre,
        start=operation.start,
        end=operation.end,
        hours=_hours(worked),
    )


def _items(minutes: dict[Supply, Fraction]) -> list[ItemHours]:
    orders: dict[str, list[Fraction]] = defaultdict(list)
    for supply, worked in minutes.items():
        orders[supply.item].append(worked)
    rows = [
        ItemHours(item=item, hours=_hours(sum(parts, Fraction(0))), orders=len(parts))
        for item, parts in orders.items()
    ]
    return sorted(rows, key=lambda each: (-each.hours, each.item))


def _deliveries(
    served: dict[Delivery, Fraction], promises: dict[Delivery, PlanPromise]
) -> list[DeliveryHours]:
    orders = SalesOrder.objects.filter(ref__in={node.sales_order for node in served})
    customers = dict(orders.values_list("ref", "customer__name"))
    rows = []
    for node, part in served.items():
        promise = promises.get(node)
        rows.append(
            DeliveryHours(
                **node._asdict(),
                customer=customers.get(node.sales_order, ""),
                item=promise.item if promise else "",
                requested=promise.requested if promise else None,
                promised=promise.promised if promise else None,
                hours=_hours(part),
            )
        )
    return sorted(rows, key=lambda each: (-each.hours, each.sales_order, each.line, each.instalment))


def _rules(frozen: FrozenInput, row: StaffingMonth) -> Iterator[str]:
    """What holds people beside the hours of operations."""
    skill = frozen.skills.get(row.skill)
    for ratio in frozen.staffing.ratios:
        if ratio.skill == row.skill:
            yield f"At least one for every {ratio.per_direct_heads.normalize():f} direct heads."
    for ramp in frozen.staffing.ramps:
        if ramp.skill == row.skill:
            yield f"Hired up to {ramp.target_headcount}, at most {ramp.max_per_month} a month."
    if skill is not None and skill.min_headcount:
        yield f"At least {skill.min_headcount} stay in any case."
