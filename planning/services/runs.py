"""The life of a plan run as a row: asked for, claimed, ended, and found again when its worker is lost.

The row is the truth, the queue only a wake-up. Every change is one conditional ``UPDATE``, so whoever comes
second changes nothing. Leases are measured by the database's clock: those of the workers may differ.
"""

import datetime as dt
import os
import socket
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from inventory.models.fields import FIRST_DAY
from planning.engine.request import DEFAULT_WORK_BUDGET, ENGINE_VERSION, MAX_WORK_BUDGET, Weights
from planning.errors import (
    BuildFailed,
    InvalidPlanRequest,
    NoFactory,
    PlanNotCancellable,
    PlanNotFinishable,
    PlanNotFound,
)
from planning.models import BUILT, MAX_ATTEMPTS, FactorySettings, PlanRun, PlanStatus

MAX_WORKERS = 64
MAX_SEED = 2**31 - 1
MAX_REASON = 4_000
USUAL_MOVES = 0.1  # the share of a base plan's operations that may move, unless another is asked for
MAX_VIOLATIONS_KEPT = 1_000
# So many are sent again at a time, oldest first: the queue must not grow by a message per run and round.
SENT_AT_ONCE = 20
# Waits for a worker, or has lost the one it had.
DUE = Q(status=PlanStatus.QUEUED) | Q(status=PlanStatus.RUNNING, lease_until__lt=Now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to build plan ``plan_id``: it holds while the row shows this ``attempt`` as running."""

    plan_id: int
    attempt: int

    def row(self) -> QuerySet[PlanRun]:
        """The row, while the claim holds; empty afterwards."""
        return PlanRun.objects.filter(pk=self.plan_id, attempt=self.attempt, status=PlanStatus.RUNNING)


def lease() -> dt.timedelta:
    """How long a worker that is not heard of keeps its run."""
    return dt.timedelta(seconds=settings.PLAN_LEASE_SECONDS)


def request_plan(
    *,
    requested_by: Any,
    now: dt.datetime,
    as_of: dt.date | None = None,
    time_limit_seconds: int | None = None,
    workers: int | None = None,
    seed: int = 0,
    work_budget: int | None = None,
    weights: Mapping[str, float] | None = None,
    base_plan: int | None = None,
    move_budget: float | None = None,
) -> PlanRun:
    """Record that a plan is wanted. ``as_of`` empty: the factory's planning date when the build starts.
    ``workers`` empty: as many as the machine gives that builds it first.

    ``weights``: those of the engine's ``Weights`` that are not the usual ones. ``base_plan``: the version of
    a built plan that is to be changed as little as possible.
    """
    factory = FactorySettings.objects.first()
    if factory is None:
        raise NoFactory("There is no factory to plan. Import one first: manage.py import_factory FILE.")
    if as_of is not None and not FIRST_DAY <= as_of < factory.horizon_end:
        raise InvalidPlanRequest(
            "as_of",
            f"a day from {FIRST_DAY} to before the end of the horizon ({factory.horizon_end}) is expected.",
        )
    _require("time_limit_seconds", time_limit_seconds, 1, settings.PLAN_MAX_SECONDS)
    _require("workers", workers, 1, MAX_WORKERS)
    _require("seed", seed, 0, MAX_SEED)
    _require("work_budget", work_budget, 1, MAX_WORK_BUDGET)
    base = _base(base_plan, move_budget)
    if base is not None and move_budget is None:
        move_budget = USUAL_MOVES
    return PlanRun.objects.create(
        weights=_weights(weights or {}),
        base_plan=base,
        move_budget=move_budget,
        requested_by=requested_by,
        requested_at=now,
        as_of=as_of,
        time_limit_seconds=time_limit_seconds,
        workers=workers,
        seed=seed,
        # Kept with the run, so that a later release with another default still rebuilds the same plan.
        work_budget=DEFAULT_WORK_BUDGET if work_budget is None else work_budget,
    )


def claim_plan(*, plan_id: int) -> Claim | None:
    """Take the run, if it waits or its worker is lost; ``None`` for whoever comes second."""
    with transaction.atomic():
        taken = (
            PlanRun.objects.filter(pk=plan_id, attempt__lt=MAX_ATTEMPTS)
            .filter(DUE)
            .update(
                status=PlanStatus.RUNNING,
                attempt=F("attempt") + 1,
                lease_until=Now() + lease(),
                worker=f"{socket.gethostname()}:{os.getpid()}"[:200],
                started_at=Now(),
                stage="",
                percent=0,
                incumbent_cost=None,
                course=[],
                progress_at=Now(),
                engine_version=ENGINE_VERSION,
                # Kept by whoever builds it again: another number gives another plan.
                workers=Coalesce("workers", settings.PLAN_WORKERS),
            )
        )
        if not taken:
            return None
        # Read under the lock of the update: nobody can have claimed it since.
        attempt = PlanRun.objects.values_list("attempt", flat=True).get(pk=plan_id)
    return Claim(plan_id=plan_id, attempt=attempt)


def fail_run(*, claim: Claim, failure: BuildFailed) -> bool:
    """End the run without a plan; false when the claim does not hold any more."""
    return bool(
        claim.row().update(
            status=PlanStatus.FAILED,
            finished_at=Now(),
            lease_until=None,
            failure_code=failure.code[:64],
            failure_reason=str(failure)[:MAX_REASON] or failure.code,
            violations=failure.violations[:MAX_VIOLATIONS_KEPT],
        )
    )


def cancel_plan(*, version: int, by: Any, now: dt.datetime) -> PlanRun:
    """Stop a run that waits or is being built. Its worker sees it within a second and is free again.

    The row is cancelled here and now, whether or not the worker still lives: what it builds cannot be saved
    any more.
    """
    stopped = PlanRun.objects.filter(pk=version, status__in=[PlanStatus.QUEUED, PlanStatus.RUNNING]).update(
        status=PlanStatus.CANCELLED,
        cancel_requested_at=now,
        cancelled_by=by,
        finished_at=Now(),
        lease_until=None,
    )
    run = _existing(version)
    if not stopped:
        state = run.get_status_display().lower()
        raise PlanNotCancellable(f"Plan {version} is {state}: only a queued or running one can be cancelled.")
    return run


def finish_plan(*, version: int, by: Any, now: dt.datetime) -> PlanRun:
    """Have a running build end with the best plan it has so far; one without any goes on to its first.

    The worker sees it within a second. The request stays with the run: an attempt after this one finishes
    early as well. Asked again, it stays as it was first asked.
    """
    PlanRun.objects.filter(pk=version, status=PlanStatus.RUNNING, finish_requested_at=None).update(
        finish_requested_at=now, finish_requested_by=by
    )
    run = _existing(version)
    if run.status != PlanStatus.RUNNING:
        state = run.get_status_display().lower()
        raise PlanNotFinishable(f"Plan {version} is {state}: only a running build can be finished.")
    return run


def reap_plan_runs() -> list[int]:
    """Give up runs that lost their worker for the last time; return those to be sent again, oldest first.

    A message may come twice: the second one finds nothing to claim.
    """
    expired = PlanRun.objects.filter(status=PlanStatus.RUNNING, lease_until__lt=Now())
    expired.filter(attempt__gte=MAX_ATTEMPTS).update(
        status=PlanStatus.FAILED,
        finished_at=Now(),
        lease_until=None,
        failure_code="worker_lost",
        failure_reason=f"worker lost {MAX_ATTEMPTS} times: building this plan may be what ends the worker",
    )
    return list_due_runs()


def list_due_runs() -> list[int]:
    """Runs that wait for a worker or have lost theirs, the oldest request first."""
    due = PlanRun.objects.filter(attempt__lt=MAX_ATTEMPTS).filter(DUE)
    return list(due.order_by("requested_at", "pk").values_list("pk", flat=True)[:SENT_AT_ONCE])


def _existing(version: int) -> PlanRun:
    run = PlanRun.objects.defer("factory_json").filter(pk=version).first()
    if run is None:
        raise PlanNotFound(f"There is no plan {version}.")
    return run


def _weights(asked: Mapping[str, float]) -> dict[str, float]:
    """All of the weights, so that a later release with other ones still rebuilds the same plan."""
    unknown = asked.keys() - {each.name for each in fields(Weights)}
    if unknown:
        raise InvalidPlanRequest("weights", f"there is no weight {', '.join(sorted(unknown))}.")
    try:
        return asdict(Weights(**{name: float(value) for name, value in asked.items()}))
    except ValueError as error:
        raise InvalidPlanRequest("weights", f"{error}.") from error


def _base(version: int | None, move_budget: float | None) -> PlanRun | None:
    if move_budget is not None and not 0 <= move_budget <= 1:
        raise InvalidPlanRequest("move_budget", f"a share from 0 to 1 is expected, not {move_budget}.")
    if version is None:
        if move_budget is not None:
            raise InvalidPlanRequest("move_budget", "a base plan is expected of which operations may move.")
        return None
    run = PlanRun.objects.defer("factory_json").filter(pk=version, status__in=BUILT).first()
    if run is None:
        raise InvalidPlanRequest("base_plan", f"a plan that is built is expected, {version} is none.")
    return run


def _require(field: str, value: int | None, low: int, high: int) -> None:
    if value is not None and not low <= value <= high:
        raise InvalidPlanRequest(field, f"a whole number from {low} to {high} is expected, not {value}.")
