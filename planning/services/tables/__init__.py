"""Tables in and out: master data, stock and orders as xlsx or csv, one kind of row in each file.

A table adds rows and changes them by key; it removes none. It is all or nothing, every problem is named at
once by sheet, row and column, and an export that nobody edited imports as "nothing changed".
"""

from planning.services.tables.exporting import FORMATS, export_table, template
from planning.services.tables.importing import ImportPreview, import_table
from planning.services.tables.issues import TableIssue
from planning.services.tables.kinds import KINDS, Kind, find_kind, may_export, may_import
from planning.services.tables.merging import RowChange
from planning.services.tables.reading import MAX_BYTES, MAX_ROWS

__all__ = [
    "FORMATS",
    "KINDS",
    "MAX_BYTES",
    "MAX_ROWS",
    "ImportPreview",
    "Kind",
    "RowChange",
    "TableIssue",
    "export_table",
    "find_kind",
    "import_table",
    "may_export",
    "may_import",
    "template",
]
