"""Periods of unequal length, what training takes in them, and what the end of the horizon asks for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from planning.engine.workforce_plan.problem import Losses, Period, WorkforceProblem, buckets_of

WEEK = 7.0
MONTH = 30.4375  # days, on average


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStep:
    """For ``days`` a newcomer gives ``productivity`` of a trained head's hours, and a trainer of the same
    skill gives up ``trainer_share`` of his own.
    """

    days: float
    productivity: float
    trainer_share: float = 0.0


def telescope(weeks: int, months: int, quarters: int = 0) -> tuple[Period, ...]:
    """Weeks first, then months, then quarters: near decisions finely, far ones coarsely."""
    lengths = [("W", WEEK)] * weeks + [("M", MONTH)] * months + [("Q", 3 * MONTH)] * quarters
    begin, found = 0.0, []
    for number, (letter, days) in enumerate(lengths):
        found.append(Period(label=f"{letter}{number + 1}", begin=begin, end=begin + days))
        begin += days
    return tuple(found)


def stay_shares(periods: Sequence[Period], attrition_per_month: float) -> tuple[float, ...]:
    """Who is still there when a period begins: attrition over the days of the one before, none before the
    first.
    """
    stays = [(1 - attrition_per_month) ** (period.days / MONTH) for period in periods]
    return (1.0, *stays[:-1])


def training_losses(
    periods: Sequence[Period], hours: Sequence[float], steps: Sequence[TrainingStep]
) -> Losses:
    """Hours that one newcomer of each period lacks in each bucket from its start on, by calendar days;
    ``hours`` of a trained head by bucket.
    """
    buckets, rows = buckets_of(periods), []
    for first, start in enumerate(periods):
        row: list[float] = []
        for bucket, given in zip(buckets, hours, strict=True):
            if bucket.period < first:
                continue
            begin, share = start.begin, 0.0
            for step in steps:
                overlap = min(bucket.end, begin + step.days) - max(bucket.begin, begin)
                share += max(0.0, overlap) * (1 - step.productivity + step.trainer_share)
                begin += step.days
            if share <= 0:
                break
            row.append(given * share / bucket.days)
        rows.append(tuple(row))
    return tuple(rows)


def in_fractions(problem: WorkforceProblem) -> WorkforceProblem:
    """The same with people as fractions, in hires, layoffs, temporary people and ratios: for comparing two
    ways without the noise of rounding.
    """
    skills = tuple(replace(skill, is_whole=False, are_temps_whole=False) for skill in problem.skills)
    ratios = tuple(replace(ratio, is_rounded=False) for ratio in problem.limits.ratios)
    return replace(problem, skills=skills, limits=replace(problem.limits, ratios=ratios))


def keep_going(problem: WorkforceProblem, *, days: float, value_share: float = 1.0) -> WorkforceProblem:
    """The end rule: what was wanted in the last ``days`` is taken to be wanted on, at that rate.

    Each skill keeps at the end the heads for the hours of that demand; a head that is missing then costs
    what replacing it would (hire cost and the wages of hours lost in training, times ``value_share``). More
    heads than that are worth nothing, so nobody is hoarded; fewer cost, so nobody is let go on the last day.
    """
    last = problem.periods[-1]
    begin = last.end - days
    ending = [
        number for number, each in enumerate(problem.buckets) if each.period == len(problem.periods) - 1
    ]
    needed = [0.0] * len(problem.skills)
    for family in problem.families:
        rate = sum(each.units for each in family.demands if begin < each.day <= last.end) / days
        for work in family.work:
            needed[work.skill] += rate * work.hours[-1]
    skills = []
    for skill, hours in zip(problem.skills, needed, strict=True):
        given = sum(skill.hours[number] for number in ending) / last.days
        load = sum(skill.load[number] for number in ending) / last.days if skill.load else 0.0
        heads = min((hours + load) / given, skill.most) if given > 0 else 0.0
        lost = sum(skill.losses[0]) if skill.losses else 0.0
        paid = skill.wage[-1] * skill.paid_hours[-1] / (given * last.days) if given > 0 else 0.0
        cost = ((skill.hiring.cost if skill.hiring else 0.0) + lost * paid) * value_share
        skills.append(replace(skill, end_heads=heads, end_cost=cost))
    return replace(problem, skills=tuple(skills))
