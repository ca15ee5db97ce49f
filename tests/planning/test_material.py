"""The time-phased table: it balances, it says when an item runs out, and it does not slow down with size."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from planning.errors import ItemNotInPlan
from planning.models import Pegging, PlanException
from planning.selectors.frozen import get_frozen
from planning.selectors.material import (
    BUCKETS,
    get_material_table,
    list_item_heads,
    list_item_summaries,
)
from tests.planning.material_rows import add_operation, add_order, day, peg, promise, stored_plan

pytestmark = pytest.mark.django_db

SO = ("SO-1", 1, 1)
ITEMS = [
    {"code": "DRIVE", "kind": "make"},
    {"code": "MOTOR", "name": "Traction motor", "kind": "buy", "safety_stock": 2},
]


def motors(status="ready", **sections):
    """MOTOR: 6 in stock, 4 on order since before the planning date, 3.5 due in ten days; M1 takes 8 on day 3,
    M2 takes 10 on day 14, for which B1 brings 8 on day 13; F1, firm, brings 1 on day 20.
    """
    run = stored_plan(
        status,
        items=ITEMS,
        suppliers=[{"code": "ACME"}],
        stock=[{"item": "MOTOR", "qty": 5}, {"item": "MOTOR", "qty": 1, "location": "YARD"}],
        purchase_orders=[
            {
                "ref": "PO-1",
                "supplier": "ACME",
                "item": "MOTOR",
                "qty": 9,
                "received_qty": 5,
                "due": "2011-02-01",
            },
            {"ref": "PO-2", "supplier": "ACME", "item": "MOTOR", "qty": 3.5, "due": "2011-03-11"},
        ],
        **sections,
    )
    add_order(run, "M1", "DRIVE", 4, 3, 5)
    add_order(run, "M2", "DRIVE", 5, 14, 16)
    add_order(run, "B1", "MOTOR", 8, 6, 13)
    add_order(run, "F1", "MOTOR", 1, 13, 20, firm=True)
    peg(run, "stock", "MOTOR", 6, "M1", 3)
    peg(run, "PO-1", "MOTOR", 2, "M1", 3)
    peg(run, "PO-1", "MOTOR", 2, "M2", 14)
    peg(run, "PO-2", "MOTOR", Decimal("3.5"), "M2", 14)
    peg(run, "B1", "MOTOR", Decimal("4.5"), "M2", 14)
    peg(run, "B1", "MOTOR", Decimal("3.5"))
    peg(run, "F1", "MOTOR", 1)
    return run


def table(run, code="MOTOR", bucket="week"):
    return get_material_table(run.pk, get_frozen(run.pk), code=code, bucket=bucket)


def summary(run, code="MOTOR"):
    frozen = get_frozen(run.pk)
    heads = [head for head in list_item_heads(run.pk, frozen) if head.code == code]
    (row,) = list_item_summaries(run.pk, frozen, heads)
    return row


def test_a_week_shows_what_is_needed_what_comes_and_what_is_left():
    rows = table(motors()).buckets

    told = [
        (row.start, row.gross, row.scheduled, row.net, row.firm, row.planned, row.releases, row.on_hand)
        for row in rows
    ]
    assert told == [
        # 6 + 4 - 8 = 2, which is the safety stock
        (dt.date(2011, 3, 1), 8, 4, 0, 0, 0, 0, 2),
        # B1 goes out
        (dt.date(2011, 3, 7), 0, Decimal("3.5"), 0, 0, 0, 8, Decimal("5.5")),
        # M2 takes 10 of 5.5, and 2 are to stay; B1 comes, F1 goes out
        (dt.date(2011, 3, 14), 10, 0, Decimal("6.5"), 0, 8, 1, Decimal("3.5")),
        (dt.date(2011, 3, 21), 0, 0, 0, 1, 0, 0, Decimal("4.5")),
    ]


def test_there_are_no_past_columns_and_weeks_begin_on_monday():
    rows = table(motors()).buckets

    assert [(row.start, row.end) for row in rows[:2]] == [
        (dt.date(2011, 3, 1), dt.date(2011, 3, 7)),
        (dt.date(2011, 3, 7), dt.date(2011, 3, 14)),
    ]
    assert [row.start for row in table(motors(), bucket="month").buckets] == [dt.date(2011, 3, 1)]
    assert len(table(motors(), bucket="day").buckets) == 21


@pytest.mark.parametrize("bucket", BUCKETS)
def test_supply_is_demand_and_what_is_left_in_every_bucket(bucket):
    found = table(motors(), bucket=bucket)

    before = found.on_hand
    for row in found.buckets:
        comes = row.scheduled + row.by_products + row.firm + row.planned
        assert before + comes == row.gross + row.on_hand
        before = row.on_hand
    # and over all of it: 6 + 4 + 3.5 + 8 + 1 - 18
    assert before == Decimal("4.5")
    assert sum(row.gross for row in found.buckets) == 18


def test_net_requirements_are_what_receipts_do_not_cover_with_the_safety_stock():
    run = motors()
    Pegging.objects.filter(order="PO-1", for_order="M1").update(qty=Decimal("2.000001"))

    assert table(run).buckets[0].net == Decimal("0.000001")


def test_a_plan_without_days_takes_when_the_order_starts_and_the_supply_is_there():
    # M1 starts on the evening of day 2 in Los Angeles, which is day 3 in UTC; M2 when B1 is there, on day 13
    run = motors(time_zone="America/Los_Angeles")
    add_operation(run, "M1", "DRIVE", dt.datetime(2011, 3, 4, 3, tzinfo=dt.UTC))
    add_operation(run, "M2", "DRIVE", dt.datetime(2011, 3, 8, 17, tzinfo=dt.UTC))
    Pegging.objects.update(day=None)

    taken = {row.start: row.gross for row in table(run, bucket="day").buckets if row.gross}

    assert taken == {day(2): 8, day(7): 2, day(10): Decimal("3.5"), day(13): Decimal("4.5")}
    assert all(row.on_hand >= 0 for row in table(run, bucket="day").buckets)


def test_what_customers_take_leaves_on_the_day_of_delivery():
    run = motors()
    promise(run, SO, 4, 5, 8)
    promise(run, ("SO-1", 1, 2), 3, 30, None)
    peg(run, "M1", "DRIVE", 4, SO)

    found = table(run, "DRIVE", "day")

    assert [(row.start, row.gross) for row in found.buckets if row.gross] == [(day(8), 4)]
    # three were never delivered: they are no requirement of this plan, and are said apart
    assert found.undelivered == 3


def test_a_released_work_order_comes_when_the_plan_finishes_it():
    run = stored_plan(work_orders=[{"ref": "WO-1", "item": "DRIVE", "qty": 4, "due": "2011-02-10"}])
    add_order(run, "WO-1", "DRIVE", 4, 0, 9, work_order="WO-1", firm=True)

    rows = {row.start: row for row in table(run, "DRIVE", "day").buckets}

    assert (rows[day(9)].scheduled, rows[day(9)].firm, rows[day(0)].releases) == (4, 0, 0)
    assert summary(run, "DRIVE").first_past_due == dt.date(2011, 2, 10)


def test_by_products_come_with_the_order_that_leaves_them():
    items = [*ITEMS, {"code": "CHIPS", "kind": "buy"}]
    rows = [
        {"parent": "DRIVE", "item": "CHIPS", "qty": 0.333333, "to": "2011-03-04"},
        {"parent": "DRIVE", "item": "CHIPS", "qty": 2, "from": "2011-03-10"},
    ]
    run = stored_plan(items=items, by_products=rows)
    add_order(run, "M1", "DRIVE", 3, 1, 5)
    add_order(run, "M2", "DRIVE", 3, 5, 8)
    add_order(run, "M3", "DRIVE", 3, 5, 20)
    add_operation(run, "M3", "DRIVE", dt.datetime(2011, 3, 11, 8, tzinfo=dt.UTC))

    comes = {row.start: row.by_products for row in table(run, "CHIPS", "day").buckets if row.by_products}

    assert comes == {day(5): Decimal("0.999999"), day(20): 6}


def test_the_list_says_when_an_item_runs_out_and_what_is_overdue():
    row = summary(motors())

    assert (row.on_hand, row.safety_stock, row.next_receipt, row.next_receipt_qty) == (6, 2, day(0), 4)
    # 6 + 4 + 3.5 cover the first 8, not the next 10
    assert row.first_shortage == day(14)
    assert row.first_past_due == dt.date(2011, 2, 1)
    assert row.first_below_safety is None


def test_an_item_that_has_less_than_its_safety_stock_is_told_from_the_first_day():
    run = stored_plan(items=[ITEMS[0], ITEMS[1] | {"safety_stock": 7}], stock=[{"item": "MOTOR", "qty": 6}])

    assert summary(run).first_below_safety == day(0)
    assert summary(run).first_shortage is None


def test_items_with_most_money_at_risk_come_first_and_phantoms_are_left_out():
    items = [*ITEMS, {"code": "KIT", "kind": "phantom"}, {"code": "BOLT", "kind": "buy"}]
    run = stored_plan(items=items)
    for item, money in (("MOTOR", 10.0), ("MOTOR", 5.5), ("BOLT", None), (None, 99.0)):
        PlanException.objects.create(
            run=run, code="EXPEDITE", severity="warning", entity="X", text="-", item=item, money_at_risk=money
        )
    frozen = get_frozen(run.pk)

    heads = [(head.code, head.exceptions, head.money_at_risk) for head in list_item_heads(run.pk, frozen)]
    assert heads == [("MOTOR", 2, 15.5), ("BOLT", 1, None), ("DRIVE", 0, None)]

    def codes(**narrowed):
        return [head.code for head in list_item_heads(run.pk, frozen, **narrowed)]

    assert codes(search="traction") == ["MOTOR"]
    assert codes(kind="make") == ["DRIVE"]
    assert codes(troubled=True) == ["MOTOR", "BOLT"]
    assert codes(troubled=False) == ["DRIVE"]


def test_an_item_that_the_plan_does_not_know_is_refused():
    with pytest.raises(ItemNotInPlan, match="GHOST"):
        table(stored_plan(), "GHOST")


@pytest.mark.parametrize("with_days", [True, False])
def test_more_rows_and_items_take_no_more_queries(with_days):
    run = motors()
    promise(run, SO, 4, 5, 8)
    peg(run, "M1", "DRIVE", 4, SO, 8)
    if not with_days:
        Pegging.objects.update(day=None)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            frozen = get_frozen(run.pk)
            table_ = get_material_table(run.pk, frozen, code="MOTOR")
            heads = list_item_heads(run.pk, frozen)
            list_item_summaries(run.pk, frozen, heads)
        return len(captured), len(table_.buckets)

    before, _ = queries()
    for number in range(20):
        add_order(run, f"M1{number}", "DRIVE", 4, 3, 25)
        add_order(run, f"B1{number}", "MOTOR", 4, 3, 5)
        peg(run, f"B1{number}", "MOTOR", 4, f"M1{number}", 5 if with_days else None)
        peg(run, f"M1{number}", "DRIVE", 4, ("SO-1", 1, 1), 25 if with_days else None)

    assert queries()[0] == before
