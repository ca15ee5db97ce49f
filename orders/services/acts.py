"""What happens to an order: confirm, hold, release, cancel, ship. Every door calls these."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from inventory.models.fields import plain
from inventory.services import issue_shipment
from orders.errors import LineNotFound, OverShipment
from orders.models import Instalment, OrderStatus, SalesOrder
from orders.services.locking import changed, lock_order, require_status


@transaction.atomic
def confirm_order(
    *, ref: str, now: dt.datetime, by: Any = None, expected_version: int | None = None
) -> SalesOrder:
    """Turn a quote into demand that planning must meet."""
    order = lock_order(ref, expected_version)
    require_status(order, OrderStatus.QUOTE, act="confirmed")
    order.status = OrderStatus.CONFIRMED
    order.confirmed_at = now
    changed(order, now=now, by=by, fields=["status", "confirmed_at"])
    return order


@transaction.atomic
def hold_order(
    *, ref: str, reason: str = "", now: dt.datetime, by: Any = None, expected_version: int | None = None
) -> SalesOrder:
    """Take a confirmed order out of planning until it is released; what was promised stays written."""
    order = lock_order(ref, expected_version)
    require_status(order, OrderStatus.CONFIRMED, act="put on hold")
    order.status = OrderStatus.ON_HOLD
    order.status_reason = reason
    changed(order, now=now, by=by, fields=["status", "status_reason"])
    return order


@transaction.atomic
def release_order(
    *, ref: str, now: dt.datetime, by: Any = None, expected_version: int | None = None
) -> SalesOrder:
    """Let planning have an order that was on hold again."""
    order = lock_order(ref, expected_version)
    require_status(order, OrderStatus.ON_HOLD, act="released")
    order.status = OrderStatus.CONFIRMED
    order.status_reason = ""
    changed(order, now=now, by=by, fields=["status", "status_reason"])
    return order


@transaction.atomic
def cancel_order(
    *, ref: str, reason: str = "", now: dt.datetime, by: Any = None, expected_version: int | None = None
) -> SalesOrder:
    """End an order; what has shipped stays shipped, the rest is no longer wanted. There is no way back."""
    order = lock_order(ref, expected_version)
    require_status(order, OrderStatus.QUOTE, OrderStatus.CONFIRMED, OrderStatus.ON_HOLD, act="cancelled")
    order.status = OrderStatus.CANCELLED
    order.status_reason = reason
    order.cancelled_at = now
    changed(order, now=now, by=by, fields=["status", "status_reason", "cancelled_at"])
    return order


@transaction.atomic
def ship_instalment(
    *,
    ref: str,
    line: int,
    instalment: int = 1,
    qty: Decimal | None = None,
    shipped_on: dt.date,
    now: dt.datetime,
    by: Any = None,
    expected_version: int | None = None,
) -> Instalment:
    """Record that ``qty`` units (empty: all that are open) left on ``shipped_on``.

    They leave the stock ledger as far as they lie there; what was never received into stock went
    straight from production. The order is shipped once nothing of it is open.
    """
    order = lock_order(ref, expected_version)
    require_status(order, OrderStatus.CONFIRMED, act="shipped")
    row = (
        Instalment.objects.select_related("order_line__order")
        .filter(order_line__order=order, order_line__line=line, instalment=instalment)
        .first()
    )
    if row is None:
        raise LineNotFound(f"Order {ref} has no line {line} with an instalment {instalment}.")
    shipped = row.open_qty if qty is None else qty
    if not shipped.is_finite() or shipped <= 0 or shipped > row.open_qty:
        raise OverShipment(
            f"Of {row}, {plain(row.open_qty)} are open; "
            f"between 0 and that many can ship, not {plain(shipped)}."
        )
    _ship(row, shipped, shipped_on=shipped_on, now=now, by=by)
    if not _open_rows(order).exists():
        order.status = OrderStatus.SHIPPED
    changed(order, now=now, by=by, fields=["status"])
    return row


@transaction.atomic
def ship_order(
    *, ref: str, shipped_on: dt.date, now: dt.datetime, by: Any = None, expected_version: int | None = None
) -> SalesOrder:
    """Ship everything that is still open."""
    order = lock_order(ref, expected_version)
    require_status(order, OrderStatus.CONFIRMED, act="shipped")
    for row in _open_rows(order).select_related("order_line__order").order_by("pk"):
        _ship(row, row.open_qty, shipped_on=shipped_on, now=now, by=by)
    order.status = OrderStatus.SHIPPED
    changed(order, now=now, by=by, fields=["status"])
    return order


def _ship(row: Instalment, qty: Decimal, *, shipped_on: dt.date, now: dt.datetime, by: Any) -> None:
    """Write that ``qty`` of the instalment left, and take them from stock. Its order is locked."""
    row.shipped_qty += qty
    row.shipped_on = shipped_on
    row.version += 1
    row.changed_by = by
    row.full_clean(exclude=["order_line"], validate_unique=False)
    row.save(update_fields=["shipped_qty", "shipped_on", "version"])
    line = row.order_line
    issue_shipment(item_id=line.item_id, qty=qty, reference=line.order.ref, now=now, by=by)


def _open_rows(order: SalesOrder) -> QuerySet[Instalment]:
    return Instalment.objects.filter(order_line__order=order, shipped_qty__lt=F("qty"))
