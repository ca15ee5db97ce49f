"""What every plan costs at least: never above any plan, and as high as hand arithmetic makes it."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import ceil

import pytest

from planning.engine import people_bound
from planning.engine.cost_bound import least_cost
from planning.engine.factory_codec import resolve
from planning.engine.shop import compile_shop
from planning.engine.verify import recompute_cost, violations
from planning.engine.verify.hiring import layoffs_allowed
from planning.engine.verify.ledger import Ledger
from planning.engine.verify.workforce import hours_within_capacity
from tests.engine.exhaustive_schedule import least_lateness, tiny_shop
from tests.engine.plants import built, plant, shop_of, sold
from tests.engine.random_deep_factories import random_deep_factory
from tests.engine.random_factories import random_factory
from tests.engine.random_people_factories import random_people_factory
from tests.engine.random_shop_factories import random_shop_factory
from tests.engine.random_tiny_factories import random_tiny_factory

# Two ASM on the 65 open days of January to March, 8 hours at 20 each.
WAGES = 2 * 65 * 8 * 20
# They stay, give every hour, and nobody works for nothing.
PEOPLE = {"can_hire": True, "attrition_per_month": 0, "absence_rate": 0, "labour_efficiency": 1}
ASSEMBLED = {"work_centre": "BENCH", "skill": "ASM", "run_h": 40}
DAY_ONE = datetime(2024, 1, 1, tzinfo=UTC)
DEAR = {"late_cost_per_day": 1_000_000, "late_cost_fixed": 0}

ANY = [
    (make, seed)
    for make in (
        random_factory,
        random_deep_factory,
        random_people_factory,
        random_shop_factory,
        random_tiny_factory,
    )
    for seed in range(706, 718)
]


def bound_of(*orders, **sections):
    return least_cost(shop_of(staffing=PEOPLE, sales_orders=list(orders), **sections))


def nearly(amount):
    """The amount, less what the last decimals told of heads and hours leave open."""
    return pytest.approx(amount, rel=1e-4)


def without_deliveries(plan):
    """The same people, and nothing made, bought or delivered."""
    promises = [row.model_copy(update={"promised": None, "deliveries": ()}) for row in plan.promises]
    empty = {"planned_orders": (), "operations": (), "pegging": (), "promises": tuple(promises)}
    return plan.model_copy(update=empty)


@pytest.mark.parametrize(("make", "seed"), ANY, ids=lambda each: getattr(each, "__name__", each))
def test_no_plan_costs_less_whether_it_delivers_or_not(make, seed):
    factory = make(seed)
    least = least_cost(compile_shop(resolve(factory)))

    plan = built(factory, rounds=2)

    assert plan.certificate.schedule.bound == least
    assert least <= recompute_cost(factory, plan).total
    assert least <= recompute_cost(factory, without_deliveries(plan)).total


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("per_hour", [0, 3])
def test_the_cheapest_of_all_schedules_of_a_tiny_shop_costs_no_less(seed, per_hour):
    factory = tiny_shop(seed)
    centres = [row.model_copy(update={"cost_per_hour": per_hour}) for row in factory.work_centres]
    factory = factory.model_copy(update={"work_centres": tuple(centres)})
    hours = sum(float(row.run_h) for rows in factory.routings.values() for row in rows)

    # given shops without people, material and stock: a plan costs its machines and its lateness
    assert least_cost(compile_shop(factory)) <= least_lateness(factory) + per_hour * hours + 1e-6


def test_people_and_the_material_that_stock_does_not_cover_are_paid():
    stock = [{"item": "DRIVE", "qty": 1}, {"item": "PART", "qty": 2}]
    # 8 drives, 1 is there: 7 parts, 2 are there: 5 at 10
    bound = bound_of(sold("DRIVE", ("2024-03-01", 8), **DEAR), stock=stock)
    assert bound == pytest.approx(WAGES + 5 * 10)


def test_hours_beyond_those_of_the_people_who_are_there_cost_at_least_their_wage():
    # 600 drives of 2 hours are 1,200 hours; two people give 65 x 8 x 2 = 1,040
    bound = bound_of(sold("DRIVE", ("2024-03-29", 600), **DEAR))
    assert bound == pytest.approx(WAGES + 600 * 10 + 160 * 20)


def test_never_to_deliver_is_a_choice_and_costs_a_year_after_the_horizon():
    # due 31 days before the horizon ends: (31 + 365) x 0.10 are less than 8 parts at 10
    bound = bound_of(sold("DRIVE", ("2024-03-01", 8), late_cost_per_day=0.1, late_cost_fixed=0))
    assert bound == pytest.approx(WAGES + 39.6)


def test_what_comes_after_the_horizon_needs_its_material_but_nobody_within_it():
    # 600 drives due 3 days before the end: 3 x 500 late are less than 160 hours at 20
    bound = bound_of(sold("DRIVE", ("2024-03-29", 600), late_cost_per_day=500, late_cost_fixed=0))
    # at least the part of the 1,200 hours that nobody is there for is late
    assert bound == pytest.approx(WAGES + 600 * 10 + 160 / 1200 * 3 * 500)


def test_who_is_hired_for_an_early_date_is_paid_to_the_end():
    # 400 drives of 2 hours by the end of January, whose 23 days give two people 368 hours
    bound = bound_of(sold("DRIVE", ("2024-01-31", 400), **DEAR))
    assert bound == nearly(WAGES + 400 * 10 + (800 - 368) / (23 * 8) * 65 * 8 * 20)


def test_who_is_in_training_gives_fewer_hours():
    people = PEOPLE | {"training_weeks": 2, "training_productivity": 0.25}
    shop = shop_of(staffing=people, sales_orders=[sold("DRIVE", ("2024-01-31", 400), **DEAR)])
    # of the 23 days of January 10 are in training
    hires = (800 - 368) / ((23 - 10 * 0.75) * 8)
    assert least_cost(shop) == nearly(WAGES + 400 * 10 + hires * 65 * 8 * 20)


TAUGHT = {"staffing": PEOPLE | {"learning_rate": 0.5}, "bom": []}
TAUGHT |= {"skills": [{"code": "ASM", "headcount": 1, "wage_per_hour": 20}]}
TAUGHT |= {"routings": {"DRIVE": [{"seq": 10, "external_days": 1}, {"seq": 20} | ASSEMBLED]}}


def made_before(units):
    """A plant that has made so many drives and is to deliver 400 by the end of January."""
    items = [{"code": "DRIVE", "kind": "make", "price": 1, "units_made": units}]
    orders = [sold("DRIVE", ("2024-01-31", 400), **DEAR)]
    return plant(items=items, sales_orders=orders, **TAUGHT)


def test_a_lot_that_people_work_on_after_the_horizon_teaches_those_before():
    # After 100 drives one assembler makes 400 within January. 100 for nobody, which are started first at the
    # subcontractor and worked on from April 15 on, count as made before, though their hours cost nothing.
    factory, plan = made_before(0), built(made_before(100))
    minutes = ceil(40 * 60 * sum(1 / number for number in range(1, 101)))
    days = [day for day in range(105, 145) if day % 7 < 5]
    last, rest = divmod(minutes, 480)
    ends = DAY_ONE + timedelta(days=days[last], hours=8, minutes=rest)
    lot = {"order": "A", "qty": Decimal(100)}
    begun = DAY_ONE + timedelta(days=1)
    april = {"start": DAY_ONE + timedelta(days=days[0], hours=8), "end": ends, "free": ends}
    for_nobody = dict.fromkeys(("sales_order", "line", "instalment", "day"))
    hours = Counter(days[minute // 480] // 7 for minute in range(minutes))
    extra = {
        "planned_orders": [
            plan.planned_orders[0].model_copy(
                update={"id": "A", "qty": Decimal(100), "release": DAY_ONE.date(), "due": ends.date()}
            )
        ],
        "operations": [
            plan.operations[0].model_copy(update=lot | {"start": DAY_ONE, "end": begun, "free": begun}),
            next(row for row in plan.operations if row.seq == 20).model_copy(update=lot | april),
        ],
        "pegging": [plan.pegging[0].model_copy(update=lot | for_nobody)],
        "load": [
            plan.load[0].model_copy(
                update={"week": (DAY_ONE + timedelta(weeks=week)).date(), "required_hours": worked / 60}
            )
            for week, worked in hours.items()
        ],
    }
    changed = {section: (*rows, *getattr(plan, section)) for section, rows in extra.items()}
    taught = plan.model_copy(update=changed | {"input_digest": built(factory).input_digest})

    assert violations(factory, taught) == []
    assert least_cost(compile_shop(factory)) <= recompute_cost(factory, taught).total == 65 * 8 * 20


def test_a_unit_takes_at_least_what_it_takes_at_the_end_of_the_curve():
    people = PEOPLE | {"learning_rate": 0.5, "learning_floor_unit": 4}
    shop = shop_of(staffing=people, sales_orders=[sold("DRIVE", ("2024-01-31", 1600), **DEAR)])
    # a quarter of 2 hours each
    hires = (1600 * 0.5 - 368) / (23 * 8)
    assert least_cost(shop) == nearly(WAGES + 1600 * 10 + hires * 65 * 8 * 20)


def test_overtime_is_cheaper_than_people_for_a_month_alone():
    people = PEOPLE | {"overtime_max_share": 0.5, "overtime_premium": 1.5}
    shop = shop_of(staffing=people, sales_orders=[sold("DRIVE", ("2024-01-31", 200), **DEAR)])
    assert least_cost(shop) == nearly(WAGES + 200 * 10 + (400 - 368) * 1.5 * 20)


def skills(**more):
    return [{"code": "ASM", "headcount": 2, "wage_per_hour": 20}, {"code": "ENG", "kind": "overhead"} | more]


# Two engineers in January, four in February and March, of 23, 21 and 21 open days.
RAMP = {"ramps": [{"skill": "ENG", "target_headcount": 4, "max_per_month": 2}]}
ENGINEERS = (2 * 23 + 4 * 21 + 4 * 21) * 8 * 50


@pytest.mark.parametrize("plant", [None, 40], ids=["no limit", "a limit that is dear to use up"])
def test_a_ramp_is_paid_whatever_is_made(plant):
    people = PEOPLE | RAMP | {"max_total_hires_per_month": plant}
    shop = shop_of(staffing=people, skills=skills(wage_per_hour=50))
    assert least_cost(shop) == nearly(WAGES + ENGINEERS)


def test_a_ramp_waits_where_using_up_the_hires_is_cheaper():
    # one more assembler in January and one in February are all hires of these months
    people = PEOPLE | RAMP | {"max_total_hires_per_month": 1}
    shop = shop_of(staffing=people, skills=skills(wage_per_hour=50))
    january, february = 65 * 8 * 20, 42 * 8 * 20
    least = least_cost(shop)
    # in March an engineer costs as much more than an assembler
    assert WAGES < least <= WAGES + january + february + 21 * 8 * 20


@pytest.mark.parametrize("first", ["2024-01", "2024-02"])
def test_a_skill_that_nobody_works_with_is_held_from_the_first_hires_on(first):
    lead = {"2024-01": 0, "2024-02": 20}[first]
    rows = skills(wage_per_hour=50, headcount=3, attrition_per_month=0.5)
    shop = shop_of(staffing=PEOPLE | {"hire_lead_days": lead}, skills=rows)
    # three in January; half of them leave, and are replaced
    assert least_cost(shop) == nearly(WAGES + 3 * 65 * 8 * 50)


FEW_LEAVE = {"attrition_per_month": 0.00001, "wage_per_hour": 5000}
SLACK = {
    "a skill that is held": skills(headcount=3, **FEW_LEAVE),
    "a least headcount": [{"code": "ASM", "headcount": 2, "min_headcount": 2} | FEW_LEAVE],
}


@pytest.mark.parametrize("rows", SLACK.values(), ids=SLACK)
def test_nobody_needs_to_come_for_the_last_decimals_of_heads(rows):
    factory = plant(staffing=PEOPLE, skills=rows)
    plan = built(plant(staffing=PEOPLE | {"can_hire": False}, skills=rows))
    plan = plan.model_copy(update={"input_digest": built(factory).input_digest})

    assert violations(factory, plan) == []
    assert least_cost(compile_shop(factory)) <= recompute_cost(factory, plan).total


def test_the_last_decimals_of_hours_make_nothing_late():
    # 184 hours; 23 days of one give 183.996, and a hundredth more is within what a plan may take
    people = PEOPLE | {"can_hire": False}
    rows = {"skills": [{"code": "ASM", "headcount": 1, "wage_per_hour": 20}]}
    rows |= {"sales_orders": [sold("DRIVE", ("2024-01-31", 92), **DEAR)]}
    factory = plant(staffing=people | {"absence_rate": 0.00002}, **rows)
    plan = built(plant(staffing=people, **rows))

    assert not list(hours_within_capacity(Ledger(factory, plan)))
    assert least_cost(compile_shop(factory)) <= recompute_cost(factory, plan).total


def test_fewer_than_nobody_may_be_paid_in_the_last_decimals():
    people = PEOPLE | {"can_lay_off": True, "attrition_per_month": 0.00005}
    factory = plant(staffing=people, skills=[{"code": "ASM", "headcount": 1, "wage_per_hour": 5000}])
    plan = built(factory)
    gone = [
        row.model_copy(update={"hires": 0, "layoffs": int(row.month == "2024-02")}) for row in plan.staffing
    ]
    plan = plan.model_copy(update={"staffing": tuple(gone)})

    assert not list(layoffs_allowed(Ledger(factory, plan)))
    assert least_cost(compile_shop(factory)) <= recompute_cost(factory, plan).total < 23 * 8 * 5000


def test_a_ratio_asks_for_heads_beside_those_who_are_there():
    # two assemblers, one leader for each half of one: four, rounded up, so more than three
    people = PEOPLE | {"ratios": [{"skill": "ENG", "per_direct_heads": 0.5}]}
    shop = shop_of(staffing=people, skills=skills(wage_per_hour=50))
    assert least_cost(shop) == nearly(WAGES + 3 * 65 * 8 * 50)


def test_a_large_factory_has_the_bound_without_the_calendar(monkeypatch):
    order = sold("DRIVE", ("2024-01-31", 400), **DEAR)
    monkeypatch.setattr(people_bound, "MOST_CELLS", 1)
    assert bound_of(order) == nearly(WAGES + 400 * 10)


def test_a_demand_that_cannot_be_in_time_costs_its_least_lateness():
    # 2 drives by Monday 2024-01-01: 4 hours of one bench are done that day; 8 drives take until Tuesday
    items = [
        {"code": "PART", "kind": "buy", "unit_cost": 10, "lead_time_days": 7},
        {"code": "DRIVE", "kind": "make"},
    ]
    # parts are there on Monday the 8th, 6 days after the 2nd
    order = sold("DRIVE", ("2024-01-02", 1), late_cost_per_day=3, late_cost_fixed=1)
    assert bound_of(order, items=items) == nearly(WAGES + 10 + 6 * 3 + 1)


def test_people_who_may_be_laid_off_need_not_be_paid():
    people = PEOPLE | {"can_lay_off": True}
    shop = shop_of(staffing=people, sales_orders=[sold("DRIVE", ("2024-03-01", 8), **DEAR)])
    # 8 parts, and January: nobody is laid off in the month of the planning date
    assert least_cost(shop) == nearly(8 * 10 + 2 * 23 * 8 * 20)


def test_a_part_that_may_be_replaced_is_not_counted():
    bom = [{"parent": "DRIVE", "component": "PART", "qty": 1, "substitutes": [{"item": "OTHER", "qty": 1}]}]
    items = [
        {"code": "PART", "kind": "buy", "unit_cost": 10},
        {"code": "OTHER", "kind": "buy", "unit_cost": 1},
        {"code": "DRIVE", "kind": "make"},
    ]
    assert bound_of(sold("DRIVE", ("2024-03-01", 8), **DEAR), items=items, bom=bom) == nearly(WAGES)
