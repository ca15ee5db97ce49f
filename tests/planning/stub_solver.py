"""The real solver process around an engine that is not: it takes its time, answers with the plan made by hand
for the tiny factory, or fails as it is told to.

    python -m tests.planning.stub_solver --seconds 3
"""

import argparse
import os
import signal
import sys
import time
from types import ModuleType

from planning import solver_process
from planning.engine.errors import SolverFailed
from planning.engine.factory import Factory
from planning.engine.plan import Plan
from planning.engine.request import BuildRequest, Progress, Watch
from tests.engine.builders import plan_document

# Cost and days late of its best plans, one after the other, and how long each takes to be found.
FOUND = ((53_000.0, 9), (51_000.0, 4), (50_000.0, 2))
FIND_SECONDS = 0.3
# Without --seconds a build takes as many as its seed says; one with this seed kills its worker.
POISON = 666


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=0)
    parser.add_argument("--fault", default="")
    options = parser.parse_args()
    engine = ModuleType("planning.engine.build")

    def compose_plan(factory: Factory, request: BuildRequest, watch: Watch, *, input_digest: str) -> Plan:
        watch.on_progress(Progress(stage="material", percent=10))
        _fail("poison" if request.seed == POISON else options.fault)
        began = time.monotonic()
        seconds = options.seconds or request.seed
        while (passed := time.monotonic() - began) < seconds:
            watch.on_progress(_progress(passed, seconds))
            if watch.is_finishing():
                return _plan(factory, request, options.fault, is_cut_short=True)
            time.sleep(0.05)
        return _plan(factory, request, options.fault)

    engine.compose_plan = compose_plan
    sys.modules["planning.engine.build"] = engine
    sys.argv[1:] = []
    return solver_process.main()


def _progress(passed: float, seconds: float) -> Progress:
    cost, late_days = FOUND[min(int(passed / FIND_SECONDS), len(FOUND) - 1)]
    return Progress(
        stage="schedule",
        percent=20 + 70 * passed / seconds,
        incumbent_cost=cost,
        late_days=late_days,
        least_late_days=1,
        objective=cost + 1_000.0 * late_days,
    )


def _fail(fault: str) -> None:
    match fault:
        case "poison":
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
        case "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        case "memory":
            bytearray(64 * 1024**3)
        case "abort":
            sys.stderr.write("terminate called after throwing an instance of 'std::bad_alloc'\n")
            sys.stderr.flush()
            os.abort()
        case "unknown":
            raise SolverFailed("aggregate: the solver ended with UNKNOWN")
        case "silent":
            os._exit(0)
        case "bug":
            raise KeyError("D1")


def _plan(factory: Factory, request: BuildRequest, fault: str, *, is_cut_short: bool = False) -> Plan:
    sys.stdout.write("a library that prints to standard output\n")
    document = plan_document(factory) | {
        "version": request.version,
        "created_at": request.created_at,
        "seed": request.seed,
        "scenario": request.scenario,
        "reproducible": not is_cut_short,
    }
    if fault == "violation":
        document["operations"][0]["station"] = 7
    if fault == "empty":
        document |= {"operations": [], "planned_orders": [], "pegging": [], "promises": []}
    if fault == "other":
        document["version"] = request.version + 1
    if fault == "time":
        document["certificate"]["material"]["objective"] = time.time()
    return Plan.model_validate(document)


if __name__ == "__main__":
    sys.exit(main())
