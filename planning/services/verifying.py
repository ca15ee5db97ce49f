"""Verifying a solver's answer while it is being stored: no plan is trusted on the solver's word.

A large plan takes as long to verify as to write into the database, and both only read it. Where the database
is a server, a forked child verifies while this process writes, and the rows are committed after its verdict;
an embedded one would keep every other writer waiting, so there the verdict comes first.
"""

import contextlib
import gc
import json
import logging
import os
import signal
import threading
import traceback
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
from planning.services.heartbeat import Heartbeat

logger = logging.getLogger(__name__)

RequireSound = Callable[[], None]
Found = list[dict[str, Any]]


@contextlib.contextmanager
def verifying(run: PlanRun, factory: Factory, plan: Plan, heartbeat: Heartbeat) -> Iterator[RequireSound]:
    """Rules and cost are recomputed from the two documents; the function raises ``BuildFailed`` when the plan
    does not hold, as often as it is called. It waits for the verdict where there is none yet, and no longer
    than ``heartbeat`` lets it.
    """
    if (plan.version, plan.input_digest) != (run.pk, run.input_digest):
        raise BuildFailed("wrong_answer", f"The solver answered for plan {plan.version} or another input.")
    if connection.vendor != "postgresql":
        _require_none(_verify(factory, plan))
        yield lambda: None
        return
    with ForkedWork(lambda: _verify(factory, plan)) as child:
        heartbeat.at_verdict(child.kill)
        yield lambda: _require_none(child.answer())


def _verify(factory: Factory, plan: Plan) -> Found:
    return [violation.as_dict() for violation in violations(factory, plan)]


def _require_none(found: Found) -> None:
    if found:
        first = f"{found[0]['rule']}, {found[0]['entity']}: {found[0]['text']}"
        raise BuildFailed("violations", f"The plan has {len(found)} violations, the first: {first}", found)


class ForkedWork:
    """``work`` in a forked child, which has what this process has in its memory and touches nothing else.

    ``kill`` may be called from another thread, at any time and more than once.
    """

    def __init__(self, work: Callable[[], Found]) -> None:
        self._work = work
        self._answer: Found | None = None
        self._is_gone = False
        self._lock = threading.Lock()

    def __enter__(self) -> "ForkedWork":
        self._reader, writer = os.pipe()
        try:
            self._pid = self._fork(writer)
        except OSError:
            os.close(self._reader)
            raise
        finally:
            os.close(writer)
        return self

    def _fork(self, writer: int) -> int:
        parent = os.getpid()
        # No signal but the kill ever reaches the child: a handler of its parent's would end it, or unwind it
        # into the parent's own work.
        usual = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        gc.freeze()  # the child's collector would copy every page that it looks at
        try:
            with warnings.catch_warnings():
                # The child computes and says what it found: no lock of another thread is ever taken in it.
                warnings.filterwarnings(
                    "ignore", message=".*multi-threaded.*fork", category=DeprecationWarning
                )
                pid = os.fork()
                if pid == 0:
                    _answer_and_exit(parent, self._reader, writer, self._work)
                return pid
        finally:
            gc.unfreeze()
            signal.pthread_sigmask(signal.SIG_SETMASK, usual)

    def answer(self) -> Found:
        """What the child found; waits for it. Raises ``BuildFailed`` when it failed or died."""
        if self._answer is None:
            with os.fdopen(self._reader, "rb", closefd=False) as pipe:
                text = pipe.read()
            if not text.endswith(b"\n"):
                raise BuildFailed("verifier_crashed", "The verifier ended without a verdict: out of memory?")
            said = json.loads(text)
            if "failure" in said:
                logger.error("the verifier failed\n%s", said["trace"])
                raise BuildFailed("verifier_crashed", f"The verifier failed: {said['failure']}")
            self._answer = said["found"]
        return self._answer

    def kill(self) -> None:
        """End it now: it gives no verdict, if it has not given one already."""
        with self._lock:
            if not self._is_gone:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self._pid, signal.SIGKILL)

    def __exit__(self, *error: object) -> None:
        self.kill()
        with self._lock:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(self._pid, 0)
            self._is_gone = True  # another process may have its number from now on
        os.close(self._reader)


def _answer_and_exit(parent: int, reader: int, writer: int, work: Callable[[], Found]) -> None:
    """The child's whole life: it never returns, so that nothing of its parent is closed or flushed twice."""
    status = 1
    try:
        follow_into_death(parent)
        os.close(reader)
        gc.disable()
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps(_said_of(work)).encode() + b"\n")
        status = 0
    finally:
        os._exit(status)


def _said_of(work: Callable[[], Found]) -> dict[str, Any]:
    try:
        return {"found": work()}
    except Exception as error:  # noqa: BLE001 - told to the parent, which raises
        return {"failure": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}
