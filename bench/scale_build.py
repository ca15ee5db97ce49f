"""``python -m bench.scale_build VERSION``: build a plan that was asked for, as a worker does, and say as JSON
what each step took. A process of its own, so that its memory is that of the worker alone.
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import django

# Steps of the worker: names in ``planning.services.building``.
STEPS = {
    "load_factory": "rows to factory, checked",
    "canonical_json": "freeze it",
    "save_plan": "verify, and save meanwhile",
}
# What the solver tells when a stage begins.
STAGES = {
    "start": "start the solver, hand over and check the factory",
    "material": "compile, find what is impossible, net",
    "aggregate": "aggregate model",
    "schedule": "search",
    "verify": "write the plan",
    "answer": "hand over the plan",
}


class Steps:
    """Wall and processor seconds of this process by step; of the solver only the wall is seen from here."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[float, float]] = {}
        self.begun: list[tuple[str, float]] = []

    def timed(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*arguments: Any, **named: Any) -> Any:
            wall, used = time.perf_counter(), time.process_time()
            try:
                return act(*arguments, **named)
            finally:
                self.taken[name] = (time.perf_counter() - wall, time.process_time() - used)

        return measured

    def begin(self, stage: str) -> None:
        if not self.begun or self.begun[-1][0] != stage:
            self.begun.append((stage, time.perf_counter()))

    def stages(self) -> dict[str, tuple[float, float]]:
        ends = [at for _, at in self.begun[1:]]
        return {STAGES[stage]: (end - at, 0.0) for (stage, at), end in zip(self.begun, ends, strict=False)}


def main() -> int:
    django.setup()
    from planning.services import building
    from planning.services.solving import SolverProcess

    steps = Steps()
    for name, words in STEPS.items():
        setattr(building, name, steps.timed(words, getattr(building, name)))
    solve = SolverProcess.solve

    def solve_in_steps(solver: Any, job: Any, on_progress: Any) -> Any:
        def report(progress: Any) -> None:
            steps.begin(progress.stage)
            on_progress(progress)

        steps.begin("start")
        plan = solve(solver, job, report)
        steps.begin("end")
        return plan

    SolverProcess.solve = solve_in_steps  # type: ignore[method-assign, assignment]
    wall = time.perf_counter()
    building.execute_plan(plan_id=int(sys.argv[1]))
    wall = time.perf_counter() - wall
    of_worker = resource.getrusage(resource.RUSAGE_SELF)
    of_solver = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = {
        "wall": wall,
        "worker_cpu": of_worker.ru_utime + of_worker.ru_stime,
        "solver_cpu": of_solver.ru_utime + of_solver.ru_stime,
        "worker_mb": of_worker.ru_maxrss / 1024,
        "solver_mb": of_solver.ru_maxrss / 1024,
        "steps": steps.taken | steps.stages(),
    }
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
