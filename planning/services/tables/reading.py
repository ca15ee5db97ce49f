"""Files from strangers into rows of cells: xlsx or csv, bounded in every direction, places kept.

Raises ``InvalidTable`` with what is wrong with the file as such; what is wrong with a cell is found later.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from defusedxml.common import DefusedXmlException
from openpyxl import load_workbook

from inventory.services.sheets import DAMAGED_XLSX, UnreadableText, decode_csv, delimiter_of, read_rows
from inventory.services.zips import HostileArchive, open_archive
from planning.errors import InvalidTable
from planning.services.tables.issues import TableIssue

MAX_BYTES = 5_000_000
MAX_ROWS = 50_000
MAX_COLUMNS = 200
MAX_CELL = 10_000

_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z0-9:]{1,30})"')


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula, or the error that one gave."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of a sheet: its ``number`` there, its cells without trailing empty ones, how many there were."""

    number: int
    cells: tuple[Any, ...]
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """``lines`` without empty rows. ``delimiter`` of a csv file, whose values are all text."""

    name: str
    lines: tuple[Line, ...]
    delimiter: str | None = None


def read_sheet(content: bytes, *, kind: str) -> Sheet:
    """The table in a file; of several sheets the one that is called like its ``kind``."""
    if len(content) > MAX_BYTES:
        refuse(kind, f"the file has {len(content):,} bytes; expected at most {MAX_BYTES:,}")
    if content.startswith(_OLD_EXCEL):
        refuse(kind, "the file is an old or a protected Excel file; save it as .xlsx without a password")
    sheet = _read_xlsx(content, kind) if content.startswith(b"PK") else _read_csv(content, kind)
    if not sheet.lines:
        refuse(sheet.name, "the file is empty; expected a header")
    return sheet


def refuse(sheet: str, message: str, *, row: int | None = None) -> NoReturn:
    """Say what is wrong with the file as a whole."""
    raise InvalidTable([TableIssue(sheet=sheet, row=row, message=f"{message}.")])


# --- csv -------------------------------------------------------------------------------------------


def _read_csv(content: bytes, kind: str) -> Sheet:
    try:
        text = decode_csv(content)
        if "\x00" in text:
            refuse(kind, "the file is not text: it holds a character U+0000")
        lines = tuple(_bounded(enumerate(read_rows(text), start=1), kind))
    except UnreadableText as error:
        refuse(kind, str(error), row=error.row)
    return Sheet(name=kind, lines=lines, delimiter=delimiter_of(text))


# --- xlsx ------------------------------------------------------------------------------------------


def _read_xlsx(content: bytes, kind: str) -> Sheet:
    try:
        archive = open_archive(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = _sheet_of(book, kind)
        _refuse_merged(archive, sheet)
        rows = ((number, _values(row)) for number, row in enumerate(_rows(sheet), start=1))
        return Sheet(name=sheet.title, lines=tuple(_bounded(rows, sheet.title)))
    except HostileArchive as error:
        refuse(kind, str(error))
    except DAMAGED_XLSX as error:
        if isinstance(error.__context__ or error, DefusedXmlException):
            refuse(kind, "the file holds declarations that no spreadsheet program writes (entities)")
        refuse(kind, f"the file is not an intact xlsx file ({type(error).__name__})")


def _rows(sheet: Any) -> Iterator[Any]:
    return sheet.iter_rows(min_row=1, max_col=MAX_COLUMNS)  # type: ignore[no-any-return]


def _sheet_of(book: Any, kind: str) -> Any:
    sheets = {sheet.title: sheet for sheet in book.worksheets if sheet.sheet_state == "visible"}
    if kind in sheets:
        return sheets[kind]
    if len(sheets) == 1:
        return next(iter(sheets.values()))
    names = ", ".join(sheets) or "none"
    refuse(kind, f"the file has the sheets {names}; expected one that is called {kind}")


def _refuse_merged(archive: zipfile.ZipFile, sheet: Any) -> None:
    # Only the part's name is asked for: a sheet that is read row by row does not know its merged cells.
    part = sheet._worksheet_path  # noqa: SLF001
    merged = [ref.decode() for ref in _MERGED.findall(archive.read(part))]
    if merged:
        raise InvalidTable(
            [
                TableIssue(
                    sheet=sheet.title,
                    row=int(re.sub(r"[^0-9]", "", ref.split(":")[0]) or 1),
                    column=ref,
                    message="the cells are merged; expected one value in each cell.",
                )
                for ref in merged[:100]
            ]
        )


def _values(row: Any) -> list[Any]:
    return [Formula(str(cell.value)) if cell.data_type in {"f", "e"} else cell.value for cell in row]


def _bounded(rows: Iterator[tuple[int, list[Any]]], sheet: str) -> Iterator[Line]:
    """Rows that hold something, as long as there are not too many."""
    for number, cells in rows:
        if number > MAX_ROWS + 1:
            refuse(sheet, f"the table has more than {MAX_ROWS:,} rows; split it", row=number)
        width = len(cells)
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        if len(cells) > MAX_COLUMNS:
            refuse(sheet, f"the row has more than {MAX_COLUMNS} cells", row=number)
        if any(isinstance(value, str) and len(value) > MAX_CELL for value in cells):
            refuse(sheet, f"a cell holds more than {MAX_CELL:,} characters", row=number)
        if cells:
            yield Line(number=number, cells=tuple(cells), width=width)
