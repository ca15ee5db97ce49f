"""Questions about items and stock, each in a fixed number of queries."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, QuerySet, Sum

from inventory.models import BomLine, ByProduct, PurchaseOrderLine, StockMovement
from inventory.models.fields import QTY

_PLACES = Decimal(1).scaleb(-QTY["decimal_places"])


def exact(total: Decimal) -> Decimal:
    """A sum of quantities, without the noise of a database that adds them up as floating point."""
    return total.quantize(_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What lies of an item at one place: the sum of its movements."""

    item_id: int
    item: str
    location: str
    lot: str | None
    qty: Decimal


def list_balances(*, item_id: int | None = None) -> list[Balance]:
    """Every place that holds something, by item, location and lot; of one item, if it is given."""
    movements = (
        StockMovement.objects.all() if item_id is None else StockMovement.objects.filter(item_id=item_id)
    )
    sums = (
        movements.values("item_id", "location", "lot", code=F("item__code"))
        .annotate(balance=Sum("qty"))
        .order_by("code", "location", "lot")
    )
    balances = [
        Balance(
            item_id=row["item_id"],
            item=row["code"],
            location=row["location"],
            lot=row["lot"],
            qty=exact(row["balance"]),
        )
        for row in sums
    ]
    return [balance for balance in balances if balance.qty]


def get_balance(*, item_id: int, location: str, lot: str | None) -> Decimal:
    """What lies of an item at one place."""
    places = StockMovement.objects.filter(item_id=item_id, location=location)
    places = places.filter(lot__isnull=True) if lot is None else places.filter(lot=lot)
    total = places.aggregate(total=Sum("qty"))["total"]
    return exact(total) if total is not None else Decimal(0)


def list_open_receipts() -> "QuerySet[PurchaseOrderLine]":
    """Purchase order lines of which something is still to come, earliest first."""
    return (
        PurchaseOrderLine.objects.filter(received_qty__lt=F("qty"))
        .select_related("purchase_order__supplier", "item")
        .order_by("due", "pk")
    )


def list_where_used(*, item_id: int) -> "QuerySet[BomLine]":
    """The lines of bills of materials that an item is a component of."""
    return (
        BomLine.objects.filter(component_id=item_id).select_related("bom__item", "component").order_by("pk")
    )


def find_path_between(*, start_id: int, end_id: int) -> list[str] | None:
    """Codes from one item down the bills of materials and by-products to another; ``None`` when it is not
    below.

    Two queries for all lines, then a search in memory: O(lines).
    """
    children: dict[int, list[int]] = defaultdict(list)
    codes: dict[int, str] = {}
    lines = BomLine.objects.values_list("bom__item_id", "component_id", "bom__item__code", "component__code")
    beside = ByProduct.objects.values_list("parent_id", "item_id", "parent__code", "item__code")
    for parent_id, component_id, parent, component in (*lines, *beside):
        children[parent_id].append(component_id)
        codes[parent_id], codes[component_id] = parent, component
    came_from: dict[int, int | None] = {start_id: None}
    waiting = [start_id]
    while waiting:
        current = waiting.pop()
        if current == end_id:
            return _walk_back(came_from, end_id, codes)
        for child in children[current]:
            if child not in came_from:
                came_from[child] = current
                waiting.append(child)
    return None


def _walk_back(came_from: dict[int, int | None], end_id: int, codes: dict[int, str]) -> list[str]:
    path: list[str] = []
    current: int | None = end_id
    while current is not None:
        path.append(codes.get(current, ""))
        current = came_from[current]
    return path[::-1]
