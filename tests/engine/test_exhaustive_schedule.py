"""The schedule of tiny shops against the best that there is."""

import pytest

from planning.engine.shop import compile_shop
from planning.engine.shopfloor.bounds import earliest_days, least_late_days
from tests.engine.exhaustive_schedule import least_lateness, tiny_shop
from tests.engine.plants import ALWAYS, built, shop_of, sold
from tests.engine.test_shopfloor import DAY, one_lot, op

SEEDS = range(24)


@pytest.fixture(scope="module")
def found():
    """(of the plan, least) lateness by seed."""
    return [
        (built(tiny_shop(seed), rounds=60).cost.lateness, least_lateness(tiny_shop(seed))) for seed in SEEDS
    ]


def test_no_plan_is_later_than_the_best_by_much(found):
    assert all(plan >= least - 1e-6 for plan, least in found)
    assert sum(plan for plan, _ in found) <= 1.05 * sum(least for _, least in found)


def test_most_plans_are_the_best(found):
    assert sum(plan <= least + 1e-6 for plan, least in found) >= 0.8 * len(found)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bound_is_one(seed):
    factory = tiny_shop(seed)
    plan = built(factory)
    assert least_late_days(compile_shop(factory)) <= sum(row.days_late for row in plan.promises)


def test_work_of_no_time_at_the_first_minute_bounds_nothing():
    # planned at midnight with a calendar that is open then: the operation ends in minute 0
    bench = [{"code": "BENCH", "calendar": "ALWAYS"}]
    shop = one_lot(op(run_h=0), work_centres=bench, calendars=[DAY, ALWAYS], bom=[])
    assert earliest_days(shop) == [0]


def test_what_others_teach_bounds_nothing():
    # 120 h for the first ROTOR, half with every doubling: of 11 at once, 10 of them for the DRIVE, the last
    # takes 120 / 11 = 10.9 h, and may be the one that is sold
    shop = shop_of(
        calendars=[ALWAYS],
        skills=[{"code": "ASM", "headcount": 11, "learning_rate": 0.5}],
        work_centres=[{"code": "BENCH", "calendar": "ALWAYS", "stations": 11}],
        items=[{"code": code, "kind": "make"} for code in ("ROTOR", "DRIVE")],
        bom=[{"parent": "DRIVE", "component": "ROTOR", "qty": 10}],
        routings={"ROTOR": [op(run_h=120)], "DRIVE": [op(run_h=1)]},
        sales_orders=[sold(code, ("2024-01-01", 1), ref=code) for code in ("ROTOR", "DRIVE")],
    )
    assert earliest_days(shop)[0] == 0


@pytest.mark.parametrize(
    "operation",
    [
        {"seq": 10, "external_days": 1},
        op(unattended_h=24),
        op(unattended_h=23, queue_h=1),
    ],
)
def test_what_is_ready_at_24_00_may_be_delivered_on_that_day(operation):
    bench = [{"code": "BENCH", "calendar": "ALWAYS"}]
    shop = one_lot(operation, work_centres=bench, calendars=[DAY, ALWAYS])
    assert earliest_days(shop) == [0]
