"""Published optima of aggregate planning, through the model's own data classes, to the cent."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from planning.engine.verify.workforce_plan import workforce_violations
from planning.engine.workforce_plan import (
    Demand,
    Family,
    Hiring,
    SolveOptions,
    Subcontract,
    Work,
    WorkforceProblem,
    plan_workforce,
)
from tests.engine.workforce_plan.problems import make_skill, months

GOLDEN = Path(__file__).parents[1] / "golden" / "known_optima.json"
CASES = {row["id"]: row for row in json.loads(GOLDEN.read_text()) if row["kind"] == "aggregate_plan_lp"}


def red_tomato(data, *, is_whole):
    """The garden-tool maker of the textbook: six months, hires, layoffs, overtime, subcontracts, backlog."""
    count = len(data["demand"])
    periods = months(count)
    hours = (float(data["hours_per_month"]),) * count
    gardener = make_skill(
        periods,
        heads=float(data["initial_workforce"]),
        paid_hours=hours,
        hours=hours,
        wage=(float(data["regular_wage_per_hour"]),) * count,
        is_whole=is_whole,
        hiring=Hiring(most=(500,) * count, cost=float(data["hire"])),
        layoff_cost=float(data["layoff"]),
        overtime_share=data["overtime_max_hours_per_worker"] / data["hours_per_month"],
        overtime_cost=(float(data["overtime_per_hour"]),) * count,
    )
    demands = [
        Demand(day=period.end, units=float(units), late_cost=float(data["stockout"]))
        for period, units in zip(periods, data["demand"], strict=True)
    ]
    demands[-1] = replace(demands[-1], is_firm=True)  # no backlog at the end
    tools = Family(
        code="TOOL",
        work=(Work(skill=0, hours=(float(data["labour_hours_per_unit"]),) * count),),
        receipts=((0.0, float(data["initial_inventory"])),),
        unit_cost=float(data["material"]),
        holding=(float(data["holding"]),) * count,
        demands=tuple(demands),
        subcontract=Subcontract(cost=float(data["subcontract"]), most=1e5),
        end_stock=float(data["final_inventory_min"]),
    )
    return WorkforceProblem(periods=periods, skills=(gardener,), families=(tools,))


@pytest.mark.parametrize("case", CASES)
def test_the_published_optimum_is_reproduced_to_the_cent(case):
    row = CASES[case]
    problem = red_tomato(row["data"], is_whole=False)

    plan = plan_workforce(problem)

    assert plan.objective == pytest.approx(row["own"], abs=0.005)
    assert plan.bound == pytest.approx(row["own"], abs=0.005)
    assert plan.status == "optimal"
    assert workforce_violations(problem, plan) == []
    if row["published"] is not None:
        assert plan.objective == pytest.approx(row["published"], abs=0.005)


@pytest.mark.parametrize("case", CASES)
def test_whole_people_cost_what_the_textbook_says(case):
    row = CASES[case]
    problem = red_tomato(row["data"], is_whole=True)

    plan = plan_workforce(problem, SolveOptions(gap=0.0))

    assert plan.objective == pytest.approx(row["own_integer_workforce"], abs=0.005)
    assert plan.status == "optimal"
    assert workforce_violations(problem, plan) == []
