"""Workers that die, sleep or are cancelled in mid-build: one complete plan each time, no process left."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from planning.engine.factory_codec import read_factory
from planning.engine.verify import violations
from planning.models import BUILT, ENDED, PlannedOperation, PlanRun, PlanStatus
from planning.saving import plan_from_rows
from planning.services.runs import cancel_plan, finish_plan
from planning.tasks import reap_plan_runs_task, send, submit_plan
from tests.chaos.workers import Worker, kill, processes, solvers_of
from tests.planning.conftest import tiny
from tests.planning.stub_solver import POISON

__all__ = ["tiny"]

pytestmark = [pytest.mark.serial, pytest.mark.django_db(transaction=True), pytest.mark.timeout(90)]

LEASE = 2
BUILD_SECONDS = 2
LONG_BUILD_SECONDS = 60
PATIENCE = 40.0


@pytest.fixture(autouse=True)
def short_lease(settings) -> None:
    settings.PLAN_LEASE_SECONDS = LEASE


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("workers") / "worker.log"


@pytest.fixture(scope="module")
def shared(django_db_setup: None, log: Path) -> Iterator[Worker]:
    """One worker with two children serves all tests that leave some of it alive."""
    worker = Worker(lease=LEASE, log=log)
    yield worker
    worker.stop()


@pytest.fixture
def worker(shared: Worker, broker_url: str, tiny: None) -> Worker:
    return shared


def request(seconds: int = BUILD_SECONDS) -> PlanRun:
    """Ask for a plan that takes so long."""
    return submit_plan(requested_by=None, now=timezone.now(), seed=seconds)


def until(run: PlanRun, condition: Callable[[PlanRun], bool], *, reap: bool = False) -> PlanRun:
    """Wait for the row to say so, reminding workers meanwhile as the clock of production does."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        run.refresh_from_db()
        if condition(run):
            return run
        if reap:
            reap_plan_runs_task()
        time.sleep(0.2)
    raise AssertionError(f"plan {run.pk} is {run.status} at attempt {run.attempt}: {run.failure_reason}")


def is_building(run: PlanRun) -> bool:
    return run.status == PlanStatus.RUNNING and run.stage == "schedule"


def has_ended(run: PlanRun) -> bool:
    return run.status in ENDED


def builder_of(run: PlanRun) -> int:
    return int(run.worker.rpartition(":")[2])


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 3
    while time.monotonic() < deadline:
        if not set(pids) & processes().keys():
            return True
        time.sleep(0.05)
    return False


def assert_one_complete_plan(run: PlanRun, attempt: int) -> None:
    assert (run.status, run.attempt) == (PlanStatus.READY, attempt), run.failure_reason
    assert PlannedOperation.objects.filter(run=run).count() == 5
    assert violations(read_factory(run.factory_json), plan_from_rows(run.pk)) == []


def test_kill_9_of_the_building_child_ends_in_one_complete_plan(worker):
    run = until(request(), is_building)
    solvers = solvers_of(builder_of(run))
    assert len(solvers) == 1

    kill(builder_of(run))

    # the solver does not outlive its worker
    assert gone(solvers)
    until(run, has_ended, reap=True)
    assert_one_complete_plan(run, attempt=2)


def test_kill_9_of_the_whole_worker_ends_in_one_complete_plan_by_the_next(worker):
    run = until(request(), is_building)
    waiting = request()
    solvers = solvers_of(builder_of(run))

    worker.power_loss()

    assert gone(solvers)
    worker.start()
    until(run, has_ended, reap=True)
    until(waiting, has_ended, reap=True)
    assert_one_complete_plan(run, attempt=2)
    assert waiting.status == PlanStatus.READY


def test_a_broker_that_forgets_everything_in_mid_build_loses_no_plan(worker):
    first = until(request(), is_building)
    others = [request(), request()]

    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()

    # the build goes on, and the others are sent again
    until(first, has_ended)
    assert_one_complete_plan(first, attempt=1)
    for run in others:
        until(run, has_ended, reap=True)
        assert_one_complete_plan(run, attempt=1)


def test_a_run_delivered_many_times_is_built_once(worker):
    run = request()
    for _ in range(5):
        send(plan_id=run.pk)

    until(run, has_ended)
    time.sleep(0.5)
    assert_one_complete_plan(run, attempt=1)


def test_a_build_that_kills_its_worker_is_given_up_and_the_next_one_is_built(worker):
    poison = request(POISON)
    until(poison, has_ended, reap=True)

    assert (poison.status, poison.failure_code, poison.attempt) == (PlanStatus.FAILED, "worker_lost", 3)
    assert "worker lost 3 times" in poison.failure_reason
    healthy = until(request(), has_ended)
    assert_one_complete_plan(healthy, attempt=1)
    assert (healthy.started_at - healthy.requested_at).total_seconds() < 5


def test_a_worker_that_slept_through_its_lease_cannot_overwrite_its_successor(worker):
    run = until(request(3), is_building)
    sleeper = builder_of(run)
    os.kill(sleeper, signal.SIGSTOP)
    try:
        # another child takes the run over and is at work on it
        until(run, lambda row: row.attempt == 2 and is_building(row), reap=True)
    finally:
        os.kill(sleeper, signal.SIGCONT)

    until(run, lambda row: row.status in BUILT)
    time.sleep(1)
    assert builder_of(run) != sleeper
    assert gone(solvers_of(sleeper))
    assert_one_complete_plan(run, attempt=2)


def test_a_run_that_was_asked_to_finish_and_lost_its_worker_is_finished_by_the_next(worker):
    run = until(request(LONG_BUILD_SECONDS), is_building)

    kill(builder_of(run))
    finish_plan(version=run.pk, by=None, now=timezone.now())

    until(run, has_ended, reap=True)
    assert_one_complete_plan(run, attempt=2)
    assert not run.reproducible


def test_cancelling_frees_the_worker_within_two_seconds(worker):
    # given a worker whose two children are at work, and a third request that waits
    run, other = (
        until(request(LONG_BUILD_SECONDS), is_building),
        until(request(LONG_BUILD_SECONDS), is_building),
    )
    solvers = solvers_of(builder_of(run))
    waiting = request(LONG_BUILD_SECONDS)

    began = time.monotonic()
    cancel_plan(version=run.pk, by=None, now=timezone.now())
    until(waiting, lambda row: row.status == PlanStatus.RUNNING)

    assert time.monotonic() - began < 2
    assert builder_of(waiting) == builder_of(run)
    assert gone(solvers)
    run.refresh_from_db()
    assert run.status == PlanStatus.CANCELLED
    for left in (other, waiting):
        cancel_plan(version=left.pk, by=None, now=timezone.now())
