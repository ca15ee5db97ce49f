"""What people decide on the hires of a skill in a month; the next plan keeps to it."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from planning.models import HiringDecision, Skill
from planning.services.entries import invalid_entry, refuse


@transaction.atomic
def decide_hires(
    *, skill: str, month: str, heads: int, verdict: str, now: dt.datetime, note: str = "", by: Any = None
) -> tuple[HiringDecision, bool]:
    """Approve, lock or refuse hires, or decide otherwise; the row, and whether it is new.

    The same decision said again changes nothing: who decided first, and when, stay.
    """
    # Two who decide on one skill at once come one after the other.
    known = Skill.objects.select_for_update(of=("self",)).filter(code=skill).first()
    if known is None:
        raise refuse("skill", f"There is no skill {skill}.")
    rows = HiringDecision.objects.select_related("skill", "decided_by")
    row = rows.filter(skill=known, month=month).first()
    is_new = row is None
    row = row or HiringDecision(skill=known, month=month)
    told = {"heads": heads, "verdict": verdict, "note": note}
    if not is_new and all(getattr(row, name) == value for name, value in told.items()):
        return row, False
    for name, value in told.items():
        setattr(row, name, value)
    row.decided_by, row.decided_at, row.changed_by = by, now, by
    if not is_new:
        row.version += 1
    try:
        row.clean_fields()
        row.validate_constraints()
    except ValidationError as error:
        raise invalid_entry(row, error) from error
    row.save()
    return row, is_new
