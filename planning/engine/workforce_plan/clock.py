"""One wall clock for several solves, so that many small questions do not take many times its seconds."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from time import perf_counter

from planning.engine.errors import SolverFailed
from planning.engine.workforce_plan.plan import WorkforcePlan
from planning.engine.workforce_plan.problem import WorkforceProblem
from planning.engine.workforce_plan.solve import SolveOptions, plan_workforce

LEAST_SECONDS = 1.0  # of a solve that must be made


@dataclass(slots=True)
class SharedClock:
    """``options.seconds`` are for all solves together; ``may_go_on`` says whether anybody waits for more.
    ``is_cut_short``: a solve was ended by the clock, or was not begun.
    """

    options: SolveOptions = field(default_factory=SolveOptions)
    may_go_on: Callable[[], bool] = lambda: True
    is_cut_short: bool = False
    _began: float = field(default_factory=perf_counter)

    def is_over(self) -> bool:
        """Whether there is no time for another solve, which one was asked for."""
        is_over = self._left() <= 0 or not self.may_go_on()
        self.is_cut_short |= is_over
        return is_over

    def solve(self, problem: WorkforceProblem) -> WorkforcePlan:
        """A plan within what is left, and at least ``LEAST_SECONDS``; raises ``SolverFailed``."""
        seconds = max(self._left(), LEAST_SECONDS)
        try:
            plan = plan_workforce(problem, replace(self.options, seconds=seconds))
        except SolverFailed:
            self.is_cut_short |= self._left() <= 0
            raise
        self.is_cut_short |= plan.is_cut_short
        return plan

    def _left(self) -> float:
        return self.options.seconds - (perf_counter() - self._began)
