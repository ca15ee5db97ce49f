"""factory-1 in and out of the database, all or nothing.

What a file does not mention stays, unless the import replaces: then the file is the whole truth
about master data, stock and orders. Plans and the history of promises stay in either case.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from inventory.services import lock_boms
from planning.engine.errors import FactoryIssue, InvalidFactory
from planning.engine.factory import Factory
from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import dump_factory, factory_from_json, read_factory
from planning.loading import load_factory, read_values
from planning.models import FactorySettings
from planning.services.exchange import master, materials, sales, shop_floor, stock
from planning.services.exchange.sync import Session

_SECTIONS = (
    "factory",
    "calendars",
    "skills",
    "staffing",
    "work_centres",
    "items",
    "sources",
    "bom",
    "by_products",
    "routings",
    "setup_times",
    "suppliers",
    "customers",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSummary:
    """How many rows of a section an import added, updated, left as they were, and removed."""

    section: str
    added: int
    updated: int
    unchanged: int
    removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """What an import did, or would have done."""

    name: str
    dry_run: bool
    sections: tuple[SectionSummary, ...]
    notes: tuple[str, ...]

    @property
    def changed_rows(self) -> int:
        """Rows that were added, updated or removed."""
        return sum(row.added + row.updated + row.removed for row in self.sections)


def import_factory(
    *, document: str | bytes, now: dt.datetime, replace: bool = False, dry_run: bool = False, by: Any = None
) -> ImportSummary:
    """Store a factory-1 document in one transaction.

    Raises ``InvalidFactory`` with every problem and its JSON path; then nothing has changed.
    """
    factory = read_factory(document)
    session = Session(replace=replace, now=now, by=by)
    with refusals_in_words(), transaction.atomic():
        lock_boms()
        _refuse_other_name(factory, replace=replace)
        store(session, factory)
        _refuse_what_does_not_fit_together()
        if dry_run:
            transaction.set_rollback(True)
    return ImportSummary(
        name=factory.name,
        dry_run=dry_run,
        sections=tuple(_summary(session, section) for section in _SECTIONS),
        notes=tuple(session.notes),
    )


def export_factory() -> str:
    """The stored factory as a factory-1 document. Equal to what was imported, whatever the order of rows."""
    return dump_factory(load_factory())


def store(session: Session, factory: Factory) -> None:
    """Bring the tables into line with a factory that has been checked. Call in a transaction."""
    master.sync_settings(session, factory)
    calendars = master.sync_calendars(session, factory)
    items = materials.sync_items(session, factory, calendars)
    skills = master.sync_skills(session, factory, calendars)
    work_centres = master.sync_work_centres(session, factory, calendars)
    master.sync_routings(session, factory, items, work_centres, skills)
    suppliers = materials.sync_suppliers(session, factory)
    materials.sync_sources(session, factory, items, suppliers, calendars)
    materials.sync_bom(session, factory, items)
    materials.sync_by_products(session, factory, items)
    materials.sync_purchase_orders(session, factory, items, suppliers)
    work_orders = materials.sync_work_orders(session, factory, items)
    firm_orders = materials.sync_firm_orders(session, factory, items, suppliers)
    shop_floor.sync_downtimes(session, factory, work_centres)
    shop_floor.sync_absences(session, factory, skills)
    shop_floor.sync_decisions(session, factory, skills)
    shop_floor.sync_pins(session, factory, work_orders, firm_orders, work_centres)
    customers = sales.sync_customers(session, factory)
    sales.sync_sales_orders(session, factory, items, customers)
    if session.issues:
        raise InvalidFactory(session.issues)
    stock.forget_removed_items(session, factory)
    session.write()
    stock.adjust_stock(session, factory, items)


def _refuse_other_name(factory: Factory, *, replace: bool) -> None:
    """One database holds one factory."""
    stored = FactorySettings.objects.values_list("name", flat=True).first()
    if stored is not None and stored != factory.name and not replace:
        message = (
            f"expected {stored!r}, the factory of this database, got {factory.name!r}; --replace replaces it"
        )
        raise InvalidFactory([FactoryIssue(path="/name", message=message)])


def _refuse_what_does_not_fit_together() -> None:
    """The file is sound by itself; together with rows it does not mention it may not be."""
    issues = check_factory(factory_from_json(read_values()))
    if issues:
        raise InvalidFactory(
            [
                FactoryIssue(path=issue.path, message=f"together with what is stored: {issue.message}")
                for issue in issues
            ]
        )


@contextmanager
def refusals_in_words() -> Iterator[None]:
    """The database has the last word; a row it refuses refuses the file."""
    try:
        yield
    except IntegrityError as error:
        raise InvalidFactory(
            [FactoryIssue(path="", message=f"the database refuses a row: {error}")]
        ) from error


def _summary(session: Session, section: str) -> SectionSummary:
    counts = session.counts[section]
    return SectionSummary(
        section=section,
        added=len(counts.added),
        updated=len(counts.updated),
        unchanged=len(counts.unchanged),
        removed=counts.removed,
    )
