"""Material requirements by week, worked out from rows: what is read, and what is planned."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection

from inventory.models import Item, PurchaseOrderLine
from inventory.services import receive_stock
from orders.models import Instalment
from orders.services import hold_order
from planning.engine.netting import net
from planning.models import (
    FirmOrder,
    ItemLeadTimeCalendar,
    Shift,
    SourceLeadTimeCalendar,
    WorkOrder,
)
from planning.selectors.requirements import (
    Wanted,
    get_item_requirements,
    list_items,
    read_input,
)
from planning.services import requirements
from planning.services.requirements import refresh_requirements
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
    motor, old = (make_item(code, kind="buy") for code in ("MOTOR", "OLD"))
    make_bom_line(parent=drive, component=motor, qty=3, scrap=Decimal("0.25"))
    make_bom_line(parent=drive, component=old, qty=1, effective_to=TODAY)
    order(schedule=[(week(6), 1)])
    refresh()

    assert record("MOTOR")["gross"] == {6: 4}
    assert record("OLD")["gross"] == {}


def test_a_bill_counts_for_what_goes_out_while_it_is_in_force():
    # drives go out a week before they are due; revision 1 ends in the middle of week 4, its OLD with week 1
    make_settings()
    drive = make_item("DRIVE", lead_time_days=7)
    old, new = (make_item(code, kind="buy") for code in ("OLD", "NEW"))
    make_bom_line(parent=drive, component=old, qty=1, effective_to=TODAY + 2 * WEEK)
    make_bom_line(parent=drive, component=new, qty=1, effective_from=TODAY + 2 * WEEK)
    drive.boms.update(effective_to=week(4))
    make_bom(drive, revision="2", effective_from=week(4)).lines.create(component=old, qty=5)
    order(schedule=[(week(due), 1) for due in (2, 3, 5, 6)])
    refresh()

    assert record("OLD")["gross"] == {1: 1, 5: 5}
    assert record("NEW")["gross"] == {2: 1, 4: 1}


def test_a_component_is_taken_with_its_operation():
    # two weeks of work: the second operation begins a week after the release
    make_settings()
    calendar = make_calendar()
    Shift.objects.create(calendar=calendar, days=[0, 1, 2, 3, 4], start="07:00", end="15:00")  # 40 h a week
    drive, motor, box = make_item("DRIVE"), make_item("MOTOR", kind="buy"), make_item("BOX", kind="buy")
    centre = make_work_centre(calendar=calendar)
    for seq in (10, 20):
        make_operation(item=drive, seq=seq, work_centre=centre, lot=1, setup_h=0, run_h=40)
    make_bom_line(parent=drive, component=motor, qty=1, operation=10)
    make_bom_line(parent=drive, component=box, qty=1, operation=20)
    order(schedule=[(week(6), 1)])
    refresh()

    assert record("DRIVE")["releases"] == {4: 1}
    assert record("MOTOR")["gross"] == {4: 1}
    assert record("BOX")["gross"] == {5: 1}


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
    # lots of 30: (2 + 30 x 0.6) / 0.5 = 40 h of work, a week;
    # 3 cycles of 28 h and 42 h of queue, 126 of 168 h
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


@pytest.mark.django_db(transaction=True)
def test_nobody_who_writes_waits_while_the_loops_are_compiled(monkeypatch):
    drive_factory()
    compiled_within = []
    monkeypatch.setattr(
        requirements, "load_loops", lambda: compiled_within.append(connection.in_atomic_block)
    )
    monkeypatch.setattr(requirements, "net", lambda problem: compiled_within.append(None) or net(problem))

    refresh_requirements(now=NOW)

    # before the transaction, and before anything is netted
    assert compiled_within == [False, None]
