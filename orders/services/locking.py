"""How every act finds its order: locked, of the version the caller saw, in a fitting state."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from orders.errors import OrderNotFound, VersionConflict, WrongStatus
from orders.models import OrderStatus, SalesOrder


def lock_order(ref: str, expected_version: int | None = None) -> SalesOrder:
    """The order, locked until the transaction ends. ``expected_version`` is the one the caller saw."""
    order = SalesOrder.objects.select_for_update(of=("self",)).filter(ref=ref).first()
    if order is None:
        raise OrderNotFound(f"There is no order {ref}.")
    if expected_version is not None and order.version != expected_version:
        raise VersionConflict(
            f"Order {ref} was changed in the meantime: you saw version {expected_version}, "
            f"it is at {order.version}."
        )
    return order


def require_status(order: SalesOrder, *allowed: OrderStatus, act: str) -> None:
    """Refuse, in words, what does not fit the state of the order."""
    if order.status not in allowed:
        words = " or ".join(status.label.lower() for status in allowed)
        now = order.get_status_display().lower()
        raise WrongStatus(f"Order {order.ref} is {now}; only an order that is {words} can be {act}.")


def changed(order: SalesOrder, *, now: dt.datetime, by: Any, fields: Iterable[str]) -> None:
    """Save ``fields`` as the next version."""
    order.version += 1
    order.changed_at = now
    order.changed_by = by
    order.save(update_fields=[*fields, "version", "changed_at"])
