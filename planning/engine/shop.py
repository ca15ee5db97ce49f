"""A factory compiled for planning: indices instead of codes, minutes instead of days,
whole millionths of units.

Built once per plan from a resolved ``Factory``; read by every stage, changed by none. Quantities are integers
of 1e-6 of the item's unit (``MICRO``), so that netting never drifts.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil

from planning.engine.events import absent_hours, any_of, both, shift_times, station_open_time
from planning.engine.factory import (
    BomRow,
    CrossTrainingRow,
    Factory,
    ItemRow,
    OperationRow,
    SalesOrderRow,
    SkillRow,
    SourceRow,
)
from planning.engine.learning import LearningCurve
from planning.engine.phantoms import PassedThrough, per_unit
from planning.engine.phantoms import Way as PhantomWay
from planning.engine.skill_terms import Decided, course_days, decided_hires, wages_of
from planning.engine.timegrid import DAY, OpenTime, TimeGrid

MICRO = 1_000_000
WHOLE_UNITS = frozenset({"pcs", "pc", "ea", "each", "unit", "units", "set", "sets"})
PRIORITY_WEIGHTS = {1: 4, 2: 2}
DIFFERENT_QUANTITIES = 10_000  # kept as decimals; the others are worked out each time


def micro(qty: Decimal) -> int:
    """A quantity in whole millionths."""
    return int(qty * MICRO)


@lru_cache(maxsize=DIFFERENT_QUANTITIES)
def units(quantity: int) -> Decimal:
    """Millionths back to a quantity; most rows of a plan share theirs with others."""
    return Decimal(quantity) / MICRO


@dataclass(frozen=True, slots=True)
class Step:
    """An operation of a routing; hours already divided by the work centre's efficiency."""

    seq: int
    centre: int  # -1: subcontracted
    skill: int  # -1: nobody
    crew: int
    setup_hours: float
    run_hours: float
    lot: Fraction
    unattended_minutes: float  # per station cycle
    batch: int  # millionths in one cycle
    queue_minutes: int
    external_minutes: int
    curve: LearningCurve | None

    @property
    def takes_time(self) -> bool:
        """Whether it ends after it begins, whatever is set up."""
        return self.run_hours > 0 or self.queue_minutes + self.unattended_minutes + self.external_minutes > 0

    def attended_minutes(self, done: int, quantity: int) -> int:
        """Minutes that people and station work on ``quantity`` after ``done`` units of the item
        (millionths).
        """
        if self.centre < 0:
            return 0
        first, last = done / MICRO, (done + quantity) / MICRO
        factors = self.curve.sum_between(first, last) if self.curve else last - first
        return max(0, ceil((self.setup_hours + self.run_hours * factors) * 60 - 1e-6))

    def free_after(self, quantity: int) -> int:
        """Real minutes the station stays taken after the people have left."""
        if self.centre < 0:
            return self.external_minutes
        if not self.unattended_minutes:
            return 0
        return ceil(-(-quantity // self.batch) * self.unattended_minutes - 1e-6)


@dataclass(frozen=True, slots=True)
class Component:
    """``per_unit`` of ``item`` per unit of the parent, taken at step number ``step``; phantoms are passed
    through, and what comes by several of them alike is one component. ``substitutes``: (item, per unit of the
    parent), the preferred first.
    """

    item: int
    per_unit: Fraction
    step: int
    first_day: date | None
    end_day: date | None
    substitutes: tuple[tuple[int, Fraction], ...] = ()

    def need(self, quantity: int) -> int:
        """What ``quantity`` of the parent takes, rounded up to a millionth."""
        return -(-self.per_unit.numerator * quantity // self.per_unit.denominator)

    def is_effective(self, day: date) -> bool:
        return (self.first_day is None or self.first_day <= day) and (
            self.end_day is None or day < self.end_day
        )


@dataclass(frozen=True, slots=True)
class ByProduct:
    """``per_unit`` millionths of ``item`` come into stock with each unit of the parent."""

    item: int
    per_unit: int
    first_day: date | None
    end_day: date | None

    def brings(self, quantity: int) -> int:
        """What ``quantity`` of the parent brings, rounded down to a millionth."""
        return self.per_unit * quantity // MICRO

    def is_effective(self, day: date) -> bool:
        return (self.first_day is None or self.first_day <= day) and (
            self.end_day is None or day < self.end_day
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """What is still to deliver of one instalment; ``cost_per_day`` and ``cost_fixed`` are its share of the
    line's.
    """

    sales_order: str
    line: int
    instalment: int
    item: int
    quantity: int
    due: date
    due_minute: int  # 00:00 of the due day: units of that day still count until 24:00
    priority: int
    cost_per_day: float
    cost_fixed: float
    together: bool


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill with its staffing rules filled in."""

    index: int
    row: SkillRow
    code: str
    open_days: list[int]  # per month of the horizon
    first_hire_month: int  # the first month whose first day may see a new hire; len(months) if none
    training_days: list[list[int]]  # [hire month][months later]: open days still in training
    absent_hours: list[float]  # standard hours that each month loses to absences
    wages: list[float]  # of an hour, by month
    temp_wages: list[float]
    decided: list[Decided]  # hires by month
    shifts: list[OpenTime]  # of the row's shifts, when each runs


@dataclass(frozen=True, slots=True)
class Way:
    """A way from one skill to another, from month ``first_month`` on; ``course_days`` as ``training_days`` of
    the skill that is learned.
    """

    source: int
    target: int
    row: CrossTrainingRow
    first_month: int
    course_days: list[list[int]]


@dataclass(slots=True)
class Shop:
    """Everything a stage reads. Lists are indexed by item, work centre and skill."""

    factory: Factory
    grid: TimeGrid
    items: list[ItemRow]
    item_index: dict[str, int]
    centre_index: dict[str, int]
    skill_index: dict[str, int]
    skills: list[Skill]
    routes: list[list[Step]]
    components: list[list[Component]]
    sources: list[list[SourceRow]]
    demands: list[Demand]
    unit_values: list[float]
    parents_first: list[int]
    operation_rows: list[list[OperationRow]] = field(default_factory=list)
    make_prefix: str = "MAKE-"
    buy_prefix: str = "BUY-"
    dated: frozenset[int] = frozenset()
    by_products: dict[int, list[ByProduct]] = field(default_factory=dict)  # by parent
    ways: list[Way] = field(default_factory=list)
    _work_times: dict[tuple[int, int, tuple[int, ...]], OpenTime] = field(default_factory=dict)
    _station_times: dict[tuple[int, int], OpenTime] = field(default_factory=dict)

    def station_time(self, centre: int, station: int) -> OpenTime:
        """Open time of one station (1…) of a work centre, less its downtimes."""
        if not self.factory.downtimes:
            return self.grid.open_time[self.factory.work_centres[centre].calendar]
        key = (centre, station)
        if key not in self._station_times:
            row = self.factory.work_centres[centre]
            self._station_times[key] = station_open_time(self.grid, row, station, self.factory.downtimes)
        return self._station_times[key]

    def work_time(self, centre: int, station: int, step: Step) -> OpenTime:
        """When people work on a step at a station: it is open, and a shift that takes the crew runs."""
        return self.while_at_work(self.station_time(centre, station), step)

    def centre_time(self, centre: int, step: Step) -> OpenTime:
        """The same of a work centre's calendar, whatever is down."""
        return self.while_at_work(self.grid.open_time[self.factory.work_centres[centre].calendar], step)

    def while_at_work(self, opened: OpenTime, step: Step) -> OpenTime:
        """``opened``, which lives as long as the shop, less the times in which no shift takes the crew."""
        shifts = self.shifts_of(step)
        if shifts is None:
            return opened
        key = (id(opened), step.skill, shifts)
        if key not in self._work_times:
            self._work_times[key] = both(opened, any_of(self.skills[step.skill].shifts[k] for k in shifts))
        return self._work_times[key]

    def shifts_of(self, step: Step) -> tuple[int, ...] | None:
        """The shifts of its skill that take the crew of a step; None: its people are on no shifts."""
        rows = self.skills[step.skill].row.shifts if step.skill >= 0 else ()
        if not rows:
            return None
        return tuple(k for k, row in enumerate(rows) if row.max_heads is None or row.max_heads >= step.crew)

    def effective_components(self, item: int, day: date) -> list[Component]:
        if item not in self.dated:
            return self.components[item]
        return [each for each in self.components[item] if each.is_effective(day)]

    def next_bom_day(self, item: int, day: date) -> date | None:
        """``day``, or the next one on which the bill of materials of ``item`` holds anything; None: never."""
        rows = self.components[item]
        if not rows or any(each.is_effective(day) for each in rows):
            return day
        return min((each.first_day for each in rows if each.first_day and each.first_day > day), default=None)

    def bom_end(self, item: int, day: date) -> date | None:
        """The day from which the bill of materials of ``item`` holds nothing any more, where ``day`` is not
        before it; None otherwise.
        """
        if item not in self.dated or self.next_bom_day(item, day) is not None:
            return None
        return max(each.end_day for each in self.components[item] if each.end_day)

    def by_products_on(self, item: int, day: date) -> list[ByProduct]:
        return [each for each in self.by_products.get(item, ()) if each.is_effective(day)]

    def is_dated(self, item: int) -> bool:
        """Whether the bill of materials of ``item`` changes on some day."""
        return item in self.dated

    def source_of(self, item: int, supplier: str | None, release: date) -> SourceRow | None:
        """The row under which ``supplier`` sells ``item`` on ``release``."""
        for source in self.sources[item]:
            if (
                source.supplier == supplier
                and (source.from_ is None or source.from_ <= release)
                and (source.to is None or release < source.to)
            ):
                return source
        return None

    def prefers_buying(self, item: int) -> bool:
        """Whether a made item is bought first, and made only where that comes too late."""
        row = self.items[item]
        return row.kind == "make" and any(each.priority < row.make_priority for each in self.sources[item])

    def unit_cost(self, item: int, source: SourceRow | None, quantity: int) -> Decimal:
        """Price of one unit when ``quantity`` is ordered at once."""
        if source is None:
            return self.items[item].unit_cost
        reached = bisect_right(source.price_breaks, quantity, key=lambda each: micro(each.from_qty))
        if reached:
            return source.price_breaks[reached - 1].unit_cost
        return source.unit_cost if source.unit_cost is not None else self.items[item].unit_cost

    def lead_days(self, item: int, ordered: date, days: int) -> date:
        """The day ``days`` after ``ordered``, in the item's lead-time calendar when it has one."""
        return self.after_lead(self.items[item].lead_time_calendar, ordered, days)

    def after_lead(self, calendar: str | None, ordered: date, days: int) -> date:
        """The day on which ``days`` (open ones of ``calendar``, where given) after ``ordered`` are over."""
        if calendar is None or days == 0:
            return ordered + timedelta(days=days)
        return self.grid.after_open_days(calendar, ordered, days)

    def release_by(self, calendar: str | None, due: date, days: int) -> date:
        """The latest day of release from which a lead time of ``days`` is over on ``due``."""
        release = due - timedelta(days=days)
        while (
            release > self.grid.as_of - timedelta(days=1) and self.after_lead(calendar, release, days) > due
        ):
            release -= timedelta(days=1)
        return release


def compile_shop(factory: Factory) -> Shop:
    """Compile a resolved factory. Cost: O(rows)."""
    grid = TimeGrid(factory)
    items = list(factory.items)
    item_index = {row.code: i for i, row in enumerate(items)}
    centre_index = {row.code: i for i, row in enumerate(factory.work_centres)}
    skill_index = {row.code: i for i, row in enumerate(factory.skills)}
    operation_rows = [sorted(factory.routings.get(row.code, ()), key=lambda o: o.seq) for row in items]
    sources: list[list[SourceRow]] = [[] for _ in items]
    for source in sorted(_one_at_a_time(factory.sources), key=lambda s: (s.priority, s.supplier)):
        sources[item_index[source.item]].append(source)
    bom: dict[str, list[BomRow]] = defaultdict(list)
    for row in factory.bom:
        bom[row.parent].append(row)
    passed = PassedThrough(bom, {row.code for row in items if row.kind == "phantom"})
    components = _components(factory, item_index, operation_rows, passed)
    by_products = _by_products(factory, item_index)
    shop = Shop(
        factory=factory,
        grid=grid,
        items=items,
        item_index=item_index,
        centre_index=centre_index,
        skill_index=skill_index,
        skills=[_skill(i, row, grid, factory) for i, row in enumerate(factory.skills)],
        routes=[[_step(o, factory, centre_index, skill_index) for o in rows] for rows in operation_rows],
        components=components,
        sources=sources,
        demands=[],
        unit_values=[],
        parents_first=_netting_order(components, by_products),
        operation_rows=operation_rows,
        dated=frozenset(
            item
            for item, rows in enumerate(components)
            if any(row.first_day or row.end_day for row in (*rows, *by_products.get(item, ())))
        ),
        by_products=by_products,
        ways=[_way(row, grid, factory, skill_index) for row in factory.staffing.cross_training],
    )
    taken = [row.ref for row in factory.work_orders] + [row.ref for row in factory.purchase_orders]
    taken += [row.ref for row in factory.firm_orders]
    shop.make_prefix, shop.buy_prefix = free_prefix("MAKE-", taken), free_prefix("BUY-", taken)
    shop.unit_values = _unit_values(shop, bom, passed.deepest_first)
    shop.demands = [demand for order in factory.sales_orders for demand in _demands(shop, order)]
    return shop


def _one_at_a_time(rows: Iterable[SourceRow]) -> list[SourceRow]:
    """A supplier's later row for an item takes over from the one before on its ``from``."""
    by_key: dict[tuple[str, str], list[SourceRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: each.from_ or date.min):
        known = by_key[row.item, row.supplier]
        if known and row.from_ is not None and (known[-1].to is None or known[-1].to > row.from_):
            known[-1] = known[-1].model_copy(update={"to": row.from_})
        known.append(row)
    return [row for known in by_key.values() for row in known]


def free_prefix(prefix: str, taken: list[str]) -> str:
    """``prefix``, made longer until no open order's reference begins with it: ids of a plan are unique."""
    while any(ref.startswith(prefix) for ref in taken):
        prefix = f"{prefix}P-"
    return prefix


def _step(row: OperationRow, factory: Factory, centres: dict[str, int], skills: dict[str, int]) -> Step:
    centre = factory.work_centres[centres[row.work_centre]] if row.work_centre is not None else None
    efficiency = float(centre.efficiency) if centre else 1.0
    curve = None
    if row.skill is not None:
        skill = factory.skills[skills[row.skill]]
        if skill.learning_rate is not None and skill.learning_rate != 1:
            reference = skill.learning_reference_unit or 1
            curve = LearningCurve(float(skill.learning_rate), reference, skill.learning_floor_unit)
    return Step(
        seq=row.seq,
        centre=-1 if row.work_centre is None else centres[row.work_centre],
        skill=-1 if row.skill is None or row.work_centre is None else skills[row.skill],
        crew=row.crew,
        setup_hours=float(row.setup_h) / efficiency,
        run_hours=float(row.run_h) / efficiency,
        lot=Fraction(row.lot),
        unattended_minutes=float(row.unattended_h) * 60,
        batch=micro(centre.batch) if centre else MICRO,
        queue_minutes=ceil(float(row.queue_h) * 60 - 1e-6),
        external_minutes=(row.external_days or 0) * DAY,
        curve=curve,
    )


def _skill(index: int, row: SkillRow, grid: TimeGrid, factory: Factory) -> Skill:
    months, days = grid.months, _work_days(row, grid)
    per_month = [0] * len(months)
    positions = {(first.year, first.month): i for i, first in enumerate(months)}
    for day in days:
        per_month[positions[day.year, day.month]] += 1
    earliest = grid.as_of + timedelta(days=row.hire_lead_days or 0)
    possible = [i for i, first in enumerate(months) if first >= earliest]
    wages = wages_of(row, months, days)
    return Skill(
        index=index,
        row=row,
        code=row.code,
        open_days=per_month,
        first_hire_month=possible[0] if possible else len(months),
        training_days=course_days(months, days, row.training_weeks or Decimal(0)),
        absent_hours=absent_hours(grid, row, factory.absences, months),
        wages=wages,
        temp_wages=wages if row.temp_wage_per_hour is None else [float(row.temp_wage_per_hour)] * len(months),
        decided=decided_hires(row.code, months, grid.as_of, factory.hiring_decisions),
        shifts=shift_times(row, grid),
    )


def _work_days(row: SkillRow, grid: TimeGrid) -> list[date]:
    """The days of the horizon on which people of a skill work."""
    return grid.open_days(row.calendar, grid.as_of, grid.horizon_end) if row.calendar else []


def _way(row: CrossTrainingRow, grid: TimeGrid, factory: Factory, skills: dict[str, int]) -> Way:
    target = skills[row.to_skill]
    days = _work_days(factory.skills[target], grid)
    return Way(
        source=skills[row.from_skill],
        target=target,
        row=row,
        first_month=next((i for i, first in enumerate(grid.months) if first >= grid.as_of), len(grid.months)),
        course_days=course_days(grid.months, days, row.weeks),
    )


def _components(
    factory: Factory,
    item_index: dict[str, int],
    operation_rows: list[list[OperationRow]],
    passed: PassedThrough,
) -> list[list[Component]]:
    """What goes into each item; a phantom has nothing of its own, its rows belong to those who name it."""
    stocked = {row.code for row in factory.items if row.kind != "phantom"}
    result: list[list[Component]] = []
    for item, operations in zip(factory.items, operation_rows, strict=True):
        steps = {operation.seq: number for number, operation in enumerate(operations)}
        found: dict[Hashable, Component] = {}
        for row, way, units_of_parent in passed.of(item.code) if item.code in stocked else ():
            substitutes = tuple(
                (item_index[each.item], Fraction(each.qty) / Fraction(row.qty))
                for each in sorted(row.substitutes, key=lambda s: (s.priority, s.item))
                if each.item in stocked
            )
            key = (row.component, way, substitutes)
            needed = units_of_parent * per_unit(row)
            if key in found:
                needed += found[key].per_unit
            found[key] = Component(
                item=item_index[row.component],
                per_unit=needed,
                step=steps.get(way.operation, 0) if way.operation is not None else 0,
                first_day=way.first_day,
                end_day=way.end_day,
                substitutes=tuple((other, share * needed) for other, share in substitutes),
            )
        result.append(list(found.values()))
    return result


def _by_products(factory: Factory, item_index: dict[str, int]) -> dict[int, list[ByProduct]]:
    found: dict[int, list[ByProduct]] = defaultdict(list)
    for row in factory.by_products:
        beside = ByProduct(item_index[row.item], micro(row.qty), row.from_, row.to)
        found[item_index[row.parent]].append(beside)
    return dict(found)


def _netting_order(components: list[list[Component]], by_products: dict[int, list[ByProduct]]) -> list[int]:
    """Items so that each comes after all that ask for it or bring it (low-level code order), and, unless
    that makes a circle, after the components it may stand in for.
    """
    below: list[set[int]] = [
        {row.item for row in rows} | {row.item for row in by_products.get(item, ())}
        for item, rows in enumerate(components)
    ]
    with_substitutes = [set(row) for row in below]
    for rows in components:
        for row in rows:
            with_substitutes[row.item].update(item for item, _ in row.substitutes if item != row.item)
    order = _level_order(with_substitutes)
    return order if len(order) == len(components) else _level_order(below)


def _level_order(below: list[set[int]]) -> list[int]:
    """By low-level code; items on a circle are left out."""
    level = [0] * len(below)
    waiting = [0] * len(below)
    for children in below:
        for child in children:
            waiting[child] += 1
    ready = [i for i, count in enumerate(waiting) if count == 0]
    order: list[int] = []
    while ready:
        item = ready.pop()
        order.append(item)
        for child in below[item]:
            level[child] = max(level[child], level[item] + 1)
            waiting[child] -= 1
            if waiting[child] == 0:
                ready.append(child)
    return sorted(order, key=lambda i: (level[i], i))


def _unit_values(shop: Shop, bom: Mapping[str, list[BomRow]], phantoms: Sequence[str]) -> list[float]:
    """A bought item at its cost, a made one and a phantom (the deepest first) at what goes into one unit."""
    values = [Fraction(0)] * len(shop.items)
    for item in reversed(shop.parents_first):
        row = shop.items[item]
        if row.kind == "buy":
            cost = row.unit_cost
            if cost == 0 and shop.sources[item]:
                cost = shop.sources[item][0].unit_cost or cost
            values[item] = Fraction(cost)
        else:
            parts = shop.effective_components(item, shop.factory.as_of)
            values[item] = sum((part.per_unit * values[part.item] for part in parts), Fraction(0))
    for code in phantoms:
        values[shop.item_index[code]] = sum(
            (
                per_unit(row) * values[shop.item_index[row.component]]
                for row in bom.get(code, ())
                if PhantomWay().through(row).is_effective(shop.factory.as_of)
            ),
            Fraction(0),
        )
    return [float(value) for value in values]


def _demands(shop: Shop, order: SalesOrderRow) -> list[Demand]:
    if order.status != "confirmed":
        return []
    factory, grid = shop.factory, shop.grid
    found: list[Demand] = []
    for line in order.lines:
        if line.instalments:
            parts = [(row.due, row.qty - row.shipped_qty) for row in line.instalments]
        else:
            assert line.due is not None  # noqa: S101 - checked by orders_are_sound
            parts = [(line.due, line.qty - line.shipped_qty)]
        priority = line.priority or 3
        item = shop.item_index[line.item]
        price = line.unit_price or shop.items[item].price or Decimal(shop.unit_values[item])
        value = float(line.qty) * max(float(price), 0.0)
        value = max(value, float(line.qty))
        weight = PRIORITY_WEIGHTS.get(priority, 1)
        per_day = line.late_cost_per_day
        fixed = line.late_cost_fixed
        day_cost = (
            float(per_day) if per_day is not None else float(factory.policy.late_cost_rate) * weight * value
        )
        once = (
            float(fixed) if fixed is not None else float(factory.policy.late_cost_fixed_rate) * weight * value
        )
        for number, (due, open_qty) in enumerate(parts, start=1):
            if open_qty <= 0 or due >= factory.horizon_end:
                continue
            share = float(open_qty) / float(line.qty)
            found.append(
                Demand(
                    sales_order=order.ref,
                    line=line.line,
                    instalment=number,
                    item=item,
                    quantity=micro(open_qty),
                    due=due,
                    due_minute=grid.minute(due),
                    priority=priority,
                    cost_per_day=day_cost * share,
                    cost_fixed=once * share,
                    together=order.delivery_policy == "all_together",
                )
            )
    return found
