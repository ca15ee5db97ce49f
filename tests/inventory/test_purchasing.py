"""Purchase orders from the day they go out: numbered, cancelled, moved, received."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from inventory.errors import (
    InvalidQuantity,
    NothingOpen,
    OverReceipt,
    PurchaseOrderNotFound,
    ReferenceTaken,
)
from inventory.models import PurchaseOrder, PurchaseOrderLine, PurchaseReceipt, StockMovement
from inventory.selectors import get_balance, get_purchase_order, list_open_receipts, list_purchase_orders
from inventory.services import (
    NewPurchaseLine,
    ReceivedLine,
    cancel_purchase,
    place_purchase_order,
    receive_purchase_order,
    reschedule_purchase,
)
from tests.builders import NOW, TODAY, make_item, make_purchase_order, make_source, make_supplier
from tests.threads import at_once

pytestmark = pytest.mark.django_db

LATER = TODAY + dt.timedelta(days=30)


def place(*quantities, ref=None, item=None, **values):
    item = item or make_item(kind="buy")
    lines = [NewPurchaseLine(item_id=item.pk, qty=Decimal(str(qty)), due=TODAY) for qty in quantities]
    return place_purchase_order(ref=ref, supplier_id=make_supplier().pk, lines=lines, now=NOW, **values)


def line_of(ref):
    return PurchaseOrderLine.objects.get(ref=ref)


def status(ref):
    return get_purchase_order(ref).status


def came(ref, qty=None, **values):
    return ReceivedLine(ref=ref, qty=None if qty is None else Decimal(str(qty)), **values)


# --- Numbers -----------------------------------------------------------------------------------------


def test_orders_without_a_ref_are_numbered_one_after_the_other():
    assert [place(1).ref, place(1).ref] == ["PO-000001", "PO-000002"]


def test_a_number_that_was_imported_is_never_given_again():
    # given an order PO-000001, and a line of another order that is exchanged as PO-000002/2
    make_purchase_order("PO-000001")
    make_purchase_order("OTHER").lines.create(ref="PO-000002/2", item=make_item(kind="buy"), qty=1, due=TODAY)

    assert place(1).ref == "PO-000003"


def test_an_order_that_fails_leaves_no_gap():
    with pytest.raises(InvalidQuantity):
        place(0)
    assert place(1).ref == "PO-000001"
    assert PurchaseOrder.objects.count() == 1


def test_lines_are_exchanged_under_refs_of_their_own():
    order = place(1, 2)
    assert [line.ref for line in order.lines.order_by("line")] == ["PO-000001", "PO-000001/2"]


# --- Cancelling --------------------------------------------------------------------------------------


def test_the_rest_is_cancelled_and_what_came_stays():
    place(10, ref="PO-1")
    receive_purchase_order(ref="PO-1", lines=[came("PO-1", 4)], now=NOW)

    cancel_purchase(ref="PO-1", reason="discontinued")

    line = line_of("PO-1")
    assert (line.qty, line.received_qty, line.cancelled_qty) == (4, 4, 6)
    assert status("PO-1") == "received"
    assert list(list_open_receipts()) == []
    assert line.history.latest().history_change_reason == "discontinued"


def test_a_part_is_cancelled_of_one_line_and_the_others_stay():
    place(10, 5, ref="PO-1")

    cancel_purchase(ref="PO-1", lines={"PO-1/2": Decimal(2)})

    assert (line_of("PO-1").qty, line_of("PO-1/2").qty) == (10, 3)
    assert status("PO-1") == "open"


def test_an_order_of_which_nothing_came_and_nothing_is_wanted_is_cancelled():
    place(10, 5, ref="PO-1")
    cancel_purchase(ref="PO-1")

    assert status("PO-1") == "cancelled"
    with pytest.raises(NothingOpen):
        cancel_purchase(ref="PO-1")


@pytest.mark.parametrize("qty", ["0", "-1", "10.000001", "NaN"])
def test_no_more_is_cancelled_than_is_open(qty):
    place(10, ref="PO-1")

    with pytest.raises(InvalidQuantity):
        cancel_purchase(ref="PO-1", lines={"PO-1": Decimal(qty)})
    assert line_of("PO-1").cancelled_qty == 0


def test_a_line_of_another_order_is_not_touched():
    place(10, ref="PO-1")
    place(10, ref="PO-2")

    with pytest.raises(PurchaseOrderNotFound, match="PO-1 has no line PO-2"):
        cancel_purchase(ref="PO-1", lines={"PO-2": None})
    assert line_of("PO-2").qty == 10


# --- Moving ------------------------------------------------------------------------------------------


def test_an_order_is_moved_and_the_history_knows_the_day_before():
    place(10, 5, ref="PO-1")

    reschedule_purchase(ref="PO-1", due=LATER, reason="strike")

    assert {line.due for line in PurchaseOrderLine.objects.all()} == {LATER}
    history = line_of("PO-1").history.order_by("history_id")
    assert [row.due for row in history] == [TODAY, LATER]
    assert history.last().history_change_reason == "strike"


def test_what_has_come_is_not_moved():
    place(10, 5, ref="PO-1")
    receive_purchase_order(ref="PO-1", lines=[came("PO-1")], now=NOW)

    reschedule_purchase(ref="PO-1", due=LATER)

    assert (line_of("PO-1").due, line_of("PO-1/2").due) == (TODAY, LATER)
    with pytest.raises(NothingOpen):
        reschedule_purchase(ref="PO-1", due={"PO-1": LATER})


# --- Receiving ---------------------------------------------------------------------------------------


def test_a_delivery_is_put_where_it_was_said_in_its_lot():
    item = make_item("CELL", kind="buy")
    place(10, 5, ref="PO-1", item=item)

    receipt = receive_purchase_order(
        ref="PO-1",
        lines=[came("PO-1", 6, location="A-1", lot="L7"), came("PO-1", 1), came("PO-1/2")],
        now=NOW,
    )

    # 6 in the lot, 1 + 5 elsewhere
    assert get_balance(item_id=item.pk, location="A-1", lot="L7") == 6
    assert get_balance(item_id=item.pk, location="MAIN", lot=None) == 6
    assert [row["qty"] for row in receipt.lines] == ["6", "1", "5"]
    assert status("PO-1") == "partly_received"


@pytest.mark.parametrize(
    "lines",
    [
        [came("PO-1", 11)],
        [came("PO-1", 6), came("PO-1", 5)],
        [came("PO-1"), came("PO-1")],
        [came("PO-1/2", 5), came("PO-1", "10.000001")],
    ],
)
def test_more_than_is_open_is_refused_as_a_whole(lines):
    place(10, 5, ref="PO-1")

    with pytest.raises(OverReceipt, match="open"):
        receive_purchase_order(ref="PO-1", lines=lines, now=NOW)
    assert StockMovement.objects.count() == 0
    assert PurchaseReceipt.objects.count() == 0
    assert line_of("PO-1/2").received_qty == 0


def test_what_was_cancelled_cannot_be_received():
    place(10, ref="PO-1")
    cancel_purchase(ref="PO-1", lines={"PO-1": Decimal(4)})

    with pytest.raises(OverReceipt, match="6 are open"):
        receive_purchase_order(ref="PO-1", lines=[came("PO-1", 10)], now=NOW)


def test_the_same_delivery_note_is_booked_once():
    place(10, ref="PO-1")
    first = receive_purchase_order(ref="PO-1", lines=[came("PO-1", 4)], reference="DN-1", now=NOW)

    again = receive_purchase_order(
        ref="PO-1", lines=[came("PO-1", 4)], reference="DN-1", now=NOW + dt.timedelta(days=1)
    )

    assert (again.pk, again.at) == (first.pk, first.at)
    assert line_of("PO-1").received_qty == 4
    assert StockMovement.objects.count() == 1


def test_a_delivery_note_with_other_lines_is_another_delivery_and_is_refused():
    place(10, ref="PO-1")
    receive_purchase_order(ref="PO-1", lines=[came("PO-1", 4)], reference="DN-1", now=NOW)

    with pytest.raises(ReferenceTaken, match="another reference"):
        receive_purchase_order(ref="PO-1", lines=[came("PO-1", 5)], reference="DN-1", now=NOW)
    assert line_of("PO-1").received_qty == 4


def test_two_orders_may_come_with_one_delivery_note():
    for ref in ("PO-1", "PO-2"):
        place(10, ref=ref)
        receive_purchase_order(ref=ref, lines=[came(ref)], reference="DN-1", now=NOW)
    assert StockMovement.objects.count() == 2


@pytest.mark.parametrize(
    ("received", "cancelled", "expected"),
    [
        (0, 0, "open"),
        (1, 0, "partly_received"),
        (1, 9, "received"),
        (10, 0, "received"),
        (0, 10, "cancelled"),
    ],
)
def test_the_status_of_an_order_follows_from_its_lines(received, cancelled, expected):
    place(10, ref="PO-1")
    if received:
        receive_purchase_order(ref="PO-1", lines=[came("PO-1", received)], now=NOW)
    if cancelled:
        cancel_purchase(ref="PO-1", lines={"PO-1": Decimal(cancelled)})

    assert [order.status for order in list_purchase_orders()] == [expected]
    assert line_of("PO-1").status == expected


# --- Prices ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("qty", "cost"), [("9.999999", 5), ("10", 4), ("99", 4), ("100", 3)])
def test_a_unit_costs_what_the_break_at_that_quantity_says(qty, cost):
    source = make_source(unit_cost=Decimal(5))
    source.price_breaks.create(from_qty=10, unit_cost=4)
    source.price_breaks.create(from_qty=100, unit_cost=3)

    assert source.cost_at(Decimal(qty)) == cost


def test_a_source_without_a_cost_sells_at_the_items():
    assert make_source(item=make_item(kind="buy", unit_cost=7)).cost_at(Decimal(1)) == 7


# --- At the same time --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_at_once_never_receive_more_than_was_ordered():
    item = make_item(kind="buy")
    place(10, ref="PO-1", item=item)

    raised = at_once(
        *[lambda: receive_purchase_order(ref="PO-1", lines=[came("PO-1", 6)], now=NOW) for _ in range(3)]
    )

    assert [type(error) for error in raised] == [OverReceipt, OverReceipt]
    assert get_balance(item_id=item.pk, location="MAIN", lot=None) == 6


@pytest.mark.django_db(transaction=True)
def test_a_delivery_note_that_comes_several_times_at_once_is_booked_once():
    place(10, ref="PO-1")

    raised = at_once(
        *[
            lambda: receive_purchase_order(ref="PO-1", lines=[came("PO-1", 3)], reference="DN", now=NOW)
            for _ in range(3)
        ]
    )

    assert raised == []
    assert line_of("PO-1").received_qty == 3


@pytest.mark.django_db(transaction=True)
def test_orders_placed_at_once_get_numbers_of_their_own():
    items = [make_item(kind="buy") for _ in range(4)]

    assert at_once(*[lambda item=item: place(1, item=item) for item in items]) == []
    refs = sorted(PurchaseOrder.objects.values_list("ref", flat=True))
    assert refs == ["PO-000001", "PO-000002", "PO-000003", "PO-000004"]


def test_a_proposal_is_ordered_once_whatever_the_program_thinks():
    lines = [
        NewPurchaseLine(
            item_id=make_item(kind="buy").pk, qty=Decimal(1), due=TODAY, planned_in=1, planned_order="B1"
        )
    ]
    place_purchase_order(supplier_id=make_supplier().pk, lines=lines)

    with pytest.raises(IntegrityError), transaction.atomic():
        place_purchase_order(supplier_id=make_supplier().pk, lines=lines)
