"""Any valid factory: its plan breaks no rule and names what it cannot deliver. The bench tries hundreds."""

import random

import pytest

from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import canonical_json, resolve
from planning.engine.verify import violations
from tests.engine.plants import built
from tests.engine.random_deep_factories import random_deep_factory
from tests.engine.random_factories import random_factory
from tests.engine.random_people_factories import random_people_factory

# Chosen so that each of them once broke a rule or the engine: ratios of direct skills, ramps with ratios,
# weekly capacity below the least order, unfinished work orders, sources that overlap, phantoms that are sold.
TOLD = (1, 7, 11, 16, 23, 37, 39, 86, 87, 88, 118, 142, 151, 334, 480, 2203, 2324, 2685)
# New ones every day would be a test that fails for no one's change: these stay the same.
DRAWN = tuple(random.Random(2024).sample(range(1_000, 100_000), 12))


# Substitutes, by-products, firm orders, lot rules and fences on top. These once broke a rule or the engine:
# suppliers' weeks of made items, by-products waited for in a circle, calendars that hardly open, shares of
# substitutes rounded twice, late deliveries from stock, substitutes of substitutes and of split lots.
TOLD_DEEP = (9, 10, 63, 99, 110, 127, 145, 156, 170, 225, 261, 485, 685, 692, 705, 829, 933, 949, 3024)
DRAWN_DEEP = tuple(random.Random(2025).sample(range(1_000, 100_000), 21))

# Temporary people, raises, limits, decisions, changes of skill and cash on top. These once broke a rule or
# the engine: people who came from another skill and were laid off, ratios beyond the budget, decided hires
# and arrivals beyond limits, ramps that layoffs make room for.
TOLD_PEOPLE = (161, 174, 332, 464, 596, 645, 658, 1553)
DRAWN_PEOPLE = tuple(random.Random(2026).sample(range(2_000, 100_000), 16))

ANY = [(random_factory, seed) for seed in TOLD + DRAWN]
ANY += [(random_deep_factory, seed) for seed in TOLD_DEEP + DRAWN_DEEP]
ANY += [(random_people_factory, seed) for seed in TOLD_PEOPLE + DRAWN_PEOPLE]


@pytest.mark.parametrize(("make", "seed"), ANY, ids=lambda each: getattr(each, "__name__", each))
def test_the_plan_of_any_factory_breaks_no_rule(make, seed):
    factory = make(seed)

    plan = built(factory, rounds=2)

    assert violations(factory, plan) == []
    named = {row.entity for row in plan.exceptions}
    for promise in plan.promises:
        if promise.promised is None or promise.days_late:
            assert promise.reasons
            assert f"{promise.sales_order}/{promise.line}/{promise.instalment}" in named


@pytest.mark.parametrize("make", [random_factory, random_people_factory])
def test_the_generator_makes_valid_factories_and_the_same_for_a_seed(make):
    for seed in range(60):
        factory = make(seed)
        assert check_factory(factory) == []
        assert canonical_json(resolve(factory)) == canonical_json(resolve(make(seed)))


def test_the_generator_of_people_mixes_what_the_format_knows():
    factories = [resolve(random_people_factory(seed)) for seed in range(100)]

    def some(fact):
        return any(fact(factory) for factory in factories)

    assert some(lambda f: any(row.temp_max_heads for row in f.skills))
    assert some(lambda f: any(row.raises for row in f.skills))
    assert some(lambda f: any(row.shifts for row in f.skills))
    assert some(lambda f: any(each.max_heads == 0 for row in f.skills for each in row.shifts))
    assert some(lambda f: any(row.trainer_share for row in f.skills))
    assert some(lambda f: any(row.max_hires is not None for row in f.skills))
    assert some(lambda f: f.staffing.max_total_heads is not None)
    assert some(lambda f: f.staffing.hiring_budget_per_month is not None)
    assert some(lambda f: f.staffing.hiring_budgets)
    assert some(lambda f: f.staffing.cross_training)
    assert some(lambda f: f.staffing.keep_going)
    assert some(lambda f: f.cash.opening is not None)
    assert some(lambda f: any(order.milestones for order in f.sales_orders))
    decisions = {row.verdict for factory in factories for row in factory.hiring_decisions}
    assert decisions == {"approved", "locked", "refused"}


def test_the_generator_mixes_what_the_format_knows():
    factories = [resolve(random_factory(seed)) for seed in range(200)]

    def some(fact):
        return any(fact(factory) for factory in factories)

    operations = [row for f in factories for rows in f.routings.values() for row in rows]
    assert some(lambda f: not f.skills)
    assert some(lambda f: not f.sales_orders)
    assert some(lambda f: any(centre.stations == 0 for centre in f.work_centres))
    assert some(lambda f: any(not c.shifts and not c.extra_shifts for c in f.calendars))
    assert some(lambda f: any(s.headcount == 0 and not s.can_hire for s in f.skills))
    assert some(lambda f: f.time_zone == "Australia/Lord_Howe")
    assert some(lambda f: any(row.delivery_policy == "all_together" for row in f.sales_orders))
    assert some(lambda f: any(not work.components_issued for work in f.work_orders))
    assert some(lambda f: any(order.due < f.as_of for order in f.purchase_orders))
    assert some(lambda f: any(row.from_ or row.to for row in f.bom))
    assert {row.external_days is None for row in operations} == {True, False}
    assert {row.crew for row in operations} == {1, 2, 3}
