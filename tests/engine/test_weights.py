"""What a planner weighs more, the plan has less of."""

from dataclasses import replace
from functools import cache

import pytest

from planning.engine.aggregate import AggregateOptions, plan_aggregate
from planning.engine.draft import Draft
from planning.engine.improve import Search
from planning.engine.request import Weights
from planning.engine.scope import Scope
from planning.engine.scoring import LATE_WEIGHT, Scoring
from planning.engine.verify import violations
from tests.engine.plants import built, plant, shop_of, sold

PAIR = [{"code": "BENCH", "calendar": "DAY"}, {"code": "SAW", "calendar": "DAY"}]


def op(seq, centre, run, setup):
    return {"seq": seq, "work_centre": centre, "skill": "ASM", "run_h": run, "setup_h": setup}


def busy(**sections):
    """Two products on two work centres, 3 h of setup each, more wanted in January than regular hours make;
    overtime and hires help.
    """
    dates = ("01-12", "01-17", "01-19", "01-24", "01-26", "01-31", "02-02", "02-07", "02-09", "02-14")
    orders = [
        sold(
            ("DRIVE", "GEAR")[n % 2],
            (f"2024-{day}", 6),
            ref=f"SO-{n}",
            late_cost_per_day=30,
            late_cost_fixed=50,
        )
        for n, day in enumerate(dates)
    ]
    items = [{"code": "PART", "kind": "buy", "unit_cost": 500}]
    items += [{"code": code, "kind": "make"} for code in ("DRIVE", "GEAR")]
    people = {"code": "ASM", "headcount": 1, "wage_per_hour": 20, "overtime_premium": 1.5, "can_hire": True}
    people |= {"overtime_max_share": 0.25, "hire_cost": 300, "hire_lead_days": 14, "calendar": "DAY"}
    given = {
        "items": items,
        "bom": [{"parent": code, "component": "PART", "qty": 1} for code in ("DRIVE", "GEAR")],
        "routings": {code: [op(10, "BENCH", 2, 3), op(20, "SAW", 1, 1)] for code in ("DRIVE", "GEAR")},
        "work_centres": PAIR,
        "skills": [people],
        "sales_orders": orders,
        "policy": {"holding_rate_per_year": 0.5},
    }
    return plant(**(given | sections))


@cache
def plan_of(**weights):
    return built(busy(), rounds=40, weights=Weights(**weights))


def setup_h(plan):
    hours = {10: 3, 20: 1}
    return sum(hours[row.seq] for row in plan.operations)


def test_lateness_that_weighs_nothing_buys_less_stock_and_less_setup():
    assert plan_of().cost.lateness == 0
    assert plan_of(lateness=0).cost.lateness > 0
    assert setup_h(plan_of(lateness=0)) < setup_h(plan_of())


def test_dear_setups_make_longer_lots():
    assert setup_h(plan_of(setups=10_000)) < setup_h(plan_of())


def test_stock_that_weighs_nothing_lies_longer():
    assert plan_of(stock=0).cost.holding > plan_of().cost.holding


def test_dear_overtime_is_replaced_by_people():
    # 330 h until the end of February; one head gives nine tenths of 184 in January and of 168 in February
    people = {
        "code": "ASM",
        "headcount": 1,
        "wage_per_hour": 20,
        "can_hire": True,
        "overtime_max_share": 0.25,
    }
    people |= {"overtime_premium": 1.5, "hire_lead_days": 14, "calendar": "DAY", "absence_rate": 0.1}
    factory = plant(
        skills=[people], sales_orders=[sold("DRIVE", ("2024-02-29", 165), late_cost_per_day=9_000)]
    )

    usual, dear = built(factory, rounds=20), built(factory, rounds=20, weights=Weights(overtime=100))

    assert 2 * dear.cost.overtime < usual.cost.overtime
    assert dear.cost.regular_labour > usual.cost.regular_labour


def test_dear_changes_of_headcount_keep_people_whom_nothing_else_needs():
    # 300 h by the end of February and 4 h later, which February can make as well: in March, of 21 days, the
    # one there is costs 21 x 8 x 20 = 3,360 and may be let go for nothing
    people = {"code": "ASM", "headcount": 1, "wage_per_hour": 20, "can_hire": True, "can_lay_off": True}
    orders = [sold("DRIVE", ("2024-02-29", 150)), sold("DRIVE", ("2024-03-28", 2), ref="SO-2")]
    factory = plant(skills=[people], sales_orders=orders)

    usual, *weighed = (
        built(factory, rounds=5, weights=Weights(headcount=price)) for price in (0, 3_000, 4_000)
    )

    def heads(plan):
        return [row.headcount for row in plan.staffing if row.skill == "ASM"]

    assert [heads(plan) for plan in (usual, *weighed)] == [[1, 1, 0], [1, 1, 0], [1, 1, 1]]
    # the cost that a plan tells is without it
    assert weighed[1].cost.total - usual.cost.total == pytest.approx(3_360)
    assert [violations(factory, plan) for plan in weighed] == [[], []]


def test_changes_of_headcount_are_as_dear_where_cash_is_short_in_another_month():
    # the same; nothing is in hand for the pay of January, whoever is there in March
    people = {"code": "ASM", "headcount": 1, "wage_per_hour": 20, "can_hire": True, "can_lay_off": True}
    orders = [sold("DRIVE", ("2024-02-29", 150)), sold("DRIVE", ("2024-03-28", 2), ref="SO-2")]
    orders = [each | {"lines": [line | {"unit_price": 1_000} for line in each["lines"]]} for each in orders]
    factory = plant(skills=[people], sales_orders=orders, cash={"opening": 0})

    usual, dear = (built(factory, rounds=5, weights=Weights(headcount=price)) for price in (0, 4_000))

    assert usual.cash[0].short == dear.cash[0].short > 0
    assert dear.cash[2].short == 0
    heads = [[row.headcount for row in plan.staffing if row.skill == "ASM"] for plan in (usual, dear)]
    assert heads == [[1, 1, 0], [1, 1, 1]]


def test_money_for_late_instalments_makes_one_very_late_rather_than_two_a_little():
    # four drives a day: eight by Tuesday, for one large order that is dear or for two small ones
    orders = [sold("DRIVE", ("2024-01-02", 8), ref="SO-1", late_cost_per_day=100)]
    orders += [
        sold("DRIVE", ("2024-01-02", 4), ref=f"SO-{number}", late_cost_per_day=30) for number in (2, 3)
    ]
    factory = plant(sales_orders=orders)

    def late(**weights):
        plan = built(factory, rounds=3, weights=Weights(**weights))
        return {row.sales_order for row in plan.promises if row.days_late}

    assert late() == {"SO-2", "SO-3"}
    assert late(on_time=10_000) == {"SO-1"}


@pytest.mark.parametrize(
    "weights",
    [
        Weights(),
        Weights(lateness=0),
        Weights(lateness=0, on_time=0, stock=0, overtime=0),
        Weights(stock=50, overtime=50, setups=1_000),
        Weights(on_time=500, lateness=3),
    ],
)
def test_no_draft_that_would_be_better_is_dropped_for_its_lateness(weights):
    # given the same plan but for what the weights are about: none of it, and later deliveries
    shop = shop_of(sales_orders=[sold("DRIVE", ("2024-01-02", 8), late_cost_per_day=10)])
    scoring = Scoring(shop, weights)
    best = draft_of(shop, weights)

    bound = scoring.most_late(scoring.of(best), best)

    # then what scores better in spite of its lateness is within the bound
    assert bound >= scoring.late(best.shipments)
    lean = replace(best, cost=best.cost | {"holding": 0.0, "overtime": 0.0})
    lean.cost["total"] = best.cost["total"] - best.cost["holding"] - best.cost["overtime"]
    gained = (scoring.of(best) - scoring.of(lean)) / LATE_WEIGHT
    if weights.stock > 1:
        assert bound >= scoring.late(best.shipments) + gained - 1e-6


def test_weights_of_one_are_the_cost_of_the_plan_and_of_broken_promises():
    shop = shop_of(sales_orders=[sold("DRIVE", ("2024-01-01", 8), late_cost_per_day=10, late_cost_fixed=0)])
    draft = draft_of(shop, Weights())
    assert draft.cost["lateness"] == 10
    assert Scoring(shop, Weights()).of(draft) == draft.total + 7 * 10 + 0.65 * draft.cost["overtime"]


def draft_of(shop, weights):
    """The draft of the first round."""
    scope = Scope.of(shop)
    search = Search(shop, plan_aggregate(shop, AggregateOptions(), scope), scope, 0, weights=weights)
    draft = search.decode(search.propose(0))
    assert isinstance(draft, Draft)
    return draft
