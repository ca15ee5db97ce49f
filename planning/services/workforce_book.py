"""The workforce of a plan as a workbook: one sheet each for people, hires, changes, weeks, shifts, what lacks
and, for who sees wages, cash.
"""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from planning.selectors.workforce import Workforce, get_workforce

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LIVE = ("=", "+", "-", "@", "\t", "\r")
_PEOPLE = (
    "headcount",
    "hires",
    "leavers",
    "layoffs",
    "moved_in",
    "moved_out",
    "training_heads",
    "temp_heads",
    "required_hours",
    "available_hours",
    "overtime_hours",
)
_CASH = (
    "month",
    "opening",
    "milestones",
    "deliveries",
    "payroll",
    "hiring",
    "purchases",
    "machine",
    "closing",
    "short",
)


def workforce_book(version: int, *, wages: bool, decisions: bool) -> bytes:
    """An xlsx file of a plan that has been built; costs, wages and cash only with ``wages``, what was decided
    on hires only with ``decisions``.
    """
    workforce = get_workforce(version, wages=wages)
    book = Workbook()
    book.remove(book.worksheets[0])
    money = ("cost", "wage_per_hour") if wages else ()
    _sheet(
        book,
        "people",
        (
            "skill",
            "name",
            "kind",
            "month",
            *_PEOPLE,
            "paid_hours",
            "required_heads",
            "productive_heads",
            *money,
        ),
        _people(workforce, money),
    )
    _sheet(
        book,
        "heads by month",
        ("skill", "name", *workforce.table.months),
        _by_month(workforce),
    )
    _sheet(
        book,
        "hires",
        (
            "requisition_by",
            "month",
            "skill",
            "name",
            "hires",
            "verdict",
            "heads decided",
            "decided_by",
            "note",
        ),
        _hires(workforce, decisions=decisions),
    )
    _sheet(
        book,
        "changes of skill",
        ("month", "from_skill", "to_skill", "heads"),
        ((row.month, row.from_skill, row.to_skill, row.heads) for row in workforce.changes),
    )
    _sheet(
        book,
        "weeks",
        ("skill", "week", "available_hours", "required_hours"),
        ((row.skill, row.week, row.available_hours, row.required_hours) for row in workforce.weeks),
    )
    of_shift = ("skill", "month", "shift", "hours", *(("cost",) if wages else ()))
    _sheet(book, "shifts", of_shift, ([getattr(row, name) for name in of_shift] for row in workforce.shifts))
    _sheet(
        book,
        "what lacks",
        ("severity", "code", "skill", "name", "says", "what to do", "hours", *workforce.table.months),
        _lacking(workforce),
    )
    if wages:
        _sheet(book, "cash", _CASH, ([getattr(row, name) for name in _CASH] for row in workforce.cash))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _people(workforce: Workforce, money: Sequence[str]) -> Iterable[Sequence[Any]]:
    for skill in workforce.table.skills:
        for month in workforce.table.months:
            cell = workforce.of(skill.code, month)
            if cell is not None:
                row = cell.row
                yield [
                    *(skill.code, skill.name, skill.kind, month),
                    *(getattr(row, name) for name in _PEOPLE),
                    *(cell.paid_hours, cell.required_heads, cell.productive_heads),
                    *(getattr(row, name) for name in money),
                ]


def _by_month(workforce: Workforce) -> Iterable[Sequence[Any]]:
    for skill in workforce.table.skills:
        cells = [workforce.of(skill.code, month) for month in workforce.table.months]
        yield [skill.code, skill.name, *(cell.row.headcount if cell else None for cell in cells)]


def _hires(workforce: Workforce, *, decisions: bool) -> Iterable[Sequence[Any]]:
    for hire in workforce.hires:
        decided = hire.decision if decisions else None
        yield [
            *(hire.row.requisition_by, hire.row.month, hire.skill.code, hire.skill.name, hire.row.hires),
            *(
                (decided.verdict, decided.heads, str(decided.decided_by or ""), decided.note)
                if decided
                else ("", None, "", "")
            ),
        ]


def _lacking(workforce: Workforce) -> Iterable[Sequence[Any]]:
    """What is wrong with people; hours that lack in all and by month, where it is about these."""
    for row in workforce.troubles:
        hours = {each["month"]: each["hours"] for each in row.shortfall}
        yield [
            *(row.severity, row.code, row.entity, workforce.names.get(row.entity)),
            *(row.text, row.suggestion, sum(hours.values()) or None),
            *(hours.get(month) for month in workforce.table.months),
        ]


def _sheet(book: Workbook, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    sheet: Worksheet = book.create_sheet(title)
    sheet.append(list(columns))
    for row in rows:
        sheet.append([_safe(value) for value in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "C2" if title == "heads by month" else "A2"
    for number, name in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = max(11, len(name) + 2)


def _safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets an apostrophe in front; numbers two places."""
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, str) and value.startswith(_LIVE):
        return f"'{value}"
    return value
