"""What is wrong with a workforce problem, all of it at once, each with its place."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isfinite
from typing import TYPE_CHECKING

from planning.engine.errors import FactoryIssue
from planning.engine.workforce_plan.errors import InvalidWorkforceProblem

if TYPE_CHECKING:
    from planning.engine.workforce_plan.problem import Family, Skill, WorkforceProblem

_TOUCH = 1e-9  # days


def check_problem(problem: "WorkforceProblem") -> None:
    """Raise ``InvalidWorkforceProblem`` with everything that is wrong."""
    found = [FactoryIssue(path=path, message=message) for path, message in _issues(problem)]
    if found:
        raise InvalidWorkforceProblem(found)


def _issues(problem: "WorkforceProblem") -> Iterator[tuple[str, str]]:
    if not problem.periods:
        yield "/periods", "There must be at least one period."
    for number, period in enumerate(problem.periods):
        before = problem.periods[number - 1].end if number else 0.0
        if abs(period.begin - before) > _TOUCH or period.end <= period.begin:
            yield f"/periods/{number}", "A period begins where the one before ends (the first on day 0)."
        elif any(after <= day for day, after in pairwise((period.begin, *period.cuts, period.end))):
            yield f"/periods/{number}/cuts", "Cuts lie inside the period, in order of their day."
        elif period.rests and len(period.rests) != len(period.cuts) + 1:
            yield f"/periods/{number}/rests", "There must be one number for each bucket of the period."
    for number, bucket in enumerate(problem.buckets):
        if not bucket.begin < bucket.stop <= bucket.end:
            where = f"/periods/{bucket.period}/rests"
            yield where, f"Bucket {number}, from day {bucket.begin:g} on, must not rest all of its days."
    for number, skill in enumerate(problem.skills):
        yield from _skill(problem, f"/skills/{number}", skill)
    for number, family in enumerate(problem.families):
        yield from _family(problem, f"/families/{number}", family)
    yield from _ways(problem)
    yield from _plant(problem)


def _ways(problem: "WorkforceProblem") -> Iterator[tuple[str, str]]:
    for number, way in enumerate(problem.cross_training):
        if not (_is_index(way.source, problem.skills) and _is_index(way.target, problem.skills)):
            yield f"/cross_training/{number}", "Both skills must be in the problem."
        elif way.source == way.target:
            yield f"/cross_training/{number}", "The two skills must differ."
        yield from _losses(problem, f"/cross_training/{number}/losses", way.losses)


def _plant(problem: "WorkforceProblem") -> Iterator[tuple[str, str]]:
    limits, count = problem.limits, len(problem.periods)
    for name, row in (
        ("hires", limits.hires),
        ("hiring_budget", limits.hiring_budget),
        ("heads", limits.heads),
    ):
        yield from _by_period(f"/limits/{name}", row, count, optional=True)
    for number, ratio in enumerate(limits.ratios):
        if not _is_index(ratio.skill, problem.skills) or ratio.per_direct <= 0:
            yield (
                f"/limits/ratios/{number}",
                "It needs a skill of the problem and a positive number of heads.",
            )
    if problem.cash is not None:
        yield from _by_period("/cash/flows", problem.cash.flows, count, signed=True)


def _skill(problem: "WorkforceProblem", path: str, skill: "Skill") -> Iterator[tuple[str, str]]:
    count, buckets = len(problem.periods), len(problem.buckets)
    for name in ("stay", "paid_hours", "wage"):
        yield from _by_period(f"{path}/{name}", getattr(skill, name), count)
    yield from _by_bucket(f"{path}/hours", skill.hours, buckets)
    for name in ("temp_cost", "least"):
        yield from _by_period(f"{path}/{name}", getattr(skill, name), count, optional=True)
    for name in ("overtime_cost", "absent", "load"):
        yield from _by_bucket(f"{path}/{name}", getattr(skill, name), buckets, optional=True)
    if skill.heads < 0 or not isfinite(skill.heads):
        yield f"{path}/heads", "Heads are 0 or more."
    if any(share > 1 for share in skill.stay):
        yield f"{path}/stay", "No more than all of them can stay."
    if skill.overtime_share > 0 and not skill.overtime_cost:
        yield f"{path}/overtime_cost", "Overtime has a price (0 where it is free)."
    if skill.temp_most > 0 and not skill.temp_cost:
        yield f"{path}/temp_cost", "Temporary people have a price (0 where they are free)."
    if skill.losses:
        yield from _losses(problem, f"{path}/losses", skill.losses)
    hiring = skill.hiring
    if hiring is not None:
        yield from _by_period(f"{path}/hiring/most", hiring.most, count)
        yield from _by_period(f"{path}/hiring/least", hiring.least, count, optional=True)
        if hiring.least and any(low > high for low, high in zip(hiring.least, hiring.most, strict=False)):
            yield f"{path}/hiring/least", "No more than the most may be the least."


def _family(problem: "WorkforceProblem", path: str, family: "Family") -> Iterator[tuple[str, str]]:
    count = len(problem.buckets)
    yield from _by_bucket(f"{path}/holding", family.holding, count, optional=True)
    yield from _by_bucket(f"{path}/startable", family.startable, count, optional=True)
    for number, work in enumerate(family.work):
        if not _is_index(work.skill, problem.skills):
            yield f"{path}/work/{number}/skill", "It must be a skill of the problem."
        yield from _by_bucket(f"{path}/work/{number}/hours", work.hours, count)
        if work.offset < 0:
            yield f"{path}/work/{number}/offset", "Work comes after the start, by 0 days or more."
    for number, station in enumerate(family.stations):
        if not _is_index(station.centre, problem.stations):
            yield f"{path}/stations/{number}/centre", "It must be a work centre of the problem."
        yield from _by_bucket(f"{path}/stations/{number}/share", station.share, count)
        if station.offset < 0:
            yield f"{path}/stations/{number}/offset", "A station is taken after the start, by 0 days or more."
    for number, part in enumerate(family.parts):
        is_family = part.family is not None and _is_index(part.family, problem.families)
        is_material = part.material is not None and _is_index(part.material, problem.materials)
        if is_family == is_material:
            yield f"{path}/parts/{number}", "It must be one family or one material of the problem."
    days = [each.day for each in family.demands]
    if days != sorted(days) or any(day <= 0 for day in days):
        yield f"{path}/demands", "Demands come in order of their day, after day 0."
    if any(each.units < 0 or each.late_cost < 0 for each in family.demands):
        yield f"{path}/demands", "Units and late costs are 0 or more."


def _losses(
    problem: "WorkforceProblem", path: str, losses: tuple[tuple[float, ...], ...]
) -> Iterator[tuple[str, str]]:
    if len(losses) != len(problem.periods):
        yield path, f"There must be one row for each of the {len(problem.periods)} periods."
    elif any(len(row) > sum(b.period >= first for b in problem.buckets) for first, row in enumerate(losses)):
        yield path, "A row has no more hours than there are buckets from its period on."
    if any(value < 0 or not isfinite(value) for row in losses for value in row):
        yield path, "Hours lost are 0 or more."


def _by_period(
    path: str, row: Sequence[float], count: int, *, optional: bool = False, signed: bool = False
) -> Iterator[tuple[str, str]]:
    if row or not optional:
        yield from _numbers(path, row, count, "periods", signed=signed)


def _by_bucket(
    path: str, row: Sequence[float], count: int, *, optional: bool = False
) -> Iterator[tuple[str, str]]:
    if row or not optional:
        yield from _numbers(path, row, count, "buckets of periods", signed=False)


def _numbers(
    path: str, row: Sequence[float], count: int, what: str, *, signed: bool
) -> Iterator[tuple[str, str]]:
    if len(row) != count:
        yield path, f"There must be one number for each of the {count} {what}."
    if any(value != value or (value < 0 and not signed) for value in row):
        yield path, "Every number is 0 or more."


def _is_index(position: int, rows: Sequence[object]) -> bool:
    return 0 <= position < len(rows)
