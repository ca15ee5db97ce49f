"""Changing what an item is made of.

An item can never become part of itself, and takes a component at an operation once on each day: ``overlaps``.
Locks are taken in this order: ``lock_boms``, then rows.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from inventory.errors import BomCycle
from inventory.models import BillOfMaterials, BomLine, BomSubstitute, ByProduct, Item
from inventory.selectors import find_path_between
from inventory.services.overlaps import refuse_overlaps

# Any number will do, as long as nothing else in this database locks the same one.
_BOM_LOCK = 7_203_001
_EDITABLE = ("component_id", "qty", "scrap", "operation", "effective_from", "effective_to")


def lock_boms() -> None:
    """Let one transaction at a time change the structure: two edits could close a cycle together.

    SQLite needs no lock, its transactions write one after the other.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_BOM_LOCK])


@transaction.atomic
def add_bom_line(
    *,
    bom_id: int,
    component_id: int,
    qty: Decimal,
    scrap: Decimal = Decimal(0),
    operation: int | None = None,
    effective_from: dt.date | None = None,
    effective_to: dt.date | None = None,
    by: Any = None,
) -> BomLine:
    """Add a component; raises ``BomCycle`` with the path when the parent is below it, and ``BomOverlap``."""
    line = BomLine(
        bom_id=bom_id,
        component_id=component_id,
        qty=qty,
        scrap=scrap,
        operation=operation,
        effective_from=effective_from,
        effective_to=effective_to,
    )
    return save_bom_line(line=line, by=by)


@transaction.atomic
def save_bom_line(*, line: BomLine, by: Any = None) -> BomLine:
    """Store a new or changed line, checked like every other; raises ``BomOverlap`` where another line of the
    item, in whatever revision, takes the same component at the same operation on some day.
    """
    lock_boms()
    _save_line(line, by)
    refuse_overlaps(line.bom.item_id, lines={line.pk})
    return line


@transaction.atomic
def save_bom(
    *,
    bom: BillOfMaterials,
    lines: Iterable[BomLine] = (),
    removed: Iterable[BomLine] = (),
    by: Any = None,
) -> BillOfMaterials:
    """Store a new or changed revision with its new or changed lines, as one: dates may move between lines.

    Raises ``BomCycle``, and ``BomOverlap`` where a line of the revision meets another one of the item.
    """
    lock_boms()
    bom.full_clean()
    is_new = bom.pk is None
    moved = not is_new and not BillOfMaterials.objects.filter(pk=bom.pk, item_id=bom.item_id).exists()
    bom.changed_by = by
    if not is_new:
        bom.version += 1
    bom.save()
    for line in removed:
        line.changed_by = by
        line.delete()
    for line in lines:
        line.bom = bom
        _save_line(line, by)
    if moved:
        for component_id in bom.lines.values_list("component_id", flat=True).distinct():
            refuse_cycle(parent_id=bom.item_id, component_id=component_id)
    refuse_overlaps(bom.item_id, lines=set(bom.lines.values_list("pk", flat=True)))
    return bom


def _save_line(line: BomLine, by: Any) -> None:
    refuse_cycle(parent_id=line.bom.item_id, component_id=line.component_id)
    line.full_clean()
    line.changed_by = by
    if line.pk is not None:
        line.version += 1
    line.save()


@transaction.atomic
def save_by_product(*, row: ByProduct, by: Any = None) -> ByProduct:
    """Store a new or changed by-product; raises ``BomCycle`` when it goes into what it comes with."""
    lock_boms()
    refuse_cycle(parent_id=row.parent_id, component_id=row.item_id)
    row.full_clean()
    row.changed_by = by
    if row.pk is not None:
        row.version += 1
    row.save()
    return row


@transaction.atomic
def revise_bom(
    *, item_id: int, revision: str, effective_from: dt.date, note: str = "", by: Any = None
) -> BillOfMaterials:
    """Start a new revision as a copy of the latest, which ends on the day the new one begins."""
    lock_boms()
    Item.objects.select_for_update().get(pk=item_id)
    latest = (
        BillOfMaterials.objects.filter(item_id=item_id)
        .order_by(F("effective_from").desc(nulls_last=True), "-pk")
        .first()
    )
    bom = BillOfMaterials(item_id=item_id, revision=revision, effective_from=effective_from, note=note)
    bom.full_clean()
    bom.changed_by = by
    bom.save()
    if latest is not None:
        latest.effective_to = effective_from
        latest.version += 1
        latest.changed_by = by
        latest.full_clean()
        latest.save(update_fields=["effective_to", "version"])
        for line in latest.lines.prefetch_related("substitutes").order_by("pk"):
            _copy_line(line, bom, by)
        refuse_overlaps(item_id, lines=set(bom.lines.values_list("pk", flat=True)))
    return bom


def _copy_line(line: BomLine, bom: BillOfMaterials, by: Any) -> None:
    copy = BomLine(bom=bom, **{name: getattr(line, name) for name in _EDITABLE})
    copy.changed_by = by
    copy.save()
    for row in line.substitutes.all():
        substitute = BomSubstitute(bom_line=copy, item_id=row.item_id, qty=row.qty, priority=row.priority)
        substitute.changed_by = by
        substitute.save()


def refuse_cycle(*, parent_id: int, component_id: int) -> None:
    """Raise ``BomCycle`` if ``component`` is the parent or contains it. Call under ``lock_boms``."""
    if parent_id == component_id:
        code = Item.objects.get(pk=parent_id).code
        raise BomCycle([code, code])
    path = find_path_between(start_id=component_id, end_id=parent_id)
    if path is not None:
        raise BomCycle([path[-1], *path])
