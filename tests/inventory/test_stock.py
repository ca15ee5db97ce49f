"""Stock is a ledger; a balance is the sum of its movements."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from inventory.errors import (
    AppendOnlyRow,
    InvalidMovements,
    InvalidQuantity,
    OverReceipt,
    SameLocation,
    StockWouldBeNegative,
)
from inventory.models import PurchaseOrderLine, StockMovement
from inventory.models.fields import QTY_LIMIT
from inventory.selectors import get_balance, list_balances, list_open_receipts, unit_values
from inventory.services import (
    NewPurchaseLine,
    StockLine,
    adjust_stock,
    book_stock,
    issue_stock,
    place_purchase_order,
    receive_purchase,
    receive_stock,
    transfer_stock,
)
from tests.builders import NOW, TODAY, make_bom_line, make_item, make_source, make_supplier
from tests.threads import at_once

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


def test_a_transfer_carries_units_of_one_lot_and_changes_no_total():
    item = make_item("CELL", kind="buy")
    receive_stock(item_id=item.pk, qty=Decimal(10), lot="L1", now=NOW)

    transfer_stock(
        item_id=item.pk, qty=Decimal(4), lot="L1", from_location="MAIN", to_location="LINE", now=NOW
    )

    assert (balance(item, lot="L1"), balance(item, "LINE", "L1")) == (6, 4)
    assert sum(row.qty for row in StockMovement.objects.all()) == 10


@pytest.mark.parametrize(
    ("qty", "to", "error"), [(11, "LINE", StockWouldBeNegative), (1, "MAIN", SameLocation)]
)
def test_a_transfer_needs_units_and_somewhere_to_go(qty, to, error):
    item = make_item(kind="buy")
    receive_stock(item_id=item.pk, qty=Decimal(10), now=NOW)

    with pytest.raises(error):
        transfer_stock(item_id=item.pk, qty=Decimal(qty), from_location="MAIN", to_location=to, now=NOW)
    assert StockMovement.objects.count() == 1


def test_several_issues_are_booked_together_or_not_at_all():
    cell, bolt = make_item("CELL", kind="buy"), make_item("BOLT", kind="buy")
    for item in (cell, bolt):
        receive_stock(item_id=item.pk, qty=Decimal(10), now=NOW)
    lines = [StockLine(item="CELL", qty=Decimal(4)), StockLine(item="BOLT", qty=Decimal(11))]

    with pytest.raises(InvalidMovements) as refused:
        book_stock(act="issue", lines=lines, now=NOW)

    assert [issue.path for issue in refused.value.issues] == ["/lines/1"]
    assert refused.value.code == "stock_negative"
    assert (balance(cell), balance(bolt)) == (10, 10)


def test_two_lines_together_take_no_more_than_lies_there():
    item = make_item("CELL", kind="buy")
    receive_stock(item_id=item.pk, qty=Decimal(10), now=NOW)

    with pytest.raises(InvalidMovements, match="4 pcs of CELL are at MAIN"):
        book_stock(act="issue", lines=[StockLine(item="CELL", qty=Decimal(6))] * 2, now=NOW)
    assert balance(item) == 10


@pytest.mark.django_db(transaction=True)
def test_issues_of_the_same_items_in_other_orders_never_wait_in_a_circle_nor_go_below_zero():
    codes = ["A", "B", "C"]
    for code in codes:
        receive_stock(item_id=make_item(code, kind="buy").pk, qty=Decimal(10), now=NOW)

    def issue(order):
        return lambda: book_stock(
            act="issue", lines=[StockLine(item=code, qty=Decimal(3)) for code in order], now=NOW
        )

    raised = at_once(*[issue(order) for order in (codes, codes[::-1]) * 3])

    # three times 3 of 10 can be taken
    assert {type(error) for error in raised} == {InvalidMovements}
    assert len(raised) == 3
    assert [row.qty for row in list_balances()] == [1, 1, 1]


def test_a_made_item_is_worth_its_components_and_a_bought_one_its_best_source():
    # given a drive of 2 motors at 100 and 0.5 kg wire, lost to a fifth, which its best source sells at 8
    drive, motor = make_item("DRIVE"), make_item("MOTOR", kind="buy", unit_cost=100)
    wire = make_item("WIRE", kind="buy")
    make_source(item=wire, unit_cost=9, priority=2)
    make_source(item=wire, unit_cost=8, priority=1)
    make_bom_line(parent=drive, component=motor, qty=2)
    make_bom_line(parent=drive, component=wire, qty=Decimal("0.5"), scrap=Decimal("0.2"))
    truck = make_item("TRUCK")
    make_bom_line(parent=truck, component=drive, qty=3)

    worth = unit_values([truck.pk, drive.pk, wire.pk], on=TODAY)

    # 2 x 100 + 0.5 / 0.8 x 8 = 205
    assert worth == {truck.pk: 615, drive.pk: 205, wire.pk: 8}


def test_no_place_ever_holds_more_than_a_plan_can_read():
    cell = make_item("CELL", kind="buy")
    receive_stock(item_id=cell.pk, qty=Decimal(QTY_LIMIT), location="A", now=NOW)
    receive_stock(item_id=cell.pk, qty=Decimal(1), location="B", now=NOW)

    with pytest.raises(InvalidQuantity, match="Correct what lies there first"):
        receive_stock(item_id=cell.pk, qty=Decimal(1), location="A", now=NOW)
    with pytest.raises(InvalidQuantity):
        transfer_stock(item_id=cell.pk, qty=Decimal(1), from_location="B", to_location="A", now=NOW)

    assert balance(cell, "A") == QTY_LIMIT
    assert balance(cell, "B") == 1
