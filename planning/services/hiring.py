"""What people decide on the hires of a skill in a month; the next plan keeps to it."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from planning.errors import DecidedSince
from planning.models import HiringDecision, Skill
from planning.services.entries import invalid_entry, refuse

# The versions of a decision that somebody was shown: none, or the one; None: whatever there is by now.
Seen = tuple[str, ...] | None


@transaction.atomic
def take_back(*, skill: str, month: str, seen: Seen = None) -> bool:
    """Take back what was decided on hires, if anything was. Raises ``DecidedSince``."""
    known = _locked(skill)
    row = _decision(known, month, seen) if known else None
    if row is not None:
        row.delete()
    return row is not None


def _locked(skill: str) -> Skill | None:
    """The skill; two who decide on it at once come one after the other."""
    return Skill.objects.select_for_update(of=("self",)).filter(code=skill).first()


def _decision(skill: Skill, month: str, seen: Seen) -> HiringDecision | None:
    rows = HiringDecision.objects.select_related("skill", "decided_by")
    row = rows.filter(skill=skill, month=month).first()
    if seen is not None and seen != (() if row is None else (str(row.version),)):
        raise DecidedSince(f"Somebody has decided on {skill} in {month} since: look at it again first.")
    return row


@transaction.atomic
def decide_hires(
    *,
    skill: str,
    month: str,
    heads: int,
    verdict: str,
    now: dt.datetime,
    note: str | None = "",
    by: Any = None,
    seen: Seen = None,
) -> tuple[HiringDecision, bool]:
    """Approve, lock or refuse hires, or decide otherwise; the row, and whether it is new.

    The same decision said again changes nothing: who decided first, and when, stay. ``note`` None: an
    earlier one stays. Raises ``InvalidEntry``, and ``DecidedSince`` where ``seen`` is not what there is.
    """
    known = _locked(skill)
    if known is None:
        raise refuse("skill", f"There is no skill {skill}.")
    row = _decision(known, month, seen)
    is_new = row is None
    row = row or HiringDecision(skill=known, month=month)
    told = {"heads": heads, "verdict": verdict, "note": row.note if note is None else note}
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
