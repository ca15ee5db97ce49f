"""Write the people of a draft out as plan-1: staffing by month, changes of skill, hours by week."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta

from planning.engine.draft import Draft
from planning.engine.model_spans import WEEKS
from planning.engine.plan import LabourShift, LabourWeek, PlanException, SkillChange, StaffingMonth
from planning.engine.shop import Shop, Skill
from planning.engine.skill_shifts import minutes_by_shift, premium
from planning.engine.timegrid import next_month
from planning.engine.workforce import skill_month_cost

HOURS_SLACK = 0.01


def staffing_rows(shop: Shop, draft: Draft) -> tuple[StaffingMonth, ...]:
    rows = []
    staffing = draft.staffing
    for skill in shop.skills:
        attrition = float(skill.row.attrition_per_month or 0)
        for month, first in enumerate(shop.grid.months):
            hires = staffing.hires[skill.index][month]
            before = staffing.heads[skill.index][month - 1] if month else 0.0
            lead = timedelta(days=skill.row.hire_lead_days or 0)
            rows.append(
                StaffingMonth(
                    skill=skill.code,
                    month=f"{first:%Y-%m}",
                    headcount=staffing.heads[skill.index][month],
                    hires=hires,
                    requisition_by=first - lead if hires else None,
                    leavers=before * attrition,
                    layoffs=staffing.layoffs[skill.index][month],
                    temp_heads=float(staffing.temps[skill.index][month]),
                    available_hours=staffing.available[skill.index][month],
                    required_hours=draft.schedule.minutes[skill.index][month] / 60,
                    overtime_hours=staffing.overtime[skill.index][month],
                    cost=skill_month_cost(shop, staffing, skill.index, month)["total"],
                    moved_in=staffing.changes.arrivals[skill.index][month],
                    moved_out=staffing.changes.departures[skill.index][month],
                    training_heads=_training_heads(shop, draft, skill, month),
                    wage_per_hour=skill.wages[month],
                )
            )
    return tuple(rows)


def _training_heads(shop: Shop, draft: Draft, skill: Skill, month: int) -> float:
    """Heads who are in training, or in a course, on some open day of ``month``."""
    hires = draft.staffing.hires[skill.index]
    hired = sum(hires[start] for start in range(month + 1) if skill.training_days[start][month])
    return float(hired + draft.staffing.changes.in_course[skill.index][month])


def skill_changes(shop: Shop, draft: Draft) -> tuple[SkillChange, ...]:
    """The ways of cross-training that are taken, and when."""
    return tuple(
        SkillChange(
            from_skill=shop.skills[way.source].code,
            to_skill=shop.skills[way.target].code,
            month=f"{first:%Y-%m}",
            heads=heads,
        )
        for way, row in zip(shop.ways, draft.staffing.changes.heads, strict=True)
        for first, heads in zip(shop.grid.months, row, strict=True)
        if heads
    )


def labour_weeks(shop: Shop, draft: Draft) -> tuple[LabourWeek, ...]:
    """Every skill that works, and every one of the first weeks; hours of a month by open days."""
    monday = shop.grid.as_of - timedelta(days=shop.grid.as_of.weekday())
    weeks = [monday + timedelta(days=7 * number) for number in range(WEEKS)]
    weeks = [week for week in weeks if week < shop.grid.horizon_end]
    required = _required_by_week(shop, draft, weeks)
    asked = {step.skill for route in shop.routes for step in route if step.skill >= 0}
    return tuple(
        LabourWeek(
            skill=skill.code,
            week=week,
            available_hours=sum(_hours_in(shop, draft, skill, week)),
            required_hours=required[skill.index, number] / 60,
        )
        for skill in shop.skills
        if skill.index in asked
        for number, week in enumerate(weeks)
    )


def labour_shifts(shop: Shop, draft: Draft) -> tuple[LabourShift, ...]:
    """Every shift of every skill in every month: what operations take in it, and its premium."""
    minutes = minutes_by_shift(shop, draft.material.lots, draft.schedule)
    found = []
    for skill in shop.skills:
        for month, first in enumerate(shop.grid.months):
            for number, row in enumerate(skill.row.shifts):
                hours = minutes.get((skill.index, number, month), 0.0) / 60
                found.append(
                    LabourShift(
                        skill=skill.code,
                        month=f"{first:%Y-%m}",
                        shift=row.name,
                        hours=hours,
                        cost=premium(skill, number, month, hours),
                    )
                )
    return tuple(found)


def _hours_in(shop: Shop, draft: Draft, skill: Skill, week: date) -> Iterator[float]:
    """The shares that a week has in the hours of the months it touches."""
    grid, calendar = shop.grid, skill.row.calendar
    begin, end = max(week, grid.as_of), min(week + timedelta(days=7), grid.horizon_end)
    for month, first in enumerate(grid.months):
        if calendar is not None and first < end and begin < next_month(first) and skill.open_days[month]:
            days = grid.open_days(calendar, max(begin, first), min(end, next_month(first)))
            yield draft.staffing.available[skill.index][month] * len(days) / skill.open_days[month]


def _required_by_week(shop: Shop, draft: Draft, weeks: list[date]) -> dict[tuple[int, int], float]:
    """Crew minutes by skill and number of the week."""
    found: dict[tuple[int, int], float] = defaultdict(float)
    starts = [shop.grid.minute(week) for week in [*weeks, weeks[-1] + timedelta(days=7)]]
    for row in draft.schedule.rows:
        step = shop.routes[draft.material.lots[row.lot].item][row.step]
        if row.centre < 0 or step.skill < 0 or draft.schedule.done[row.lot] < 0:
            continue
        opened = shop.work_time(row.centre, row.station, step)
        for week in range(max(0, bisect_left(starts, row.start + 1) - 1), len(weeks)):
            begin, end = max(row.start, starts[week]), min(row.end, starts[week + 1])
            if begin >= end:
                break
            found[step.skill, week] += step.crew * (opened.count(end) - opened.count(begin))
    return found


def full_weeks(shop: Shop, weeks: tuple[LabourWeek, ...]) -> Iterator[PlanException]:
    """Skills with weeks in which more hours are planned than that week gives with overtime: they hold by
    month, so people must work longer in these weeks and less in others.
    """
    for skill in shop.skills:
        share = 1 + float(skill.row.overtime_max_share or 0)
        over = {
            row.required_hours - row.available_hours * share: row for row in weeks if row.skill == skill.code
        }
        hours = max(over, default=0.0)
        if hours > HOURS_SLACK:
            row, many = over[hours], sum(each > HOURS_SLACK for each in over)
            yield PlanException(
                code="AT_RISK_SKILL",
                severity="info",
                entity=skill.code,
                text=(
                    f"{many} of the first weeks ask for more hours of {skill.code} than their share of"
                    f" the month gives with overtime, most that of {row.week}: {row.required_hours:.1f} of"
                    f" {row.available_hours * share:.1f}. The months have enough."
                ),
                suggestion=f"Let {skill.code} work {hours:.1f} hours longer in that week, less in another.",
            )
