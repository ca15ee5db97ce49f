"""Requirements follow what changes: only what is touched is planned again, as a full run would plan it."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from inventory.models import Item
from inventory.services import issue_stock, receive_stock
from inventory.services.purchasing import reschedule_purchase
from orders.models import Instalment
from orders.services import amend_order, cancel_order, confirm_order, hold_order
from orders.services.commands import NewOrder
from planning.engine.netting import net
from planning.errors import InvalidRequirements, NoFactory
from planning.models import (
    FactorySettings,
    FirmOrder,
    RequirementsItem,
    RequirementsRun,
    RequirementsState,
    WorkOrder,
)
from planning.selectors.requirements import (
    get_item_requirements,
    read_input,
    read_stored,
)
from planning.services import requirements
from planning.services.requirements import RUNS_KEPT, refresh_if_changed
from planning.tasks import refresh_requirements_task
from tests.builders import (
    NOW,
    TODAY,
    make_bom_line,
    make_item,
    make_source,
    new_line,
)
from tests.planning.test_requirements import WEEK, drive_factory, order, purchase, record, refresh, week
from tests.threads import at_once

pytestmark = pytest.mark.django_db


# --- what a change costs


def test_a_confirmed_order_plans_only_what_it_touches_again():
    drive_factory()
    for number in range(20):
        make_item(f"OTHER-{number}")
    order("SO-1", schedule=[(week(6), 10)])
    order("SO-2", schedule=[(week(9), 10)], status="quote")
    first = refresh()
    confirm_order(ref="SO-2", now=NOW)
    second = refresh()

    assert (first.kind, first.planned_again) == ("full", 24)
    # the drive, its motors, its plates; the box passes through
    assert (second.kind, second.planned_again) == ("net_change", 3)
    assert record("MOTOR")["gross"] == {5: 20, 8: 20}


def test_nothing_is_planned_where_nothing_changed():
    drive_factory()
    first = refresh()

    assert refresh().pk == first.pk
    assert RequirementsRun.objects.count() == 1
    assert refresh(full=True).pk != first.pk


@pytest.mark.parametrize("change", ["day", "item", "horizon"])
def test_another_day_horizon_or_item_means_a_full_run(change):
    drive_factory()
    refresh()
    if change == "day":
        FactorySettings.objects.update(as_of=TODAY + dt.timedelta(days=1))
    elif change == "horizon":
        FactorySettings.objects.update(horizon_end=TODAY + 10 * WEEK)
    else:
        make_item("NEW")

    assert refresh().kind == "full"


def test_a_run_that_another_release_wrote_is_replaced_by_a_full_one():
    drive_factory()
    run = refresh()
    # another input, so that the run in memory is not the one
    RequirementsRun.objects.filter(pk=run.pk).update(data=b"of old", input_digest="0" * 64)

    assert refresh().kind == "full"


def test_old_runs_are_let_go():
    drive_factory()
    runs = [refresh(full=True).pk for _ in range(RUNS_KEPT + 2)]

    assert [*RequirementsRun.objects.order_by("pk").values_list("pk", flat=True)] == runs[-RUNS_KEPT:]
    assert set(RequirementsItem.objects.values_list("run", flat=True)) == set(runs[-RUNS_KEPT:])


def test_rows_that_change_under_the_readers_hands_are_read_again(monkeypatch):
    _, motor, _ = drive_factory()
    reads = []

    def reading():
        reads.append(read_input())
        if len(reads) == 1:
            receive_stock(item_id=motor.pk, qty=Decimal(7), now=NOW)
        return reads[-1]

    monkeypatch.setattr(requirements, "read_input", reading)
    refresh()

    assert len(reads) == 2
    assert get_item_requirements("MOTOR").row.on_hand == 7


def test_without_a_factory_there_is_nothing_to_net():
    with pytest.raises(NoFactory):
        refresh()


def test_what_cannot_be_netted_is_named_and_the_current_run_stays():
    drive_factory()
    run = refresh()
    # allowed row by row, and no order is possible: 10 to 12 in multiples of 7
    make_item("ODD", kind="buy", min_order=10, max_order=12, order_multiple=7)

    with pytest.raises(InvalidRequirements, match="ODD") as refusal:
        refresh()
    assert [issue.path for issue in refusal.value.issues] == ["/items/ODD/maximum"]
    assert RequirementsRun.objects.get().pk == run.pk


# --- by itself


def test_changes_are_followed_once_somebody_asked():
    _, motor, _ = drive_factory()
    assert refresh_if_changed(now=NOW) is None

    refresh()
    assert refresh_if_changed(now=NOW) is None
    receive_stock(item_id=motor.pk, qty=Decimal(7), now=NOW)
    assert refresh_if_changed(now=NOW).planned_again == 1
    assert refresh_if_changed(now=NOW) is None


CHANGES = {
    "an order confirmed": lambda: confirm_order(ref="SO-Q", now=NOW),
    "an order cancelled": lambda: cancel_order(ref="SO-1", now=NOW),
    "a purchase moved": lambda: reschedule_purchase(ref="PO-1", due=week(9)),
    "a bill of materials changed": lambda: Item.objects.get(code="DRIVE").boms.get().lines.first().delete(),
    "a lead time changed": lambda: _saved(Item.objects.get(code="MOTOR"), lead_time_days=70),
    "a work order finished": lambda: _saved(WorkOrder.objects.get(), done_qty=4),
    "a firm order let go": lambda: FirmOrder.objects.get().delete(),
}


def _saved(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


@pytest.mark.parametrize("change", CHANGES)
def test_every_kind_of_change_is_noticed(change):
    drive, motor, _ = drive_factory()
    order("SO-1", schedule=[(week(6), 10)])
    order("SO-Q", schedule=[(week(9), 10)], status="quote")
    purchase("PO-1", item=motor, qty=3, due=week(2))
    WorkOrder.objects.create(ref="WO-1", item=drive, qty=4, due=week(3))
    FirmOrder.objects.create(ref="FO-1", item=drive, kind="make", qty=2, due=week(6))
    refresh()

    CHANGES[change]()

    assert refresh_if_changed(now=NOW) is not None


def test_what_was_written_past_the_history_is_found_when_the_rows_are_compared():
    drive_factory()
    refresh()
    Item.objects.filter(code="MOTOR").update(lead_time_days=70)

    assert refresh_if_changed(now=NOW) is None
    assert refresh_if_changed(now=NOW + dt.timedelta(minutes=11)).planned_again == 1


def test_the_clock_refreshes_and_leaves_what_cannot_be_netted():
    _, motor, _ = drive_factory()
    refresh()
    receive_stock(item_id=motor.pk, qty=Decimal(7), now=NOW)
    refresh_requirements_task()
    assert get_item_requirements("MOTOR").row.on_hand == 7

    make_item("ODD", kind="buy", min_order=10, max_order=12, order_multiple=7)
    refresh_requirements_task()
    assert RequirementsRun.objects.count() == 2


def test_looking_for_changes_takes_two_queries(django_assert_num_queries):
    drive_factory()
    refresh()
    with django_assert_num_queries(2):
        refresh_if_changed(now=NOW)


def test_reading_takes_the_same_queries_whatever_the_size():
    drive_factory()
    with CaptureQueriesContext(connection) as few:
        read_input()
    for number in range(30):
        part = make_item(f"PART-{number}", kind="buy")
        make_bom_line(parent=Item.objects.get(code="DRIVE"), component=part)
        purchase(f"PO-{number}", item=part, qty=1, due=week(2))
        make_source(item=part)
    with CaptureQueriesContext(connection) as many:
        read_input()

    assert len(few) == len(many) == 13


@pytest.mark.django_db(transaction=True)
def test_two_who_refresh_at_once_get_one_run():
    drive_factory()
    order(schedule=[(week(6), 10)])

    assert at_once(refresh, refresh, refresh) == []

    assert RequirementsRun.objects.count() == 1
    assert RequirementsItem.objects.count() == 4


# --- net change against a full run


class NetChangeTest(TestCase):
    """After whatever changes, a net change gives the run that planning everything would give."""

    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(
                    [
                        "confirm",
                        "hold",
                        "cancel",
                        "move",
                        "receive",
                        "issue",
                        "purchase",
                        "lead",
                        "bom",
                        "new",
                    ]
                ),
                st.integers(0, 3),
                st.integers(1, 12),
            ),
            min_size=1,
            max_size=6,
        )
    )
    def test_net_change_equals_a_full_run(self, changes):
        _, motor, plate = drive_factory()
        items = [motor, plate]
        for number in range(4):
            schedule = [(week(2 + number), 3 + number), (week(9 + number), 4)]
            order(f"SO-{number}", schedule=schedule, status="quote" if number % 2 else "confirmed")
            purchase(f"PO-{number}", item=items[number % 2], qty=5 + number, due=week(1 + 2 * number))
        receive_stock(item_id=plate.pk, qty=Decimal(50), now=NOW)
        refresh()

        for kind, which, size in changes:
            _change(kind, which, size, items)
            run = refresh()
            netted, anew = read_stored(run), net(read_input().problem)
            assert np.array_equal(netted.gross_requirements, anew.gross_requirements)
            assert np.array_equal(netted.planned_receipts, anew.planned_receipts)
            assert np.array_equal(netted.past_due, anew.past_due)
            assert [*netted.messages] == [*anew.messages]
            assert RequirementsState.objects.count() == 1


def _change(kind, which, size, items):
    ref, item = f"SO-{which}", items[which % 2]
    status = Instalment.objects.filter(order_line__order__ref=ref).first().order_line.order.status
    if kind == "confirm" and status == "quote":
        confirm_order(ref=ref, now=NOW)
    elif kind == "hold" and status == "confirmed":
        hold_order(ref=ref, now=NOW)
    elif kind == "cancel" and status != "cancelled":
        cancel_order(ref=ref, now=NOW)
    elif kind == "move" and status in ("quote", "confirmed"):
        line = new_line(item="DRIVE", qty=size, due=week(size))
        customer = Instalment.objects.filter(order_line__order__ref=ref).first().order_line.order.customer
        amend_order(ref=ref, order=NewOrder(ref=ref, customer=customer.code, lines=(line,)), now=NOW)
    elif kind == "receive":
        receive_stock(item_id=item.pk, qty=Decimal(size), now=NOW)
    elif kind == "issue":
        issue_stock(item_id=items[1].pk, qty=Decimal(size) / 2, now=NOW)
    elif kind == "purchase":
        reschedule_purchase(ref=f"PO-{which}", due=week(size))
    elif kind == "lead":
        _saved(Item.objects.get(pk=item.pk), lead_time_days=7 * size)
    elif kind == "bom":
        _saved(Item.objects.get(code="DRIVE").boms.get().lines.first(), qty=size)
    elif kind == "new":
        Item.objects.get_or_create(code=f"NEW-{size}", defaults={"kind": "buy", "uom": item.uom})
