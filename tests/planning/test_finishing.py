"""A build that a planner ends with the best plan so far."""

import datetime as dt
import time

import pytest
from django.utils import timezone

from planning.engine.factory_codec import read_factory
from planning.engine.verify import violations
from planning.errors import BuildFailed, PlanNotFinishable, PlanNotFound
from planning.models import PlanRun, PlanStatus
from planning.saving import plan_from_rows
from planning.services.building import execute_plan, job_of
from planning.services.runs import cancel_plan, claim_plan, fail_run, finish_plan
from planning.services.solving import SolverProcess
from tests.builders import make_run
from tests.planning.conftest import NOW
from tests.planning.test_runs import freeze, lose_worker
from tests.planning.test_runs_build import executed, solvers, wait_for_stage

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 5


def assert_finished_early(run: PlanRun, attempt: int) -> None:
    run.refresh_from_db()
    assert (run.status, run.attempt, run.reproducible) == (PlanStatus.READY, attempt, False)
    assert violations(read_factory(run.factory_json), plan_from_rows(run.pk)) == []


def test_a_build_that_is_asked_to_finish_is_ready_soon_with_a_plan(queued, solver):
    # given a build that would take a minute
    solver(seconds=60)
    thread = executed(queued)
    wait_for_stage(queued, "schedule")

    began = time.monotonic()
    finish_plan(version=queued.pk, by=None, now=timezone.now())
    thread.join(20)

    assert not thread.is_alive()
    assert time.monotonic() - began < SOON
    assert_finished_early(queued, attempt=1)
    assert solvers() == []


def test_the_wish_to_finish_outlives_the_worker(queued, solver):
    # given a run whose worker was lost after it had been asked to finish
    solver(seconds=60)
    claim_plan(plan_id=queued.pk)
    finish_plan(version=queued.pk, by=None, now=NOW)
    lose_worker(queued)

    began = time.monotonic()
    assert execute_plan(plan_id=queued.pk)

    assert time.monotonic() - began < SOON + 5
    assert_finished_early(queued, attempt=2)
    assert queued.finish_requested_at == NOW


def test_a_heartbeat_that_has_to_write_at_every_beat_learns_of_it_all_the_same(queued, solver, settings):
    settings.PLAN_LEASE_SECONDS = 1
    solver(seconds=60)
    thread = executed(queued)
    wait_for_stage(queued, "schedule")

    finish_plan(version=queued.pk, by=None, now=timezone.now())
    thread.join(20)

    assert_finished_early(queued, attempt=1)


def test_a_build_without_the_wish_takes_its_time_and_can_be_repeated(queued, solver):
    solver(seconds=1)

    execute_plan(plan_id=queued.pk)

    queued.refresh_from_db()
    assert (queued.status, queued.reproducible) == (PlanStatus.READY, True)


def test_a_solver_without_a_job_is_not_disturbed(queued, solver):
    freeze(queued)
    queued.refresh_from_db()
    with SolverProcess() as process:
        process.finish()
        assert process.solve(job_of(queued), lambda progress: None).reproducible

        # and one that has answered and is gone neither
        process.finish()


def test_asking_twice_changes_nothing(queued):
    claim_plan(plan_id=queued.pk)
    finish_plan(version=queued.pk, by=None, now=NOW)

    run = finish_plan(version=queued.pk, by=None, now=NOW + dt.timedelta(minutes=1))

    assert (run.status, run.finish_requested_at) == (PlanStatus.RUNNING, NOW)


@pytest.mark.parametrize("status", ["queued", "ready", "published", "archived", "failed", "cancelled"])
def test_only_a_running_build_can_be_finished(status):
    run = make_run(status=status)

    with pytest.raises(PlanNotFinishable, match=status):
        finish_plan(version=run.pk, by=None, now=NOW)
    with pytest.raises(PlanNotFound):
        finish_plan(version=run.pk + 1, by=None, now=NOW)

    run.refresh_from_db()
    assert (run.status, run.finish_requested_at) == (status, None)


def test_a_build_that_is_to_finish_can_still_be_cancelled_or_fail(queued):
    claim = claim_plan(plan_id=queued.pk)
    finish_plan(version=queued.pk, by=None, now=NOW)
    assert fail_run(claim=claim, failure=BuildFailed("solver_failed", "UNKNOWN"))
    other = make_run(status="running", finish_requested_at=NOW)

    assert cancel_plan(version=other.pk, by=None, now=NOW).status == PlanStatus.CANCELLED
