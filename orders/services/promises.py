"""Writing promised dates: onto the instalments, and into the history that nothing overwrites."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from simple_history.utils import bulk_update_with_history

from orders.models import DeliveryPromise, Instalment, OrderStatus, SalesOrder
from orders.services.commands import PromiseRow

Key = tuple[str, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedPromises:
    """How many promises were written, and the instalments that were left alone.

    ``skipped`` are (order, line, instalment) that are gone, or whose order is not confirmed (any more).
    """

    recorded: int
    skipped: tuple[Key, ...]


@transaction.atomic
def record_promises(
    *, plan_version: int, rows: Iterable[PromiseRow], now: dt.datetime, by: Any = None
) -> RecordedPromises:
    """Make the dates of a published plan the promised dates of its instalments.

    Only confirmed orders are promised anything: one that was cancelled or put on hold while the
    plan was built keeps what it had. Recording the same plan again changes nothing.
    """
    wanted = list(rows)
    refs = {row.sales_order for row in wanted}
    orders = SalesOrder.objects.select_for_update(of=("self",)).filter(
        ref__in=refs, status=OrderStatus.CONFIRMED
    )
    confirmed = {order.pk: order.ref for order in orders.order_by("pk")}
    instalments = _by_key(confirmed)
    done = set(
        DeliveryPromise.objects.filter(plan_version=plan_version).values_list("instalment_row_id", flat=True)
    )
    history: list[DeliveryPromise] = []
    touched: list[Instalment] = []
    skipped: list[Key] = []
    for row in wanted:
        instalment = instalments.get((row.sales_order, row.line, row.instalment))
        if instalment is None:
            skipped.append((row.sales_order, row.line, row.instalment))
        elif instalment.pk not in done:
            instalment.promised = row.promised
            instalment.promised_in_version = plan_version
            touched.append(instalment)
            history.append(_history_row(row, instalment, plan_version, now, by))
    DeliveryPromise.objects.bulk_create(history)
    if touched:
        bulk_update_with_history(
            touched,
            Instalment,
            ["promised", "promised_in_version"],
            default_user=by,
            default_change_reason=f"plan {plan_version} published",
            default_date=now,
        )
        SalesOrder.objects.filter(pk__in={row.order_line.order_id for row in touched}).update(changed_at=now)
    return RecordedPromises(recorded=len(history), skipped=tuple(skipped))


def _by_key(orders: dict[int, str]) -> dict[Key, Instalment]:
    rows = Instalment.objects.filter(order_line__order_id__in=orders).select_related("order_line")
    return {(orders[row.order_line.order_id], row.order_line.line, row.instalment): row for row in rows}


def _history_row(
    row: PromiseRow, instalment: Instalment, plan_version: int, now: dt.datetime, by: Any
) -> DeliveryPromise:
    return DeliveryPromise(
        instalment_row=instalment,
        sales_order=row.sales_order,
        line=row.line,
        instalment=row.instalment,
        item=row.item,
        qty=row.qty,
        requested=row.requested,
        promised=row.promised,
        days_late=row.days_late,
        deliveries=list(row.deliveries),
        reasons=list(row.reasons),
        p50=row.p50,
        p80=row.p80,
        p95=row.p95,
        plan_version=plan_version,
        promised_at=now,
        by=by,
    )
