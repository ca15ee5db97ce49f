"""ABC classes: what a plan spends most on is counted most often."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.services import Counted, post_count, receive_stock, record_counts, start_count
from planning.models import Pegging
from planning.selectors.abc import list_abc
from planning.services.counting import open_count_of_class
from tests import builders
from tests.builders import NOW
from tests.journeys.admin import sign_in, text_of
from tests.rest import Api, refused

pytestmark = pytest.mark.django_db


def taken(run, item, qty, **of):
    Pegging.objects.create(run=run, order="stock", item=item, qty=qty, **({"for_order": "M1"} | of))


@pytest.fixture
def run():
    """73 days in which 40 MOTORs, 8 CELLs and 2 BOLTs, at 10 each, are taken; DUST only lies about."""
    builders.make_settings(as_of=NOW.date(), horizon_end=NOW.date() + dt.timedelta(days=73))
    row = builders.make_run(status="published")
    for code, qty in (("MOTOR", 40), ("CELL", 8), ("BOLT", 2)):
        item = builders.make_item(code, kind="buy", unit_cost=10)
        taken(row, code, qty)
        receive_stock(item_id=item.pk, qty=Decimal(5), now=NOW)
    dust = builders.make_item("DUST", kind="buy", unit_cost=10)
    receive_stock(item_id=dust.pk, qty=Decimal(5), now=NOW)
    return row


def classes(run):
    return {row.item: (row.abc_class, row.annual_value) for row in list_abc(run, now=NOW)}


def test_items_are_ranked_by_what_a_year_of_the_plan_takes(run):
    # 73 days are a fifth of a year: 40 x 5 x 10 = 2000, 8 x 5 x 10 = 400, 2 x 5 x 10 = 100, in all 2500.
    # Before MOTOR 0 % are reached, before CELL 80 %, before BOLT 96 %.
    assert classes(run) == {"MOTOR": ("A", 2000), "CELL": ("B", 400), "BOLT": ("C", 100), "DUST": ("C", 0)}
    assert [row.share for row in list_abc(run, now=NOW)] == [Decimal("0.8"), Decimal("0.96"), 1, 1]


def test_what_a_plan_leaves_over_counts_for_nothing(run):
    taken(run, "DUST", 10**6, for_order=None)
    taken(run, "DUST", 1, for_order=None, sales_order="SO-1", line=1, instalment=1)
    # one delivered: 1 x 5 x 10
    assert classes(run)["DUST"] == ("C", 50)


def test_a_count_of_a_class_leaves_out_what_was_counted_lately(run):
    first = open_count_of_class(version=run.pk, abc_class="C", now=NOW)
    assert sorted(line.item.code for line in first.lines.select_related("item")) == ["BOLT", "DUST"]
    start_count(ref=first.ref, now=NOW)
    counted = [Counted(item=code, qty=Decimal(5)) for code in ("BOLT", "DUST")]
    record_counts(ref=first.ref, counted=counted, now=NOW)
    post_count(ref=first.ref, now=NOW)
    receive_stock(item_id=builders.make_item("NEW", kind="buy").pk, qty=Decimal(1), now=NOW)

    second = open_count_of_class(version=run.pk, abc_class="C", not_counted_days=30, now=NOW)

    assert [line.item.code for line in second.lines.select_related("item")] == ["NEW"]


def test_classes_take_the_same_queries_whatever_the_number_of_items(run):
    with CaptureQueriesContext(connection) as for_few:
        list_abc(run, now=NOW)
    for number in range(50):
        taken(run, builders.make_item(f"I{number}", kind="buy", unit_cost=1).code, 1)
    with CaptureQueriesContext(connection) as for_many:
        assert len(list_abc(run, now=NOW)) == 54
    assert len(for_many) == len(for_few)


def test_classes_are_read_and_counted_over_http(run):
    rows = Api("reader").get(f"/plans/{run.pk}/abc/").json()
    assert (rows["count"], rows["results"][0]["item"], rows["results"][0]["abc_class"]) == (4, "MOTOR", "A")

    opened = Api("production").post(f"/plans/{run.pk}/cycle-counts/", {"abc_class": "A"})
    assert (opened.status_code, opened.json()["lines"], opened.json()["status"]) == (201, 1, "draft")
    api = Api("production")
    refused(api.post(f"/plans/{run.pk}/cycle-counts/", {"abc_class": "A"}), 409, "place_on_another_count")
    refused(api.post(f"/plans/{run.pk}/cycle-counts/", {"abc_class": "D"}), 400, "validation_error")
    refused(api.post(f"/plans/{run.pk}/cycle-counts/", {"items": ["MOTOR"]}), 400, "validation_error")
    refused(Api("reader").post(f"/plans/{run.pk}/cycle-counts/", {"abc_class": "B"}), 403)
    refused(api.get("/plans/999/abc/"), 404, "plan_not_found")


def test_a_class_is_counted_from_its_page(run):
    client = sign_in("production")
    page = f"/admin/planning/planrun/{run.pk}/abc/"
    assert "Class A 1 item 2,000 · 80%" in text_of(client.get(page))

    answer = client.post(page, {"abc_class": "B", "tolerance_percent": "5"}, follow=True)

    assert "CC-000001 was opened as a draft." in text_of(answer)
    assert "not_counted_days" in text_of(
        client.post(page, {"abc_class": "B", "not_counted_days": "x"}, follow=True)
    )
    assert sign_in("reader").post(page, {"abc_class": "A"}).status_code == 403
    assert b"MOTOR" in client.get(f"{page}csv/").content
