"""Material of a plan over HTTP: the table, pegging both ways, firm planned orders."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from planning.models import FirmOrder, PlanException
from tests.planning.test_firming import plan_with_source
from tests.planning.test_material import motors
from tests.planning.test_pegging import plan
from tests.rest import Api, fields_of, refused

pytestmark = pytest.mark.django_db


def read(run, path, role="production"):
    response = Api(role).get(f"/plans/{run.pk}/{path}")
    assert response.status_code == 200, response.content
    return response.json()


def test_an_item_is_read_bucket_by_bucket():
    table = read(motors(), "items/MOTOR/material/?bucket=month")

    assert {name: table[name] for name in ("item", "kind", "uom", "bucket", "as_of", "on_hand")} == {
        "item": "MOTOR",
        "kind": "buy",
        "uom": "pcs",
        "bucket": "month",
        "as_of": "2011-03-01",
        "on_hand": 6,
    }
    # 6 + 7.5 - 18 would leave -4.5, and 2 are to stay
    assert table["buckets"] == [
        {
            "start": "2011-03-01",
            "end": "2011-04-01",
            "gross": 18,
            "scheduled": 7.5,
            "by_products": 0,
            "net": 6.5,
            "firm": 1,
            "planned": 8,
            "releases": 9,
            "on_hand": 4.5,
        }
    ]


def test_weeks_are_what_is_meant_when_nothing_is_said():
    assert read(motors(), "items/MOTOR/material/")["bucket"] == "week"


def test_items_are_listed_in_pages_and_narrowed():
    run = motors()

    assert [row["item"] for row in read(run, "material/?page_size=1")["results"]] == ["DRIVE"]
    (row,) = read(run, "material/?search=TRACTION&kind=buy&exceptions=false")["results"]
    assert row == {
        "item": "MOTOR",
        "name": "Traction motor",
        "kind": "buy",
        "on_hand": 6,
        "safety_stock": 2,
        "next_receipt": "2011-03-01",
        "next_receipt_qty": 4,
        "first_shortage": "2011-03-15",
        "first_below_safety": None,
        "first_past_due": "2011-02-01",
        "exceptions": 0,
        "money_at_risk": None,
    }


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("items/MOTOR/material/?bucket=year", "?bucket"),
        ("items/MOTOR/material/?page=1", "?page"),
        ("material/?kind=phantom", "?kind"),
        ("material/?exceptions=1", "?exceptions"),
        ("pegging-tree/", "?order"),
        ("pegging-tree/?order=B1&sales_order=SO-1", "?order"),
        ("pegging-tree/?order=B1&direction=sideways", "?direction"),
        ("pegging-tree/?order=B1&direction=down&item=MOTOR", "?item"),
        ("pegging-tree/?sales_order=SO-1&direction=up", "?direction"),
        ("pegging-tree/?sales_order=SO-1&instalment=1", "?instalment"),
        ("pegging-tree/?sales_order=SO-1&line=0", "?line"),
        ("pegging-tree/?sales_order=SO-1&line=%D9%A3", "?line"),
        ("exceptions/?ordering=text", "?ordering"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_place(path, place):
    problem = refused(Api("reader").get(f"/plans/{plan().pk}/{path}"), 400, "validation_error")

    assert fields_of(problem) == [place]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("items/GHOST/material/", "item_not_in_plan"),
        ("pegging-tree/?order=GHOST", "order_not_in_plan"),
        ("pegging-tree/?sales_order=SO-1&line=9", "order_not_in_plan"),
    ],
)
def test_what_the_plan_does_not_know_is_not_found(path, code):
    refused(Api("reader").get(f"/plans/{plan().pk}/{path}"), 404, code)


def test_why_a_purchase_exists():
    tree = read(plan(), "pegging-tree/?order=B1&direction=up", "sales")

    assert [(row["instalment"], row["qty"]) for row in tree["shares"]] == [(1, 4), (2, 6)]
    assert (tree["excess"], tree["not_followed"], tree["is_complete"]) == (2, 0, True)
    first = tree["rows"][0]
    assert (first["depth"], first["kind"], first["order"], first["item"]) == (0, "buy", "B1", "MOTOR")
    assert (first["start"], first["due"], first["supplier"]) == ("2011-03-02", "2011-03-05", "ACME")


def test_what_a_delivery_waits_for():
    run = plan()
    link = {
        "item": "DRIVE",
        "order": "D2",
        "kind": "make",
        "start": "2011-03-09",
        "end": "2011-03-19",
        "days": 10,
    }
    run.planpromise_rows.filter(instalment=1).update(chain=[link])

    tree = read(run, "pegging-tree/?sales_order=SO-1&line=1&instalment=1", "sales")

    assert tree["chains"] == [{"sales_order": "SO-1", "line": 1, "instalment": 1, "links": [link]}]
    assert [row["order"] for row in tree["rows"] if row["is_late_path"]] == [None, "D2", "F1", "B1"]
    below = read(run, "pegging-tree/?order=F1&direction=down")
    assert [(row["order"], row["qty"]) for row in below["rows"]] == [("F1", 3), ("B1", 6)]


def test_exceptions_of_an_item_are_read_by_money_at_risk():
    run = plan()
    for item, money in (("MOTOR", 5.0), ("MOTOR", None), ("MOTOR", 70.0), ("DRIVE", 90.0)):
        PlanException.objects.create(
            run=run, code="EXPEDITE", severity="info", entity="X", text="-", item=item, money_at_risk=money
        )

    rows = read(run, "exceptions/?item=MOTOR&ordering=-money_at_risk")["results"]

    assert [row["money_at_risk"] for row in rows] == [70.0, 5.0, None]


# --- Firm orders


def test_planned_orders_are_made_firm_listed_and_let_go():
    run = plan_with_source()
    planner = Api("planner")

    made = planner.post(f"/plans/{run.pk}/firm/", {"orders": ["B1"]})

    row = {
        "ref": "FO-000001",
        "item": "MOTOR",
        "kind": "buy",
        "qty": 10,
        "due": "2011-03-16",
        "release": "2011-03-09",
        "supplier": "ACME",
        "plan_version": run.pk,
        "planned_order": "B1",
    }
    assert (made.status_code, made.json()) == (200, [row])
    assert planner.post(f"/plans/{run.pk}/firm/", {"orders": ["B1"]}).json() == [row]
    assert Api("reader").get("/firm-orders/?item=MOTOR").json()["results"] == [row]
    assert Api("reader").get("/firm-orders/?kind=make").json()["results"] == []
    assert FirmOrder.history.get().history_user == planner.user

    assert planner.call("DELETE", "/firm-orders/FO-000001/").status_code == 204
    refused(planner.call("DELETE", "/firm-orders/FO-000001/"), 404, "firm_order_not_found")


def test_what_cannot_be_made_firm_is_named_and_nothing_is():
    run = plan_with_source()

    problem = refused(
        Api("planner").post(f"/plans/{run.pk}/firm/", {"orders": ["B1", "X"]}), 409, "cannot_firm"
    )

    assert problem["errors"] == [
        {"field": "/orders/1", "code": "cannot_firm", "detail": "The plan has no order X."}
    ]
    assert not FirmOrder.objects.exists()


@pytest.mark.parametrize("body", [{}, {"orders": []}, {"orders": "B1"}, {"orders": [1]}, {"ids": ["B1"]}])
def test_a_request_to_firm_is_read_strictly(body):
    refused(Api("planner").post(f"/plans/{plan_with_source().pk}/firm/", body), 400, "validation_error")


def test_lists_take_as_many_queries_for_many_rows():
    run = plan_with_source()
    api = Api("planner")

    def queries(path):
        with CaptureQueriesContext(connection) as captured:
            api.get(path)
        return len(captured)

    api.post(f"/plans/{run.pk}/firm/", {"orders": ["B1"]})
    before = queries("/firm-orders/"), queries(f"/plans/{run.pk}/material/")
    api.post(f"/plans/{run.pk}/firm/", {"orders": ["M1"]})
    FirmOrder.objects.create(
        ref="FO-9", item=FirmOrder.objects.first().item, kind="buy", qty=1, due="2011-05-01"
    )

    assert (queries("/firm-orders/"), queries(f"/plans/{run.pk}/material/")) == before
