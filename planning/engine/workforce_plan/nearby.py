"""Whole people that cost less, found near rounded ones: guesses from below, each proved by a linear program.

With the people given, the rest is a linear program whose value is convex in them, and its reduced costs are a
plane below it. ``guess`` looks for people that the planes so far do not rule out; the program in their limits
is solved from the last basis and adds a plane, until nothing near is left that could be cheaper. What ratios
ask for is counted beside it, in whole people.

Skills that follow in steps make plans with level direct heads, at the end of a step, that are far from where
fractions lie. So fractions are also solved with direct heads up to each such level, and what their followers
really cost tells from which to start. Where people may be let go, people rounded ``Stepwise`` are a better
start than levels.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from planning.engine.errors import SolverFailed
from planning.engine.workforce_plan.guess import NOT, Staff, follow, guess
from planning.engine.workforce_plan.model import WorkforceModel
from planning.engine.workforce_plan.problem import Ratio, WorkforceProblem
from planning.engine.workforce_plan.rounding import rounded_moves
from planning.engine.workforce_plan.sparse import Floats, FrozenModel
from planning.engine.workforce_plan.stepwise import Stepwise
from planning.engine.workforce_plan.tables import given_changes
from planning.engine.workforce_plan.warm import Vertex, WarmModel

STEPS = 10_000  # of one guess: some hundredths of a second
RADII = (4.0, 8.0, 16.0)  # changes from the best people, one after the other while nothing better is found
SMALL_RADII = (1.0, 2.0, 4.0)  # where people may be let go: farther away, planes say little
HOT, COLD = 1e-3, 2e-5  # of the cost: between which a guess cools
TIRED = 6  # guesses in a row that find nothing new
LEAST_GAIN = 1e-7  # of the cost
LEVELS = 12  # of direct heads at most, within so many times those of the fractions at their peak:
LOWEST, HIGHEST = 0.7, 1.1
THRESHOLDS = (0.4, 0.5, 0.6)  # from which part of a person on fractions are rounded up to begin with
STEP_THRESHOLDS = (0.2,)  # the same where each period is solved again
_NOISE = 1e-6


@dataclass(slots=True)
class Moves:
    """Hires and layoffs ``[skill, period]``, and what they cost."""

    hires: Floats
    layoffs: Floats
    cost: float


class Nearby:
    """The search; it ends once ``work``, as ``WarmModel`` counts it, is done, or where it may not go on."""

    def __init__(
        self, model: WorkforceModel, work: float, may_go_on: Callable[[], bool], tired: int = TIRED
    ) -> None:
        self.model, self.left, self.may_go_on, self.tired = model, work, may_go_on, tired
        self.staff = _staff(model)
        self.may_leave = len(self.staff.leave_places) > 0
        columns = model.columns
        self.entries = np.concatenate((columns.hires.reshape(-1), columns.layoffs.reshape(-1)))
        self.asked = np.sort(self.entries)
        self.warm = WarmModel(_without_ratios(model), self.asked)
        self.places = self.warm.place[self.entries]
        self.slopes: list[Floats] = []
        self.constants: list[float] = []
        self.seen: set[bytes] = set()

    def run(self, hires: Floats, layoffs: Floats, direct: Floats) -> Moves:
        """The best people found, from given whole ones and from levels near the ``direct`` heads of the
        fractions; at worst the given ones as followers change them.
        """
        starts = [self._at(hires.copy(), layoffs.copy())]
        starts += self._by_steps() if self.may_leave else self._levels(float(direct.max()))
        return self._improve(min(starts, key=lambda each: each.cost))

    def _improve(self, best: Moves) -> Moves:
        fruitless = tired = 0
        radii = SMALL_RADII if self.may_leave else RADII
        heat = HOT * abs(best.cost)
        cooling = (COLD / HOT) ** (1 / STEPS)
        while self._has_work() and tired < self.tired and np.isfinite(best.cost):
            planes = np.ascontiguousarray(np.array(self.slopes).T)
            hires, layoffs = best.hires.copy(), best.layoffs.copy()
            radius, seed = radii[fruitless % len(radii)], len(self.seen) + tired + 1
            heights = np.array(self.constants) + _entries(hires, layoffs) @ planes
            low = guess(self.staff, planes, heights, hires, layoffs, STEPS, radius, heat, cooling, seed)
            is_news = low < best.cost - LEAST_GAIN * abs(best.cost) and _key(hires, layoffs) not in self.seen
            tired = 0 if is_news else tired + 1
            fruitless += 1
            if is_news:
                found = self._at(hires, layoffs)
                if found.cost < best.cost - LEAST_GAIN * abs(best.cost):
                    best, fruitless = found, 0
        return best

    def _has_work(self) -> bool:
        return self.left > 0 and self.may_go_on()

    def _levels(self, peak: float) -> list[Moves]:
        """People rounded from the fractions whose direct heads stay within the best level."""
        capped = None
        fractions: list[tuple[float, Vertex]] = []
        columns, frozen = self.model.columns, self.model.frozen
        for level in _steps(self.model.problem, peak):
            capped = capped or WarmModel(frozen, self.asked)
            high = frozen.high.copy()
            for each in columns.ratios:
                if each.ratio.is_rounded:
                    most = np.ceil(level / each.ratio.per_direct - _NOISE)
                    high[each.wanted] = np.minimum(high[each.wanted], most)
            vertex = self._solve(capped, frozen.low, high)
            if vertex is not None:
                moves = self._at(*self._moves(vertex))
                fractions.append((moves.cost, vertex))
        if not fractions:
            return []
        _, vertex = min(fractions, key=lambda pair: pair[0])
        hires, layoffs = self._moves(vertex)
        return [self._at(*rounded_moves(self.model, hires, layoffs, each)) for each in THRESHOLDS]

    def _by_steps(self) -> list[Moves]:
        """People rounded period by period."""
        if any(not way.given for way in self.model.problem.cross_training):
            return []
        by_steps = Stepwise(self.model, np.flatnonzero(~self.staff.follows))
        moves = [by_steps.moves(each, self._solve) for each in STEP_THRESHOLDS]
        return [self._at(*each) for each in moves if each is not None]

    def _moves(self, vertex: Vertex) -> tuple[Floats, Floats]:
        hires, layoffs = np.maximum(vertex.values[self.places], 0.0).reshape(2, *self.model.tables.shape)
        return hires, layoffs

    def _at(self, hires: Floats, layoffs: Floats) -> Moves:
        """What these moves cost, once who follows has followed; a plane more."""
        self.seen.add(_key(hires, layoffs))
        ratios = follow(self.staff, hires, layoffs, np.zeros_like(hires))
        self.seen.add(_key(hires, layoffs))
        low, high = self.warm.low.copy(), self.warm.high.copy()
        entries = _entries(hires, layoffs)
        low[self.entries] = high[self.entries] = entries
        vertex = self._solve(self.warm, low, high) if ratios < NOT else None
        if vertex is None:
            return Moves(hires, layoffs, np.inf)
        slopes = vertex.reduced[self.places]
        self.slopes.append(slopes)
        self.constants.append(vertex.objective - float(slopes @ entries))
        return Moves(hires, layoffs, vertex.objective + ratios)

    def _solve(self, warm: WarmModel, low: Floats, high: Floats) -> Vertex | None:
        """An optimum; None where there is none, or the solver loses its way."""
        if not self._has_work():
            return None
        done = warm.work
        try:
            vertex = warm.at(low, high, work=self.left)
        except SolverFailed:
            return None
        finally:
            self.left -= warm.work - done
        return vertex if np.isfinite(vertex.objective) else None


def warm_up() -> None:
    """Compile the loops on the smallest problem."""
    one, none = np.ones((1, 1)), np.zeros(0)
    numbers, row = np.zeros(0, dtype=np.int64), np.ones(1)
    staff = Staff(
        heads=row,
        stay=one,
        change=one,
        hire_least=one,
        hire_most=one,
        leave_most=one,
        head_most=one,
        plant=row,
        in_all=row,
        hire_cost=row,
        budget=row,
        is_direct=np.ones(1, dtype=np.bool_),
        follows=np.zeros(1, dtype=np.bool_),
        patience=np.zeros(1, dtype=np.int64),
        ratio_skill=numbers,
        per_direct=none,
        first=numbers,
        missing_cost=np.zeros((0, 1)),
        is_priced=np.zeros(0, dtype=np.bool_),
        broken_cost=1.0,
        hire_places=np.zeros(1, dtype=np.int64),
        leave_places=np.zeros(1, dtype=np.int64),
    )
    guess(staff, np.zeros((2, 1)), row, one.copy(), one.copy(), 1, 1.0, 1.0, 0.5, 1)


def is_open(model: WorkforceModel) -> bool:
    """Whether there are whole hires to choose, and heads that ratios count follow from moves alone."""
    has_open_ways = any(not way.given for way in model.problem.cross_training)
    is_whole = bool(model.frozen.whole[model.columns.hires].any())
    has_choice = bool((model.tables.hire_most > model.tables.hire_least).any())
    return is_whole and has_choice and not (has_open_ways and model.problem.limits.ratios)


def _without_ratios(model: WorkforceModel) -> FrozenModel:
    """The model in which heads that ratios lack cost nothing: they are counted beside it."""
    cost = model.frozen.cost.copy()
    for each in model.columns.ratios:
        if each.ratio.is_rounded:
            for block in each.missing:
                cost[block] = 0.0
    return replace(model.frozen, cost=cost)


def _steps(problem: WorkforceProblem, peak: float) -> Iterator[float]:
    """Direct heads at which a ratio's step ends, near the peak, from the highest down."""
    per = [each.per_direct for each in problem.limits.ratios if each.is_rounded]
    found = {
        step * each
        for each in per
        for step in range(int(np.ceil(LOWEST * peak / each)), int(HIGHEST * peak / each) + 1)
        if step > 0
    }
    return reversed(sorted(found)[-LEVELS:])


def _staff(model: WorkforceModel) -> Staff:
    problem, tables, columns = model.problem, model.tables, model.columns
    skills, count = tables.shape
    limits = problem.limits
    ratios = [each.ratio for each in columns.ratios if each.ratio.is_rounded]
    follows = _follows(problem, ratios)
    leave_most = model.frozen.high[columns.layoffs]
    in_all = [
        NOT
        if each.hiring is None or each.hiring.in_all is None
        else max(each.hiring.in_all, sum(each.hiring.least))
        for each in problem.skills
    ]
    is_free = ~follows[:, None]
    return Staff(
        heads=np.array([skill.heads for skill in problem.skills], dtype=np.float64),
        stay=tables.stay,
        change=given_changes(problem),
        hire_least=tables.hire_least,
        hire_most=tables.hire_most,
        leave_most=leave_most,
        head_most=tables.head_limit,
        plant=np.maximum(limits.hires, tables.hire_least.sum(axis=0))
        if limits.hires
        else np.full(count, NOT),
        in_all=np.array(in_all, dtype=np.float64),
        hire_cost=tables.hire_cost,
        budget=np.minimum(limits.hiring_budget, NOT) if limits.hiring_budget else np.full(count, NOT),
        is_direct=np.array([skill.is_direct for skill in problem.skills]),
        follows=follows,
        patience=np.array([_patience(problem, number) for number in range(skills)], dtype=np.int64),
        ratio_skill=np.array([each.skill for each in ratios], dtype=np.int64),
        per_direct=np.array([each.per_direct for each in ratios], dtype=np.float64),
        first=np.array([each.first for each in ratios], dtype=np.int64),
        missing_cost=np.array([each.missing_cost or (0.0,) * count for each in ratios]).reshape(-1, count),
        is_priced=np.array([bool(each.missing_cost and limits.hires) for each in ratios], dtype=np.bool_),
        broken_cost=float(problem.broken_cost),
        hire_places=np.flatnonzero((tables.hire_most > tables.hire_least) & is_free),
        leave_places=np.flatnonzero((leave_most > 0) & is_free),
    )


def _follows(problem: WorkforceProblem, ratios: list[Ratio]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Skills that nothing but ratios asks for: no work, no load, no least or end heads, not direct."""
    works = {work.skill for family in problem.families for work in family.work}
    found = np.zeros(len(problem.skills), dtype=np.bool_)
    for ratio in ratios:
        skill = problem.skills[ratio.skill]
        asked = any(skill.load) or any(skill.least) or skill.end_heads > 0
        found[ratio.skill] = not (skill.is_direct or asked or ratio.skill in works)
    return found


def _patience(problem: WorkforceProblem, number: int) -> int:
    """Periods for which somebody is kept whom nobody needs: as long as his pay is less than letting him go
    and hiring another.
    """
    skill = problem.skills[number]
    if skill.layoff_cost is None:
        return 0
    pay = float(np.mean(np.multiply(skill.wage, skill.paid_hours)))
    again = skill.layoff_cost + (skill.hiring.cost if skill.hiring else 0.0)
    return 1 + min(int(np.ceil(again / pay)) if pay > 0 else len(problem.periods), len(problem.periods))


def _entries(hires: Floats, layoffs: Floats) -> Floats:
    return np.concatenate((hires.reshape(-1), layoffs.reshape(-1)))


def _key(hires: Floats, layoffs: Floats) -> bytes:
    return hires.tobytes() + layoffs.tobytes()
