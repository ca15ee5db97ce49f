"""What is ready at 24:00: a delivery on a day needs its units by 24:00, a receipt counts from 00:00."""

import pytest

from planning.engine.mrp import LotPolicy, plan_material
from planning.engine.reach import earliest_supplies, first_receipts
from planning.engine.shop import MICRO
from planning.engine.verify import violations
from tests.engine.plants import built, plant, shop_of, sold

SHIFTS = [
    {"days": [0, 1, 2, 3, 4], "start": start, "end": end}
    for start, end in (("08:00", "16:00"), ("16:00", "00:00"))
]


def two_shifts(*orders, hours=16, **sections):
    """The plan of drives of 16 h on a bench that is open for 16 h, until midnight."""
    routing = [{"seq": 10, "work_centre": "BENCH", "run_h": hours}]
    factory = plant(
        **{"calendars": [{"code": "DAY", "shifts": SHIFTS}], "routings": {"DRIVE": routing}, "skills": []}
        | {"sales_orders": list(orders)}
        | sections
    )
    plan = built(factory, rounds=4)
    assert violations(factory, plan) == []
    return plan


def test_a_lot_that_ends_at_24_00_is_in_time_on_that_day():
    plan = two_shifts(sold("DRIVE", ("2024-01-01", 1), ("2024-01-02", 1), ("2024-01-03", 1)))

    assert [row.days_late for row in plan.promises] == [0, 0, 0]
    # each drive goes out in the very minute in which it is there: no part of it ever lies over night
    assert plan.cost.holding == 0


def test_of_two_lots_for_one_day_the_second_is_a_day_late():
    plan = two_shifts(*(sold("DRIVE", ("2024-01-01", 1), ref=ref) for ref in ("SO-1", "SO-2")))

    assert sorted(row.days_late for row in plan.promises) == [0, 1]
    late = max(plan.promises, key=lambda row: row.days_late)
    assert f"{late.chain[-1].end}" == f"{late.promised}" == "2024-01-02"
    assert [(reason.code, reason.entity) for reason in late.reasons] == [("AT_RISK_RESOURCE", "BENCH")]


def test_a_minute_more_is_a_day_late():
    plan = two_shifts(sold("DRIVE", ("2024-01-01", 1)), hours=16.01)

    assert [row.days_late for row in plan.promises] == [1]


@pytest.mark.parametrize("policy", ["independent", "all_together"])
def test_what_is_due_at_the_00_00_that_follows_is_not_there_on_the_day_before(policy):
    # a drive without operations, released on Monday, is received on Tuesday
    items = [{"code": "DRIVE", "kind": "make", "lead_time_days": 1}]
    order = sold("DRIVE", ("2024-01-01", 1)) | {"delivery_policy": policy}
    plan = two_shifts(order, items=items, bom=[], routings={})

    assert [row.days_late for row in plan.promises] == [1]


def test_work_of_no_time_at_the_00_00_that_follows_is_not_there_on_the_day_before():
    # the part is received on Tuesday at 00:00, when the bench is open, and the drive is ready in that minute
    plan = two_shifts(
        sold("DRIVE", ("2024-01-01", 1)),
        hours=0,
        calendars=[{"code": "DAY", "shifts": [{"days": [0, 1], "start": "00:00", "end": "00:00"}]}],
        items=[{"code": "PART", "kind": "buy", "lead_time_days": 1}, {"code": "DRIVE", "kind": "make"}],
    )

    assert [row.days_late for row in plan.promises] == [1]


# A Sunday of 23 hours, and one of 25
CLOCKS = {"time_zone": "Europe/Berlin", "bom": [], "routings": {}}
SHORT_DAY = {"as_of": "2024-03-25", "horizon_end": "2024-05-01"}
LONG_DAY = {"as_of": "2024-10-21", "horizon_end": "2024-12-01"}


@pytest.mark.parametrize(
    ("days", "day", "next_day"),
    [(SHORT_DAY, "2024-03-31", "2024-04-01"), (LONG_DAY, "2024-10-27", "2024-10-28")],
)
def test_what_comes_on_the_day_after_a_night_of_another_length_is_too_late(days, day, next_day):
    # the open order comes at the end of the day on which a drive is due: one more is made in time
    late = {"ref": "PO-1", "supplier": "ACME", "item": "DRIVE", "qty": 1, "due": next_day}
    items = [{"code": "DRIVE", "kind": "make", "lead_time_days": 1}]
    factory = plant(
        **CLOCKS | days, items=items, sales_orders=[sold("DRIVE", (day, 1))], purchase_orders=[late]
    )
    plan = built(factory)

    assert violations(factory, plan) == []
    assert [row.days_late for row in plan.promises] == [0]


@pytest.mark.parametrize(
    ("days", "day"), [(SHORT_DAY, "2024-03-31"), (LONG_DAY, "2024-10-27"), (LONG_DAY, "2024-10-28")]
)
def test_what_may_begin_on_a_day_of_another_length_is_there_on_that_day_and_not_before(days, day):
    items = [{"code": "DRIVE", "kind": "make", "earliest_production": day}]
    shop = shop_of(**CLOCKS | days, items=items, sales_orders=[sold("DRIVE", (day, 1))])

    assert shop.grid.day(earliest_supplies(shop, first_receipts(shop))[0]).isoformat() == day


def test_needs_of_a_week_are_one_lot_over_a_night_of_another_length():
    # due on both Saturdays around the change: the second lies 7 days and an hour after the first
    items = [{"code": "DRIVE", "kind": "make", "group_days": 7}]
    orders = [sold("DRIVE", ("2024-10-26", 1), ("2024-11-02", 1))]
    shop = shop_of(**CLOCKS | LONG_DAY, items=items, sales_orders=orders)

    assert [lot.quantity for lot in plan_material(shop, LotPolicy(window_days=0)).lots] == [2 * MICRO]
