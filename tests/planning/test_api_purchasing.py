"""Purchase proposals over HTTP, and the one call that orders them."""

import pytest

from inventory.models import PurchaseOrder
from planning.models import Pegging, PlannedOrder
from tests import builders
from tests.rest import Api, fields_of, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    """Motors from ACME: two in the week of 7 March, one in the next; springs from nobody."""
    builders.make_settings()
    builders.make_source(
        item=builders.make_item("MOTOR", kind="buy", name="Motor"),
        supplier=builders.make_supplier("ACME", name="Acme Inc."),
        unit_cost=5,
    )
    builders.make_item("SPRING", kind="buy", unit_cost=2)
    row = builders.make_run(status="published")
    for order, item, supplier, release in (
        ("B1", "MOTOR", "ACME", "2011-03-07"),
        ("B2", "MOTOR", "ACME", "2011-03-09"),
        ("B3", "MOTOR", "ACME", "2011-03-14"),
        ("B4", "SPRING", None, "2011-03-14"),
    ):
        PlannedOrder.objects.create(
            run=row,
            order=order,
            item=item,
            kind="buy",
            qty=10,
            release=release,
            due=release,
            supplier=supplier,
        )
    # B1 serves SO-2 at once, and SO-1 through two lots
    for order, of in (
        ("B1", {"for_order": "M1"}),
        ("M1", {"for_order": "M2"}),
        ("M2", {"sales_order": "SO-1", "line": 1, "instalment": 1}),
        ("B1", {"sales_order": "SO-2", "line": 1, "instalment": 1}),
        ("B1", {}),
    ):
        Pegging.objects.create(run=row, order=order, item="MOTOR", qty=1, **of)
    return row


def proposed(api, run, query=""):
    answer = api.get(f"/plans/{run.pk}/purchase-proposals/{query}").json()
    return [(g["week"], g["supplier"], [line["id"] for line in g["lines"]]) for g in answer["results"]]


def test_proposals_are_read_by_supplier_and_week(run):
    group = Api("reader").get(f"/plans/{run.pk}/purchase-proposals/").json()["results"][0]

    lines = group.pop("lines")
    assert group == {
        "supplier": "ACME",
        "supplier_name": "Acme Inc.",
        "week": "2011-W10",
        "week_start": "2011-03-07",
        "value": 100,
    }
    assert lines[0] == {
        "id": "B1",
        "item": "MOTOR",
        "name": "Motor",
        "uom": "pcs",
        "qty": 10,
        "release": "2011-03-07",
        "due": "2011-03-07",
        "unit_cost": 5,
        "value": 50,
        "firm": False,
        "firm_order": None,
        "sales_orders": ["SO-1", "SO-2"],
        "purchase_order": None,
        "problem": None,
    }


def test_what_nobody_sells_is_listed_with_the_remedy(run):
    answer = Api("reader").get(f"/plans/{run.pk}/purchase-proposals/?item=SPRING").json()
    (line,) = answer["results"][0]["lines"]

    assert answer["results"][0]["supplier"] is None
    assert line["problem"]["code"] == "no_source"
    assert "Add a source for SPRING" in line["problem"]["remedy"]


def test_proposals_are_narrowed_and_come_in_pages_of_whole_groups(run):
    api = Api("reader")
    week = [("2011-W10", "ACME", ["B1", "B2"])]
    for query, expected in {
        "?week=2011-03-10": week,
        "?release_to=2011-03-09": [("2011-W10", "ACME", ["B1"])],
        # the planning date is the 1st
        "?within_days=8": week,
        "?within_days=5": [],
        "?overdue=true": [],
        "?supplier=ACME&page_size=1": week,
        "?supplier=ACME&page_size=1&page=2": [("2011-W11", "ACME", ["B3"])],
        "?ordered=true": [],
    }.items():
        assert proposed(api, run, query) == expected, query
    builders.FactorySettings.objects.update(as_of="2011-03-08")
    assert proposed(api, run, "?overdue=true") == [("2011-W10", "ACME", ["B1"])]


def test_one_call_orders_and_the_answer_is_the_orders(run):
    api = Api("planner")

    answer = api.post(f"/plans/{run.pk}/purchase-orders/", {"supplier": "ACME", "release_to": "2011-03-14"})

    assert answer.status_code == 201
    (order,) = answer.json()
    assert (order["ref"], order["supplier"], order["status"]) == ("PO-000001", "ACME", "open")
    assert [(row["planned_order"], row["plan_version"]) for row in order["lines"]] == [
        ("B1", run.pk),
        ("B2", run.pk),
    ]
    assert proposed(api, run, "?ordered=false") == [
        ("2011-W11", "ACME", ["B3"]),
        ("2011-W11", None, ["B4"]),
    ]
    assert [row["ref"] for row in api.get(f"/purchase-orders/?plan={run.pk}").json()["results"]] == [
        "PO-000001"
    ]


def test_rows_that_were_ordered_are_named_by_their_place(run):
    api = Api("planner")
    api.post(f"/plans/{run.pk}/purchase-orders/", {"orders": ["B2"]})

    problem = refused(
        api.post(f"/plans/{run.pk}/purchase-orders/", {"orders": ["B1", "B2"]}), 409, "already_ordered"
    )

    assert fields_of(problem) == ["/orders/1"]
    assert "PO-000001" in problem["detail"]
    assert PurchaseOrder.objects.count() == 1


def test_what_nobody_sells_cannot_be_ordered(run):
    answer = Api("planner").post(f"/plans/{run.pk}/purchase-orders/", {"orders": ["B1", "B4"]})

    problem = refused(answer, 409, "not_orderable")
    assert fields_of(problem) == ["/orders/1"]
    assert PurchaseOrder.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"orders": []},
        {"orders": ["B1"], "supplier": "ACME"},
        {"orders": "B1"},
        {"orders": [1]},
        {"release_to": "soon"},
        {"everything": True},
    ],
)
def test_a_choice_has_to_be_clear(run, body):
    refused(Api("planner").post(f"/plans/{run.pk}/purchase-orders/", body), 400, "validation_error")
    assert PurchaseOrder.objects.count() == 0


@pytest.mark.parametrize("role", ["sales", "production", "hr", "reader"])
def test_only_planners_order(run, role):
    refused(Api(role).post(f"/plans/{run.pk}/purchase-orders/", {"orders": ["B1"]}), 403, "permission_denied")


def test_a_plan_that_is_not_there_or_not_built_proposes_nothing(run):
    api = Api("planner")
    refused(api.get("/plans/999/purchase-proposals/"), 404, "plan_not_found")
    queued = builders.make_run()
    refused(api.get(f"/plans/{queued.pk}/purchase-proposals/"), 409, "plan_not_ready")
    refused(api.post(f"/plans/{queued.pk}/purchase-orders/", {"orders": ["B1"]}), 409, "plan_not_ready")


def test_days_to_look_ahead_are_told_to_be_no_fewer_than_none(run):
    problem = refused(Api("planner").get(f"/plans/{run.pk}/purchase-proposals/?within_days=-3"), 400)

    assert [(error["field"], error["detail"]) for error in problem["errors"]] == [
        ("?within_days", "A whole number, 0 or more, is expected.")
    ]
