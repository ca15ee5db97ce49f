"""The workforce of a plan: skills by month with what is paid, productive, required and in training, hires
with the day by which they are asked for and what was decided on them, cost and cash.

Heads that hours stand for are hours / what one trained head gives in the month: open days x hours a day x
(1 - absence rate) x efficiency, all as the plan's own input had them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import ceil

from planning.engine.verify.calendars import LocalTime, OpenTime, next_month
from planning.models import (
    CashMonth,
    HiringDecision,
    LabourShift,
    LabourWeek,
    PlanException,
    SkillChange,
    StaffingMonth,
)
from planning.selectors.frozen import FrozenInput, get_frozen
from planning.selectors.results import (
    list_cash,
    list_labour_shifts,
    list_labour_weeks,
    list_people_exceptions,
    list_skill_changes,
)
from planning.selectors.staffing import SkillMonths, StaffingTable, get_staffing_table

_ALMOST = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One skill in one month. Of one trained head ``head_hours`` are the standard hours, ``paid_head_hours``
    those paid; ``least_heads`` are what rules ask for beside the hours of operations.
    """

    row: StaffingMonth
    head_hours: float
    paid_head_hours: float
    least_heads: float

    @property
    def paid_hours(self) -> float:
        """Regular hours on the payroll, temporary people left out."""
        return self.row.headcount * self.paid_head_hours

    @property
    def temp_hours(self) -> float:
        return self.row.temp_heads * self.paid_head_hours

    @property
    def productive_heads(self) -> float:
        """What the available hours are worth in trained heads, temporary people among them."""
        return self.row.available_hours / self.head_hours if self.head_hours else 0.0

    @property
    def required_heads(self) -> float:
        """What the operations' hours need in trained heads, and at least what the rules ask for."""
        by_hours = self.row.required_hours / self.head_hours if self.head_hours else 0.0
        return max(by_hours, self.least_heads)

    @property
    def load_percent(self) -> float:
        return 100 * self.row.required_hours / self.row.available_hours if self.row.available_hours else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Something to read in every cell. ``is_sum``: months of skills may be added up; ``is_money``: only for
    who sees wages.
    """

    name: str
    label: str
    read: Callable[[Cell], float]
    places: int = 0
    is_sum: bool = True
    is_money: bool = False


MEASURES = {
    one.name: one
    for one in (
        Measure(name="heads", label="Heads", read=lambda cell: cell.row.headcount, places=1),
        Measure(name="required", label="Required hours", read=lambda cell: cell.row.required_hours),
        Measure(name="paid", label="Paid hours", read=lambda cell: cell.paid_hours),
        Measure(name="productive", label="Productive hours", read=lambda cell: cell.row.available_hours),
        Measure(name="training", label="In training", read=lambda cell: cell.row.training_heads, places=1),
        Measure(name="load", label="Load %", read=lambda cell: cell.load_percent, is_sum=False),
        Measure(name="overtime", label="Overtime hours", read=lambda cell: cell.row.overtime_hours),
        Measure(name="temporary", label="Temporary hours", read=lambda cell: cell.temp_hours),
        Measure(name="cost", label="Cost", read=lambda cell: cell.row.cost, is_money=True),
        Measure(
            name="wage",
            label="Wage per hour",
            read=lambda cell: cell.row.wage_per_hour,
            places=2,
            is_sum=False,
            is_money=True,
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hire:
    """People who start in a month, and what is decided on them by now."""

    skill: SkillMonths
    row: StaffingMonth
    decision: HiringDecision | None


@dataclass(frozen=True, kw_only=True)
class Workforce:
    """All that is told of a plan's people. ``cells[skill, month]`` has no entry where the plan has no row."""

    frozen: FrozenInput
    table: StaffingTable
    cells: dict[tuple[str, str], Cell]
    hires: tuple[Hire, ...]
    changes: tuple[SkillChange, ...]
    weeks: tuple[LabourWeek, ...]
    shifts: tuple[LabourShift, ...]
    cash: tuple[CashMonth, ...]
    troubles: tuple[PlanException, ...]

    def of(self, skill: str, month: str) -> Cell | None:
        return self.cells.get((skill, month))

    def total(self, measure: Measure, month: str) -> float:
        """Over all skills."""
        return sum(measure.read(cell) for (_, name), cell in self.cells.items() if name == month)

    @cached_property
    def names(self) -> dict[str, str]:
        """Names of skills by their code."""
        return {skill.code: skill.name for skill in self.table.skills}


def get_workforce(version: int, *, wages: bool) -> Workforce:
    """The workforce of a plan that has been built; what is wrong with wages only with ``wages``. 9 queries,
    however many skills and months.
    """
    frozen, table = get_frozen(version), get_staffing_table(version)
    decisions = {
        (row.skill.code, row.month): row
        for row in HiringDecision.objects.select_related("skill", "decided_by")
    }
    return Workforce(
        frozen=frozen,
        table=table,
        cells=dict(_cells(frozen, table)),
        hires=tuple(_hires(table, decisions)),
        changes=tuple(list_skill_changes(version)),
        weeks=tuple(list_labour_weeks(version)),
        shifts=tuple(list_labour_shifts(version)),
        cash=tuple(list_cash(version)),
        troubles=tuple(list_people_exceptions(version, frozen.skills, wages=wages)),
    )


def _hires(table: StaffingTable, decisions: dict[tuple[str, str], HiringDecision]) -> Iterator[Hire]:
    """By the day on which the requisition must go out; months with a decision and no hires are told too."""
    found = [
        Hire(skill=skill, row=row, decision=decisions.get((skill.code, month)))
        for skill in table.skills
        for month, row in skill.months.items()
        if row.hires or (skill.code, month) in decisions
    ]
    yield from sorted(
        found, key=lambda each: (each.row.requisition_by or _first(each.row.month), each.skill.code)
    )


def _first(month: str) -> dt.date:
    return dt.date.fromisoformat(f"{month}-01")


def _cells(frozen: FrozenInput, table: StaffingTable) -> Iterator[tuple[tuple[str, str], Cell]]:
    days = _open_days(frozen, table)
    direct = {total.month: total.direct_heads for total in table.totals}
    for skill in table.skills:
        rule = frozen.skills[skill.code]
        day = float(rule.hours_per_day)
        share = (1 - float(rule.absence_rate or 0)) * float(rule.labour_efficiency or 1)
        has_load = any(row.required_hours for row in skill.months.values())
        for month, row in skill.months.items():
            paid_head_hours = days[rule.calendar or "", month] * day
            yield (
                (skill.code, month),
                Cell(
                    row=row,
                    head_hours=paid_head_hours * share,
                    paid_head_hours=paid_head_hours,
                    least_heads=_least(frozen, skill.code, direct[month], has_load=has_load),
                ),
            )


def _least(frozen: FrozenInput, code: str, direct_heads: float, *, has_load: bool) -> float:
    """What the least, ratios and ramps ask for; a skill with none of them and no load is held as it is."""
    skill = frozen.skills[code]
    asked = [
        *(
            ceil(direct_heads / float(row.per_direct_heads) - _ALMOST)
            for row in frozen.staffing.ratios
            if row.skill == code
        ),
        *(row.target_headcount for row in frozen.staffing.ramps if row.skill == code),
    ]
    if not asked and not has_load:
        asked = [skill.headcount]
    return float(max([*asked, skill.min_headcount or 0]))


def _open_days(frozen: FrozenInput, table: StaffingTable) -> dict[tuple[str, str], int]:
    """Open days of calendars by month, as far as it is planned."""
    local = LocalTime(frozen.zone.key)
    found: dict[tuple[str, str], int] = defaultdict(int)
    for code in {row.calendar for row in frozen.skills.values() if row.calendar}:
        open_time = OpenTime(frozen.calendars[code], local, frozen.as_of, frozen.as_of)
        for month in table.months:
            first = _first(month)
            start, end = max(first, frozen.as_of), min(next_month(first), frozen.horizon_end)
            found[code, month] = open_time.open_days(start, end)
    return found
