"""The solver in a process of its own: ``python -m planning.solver_process``, started and killed by a worker.

One line of JSON comes in (the request and the frozen factory); lines of JSON go out: ``{"progress": ...}``
any number of times, then one ``{"plan": ...}`` or ``{"error": ...}``. The plan is not verified here: the
worker does that. No Django and no database here.
Standard input stays open for as long as the worker wants the answer: when it closes, the worker is dead and
so is this process.
"""

import contextlib
import ctypes
import gc
import json
import os
import resource
import signal
import sys
import threading
from datetime import datetime
from typing import Any, TextIO

from planning.engine.errors import EngineError
from planning.engine.request import BuildRequest, Progress, Watch

PR_SET_PDEATHSIG = 1
# A plan is millions of small objects that live until its end: looking for garbage among them every 700 of
# them takes a third of the time.
RARE_COLLECTIONS = (1_000_000, 5, 5)


def main() -> int:
    """Build one plan; exit status 0 when an answer, good or bad, was written."""
    answers = _private_output()
    job = json.loads(sys.stdin.readline())
    _die_with_parent(int(job["parent_pid"]))
    _limit_memory(job["memory_mb"])
    gc.set_threshold(*RARE_COLLECTIONS)
    try:
        answers.write(f'{{"plan":{_build(job, answers)}}}\n')
        answers.flush()
    except EngineError as error:
        _write(answers, {"error": {"code": error.code, "reason": str(error)}})
    except MemoryError:
        _write(answers, {"error": {"code": "out_of_memory", "reason": "The solver ran out of memory."}})
    return 0


def _build(job: dict[str, Any], answers: TextIO) -> str:
    # Imported after the memory limit is set, which then counts what the solver itself takes.
    from planning.engine.build import compose_plan
    from planning.engine.factory_codec import read_factory
    from planning.engine.plan import pack_plan

    def report(progress: Progress) -> None:
        _write(
            answers,
            {
                "progress": {
                    "stage": progress.stage,
                    "percent": progress.percent,
                    "incumbent_cost": progress.incumbent_cost,
                }
            },
        )

    fields = job["request"]
    request = BuildRequest(**fields | {"created_at": datetime.fromisoformat(fields["created_at"])})
    solver = os.getpid()
    watch = Watch(on_progress=report, prepare_helper=lambda: _follow_into_death(solver))
    return pack_plan(compose_plan(read_factory(job["factory"]), request, watch))


def _private_output() -> TextIO:
    """Answers leave by a descriptor of their own: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def _write(answers: TextIO, message: dict[str, Any]) -> None:
    answers.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")
    answers.flush()


def _die_with_parent(parent_pid: int) -> None:
    """A worker that is killed takes its solver with it, even one that is deep in native code."""
    _follow_into_death(parent_pid)
    threading.Thread(target=_exit_at_end_of_input, daemon=True).start()


def _follow_into_death(parent_pid: int) -> None:
    """Ask the kernel to kill this process when its parent dies; go at once if it is dead already."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def _exit_at_end_of_input() -> None:
    # Read below Python's buffer: a helper is forked while this waits, and would wait for the buffer's lock
    # for ever.
    while os.read(0, 4096):
        pass
    os._exit(1)


def _limit_memory(megabytes: int | None) -> None:
    if megabytes is not None:
        size = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    sys.exit(main())
