"""The hiring decision card: what a block of hires is worth, what slips without it, until when it can wait.

Everything is found by solving again, people as fractions on both sides, so that rounding never shows as a
gain. What has been decided already comes in as locks and binds every later plan.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from planning.engine.workforce_plan.dates import NEVER_DAYS, days_late
from planning.engine.workforce_plan.horizon import in_fractions
from planning.engine.workforce_plan.plan import WorkforcePlan
from planning.engine.workforce_plan.problem import Hiring, WorkforceProblem
from planning.engine.workforce_plan.solve import SolveOptions, plan_workforce

NOTHING = 1e-5  # of the objective: what waiting may cost and still be called free
ABOVE_LATE = 10.0  # times the late cost of a unit: the price of a broken rule
SLIP = 0.5  # days: less is the noise of even production


class Verdict(StrEnum):
    """What somebody said of a block: so many are hired, or none are."""

    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """``heads`` of ``skill`` that start in ``period`` (positions in the problem)."""

    skill: int
    period: int
    heads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A block and what was said of it."""

    block: Block
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """A demand (positions of family and demand) that comes ``days`` later without the block; where it does
    not come within the horizon (``is_served`` false), until ``NEVER_DAYS`` after it.
    """

    family: int
    demand: int
    name: str
    days: float
    is_served: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HiringCard:
    """``worth``: what everything costs more without the block, ``money`` of it paid in cash, ``late_cost`` of
    it for lateness; weights steer what is chosen, and are in none of them. ``missing``: heads, hours and
    units of rules that are then broken, above those broken with it, without a price. ``break_even_cost``: up
    to this price a hire pays. ``decide_by`` days from the start, and ``can_wait_periods``: how long the
    requisition can wait for free. ``never_worth`` and ``never_slips``: the same where nobody is hired for the
    skill in any later period either.
    """

    block: Block
    worth: float
    money: float
    late_cost: float
    missing: float
    slips: tuple[Slip, ...]
    break_even_cost: float
    decide_by: float
    can_wait_periods: int
    never_worth: float
    never_slips: tuple[Slip, ...]


def blocks_of(problem: WorkforceProblem, plan: WorkforcePlan) -> list[Block]:
    """Every block of hires of a plan that is not decided yet, in order of time."""
    found = []
    for period in range(len(problem.periods)):
        for number, skill in enumerate(problem.skills):
            heads = round(plan.decisions.hires[number][period])
            given = skill.hiring.least[period] if skill.hiring and skill.hiring.least else 0
            if heads > given:
                found.append(Block(skill=number, period=period, heads=heads))
    return found


def with_locks(problem: WorkforceProblem, locks: Sequence[Lock]) -> WorkforceProblem:
    """The problem that obeys: approved blocks are hired as they are, refused ones not at all."""
    for lock in locks:
        heads = lock.block.heads if lock.verdict is Verdict.APPROVED else 0
        problem = _hire_exactly(problem, lock.block.skill, [lock.block.period], heads)
    return problem


def hiring_card(problem: WorkforceProblem, block: Block, options: SolveOptions | None = None) -> HiringCard:
    """What ``block`` is worth, and until when its decision can wait. Solves again a few times."""
    options = options or SolveOptions()
    fractions = _comparable(problem)
    given = plan_workforce(_hire_exactly(fractions, block.skill, [block.period], block.heads), options)
    without = plan_workforce(_hire_exactly(fractions, block.skill, [block.period], 0), options)
    later = range(block.period, len(problem.periods))
    never = plan_workforce(_hire_exactly(fractions, block.skill, later, 0), options)
    broken = _broken(without) - _broken(given)
    worth = _paid(without) - _paid(given)
    hiring = problem.skills[block.skill].hiring or Hiring(most=(0,) * len(problem.periods))
    can_wait = _periods_to_wait(fractions, block, given.objective, options)
    begin = problem.periods[block.period + can_wait].begin
    return HiringCard(
        block=block,
        worth=worth,
        money=without.course.cost.money - given.course.cost.money,
        late_cost=without.course.cost.lateness - given.course.cost.lateness,
        missing=broken / fractions.broken_cost,
        slips=_slips(problem, given, without),
        break_even_cost=hiring.cost + worth / block.heads,
        decide_by=max(0.0, begin - hiring.lead_days),
        can_wait_periods=can_wait,
        never_worth=_paid(never) - _paid(given),
        never_slips=_slips(problem, given, never),
    )


def _comparable(problem: WorkforceProblem) -> WorkforceProblem:
    """In fractions, and ratios kept by everybody alike: that the plant's hires are used up in a period, which
    excuses missing heads, is nothing that fractions of people can say. And no late delivery is dear enough
    to break a rule about people instead.
    """
    problem = in_fractions(problem)
    dearest = max((each.late_cost for family in problem.families for each in family.demands), default=0.0)
    broken_cost = max(problem.broken_cost, ABOVE_LATE * problem.lateness_weight * dearest)
    ratios = tuple(replace(ratio, missing_cost=()) for ratio in problem.limits.ratios)
    return replace(problem, broken_cost=broken_cost, limits=replace(problem.limits, ratios=ratios))


def _broken(plan: WorkforcePlan) -> float:
    """The price of rules that are broken; of ratios too, where nothing excuses them."""
    return plan.course.cost.ratios + plan.course.cost.broken


def _paid(plan: WorkforcePlan) -> float:
    """Money and what lateness costs, as a plan's cost counts them."""
    return plan.course.cost.money + plan.course.cost.lateness


def _periods_to_wait(problem: WorkforceProblem, block: Block, objective: float, options: SolveOptions) -> int:
    """By how many periods the start can be put off at no cost: doubling, then halving."""
    last = len(problem.periods) - 1 - block.period
    low, high = 0, 1
    while high <= last and _cost_of_waiting(problem, block, high, options) <= objective * (1 + NOTHING):
        low, high = high, 2 * high
    high = min(high, last + 1)
    while high - low > 1:
        middle = (low + high) // 2
        if _cost_of_waiting(problem, block, middle, options) <= objective * (1 + NOTHING):
            low = middle
        else:
            high = middle
    return low


def _cost_of_waiting(problem: WorkforceProblem, block: Block, periods: int, options: SolveOptions) -> float:
    closed = range(block.period, block.period + periods)
    return plan_workforce(_hire_exactly(problem, block.skill, closed, 0), options).objective


def _slips(problem: WorkforceProblem, given: WorkforcePlan, without: WorkforcePlan) -> tuple[Slip, ...]:
    never = problem.periods[-1].end + NEVER_DAYS
    before, after = days_late(problem, given.decisions), days_late(problem, without.decisions)
    found = [
        Slip(
            family=family,
            demand=demand,
            name=problem.families[family].demands[demand].name,
            days=late - before[family][demand],
            is_served=problem.families[family].demands[demand].day + late < never,
        )
        for family, row in enumerate(after)
        for demand, late in enumerate(row)
        if late > before[family][demand] + SLIP
    ]
    return tuple(sorted(found, key=lambda each: -each.days))


def _hire_exactly(
    problem: WorkforceProblem, number: int, periods: Sequence[int], heads: int
) -> WorkforceProblem:
    skill = problem.skills[number]
    count = len(problem.periods)
    hiring = skill.hiring or Hiring(most=(0,) * count)
    most, least = list(hiring.most), list(hiring.least or (0,) * count)
    for period in periods:
        most[period] = least[period] = heads
    changed = replace(skill, hiring=replace(hiring, most=tuple(most), least=tuple(least)))
    return replace(problem, skills=(*problem.skills[:number], changed, *problem.skills[number + 1 :]))
