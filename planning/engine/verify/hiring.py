"""Rules about who comes and who goes: decisions, limits on hires, changes of skill, layoffs, least heads,
ratios, ramps, and skills that are held.
"""

import math
from collections.abc import Iterator
from datetime import timedelta

from planning.engine.verify.ledger import Ledger
from planning.engine.verify.people import HEADS_SLACK, SkillMonth, name_of, staffing_rows
from planning.engine.verify.references import Finding

_NOISE = 1e-6
_MONEY_SLACK = 0.005


def hires_possible(ledger: Ledger) -> Iterator[Finding]:
    """People come on the first day of a month, no earlier than the lead time allows, on a requisition in
    time.
    """
    for key, row in staffing_rows(ledger).items():
        truth = ledger.staffing.get(key)
        if truth is None:
            continue
        if row.hires < 0:
            yield name_of(key), f"hires {row.hires}"
        if row.hires > truth.least and not truth.can_start:
            yield name_of(key), f"hires {row.hires}, which is not possible in this month"
        by = truth.month.first - timedelta(days=truth.skill.hire_lead_days or 0) if row.hires > 0 else None
        if row.requisition_by != by:
            yield name_of(key), f"has requisition by {row.requisition_by}, expected {by}"


def hiring_decisions_kept(ledger: Ledger) -> Iterator[Finding]:
    """Of approved hires at least so many come, of locked ones exactly so many, of refused ones none."""
    for key, row in ledger.staffing.items():
        if row.hires < row.least:
            yield name_of(key), f"hires {row.hires}, decided are {row.least}"
        elif row.is_exact and row.hires > row.least:
            yield name_of(key), f"hires {row.hires}, decided are {row.least} and no more"


def hire_limits(ledger: Ledger) -> Iterator[Finding]:
    """Hires beyond those decided stay within the limits of the skill, by month and in all, and of the plant,
    and within the skill's largest headcount.
    """
    for key, row in ledger.staffing.items():
        limit, most = row.skill.max_hires_per_month, row.skill.max_headcount
        if row.hires <= row.least:
            continue
        if limit is not None and row.hires > limit:
            yield name_of(key), f"hires {row.hires}, at most {limit} can come in a month"
        if most is not None and row.heads > most + HEADS_SLACK:
            yield name_of(key), f"hires up to {row.heads:.2f} heads, at most {most} are allowed"
    for code, skill in ledger.skills.items():
        hired, least = _hired_in_all(ledger, code)
        if skill.max_hires is not None and hired > skill.max_hires and hired > least:
            yield code, f"hires {hired} in all, at most {skill.max_hires} can come"
    plant = ledger.factory.staffing.max_total_hires_per_month
    for month in ledger.months:
        total = sum(ledger.staffing[code, month.name].hires for code in ledger.skills)
        if plant is not None and total > plant and _hires_freely(ledger, month.name):
            yield month.name, f"the plant hires {total}, at most {plant} can come in a month"


def _hired_in_all(ledger: Ledger, code: str) -> tuple[int, int]:
    """Hires of a skill over the horizon, and those of them that are decided."""
    rows = [ledger.staffing[code, month.name] for month in ledger.months]
    return sum(row.hires for row in rows), sum(row.least for row in rows)


def _hires_freely(ledger: Ledger, month: str) -> bool:
    """Does anybody come in ``month`` whom no decision asks for?"""
    rows = [ledger.staffing[code, month] for code in ledger.skills]
    return any(row.hires > row.least for row in rows)


def plant_heads_within_limit(ledger: Ledger) -> Iterator[Finding]:
    """In a month with hires beyond those decided, all paid heads stay within the plant's limit."""
    most = ledger.factory.staffing.max_total_heads
    for month in ledger.months if most is not None else ():
        total = _heads_in_all(ledger, month.name)
        if most is not None and total > most + HEADS_SLACK and _hires_freely(ledger, month.name):
            yield month.name, f"the plant hires up to {total:.2f} heads, at most {most} are allowed"


def _heads_in_all(ledger: Ledger, month: str) -> float:
    return sum(ledger.staffing[code, month].heads for code in ledger.skills)


def hiring_budget_kept(ledger: Ledger) -> Iterator[Finding]:
    """Hires beyond those decided, and courses, cost no more than the month's budget leaves."""
    for month in ledger.months:
        budget = _budget(ledger, month.name)
        spent = _spent_on_hiring(ledger, month.name)
        decided = sum(
            row.least * float(row.skill.hire_cost or 0)
            for row in (ledger.staffing[code, month.name] for code in ledger.skills)
        )
        if budget is not None and spent > max(budget, decided) + _MONEY_SLACK:
            yield month.name, f"hiring and courses cost {spent:.2f}, the budget is {budget:.2f}"


def _budget(ledger: Ledger, month: str) -> float | None:
    """The month's own budget, else that of every month; None: no limit."""
    staffing = ledger.factory.staffing
    for row in staffing.hiring_budgets:
        if row.month == month:
            return float(row.amount)
    usual = staffing.hiring_budget_per_month
    return None if usual is None else float(usual)


def _spent_on_hiring(ledger: Ledger, month: str) -> float:
    return sum(ledger.staffing[code, month].hiring_cost for code in ledger.skills)


def skill_changes_possible(ledger: Ledger) -> Iterator[Finding]:
    """People change by a way of cross-training, on the first day of a month, no more than it takes; nobody
    who is not there, and the least headcount of the skill that they leave stays.
    """
    ways = {(row.from_skill, row.to_skill): row for row in ledger.factory.staffing.cross_training}
    months = {month.name: month for month in ledger.months}
    seen = set()
    for row in ledger.plan.skill_changes:
        name = f"{row.from_skill} to {row.to_skill} {row.month}"
        way, month = ways.get((row.from_skill, row.to_skill)), months.get(row.month)
        if way is None or month is None:
            yield name, "is no way from one skill to another, or no month of the plan"
        elif month.first < ledger.as_of:
            yield name, f"begins before the planning date, {ledger.as_of}"
        elif not 0 < row.heads <= way.max_per_month:
            yield name, f"takes {row.heads} people, 1 to {way.max_per_month} may change"
        elif name in seen:
            yield name, "is told twice"
        seen.add(name)
    for key, each in ledger.staffing.items():
        left, least = each.after_attrition - each.moved_out, each.skill.min_headcount or 0
        if each.moved_out > 0 and left < least - HEADS_SLACK:
            yield (
                name_of(key),
                f"loses {each.moved_out} of {each.after_attrition:.2f} heads, {least} are to stay",
            )


def layoffs_allowed(ledger: Ledger) -> Iterator[Finding]:
    """Nobody is laid off where that is not allowed, nor in the month of the planning date, and no more than
    there are.
    """
    for key, row in ledger.staffing.items():
        may_leave = row.skill.can_lay_off and row.month.name != ledger.months[0].name
        if row.layoffs < 0 or (row.layoffs > 0 and not may_leave):
            yield name_of(key), f"lays off {row.layoffs}, which is not allowed"
        elif row.layoffs > row.heads + row.layoffs + HEADS_SLACK:
            yield name_of(key), f"lays off {row.layoffs} of {row.heads + row.layoffs:.2f}"


def temporary_heads_within_limit(ledger: Ledger) -> Iterator[Finding]:
    """Temporary heads are whole and stay within what the skill allows."""
    for key, row in ledger.staffing.items():
        most = row.skill.temp_max_heads or 0
        if not 0 <= row.temp_heads <= most + _NOISE:
            yield name_of(key), f"has {row.temp_heads} temporary heads, at most {most} are allowed"
        elif row.temp_heads != int(row.temp_heads):
            yield name_of(key), f"has {row.temp_heads} temporary heads, expected whole ones"


def min_headcount_kept(ledger: Ledger) -> Iterator[Finding]:
    """From the first month in which a hire is possible a skill has its least headcount, as far as limits
    and decisions allow; in no month are people laid off below it.
    """
    for key, row in ledger.staffing.items():
        least = row.skill.min_headcount or 0
        too_few = row.layoffs > 0 or _could_hire_more(ledger, row)
        if least and row.heads < least - HEADS_SLACK and too_few:
            yield name_of(key), f"has {row.heads:.2f} heads, at least {least} are wanted"


def ratios_kept(ledger: Ledger) -> Iterator[Finding]:
    """There are enough heads for the direct people they serve, as far as the hiring limits allow."""
    for ratio in ledger.factory.staffing.ratios:
        for month in ledger.months:
            row = ledger.staffing[ratio.skill, month.name]
            direct = sum(
                ledger.staffing[code, month.name].heads
                for code, s in ledger.skills.items()
                if s.kind == "direct"
            )
            wanted = math.ceil(direct / float(ratio.per_direct_heads) - _NOISE)
            if math.ceil(row.heads - _NOISE) < wanted and _could_hire_more(ledger, row):
                text = f"has {row.heads:.2f} heads for {direct:.2f} direct ones, {wanted} are wanted"
                yield name_of((ratio.skill, month.name)), text


def ramps_kept(ledger: Ledger) -> Iterator[Finding]:
    """A skill that is built up hires its share every month until the target is reached."""
    also = _skills_at_work(ledger) | {row.skill for row in ledger.factory.staffing.ratios}
    for ramp in ledger.factory.staffing.ramps:
        for month in ledger.months:
            row = ledger.staffing[ramp.skill, month.name]
            wanted = min(ramp.max_per_month, _lacking(row, ramp.target_headcount))
            most = max(wanted, row.least, _lacking(row, row.skill.min_headcount or 0))
            few = row.hires < wanted and _could_hire_more(ledger, row)
            many = row.hires > most and row.can_start and ramp.skill not in also
            if few or many:
                yield name_of((ramp.skill, month.name)), f"hires {row.hires}, the ramp says {wanted}"


def skills_held(ledger: Ledger) -> Iterator[Finding]:
    """A skill without work, ratio or ramp is held at its headcount, and those who have changed to it less
    those who have changed from it, as soon as hires are possible.
    """
    staffing = ledger.factory.staffing
    busy = _skills_at_work(ledger) | {r.skill for r in staffing.ratios} | {r.skill for r in staffing.ramps}
    for key, row in ledger.staffing.items():
        if row.skill.code in busy or not row.can_start:
            continue
        changed = sum(
            ledger.staffing[row.skill.code, month.name].moved_in
            - ledger.staffing[row.skill.code, month.name].moved_out
            for month in ledger.months
            if month.name <= row.month.name
        )
        held = max(row.skill.headcount + changed, row.skill.min_headcount or 0)
        wanted = max(row.least, _lacking(row, held))
        few = row.heads < held - HEADS_SLACK and _could_hire_more(ledger, row)
        if few or row.hires > wanted:
            yield (
                name_of(key),
                f"hires {row.hires} to {row.heads:.2f} heads, held at {held} it hires {wanted}",
            )


def _lacking(row: SkillMonth, heads: int) -> int:
    """Hires that bring a skill to ``heads`` after attrition and changes of skill."""
    there = row.after_attrition + row.moved_in - row.moved_out
    return math.ceil(max(0.0, heads - there) - _NOISE)


def _skills_at_work(ledger: Ledger) -> set[str | None]:
    """Skills that some routing asks for."""
    return {row.skill for rows in ledger.factory.routings.values() for row in rows}


def _could_hire_more(ledger: Ledger, row: SkillMonth) -> bool:
    """Is one more hire possible in this month, by decisions and the limits of the skill and the plant?"""
    limit, most = row.skill.max_hires_per_month, row.skill.max_headcount
    in_all = row.skill.max_hires
    plant = ledger.factory.staffing.max_total_hires_per_month
    total = sum(ledger.staffing[code, row.month.name].hires for code in ledger.skills)
    return (
        row.can_start
        and not row.is_exact
        and (limit is None or row.hires < limit)
        and (in_all is None or _hired_in_all(ledger, row.skill.code)[0] < in_all)
        and (most is None or row.heads + 1 <= most + HEADS_SLACK)
        and (plant is None or total < plant)
        and _plant_has_room(ledger, row)
        and _money_is_left(ledger, row)
    )


def _plant_has_room(ledger: Ledger, row: SkillMonth) -> bool:
    """Do the plant's heads stay within their limit with one more, now and in later months with hires?"""
    most, stays = ledger.factory.staffing.max_total_heads, 1.0
    if most is None:
        return True
    for month in ledger.months:
        if month.name < row.month.name:
            continue
        is_asked = month.name == row.month.name or _hires_freely(ledger, month.name)
        if is_asked and _heads_in_all(ledger, month.name) + stays > most - HEADS_SLACK:
            return False
        stays *= 1 - float(row.skill.attrition_per_month or 0)
    return True


def _money_is_left(ledger: Ledger, row: SkillMonth) -> bool:
    budget, cost = _budget(ledger, row.month.name), float(row.skill.hire_cost or 0)
    if budget is None or cost == 0:
        return True
    return _spent_on_hiring(ledger, row.month.name) + cost <= budget - _MONEY_SLACK
