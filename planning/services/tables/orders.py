"""The table of sales orders: one row is one instalment, with its line and its order beside it.

Rows of one order say the same about the order, rows of one line the same about the line. Lines that the
table does not name stay; the instalments of one that it names are those of the table.
"""

from collections.abc import Iterable
from typing import Any

from orders.models import OrderStatus, SalesOrder
from planning.services.tables.kinds import INSTALMENT_COLUMNS, LINE_COLUMNS, ORDER_COLUMNS
from planning.services.tables.merging import Merge, Values, same
from planning.services.tables.parsing import Table, TableRow

_OF_ORDER = tuple(column.name for column in ORDER_COLUMNS)
_OF_LINE = tuple(column.name for column in LINE_COLUMNS)
_OF_PART = tuple(column.name for column in INSTALMENT_COLUMNS)


def merge_orders(merge: Merge) -> None:
    """Every order of the table, with its lines and instalments."""
    table, orders = merge.table, merge.values["sales_orders"]
    index = {order["ref"]: number for number, order in enumerate(orders)}
    ended = _kept_out({row.values["ref"] for row in table.rows})
    for ref, rows in _groups(table.rows, "ref").items():
        if ref in ended:
            table.refuse(
                f"order {ref} is {ended[ref]}; release it first, or leave it out", row=rows[0].number
            )
            continue
        number = index.get(ref)
        stored = orders[number] if number is not None else None
        header = _agreed(table, rows, _OF_ORDER, "order")
        order = (stored or {}) | header | {"lines": list(stored["lines"]) if stored else []}
        if number is None:
            number = len(orders)
            orders.append(order)
        else:
            orders[number] = order
        merge.places[f"/sales_orders/{number}"] = rows[0]
        merge.touched.add(number)
        for line, parts in _groups(rows, "line").items():
            _merge_line(merge, f"/sales_orders/{number}", order, (ref, line), parts, stored)


def _merge_line(
    merge: Merge,
    path: str,
    order: Values,
    key: tuple[str, int],
    rows: list[TableRow],
    stored_order: Values | None,
) -> None:
    ref, number = key
    lines = order["lines"]
    place = next((n for n, line in enumerate(lines) if line["line"] == number), None)
    stored = lines[place] if place is not None else None
    line = (stored or {}) | _agreed(merge.table, rows, _OF_LINE, "line")
    parts = [{name: row.values[name] for name in _OF_PART if name in row.values} for row in rows]
    _keep_shipped(merge.table, rows, stored)
    before = _schedule(stored) if stored else []
    for name in ("due", "qty", "shipped_qty", "instalments"):
        line.pop(name, None)
    if len(parts) == 1 and not (stored and stored.get("instalments")):
        line |= parts[0]
    else:
        line |= {"qty": sum(part["qty"] for part in parts), "instalments": parts}
    if place is None:
        place = len(lines)
        lines.append(line)
    else:
        lines[place] = line
    merge.places[f"{path}/lines/{place}"] = rows[0]
    for count, row in enumerate(rows):
        merge.places[f"{path}/lines/{place}/instalments/{count}"] = row
    _see(merge, (ref, number), rows, stored_order, stored, before)


def _see(
    merge: Merge,
    key: tuple[str, int],
    rows: list[TableRow],
    order: Values | None,
    line: Values | None,
    before: list[Values],
) -> None:
    """What each instalment of a line does. Those that the table leaves out change the line's first row."""
    left = sorted(before, key=_when)
    fewer = len(before) > len(rows)
    for row in sorted(rows, key=lambda each: _when(each.values)):
        part = left.pop(0) if left else None
        was = None if line is None or order is None or part is None else order | line | part
        told = dict(row.values)
        if fewer and was is not None:
            was, told = was | {"instalments": len(before)}, told | {"instalments": len(rows)}
            fewer = False
        merge.see(row, (*key, row.values["due"]), was, told)
    merge.changes.sort(key=lambda change: change.row)


def _when(part: Any) -> tuple[Any, ...]:
    return (part["due"], part["qty"])


def _schedule(line: Values) -> list[Values]:
    if line.get("instalments"):
        return list(line["instalments"])
    return [{"due": line["due"], "qty": line["qty"], "shipped_qty": line.get("shipped_qty", 0)}]


def _keep_shipped(table: Table, rows: list[TableRow], stored: Values | None) -> None:
    """What has left the house cannot be forgotten by leaving out a column."""
    if stored is not None and "shipped_qty" not in table.columns:
        shipped = sum(part.get("shipped_qty") or 0 for part in _schedule(stored))
        if shipped:
            table.refuse(
                f"{shipped.normalize():f} of the line have shipped; expected the column shipped_qty",
                row=rows[0].number,
                column="shipped_qty",
            )


def _agreed(table: Table, rows: list[TableRow], names: Iterable[str], what: str) -> Values:
    """What all rows of an order or line say of it."""
    first = rows[0]
    for row in rows[1:]:
        for name in names:
            if name in first.values and not same(row.values[name], first.values[name]):
                table.refuse(
                    f"row {first.number} says {first.values[name]} of the same {what}; expected the same",
                    row=row.number,
                    column=name,
                    value=row.values[name],
                )
    return {name: first.values[name] for name in names if name in first.values}


def _groups(rows: Iterable[TableRow], name: str) -> dict[Any, list[TableRow]]:
    found: dict[Any, list[TableRow]] = {}
    for row in rows:
        found.setdefault(row.values[name], []).append(row)
    return found


def _kept_out(refs: set[str]) -> dict[str, str]:
    """Orders that are neither planned nor exchanged, with why."""
    kept = SalesOrder.objects.filter(status__in=[OrderStatus.ON_HOLD, OrderStatus.CANCELLED])
    rows = kept.values_list("ref", "status")
    return {ref: OrderStatus(status).label.lower() for ref, status in rows if ref in refs}
