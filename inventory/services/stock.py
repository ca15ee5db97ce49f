"""Stock comes in, goes out, is counted. Each is a row of the ledger; nothing else changes a balance."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from inventory.errors import InvalidQuantity, OverReceipt, StockWouldBeNegative
from inventory.models import MAIN, Item, MovementKind, PurchaseOrderLine, StockMovement
from inventory.models.fields import QTY_LIMIT, plain
from inventory.selectors import get_balance, list_balances


@transaction.atomic
def receive_stock(
    *,
    item_id: int,
    qty: Decimal,
    now: dt.datetime,
    location: str = MAIN,
    lot: str | None = None,
    reference: str = "",
    note: str = "",
    by: Any = None,
) -> StockMovement:
    """Put ``qty`` units in a place."""
    _require_positive(qty)
    _lock_item(item_id)
    return _move(item_id, qty, MovementKind.RECEIPT, location, lot, reference, note, now, by)


@transaction.atomic
def issue_stock(
    *,
    item_id: int,
    qty: Decimal,
    now: dt.datetime,
    location: str = MAIN,
    lot: str | None = None,
    reference: str = "",
    note: str = "",
    by: Any = None,
) -> StockMovement:
    """Take ``qty`` units out of a place; never more than lie there."""
    _require_positive(qty)
    item = _lock_item(item_id)
    there = get_balance(item_id=item_id, location=location, lot=lot)
    if qty > there:
        raise StockWouldBeNegative(
            f"{plain(there)} {item.uom} of {item} are at {location}; {plain(qty)} cannot be taken."
        )
    return _move(item_id, -qty, MovementKind.ISSUE, location, lot, reference, note, now, by)


@transaction.atomic
def adjust_stock(
    *,
    item_id: int,
    counted: Decimal,
    now: dt.datetime,
    location: str = MAIN,
    lot: str | None = None,
    reference: str = "",
    note: str = "",
    by: Any = None,
) -> StockMovement | None:
    """Make the balance of a place what was counted; ``None`` when it was right already."""
    if not counted.is_finite() or not 0 <= counted <= QTY_LIMIT:
        raise InvalidQuantity(f"A count from 0 to {QTY_LIMIT} is expected, not {counted}.")
    _lock_item(item_id)
    difference = counted - get_balance(item_id=item_id, location=location, lot=lot)
    if not difference:
        return None
    return _move(item_id, difference, MovementKind.ADJUSTMENT, location, lot, reference, note, now, by)


@transaction.atomic
def issue_shipment(
    *, item_id: int, qty: Decimal, reference: str, now: dt.datetime, by: Any = None
) -> Decimal:
    """Take up to ``qty`` shipped units from where they lie; return how many were in stock.

    What was never received into stock left straight from production, and the ledger never knew it.
    """
    _require_positive(qty)
    _lock_item(item_id)
    open_qty = qty
    for place in list_balances(item_id=item_id):
        part = min(open_qty, place.qty)
        if part > 0:
            _move(item_id, -part, MovementKind.SHIPMENT, place.location, place.lot, reference, "", now, by)
            open_qty -= part
    return qty - open_qty


@transaction.atomic
def receive_purchase(
    *,
    ref: str,
    qty: Decimal | None = None,
    now: dt.datetime,
    location: str = MAIN,
    lot: str | None = None,
    by: Any = None,
) -> PurchaseOrderLine:
    """Receive ``qty`` units (empty: all that are open) of a purchase order line into stock."""
    line = PurchaseOrderLine.objects.select_for_update(of=("self",)).get(ref=ref)
    open_qty = line.qty - line.received_qty
    received = open_qty if qty is None else qty
    if not received.is_finite() or received <= 0 or received > open_qty:
        raise OverReceipt(
            f"Of {ref}, {plain(open_qty)} are open; "
            f"between 0 and that many can come in, not {plain(received)}."
        )
    line.received_qty += received
    line.version += 1
    line.changed_by = by
    line.save(update_fields=["received_qty", "version"])
    receive_stock(
        item_id=line.item_id, qty=received, location=location, lot=lot, reference=ref, now=now, by=by
    )
    return line


def _require_positive(qty: Decimal) -> None:
    if not qty.is_finite() or not 0 < qty <= QTY_LIMIT:
        raise InvalidQuantity(f"A quantity above 0, up to {QTY_LIMIT}, is expected, not {qty}.")


def _lock_item(item_id: int) -> Item:
    """Movements of one item wait for each other, so that a balance that was read stays true."""
    return Item.objects.select_for_update(of=("self",)).select_related("uom").get(pk=item_id)


def _move(
    item_id: int,
    qty: Decimal,
    kind: MovementKind,
    location: str,
    lot: str | None,
    reference: str,
    note: str,
    now: dt.datetime,
    by: Any,
) -> StockMovement:
    row = StockMovement(
        item_id=item_id,
        qty=qty,
        kind=kind,
        location=location,
        lot=lot,
        reference=reference,
        note=note,
        at=now,
        by=by,
    )
    row.clean_fields(exclude=["item", "by"])
    row.save()
    return row
