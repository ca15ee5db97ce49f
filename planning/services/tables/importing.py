"""A table into the database: read, merged with what is stored, checked as a whole, all or nothing."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction

from inventory.services import StockLine, book_stock, lock_boms
from planning.engine.errors import FactoryIssue, InvalidFactory
from planning.engine.factory import Factory
from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import factory_from_json
from planning.errors import InvalidTable, TableNotAllowed
from planning.loading import read_values
from planning.services.exchange import refusals_in_words, store
from planning.services.exchange.sync import Session
from planning.services.tables.bills import merge_bills, store_bills
from planning.services.tables.issues import TableIssue, shown
from planning.services.tables.kinds import Kind, find_kind, may_import
from planning.services.tables.merging import (
    ADDED,
    CHANGED,
    UNCHANGED,
    Merge,
    RowChange,
    merge_flat,
    merge_routings,
)
from planning.services.tables.orders import merge_orders
from planning.services.tables.parsing import TableRow, parse_table
from planning.services.tables.reading import read_sheet

REASON = "import_table"
# Of these sections a table is stored with only what it names; the others are small.
_LARGE = (
    "items",
    "sources",
    "bom",
    "by_products",
    "setup_times",
    "sales_orders",
    "stock",
    "purchase_orders",
    "work_orders",
    "firm_orders",
    "downtimes",
    "absences",
    "pinned_operations",
    "hiring_decisions",
)
_BILLS = frozenset({"bom", "by_products"})
_LOCKED = _BILLS | {"stock"}
_SERIALIZATION_FAILURE = "40001"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """What an import did, or would have done, row by row."""

    kind: str
    dry_run: bool
    rows: tuple[RowChange, ...]
    notes: tuple[str, ...] = ()

    def _count(self, action: str) -> int:
        return Counter(row.action for row in self.rows)[action]

    @property
    def moved(self) -> list[RowChange]:
        """The rows that are not what they were."""
        return [row for row in self.rows if row.action != UNCHANGED]

    @property
    def added(self) -> int:
        return self._count(ADDED)

    @property
    def changed(self) -> int:
        return self._count(CHANGED)

    @property
    def unchanged(self) -> int:
        return self._count(UNCHANGED)


def import_table(
    *, kind: str, content: bytes, now: dt.datetime, by: Any = None, dry_run: bool = False
) -> ImportPreview:
    """Add and change rows by key. Raises ``InvalidTable`` with every problem; then nothing has changed.

    ``by`` None: the command line, which may do everything.
    """
    table_kind = find_kind(kind)
    if by is not None and not may_import(by, table_kind):
        roles = " or ".join(sorted(table_kind.roles))
        raise TableNotAllowed(f"{table_kind.label} are imported by {roles}.")
    table = parse_table(read_sheet(content, kind=kind), table_kind)
    with _one_moment(table.sheet, table_kind):
        if kind in _BILLS:
            lock_boms()
        merge = Merge(table, read_values())
        bills = _merge(merge, table_kind)
        factory = _checked(merge)
        session = Session(replace=False, now=now, by=by, reason=REASON)
        with _in_words(merge):
            if bills is not None:
                store_bills(session, bills, merge.touched)
            elif kind == "stock":
                _count_stock(merge, factory, now=now, by=by)
            else:
                store(session, _only(factory, kind, merge.touched))
        if dry_run:
            transaction.set_rollback(True)
    return ImportPreview(kind=kind, dry_run=dry_run, rows=tuple(merge.changes), notes=tuple(session.notes))


def _merge(merge: Merge, kind: Kind) -> Any:
    if kind.name == "bom":
        return merge_bills(merge)
    special = {"routings": merge_routings, "sales_orders": merge_orders}
    special.get(kind.name, merge_flat)(merge)
    return None


def _checked(merge: Merge) -> Factory:
    """The factory as it would be; every problem at once, those of cells first."""
    try:
        factory = factory_from_json(merge.values)
        found = check_factory(factory)
    except InvalidFactory as error:
        factory, found = None, error.issues
    issues = merge.table.issues + [_told(merge, issue) for issue in found if not _follows(merge, issue)]
    if factory is None or issues:
        raise InvalidTable(sorted(issues, key=lambda issue: (issue.row is None, issue.row or 0)))
    return factory


def _follows(merge: Merge, issue: FactoryIssue) -> bool:
    """A code is unknown only because the row that would have brought it could not be read."""
    return issue.message.startswith("unknown ") and any(
        f" {code};" in issue.message for code in merge.table.set_aside
    )


def _told(merge: Merge, issue: FactoryIssue) -> TableIssue:
    """An issue of the format in the table's terms; of what is stored, where no row of the table is meant."""
    place, rest = issue.path, list[str]()
    while place and place not in merge.places:
        place, _, last = place.rpartition("/")
        rest.insert(0, last)
    row: TableRow | None = merge.places.get(place)
    message = issue.message if issue.message.endswith(".") else f"{issue.message}."
    if row is None:
        return TableIssue(
            sheet=merge.table.sheet, message=f"together with what is stored ({issue.path}): {message}"
        )
    column = next((name for name in rest if name in merge.table.kind.by_name), None)
    value = row.cells.get(column) if column else None
    return TableIssue(
        sheet=merge.table.sheet,
        row=row.number,
        column=column or merge.table.kind.key[0],
        value=shown(value),
        message=message,
    )


def _only(factory: Factory, kind: str, touched: set[Any]) -> Factory:
    """The factory with nothing in its large sections but what the table names, and the items in it."""
    rows: list[Any] = []
    kept: dict[str, Any] = dict.fromkeys(_LARGE, ()) | {"routings": {}}
    if kind == "routings":
        kept["routings"] = {item: factory.routings[item] for item in sorted(touched)}
        codes = set(touched)
    else:
        section = getattr(factory, kind)
        rows = [section[number] for number in sorted(touched)]
        lines = [line for row in rows for line in getattr(row, "lines", ())]
        codes = {row.item for row in [*rows, *lines] if hasattr(row, "item")}
        codes |= {row.parent for row in rows if hasattr(row, "parent")}
    kept["items"] = tuple(item for item in factory.items if item.code in codes)
    if kind != "routings":
        kept[kind] = tuple(rows)
    return factory.model_copy(update=kept)


def _count_stock(merge: Merge, factory: Factory, *, now: dt.datetime, by: Any) -> None:
    """One count in the ledger for each place whose balance is not the table's."""
    counts = {change.row for change in merge.changes if change.action != UNCHANGED}
    rows = [
        factory.stock[int(path.rpartition("/")[2])]
        for path, row in merge.places.items()
        if row.number in counts
    ]
    lines = [StockLine(item=row.item, qty=row.qty, location=row.location, lot=row.lot) for row in rows]
    book_stock(act="adjustment", lines=lines, reference=REASON, now=now, by=by)


@contextmanager
def _one_moment(sheet: str, kind: Kind) -> Iterator[None]:
    """One transaction that sees one state, and loses against somebody who changed the same rows meanwhile.

    Not where a lock is waited for instead, and what was done meanwhile must be seen: counts wait for their
    item, bills for each other, so that two edits never close a cycle together.
    """
    is_outermost = not connection.in_atomic_block
    try:
        with transaction.atomic():
            if is_outermost and connection.vendor == "postgresql" and kind.name not in _LOCKED:
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != _SERIALIZATION_FAILURE:
            raise
        text = "somebody else has just changed the same rows; import again."
        raise InvalidTable([TableIssue(sheet=sheet, message=text)]) from error


@contextmanager
def _in_words(merge: Merge) -> Iterator[None]:
    """What the columns of the tables refuse, by row of the table as far as it is known."""
    try:
        with refusals_in_words():
            yield
    except InvalidFactory as error:
        raise InvalidTable([_told(merge, issue) for issue in error.issues]) from error
