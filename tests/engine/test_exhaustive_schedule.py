"""The schedule of tiny shops against the best that there is."""

import pytest

from planning.engine.shop import compile_shop
from planning.engine.shopfloor.bounds import least_late_days
from tests.engine.exhaustive_schedule import least_lateness, tiny_shop
from tests.engine.plants import built

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
