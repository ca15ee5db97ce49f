"""Downtimes, absences and pins, one at a time: entered, checked as an import does it, and taken out."""

import datetime as dt
from collections.abc import Set
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from inventory.models.fields import Edited
from planning.errors import CannotPin, EntryNotFound, PinIssue
from planning.models import (
    Absence,
    Downtime,
    FactorySettings,
    FirmOrder,
    PinnedOperation,
    Skill,
    WorkCentre,
    WorkOrder,
)
from planning.services.entries import invalid_entry, refuse
from planning.services.pinning import find_pin_issues, new_pin, store_pin


@transaction.atomic
def enter_downtime(
    *,
    work_centre: str,
    down_from: dt.datetime,
    down_to: dt.datetime,
    station: int | None = None,
    name: str = "",
    by: Any = None,
) -> Downtime:
    """A station (None: every one) of a work centre is down from one moment to another."""
    centre = _work_centre(work_centre)
    if station is not None and station > centre.stations:
        raise refuse("station", f"{work_centre} has {centre.stations}, got {station}.")
    row = Downtime(work_centre=centre, station=station, down_from=down_from, down_to=down_to, name=name)
    return enter(row, by)


@transaction.atomic
def enter_absence(
    *,
    skill: str,
    heads: Decimal,
    absent_from: dt.date,
    absent_to: dt.date,
    name: str = "",
    by: Any = None,
) -> Absence:
    """So many heads of a skill are paid but not there from a day to before another."""
    known = Skill.objects.filter(code=skill).first()
    if known is None:
        raise refuse("skill", f"There is no skill {skill}.")
    row = Absence(skill=known, heads=heads, absent_from=absent_from, absent_to=absent_to, name=name)
    return enter(row, by)


@transaction.atomic
def pin_operation(
    *,
    order: str,
    seq: int,
    start: dt.datetime,
    work_centre: str | None = None,
    station: int | None = None,
    by: Any = None,
) -> PinnedOperation:
    """Pin an operation of a work order or firm order, or move its pin; ``CannotPin`` where no plan could keep
    it. Locks: the factory's settings, as in ``pinning``, so that two first pins become one.
    """
    FactorySettings.objects.select_for_update().first()
    works, firms = (model.objects.select_related("item") for model in (WorkOrder, FirmOrder))
    known = works.filter(ref=order).first() or firms.filter(ref=order).first()
    if known is None:
        raise refuse("order", f"There is no work order or firm order {order}.")
    centre = _work_centre(work_centre) if work_centre is not None else None
    pin = new_pin(order=known, seq=seq, start=start, work_centre=centre, station=station)
    _require_valid(pin, of_order={"work_order", "firm_order"})  # whose pin this one may replace
    issues = find_pin_issues([pin])
    if issues:
        raise CannotPin([PinIssue(path="", message=why) for why in issues.values()])
    return store_pin(pin, by)


@transaction.atomic
def remove_entry(*, model: type[Edited], key: int, by: Any = None) -> None:
    """Take out a downtime, an absence or a pin."""
    row = model._default_manager.select_for_update(of=("self",)).filter(pk=key).first()
    if row is None:
        raise EntryNotFound(f"There is no {model._meta.verbose_name} {key}.")
    row.changed_by = by
    row.delete()


def _work_centre(code: str) -> WorkCentre:
    centre = WorkCentre.objects.filter(code=code).first()
    if centre is None:
        raise refuse("work_centre", f"There is no work centre {code}.")
    return centre


def _require_valid(row: Edited, of_order: Set[str] = frozenset()) -> None:
    """What columns and constraints refuse, but for constraints on the fields ``of_order``."""
    try:
        row.clean_fields()
        row.validate_constraints(exclude=set(of_order))
    except ValidationError as error:
        raise invalid_entry(row, error) from error


def enter[M: Edited](row: M, by: Any) -> M:
    """Store a new row, or raise ``InvalidEntry`` with what its columns and constraints refuse."""
    _require_valid(row)
    row.changed_by = by
    row.save()
    return row
