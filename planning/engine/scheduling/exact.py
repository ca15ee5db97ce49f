"""CP-SAT on the whole problem, for proofs and bounds, and on windows of the best schedule, for better ones.

A window frees the modes and the order of some tasks; the others keep their modes, and their order where they
met on a resource ("partial order schedule"), so that all of them may still move in time.

Sources: Perron and Furnon, CP-SAT 9.15; Shaw 1998 (large neighbourhoods); Policella et al. 2004, Godard,
Laborie, Nuijten 2005 (partial order schedules).
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from planning.engine.errors import SolverFailed
from planning.engine.scheduling.board import Board
from planning.engine.scheduling.model import Model
from planning.engine.scheduling.problem import ResourceKind, Schedule, SchedulingProblem

FIRST_WINDOW = 24  # tasks
GROWTH, SHRINKAGE = 1.15, 0.85
FIRST_WORK = 5.0  # seconds, and deterministic seconds, for a first schedule
FINE = 1 << 52
WINDOW_WORK = 1.0  # deterministic seconds of CP-SAT for one window


class Solving:
    """One call of CP-SAT; the board's clock stops it, or that all is over.

    ``by_order``: the orders of tasks on machines are all there is to decide.
    """

    def __init__(
        self, board: Board, seconds: float, work: float | None, seed: int, by_order: bool = False
    ) -> None:
        self.board, self.until = board, board.seconds + seconds
        self.solver = cp_model.CpSolver()
        parameters = self.solver.parameters
        # The watch stops a search that is over before; presolve hears only this.
        parameters.max_time_in_seconds = max(seconds, 0.01)
        if work is not None:
            parameters.max_deterministic_time = work
        parameters.num_workers = 1
        if by_order:
            # A linear relaxation tells nothing of orders: without it, a proof takes a fraction of the time.
            parameters.linearization_level = 0
            parameters.use_strong_propagation_in_disjunctive = True
        else:
            # Strategies that take turns in one thread, the same way each time, prove sooner than one alone.
            parameters.interleave_search = True
        parameters.random_seed = seed
        parameters.catch_sigint_signal = False

    def __call__(self, model: Model, on_solution: Callable[[Schedule], None], is_whole: bool) -> Any:
        """The status. Raises ``SolverFailed`` where CP-SAT refuses the model."""
        if is_whole:
            self.solver.best_bound_callback = lambda bound: self.board.raise_bound(ceiling(bound))
        callback = _Found(model, on_solution)
        ended = threading.Event()
        watch = threading.Thread(target=self._watch, args=(ended,), daemon=True)
        watch.start()
        try:
            status = self.solver.solve(model.model, callback)
        finally:
            ended.set()
            watch.join()
        if status == cp_model.MODEL_INVALID:
            raise SolverFailed(f"CP-SAT refuses the model: {model.model.validate()}")
        return status

    def _watch(self, ended: threading.Event) -> None:
        """A call that comes before the search starts is lost: so it is repeated."""
        while not ended.wait(0.05):
            if self.board.over.is_set() or self.board.seconds > self.until:
                self.solver.stop_search()


class _Found(cp_model.CpSolverSolutionCallback):
    def __init__(self, model: Model, on_solution: Callable[[Schedule], None]) -> None:
        super().__init__()
        self.built, self.found = model, on_solution

    def on_solution_callback(self) -> None:
        self.found(self.built.schedule(self))


def ceiling(bound: float) -> int:
    """A bound on a whole number; what is a hair above one is that number.

    Beyond 2^52 a float is a whole number that may be above the one that is meant, so it is taken down.
    """
    if abs(bound) > FINE:
        return int(bound) - int(abs(bound) / FINE) - 1
    return int(np.ceil(bound - 1e-6))


def solve_whole(board: Board, seconds: float, work: float | None, seed: int, by_order: bool = False) -> None:
    """Search the whole problem: schedules, bounds, and at best a proof."""
    model = Model(board.problem)
    schedule, _ = board.best()
    if schedule is not None:
        model.hint(schedule)
    if board.bound is not None:
        model.at_least(board.bound)
    solving = Solving(board, seconds, work, seed, by_order)
    status = solving(model, board.offer if model.is_exact else lambda _: None, True)
    if status == cp_model.INFEASIBLE:
        board.prove_infeasible()
    elif status == cp_model.OPTIMAL:
        board.raise_bound(solving.solver.response_proto.inner_objective_lower_bound)


class WindowSearch:
    """Windows of the best schedule, one per ``step``; their size follows what can be proved in its time."""

    def __init__(self, problem: SchedulingProblem, seed: int, seconds_left: Callable[[], float]) -> None:
        self.problem, self.random, self.seconds_left = problem, np.random.default_rng(seed), seconds_left
        self.size = float(FIRST_WINDOW)

    def step(self, board: Board) -> None:
        """Free a window, and offer what is better."""
        schedule, worth = board.best()
        if schedule is None or worth is None:
            seed = int(self.random.integers(1 << 31))
            solve_whole(board, min(self.seconds_left(), FIRST_WORK), FIRST_WORK, seed)
            return
        free = self._window(schedule)
        model = Model(self.problem)
        keep(model, schedule, free)
        model.hint(schedule)
        model.below(worth)
        seed = int(self.random.integers(1 << 31))
        solving = Solving(board, self.seconds_left(), WINDOW_WORK, seed)
        status = solving(model, board.offer, False)
        if status in (cp_model.OPTIMAL, cp_model.INFEASIBLE):
            self.size = min(self.size * GROWTH, len(self.problem.tasks))
            if len(free) == len(self.problem.tasks) and model.is_exact:
                board.raise_bound(board.worth if board.worth is not None else worth)
        else:
            self.size = max(self.size * SHRINKAGE, 4)

    def _window(self, schedule: Schedule) -> set[int]:
        """Tasks that are near each other in time, or those of some jobs or resources."""
        count = len(self.problem.tasks)
        size = min(int(self.size), count)
        starts = np.array(schedule.starts)
        kind = self.random.random()
        jobs = np.array([task.job for task in self.problem.tasks])
        if kind < 0.25 and len(self.problem.jobs) > 2:
            chosen = self.random.permutation(len(self.problem.jobs))
            ranked = np.argsort(np.argsort(chosen)[jobs], kind="stable")
        else:
            middle = starts[self.random.integers(count)]
            distance = np.abs(starts - middle) * self.random.uniform(0.8, 1.25, size=count)
            ranked = np.argsort(distance, kind="stable")
        return set(ranked[:size].tolist())


def keep(model: Model, schedule: Schedule, free: set[int]) -> None:
    """Bind what is not free to its mode and to its order."""
    for task, mode in enumerate(schedule.modes):
        if task not in free or len(model.problem.tasks[task].modes) == 1:
            model.keep_mode(task, mode)
    for before, after in meetings(model.problem, schedule, free):
        model.keep_order(before, after)


def meetings(problem: SchedulingProblem, schedule: Schedule, free: set[int]) -> Iterator[tuple[int, int]]:
    """Pairs of tasks of which one takes units of a resource that the other gave back, not both free.

    Free tasks that may change their resource hand on what they took, as if they were not there.
    """
    users: dict[int, list[tuple[int, int, int]]] = {}
    for task, (mode, start) in enumerate(zip(schedule.modes, schedule.starts, strict=True)):
        chosen = problem.tasks[task].modes[mode]
        is_loose = task in free and len(problem.tasks[task].modes) > 1
        for demand in chosen.demands:
            kind = problem.resources[demand.resource].kind
            if kind is not ResourceKind.NONRENEWABLE and demand.amount and chosen.duration and not is_loose:
                users.setdefault(demand.resource, []).append((start, task, demand.amount))
    for resource, rows in users.items():
        idle: list[list[Any]] = [[0, None, problem.resources[resource].capacity]]  # end, task, units
        for start, task, amount in sorted(rows):
            left = amount
            for giver in sorted((each for each in idle if each[0] <= start), key=lambda each: -each[0]):
                if left == 0:
                    break
                taken = min(left, giver[2])
                giver[2] -= taken
                left -= taken
                if giver[1] is not None and not (giver[1] in free and task in free):
                    yield giver[1], task
            idle = [each for each in idle if each[2] > 0]
            end = start + problem.tasks[task].modes[schedule.modes[task]].duration
            idle.append([end, task, amount])
