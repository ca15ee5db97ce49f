"""The table of bills of materials: lines with their revisions, which factory-1 has no word for.

A line is found again by parent, revision, component, the operation that takes it (an empty one being the
first) and its own first day. Its unit is the component's, and stored with that alone: an export tells it, an
import checks it.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from inventory.models import BillOfMaterials, BomLine, BomSubstitute, Item
from planning.models import Operation
from planning.services.exchange.sync import Session, Wanted
from planning.services.tables.kinds import BILL_COLUMNS
from planning.services.tables.merging import Merge, Values, same
from planning.services.tables.parsing import TableRow

FIRST_REVISION = "1"
_NAMES = tuple(column.name for column in BILL_COLUMNS)
_DATES = ("revision_from", "revision_to")
# Columns of a line, and what the format calls them.
_LINE = {
    "component__code": "component",
    "component__uom__code": "uom",
    "qty": "qty",
    "scrap": "scrap",
    "operation": "operation",
    "effective_from": "from",
    "effective_to": "to",
}

Key = tuple[Any, ...]


@dataclass(slots=True)
class StoredBills:
    """What is stored: windows of revisions by (parent, revision), lines by key, first operations."""

    revisions: dict[tuple[str, str], tuple[dt.date | None, dt.date | None]]
    lines: dict[Key, Values]
    first_seq: dict[str, int]

    def key_of(self, parent: str, revision: str, line: Values) -> Key:
        operation = line.get("operation")
        seq = self.first_seq.get(parent) if operation is None else operation
        return (parent, revision, line["component"], seq, line.get("from"))


def read_bills() -> StoredBills:
    """All revisions and lines; 4 queries."""
    # the smallest comes last, and stays
    first = dict(Operation.objects.order_by("-seq").values_list("item__code", "seq"))
    revisions = {
        (parent, revision): (starts, ends)
        for parent, revision, starts, ends in BillOfMaterials.objects.order_by("pk").values_list(
            "item__code", "revision", "effective_from", "effective_to"
        )
    }
    stored = StoredBills(revisions, {}, first)
    substitutes: dict[int, list[Values]] = defaultdict(list)
    rows = BomSubstitute.objects.order_by("priority", "item__code")
    for pk, item, qty, priority in rows.values_list("bom_line_id", "item__code", "qty", "priority"):
        substitutes[pk].append({"item": item, "qty": qty, "priority": priority})
    order = ("bom__item__code", "bom__revision", "operation", "component__code", "effective_from", "pk")
    lines = BomLine.objects.order_by(*order).values_list("pk", "bom__item__code", "bom__revision", *_LINE)
    for pk, parent, revision, *columns in lines:
        values = dict(zip(_LINE.values(), columns, strict=True)) | {"substitutes": substitutes.get(pk, [])}
        stored.lines[stored.key_of(parent, revision, values)] = values
    return stored


def merge_bills(merge: Merge) -> StoredBills:
    """The table's lines among the stored ones; afterwards ``touched`` holds their keys."""
    stored = read_bills()
    merged: dict[Key, TableRow | None] = dict.fromkeys(stored.lines)
    windows: dict[tuple[str, str], int] = {}
    seen: dict[Any, int] = {}
    for row in merge.table.rows:
        revision = _revision(merge, row, stored)
        if revision is None:
            continue
        parent = row.values["parent"]
        line = _line_of(row)
        key = stored.key_of(parent, revision, line)
        if not merge.is_first(row, key, seen):
            continue
        was = stored.lines.get(key)
        dates = _window(merge, row, (parent, revision), stored, windows)
        merge.see(row, (parent, revision, *key[2:]), was and was | dates, line | _dates_of(row))
        stored.lines[key] = (was or {}) | line
        merged[key] = row
        merge.touched.add(key)
    _place(merge, stored, merged)
    return stored


def _revision(merge: Merge, row: TableRow, stored: StoredBills) -> str | None:
    """The revision that a row names; an empty one is the only one that there is."""
    given: str | None = row.values.get("revision")
    if given:
        return given
    known = [revision for parent, revision in stored.revisions if parent == row.values["parent"]]
    if len(known) > 1:
        names = ", ".join(known)
        merge.table.refuse(
            f"{row.values['parent']} has the revisions {names}; expected one of them, or a new one",
            row=row.number,
            column="revision",
        )
        return None
    return known[0] if known else FIRST_REVISION


def _line_of(row: TableRow) -> Values:
    """What a row says of its line; an empty unit says nothing."""
    line = {name: row.values[name] for name in _NAMES if name in row.values}
    if line.get("uom") is None:
        line.pop("uom", None)
    return line


def _dates_of(row: TableRow) -> Values:
    return {name: row.values[name] for name in _DATES if name in row.values}


def _window(
    merge: Merge,
    row: TableRow,
    revision: tuple[str, str],
    stored: StoredBills,
    windows: dict[tuple[str, str], int],
) -> Values:
    """Set the days of a row's revision; return those that it had. Its rows must agree."""
    before = dict(zip(_DATES, stored.revisions.get(revision, (None, None)), strict=True))
    given = before | _dates_of(row)
    if revision in windows:
        for name in _DATES:
            if not same(given[name], before[name]):
                merge.table.refuse(
                    f"row {windows[revision]} says {before[name] or 'no day'} of the same revision; "
                    "expected the same",
                    row=row.number,
                    column=name,
                    value=given[name],
                )
        return before
    windows[revision] = row.number
    stored.revisions[revision] = (given["revision_from"], given["revision_to"])
    start, end = given["revision_from"], given["revision_to"]
    if start and end and start >= end:
        merge.table.refuse(
            f"expected a day after revision_from {start}", row=row.number, column="revision_to", value=end
        )
    return before


def _place(merge: Merge, stored: StoredBills, merged: dict[Key, TableRow | None]) -> None:
    """The lines as the format says them: on the days on which both line and revision are in force."""
    rows: list[Values] = []
    for key, row in merged.items():
        line, (bom_from, bom_to) = stored.lines[key], stored.revisions[key[0], key[1]]
        start = max((day for day in (line.get("from"), bom_from) if day), default=None)
        end = min((day for day in (line.get("to"), bom_to) if day), default=None)
        if start is not None and end is not None and start >= end:
            if row is not None and not (line.get("to") and line["to"] <= (line.get("from") or dt.date.min)):
                merge.table.refuse(
                    f"the line never counts: revision {key[1]} is in force on other days",
                    row=row.number,
                    column="from",
                )
            elif row is not None:
                merge.table.refuse(
                    f"expected a day after from {line['from']}", row=row.number, column="to", value=end
                )
            continue
        if row is not None:
            merge.places[f"/bom/{len(rows)}"] = row
        rows.append({"parent": key[0], **line, "from": start, "to": end})
    merge.values["bom"] = rows


def store_bills(session: Session, bills: StoredBills, touched: set[Key]) -> None:
    """Write the lines of ``touched`` and their revisions. Everything about them has been checked."""
    revisions = {(key[0], key[1]) for key in touched}
    codes = {key[0] for key in touched} | {
        code
        for key in touched
        for code in (key[2], *(each["item"] for each in bills.lines[key].get("substitutes") or ()))
    }
    items = {item.code: item for item in Item.objects.filter(code__in=codes)}
    boms = session.sync(
        model=BillOfMaterials,
        section="revisions",
        existing=BillOfMaterials.objects.filter(item__code__in=codes).select_related("item"),
        key_of=lambda row: (row.item.code, row.revision),
        wanted=[
            Wanted(
                key=key,
                path="",
                columns={"item": items[key[0]], "revision": key[1]},
                values={
                    "effective_from": bills.revisions[key][0],
                    "effective_to": bills.revisions[key][1],
                },
            )
            for key in sorted(revisions)
        ],
    )

    def key_of(line: BomLine) -> Key:
        values = {
            "component": line.component.code,
            "operation": line.operation,
            "from": line.effective_from,
        }
        return bills.key_of(line.bom.item.code, line.bom.revision, values)

    existing = BomLine.objects.filter(bom__item__code__in=codes)
    lines = session.sync(
        model=BomLine,
        section="bom",
        existing=existing.select_related("bom__item", "component"),
        key_of=key_of,
        wanted=[_wanted(key, bills.lines[key], boms, items) for key in sorted(touched, key=str)],
    )
    session.sync(
        model=BomSubstitute,
        section="bom",
        existing=BomSubstitute.objects.filter(bom_line__bom__item__code__in=codes).select_related(
            "bom_line__bom__item", "bom_line__component", "item"
        ),
        key_of=lambda row: (*key_of(row.bom_line), row.item.code),
        wanted=[
            Wanted(
                key=(*key, each["item"]),
                path="",
                columns={"bom_line": lines[key], "item": items[each["item"]]},
                values={"qty": each["qty"], "priority": each["priority"]},
            )
            for key in touched
            for each in bills.lines[key].get("substitutes") or ()
        ],
        scope=lines.keys(),
        parents=lines,
    )
    session.write()


def _wanted(key: Key, line: Values, boms: dict[Any, BillOfMaterials], items: dict[str, Item]) -> Wanted:
    values = {name: line[name] for name in ("qty", "scrap", "operation") if name in line}
    if "to" in line:
        values["effective_to"] = line["to"]
    return Wanted(
        key=key,
        path="",
        columns={
            "bom": boms[key[0], key[1]],
            "component": items[key[2]],
            "effective_from": line.get("from"),
        },
        values=values,
    )
