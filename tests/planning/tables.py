"""Tables for tests of imports: files made of rows, and what is said of them."""

import csv
import io

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from planning.errors import InvalidTable
from planning.services.tables import export_table, import_table


def as_csv(*rows, encoding="utf-8"):
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(*rows, title="Sheet", change=None):
    """Rows as a workbook; ``change`` may do what it likes to its sheet."""
    book = Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    if change:
        change(sheet)
    return saved(book)


def saved(book):
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def rows_of(content):
    """The first sheet of an exported workbook as lists of values."""
    return [list(row) for row in load_workbook(io.BytesIO(content)).worksheets[0].values]


def edited(kind, edit):
    """The stored rows of a kind as an xlsx file, after ``edit(header, rows)`` changed them in place."""
    header, *rows = rows_of(export_table(kind=kind, file_format="xlsx"))
    edit(header, rows)
    return as_xlsx(header, *rows, title=kind)


def bring(kind, content, *, dry_run=False, by=None, now=None):
    return import_table(kind=kind, content=content, now=now or timezone.now(), by=by, dry_run=dry_run)


def counts(preview):
    return (preview.added, preview.changed, preview.unchanged)


def refusals(kind, content):
    """What is wrong with a file, as triples of row, column and message."""
    with pytest.raises(InvalidTable) as caught:
        bring(kind, content)
    return [(issue.row, issue.column, issue.message) for issue in caught.value.issues]
