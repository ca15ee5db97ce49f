"""Firm planned purchases become purchase orders: once, and the next plan counts the supply once."""

import datetime as dt

import pytest
from django.utils import timezone

from inventory.models import ItemSource, PurchaseOrder, PurchaseOrderLine
from planning.errors import AlreadyOrdered, CannotFirm, FirmOrderNotFound, NotOrderable
from planning.loading import load_factory
from planning.models import FirmOrder, PlannedOrder
from planning.selectors.proposals import judge
from planning.selectors.purchasing import Wanted, list_proposals
from planning.services.exchange import import_factory
from planning.services.firming import firm_planned_orders, unfirm_order
from planning.services.publishing import preview_publish, publish_plan
from planning.services.purchasing import order_proposals
from tests.builders import NOW, as_json, factory_document
from tests.journeys.admin import ready_plan
from tests.threads import at_once

pytestmark = pytest.mark.django_db

RELEASE, DUE = dt.date(2011, 3, 9), dt.date(2011, 3, 16)


def plan(**policy):
    """A ready plan that buys ten motors from ACME (B1) and makes five drives (M1)."""
    document = factory_document(
        suppliers=[{"code": "ACME"}, {"code": "OTHER"}],
        sources=[{"item": "MOTOR", "supplier": "ACME", "lead_time_days": 7, "unit_cost": 5}],
        policy=policy,
    )
    import_factory(document=as_json(document), now=NOW)
    return next_plan()


def next_plan():
    """A plan of the stored data; its rows are as a build writes them: firm orders under their refs."""
    run = ready_plan(requested_at=timezone.now())
    bought = PlannedOrder.objects.filter(run=run, order="B1")
    bought.update(supplier="ACME")
    for number, firm in enumerate(FirmOrder.objects.filter(kind="buy").order_by("pk")):
        values = {"order": firm.ref, "firm": True, "qty": firm.qty, "due": firm.due, "release": firm.release}
        if number == 0:
            bought.update(**values)
        else:
            PlannedOrder.objects.create(run=run, item="MOTOR", kind="buy", supplier="ACME", **values)
    return run


def order(run, *ids, **values):
    return order_proposals(version=run.pk, orders=ids, now=timezone.now(), **values)


def proposal(run, ref):
    (line,) = judge(run, list_proposals(run.pk, Wanted(orders=[ref])))
    return line


def supply_of_motors():
    """What the next plan would count on: (section, ref, quantity)."""
    factory = load_factory()
    return [
        (section, row.ref, row.qty)
        for section in ("purchase_orders", "firm_orders")
        for row in getattr(factory, section)
        if row.item == "MOTOR"
    ]


# --- Ordering ----------------------------------------------------------------------------------------


def test_ordering_a_firm_order_of_the_plan_ends_it_and_its_supply_counts_once(django_user_model):
    planner = django_user_model.objects.create(username="planner")
    firm_planned_orders(version=plan().pk, orders=["B1"])
    run = next_plan()
    assert supply_of_motors() == [("firm_orders", "FO-000001", 10)]
    line = proposal(run, "FO-000001")
    assert (line.is_firm, line.firm_order, line.can_be_ordered) == (True, "FO-000001", True)

    (placed,) = order(run, "FO-000001", by=planner)

    row = placed.lines.get()
    assert (row.item.code, row.qty, row.due, row.unit_cost) == ("MOTOR", 10, DUE, 5)
    assert (row.planned_in, row.planned_order) == (run.pk, "FO-000001")
    assert supply_of_motors() == [("purchase_orders", "PO-000001", 10)]
    gone = FirmOrder.history.get(history_type="-")
    assert (gone.ref, gone.history_user, gone.history_change_reason) == (
        "FO-000001",
        planner,
        "ordered on PO-000001",
    )


def test_ordering_what_was_made_firm_after_the_plan_ends_the_firm_order():
    run = plan()
    firm_planned_orders(version=run.pk, orders=["B1", "M1"])
    assert (proposal(run, "B1").is_firm, proposal(run, "B1").firm_order) == (True, "FO-000001")

    order(run, "B1")

    assert supply_of_motors() == [("purchase_orders", "PO-000001", 10)]
    # what is made stays firm
    assert list(FirmOrder.objects.values_list("planned_order", flat=True)) == ["M1"]


def test_a_choice_by_supplier_takes_firm_orders_too():
    run = plan()
    firm_planned_orders(version=run.pk, orders=["B1"])

    order_proposals(version=run.pk, supplier="ACME", now=timezone.now())

    assert supply_of_motors() == [("purchase_orders", "PO-000001", 10)]


def test_nothing_ends_where_nothing_was_ordered():
    run = plan()
    firm_planned_orders(version=run.pk, orders=["B1"])
    PlannedOrder.objects.create(
        run=run, order="B2", item="GHOST", kind="buy", qty=1, release=RELEASE, due=DUE, supplier="ACME"
    )

    with pytest.raises(NotOrderable, match="GHOST"):
        order(run, "B1", "B2")

    assert supply_of_motors() == [("firm_orders", "FO-000001", 10)]


def test_a_firm_order_that_was_let_go_is_not_ordered():
    firm_planned_orders(version=plan().pk, orders=["B1"])
    run = next_plan()
    unfirm_order(ref="FO-000001")

    problem = proposal(run, "FO-000001").problem
    assert problem.code == "firm_order_ended"
    assert str(problem) == "FO-000001 is no firm order any more. Build a new plan."
    with pytest.raises(NotOrderable, match="no firm order any more"):
        order(run, "FO-000001")
    assert not PurchaseOrder.objects.exists()


def test_a_firm_order_that_was_ordered_from_another_plan_says_on_what():
    older = plan()
    firm_planned_orders(version=older.pk, orders=["B1"])
    newer = next_plan()

    order(older, "B1")

    problem = proposal(newer, "FO-000001").problem
    assert problem.text == "FO-000001 is no firm order any more: ordered on PO-000001."
    with pytest.raises(NotOrderable, match="PO-000001"):
        order(newer, "FO-000001")


def test_what_was_ordered_as_firm_order_of_the_next_plan_is_not_ordered_from_the_one_before():
    older = plan()
    firm_planned_orders(version=older.pk, orders=["B1"])
    newer = next_plan()

    order(newer, "FO-000001")

    with pytest.raises(NotOrderable, match="bought twice"):
        order(older, "B1")
    with pytest.raises(CannotFirm, match="B1: the plan does not know PO-000001"):
        firm_planned_orders(version=older.pk, orders=["B1"])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"qty": 20}, "its quantity was 10 and is 20"),
        ({"due": dt.date(2011, 4, 1)}, "it was due on 2011-03-16 and is due on 2011-04-01"),
        ({"due": RELEASE}, "it was due on 2011-03-16 and is due on 2011-03-09"),
        ({"supplier": None}, "its supplier was ACME and is nobody"),
    ],
)
def test_a_firm_order_that_was_changed_since_is_not_ordered_as_it_was(change, words):
    firm_planned_orders(version=plan().pk, orders=["B1"])
    run = next_plan()
    FirmOrder.objects.update(**change)

    problem = proposal(run, "FO-000001").problem
    assert problem.code == "firm_order_changed"
    assert words in problem.text
    with pytest.raises(NotOrderable, match="was changed since"):
        order(run, "FO-000001")


def test_a_firm_order_whose_day_has_passed_is_ordered_for_the_planning_date():
    firm_planned_orders(version=plan().pk, orders=["B1"])
    run = next_plan()
    today = dt.date(2011, 3, 20)
    PlannedOrder.objects.filter(run=run, kind="buy").update(release=today, due=today)

    assert order(run, "FO-000001")[0].lines.get().due == today


def test_a_plan_that_does_not_know_a_firm_order_does_not_buy_the_item_again():
    older, newer = plan(), next_plan()
    firm_planned_orders(version=older.pk, orders=["B1"])

    problem = proposal(newer, "B1").problem
    assert problem.code == "firm_since"
    assert "FO-000001 of MOTOR" in problem.text
    with pytest.raises(NotOrderable, match="bought twice"):
        order(newer, "B1")


def test_a_firm_order_goes_out_on_its_day_also_without_a_source_then():
    firm_planned_orders(version=plan().pk, orders=["B1"])
    run = next_plan()
    ItemSource.objects.update(effective_from=DUE)

    assert proposal(run, "FO-000001").unit_cost == 5
    ItemSource.objects.all().delete()
    assert proposal(run, "FO-000001").problem.code == "source_gone"


# --- Making firm -------------------------------------------------------------------------------------


def test_what_was_ordered_is_not_made_firm():
    run = plan()
    order(run, "B1")

    with pytest.raises(CannotFirm) as refused:
        firm_planned_orders(version=run.pk, orders=["M1", "B1"])

    assert [(issue.path, issue.message) for issue in refused.value.issues] == [
        ("/orders/1", "B1 was ordered already, on PO-000001: it comes as ordered.")
    ]
    assert not FirmOrder.objects.exists()


def test_publishing_leaves_out_what_was_ordered_and_fixes_what_is_made():
    run = plan(frozen_days=30)
    order(run, "B1")
    assert preview_publish(run.pk).becomes_firm == 1

    publish_plan(version=run.pk, by=None, now=NOW)

    assert list(FirmOrder.objects.values_list("planned_order", "kind")) == [("M1", "make")]
    assert supply_of_motors() == [("purchase_orders", "PO-000001", 10)]


@pytest.mark.parametrize(("days", "count"), [(0, 0), (8, 0), (9, 1), (15, 1), (16, 2)])
def test_the_preview_says_how_many_orders_would_become_firm(days, count):
    # B1 goes out on 2011-03-09, M1 on 2011-03-16; the planning date is 2011-03-01
    run = plan(frozen_days=days)
    assert preview_publish(run.pk).becomes_firm == count

    publish_plan(version=run.pk, by=None, now=NOW)

    assert FirmOrder.objects.count() == count
    assert preview_publish(run.pk).becomes_firm == 0


# --- At the same time --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_two_planners_at_once_one_orders_a_firm_order():
    run = plan()
    firm_planned_orders(version=run.pk, orders=["B1"])

    raised = at_once(lambda: order(run, "B1"), lambda: order(run, "B1"))

    assert [type(error) for error in raised] == [AlreadyOrdered]
    assert supply_of_motors() == [("purchase_orders", "PO-000001", 10)]


@pytest.mark.django_db(transaction=True)
def test_of_making_firm_and_ordering_at_once_the_supply_counts_once():
    run = plan()

    raised = at_once(lambda: order(run, "B1"), lambda: firm_planned_orders(version=run.pk, orders=["B1"]))

    assert [type(error) for error in raised] in ([], [CannotFirm])
    assert supply_of_motors() == [("purchase_orders", "PO-000001", 10)]


@pytest.mark.django_db(transaction=True)
def test_of_letting_go_and_ordering_at_once_one_wins():
    firm_planned_orders(version=plan().pk, orders=["B1"])
    run = next_plan()

    raised = at_once(lambda: order(run, "FO-000001"), lambda: unfirm_order(ref="FO-000001"))

    assert [type(error) for error in raised] in ([NotOrderable], [FirmOrderNotFound])
    ordered = PurchaseOrderLine.objects.count()
    assert ordered == (1 if isinstance(raised[0], FirmOrderNotFound) else 0)
    assert not FirmOrder.objects.exists()
