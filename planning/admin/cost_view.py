"""Costs and comparisons as pages show them: amounts as people write them, and the data of the charts."""

from fractions import Fraction
from typing import Any

from inventory.models.fields import plain
from planning.engine.costing import Cost, Rolled
from planning.selectors.bills import BillLine
from planning.selectors.comparison import Comparison, Difference, Side
from planning.selectors.costing import CostSheet

PARTS = (
    ("material", "Material"),
    ("subcontract", "Subcontract"),
    ("machine", "Machine"),
    ("labour", "Labour"),
)
DEAREST = 12


def shown(value: Fraction, places: int) -> str:
    """A number with at most so many places, thousands set apart."""
    text = f"{float(round(value, places)):,.{places}f}"
    return text.rstrip("0").rstrip(".") if places > 2 and "." in text else text


def percent(value: Fraction) -> str:
    """A share as people write it."""
    return f"{float(value * 100):.1f}".removesuffix(".0") + " %"


def cost_view(sheet: CostSheet, *, wages: bool) -> dict[str, Any]:
    """The page of an item's cost. Without ``wages`` there is no labour in it, nor in any sum."""
    top = sheet.item.code
    parts = [
        (name, label)
        for name, label in PARTS
        if (wages or name != "labour") and any(getattr(cost, name) for cost in sheet.levels)
    ]
    whole = sheet.average[top].rolled.seen(wages=wages)
    return {
        "currency": sheet.currency,
        "on": sheet.on,
        "units": sheet.units,
        "wages": wages,
        "part_labels": [label for _, label in parts],
        "kinds": [
            _kind(f"Next unit, number {sheet.item.units_made + 1:,}", sheet.next[top].rolled, parts, wages),
            _kind(f"Average of the next {sheet.units:,}", sheet.average[top].rolled, parts, wages),
            _kind("Standard: reference unit", sheet.standard[top].rolled, parts, wages),
        ],
        "levels": [
            {
                "level": level,
                "parts": [shown(getattr(cost, name), 2) for name, _ in parts],
                "total": shown(cost.seen(wages=wages), 2),
                "share": _share(cost.seen(wages=wages), whole),
            }
            for level, cost in enumerate(sheet.levels)
        ],
        "whole": shown(whole, 2),
        "costs": [_item(sheet, code, row, parts, whole, wages=wages) for code, row in sheet.average.items()],
        "chart": _chart(sheet, parts, wages=wages),
    }


def _kind(label: str, cost: Cost, parts: list[tuple[str, str]], wages: bool) -> dict[str, Any]:
    return {
        "label": label,
        "total": shown(cost.seen(wages=wages), 2),
        "parts": [(name, shown(getattr(cost, key), 2)) for key, name in parts if getattr(cost, key)],
    }


def _share(part: Fraction, whole: Fraction) -> str:
    return percent(part / whole) if whole else "–"


def _item(
    sheet: CostSheet, code: str, row: Rolled, parts: list[tuple[str, str]], whole: Fraction, *, wages: bool
) -> dict[str, Any]:
    own = row.own.seen(wages=wages)
    item = sheet.bills.items[code]
    return {
        "pk": item.pk,
        "code": code,
        "name": item.name,
        "qty": shown(row.qty, 6),
        "uom": item.uom,
        "parts": [shown(getattr(row.own, name), 2) if getattr(row.own, name) else "" for name, _ in parts],
        "rolled": shown(row.rolled.seen(wages=wages), 2),
        "in_all": shown(own * row.qty, 2),
        "share": _share(own * row.qty, whole),
        "steps": [
            {
                "seq": step.step.seq,
                "name": step.step.name,
                "hours": shown(step.hours, 4),
                "labour": shown(step.labour, 2) if wages else "",
                "machine": shown(step.machine, 2),
            }
            for step in row.steps
        ],
    }


def _chart(sheet: CostSheet, parts: list[tuple[str, str]], *, wages: bool) -> dict[str, Any]:
    """Levels as stacked bars, the dearest items, and the cost of each of the next units."""
    own = {code: row.own * row.qty for code, row in sheet.average.items()}
    dearest = sorted(own, key=lambda code: -own[code].seen(wages=wages))[:DEAREST]
    return {
        "currency": sheet.currency,
        "parts": [{"key": key, "label": label} for key, label in parts],
        "levels": [{key: round(float(getattr(cost, key)), 2) for key, _ in parts} for cost in sheet.levels],
        "dearest": [
            {"code": code, "name": sheet.bills.items[code].name}
            | {key: round(float(getattr(own[code], key)), 2) for key, _ in parts}
            for code in dearest
            if own[code].seen(wages=wages)
        ],
        "curve": [
            [point.unit, *(round(getattr(point, key), 2) for key, _ in parts)] for point in sheet.curve
        ],
        "standard": round(float(sheet.standard[sheet.item.code].rolled.seen(wages=wages)), 2),
    }


def comparison_view(comparison: Comparison, *, wages: bool) -> dict[str, Any]:
    """What was added, removed and changed, with what it costs."""
    before, after = comparison.before, comparison.after
    change = comparison.cost_change.seen(wages=wages)
    counts = {
        kind: sum(1 for row in comparison.differences if row.kind == kind)
        for kind in ("added", "removed", "changed")
    }
    return {
        "compared": comparison,
        "counts": counts | {"unchanged": comparison.unchanged},
        "sides": [_side(side, wages=wages) for side in (before, after)],
        "cost_change": f"{'+' if change > 0 else ''}{shown(change, 2)}",
        "is_dearer": change > 0,
        "differences": [_difference(row) for row in comparison.differences],
        "wages": wages,
    }


def _side(side: Side, *, wages: bool) -> dict[str, Any]:
    return {"label": str(side), "cost": shown(side.cost.seen(wages=wages), 2)}


def _difference(row: Difference) -> dict[str, Any]:
    fields = ("qty", "scrap", "operation", "line_from", "line_to", "substitutes")
    return {
        "kind": row.kind,
        "parent": row.parent,
        "component": row.component,
        "cells": [
            {"old": _value(row.before, name), "new": _value(row.after, name), "changed": name in row.changes}
            for name in fields
        ],
    }


def _value(line: BillLine | None, name: str) -> str:
    if line is None:
        return ""
    value = getattr(line, name)
    if name == "substitutes":
        return ", ".join(f"{item} × {plain(qty)}" for item, qty, _ in value)
    if name == "scrap":
        return percent(Fraction(value)) if value else ""
    if name == "qty":
        return plain(value)
    return "" if value is None else str(value)
