"""The aggregate model: production, people and stock by month, decided together.

For every made item it decides how much is started in each month; hours follow from routings, setups and the
learning curve, and people follow from hours (``workforce``). Within a month work is spread evenly, so a
quantity that lies in a lead time before a date is counted from the months' cumulative curves at that moment.
Hires are relaxed to fractions for the bound, then rounded cumulatively and the rest solved again. The
learning curve bends hours by cumulative output, which is not linear: hours per unit are taken along the last
solution's curve and the model is solved again (``PASSES``). ``docs/model.md`` has the formulas.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from math import floor

from ortools.math_opt.python import mathopt

from planning.engine.reach import Reach, earliest_supplies, first_receipts
from planning.engine.scope import Scope
from planning.engine.shop import MICRO, Demand, Shop
from planning.engine.timegrid import DAY
from planning.engine.workforce import (
    People,
    Solved,
    add_people,
    count_people,
    hiring_room,
    raise_to_ratios,
    read_hires,
    solve,
    value_of,
)

PASSES = 2
EARLY_SHARE = 0.6
WAIT_MINUTES = 90  # open minutes that a lot waits before a step, on average
STATION_USE = 1.0  # share of a work centre's month that lots can fill
SHORT_WEIGHT = 3.0  # a month sees lateness coarsely, so it plans to be early rather than late
SOLVE_SECONDS = 60.0
LP_GAP = 1e-6
FIX_MONTHS = 2
ROUND_UP = 0.6  # of a fractional hire: 0.4 of a person and more becomes one
MONTH = 30.4 * DAY


@dataclass(frozen=True, slots=True)
class AggregateOptions:
    """``reserve[skill]``: share of hours kept free, since a finite schedule cannot use every minute of
    every month.
    ``slack``: lead times are so many times the bare work."""

    reserve: tuple[float, ...] = ()
    slack: float = 1.0
    lot_hours: float = 24.0


@dataclass(slots=True)
class AggregatePlan:
    """``started[item]``: cumulative quantity started by the end of each month;
    heads and overtime by skill and month.
    """

    started: dict[int, list[float]]
    hires: list[list[int]]
    layoffs: list[list[int]]
    overtime: list[list[float]]
    hours: list[list[float]]
    lead: dict[int, float]
    solved: Solved
    is_cut_short: bool  # a wall clock ended one of its solves


def plan_aggregate(shop: Shop, options: AggregateOptions, scope: Scope | None = None) -> AggregatePlan:
    """Solve the aggregate model of what ``scope`` takes on (everything, unless given); raise ``SolverFailed``
    without a usable answer.
    """
    return _Aggregate(shop, options, scope or Scope.of(shop)).solve()


class _Aggregate:
    def __init__(self, shop: Shop, options: AggregateOptions, scope: Scope) -> None:
        self.shop, self.options, self.scope = shop, options, scope
        self.is_cut_short = False
        self.lots: dict[int, int] = {}
        self.demands = [
            replace(demand, quantity=quantity)
            for demand, quantity in zip(shop.demands, scope.quantities, strict=True)
            if quantity > 0
        ]
        self.months = len(shop.grid.months)
        self.ends = [*shop.grid.month_starts[1 : self.months], shop.grid.horizon]
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
        self.parents = self._parents()
        self.earliest = earliest_supplies(shop, first_receipts(shop))

    def _step_offsets(self, item: int) -> list[float]:
        """Elapsed minutes from a lot's start to the start of each step, and to its end."""
        shop = self.shop
        offsets = [0.0]
        for step in shop.routes[item]:
            quantity = self._lot(item)
            elapsed = float(step.free_after(quantity) + step.queue_minutes)
            if step.centre >= 0:
                calendar = shop.grid.open_time[shop.factory.work_centres[step.centre].calendar]
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

    def solve(self) -> AggregatePlan:
        started: dict[int, list[float]] | None = None
        for _ in range(PASSES - 1 if self._learns() else 0):
            model, x, _ = self._model(started, None)
            result = self._solve(model)[0]
            started = self._curves(result, x)
        model, x, people = self._model(started, None)
        result, relaxed = self._solve(model)
        wanted = [[value_of(result, each) for each in row] for row in people.hires]
        hires = self._follow_ratios(self._relax_and_fix(model, people, result))
        solved = relaxed
        if hires != wanted:
            model, x, people = self._model(started, hires)
            result, solved = self._solve(model)
        final = self._curves(result, x)
        overtime = [
            [max(0.0, float(result.variable_values(each))) for each in row] for row in people.overtime
        ]
        bound = relaxed.bound
        if bound is not None and bound > solved.objective * (1 + 1e-6) + 1e-6:
            bound = None  # limits made it count rules as broken that whole hires do keep
        elif bound is not None:
            bound = min(bound, solved.objective)
        status = "feasible" if bound is None or solved.objective > bound + 1e-6 * abs(bound) else "optimal"
        seconds = relaxed.seconds + (solved.seconds if solved is not relaxed else 0.0)
        certificate = Solved(status, solved.objective, bound, seconds)
        layoffs = [[round(value_of(result, each)) for each in row] for row in people.layoffs]
        return AggregatePlan(
            final,
            hires,
            layoffs,
            overtime,
            self._hours_along(final),
            self.lead,
            certificate,
            self.is_cut_short,
        )

    def _learns(self) -> bool:
        """Whether hours per unit depend on how many were made: else the first solution's curve says all."""
        return any(step.curve is not None for item in self.items for step in self.shop.routes[item])

    def _solve(self, model: mathopt.Model) -> tuple[mathopt.SolveResult, Solved]:
        result, solved = solve(model, seconds=SOLVE_SECONDS, gap=LP_GAP)
        self.is_cut_short |= solved.status != "optimal"
        return result, solved

    def _relax_and_fix(
        self, model: mathopt.Model, people: People, result: mathopt.SolveResult
    ) -> list[list[int]]:
        """Whole hires, month block by month block: fix a block to rounded values, solve the rest again,
        go on.
        """
        free = [
            (skill.index, month, hire)
            for skill in self.shop.skills
            for month, hire in enumerate(people.hires[skill.index])
            if isinstance(hire, mathopt.Variable)
        ]
        self._fixed = [
            sum(h for row in people.hires if isinstance(h := row[month], int)) for month in range(self.months)
        ]
        totals = [0.0] * len(self.shop.skills)
        given = [0] * len(self.shop.skills)
        chosen = [[0] * self.months for _ in self.shop.skills]
        nobody = [0] * self.months
        for begin in range(0, self.months, FIX_MONTHS):
            block = [each for each in free if begin <= each[1] < begin + FIX_MONTHS]
            if not block:
                continue
            wanted = []
            for skill, month, hire in block:
                totals[skill] += float(result.variable_values(hire))
                there = count_people(self.shop.skills[skill], chosen[skill], nobody)[0][month]
                room = min(hiring_room(self.shop.skills[skill], month, there, 0), int(hire.upper_bound))
                least = int(hire.lower_bound)  # a ramp's
                whole = max(least, min(floor(totals[skill] + ROUND_UP) - given[skill], room))
                chosen[skill][month] = whole
                wanted.append((totals[skill] - given[skill] - whole, skill, month, hire, whole))
                given[skill] += whole
            months = [each[2] for each in wanted]
            limited = self._within_plant_limit(wanted, given)
            is_same = True
            for month, (skill, hire, whole) in zip(months, limited, strict=True):
                is_same &= value_of(result, hire) == whole
                hire.lower_bound = hire.upper_bound = whole
                totals[skill] = float(given[skill])
                chosen[skill][month] = whole
            if not is_same:  # else the solution there is keeps the block's hires already
                result = self._solve(model)[0]
        return [[round(v) for v in row] for row in read_hires(result, people)]

    def _within_plant_limit(
        self, wanted: list[tuple[float, int, int, mathopt.Variable, int]], given: list[int]
    ) -> list[tuple[int, mathopt.Variable, int]]:
        """Take back what rounding up put over the plant's hires of a month, the least needed first."""
        limit = self.shop.factory.staffing.max_total_hires_per_month
        kept = {(skill, month): whole for _, skill, month, _, whole in wanted}
        if limit is not None:
            for month in {each[2] for each in wanted}:
                rows = sorted(each for each in wanted if each[2] == month)
                over = sum(kept[skill, month] for _, skill, _, _, _ in rows) + self._fixed[month] - limit
                for _, skill, _, _, _ in rows * limit:
                    if over > 0 and kept[skill, month] > 0:
                        kept[skill, month] -= 1
                        given[skill] -= 1
                        over -= 1
        return [(skill, hire, kept[skill, month]) for _, skill, month, hire, _ in wanted]

    def _follow_ratios(self, whole: list[list[int]]) -> list[list[int]]:
        """Indirect skills follow the rounded direct heads, as far as limits allow."""
        shop = self.shop
        raise_to_ratios(shop, whole, [[0] * self.months] * len(shop.skills))
        return whole

    def _loaded(self) -> list[bool]:
        """Which skills the items to make ask for."""
        loaded = [False] * len(self.shop.skills)
        for item in self.items:
            for step in self.shop.routes[item]:
                if step.skill >= 0:
                    loaded[step.skill] = True
        return loaded

    def _model(
        self, along: dict[int, list[float]] | None, hires: Sequence[Sequence[int]] | None
    ) -> tuple[mathopt.Model, dict[int, list[mathopt.Variable]], People]:
        """The model with hours per unit taken ``along`` a curve, hires free or given."""
        model = mathopt.Model()
        x = {item: [model.add_variable(lb=0) for _ in range(self.months)] for item in self.made}
        people = add_people(model, self.shop, self._loaded(), hires=hires)
        self._produce_only_when_allowed(model, x)
        stock_cost = self._material_balances(model, x)
        self._bought_parts(model, x)
        late_cost = self._serve_demand(model, x)
        self._hours_within(model, x, along, people)
        model.minimize(people.cost + stock_cost + late_cost)
        return model, x, people

    @staticmethod
    def _curves(result: mathopt.SolveResult, x: dict[int, list[mathopt.Variable]]) -> dict[int, list[float]]:
        return {
            item: list(accumulate(max(0.0, float(result.variable_values(each))) for each in row))
            for item, row in x.items()
        }

    def _at(self, row: Sequence[mathopt.Variable], minute: float) -> mathopt.LinearBase | float:
        """Cumulative quantity of ``row`` at ``minute``, evenly within each month."""
        if minute <= 0:
            return 0.0
        month = self.shop.grid.month_index(int(minute))
        if month >= self.months:
            return mathopt.LinearSum(row)
        begin = self.shop.grid.month_starts[month]
        share = min(1.0, (minute - begin) / (self.ends[month] - begin))
        return mathopt.LinearSum(row[:month]) + row[month] * share

    def _produce_only_when_allowed(self, model: mathopt.Model, x: dict[int, list[mathopt.Variable]]) -> None:
        """Nothing before its earliest production, and no more than is needed."""
        for item, row in x.items():
            model.add_linear_constraint(mathopt.LinearSum(row) <= self.net[item])
            earliest = self.shop.items[item].earliest_production
            if earliest is not None:
                for month in range(self.months):
                    if self.ends[month] <= self.shop.grid.minute(earliest):
                        row[month].upper_bound = 0.0

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

    def _there(self, item: int, minute: float) -> float:
        """Stock and scheduled receipts of ``item`` by ``minute``, in units."""
        return sum(units for at, units in self.receipts[item] if at <= max(minute, DAY))

    def _taken(
        self, item: int, x: dict[int, list[mathopt.Variable]], minute: float
    ) -> mathopt.LinearBase | float:
        """What parents have taken of ``item`` by ``minute``."""
        total: mathopt.LinearBase | float = 0.0
        for parent, per_unit, offset in self.parents.get(item, ()):
            total = total + self._at(x[parent], minute - offset) * per_unit
        return total

    def _material_balances(
        self, model: mathopt.Model, x: dict[int, list[mathopt.Variable]]
    ) -> mathopt.LinearBase | float:
        """Nothing is taken before it is made; what lies in stock at a month's end costs."""
        shop = self.shop
        cost: mathopt.LinearBase | float = 0.0
        rate = float(shop.factory.policy.holding_rate_per_year) / 12
        due = self._due_quantities()
        for item in self.made:
            for month, minute in enumerate(self.ends):
                have = self._at(x[item], minute - self.lead[item]) + self._there(item, minute)
                taken = self._taken(item, x, minute)
                if not isinstance(taken, float):
                    model.add_linear_constraint(have - taken >= 0)
                stock = model.add_variable(lb=0)
                model.add_linear_constraint(stock - have + taken >= -due[item][month])
                cost = cost + stock * (shop.unit_values[item] * rate)
        return cost

    def _due_quantities(self) -> dict[int, list[float]]:
        due = {item: [0.0] * self.months for item in self.made}
        for demand in self.demands:
            if demand.item in due:
                for month, minute in enumerate(self.ends):
                    if demand.due_minute < minute:
                        due[demand.item][month] += demand.quantity / MICRO
        return due

    def _bought_parts(self, model: mathopt.Model, x: dict[int, list[mathopt.Variable]]) -> None:
        """Until new supply can be there, parents take no more than stock and scheduled receipts, of bought
        parts and of those made ones that wait for nothing but lead times.

        The month in which it can be there counts as open when it comes before most of it: work is even within
        a month, and a limit in its middle would close all of it.
        """
        for item in self.parents:
            if item in x:
                continue
            earliest = self.earliest[item]
            for begin, minute in zip(self.shop.grid.month_starts, self.ends, strict=False):
                if earliest < begin + EARLY_SHARE * (minute - begin):
                    break
                taken = self._taken(item, x, minute)
                if not isinstance(taken, float):
                    model.add_linear_constraint(taken <= self._there(item, minute))

    def _serve_demand(
        self, model: mathopt.Model, x: dict[int, list[mathopt.Variable]]
    ) -> mathopt.LinearBase | float:
        """At every due date, cumulative supply covers cumulative demand,
        or is short at the price of lateness.
        """
        cost: mathopt.LinearBase | float = 0.0
        by_item: dict[int, list[Demand]] = {}
        for demand in sorted(self.demands, key=lambda d: d.due_minute):
            if demand.item in x:
                by_item.setdefault(demand.item, []).append(demand)
        for item, demands in by_item.items():
            wanted = 0.0
            never = self.shop.grid.horizon + 365 * DAY
            next_dues = [*(each.due_minute for each in demands[1:]), never]
            for demand, next_due in zip(demands, next_dues, strict=True):
                units = demand.quantity / MICRO
                wanted += units
                minute = float(demand.due_minute + DAY)
                short = model.add_variable(lb=0)
                have = self._at(x[item], minute - self.lead[item]) + self._there(item, minute)
                model.add_linear_constraint(short + have - self._taken(item, x, minute) >= wanted)
                days = (next_due - demand.due_minute) / DAY
                cost = cost + short * (
                    SHORT_WEIGHT * (demand.cost_per_day * days + demand.cost_fixed) / units
                )
        return cost

    def _unit_hours(
        self, item: int, along: dict[int, list[float]] | None, month: int, step_number: int
    ) -> float:
        """Crew hours of one step per unit of ``item`` that is made in ``month`` of the last solution's
        curve.
        """
        step = self.shop.routes[item][step_number]
        made = self.shop.items[item].units_made
        curve = along[item] if along is not None else self._even_curve(item)
        first = made + (curve[month - 1] if month else 0.0)
        last = max(made + curve[month], first + 1.0)
        factor = step.curve.sum_between(first, last) / (last - first) if step.curve else 1.0
        return step.setup_hours / (self._lot(item) / MICRO) + step.run_hours * factor

    def _even_curve(self, item: int) -> list[float]:
        return [self.net[item] * (month + 1) / self.months for month in range(self.months)]

    def _hours_within(
        self,
        model: mathopt.Model,
        x: dict[int, list[mathopt.Variable]],
        along: dict[int, list[float]] | None,
        people: People,
    ) -> None:
        """Hours of every month stay within what people give and what stations hold."""
        shop = self.shop
        by_skill: dict[tuple[int, int], list[mathopt.LinearBase]] = {}
        by_centre: dict[tuple[int, int], list[mathopt.LinearBase]] = {}
        for item, month, number, amount in self._spread(x):
            step = shop.routes[item][number]
            hours = self._unit_hours(item, along, month, number)
            if step.skill >= 0:
                by_skill.setdefault((step.skill, month), []).append(amount * (hours * step.crew))
            if step.centre >= 0:
                centre = shop.factory.work_centres[step.centre]
                lot = self._lot(item)
                opened = shop.grid.open_time[centre.calendar]
                begin = shop.grid.month_starts[month]
                open_hours = (opened.count(self.ends[month]) - opened.count(begin)) / 60
                elapsed = (self.ends[month] - begin) / 60
                share = hours / max(open_hours, 1e-3) + step.free_after(lot) / 60 / (lot / MICRO) / elapsed
                by_centre.setdefault((step.centre, month), []).append(amount * share)
        for (skill, month), terms in by_skill.items():
            reserve = self.options.reserve[skill] if self.options.reserve else 0.0
            needed = mathopt.LinearSum(terms) * (1 + reserve)
            model.add_linear_constraint(
                needed - people.available[skill][month] - people.overtime[skill][month] <= 0
            )
        for (index, _), terms in by_centre.items():
            stations = shop.factory.work_centres[index].stations
            model.add_linear_constraint(mathopt.LinearSum(terms) <= stations * STATION_USE)

    def _spread(self, x: dict[int, list[mathopt.Variable]]) -> list[tuple[int, int, int, mathopt.LinearBase]]:
        """(item, month, step, quantity worked on in that month):
        a step far from the start falls into the next month.
        """
        found = []
        for item in self.items:
            for number in range(len(self.shop.routes[item])):
                middle = (self.offsets[item][number] + self.offsets[item][number + 1]) / 2
                whole, part = divmod(middle / MONTH, 1.0)
                for month in range(self.months):
                    terms: list[mathopt.LinearBase] = []
                    for back, share in ((int(whole), 1 - part), (int(whole) + 1, part)):
                        if month - back >= 0 and share > 0:
                            terms.append(x[item][month - back] * share)
                    if terms:
                        found.append((item, month, number, mathopt.LinearSum(terms)))
        return found

    def _hours_along(self, curve: dict[int, list[float]]) -> list[list[float]]:
        """Crew hours by skill and month of a solution."""
        hours = [[0.0] * self.months for _ in self.shop.skills]
        for item in self.items:
            for number, step in enumerate(self.shop.routes[item]):
                if step.skill < 0:
                    continue
                for month in range(self.months):
                    amount = curve[item][month] - (curve[item][month - 1] if month else 0.0)
                    hours[step.skill][month] += (
                        amount * step.crew * self._unit_hours(item, curve, month, number)
                    )
        return hours


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


def level_needs(shop: Shop, plan: AggregatePlan, item: int, first: int, last: int, need: int) -> int:
    """The minute by which the aggregate plan has finished units ``(first,
    last]`` (millionths) of ``item``.
    """
    curve = plan.started.get(item)
    if curve is None:
        return need
    target = (first + last) / 2 / MICRO
    before = 0.0
    for month, total in enumerate(curve):
        if total >= target - 1e-9 and total > before:
            begin = shop.grid.month_starts[month]
            end = shop.grid.month_starts[month + 1]
            part = (target - before) / (total - before)
            return min(need, int(begin + part * (end - begin) + plan.lead[item]))
        before = total
    return need
