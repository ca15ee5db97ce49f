"""What can happen to an order, and in which state."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.selectors import get_balance
from inventory.services import receive_stock
from orders.errors import LineNotFound, OrderNotFound, OverShipment, VersionConflict, WrongStatus
from orders.models import Instalment, SalesOrder
from orders.services import (
    cancel_order,
    confirm_order,
    hold_order,
    release_order,
    ship_instalment,
    ship_order,
)
from tests.builders import NOW, make_item, make_order, new_line, new_schedule

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(days=1)
DAY = dt.date(2011, 7, 1)

ACTS = {
    "confirm": lambda ref: confirm_order(ref=ref, now=LATER),
    "hold": lambda ref: hold_order(ref=ref, now=LATER),
    "release": lambda ref: release_order(ref=ref, now=LATER),
    "cancel": lambda ref: cancel_order(ref=ref, now=LATER),
    "ship": lambda ref: ship_order(ref=ref, shipped_on=DAY, now=LATER),
}
# From each state, where each act leads; what is not here is refused.
TRANSITIONS = {
    "quote": {"confirm": "confirmed", "cancel": "cancelled"},
    "confirmed": {"hold": "on_hold", "cancel": "cancelled", "ship": "shipped"},
    "on_hold": {"release": "confirmed", "cancel": "cancelled"},
    "cancelled": {},
    "shipped": {},
}


def order_in(status):
    order = make_order("SO-1", status="quote" if status == "quote" else "confirmed")
    leads_there = {"on_hold": "hold", "cancelled": "cancel", "shipped": "ship"}
    if status in leads_there:
        ACTS[leads_there[status]]("SO-1")
    order.refresh_from_db()
    assert order.status == status
    return order


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", TRANSITIONS)
def test_each_act_leads_where_it_should_or_is_refused(status, act):
    order = order_in(status)
    version = order.version
    expected = TRANSITIONS[status].get(act)

    if expected is None:
        with pytest.raises(WrongStatus):
            ACTS[act]("SO-1")
    else:
        ACTS[act]("SO-1")

    order.refresh_from_db()
    assert order.status == (expected or status)
    assert (order.version > version) == (expected is not None)


def test_confirming_remembers_when_and_who():
    make_order("SO-1", status="quote")
    clerk = get_user_model().objects.create_user("clerk")

    confirm_order(ref="SO-1", now=LATER, by=clerk)

    order = SalesOrder.objects.get()
    assert (order.confirmed_at, order.version) == (LATER, 2)
    entries = list(order.history.order_by("history_id").values_list("status", "history_user__username"))
    assert entries == [("quote", None), ("confirmed", "clerk")]


def test_holding_keeps_the_reason_until_the_release():
    make_order("SO-1")
    hold_order(ref="SO-1", reason="credit limit", now=NOW)
    assert SalesOrder.objects.get().status_reason == "credit limit"

    release_order(ref="SO-1", now=LATER)
    assert SalesOrder.objects.get().status_reason == ""


def test_who_saw_an_old_version_is_refused():
    make_order("SO-1")
    hold_order(ref="SO-1", now=NOW, expected_version=1)

    with pytest.raises(VersionConflict, match="you saw version 1, it is at 2"):
        release_order(ref="SO-1", now=NOW, expected_version=1)
    assert SalesOrder.objects.get().status == "on_hold"


def test_an_unknown_order_is_named():
    with pytest.raises(OrderNotFound, match="SO-9"):
        confirm_order(ref="SO-9", now=NOW)


def test_shipping_in_parts_ends_with_a_shipped_order():
    make_item("DRIVE")
    schedule = new_schedule((dt.date(2011, 7, 31), 6), (dt.date(2011, 8, 31), 4))
    make_order("SO-1", lines=[new_line(item="DRIVE", due=None, instalments=schedule)])

    ship_instalment(ref="SO-1", line=1, instalment=1, qty=Decimal(2), shipped_on=DAY, now=NOW)
    ship_instalment(ref="SO-1", line=1, instalment=1, shipped_on=DAY + dt.timedelta(days=9), now=NOW)

    rows = Instalment.objects.order_by("instalment").values_list("shipped_qty", "shipped_on", "due")
    # 2 + the remaining 4 on the later day; what was requested has not moved.
    assert list(rows) == [(6, dt.date(2011, 7, 10), dt.date(2011, 7, 31)), (0, None, dt.date(2011, 8, 31))]
    assert SalesOrder.objects.get().status == "confirmed"
    ship_instalment(ref="SO-1", line=1, instalment=2, shipped_on=DAY, now=NOW)
    assert SalesOrder.objects.get().status == "shipped"


@pytest.mark.parametrize("qty", ["0", "-1", "10.000001", "1e18", "NaN"])
def test_no_more_ships_than_is_open(qty):
    make_order("SO-1")

    with pytest.raises(OverShipment):
        ship_instalment(ref="SO-1", line=1, qty=Decimal(qty), shipped_on=DAY, now=NOW)

    assert Instalment.objects.get().shipped_qty == 0


def test_a_line_that_is_not_there_cannot_ship():
    make_order("SO-1")

    with pytest.raises(LineNotFound):
        ship_instalment(ref="SO-1", line=1, instalment=2, shipped_on=DAY, now=NOW)


def test_shipped_units_leave_the_stock_as_far_as_they_lie_there():
    drive = make_item("DRIVE")
    make_order("SO-1", lines=[new_line(item="DRIVE", qty=10)])
    receive_stock(item_id=drive.pk, qty=Decimal(7), now=NOW)

    ship_instalment(ref="SO-1", line=1, qty=Decimal(4), shipped_on=DAY, now=NOW)
    assert get_balance(item_id=drive.pk, location="MAIN", lot=None) == 3

    # Six more, of which three lie in stock: the balance never falls below nothing.
    ship_instalment(ref="SO-1", line=1, shipped_on=DAY, now=NOW)
    assert get_balance(item_id=drive.pk, location="MAIN", lot=None) == 0


def test_shipping_an_order_reads_its_instalments_once_and_is_one_change():
    parts = new_schedule(*((dt.date(2011, 7, day), 1) for day in range(1, 21)))
    item = make_item()
    order = make_order("SO-1", lines=[new_line(item=item.code, qty=20, due=None, instalments=parts)])
    receive_stock(item_id=item.pk, qty=Decimal(20), now=NOW)
    ship_instalment(ref="SO-1", line=1, instalment=3, shipped_on=DAY, now=LATER)
    order.refresh_from_db()

    with CaptureQueriesContext(connection) as queries:
        shipped = ship_order(ref="SO-1", shipped_on=DAY, now=LATER)

    reads = [query["sql"] for query in queries if 'FROM "orders_instalment"' in query["sql"]]
    assert len(reads) == 1
    assert (shipped.status, shipped.version) == ("shipped", order.version + 1)
    assert set(Instalment.objects.values_list("shipped_qty", flat=True)) == {1}
    assert get_balance(item_id=item.pk, location="MAIN", lot=None) == 0
