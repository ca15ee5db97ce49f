"""The schedule of tiny shops against the best that there is."""

import pytest

from planning.engine.shop import compile_shop
from planning.engine.shopfloor.bounds import earliest_days, least_late_days
from tests.engine.exhaustive_schedule import least_lateness, tiny_shop
from tests.engine.plants import ALWAYS, built
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
