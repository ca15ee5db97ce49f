"""Verifying a solver's answer while it is being stored: no plan is trusted on the solver's word.

A large plan takes as long to verify as to write into the database, and both only read it. Where the database
is a server, a forked child verifies while this process writes, and the rows are committed after its verdict;
an embedded one would keep every other writer waiting, so there the verdict comes first.
"""

import contextlib
import gc
import json
import os
import signal
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from planning.engine.factory import Factory
from planning.engine.plan import Plan
from planning.engine.verify import violations
from planning.errors import BuildFailed
from planning.models import PlanRun
from planning.processes import follow_into_death

RequireSound = Callable[[], None]
Found = list[dict[str, Any]]


@contextlib.contextmanager
def verifying(run: PlanRun, factory: Factory, plan: Plan) -> Iterator[RequireSound]:
    """Rules and cost are recomputed from the two documents; the function raises ``BuildFailed`` when the plan
    does not hold, as often as it is called. It waits for the verdict where there is none yet.
    """
    if (plan.version, plan.input_digest) != (run.pk, run.input_digest):
        raise BuildFailed("wrong_answer", f"The solver answered for plan {plan.version} or another input.")
    if connection.vendor != "postgresql":
        _require_none(_verify(factory, plan))
        yield lambda: None
        return
    with ForkedWork(lambda: _verify(factory, plan)) as child:
        yield lambda: _require_none(child.answer())


def _verify(factory: Factory, plan: Plan) -> Found:
    return [violation.as_dict() for violation in violations(factory, plan)]


def _require_none(found: Found) -> None:
    if found:
        first = f"{found[0]['rule']}, {found[0]['entity']}: {found[0]['text']}"
        raise BuildFailed("violations", f"The plan has {len(found)} violations, the first: {first}", found)


class ForkedWork:
    """``work`` in a forked child, which has what this process has in its memory and touches nothing else."""

    def __init__(self, work: Callable[[], Found]) -> None:
        self._work = work
        self._answer: Found | None = None

    def __enter__(self) -> "ForkedWork":
        parent = os.getpid()
        self._reader, writer = os.pipe()
        gc.freeze()  # the child's collector would copy every page that it looks at
        with warnings.catch_warnings():
            # The child computes and says what it found: no lock of another thread is ever taken in it.
            warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
            self._pid = os.fork()
        if self._pid == 0:
            _answer_and_exit(parent, writer, self._work)
        gc.unfreeze()
        os.close(writer)
        return self

    def answer(self) -> Found:
        """What the child found; waits for it. Raises ``BuildFailed`` when it died."""
        if self._answer is None:
            with os.fdopen(self._reader, "rb", closefd=False) as pipe:
                text = pipe.read()
            if not text.endswith(b"\n"):
                raise BuildFailed("verifier_crashed", "The verifier ended without a verdict: out of memory?")
            self._answer = json.loads(text)
        return self._answer

    def __exit__(self, *error: object) -> None:
        os.close(self._reader)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


def _answer_and_exit(parent: int, writer: int, work: Callable[[], Found]) -> None:
    """The child's whole life: it never returns, so that nothing of its parent is closed or flushed twice."""
    status = 1
    try:
        follow_into_death(parent)
        gc.disable()
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(work()).encode() + b"\n")
        status = 0
    finally:
        os._exit(status)
