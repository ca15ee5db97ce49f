"""What the rules look at: factory and plan side by side, indexed once.

Only rows whose references are known and whose moments make sense enter here; the rest is named by the rules
of ``references``. So the other rules need no defence against a malformed plan, and a wrong row is named once.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import cached_property

from planning.engine.factory import (
    AbsenceRow,
    BomRow,
    ByProductRow,
    CalendarRow,
    Factory,
    ItemRow,
    OperationRow,
    ShiftRow,
    SkillRow,
    SkillShiftRow,
    SourceRow,
    WorkCentreRow,
)
from planning.engine.factory_codec import resolve
from planning.engine.numbers import FIRST_DAY, LAST_DAY, MAX_QTY
from planning.engine.plan import Pegging, Plan, PlannedOperation, PlannedOrder, Promise
from planning.engine.verify.bills import Line, lines_of
from planning.engine.verify.calendars import LocalTime, OpenTime
from planning.engine.verify.demand import Instalment, InstalmentKey, open_instalments

NOISE = Decimal("0.000001")
_LAID_OUT_BEFORE = timedelta(days=60)
_LAID_OUT_AFTER = timedelta(days=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One row of ``operations`` with its order, its step of the routing and its moments as minutes."""

    row: PlannedOperation
    order: PlannedOrder
    step: OperationRow
    centre: WorkCentreRow | None
    start: int
    end: int
    free: int

    @property
    def name(self) -> str:
        return f"{self.row.order}/{self.row.seq}"

    @property
    def speed(self) -> float:
        """Speed of the work centre relative to the routing's own one."""
        for alternate in self.step.alternates:
            if self.centre and alternate.work_centre == self.centre.code != self.step.work_centre:
                return float(alternate.speed)
        return 1.0


def whole_minutes(hours: Decimal | float) -> int:
    """Hours as minutes, rounded up; a millionth of a minute more is noise."""
    if isinstance(hours, Decimal):
        return int((hours * 60 - NOISE).to_integral_value(ROUND_CEILING))
    return math.ceil(hours * 60 - 1e-6)


def plausible_day(day: date) -> bool:
    """Is ``day`` within what the product accepts as a day?"""
    return FIRST_DAY <= day < LAST_DAY


def plausible_moment(moment: datetime) -> bool:
    """Has ``moment`` an offset, and is it within what the product accepts?"""
    return moment.utcoffset() is not None and FIRST_DAY + timedelta(days=1) < moment.date() < LAST_DAY


def plausible_qty(qty: Decimal) -> bool:
    """Is the size of ``qty`` one that the product accepts, to the sixth decimal? Zero and below are named
    apart.
    """
    return NOISE <= qty <= MAX_QTY or qty == 0 or NOISE <= -qty <= MAX_QTY


class Facts:
    """Indexes over a resolved factory and the sound rows of a plan; built once, read by every rule."""

    def __init__(self, factory: Factory, plan: Plan) -> None:
        self.factory = resolve(factory)
        self.plan = plan
        self.local = LocalTime(factory.time_zone)
        self.as_of = factory.as_of
        self.start = self.local.midnight(factory.as_of)
        self.items: dict[str, ItemRow] = {row.code: row for row in self.factory.items}
        self.skills: dict[str, SkillRow] = {row.code: row for row in self.factory.skills}
        self.centres: dict[str, WorkCentreRow] = {row.code: row for row in self.factory.work_centres}
        self.work_orders = {row.ref: row for row in self.factory.work_orders}
        self.steps: dict[str, dict[int, OperationRow]] = {
            item: {row.seq: row for row in rows} for item, rows in self.factory.routings.items()
        }
        self.sources: dict[str, list[SourceRow]] = defaultdict(list)
        for source in self.factory.sources:
            self.sources[source.item].append(source)
        self._known_sources: dict[str, SourceRow | None] = {}
        self.bom: dict[str, list[BomRow]] = defaultdict(list)
        for row in self.factory.bom:
            self.bom[row.parent].append(row)
        self._known_lines: dict[str, tuple[Line, ...]] = {}
        self._known_attended: dict[tuple[OpenTime, str, tuple[str, ...]], OpenTime] = {}
        self.firm_orders = {row.ref: row for row in self.factory.firm_orders}
        self.by_products: dict[str, list[ByProductRow]] = defaultdict(list)
        for by_product in self.factory.by_products:
            self.by_products[by_product.parent].append(by_product)

    def lines_of(self, item: str) -> tuple[Line, ...]:
        """What one unit of ``item`` takes, on whatever days."""
        if item not in self._known_lines:
            self._known_lines[item] = lines_of(self.bom, self.items, item)
        return self._known_lines[item]

    @cached_property
    def orders(self) -> dict[str, PlannedOrder]:
        """Planned orders of known items by id; of a repeated id the first."""
        found: dict[str, PlannedOrder] = {}
        for row in self.plan.planned_orders:
            days_sound = plausible_day(row.release) and plausible_day(row.due)
            if row.item in self.items and days_sound and plausible_qty(row.qty):
                found.setdefault(row.id, row)
        return found

    @cached_property
    def buys(self) -> list[PlannedOrder]:
        return [row for row in self.orders.values() if row.kind == "buy"]

    @cached_property
    def makes(self) -> list[PlannedOrder]:
        return [row for row in self.orders.values() if row.kind == "make"]

    @cached_property
    def ops(self) -> list[Op]:
        """Operations of a known order and step, in order of their start."""
        found = []
        for row in self.plan.operations:
            order = self.orders.get(row.order)
            step = self.steps.get(order.item, {}).get(row.seq) if order else None
            known = row.work_centre is None or row.work_centre in self.centres
            if not (order and order.kind == "make" and step and known):
                continue
            if not (plausible_qty(row.qty) and all(map(plausible_moment, (row.start, row.end, row.free)))):
                continue
            start, end, free = (self.local.minute(moment) for moment in (row.start, row.end, row.free))
            centre = self.centres[row.work_centre] if row.work_centre else None
            found.append(Op(row=row, order=order, step=step, centre=centre, start=start, end=end, free=free))
        return sorted(found, key=lambda op: (op.start, op.free, op.row.order, op.row.seq))

    @cached_property
    def ops_of(self) -> dict[str, dict[int, list[Op]]]:
        """Operations by order and seq, each in order of start."""
        found: dict[str, dict[int, list[Op]]] = defaultdict(lambda: defaultdict(list))
        for op in self.ops:
            found[op.row.order][op.row.seq].append(op)
        return found

    @cached_property
    def first_start(self) -> dict[str, int]:
        """When the first operation row of each order starts; orders without rows are not in it."""
        found: dict[str, int] = {}
        for op in self.ops:
            found.setdefault(op.row.order, op.start)
        return found

    def start_day(self, order: PlannedOrder) -> date:
        """The day on which an order starts: that of its first operation, without operations its release."""
        start = self.first_start.get(order.id)
        return order.release if start is None else self.local.day(start)

    @cached_property
    def instalments(self) -> dict[InstalmentKey, Instalment]:
        """What is to be delivered."""
        return {row.key: row for row in open_instalments(self.factory, self.unit_values)}

    @cached_property
    def promises(self) -> dict[InstalmentKey, Promise]:
        """Promise rows of open instalments; of a repeated one the first. Implausible dates are left out."""
        found: dict[InstalmentKey, Promise] = {}
        for row in self.plan.promises:
            key = (row.sales_order, row.line, row.instalment)
            if key in self.instalments:
                sound = tuple(x for x in row.deliveries if plausible_day(x.date) and plausible_qty(x.qty))
                found.setdefault(key, row.model_copy(update={"deliveries": sound}))
        return found

    @cached_property
    def peggings(self) -> list[Pegging]:
        """Pegging rows whose item is known and whose quantity is sound."""
        return [row for row in self.plan.pegging if row.item in self.items and plausible_qty(row.qty)]

    @cached_property
    def grain(self) -> Decimal:
        """How finely an order's shares can be told: a millionth, and where substitutes replace parts of a
        need, what a millionth of a component stands for.
        """
        ratios = (other.qty / row.qty for row in self.factory.bom for other in row.substitutes)
        return NOISE * max([Decimal(1), *ratios])

    @cached_property
    def unit_values(self) -> dict[str, float]:
        """Value of one unit in stock: bought at cost, made at the sum of its components' values."""
        values: dict[str, float] = {}
        for code in self.items:
            waiting, begun = [code], set[str]()
            while waiting:
                current = waiting[-1]
                below = [] if current in begun else [row.component for row in self._valued_rows(current)]
                begun.add(current)  # what comes up again below itself is a circle, and counts as nothing
                open_parts = [part for part in below if part not in values and part not in begun]
                if open_parts:
                    waiting += open_parts
                elif waiting.pop() not in values:
                    values[current] = self._value(current, values)
        return values

    def _valued_rows(self, code: str) -> list[BomRow]:
        if self.items[code].kind == "buy":
            return []
        rows = self.bom.get(code, ())
        return [r for r in rows if is_effective(r.from_, r.to, self.as_of) and r.component in self.items]

    def _value(self, code: str, values: dict[str, float]) -> float:
        item = self.items[code]
        if item.kind == "buy":
            return float(item.unit_cost) or self._best_source_cost(code)
        return sum(
            float(row.qty) / (1 - float(row.scrap)) * values.get(row.component, 0.0)
            for row in self._valued_rows(code)
        )

    def _best_source_cost(self, code: str) -> float:
        rows = self.sources.get(code)
        if not rows:
            return 0.0
        return float(min(rows, key=lambda row: (row.priority, row.supplier)).unit_cost or 0)

    def source_of(self, order: PlannedOrder) -> SourceRow | None:
        """The source a planned purchase names, effective on its release day; of two that are, the one that
        began last: it took over from the other.
        """
        if order.item not in self.sources:
            return None
        if order.id not in self._known_sources:
            self._known_sources[order.id] = self._source_of(order)
        return self._known_sources[order.id]

    def _source_of(self, order: PlannedOrder) -> SourceRow | None:
        begun = [
            row
            for row in self.sources.get(order.item, ())
            if row.supplier == order.supplier and (row.from_ is None or row.from_ <= order.release)
        ]
        last = max(begun, key=lambda row: row.from_ or date.min, default=None)
        return last if last is not None and is_effective(last.from_, last.to, order.release) else None

    @cached_property
    def open_time(self) -> dict[str, OpenTime]:
        """Open time by calendar."""
        return {row.code: self._laid_out(row, ()) for row in self.factory.calendars}

    def _laid_out(self, calendar: CalendarRow, down: Iterable[tuple[int, int]]) -> OpenTime:
        last = max(self.factory.horizon_end, self._last_day)
        first = self.as_of - _LAID_OUT_BEFORE
        return OpenTime(calendar, self.local, first, min(last + _LAID_OUT_AFTER, LAST_DAY), down)

    @cached_property
    def _last_day(self) -> date:
        """The day on which the last station is free."""
        return self.local.day(max([op.free for op in self.ops], default=self.start))

    @cached_property
    def _down(self) -> dict[tuple[str, int | None], OpenTime]:
        """Open time of work centres (None) and stations with downtimes of their own."""
        spans: dict[tuple[str, int | None], list[tuple[int, int]]] = defaultdict(list)
        for row in self.factory.downtimes:
            span = (self.local.minute(row.from_), self.local.minute(row.to))
            spans[row.work_centre, row.station].append(span)
        calendars = {row.code: row for row in self.factory.calendars}
        return {
            (code, station): self._laid_out(
                calendars[self.centres[code].calendar],
                [*down, *(spans.get((code, None), ()) if station else ())],
            )
            for (code, station), down in spans.items()
        }

    def stations_down(self, centre: WorkCentreRow) -> list[int]:
        """The stations of a work centre that have downtimes of their own."""
        return [station for code, station in self._down if code == centre.code and station is not None]

    def open_of(self, centre: WorkCentreRow, station: int | None) -> OpenTime:
        """Open time of a station; None: of one without downtimes of its own."""
        usual = self.open_time[centre.calendar]
        if not self._down:
            return usual
        return self._down.get((centre.code, station)) or self._down.get((centre.code, None)) or usual

    def open_for(self, op: Op) -> OpenTime:
        """When people work on ``op``: its station is open, and a shift of theirs that takes the crew runs."""
        return self._attended(op, None)

    def open_in(self, op: Op, shift: str) -> OpenTime:
        """When people work on ``op`` in one shift of their skill."""
        return self._attended(op, shift)

    def _attended(self, op: Op, shift: str | None) -> OpenTime:
        assert op.centre is not None  # noqa: S101 - nobody works on what is subcontracted
        usual, skill = self.open_of(op.centre, op.row.station), op.step.skill or ""
        if skill not in self.shift_times:
            return usual
        rows = [
            row for row in self.skills[skill].shifts if row.max_heads is None or row.max_heads >= op.step.crew
        ]
        names = tuple(row.name for row in rows if shift in {None, row.name})
        key = (usual, skill, names)
        if key not in self._known_attended:
            calendar = _every_day(skill, [row for row in rows if row.name in names])
            self._known_attended[key] = usual.within(self._laid_out(calendar, ()))
        return self._known_attended[key]

    @cached_property
    def shift_times(self) -> dict[str, dict[str, OpenTime]]:
        """When the shifts of each skill that has some run, by their names."""
        return {
            skill.code: {row.name: self._laid_out(_every_day(row.name, (row,)), ()) for row in skill.shifts}
            for skill in self.factory.skills
            if skill.shifts
        }

    @cached_property
    def absences(self) -> dict[str, list[AbsenceRow]]:
        """Who is paid but not there, by skill."""
        found: dict[str, list[AbsenceRow]] = defaultdict(list)
        for row in self.factory.absences:
            found[row.skill].append(row)
        return found

    def routing_of(self, order: PlannedOrder) -> list[OperationRow]:
        """The steps the plan must schedule for ``order``: of a work order only those still to do."""
        steps = sorted(self.steps.get(order.item, {}).values(), key=lambda row: row.seq)
        work_order = self.work_orders.get(order.work_order) if order.work_order else None
        if work_order is None or work_order.done_through_seq is None:
            return steps
        return [row for row in steps if row.seq > work_order.done_through_seq]

    def is_finished(self, order: PlannedOrder) -> bool:
        """Has ``order`` a routing, of which nothing is left to do?"""
        return order.item in self.steps and not self.routing_of(order)


def _every_day(code: str, shifts: Iterable[SkillShiftRow]) -> CalendarRow:
    """A calendar with these shifts on all days."""
    rows = tuple(ShiftRow(days=(0, 1, 2, 3, 4, 5, 6), start=row.start, end=row.end) for row in shifts)
    return CalendarRow(code=code, shifts=rows)


def is_effective(start: date | None, end: date | None, day: date) -> bool:
    """Does ``[start, end)`` hold ``day``? None is open on that side."""
    return (start is None or start <= day) and (end is None or day < end)
