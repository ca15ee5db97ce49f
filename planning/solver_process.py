"""The solver in a process of its own: ``python -m planning.solver_process``, started and killed by a worker.

Two lines of JSON come in: who asks, so that the engine is loaded meanwhile; then the request and the frozen
factory. Lines of JSON go out: ``{"progress": ...}`` any number of times, then one ``{"plan": ...}`` or
``{"error": ...}``. The plan is not verified here: the worker does that. No Django and no database here.
Standard input stays open for as long as the worker wants the answer: when it closes, the worker is dead and
so is this process. Whatever comes on it after the job says: finish with the best plan so far.
"""

import gc
import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TextIO

from planning.engine.errors import EngineError
from planning.engine.request import (
    BaseOperation,
    BaseOrder,
    BasePeg,
    BasePlan,
    BasePromise,
    BuildRequest,
    Progress,
    Watch,
    Weights,
)
from planning.processes import follow_into_death, limit_memory, private_output, write_line

# A plan is millions of small objects that live until its end: looking for garbage among them every 700 of
# them takes a third of the time.
RARE_COLLECTIONS = (1_000_000, 5, 5)


def main() -> int:
    """Build one plan; exit status 0 when an answer, good or bad, was written."""
    answers = private_output()
    greeting = json.loads(sys.stdin.readline())
    # A worker that is killed takes its solver with it, even one that is deep in native code.
    follow_into_death(int(greeting["parent_pid"]))
    limit_memory(greeting["memory_mb"])
    gc.set_threshold(*RARE_COLLECTIONS)
    try:
        _load_engine()
        line = sys.stdin.readline()
        if not line:
            return 1  # the worker needs no plan after all
        job = json.loads(line)
        finishing = threading.Event()
        threading.Thread(target=_listen, args=[finishing], daemon=True).start()
        answers.write(f'{{"plan":{_build(job, answers, finishing.is_set)}}}\n')
        answers.flush()
    except EngineError as error:
        write_line(answers, {"error": {"code": error.code, "reason": str(error)}})
    except MemoryError:
        write_line(answers, {"error": {"code": "out_of_memory", "reason": "The solver ran out of memory."}})
    return 0


def _load_engine() -> None:
    """Loaded after the memory limit is set, which counts what the solver itself takes. The loops as well,
    which nobody else loads before the first schedule.
    """
    import planning.engine.build
    import planning.engine.outline.loops.net
    import planning.engine.shopfloor.loops.deliver
    import planning.engine.shopfloor.loops.generate
    import planning.engine.shopfloor.loops.later
    import planning.engine.shopfloor.loops.postpone  # noqa: F401


def _build(job: dict[str, Any], answers: TextIO, is_finishing: Callable[[], bool]) -> str:
    from planning.engine.build import compose_plan
    from planning.engine.factory_codec import digest, read_factory
    from planning.engine.plan import pack_plan

    def report(progress: Progress) -> None:
        write_line(answers, {"progress": asdict(progress)})

    request = _request_of(job["request"])
    solver = os.getpid()
    watch = Watch(
        on_progress=report,
        is_finishing=is_finishing,
        prepare_helper=lambda: follow_into_death(solver),
    )
    text = job["factory"]
    return pack_plan(compose_plan(read_factory(text), request, watch, input_digest=digest(text)))


def _request_of(fields: dict[str, Any]) -> BuildRequest:
    base = fields["base"]
    read = {
        "created_at": datetime.fromisoformat(fields["created_at"]),
        "weights": Weights(**fields["weights"]),
        "base": base and _base_of(base),
    }
    return BuildRequest(**fields | read)


def _base_of(base: dict[str, Any]) -> BasePlan:
    return BasePlan(
        version=base["version"],
        operations=_operations(base["operations"]),
        orders=tuple(
            BaseOrder(
                order, item, Decimal(qty), date.fromisoformat(release), date.fromisoformat(due), kind, firm
            )
            for order, item, qty, release, due, kind, firm in base["orders"]
        ),
        promises=tuple(
            BasePromise(
                order,
                line,
                instalment,
                date.fromisoformat(requested),
                promised and date.fromisoformat(promised),
            )
            for order, line, instalment, requested, promised in base["promises"]
        ),
        pegs=tuple(BasePeg(order, item, Decimal(qty), *user) for order, item, qty, *user in base["pegs"]),
        troubled=tuple(base["troubled"]),
    )


def _operations(rows: list[list[Any]]) -> tuple[BaseOperation, ...]:
    return tuple(
        BaseOperation._make(
            (*row[:3], Decimal(row[3]), *row[4:6], *(datetime.fromisoformat(each) for each in row[6:]))
        )
        for row in rows
    )


def _listen(finishing: threading.Event) -> None:
    """Whatever comes means finish; the end of input, that nobody waits any more."""
    # Read below Python's buffer: a helper is forked while this waits, and would wait for the buffer's lock
    # for ever. The buffer may have taken a byte along with the job, which is why the worker asks repeatedly.
    while os.read(0, 4096):
        finishing.set()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main())
