"""What is out of reach of any work: not in the aggregate model, and planned in one round if it is in time."""

from datetime import UTC, datetime

import pytest

from planning.engine import build
from planning.engine.aggregate import AggregateOptions, plan_aggregate
from planning.engine.build import build_plan, compose_plan
from planning.engine.reach import Reach, earliest_supplies, first_receipts
from planning.engine.request import BuildRequest, Watch
from planning.engine.verify import Violation, violations
from tests.engine.plants import plant, shop_of, sold

CREATED = datetime(2024, 1, 1, 6, tzinfo=UTC)
# SYSTEM = 1 DRIVE = 1 FRAME + 1 PART; FRAME = 1 PLATE. Only DRIVE is worked on.
ITEMS = [
    {"code": "SYSTEM", "kind": "make", "lead_time_days": 2},
    {"code": "DRIVE", "kind": "make"},
    {"code": "FRAME", "kind": "make", "lead_time_days": 5},
    {"code": "PLATE", "kind": "buy", "lead_time_days": 30},
    {"code": "PART", "kind": "buy"},
]
BOM = [
    {"parent": parent, "component": component, "qty": 1}
    for parent, component in (("SYSTEM", "DRIVE"), ("DRIVE", "FRAME"), ("DRIVE", "PART"), ("FRAME", "PLATE"))
]


def system(**sections):
    orders = [sold("SYSTEM", ("2024-03-22", 4))]
    return {"items": ITEMS, "bom": BOM, "sales_orders": orders} | sections


def codes(shop, items):
    return {shop.items[item].code for item in items}


def test_what_is_made_of_worked_items_and_what_goes_into_them_is_in_reach():
    shop = shop_of(**system())
    reach = Reach.of(shop)
    assert codes(shop, reach.above) == {"SYSTEM", "DRIVE"}
    assert codes(shop, reach.below) == {"DRIVE", "FRAME", "PLATE", "PART"}


def test_only_worked_items_and_what_is_made_of_them_are_in_the_aggregate_model():
    shop = shop_of(**system())
    assert codes(shop, plan_aggregate(shop, AggregateOptions()).started) == {"SYSTEM", "DRIVE"}


def test_without_any_work_the_aggregate_model_is_about_people_alone():
    shop = shop_of(**system(routings={}))
    plan = plan_aggregate(shop, AggregateOptions())
    assert plan.started == {}
    assert plan.hours == [[0.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("stock", "day"),
    [
        # the plate in 30 days, the frame 5 days later
        ([], 35),
        # a plate is there: the frame may be there on day 5
        ([{"item": "PLATE", "qty": 1}], 5),
    ],
)
def test_new_supply_comes_no_earlier_than_its_chain_of_lead_times(stock, day):
    shop = shop_of(**system(stock=stock))
    found = earliest_supplies(shop, first_receipts(shop))
    assert found[shop.item_index["FRAME"]] == day * 1_440


def test_nothing_is_started_before_parts_that_wait_for_lead_times_can_be_there():
    # 35 days from New Year is 5 February: nothing in January
    shop = shop_of(**system())
    plan = plan_aggregate(shop, AggregateOptions())
    curve = plan.started[shop.item_index["DRIVE"]]
    assert curve[0] == pytest.approx(0)
    assert curve[-1] == pytest.approx(4)


def rounds(factory, budget=20):
    """Rounds of the search, each of which tells its progress once."""
    told = []
    watch = Watch(on_progress=lambda each: told.append(each.stage))
    request = BuildRequest(version=1, created_at=CREATED, work_budget=budget)
    plan = build_plan(factory, request, watch)
    assert plan.certificate.violations == ()
    return told.count("schedule") - 1, plan


def test_a_factory_without_work_that_delivers_in_time_is_planned_in_one_round():
    count, plan = rounds(plant(**system(routings={})))
    assert count == 1
    assert [row.days_late for row in plan.promises] == [0]


def test_lateness_that_lead_times_explain_ends_the_search_too():
    # plate 30, frame 5, drive 0, system 2: day 37 is 7 February
    orders = [sold("SYSTEM", ("2024-01-12", 4))]
    count, plan = rounds(plant(**system(routings={}, sales_orders=orders)))
    assert count == 1
    assert [str(row.promised) for row in plan.promises] == ["2024-02-07"]


def test_work_is_searched_for_as_long_as_the_budget_says():
    count, _ = rounds(plant(**system()), budget=3)
    assert count == 3


def test_rounds_shrink_with_lots_pegs_takings_and_operations(monkeypatch):
    monkeypatch.setattr(build, "WORK_STEPS", 30)
    monkeypatch.setattr(build, "HIRING_STEPS", 0)
    # given 1 operation, 3 lots, 3 pegs (2 of components, 1 of the demand) and 4 takings: 11 steps
    count, _ = rounds(plant(**system()), budget=20)
    assert count == 2


def test_who_composes_a_plan_verifies_it_himself(monkeypatch):
    factory = plant(**system())
    request = BuildRequest(version=1, created_at=CREATED, work_budget=1)
    monkeypatch.setattr(
        build, "violations", lambda factory, plan: [Violation(rule="r", entity="e", text="t")]
    )
    composed = compose_plan(factory, request)
    assert composed.certificate.violations == ()
    assert violations(factory, composed) == []
    assert len(build_plan(factory, request).certificate.violations) == 1
