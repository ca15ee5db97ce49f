"""The aggregate model on cases that can be counted: when to make, whom to hire, what lateness is worth."""

from itertools import pairwise

import pytest

from planning.engine.aggregate import AggregateOptions, plan_aggregate
from tests.engine.builders import FACTORY
from tests.engine.plants import shop_of, sold

# 184, 168 and 168 h a head in January, February and March
SIX_MONTHS = "2024-07-01"


def aggregate(**sections):
    shop = shop_of(**sections)
    return shop, plan_aggregate(shop, AggregateOptions())


def drives(dues, *, run_h=10, headcount=1, staffing=None, benches=50, **sections):
    """DRIVE of nothing but ``run_h`` hours, sold on ``dues``."""
    rows = {"DRIVE": [{"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": run_h}]}
    skills = [{"code": "ASM", "headcount": headcount, "wage_per_hour": 20}]
    return aggregate(
        bom=sections.pop("bom", []),
        routings=rows,
        skills=skills,
        staffing=staffing or {},
        work_centres=[{"code": "BENCH", "calendar": "DAY", "stations": benches}],
        sales_orders=[sold("DRIVE", *dues, late_cost_per_day=1_000, late_cost_fixed=0)],
        **sections,
    )


def monthly(shop, plan, item):
    """Units started in each month."""
    by_end = dict(zip(plan.ends, plan.started[item], strict=True))
    ends = [*shop.grid.month_starts[1 : len(shop.grid.months)], shop.grid.horizon]
    return [after - before for before, after in pairwise([0.0, *(by_end[end] for end in ends)])]


def test_production_is_level_where_people_cannot_be_hired():
    # 45 drives of 10 h by the end of March: 450 h of the 520 that one person has, more than March's 168
    shop, plan = drives([("2024-03-31", 45)], staffing={"can_hire": False})
    made = monthly(shop, plan, shop.item_index["DRIVE"])
    assert sum(made) == pytest.approx(45)
    assert made[0] >= 10  # 45 less 17 or 18, a part of them begun the month before, in each other month
    assert max(made) <= 21


def test_production_chases_demand_where_stock_is_dear():
    # PART costs 100,000 and holding 15 % a year: nothing is started before it must be
    items = [{"code": "PART", "kind": "buy", "unit_cost": 100_000}, {"code": "DRIVE", "kind": "make"}]
    bom = [{"parent": "DRIVE", "component": "PART", "qty": 1}]
    dues = [("2024-02-29", 10), ("2024-03-29", 10)]
    shop, plan = drives(dues, items=items, bom=bom)
    dear = monthly(shop, plan, shop.item_index["DRIVE"])
    shop, plan = drives(dues, items=items, bom=bom, policy={"holding_rate_per_year": 0})
    cheap = monthly(shop, plan, shop.item_index["DRIVE"])
    assert dear[0] < cheap[0]
    assert sum(dear) == pytest.approx(20)


def test_people_are_hired_when_lateness_costs_more_than_they_do():
    dues = [("2024-02-29", 60)]
    _, cheap = drives(dues, staffing={"hire_cost": 10**8})
    _, dear = drives(dues, staffing={"hire_cost": 10})
    assert (sum(cheap.hires[0]), sum(dear.hires[0]) > 0) == (0, True)
    assert cheap.solved.objective > dear.solved.objective


def test_a_deeper_shortage_costs_more_and_never_less():
    objectives = [
        drives([("2024-02-29", qty)], staffing={"can_hire": False})[1].solved.objective
        for qty in (20, 60, 70, 80)
    ]
    assert objectives == sorted(objectives)
    assert objectives[1] < objectives[2]


@pytest.mark.parametrize(
    "sections",
    [
        {key: value for key, value in FACTORY.items() if key not in {"format", "name"}},
        {"staffing": {"hire_lead_days": 20, "attrition_per_month": 0.03}},
        {"staffing": {"overtime_max_share": 0.2, "max_total_hires_per_month": 1}},
        {"staffing": {"can_lay_off": True, "severance_weeks": 2}},
        {"staffing": {"learning_rate": 0.9, "learning_floor_unit": 50}},
    ],
    ids=["tiny", "hires", "limits", "layoffs", "learning"],
)
def test_the_bound_is_never_above_the_objective(sections):
    if "sales_orders" not in sections:
        dues = [("2024-02-15", 30), ("2024-03-15", 80)]
        sections = {"sales_orders": [sold("DRIVE", *dues)], **sections}
        sections["work_centres"] = [{"code": "BENCH", "calendar": "DAY", "stations": 9}]
    _, plan = aggregate(**sections)
    assert plan.solved.bound is not None
    assert plan.solved.bound <= plan.solved.objective + 1e-6 * abs(plan.solved.objective)


def test_hires_are_whole_and_enough():
    # 90 drives x 10 h by the end of February: 352 h a head
    _, plan = drives([("2024-02-29", 90)], staffing={"hire_cost": 100})
    assert all(isinstance(each, int) for row in plan.hires for each in row)
    assert 1 + sum(plan.hires[0]) >= 3


def test_what_is_started_is_net_of_stock_and_work_orders():
    # 300 - 20 in stock - 30 in work = 250 drives
    shop, plan = drives(
        [("2024-03-15", 300)],
        run_h=1,
        stock=[{"item": "DRIVE", "qty": 20}],
        work_orders=[{"ref": "WO", "item": "DRIVE", "qty": 40, "done_qty": 10, "due": "2024-02-01"}],
    )
    assert plan.started[shop.item_index["DRIVE"]][-1] == pytest.approx(250)
