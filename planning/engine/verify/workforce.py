"""Rules about people: heads by month, hours, and how many are at work at a time."""

import math
from collections import Counter
from collections.abc import Iterator

from planning.engine.verify.calendars import month_of
from planning.engine.verify.crews import starts_of_crews
from planning.engine.verify.ledger import Ledger, differs
from planning.engine.verify.people import HEADS_SLACK, name_of, staffing_rows
from planning.engine.verify.references import Finding

HOURS_SLACK = 0.01
_NOISE = 1e-6


def staffing_rows_complete(ledger: Ledger) -> Iterator[Finding]:
    """The hiring plan has one row for every skill and month from the planning date to the horizon."""
    rows = Counter((row.skill, row.month) for row in ledger.plan.staffing if row.skill in ledger.skills)
    for key in ledger.staffing:
        if rows[key] != 1:
            yield name_of(key), f"has {rows[key]} rows, expected one"
    for key in rows:
        if key not in ledger.staffing:
            yield name_of(key), "lies outside the months of the plan"


def heads_follow_moves(ledger: Ledger) -> Iterator[Finding]:
    """Heads are those of the month before, less those who leave, plus hires, less layoffs, and those who
    change to or from another skill.
    """
    for key, row in staffing_rows(ledger).items():
        truth = ledger.staffing.get(key)
        if truth is None:
            continue
        if differs(row.headcount, truth.heads, HEADS_SLACK):
            yield name_of(key), f"has {row.headcount} heads, its moves give {truth.heads:.4f}"
        if differs(row.leavers, truth.leavers, HEADS_SLACK):
            yield name_of(key), f"has {row.leavers} leavers, attrition gives {truth.leavers:.4f}"
        if (row.moved_in, row.moved_out) != (truth.moved_in, truth.moved_out):
            moved = f"{truth.moved_in} and {truth.moved_out}"
            yield (
                name_of(key),
                f"tells {row.moved_in} who come and {row.moved_out} who go, changes give {moved}",
            )


def staffing_hours_recomputed(ledger: Ledger) -> Iterator[Finding]:
    """Hours told are those that heads, open days, training, absences and operations give; overtime is not
    more than needed.
    """
    for key, row in staffing_rows(ledger).items():
        truth = ledger.staffing.get(key)
        if truth is None:
            continue
        if differs(row.available_hours, truth.available, HOURS_SLACK):
            yield (
                name_of(key),
                f"tells {row.available_hours} available hours, its heads give {truth.available:.4f}",
            )
        if differs(row.required_hours, truth.required, HOURS_SLACK):
            yield (
                name_of(key),
                f"tells {row.required_hours} required hours, operations take {truth.required:.4f}",
            )
        if not row.overtime_hours <= truth.overtime + HOURS_SLACK:
            yield (
                name_of(key),
                f"tells {row.overtime_hours} overtime hours, {truth.overtime:.4f} are needed",
            )


def overtime_within_cap(ledger: Ledger) -> Iterator[Finding]:
    """Overtime stays within its share of the regular hours."""
    for key, row in staffing_rows(ledger).items():
        truth = ledger.staffing.get(key)
        if truth is not None:
            cap = truth.available * float(truth.skill.overtime_max_share or 0)
            if not -HOURS_SLACK <= row.overtime_hours <= cap + HOURS_SLACK:
                yield (
                    name_of(key),
                    f"has {row.overtime_hours} overtime hours, at most {cap:.4f} are allowed",
                )


def hours_within_capacity(ledger: Ledger) -> Iterator[Finding]:
    """What operations take of a skill in a month is within its hours and its overtime; later as in the last
    month.
    """
    rows = staffing_rows(ledger)
    last = ledger.months[-1].name
    for (skill, month), hours in ledger.required_hours.items():
        truth = ledger.staffing.get((skill, min(month, last)))
        if truth is None:
            continue
        row = rows.get((skill, month))
        extra = truth.available * float(truth.skill.overtime_max_share or 0) if month > last else 0.0
        gives = truth.available + (row.overtime_hours if row else extra)
        if not hours <= gives + HOURS_SLACK:
            yield (
                name_of((skill, month)),
                f"operations take {hours:.2f} hours, there are {gives:.2f} with overtime",
            )


def crews_within_heads(ledger: Ledger) -> Iterator[Finding]:
    """Whenever an operation starts, the crews of its skill at work are no more than its heads, rounded up,
    less those who are absent, rounded up.
    """
    for skill, minute, at_work, name in starts_of_crews(ledger):
        heads = _heads_at(ledger, skill, minute)
        if at_work > heads + _NOISE:
            moment = ledger.local.moment(minute)
            yield (
                skill,
                f"{at_work} people are at work on {moment:%Y-%m-%d %H:%M}, there are {heads:g} ({name})",
            )


def _heads_at(ledger: Ledger, skill: str, minute: int) -> float:
    """Heads of the month, rounded up, with the temporary ones; past the horizon those of the last month.
    Without those who are absent on that day, if it is an open one.
    """
    day = ledger.local.day(minute)
    month = min(month_of(day), ledger.months[-1].name)
    row = ledger.staffing.get((skill, max(month, ledger.months[0].name)))
    if row is None:
        return 0.0
    there = math.ceil(row.heads - _NOISE) + row.temp_heads
    absent = sum(each.heads for each in ledger.absences.get(skill, ()) if each.from_ <= day < each.to)
    if absent and ledger.open_time[row.skill.calendar or ""].is_open_day(day):
        there -= math.ceil(absent)
    return max(0.0, there)


def people_told(ledger: Ledger) -> Iterator[Finding]:
    """Wages told are the means of their months, and heads in training those of hires and courses (a plan of
    an earlier release tells neither).
    """
    rows = staffing_rows(ledger)
    if not any(row.wage_per_hour or row.training_heads for row in rows.values()):
        return
    for key, row in rows.items():
        truth = ledger.staffing.get(key)
        if truth is None:
            continue
        if differs(row.wage_per_hour, truth.wage, _NOISE):
            yield name_of(key), f"tells a wage of {row.wage_per_hour}, its days give {truth.wage:.4f}"
        if differs(row.training_heads, truth.training_heads, HEADS_SLACK):
            yield name_of(key), f"tells {row.training_heads} in training, there are {truth.training_heads}"


def staffing_cost_recomputed(ledger: Ledger) -> Iterator[Finding]:
    """The cost of a skill's month is its pay, overtime, temporary labour, premiums of shifts, hiring and
    severance.
    """
    for key, row in staffing_rows(ledger).items():
        truth = ledger.staffing.get(key)
        if truth is not None and differs(row.cost, truth.cost, 0.01 + 1e-6 * abs(truth.cost)):
            yield name_of(key), f"costs {row.cost}, recomputed {truth.cost:.2f}"
