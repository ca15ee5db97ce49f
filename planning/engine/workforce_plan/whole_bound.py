"""A bound of all whole people under rounded ratios: branch and bound that knows what separates fractions from
them.

Three things do. That a period's hires are **used up** excuses heads that lack, and a hundredth of it excuses
some everywhere. **Direct heads** between the ends of two steps pay for a part of a step. And those who
**follow** are hired whole, so that what was hired so far is a whole number. A branch decides one of them: a
period's hires are used up or not; its direct heads are up to the end of a step or beyond it; so many of a
skill were hired by then, or more. Only where none of these is left it is the hires of direct skills, or heads
that lack.

Each node is a linear program in other column limits, solved from the last basis (``warm``), and its bound is
``safe_bound`` of the row prices: arithmetic that holds whatever the solver did. The node with the least bound
is split next, by the branch of which both sides gain most among a few that are tried (strong branching;
Achterberg, Koch and Martin, *Branching rules revisited*, 2005). The least bound of all nodes is the bound.
Where a node has no answer, the rows of what branches decide may be broken at a price: that is a relaxation,
which has an answer and whose bound is one too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from planning.engine.errors import SolverFailed
from planning.engine.workforce_plan.model import WorkforceModel
from planning.engine.workforce_plan.people import RatioColumns
from planning.engine.workforce_plan.search import with_running_moves
from planning.engine.workforce_plan.sparse import Floats, FrozenModel, Index, SparseModel
from planning.engine.workforce_plan.warm import Vertex, WarmModel

KNOWN, NEW = 2, 4  # branches that are tried at a node: those that gained most before, and such as never were
FAR = 0.02  # of the target: fractions that are further below reach it by no single decision
LOWEST, HIGHEST = 0.7, 1.4  # times the direct heads of the fractions: ends of steps that are ruled out first
DEAR = 1e4  # times the price of a broken rule: breaking what branches say by a head
GUARD = 1e-6  # heads within this of a whole number count as that number
PART = 1e-5  # less of a switch or of a person is none; far less than what ratios call more than a head
LEAST_GAIN = 1e-7  # of the bound
_INFINITE = float("inf")

type Limits = tuple[tuple[int, float, float], ...]  # (column, least, most)
type Name = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Branch:
    """Two sides, of which every plan of whole people keeps one. ``name`` tells it from others; ``part`` is
    how undecided it is.
    """

    name: Name
    part: float
    sides: tuple[Limits, Limits]


@dataclass(slots=True)
class Node:
    """Limits, a bound of all plans within them, and what is undecided there (nothing: it is not split)."""

    limits: Limits
    bound: float
    branches: list[Branch]


@dataclass(slots=True)
class WholeBound:
    """No plan of whole people costs less than ``bound``. ``nodes`` were split; ``work`` as ``WarmModel``
    counts it.
    """

    bound: float
    nodes: int
    work: float


def has_followers(model: WorkforceModel) -> bool:
    """Whether whole people follow direct ones in steps: what this bound is about."""
    return bool(model.frozen.whole[model.columns.hires].any()) and bool(_ratios(model))


def whole_bound(
    model: WorkforceModel,
    direct: Floats,
    *,
    target: float,
    work: float,
    may_go_on: Callable[[], bool] = lambda: True,
) -> WholeBound:
    """The bound: better and better until it is the ``target``, or until ``work`` (millions of simplex steps ×
    rows) is done or it may not go on. ``direct`` heads of the fractions, by period. Raises ``SolverFailed``
    where the solver does not begin.
    """
    return _Tree(model, target, work, may_go_on).run(direct)


def _ratios(model: WorkforceModel) -> list[RatioColumns]:
    return [each for each in model.columns.ratios if each.ratio.is_rounded]


class _Tree:
    def __init__(
        self, model: WorkforceModel, target: float, work: float, may_go_on: Callable[[], bool]
    ) -> None:
        self.target, self.work, self.may_go_on = target, work, may_go_on
        self.ratios, self.periods = _ratios(model), model.tables.shape[1]
        frozen, self.running = with_running_moves(model, model.frozen)
        self.used_up = np.zeros(0, dtype=np.int64)
        if model.columns.used_up is not None:
            self.used_up = model.columns.used_up
            too_few = model.tables.hire_most.sum(axis=0) < model.problem.limits.hires
            frozen.high[self.used_up[too_few]] = 0.0
        self.followers = sorted({each.ratio.skill for each in self.ratios})
        others = [number for number in range(len(self.running)) if number not in self.followers]
        lacking = [block for each in self.ratios for block in each.missing]
        self.first = self.running[self.followers].reshape(-1)  # whole numbers, and those that wait for them
        self.last = np.concatenate((self.running[others].reshape(-1), *lacking))
        wanted = np.concatenate([each.wanted for each in self.ratios])
        self.asked = np.unique(np.concatenate((wanted, self.used_up, self.first, self.last)))
        self.frozen, self.slack = _elastic(frozen, self.asked, DEAR * model.problem.broken_cost)
        self.warm, self.done = self._begun(), 0.0  # work of those before
        self.gains: dict[Name, tuple[float, int]] = {}
        self.open: list[tuple[float, int, Node]] = []
        self.count = 0
        self.closed = _INFINITE  # the least bound of what is not split any more

    def run(self, direct: Floats) -> WholeBound:
        root = self._node((), -_INFINITE)
        self._keep(self._narrowed(root, direct))
        nodes = 0
        while self.open and self.open[0][0] < self.closed and self._has_work():
            nodes += 1
            for child in self._split(heappop(self.open)[-1]):
                self._keep(child)
        least = min(self.closed, self.open[0][0] if self.open else _INFINITE)
        return WholeBound(least, nodes, self.work - self._left())

    def _begun(self) -> WarmModel:
        return WarmModel(self.frozen, self.asked, with_prices=True)

    def _left(self) -> float:
        return self.work - self.done - self.warm.work

    def _has_work(self) -> bool:
        return self._left() > 0 and self.may_go_on()

    def _keep(self, node: Node) -> None:
        if node.bound >= self.target or not node.branches:
            self.closed = min(self.closed, node.bound)
        else:
            self.count += 1
            heappush(self.open, (node.bound, self.count, node))

    def _narrowed(self, root: Node, direct: Floats) -> Node:
        """The root without what costs the target or more by a single decision: that hires are used up, and
        direct heads far from those of the fractions.
        """
        if not root.branches or root.bound < self.target - FAR * abs(self.target):
            return root
        limits = root.limits
        for column in self.used_up.tolist():
            if self._is_beyond((*limits, (column, 1.0, 1.0))):
                limits = (*limits, (column, 0.0, 0.0))
        for period in range(min(each.ratio.first for each in self.ratios), self.periods):
            per = self._steps(period)[1]
            ends = _step_ends(per, LOWEST * float(direct[period]), HIGHEST * float(direct[period]))
            limits += self._ruled_out(limits, period, 1, ends)
            limits += self._ruled_out(limits, period, 0, ends[::-1])
        return self._node(limits, root.bound)

    def _ruled_out(self, limits: Limits, period: int, side: int, ends: list[float]) -> Limits:
        """The other side of the first of ``ends`` of which ``side`` is beyond the target, as all after it."""
        first, last = 0, len(ends)
        found: Limits = ()
        while first < last:
            middle = (first + last) // 2
            sides = self._sides(period, ends[middle])
            if self._is_beyond((*limits, *sides[side])):
                found, last = sides[1 - side], middle
            else:
                first = middle + 1
        return found

    def _is_beyond(self, limits: Limits) -> bool:
        if not self._has_work():
            return False
        bound = self._node(limits, -_INFINITE).bound
        if bound < self.target:
            return False
        self.closed = min(self.closed, bound)
        return True

    def _split(self, node: Node) -> list[Node]:
        """The two sides of the branch that gains most."""
        best: tuple[float, list[Node]] = (-1.0, [])
        least = LEAST_GAIN * abs(node.bound)
        most = max(self.target - node.bound, least)
        for branch in self._promising(node.branches):
            children, gains = [], []
            for side in branch.sides:
                child = self._node(node.limits + side, node.bound)
                children.append(child)
                gains.append(min(max(child.bound - node.bound, least), most))
                if gains[0] * most <= best[0]:
                    break  # whatever the other side gains, the best branch so far gains more
            worth = gains[0] * gains[-1]
            total, times = self.gains.get(branch.name, (0.0, 0))
            self.gains[branch.name] = (total + worth, times + 1)
            if len(children) == len(branch.sides):
                if max(gains) >= most:
                    return children  # one side is done with: the node is narrower, and no second one is open
                if worth > best[0]:
                    best = (worth, children)
            if not self._has_work():
                break
        return best[1]

    def _promising(self, branches: list[Branch]) -> list[Branch]:
        known = [each for each in branches if each.name in self.gains]
        new = [each for each in branches if each.name not in self.gains]
        known.sort(key=self._expected, reverse=True)
        new.sort(key=lambda each: each.part, reverse=True)
        return known[:KNOWN] + new[:NEW]

    def _expected(self, branch: Branch) -> float:
        total, times = self.gains[branch.name]
        return total / times

    def _node(self, limits: Limits, bound: float) -> Node:
        """The node within ``limits``, part of one with ``bound``; without an answer that is all there is."""
        low, high = self.frozen.low.copy(), self.frozen.high.copy()
        for column, least, most in limits:
            low[column] = max(low[column], least)
            high[column] = min(high[column], most)
        if np.any(low > high):  # nobody keeps both of two decisions
            return Node(limits, _INFINITE, [])
        for is_elastic in (False, True):
            high[self.slack] = self.frozen.high[self.slack] if is_elastic else 0.0
            vertex = self._solve(low, high, from_nothing=is_elastic)
            if vertex is not None:
                safe = self.frozen.copy_with(low, high).safe_bound(vertex.prices)
                return Node(limits, max(bound, safe), self._undecided(vertex.values))
        return Node(limits, bound, [])

    def _solve(self, low: Floats, high: Floats, *, from_nothing: bool) -> Vertex | None:
        """An optimum in these limits from the last basis; where the simplex loses its way from there,
        ``from_nothing``. None where there is none.
        """
        for is_new in (False, True) if from_nothing else (False,):
            if not self._has_work():
                break
            try:
                if is_new:
                    self.done, self.warm = self.done + self.warm.work, self._begun()
                vertex = self.warm.at(low, high, work=self._left())
            except SolverFailed:  # it may find its way from nothing
                continue
            if np.isfinite(vertex.objective):
                return vertex
        return None

    def _undecided(self, values: Floats) -> list[Branch]:
        found = list(self._of_used_up(values))
        for period in range(self.periods):
            found += self._of_levels(period, values)
        found += self._of_numbers(self.first, values)
        return found or list(self._of_numbers(self.last, values))

    def _of_used_up(self, values: Floats) -> Iterator[Branch]:
        for column in self.used_up.tolist():
            if PART < values[self.warm.place[column]] < 1 - PART:
                yield Branch(("used up", column), 2.0, (((column, 0.0, 0.0),), ((column, 1.0, 1.0),)))

    def _of_levels(self, period: int, values: Floats) -> Iterator[Branch]:
        """Ends of steps of which these heads wanted keep neither side."""
        columns, per = self._steps(period)
        wanted = values[self.warm.place[columns]]
        if not np.any(np.abs(wanted - np.round(wanted)) > PART):
            return
        for level in _step_ends(per, float(((wanted - 1) * per).min()), float((wanted * per).max())):
            most, least = np.ceil(level / per - GUARD), np.floor(level / per + GUARD) + 1
            if np.any(wanted > most + PART) and np.any(wanted < least - PART):
                yield Branch(("heads", period), 2.0, self._sides(period, level))

    def _steps(self, period: int) -> tuple[Index, Floats]:
        """Columns of the heads that ratios want in a period, and the direct heads for one of each."""
        there = [each for each in self.ratios if each.ratio.first <= period]
        columns = [each.wanted[period - each.ratio.first] for each in there]
        return np.array(columns, dtype=np.int64), np.array([each.ratio.per_direct for each in there])

    def _sides(self, period: int, level: float) -> tuple[Limits, Limits]:
        """Direct heads up to ``level``, and beyond it, by the heads that they want."""
        columns, per = self._steps(period)
        # direct heads that are a little above an end of a step, and count as on it, keep the lower side
        most = np.ceil(level / per - GUARD) + 2 * GUARD * per.max() / per
        least = np.floor(level / per + GUARD) + 1
        numbers = columns.tolist()
        lower = tuple((column, -_INFINITE, each) for column, each in zip(numbers, most.tolist(), strict=True))
        upper = tuple((column, each, _INFINITE) for column, each in zip(numbers, least.tolist(), strict=True))
        return lower, upper

    def _of_numbers(self, columns: Index, values: Floats) -> Iterator[Branch]:
        for column in columns.tolist():
            value = float(values[self.warm.place[column]])
            whole = float(np.floor(value + PART))
            part = value - whole
            if part > PART:
                fewer, more = ((column, -_INFINITE, whole),), ((column, whole + 1, _INFINITE),)
                yield Branch(("number", column), 4 * part * (1 - part), (fewer, more))


def _step_ends(per_direct: Floats, least: float, most: float) -> list[float]:
    """Direct heads from ``least`` to ``most`` at which a step of any ratio ends, in rising order."""
    found = {
        step * each
        for each in per_direct.tolist()
        for step in range(max(1, int(np.ceil(least / each - GUARD))), int(most / each + GUARD) + 1)
    }
    return sorted(found)


def _elastic(frozen: FrozenModel, decided: Index, price: float) -> tuple[FrozenModel, Index]:
    """The model with columns that break, at a price, every row of a column that is ``decided``, and these.

    Whatever is decided, the other rows say nothing of it: there is always an answer. The columns end where
    no values of the others need more.
    """
    rows = np.unique(frozen.rows[np.isin(frozen.columns, decided)])
    ends = np.maximum(np.abs(frozen.low), np.abs(frozen.high))
    reach = np.bincount(
        frozen.rows, weights=np.abs(frozen.values) * ends[frozen.columns], minlength=len(frozen.row_low)
    )
    bigger, slack = SparseModel.of(frozen), []
    for limits, sign in ((frozen.row_low, 1.0), (frozen.row_high, -1.0)):
        broken = rows[np.isfinite(limits[rows])]
        most = reach[broken] + np.abs(limits[broken])
        slack.append(bigger.columns(broken.shape, high=most, cost=price, when=frozen.row_when[broken]))
        bigger.put(broken, slack[-1], sign)
    return bigger.freeze(), np.concatenate(slack)
