"""Heads and hours of every skill and month, recomputed from the plan's hires, layoffs and operations."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from planning.engine.factory import AbsenceRow, SkillRow
from planning.engine.plan import StaffingMonth
from planning.engine.verify.calendars import DAY, OpenTime, month_of, next_month
from planning.engine.verify.facts import Facts

_SANE = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of the plan: paid days are ``[start, end)``, within ``as_of`` and ``horizon_end``."""

    name: str
    first: date
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillMonth:
    """What one skill has and needs in one month; hours are standard hours."""

    skill: SkillRow
    month: Month
    hires: int
    layoffs: int
    temp_heads: float
    leavers: float
    after_attrition: float
    heads: float
    open_days: int
    available: float
    required: float
    can_start: bool

    @property
    def overtime(self) -> float:
        return max(0.0, self.required - self.available)

    @property
    def regular_cost(self) -> float:
        return self.heads * self.open_days * float(self.skill.hours_per_day) * float(self.skill.wage_per_hour)

    @property
    def overtime_cost(self) -> float:
        worked = self.overtime / float(self.skill.labour_efficiency or 1)
        return worked * float(self.skill.wage_per_hour) * float(self.skill.overtime_premium or 0)

    @property
    def temporary_cost(self) -> float:
        hours = self.temp_heads * self.open_days * float(self.skill.hours_per_day)
        return hours * float(self.skill.temp_wage_per_hour or 0)

    @property
    def hiring_cost(self) -> float:
        return self.hires * float(self.skill.hire_cost or 0)

    @property
    def severance_cost(self) -> float:
        hours = float(self.skill.severance_weeks or 0) * 5 * float(self.skill.hours_per_day)
        return self.layoffs * hours * float(self.skill.wage_per_hour)

    @property
    def cost(self) -> float:
        parts = (
            self.regular_cost,
            self.overtime_cost,
            self.temporary_cost,
            self.hiring_cost,
            self.severance_cost,
        )
        return sum(parts)


def months_of(facts: Facts) -> list[Month]:
    """The months from ``as_of`` to ``horizon_end``."""
    found = []
    first = facts.as_of.replace(day=1)
    while first < facts.factory.horizon_end:
        after = next_month(first)
        found.append(
            Month(
                name=month_of(first),
                first=first,
                start=max(first, facts.as_of),
                end=min(after, facts.factory.horizon_end),
            )
        )
        first = after
    return found


def is_sane(row: StaffingMonth) -> bool:
    """Are the decisions of ``row`` numbers a plant could have?"""
    return abs(row.hires) < _SANE and abs(row.layoffs) < _SANE and abs(row.temp_heads) < _SANE


def staffing_rows(facts: Facts) -> dict[tuple[str, str], StaffingMonth]:
    """The plan's sane rows by skill and month; of a repeated one the first."""
    found: dict[tuple[str, str], StaffingMonth] = {}
    for row in facts.plan.staffing:
        if is_sane(row):
            found.setdefault((row.skill, row.month), row)
    return found


def skill_months(facts: Facts) -> dict[tuple[str, str], SkillMonth]:
    """Every skill in every month, in order; a month without a row has no hires, layoffs or temporary
    heads.
    """
    months = months_of(facts)
    rows = staffing_rows(facts)
    required = required_hours(facts)
    found: dict[tuple[str, str], SkillMonth] = {}
    for skill in facts.factory.skills:
        open_time = facts.open_time[skill.calendar or ""]
        heads = float(skill.headcount)
        cohorts: list[tuple[date, int]] = []
        for month in months:
            row = rows.get((skill.code, month.name))
            hires, layoffs = (row.hires, row.layoffs) if row else (0, 0)
            leavers = 0.0 if month is months[0] else heads * float(skill.attrition_per_month or 0)
            after = heads - leavers
            heads = after + hires - layoffs
            if hires > 0:
                cohorts.append((month.first, hires))
            temps = row.temp_heads if row else 0.0
            days = open_time.open_days(month.start, month.end)
            found[skill.code, month.name] = SkillMonth(
                skill=skill,
                month=month,
                hires=hires,
                layoffs=layoffs,
                temp_heads=temps,
                leavers=leavers,
                after_attrition=after,
                heads=heads,
                open_days=days,
                available=_available(
                    skill,
                    month,
                    open_time,
                    (heads, temps, days),
                    cohorts,
                    _days_absent(facts.absences.get(skill.code, []), month, open_time),
                ),
                required=required.get((skill.code, month.name), 0.0),
                can_start=bool(skill.can_hire)
                and (month.first - facts.as_of).days >= (skill.hire_lead_days or 0),
            )
    return found


def _available(
    skill: SkillRow,
    month: Month,
    open_time: OpenTime,
    heads: tuple[float, float, int],
    cohorts: list[tuple[date, int]],
    days_absent: float,
) -> float:
    """Standard hours of a month: of paid heads less what those in training do not yet give and those who are
    absent do not give, and of temporary heads.
    """
    paid, temps, days = heads
    per_day = float(skill.hours_per_day)
    lost_share = 1 - float(1 if skill.training_productivity is None else skill.training_productivity)
    lost = sum(
        hired * _training_days(skill, month, open_time, first) * per_day * lost_share
        for first, hired in cohorts
    )
    lost += days_absent * per_day
    standard = (1 - float(skill.absence_rate or 0)) * float(skill.labour_efficiency or 1)
    return max(0.0, (paid * days * per_day - lost) * standard + temps * days * per_day * standard)


def _days_absent(rows: list[AbsenceRow], month: Month, open_time: OpenTime) -> float:
    """Heads that are absent on the open days of ``month``, each day counted by itself."""
    return sum(
        float(row.heads) * open_time.open_days(max(row.from_, month.start), min(row.to, month.end))
        for row in rows
    )


def _training_days(skill: SkillRow, month: Month, open_time: OpenTime, hired: date) -> int:
    """Open days of ``month`` on which those who came on ``hired`` are still in training."""
    weeks = float(skill.training_weeks or 0)
    day, count = max(month.start, hired), 0
    while day < month.end and (day - hired).days < 7 * weeks:
        count += open_time.is_open_day(day)
        day += DAY
    return count


def required_hours(facts: Facts) -> dict[tuple[str, str], float]:
    """Crew-hours of the operations by skill and month, also of months past the horizon."""
    minutes: dict[tuple[str, str], int] = defaultdict(int)
    for op in facts.ops:
        skill, centre = op.step.skill, op.centre
        if skill is None or centre is None:
            continue
        open_time = facts.open_of(centre, op.row.station)
        start = op.start
        while start < op.end:
            day = facts.local.day(start)
            until = min(op.end, facts.local.midnight(next_month(day)))
            minutes[skill, month_of(day)] += op.step.crew * open_time.open_minutes(start, until)
            start = until
    return {key: value / 60 for key, value in minutes.items()}
