"""Shifts of skills: what operations take of each, recomputed from their moments, and who may be on them."""

from collections import Counter
from collections.abc import Iterator

from planning.engine.factory import SkillRow, SkillShiftRow
from planning.engine.verify.crews import premium, starts_in_shifts
from planning.engine.verify.ledger import Ledger, differs
from planning.engine.verify.references import Finding
from planning.engine.verify.workforce import HOURS_SLACK

_CENT = 0.01


def shift_seats_kept(ledger: Ledger) -> Iterator[Finding]:
    """Whenever an operation, or a shift of its skill, starts, the crews of the skill at work are no more than
    the shift takes.
    """
    for skill, minute, at_work, name in starts_in_shifts(ledger):
        row = _shift_at(ledger, ledger.skills[skill], minute)
        if row is not None and row.max_heads is not None and at_work > row.max_heads:
            moment = ledger.local.moment(minute)
            takes = f"the shift takes {row.max_heads} ({name})"
            yield f"{skill} {row.name}", f"{at_work} people are at work on {moment:%Y-%m-%d %H:%M}, {takes}"


def _shift_at(ledger: Ledger, skill: SkillRow, minute: int) -> SkillShiftRow | None:
    times = ledger.shift_times.get(skill.code, {})
    return next((row for row in skill.shifts if times[row.name].is_open(minute)), None)


def shift_hours_recomputed(ledger: Ledger) -> Iterator[Finding]:
    """Each skill with shifts tells, for every month and shift, the hours that operations take in it and what
    its premium costs.
    """
    told = Counter((row.skill, row.month, row.shift) for row in ledger.plan.labour_shifts)
    expected = {
        (skill.code, month.name, row.name): row
        for skill in ledger.skills.values()
        for month in ledger.months
        for row in skill.shifts
    }
    for key in expected:
        if told[key] != 1:
            yield " ".join(key), f"has {told[key]} rows, expected one"
    hours = ledger.shift_hours
    for each in ledger.plan.labour_shifts:
        key = (each.skill, each.month, each.shift)
        if key not in expected:
            yield " ".join(key), "is no shift of a skill, or no month of the plan"
            continue
        worked = hours[key]
        if differs(each.hours, worked, HOURS_SLACK):
            yield " ".join(key), f"tells {each.hours} hours, operations take {worked:.4f}"
        month = ledger.staffing[each.skill, each.month]
        cost = premium(month.skill, expected[key], worked, month.wage)
        if differs(each.cost, cost, _CENT + 1e-6 * abs(cost)):
            yield " ".join(key), f"tells a cost of {each.cost}, its hours cost {cost:.2f}"
