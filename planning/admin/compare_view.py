"""Two plans side by side, as their page shows them: words, rows, and the data of the charts."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from inventory.models.fields import ZERO, plain
from planning.selectors.versions import PlanComparison
from planning.selectors.versions.dates import KINDS, DateMove
from planning.selectors.versions.figures import CostPart, Figure
from planning.selectors.versions.operations import OperationMove, Placed
from planning.selectors.versions.people import SAME_HEADS, HeadsChange, PeopleChange
from planning.selectors.versions.purchases import PurchaseChange

MOST_ROWS = 100  # of each list on the page; the file has all
BARS = 24
_FIGURES: dict[str, tuple[str, int]] = {  # words and decimals
    "instalments": ("Instalments", 0),
    "late_instalments": ("Late instalments", 0),
    "days_late": ("Days late, all together", 0),
    "worst_days_late": ("Days late, the latest", 0),
    "hires": ("Hires", 0),
    "peak_heads": ("People at the peak", 1),
    "overtime_hours": ("Overtime, hours", 0),
    "temp_head_months": ("Temporary people, head-months", 1),
    "make_orders": ("Orders to make", 0),
    "buy_orders": ("Orders to buy", 0),
    "operations": ("Operations", 0),
    "errors": ("Exceptions: errors", 0),
    "warnings": ("Exceptions: warnings", 0),
    "least_cash": ("Least cash at a month's end", 0),
}
_SETTINGS = {
    "as_of": "Planning date",
    "base_plan": "Base plan",
    "move_budget": "Share that may move",
    "work_budget": "Rounds of improvement",
    "time_limit_seconds": "Time limit in seconds",
    "engine_version": "Engine",
}
KIND_WORDS = {
    "later": "later",
    "no_date": "without a date now",
    "earlier": "earlier",
    "dated": "with a date now",
    "new": "only in the second",
    "gone": "only in the first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenAway:
    """One of the lists as a file: its columns, and the values of its rows."""

    columns: tuple[str, ...]
    rows: Callable[[PlanComparison, ZoneInfo], Iterable[Sequence[Any]]]


def comparison_view(found: PlanComparison, *, zone: ZoneInfo, wages: bool) -> dict[str, Any]:
    """The context of the page; sums of money only with ``wages``."""
    figures = [row for row in found.figures if wages or not row.is_money]
    costs = [row for row in found.costs if row.before or row.after] if wages else []
    kinds = Counter(move.kind for move in found.dates)
    return {
        "figures": [_figure(row) for row in figures],
        "costs": [_cost(row) for row in costs],
        "date_counts": [(KIND_WORDS[kind], kinds[kind], kind in ("later", "no_date")) for kind in KINDS],
        "dates": found.dates[:MOST_ROWS],
        "more_dates": len(found.dates[MOST_ROWS:]),
        "months": found.people.months,
        "people": _people(found.people),
        "purchase_items": _purchase_items(found.purchases),
        "purchases": [_purchase(row) for row in found.purchases[:MOST_ROWS]],
        "purchase_count": len(found.purchases),
        "more_purchases": len(found.purchases[MOST_ROWS:]),
        "centres": [
            (row, row.work_centre or "outside", f"{row.mean_days:,.1f}") for row in found.operations.centres
        ],
        "operation_counts": [(kind, found.operations.count(kind)) for kind in ("moved", "added", "removed")],
        "operations": [_operation(row, zone) for row in found.operations.moves[:MOST_ROWS]],
        "more_operations": len(found.operations.moves[MOST_ROWS:]),
        "settings": [
            (_setting_words(row.name), _said(row.before), _said(row.after)) for row in found.settings
        ],
        "inputs": [(row.section.replace("_", " ").capitalize(), row) for row in found.inputs],
        "chart": _chart(found, costs),
    }


def _figure(row: Figure) -> tuple[str, str, str, str, str]:
    words, places = _FIGURES[row.name]
    return (words, *_amounts(row.before, row.after, places), _mood(row.change, row.better, places))


def _cost(row: CostPart) -> tuple[str, str, str, str, str, str]:
    share = f"{100 * row.change / row.before:+.1f} %" if row.before else ""
    words = row.part.replace("_", " ").capitalize()
    return (words, *_amounts(row.before, row.after, 0), share, _mood(row.change, -1, 0))


def _amounts(before: float, after: float, places: int) -> tuple[str, str, str]:
    change = after - before
    is_same = abs(change) < 0.5 * 10**-places
    return f"{before:,.{places}f}", f"{after:,.{places}f}", "–" if is_same else f"{change:+,.{places}f}"


def _mood(change: float, better: int, places: int) -> str:
    if not better or abs(change) < 0.5 * 10**-places:
        return ""
    return "dl-good" if (change > 0) == (better > 0) else "dl-late"


def _people(people: PeopleChange) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """Rows of the table: css, words, and per month text, hint and css."""
    rows = [
        ("", "People before", [(f"{row.before.heads:,.0f}", "", "") for row in people.totals]),
        ("", "People after", [(f"{row.after.heads:,.0f}", "", "") for row in people.totals]),
        ("dl-sum", "Difference", [_heads(row) for row in people.totals]),
    ]
    for code, months in people.skills.items():
        rows.append(("", people.names.get(code) or code, [_heads(row) for row in months]))
    return rows


def _heads(row: HeadsChange) -> tuple[str, str, str]:
    one, two = row.before, row.after
    told = f"{one.heads:.1f} → {two.heads:.1f} heads, {one.hires} → {two.hires} hires"
    if abs(row.change) < SAME_HEADS:
        return ("·" if one.hires == two.hires else "hires"), told, ""
    return f"{row.change:+.1f}", told, "dl-grown" if row.change > 0 else "dl-shrunk"


def _purchase_items(changes: Iterable[PurchaseChange]) -> list[tuple[Any, ...]]:
    """Item by item, those with the most purchases that differ first: how many of each kind, units more or
    fewer, and by how many days the farthest goes out later.
    """
    items: dict[str, list[PurchaseChange]] = defaultdict(list)
    for row in changes:
        items[row.item].append(row)
    found = []
    for item, rows in sorted(items.items(), key=lambda each: (-len(each[1]), each[0])):
        kinds = Counter(row.kind for row in rows)
        units = sum((row.units for row in rows), ZERO)
        farthest = max((row.days or 0 for row in rows), key=abs)
        counts = [kinds[kind] or "" for kind in ("changed", "added", "removed")]
        more = "–" if not units else f"{'+' if units > 0 else ''}{plain(units)}"
        found.append((item, counts, more, f"{farthest:+d} d" if farthest else "–"))
    return found


def _purchase(row: PurchaseChange) -> dict[str, Any]:
    """Pairs of old and new; what did not change is told once."""
    names = ("supplier", "qty", "release", "due")
    cells = []
    for name in names:
        old, new = getattr(row.before, name, None), getattr(row.after, name, None)
        cells.append({"old": _said(old), "new": _said(new), "changed": row.kind == "changed" and old != new})
    return {"kind": row.kind, "item": row.item, "days": row.days, "cells": cells}


def _operation(row: OperationMove, zone: ZoneInfo) -> dict[str, Any]:
    placed = row.after or row.before
    return {
        "kind": row.kind,
        "item": row.item,
        "seq": row.seq,
        "qty": plain(placed.qty) if placed else "",
        "before": _where(row.before, zone),
        "after": _where(row.after, zone),
        "days": None if row.days is None else f"{row.days:+,.1f}",
        "order": placed.order if placed else "",
    }


def _where(placed: Placed | None, zone: ZoneInfo) -> str:
    if placed is None:
        return "–"
    station = f"{placed.work_centre} {placed.station}" if placed.work_centre else "outside"
    return f"{placed.start.astimezone(zone):%Y-%m-%d %H:%M}, {station}"


def _setting_words(name: str) -> str:
    if name.startswith("weights."):
        return f"Weight: {name.removeprefix('weights.').replace('_', ' ')}"
    return _SETTINGS.get(name, name.replace("_", " ").capitalize())


def _said(value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, float):
        return f"{value:,g}"
    return str(value) if isinstance(value, str | dt.date | int) else plain(value)


def _chart(found: PlanComparison, costs: list[CostPart]) -> dict[str, Any]:
    totals = found.people.totals
    moved = [move for move in found.dates if move.days]
    moved.sort(key=lambda move: -abs(move.days or 0))
    moved = sorted(moved[:BARS], key=lambda move: move.days or 0)
    parts = [row for row in costs if row.part != "total" and abs(row.change) >= 0.5]
    return {
        "before": str(found.before),
        "after": str(found.after),
        "months": found.people.months,
        "heads": [[round(getattr(row, side).heads, 2) for row in totals] for side in ("before", "after")],
        "hires": [[getattr(row, side).hires for row in totals] for side in ("before", "after")],
        "dates": [[_name(move), move.days] for move in moved],
        "costs": [[row.part.replace("_", " "), round(row.change)] for row in parts],
    }


def _name(move: DateMove) -> str:
    return f"{move.sales_order} {move.line}.{move.instalment}"


def _date_rows(found: PlanComparison, zone: ZoneInfo) -> Iterable[Sequence[Any]]:
    names = TAKEN_AWAY["dates"].columns[:-1]
    for move in found.dates:
        yield [*(getattr(move, name) for name in names), " ".join(move.why)]


def _people_rows(found: PlanComparison, zone: ZoneInfo) -> Iterable[Sequence[Any]]:
    for rows in (found.people.totals, *found.people.skills.values()):
        for row in rows:
            sides = (getattr(side, name) for side in (row.before, row.after) for name in ("heads", "hires"))
            yield [row.skill or "all", row.month, *sides]


def _purchase_rows(found: PlanComparison, zone: ZoneInfo) -> Iterable[Sequence[Any]]:
    for row in found.purchases:
        sides = (
            getattr(side, name, None)
            for side in (row.before, row.after)
            for name in ("supplier", "qty", "release", "due")
        )
        yield [row.item, row.kind, row.days, *sides]


def _operation_rows(found: PlanComparison, zone: ZoneInfo) -> Iterable[Sequence[Any]]:
    for row in found.operations.moves:
        sides: list[Any] = []
        for side in (row.before, row.after):
            start = side.start.astimezone(zone).replace(tzinfo=None) if side else None
            sides += [side.order, side.work_centre, side.station, side.qty, start] if side else [None] * 5
        yield [row.item, row.seq, row.kind, row.days, *sides]


def _both(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{side}" for side in ("before", "after") for name in names)


TAKEN_AWAY = {
    "dates": TakenAway(
        columns=(
            "sales_order",
            "line",
            "instalment",
            "item",
            "qty",
            "requested",
            "before",
            "after",
            "days",
            "kind",
            "late_before",
            "late_after",
            "why",
        ),
        rows=_date_rows,
    ),
    "people": TakenAway(columns=("skill", "month", *_both("heads", "hires")), rows=_people_rows),
    "purchases": TakenAway(
        columns=("item", "kind", "days", *_both("supplier", "qty", "release", "due")), rows=_purchase_rows
    ),
    "operations": TakenAway(
        columns=("item", "seq", "kind", "days", *_both("order", "work_centre", "station", "qty", "start")),
        rows=_operation_rows,
    ),
}
