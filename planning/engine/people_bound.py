"""What people and lateness cost at least, by the calendar: a linear program that every legal plan keeps.

Hours for what is delivered by the end of a month are worked by then, whoever is hired for them is paid until
he leaves by himself or may be laid off, and ramps, held skills and ratios ask for people whatever is made.
What would tighten it further is left aside: lead times, stations, setups, absences, holding, whole people.
``docs/model.md`` has the argument. The bound is arithmetic on row prices (``safe_bound``), whatever the
solver did.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from heapq import heappop, heappush
from math import ceil

import numpy as np
import numpy.typing as npt

from planning.engine.errors import SolverFailed
from planning.engine.headcount import GUARD, rate_of, stay_of, training_loss
from planning.engine.shop import Demand, Shop, Skill
from planning.engine.skill_terms import hiring_budgets
from planning.engine.workforce_plan.sparse import Floats, FrozenModel, Index, SparseModel

NEVER_DAYS = 365  # after the horizon: plan-1's lateness of what is never delivered
MOST_CELLS = 20_000  # skills and demands × months
MOST_HEADS = 1e5
SECONDS = 60.0  # of one solve, which takes some hundredths of one
MOST_SOLVES = 40
WHOLE = 1e-6
FEWER_HEADS = 1e-4  # than asked for, and
MORE_HOURS = 0.02  # a month than people and overtime give: what plans may have, since they are told rounded


@dataclass(frozen=True, slots=True)
class Needs:
    """Of each demand: ``hours[demand][skill]`` of its whole tree without anything in stock, what its material
    and machines cost at most (``goods``), and the day from ``as_of`` on which it can be there at the
    ``earliest``. ``spared``: hours by skill that stock and what is begun can save in all.
    """

    hours: Sequence[dict[int, float]]
    goods: Sequence[float]
    earliest: Sequence[int]
    spared: Sequence[float]


def is_small(shop: Shop) -> bool:
    """Whether the bound takes less time than a plan."""
    return (len(shop.skills) + len(shop.demands)) * len(shop.grid.months) <= MOST_CELLS


def people_bound(shop: Shop, needs: Needs) -> float | None:
    """The least cost of people and lateness, less what never to deliver would save in goods; None where the
    solver finds no prices.
    """
    return _Tree(_Program(shop, needs)).bound()


@dataclass(frozen=True, slots=True)
class _Node:
    """A program in some limits, a bound of all that keeps them, and column values of its optimum."""

    model: FrozenModel
    bound: float
    values: Floats


class _Tree:
    """Whether a month's hires are used up is one thing or the other: branch and bound over the months."""

    def __init__(self, program: "_Program") -> None:
        self.program, self.solves = program, 0
        switches = program.used_up
        self.switches = switches if switches is not None else np.zeros(0, dtype=np.int64)

    def bound(self) -> float | None:
        root = self._solved(self.program.model.freeze(), -np.inf)
        if root is None:
            return None
        nodes, closed = [(root.bound, 0, root)], np.inf
        while nodes and nodes[0][0] < closed and self.solves < MOST_SOLVES:
            _, _, node = heappop(nodes)
            column = self._undecided(node)
            if column is None:
                closed = min(closed, node.bound)
                continue
            for side in (0.0, 1.0):
                low, high = node.model.low.copy(), node.model.high.copy()
                low[column] = high[column] = side
                child = self._solved(node.model.copy_with(low, high), node.bound)
                if child is None:  # nothing is known of it but what held before
                    closed = min(closed, node.bound)
                else:
                    heappush(nodes, (child.bound, self.solves, child))
        return min(closed, nodes[0][0] if nodes else np.inf)

    def _undecided(self, node: _Node) -> int | None:
        """The month to decide next: one that is used up in part, else the first that is open still."""
        is_open = node.model.low[self.switches] < node.model.high[self.switches]
        if not is_open.any():
            return None
        values = node.values[self.switches]
        part = np.where(is_open, np.minimum(values, 1 - values), -1.0)
        place = np.argmax(part) if part.max() > WHOLE else np.argmax(is_open)
        return int(self.switches[place])

    def _solved(self, model: FrozenModel, bound: float) -> _Node | None:
        """The node of ``model``, part of one with ``bound``; None where the solver tells no prices."""
        self.solves += 1
        excused = model.high[self.switches] > 0 if len(self.switches) else self.program.when < 0
        row_low = model.row_low.copy()
        for rows, ramp in self.program.ramps:
            row_low[rows] = np.cumsum(ramp.hires(excused))
        model = replace(model, row_low=row_low)
        try:
            outcome = model.solve(seconds=SECONDS)
        except SolverFailed:
            return None
        if outcome.prices is None:
            return None
        return _Node(model, max(bound, model.safe_bound(outcome.prices)), outcome.values)


@dataclass(frozen=True, slots=True)
class _Ramp:
    """A build-up of ``skill`` to ``target`` heads, so many a month at ``most``."""

    skill: Skill
    target: float
    most: float

    def hires(self, excused: npt.NDArray[np.bool_]) -> Floats:
        """What it hires by month, none in those that are ``excused``. Nobody hires fewer in all by any month:
        who is hired besides is never more than what is then asked for less.
        """
        found, heads = np.zeros(len(excused)), float(self.skill.row.headcount)
        for month in range(len(excused)):
            heads *= 1.0 if month == 0 else stay_of(self.skill)
            if month >= self.skill.first_hire_month and not excused[month]:
                found[month] = min(self.most, max(0, ceil(self.target - heads - GUARD)))
            heads += found[month]
        return found


class _Program:
    def __init__(self, shop: Shop, needs: Needs) -> None:
        self.shop, self.needs, self.model = shop, needs, SparseModel()
        grid = shop.grid
        self.ends = [*grid.months[1:], grid.horizon_end]  # of each month, the day after its last
        self.moving = {each for way in shop.ways for each in (way.source, way.target)}
        self.months, self.when = len(grid.months), np.arange(len(grid.months))
        shape = (len(shop.skills), self.months)
        self.days = np.array([skill.open_days for skill in shop.skills], dtype=np.float64).reshape(shape)
        self.paid = self.days * np.array([float(s.row.hours_per_day) for s in shop.skills]).reshape(-1, 1)
        self.heads = self._heads()
        self.hires = self._hires()
        self.ramps: list[tuple[Index, _Ramp]] = []
        self.used_up = self._used_up()
        self._move()
        served = self._serve()
        for skill in shop.skills:
            self._work(skill, served)
        self._ask_for_people()

    def _heads(self) -> Index:
        wages = np.array([skill.wages for skill in self.shop.skills]).reshape(self.paid.shape)
        low = np.zeros(self.paid.shape)
        low[[s.index for s in self.shop.skills if s.row.can_lay_off or s.index in self.moving]] = -FEWER_HEADS
        return self.model.columns(self.paid.shape, low=low, high=MOST_HEADS, cost=self.paid * wages)

    def _hires(self) -> Index:
        most = [[_most_hires(skill, month) for month in range(self.months)] for skill in self.shop.skills]
        cost = np.array([float(skill.row.hire_cost or 0) for skill in self.shop.skills]).reshape(-1, 1)
        self.hires_most = np.array(most, dtype=np.float64).reshape(self.paid.shape)
        return self.model.columns(self.paid.shape, high=self.hires_most, cost=cost)

    def _used_up(self) -> Index | None:
        """1 only in months in which the plant hires all it may."""
        most = self.shop.factory.staffing.max_total_hires_per_month
        if most is None:
            return None
        can_be = self.hires_most.sum(axis=0) >= most
        full = self.model.columns((self.months,), high=can_be.astype(float))
        rows = self.model.rows((self.months,), low=0.0)
        self.model.put(rows[None, :], self.hires, 1.0)
        self.model.put(rows, full, -float(most))
        return full

    def _move(self) -> None:
        """Heads are those who stayed, hires and arrivals, less layoffs and departures."""
        model, shop = self.model, self.shop
        stay = np.array([stay_of(skill) for skill in shop.skills]).reshape(-1, 1)
        start = np.zeros(self.paid.shape)
        start[:, 0] = [float(skill.row.headcount) for skill in shop.skills]
        gone = np.zeros(self.paid.shape)
        gone[[skill.index for skill in shop.skills if skill.row.can_lay_off], 1:] = MOST_HEADS
        rows = model.rows(self.paid.shape, low=start, high=start)
        model.put(rows, self.heads, 1.0)
        model.put(rows[:, 1:], self.heads[:, :-1], -stay)
        model.put(rows, self.hires, -1.0)
        model.put(rows, model.columns(self.paid.shape, high=gone), 1.0)
        for way in shop.ways:
            most = np.where(self.when >= way.first_month, float(way.row.max_per_month), 0.0)
            moved = model.columns((self.months,), high=most)
            model.put(rows[way.source], moved, 1.0)
            model.put(rows[way.target], moved, -1.0)

    def _serve(self) -> list[Index | None]:
        """Columns of each demand, by month from the one it is due in: the part that is delivered by its end.

        What is not delivered by a month's end makes all of the demand late until then, and a part of it that
        part of the cost at least.
        """
        return [self._serve_one(number, demand) for number, demand in enumerate(self.shop.demands)]

    def _serve_one(self, number: int, demand: Demand) -> Index | None:
        model, as_of = self.model, self.shop.grid.as_of
        first = next((month for month, end in enumerate(self.ends) if demand.due < end), None)
        if first is None:
            return None
        earliest = as_of + timedelta(days=self.needs.earliest[number])
        ends = self.ends[first:]
        high = np.array([0.0 if end <= earliest else 1.0 for end in ends])
        days = np.array([(end - demand.due).days for end in ends], dtype=np.float64)
        steps = np.diff(days, prepend=0.0) * demand.cost_per_day
        steps[0] += demand.cost_fixed
        served = model.columns(high.shape, high=high)
        rows = model.rows((len(ends) - 1,), low=0.0)
        model.put(rows, served[1:], 1.0)
        model.put(rows, served[:-1], -1.0)
        whole, days_late = float(steps.sum()), (earliest - demand.due).days
        at_once = days_late * demand.cost_per_day + demand.cost_fixed if days_late > 0 else 0.0
        # late from the first day on, or never: then no later than until the end
        late = model.columns((1,), low=min(at_once, whole), high=whole, cost=1.0)
        row = model.rows((1,), low=whole)
        model.put(row, late, 1.0)
        model.put(row, served, steps)
        saved = NEVER_DAYS * demand.cost_per_day - self.needs.goods[number]
        if saved < 0:
            never = model.columns((1,), high=1.0, cost=saved)
            row = model.rows((1,), high=1.0)
            model.put(row, never, 1.0)
            model.put(row, served[-1], 1.0)
        return served

    def _work(self, skill: Skill, served: list[Index | None]) -> None:
        """By each month's end, hours worked so far cover those of what is delivered by then."""
        asking: list[tuple[Index, float]] = []
        for each, by_skill in zip(served, self.needs.hours, strict=True):
            hours = by_skill.get(skill.index, 0.0)
            if each is not None and hours > 0:
                asking.append((each, hours))
        if not asking:
            return
        model, row, index = self.model, skill.row, skill.index
        gives = self.days[index] * rate_of(skill)
        wages, temp_wages = np.array(skill.wages), np.array(skill.temp_wages)
        temps = model.columns(
            (self.months,), high=float(row.temp_max_heads or 0), cost=self.paid[index] * temp_wages
        )
        share = float(row.overtime_max_share or 0)
        dear = float(row.overtime_premium or 0) / float(row.labour_efficiency or 1)
        more = MORE_HOURS + FEWER_HEADS * gives * (1 + share)  # fewer than nobody lack no hours
        most = share * gives * 2 * MOST_HEADS + more
        overtime = model.columns((self.months,), high=most, cost=wages * dear)
        rows = model.rows((self.months,), high=more)
        model.put(rows, overtime, 1.0)
        for people in (self.heads[index], temps):
            model.put(rows, people, -share * gives)
        total = sum(hours for _, hours in asking)
        idle = model.columns(
            (self.months,),
            high=self.needs.spared[index] + float(most.sum() + 2 * MOST_HEADS * gives.sum()) + total,
        )
        limit = np.zeros(self.months)
        limit[0] = self.needs.spared[index]
        rows = model.rows((self.months,), high=limit)
        model.put(rows, idle, 1.0)
        model.put(rows[1:], idle[:-1], -1.0)
        model.put(rows, overtime, -1.0)
        for people in (self.heads[index], temps):
            model.put(rows, people, -gives)
        model.put(rows[None, :], self.hires[index][:, None], self._lost_to_training(skill))
        for columns, hours in asking:
            since = rows[-len(columns) :]
            model.put(since, columns, hours)
            model.put(since[1:], columns[:-1], -hours)

    def _lost_to_training(self, skill: Skill) -> Floats:
        """Hours that a hire of each month lacks in each, ``[hired in, month]``, no more than he gives himself
        while he is there; none where people may be let go or change.
        """
        days = np.array(skill.training_days, dtype=np.float64).reshape(self.months, self.months)
        if skill.row.can_lay_off or skill.index in self.moving:
            return np.zeros_like(days)
        there = stay_of(skill) ** np.maximum(self.when[None, :] - self.when[:, None], 0)
        lost: Floats = days * np.minimum(training_loss(skill), there) * rate_of(skill)
        return lost

    def _ask_for_people(self) -> None:
        """Ramps, held skills, least headcounts and ratios, but where the plant's hires are used up."""
        shop, staffing = self.shop, self.shop.factory.staffing
        if staffing.max_total_heads is not None:
            return
        if any(each is not None for each in hiring_budgets(staffing, shop.grid.months)):
            return
        ramps = {row.skill: row for row in staffing.ramps}
        ratios = {row.skill for row in staffing.ratios}
        asked = {row.skill for rows in shop.factory.routings.values() for row in rows}
        for skill in shop.skills:
            if not _hires_freely(skill) or skill.index in self.moving:
                continue
            self._hold(skill, float(skill.row.min_headcount or 0))
            if skill.code in ramps:
                row = ramps[skill.code]
                self._build_up(_Ramp(skill, float(row.target_headcount), float(row.max_per_month)))
            elif skill.code not in ratios and skill.code not in asked:
                self._hold(skill, float(skill.row.headcount))
        if not self.moving:
            self._keep_ratios()

    def _build_up(self, ramp: _Ramp) -> None:
        """What was hired so far is at least what the ramp hires, less that of months in which the plant's
        hires are used up; and where a month is known not to be one, what a ramp without the others hires.
        """
        wanted = ramp.hires(np.zeros(self.months, dtype=np.bool_))
        if not wanted.any():
            return
        hires, so_far = self.hires[ramp.skill.index], self.when[None, :] <= self.when[:, None]
        rows = self.model.rows((self.months,), low=np.cumsum(wanted))
        self.model.put(rows[:, None], hires[None, :], so_far)
        if self.used_up is not None:
            self.model.put(rows[:, None], self.used_up[None, :], so_far * wanted[None, :])
            rows = self.model.rows((self.months,), low=0.0)
            self.model.put(rows[:, None], hires[None, :], so_far)
            self.ramps.append((rows, ramp))

    def _hold(self, skill: Skill, heads: float) -> None:
        """As many heads from the first hires on."""
        when = self.when[skill.first_hire_month :]
        if heads > 0 and len(when):
            rows = self.model.rows(when.shape, low=heads - FEWER_HEADS)
            self.model.put(rows, self.heads[skill.index, when], 1.0)
            if self.used_up is not None:
                self.model.put(rows, self.used_up[when], heads)

    def _keep_ratios(self) -> None:
        """Heads of a ratio's skill are more than direct ones ask for, less one."""
        shop, staffing = self.shop, self.shop.factory.staffing
        direct = [skill.index for skill in shop.skills if skill.row.kind == "direct"]
        if not direct:
            return
        there = sum(float(shop.skills[number].row.headcount) for number in direct)
        hired = float(staffing.max_total_hires_per_month or 0)
        for ratio in staffing.ratios:
            skill = shop.skills[shop.skill_index[ratio.skill]]
            when = self.when[skill.first_hire_month :]
            if not len(when) or not _hires_freely(skill):
                continue
            per = float(ratio.per_direct_heads)
            rows = self.model.rows(when.shape, low=-1.0)
            self.model.put(rows, self.heads[skill.index, when], 1.0)
            self.model.put(rows[None, :], self.heads[np.ix_(direct, when)], -1 / per)
            if self.used_up is not None:
                decided = sum(each.least for number in direct for each in shop.skills[number].decided)
                most = there + decided + hired * (when + 1)
                self.model.put(rows, self.used_up[when], most / per)


def _most_hires(skill: Skill, month: int) -> float:
    """More than any plan hires; where somebody decided, no more than that."""
    decided = skill.decided[month]
    is_open = skill.row.can_hire and month >= skill.first_hire_month and not decided.is_exact
    return MOST_HEADS if is_open else float(decided.least)


def _hires_freely(skill: Skill) -> bool:
    """Whether no limit or decision of the skill excuses it from what it is asked to hire."""
    row = skill.row
    limits = (row.max_hires_per_month, row.max_headcount, row.max_hires)
    is_limited = any(limit is not None for limit in limits) or any(each.is_exact for each in skill.decided)
    return bool(row.can_hire) and not is_limited
