"""The whole way with the engine itself: rows in, a verified plan saved, rebuilt and exported the same."""

import json

import pytest
from django.utils import timezone

from planning.engine.plan import dump_plan, plan_json
from planning.engine.verify import violations
from planning.models import PlanStatus
from planning.saving import plan_from_rows
from planning.selectors.runs import frozen_factory
from planning.services import verifying
from planning.services.building import execute_plan, job_of
from planning.services.replaying import replay_plan
from planning.services.runs import request_plan
from planning.services.solving import SolverProcess

pytestmark = pytest.mark.django_db(transaction=True)


def without_seconds(document):
    for stage in ("material", "aggregate", "schedule"):
        document["certificate"][stage]["seconds"] = 0
    return document


def test_the_engine_builds_a_plan_that_is_saved_as_it_was_and_can_be_replayed(tiny):
    run = request_plan(requested_by=None, now=timezone.now())
    stages = []
    execute_plan(plan_id=run.pk, on_progress=lambda progress: stages.append(progress.stage))

    run.refresh_from_db()
    assert (run.status, run.failure_reason) == (PlanStatus.READY, "")
    saved = plan_from_rows(run.pk)
    assert violations(frozen_factory(run.pk), saved) == []
    assert [row.days_late for row in saved.promises] == [0, 0]
    assert {"material", "schedule", "verify"} <= set(stages)

    # the rows say, to the letter, what the solver says when it is asked again
    with SolverProcess() as solver:
        again = solver.solve(job_of(run), lambda progress: None)
    assert without_seconds(plan_json(saved)) == without_seconds(plan_json(again))
    assert json.loads(dump_plan(saved))["created_at"] == run.requested_at.isoformat()
    assert replay_plan(run.pk).differences == ()


@pytest.mark.timeout(60)
def test_several_workers_build_inside_the_solver_process(tiny):
    # given helpers that are forked while the solver waits for the end of its input
    run = request_plan(requested_by=None, now=timezone.now(), workers=2)

    execute_plan(plan_id=run.pk)

    run.refresh_from_db()
    assert (run.status, run.failure_reason) == (PlanStatus.READY, "")


def test_the_verifier_of_the_save_does_not_believe_the_engine(tiny, monkeypatch):
    # given a verifier that knows one rule more than the engine keeps
    from planning.engine.verify import Violation

    rule = Violation(rule="crews_within_heads", entity="ASM", text="3 people at work, 2 are employed")
    monkeypatch.setattr(verifying, "violations", lambda factory, plan: [rule])
    run = request_plan(requested_by=None, now=timezone.now())

    execute_plan(plan_id=run.pk)

    run.refresh_from_db()
    assert (run.status, run.failure_code) == (PlanStatus.FAILED, "violations")
    assert run.violations == [rule.as_dict()]
    assert not run.plannedorder_rows.exists()
