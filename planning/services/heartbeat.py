"""A thread beside the build that keeps its lease, writes its progress and learns when to stop or to finish.

It has a database connection of its own, and a database that restarts meanwhile is only a missed beat.
"""

import contextlib
import datetime as dt
import enum
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.models.functions import Now

from planning.engine.request import Progress
from planning.services.course import Course
from planning.services.runs import Claim, lease

# A cancelled build must end within 2 s: it is looked for several times in each.
POLL_SECONDS = 0.25
PROGRESS_SECONDS = 0.5
# Four missed heartbeats: a worker that pauses for one is not taken for dead.
BEATS_PER_LEASE = 4


class Verdict(enum.Enum):
    """Why the build must stop."""

    LOST = "the run is cancelled, or somebody else's by now"
    TOO_LONG = "the wall clock guard"


class Heartbeat:
    """``with Heartbeat(claim=...)``: its thread calls what ``at_verdict`` was told at its ``verdict``; and
    what ``while_finishing`` was told at every beat from when somebody asked to finish, for the solver may
    not listen yet.
    """

    def __init__(self, *, claim: Claim) -> None:
        self.claim = claim
        self.verdict: Verdict | None = None
        self._stops: list[Callable[[], None]] = []
        self._finishes: list[Callable[[], None]] = []
        self._is_finishing = False
        self._looks_next = False
        self._done = threading.Event()
        self.course = Course()
        self._course_written = self.course.steps
        self._progress: Progress | None = None
        self._written: Progress | None = None
        self._last_write = self._began = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=f"heartbeat-{claim.plan_id}", daemon=True)

    def report(self, progress: Progress) -> None:
        """Note the progress; the next beat writes it."""
        self.course.note(time.monotonic() - self._began, progress)
        self._progress = progress

    def at_verdict(self, stop: Callable[[], None]) -> None:
        """Call ``stop`` when there is a verdict, now if there is one already; it may be called twice."""
        self._stops.append(stop)
        if self.verdict is not None:
            stop()

    def while_finishing(self, finish: Callable[[], None]) -> None:
        """Call ``finish`` again and again from when somebody asks for the best plan so far."""
        self._finishes.append(finish)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while self.verdict is None and not self._done.wait(POLL_SECONDS):
                self.verdict = self._beat()
                for finish in tuple(self._finishes) if self._is_finishing else ():
                    finish()
            if self.verdict is not None:
                for stop in tuple(self._stops):
                    stop()
        finally:
            _close_connection()

    def _beat(self) -> Verdict | None:
        if time.monotonic() - self._began > settings.PLAN_MAX_SECONDS:
            return Verdict.TOO_LONG
        try:
            return None if self._still_ours() else Verdict.LOST
        except Error:
            _close_connection()
            # Out of touch for a whole lease: another worker has the run by now.
            return Verdict.LOST if self._silence() > lease().total_seconds() else None

    def _still_ours(self) -> bool:
        # Never two writes on end: between them is a look, which alone learns of a wish to finish.
        if self._looks_next or not self._is_write_due():
            return self._look()
        progress = self._progress
        steps = self.course.steps
        told: dict[str, Any] = {} if progress is None else _columns(progress)
        if steps is not self._course_written:
            told["course"] = [step._asdict() for step in steps]
        is_ours = bool(self.claim.row().update(lease_until=Now() + lease(), **told))
        self._written, self._course_written, self._last_write = progress, steps, time.monotonic()
        self._looks_next = True
        return is_ours

    def _look(self) -> bool:
        row = self.claim.row().values_list("finish_requested_at").first()
        self._looks_next = False
        self._is_finishing = row is not None and row[0] is not None
        return row is not None

    def _is_write_due(self) -> bool:
        silence = self._silence()
        has_news = self._progress is not self._written
        return silence > lease().total_seconds() / BEATS_PER_LEASE or (
            has_news and silence > PROGRESS_SECONDS
        )

    def _silence(self) -> float:
        return time.monotonic() - self._last_write


def _columns(progress: Progress) -> dict[str, str | int | float | dt.datetime | Now | None]:
    return {
        "stage": progress.stage[:64],
        "percent": max(0, min(100, int(progress.percent))),
        "incumbent_cost": progress.incumbent_cost,
        "progress_at": Now(),
    }


def _close_connection() -> None:
    with contextlib.suppress(Error):
        connection.close()
