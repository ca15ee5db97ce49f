"""Count sheets as files: what a counter fills in by hand or with a scanner comes back as csv or xlsx."""

import datetime as dt
import io
import itertools
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from openpyxl import load_workbook

from inventory.errors import InvalidCount, Issue
from inventory.models import MAIN, CycleCount, Item
from inventory.models.fields import CODE, QTY, plain, read_number
from inventory.services.counting import MAX_LINES, Counted, record_counts
from inventory.services.sheets import (
    DAMAGED_XLSX,
    AmbiguousNumber,
    UnreadableText,
    decode_csv,
    delimiter_of,
    read_rows,
    with_point,
)
from inventory.services.zips import HostileArchive, open_archive

MAX_BYTES = 5 * 1024 * 1024
COLUMNS = ("item", "location", "lot", "counted_qty")
MAX_COLUMNS = 50

type Rows = tuple[list[Sequence[Any]], str]


def upload_counts(
    *, ref: str, name: str, content: bytes, now: dt.datetime, by: Any = None
) -> tuple[CycleCount, int]:
    """Take down a filled-in sheet; how many lines it counted. Every bad row is named by its number."""
    counted = read_sheet(name, content)
    return record_counts(ref=ref, counted=counted, now=now, by=by), len(counted)


def read_sheet(name: str, content: bytes) -> list[Counted]:
    """The counted rows of a file with the columns of ``COLUMNS``; those without a count are left out."""
    rows, delimiter = _rows(name, content)
    headers = [str(header or "").strip() for header in rows[0]] if rows else []
    missing = [column for column in ("item", "counted_qty") if column not in headers]
    if missing:
        text = f"The column {missing[0]} is missing; expected {', '.join(COLUMNS)}."
        raise InvalidCount([Issue("row 1", text)])
    if len(rows) > MAX_LINES + 1:
        raise InvalidCount([Issue(f"row {MAX_LINES + 2}", f"At most {MAX_LINES} rows are read.")])
    issues: list[Issue] = []
    # The first row below the headers is the second of the file.
    counted = [
        row
        for number, values in enumerate(rows[1:], start=2)
        for row in _row(number, dict(zip(headers, values, strict=False)), delimiter, issues)
    ]
    known = set(Item.objects.filter(code__in={row.item for row in counted}).values_list("code", flat=True))
    issues += [Issue(row.path, f"There is no item {row.item}.") for row in counted if row.item not in known]
    if not counted and not issues:
        issues.append(Issue("counted_qty", "No row is counted: fill in the column and send it again."))
    if issues:
        raise InvalidCount(issues)
    return counted


def _rows(name: str, content: bytes) -> Rows:
    """The rows of a file, its headers first, never more than one too many; and what parts their cells."""
    if len(content) > MAX_BYTES:
        raise InvalidCount([Issue(name, f"A file of at most {MAX_BYTES // 1024**2} MB is read.")])
    kind = name.rpartition(".")[2].lower()
    if kind not in {"csv", "xlsx"}:
        raise InvalidCount([Issue(name, "A file that ends in .csv or .xlsx is expected.")])
    try:
        return _rows_of_csv(content) if kind == "csv" else _rows_of_xlsx(content)
    except UnreadableText as error:
        place = name if error.row is None else f"row {error.row}"
        raise InvalidCount([Issue(place, f"Not a readable csv file: {error}.")]) from error
    except HostileArchive as error:
        raise InvalidCount([Issue(name, f"Not a readable xlsx file: {error}.")]) from error
    except DAMAGED_XLSX as error:
        text = "Not a readable xlsx file: it is damaged, or of another kind; save it as xlsx again."
        raise InvalidCount([Issue(name, text)]) from error


def _rows_of_csv(content: bytes) -> Rows:
    text = decode_csv(content)
    return list(itertools.islice(read_rows(text), MAX_LINES + 2)), delimiter_of(text)


def _rows_of_xlsx(content: bytes) -> Rows:
    """The first sheet, read only as far as a count can reach: a small file may hold millions of cells."""
    with open_archive(content):
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    sheet = book.worksheets[0]
    return list(sheet.iter_rows(max_row=MAX_LINES + 2, max_col=MAX_COLUMNS, values_only=True)), ","


def _row(number: int, values: dict[str, Any], delimiter: str, issues: list[Issue]) -> Iterator[Counted]:
    item = _text(values.get("item"))
    counted = _text(values.get("counted_qty"))
    location = _text(values.get("location")) or MAIN
    lot = _text(values.get("lot"))
    if not counted:
        return
    wrong = [] if item else [Issue(f"row {number}, item", "The code of an item is expected.")]
    for column, text in (("item", item), ("location", location), ("lot", lot)):
        wrong += [Issue(f"row {number}, {column}", said) for said in _refusals(text)]
    if wrong:
        issues.extend(wrong)
        return
    try:
        qty = read_number(with_point(counted, delimiter))
    except AmbiguousNumber as error:
        issues.append(Issue(f"row {number}, counted_qty", f"{counted[:40]} is not clear: {error}."))
        return
    except ValueError:
        qty = None
    if qty is None or qty != round(qty, QTY["decimal_places"]):
        text = f"A number with at most {QTY['decimal_places']} decimals is expected, not {counted[:40]}."
        issues.append(Issue(f"row {number}, counted_qty", text))
        return
    yield Counted(
        item=item,
        qty=qty,
        location=location,
        lot=lot or None,
        path=f"row {number}",
    )


def _refusals(text: str) -> list[str]:
    """Why a text is no code; what the columns would refuse, in words of its row."""
    if len(text) > CODE["max_length"]:
        return [f"At most {CODE['max_length']} characters are expected, not {len(text)}."]
    said: list[str] = []
    for validator in CODE["validators"]:
        try:
            validator(text)
        except ValidationError as error:
            said += error.messages
    return said


def _text(value: Any) -> str:
    """A cell as somebody typed it: a spreadsheet turns 4 into 4.0, Python writes 0.00005 as 5e-05, and
    exports put ' before a formula.
    """
    if value is None:
        return ""
    if isinstance(value, float):
        value = plain(Decimal(repr(value)))
    return str(value).strip().removeprefix("'")
