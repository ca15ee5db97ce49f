"""Hiring decision cards of a plan: asked for, worked out apart while no build waits, stored all at once.

The row of ``HiringCards`` is the truth, a message only a wake-up. A build always goes first: whoever works
out cards looks for one after each card, and lets go of his work for it.
"""

import contextlib
import datetime as dt
import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from planning.errors import PlanNotFound, PlanNotReady
from planning.models import BUILT, CardsStatus, HiringCard, HiringCards, PlanRun, StaffingMonth
from planning.services.runs import MAX_REASON, lease, list_due_runs
from planning.services.solving import ENVIRONMENT

COMMAND = [sys.executable, "-m", "planning.cards_process"]
MOST_BLOCKS = 200  # a card takes about a second
DUE = Q(status=CardsStatus.WAITING) | Q(status=CardsStatus.WORKING, lease_until__lt=Now())

logger = logging.getLogger(__name__)


class _Interrupted(Exception):
    """Somebody waits for a plan, or the work is somebody else's by now."""


class _NoCards(Exception):
    """The process died, or said why there are none."""


def request_cards(*, version: int, now: dt.datetime) -> HiringCards:
    """Have the cards of a built plan worked out (again). Raises ``PlanNotFound`` and ``PlanNotReady``."""
    status = PlanRun.objects.filter(pk=version).values_list("status", flat=True).first()
    if status is None:
        raise PlanNotFound(f"There is no plan {version}.")
    if status not in BUILT:
        raise PlanNotReady(f"Plan {version} has no hires yet: it is {status}.")
    waiting = {"status": CardsStatus.WAITING, "asked_at": now, "lease_until": None, "finished_at": None}
    cards, _ = HiringCards.objects.update_or_create(run_id=version, defaults=waiting | {"failure_reason": ""})
    return cards


def are_cards_due() -> bool:
    """Whether some wait for a worker, or have lost theirs."""
    return HiringCards.objects.filter(DUE).exists()


def work_out_next_cards() -> bool:
    """Work out the cards that were asked for last; false when none wait, or a build does."""
    if list_due_runs():
        return False
    # The newest plan is the one that somebody looks at.
    version = HiringCards.objects.filter(DUE).order_by("-asked_at").values_list("run", flat=True).first()
    if version is None or not _claim(version):
        return False
    try:
        rows = _cards_of(version)
    except _Interrupted:
        HiringCards.objects.filter(run=version, status=CardsStatus.WORKING).update(
            status=CardsStatus.WAITING, lease_until=None
        )
        return False
    except _NoCards as error:
        logger.warning("hiring cards of plan %s: %s", version, error)
        ended = {"status": CardsStatus.FAILED, "failure_reason": str(error)[:MAX_REASON]}
        HiringCards.objects.filter(run=version).update(**ended, finished_at=Now(), lease_until=None)
        return True
    with transaction.atomic():
        HiringCard.objects.filter(run_id=version).delete()
        HiringCard.objects.bulk_create([HiringCard(run_id=version, **row) for row in rows])
        HiringCards.objects.filter(run=version).update(
            status=CardsStatus.DONE, finished_at=Now(), lease_until=None
        )
    return True


def _claim(version: int) -> bool:
    held = {"status": CardsStatus.WORKING, "lease_until": Now() + lease()}
    return bool(HiringCards.objects.filter(DUE, run=version).update(**held))


def _cards_of(version: int) -> list[dict[str, Any]]:
    """Rows of cards, worked out by a process of their own."""
    run = PlanRun.objects.only("factory_json", "weights").get(pk=version)
    hires = StaffingMonth.objects.filter(run=version, hires__gt=0).order_by("month", "skill")
    blocks = list(hires.values_list("skill", "month", "hires")[:MOST_BLOCKS])
    if not blocks:
        return []
    job = {
        "parent_pid": os.getpid(),
        "memory_mb": settings.PLAN_MEMORY_MB,
        "factory": run.factory_json,
        "overtime_weight": run.weights.get("overtime", 1.0),
        "blocks": blocks,
    }
    return [_row_of(card) for card in _answers(version, job)]


def _answers(version: int, job: dict[str, Any]) -> Iterator[dict[str, Any]]:
    with tempfile.TemporaryFile() as errors, _started(errors) as process:
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(job, ensure_ascii=False) + "\n")
            process.stdin.flush()
        for line in process.stdout:
            answer = json.loads(line)
            if "done" in answer:
                return
            if "error" in answer:
                raise _NoCards(answer["error"])
            _keep(version)
            yield answer["card"]
        raise _NoCards(f"The solver process ended with status {process.wait()}.")


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


def _keep(version: int) -> None:
    """Hold the claim for another while, unless somebody waits for a plan."""
    kept = HiringCards.objects.filter(run=version, status=CardsStatus.WORKING)
    if list_due_runs() or not kept.update(lease_until=Now() + lease()):
        raise _Interrupted


def _row_of(card: dict[str, Any]) -> dict[str, Any]:
    days = {name: dt.date.fromisoformat(card[name]) for name in ("requisition_by", "decide_by")}
    return card | days
