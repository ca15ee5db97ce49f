"""A build from claim to rows: what is saved, and how each way of failing ends."""

import datetime as dt
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from inventory.models import StockMovement
from orders.models import Instalment
from planning.engine.factory_codec import digest, read_factory
from planning.engine.plan import plan_json
from planning.engine.verify import violations
from planning.models import PlannedOperation, PlannedOrder, PlanRun, PlanStatus
from planning.saving import plan_from_rows
from planning.services import solving
from planning.services.building import execute_plan
from planning.services.runs import cancel_plan, claim_plan, request_plan
from planning.tasks import execute_plan_task
from tests.engine.builders import make_plan, plan_document

pytestmark = pytest.mark.django_db(transaction=True)


def solvers() -> list[int]:
    """Solver processes that this process started and that are still there."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            command = (folder / "cmdline").read_text()
        except OSError:
            continue
        if int(status[1]) == os.getpid() and status[0] != "Z" and "solver" in command:
            found.append(int(folder.name))
    return found


def executed(run: PlanRun) -> threading.Thread:
    """The build, in a thread of its own."""

    def work() -> None:
        try:
            execute_plan(plan_id=run.pk)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def wait_for_stage(run: PlanRun, stage: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        run.refresh_from_db()
        if run.stage == stage:
            return
        time.sleep(0.05)
    raise AssertionError(f"stage {stage} was not seen, but {run.stage!r}")


def test_a_built_plan_is_a_draft_with_all_its_rows_and_its_input(build):
    run = build()

    assert (run.status, run.attempt, run.percent) == (PlanStatus.READY, 1, 100)
    assert run.as_of == dt.date(2024, 1, 10)
    assert run.input_digest == digest(run.factory_json)
    assert run.total_cost == 44506.1
    assert run.lease_until is None
    # and what is stored holds, by its own input
    plan = plan_from_rows(run.pk)
    assert violations(read_factory(run.factory_json), plan) == []


def test_rows_give_back_the_very_document_that_the_solver_wrote(build):
    run = build()

    factory = read_factory(run.factory_json)
    written = make_plan(
        plan_document(factory), version=run.pk, created_at=run.requested_at.isoformat(), seed=run.seed
    )
    assert plan_json(plan_from_rows(run.pk)) == plan_json(written)


def test_a_run_delivered_twice_is_built_once(build):
    run = build()
    orders = PlannedOrder.objects.count()

    assert not execute_plan(plan_id=run.pk)

    assert PlannedOrder.objects.count() == orders == 4


def test_a_run_delivered_to_two_workers_at_once_is_built_once(queued, solver):
    solver(seconds=0.5)
    barrier = threading.Barrier(2)

    def work(_: int) -> bool:
        try:
            barrier.wait()
            return execute_plan(plan_id=queued.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [False, True]

    queued.refresh_from_db()
    assert (queued.status, queued.attempt) == (PlanStatus.READY, 1)
    assert PlannedOperation.objects.count() == 5


def test_a_message_builds_what_has_waited_longest(tiny, solver):
    # given a run that lost its worker, and a younger one
    lost = request_plan(requested_by=None, now=timezone.now() - dt.timedelta(minutes=5))
    claim_plan(plan_id=lost.pk)
    PlanRun.objects.filter(pk=lost.pk).update(lease_until=Now() - dt.timedelta(seconds=1))
    young = request_plan(requested_by=None, now=timezone.now())

    built = []
    for _ in range(3):
        execute_plan_task(plan_id=young.pk)
        built.append(set(PlanRun.objects.filter(status=PlanStatus.READY).values_list("pk", flat=True)))

    # then the lost one comes first, and the third message finds nothing to do
    assert built == [{lost.pk}, {lost.pk, young.pk}, {lost.pk, young.pk}]
    assert set(PlanRun.objects.values_list("attempt", flat=True)) == {1, 2}


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("killed", "solver_crashed", "SIGKILL"),
        ("abort", "out_of_memory", "4096 MB"),
        ("memory", "out_of_memory", "ran out of memory"),
        ("unknown", "solver_failed", "UNKNOWN"),
        ("silent", "solver_crashed", "it said nothing"),
        ("bug", "solver_crashed", "KeyError"),
        ("other", "wrong_answer", "another input"),
        ("empty", "violations", "promise_rows_complete"),
    ],
)
def test_a_solver_that_fails_fails_the_run_and_says_why(build, solver, fault, code, words):
    solver(fault=fault)

    run = build()

    assert (run.status, run.failure_code) == (PlanStatus.FAILED, code)
    told = run.failure_reason + str(run.violations)
    assert words in told
    assert run.finished_at is not None
    assert not PlannedOrder.objects.exists()


def test_a_plan_with_violations_is_not_saved_and_the_list_is_kept(build, solver):
    # the saw has one station, the plan uses the seventh
    solver(fault="violation")

    run = build()

    assert (run.status, run.failure_code) == (PlanStatus.FAILED, "violations")
    assert [row["rule"] for row in run.violations] == ["station_exists"]
    assert run.violations[0]["entity"]
    assert not PlannedOrder.objects.exists()
    assert not PlannedOperation.objects.exists()


def test_data_that_cannot_be_planned_fails_the_run_with_its_place(build):
    # given a line of 4 whose two instalments are of 1 each, changed past every service
    Instalment.objects.update(qty=1)
    run = build()

    assert (run.status, run.failure_code) == (PlanStatus.FAILED, "invalid_factory")
    assert "/sales_orders/0/lines/0/instalments: quantities add up to 2" in run.failure_reason


def test_cancelling_stops_the_solver_within_two_seconds(queued, solver):
    solver(seconds=60)
    thread = executed(queued)
    wait_for_stage(queued, "schedule")
    assert len(solvers()) == 1

    began = time.monotonic()
    cancel_plan(version=queued.pk, by=None, now=timezone.now())
    thread.join(10)

    assert not thread.is_alive()
    assert time.monotonic() - began < 2
    assert solvers() == []
    queued.refresh_from_db()
    assert queued.status == PlanStatus.CANCELLED
    assert not PlannedOrder.objects.exists()


def test_progress_is_written_while_the_plan_is_built(queued, solver):
    solver(seconds=60)
    thread = executed(queued)
    wait_for_stage(queued, "schedule")
    first = queued.percent
    time.sleep(1.5)
    queued.refresh_from_db()

    assert 20 <= first <= 90
    assert queued.percent > first
    assert queued.incumbent_cost == 50_000
    cancel_plan(version=queued.pk, by=None, now=timezone.now())
    thread.join(10)


def test_a_build_that_outlives_its_lease_keeps_it_alive(queued, solver, settings):
    settings.PLAN_LEASE_SECONDS = 1
    solver(seconds=2.5)

    execute_plan(plan_id=queued.pk)

    queued.refresh_from_db()
    assert (queued.status, queued.attempt) == (PlanStatus.READY, 1)


def test_a_worker_whose_run_was_taken_over_stops_its_solver(queued, solver):
    solver(seconds=60)
    thread = executed(queued)
    wait_for_stage(queued, "schedule")

    # when the lease is lost, and another worker claims the run
    PlanRun.objects.filter(pk=queued.pk).update(lease_until=Now() - dt.timedelta(seconds=1))
    taken = claim_plan(plan_id=queued.pk)
    while taken is None:  # the heartbeat came in between
        PlanRun.objects.filter(pk=queued.pk).update(lease_until=Now() - dt.timedelta(seconds=1))
        taken = claim_plan(plan_id=queued.pk)
    thread.join(10)

    assert not thread.is_alive()
    assert solvers() == []
    queued.refresh_from_db()
    assert (queued.status, queued.attempt) == (PlanStatus.RUNNING, 2)


def test_a_build_beyond_the_wall_clock_guard_fails(queued, solver, settings):
    settings.PLAN_MAX_SECONDS = 1
    solver(seconds=60)

    execute_plan(plan_id=queued.pk)

    queued.refresh_from_db()
    assert (queued.status, queued.failure_code) == (PlanStatus.FAILED, "time_exceeded")
    assert "1 s" in queued.failure_reason
    assert solvers() == []


def test_a_retry_builds_from_the_input_of_the_first_attempt(queued, solver):
    # given an attempt that read its input and was lost
    solver(fault="killed")
    execute_plan(plan_id=queued.pk)
    PlanRun.objects.filter(pk=queued.pk).update(
        status=PlanStatus.QUEUED, finished_at=None, failure_code="", failure_reason=""
    )
    queued.refresh_from_db()
    frozen = queued.input_digest
    assert frozen

    # when stock changes before the next one
    stock = StockMovement.objects.get()
    StockMovement(item=stock.item, location=stock.location, qty=500, kind=stock.kind, at=stock.at).save()
    solver()
    execute_plan(plan_id=queued.pk)

    # then it plans what the first one read, and only a new request sees the stock
    queued.refresh_from_db()
    assert (queued.status, queued.attempt, queued.input_digest) == (PlanStatus.READY, 2, frozen)
    fresh = request_plan(requested_by=None, now=timezone.now())
    execute_plan(plan_id=fresh.pk)
    fresh.refresh_from_db()
    assert fresh.input_digest not in {"", frozen}


def test_the_planning_date_of_a_request_wins_over_the_stored_one(tiny, solver):
    run = request_plan(requested_by=None, now=timezone.now(), as_of=dt.date(2024, 1, 9))

    execute_plan(plan_id=run.pk)

    run.refresh_from_db()
    assert read_factory(run.factory_json).as_of == dt.date(2024, 1, 9)


def test_a_solver_that_cannot_be_started_fails_the_run_at_once(queued, monkeypatch):
    monkeypatch.setattr(solving, "COMMAND", ["/nowhere/python"])

    with pytest.raises(FileNotFoundError):
        execute_plan(plan_id=queued.pk)

    queued.refresh_from_db()
    assert (queued.status, queued.failure_code) == (PlanStatus.FAILED, "internal_error")
