"""Stock comes in, goes out, is counted. Each is a row of the ledger; nothing else changes a balance."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from inventory.models import MAIN, MovementKind, StockMovement
from inventory.services.ledger import Ledger, lock_items, require_positive


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
    ledger = Ledger(lock_items([item_id]), now=now, reference=reference, by=by)
    ledger.receive((item_id, location, lot), qty, note=note)
    (row,) = ledger.write()
    return row


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
    ledger = Ledger(lock_items([item_id]), now=now, reference=reference, by=by)
    ledger.issue((item_id, location, lot), qty, note=note)
    (row,) = ledger.write()
    return row


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
    ledger = Ledger(lock_items([item_id]), now=now, reference=reference, by=by)
    ledger.adjust((item_id, location, lot), counted, note=note)
    return next(iter(ledger.write()), None)


@transaction.atomic
def issue_shipment(
    *, item_id: int, qty: Decimal, reference: str, now: dt.datetime, by: Any = None
) -> Decimal:
    """Take up to ``qty`` shipped units from where they lie; return how many were in stock.

    What was never received into stock left straight from production, and the ledger never knew it.
    """
    require_positive(qty)
    ledger = Ledger(lock_items([item_id]), now=now, reference=reference, by=by)
    open_qty = qty
    for place, there in ledger.places_of(item_id):
        part = min(open_qty, there)
        if part > 0:
            ledger.move(place, -part, kind=MovementKind.SHIPMENT)
            open_qty -= part
    ledger.write()
    return qty - open_qty


@transaction.atomic
def transfer_stock(
    *,
    item_id: int,
    qty: Decimal,
    from_location: str,
    to_location: str,
    now: dt.datetime,
    lot: str | None = None,
    reference: str = "",
    note: str = "",
    by: Any = None,
) -> tuple[StockMovement, StockMovement]:
    """Carry units of one lot from a location to another: two rows of the ledger, which add up to nothing."""
    ledger = Ledger(lock_items([item_id]), now=now, reference=reference, by=by)
    ledger.transfer((item_id, from_location, lot), to_location, qty, note=note)
    out, into = ledger.write()
    return out, into
