"""Sections of factory-1 about customers and their orders."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from orders.models import Customer, Instalment, Milestone, OrderLine, OrderStatus, SalesOrder
from planning.engine.factory import Factory, InstalmentRow, OrderLineRow, SalesOrderRow
from planning.loading import LINE_COLUMNS
from planning.services.exchange.master import columns_of
from planning.services.exchange.materials import Items
from planning.services.exchange.sync import Key, Session, Wanted

Customers = dict[Key, Customer]

# What the format has no word for is not undone by a file, unless it is the whole truth.
_KEPT = (OrderStatus.ON_HOLD, OrderStatus.CANCELLED)


def sync_customers(session: Session, factory: Factory) -> Customers:
    """Who buys from us."""
    return session.sync(
        model=Customer,
        section="customers",
        existing=Customer.objects.all(),
        key_of=lambda row: (row.code,),
        wanted=[
            Wanted(
                key=(row.code,),
                path=f"/customers/{i}",
                columns={"code": row.code},
                values=columns_of(row, ("name", "priority")),
            )
            for i, row in enumerate(factory.customers)
        ],
    )


def sync_sales_orders(session: Session, factory: Factory, items: Items, customers: Customers) -> None:
    """Orders; the lines and instalments of one that is mentioned are those of the file.

    An order on hold stays on hold, a cancelled one stays cancelled; with ``--replace`` the file's
    status counts.
    """
    existing = {row.ref: row for row in SalesOrder.objects.select_related("customer")}
    _refuse_taken_references(session, factory, existing)
    rows = list(enumerate(factory.sales_orders))
    orders = session.sync(
        model=SalesOrder,
        section="sales_orders",
        existing=existing.values(),
        key_of=lambda row: (row.ref,),
        wanted=[
            Wanted(
                key=(row.ref,),
                path=f"/sales_orders/{i}",
                columns={"ref": row.ref},
                values={
                    **columns_of(row, ("kind", "delivery_policy")),
                    "customer": customers[row.customer,],
                    "customer_reference": row.customer_reference or None,
                    "order_date": row.order_date or factory.as_of,
                    **_status(session, row, existing.get(row.ref)),
                },
            )
            for i, row in rows
        ],
    )
    places = [
        (order.ref, line, f"/sales_orders/{i}/lines/{j}")
        for i, order in rows
        for j, line in enumerate(order.lines)
    ]
    lines = session.sync(
        model=OrderLine,
        section="sales_orders",
        existing=OrderLine.objects.select_related("order"),
        key_of=lambda row: (row.order.ref, row.line),
        wanted=[
            Wanted(
                key=(ref, line.line),
                path=path,
                columns={"order": orders[ref,], "line": line.line},
                values={
                    **columns_of(line, LINE_COLUMNS, without=("line",)),
                    "item": items[line.item,],
                    "has_instalments": bool(line.instalments),
                },
            )
            for ref, line, path in places
        ],
        scope=orders.keys(),
        parents=orders,
    )
    session.sync(
        model=Instalment,
        section="sales_orders",
        existing=Instalment.objects.select_related("order_line__order"),
        key_of=lambda row: (row.order_line.order.ref, row.order_line.line, row.instalment),
        wanted=[
            Wanted(
                key=(ref, line.line, number),
                path=path,
                columns={"order_line": lines[ref, line.line], "instalment": number},
                values=_instalment(row),
            )
            for ref, line, path in places
            for number, row in enumerate(schedule_of(line), start=1)
        ],
        scope=orders.keys(),
        parents=orders,
    )
    _sync_milestones(session, factory, orders)


def _sync_milestones(session: Session, factory: Factory, orders: dict[Key, SalesOrder]) -> None:
    stored = list(Milestone.objects.select_related("order").order_by("pk"))
    keys = _told_apart((row.order.ref, row.date, row.name, row.amount) for row in stored)
    key_of = {row.pk: key for row, key in zip(stored, keys, strict=True)}
    wanted = [
        (order.ref, row, i, j)
        for i, order in enumerate(factory.sales_orders)
        for j, row in enumerate(order.milestones)
    ]
    wanted_keys = _told_apart((ref, row.date, row.name, row.amount) for ref, row, _, _ in wanted)
    session.sync(
        model=Milestone,
        section="sales_orders",
        existing=stored,
        key_of=lambda row: key_of[row.pk],
        wanted=[
            Wanted(
                key=key,
                path=f"/sales_orders/{i}/milestones/{j}",
                columns={"order": orders[ref,], **columns_of(row, ("date", "amount", "name"))},
                values={},
            )
            for key, (ref, row, i, j) in zip(wanted_keys, wanted, strict=True)
        ],
        scope=orders.keys(),
        parents=orders,
    )


def _told_apart(keys: Iterable[Key]) -> Iterator[Key]:
    """Keys with a number behind them: two milestones may say the same."""
    seen: Counter[Key] = Counter()
    for key in keys:
        seen[key] += 1
        yield (*key, seen[key])


def schedule_of(line: OrderLineRow) -> list[InstalmentRow]:
    """The instalments of a line, in order of due date: one for a line that only has a due date."""
    if line.instalments:
        return sorted(line.instalments, key=lambda row: (row.due, row.qty))
    return [InstalmentRow(due=line.due, qty=line.qty, shipped_qty=line.shipped_qty)] if line.due else []


def _instalment(row: InstalmentRow) -> dict[str, Any]:
    values = columns_of(row, ("due", "qty", "shipped_qty"))
    if not row.shipped_qty:
        values["shipped_on"] = None
    return values


def _status(session: Session, row: SalesOrderRow, existing: SalesOrder | None) -> dict[str, Any]:
    """The columns that belong together: status, its reason and its moments."""
    if existing is not None and existing.status in _KEPT and not session.replace:
        session.notes.append(f"order {row.ref} stays {existing.get_status_display().lower()}")
        return {}
    status = OrderStatus(row.status)
    rest = [part.qty - part.shipped_qty for line in row.lines for part in schedule_of(line)]
    if status == OrderStatus.CONFIRMED and rest and not any(rest):
        status = OrderStatus.SHIPPED
    before = existing.confirmed_at if existing is not None else None
    return {
        "status": status.value,
        "status_reason": "",
        "cancelled_at": None,
        "confirmed_at": None if status == OrderStatus.QUOTE else before or session.now,
    }


def _refuse_taken_references(session: Session, factory: Factory, existing: dict[str, SalesOrder]) -> None:
    """A customer's own number that an order has which the file does not mention."""
    if session.replace:
        return
    mentioned = {row.ref for row in factory.sales_orders}
    taken: dict[tuple[str, str | None], str] = {
        (row.customer.code, row.customer_reference): row.ref
        for row in existing.values()
        if row.customer_reference and row.ref not in mentioned
    }
    for i, row in enumerate(factory.sales_orders):
        other = taken.get((row.customer, row.customer_reference))
        if other is not None:
            session.refuse(
                f"/sales_orders/{i}/customer_reference",
                f"{row.customer_reference} is the number of order {other}",
            )
