"""The aggregate model of a shop: production, people and stock by month, decided together.

``shop_model`` says what is asked, ``workforce_plan`` decides it. Hours per unit are taken along the last
solution's curve of output, and the model is solved again (``PASSES``). Hires are whole.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate
from math import ceil

from planning.engine.headcount import Changes
from planning.engine.scope import Scope
from planning.engine.shop import MICRO, Shop
from planning.engine.shop_model import AggregateOptions, Curves, ShopModel, net_requirements
from planning.engine.skill_changes import SHARES, whole_changes
from planning.engine.workforce import Solved
from planning.engine.workforce_plan.horizon import in_fractions
from planning.engine.workforce_plan.plan import WorkforcePlan
from planning.engine.workforce_plan.solve import SolveOptions, plan_workforce

PASSES = 2
SOLVE_SECONDS = 180.0
MOST_SECONDS = 900.0  # before there is any plan: a large factory on a busy machine
# People near the rounded ones cost a few per cent less; a tree search hardly finds better ones, and takes as
# long as all the rest of a build. A bound of whole people is told with every plan: some seconds of processor.
NODES = 0
WORK = 300.0  # for people near the rounded ones: the example factory is done with them by then
PROOF = 200.0
PART_OF_A_TEMP = 0.1  # less than this is nobody

__all__ = ["AggregateOptions", "AggregatePlan", "level_needs", "net_requirements", "plan_aggregate"]


@dataclass(slots=True)
class AggregatePlan:
    """``started[item]``: cumulative quantity started by the end of each bucket, a week or a month, of which
    ``ends`` are the minutes; heads, overtime and hours of work by skill and month; ``changes`` from one skill
    to another. ``end_heads`` of each skill are needed on after the horizon (none: nothing is known to
    follow).
    """

    started: Curves
    ends: list[int]
    hires: list[list[int]]
    layoffs: list[list[int]]
    temps: list[list[int]]
    changes: Changes
    end_heads: list[float]
    overtime: list[list[float]]
    hours: list[list[float]]
    lead: dict[int, float]
    solved: Solved
    is_cut_short: bool  # a wall clock ended one of its solves


def plan_aggregate(
    shop: Shop,
    options: AggregateOptions,
    scope: Scope | None = None,
    on_rounded: Callable[[AggregatePlan], None] | None = None,
) -> AggregatePlan:
    """Solve the aggregate model of what ``scope`` takes on (everything, unless given); raise ``SolverFailed``
    without a usable answer. ``on_rounded`` is given a first plan, once, where a better one takes longer.
    """
    model, told = ShopModel(shop, options, scope or Scope.of(shop)), on_rounded

    def tell(plan: WorkforcePlan) -> None:
        nonlocal told
        if told is not None:
            told(_aggregate(shop, model, plan, None))
        told = None

    plan, first = plan_model(model, tell)
    return _aggregate(shop, model, plan, first)


def _aggregate(
    shop: Shop, model: ShopModel, plan: WorkforcePlan, first: WorkforcePlan | None
) -> AggregatePlan:
    seconds, is_cut_short = (first.seconds, first.is_cut_short) if first else (0.0, False)
    decisions = plan.decisions
    return AggregatePlan(
        started=curves_of(model, plan),
        ends=[span.end_minute for span in model.spans.spans],
        hires=[[round(each) for each in row] for row in decisions.hires],
        layoffs=[[round(each) for each in row] for row in decisions.layoffs],
        temps=[[_whole(each) for each in row] for row in decisions.temps],
        changes=model.changes or Changes(shop),
        end_heads=_end_heads(model, plan),
        overtime=[model.spans.by_month(row) for row in plan.course.overtime],
        hours=[model.spans.by_month(row) for row in plan.course.required],
        lead=model.lead,
        solved=Solved(plan.status, plan.objective, plan.bound, plan.seconds + seconds),
        is_cut_short=is_cut_short or plan.is_cut_short,
    )


def plan_model(
    model: ShopModel,
    on_rounded: Callable[[WorkforcePlan], None] | None = None,
    *,
    proof: float = PROOF,
) -> tuple[WorkforcePlan, WorkforcePlan | None]:
    """The plan, and that of the first pass, in fractions, where hours fall with output or people may change
    from one skill to another: then whole people do where that is better, and ``model`` is bound to them.
    ``proof``: work for its bound, as ``SolveOptions`` counts it.
    """
    first = None
    for _ in range(PASSES - 1 if model.learns() or model.shop.ways else 0):
        problem = in_fractions(model.problem(curves_of(model, first) if first else None))
        first = plan_workforce(problem, SolveOptions(seconds=SOLVE_SECONDS, patience=MOST_SECONDS))
    options = SolveOptions(seconds=SOLVE_SECONDS, patience=MOST_SECONDS, work=WORK, proof=proof, nodes=NODES)
    along = curves_of(model, first) if first else None
    if first is None or not model.shop.ways:
        return plan_workforce(model.problem(along), options, on_rounded), first
    rounded = [whole_changes(model.shop, first.decisions.moves, share) for share in SHARES]
    found = []
    for each in {repr(each.heads): each for each in (*rounded, Changes(model.shop))}.values():
        model.changes = each
        found.append((plan_workforce(model.problem(along), options, on_rounded), each))
    best, model.changes = min(found, key=lambda pair: pair[0].objective)
    return best, first


def _whole(temps: float) -> int:
    """Temporary people, whole; a large model, which is not rounded, has fractions."""
    return ceil(temps - PART_OF_A_TEMP)


def _end_heads(model: ShopModel, plan: WorkforcePlan) -> list[float]:
    """Heads that the end rule asks for, as far as the plan has them in its last month."""
    if not model.shop.factory.staffing.keep_going:
        return []
    skills = model.problem(curves_of(model, plan)).skills
    return [min(skill.end_heads, heads[-1]) for skill, heads in zip(skills, plan.course.heads, strict=True)]


def curves_of(model: ShopModel, plan: WorkforcePlan) -> Curves:
    """Cumulative quantity started of each item by the end of each bucket."""
    return {item: list(accumulate(row)) for item, row in zip(model.made, plan.decisions.started, strict=True)}


def level_needs(plan: AggregatePlan, item: int, first: int, last: int, need: int) -> int:
    """The minute by which the aggregate plan has units ``(first, last]`` (millionths) of ``item``, ``need``
    at the latest.
    """
    curve = plan.started.get(item)
    if curve is None:
        return need
    target = (first + last) / 2 / MICRO
    before, begin = 0.0, 0
    for end, total in zip(plan.ends, curve, strict=True):
        if total >= target - 1e-9 and total > before:
            part = (target - before) / (total - before)
            return min(need, int(begin + part * (end - begin) + plan.lead[item]))
        before, begin = total, end
    return need
