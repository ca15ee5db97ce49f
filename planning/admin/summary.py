"""The figures at the top of a plan, its certificate in words, and its hiring plan as table and chart."""

from collections import Counter
from typing import Any

from planning.admin.finishing import cut_short_words
from planning.engine.plan import COST_PARTS, STAGES
from planning.models import FactorySettings, PlanPromise, PlanRun, StaffingMonth
from planning.selectors.staffing import StaffingTable, get_staffing_table


def kpis(run: PlanRun, *, wages: bool) -> dict[str, Any]:
    """What a planner wants to know first. 3 queries; sums of money only with ``wages``."""
    late = list(PlanPromise.objects.filter(run=run).values_list("days_late", flat=True))
    table = get_staffing_table(run.pk)
    factory = FactorySettings.objects.first()
    return {
        "currency": factory.currency if factory else "",
        "total": f"{run.total_cost:,.0f}" if wages and run.total_cost is not None else None,
        "parts": _parts(run) if wages else [],
        "promises": len(late),
        "on_time": sum(1 for days in late if not days),
        "late": sum(1 for days in late if days),
        "latest": max(late, default=0),
        "peak": table.peak,
        "peak_direct": max((total.direct_heads for total in table.totals), default=0),
        "hires": table.hires,
        "stages": stages(run),
        "violations": len(run.violations),
        "reproducible": run.reproducible,
        "cut_short": "" if run.reproducible else cut_short_words(run),
    }


def _parts(run: PlanRun) -> list[tuple[str, str, int]]:
    """Name, sum and share of the total, the largest first."""
    cost = run.cost or {}
    total = cost.get("total") or 1
    rows = [(part.replace("_", " "), cost.get(part) or 0) for part in COST_PARTS]
    rows.sort(key=lambda row: -row[1])
    return [(name, f"{amount:,.0f}", round(100 * amount / total)) for name, amount in rows if amount]


def stages(run: PlanRun) -> list[dict[str, str]]:
    """Bound and gap as they are: a bound that nobody knows is said to be unknown."""
    certificate = run.certificate or {}
    rows = []
    for name in STAGES:
        stage = certificate.get(name) or {}
        gap = stage.get("gap")
        known = "no bound known" if stage.get("bound") is None else f"gap {100 * (gap or 0):.2f} %"
        rows.append({"name": name, "status": stage.get("status") or "unknown", "bound": known})
    return rows


def staffing_view(version: int, *, wages: bool) -> dict[str, Any]:
    """The table of heads and hires, and the data of its chart."""
    table = get_staffing_table(version)
    return {
        "months": table.months,
        "skills": [_skill_row(skill, table.months, wages=wages) for skill in table.skills],
        "totals": table.totals,
        "all_hires": table.hires,
        "chart": _chart(table),
        "wages": wages,
    }


def _skill_row(skill: Any, months: tuple[str, ...], *, wages: bool) -> dict[str, Any]:
    rows = [skill.months.get(month) for month in months]
    there = [row for row in rows if row is not None]
    return {
        "name": skill.name,
        "code": skill.code,
        "kind": skill.kind,
        "cells": [_cell(row) for row in rows],
        "hires": sum(row.hires for row in there),
        "cost": f"{sum(row.cost for row in there):,.0f}" if wages else None,
    }


def _cell(row: StaffingMonth | None) -> dict[str, Any] | None:
    if row is None:
        return None
    load = round(100 * row.required_hours / row.available_hours) if row.available_hours else 0
    told = [
        f"{row.headcount:.1f} heads",
        f"{row.required_hours:,.0f} of {row.available_hours:,.0f} hours ({load} %)",
    ]
    if row.hires:
        told.append(f"hire {row.hires}, ask by {row.requisition_by}")
    if row.overtime_hours >= 0.5:
        told.append(f"{row.overtime_hours:,.0f} hours overtime")
    return {"heads": round(row.headcount), "hires": row.hires, "told": "; ".join(told)}


def _chart(table: StaffingTable) -> dict[str, Any]:
    hires: dict[str, list[int]] = {}
    for kind, rows in _by_kind(table).items():
        counts: Counter[str] = Counter()
        for skill in rows:
            for month, row in skill.months.items():
                counts[month] += row.hires
        if counts.total():
            hires[kind] = [counts[month] for month in table.months]
    return {
        "months": list(table.months),
        "heads": [round(total.heads, 1) for total in table.totals],
        "direct": [round(total.direct_heads, 1) for total in table.totals],
        "hires": hires,
    }


def _by_kind(table: StaffingTable) -> dict[str, list[Any]]:
    kinds: dict[str, list[Any]] = {}
    for skill in table.skills:
        kinds.setdefault(skill.kind, []).append(skill)
    return kinds
