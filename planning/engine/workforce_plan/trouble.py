"""What a plan could not do: named exceptions, hours that lack by period, and the cheapest remedy tried.

The shortfall is found by solving again with hours to buy for every skill; the remedy by solving again with
hours for nothing for all other skills and one rule after the other set aside for this one: where several
skills lack, a remedy for one of them would change nothing while what is late waits for the others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from planning.engine.errors import SolverFailed
from planning.engine.workforce_plan.clock import SharedClock
from planning.engine.workforce_plan.horizon import in_fractions
from planning.engine.workforce_plan.plan import WorkforceException, WorkforcePlan
from planning.engine.workforce_plan.problem import EVER, ByPeriod, Hiring, Skill, WorkforceProblem
from planning.engine.workforce_plan.solve import SolveOptions

SMALL = 1e-3  # hours, units, heads
BOUGHT_SHARE = 3.0  # of the wage: what an hour from outside costs where the shortfall is measured
IN_TIME = 1e3  # times the price of lateness: hours are bought for whatever can be in time
SOONER = 1e-3  # of its price: what an hour costs more a period earlier, so that it is bought when it lacks
MORE_OVERTIME = 0.25
WORTH_TELLING = 0.1  # of what the cheapest remedy saves: what helps less is not told behind it
MANY = 1_000
LOOSE = 1e-4  # of a person
OVER = "the time for that ran out"
FAILED = "the solver found no answer"
LATE_IS_CHEAPER = "Being late costs less than any remedy; to be in time all the same:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """A rule to set aside for a skill (its position): ``apply`` gives the problem without it, or None.

    ``is_always_told``: wherever it helps, also behind a cheaper one.
    """

    words: str
    apply: Callable[[WorkforceProblem, int], WorkforceProblem | None]
    is_always_told: bool = False


type Remedies = Mapping[int, Sequence[Remedy]]


def find_trouble(
    problem: WorkforceProblem, plan: WorkforcePlan, options: SolveOptions | None = None
) -> tuple[WorkforceException, ...]:
    """Exceptions of ``plan``, the worst first; solves again only where something is missing or late, with
    the seconds of ``options`` for all of it: where they do not reach for remedies, that is said.
    """
    found = list(_data_trouble(problem))
    cost = plan.course.cost
    if cost.missing_cash > 0:
        first = next(
            period
            for period, balance in enumerate(plan.course.cash)
            if problem.cash and balance < problem.cash.floor - SMALL
        )
        label = problem.periods[first].label
        text = f"Cash falls below its floor from {label} on, at worst to {min(plan.course.cash):.0f}."
        advice = "Ask for an earlier deposit, or move purchases and hires later."
        found.append(WorkforceException(code="CASH_BELOW_FLOOR", entity=label, text=text, suggestion=advice))
    for number, family in enumerate(problem.families):
        never = plan.course.backlog[number][-1]
        if never > SMALL:
            text = f"{never:.1f} units of {family.code} are not there by the end of the horizon."
            found.append(WorkforceException(code="UNPLANNED_DEMAND", entity=family.code, text=text))
    found += _heads_trouble(problem, plan)
    if cost.lateness > 0 or cost.broken > 0:
        found += shortfall(problem, plan, SharedClock(options or SolveOptions()))
    return tuple(found)


def _data_trouble(problem: WorkforceProblem) -> list[WorkforceException]:
    found = []
    for skill in problem.skills:
        if not any(skill.wage):
            text = f"{skill.code} has a wage of 0: its people cost nothing, and the plan keeps all it may."
            found.append(WorkforceException(code="INVALID_DATA", entity=skill.code, text=text))
        hiring = skill.hiring
        if hiring is None or not any(hiring.most) or not skill.losses:
            continue
        useful = [
            _hours_from(problem, skill, first) > sum(skill.losses[first]) + SMALL
            for first, most in enumerate(hiring.most)
            if most
        ]
        if not any(useful):
            text = f"Training for {skill.code} lasts past the horizon: who is hired now gives no hours in it."
            advice = "Plan over a longer horizon, or use overtime, temporary people or subcontracts."
            found.append(
                WorkforceException(
                    code="INSUFFICIENT_LEAD_TIME", entity=skill.code, text=text, suggestion=advice
                )
            )
    return found


def _hours_from(problem: WorkforceProblem, skill: Skill, first: int) -> float:
    """Hours of a trained head from the start of a period on."""
    each = zip(problem.buckets, skill.hours, strict=True)
    return sum(hours for bucket, hours in each if bucket.period >= first)


def _heads_trouble(problem: WorkforceProblem, plan: WorkforcePlan) -> list[WorkforceException]:
    found = []
    for skill, heads in zip(problem.skills, plan.course.heads, strict=True):
        lacks = [max(0.0, low - there) for low, there in zip(skill.least, heads, strict=False)]
        if any(lack > SMALL for lack in lacks):
            text = f"{skill.code} lacks up to {max(lacks):.1f} heads to its least headcount."
            advice = "Raise its hiring limit or shorten its lead time."
            found.append(
                WorkforceException(code="BELOW_LEAST_HEADS", entity=skill.code, text=text, suggestion=advice)
            )
    return found


def shortfall(
    problem: WorkforceProblem,
    plan: WorkforcePlan,
    clock: SharedClock,
    remedies: Remedies | None = None,
    *,
    none_tried: str = "",
) -> list[WorkforceException]:
    """Hours that each skill lacks by period for everything to be in time, most hours first, and how to get
    them cheapest, by ``remedies`` of that skill (else ``remedies_for``). Once ``clock`` is over that is said
    instead; or why none are tried, where ``none_tried`` says it.
    """
    ways = remedies or {number: remedies_for(skill) for number, skill in enumerate(problem.skills)}
    eased = clock.solve(_hours_to_buy(problem))
    lacking = [
        _lacking(problem, number, eased, plan.course.missing[number]) for number in range(len(problem.skills))
    ]
    order = sorted(range(len(lacking)), key=lambda number: -sum(lacking[number]))
    found = []
    for number in (number for number in order if sum(lacking[number]) > SMALL):
        code = problem.skills[number].code
        advice = not_looked_for(none_tried)
        if not none_tried:
            advice = _advice(_for_one(problem, eased, number), number, ways[number], clock)
        worst = max(range(len(problem.periods)), key=lambda period: lacking[number][period])
        text = (
            f"{code} lacks {sum(lacking[number]):.0f} hours, most in {problem.periods[worst].label}"
            f" ({lacking[number][worst]:.0f})."
        )
        found.append(
            WorkforceException(
                code="AT_RISK_SKILL", entity=code, text=text, suggestion=advice, hours=lacking[number]
            )
        )
    return found


def _lacking(
    problem: WorkforceProblem, number: int, eased: WorkforcePlan, missing: Sequence[float]
) -> ByPeriod:
    """Hours by period that a skill lacks, or that ``eased``, which has people to buy by the period, works
    beyond its own people and their overtime.
    """
    skill, course, found = problem.skills[number], eased.course, [0.0] * len(problem.periods)
    temps = eased.decisions.temps[number]
    for place, (bucket, hours, lack) in enumerate(zip(problem.buckets, skill.hours, missing, strict=True)):
        bought = max(0.0, temps[bucket.period] - skill.temp_most) * hours
        own = max(0.0, course.available[number][place] - bought) * (1 + skill.overtime_share)
        found[bucket.period] += max(0.0, course.required[number][place] - own, lack)
    return tuple(found)


def not_looked_for(why: str) -> str:
    """What is said instead of a remedy."""
    return f"No remedy was looked for: {why}."


def _for_one(problem: WorkforceProblem, eased: WorkforcePlan, number: int) -> WorkforceProblem:
    """The problem in fractions in which all skills but one have hours for nothing, and hire who they hire in
    ``eased``: what is late then is late for want of this one, and what the plant may hire is not its alone.
    """
    free, skills = (0.0,) * len(problem.periods), []
    for skill, hires in zip(problem.skills, eased.decisions.hires, strict=True):
        hiring = skill.hiring
        if hiring is not None:  # exactly so many would leave the solver no room for its last digits
            most = tuple(each + LOOSE for each in hires)
            least = tuple(max(0.0, each - LOOSE) for each in hires)
            hiring = replace(hiring, most=most, least=least, in_all=None)
        skills.append(replace(skill, temp_most=skill.temp_most + MANY, temp_cost=free, hiring=hiring))
    skills[number] = problem.skills[number]
    return in_fractions(replace(problem, skills=tuple(skills)))


def _hours_to_buy(problem: WorkforceProblem) -> WorkforceProblem:
    dear, count = _dear_hour(problem), len(problem.periods)
    skills = tuple(
        replace(
            skill,
            temp_most=skill.temp_most + MANY,
            temp_cost=tuple(
                max(paid * dear, 1.0) * (1 + SOONER * (count - period))
                for period, paid in enumerate(skill.paid_hours)
            ),
        )
        for skill in problem.skills
    )
    return in_fractions(_in_time(replace(problem, skills=skills)))


def _dear_hour(problem: WorkforceProblem) -> float:
    return BOUGHT_SHARE * max([wage for skill in problem.skills for wage in skill.wage] + [1.0])


def _in_time(problem: WorkforceProblem) -> WorkforceProblem:
    """The problem in which whatever can be in time is, also what costs nothing late."""
    least = _dear_hour(problem)
    families = tuple(
        replace(family, demands=tuple(replace(d, late_cost=max(d.late_cost, least)) for d in family.demands))
        for family in problem.families
    )
    return replace(problem, families=families, lateness_weight=problem.lateness_weight * IN_TIME)


def _advice(problem: WorkforceProblem, number: int, remedies: Sequence[Remedy], clock: SharedClock) -> str:
    """The cheapest remedy, then each that is always told and helps; none where not all were tried. Where
    being late costs less than each of them: the same at any price.

    What it saves is not told: the sum holds wages, which not everybody who reads the plan may see.
    """
    try:
        before, helping = "", _helping(problem, number, remedies, clock)
        if helping is not None and not helping:
            before, helping = f"{LATE_IS_CHEAPER} ", _helping(_in_time(problem), number, remedies, clock)
    except SolverFailed:  # the hours are known all the same
        return not_looked_for(FAILED)
    if helping is None:
        return not_looked_for(OVER)
    if not helping:
        return "No rule about this skill helps: look at materials, work centres and due dates."
    always = {each.words for each in remedies if each.is_always_told}
    cheapest, *others = sorted(helping, key=lambda words: -helping[words])
    enough = WORTH_TELLING * helping[cheapest]
    told = [cheapest, *(words for words in others if words in always and helping[words] >= enough)]
    code = problem.skills[number].code
    return before + " ".join(f"{words.format(skill=code)}." for words in told)


def _helping(
    problem: WorkforceProblem, number: int, remedies: Sequence[Remedy], clock: SharedClock
) -> dict[str, float] | None:
    """What each remedy that helps saves, compared without rounding; None where the clock cut that short."""
    try:
        if clock.is_over():
            return None
        base, savings = clock.solve(in_fractions(problem)).objective, {}
        for remedy in remedies:
            changed = remedy.apply(problem, number)
            if changed is None:
                continue
            if clock.is_over():
                return None
            savings[remedy.words] = base - clock.solve(in_fractions(changed)).objective
    except SolverFailed:
        if clock.is_over():
            return None
        raise
    if clock.is_cut_short:
        return None
    return {words: saved for words, saved in savings.items() if saved > 1e-6 * abs(base)}


def with_skill(problem: WorkforceProblem, number: int, changed: Skill) -> WorkforceProblem:
    """The problem with one skill changed."""
    skills = (*problem.skills[:number], changed, *problem.skills[number + 1 :])
    return replace(problem, skills=skills)


def _hire_from_the_start(problem: WorkforceProblem, number: int) -> WorkforceProblem | None:
    """The lead time alone is set aside: in the periods that it closes as many may come as in the first open
    one; None where it closes none, or other rules close all the others.
    """
    skill = problem.skills[number]
    if skill.hiring is None or not any(skill.hiring.most):
        return None
    soon = next(each for each in skill.hiring.most if each)
    most = tuple(
        max(each, soon) if period.begin < skill.hiring.lead_days else each
        for period, each in zip(problem.periods, skill.hiring.most, strict=True)
    )
    if most == skill.hiring.most:
        return None
    hiring = replace(skill.hiring, most=most, lead_days=0.0)
    return with_skill(problem, number, replace(skill, hiring=hiring))


def _allow_hires(problem: WorkforceProblem, number: int) -> WorkforceProblem | None:
    skill = problem.skills[number]
    if skill.hiring is not None:
        return None
    hiring = Hiring(most=(MANY,) * len(problem.periods))
    return with_skill(problem, number, replace(skill, hiring=hiring))


def _hire_more(problem: WorkforceProblem, number: int) -> WorkforceProblem | None:
    skill = problem.skills[number]
    if skill.hiring is None:
        return None
    most = tuple(MANY if each else 0 for each in skill.hiring.most)
    hiring = replace(skill.hiring, most=most, in_all=None)
    return with_skill(problem, number, replace(skill, hiring=hiring, most=EVER))


def _open_the_plant(problem: WorkforceProblem, number: int) -> WorkforceProblem | None:
    limits = replace(problem.limits, hires=(), hiring_budget=(), heads=())
    return None if limits == problem.limits else replace(problem, limits=limits)


def _work_longer(problem: WorkforceProblem, number: int) -> WorkforceProblem | None:
    skill = problem.skills[number]
    if skill.overtime_share >= MORE_OVERTIME:
        return None
    price = skill.overtime_cost or tuple(1.5 * skill.wage[bucket.period] for bucket in problem.buckets)
    return with_skill(problem, number, replace(skill, overtime_share=MORE_OVERTIME, overtime_cost=price))


def _take_temps(problem: WorkforceProblem, number: int) -> WorkforceProblem | None:
    skill = problem.skills[number]
    price = skill.temp_cost or tuple(
        1.5 * wage * paid for wage, paid in zip(skill.wage, skill.paid_hours, strict=True)
    )
    return with_skill(problem, number, replace(skill, temp_most=float(MANY), temp_cost=price))


HIRE_MORE = (
    Remedy(words="Raise the limits on hiring {skill}", apply=_hire_more, is_always_told=True),
    Remedy(
        words="Raise the plant's limits on hires, heads and money for hiring",
        apply=_open_the_plant,
        is_always_told=True,
    ),
    Remedy(words="Hire {skill} sooner than the lead time allows", apply=_hire_from_the_start),
)
WITHOUT_HIRES = (
    Remedy(words="Allow overtime of a quarter for {skill}", apply=_work_longer),
    Remedy(words="Take temporary people for {skill}", apply=_take_temps),
)
NOT_ALLOWED = "Hiring {skill} is not allowed today: allow it"  # nobody can, until somebody decides that


def remedies_for(skill: Skill) -> tuple[Remedy, ...]:
    """What can be set aside for a skill; of one that nobody may hire also that."""
    if skill.hiring is not None:
        return (*HIRE_MORE, *WITHOUT_HIRES)
    return (*WITHOUT_HIRES, Remedy(words=NOT_ALLOWED, apply=_allow_hires, is_always_told=True))
