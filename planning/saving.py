"""A plan to rows and back: the one way in which a plan is stored, and the one in which it is read whole.

Saving is one transaction whose last statement is the fence: an update that only the current attempt can make.
Until then the run's own row stays free for those who note its progress.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

from planning.engine import plan as plan_1
from planning.engine.factory_codec import parse_json
from planning.engine.numbers import plain_values
from planning.engine.plan import Plan, PlanRow
from planning.errors import LostClaim, PlanNotFound, PlanNotReady
from planning.models import (
    BUILT,
    CashMonth,
    HiringCards,
    LabourShift,
    LabourWeek,
    LoadWeek,
    Pegging,
    PlanException,
    PlannedOperation,
    PlannedOrder,
    PlanPromise,
    PlanRun,
    PlanStatus,
    SkillChange,
    StaffingMonth,
)
from planning.models.bulk import insert_rows

# Sections of plan-1: their rows, and the tables that hold them.
SECTIONS: dict[str, tuple[type[plan_1.PlanRow], type[models.Model]]] = {
    "planned_orders": (plan_1.PlannedOrder, PlannedOrder),
    "operations": (plan_1.PlannedOperation, PlannedOperation),
    "staffing": (plan_1.StaffingMonth, StaffingMonth),
    "skill_changes": (plan_1.SkillChange, SkillChange),
    "labour_weeks": (plan_1.LabourWeek, LabourWeek),
    "labour_shifts": (plan_1.LabourShift, LabourShift),
    "cash": (plan_1.CashMonth, CashMonth),
    "load": (plan_1.LoadWeek, LoadWeek),
    "pegging": (plan_1.Pegging, Pegging),
    "promises": (plan_1.Promise, PlanPromise),
    "exceptions": (plan_1.PlanException, PlanException),
}
# Keys of the format that are columns under another name.
RENAMED: dict[type[models.Model], dict[str, str]] = {PlannedOrder: {"id": "order"}}
# Columns that are JSON, hence written with days as text and quantities as numbers.
NESTED: dict[type[models.Model], tuple[str, ...]] = {
    PlanPromise: ("deliveries", "reasons", "chain"),
    PlanException: ("shortfall",),
}


def save_plan(
    *,
    plan_id: int,
    attempt: int,
    plan: Plan,
    course: Sequence[dict[str, Any]] = (),
    require_sound: Callable[[], None] = lambda: None,
) -> None:
    """Store a plan as the result of ``attempt``, whole or not at all, with the ``course`` of its build.

    ``require_sound`` is called when all rows are written and nobody can see them yet: what it raises undoes
    them. Raises ``LostClaim`` when that attempt is not the current one; the same said twice changes nothing.
    """
    if _is_saved(plan_id, attempt):
        return
    try:
        with transaction.atomic():
            for section, (kind, table) in SECTIONS.items():
                names = RENAMED.get(table, {})
                columns = ("run", *(names.get(key, key) for key in kind.model_fields))
                insert_rows(table, columns, _values(kind, table, plan_id, getattr(plan, section)))
            if any(row.hires for row in plan.staffing):
                HiringCards.objects.create(run_id=plan_id, asked_at=Now())
            require_sound()
            _fence(plan_id, attempt, plan, course)
    except (IntegrityError, LostClaim):
        # Was the answer to our first commit lost, and did it go through while we wrote all again?
        if not _is_saved(plan_id, attempt):
            raise


def _is_saved(plan_id: int, attempt: int) -> bool:
    """Whether this very attempt saved its plan already; ``LostClaim`` when it may not any more."""
    status = PlanRun.objects.filter(pk=plan_id, attempt=attempt).values_list("status", flat=True).first()
    if status not in {PlanStatus.RUNNING, *BUILT}:
        raise _lost(plan_id, attempt)
    return status in BUILT


def _fence(plan_id: int, attempt: int, plan: Plan, course: Sequence[dict[str, Any]]) -> None:
    is_ours = PlanRun.objects.filter(pk=plan_id, attempt=attempt, status=PlanStatus.RUNNING).update(
        status=PlanStatus.READY,
        finished_at=Now(),
        lease_until=None,
        stage="",
        percent=100,
        incumbent_cost=plan.cost.total,
        course=list(course),
        engine_version=plan.engine_version,
        reproducible=plan.reproducible,
        built_at=plan.created_at,
        certificate=plain_values(plan.certificate.model_dump()),
        cost=plain_values(plan.cost.model_dump()),
        total_cost=plan.cost.total,
    )
    if not is_ours:
        raise _lost(plan_id, attempt)


def _lost(plan_id: int, attempt: int) -> LostClaim:
    return LostClaim(f"Attempt {attempt} at plan {plan_id} is not the current one.")


def _values(
    kind: type[PlanRow], table: type[models.Model], plan_id: int, rows: Iterable[PlanRow]
) -> Iterator[list[Any]]:
    """The values of each row in the order of the format's keys, after the plan they belong to."""
    read = attrgetter(*kind.model_fields)
    nested = [place for place, key in enumerate(kind.model_fields, start=1) if key in NESTED.get(table, ())]
    for row in rows:
        values = [plan_id, *read(row)]
        for place in nested:
            values[place] = [plain_values(each.model_dump()) for each in values[place]]
        yield values


def plan_from_rows(version: int) -> Plan:
    """The plan as it was saved, from its rows: equal to the document the solver wrote. 11 queries."""
    run = PlanRun.objects.filter(pk=version).first()
    if run is None:
        raise PlanNotFound(f"There is no plan {version}.")
    if run.status not in BUILT:
        raise PlanNotReady(f"Plan {version} is {run.get_status_display().lower()}: there is no plan to show.")
    factory = parse_json(run.factory_json)
    zone = ZoneInfo(factory["time_zone"])
    return Plan.model_validate(
        {
            "factory": factory["name"],
            "version": run.pk,
            "scenario": run.scenario,
            "input_digest": run.input_digest,
            "created_at": run.built_at,
            "engine_version": run.engine_version,
            "seed": run.seed,
            "reproducible": run.reproducible,
            "certificate": run.certificate,
            "cost": run.cost,
        }
        | {section: list(_read(section, version, zone)) for section in SECTIONS}
    )


def _read(section: str, version: int, zone: ZoneInfo) -> Iterable[dict[str, Any]]:
    """Rows in the order in which they were saved, with the keys of the format."""
    kind, table = SECTIONS[section]
    names = RENAMED.get(table, {})
    columns = {names.get(key, key): key for key in kind.model_fields}
    for row in _rows_of(table).filter(run_id=version).order_by("pk").values(*columns):
        yield {columns[column]: _local(value, zone) for column, value in row.items()}


def _rows_of(table: type[models.Model]) -> "models.QuerySet[Any]":
    return models.QuerySet(table)


def _local(value: Any, zone: ZoneInfo) -> Any:
    """Moments leave as they came: in the factory's own time."""
    return value.astimezone(zone) if isinstance(value, dt.datetime) else value
