"""Sections of factory-1 that describe the plant: settings, calendars, people, work centres, routings."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from inventory.models import Item
from planning.engine.factory import CalendarRow, Factory
from planning.engine.numbers import plain_values
from planning.loading import (
    CASH_COLUMNS,
    OPERATION_COLUMNS,
    POLICY_COLUMNS,
    SKILL_COLUMNS,
    STAFFING_COLUMNS,
    WAY_COLUMNS,
    WORK_CENTRE_COLUMNS,
)
from planning.models import (
    SINGLETON_ID,
    Closure,
    CrossTraining,
    ExtraShift,
    FactorySettings,
    HiringBudget,
    Operation,
    OperationAlternate,
    SetupTime,
    Shift,
    Skill,
    SkillRaise,
    SkillRamp,
    SkillRatio,
    SkillShift,
    WorkCalendar,
    WorkCentre,
)
from planning.services.exchange.sync import Key, Session, Wanted

Calendars = dict[Key, WorkCalendar]
Skills = dict[Key, Skill]
WorkCentres = dict[Key, WorkCentre]


def columns_of(row: Any, names: tuple[str, ...], *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The values of a row of the file whose keys are columns of the same name."""
    return {name: getattr(row, name) for name in names if name not in without}


def sync_settings(session: Session, factory: Factory) -> None:
    """The one row about the factory. What the file leaves out of it stays, unless all is replaced."""
    existing = FactorySettings.objects.first()
    given = factory.model_fields_set
    is_whole = session.replace or existing is None
    values: dict[str, Any] = {
        "name": factory.name,
        "as_of": factory.as_of,
        "horizon_end": factory.horizon_end,
    }
    for name in ("about", "currency", "time_zone"):
        if is_whole or name in given:
            values[name] = plain_values(getattr(factory, name))
    if is_whole or "staffing" in given:
        values |= columns_of(factory.staffing, STAFFING_COLUMNS)
    if is_whole or "policy" in given:
        values |= columns_of(factory.policy, POLICY_COLUMNS)
    if is_whole or "cash" in given:
        values |= {f"cash_{name}": getattr(factory.cash, name) for name in CASH_COLUMNS}
    session.sync(
        model=FactorySettings,
        section="factory",
        existing=[existing] if existing else [],
        key_of=lambda row: (row.pk,),
        wanted=[Wanted(key=(SINGLETON_ID,), path="", columns={"pk": SINGLETON_ID}, values=values)],
    )


def sync_calendars(session: Session, factory: Factory) -> Calendars:
    """Calendars; the shifts, closures and extra shifts of one that is mentioned are those of the file."""
    calendars = session.sync(
        model=WorkCalendar,
        section="calendars",
        existing=WorkCalendar.objects.all(),
        key_of=lambda row: (row.code,),
        wanted=[
            Wanted(key=(row.code,), path=f"/calendars/{i}", columns={"code": row.code}, values={})
            for i, row in enumerate(factory.calendars)
        ],
    )
    rows = list(enumerate(factory.calendars))
    session.sync(
        model=Shift,
        section="calendars",
        existing=Shift.objects.select_related("calendar"),
        key_of=lambda row: (row.calendar.code, tuple(row.days), row.start, row.end),
        wanted=[want for i, row in rows for want in _shifts(i, row, calendars)],
        scope=calendars.keys(),
        parents=calendars,
    )
    session.sync(
        model=Closure,
        section="calendars",
        existing=Closure.objects.select_related("calendar"),
        key_of=lambda row: (row.calendar.code, row.closed_from, row.closed_to, row.name),
        wanted=[want for i, row in rows for want in _closures(i, row, calendars)],
        scope=calendars.keys(),
        parents=calendars,
    )
    session.sync(
        model=ExtraShift,
        section="calendars",
        existing=ExtraShift.objects.select_related("calendar"),
        key_of=lambda row: (row.calendar.code, row.date, row.start, row.end),
        wanted=[want for i, row in rows for want in _extra_shifts(i, row, calendars)],
        scope=calendars.keys(),
        parents=calendars,
    )
    return calendars


def _shifts(i: int, calendar: CalendarRow, calendars: Calendars) -> list[Wanted]:
    wanted = []
    for j, row in enumerate(calendar.shifts):
        days = sorted(row.days)
        start, end = dt.time.fromisoformat(row.start), dt.time.fromisoformat(row.end)
        wanted.append(
            Wanted(
                key=(calendar.code, tuple(days), start, end),
                path=f"/calendars/{i}/shifts/{j}",
                columns={"calendar": calendars[calendar.code,], "days": days, "start": start, "end": end},
                values={},
            )
        )
    return wanted


def _closures(i: int, calendar: CalendarRow, calendars: Calendars) -> list[Wanted]:
    return [
        Wanted(
            key=(calendar.code, row.from_, row.to, row.name),
            path=f"/calendars/{i}/closures/{j}",
            columns={
                "calendar": calendars[calendar.code,],
                "closed_from": row.from_,
                "closed_to": row.to,
                "name": row.name,
            },
            values={},
        )
        for j, row in enumerate(calendar.closures)
    ]


def _extra_shifts(i: int, calendar: CalendarRow, calendars: Calendars) -> list[Wanted]:
    wanted = []
    for j, row in enumerate(calendar.extra_shifts):
        start, end = dt.time.fromisoformat(row.start), dt.time.fromisoformat(row.end)
        wanted.append(
            Wanted(
                key=(calendar.code, row.date, start, end),
                path=f"/calendars/{i}/extra_shifts/{j}",
                columns={"calendar": calendars[calendar.code,], "date": row.date, "start": start, "end": end},
                values={},
            )
        )
    return wanted


def sync_skills(session: Session, factory: Factory, calendars: Calendars) -> Skills:
    """Skills with their raises, shifts, ratios, ramps, ways to another skill and budgets.

    A skill without a calendar gets the first of the file, by name.
    """
    first = factory.calendars[0].code if factory.calendars else None
    skills = session.sync(
        model=Skill,
        section="skills",
        existing=Skill.objects.all(),
        key_of=lambda row: (row.code,),
        wanted=[
            Wanted(
                key=(row.code,),
                path=f"/skills/{i}",
                columns={"code": row.code},
                values={
                    **columns_of(row, SKILL_COLUMNS, without=("code",)),
                    "calendar": calendars[row.calendar or first,],
                },
            )
            for i, row in enumerate(factory.skills)
        ],
    )
    session.sync(
        model=SkillRaise,
        section="skills",
        existing=SkillRaise.objects.select_related("skill"),
        key_of=lambda row: (row.skill.code, row.raised_from),
        wanted=[
            Wanted(
                key=(row.code, each.from_),
                path=f"/skills/{i}/raises/{j}",
                columns={"skill": skills[row.code,], "raised_from": each.from_},
                values={"wage_per_hour": each.wage_per_hour},
            )
            for i, row in enumerate(factory.skills)
            for j, each in enumerate(row.raises)
        ],
        scope=skills.keys(),
        parents=skills,
    )
    session.sync(
        model=SkillShift,
        section="skills",
        existing=SkillShift.objects.select_related("skill"),
        key_of=lambda row: (row.skill.code, row.name, "shift"),
        wanted=[
            Wanted(
                key=(row.code, each.name, "shift"),
                path=f"/skills/{i}/shifts/{j}",
                columns={"skill": skills[row.code,], "name": each.name},
                values={
                    **columns_of(each, ("premium", "max_heads")),
                    "start": dt.time.fromisoformat(each.start),
                    "end": dt.time.fromisoformat(each.end),
                },
            )
            for i, row in enumerate(factory.skills)
            for j, each in enumerate(row.shifts)
        ],
        scope=skills.keys(),
        parents=skills,
    )
    if session.replace or "staffing" in factory.model_fields_set:
        _sync_ratios_and_ramps(session, factory, skills)
        _sync_ways_and_budgets(session, factory, skills)
    return skills


def _sync_ratios_and_ramps(session: Session, factory: Factory, skills: Skills) -> None:
    ratios, ramps = factory.staffing.ratios, factory.staffing.ramps
    session.sync(
        model=SkillRatio,
        section="staffing",
        existing=SkillRatio.objects.select_related("skill"),
        key_of=lambda row: (row.skill.code,),
        wanted=[
            Wanted(
                key=(row.skill,),
                path=f"/staffing/ratios/{i}",
                columns={"skill": skills[row.skill,]},
                values={"per_direct_heads": row.per_direct_heads},
            )
            for i, row in enumerate(ratios)
        ],
        scope=[()],
    )
    session.sync(
        model=SkillRamp,
        section="staffing",
        existing=SkillRamp.objects.select_related("skill"),
        key_of=lambda row: (row.skill.code, "ramp"),
        wanted=[
            Wanted(
                key=(row.skill, "ramp"),
                path=f"/staffing/ramps/{i}",
                columns={"skill": skills[row.skill,]},
                values=columns_of(row, ("target_headcount", "max_per_month")),
            )
            for i, row in enumerate(ramps)
        ],
        scope=[()],
    )


def _sync_ways_and_budgets(session: Session, factory: Factory, skills: Skills) -> None:
    session.sync(
        model=CrossTraining,
        section="staffing",
        existing=CrossTraining.objects.select_related("from_skill", "to_skill"),
        key_of=lambda row: (row.from_skill.code, row.to_skill.code, "way"),
        wanted=[
            Wanted(
                key=(row.from_skill, row.to_skill, "way"),
                path=f"/staffing/cross_training/{i}",
                columns={"from_skill": skills[row.from_skill,], "to_skill": skills[row.to_skill,]},
                values=columns_of(row, WAY_COLUMNS),
            )
            for i, row in enumerate(factory.staffing.cross_training)
        ],
        scope=[()],
    )
    session.sync(
        model=HiringBudget,
        section="staffing",
        existing=HiringBudget.objects.all(),
        key_of=lambda row: (row.month, "budget"),
        wanted=[
            Wanted(
                key=(row.month, "budget"),
                path=f"/staffing/hiring_budgets/{i}",
                columns={"month": row.month},
                values={"amount": row.amount},
            )
            for i, row in enumerate(factory.staffing.hiring_budgets)
        ],
        scope=[()],
    )


def sync_work_centres(session: Session, factory: Factory, calendars: Calendars) -> WorkCentres:
    """Work centres and the setup times on them."""
    work_centres = session.sync(
        model=WorkCentre,
        section="work_centres",
        existing=WorkCentre.objects.all(),
        key_of=lambda row: (row.code,),
        wanted=[
            Wanted(
                key=(row.code,),
                path=f"/work_centres/{i}",
                columns={"code": row.code},
                values={
                    **columns_of(row, WORK_CENTRE_COLUMNS, without=("code",)),
                    "calendar": calendars[row.calendar,],
                },
            )
            for i, row in enumerate(factory.work_centres)
        ],
    )
    session.sync(
        model=SetupTime,
        section="setup_times",
        existing=SetupTime.objects.select_related("work_centre"),
        key_of=lambda row: (row.work_centre.code, row.from_family, row.to_family),
        wanted=[
            Wanted(
                key=(row.work_centre, row.from_family, row.to_family),
                path=f"/setup_times/{i}",
                columns={
                    "work_centre": work_centres[row.work_centre,],
                    "from_family": row.from_family,
                    "to_family": row.to_family,
                },
                values={"hours": row.hours},
            )
            for i, row in enumerate(factory.setup_times)
        ],
    )
    return work_centres


def sync_routings(
    session: Session, factory: Factory, items: Mapping[Key, Item], work_centres: WorkCentres, skills: Skills
) -> None:
    """Operations; the routing of an item that is mentioned is that of the file."""
    rows = [
        (item, operation, f"/routings/{item}/{j}")
        for item, operations in factory.routings.items()
        for j, operation in enumerate(operations)
    ]
    operations = session.sync(
        model=Operation,
        section="routings",
        existing=Operation.objects.select_related("item"),
        key_of=lambda row: (row.item.code, row.seq),
        wanted=[
            Wanted(
                key=(item, row.seq),
                path=path,
                columns={"item": items[item,], "seq": row.seq},
                values={
                    **columns_of(row, OPERATION_COLUMNS, without=("seq",)),
                    "work_centre": work_centres[row.work_centre,] if row.work_centre else None,
                    "skill": skills[row.skill,] if row.skill else None,
                },
            )
            for item, row, path in rows
        ],
        scope={(item,) for item in factory.routings},
    )
    session.sync(
        model=OperationAlternate,
        section="routings",
        existing=OperationAlternate.objects.select_related("operation__item", "work_centre"),
        key_of=lambda row: (row.operation.item.code, row.operation.seq, row.work_centre.code),
        wanted=[
            Wanted(
                key=(item, row.seq, alternate.work_centre),
                path=f"{path}/alternates/{k}",
                columns={
                    "operation": operations[item, row.seq],
                    "work_centre": work_centres[alternate.work_centre,],
                },
                values={"speed": alternate.speed},
            )
            for item, row, path in rows
            for k, alternate in enumerate(row.alternates)
        ],
        scope=operations.keys(),
        parents=operations,
    )
