"""Rows of a table into the stored factory, as factory-1 would say it: what would then be, and what changes.

Every place of the merged document that comes from the table is remembered (``places``), so that whatever
the format refuses is told by row and column.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from planning.services.tables.kinds import Column
from planning.services.tables.parsing import Table, TableRow

Values = dict[str, Any]

ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowChange:
    """What becomes of a row of the table; ``fields`` are triples of column, old and new value."""

    row: int
    key: str
    action: str
    fields: tuple[tuple[str, Any, Any], ...] = ()


@dataclass(slots=True)
class Merge:
    """``values``: the whole factory with the table in it. ``touched``: the table's places in its section."""

    table: Table
    values: Values
    places: dict[str, TableRow] = field(default_factory=dict)
    changes: list[RowChange] = field(default_factory=list)
    touched: set[Any] = field(default_factory=set)

    def see(self, row: TableRow, key: Iterable[Any], stored: Values | None, new: Values) -> None:
        """Note what the row does to what is ``stored``."""
        told = " / ".join("–" if part is None else str(part) for part in key)
        if stored is None:
            change = RowChange(row=row.number, key=told, action=ADDED)
        else:
            fields = tuple(
                (name, stored.get(name), value)
                for name, value in new.items()
                if not same(stored.get(name), value)
            )
            action = CHANGED if fields else UNCHANGED
            change = RowChange(row=row.number, key=told, action=action, fields=fields)
        self.changes.append(change)

    def is_first(self, row: TableRow, key: Any, seen: dict[Any, int]) -> bool:
        """Whether the key has not stood in the table before; if it has, that is an issue."""
        if key in seen:
            names = ", ".join(self.table.kind.key)
            self.table.refuse(
                f"the same {names} as in row {seen[key]}; expected each only once", row=row.number
            )
            return False
        seen[key] = row.number
        return True


def merge_flat(merge: Merge) -> None:
    """Tables of which each row is a row of a section of the same name."""
    section, key = merge.table.kind.name, merge.table.kind.key
    rows: list[Values] = merge.values[section]
    index = {tuple(row.get(name) for name in key): number for number, row in enumerate(rows)}
    seen: dict[Any, int] = {}
    for row in merge.table.rows:
        given = _with_defaults(row, merge.table.kind.columns, key)
        place = tuple(given[name] for name in key)
        if not merge.is_first(row, place, seen):
            continue
        number = index.get(place)
        stored = rows[number] if number is not None else None
        merge.see(row, place, stored, dict(row.values))
        if number is None:
            number = len(rows)
            rows.append(given)
        else:
            rows[number] = rows[number] | dict(row.values)
        merge.places[f"/{section}/{number}"] = row
        merge.touched.add(number)


def merge_routings(merge: Merge) -> None:
    """Operations, by item and seq; operations that the table does not name stay."""
    routings: dict[str, list[Values]] = merge.values["routings"]
    seen: dict[Any, int] = {}
    for row in merge.table.rows:
        values = dict(row.values)
        item = values.pop("item")
        if not merge.is_first(row, (item, values["seq"]), seen):
            continue
        steps = routings.setdefault(item, [])
        number = next((n for n, step in enumerate(steps) if step["seq"] == values["seq"]), None)
        merge.see(row, (item, values["seq"]), steps[number] if number is not None else None, values)
        if number is None:
            number = len(steps)
            steps.append(values)
        else:
            steps[number] = steps[number] | values
        merge.places[f"/routings/{item}/{number}"] = row
        merge.touched.add(item)


def same(one: Any, other: Any) -> bool:
    """Whether two values of the format say the same; the order of rows within a row says nothing."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return sorted(map(_entry, one)) == sorted(map(_entry, other))
    return bool(one == other)


def _entry(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    return sorted(
        (name, f"{value.normalize():f}" if isinstance(value, Decimal) else str(value))
        for name, value in row.items()
    )


def _with_defaults(row: TableRow, columns: Iterable[Column], key: Iterable[str]) -> Values:
    """The row as a new one: parts of its key that have no column hold their default."""
    missing = {column.name: column.default for column in columns if column.name in set(key)}
    return missing | dict(row.values)
