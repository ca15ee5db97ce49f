"""Stock is a ledger; a balance is the sum of its movements."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from inventory.errors import AppendOnlyRow, InvalidQuantity, OverReceipt, StockWouldBeNegative
from inventory.models import PurchaseOrderLine, StockMovement
from inventory.selectors import get_balance, list_balances, list_open_receipts
from inventory.services import (
    NewPurchaseLine,
    adjust_stock,
    issue_stock,
    place_purchase_order,
    receive_purchase,
    receive_stock,
)
from tests.builders import NOW, TODAY, make_item, make_supplier

pytestmark = pytest.mark.django_db


def balance(item, location="MAIN", lot=None):
    return get_balance(item_id=item.pk, location=location, lot=lot)


def test_receipts_and_issues_add_up_by_place():
    item = make_item("CELL", kind="buy")
    receive_stock(item_id=item.pk, qty=Decimal(10), now=NOW)
    receive_stock(item_id=item.pk, qty=Decimal("2.5"), lot="A", now=NOW)
    issue_stock(item_id=item.pk, qty=Decimal(4), now=NOW)

    assert balance(item) == 6
    assert [(row.item, row.lot, row.qty) for row in list_balances()] in (
        [("CELL", None, 6), ("CELL", "A", Decimal("2.5"))],
        [("CELL", "A", Decimal("2.5")), ("CELL", None, 6)],
    )


def test_no_more_leaves_a_place_than_lies_there():
    item = make_item(kind="buy")
    receive_stock(item_id=item.pk, qty=Decimal(3), now=NOW)

    with pytest.raises(StockWouldBeNegative):
        issue_stock(item_id=item.pk, qty=Decimal("3.000001"), now=NOW)
    with pytest.raises(StockWouldBeNegative):
        issue_stock(item_id=item.pk, qty=Decimal(1), lot="A", now=NOW)
    assert balance(item) == 3


@pytest.mark.parametrize("qty", ["0", "-1", "NaN", "Infinity", "1e18"])
@pytest.mark.parametrize("act", [receive_stock, issue_stock])
def test_a_quantity_that_nobody_can_mean_does_not_move(act, qty):
    item = make_item(kind="buy")

    with pytest.raises(InvalidQuantity):
        act(item_id=item.pk, qty=Decimal(qty), now=NOW)
    assert StockMovement.objects.count() == 0


def test_a_count_is_an_adjustment_by_the_difference():
    item = make_item(kind="buy")
    receive_stock(item_id=item.pk, qty=Decimal(10), now=NOW)

    movement = adjust_stock(item_id=item.pk, counted=Decimal(7), now=NOW)

    assert (movement.kind, movement.qty, balance(item)) == ("adjustment", -3, 7)
    assert adjust_stock(item_id=item.pk, counted=Decimal(7), now=NOW) is None


def test_the_ledger_is_never_changed():
    item = make_item(kind="buy")
    movement = receive_stock(item_id=item.pk, qty=Decimal(10), now=NOW)

    movement.qty = Decimal(99)
    for change in (movement.save, movement.delete, StockMovement.objects.all().delete):
        with pytest.raises(AppendOnlyRow):
            change()
    assert balance(item) == 10


def test_a_purchase_is_received_into_stock_until_nothing_is_open():
    item = make_item("CELL", kind="buy")
    lines = [NewPurchaseLine(item_id=item.pk, qty=Decimal(5), due=TODAY) for _ in range(2)]
    place_purchase_order(ref="PO-1", supplier_id=make_supplier().pk, lines=lines)

    receive_purchase(ref="PO-1", qty=Decimal(2), now=NOW)
    receive_purchase(ref="PO-1", now=NOW)

    assert balance(item) == 5
    assert [line.ref for line in list_open_receipts()] == ["PO-1/2"]
    with pytest.raises(OverReceipt):
        receive_purchase(ref="PO-1", qty=Decimal(1), now=NOW)
    assert PurchaseOrderLine.objects.get(ref="PO-1").received_qty == 5


class AnyMovements(TestCase):
    @given(st.lists(st.tuples(st.booleans(), st.decimals("0.000001", "1000", places=6)), max_size=12))
    def test_a_balance_is_the_sum_and_never_negative(self, moves):
        item = make_item(kind="buy")
        expected = Decimal(0)
        for comes_in, qty in moves:
            if comes_in:
                receive_stock(item_id=item.pk, qty=qty, now=NOW)
                expected += qty
            elif qty <= expected:
                issue_stock(item_id=item.pk, qty=qty, now=NOW)
                expected -= qty
            else:
                with pytest.raises(StockWouldBeNegative):
                    issue_stock(item_id=item.pk, qty=qty, now=NOW)
        assert balance(item) == expected
