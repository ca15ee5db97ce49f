"""Material requirements in the admin: refreshed, narrowed, read item by item, reached from an order."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import Item
from planning.models import RequirementsRun
from tests.builders import make_item
from tests.journeys.admin import sign_in, text_of
from tests.planning.test_requirements import drive_factory, order, purchase, refresh, week

pytestmark = pytest.mark.django_db

LIST = "/admin/planning/planrun/requirements/"


def test_sales_press_refresh_and_read_what_runs_out():
    drive_factory()
    order(schedule=[(week(1), 10)])
    client = sign_in("sales")
    assert "not been worked out yet" in text_of(client.get(LIST))

    said = text_of(client.post(f"{LIST}refresh/", {"query": "search=MOTOR"}, follow=True))

    assert "4 of 4 items were planned again" in said
    assert "Items that run out 3 of 4" in said
    assert "MOTOR bought 2011-03-01 20 2 0 20 20 2011-03-01 Shortage Insufficient lead time" in said
    assert "PLATE bought" not in said  # what was narrowed stays narrowed
    again = text_of(client.post(f"{LIST}refresh/", follow=True))
    assert "Nothing has changed since" in again
    assert RequirementsRun.objects.count() == 1


def test_a_change_is_told_until_somebody_refreshes():
    drive_factory()
    refresh()
    client = sign_in("planner")
    assert "have changed since" not in text_of(client.get(LIST))
    order(schedule=[(week(6), 10)])

    assert "have changed since" in text_of(client.get(LIST))


def test_the_list_is_narrowed_and_taken_away():
    drive_factory()
    make_item("OTHER", name="Drive shaft")
    order(schedule=[(week(1), 10)])
    refresh()
    client = sign_in("reader")

    assert "1 item " in text_of(client.get(LIST, {"search": "shaft"}))
    assert "3 items" in text_of(client.get(LIST, {"message": "SHORTAGE"}))
    assert "3 items" in text_of(client.get(LIST, {"sales_order": "SO-1"}))
    assert "2 items" in text_of(client.get(LIST, {"short": "no", "message": "nonsense"}))
    lines = client.get(f"{LIST}csv/", {"short": "yes"}).content.decode("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["item", "MOTOR", "PLATE", "DRIVE"]
    assert client.get(f"{LIST}docx/").status_code == 404


def test_an_item_shows_its_weeks_what_to_do_and_why_it_is_late():
    _, motor, _ = drive_factory()
    Item.objects.filter(pk=motor.pk).update(name="Traction motor")
    order(schedule=[(week(1), 10)])
    purchase("PO-1", item=motor, qty=20, due=week(9))
    refresh()
    client = sign_in("production")

    said = text_of(client.get(f"{LIST}item/", {"code": "MOTOR"}))
    assert "MOTOR · Traction motor" in said
    assert "PO-1, 20 pcs, is due in the week of 2011-05-03 and needed in that of 2011-03-01." in said
    said = text_of(client.get(f"{LIST}item/", {"code": "DRIVE"}))
    assert "longest chain of lead times Waits for Weeks Lead time DRIVE 1 MOTOR 2" in said
    assert client.get(f"{LIST}item/", {"code": "NONE"}).status_code == 404


def test_an_order_that_no_plan_delivers_leads_to_its_requirements():
    drive_factory()
    order(schedule=[(week(1), 10)])
    refresh()
    client = sign_in("sales")

    needs = client.get("/admin/planning/planrun/needs/", {"order": "SO-1"})

    assert f'href="{LIST}?sales_order=SO-1"' in needs.content.decode()
    assert "3 items" in text_of(client.get(LIST, {"sales_order": "SO-1"}))


def test_who_may_not_read_is_refused_and_readers_only_read():
    drive_factory()
    refresh()
    assert sign_in("hr").get(LIST).status_code == 403
    assert sign_in("hr", username="other").get(f"{LIST}item/", {"code": "DRIVE"}).status_code == 403
    reader = sign_in("reader")
    assert "Refresh" not in text_of(reader.get(LIST))
    assert reader.post(f"{LIST}refresh/").status_code == 403
    assert sign_in("planner").get(f"{LIST}refresh/").status_code == 405


def test_what_cannot_be_netted_is_told():
    drive_factory()
    make_item("ODD", kind="buy", min_order=10, max_order=12, order_multiple=7)

    said = text_of(sign_in("planner").post(f"{LIST}refresh/", follow=True))

    assert "ODD" in said
    assert "no multiple lies between minimum and maximum" in said


def test_the_list_asks_the_same_whatever_its_length():
    drive_factory()
    refresh()
    client = sign_in("planner")
    client.get(LIST)
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    for number in range(30):
        make_item(f"PART-{number}", kind="buy")
    refresh()
    with CaptureQueriesContext(connection) as many:
        client.get(LIST)

    assert len(many) == len(few)
