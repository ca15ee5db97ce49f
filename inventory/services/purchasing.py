"""Ordering from suppliers, and what may happen to an order before it arrives.

Lines are locked in primary-key order. What was cancelled leaves ``qty`` and stays in ``cancelled_qty``.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from simple_history.utils import bulk_create_with_history

from inventory.errors import InvalidQuantity, NotBought, NothingOpen, PurchaseOrderNotFound
from inventory.models import Item, ItemKind, PurchaseOrder, PurchaseOrderLine
from inventory.models.fields import QTY_LIMIT, plain
from inventory.services.numbering import next_ref

PREFIX = "PO"
# What the history keeps of a reason.
_REASON = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPurchaseLine:
    """``qty`` of an item, to arrive on ``due``; ``planned_order`` of plan ``planned_in`` asked for it."""

    item_id: int
    qty: Decimal
    due: dt.date
    unit_cost: Decimal | None = None
    planned_in: int | None = None
    planned_order: str | None = None


@transaction.atomic
def place_purchase_order(
    *,
    supplier_id: int,
    lines: Sequence[NewPurchaseLine],
    ref: str | None = None,
    order_date: dt.date | None = None,
    now: dt.datetime | None = None,
    by: Any = None,
) -> PurchaseOrder:
    """Record an order that went out; without ``ref`` it gets the next number.

    Its lines are exchanged under ``ref``, ``ref/2``, ``ref/3``, ...
    """
    phantoms = Item.objects.filter(pk__in={line.item_id for line in lines}, kind=ItemKind.PHANTOM)
    if phantoms:
        raise NotBought(f"{phantoms[0]} is a phantom: nobody can deliver it.")
    if ref is None:
        ref = next_ref(PREFIX, is_taken=is_taken)
    order = PurchaseOrder(ref=ref, supplier_id=supplier_id, order_date=order_date)
    order.full_clean()
    order.changed_by = by
    order.save()
    rows = [_new_line(order, number, line, now) for number, line in enumerate(lines, start=1)]
    bulk_create_with_history(rows, PurchaseOrderLine, default_user=by, default_date=now)
    return order


def _new_line(
    order: PurchaseOrder, number: int, line: NewPurchaseLine, now: dt.datetime | None
) -> PurchaseOrderLine:
    if not line.qty.is_finite() or not 0 < line.qty <= QTY_LIMIT:
        raise InvalidQuantity(f"Line {number}: a quantity above 0, up to {QTY_LIMIT}, is expected.")
    row = PurchaseOrderLine(
        purchase_order=order,
        ref=line_ref(order.ref, number),
        line=number,
        item_id=line.item_id,
        qty=line.qty,
        due=line.due,
        unit_cost=line.unit_cost,
        planned_in=line.planned_in,
        planned_order=line.planned_order,
        placed_at=now,
    )
    row.clean_fields(exclude=["purchase_order", "item"])
    return row


def line_ref(order_ref: str, number: int) -> str:
    """Under which ref a line is exchanged: the order's own for the first."""
    return order_ref if number == 1 else f"{order_ref}/{number}"


def is_taken(ref: str) -> bool:
    """Whether an order, or a line of one, is exchanged under this ref."""
    lines = PurchaseOrderLine.objects.filter(Q(ref=ref) | Q(ref__startswith=f"{ref}/"))
    return PurchaseOrder.objects.filter(ref=ref).exists() or lines.exists()


@transaction.atomic
def cancel_purchase(
    *,
    ref: str,
    lines: Mapping[str, Decimal | None] | None = None,
    reason: str = "",
    by: Any = None,
) -> PurchaseOrder:
    """Cancel what is open of an order, or so much (empty: the rest) of the lines that are named by ref."""
    order, rows = lock_lines(ref, lines)
    wanted = {row.ref: None for row in rows if row.received_qty < row.qty} if lines is None else lines
    if not wanted:
        raise NothingOpen(f"Nothing of {ref} is open, so nothing can be cancelled.")
    for row in rows:
        if row.ref in wanted:
            _cancel(row, wanted[row.ref])
            _save(row, ["qty", "cancelled_qty"], reason or "cancelled", by)
    return order


def _cancel(row: PurchaseOrderLine, qty: Decimal | None) -> None:
    open_qty = row.qty - row.received_qty
    if open_qty <= 0:
        raise NothingOpen(f"Nothing of {row.ref} is open, so nothing can be cancelled.")
    cancelled = open_qty if qty is None else qty
    if not cancelled.is_finite() or not 0 < cancelled <= open_qty:
        raise InvalidQuantity(
            f"Of {row.ref}, {plain(open_qty)} are open: "
            f"a quantity above 0, up to that, can be cancelled, not {plain(cancelled)}."
        )
    row.qty -= cancelled
    row.cancelled_qty += cancelled


@transaction.atomic
def reschedule_purchase(
    *, ref: str, due: Mapping[str, dt.date] | dt.date, reason: str = "", by: Any = None
) -> PurchaseOrder:
    """Move lines to another day: those named by ref to theirs, or all that are open to one day.

    The days before stay in the history, with the reason.
    """
    whole_order = isinstance(due, dt.date)
    order, rows = lock_lines(ref, None if whole_order else due)  # type: ignore[arg-type]
    moved = 0
    for row in rows:
        is_open = row.received_qty < row.qty
        if isinstance(due, dt.date):
            day = due if is_open else None
        else:
            day = due.get(row.ref)
            if day is not None and not is_open:
                raise NothingOpen(f"Nothing of {row.ref} is open, so there is nothing to move.")
        if day is None:
            continue
        moved += 1
        if day != row.due:
            row.due = day
            row.clean_fields(exclude=["purchase_order", "item"])
            _save(row, ["due"], reason or "rescheduled", by)
    if not moved:
        raise NothingOpen(f"Nothing of {ref} is open, so there is nothing to move.")
    return order


def lock_lines(ref: str, named: Iterable[str] | None) -> tuple[PurchaseOrder, list[PurchaseOrderLine]]:
    """Lock an order and its lines; ``named`` lines must be its own. For callers within a transaction."""
    order = PurchaseOrder.objects.select_for_update(of=("self",)).filter(ref=ref).first()
    if order is None:
        raise PurchaseOrderNotFound(f"There is no purchase order {ref}.")
    rows = list(
        PurchaseOrderLine.objects.select_for_update(of=("self",)).filter(purchase_order=order).order_by("pk")
    )
    known = {row.ref for row in rows}
    for name in named or ():
        if name not in known:
            raise PurchaseOrderNotFound(f"{ref} has no line {name}: it has {', '.join(sorted(known))}.")
    return order, rows


def _save(row: PurchaseOrderLine, columns: list[str], reason: str, by: Any) -> None:
    row.version += 1
    row.changed_by = by
    # where simple_history looks for it
    row._change_reason = reason[:_REASON]  # type: ignore[attr-defined]  # noqa: SLF001
    row.save(update_fields=[*columns, "version"])
