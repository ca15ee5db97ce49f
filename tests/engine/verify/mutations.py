"""Changes of one value of one row of a plan, each of which makes any plan wrong.

Not here is what a plan may say otherwise and still be right: a purchase a day earlier, a lot that starts
later, excess, texts, exceptions, an earliest day, and money within a cent or a millionth.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime, timedelta
from typing import Any

from planning.engine.plan import STAGES, Plan

Row = dict[str, Any]
Values = Callable[[Any], list[Any]]

NAN, INF = float("nan"), float("inf")


def number(value: Any) -> list[Any]:
    """Another number, or none at all."""
    return [float(value) + 1, float(value) - 1, NAN]


def count(value: Any) -> list[Any]:
    return [value + 1, value - 1, 10**12]


def amount(value: Any) -> list[Any]:
    """A quantity that no row of its kind has."""
    return [0, -float(value), 10**30]


def quantity(value: Any) -> list[Any]:
    return [*amount(value), float(value) + 1, float(value) / 2]


def day(value: Any) -> list[Any]:
    return [str(date.fromisoformat(value) + timedelta(days=days)) for days in (-1, 1)]


def minute(value: Any) -> list[Any]:
    """A minute more or less, not a whole one, and one of no time zone."""
    moment = datetime.fromisoformat(value)
    moved = [moment + timedelta(seconds=seconds) for seconds in (-60, 60, 1)]
    return [each.isoformat() for each in (*moved, moment.replace(tzinfo=None))]


def code(_: Any) -> list[Any]:
    return ["NONE"]


def turned(value: Any) -> list[Any]:
    return [not value]


def week(value: Any) -> list[Any]:
    return [str(date.fromisoformat(value) + timedelta(days=days)) for days in (-7 * 300, 1, 7 * 300)]


def station(value: Any) -> list[Any]:
    return [0, 10**6, None] if value is not None else [1]


WRONG: dict[str, dict[str, Values]] = {
    "planned_orders": {
        "id": code,
        "item": code,
        "kind": lambda value: ["buy" if value == "make" else "make"],
        "qty": amount,
        "supplier": code,
        "work_order": code,
        "firm": turned,
    },
    "operations": {
        "order": code,
        "item": code,
        "seq": lambda value: [value + 1, -value],
        "qty": quantity,
        "work_centre": lambda _: ["NONE", None],
        "station": station,
        "skill": code,
        "start": minute,
        "end": minute,
        "free": minute,
    },
    "staffing": {
        "skill": code,
        "month": lambda _: ["1999-01"],
        "headcount": number,
        "hires": count,
        "requisition_by": day,
        "leavers": number,
        "layoffs": count,
        "temp_heads": lambda value: [-1, value + 0.5, 10**12, NAN],
        "available_hours": number,
        "required_hours": number,
        "overtime_hours": number,
        "cost": number,
        "moved_in": count,
        "moved_out": count,
        "training_heads": number,
        "wage_per_hour": number,
    },
    "skill_changes": {
        "from_skill": code,
        "to_skill": code,
        "month": lambda _: ["1999-01"],
        "heads": lambda value: [0, -value, 10**12],
    },
    "labour_weeks": {"skill": code, "week": week, "available_hours": number, "required_hours": number},
    "labour_shifts": {"skill": code, "month": code, "shift": code, "hours": number, "cost": number},
    "load": {"work_centre": code, "week": week, "available_hours": number, "required_hours": number},
    "pegging": {"order": code, "item": code, "qty": amount, "for_order": code, "sales_order": code}
    | {"line": lambda value: [None, value + 99], "instalment": lambda value: [None, value + 99]},
    "promises": {
        "sales_order": code,
        "line": lambda value: [value + 99],
        "instalment": lambda value: [0, value + 99],
        "item": code,
        "qty": quantity,
        "requested": day,
        "promised": day,
        "days_late": count,
    },
    "cash": {
        "month": code,
        "opening": number,
        "milestones": number,
        "deliveries": number,
        "payroll": number,
        "hiring": number,
        "purchases": number,
        "machine": number,
        "closing": number,
        "short": number,
    },
}
# What a row may be left out of: excess that nobody needs, and nobody's changes of skill.
EVERY_ROW = set(WRONG) - {"pegging", "skill_changes"}
OF_A_DELIVERY: dict[str, Values] = {"date": lambda _: ["1999-01-01", "2199-01-01"], "qty": quantity}
OF_A_REASON: dict[str, Values] = {"days": lambda _: [-1, NAN, INF]}
OF_A_STAGE: dict[str, Values] = {
    "bound": lambda value: [value + 10 + abs(value), NAN],
    "gap": lambda value: [value + 0.1, NAN, None],
    "seconds": lambda _: [-1, NAN],
}


def mutations(plan: Plan) -> Iterator[tuple[str, Row]]:
    """What was changed, and the plan so changed: in each section and for each key the middle one of the rows
    that tell it.
    """
    document = json.loads(plan.model_dump_json())
    for section, keys in WRONG.items():
        rows = document[section]
        if rows and section in EVERY_ROW:
            middle = len(rows) // 2
            yield f"{section} without row {middle}", document | {section: rows[:middle] + rows[middle + 1 :]}
        if rows:
            yield f"{section} row 0 twice", document | {section: [*rows, rows[0]]}
        yield from _values(document, [section], keys)
    yield from _values(document, ["promises", "deliveries"], OF_A_DELIVERY)
    yield from _values(document, ["promises", "reasons"], OF_A_REASON)
    for part, value in document["cost"].items():
        for wrong in (*number(value), value - 1 - abs(value)):
            yield f"cost {part} {wrong}", document | {"cost": document["cost"] | {part: wrong}}
    for stage in STAGES:
        told = document["certificate"][stage]
        for key, values in OF_A_STAGE.items():
            for wrong in values(told[key]) if told[key] is not None else []:
                changed = document["certificate"] | {stage: told | {key: wrong}}
                yield f"{stage} {key} {wrong}", document | {"certificate": changed}
        if told["bound"] is None or (told["gap"] or 0) > 0.01:
            changed = document["certificate"] | {stage: told | {"status": "optimal"}}
            yield f"{stage} optimal", document | {"certificate": changed}
    for key, wrong in (
        ("factory", "NONE"),
        ("input_digest", "0" * 64),
        ("created_at", "2024-01-01T00:00:00"),
    ):
        yield f"{key} {wrong}", document | {key: wrong}


def _values(document: Row, path: list[str], keys: dict[str, Values]) -> Iterator[tuple[str, Row]]:
    """One value replaced, of the middle one of the rows at ``path``."""
    for key, values in keys.items():
        place = _middle(document, path, key)
        if place is None:
            continue
        for wrong in values(_row(document, path, place)[key]):
            changed = document | {path[0]: deepcopy(document[path[0]])}
            _row(changed, path, place)[key] = wrong
            yield f"{'/'.join(map(str, zip(path, place, strict=True)))} {key} {wrong}", changed


def _middle(document: Row, path: list[str], key: str) -> tuple[int, ...] | None:
    """Where the middle one of the rows at ``path`` stands that tell ``key``."""
    places: list[tuple[int, ...]] = [(index,) for index in range(len(document[path[0]]))]
    for name in path[1:]:
        rows = document[path[0]]
        places = [(index, inner) for (index,) in places for inner in range(len(rows[index][name]))]
    told = [place for place in places if _row(document, path, place)[key] is not None]
    return told[len(told) // 2] if told else None


def _row(document: Row, path: list[str], place: tuple[int, ...]) -> Row:
    row: Any = document
    for name, index in zip(path, place, strict=True):
        row = row[name][index]
    found: Row = row
    return found
