"""The solver: compiled searches and CP-SAT side by side, on one board.

Each worker is a thread: the compiled loops and CP-SAT run without the interpreter's lock. With a number of
rounds instead of a time the workers take turns, so that the same seed and number of workers give the same
schedule; with a time limit, what a worker knows of the others depends on the machine.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from planning.engine.scheduling.arrays import Prepared, prepare
from planning.engine.scheduling.board import Board, Progress
from planning.engine.scheduling.bounds import lower_bound
from planning.engine.scheduling.check import on_cycles
from planning.engine.scheduling.disjunctive import DisjunctiveSearch, is_disjunctive
from planning.engine.scheduling.problem import Objective, Schedule, SchedulingProblem
from planning.engine.scheduling.project import ProjectSearch

POLL_SECONDS = 0.05
SMALL = 260  # modes: CP-SAT may prove such a problem within seconds, so it gets all the time
TINY = 130  # modes: after a while the search makes room for a second proof, from another seed
LEAST_FAR = 60  # modes: below, a proof of a project is always near
FAR_GAP = 0.03  # between bound and schedule, at which a proof of a project is far
SHARE_OF_TRIAL = 0.15  # of the time, for CP-SAT on a project whose proof turns out to be far
SHARE_OF_SEARCH = 0.25  # of the time, for the search before it
WORK_OF_SEARCH = 5.0  # seconds of processor, for the same, where others take most of it
WINDOWS_UP_TO = 1_500  # modes: beyond, a window takes longer to build than to search
SHARE_OF_PROOF = 0.3  # of the time, for CP-SAT on a larger problem
SHARE_ALONE = 0.4  # of the time, for the search before CP-SAT, of a single worker
ROUND_WORK = 2.0  # deterministic seconds of CP-SAT in a round
END_SECONDS = 0.2  # kept to stop, check and write
END_SECONDS_PER_MODE = 2e-5
FIRST_STEP_SECONDS = 120.0  # beyond the end, where the loops are compiled and there is no schedule at all
LEAVE_SECONDS = 0.3  # for the workers to hear that all is over; who does not is left behind
PATIENCE_SHARE = 0.1  # of the time, beyond the end, where there is no schedule yet; at least a second
PROOF_SECONDS_PER_MODE = 2e-4  # to build CP-SAT's model and to get past its presolve


class Status(StrEnum):
    """What is known of a solution: proved, only found, proved not to be, or nothing."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """``seconds`` of the clock, or ``rounds`` of work for a result that does not depend on it."""

    seconds: float | None = None
    rounds: int | None = None

    def __post_init__(self) -> None:
        if (self.seconds is None) == (self.rounds is None):
            raise ValueError("give a number of seconds, or of rounds")
        if self.seconds is not None and not 0 < self.seconds < float("inf"):
            raise ValueError(f"seconds must be above 0, got {self.seconds}")
        if self.rounds is not None and self.rounds < 1:
            raise ValueError(f"rounds must be at least 1, got {self.rounds}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """``schedule`` and ``objective`` None: none was found. ``bound``: no schedule is worth less."""

    status: Status
    schedule: Schedule | None
    objective: int | None
    bound: int | None
    seconds: float


class Search(Protocol):
    """What improves a schedule piece by piece."""

    def step(self, board: Board) -> None:
        """A bounded piece of work."""


def solve(
    problem: SchedulingProblem,
    limits: Limits,
    *,
    clock: Callable[[], float],
    seed: int = 0,
    workers: int = 1,
    on_progress: Callable[[Progress], None] = lambda _: None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Solution:
    """The best schedule found within ``limits``, with a bound on what any schedule can be worth.

    ``clock`` gives seconds. ``on_progress`` is called from several threads, one at a time. What
    ``is_cancelled`` ends keeps its best so far. Raises ``ValueError`` for no workers.
    """
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    board = Board(problem, clock, on_progress)
    # Lists and heads need an order of the tasks; where precedences go round, CP-SAT works alone.
    prepared = None if on_cycles(problem) else prepare(problem)
    board.raise_bound(0 if prepared is None else lower_bound(prepared.shop))
    team = _Team(board, prepared, limits, seed, workers)
    if limits.rounds is not None:
        team.take_turns(limits.rounds, is_cancelled)
    else:
        team.run(is_cancelled)
    return _solution(board)


def _solution(board: Board) -> Solution:
    schedule, worth = board.best()
    if schedule is None:
        status = Status.INFEASIBLE if board.is_infeasible else Status.UNKNOWN
        bound = None if board.is_infeasible else board.bound
    else:
        bound = board.bound
        status = Status.OPTIMAL if bound is not None and bound == worth else Status.FEASIBLE
    return Solution(status=status, schedule=schedule, objective=worth, bound=bound, seconds=board.seconds)


class _Team:
    """The workers: the first searches, the second proves and then helps, others help."""

    def __init__(
        self, board: Board, prepared: Prepared | None, limits: Limits, seed: int, workers: int
    ) -> None:
        self.board, self.prepared, self.limits = board, prepared, limits
        self.seed, self.workers = seed, workers
        self.is_disjunctive = prepared is not None and is_disjunctive(prepared.shop)
        self.modes = sum(len(task.modes) for task in board.problem.tasks)
        self.failures: list[BaseException] = []
        self.has_begun = threading.Event()  # a compiled search has taken its first step, or there is none
        if prepared is None:
            self.has_begun.set()

    def run(self, is_cancelled: Callable[[], bool]) -> None:
        """All workers at once, until the time is over or nothing is left to find."""
        tasks = [self._alone] if self.workers == 1 else [self._searcher, self._prover]
        tasks += [self._helper] * (self.workers - 2)
        threads = [
            threading.Thread(target=self._guarded, args=(task, index), daemon=True)
            for index, task in enumerate(tasks)
        ]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads) and not self.board.over.wait(POLL_SECONDS):
                if self._is_time_over() or is_cancelled():
                    break
        finally:
            self.board.over.set()
            until = time.monotonic() + LEAVE_SECONDS
            for thread in threads:
                thread.join(max(until - time.monotonic(), 0.0))
            self.board.close()
        if self.failures:
            raise self.failures[0]

    def take_turns(self, rounds: int, is_cancelled: Callable[[], bool]) -> None:
        """Each worker a piece of work per round, after one proof by each."""
        searches = [self._search(index) for index in range(self.workers)]
        for number in range(rounds):
            for search in searches:
                if self.board.over.is_set() or is_cancelled():
                    return
                search.step(self.board)
            if number == 0:
                self._solve_whole(self._left(), ROUND_WORK, self.seed)

    def _guarded(self, task: Callable[[int], None], index: int) -> None:
        try:
            task(index)
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits
            self.failures.append(error)
            self.board.over.set()

    def _left(self) -> float:
        """Seconds that are left to work in."""
        if self.limits.seconds is None:
            return 3600.0
        kept = END_SECONDS + END_SECONDS_PER_MODE * self.modes
        return self.limits.seconds - kept - self.board.seconds

    def _is_time_over(self) -> bool:
        """A first schedule may take a little longer: late is better than nothing."""
        left = self._left()
        if left > 0 or self.limits.seconds is None:
            return left <= 0
        if self.board.worth is not None:
            return True
        patience = max(PATIENCE_SHARE * self.limits.seconds, 1.0)
        return left < -(patience if self.has_begun.is_set() else FIRST_STEP_SECONDS)

    def _searcher(self, index: int) -> None:
        """Search; a tiny problem is rather a matter of proof, after a while."""
        search = self._search(0)
        # Bounds on tardiness are too weak for a proof to be near.
        if self.modes <= TINY and self.board.problem.objective is Objective.MAKESPAN:
            left, began = self._left(), time.thread_time()
            share = left * SHARE_OF_SEARCH
            self._repeat(search, until=left - share)
            work = min(WORK_OF_SEARCH, share)
            while time.thread_time() - began < work and self._left() > share and not self.board.over.is_set():
                search.step(self.board)
            if not self._is_far():
                self._prove(self._left(), self.seed + 1)
        self._repeat(search)

    def _prover(self, index: int) -> None:
        left = self._left()
        if self.modes <= SMALL and not self.is_disjunctive and self.modes > LEAST_FAR:
            self._prove(left * SHARE_OF_TRIAL, self.seed)
            left = 0.0 if self._is_far() else self._left()
        self._prove(left if self.modes <= SMALL else left * SHARE_OF_PROOF, self.seed)
        self._repeat(self._search(index))

    def _is_far(self) -> bool:
        """Whether a project is rather a matter of windows than of proof."""
        worth, bound = self.board.worth, self.board.bound
        if self.is_disjunctive or self.modes <= LEAST_FAR or worth is None or bound is None:
            return False
        return worth - bound > FAR_GAP * worth

    def _helper(self, index: int) -> None:
        self._repeat(self._search(index))

    def _alone(self, index: int) -> None:
        search = self._search(0)
        self._repeat(search, until=self._left() * (1 - SHARE_ALONE))
        left = self._left()
        self._prove(left if self.modes <= SMALL else left * SHARE_OF_PROOF, self.seed)
        self._repeat(search)

    def _prove(self, seconds: float, seed: int) -> None:
        if not self.board.over.is_set() and seconds > self.modes * PROOF_SECONDS_PER_MODE:
            self._solve_whole(seconds, None, seed)

    def _solve_whole(self, seconds: float, work: float | None, seed: int) -> None:
        # CP-SAT takes a second to import: in the worker that needs it, while another one searches.
        from planning.engine.scheduling.exact import solve_whole

        by_order = self.is_disjunctive and self.board.problem.objective is Objective.MAKESPAN
        solve_whole(self.board, seconds, work, seed, by_order)

    def _repeat(self, search: Search, until: float = 0.0) -> None:
        """Step by step; the last search of a worker goes on where there is no schedule yet."""
        while not self.board.over.is_set():
            if self._left() <= until and (until > 0 or self.board.worth is not None):
                return
            search.step(self.board)
            if isinstance(search, DisjunctiveSearch | ProjectSearch):
                self.has_begun.set()

    def _search(self, index: int) -> Search:
        """The first searches in compiled loops; every other one in windows, where they are small enough."""
        seed = self.seed * 1_000 + index
        if self.prepared is None:
            return self._windows(seed)
        if index % 2 == 1 and self.modes <= WINDOWS_UP_TO and not self.is_disjunctive:
            from planning.engine.scheduling.model import is_exact

            if is_exact(self.board.problem):
                return self._windows(seed)
        if self.is_disjunctive:
            return DisjunctiveSearch(self.prepared, seed)
        return ProjectSearch(self.prepared, seed)

    def _windows(self, seed: int) -> Search:
        from planning.engine.scheduling.exact import WindowSearch

        return WindowSearch(self.board.problem, seed, self._left)
