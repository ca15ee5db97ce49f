"""Hiring decision cards of a factory: what slips without a block of hires, and what was decided binds."""

from datetime import date

from planning.engine.aggregate import AggregateOptions, plan_aggregate
from planning.engine.hiring_cards import hiring_cards
from planning.engine.workforce_plan import Block, Lock, Verdict
from tests.engine.plants import shop_of, sold


def plant():
    """45 drives of 10 h by the end of March; one person has 184, 168 and 168 hours in the three months."""
    return shop_of(
        bom=[],
        routings={"DRIVE": [{"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 10}]},
        skills=[{"code": "ASM", "headcount": 1, "wage_per_hour": 20}],
        staffing={"hire_lead_days": 20, "hire_cost": 500},
        work_centres=[{"code": "BENCH", "calendar": "DAY", "stations": 50}],
        sales_orders=[sold("DRIVE", ("2024-03-29", 90), late_cost_per_day=1_000, late_cost_fixed=0)],
    )


def test_a_card_says_who_must_be_decided_on_by_when_and_what_slips():
    cards = list(hiring_cards(plant()))

    assert cards
    first = cards[0]
    assert first.skill == "ASM"
    assert (date.fromisoformat(f"{first.month}-01") - first.requisition_by).days == 20
    assert first.decide_by >= first.requisition_by
    assert first.worth > 0
    assert first.break_even_cost > 500
    assert date(2024, 1, 1) <= first.decide_by < date(2024, 4, 1)


def test_the_aggregate_plan_obeys_what_was_decided():
    refused = tuple(
        Lock(block=Block(skill=0, period=month, heads=9), verdict=Verdict.REFUSED) for month in range(3)
    )
    approved = (Lock(block=Block(skill=0, period=1, heads=7), verdict=Verdict.APPROVED),)

    none = plan_aggregate(plant(), AggregateOptions(locks=refused))
    seven = plan_aggregate(plant(), AggregateOptions(locks=approved))

    assert sum(none.hires[0]) == 0
    assert seven.hires[0][1] == 7
