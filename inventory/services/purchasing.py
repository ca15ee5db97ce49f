"""Ordering from suppliers."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from inventory.errors import NotBought
from inventory.models import Item, ItemKind, PurchaseOrder, PurchaseOrderLine


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPurchaseLine:
    """``qty`` of an item, to arrive on ``due``."""

    item_id: int
    qty: Decimal
    due: dt.date


@transaction.atomic
def place_purchase_order(
    *,
    ref: str,
    supplier_id: int,
    lines: Sequence[NewPurchaseLine],
    order_date: dt.date | None = None,
    by: Any = None,
) -> PurchaseOrder:
    """Record an order that went out. Its lines are exchanged under ``ref``, ``ref/2``, ``ref/3``, ..."""
    phantoms = Item.objects.filter(pk__in={line.item_id for line in lines}, kind=ItemKind.PHANTOM)
    if phantoms:
        raise NotBought(f"{phantoms[0]} is a phantom: nobody can deliver it.")
    order = PurchaseOrder(ref=ref, supplier_id=supplier_id, order_date=order_date)
    order.full_clean()
    order.changed_by = by
    order.save()
    for number, line in enumerate(lines, start=1):
        row = PurchaseOrderLine(
            purchase_order=order,
            ref=ref if number == 1 else f"{ref}/{number}",
            line=number,
            item_id=line.item_id,
            qty=line.qty,
            due=line.due,
        )
        row.full_clean()
        row.changed_by = by
        row.save()
    return order
