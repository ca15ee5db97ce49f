"""The worker's end of the solver process: start it, hear it, kill it, and put its death into words.

The solver runs apart because it is native code that may crash, swell or not listen: a process can be lost
without losing the worker.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import IO, Any, Self

from django.conf import settings

from planning.engine.errors import InvalidPlan
from planning.engine.plan import Plan, unpack_plan
from planning.engine.request import BuildRequest, Progress
from planning.errors import BuildFailed

COMMAND = [sys.executable, "-m", "planning.solver_process"]
# What the solver is allowed to know of its surroundings: no address, no key.
ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TZ",
    "TMPDIR",
    "PYTHONPATH",
    "PYTHONHASHSEED",
    "LD_LIBRARY_PATH",
)
STDERR_TAIL = 2_000
MEMORY_SIGNS = (
    "bad_alloc",
    "MemoryError",
    "out of memory",
    "Cannot allocate memory",
    "failed to map segment",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a build needs: the frozen factory (canonical factory-1) and the request."""

    factory_json: str
    request: BuildRequest


class SolverProcess:
    """One build: ``with SolverProcess() as solver``, which loads its engine at once, so that it is ready when
    there is a job. ``kill`` and ``finish`` may be called from another thread, at any time and more than once.
    """

    def __init__(self) -> None:
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        try:
            self._process = self._start()
        except OSError:
            self._errors.close()
            raise
        self._is_killed = False
        # A large job is written for seconds: what others write must not come into the middle of it.
        self._writing = threading.Lock()
        self._has_job = False

    def _start(self) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=settings.BASE_DIR,
            env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
            encoding="utf-8",
        )

    def __enter__(self) -> Self:
        greeting = {"parent_pid": os.getpid(), "memory_mb": settings.PLAN_MEMORY_MB}
        with contextlib.suppress(BrokenPipeError):  # it died at once: ``solve`` says why
            self._write(greeting)
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        with contextlib.suppress(BrokenPipeError):
            self._process.__exit__(None, None, None)
        self._errors.close()

    def kill(self) -> None:
        """End it now. ``solve`` then raises ``BuildFailed`` with the code "killed"."""
        self._is_killed = True
        self._process.kill()

    def finish(self) -> None:
        """Ask it for the best plan it has. Does nothing and never waits while it has no job: ask again."""
        if not self._writing.acquire(blocking=False):
            return
        try:
            if self._has_job:
                self._send("\n")
        except BrokenPipeError:
            pass  # it is done, or dead: ``solve`` says which
        finally:
            self._writing.release()

    def solve(self, job: Job, on_progress: Callable[[Progress], None]) -> Plan:
        """Build the plan; raise ``BuildFailed`` when there is none, with the reason."""
        answer = self._converse(job, on_progress)
        self._process.kill()
        self._process.wait()
        if answer is None:
            raise self._death(self._process.returncode, tail(self._errors))
        return _plan_of(answer)

    def _write(self, message: dict[str, Any]) -> None:
        self._send(json.dumps(message, ensure_ascii=False) + "\n")

    def _send(self, text: str) -> None:
        assert self._process.stdin is not None  # noqa: S101
        self._process.stdin.write(text)
        self._process.stdin.flush()

    def _converse(self, job: Job, on_progress: Callable[[Progress], None]) -> str | None:
        """Hand over the job and listen; return the last line, or ``None`` when the process died first."""
        assert self._process.stdout is not None  # noqa: S101
        try:
            with self._writing:
                self._write(_message(job))
                self._has_job = True
        except BrokenPipeError:
            return None
        for line in self._process.stdout:
            if not line.startswith('{"progress":'):
                return line if line.endswith("\n") else None
            on_progress(Progress(**json.loads(line)["progress"]))
        self._process.wait()
        return None

    def _death(self, status: int, errors: str) -> BuildFailed:
        if self._is_killed:
            return BuildFailed("killed", "The build was stopped.")
        return BuildFailed(*death_words(status, errors))


def death_words(status: int, errors: str) -> tuple[str, str]:
    """A code and a sentence for a process that ended with ``status`` and wrote ``errors`` last."""
    if any(sign in errors for sign in MEMORY_SIGNS):
        limit = settings.PLAN_MEMORY_MB
        return "out_of_memory", f"The solver needed more memory than its limit of {limit} MB."
    how = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
    last = errors.strip().splitlines()[-1:] or ["it said nothing"]
    return "solver_crashed", f"The solver process ended with {how}: {last[0]}"


def _message(job: Job) -> dict[str, Any]:
    asked = job.request
    request: dict[str, Any] = asdict(replace(asked, base=None))
    request["created_at"] = asked.created_at.isoformat()
    if asked.base is not None:
        operations = [
            (*row[:3], str(row.qty), *row[4:6], *(moment.isoformat() for moment in row[6:]))
            for row in asked.base.operations
        ]
        orders = [
            (*row[:2], str(row.qty), row.release.isoformat(), row.due.isoformat(), row.kind, row.firm)
            for row in asked.base.orders
        ]
        promises = [
            (*row[:3], row.requested.isoformat(), row.promised and row.promised.isoformat())
            for row in asked.base.promises
        ]
        request["base"] = {
            "version": asked.base.version,
            "operations": operations,
            "orders": orders,
            "promises": promises,
            "troubled": asked.base.troubled,
            "pegs": [(*row[:2], str(row.qty), *row[3:]) for row in asked.base.pegs],
        }
    return {"request": request, "factory": job.factory_json}


def _plan_of(answer: str) -> Plan:
    if answer.startswith('{"error":'):
        error = json.loads(answer)["error"]
        raise BuildFailed(error["code"], error["reason"])
    try:
        return unpack_plan(answer.removeprefix('{"plan":').rstrip().removesuffix("}"))
    except InvalidPlan as error:
        raise BuildFailed("invalid_plan", f"The solver's answer is not a plan: {error}") from error


def tail(errors: IO[bytes]) -> str:
    """The end of what a process wrote to its standard error."""
    size = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size - STDERR_TAIL))
    return errors.read().decode(errors="replace")
