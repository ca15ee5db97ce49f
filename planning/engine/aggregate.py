"""The aggregate model of a shop: production, people and stock by month, decided together.

``shop_model`` says what is asked, ``workforce_plan`` decides it. Hours per unit are taken along the last
solution's curve of output, and the model is solved again (``PASSES``). Hires are whole.
"""

from dataclasses import dataclass
from itertools import accumulate

from planning.engine.scope import Scope
from planning.engine.shop import MICRO, Shop
from planning.engine.shop_model import AggregateOptions, Curves, ShopModel, net_requirements
from planning.engine.workforce import Solved
from planning.engine.workforce_plan.horizon import in_fractions
from planning.engine.workforce_plan.plan import WorkforcePlan
from planning.engine.workforce_plan.solve import SolveOptions, plan_workforce

PASSES = 2
SOLVE_SECONDS = 60.0
# Rounding comes within a few per cent of the bound on factories; a search of hundreds of nodes improves
# neither by much, and takes a minute.
NODES = 0

__all__ = ["AggregateOptions", "AggregatePlan", "level_needs", "net_requirements", "plan_aggregate"]


@dataclass(slots=True)
class AggregatePlan:
    """``started[item]``: cumulative quantity started by the end of each month;
    heads, overtime and hours of work by skill and month.
    """

    started: Curves
    hires: list[list[int]]
    layoffs: list[list[int]]
    overtime: list[list[float]]
    hours: list[list[float]]
    lead: dict[int, float]
    solved: Solved
    is_cut_short: bool  # a wall clock ended one of its solves


def plan_aggregate(shop: Shop, options: AggregateOptions, scope: Scope | None = None) -> AggregatePlan:
    """Solve the aggregate model of what ``scope`` takes on (everything, unless given); raise ``SolverFailed``
    without a usable answer.
    """
    model = ShopModel(shop, options, scope or Scope.of(shop))
    plan, first = plan_model(model)
    seconds, is_cut_short = (first.seconds, first.is_cut_short) if first else (0.0, False)
    decisions = plan.decisions
    return AggregatePlan(
        started=curves_of(model, plan),
        hires=[[round(each) for each in row] for row in decisions.hires],
        layoffs=[[round(each) for each in row] for row in decisions.layoffs],
        overtime=[list(row) for row in plan.course.overtime],
        hours=[list(row) for row in plan.course.required],
        lead=model.lead,
        solved=Solved(plan.status, plan.objective, plan.bound, plan.seconds + seconds),
        is_cut_short=is_cut_short or plan.is_cut_short,
    )


def plan_model(model: ShopModel) -> tuple[WorkforcePlan, WorkforcePlan | None]:
    """The plan, and that of the first pass, in fractions, where hours fall with output."""
    first = None
    for _ in range(PASSES - 1 if model.learns() else 0):
        problem = in_fractions(model.problem(curves_of(model, first) if first else None))
        first = plan_workforce(problem, SolveOptions(seconds=SOLVE_SECONDS))
    options = SolveOptions(seconds=SOLVE_SECONDS, nodes=NODES)
    return plan_workforce(model.problem(curves_of(model, first) if first else None), options), first


def curves_of(model: ShopModel, plan: WorkforcePlan) -> Curves:
    """Cumulative quantity started of each item by the end of each month."""
    return {item: list(accumulate(row)) for item, row in zip(model.made, plan.decisions.started, strict=True)}


def level_needs(shop: Shop, plan: AggregatePlan, item: int, first: int, last: int, need: int) -> int:
    """The minute by which the aggregate plan has finished units ``(first,
    last]`` (millionths) of ``item``.
    """
    curve = plan.started.get(item)
    if curve is None:
        return need
    target = (first + last) / 2 / MICRO
    before = 0.0
    for month, total in enumerate(curve):
        if total >= target - 1e-9 and total > before:
            begin = shop.grid.month_starts[month]
            end = shop.grid.month_starts[month + 1]
            part = (target - before) / (total - before)
            return min(need, int(begin + part * (end - begin) + plan.lead[item]))
        before = total
    return need
