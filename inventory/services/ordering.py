"""A purchase order that somebody enters: every value that does not fit is named, and it is placed once."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from inventory.errors import InvalidPurchase, Issue, RefTaken
from inventory.models import Item, ItemKind, PurchaseOrder, PurchaseOrderLine, Supplier
from inventory.models.fields import plain
from inventory.services.purchasing import NewPurchaseLine, is_taken, place_purchase_order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLine:
    """``qty`` of an item by its code, to arrive on ``due``."""

    item: str
    qty: Decimal
    due: dt.date
    unit_cost: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedPurchase:
    """Without ``ref`` it gets the next number; ``order_date`` empty: today."""

    supplier: str
    lines: tuple[OrderedLine, ...]
    ref: str | None = None
    order_date: dt.date | None = None


@transaction.atomic
def enter_purchase_order(
    *, order: OrderedPurchase, now: dt.datetime, by: Any = None
) -> tuple[PurchaseOrder, bool]:
    """Place an order, all of it or nothing; the second value says whether it is new.

    With a ``ref`` the same order is placed once: sent again, it answers with the order of the first time,
    whatever became of it; sent with other contents, it is refused. Raises ``InvalidPurchase`` with every
    place that does not fit.
    """
    known = _find_placed(order)
    if known is not None:
        return known, False
    supplier = Supplier.objects.filter(code=order.supplier).first()
    items = {item.code: item for item in Item.objects.filter(code__in={line.item for line in order.lines})}
    issues = list(_issues(order, items))
    if supplier is None:
        issues.insert(0, Issue("/supplier", f"There is no supplier {order.supplier}."))
    if supplier is None or issues:
        raise InvalidPurchase(issues)
    lines = [
        NewPurchaseLine(item_id=items[line.item].pk, qty=line.qty, due=line.due, unit_cost=line.unit_cost)
        for line in order.lines
    ]
    try:
        with transaction.atomic():
            placed = place_purchase_order(
                ref=order.ref,
                supplier_id=supplier.pk,
                order_date=order.order_date or timezone.localdate(now),
                lines=lines,
                now=now,
                by=by,
            )
    except (IntegrityError, ValidationError) as error:
        known = _find_placed(order)  # sent twice at the same time: the other one came first
        if known is not None:
            return known, False
        if isinstance(error, ValidationError):
            raise
        raise RefTaken("Somebody else has just taken that number: send the order again.") from error
    return placed, True


def _issues(order: OrderedPurchase, items: Mapping[str, Item]) -> Iterator[Issue]:
    for number, line in enumerate(order.lines):
        item = items.get(line.item)
        if item is None:
            yield Issue(f"/lines/{number}/item", f"There is no item {line.item}.")
        elif item.kind == ItemKind.PHANTOM:
            yield Issue(f"/lines/{number}/item", f"{item} is a phantom: nobody can deliver it.")


def _find_placed(order: OrderedPurchase) -> PurchaseOrder | None:
    """The order that was placed under this ref with these contents; with other ones, ``RefTaken``."""
    if order.ref is None or not is_taken(order.ref):
        return None
    known = PurchaseOrder.objects.select_related("supplier").filter(ref=order.ref).first()
    then = [] if known is None else _said_then(known)
    if known is None or _said_now(order, then) != then:
        raise RefTaken(
            f"There is a purchase order {order.ref} already, with other contents: send another ref, or none."
        )
    return known


def _said_now(order: OrderedPurchase, then: list[Any]) -> list[Any]:
    lines = [
        (line.item, plain(line.qty), line.due, None if line.unit_cost is None else plain(line.unit_cost))
        for line in order.lines
    ]
    return [order.supplier, order.order_date or then[1], *lines]


def _said_then(known: PurchaseOrder) -> list[Any]:
    """As it was placed: the first version of it and of its lines, before anything was moved, cancelled or
    edited; lines that somebody has added since have another moment.
    """
    placed = known.history.filter(history_type="+").values_list("supplier__code", "order_date").first()
    first = PurchaseOrderLine.history.filter(purchase_order_id=known.pk, history_type="+")
    rows = list(
        first.order_by("line", "history_id").values_list("placed_at", "item__code", "qty", "due", "unit_cost")
    )
    lines = [
        (item, plain(qty), due, None if unit_cost is None else plain(unit_cost))
        for placed_at, item, qty, due, unit_cost in rows
        if placed_at == rows[0][0]
    ]
    return [*(placed or (known.supplier.code, known.order_date)), *lines]
