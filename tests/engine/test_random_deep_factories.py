"""The generator of factories with deep material planning: valid, the same for a seed, and with every key."""

from collections import Counter
from datetime import date

import pytest

from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import canonical_json, resolve
from tests.engine.random_deep_factories import random_deep_factory, random_deep_rows

SEEDS = range(200)
AT_LEAST = 10  # so many of the factories have what the test of a feature needs


@pytest.fixture(scope="module")
def factories():
    return [resolve(random_deep_factory(seed)) for seed in SEEDS]


def test_every_factory_is_valid():
    for seed in SEEDS:
        assert [str(issue) for issue in check_factory(random_deep_factory(seed))] == [], seed


def test_a_seed_gives_the_same_factory():
    for seed in (0, 17, 163):
        assert canonical_json(random_deep_factory(seed)) == canonical_json(random_deep_factory(seed))
    assert random_deep_rows(1) != random_deep_rows(2)


FACTS = {
    "substitutes": lambda f: any(row.substitutes for row in f.bom),
    "substitutes of two priorities": lambda f: any(
        len({s.priority for s in r.substitutes}) > 1 for r in f.bom
    ),
    "substitutes of a phantom's component": lambda f: any(
        row.substitutes and row.parent.startswith("PHANTOM") for row in f.bom
    ),
    "by-products": lambda f: bool(f.by_products),
    "dated by-products": lambda f: any(row.from_ or row.to for row in f.by_products),
    "by-products that are needed": lambda f: {b.item for b in f.by_products} & {r.component for r in f.bom},
    "by-products that nobody buys": lambda f: any(row.item == "CHIPS0" for row in f.by_products),
    "by-products of a work order": lambda f: (
        {b.parent for b in f.by_products} & {w.item for w in f.work_orders}
    ),
    "firm lots": lambda f: any(row.kind == "make" for row in f.firm_orders),
    "firm purchases": lambda f: any(row.kind == "buy" for row in f.firm_orders),
    "firm purchases of made items": lambda f: (
        {row.item for row in f.firm_orders if row.kind == "buy"}
        & {row.code for row in f.items if row.kind == "make"}
    ),
    "firm orders without release": lambda f: any(row.release is None for row in f.firm_orders),
    "firm orders that were due": lambda f: any(row.due < f.as_of for row in f.firm_orders),
    "firm orders released earlier": lambda f: any((r.release or f.as_of) < f.as_of for r in f.firm_orders),
    "made items that are sold": lambda f: (
        {row.item for row in f.sources} & {row.code for row in f.items if row.kind == "make"}
    ),
    "make priority": lambda f: any(row.make_priority for row in f.items),
    "working days of suppliers": lambda f: any(row.lead_time_calendar for row in f.sources),
    "price breaks": lambda f: any(row.price_breaks for row in f.sources),
    "capacity of suppliers": lambda f: any(row.capacity_per_week is not None for row in f.sources),
    "order cost": lambda f: any(row.order_cost for row in f.items),
    "safety time": lambda f: any(row.safety_days for row in f.items),
    "fences of made items": lambda f: any(row.fence_days and row.kind == "make" for row in f.items),
    "fences of bought items": lambda f: any(row.fence_days and row.kind == "buy" for row in f.items),
    "safety stock of made items": lambda f: any(row.safety_stock and row.kind == "make" for row in f.items),
    "safety stock of bought items": lambda f: any(row.safety_stock and row.kind == "buy" for row in f.items),
    "bills that change": lambda f: (
        max(Counter((r.parent, r.component) for r in f.bom).values(), default=0) > 1
    ),
    "bills that change within the horizon": lambda f: any(
        f.as_of < (row.from_ or date.min) < f.horizon_end for row in f.bom
    ),
    "phantoms that come and go": lambda f: any(
        (row.from_ or row.to) and "PHANTOM" in row.component + row.parent for row in f.bom
    ),
    "lot for lot": lambda f: any(row.lot_rule == "lot_for_lot" for row in f.items),
    "fixed periods": lambda f: any(row.lot_rule == "fixed_period" and row.group_days for row in f.items),
    "wagner whitin": lambda f: any(row.lot_rule == "wagner_whitin" and row.order_cost for row in f.items),
    "silver meal": lambda f: any(row.lot_rule == "silver_meal" and row.order_cost for row in f.items),
    "no rule": lambda f: any(row.lot_rule is None for row in f.items),
}


@pytest.mark.parametrize("fact", FACTS)
def test_what_deepens_material_planning_occurs_often_enough(factories, fact):
    assert sum(bool(FACTS[fact](factory)) for factory in factories) >= AT_LEAST


def test_the_unit_of_a_component_is_told_here_and_there():
    told = [row.get("uom") for seed in SEEDS for row in random_deep_rows(seed)["bom"]]
    assert {None, "pcs", "kg"} == set(told)


def test_no_component_is_taken_twice_on_a_day(factories):
    for factory in factories:
        for row in factory.bom:
            same = [
                other
                for other in factory.bom
                if (other.parent, other.component, other.operation)
                == (row.parent, row.component, row.operation)
            ]
            days = [day for each in same for day in (each.from_, each.to) if day is not None]
            for day in [*days, factory.as_of]:
                counting = [r for r in same if (r.from_ or day) <= day and (r.to is None or day < r.to)]
                assert len(counting) <= 1
