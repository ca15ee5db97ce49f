"""Why an order exists, and what a delivery waits for: shares that add up, days, and a bounded effort."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from planning.errors import OrderNotInPlan
from planning.models import Pegging, PlanPromise
from planning.selectors import pegging, pegging_tree
from planning.selectors.frozen import get_frozen
from planning.selectors.pegging import read_below, read_down, read_up
from planning.selectors.pegging_tree import tree_down, tree_up
from tests.planning.material_rows import add_operation, add_order, day, peg, promise, stored_plan

pytestmark = pytest.mark.django_db

FIRST, SECOND = ("SO-1", 1, 1), ("SO-1", 1, 2)


def plan():
    """B1 brings 12 motors on day 4: 6 for F1, 4 for D2, 2 for nobody. F1 makes 3 frames: 1 for D1, 2 for D2.
    D1 is 2 drives, all of the first instalment, wanted on day 20; D2 is 4 drives, there on day 24: 1 of the
    first, 3 of the second, wanted on day 24. One motor of the stock and three on order go into D1.
    """
    run = stored_plan(
        items=[{"code": code, "kind": "make"} for code in ("DRIVE", "FRAME")]
        + [{"code": "MOTOR", "kind": "buy"}],
        bom=[],
        suppliers=[{"code": "ACME"}],
        purchase_orders=[{"ref": "PO-9", "supplier": "ACME", "item": "MOTOR", "qty": 3, "due": "2011-03-03"}],
    )
    add_order(run, "B1", "MOTOR", 12, 1, 4, supplier="ACME")
    add_order(run, "F1", "FRAME", 3, 5, 7)
    add_order(run, "D1", "DRIVE", 2, 8, 18)
    add_order(run, "D2", "DRIVE", 4, 9, 24)
    peg(run, "B1", "MOTOR", 6, "F1", 5)
    peg(run, "B1", "MOTOR", 4, "D2", 10)
    peg(run, "B1", "MOTOR", 2)
    peg(run, "stock", "MOTOR", 1, "D1", 8)
    peg(run, "PO-9", "MOTOR", 3, "D1", 8)
    peg(run, "F1", "FRAME", 1, "D1", 8)
    peg(run, "F1", "FRAME", 2, "D2", 9)
    peg(run, "D1", "DRIVE", 2, FIRST, 20)
    peg(run, "D2", "DRIVE", 1, FIRST, 24)
    peg(run, "D2", "DRIVE", 3, SECOND, 24)
    promise(run, FIRST, 3, 20, 24)
    promise(run, SECOND, 3, 24, 24)
    return run


def up(run, order, item=""):
    return tree_up(read_up(run.pk, get_frozen(run.pk), order=order, item=item))


def down(run, line=None, instalment=None, sales_order="SO-1"):
    graph = read_down(run.pk, get_frozen(run.pk), sales_order=sales_order, line=line, instalment=instalment)
    return tree_down(graph)


def shares(tree):
    return {(row.sales_order, row.line, row.instalment): row.qty for row in tree.shares}


def rows(tree):
    return [(row.depth, row.order or key(row), row.qty) for row in tree.rows]


def key(row):
    return (row.sales_order, row.line, row.instalment) if row.kind == "delivery" else row.kind


# --- Up


def test_a_purchase_is_shared_out_to_the_customers_it_serves():
    tree = up(plan(), "B1")

    # of 6 motors in F1 a third goes into D1, to the first; of the other 4 and of the 4 in D2 a quarter does
    assert shares(tree) == {FIRST: 2 + 1 + 1, SECOND: 3 + 3}
    assert (tree.excess, tree.not_followed, tree.is_complete) == (2, 0, True)
    assert sum(shares(tree).values()) + tree.excess == 12


def test_the_way_up_is_indented_and_each_order_opened_once():
    run = plan()

    assert rows(up(run, "B1")) == [
        (0, "B1", 12),
        (1, "F1", 6),
        (2, "D1", 2),
        (3, FIRST, 2),
        (2, "D2", 4),
        (1, "D2", 4),
        (2, FIRST, 2),
        (2, SECOND, 6),
        (1, "excess", 2),
    ]
    seen = {(row.depth, row.order): row.seen for row in up(run, "B1").rows if row.order == "D2"}
    assert seen == {(1, "D2"): False, (2, "D2"): True}


def test_days_and_slack_are_told_on_the_way_up():
    by_order = {row.order: row for row in up(plan(), "B1").rows if row.depth <= 1}

    # B1 is there on day 4; F1 takes it on day 5, D2 on day 10
    assert (by_order["F1"].day, by_order["F1"].slack_days) == (day(5), 1)
    assert (by_order["D2"].day, by_order["D2"].slack_days) == (day(10), 6)
    assert (by_order["B1"].start, by_order["B1"].due, by_order["B1"].supplier) == (day(1), day(4), "ACME")


def test_thirds_add_up_exactly():
    run = plan()
    Pegging.objects.filter(order="F1", for_order="D2").update(qty=Decimal("1"))
    Pegging.objects.filter(order="F1", for_order="D1").update(qty=Decimal("2"))
    Pegging.objects.filter(order="B1", for_order="F1").update(qty=Decimal("1"))

    tree = up(run, "B1")

    # 2/3 + 1/3 x 1/4 + 4/4 to the first; 1/3 x 3/4 + 3 to the second; 2 to nobody
    assert shares(tree) == {FIRST: Decimal("1.75"), SECOND: Decimal("3.25")}


def test_open_purchase_orders_and_stock_are_asked_for_as_well():
    run = plan()

    receipt = up(run, "PO-9")
    assert shares(receipt) == {FIRST: 3}
    assert (receipt.rows[0].kind, receipt.rows[0].due) == ("purchase_order", dt.date(2011, 3, 3))
    assert shares(up(run, "stock", "MOTOR")) == {FIRST: 1}
    with pytest.raises(OrderNotInPlan, match="item="):
        up(run, "stock")


def test_what_the_plan_does_not_know_is_refused():
    run = plan()

    for order, item in (("GHOST", ""), ("stock", "FRAME"), ("PO-9", "DRIVE")):
        with pytest.raises(OrderNotInPlan):
            up(run, order, item)
    with pytest.raises(OrderNotInPlan, match="SO-1 line 7"):
        down(run, 7)
    with pytest.raises(OrderNotInPlan):
        read_below(run.pk, get_frozen(run.pk), order="PO-9")


# --- Down


def test_a_delivery_waits_for_its_share_of_every_order_below():
    assert rows(down(plan(), 1, 1)) == [
        (0, FIRST, 3),
        # a quarter of D2; what came last, and made it late, stands first
        (1, "D2", 1),
        (2, "F1", Decimal("0.5")),
        # opened once, for all that flows through F1: 1.5 of 3 frames take 3 of 6 motors
        (3, "B1", 3),
        (2, "B1", 1),
        (1, "D1", 2),
        (2, "F1", 1),
        (2, "PO-9", 3),
        (2, "stock", 1),
    ]


def test_a_line_and_a_whole_order_are_their_instalments():
    run = plan()
    promise(run, ("SO-1", 2, 1), 1, 30, None)

    assert [key for depth, key, _ in rows(down(run, 1)) if depth == 0] == [FIRST, SECOND]
    assert [key for depth, key, _ in rows(down(run)) if depth == 0] == [FIRST, SECOND, ("SO-1", 2, 1)]


def test_the_late_path_is_what_came_last():
    late = [row for row in down(plan(), 1, 1).rows if row.is_late_path]

    # the first instalment is late because of D2, which had to wait for its frame
    assert [row.order or row.instalment for row in late] == [1, "D2", "F1", "B1"]
    assert not [row for row in down(plan(), 1, 2).rows if row.is_late_path]


def test_the_late_path_follows_the_chain_of_the_plan():
    run = plan()
    link = {
        "item": "DRIVE",
        "order": "D1",
        "kind": "make",
        "start": "2011-03-09",
        "end": "2011-03-19",
        "days": 10,
    }
    other = link | {"item": "MOTOR", "order": "PO-9", "kind": "receipt"}
    PlanPromise.objects.filter(instalment=1).update(chain=[other, link])

    tree = down(run, 1, 1)

    assert [row.order or row.instalment for row in tree.rows if row.is_late_path] == [1, "D1", "PO-9"]
    (chain,) = tree.chains
    assert (chain.instalment, [link["order"] for link in chain.links]) == (1, ["PO-9", "D1"])


def test_what_one_order_waits_for():
    run = plan()

    tree = tree_down(read_below(run.pk, get_frozen(run.pk), order="D1"))

    assert rows(tree) == [(0, "D1", 2), (1, "F1", 1), (2, "B1", 2), (1, "PO-9", 3), (1, "stock", 1)]


def test_a_plan_without_days_takes_them_from_the_orders():
    run = plan()
    Pegging.objects.update(day=None)
    add_operation(run, "F1", "FRAME", dt.datetime(2011, 3, 7, 8, tzinfo=dt.UTC))
    add_operation(run, "D2", "DRIVE", dt.datetime(2011, 3, 4, 8, tzinfo=dt.UTC))

    found = {
        row.order: (row.day, row.slack_days) for row in up(run, "B1").rows if row.depth == 1 and row.order
    }

    # D2 starts on day 3, when B1 is not there yet
    assert found == {"F1": (day(6), 2), "D2": (day(4), 0)}
    deliveries = [row.day for row in up(run, "D1").rows if row.kind == "delivery"]
    assert deliveries == [day(24)]


# --- Limits


def test_what_is_left_out_is_counted(monkeypatch):
    monkeypatch.setattr(pegging_tree, "MAX_CHILDREN", 1)

    tree = up(plan(), "B1")

    assert rows(tree) == [(0, "B1", 12), (1, "F1", 6), (2, "D1", 2), (3, FIRST, 2)]
    assert [row.more for row in tree.rows] == [2, 1, 0, 0]
    assert not tree.is_complete
    # the shares are of everything that was read, shown or not
    assert shares(tree) == {FIRST: 4, SECOND: 6}


def test_what_is_not_read_is_said(monkeypatch):
    monkeypatch.setattr(pegging, "MAX_ORDERS", 2)

    tree = up(plan(), "B1")

    # B1 and F1 were read, D2 and D1 not
    assert tree.not_followed + tree.excess + sum(shares(tree).values()) == 12
    assert tree.not_followed == 10
    assert {row.order for row in tree.rows if row.is_cut} == {"D1", "D2"}
    assert not tree.is_complete


def test_the_rows_that_are_cut_are_the_deepest(monkeypatch):
    monkeypatch.setattr(pegging_tree, "MAX_ROWS", 4)

    assert max(row.depth for row in up(plan(), "B1").rows) == 1


@pytest.mark.parametrize(
    "read",
    [
        lambda run: up(run, "B1"),
        lambda run: down(run, 1, 1),
        lambda run: down(run),
        lambda run: tree_down(read_below(run.pk, get_frozen(run.pk), order="D1")),
    ],
)
def test_more_orders_take_no_more_queries(read):
    run = plan()

    def queries():
        with CaptureQueriesContext(connection) as captured:
            tree = read(run)
        return len(captured), len(tree.rows)

    before, few = queries()
    for number in range(15):
        add_order(run, f"F1{number}", "FRAME", 3, 5, 7)
        peg(run, "B1", "MOTOR", 1, f"F1{number}", 5)
        peg(run, f"F1{number}", "FRAME", 3, "D1", 8)
    after, many = queries()

    assert after == before
    assert many > few


# --- By item


def test_what_is_needed_is_summed_up_by_item():
    needs = {need.item: need for need in down(plan(), 1, 1).items}

    # of the first instalment: half of F1, 3 + 1 motors of B1 for it, 3 on order, 1 of the stock
    motors = needs["MOTOR"]
    assert (motors.qty, motors.from_stock, motors.on_order, motors.planned) == (8, 1, 3, 4)
    assert (motors.kind, motors.orders, motors.first_start, motors.last_due) == ("buy", 2, day(1), day(4))
    # B1 is there on day 4 and taken by F1 on day 5
    assert motors.slack_days == 1
    assert (needs["FRAME"].qty, needs["FRAME"].kind, needs["DRIVE"].qty) == (Decimal("1.5"), "make", 3)
    assert [need.item for need in down(plan(), 1, 1).items] == ["MOTOR", "FRAME", "DRIVE"]


def test_an_order_does_not_need_itself():
    run = plan()

    tree = tree_down(read_below(run.pk, get_frozen(run.pk), order="F1"))

    assert [(need.item, need.qty) for need in tree.items] == [("MOTOR", 6)]
