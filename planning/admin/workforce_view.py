"""What the page of a plan's people shows: a table of skills by month, hires, and the data of the charts."""

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from planning.admin.exception_words import exception_words
from planning.admin.tabs import page_address
from planning.models import HiringDecision, Skill
from planning.selectors.staffing import KINDS, SkillMonths
from planning.selectors.workforce import MEASURES, Cell, Hire, Measure, Workforce, get_workforce

FULL = 100.0
MANY_HOURS = 10.0
_KIND_WORDS = {
    "direct": "Direct",
    "indirect": "Indirect",
    "engineering": "Engineering",
    "overhead": "Overhead",
}
CASH_PARTS = (
    ("milestones", "Milestones", 1),
    ("deliveries", "Deliveries", 1),
    ("payroll", "Payroll", -1),
    ("purchases", "Purchases", -1),
    ("machine", "Machines", -1),
    ("hiring", "Hiring", -1),
)


def workforce_view(version: int, *, show: str, wages: bool, decides: bool) -> dict[str, Any]:
    """The context of the page. ``show`` names a measure; ``decides``: this person may decide on hires."""
    workforce = get_workforce(version, wages=wages)
    measures = [one for one in MEASURES.values() if wages or not one.is_money]
    shown = next((one for one in measures if one.name == show), measures[0])
    months = workforce.table.months
    return {
        "months": months,
        "measures": measures,
        "shown": shown,
        "totals": [_number(workforce.total(shown, month), shown) for month in months] if shown.is_sum else [],
        "kinds": [
            (
                _KIND_WORDS[kind],
                _sums(workforce, skills, shown),
                [_skill_row(workforce, skill, shown, version) for skill in skills],
            )
            for kind, skills in _by_kind(workforce)
        ],
        "hires": _hire_groups(workforce, decides=decides),
        "troubles": [
            (
                row,
                workforce.names.get(row.entity) or row.entity,
                exception_words(row.code),
                _hours(sum(each["hours"] for each in row.shortfall)),
                [(each["month"], _hours(each["hours"])) for each in row.shortfall],
            )
            for row in workforce.troubles
        ],
        "hire_count": workforce.table.hires,
        "changes": [
            (row, workforce.names.get(row.from_skill, ""), workforce.names.get(row.to_skill, ""))
            for row in workforce.changes
        ],
        "shifts": _shift_rows(workforce, wages=wages),
        "chart": _chart(workforce, wages=wages),
        "scopes": [("all", "All people"), *_scopes(workforce)],
        "wages": wages,
        "has_cash": wages and bool(workforce.cash),
        "has_weeks": bool(workforce.weeks),
        "book_url": reverse("admin:planning_planrun_workforce", args=[version]),
    }


def _hours(hours: float) -> str:
    """Whole hours, of a few also the tenths, as in the words of the exception."""
    return f"{hours:,.0f}" if hours >= MANY_HOURS else f"{hours:.1f}".removesuffix(".0")


def _by_kind(workforce: Workforce) -> Iterable[tuple[str, list[SkillMonths]]]:
    for kind in KINDS:
        skills = [skill for skill in workforce.table.skills if skill.kind == kind]
        if skills:
            yield kind, skills


def _sums(workforce: Workforce, skills: list[SkillMonths], measure: Measure) -> list[str]:
    """A kind of skills by month, where months of skills may be added up."""
    codes = [skill.code for skill in skills]
    months = workforce.table.months if measure.is_sum else ()
    return [_number(sum(map(measure.read, _cells(workforce, codes, month))), measure) for month in months]


def _number(value: float, measure: Measure) -> str:
    return "–" if abs(value) < 0.5 * 10**-measure.places else f"{value:,.{measure.places}f}"


def _skill_row(workforce: Workforce, skill: SkillMonths, measure: Measure, version: int) -> dict[str, Any]:
    cells = [workforce.of(skill.code, month) for month in workforce.table.months]
    there = [cell for cell in cells if cell is not None]
    return {
        "name": skill.name,
        "code": skill.code,
        "cells": [_cell(skill, cell, measure, version) for cell in cells],
        "hires": sum(cell.row.hires for cell in there),
        "sum": _number(sum(map(measure.read, there)), measure) if _adds_up(measure) else "",
    }


def _adds_up(measure: Measure) -> bool:
    """Hours and money of months may be added up, heads may not."""
    return measure.is_sum and measure.name not in ("heads", "training")


def _cell(skill: SkillMonths, cell: Cell | None, measure: Measure, version: int) -> dict[str, Any] | None:
    if cell is None:
        return None
    row = cell.row
    return {
        "text": _number(measure.read(cell), measure),
        "hires": row.hires,
        "moved": row.moved_in - row.moved_out,
        "is_over": cell.load_percent > FULL + 0.5,
        "told": "; ".join(_told(cell)),
        "link": page_address("drivers", version, skill=skill.code, month=row.month),
    }


def _told(cell: Cell) -> Iterable[str]:
    row = cell.row
    yield f"{row.headcount:.1f} heads, {cell.required_heads:.1f} required"
    yield f"{row.required_hours:,.0f} of {row.available_hours:,.0f} hours ({cell.load_percent:.0f} %)"
    if row.hires:
        yield f"hire {row.hires}, ask by {row.requisition_by}"
    if row.moved_in or row.moved_out:
        yield f"{row.moved_in} come from another skill, {row.moved_out} go"
    if row.training_heads:
        yield f"{row.training_heads:.1f} in training"
    if row.overtime_hours >= 0.5:
        yield f"{row.overtime_hours:,.0f} hours overtime"
    if row.temp_heads:
        yield f"{row.temp_heads:.1f} temporary people"


def _shift_rows(workforce: Workforce, *, wages: bool) -> list[tuple[str, str, list[str], str, str]]:
    """Skill, shift, hours by month and in all, and what the premium costs; empty without shifts."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in workforce.shifts:
        found.setdefault((row.skill, row.shift), {})[row.month] = row
    return [
        (
            workforce.names.get(skill, skill),
            shift,
            [f"{months[each].hours:,.0f}" if each in months else "–" for each in workforce.table.months],
            f"{sum(row.hours for row in months.values()):,.0f}",
            f"{sum(row.cost for row in months.values()):,.0f}" if wages else "",
        )
        for (skill, shift), months in found.items()
    ]


def _hire_groups(workforce: Workforce, *, decides: bool) -> list[tuple[Any, ...]]:
    """Day of the requisition, whether it is past, month of the start, heads, and the rows of each skill."""
    keys = dict(Skill.objects.values_list("code", "pk")) if decides else {}
    groups: dict[tuple[dt.date | None, str], list[dict[str, Any]]] = {}
    for hire in workforce.hires:
        row = {
            "skill": hire.skill,
            "heads": hire.row.hires,
            "decision": hire.decision,
            "link": _decision_link(hire, keys) if decides else "",
        }
        groups.setdefault((hire.row.requisition_by, hire.row.month), []).append(row)
    first = workforce.frozen.as_of
    return [
        (day, day is not None and day < first, month, sum(row["heads"] for row in rows), rows)
        for (day, month), rows in groups.items()
    ]


def _decision_link(hire: Hire, keys: dict[str, int]) -> str:
    """Where the decision is changed, or taken with what the plan proposes filled in."""
    name = HiringDecision._meta.model_name
    if hire.decision is not None:
        return reverse(f"admin:planning_{name}_change", args=[hire.decision.pk])
    if hire.skill.code not in keys:
        return ""
    asked: dict[str, str | int] = {
        "skill": keys[hire.skill.code],
        "month": hire.row.month,
        "heads": hire.row.hires,
        "verdict": "approved",
    }
    return f"{reverse(f'admin:planning_{name}_add')}?{urlencode(asked)}"


# --- charts


_SERIES: dict[str, Callable[[Cell], float]] = {
    "required": lambda cell: cell.required_heads,
    "paid": lambda cell: cell.row.headcount,
    "productive": lambda cell: cell.productive_heads,
    "training": lambda cell: cell.row.training_heads,
    "hires": lambda cell: cell.row.hires,
    "overtime": lambda cell: cell.row.overtime_hours,
    "temporary": lambda cell: cell.temp_hours,
}


def _scopes(workforce: Workforce) -> list[tuple[str, str]]:
    kinds = [(f"kind:{kind}", f"All {_KIND_WORDS[kind].lower()}") for kind, _ in _by_kind(workforce)]
    skills = [(f"skill:{skill.code}", skill.name) for skill in workforce.table.skills]
    return [*(kinds if len(kinds) > 1 else []), *skills]


def _chart(workforce: Workforce, *, wages: bool) -> dict[str, Any]:
    skills = workforce.table.skills
    groups: dict[str, list[str]] = {"all": [skill.code for skill in skills]}
    for kind, members in _by_kind(workforce):
        groups[f"kind:{kind}"] = [skill.code for skill in members]
    groups |= {f"skill:{skill.code}": [skill.code] for skill in skills}
    chart: dict[str, Any] = {
        "months": list(workforce.table.months),
        "heads": {scope: _series(workforce, codes) for scope, codes in groups.items()},
        "weeks": _weeks(workforce, groups),
        "currency": workforce.frozen.currency,
    }
    if wages:
        chart["cost"] = {
            _KIND_WORDS[kind]: [
                round(sum(cell.row.cost for cell in _cells(workforce, groups[f"kind:{kind}"], month)))
                for month in workforce.table.months
            ]
            for kind, _ in _by_kind(workforce)
        }
        chart["cash"] = _cash(workforce)
    return chart


def _cells(workforce: Workforce, codes: Iterable[str], month: str) -> list[Cell]:
    return [cell for code in codes if (cell := workforce.of(code, month)) is not None]


def _series(workforce: Workforce, codes: list[str]) -> dict[str, list[float]]:
    return {
        name: [round(sum(map(read, _cells(workforce, codes, month))), 1) for month in workforce.table.months]
        for name, read in _SERIES.items()
    }


def _weeks(workforce: Workforce, groups: dict[str, list[str]]) -> dict[str, Any]:
    weeks = sorted({row.week for row in workforce.weeks})
    rows = {(row.skill, row.week): row for row in workforce.weeks}
    return {
        "weeks": [str(week) for week in weeks],
        "scopes": {
            scope: {
                name: [
                    round(sum(getattr(rows[code, week], name) for code in codes if (code, week) in rows), 1)
                    for week in weeks
                ]
                for name in ("available_hours", "required_hours")
            }
            for scope, codes in groups.items()
        }
        if weeks
        else {},
    }


def _cash(workforce: Workforce) -> dict[str, Any] | None:
    if not workforce.cash:
        return None
    return {
        "months": [row.month for row in workforce.cash],
        "parts": [
            {"name": label, "data": [round(sign * getattr(row, part)) for row in workforce.cash]}
            for part, label, sign in CASH_PARTS
        ],
        "closing": [round(row.closing) for row in workforce.cash],
        "floor": float(workforce.frozen.cash.floor),
    }
