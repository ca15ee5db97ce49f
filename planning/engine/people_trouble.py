"""What people cannot do, and what would help: hours that lack by month, the cheapest remedy, odd data.

The shortfall is measured on the aggregate model, with everything in it that only people stand in the way of;
each remedy is that model solved again without one rule.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from planning.engine.errors import SolverFailed
from planning.engine.headcount import training_loss
from planning.engine.plan import LackingHours, PlanException, Reason
from planning.engine.scope import Scope
from planning.engine.shop import Shop, Skill
from planning.engine.shop_model import AggregateOptions, ShopModel
from planning.engine.shop_people import WorkforceOf
from planning.engine.skill_terms import UNDECIDED
from planning.engine.trouble import Obstacle, Obstacles
from planning.engine.workforce_plan.clock import SharedClock
from planning.engine.workforce_plan.horizon import in_fractions
from planning.engine.workforce_plan.plan import WorkforceException
from planning.engine.workforce_plan.problem import WorkforceProblem
from planning.engine.workforce_plan.solve import SolveOptions
from planning.engine.workforce_plan.trouble import (
    FAILED,
    HIRE_MORE,
    NOT_ALLOWED,
    OVER,
    WITHOUT_HIRES,
    Remedy,
    not_looked_for,
    shortfall,
    with_skill,
)

CODE = "AT_RISK_SKILL"
MOST_CELLS = 10_000  # families x buckets, months but for the weeks of the first quarter: beyond, solving
FEW_CELLS = 3_000  # again takes minutes. So many times over, for remedies: half a second of processor each
TOO_LARGE = "the factory is too large for that"
SOLVE_SECONDS = 30.0  # for all solves together
PLACES = 1  # of hours that are told
MANY_HOURS = 10.0  # of these only the whole ones are read


class _TooLarge(Exception):
    """What lacks is not counted: solving again would take minutes."""


def clock_of_remedies(may_go_on: Callable[[], bool]) -> SharedClock:
    """The clock for ``people_exceptions``; no remedy is tried once ``may_go_on`` says no."""
    return SharedClock(SolveOptions(seconds=SOLVE_SECONDS, nodes=0), may_go_on)


def people_exceptions(
    shop: Shop, obstacles: Obstacles, reasons: Mapping[int, tuple[Reason, ...]], clock: SharedClock
) -> Iterator[PlanException]:
    """Skills that lack hours for what is late or impossible, and data about people that look wrong. Where
    ``clock``, which begins to run when it is made, allows no remedy, or no hours either, that is said.
    """
    yield from _odd_data(shop)
    named = {each.entity for row in reasons.values() for each in row if each.code == CODE}
    named |= {each.entity for each in _obstacles(obstacles) if each.code == CODE}
    if not named:
        return
    try:
        found = _lacking(shop, obstacles, clock)
    except SolverFailed:
        why = OVER if clock.is_cut_short else FAILED
        yield from (_uncounted(skill, why) for skill in sorted(named))
    except _TooLarge:
        yield from (_uncounted(skill, TOO_LARGE) for skill in sorted(named))
    else:
        yield from (_in_words(shop, each) for each in found if any(round(h, PLACES) for h in each.hours))


def _obstacles(obstacles: Obstacles) -> Iterable[Obstacle]:
    return (*obstacles.items.values(), *obstacles.work_orders.values())


def _lacking(shop: Shop, obstacles: Obstacles, clock: SharedClock) -> list[WorkforceException]:
    """Hours by month that lack for everything to be in time that people alone stand in the way of. Raises
    ``SolverFailed``, or ``_TooLarge`` of a factory for which that would take too long.
    """
    impossible = frozenset(item for item, each in obstacles.items.items() if each.code != CODE)
    stranded = {ref: each.item for ref, each in obstacles.work_orders.items() if each.code != CODE}
    scope = Scope.of(shop, impossible, stranded, frozenset(obstacles.bought_only))
    model = ShopModel(shop, AggregateOptions(), scope)
    cells = len(model.made) * len(model.spans)
    if cells > MOST_CELLS:
        raise _TooLarge
    problem = in_fractions(model.problem())
    plan = clock.solve(problem)
    remedies = {skill.index: tuple(_remedies(shop, model, skill)) for skill in shop.skills}
    none_tried = "" if cells <= FEW_CELLS else TOO_LARGE
    return shortfall(problem, plan, clock, remedies, none_tried=none_tried)


def _remedies(shop: Shop, model: ShopModel, skill: Skill) -> Iterator[Remedy]:
    """What can be set aside for a skill; factory-1 alone knows of decisions, and who is not hired."""
    yield from WITHOUT_HIRES
    if skill.row.can_hire:
        yield from HIRE_MORE
    if any(each.is_exact for each in skill.decided):
        undecided = replace(skill, decided=[UNDECIDED] * len(skill.decided))
        yield _instead("Take back what was decided on hires of {skill}", shop, model, undecided)
    if skill.row.can_hire and skill.row.max_hires_per_month == 0:
        row = skill.row.model_copy(update={"max_hires_per_month": None})
        yield _instead(
            "Raise the most hires of {skill} a month, which is 0", shop, model, replace(skill, row=row)
        )
    if not skill.row.can_hire:
        row = skill.row.model_copy(update={"can_hire": True})
        yield _instead(NOT_ALLOWED, shop, model, replace(skill, row=row))


def _instead(words: str, shop: Shop, model: ShopModel, skill: Skill) -> Remedy:
    skills = [skill if each.index == skill.index else each for each in shop.skills]
    staffing = WorkforceOf(replace(shop, skills=skills), model.spans, model.loaded())
    changed = staffing.skills()[skill.index]

    def apply(problem: WorkforceProblem, number: int) -> WorkforceProblem | None:
        now = problem.skills[number]  # who is needed on after the horizon stays so
        return with_skill(problem, number, replace(changed, end_heads=now.end_heads, end_cost=now.end_cost))

    return Remedy(words=words, apply=apply, is_always_told=True)


def _in_words(shop: Shop, found: WorkforceException) -> PlanException:
    months = [
        LackingHours(month=f"{first:%Y-%m}", hours=round(hours, PLACES))
        for first, hours in zip(shop.grid.months, found.hours, strict=True)
        if round(hours, PLACES) > 0
    ]
    by_month = ", ".join(f"{each.month} {_count(each.hours)}" for each in months)
    in_all = _count(sum(each.hours for each in months))
    return PlanException(
        code=found.code,
        severity="warning",
        entity=found.entity,
        text=f"{found.entity} lacks {in_all} hours for everything to be in time: {by_month}.",
        suggestion=found.suggestion,
        shortfall=tuple(months),
    )


def _uncounted(skill: str, why: str) -> PlanException:
    return PlanException(
        code=CODE,
        severity="warning",
        entity=skill,
        text=f"{skill} makes deliveries late or impossible. How many hours it lacks was not counted: {why}.",
        suggestion=not_looked_for(why),
    )


def _count(hours: float) -> str:
    """Hours in words: whole ones, of a few also the tenths."""
    return f"{hours:.0f}" if hours >= MANY_HOURS else f"{hours:.{PLACES}f}".removesuffix(".0")


def _odd_data(shop: Shop) -> Iterator[PlanException]:
    """Skills at work that cost nothing, or whose training is not over within the horizon."""
    asked = {step.skill for route in shop.routes for step in route}
    for skill in shop.skills:
        if skill.index not in asked:
            continue
        if not any(skill.wages):
            yield PlanException(
                code="WAGE_MISSING",
                severity="info",
                entity=skill.code,
                text=f"{skill.code} has a wage of 0: its people cost nothing, and no hire is weighed.",
                suggestion=f"Give {skill.code} its wage per hour.",
            )
        if _gives_nothing(skill):
            yield PlanException(
                code="INSUFFICIENT_LEAD_TIME",
                severity="warning",
                entity=skill.code,
                text=f"Training for {skill.code} lasts past the horizon: who is hired gives no hours in it.",
                suggestion="Plan over a longer horizon, or use overtime, temporary people or other skills.",
            )


def _gives_nothing(skill: Skill) -> bool:
    """Whether nobody who may be hired gives any hours before the horizon."""
    row, first = skill.row, skill.first_hire_month
    if not row.can_hire or first == len(skill.open_days):
        return False
    worked = sum(skill.open_days[first:])
    return worked > 0 and worked <= training_loss(skill) * sum(skill.training_days[first])
