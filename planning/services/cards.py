"""Hiring decision cards of a plan: asked for, worked out apart while no build waits, each stored as it comes.

The row of ``HiringCards`` is the truth, a message only a wake-up. Whoever works out cards holds it by an
attempt and a lease that a thread renews; the same thread looks for builds, which go first: then the cards
that are there stay, and the others wait. A worker that is lost leaves them to the next one, three times.
"""

import contextlib
import datetime as dt
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from planning.errors import PlanNotFound, PlanNotReady
from planning.models import BUILT, CardsStatus, HiringCard, HiringCards, PlanRun, StaffingMonth
from planning.services.runs import MAX_REASON, lease, list_due_runs
from planning.services.solving import ENVIRONMENT, death_words, tail

COMMAND = [sys.executable, "-m", "planning.cards_process"]
MOST_BLOCKS = 200  # a card takes about a second
MOST_LOSSES = 3
LOOK_SECONDS = 0.5
LOOKS_PER_RENEWAL = 8  # of a lease of 20 s: each renewal is a write
LOST = Q(status=CardsStatus.WORKING, lease_until__lt=Now())
DUE = Q(status=CardsStatus.WAITING) | LOST


class _Interrupted(Exception):
    """Somebody waits for a plan, or the work is somebody else's by now."""


class _NoCards(Exception):
    """The process died, or said why there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """The right to work out the cards of plan ``version``, for as long as the row shows this ``attempt``."""

    version: int
    attempt: int

    def row(self) -> "QuerySet[HiringCards]":
        held = {"run": self.version, "attempt": self.attempt, "status": CardsStatus.WORKING}
        return HiringCards.objects.filter(**held)


def request_cards(*, version: int, now: dt.datetime) -> HiringCards:
    """Have the cards of a built plan worked out (again). Raises ``PlanNotFound`` and ``PlanNotReady``."""
    status = PlanRun.objects.filter(pk=version).values_list("status", flat=True).first()
    if status is None:
        raise PlanNotFound(f"There is no plan {version}.")
    if status not in BUILT:
        raise PlanNotReady(f"Plan {version} has no hires yet: it is {status}.")
    waiting = {"status": CardsStatus.WAITING, "asked_at": now, "lease_until": None, "finished_at": None}
    with transaction.atomic():
        cards, _ = HiringCards.objects.update_or_create(
            run_id=version, defaults=waiting | {"failure_reason": "", "losses": 0}
        )
        HiringCard.objects.filter(run_id=version).delete()
    return cards


def are_cards_due() -> bool:
    """Whether some wait for a worker, or have lost theirs, and no build does."""
    return HiringCards.objects.filter(DUE).exists() and not list_due_runs()


def work_out_next_cards() -> bool:
    """Work out the cards that were asked for last; false when none wait, or a build does."""
    if list_due_runs():
        return False
    # The newest plan is the one that somebody looks at.
    version = HiringCards.objects.filter(DUE).order_by("-asked_at").values_list("run", flat=True).first()
    claim = None if version is None else _claim(version)
    if claim is None:
        return False
    ended: dict[str, Any] = {"lease_until": None}
    try:
        _work_out(claim)
        ended |= {"status": CardsStatus.DONE, "finished_at": Now()}
    except _Interrupted:
        ended |= {"status": CardsStatus.WAITING}
    except _NoCards as error:
        reason = str(error)[:MAX_REASON]
        ended |= {"status": CardsStatus.FAILED, "finished_at": Now(), "failure_reason": reason}
    claim.row().update(**ended)
    return bool(ended["status"] != CardsStatus.WAITING)


def _claim(version: int) -> _Claim | None:
    """Take the row, if it waits or its worker is lost; ``None`` for whoever comes second, and where it was
    lost too often.
    """
    lost = HiringCards.objects.filter(LOST, run=version)
    reason = f"The worker was lost {MOST_LOSSES} times."
    ended = {"status": CardsStatus.FAILED, "finished_at": Now(), "lease_until": None}
    if lost.filter(losses__gte=MOST_LOSSES - 1).update(**ended, failure_reason=reason):
        return None
    held = {"status": CardsStatus.WORKING, "attempt": F("attempt") + 1, "lease_until": Now() + lease()}
    with transaction.atomic():
        taken = lost.update(**held, losses=F("losses") + 1) or (
            HiringCards.objects.filter(run=version, status=CardsStatus.WAITING).update(**held)
        )
        if not taken:
            return None
        # Read under the lock of the update: nobody can have claimed it since.
        attempt = HiringCards.objects.values_list("attempt", flat=True).get(run=version)
    return _Claim(version=version, attempt=attempt)


def _work_out(claim: _Claim) -> None:
    """The cards that are not there yet, by a process of their own."""
    run = PlanRun.objects.only("factory_json", "weights").get(pk=claim.version)
    hires = StaffingMonth.objects.filter(run=claim.version, hires__gt=0).order_by("month", "skill")
    known = set(HiringCard.objects.filter(run=claim.version).values_list("skill", "month"))
    blocks = [
        row for row in hires.values_list("skill", "month", "hires")[:MOST_BLOCKS] if row[:2] not in known
    ]
    if not blocks:
        return
    job = {
        "parent_pid": os.getpid(),
        "memory_mb": settings.PLAN_MEMORY_MB,
        "factory": run.factory_json,
        "overtime_weight": run.weights.get("overtime", 1.0),
        "headcount_weight": run.weights.get("headcount", 0.0),
        "blocks": blocks,
    }
    with tempfile.TemporaryFile() as errors, _started(errors) as process, _Keeper(claim, process) as keeper:
        for card in _answers(process, job, errors, keeper):
            _store(claim, card)


def _answers(
    process: "subprocess.Popen[str]", job: dict[str, Any], errors: IO[bytes], keeper: "_Keeper"
) -> Iterator[dict[str, Any]]:
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    with contextlib.suppress(BrokenPipeError):
        process.stdin.write(json.dumps(job, ensure_ascii=False) + "\n")
        process.stdin.flush()
    for line in process.stdout:
        answer = json.loads(line) if line.endswith("\n") else {}
        if "done" in answer:
            return
        if "error" in answer:
            raise _NoCards(answer["error"])
        if "card" in answer:
            yield answer["card"]
    status = process.wait()
    if keeper.is_over:
        raise _Interrupted
    raise _NoCards(death_words(status, tail(errors))[1])


def _store(claim: _Claim, card: dict[str, Any]) -> None:
    days = {name: dt.date.fromisoformat(card[name]) for name in ("requisition_by", "decide_by")}
    with transaction.atomic():
        if not claim.row().update(lease_until=Now() + lease(), losses=0):
            raise _Interrupted
        HiringCard.objects.create(run_id=claim.version, **(card | days))


@contextlib.contextmanager
def _started(errors: IO[bytes]) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=settings.BASE_DIR,
        env={name: os.environ[name] for name in ENVIRONMENT if name in os.environ},
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        with contextlib.suppress(BrokenPipeError):
            process.__exit__(None, None, None)


class _Keeper:
    """A thread that keeps the lease, and kills the process when a build waits or the claim is lost."""

    def __init__(self, claim: _Claim, process: "subprocess.Popen[str]") -> None:
        self.is_over = False
        self._claim, self._process = claim, process
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"cards-{claim.version}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        for look in itertools.count():
            if self._done.wait(LOOK_SECONDS):
                break
            try:
                held = self._claim.row()
                renews = look % LOOKS_PER_RENEWAL == 0
                is_ours = held.update(lease_until=Now() + lease()) if renews else held.exists()
                self.is_over = not is_ours or bool(list_due_runs())
            except Error:  # a database that is away is only a missed look
                self._disconnect()
            if self.is_over:
                self._process.kill()
                break
        self._disconnect()

    @staticmethod
    def _disconnect() -> None:
        with contextlib.suppress(Error):
            connection.close()
