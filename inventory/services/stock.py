"""Stock comes in, goes out, is counted. Each is a row of the ledger; nothing else changes a balance."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction

from inventory.errors import InvalidQuantity, SameLocation, StockWouldBeNegative
from inventory.models import MAIN, Item, MovementKind, StockMovement
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
    require_positive(qty)
    return move(
        item=_lock_item(item_id),
        qty=qty,
        kind=MovementKind.RECEIPT,
        location=location,
        lot=lot,
        reference=reference,
        note=note,
        now=now,
        by=by,
    )


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
    require_positive(qty)
    item = _lock_item(item_id)
    refuse_shortage(item, qty, location, lot)
    return move(
        item=item,
        qty=-qty,
        kind=MovementKind.ISSUE,
        location=location,
        lot=lot,
        reference=reference,
        note=note,
        now=now,
        by=by,
    )


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
    item = _lock_item(item_id)
    difference = counted - get_balance(item_id=item_id, location=location, lot=lot)
    if not difference:
        return None
    return move(
        item=item,
        qty=difference,
        kind=MovementKind.ADJUSTMENT,
        location=location,
        lot=lot,
        reference=reference,
        note=note,
        now=now,
        by=by,
    )


@transaction.atomic
def issue_shipment(
    *, item_id: int, qty: Decimal, reference: str, now: dt.datetime, by: Any = None
) -> Decimal:
    """Take up to ``qty`` shipped units from where they lie; return how many were in stock.

    What was never received into stock left straight from production, and the ledger never knew it.
    """
    require_positive(qty)
    item = _lock_item(item_id)
    open_qty = qty
    for place in list_balances(item_id=item_id):
        part = min(open_qty, place.qty)
        if part > 0:
            move(
                item=item,
                qty=-part,
                kind=MovementKind.SHIPMENT,
                location=place.location,
                lot=place.lot,
                reference=reference,
                now=now,
                by=by,
            )
            open_qty -= part
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
    require_positive(qty)
    if from_location == to_location:
        raise SameLocation(f"{from_location} is where it lies already: another location is expected.")
    item = _lock_item(item_id)
    refuse_shortage(item, qty, from_location, lot)
    told = {"kind": MovementKind.TRANSFER, "lot": lot, "reference": reference, "now": now, "by": by}
    out = move(item=item, qty=-qty, location=from_location, note=note or f"to {to_location}", **told)
    into = move(item=item, qty=qty, location=to_location, note=note or f"from {from_location}", **told)
    return out, into


def require_positive(qty: Decimal) -> None:
    """A quantity that somebody can have meant."""
    if not qty.is_finite() or not 0 < qty <= QTY_LIMIT:
        raise InvalidQuantity(f"A quantity above 0, up to {QTY_LIMIT}, is expected, not {qty}.")


def refuse_shortage(item: Item, qty: Decimal, location: str, lot: str | None) -> None:
    """No more leaves a place than lies there. The item is locked."""
    there = get_balance(item_id=item.pk, location=location, lot=lot)
    if qty > there:
        of_lot = f" in lot {lot}" if lot else ""
        raise StockWouldBeNegative(
            f"{plain(there)} {item.uom} of {item} are at {location}{of_lot}; {plain(qty)} cannot be taken."
        )


def _refuse_excess(item: Item, qty: Decimal, location: str, lot: str | None) -> None:
    """A balance above the limit of quantities would be refused by every plan that reads it."""
    there = get_balance(item_id=item.pk, location=location, lot=lot)
    if there + qty > QTY_LIMIT:
        raise InvalidQuantity(
            f"{plain(there)} of {item} are at {location}; with {plain(qty)} more it would be more than "
            f"{QTY_LIMIT}. Correct what lies there first."
        )


def _lock_item(item_id: int) -> Item:
    return lock_items([item_id])[item_id]


def lock_items(item_ids: Iterable[int]) -> dict[int, Item]:
    """Movements of one item wait for each other, so that a balance that was read stays true.

    Several items are locked in primary-key order, so that nobody waits in a circle.
    """
    wanted = set(item_ids)
    rows = Item.objects.select_for_update(of=("self",)).select_related("uom").filter(pk__in=wanted)
    found = {item.pk: item for item in rows.order_by("pk")}
    if len(found) != len(wanted):
        raise Item.DoesNotExist(f"There is no item with key {min(wanted - found.keys())}.")
    return found


def move(
    *,
    item: Item,
    qty: Decimal,
    kind: MovementKind,
    location: str,
    lot: str | None,
    now: dt.datetime,
    reference: str = "",
    note: str = "",
    by: Any = None,
) -> StockMovement:
    """Write one row of the ledger. The item is locked, and what leaves a place lies there."""
    if qty > 0:
        _refuse_excess(item, qty, location, lot)
    row = StockMovement(
        item=item,
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
