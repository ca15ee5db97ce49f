"""What the rows about a skill say month by month: its wages, hires that are decided, days of a course."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import ceil

from planning.engine.factory import HiringDecisionRow, SkillRow, StaffingRow


@dataclass(frozen=True, slots=True)
class Decided:
    """Hires of a month that somebody decided: ``least`` come, and no more where ``is_exact``."""

    least: int = 0
    is_exact: bool = False


UNDECIDED = Decided()


def wages_of(row: SkillRow, months: Sequence[date], days: Iterable[date]) -> list[float]:
    """The wage of each month: the mean over the skill's open ``days`` in it, on its first day where it has
    none.
    """
    usual = float(row.wage_per_hour)
    if not row.raises:
        return [usual] * len(months)
    by_month: dict[tuple[int, int], list[float]] = {}
    for day in days:
        by_month.setdefault((day.year, day.month), []).append(_wage_on(row, day))
    found = []
    for first in months:
        paid = by_month.get((first.year, first.month)) or [_wage_on(row, first)]
        found.append(sum(paid) / len(paid))
    return found


def _wage_on(row: SkillRow, day: date) -> float:
    begun = [each for each in row.raises if each.from_ <= day]
    last = max(begun, key=lambda each: each.from_, default=None)
    return float(row.wage_per_hour if last is None else last.wage_per_hour)


def decided_hires(
    code: str, months: Sequence[date], as_of: date, rows: Iterable[HiringDecisionRow]
) -> list[Decided]:
    """What is decided on hires of skill ``code`` in each month; of months that began before ``as_of``
    nothing.
    """
    by_month = {row.month: row for row in rows if row.skill == code}
    found = []
    for first in months:
        row = by_month.get(f"{first:%Y-%m}") if first >= as_of else None
        if row is None:
            found.append(UNDECIDED)
        else:
            is_exact = row.verdict != "approved"
            found.append(Decided(0 if row.verdict == "refused" else row.heads, is_exact))
    return found


def course_end(first: date, weeks: Decimal) -> date:
    """The day after the last one of a course, or a training, that begins on ``first``."""
    return first + timedelta(days=ceil(7 * weeks))


def course_days(months: Sequence[date], days: Sequence[date], weeks: Decimal) -> list[list[int]]:
    """``[first month][month]``: the open ``days`` within ``weeks`` of the first day of a month."""
    positions = {(first.year, first.month): i for i, first in enumerate(months)}
    found = []
    for first in months:
        over = course_end(first, weeks)
        counts = [0] * len(months)
        for day in days:
            if first <= day < over:
                counts[positions[day.year, day.month]] += 1
        found.append(counts)
    return found


def hiring_budgets(staffing: StaffingRow, months: Sequence[date]) -> list[float | None]:
    """Most money for hires and courses in each month; None: no limit."""
    usual = staffing.hiring_budget_per_month
    given = {row.month: row.amount for row in staffing.hiring_budgets}
    amounts = [given.get(f"{first:%Y-%m}", usual) for first in months]
    return [None if each is None else float(each) for each in amounts]
