"""The row of a run decides: who may build, who may save, what is sent again."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from config.celery import app as celery_app
from planning.engine.factory_codec import canonical_json, digest
from planning.errors import (
    BuildFailed,
    InvalidPlanRequest,
    LostClaim,
    NoFactory,
    PlanNotCancellable,
    PlanNotFound,
)
from planning.loading import load_factory
from planning.models import PlannedOrder, PlanRun, PlanStatus
from planning.saving import SECTIONS, save_plan
from planning.services.runs import cancel_plan, claim_plan, fail_run, reap_plan_runs, request_plan
from planning.tasks import reap_plan_runs_task, submit_plan
from tests.engine.builders import make_plan, plan_document
from tests.planning.conftest import NOW

QUEUE = "solver"


def messages() -> int:
    with redis.Redis.from_url(django_settings.REDIS_URL) as client:
        return client.llen(QUEUE)


def lose_worker(run: PlanRun) -> None:
    """Its lease has run out."""
    PlanRun.objects.filter(pk=run.pk).update(lease_until=Now() - dt.timedelta(seconds=1))


def freeze(run: PlanRun) -> None:
    text = canonical_json(load_factory())
    PlanRun.objects.filter(pk=run.pk).update(factory_json=text, input_digest=digest(text))


def plan_of(run: PlanRun):
    return make_plan(plan_document(load_factory()), version=run.pk)


@pytest.mark.django_db
def test_a_plan_needs_a_factory():
    with pytest.raises(NoFactory):
        request_plan(requested_by=None, now=NOW)
    assert not PlanRun.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("as_of", dt.date(2024, 3, 1)),  # the end of the horizon is exclusive
        ("as_of", dt.date(1900, 1, 1)),
        ("time_limit_seconds", 0),
        ("time_limit_seconds", 901),
        ("workers", 0),
        ("seed", -1),
        ("work_budget", 0),
    ],
)
def test_a_request_nobody_can_build_is_refused_and_names_the_argument(tiny, field, value):
    with pytest.raises(InvalidPlanRequest) as caught:
        request_plan(requested_by=None, now=NOW, **{field: value})
    assert caught.value.field == field
    assert not PlanRun.objects.exists()


@pytest.mark.django_db
def test_workers_that_nobody_asked_for_are_those_of_the_machine_that_builds_first(tiny, settings):
    asked = request_plan(requested_by=None, now=NOW, workers=3)
    run = request_plan(requested_by=None, now=NOW)
    assert run.workers is None

    settings.PLAN_WORKERS = 5
    claim_plan(plan_id=asked.pk)
    claim_plan(plan_id=run.pk)
    lose_worker(run)
    settings.PLAN_WORKERS = 2
    claim_plan(plan_id=run.pk)

    # a plan that is built again, by a smaller machine, is the same plan
    run.refresh_from_db()
    asked.refresh_from_db()
    assert (run.attempt, run.workers, asked.workers) == (2, 5, 3)


@pytest.mark.django_db(transaction=True)
def test_a_request_is_sent_when_it_is_committed_and_only_then(tiny, broker_url):
    with transaction.atomic():
        submit_plan(requested_by=None, now=NOW)
        assert messages() == 0
    assert messages() == 1

    with transaction.atomic():
        submit_plan(requested_by=None, now=NOW)
        transaction.set_rollback(True)
    assert messages() == 1
    assert PlanRun.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_leaves_the_request_queued_and_the_reaper_sends_it(
    tiny, broker_url, monkeypatch
):
    # given a broker nobody listens at
    with monkeypatch.context() as away:
        away.setattr(celery_app.conf, "broker_url", "redis://127.0.0.1:1/0")
        away.setattr(celery_app.amqp, "_producer_pool", None)
        began = timezone.now()
        run = submit_plan(requested_by=None, now=NOW)
        reap_plan_runs_task()
        assert (timezone.now() - began).total_seconds() < 2
    assert PlanRun.objects.get().status == PlanStatus.QUEUED
    assert messages() == 0

    # when it is back
    reap_plan_runs_task()

    # then the run is sent
    assert messages() == 1
    assert reap_plan_runs() == [run.pk]


@pytest.mark.django_db(transaction=True)
def test_of_many_claimers_exactly_one_wins(queued):
    barrier = threading.Barrier(8)

    def claim(_: int):
        try:
            barrier.wait()
            return claim_plan(plan_id=queued.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        claims = [claim for claim in pool.map(claim, range(8)) if claim is not None]

    assert [claim.attempt for claim in claims] == [1]
    queued.refresh_from_db()
    assert (queued.status, queued.attempt) == (PlanStatus.RUNNING, 1)


@pytest.mark.django_db
def test_a_run_is_claimed_again_only_when_its_lease_has_run_out(queued):
    assert claim_plan(plan_id=queued.pk).attempt == 1
    assert claim_plan(plan_id=queued.pk) is None
    assert reap_plan_runs() == []

    lose_worker(queued)

    assert reap_plan_runs() == [queued.pk]
    assert claim_plan(plan_id=queued.pk).attempt == 2


@pytest.mark.django_db
def test_a_lease_is_measured_by_the_clock_of_the_database(queued, time_machine):
    # given a worker whose clock is a day ahead of the database's
    time_machine.move_to(timezone.now() + dt.timedelta(days=1), tick=True)
    claim_plan(plan_id=queued.pk)
    time_machine.move_to(timezone.now() - dt.timedelta(days=2), tick=True)

    # then nobody takes its run away, and it does not keep it for a day
    assert claim_plan(plan_id=queued.pk) is None
    lease = PlanRun.objects.filter(lease_until__lt=Now() + dt.timedelta(seconds=21), lease_until__gt=Now())
    assert lease.count() == 1


@pytest.mark.django_db
def test_a_run_that_loses_three_workers_fails_and_others_go_on(queued):
    other = request_plan(requested_by=None, now=NOW + dt.timedelta(minutes=1))
    for attempt in (1, 2, 3):
        assert claim_plan(plan_id=queued.pk).attempt == attempt
        lose_worker(queued)

    assert claim_plan(plan_id=queued.pk) is None
    assert reap_plan_runs() == [other.pk]
    queued.refresh_from_db()
    assert (queued.status, queued.failure_code, queued.attempt) == (PlanStatus.FAILED, "worker_lost", 3)
    assert queued.failure_reason.startswith("worker lost 3 times")
    assert claim_plan(plan_id=other.pk).attempt == 1


@pytest.mark.django_db
def test_the_oldest_request_is_sent_again_first(tiny):
    late = request_plan(requested_by=None, now=NOW + dt.timedelta(minutes=5))
    early = request_plan(requested_by=None, now=NOW)
    lost = request_plan(requested_by=None, now=NOW + dt.timedelta(minutes=1))
    claim_plan(plan_id=lost.pk)
    lose_worker(lost)

    assert reap_plan_runs() == [early.pk, lost.pk, late.pk]


@pytest.mark.django_db
def test_a_worker_that_lost_its_lease_cannot_save_or_fail_the_run(queued):
    # given a worker that slept through its lease, and another that took over
    zombie = claim_plan(plan_id=queued.pk)
    freeze(queued)
    lose_worker(queued)
    successor = claim_plan(plan_id=queued.pk)
    plan = plan_of(queued)

    # when the first one wakes up, then
    with pytest.raises(LostClaim):
        save_plan(plan_id=queued.pk, attempt=zombie.attempt, plan=plan)
    assert not fail_run(claim=zombie, failure=BuildFailed("solver_crashed", "too late"))
    queued.refresh_from_db()
    assert (queued.status, queued.failure_code) == (PlanStatus.RUNNING, "")
    assert not PlannedOrder.objects.exists()

    # and the second one saves, once
    save_plan(plan_id=queued.pk, attempt=successor.attempt, plan=plan)
    save_plan(plan_id=queued.pk, attempt=successor.attempt, plan=plan)
    queued.refresh_from_db()
    assert queued.status == PlanStatus.READY
    assert PlannedOrder.objects.count() == 4
    with pytest.raises(LostClaim):
        save_plan(plan_id=queued.pk, attempt=zombie.attempt, plan=plan)


@pytest.mark.django_db
def test_a_plan_is_saved_whole_or_not_at_all(queued, monkeypatch):
    claim = claim_plan(plan_id=queued.pk)
    freeze(queued)
    # two rows with one id: the database refuses the second, in the middle of the save
    plan = plan_of(queued)
    broken = plan.model_copy(update={"planned_orders": plan.planned_orders * 2})

    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        save_plan(plan_id=queued.pk, attempt=claim.attempt, plan=broken)

    queued.refresh_from_db()
    assert queued.status == PlanStatus.RUNNING
    assert not PlannedOrder.objects.exists()


@pytest.mark.django_db
def test_a_queued_run_is_cancelled_at_once_and_never_built(queued):
    run = cancel_plan(version=queued.pk, by=None, now=NOW)

    assert (run.status, run.cancel_requested_at) == (PlanStatus.CANCELLED, NOW)
    assert claim_plan(plan_id=queued.pk) is None
    assert reap_plan_runs() == []


@pytest.mark.django_db
def test_a_running_plan_is_cancelled_even_when_its_worker_is_dead(queued):
    claim = claim_plan(plan_id=queued.pk)
    freeze(queued)

    run = cancel_plan(version=queued.pk, by=None, now=NOW)

    assert run.status == PlanStatus.CANCELLED
    with pytest.raises(LostClaim):
        save_plan(plan_id=queued.pk, attempt=claim.attempt, plan=plan_of(queued))


@pytest.mark.django_db
def test_what_has_ended_cannot_be_cancelled(queued):
    claim = claim_plan(plan_id=queued.pk)
    fail_run(claim=claim, failure=BuildFailed("solver_failed", "UNKNOWN"))

    with pytest.raises(PlanNotCancellable):
        cancel_plan(version=queued.pk, by=None, now=NOW)
    with pytest.raises(PlanNotFound):
        cancel_plan(version=queued.pk + 1, by=None, now=NOW)
    queued.refresh_from_db()
    assert queued.status == PlanStatus.FAILED


@pytest.mark.django_db
def test_a_plan_that_does_not_hold_leaves_no_row(queued):
    claim = claim_plan(plan_id=queued.pk)
    freeze(queued)
    seen = []

    def require_sound():
        seen.append(PlannedOrder.objects.count())
        raise BuildFailed("violations", "The plan has 1 violations")

    with pytest.raises(BuildFailed):
        save_plan(plan_id=queued.pk, attempt=claim.attempt, plan=plan_of(queued), require_sound=require_sound)

    assert seen == [4]
    assert not PlannedOrder.objects.exists()
    queued.refresh_from_db()
    assert queued.status == PlanStatus.RUNNING


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write after the other")
@pytest.mark.django_db(transaction=True)
def test_a_save_whose_first_answer_was_lost_is_told_that_it_is_saved(queued):
    # An empty plan has no row over which the second save would stumble.
    freeze(queued)
    claim_plan(plan_id=queued.pk)
    plan = plan_of(queued).model_copy(update=dict.fromkeys(SECTIONS, ()))

    def save_first():
        with ThreadPoolExecutor(max_workers=1) as beside:
            beside.submit(save_and_leave).result()

    def save_and_leave():
        save_plan(plan_id=queued.pk, attempt=1, plan=plan)
        connection.close()

    save_plan(plan_id=queued.pk, attempt=1, plan=plan, require_sound=save_first)

    queued.refresh_from_db()
    assert queued.status == PlanStatus.READY
