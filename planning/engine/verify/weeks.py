"""What the plan tells of hours by week, recomputed from its hours by month and its operations."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from planning.engine.verify.calendars import monday_of
from planning.engine.verify.ledger import Ledger, differs, next_monday
from planning.engine.verify.references import Finding
from planning.engine.verify.workforce import HOURS_SLACK

_WEEKS = 13


def labour_weeks_recomputed(ledger: Ledger) -> Iterator[Finding]:
    """Each skill that works tells, for each of the first 13 weeks, its share of the month's hours by open
    days and the hours that operations take in it (a plan of an earlier release tells none).
    """
    if not ledger.plan.labour_weeks:
        return
    told = Counter((row.skill, row.week) for row in ledger.plan.labour_weeks)
    expected = [(code, week) for code in _at_work(ledger) for week in _weeks(ledger)]
    for code, week in expected:
        if told[code, week] != 1:
            yield f"{code} {week}", f"has {told[code, week]} rows, expected one"
    required = required_hours(ledger)
    for row in ledger.plan.labour_weeks:
        name = f"{row.skill} {row.week}"
        if (row.skill, row.week) not in expected:
            yield name, "is no skill that works, or none of the first weeks"
            continue
        available, needed = available_hours(ledger, row.skill, row.week), required[row.skill, row.week]
        if differs(row.available_hours, available, HOURS_SLACK):
            yield name, f"tells {row.available_hours} available hours, its days give {available:.4f}"
        if differs(row.required_hours, needed, HOURS_SLACK):
            yield name, f"tells {row.required_hours} required hours, operations take {needed:.4f}"


def _at_work(ledger: Ledger) -> list[str]:
    """Skills that an operation at a work centre asks for."""
    asked = {
        row.skill for rows in ledger.factory.routings.values() for row in rows if row.work_centre is not None
    }
    return [code for code in ledger.skills if code in asked]


def _weeks(ledger: Ledger) -> list[date]:
    found: list[date] = []
    week = monday_of(ledger.as_of)
    while len(found) < _WEEKS and week < ledger.factory.horizon_end:
        found.append(week)
        week = next_monday(week)
    return found


def available_hours(ledger: Ledger, code: str, week: date) -> float:
    """Of the hours of each month the share of its open days that lie in the week."""
    total = 0.0
    for month in ledger.months:
        row = ledger.staffing[code, month.name]
        begin, end = max(week, month.start), min(next_monday(week), month.end)
        if begin < end and row.open_days:
            days = ledger.open_time[row.skill.calendar or ""].open_days(begin, end)
            total += row.available * days / row.open_days
    return total


def required_hours(ledger: Ledger) -> dict[tuple[str, date], float]:
    """Crew-hours of the operations by skill and week."""
    minutes: dict[tuple[str, date], int] = defaultdict(int)
    for op in ledger.ops:
        if op.step.skill is None or op.centre is None:
            continue
        open_time = ledger.open_for(op)
        start = op.start
        while start < op.end:
            week = monday_of(ledger.local.day(start))
            until = min(op.end, ledger.local.midnight(next_monday(week)))
            minutes[op.step.skill, week] += op.step.crew * open_time.open_minutes(start, until)
            start = until
    return defaultdict(float, {key: value / 60 for key, value in minutes.items()})
