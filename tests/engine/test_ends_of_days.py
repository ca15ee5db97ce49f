"""What is ready at 24:00: a delivery on a day needs its units by 24:00, a receipt counts from 00:00."""

import pytest

from planning.engine.verify import violations
from tests.engine.plants import built, plant, sold

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
