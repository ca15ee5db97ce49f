"""Material requirements by week, from rows: what is read, what is planned, what a change costs."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from inventory.models import Item, PurchaseOrderLine
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
    ItemLeadTimeCalendar,
    RequirementsItem,
    RequirementsRun,
    RequirementsState,
    Shift,
    SourceLeadTimeCalendar,
    WorkOrder,
)
from planning.selectors.requirements import (
    Wanted,
    get_item_requirements,
    list_items,
    read_input,
    read_stored,
)
from planning.services import requirements
from planning.services.requirements import RUNS_KEPT, refresh_if_changed, refresh_requirements
from planning.tasks import refresh_requirements_task
from tests.builders import (
    NOW,
    TODAY,
    make_bom,
    make_bom_line,
    make_calendar,
    make_item,
    make_operation,
    make_order,
    make_purchase_order,
    make_settings,
    make_source,
    make_work_centre,
    new_line,
    new_schedule,
)

pytestmark = pytest.mark.django_db

WEEK = dt.timedelta(weeks=1)


def week(number):
    """A day within a week, counted from the planning date."""
    return TODAY + number * WEEK + dt.timedelta(days=3)


def drive_factory():
    """A drive takes 2 motors and 1 box; the box is a phantom of 3 plates. Motors take 2 weeks, plates 1."""
    make_settings()
    drive = make_item("DRIVE", lead_time_days=7)
    motor = make_item("MOTOR", kind="buy", lead_time_days=14)
    box = make_item("BOX", kind="phantom")
    plate = make_item("PLATE", kind="buy", lead_time_days=5)
    make_bom_line(parent=drive, component=motor, qty=2)
    make_bom_line(parent=drive, component=box, qty=1)
    make_bom_line(parent=box, component=plate, qty=3)
    return drive, motor, plate


def order(ref="SO-1", *, item="DRIVE", schedule, status="confirmed"):
    qty = sum(qty for _, qty in schedule)
    line = new_line(item=item, qty=qty, due=None, instalments=new_schedule(*schedule))
    return make_order(ref, lines=[line], status=status)


def purchase(ref, *, item, qty, due, **values):
    return PurchaseOrderLine.objects.create(
        purchase_order=make_purchase_order(ref), ref=ref, item=item, qty=qty, due=due, **values
    )


def refresh(**options):
    return refresh_requirements(now=NOW, **options)


def record(code):
    """Rows of an item as dictionaries by week, without the zeros."""
    found = get_item_requirements(code)
    return {
        name: {
            number: getattr(row, name) for number, row in enumerate(found.weeks) if getattr(row, name) != 0
        }
        for name in ("gross", "scheduled", "net", "planned", "releases", "on_hand", "expected")
    }


def terms(code):
    """What the netting core is told of an item."""
    problem = read_input().problem
    at = problem.items.codes.index(code)
    return {
        name: int(getattr(problem.items, name)[at]) for name in ("lead_time", "fence", "multiple", "minimum")
    }


def lead(code):
    return terms(code)["lead_time"]


# --- what is planned


def test_demand_goes_down_through_phantoms_by_lead_times():
    drive_factory()
    order(schedule=[(week(6), 10), (week(8), 5)])
    refresh()

    drive, motor, plate = record("DRIVE"), record("MOTOR"), record("PLATE")
    assert drive["gross"] == {6: 10, 8: 5}
    # a drive goes out a week before; then its 2 motors, and 3 plates through the box, are taken
    assert drive["releases"] == {5: 10, 7: 5}
    assert motor["gross"] == {5: 20, 7: 10}
    assert motor["releases"] == {3: 20, 5: 10}
    assert plate["gross"] == {5: 30, 7: 15}
    assert plate["releases"] == {4: 30, 6: 15}
    assert record("BOX")["gross"] == {}


def test_only_what_is_confirmed_and_not_shipped_is_needed():
    drive_factory()
    order("SO-1", schedule=[(week(6), 10)])
    order("SO-2", schedule=[(week(6), 7)], status="quote")
    order("SO-3", schedule=[(week(6), 9)])
    hold_order(ref="SO-3", now=NOW)
    Instalment.objects.filter(order_line__order__ref="SO-1").update(shipped_qty=4)
    refresh()

    assert record("DRIVE")["gross"] == {6: 6}


def test_what_is_late_is_needed_at_once_and_what_lies_beyond_the_horizon_is_told():
    drive_factory()
    order(schedule=[(TODAY - 5 * WEEK, 1), (week(2), 2), (week(200), 4)])
    run = refresh()

    assert run.buckets == 53  # 366 days
    assert record("DRIVE")["gross"] == {0: 1, 2: 2}
    assert run.beyond_horizon == 1


def test_stock_and_open_orders_come_first():
    drive, motor, _ = drive_factory()
    order(schedule=[(week(6), 10)])
    receive_stock(item_id=motor.pk, qty=Decimal(4), now=NOW)
    receive_stock(item_id=motor.pk, qty=Decimal("1.5"), now=NOW, location="B")
    purchase("PO-1", item=motor, qty=9, due=week(2), received_qty=2)
    purchase("PO-2", item=motor, qty=3, due=week(1), received_qty=3)
    WorkOrder.objects.create(ref="WO-1", item=drive, qty=4, done_qty=1, due=week(3))
    FirmOrder.objects.create(ref="FO-1", item=drive, kind="make", qty=2, due=week(6), release=week(4))
    refresh()

    drives, motors = record("DRIVE"), record("MOTOR")
    assert drives["scheduled"] == {3: 3, 6: 2}
    assert drives["planned"] == {6: 5}
    # 5 planned drives take 10 motors, and the firm one still takes its own 4 when it goes out
    assert motors["gross"] == {4: 4, 5: 10}
    assert motors["scheduled"] == {2: 7}
    # 5.5 in stock and 7 on order leave 1.5 of 14
    assert motors["planned"] == {5: Decimal("1.5")}


def test_a_work_order_takes_components_that_were_not_issued():
    drive, *_ = drive_factory()
    WorkOrder.objects.create(ref="WO-1", item=drive, qty=4, due=week(3), components_issued=True)
    WorkOrder.objects.create(ref="WO-2", item=drive, qty=1, due=week(3), components_issued=False)
    WorkOrder.objects.create(
        ref="WO-3", item=drive, qty=1, due=week(8), start=week(5), components_issued=False
    )
    refresh()

    # without a start it is that by its lead time of a week
    assert record("MOTOR")["gross"] == {2: 2, 5: 2}


def test_scrap_is_added_and_rows_out_of_force_are_not():
    make_settings()
    drive = make_item("DRIVE")
    motor, old, new = (make_item(code, kind="buy") for code in ("MOTOR", "OLD", "NEW"))
    make_bom_line(parent=drive, component=motor, qty=3, scrap=Decimal("0.25"))
    make_bom_line(parent=drive, component=old, qty=1, effective_to=TODAY)
    make_bom_line(parent=drive, component=new, qty=1, effective_from=TODAY + dt.timedelta(days=1))
    later = make_bom(drive, revision="2", effective_from=TODAY + 9 * WEEK)
    later.lines.create(component=old, qty=5)
    order(schedule=[(week(6), 1)])
    refresh()

    assert record("MOTOR")["gross"] == {6: 4}
    assert record("OLD")["gross"] == record("NEW")["gross"] == {}


def test_safety_stock_is_kept():
    make_settings()
    make_item("MOTOR", kind="buy", safety_stock=5)
    order(item="MOTOR", schedule=[(week(6), 2)])
    refresh()

    motor = record("MOTOR")
    assert motor["planned"] == {0: 5, 6: 2}


def test_too_late_is_told_with_the_chain():
    drive_factory()
    order(schedule=[(week(1), 10)])
    refresh()

    found = get_item_requirements("DRIVE")
    # motors ordered now are there in week 2, the drive in week 3: 2 weeks late
    assert found.row.late_weeks == 2
    assert [(link.item, link.lead_weeks) for link in found.chain] == [("DRIVE", 1), ("MOTOR", 2)]
    assert found.row.first_shortage == TODAY + WEEK
    assert get_item_requirements("MOTOR").row.past_due_qty == 20
    assert {message.code for message in found.messages} == {"SHORTAGE", "INSUFFICIENT_LEAD_TIME"}


def test_messages_name_the_order_they_are_about():
    _, motor, _ = drive_factory()
    order(schedule=[(week(6), 10)])
    purchase("PO-1", item=motor, qty=20, due=week(9))
    refresh()

    (message, *_) = get_item_requirements("MOTOR").messages
    assert (message.code, message.order) == ("RESCHEDULE_IN", "PO-1")
    assert (message.day, message.to_day) == (TODAY + 9 * WEEK, TODAY + 5 * WEEK)
    # no second order stands beside the one that only has to be pulled in
    assert record("MOTOR")["planned"] == {}


# --- lead times and sizes


def test_days_are_rounded_up_to_weeks_together_with_safety_time():
    make_settings()
    make_item("A", kind="buy", lead_time_days=7)
    make_item("B", kind="buy", lead_time_days=8)
    make_item("C", kind="buy", lead_time_days=5, safety_days=2)
    make_item("D", kind="buy", lead_time_days=5, safety_days=3)

    assert [lead(code) for code in "ABCD"] == [1, 2, 1, 2]


def test_working_days_count_in_the_weeks_of_their_calendar():
    make_settings()
    calendar = make_calendar("FIVE")
    Shift.objects.create(calendar=calendar, days=[0, 1, 2, 3], start="07:00", end="15:00")
    Shift.objects.create(calendar=calendar, days=[4], start="07:00", end="12:00")
    item = make_item("A", kind="buy", lead_time_days=10)
    ItemLeadTimeCalendar.objects.create(item=item, calendar=calendar)
    source = make_source(item=make_item("B", kind="buy"), lead_time_days=11)
    SourceLeadTimeCalendar.objects.create(source=source, calendar=calendar)

    assert [lead(code) for code in "AB"] == [2, 3]


def test_the_preferred_source_in_force_says_lead_time_and_sizes():
    make_settings()
    item = make_item("A", kind="buy", lead_time_days=70, min_order=1, order_multiple=1)
    make_source(item=item, lead_time_days=7, priority=1, effective_to=TODAY)
    make_source(item=item, lead_time_days=14, priority=2, min_order=30, order_multiple=10)
    make_source(item=item, lead_time_days=21, priority=3)

    assert terms("A") == {"lead_time": 2, "fence": 0, "multiple": 10_000_000, "minimum": 30_000_000}


def test_what_is_made_takes_what_its_routing_takes():
    make_settings()
    calendar = make_calendar()
    Shift.objects.create(calendar=calendar, days=[0, 1, 2, 3, 4], start="07:00", end="15:00")  # 40 h a week
    centre = make_work_centre(calendar=calendar, efficiency=Decimal("0.5"), batch=10)
    item = make_item("A", lead_time_days=70)
    # lots of 30: (2 + 30 x 0.6) / 0.5 = 40 h of work, a week; 3 cycles of 28 h and 42 h queue, 126 of 168 h
    make_operation(
        item=item, work_centre=centre, lot=30, setup_h=2, run_h=Decimal("0.6"), unattended_h=28, queue_h=42
    )
    assert lead("A") == 2

    # one more day outside: 1 + 0.75 + 1/7 is still within 2 weeks, 2 days more are not
    other = item.operations.create(seq=20, external_days=1)
    assert lead("A") == 2
    other.external_days = 3
    other.save()
    assert lead("A") == 3


def test_an_item_that_is_rather_bought_takes_no_components():
    drive, *_ = drive_factory()
    Item.objects.filter(pk=drive.pk).update(make_priority=2)
    make_source(item=drive, lead_time_days=21, priority=1)
    order(schedule=[(week(6), 10)])
    refresh()

    assert record("DRIVE")["releases"] == {3: 10}
    assert record("MOTOR")["gross"] == {}


def test_nothing_goes_out_within_the_fence():
    make_settings()
    make_item("A", kind="buy", lead_time_days=14, fence_days=10)
    order(item="A", schedule=[(week(1), 10)])
    refresh()

    # it can go out in week 2, hence be there in week 4
    assert record("A")["planned"] == {4: 10}
    assert "FENCE_VIOLATION" in {message.code for message in get_item_requirements("A").messages}


def test_lot_rules_gather_requirements():
    make_settings()
    make_item("A", kind="buy", group_days=14)
    make_item("B", kind="buy", lot_rule="wagner_whitin", order_cost=100, unit_cost=52)
    make_item("C", kind="buy", lot_rule="wagner_whitin", order_cost=1, unit_cost=52)
    for code in "ABC":
        order(f"SO-{code}", item=code, schedule=[(week(4), 10), (week(5), 10), (week(6), 10)])
    refresh()

    assert record("A")["planned"] == {4: 20, 6: 10}
    # to keep 10 units of 52 for a week costs 10 x 52 x 0.15 x 7 / 365 = 1.50: less than 100, more than 1
    assert record("B")["planned"] == {4: 30}
    assert record("C")["planned"] == {4: 10, 5: 10, 6: 10}


def test_a_made_item_comes_in_whole_units():
    make_settings()
    make_item("A")
    order(item="A", schedule=[(week(4), Decimal("1.5"))])
    refresh()

    assert record("A")["planned"] == {4: 2}


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


# --- lists


def test_items_are_listed_by_what_runs_out_and_narrowed():
    drive_factory()
    make_item("OTHER", name="Drive shaft")
    order(schedule=[(week(1), 10)])
    run = refresh()

    def codes(**wanted):
        return [row.item for row in list_items(run, Wanted(**wanted))]

    # motors and plates are missing from week 0 on, drives from week 1 on
    assert codes() == ["MOTOR", "PLATE", "DRIVE", "BOX", "OTHER"]
    assert codes(search="drive") == ["DRIVE", "OTHER"]
    assert codes(kind="phantom") == ["BOX"]
    assert codes(short=False) == ["BOX", "OTHER"]
    assert codes(message="INSUFFICIENT_LEAD_TIME") == codes(short=True)
    assert set(codes(sales_order="SO-1")) == {"DRIVE", "MOTOR", "PLATE"}
    assert codes(sales_order="SO-NONE") == []


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
