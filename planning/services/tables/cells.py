"""One cell to one value of the format, and back. Nothing is guessed: what is not plainly meant is refused."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any

from config.rest.fields import json_number
from inventory.models.fields import plain, read_number
from inventory.services.sheets import AmbiguousNumber, with_point
from planning.engine.numbers import moment_of, month_of
from planning.services.tables.kinds import Column, Listed
from planning.services.tables.reading import Formula

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
# What makes a spreadsheet read a text as a formula; it is written with an apostrophe in front.
_LIVE = re.compile(r"'*[=+\-@\t\r]")
_QUOTED = re.compile(r"'+[=+\-@\t\r]")
# Entries of a list whose marks are text: a semicolon in quotation marks does not end one.
_ENTRIES = re.compile(r'(?:[^;"]|"[^"]*")+')
_FLAGS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class BadCell(ValueError):
    """The cell does not hold what its column expects; the message says what that is."""


def read_cell(value: Any, column: Column, *, delimiter: str = ",") -> Any:
    """The value that a cell means; an empty one means the default of its column.

    Where no comma stands between cells (``delimiter``), a number may have a decimal comma.
    """
    if isinstance(value, Formula) or (isinstance(value, str) and value.startswith("=")):
        raise BadCell("the cell holds a formula; expected its value (in Excel: paste special, values)")
    if value is None or value == "":
        if column.required:
            raise BadCell(f"the cell is empty; expected {column.expected}")
        return list(column.default) if column.listed else column.default
    if isinstance(value, str) and column.reads in {"number", "whole"}:
        try:
            value = with_point(value, delimiter)
        except AmbiguousNumber as error:
            raise BadCell(f"expected {column.expected}; {error}") from None
    return _READERS[column.reads](value, column)


def _text(value: Any, column: Column) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if not isinstance(value, str):
        raise BadCell(f"expected {column.expected}; format the cell as text")
    return value[1:] if _QUOTED.match(value) else value


def _number(value: Any, column: Column) -> Decimal:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(repr(value))
    if isinstance(value, str):
        with suppress(ValueError):
            return read_number(value)
    raise BadCell(f"expected {column.expected}, written like 1234.5")


def _whole(value: Any, column: Column) -> int:
    number = _number(value, column)
    if number != number.to_integral_value() or abs(number) > 10**15:
        raise BadCell(f"expected {column.expected}")
    return int(number)


def _day(value: Any, column: Column) -> dt.date:
    if isinstance(value, dt.datetime):
        if value.time() != dt.time():
            raise BadCell(f"expected {column.expected}, without a time of day")
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise BadCell(f"the calendar has no such day; expected {column.expected}") from None
    raise BadCell(f"expected {column.expected}, or a cell that is formatted as a date")


def _month(value: Any, column: Column) -> str:
    """As text, or as the day that a spreadsheet makes of it: the first of the month."""
    if isinstance(value, dt.date) and value.day == 1:
        value = f"{value:%Y-%m}"
    try:
        month: str = month_of(value)
    except ValueError:
        raise BadCell(f"expected {column.expected}, as text") from None
    return month


def _moment(value: Any, column: Column) -> dt.datetime:
    """As text: a cell that is formatted as a date has no offset."""
    try:
        moment: dt.datetime = moment_of(value)
    except ValueError as error:
        raise BadCell(f"{error}; expected {column.expected}, as text") from None
    return moment


def _flag(value: Any, column: Column) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word not in _FLAGS:
        raise BadCell(f"expected {column.expected}")
    return _FLAGS[word]


def _choice(value: Any, column: Column) -> str:
    if value not in column.choices:
        raise BadCell(f"expected {column.expected}")
    return str(value)


def _list(value: Any, column: Column) -> list[dict[str, Any]]:
    text, listed = _text(value, column), column.listed
    if listed is None:
        raise BadCell(f"expected {column.expected}")
    if listed.mark_reads == "text" and text.count('"') % 2:
        raise BadCell(f"a quotation mark is not closed; expected {column.expected}")
    entries = _ENTRIES.findall(text) if listed.mark_reads == "text" else text.split(";")
    return [_entry(entry.strip(), listed, column) for entry in entries if entry.strip()]


def _entry(entry: str, listed: Listed, column: Column) -> dict[str, Any]:
    mark = ""
    if listed.mark_reads == "text":
        entry, _, mark = (part.strip() for part in entry.partition("@"))
    left, equals, right = (part.strip() for part in entry.rpartition("="))
    if listed.mark is not None and "@" in right:
        right, _, mark = (part.strip() for part in right.rpartition("@"))
    if not equals or not left or not right:
        raise BadCell(f"expected {column.expected}")
    row: dict[str, Any] = {listed.left: _LEFTS[listed.left_reads](left, column)}
    row[listed.right] = _number(right, column)
    if listed.mark is not None:
        row[listed.mark] = _unquoted(mark) if listed.mark_reads == "text" else _whole(mark or 1, column)
    return row


def _unquoted(text: str) -> str:
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else text


def _quoted(text: str) -> str:
    """As it stands, or in quotation marks where it would read as something else."""
    needs = ";" in text or '"' in text or text != text.strip()
    return '"' + text.replace('"', '""') + '"' if needs else text


_LEFTS: dict[str, Any] = {"text": _text, "number": _number, "day": _day}
_READERS: dict[str, Any] = {
    "text": _text,
    "number": _number,
    "whole": _whole,
    "day": _day,
    "month": _month,
    "moment": _moment,
    "flag": _flag,
    "choice": _choice,
    "list": _list,
}


def write_cell(value: Any, column: Column, *, native: bool) -> Any:
    """A value as a cell that reads as the same. ``native``: numbers and days keep their type."""
    if value is None or value == "" or value == []:
        return None if native else ""
    if column.listed is not None:
        return _safe(_written(value, column.listed))
    if isinstance(value, bool):
        return value if native else str(value).lower()
    if isinstance(value, Decimal):
        return json_number(value) if native else plain(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="minutes")
    if isinstance(value, int | dt.date):
        return value if native else str(value)
    return _safe(str(value))


def _written(entries: Sequence[Mapping[str, Any]], listed: Listed) -> str:
    return "; ".join(
        f"{_plain(entry[listed.left])} = {_plain(entry[listed.right])}" + _marked(entry, listed)
        for entry in entries
    )


def _marked(entry: Mapping[str, Any], listed: Listed) -> str:
    mark = entry[listed.mark] if listed.mark else ""
    if listed.mark_reads == "text":
        mark = _quoted(mark)
    return f" @ {mark}" if mark != "" else ""


def _plain(value: Any) -> str:
    return plain(value) if isinstance(value, Decimal) else str(value)


def _safe(text: str) -> str:
    return f"'{text}" if _LIVE.match(text) else text
