"""Purchase proposals: what a plan wants to buy becomes purchase orders, once."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import Item, ItemSource, PurchaseOrder, PurchaseOrderLine, Supplier
from inventory.selectors import unit_values
from inventory.services import NewPurchaseLine, place_purchase_order
from planning.errors import AlreadyOrdered, NothingToOrder, NotOrderable, PlanNotFound, PlanNotReady
from planning.models import PlannedOrder
from planning.selectors.proposals import judge
from planning.selectors.purchasing import Wanted, list_group_keys, list_proposals, load_groups
from planning.services.purchasing import order_proposals
from tests import builders
from tests.builders import NOW
from tests.threads import at_once

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2011, 3, 7)


def planned(run, order, *, item="MOTOR", supplier="ACME", qty=10, release=MONDAY, **values):
    due = release + dt.timedelta(days=7)
    return PlannedOrder.objects.create(
        run=run,
        order=order,
        item=item,
        kind="buy",
        qty=qty,
        release=release,
        due=due,
        supplier=supplier,
        **values,
    )


@pytest.fixture
def run():
    """A published plan; motors come from ACME and bolts from BOLTS, at 5 each, 4 from 100 on."""
    builders.make_settings()
    for item, supplier in (("MOTOR", "ACME"), ("BOLT", "BOLTS")):
        source = builders.make_source(
            item=builders.make_item(item, kind="buy"),
            supplier=builders.make_supplier(supplier),
            unit_cost=Decimal(5),
        )
        source.price_breaks.create(from_qty=100, unit_cost=4)
    return builders.make_run(status="published")


def order(run, **values):
    return order_proposals(version=run.pk, now=timezone.now(), **values)


def groups(run, **wanted):
    rows = list_proposals(run.pk, Wanted(**wanted))
    return load_groups(run, rows, list_group_keys(rows))


def proposal(run, ref):
    (line,) = judge(run, list_proposals(run.pk, Wanted(orders=[ref])))
    return line


# --- What is proposed --------------------------------------------------------------------------------


def test_proposals_are_grouped_by_supplier_and_iso_week_with_cost_by_quantity(run):
    # given Sunday and Monday, which are of two weeks
    planned(run, "B1", release=MONDAY - dt.timedelta(days=1))
    planned(run, "B2", qty=100)
    planned(run, "B3", release=MONDAY + dt.timedelta(days=6))
    planned(run, "B4", item="BOLT", supplier="BOLTS", qty=3)

    found = groups(run)

    assert [(g.week_name, g.supplier, [line.order for line in g.lines], g.value) for g in found] == [
        ("2011-W09", "ACME", ["B1"], 50),
        # 100 x 4 + 10 x 5
        ("2011-W10", "ACME", ["B2", "B3"], 450),
        ("2011-W10", "BOLTS", ["B4"], 15),
    ]


def test_what_is_made_is_not_proposed(run):
    PlannedOrder.objects.create(
        run=run, order="M1", item="MOTOR", kind="make", qty=1, release=MONDAY, due=MONDAY
    )
    assert groups(run) == []


def test_a_released_before_is_exclusive(run):
    planned(run, "B1", release=MONDAY)
    planned(run, "B2", release=MONDAY + dt.timedelta(days=1))

    rows = list_proposals(run.pk, Wanted(released_before=MONDAY + dt.timedelta(days=1)))
    assert [row.order for row in rows] == ["B1"]


def test_groups_take_the_same_queries_whatever_their_number(run):
    planned(run, "B1")
    with CaptureQueriesContext(connection) as for_one:
        groups(run)
    for number in range(2, 60):
        planned(run, f"B{number}", release=MONDAY + dt.timedelta(days=number))
    for number in range(60, 90):
        source = builders.make_source()
        planned(run, f"B{number}", item=source.item.code, supplier=source.supplier.code)
    with CaptureQueriesContext(connection) as for_many:
        assert len(groups(run)) > 30
    assert len(for_many) == len(for_one) <= 12


# --- Ordering ----------------------------------------------------------------------------------------


def test_one_order_for_each_supplier_and_week_with_a_line_for_each_proposal(run):
    planned(run, "B1")
    planned(run, "B2", qty=100, release=MONDAY + dt.timedelta(days=2))
    planned(run, "B3", release=MONDAY + dt.timedelta(days=7))
    planned(run, "B4", item="BOLT", supplier="BOLTS")

    placed = order(run, orders=["B1", "B2", "B3", "B4"])

    lines = [
        [(line.planned_order, line.qty, line.unit_cost, line.due) for line in one.lines.order_by("line")]
        for one in placed
    ]
    week = dt.timedelta(days=7)
    assert [(one.ref, one.supplier.code) for one in placed] == [
        ("PO-000001", "ACME"),
        ("PO-000002", "BOLTS"),
        ("PO-000003", "ACME"),
    ]
    assert lines == [
        [("B1", 10, 5, MONDAY + week), ("B2", 100, 4, MONDAY + week + dt.timedelta(days=2))],
        [("B4", 10, 5, MONDAY + week)],
        [("B3", 10, 5, MONDAY + 2 * week)],
    ]
    assert {one.order_date for one in placed} == {builders.TODAY}
    assert {line.planned_in for line in PurchaseOrderLine.objects.all()} == {run.pk}


def test_a_proposal_is_ordered_once(run):
    planned(run, "B1")
    planned(run, "B2")
    order(run, orders=["B1"])

    with pytest.raises(AlreadyOrdered) as refused:
        order(run, orders=["B2", "B1"])

    assert [(issue.path, "PO-000001" in issue.message) for issue in refused.value.issues] == [
        ("/orders/1", True)
    ]
    assert PurchaseOrderLine.objects.count() == 1
    assert [line.order for group in groups(run, is_ordered=False) for line in group.lines] == ["B2"]


def test_a_cancelled_order_does_not_bring_its_proposal_back(run):
    planned(run, "B1")
    (placed,) = order(run, orders=["B1"])
    placed.lines.update(qty=0, cancelled_qty=10)

    with pytest.raises(AlreadyOrdered):
        order(run, orders=["B1"])


def test_a_supplier_and_a_day_choose_what_is_left(run):
    planned(run, "B1")
    planned(run, "B2", release=MONDAY + dt.timedelta(days=7))
    planned(run, "B3", item="BOLT", supplier="BOLTS")
    planned(run, "B4", supplier=None)

    def taken(**values):
        return [line.planned_order for one in order(run, **values) for line in one.lines.order_by("line")]

    assert taken(supplier="ACME", release_to=MONDAY + dt.timedelta(days=1)) == ["B1"]
    assert taken(release_to=dt.date(2011, 4, 1)) == ["B3", "B2"]
    with pytest.raises(AlreadyOrdered, match="PO-000001"):
        order(run, supplier="ACME")
    with pytest.raises(NothingToOrder):
        order(run, supplier="NOBODY")


def test_nothing_chosen_orders_nothing(run):
    planned(run, "B1")
    for choice in ({}, {"orders": []}):
        with pytest.raises(NothingToOrder):
            order(run, **choice)
    assert PurchaseOrder.objects.count() == 0


def test_an_id_that_is_no_purchase_of_the_plan_refuses_the_whole(run):
    planned(run, "B1")

    with pytest.raises(NotOrderable, match="B9 is no purchase"):
        order(run, orders=["B1", "B9"])
    assert PurchaseOrder.objects.count() == 0


def no_source(run):
    PlannedOrder.objects.update(supplier=None)


def item_gone(run):
    ItemSource.objects.all().delete()
    Item.objects.filter(code="MOTOR").delete()


def item_a_phantom(run):
    Item.objects.filter(code="MOTOR").update(kind="phantom")


def supplier_gone(run):
    ItemSource.objects.all().delete()
    Supplier.objects.filter(code="ACME").delete()


def source_gone(run):
    ItemSource.objects.filter(item__code="MOTOR").update(effective_to=MONDAY)


def ordered_since(run):
    line = NewPurchaseLine(item_id=Item.objects.get(code="MOTOR").pk, qty=Decimal(1), due=MONDAY)
    place_purchase_order(supplier_id=Supplier.objects.get(code="BOLTS").pk, lines=[line], now=timezone.now())


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (no_source, "no_source"),
        (item_gone, "item_gone"),
        (item_a_phantom, "item_gone"),
        (supplier_gone, "supplier_gone"),
        (source_gone, "source_gone"),
        (ordered_since, "ordered_since"),
    ],
)
def test_what_cannot_be_ordered_any_more_says_why_and_what_to_do(run, change, code):
    planned(run, "B1")
    planned(run, "B2", item="BOLT", supplier="BOLTS")
    change(run)

    problem = proposal(run, "B1").problem
    assert problem.code == code
    assert "plan" in problem.remedy
    with pytest.raises(NotOrderable, match=r"MOTOR|ACME"):
        order(run, orders=["B2", "B1"])
    assert not PurchaseOrderLine.objects.filter(planned_in=run.pk).exists()


def test_an_order_that_the_plan_knew_stands_in_nobodys_way(run):
    planned(run, "B1")
    ordered_since(run)
    run.factory_json = '{"purchase_orders": [{"ref": "PO-000001"}]}'
    run.save()

    assert proposal(run, "B1").problem is None


def test_the_plans_own_orders_stand_in_nobodys_way(run):
    planned(run, "B1")
    planned(run, "B2")
    order(run, orders=["B1"])

    assert proposal(run, "B2").problem is None


def test_only_the_published_plan_or_a_newer_one_is_ordered_from(run):
    archived = builders.make_run(status="archived")
    newer = builders.make_run(status="ready")
    failed = builders.make_run(status="failed")
    for one in (archived, newer):
        planned(one, "B1")

    with pytest.raises(NotOrderable, match="was replaced"):
        order(archived, orders=["B1"])
    with pytest.raises(PlanNotReady):
        order(failed, orders=["B1"])
    with pytest.raises(PlanNotFound):
        order_proposals(version=10**6, orders=["B1"], now=NOW)
    assert PurchaseOrder.objects.count() == 0
    assert len(order(newer, orders=["B1"])) == 1


def test_an_older_draft_is_not_ordered_from():
    builders.make_settings()
    older = builders.make_run(status="ready")
    source = builders.make_source()
    planned(older, "B1", item=source.item.code, supplier=source.supplier.code)
    builders.make_run(status="published")

    with pytest.raises(NotOrderable, match="was replaced by plan"):
        order(older, orders=["B1"])


def test_two_plans_do_not_order_the_same_item_one_after_the_other(run):
    other = builders.make_run(status="ready")
    planned(run, "B1")
    planned(other, "B1")
    order(run, orders=["B1"])

    with pytest.raises(NotOrderable, match="bought twice"):
        order(other, orders=["B1"])


def test_a_price_is_that_of_the_day_of_release(run):
    planned(run, "B1")
    ItemSource.objects.create(
        item=Item.objects.get(code="MOTOR"),
        supplier=Supplier.objects.get(code="ACME"),
        lead_time_days=7,
        unit_cost=6,
        effective_from=MONDAY,
    )
    assert proposal(run, "B1").unit_cost == 6
    assert unit_values([Item.objects.get(code="MOTOR").pk], on=MONDAY)


# --- At the same time --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_several_planners_at_once_one_orders_and_the_others_are_told_on_what(run):
    for number in range(5):
        planned(run, f"B{number}")
    ids = [f"B{number}" for number in range(5)]

    raised = at_once(*[lambda: order(run, orders=ids) for _ in range(3)])

    assert [type(error) for error in raised] == [AlreadyOrdered, AlreadyOrdered]
    assert all("PO-000001" in str(error) for error in raised)
    assert PurchaseOrderLine.objects.count() == 5


@pytest.mark.django_db(transaction=True)
def test_two_plans_at_once_do_not_order_the_same_item(run):
    other = builders.make_run(status="ready")
    planned(run, "B1")
    planned(other, "B1")

    raised = at_once(lambda: order(run, orders=["B1"]), lambda: order(other, orders=["B1"]))

    assert [type(error) for error in raised] == [NotOrderable]
    assert PurchaseOrderLine.objects.count() == 1
