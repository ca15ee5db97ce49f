"""Operations that a planner pins: where a plan starts them, all or none, and only what can still be done."""

import datetime as dt

import pytest

from planning.errors import CannotFirm, CannotPin, PlanNotFound, PlanNotReady
from planning.loading import load_factory
from planning.models import (
    FactorySettings,
    FirmOrder,
    Operation,
    PinnedOperation,
    PlannedOperation,
    PlannedOrder,
    WorkCentre,
    WorkOrder,
)
from planning.services.firming import firm_planned_orders, unfirm_order
from planning.services.pinning import pin_planned_operations, unpin_planned_operations
from planning.services.publishing import publish_plan
from tests.builders import NOW
from tests.planning.test_firming import plan_with_source

pytestmark = pytest.mark.django_db

START = dt.datetime(2011, 3, 16, 7, tzinfo=dt.UTC)


def key(order="M1"):
    return PlannedOperation.objects.get(order=order).pk


def pins():
    return [
        (str(pin), pin.start, pin.work_centre and pin.work_centre.code, pin.station)
        for pin in PinnedOperation.objects.order_by("start", "pk")
    ]


def pin(run, **changes):
    PlannedOperation.objects.filter(run=run).update(**changes)
    return pin_planned_operations(version=run.pk, operations=[key()])


def refusal(run, **changes):
    with pytest.raises(CannotPin) as refused:
        pin(run, **changes)
    assert not PinnedOperation.objects.exists()
    return [(issue.path, issue.message) for issue in refused.value.issues]


def test_an_operation_is_pinned_where_it_is_and_its_order_becomes_firm(django_user_model):
    planner = django_user_model.objects.create(username="planner")
    run = plan_with_source()

    (made,) = pin_planned_operations(version=run.pk, operations=[key()], by=planner)

    assert pins() == [("FO-000001/10", START, "BENCH", 1)]
    assert FirmOrder.objects.get().planned_order == "M1"
    assert made.history.get().history_user == planner
    # and the next plan is built from a factory that has it, and that is sound
    (row,) = load_factory().pinned_operations
    assert (row.order, row.seq, row.start, row.work_centre, row.station) == (
        "FO-000001",
        10,
        START,
        "BENCH",
        1,
    )


def test_an_operation_of_a_firm_order_is_pinned_and_moved_with_the_next_pin():
    run = plan_with_source()
    firm_planned_orders(version=run.pk, orders=["M1"])
    pin(run)

    end = START + dt.timedelta(hours=6)
    pin(run, start=START + dt.timedelta(hours=1), end=end, free=end)

    assert pins() == [("FO-000001/10", START + dt.timedelta(hours=1), "BENCH", 1)]
    assert PinnedOperation.objects.get().version == 2


def test_an_operation_of_a_work_order_is_pinned():
    run = plan_with_source()
    item = Operation.objects.get().item
    WorkOrder.objects.create(ref="M1", item=item, qty=5, due=dt.date(2011, 3, 17))
    PlannedOrder.objects.filter(order="M1").update(work_order="M1", firm=True)

    pin(run)

    assert pins() == [("M1/10", START, "BENCH", 1)]
    assert not FirmOrder.objects.exists()


def test_of_an_operation_on_two_stations_the_one_that_starts_first_is_pinned():
    run = plan_with_source()
    row = PlannedOperation.objects.get()
    row.pk, row.station, row.start = None, 1, START - dt.timedelta(hours=2)
    row.save()

    keys = list(PlannedOperation.objects.values_list("pk", flat=True))
    made = pin_planned_operations(version=run.pk, operations=keys)

    assert [row.start for row in made] == [START - dt.timedelta(hours=2)]


def test_what_cannot_be_kept_is_refused_and_nothing_becomes_firm():
    run = plan_with_source()

    assert refusal(run, station=2) == [
        ("/operations/0", "FO-000001/10: expected a station of BENCH, which has 1, got 2.")
    ]
    assert not FirmOrder.objects.exists()
    FactorySettings.objects.update(as_of=dt.date(2011, 3, 17))
    assert "expected a moment from 2011-03-17" in refusal(run, station=1)[0][1]
    FactorySettings.objects.update(as_of=dt.date(2011, 3, 1))
    Operation.objects.update(seq=20)
    assert "DRIVE has no operation 10 (it has 20)" in refusal(run, station=1)[0][1]


def test_an_operation_that_the_plan_does_not_have_is_refused():
    run = plan_with_source()

    with pytest.raises(CannotPin, match="The plan has no operation 0"):
        pin_planned_operations(version=run.pk, operations=[key(), 0])
    with pytest.raises(PlanNotFound):
        pin_planned_operations(version=999, operations=[key()])
    run.status, run.published_at = "archived", NOW
    run.save()
    with pytest.raises(PlanNotReady, match="archived"):
        pin(run)
    assert not PinnedOperation.objects.exists()


def test_an_order_that_cannot_become_firm_is_not_pinned():
    run = plan_with_source()
    PlannedOrder.objects.filter(order="M1").update(firm=True)

    with pytest.raises(CannotFirm, match="M1 is firm already"):
        pin(run)
    assert not PinnedOperation.objects.exists()


def test_a_pin_is_let_go_alone_or_with_its_order():
    run = plan_with_source()
    pin(run)

    assert unpin_planned_operations(version=run.pk, operations=[key()]) == ["FO-000001/10"]
    assert unpin_planned_operations(version=run.pk, operations=[key()]) == []
    assert FirmOrder.objects.exists()
    pin(run)
    unfirm_order(ref="FO-000001")
    assert not PinnedOperation.objects.exists()


def test_what_lies_behind_a_pinned_operation_says_nothing_any_more():
    run = plan_with_source()
    pin(run)

    assert load_factory(dt.date(2011, 3, 16)).pinned_operations
    assert not load_factory(dt.date(2011, 3, 17)).pinned_operations


def test_publishing_pins_what_starts_in_the_frozen_days(django_user_model):
    planner = django_user_model.objects.create(username="planner")
    # planned on 1 March: the first day that is not frozen is the 17th
    run = plan_with_source(frozen_days=16)

    publish_plan(version=run.pk, by=planner, now=NOW)

    assert FirmOrder.objects.get(planned_order="M1").ref == "FO-000002"
    assert pins() == [("FO-000002/10", START, "BENCH", 1)]
    assert PinnedOperation.objects.get().history.get().history_user == planner


def test_what_starts_after_the_frozen_days_is_not_pinned():
    run = plan_with_source(frozen_days=16)
    april = NOW.replace(month=4)
    PlannedOperation.objects.update(start=dt.datetime(2011, 3, 17, tzinfo=dt.UTC), end=april, free=april)

    publish_plan(version=run.pk, by=None, now=NOW)

    assert FirmOrder.objects.filter(planned_order="M1").exists()
    assert not PinnedOperation.objects.exists()


def test_publishing_leaves_pins_that_stand_and_what_cannot_be_pinned():
    run = plan_with_source(frozen_days=16)
    pin(run)
    PlannedOperation.objects.update(start=START - dt.timedelta(days=1))
    publish_plan(version=run.pk, by=None, now=NOW)
    assert pins() == [("FO-000001/10", START, "BENCH", 1)]

    PinnedOperation.objects.all().delete()
    WorkCentre.objects.update(stations=0)
    run.status, run.published_at = "ready", None
    run.save()
    publish_plan(version=run.pk, by=None, now=NOW)
    assert not PinnedOperation.objects.exists()
