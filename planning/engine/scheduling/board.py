"""What the searches know together: the best schedule and the best bound, safe to share between threads."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from planning.engine.scheduling.problem import Schedule, SchedulingProblem, objective_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """``incumbent`` None: no schedule yet; ``bound`` None: none known; ``seconds`` since the start."""

    incumbent: int | None
    bound: int | None
    seconds: float


@dataclass(slots=True)
class Board:
    """``clock`` gives seconds. Nobody waits on the board for longer than it takes to write a line."""

    problem: SchedulingProblem
    clock: Callable[[], float]
    on_progress: Callable[[Progress], None]
    schedule: Schedule | None = None
    worth: int | None = None
    bound: int | None = None
    is_infeasible: bool = False
    over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _began: float = 0.0
    _is_closed: bool = False

    def __post_init__(self) -> None:
        self._began = self.clock()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self.clock() - self._began

    def offer(self, schedule: Schedule) -> None:
        """Keep ``schedule`` if it is better than what is known."""
        worth = objective_of(self.problem, schedule)
        with self._lock:
            if self._is_closed or (self.worth is not None and worth >= self.worth):
                return
            self.schedule, self.worth = schedule, worth
            self._tell()

    def raise_bound(self, bound: int) -> None:
        """Keep ``bound`` if it is better than what is known."""
        with self._lock:
            if self._is_closed or (self.bound is not None and bound <= self.bound):
                return
            self.bound = bound
            self._tell()

    def prove_infeasible(self) -> None:
        """There is no schedule at all."""
        with self._lock:
            self.is_infeasible = self.is_infeasible or not self._is_closed
            self.over.set()

    def close(self) -> None:
        """Nothing is taken or told any more: of a worker that has not heard that all is over."""
        with self._lock:
            self._is_closed = True

    def best(self) -> tuple[Schedule | None, int | None]:
        """The best schedule and its worth, that belong together."""
        with self._lock:
            return self.schedule, self.worth

    def _tell(self) -> None:
        if self.worth is not None and self.bound is not None and self.bound >= self.worth:
            self.bound = self.worth
            self.over.set()
        self.on_progress(Progress(incumbent=self.worth, bound=self.bound, seconds=self.seconds))
