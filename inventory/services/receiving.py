"""What suppliers deliver goes into stock, and the order knows it.

Locks: the order, its lines in primary-key order, then items in primary-key order.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from inventory.errors import NothingOpen, OverReceipt, PurchaseOrderNotFound, ReferenceTaken
from inventory.models import MAIN, MovementKind, PurchaseOrderLine, PurchaseReceipt
from inventory.models.fields import ZERO, plain
from inventory.services.ledger import Ledger, lock_items
from inventory.services.purchasing import lock_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedLine:
    """``qty`` units (empty: all that are open) of a purchase order line, and where they were put."""

    ref: str
    qty: Decimal | None = None
    location: str = MAIN
    lot: str | None = None


@transaction.atomic
def receive_purchase_order(
    *,
    ref: str,
    lines: Sequence[ReceivedLine],
    now: dt.datetime,
    reference: str | None = None,
    by: Any = None,
) -> PurchaseReceipt:
    """Book a delivery, all of it or nothing.

    With a ``reference`` the same delivery is booked once: sent again, it answers with the receipt of the
    first time; sent with other lines, it is refused.
    """
    _, rows = lock_lines(ref, [line.ref for line in lines])
    if reference is not None:
        known = PurchaseReceipt.objects.known_as(reference, order_ref=ref).first()
        if known is not None:
            return _the_same(known, lines)
    if not lines:
        raise NothingOpen(f"Nothing of {ref} was said to have come in.")
    by_ref = {row.ref: row for row in rows}
    named = {line.ref for line in lines}
    items = lock_items(row.item_id for row in rows if row.ref in named)
    ledger = Ledger(items, now=now, by=by)
    booked = []
    for line, qty in _quantities(lines, by_ref):
        row = by_ref[line.ref]
        row.received_qty += qty
        ledger.move(
            (row.item_id, line.location, line.lot),
            qty,
            kind=MovementKind.RECEIPT,
            reference=row.ref,
            note=reference or "",
        )
        booked.append(
            {
                "ref": row.ref,
                "item": items[row.item_id].code,
                "qty": plain(qty),
                "asked": None if line.qty is None else plain(line.qty),
                "location": line.location,
                "lot": line.lot,
            }
        )
    ledger.write()
    changed = [row for row in rows if row.ref in named]
    for row in changed:
        row.version += 1
    bulk_update_with_history(
        changed,
        PurchaseOrderLine,
        ["received_qty", "version"],
        batch_size=100,
        default_user=by,
        default_date=now,
    )
    receipt = PurchaseReceipt(order_ref=ref, reference=reference, lines=booked, at=now, by=by)
    receipt.clean_fields(exclude=["by"])
    receipt.save()
    return receipt


def _quantities(
    lines: Sequence[ReceivedLine], by_ref: dict[str, PurchaseOrderLine]
) -> list[tuple[ReceivedLine, Decimal]]:
    """What comes in of each line; several rows may put one line in several places."""
    coming: dict[str, Decimal] = defaultdict(lambda: ZERO)
    found = []
    for line in lines:
        row = by_ref[line.ref]
        open_qty = row.qty - row.received_qty - coming[line.ref]
        qty = open_qty if line.qty is None else line.qty
        if open_qty <= 0:
            raise OverReceipt(f"Nothing of {line.ref} is open any more, so nothing of it can come in.")
        if not qty.is_finite() or qty <= 0 or qty > open_qty:
            raise OverReceipt(
                f"Of {line.ref}, {plain(open_qty)} are open; "
                f"between 0 and that many can come in, not {plain(qty)}."
            )
        coming[line.ref] += qty
        found.append((line, qty))
    return found


def _the_same(receipt: PurchaseReceipt, lines: Sequence[ReceivedLine]) -> PurchaseReceipt:
    now = [(r.ref, None if r.qty is None else plain(r.qty), r.location, r.lot) for r in lines]
    then = [(row["ref"], row["asked"], row["location"], row["lot"]) for row in receipt.lines]
    if now != then:
        raise ReferenceTaken(
            f"{receipt.reference} was received for {receipt.order_ref} already, with other lines: "
            "send another reference for another delivery."
        )
    return receipt


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
    """Receive ``qty`` units (empty: all that are open) of one purchase order line into stock."""
    line = PurchaseOrderLine.objects.select_related("purchase_order").filter(ref=ref).first()
    if line is None:
        raise PurchaseOrderNotFound(f"There is no purchase order line {ref}.")
    received = ReceivedLine(ref=ref, qty=qty, location=location, lot=lot)
    receive_purchase_order(ref=line.purchase_order.ref, lines=[received], now=now, by=by)
    line.refresh_from_db()
    return line
