"""A shop as a workforce problem: made items in reach as families, months as periods, those of the first
quarter in weeks, hours along the curve.

Quantities that lie in a lead time before a date are counted from cumulative curves at that moment. The
learning curve bends hours by cumulative output, which is not linear: hours per unit are taken along a given
curve of output. ``docs/model.md`` has the formulas.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from planning.engine.headcount import Changes
from planning.engine.model_spans import ModelSpans, Span
from planning.engine.reach import Reach, earliest_supplies, first_receipts
from planning.engine.scope import Scope
from planning.engine.shop import MICRO, Demand, Shop, Step
from planning.engine.shop_cash import MoneyOf
from planning.engine.shop_people import WorkforceOf
from planning.engine.skill_shifts import seat_hours, unit_premium
from planning.engine.timegrid import DAY
from planning.engine.workforce import HIRE_RELUCTANCE, OVERTIME_RELUCTANCE
from planning.engine.workforce_plan.decisions import Lock, with_locks
from planning.engine.workforce_plan.horizon import keep_going
from planning.engine.workforce_plan.problem import (
    Demand as Wanted,
)
from planning.engine.workforce_plan.problem import (
    Family,
    Material,
    Part,
    Station,
    Work,
    WorkforceProblem,
)

EARLY_SHARE = 0.6
WAIT_MINUTES = 90  # open minutes that a lot waits before a step, on average
STATION_USE = 1.0  # share of a work centre's month that lots can fill
SHORT_WEIGHT = 3.0  # a month sees lateness coarsely, so it plans to be early rather than late
QUARTER = 91.0  # days

type Curves = dict[int, list[float]]


@dataclass(frozen=True, slots=True)
class AggregateOptions:
    """``reserve[skill]``: share of hours kept free, since a finite schedule cannot use every minute of
    every month.
    ``slack``: lead times are so many times the bare work. ``locks``: blocks of hires (positions of skills
    and months) that somebody has approved or refused.
    """

    reserve: tuple[float, ...] = ()
    slack: float = 1.0
    lot_hours: float = 24.0
    locks: tuple[Lock, ...] = ()
    overtime_weight: float = 1.0
    headcount_weight: float = 0.0  # money for each head by which people in all change from month to month


class ShopModel:
    """What a shop asks the workforce model: ``items`` are made by work, ``made`` those and what only takes
    time; families of the problem stand in the order of ``made``. ``changes`` from one skill to another are
    open until they are set.
    """

    def __init__(self, shop: Shop, options: AggregateOptions, scope: Scope) -> None:
        self.shop, self.options, self.scope = shop, options, scope
        self.changes: Changes | None = None
        self.lots: dict[int, int] = {}
        self.demands = [
            replace(demand, quantity=quantity)
            for demand, quantity in zip(shop.demands, scope.quantities, strict=True)
            if quantity > 0
        ]
        self.months = len(shop.grid.months)
        self.net = net_requirements(shop, self.demands, scope)
        self.receipts = self._receipts()
        reach = Reach.of(shop)
        wanted = [i for i in shop.parents_first if i in reach.above and self.net[i] > 0]
        self.items = [i for i in wanted if i not in scope.impossible and shop.routes[i]]
        self.plain = {i for i in wanted if not shop.routes[i]}
        self.offsets = {item: self._step_offsets(item) for item in self.items}
        self.lead = {item: self.offsets[item][-1] for item in self.items}
        self.made = self.items + sorted(self.plain - scope.impossible)
        for item in self.plain:
            self.offsets[item] = [0.0, shop.items[item].lead_time_days * DAY]
            self.lead[item] = self.offsets[item][-1]
        self.place = {item: number for number, item in enumerate(self.made)}
        steps = [step for item in self.items for step in shop.routes[item]]
        self.spans = ModelSpans(
            shop,
            [step.skill for step in steps if step.skill >= 0],
            [step.centre for step in steps if step.centre >= 0],
            [step.centre for step in steps if step.centre >= 0 and step.skill < 0],
        )
        minutes = [(span.begin_minute, span.end_minute) for span in self.spans.spans]
        self.seats = [seat_hours(skill, minutes) for skill in shop.skills]
        self.crowded = [skill.index for skill in shop.skills if self.seats[skill.index] is not None]
        self.parents = self._parents()
        self.money = MoneyOf(shop, self.demands, self.made, self.net)
        self.earliest = earliest_supplies(shop, first_receipts(shop))

    def _step_offsets(self, item: int) -> list[float]:
        """Elapsed minutes from a lot's start to the start of each step, and to its end."""
        shop = self.shop
        offsets = [0.0]
        for step in shop.routes[item]:
            quantity = self._lot(item)
            elapsed = float(step.free_after(quantity) + step.queue_minutes)
            if step.centre >= 0:
                calendar = shop.centre_time(step.centre, step)
                share = calendar.count(shop.grid.horizon) / max(shop.grid.horizon, 1)
                position = shop.items[item].units_made * MICRO + int(self.net[item] * MICRO / 2)
                work = step.attended_minutes(position, quantity) * self.options.slack + WAIT_MINUTES
                elapsed += work / max(share, 0.02)
            offsets.append(offsets[-1] + elapsed)
        return offsets

    def _lot(self, item: int) -> int:
        if item not in self.lots:
            self.lots[item] = self._lot_size(item)
        return self.lots[item]

    def _lot_size(self, item: int) -> int:
        steps = [step for step in self.shop.routes[item] if step.centre >= 0]
        routing = max((step.lot for step in steps), default=1)
        longest = max((step.run_hours for step in steps), default=0.0)
        fitting = max(1, round(self.options.lot_hours / longest)) if longest > 0 else routing
        return int((min(routing, fitting) if routing > 1 else fitting) * MICRO)

    def _parents(self) -> dict[int, list[tuple[int, float, float]]]:
        """Component -> (parent, quantity per unit, minutes after the parent's start at which it is taken)."""
        found: dict[int, list[tuple[int, float, float]]] = {}
        for parent in self.made:
            for part in self.shop.effective_components(parent, self.shop.factory.as_of):
                offset = self.offsets[parent][min(part.step, len(self.offsets[parent]) - 1)]
                found.setdefault(part.item, []).append((parent, float(part.per_unit), offset))
        return found

    def problem(self, along: Curves | None = None) -> WorkforceProblem:
        """The workforce problem with hours per unit taken ``along`` curves of output (None: even ones)."""
        shop = self.shop
        staffing = WorkforceOf(shop, self.spans, self.loaded(), self.changes)
        bought = [item for item in self.parents if item not in self.place]
        materials = {item: number for number, item in enumerate(bought)}
        problem = WorkforceProblem(
            periods=self.spans.periods(),
            skills=staffing.skills(),
            families=tuple(self._family(item, materials, along) for item in self.made),
            stations=(
                *(each.stations * STATION_USE for each in shop.factory.work_centres),
                *(1.0 for _ in self.crowded),  # the seats of shifts, a skill's like one more work centre
            ),
            materials=tuple(self._material(item) for item in bought),
            cross_training=staffing.ways(),
            limits=replace(staffing.limits(), change_cost=self.options.headcount_weight),
            cash=self.money.account(),
            lateness_weight=SHORT_WEIGHT,
            overtime_reluctance=(1 + OVERTIME_RELUCTANCE) * self.options.overtime_weight - 1,
            hire_reluctance=HIRE_RELUCTANCE,
        )
        if shop.factory.staffing.keep_going:
            problem = keep_going(problem, days=min(QUARTER, problem.periods[-1].end))
        return with_locks(problem, self.options.locks)

    def learns(self) -> bool:
        """Whether hours per unit depend on how many were made: else the first solution's curve says all."""
        return any(step.curve is not None for item in self.items for step in self.shop.routes[item])

    def loaded(self) -> list[bool]:
        """Which skills the items to make ask for."""
        loaded = [False] * len(self.shop.skills)
        for item in self.items:
            for step in self.shop.routes[item]:
                if step.skill >= 0:
                    loaded[step.skill] = True
        return loaded

    def _family(self, item: int, materials: dict[int, int], along: Curves | None) -> Family:
        shop, steps = self.shop, self.shop.routes[item] if item in self.items else []
        rate = float(shop.factory.policy.holding_rate_per_year) / 365
        earliest = shop.items[item].earliest_production
        work, stations, premiums = [], [], 0.0
        for number, step in enumerate(steps):
            hours = [self._unit_hours(item, along, bucket, number) for bucket in range(len(self.spans))]
            offset = (self.offsets[item][number] + self.offsets[item][number + 1]) / 2 / DAY
            if step.skill >= 0:
                reserve = self.options.reserve[step.skill] if self.options.reserve else 0.0
                crew = tuple(each * step.crew * (1 + reserve) for each in hours)
                work.append(Work(skill=step.skill, hours=crew, offset=offset))
                premiums += unit_premium(shop, step, step.crew * self._mean(hours))
                if step.skill in self.crowded:
                    stations.append(self._seats(step, hours, offset))
            if step.centre >= 0:
                share = tuple(
                    self._station_share(item, step, span, each)
                    for span, each in zip(self.spans.spans, hours, strict=True)
                )
                stations.append(Station(centre=step.centre, share=share, offset=offset))
        return Family(
            code=shop.items[item].code,
            work=tuple(work),
            stations=tuple(stations),
            parts=tuple(self._parts(item, materials)),
            receipts=tuple((max(0.0, at / DAY), units) for at, units in self.receipts[item]),
            lead_days=self.lead[item] / DAY,
            holding=tuple(shop.unit_values[item] * rate * span.days for span in self.spans.spans),
            demands=tuple(self._wanted(item)),
            most=self.net[item],
            unit_cost=self.money.unit_cost(item) + premiums,
            pays=self.money.pays(item),
            earliest=shop.grid.minute(earliest) / DAY if earliest is not None else 0.0,
        )

    def _mean(self, hours: Sequence[float]) -> float:
        """The mean over the horizon of hours by bucket."""
        weighted = sum(each * span.days for each, span in zip(hours, self.spans.spans, strict=True))
        return weighted / sum(span.days for span in self.spans.spans)

    def _parts(self, parent: int, materials: dict[int, int]) -> Iterator[Part]:
        for part in self.shop.effective_components(parent, self.shop.factory.as_of):
            offset = self.offsets[parent][min(part.step, len(self.offsets[parent]) - 1)] / DAY
            amount = float(part.per_unit)
            if part.item in self.place:
                yield Part(family=self.place[part.item], per_unit=amount, offset=offset)
            else:
                yield Part(material=materials[part.item], per_unit=amount, offset=offset)

    def _material(self, item: int) -> Material:
        """A bought part, or a made one that waits for nothing but lead times.

        The bucket in which new supply can be there counts as open when it comes before most of it: work is
        even within a bucket, and a limit in its middle would close all of it.
        """
        earliest, more_from = self.earliest[item], self.spans.spans[-1].end_minute
        for span in self.spans.spans:
            if earliest < span.begin_minute + EARLY_SHARE * (span.end_minute - span.begin_minute):
                more_from = span.begin_minute
                break
        receipts = tuple((max(0.0, at / DAY), units) for at, units in self.receipts[item])
        return Material(code=self.shop.items[item].code, receipts=receipts, more_from=more_from / DAY)

    def _wanted(self, item: int) -> Iterator[Wanted]:
        """What is wanted by the end of each due day; a unit that is missing then costs what lateness does
        until the item's next due date.
        """
        by_due: dict[int, list[Demand]] = {}
        for demand in self.demands:
            if demand.item == item:
                by_due.setdefault(max(demand.due_minute, 0), []).append(demand)
        dues = sorted(by_due)
        never = self.shop.grid.horizon + 365 * DAY
        for due, next_due in pairwise([*dues, never]):
            rows, days = by_due[due], (next_due - due) / DAY
            units = sum(each.quantity for each in rows) / MICRO
            late = sum(each.cost_per_day * days + each.cost_fixed for each in rows)
            names = ", ".join(f"{each.sales_order}/{each.line}/{each.instalment}" for each in rows)
            yield Wanted(day=due / DAY + 1, units=units, late_cost=late / units, name=names)

    def _seats(self, step: Step, hours: Sequence[float], offset: float) -> Station:
        """Shares of a bucket's seats that the crew of one unit takes, as if they were a station."""
        seats = self.seats[step.skill] or ()
        share = tuple(step.crew * each / max(most, 1e-3) for each, most in zip(hours, seats, strict=True))
        centre = len(self.shop.factory.work_centres) + self.crowded.index(step.skill)
        return Station(centre=centre, share=share, offset=offset)

    def _station_share(self, item: int, step: Step, span: Span, hours: float) -> float:
        """Share of a station's time in a bucket that one unit takes."""
        opened = self.shop.centre_time(step.centre, step)
        begin, end = span.begin_minute, span.end_minute
        open_hours = (opened.count(end) - opened.count(begin)) / 60
        unattended = step.free_after(self._lot(item)) / 60 / (self._lot(item) / MICRO) / ((end - begin) / 60)
        return hours / max(open_hours, 1e-3) + unattended

    def _unit_hours(self, item: int, along: Curves | None, bucket: int, step_number: int) -> float:
        """Hours of one step per unit of ``item`` that is made in ``bucket`` of the last solution's curve."""
        step = self.shop.routes[item][step_number]
        made = self.shop.items[item].units_made
        curve = along[item] if along is not None else self._even_curve(item)
        first = made + (curve[bucket - 1] if bucket else 0.0)
        last = max(made + curve[bucket], first + 1.0)
        factor = step.curve.sum_between(first, last) / (last - first) if step.curve else 1.0
        return step.setup_hours / (self._lot(item) / MICRO) + step.run_hours * factor

    def _even_curve(self, item: int) -> list[float]:
        return [self.net[item] * span.end_minute / self.shop.grid.horizon for span in self.spans.spans]

    def _receipts(self) -> list[list[tuple[float, float]]]:
        """Stock and scheduled receipts by item: the minute from which they count, and units."""
        shop, factory, grid = self.shop, self.shop.factory, self.shop.grid
        found: list[list[tuple[float, float]]] = [[] for _ in shop.items]
        for row in factory.stock:
            found[shop.item_index[row.item]].append((float("-inf"), float(row.qty)))
        for order in factory.purchase_orders:
            left = float(order.qty - order.received_qty)
            found[shop.item_index[order.item]].append((grid.minute(order.due), left))
        for firm in factory.firm_orders:
            if firm.kind == "buy":
                found[shop.item_index[firm.item]].append((grid.minute(firm.due), float(firm.qty)))
        for work in factory.work_orders:
            if work.ref not in self.scope.stranded:
                left = float(work.qty - work.done_qty)
                found[shop.item_index[work.item]].append((max(grid.minute(work.due), 0) + DAY, left))
        return found


def net_requirements(shop: Shop, demands: Sequence[Demand], scope: Scope) -> list[float]:
    """Units of every item that open demand takes beyond stock and receipts,
    at the planning date's bills of materials.
    """
    need = [quantity / MICRO for quantity in scope.safety]
    for code, units in _on_hand_or_ordered(shop, scope):
        need[shop.item_index[code]] -= units
    bought = {item for item in range(len(need)) if item in scope.bought_only or shop.prefers_buying(item)}
    for demand in demands:
        need[demand.item] += demand.quantity / MICRO
    for item in shop.parents_first:
        need[item] = max(0.0, need[item])
        if item in bought:
            need[item] = 0.0  # nothing is made of it, as far as buying is in time
        elif need[item] and shop.items[item].kind != "buy":
            for part in shop.effective_components(item, shop.factory.as_of):
                need[part.item] += need[item] * float(part.per_unit)
    return need


def _on_hand_or_ordered(shop: Shop, scope: Scope) -> Iterator[tuple[str, float]]:
    """Stock and what comes of open, released and firm orders. A firm order to make is no receipt here: its
    hours count like those of any other.
    """
    factory = shop.factory
    for row in factory.stock:
        yield row.item, float(row.qty)
    for order in factory.purchase_orders:
        yield order.item, float(order.qty - order.received_qty)
    for work in factory.work_orders:
        if work.ref not in scope.stranded:
            yield work.item, float(work.qty - work.done_qty)
    for firm in factory.firm_orders:
        if firm.kind == "buy":
            yield firm.item, float(firm.qty)
