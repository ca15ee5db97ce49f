"""Heads and hours of every skill and month, recomputed from the plan's hires, layoffs and operations."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from planning.engine.factory import AbsenceRow, CrossTrainingRow, HiringDecisionRow, SkillRow
from planning.engine.plan import SkillChange, StaffingMonth
from planning.engine.verify.calendars import DAY, OpenTime, month_of, next_month
from planning.engine.verify.crews import hours_by_shift, premium
from planning.engine.verify.facts import Facts

HEADS_SLACK = 1e-4
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
    """What one skill has and needs in one month; hours are standard hours. ``least`` hires come because
    somebody decided so, and no others where ``is_exact``.
    """

    skill: SkillRow
    month: Month
    hires: int
    layoffs: int
    temp_heads: float
    moved_in: int
    moved_out: int
    course_cost: float
    training_heads: float
    wage: float
    least: int
    is_exact: bool
    leavers: float
    after_attrition: float
    heads: float
    open_days: int
    available: float
    required: float
    premium_cost: float
    can_start: bool

    @property
    def overtime(self) -> float:
        return max(0.0, self.required - self.available)

    @property
    def regular_cost(self) -> float:
        return self.heads * self.open_days * float(self.skill.hours_per_day) * self.wage

    @property
    def overtime_cost(self) -> float:
        worked = self.overtime / float(self.skill.labour_efficiency or 1)
        return worked * self.wage * float(self.skill.overtime_premium or 0)

    @property
    def temporary_cost(self) -> float:
        hours = self.temp_heads * self.open_days * float(self.skill.hours_per_day)
        given = self.skill.temp_wage_per_hour
        return hours * (self.wage if given is None else float(given))

    @property
    def hiring_cost(self) -> float:
        """Hires, and the courses of those who come from another skill."""
        return self.hires * float(self.skill.hire_cost or 0) + self.course_cost

    @property
    def severance_cost(self) -> float:
        hours = float(self.skill.severance_weeks or 0) * 5 * float(self.skill.hours_per_day)
        return self.layoffs * hours * self.wage

    @property
    def cost(self) -> float:
        parts = (
            self.regular_cost,
            self.overtime_cost,
            self.temporary_cost,
            self.premium_cost,
            self.hiring_cost,
            self.severance_cost,
        )
        return sum(parts)


def name_of(key: tuple[str, str]) -> str:
    """How a violation calls a skill's month."""
    return f"{key[0]} {key[1]}"


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


def skill_changes(facts: Facts) -> dict[tuple[str, str, str], int]:
    """People who change, by the skills that they leave and learn and the month; of a repeated row the first,
    of unknown ways, months or numbers none.
    """
    ways = {(row.from_skill, row.to_skill) for row in facts.factory.staffing.cross_training}
    months = {month.name for month in months_of(facts)}
    found: dict[tuple[str, str, str], int] = {}
    for row in facts.plan.skill_changes:
        if (row.from_skill, row.to_skill) in ways and row.month in months and is_sane_change(row):
            found.setdefault((row.from_skill, row.to_skill, row.month), row.heads)
    return found


def is_sane_change(row: SkillChange) -> bool:
    """Is the number of people one that a plant could have?"""
    return abs(row.heads) < _SANE


def skill_months(facts: Facts) -> dict[tuple[str, str], SkillMonth]:
    """Every skill in every month, in order; a month without a row has no hires, layoffs or temporary
    heads.
    """
    months = months_of(facts)
    rows = staffing_rows(facts)
    required = required_hours(facts)
    changes = skill_changes(facts)
    in_shifts = hours_by_shift(facts)
    ways = {(row.from_skill, row.to_skill): row for row in facts.factory.staffing.cross_training}
    decisions = {(row.skill, row.month): row for row in facts.factory.hiring_decisions}
    found: dict[tuple[str, str], SkillMonth] = {}
    for skill in facts.factory.skills:
        open_time = facts.open_time[skill.calendar or ""]
        heads = float(skill.headcount)
        cohorts: list[Cohort] = []
        for month in months:
            row = rows.get((skill.code, month.name))
            hires, layoffs = (row.hires, row.layoffs) if row else (0, 0)
            moved_in, moved_out, course_cost = 0, 0, 0.0
            for (source, target, name), moved in changes.items():
                if name == month.name and target == skill.code:
                    moved_in += moved
                    course_cost += moved * float(ways[source, target].cost)
                    cohorts.append(_course(month, moved, ways[source, target]))
                if name == month.name and source == skill.code:
                    moved_out += moved
            leavers = 0.0 if month is months[0] else heads * float(skill.attrition_per_month or 0)
            after = heads - leavers
            heads = after + hires - layoffs + moved_in - moved_out
            if hires > 0:
                cohorts.append(_training(month, hires, skill))
            temps = row.temp_heads if row else 0.0
            days = open_time.open_days(month.start, month.end)
            least, is_exact = _decided(facts, decisions.get((skill.code, month.name)), month)
            wage = _wage(skill, month, open_time)
            found[skill.code, month.name] = SkillMonth(
                skill=skill,
                month=month,
                hires=hires,
                layoffs=layoffs,
                temp_heads=temps,
                moved_in=moved_in,
                moved_out=moved_out,
                course_cost=course_cost,
                training_heads=sum(each.heads for each in cohorts if _days_of(each, month, open_time)),
                wage=wage,
                least=least,
                is_exact=is_exact,
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
                premium_cost=sum(
                    premium(skill, row, in_shifts[skill.code, month.name, row.name], wage)
                    for row in skill.shifts
                ),
                can_start=bool(skill.can_hire)
                and (month.first - facts.as_of).days >= (skill.hire_lead_days or 0),
            )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """``heads`` who began on ``first`` and lack ``share`` of their hours for so many ``weeks``."""

    first: date
    heads: int
    weeks: float
    share: float


def _training(month: Month, hires: int, skill: SkillRow) -> Cohort:
    """New hires, and what their trainers give up."""
    gives = float(1 if skill.training_productivity is None else skill.training_productivity)
    share = 1 - gives + float(skill.trainer_share or 0)
    return Cohort(first=month.first, heads=hires, weeks=float(skill.training_weeks or 0), share=share)


def _course(month: Month, moved: int, way: CrossTrainingRow) -> Cohort:
    return Cohort(first=month.first, heads=moved, weeks=float(way.weeks), share=1 - float(way.productivity))


def _decided(facts: Facts, row: HiringDecisionRow | None, month: Month) -> tuple[int, bool]:
    """Least hires that a decision asks for, and whether no others may come; nothing in a month that began
    before the planning date.
    """
    if row is None or month.first < facts.as_of:
        return 0, False
    return (0 if row.verdict == "refused" else row.heads), row.verdict != "approved"


def _wage(skill: SkillRow, month: Month, open_time: OpenTime) -> float:
    """The mean of the wages on the open days of a month, that of its first day where it has none."""
    total, count, day = 0.0, 0, month.start
    while skill.raises and day < month.end:
        if open_time.is_open_day(day):
            total += _wage_on(skill, day)
            count += 1
        day += DAY
    return total / count if count else _wage_on(skill, month.first)


def _wage_on(skill: SkillRow, day: date) -> float:
    wage, since = skill.wage_per_hour, date.min
    for row in skill.raises:
        if since <= row.from_ <= day:
            wage, since = row.wage_per_hour, row.from_
    return float(wage)


def _available(
    skill: SkillRow,
    month: Month,
    open_time: OpenTime,
    heads: tuple[float, float, int],
    cohorts: list[Cohort],
    days_absent: float,
) -> float:
    """Standard hours of a month: of paid heads less what those in training and in courses do not yet give
    and those who are absent do not give, and of temporary heads.
    """
    paid, temps, days = heads
    per_day = float(skill.hours_per_day)
    lost = sum(each.heads * _days_of(each, month, open_time) * per_day * each.share for each in cohorts)
    lost += days_absent * per_day
    standard = (1 - float(skill.absence_rate or 0)) * float(skill.labour_efficiency or 1)
    return max(0.0, (paid * days * per_day - lost) * standard + temps * days * per_day * standard)


def _days_absent(rows: list[AbsenceRow], month: Month, open_time: OpenTime) -> float:
    """Heads that are absent on the open days of ``month``, each day counted by itself."""
    return sum(
        float(row.heads) * open_time.open_days(max(row.from_, month.start), min(row.to, month.end))
        for row in rows
    )


def _days_of(cohort: Cohort, month: Month, open_time: OpenTime) -> int:
    """Open days of ``month`` on which a cohort is still in training."""
    day, count = max(month.start, cohort.first), 0
    while day < month.end and (day - cohort.first).days < 7 * cohort.weeks:
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
        open_time = facts.open_for(op)
        start = op.start
        while start < op.end:
            day = facts.local.day(start)
            until = min(op.end, facts.local.midnight(next_month(day)))
            minutes[skill, month_of(day)] += op.step.crew * open_time.open_minutes(start, until)
            start = until
    return {key: value / 60 for key, value in minutes.items()}
