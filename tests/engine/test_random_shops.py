"""Any small shop, with all that an operation can be: its plan breaks no rule, twice the same plan."""

import pytest

from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import resolve
from planning.engine.plan import dump_plan
from planning.engine.verify import violations
from tests.engine.plants import built
from tests.engine.random_shop_factories import random_shop_factory

SEEDS = range(50)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_of_any_shop_breaks_no_rule(seed):
    factory = random_shop_factory(seed)

    plan = built(factory, rounds=3)

    assert violations(factory, plan) == []
    assert all(row.reasons for row in plan.promises if row.days_late)


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_the_same_seed_gives_the_same_plan(seed):
    factory = random_shop_factory(seed)

    first, second = (built(factory, rounds=6, seed=5) for _ in range(2))

    def told(plan):
        return dump_plan(plan.model_copy(update={"certificate": first.certificate}))

    assert told(first) == told(second)


def test_the_generator_makes_valid_shops_that_mix_everything():
    factories = [resolve(random_shop_factory(seed)) for seed in SEEDS]
    assert [check_factory(factory) for factory in factories] == [[]] * len(factories)
    operations = [row for factory in factories for rows in factory.routings.values() for row in rows]
    assert any(row.alternates and row.setup_family and row.overlap for row in operations)
    assert any(row.unattended_h and row.overlap for row in operations)
    assert any(row.crew == 2 for row in operations)
    assert any(factory.setup_times and factory.work_orders for factory in factories)


def test_all_that_is_new_is_used_by_some_plan():
    used = set()
    for seed in SEEDS:
        factory = resolve(random_shop_factory(seed))
        plan = built(factory)
        own = {(item, row.seq): row.work_centre for item, rows in factory.routings.items() for row in rows}
        steps = [(row.order, row.seq) for row in plan.operations]
        used |= {"alternate" for row in plan.operations if row.work_centre != own[row.item, row.seq]}
        used |= {"split"} if len(steps) > len(set(steps)) else set()
        ends = {(row.order, row.seq): row.free for row in plan.operations}
        used |= {
            "overlap"
            for row in plan.operations
            if (row.order, row.seq - 10) in ends and row.start < ends[row.order, row.seq - 10]
        }
    assert used == {"alternate", "split", "overlap"}
