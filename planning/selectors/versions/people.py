"""People of two plans by month: heads and hires side by side, and the skills in which they differ."""

from collections import defaultdict
from dataclasses import dataclass

from planning.models import PlanRun, StaffingMonth

SAME_HEADS = 0.05  # attrition is an expectation: less than this is no other number of people


@dataclass(slots=True, kw_only=True)
class Heads:
    """Paid heads, hires in the month, and hours beside the regular ones."""

    heads: float = 0.0
    hires: int = 0
    temp_heads: float = 0.0
    overtime_hours: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadsChange:
    """One skill, or all of them (``skill`` empty), in one month."""

    skill: str
    month: str
    before: Heads
    after: Heads

    @property
    def change(self) -> float:
        return self.after.heads - self.before.heads

    @property
    def is_change(self) -> bool:
        """Whether heads or hires are others."""
        return abs(self.change) >= SAME_HEADS or self.before.hires != self.after.hires


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleChange:
    """``totals`` has all people of each of ``months``; ``skills`` by code the months of those that differ."""

    months: tuple[str, ...]
    names: dict[str, str]
    totals: tuple[HeadsChange, ...]
    skills: dict[str, tuple[HeadsChange, ...]]


def compare_people(before: PlanRun, after: PlanRun) -> PeopleChange:
    """1 query."""
    cells: dict[tuple[int, str, str], Heads] = {}
    totals: dict[tuple[int, str], Heads] = defaultdict(Heads)
    rows = StaffingMonth.objects.filter(run__in=[before.pk, after.pk])
    for row in rows.only("run", "skill", "month", "headcount", "hires", "temp_heads", "overtime_hours"):
        cell = Heads(
            heads=row.headcount,
            hires=row.hires,
            temp_heads=row.temp_heads,
            overtime_hours=row.overtime_hours,
        )
        cells[row.run_id, row.skill, row.month] = cell
        _add(totals[row.run_id, row.month], cell)
    months = tuple(sorted({month for _, month in totals}))

    def pair(skill: str, month: str) -> HeadsChange:
        return HeadsChange(
            skill=skill,
            month=month,
            before=cells.get((before.pk, skill, month), Heads()),
            after=cells.get((after.pk, skill, month), Heads()),
        )

    skills = {
        skill: tuple(pair(skill, month) for month in months) for skill in sorted({key[1] for key in cells})
    }
    return PeopleChange(
        months=months,
        names={row["code"]: row["name"] for run in (before, after) for row in run.skills},
        totals=tuple(
            HeadsChange(skill="", month=month, before=totals[before.pk, month], after=totals[after.pk, month])
            for month in months
        ),
        skills={code: rows for code, rows in skills.items() if any(row.is_change for row in rows)},
    )


def _add(total: Heads, cell: Heads) -> None:
    total.heads += cell.heads
    total.hires += cell.hires
    total.temp_heads += cell.temp_heads
    total.overtime_hours += cell.overtime_hours
