"""Planned orders that a planner fixes: once, all or none, and only what can still be done."""

import datetime as dt

import pytest

from inventory.models import Item, ItemSource
from planning.errors import CannotFirm, FirmOrderNotFound, PlanNotFound, PlanNotReady
from planning.loading import load_factory
from planning.models import FactorySettings, FirmOrder, PlannedOrder
from planning.services.exchange import import_factory
from planning.services.firming import firm_planned_orders, unfirm_order
from planning.services.publishing import publish_plan
from tests.builders import NOW, as_json, factory_document, make_run, make_supplier
from tests.journeys.admin import ready_plan, small_factory

pytestmark = pytest.mark.django_db


def plan_with_source(**policy):
    """A ready plan of a factory that buys its motors from ACME; B1 is bought, M1 is made."""
    document = factory_document(
        suppliers=[{"code": "ACME"}],
        sources=[{"item": "MOTOR", "supplier": "ACME", "lead_time_days": 7}],
        policy=policy,
    )
    import_factory(document=as_json(document), now=NOW)
    run = ready_plan()
    PlannedOrder.objects.filter(run=run, kind="buy").update(supplier="ACME")
    return run


def refusals(run, *orders):
    with pytest.raises(CannotFirm) as refused:
        firm_planned_orders(version=run.pk, orders=orders)
    assert not FirmOrder.objects.exists()
    return [(issue.path, issue.message) for issue in refused.value.issues]


def test_a_planned_order_becomes_firm_with_its_quantity_and_dates(django_user_model):
    planner = django_user_model.objects.create(username="planner")
    run = plan_with_source()

    made = firm_planned_orders(version=run.pk, orders=["B1", "M1"], by=planner)

    assert [
        (row.ref, row.item.code, row.kind, row.qty, row.release, row.due, row.planned_order) for row in made
    ] == [
        ("FO-000001", "MOTOR", "buy", 10, dt.date(2011, 3, 9), dt.date(2011, 3, 16), "B1"),
        ("FO-000002", "DRIVE", "make", 5, dt.date(2011, 3, 16), dt.date(2011, 3, 17), "M1"),
    ]
    assert [(row.supplier and row.supplier.code, row.plan_version) for row in made] == [
        ("ACME", run.pk),
        (None, run.pk),
    ]
    assert made[0].history.get().history_user == planner
    # and the next plan is built from a factory that has them, and that is sound
    assert [row.ref for row in load_factory().firm_orders] == ["FO-000001", "FO-000002"]


def test_asking_twice_makes_it_once():
    run = plan_with_source()
    first = firm_planned_orders(version=run.pk, orders=["B1"])

    again = firm_planned_orders(version=run.pk, orders=["M1", "B1", "B1"])

    assert [row.ref for row in again] == ["FO-000002", first[0].ref]
    assert FirmOrder.objects.count() == 2


def test_all_become_firm_or_none():
    run = plan_with_source()

    assert refusals(run, "B1", "GHOST") == [("/orders/1", "The plan has no order GHOST.")]


def test_what_stands_already_is_refused():
    run = plan_with_source()
    PlannedOrder.objects.filter(order="M1").update(work_order="M1", firm=True)
    PlannedOrder.objects.filter(order="B1").update(firm=True)

    assert [message for _, message in refusals(run, "B1", "M1")] == [
        "B1 is firm already.",
        "M1 is a released work order: it stands already.",
    ]


def test_what_cannot_be_bought_or_made_any_more_is_refused():
    run = plan_with_source()
    ItemSource.objects.update(supplier=make_supplier("OTHER"))
    Item.objects.filter(code="DRIVE").update(kind="buy")

    assert [message for _, message in refusals(run, "B1", "M1")] == [
        "B1: ACME does not sell MOTOR any more.",
        "M1: DRIVE is not made any more.",
    ]

    PlannedOrder.objects.filter(order="B1").update(item="GHOST")
    assert refusals(run, "B1") == [("/orders/0", "B1 is of GHOST, which is not there any more.")]


def test_a_plan_that_does_not_know_a_firm_order_cannot_order_the_item_again():
    # given two plans for the same demand
    older, newer = plan_with_source(), ready_plan()
    firm_planned_orders(version=older.pk, orders=["M1"])

    with pytest.raises(CannotFirm, match="M1: the plan does not know FO-000001, also of DRIVE"):
        firm_planned_orders(version=newer.pk, orders=["M1"])

    # a plan that was built since may
    since = ready_plan()
    assert firm_planned_orders(version=since.pk, orders=["M1"])[0].ref == "FO-000002"


def test_only_ready_and_published_plans_have_orders_to_firm():
    small_factory()
    queued, archived = make_run(status="queued"), make_run(status="archived")

    for run in (queued, archived):
        with pytest.raises(PlanNotReady):
            firm_planned_orders(version=run.pk, orders=["B1"])
    with pytest.raises(PlanNotFound):
        firm_planned_orders(version=999, orders=["B1"])


def test_numbers_of_other_orders_are_left_alone():
    run = plan_with_source()
    FirmOrder.objects.create(
        ref="FO-000007", item=Item.objects.get(code="MOTOR"), kind="buy", qty=1, due="2011-05-01"
    )

    assert firm_planned_orders(version=run.pk, orders=["M1"])[0].ref == "FO-000008"


def test_a_firm_order_is_let_go(django_user_model):
    planner = django_user_model.objects.create(username="planner")
    run = plan_with_source()
    (row,) = firm_planned_orders(version=run.pk, orders=["M1"])

    unfirm_order(ref=row.ref, by=planner)

    assert not FirmOrder.objects.exists()
    assert FirmOrder.history.filter(history_type="-").get().history_user == planner
    with pytest.raises(FirmOrderNotFound):
        unfirm_order(ref=row.ref, by=planner)
    # and it can be fixed again
    assert firm_planned_orders(version=run.pk, orders=["M1"])


def test_publishing_fixes_what_goes_out_in_the_frozen_days():
    # B1 goes out on 2011-03-09, M1 on 2011-03-16; the planning date is 2011-03-01
    run = plan_with_source(frozen_days=9)

    publish_plan(version=run.pk, by=None, now=NOW)
    publish_plan(version=run.pk, by=None, now=NOW)

    assert list(FirmOrder.objects.values_list("planned_order", "plan_version")) == [("B1", run.pk)]


@pytest.mark.parametrize("days", [0, 8])
def test_what_goes_out_after_the_frozen_days_stays_planned(days):
    run = plan_with_source(frozen_days=days)

    publish_plan(version=run.pk, by=None, now=NOW)

    assert not FirmOrder.objects.exists()


def test_publishing_leaves_out_what_cannot_be_fixed_any_more():
    run = plan_with_source(frozen_days=30)
    ItemSource.objects.all().delete()
    Item.objects.filter(code="MOTOR").update(kind="make")

    publish_plan(version=run.pk, by=None, now=NOW)

    assert list(FirmOrder.objects.values_list("planned_order", flat=True)) == ["M1"]
    assert FactorySettings.objects.get().frozen_days == 30
