"""From a workforce problem to a plan with a bound: fractions, rounding, people near those that cost less, and
searches that improve the bound.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
import numpy.typing as npt

from planning.engine.errors import SolverFailed
from planning.engine.workforce_plan.course import Reckoning, rows
from planning.engine.workforce_plan.model import build_model
from planning.engine.workforce_plan.nearby import Nearby, is_open
from planning.engine.workforce_plan.plan import Decisions, Rows, WorkforcePlan
from planning.engine.workforce_plan.problem import WorkforceProblem
from planning.engine.workforce_plan.rounding import rounded_moves, rounded_temps
from planning.engine.workforce_plan.search import search
from planning.engine.workforce_plan.sparse import Floats, FrozenModel, Outcome
from planning.engine.workforce_plan.whole_bound import has_followers, whole_bound
from planning.engine.workforce_plan.windows import is_large, relax, walk

MANY_ROWS = 4_000  # beyond, an interior point is faster than the simplex
THRESHOLDS = (0.4, 0.6, 0.2)
HIRING_THRESHOLDS = 2  # so many of them where nobody may be let go: who is hired too soon stays
# a temporary person too many costs one period, too few may cost a late one
TEMP_THRESHOLDS = (0.1, 0.6, 0.1)
OPTIMAL = 1e-6
FEW_NODES = 200  # of a search where rounding found nothing
PROVED_FIRST = 5e-3  # a gap that is proved before a smaller one: what costs more is ruled out at once
FAR_FROM_BOUND = 5e-3  # a gap of large problems that is worth a second walk


@dataclass(frozen=True, slots=True, kw_only=True)
class SolveOptions:
    """``seconds``: a wall clock for all of it; where it ends the work the plan says so. ``gap``: good enough.
    Where rounding leaves more: ``work`` for people near the rounded ones, in millions of simplex steps ×
    rows. Where that leaves more: ``proof`` of the same for a better bound where ratios are rounded
    (``whole_bound``: some seconds), and ``nodes`` of a tree for all whole people and a better bound (a
    minute); 0: none of it. All are counted, so that the same problem gives the same plan. ``tired``: guesses
    without news that end what is near by. ``patience``: seconds that may pass before there is any plan.
    """

    seconds: float = 60.0
    patience: float = 1.0
    gap: float = 1e-3
    work: float = 100.0
    tired: int = 6
    proof: float = 0.0
    nodes: int = 2_000


def plan_workforce(
    problem: WorkforceProblem,
    options: SolveOptions | None = None,
    on_rounded: Callable[[WorkforcePlan], None] | None = None,
) -> WorkforcePlan:
    """The best plan found, with a bound that holds. ``on_rounded`` is given the rounded one before a better
    one is looked for.

    Raises ``SolverFailed`` where the solver gives nothing that may be used. What cannot be done is not an
    error: rules have a price, and the plan's ``course`` shows what was broken or is missing.
    """
    return _Solver(problem, options or SolveOptions(), on_rounded).run()


class _Solver:
    def __init__(
        self,
        problem: WorkforceProblem,
        options: SolveOptions,
        on_rounded: Callable[[WorkforcePlan], None] | None,
    ) -> None:
        self.began = perf_counter()
        self.options, self.on_rounded = options, on_rounded
        self.model = build_model(problem)
        self.reckoning = Reckoning(problem, self.model.tables)
        self.is_cut_short = False
        self.bound: float | None = None
        self.best: WorkforcePlan | None = None

    def run(self) -> WorkforcePlan:
        if is_large(self.model):
            self._walk()
        else:
            self._solve_whole()
        if self.best is None:
            raise SolverFailed("the linear solver gave no plan that may be used")
        return self.best

    def _solve_whole(self) -> None:
        """One model: fractions, rounded, solved again; then a search for better whole numbers."""
        frozen = self.model.frozen
        has_many = len(frozen.row_low) > MANY_ROWS
        relaxed = frozen.solve(seconds=self._may_take(), interior=has_many, crossover=False)
        self._note(relaxed)
        self.bound = None if relaxed.prices is None else frozen.safe_bound(relaxed.prices)
        if not frozen.whole.any():
            self._consider(relaxed.values)
            return
        may_lay_off = any(skill.layoff_cost is not None for skill in self.model.problem.skills)
        tried = list(zip(THRESHOLDS, TEMP_THRESHOLDS, strict=True))
        for threshold, of_temps in tried if may_lay_off else tried[:HIRING_THRESHOLDS]:
            if self.best is not None and self._left() < self._spent():
                self.is_cut_short = True
                break
            self._round(relaxed, threshold, of_temps, interior=has_many)
            if self._is_good():
                break
        if self.options.work and self.best is not None and not self._is_good() and is_open(self.model):
            if self.on_rounded is not None:
                self.on_rounded(self.best)
            self._look_nearby(relaxed, self.best.decisions, interior=has_many)
        if self.options.proof and self.best is not None and not self._is_good() and has_followers(self.model):
            self._prove(relaxed, self.best)
        if self.best is None or (self.options.nodes and not self._is_good()):
            self._search()

    def _prove(self, relaxed: Outcome, best: WorkforcePlan) -> None:
        """A better bound of whole people who follow others in steps."""
        left = self.options.proof
        for gap in dict.fromkeys((max(self.options.gap, PROVED_FIRST), self.options.gap)):
            if left <= 0 or self._is_good():
                break
            target = best.objective - gap * abs(best.objective)
            try:
                found = whole_bound(
                    self.model,
                    self._direct(relaxed),
                    target=target,
                    work=left,
                    may_go_on=lambda: self._left() > 0,
                )
            except SolverFailed:  # the bound so far stands
                break
            left -= found.work
            if self.bound is None or found.bound > self.bound:
                self.bound = found.bound
            self.is_cut_short |= self._left() <= 0
            self._settle(best.decisions)
            if found.bound < target:
                break

    def _direct(self, relaxed: Outcome) -> Floats:
        """Direct heads of the fractions, by period."""
        direct = [number for number, skill in enumerate(self.model.problem.skills) if skill.is_direct]
        return relaxed.values[self.model.columns.heads[direct]].sum(axis=0)

    def _look_nearby(self, relaxed: Outcome, decisions: Decisions, *, interior: bool) -> None:
        """Whole people near the rounded ones that cost less, and the rest for them."""
        try:
            nearby = Nearby(self.model, self.options.work, lambda: self._left() > 0, self.options.tired)
            found = nearby.run(np.round(decisions.hires), np.round(decisions.layoffs), self._direct(relaxed))
        except SolverFailed:  # the rounded people stand
            return
        finally:
            self.is_cut_short |= self._left() <= 0
        if np.isfinite(found.cost):
            self._decide(self._given(found.hires, found.layoffs), TEMP_THRESHOLDS[0], interior=interior)

    def _walk(self) -> None:
        """A relaxation for the bound, its people rounded, and production in windows; where that is too far
        from the bound, people are decided in windows too before they are rounded.
        """
        relaxed = relax(self.model, seconds=self._may_take())
        self.bound = relaxed.bound
        self.is_cut_short |= not relaxed.is_finished
        if self.model.frozen.whole.any():
            self._walk_rounded(relaxed.values, relaxed.prices)
            if self.best is not None and self.best.gap is not None and self.best.gap <= FAR_FROM_BOUND:
                return
        values = self._walk_windows(self.model.frozen, relaxed.prices)
        if self.model.frozen.whole.any():
            self._walk_rounded(values, relaxed.prices)
        else:
            self._consider(values)

    def _walk_rounded(self, values: Floats, prices: Floats) -> None:
        columns = self.model.columns
        fixed = self._fixed(values[columns.hires], values[columns.layoffs], THRESHOLDS[0])
        self._consider(self._walk_windows(fixed, prices))

    def _walk_windows(self, frozen: FrozenModel, prices: Floats) -> Floats:
        periods = self.model.tables.shape[1]
        values, is_finished = walk(frozen, periods, prices, seconds=self._may_take())
        self.is_cut_short |= not is_finished
        return values

    def _round(self, relaxed: Outcome, threshold: float, of_temps: float, *, interior: bool) -> None:
        columns = self.model.columns
        fixed = self._fixed(relaxed.values[columns.hires], relaxed.values[columns.layoffs], threshold)
        self._decide(fixed, of_temps, interior=interior)

    def _decide(self, fixed: FrozenModel, of_temps: float, *, interior: bool) -> None:
        """Production, overtime and the rest for the whole people of ``fixed``."""
        columns = self.model.columns
        try:
            outcome = fixed.solve(seconds=self._may_take(), interior=interior)
        except SolverFailed:  # these whole people break a limit: another threshold, or the search, may not
            self.is_cut_short |= self._left() <= 0
            return
        self._note(outcome)
        values = outcome.values
        if self._has_whole_temps():
            fixed = self._with_whole_temps(fixed, values[columns.temps], of_temps)
            outcome = fixed.solve(seconds=self._may_take(), interior=interior)
            self._note(outcome)
            values = outcome.values
            values[columns.temps] = np.round(values[columns.temps])
        self._consider(values)

    def _has_whole_temps(self) -> bool:
        return any(skill.are_temps_whole for skill in self.model.problem.skills)

    def _with_whole_temps(self, fixed: FrozenModel, temps: Floats, threshold: float) -> FrozenModel:
        """``fixed`` with whole temporary people that follow these."""
        most = np.array([skill.temp_most for skill in self.model.problem.skills])
        low, high = fixed.low.copy(), fixed.high.copy()
        low[self.model.columns.temps] = rounded_temps(temps, most, threshold)
        high[self.model.columns.temps] = low[self.model.columns.temps]
        return fixed.copy_with(low, high)

    def _fixed(self, hires: Floats, layoffs: Floats, threshold: float) -> FrozenModel:
        """The model with whole hires and layoffs that follow these."""
        return self._given(*rounded_moves(self.model, hires, layoffs, threshold))

    def _given(self, hires: Floats, layoffs: Floats) -> FrozenModel:
        """The model with these hires and layoffs."""
        columns = self.model.columns
        low, high = self.model.frozen.low.copy(), self.model.frozen.high.copy()
        low[columns.hires] = high[columns.hires] = hires
        low[columns.layoffs] = high[columns.layoffs] = layoffs
        return self.model.frozen.copy_with(low, high)

    def _search(self) -> None:
        """A search for whole numbers; its bound counts where it is better."""
        found = search(
            self.model,
            seconds=self._left(),
            gap=self.options.gap,
            nodes=self.options.nodes or FEW_NODES,
            best=self.best.objective if self.best is not None else float("inf"),
        )
        self.is_cut_short |= not found.is_finished
        if found.bound is not None and (self.bound is None or found.bound > self.bound):
            self.bound = found.bound
        if found.values is None:
            if self.best is not None:  # rounding has a plan, and the bound may be a better one
                self._settle(self.best.decisions)
            return
        if self._has_whole_temps():
            found.values[self.model.columns.temps] = np.round(found.values[self.model.columns.temps])
        self._consider(found.values)

    def _consider(self, values: Floats) -> None:
        """Count what the values decide, and keep it if it is the best so far."""
        decisions = self._decisions(values)
        course = self.reckoning.course(decisions)
        if self.best is not None and course.objective >= self.best.objective:
            self._settle(self.best.decisions)
            return
        self._settle(decisions)

    def _settle(self, decisions: Decisions) -> None:
        course = self.reckoning.course(decisions)
        bound = self.bound
        if bound is not None and bound > course.objective:
            bound = course.objective  # noise of the last digits: the plan is as good as its bound
        gap = None if bound is None else (course.objective - bound) / max(abs(course.objective), 1e-9)
        self.best = WorkforcePlan(
            decisions=decisions,
            course=course,
            status="optimal" if gap is not None and gap <= OPTIMAL else "feasible",
            objective=course.objective,
            bound=bound,
            seconds=self._spent(),
            is_cut_short=self.is_cut_short,
        )

    def _decisions(self, values: Floats) -> Decisions:
        columns = self.model.columns

        def read(block: npt.NDArray[np.int64]) -> Rows:
            return rows(np.maximum(values[block], 0.0) + 0.0)

        return Decisions(
            hires=read(columns.hires),
            layoffs=read(columns.layoffs),
            temps=read(columns.temps),
            moves=read(columns.moves),
            started=read(columns.started),
            subcontracted=read(columns.bought),
        )

    def _is_good(self) -> bool:
        gap = self.best.gap if self.best else None
        return gap is not None and gap <= self.options.gap

    def _note(self, outcome: Outcome) -> None:
        self.is_cut_short |= not outcome.is_finished

    def _spent(self) -> float:
        return perf_counter() - self.began

    def _left(self) -> float:
        return self.options.seconds - self._spent()

    def _may_take(self) -> float:
        """Seconds of one solve: while there is no plan, patience is what counts."""
        return max(self._left(), 1.0 if self.best else self.options.patience - self._spent(), 1.0)
