"""What an order needs before any plan: its open lines exploded, counted back by lead times."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import BomLine, Item
from inventory.services import receive_stock, revise_bom
from orders.models import Instalment, SalesOrder
from orders.selectors import get_order
from planning.selectors import gross
from planning.selectors.gross import get_gross_needs
from planning.services.exchange import import_factory
from tests import builders
from tests.journeys.admin import sign_in, text_of

pytestmark = pytest.mark.django_db

JUNE, JULY = dt.date(2011, 6, 1), dt.date(2011, 7, 1)


@pytest.fixture(autouse=True)
def works():
    """DRIVE (5 days) takes 2 MOTOR (ACME, 10 days) and a KIT of 3 BOLT (no lead time),a tenth of it lost.

    SO-1 wants 4 on 1 June and 6 on 1 July.
    """
    line = {"line": 1, "item": "DRIVE", "qty": 10}
    instalments = [{"due": "2011-06-01", "qty": 4}, {"due": "2011-07-01", "qty": 6}]
    document = builders.factory_document(
        items=[
            {"code": "DRIVE", "kind": "make", "lead_time_days": 5},
            {"code": "MOTOR", "kind": "buy", "lead_time_days": 99},
            {"code": "KIT", "kind": "phantom"},
            {"code": "BOLT", "kind": "buy"},
        ],
        bom=[
            {"parent": "DRIVE", "component": "KIT", "qty": 1},
            {"parent": "DRIVE", "component": "MOTOR", "qty": 2},
            {"parent": "KIT", "component": "BOLT", "qty": 3, "scrap": 0.1},
        ],
        suppliers=[{"code": "ACME"}, {"code": "SLOW"}],
        sources=[
            {"item": "MOTOR", "supplier": "ACME", "lead_time_days": 10, "priority": 1},
            {"item": "MOTOR", "supplier": "SLOW", "lead_time_days": 30, "priority": 2},
        ],
        sales_orders=[
            {
                "ref": "SO-1",
                "customer": "ACME",
                "order_date": "2011-03-01",
                "lines": [line | {"instalments": instalments}],
            }
        ],
    )
    import_factory(document=builders.as_json(document), now=builders.NOW)


def needs(ref="SO-1"):
    return get_gross_needs(get_order(ref))


def told(ref="SO-1"):
    return [
        (row.level, row.item.code, row.qty, row.needed, row.lead_time_days, row.release, row.last_release)
        for row in needs(ref).rows
    ]


def may(day):
    return dt.date(2011, 5, day)


def june(day):
    return dt.date(2011, 6, day)


def test_each_level_is_counted_back_by_its_lead_time_from_the_day_requested():
    assert told() == [
        # 5 days before 1 June and 1 July
        (0, "DRIVE", 10, JUNE, 5, may(27), june(26)),
        # the kit passes through: 3 / 0.9 bolts for each drive, ordered on the day they are needed
        (1, "KIT", 10, may(27), None, may(27), june(26)),
        (2, "BOLT", Fraction(100, 3), may(27), None, may(27), june(26)),
        # two for each drive; 10 days before 27 May and 26 June
        (1, "MOTOR", 20, may(27), 10, may(17), june(16)),
    ]


def test_what_was_shipped_is_not_needed_again():
    Instalment.objects.filter(due=JUNE).update(shipped_qty=4)
    assert told()[0] == (0, "DRIVE", 6, JULY, 5, june(26), june(26))

    Instalment.objects.filter(due=JULY).update(shipped_qty=6)
    assert told() == []


def test_the_bill_is_that_of_the_day_of_release():
    # the second drive is started on 26 June, when a revision with three motors counts
    revised = revise_bom(item_id=Item.objects.get(code="DRIVE").pk, revision="2", effective_from=june(15))
    BomLine.objects.filter(bom=revised, component__code="MOTOR").update(qty=3)

    # 4 x 2 + 6 x 3
    assert [row[2] for row in told() if row[1] == "MOTOR"] == [26]


def test_a_source_is_one_that_counts_on_the_day_of_release():
    rows = {row.item.code: row for row in needs().rows}
    assert (rows["MOTOR"].supplier, rows["BOLT"].supplier) == ("ACME", None)

    Item.objects.get(code="MOTOR").sources.filter(supplier__code="ACME").update(effective_from=may(20))
    first = next(row for row in needs().rows if row.item.code == "MOTOR")
    assert (first.supplier, first.release) == ("SLOW", dt.date(2011, 4, 27))


def test_stock_is_shown_and_not_subtracted():
    receive_stock(item_id=Item.objects.get(code="MOTOR").pk, qty=Decimal(7), location="A", now=builders.NOW)

    row = next(row for row in needs().rows if row.item.code == "MOTOR")
    assert (row.qty, row.on_hand) == (20, 7)


def test_many_rows_are_cut_off_and_said_to_be(monkeypatch):
    assert not needs().cut_off
    monkeypatch.setattr(gross, "MAX_ROWS", 2)
    assert (len(needs().rows), needs().cut_off) == (2, True)


def test_the_same_queries_whatever_the_order():
    with CaptureQueriesContext(connection) as few:
        needs()
    bom = Item.objects.get(code="DRIVE").boms.get()
    for _ in range(20):
        BomLine.objects.create(bom=bom, component=builders.make_item(kind="buy"), qty=1)
    builders.make_order("SO-2", lines=[builders.new_line(number, item="DRIVE") for number in (1, 2)])
    order = get_order("SO-2")
    with CaptureQueriesContext(connection) as many:
        assert len(get_gross_needs(order).rows) > 40
    assert len(many) <= len(few)


def test_the_page_says_what_is_late_and_what_it_leaves_aside():
    SalesOrder.objects.update(status="quote", confirmed_at=None)
    Instalment.objects.filter(due=JUNE).update(due=dt.date(2011, 3, 10))

    said = text_of(sign_in("sales").get("/admin/planning/planrun/needs/", {"order": "SO-1"}))

    # motors: 10 March less 15 days is before the planning date, 1 March
    assert "1 of 4 rows should have been released before the planning date" in said
    assert "the next one will not: the order is quote" in said
    assert "2011-02-23" in said
    assert "33.333 pcs" in said


def test_whoever_may_not_read_pegging_does_not_see_it():
    assert sign_in("hr").get("/admin/planning/planrun/needs/", {"order": "SO-1"}).status_code == 403
