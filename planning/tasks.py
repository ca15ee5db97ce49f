"""What workers are woken for, and the functions that record and send in one go.

A message is a wake-up and carries only an id. It may come twice or never: the rows decide which run is built
(``planning.services.runs``).
"""

import datetime as dt
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import kombu.exceptions
import redis
from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

from planning.errors import PlanningError
from planning.models import HiringCards, PlanRun
from planning.services import runs
from planning.services.building import execute_next_plan
from planning.services.cards import are_cards_due, request_cards, work_out_next_cards
from planning.services.requirements import refresh_if_changed

BROKER_ERRORS = (kombu.exceptions.OperationalError, redis.RedisError, OSError)
# A request must not wait for a broker that is down or frozen.
BROKER_SECONDS = 1

logger = logging.getLogger(__name__)


def submit_plan(
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
    """Request a plan and send it to a worker once the request is committed."""
    run = runs.request_plan(
        requested_by=requested_by,
        now=now,
        as_of=as_of,
        time_limit_seconds=time_limit_seconds,
        workers=workers,
        seed=seed,
        work_budget=work_budget,
        weights=weights,
        base_plan=base_plan,
        move_budget=move_budget,
    )
    transaction.on_commit(partial(send, plan_id=run.pk))
    return run


def send(*, plan_id: int) -> bool:
    """Wake a worker; where the broker is away, the run stays queued and the reaper sends it later."""
    try:
        _ask_broker()
        execute_plan_task.apply_async(kwargs={"plan_id": plan_id}, retry=False)
    except BROKER_ERRORS as error:
        logger.warning("plan %s stays queued, the broker cannot be reached: %s", plan_id, error)
        return False
    return True


def submit_cards(*, version: int, now: dt.datetime) -> HiringCards:
    """Have the hiring cards of a plan worked out, and wake a worker once that is committed."""
    cards = request_cards(version=version, now=now)
    transaction.on_commit(send_for_cards)
    return cards


def send_for_cards() -> bool:
    """Wake a worker for hiring cards; where the broker is away they wait for the reaper."""
    try:
        _ask_broker()
        # By then the reaper sends another: none pile up while all workers build.
        work_out_hiring_cards_task.apply_async(retry=False, expires=settings.REAP_SECONDS)
    except BROKER_ERRORS as error:
        logger.warning("hiring cards wait, the broker cannot be reached: %s", error)
        return False
    return True


def _ask_broker() -> None:
    """Raise at once where it does not answer: the client below the queue tries again for many seconds."""
    url = execute_plan_task.app.conf.broker_url
    patience = {"socket_timeout": BROKER_SECONDS, "socket_connect_timeout": BROKER_SECONDS}
    with redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **patience) as client:
        client.ping()


@shared_task(ignore_result=True)
def execute_plan_task(*, plan_id: int, **_: Any) -> None:
    """Plan ``plan_id`` waits: build it, or the one that waits longest. A second delivery finds nothing to do.

    ``**_`` lets an old worker accept a message from a newer release.
    """
    logger.info("woken for plan %s", plan_id)
    execute_next_plan()
    if are_cards_due():
        send_for_cards()


@shared_task(ignore_result=True)
def work_out_hiring_cards_task(**_: Any) -> None:
    """Some plan's hiring cards wait: work them out, unless a build waits. A second delivery finds nothing."""
    if work_out_next_cards() and are_cards_due():
        send_for_cards()


@shared_task(ignore_result=True)
def reap_plan_runs_task(**_: Any) -> None:
    """Send again what was forgotten, until the broker is gone."""
    for plan_id in runs.reap_plan_runs():
        if not send(plan_id=plan_id):
            return
    if are_cards_due():
        send_for_cards()


@shared_task(ignore_result=True)
def refresh_requirements_task(**_: Any) -> None:
    """Bring the material requirements up to date where something has changed; a second delivery finds
    nothing to do.
    """
    try:
        run = refresh_if_changed(now=timezone.now())
    except PlanningError as error:
        logger.warning("requirements stay as they are: %s", error)
    else:
        if run is not None:
            logger.info("%s: %s of %s items planned again", run, run.planned_again, run.items)
