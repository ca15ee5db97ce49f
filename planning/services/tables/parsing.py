"""A sheet into rows of values by column; every cell that cannot be read is an issue with its place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from planning.services.tables.cells import BadCell, read_cell
from planning.services.tables.issues import TableIssue, shown
from planning.services.tables.kinds import Column, Kind
from planning.services.tables.reading import Line, Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow:
    """``values`` holds the columns that the file has; ``cells`` what was written in them."""

    number: int
    values: Mapping[str, Any]
    cells: Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class Table:
    """What a sheet says. Rows with an issue are not among ``rows``; ``set_aside`` has their first cells."""

    sheet: str
    kind: Kind
    columns: frozenset[str] = frozenset()
    rows: list[TableRow] = field(default_factory=list)
    issues: list[TableIssue] = field(default_factory=list)
    set_aside: set[str] = field(default_factory=set)

    def refuse(
        self, message: str, *, row: int | None = None, column: str | None = None, value: Any = None
    ) -> None:
        self.issues.append(
            TableIssue(sheet=self.sheet, row=row, column=column, value=shown(value), message=f"{message}.")
        )


def parse_table(sheet: Sheet, kind: Kind) -> Table:
    """Read the header, then every row below it."""
    table = Table(sheet=sheet.name, kind=kind)
    header, *lines = sheet.lines
    columns = _header(table, header)
    table.columns = frozenset(column.name for column in columns.values())
    for line in lines:
        _read_line(table, line, header, columns, delimiter=sheet.delimiter)
    if not {column.name for column in kind.indispensable} <= table.columns:
        table.rows.clear()
    return table


def _header(table: Table, line: Line) -> dict[int, Column]:
    """The column at each position. Blanks and capitals in names are forgiven."""
    known, found = table.kind.by_name, dict[str, int]()
    columns: dict[int, Column] = {}
    for position, cell in enumerate(line.cells):
        name = "_".join(str("" if cell is None else cell).strip().lower().split())
        if name in found:
            table.refuse(
                f"the column stands twice, also in position {found[name] + 1}; expected it once",
                row=line.number,
                column=name,
            )
        elif name in known:
            found[name] = position
            columns[position] = known[name]
        elif name:
            table.refuse(
                f"there is no such column; expected one of {', '.join(known)}",
                row=line.number,
                column=name[:60],
                value=cell,
            )
    for column in table.kind.indispensable:
        if column.name not in found:
            table.refuse(
                f"the column is missing; it holds {column.expected}", row=line.number, column=column.name
            )
    return columns


def _read_line(
    table: Table, line: Line, header: Line, columns: Mapping[int, Column], *, delimiter: str | None
) -> None:
    before = len(table.issues)
    is_text = delimiter is not None
    width = header.width if is_text else len(header.cells)
    if (is_text and line.width != width) or len(line.cells) > width:
        count = line.width if is_text else len(line.cells)
        table.refuse(f"the row has {count} cells; expected {width}, as the header has", row=line.number)
    values, cells = dict[str, Any](), dict[str, Any]()
    for position, column in columns.items():
        cell = line.cells[position] if position < len(line.cells) else None
        cells[column.name] = cell
        try:
            values[column.name] = read_cell(cell, column, delimiter=delimiter or ",")
        except BadCell as error:
            value = getattr(cell, "text", cell)
            table.refuse(str(error), row=line.number, column=column.name, value=value)
    if len(table.issues) > before:
        table.set_aside |= {str(cell) for cell in line.cells if cell is not None}
    else:
        table.rows.append(TableRow(number=line.number, values=values, cells=cells))
