"""Stored rows as a table of the shape that imports, and an empty one to fill in."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from planning.errors import TableNotAllowed
from planning.loading import read_values, snapshot
from planning.services.tables.bills import read_bills
from planning.services.tables.cells import write_cell
from planning.services.tables.kinds import Kind, find_kind, may_export

FORMATS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
Values = dict[str, Any]


def export_table(*, kind: str, file_format: str, by: Any = None) -> bytes:
    """Every row of a kind that an import would find again; of purchase orders those that are open.

    ``by`` None: the command line, which may do everything.
    """
    table_kind = find_kind(kind)
    if by is not None and not may_export(by, table_kind):
        raise TableNotAllowed(f"None of your roles may take away {table_kind.label.lower()}.")
    with snapshot():
        # the largest table, and the one that the format says otherwise
        rows = list(_bill_rows() if kind == "bom" else _rows(table_kind, read_values()))
    return _written(table_kind, rows, file_format)


def template(*, kind: str, file_format: str) -> bytes:
    """The header alone; in xlsx with a second sheet that explains the columns."""
    return _written(find_kind(kind), [], file_format)


def _rows(kind: Kind, values: Values) -> Iterator[Values]:
    match kind.name:
        case "routings":
            for item, steps in values["routings"].items():
                yield from ({"item": item} | step for step in steps)
        case "sales_orders":
            yield from _instalments(values["sales_orders"])
        case "purchase_orders":
            yield from (row for row in values["purchase_orders"] if row["received_qty"] < row["qty"])
        case _:
            yield from values[kind.name]


def _bill_rows() -> Iterator[Values]:
    stored = read_bills()
    for key, line in stored.lines.items():
        start, end = stored.revisions[key[0], key[1]]
        yield line | {"parent": key[0], "revision": key[1], "revision_from": start, "revision_to": end}


def _instalments(orders: Iterable[Values]) -> Iterator[Values]:
    for order in orders:
        for line in order["lines"]:
            for part in line.get("instalments") or [{}]:
                yield order | line | part


def _written(kind: Kind, rows: Sequence[Values], file_format: str) -> bytes:
    is_xlsx = file_format == "xlsx"
    table = [
        [write_cell(row.get(column.name), column, native=is_xlsx) for column in kind.columns] for row in rows
    ]
    return _xlsx(kind, table) if is_xlsx else _csv(kind, table)


def _csv(kind: Kind, table: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([column.name for column in kind.columns])
    writer.writerows(table)
    # With its mark Excel opens it as what it is.
    return text.getvalue().encode("utf-8-sig")


def _xlsx(kind: Kind, table: Iterable[Sequence[Any]]) -> bytes:
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = kind.name
    sheet.append([column.name for column in kind.columns])
    for row in table:
        sheet.append(list(row))
    _make_readable(sheet, [max(10, len(column.name) + 3) for column in kind.columns])
    _explain(book.create_sheet("columns"), kind)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _explain(sheet: Worksheet, kind: Kind) -> None:
    sheet.append(["column", "holds", "an empty cell means"])
    for column in kind.columns:
        default = column.default
        meaning = "must be filled in" if column.required else "nothing" if default in {None, ""} else default
        sheet.append([column.name, column.expected, str(meaning) if meaning != () else "nothing"])
    _make_readable(sheet, [24, 60, 24])


def _make_readable(sheet: Worksheet, widths: Iterable[int]) -> None:
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
