"""Count sheets as files: what a counter fills in by hand or with a scanner comes back as csv or xlsx."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import tablib

from inventory.errors import InvalidCount, Issue
from inventory.models import MAIN, CycleCount, Item
from inventory.models.fields import QTY
from inventory.services.counting import MAX_LINES, Counted, record_counts

MAX_BYTES = 5 * 1024 * 1024
COLUMNS = ("item", "location", "lot", "counted_qty")
_PLACES = Decimal(1).scaleb(-QTY["decimal_places"])


def upload_counts(
    *, ref: str, name: str, content: bytes, now: dt.datetime, by: Any = None
) -> tuple[CycleCount, int]:
    """Take down a filled-in sheet; how many lines it counted. Every bad row is named by its number."""
    counted = read_sheet(name, content)
    return record_counts(ref=ref, counted=counted, now=now, by=by), len(counted)


def read_sheet(name: str, content: bytes) -> list[Counted]:
    """The counted rows of a file with the columns of ``COLUMNS``; those without a count are left out."""
    table = _table(name, content)
    headers = [str(header or "").strip() for header in table.headers or []]
    missing = [column for column in ("item", "counted_qty") if column not in headers]
    if missing:
        text = f"The column {missing[0]} is missing; expected {', '.join(COLUMNS)}."
        raise InvalidCount([Issue("row 1", text)])
    if len(table) > MAX_LINES:
        raise InvalidCount([Issue(f"row {MAX_LINES + 2}", f"At most {MAX_LINES} rows are read.")])
    issues: list[Issue] = []
    # The first row below the headers is the second of the file.
    rows = [
        row
        for number, values in enumerate(table, start=2)
        for row in _row(number, dict(zip(headers, values, strict=False)), issues)
    ]
    known = set(Item.objects.filter(code__in={row.item for row in rows}).values_list("code", flat=True))
    issues += [Issue(row.path, f"There is no item {row.item}.") for row in rows if row.item not in known]
    if not rows and not issues:
        issues.append(Issue("counted_qty", "No row is counted: fill in the column and send it again."))
    if issues:
        raise InvalidCount(issues)
    return rows


def _table(name: str, content: bytes) -> tablib.Dataset:
    if len(content) > MAX_BYTES:
        raise InvalidCount([Issue(name, f"A file of at most {MAX_BYTES // 1024**2} MB is read.")])
    kind = name.rpartition(".")[2].lower()
    if kind not in {"csv", "xlsx"}:
        raise InvalidCount([Issue(name, "A file that ends in .csv or .xlsx is expected.")])
    try:
        source = content.decode("utf-8-sig") if kind == "csv" else content
        return tablib.Dataset().load(source, format=kind)
    except Exception as error:
        raise InvalidCount([Issue(name, f"Not a readable {kind} file: {error}")]) from error


def _row(number: int, values: dict[str, Any], issues: list[Issue]) -> Iterator[Counted]:
    item = _text(values.get("item"))
    counted = _text(values.get("counted_qty"))
    if not counted:
        return
    if not item:
        issues.append(Issue(f"row {number}, item", "The code of an item is expected."))
        return
    try:
        qty = Decimal(counted)
        if not qty.is_finite() or qty != qty.quantize(_PLACES):
            raise InvalidOperation
    except InvalidOperation:
        text = f"A number with at most {QTY['decimal_places']} decimals is expected, not {counted[:40]}."
        issues.append(Issue(f"row {number}, counted_qty", text))
        return
    yield Counted(
        item=item,
        qty=qty,
        location=_text(values.get("location")) or MAIN,
        lot=_text(values.get("lot")) or None,
        path=f"row {number}",
    )


def _text(value: Any) -> str:
    """A cell as somebody typed it: a spreadsheet turns 4 into 4.0, and exports put ' before a formula."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip().removeprefix("'")
