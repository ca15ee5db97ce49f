"""Questions about items and stock, each in a fixed number of queries."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet, Sum

from inventory.errors import CountNotFound, ItemNotFound, PurchaseOrderNotFound
from inventory.models import (
    OPEN_COUNTS,
    BomLine,
    ByProduct,
    CountStatus,
    CycleCount,
    CycleCountLine,
    Item,
    ItemKind,
    ItemSource,
    PurchaseOrder,
    PurchaseOrderLine,
    StockMovement,
)
from inventory.models.fields import QTY, ZERO

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


def stock_on_hand() -> "QuerySet[StockMovement, dict[str, Any]]":
    """Places that hold something, as rows of item, location, lot and ``balance``; to be narrowed and paged.

    What a database that adds up floating point leaves of nothing counts as nothing.
    """
    noise = _PLACES / 2
    return (
        StockMovement.objects.values(
            "item_id",
            "location",
            "lot",
            code=F("item__code"),
            name=F("item__name"),
            uom=F("item__uom__code"),
        )
        .annotate(balance=Sum("qty"))
        .filter(Q(balance__gt=noise) | Q(balance__lt=-noise))
        .order_by("code", "location", F("lot").asc(nulls_first=True))
    )


def list_movements() -> "QuerySet[StockMovement]":
    """The ledger with items and who moved them, the latest first."""
    return StockMovement.objects.select_related("item", "by").order_by("-at", "-pk")


def items_by_code(codes: Iterable[str]) -> dict[str, Item]:
    """Items by their code, or ``ItemNotFound`` for the first that is not there. 1 query."""
    wanted = list(dict.fromkeys(codes))
    found = {item.code: item for item in Item.objects.filter(code__in=wanted).select_related("uom")}
    for code in wanted:
        if code not in found:
            raise ItemNotFound(code)
    return found


def unit_values(item_ids: Collection[int], *, on: dt.date) -> dict[int, Decimal]:
    """What one unit of each item is worth in material.

    A bought item's standard cost, or that of its best source where it has none; a made one's is what its
    components cost, by the bill of materials of the day ``on``. Three queries for each level below.
    """
    parts: dict[int, list[tuple[int, Decimal]]] = {}
    values: dict[int, Decimal] = {}
    frontier = set(item_ids)
    while frontier:
        bought = Item.objects.filter(pk__in=frontier, kind=ItemKind.BUY)
        costs = dict(bought.values_list("pk", "unit_cost"))
        values |= costs | _source_costs([pk for pk, cost in costs.items() if not cost])
        made = frontier - costs.keys()
        parts |= _parts(made, on)
        frontier = {part for pk in made for part, _ in parts[pk]} - values.keys() - parts.keys()
    for pk in _children_first(parts):
        values[pk] = sum((values[part] * qty for part, qty in parts[pk]), ZERO)
    return {pk: values.get(pk, ZERO) for pk in item_ids}


def _source_costs(item_ids: Collection[int]) -> dict[int, Decimal]:
    """The cost of one unit from the best source of each item."""
    rows = ItemSource.objects.filter(item__in=item_ids).order_by("-priority", "-supplier__code", "pk")
    return {pk: cost or ZERO for pk, cost in rows.values_list("item", "unit_cost")}


def _parts(item_ids: Collection[int], on: dt.date) -> dict[int, list[tuple[int, Decimal]]]:
    """Components of made items with what one unit takes of them."""
    parts: dict[int, list[tuple[int, Decimal]]] = {pk: [] for pk in item_ids}
    for line in BomLine.objects.filter(bom__item__in=item_ids).select_related("bom"):
        start, end = line.in_force_from, line.in_force_to
        if (start is None or start <= on) and (end is None or on < end):
            parts[line.bom.item_id].append((line.component_id, line.qty / (1 - line.scrap)))
    return parts


def _children_first(parts: dict[int, list[tuple[int, Decimal]]]) -> list[int]:
    """Made items, each after all it is made of; bills of materials have no cycles."""
    done: dict[int, None] = {}
    stack = list(parts)
    while stack:
        pk = stack[-1]
        waiting = [part for part, _ in parts[pk] if part in parts and part not in done]
        if waiting:
            stack.extend(waiting)
        else:
            done[stack.pop()] = None
    return list(done)


def list_purchase_orders() -> "QuerySet[PurchaseOrder]":
    """Purchase orders with status, supplier and lines, the latest first."""
    lines = PurchaseOrderLine.objects.select_related("item").order_by("line", "pk")
    orders = PurchaseOrder.objects.with_status().select_related("supplier")
    return orders.prefetch_related(Prefetch("lines", queryset=lines)).order_by("-pk")


def get_purchase_order(ref: str) -> PurchaseOrder:
    """One purchase order with its lines, or ``PurchaseOrderNotFound``. 2 queries."""
    order = list_purchase_orders().filter(ref=ref).first()
    if order is None:
        raise PurchaseOrderNotFound(f"There is no purchase order {ref}.")
    return order


def list_counts() -> "QuerySet[CycleCount]":
    """Cycle counts, the latest first."""
    return CycleCount.objects.select_related("opened_by", "ended_by").order_by("-pk")


def get_count(ref: str) -> CycleCount:
    """A cycle count with its lines, or ``CountNotFound``. 2 queries."""
    lines = list_count_lines()
    count = list_counts().prefetch_related(Prefetch("lines", queryset=lines)).filter(ref=ref).first()
    if count is None:
        raise CountNotFound(f"There is no cycle count {ref}.")
    return count


def list_count_lines() -> "QuerySet[CycleCountLine]":
    """Lines of sheets in the order in which somebody walks: by location, item and lot."""
    rows = CycleCountLine.objects.select_related("count", "item__uom", "counted_by")
    return rows.order_by("location", "item__code", F("lot").asc(nulls_first=True), "pk")


def list_open_count_lines() -> "QuerySet[CycleCountLine]":
    """Lines of sheets that are not yet posted or cancelled."""
    return list_count_lines().filter(count__status__in=OPEN_COUNTS)


def items_to_count(
    *, now: dt.datetime, codes: Iterable[str] | None = None, not_counted_days: int | None = None
) -> set[int]:
    """Keys of the items of a count: those with ``codes``, else all that are in stock; of these, with
    ``not_counted_days``, those that no posted sheet has counted for so many days.
    """
    if codes is None:
        chosen = set(stock_on_hand().order_by().values_list("item_id", flat=True))
    else:
        chosen = {item.pk for item in items_by_code(codes).values()}
    if not_counted_days is not None:
        since = now - dt.timedelta(days=not_counted_days)
        counted = CycleCountLine.objects.filter(count__status=CountStatus.POSTED, counted_at__gte=since)
        chosen -= set(counted.values_list("item", flat=True))
    return chosen


def list_open_receipts() -> "QuerySet[PurchaseOrderLine]":
    """Purchase order lines of which something is still to come, earliest first."""
    return (
        PurchaseOrderLine.objects.open()
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
