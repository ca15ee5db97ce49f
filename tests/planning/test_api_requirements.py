"""Material requirements over HTTP: the current run, its items, one item, a refresh."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.services import receive_stock
from planning.models import RequirementsRun
from tests.builders import NOW, TODAY, make_item
from tests.planning.test_requirements import drive_factory, order, refresh, week
from tests.rest import Api, fields_of, refused

pytestmark = pytest.mark.django_db


def test_sales_confirm_refresh_and_read_what_it_needs():
    drive_factory()
    order(schedule=[(week(1), 10)])
    sales = Api("sales")
    run = sales.post("/requirements/", {})
    assert run.status_code == 200
    assert {name: run.json()[name] for name in ("kind", "items", "planned_again", "as_of", "buckets")} == {
        "kind": "full",
        "items": 4,
        "planned_again": 4,
        "as_of": "2011-03-01",
        "buckets": 53,
    }

    page = sales.get("/requirements/?sales_order=SO-1&page_size=2").json()
    assert (page["count"], page["run"]["run"], page["run"]["is_outdated"]) == (3, run.json()["run"], False)
    assert page["results"][0] == {
        "item": "MOTOR",
        "name": "",
        "kind": "buy",
        "uom": "pcs",
        "on_hand": 0,
        "gross": 20,
        "planned": 20,
        "first_shortage": "2011-03-01",
        "first_release": "2011-03-01",
        "past_due_qty": 20,
        "late_weeks": 2,
        "messages": {"SHORTAGE": 1, "INSUFFICIENT_LEAD_TIME": 1},
    }


def test_an_item_is_read_by_week_with_messages_and_chain():
    drive_factory()
    order(schedule=[(week(1), 10)])
    refresh()

    item = Api("production").get("/requirements/DRIVE/").json()
    assert item["weeks"][1] == {
        "start": "2011-03-08",
        "end": "2011-03-15",
        "gross": 10,
        "scheduled": 0,
        "net": 10,
        "planned": 10,
        "releases": 0,
        "on_hand": 0,
        "expected": -10,
    }
    assert item["chain"] == [{"item": "DRIVE", "lead_weeks": 1}, {"item": "MOTOR", "lead_weeks": 2}]
    assert item["messages"][0] == {
        "code": "SHORTAGE",
        "order": None,
        "day": "2011-03-08",
        "to_day": "2011-03-22",
        "qty": 10,
        "text": "Expected to be short by up to 10 pcs from 2011-03-08 to before 2011-03-22.",
        "suggestion": "Pull in what comes, speed up what it waits for, or tell the customer a later date.",
    }


def test_what_changed_since_is_told():
    _, motor, _ = drive_factory()
    refresh()
    receive_stock(item_id=motor.pk, qty=Decimal(1), now=NOW)

    assert Api("reader").get("/requirements/").json()["run"]["is_outdated"] is True


def test_a_refresh_without_a_change_answers_the_current_run():
    drive_factory()
    first = Api("planner").post("/requirements/", {}).json()

    assert Api("planner").post("/requirements/", {}).json() == first
    assert Api("planner").post("/requirements/", {"full": True}).json()["run"] != first["run"]


def test_before_the_first_run_there_is_nothing_to_read():
    drive_factory()
    refused(Api("planner").get("/requirements/"), 404, "no_requirements")
    refused(Api("planner").get("/requirements/DRIVE/"), 404, "no_requirements")


def test_without_a_factory_nothing_is_refreshed():
    refused(Api("planner").post("/requirements/", {}), 409, "no_factory")


def test_refusals_have_their_place():
    drive_factory()
    refresh()
    refused(Api("planner").get("/requirements/NONE/"), 404, "item_not_in_requirements")
    problem = refused(Api("planner").get("/requirements/?message=WORRY&short=perhaps"), 400)
    assert fields_of(problem) == ["?message", "?short"]
    assert fields_of(refused(Api("planner").get("/requirements/?when=now"), 400)) == ["?when"]
    assert fields_of(refused(Api("planner").post("/requirements/", {"full": "yes"}), 400)) == ["/full"]
    make_item("ODD", kind="buy", min_order=10, max_order=12, order_multiple=7)
    problem = refused(Api("planner").post("/requirements/", {}), 409, "invalid_requirements")
    assert fields_of(problem) == ["/items/ODD/maximum"]
    assert RequirementsRun.objects.count() == 1


def test_roles_decide():
    drive_factory()
    refresh()
    for role in ("sales", "planner", "production", "reader"):
        assert Api(role).get("/requirements/").status_code == 200
    refused(Api("hr").get("/requirements/"), 403)
    refused(Api("reader").post("/requirements/", {}), 403)


def test_a_list_asks_the_same_whatever_its_length():
    drive_factory()
    refresh()
    api = Api("planner")
    api.get("/requirements/")
    with CaptureQueriesContext(connection) as few:
        api.get("/requirements/")
    for number in range(20):
        make_item(f"PART-{number}", kind="buy")
    order("SO-9", schedule=[(TODAY + dt.timedelta(weeks=1), 4)])
    refresh()
    with CaptureQueriesContext(connection) as many:
        api.get("/requirements/")

    assert len(many) == len(few)
