"""What a planner asks of a build reaches the engine: weights, and the plan that is to change little."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from planning.engine.request import BaseOperation, BasePeg, Weights
from planning.errors import InvalidPlanRequest
from planning.models import Pegging, PlannedOperation, PlanRun
from planning.services.building import job_of
from planning.services.runs import request_plan
from planning.services.solving import _message
from planning.solver_process import _request_of
from tests.builders import NOW
from tests.journeys.admin import ready_plan, sign_in, small_factory, text_of
from tests.rest import Api, refused

pytestmark = pytest.mark.django_db

BUILD = "/admin/planning/planrun/build/"


def asked(**values):
    small_factory()
    return request_plan(requested_by=None, now=NOW, **values)


@pytest.mark.parametrize("value", [-1, float("inf"), float("nan")])
def test_a_weight_is_a_number_that_is_not_below_zero(value):
    with pytest.raises(ValueError, match="stock: a number of at least 0"):
        Weights(stock=value)
    with pytest.raises(InvalidPlanRequest, match="weights: stock"):
        asked(weights={"stock": value})


def test_what_nobody_asked_for_is_as_usual():
    run = asked()

    request = job_of(run).request
    assert (request.weights, request.base, request.move_budget) == (Weights(), None, None)
    run.weights = {}  # as runs of an earlier release have it
    assert job_of(run).request.weights == Weights()


def test_the_solver_hears_of_weights_and_of_the_base_plan():
    small_factory()
    base = ready_plan()
    user = {"sales_order": "SO-1", "line": 1, "instalment": 1, "day": dt.date(2011, 7, 1)}
    Pegging.objects.create(run=base, order="M1", item="DRIVE", qty=5, **user)
    Pegging.objects.create(run=base, order="M1", item="DRIVE", qty=1)  # for nobody
    run = request_plan(requested_by=None, now=NOW, weights={"stock": 3}, base_plan=base.pk, move_budget=0.25)

    job = job_of(run)
    heard = _request_of(json.loads(json.dumps(_message(job)))["request"])

    assert heard == job.request
    assert (heard.weights, heard.move_budget) == (Weights(stock=3), 0.25)
    start, free = (dt.datetime(2011, 3, 16, hour, tzinfo=dt.UTC) for hour in (7, 12))
    assert heard.base.version == base.pk
    (operation,) = heard.base.operations
    assert operation == BaseOperation("M1", "DRIVE", 10, Decimal(5), "BENCH", 1, start, operation.end, free)
    assert start <= operation.end <= free
    assert heard.base.pegs == (BasePeg("M1", "DRIVE", Decimal(5), None, "SO-1", 1, 1),)
    assert {row.requested.year for row in heard.base.promises} == {2011}
    assert {(row.item, row.kind) for row in heard.base.orders} == {("DRIVE", "make"), ("MOTOR", "buy")}
    assert all(row.promised is None or row.promised.year == 2011 for row in heard.base.promises)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"weights": {"beauty": 1}}, "weights"),
        ({"base_plan": 999}, "base_plan"),
        ({"move_budget": 0.5}, "move_budget"),
        ({"move_budget": 2}, "move_budget"),
    ],
)
def test_what_nobody_could_build_is_refused(values, field):
    with pytest.raises(InvalidPlanRequest) as error:
        asked(**values)
    assert error.value.field == field
    assert not PlanRun.objects.exists()


def test_a_plan_is_asked_for_with_weights_over_the_api():
    small_factory()
    base = ready_plan()
    body = {"weights": {"lateness": 2.5, "headcount": 400}, "base_plan": base.pk, "move_budget": 0.1}

    plan = Api("planner").post("/plans/", body).json()

    usual = {"on_time": 0, "setups": 0, "stock": 1, "overtime": 1, "changes": 0}
    assert plan["weights"] == usual | {"lateness": 2.5, "headcount": 400}
    assert (plan["base_plan"], plan["move_budget"]) == (base.pk, 0.1)
    refused(Api("planner").post("/plans/", {"weights": {"stock": -1}}), 400)
    refused(Api("planner").post("/plans/", {"base_plan": plan["version"]}), 400, "invalid_plan_request")


@pytest.mark.parametrize(
    ("form", "weights"),
    [
        ({}, Weights()),
        ({"preset": "on_time_first"}, Weights(lateness=10, on_time=1000)),
        ({"preset": "least_stock"}, Weights(stock=5)),
        ({"preset": "steady_headcount"}, Weights(headcount=10_000)),
        ({"preset": "own", "headcount": "250"}, Weights(headcount=250)),
        ({"preset": "own", "stock": "7", "setups": "2.5"}, Weights(stock=7, setups=2.5)),
    ],
)
def test_the_admin_offers_presets_and_own_weights(form, weights):
    small_factory()

    answer = sign_in("planner").post(BUILD, form)

    assert answer.status_code == 302, text_of(answer)
    assert job_of(PlanRun.objects.get()).request.weights == weights


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"preset": "least_stock", "stock": "7"}, "Choose “Own weights, below”"),
        ({"lateness": "0"}, "Choose “Own weights, below”"),
        ({"preset": "few_changes"}, "A plan is expected that is to be changed little"),
    ],
)
def test_the_admin_refuses_what_would_be_without_effect(form, words):
    small_factory()

    answer = sign_in("planner").post(BUILD, form)

    assert words in text_of(answer)
    assert not PlanRun.objects.exists()


def test_the_admin_asks_for_workers_a_seed_and_rounds():
    small_factory()

    sign_in("planner").post(BUILD, {"workers": "2", "seed": "7", "work_budget": "9"})

    run = PlanRun.objects.get()
    assert (run.workers, run.seed, run.work_budget) == (2, 7, 9)


def test_the_admin_offers_built_plans_as_a_base():
    small_factory()
    base = ready_plan()
    client = sign_in("planner")
    assert f"Plan {base.pk}" in text_of(client.get(BUILD))

    answer = client.post(BUILD, {"preset": "few_changes", "base_plan": base.pk, "move_budget": "0.2"})

    assert answer.status_code == 302, text_of(answer)
    run = PlanRun.objects.latest("version")
    assert (run.base_plan, run.move_budget, run.weights["changes"]) == (base, 0.2, 100)
    assert "a base plan is expected" in text_of(client.post(BUILD, {"move_budget": "0.2"}))
    assert PlannedOperation.objects.filter(run=base).exists()
