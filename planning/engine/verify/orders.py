"""Rules about what is bought, made and released."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from planning.engine.factory import ItemRow, SourceRow
from planning.engine.plan import PlannedOrder
from planning.engine.verify.calendars import DAY, monday_of
from planning.engine.verify.facts import NOISE
from planning.engine.verify.ledger import Ledger
from planning.engine.verify.references import Finding, never_finished
from planning.engine.verify.supply import finished_at, ready_at


def starts_after_as_of(ledger: Ledger) -> Iterator[Finding]:
    """Nothing is started, ordered or delivered before the planning date."""
    for op in ledger.ops:
        if op.start < ledger.start:
            yield op.name, f"starts on {ledger.local.moment(op.start):%Y-%m-%d %H:%M}, before {ledger.as_of}"
    for order in ledger.orders.values():
        if order.release < ledger.as_of and order.work_order is None:
            yield order.id, f"goes out on {order.release}, before {ledger.as_of}"
    for key, promise in ledger.promises.items():
        for row in promise.deliveries:
            if row.date < ledger.as_of:
                yield ledger.instalments[key].name, f"is delivered on {row.date}, before {ledger.as_of}"


def order_kind_fits_item(ledger: Ledger) -> Iterator[Finding]:
    """Bought items are bought, made items are made (or bought where a source says so), phantoms are
    neither.
    """
    for order in ledger.orders.values():
        kind = ledger.items[order.item].kind
        if kind != order.kind and not (kind == "make" and ledger.sources.get(order.item)):
            yield order.id, f"is a {order.kind} order for {order.item}, which is {kind}"
        if order.kind == "make" and order.supplier is not None:
            yield order.id, f"is made here, so {order.supplier} does not supply it"


def purchase_source_effective(ledger: Ledger) -> Iterator[Finding]:
    """A purchase that is not firm names a supplier who sells the item on the day it goes out."""
    for order in new_buys(ledger):
        rows = ledger.sources.get(order.item, [])
        if not rows and order.supplier is not None:
            yield order.id, f"{order.item} has no sources, so its supplier is not {order.supplier}"
        if rows and ledger.source_of(order) is None:
            known = any(row.supplier == order.supplier for row in rows)
            why = f"not on {order.release}" if known else "nowhere among its sources"
            yield order.id, f"{order.supplier} sells {order.item} {why}"


def purchase_lead_time(ledger: Ledger) -> Iterator[Finding]:
    """A purchase that is not firm is due no earlier than the supplier's lead time after it goes out, in open
    days where it has a calendar.
    """
    for order in new_buys(ledger):
        source = ledger.source_of(order)
        if source is not None:
            if not _lead_time_passed(ledger, order, order.release, source):
                calendar = f" (open in {source.lead_time_calendar})" if source.lead_time_calendar else ""
                text = (
                    f"is due on {order.due}, {source.supplier} takes {source.lead_time_days} days{calendar}"
                )
                yield order.id, f"goes out on {order.release} and {text}"
        elif not ledger.sources.get(order.item) and not _lead_time_passed(
            ledger, order, order.release, ledger.items[order.item]
        ):
            yield order.id, f"is due on {order.due}, before the lead time of {order.item} has passed"


def new_buys(ledger: Ledger) -> Iterator[PlannedOrder]:
    """Planned purchases that are not firm."""
    return (order for order in ledger.buys if order.id not in ledger.firm_orders)


def _lead_time_passed(ledger: Ledger, order: PlannedOrder, release: date, given: ItemRow | SourceRow) -> bool:
    """Have the lead time days of an item or source, open ones of its calendar if it has one, passed from
    ``release`` to ``due``?
    """
    if given.lead_time_calendar is None:
        return (order.due - release).days >= given.lead_time_days
    after = ledger.open_time[given.lead_time_calendar].open_days(release + DAY, order.due + DAY)
    return order.due >= release and after >= given.lead_time_days


def purchase_lot_size(ledger: Ledger) -> Iterator[Finding]:
    """A purchase that is not firm respects its source's minimum and multiple, else its item's, and the item's
    maximum.
    """
    for order in new_buys(ledger):
        item, source = ledger.items[order.item], ledger.source_of(order)
        minimum = item.min_order if source is None or source.min_order is None else source.min_order
        multiple = (
            item.order_multiple if source is None or source.order_multiple is None else source.order_multiple
        )
        yield from _lot_size(order, minimum, multiple, item.max_order)


def make_lot_size(ledger: Ledger) -> Iterator[Finding]:
    """A planned lot respects the minimum, multiple and maximum of its item; a released or firm one is what it
    is.
    """
    for order in ledger.makes:
        if order.work_order is None and order.id not in ledger.firm_orders:
            item = ledger.items[order.item]
            yield from _lot_size(order, item.min_order, item.order_multiple, item.max_order)


def _lot_size(
    order: PlannedOrder, minimum: Decimal, multiple: Decimal | None, maximum: Decimal | None
) -> Iterator[Finding]:
    if order.qty < minimum - NOISE:
        yield order.id, f"orders {order.qty} of {order.item}, the minimum is {minimum}"
    if maximum is not None and order.qty > maximum + NOISE:
        yield order.id, f"orders {order.qty} of {order.item}, the maximum is {maximum}"
    if multiple is not None and abs(order.qty - round(order.qty / multiple) * multiple) > NOISE:
        yield order.id, f"orders {order.qty} of {order.item}, not a multiple of {multiple}"


def supplier_capacity(ledger: Ledger) -> Iterator[Finding]:
    """In no week with a new purchase does a supplier get more of an item to deliver than he can, firm and
    open purchase orders included.
    """
    due: dict[tuple[str, str, date], Decimal] = defaultdict(Decimal)
    limits: dict[tuple[str, str, date], Decimal] = {}
    for order in new_buys(ledger):
        source = ledger.source_of(order)
        if source is not None and source.capacity_per_week is not None:
            key = (order.item, source.supplier, monday_of(order.due))
            due[key] += order.qty
            limits[key] = min(limits.get(key, source.capacity_per_week), source.capacity_per_week)
    given = [
        (row.item, row.supplier, row.due, row.qty - row.received_qty)
        for row in ledger.factory.purchase_orders
    ]
    given += [
        (row.item, row.supplier or "", row.due, row.qty)
        for row in ledger.buys
        if row.id in ledger.firm_orders
    ]
    for item, supplier, day, qty in given:
        if (item, supplier, monday_of(day)) in limits:
            due[item, supplier, monday_of(day)] += qty
    for (item, supplier, week), qty in due.items():
        if qty > limits[item, supplier, week] + NOISE:
            yield (
                supplier,
                f"is to deliver {qty} of {item} in the week of {week}, he can {limits[item, supplier, week]}",
            )


def make_lead_time(ledger: Ledger) -> Iterator[Finding]:
    """A made item without routing is in stock no earlier than its lead time after release."""
    for order in ledger.makes:
        if order.item in ledger.steps:
            continue
        work_order = ledger.work_orders.get(order.work_order or "")
        release = order.release if work_order is None else (work_order.start or order.release)
        if not _lead_time_passed(ledger, order, release, ledger.items[order.item]):
            yield order.id, f"is due on {order.due}, before the lead time of {order.item} has passed"


def earliest_production(ledger: Ledger) -> Iterator[Finding]:
    """No own production of an item starts before its first possible day, unless it had begun already."""
    for order in ledger.makes:
        earliest = ledger.items[order.item].earliest_production
        work_order = ledger.work_orders.get(order.work_order or "")
        if earliest is None or (work_order is not None and work_order.done_through_seq is not None):
            continue
        day = ledger.start_day(order)
        if day < earliest:
            yield order.id, f"starts on {day}, production of {order.item} begins on {earliest}"


def order_dates(ledger: Ledger) -> Iterator[Finding]:
    """A lot is released by the day it starts, and is due on the day its last operation is free and its queue
    over.
    """
    for order in ledger.makes:
        start = ledger.first_start.get(order.id)
        if start is not None and order.release > ledger.local.day(start):
            yield order.id, f"is released on {order.release}, but starts on {ledger.local.day(start)}"
        ready = ready_at(ledger, order)
        if ready is not None and order.due != ledger.local.day(ready):
            yield order.id, f"is due on {order.due}, but ready on {ledger.local.day(ready)}"
        if ledger.is_finished(order):
            there = ledger.local.day(finished_at(ledger, order))
            if order.due != there:
                yield (
                    order.id,
                    f"is due on {order.due}, but all its operations are done: it is there on {there}",
                )


def work_orders_kept(ledger: Ledger) -> Iterator[Finding]:
    """Every released work order stands in the plan once, firm, under its ref, with what is still open of
    it; one that can never be finished is named by an error that says why instead.
    """
    given_up = never_finished(ledger)
    rows = Counter(row.work_order for row in ledger.plan.planned_orders if row.work_order is not None)
    for ref in rows:
        if ref not in ledger.work_orders:
            yield ref, "is named as a work order, but there is none"
    for ref, work in ledger.work_orders.items():
        wanted = 1 if work.qty > work.done_qty else 0
        if rows[ref] != wanted and not (rows[ref] == 0 and ref in given_up):
            yield ref, f"stands in the plan {rows[ref]} times, expected {wanted}"
    for order in ledger.plan.planned_orders:
        known = ledger.work_orders.get(order.work_order or "")
        if known is None:
            continue
        if (
            order.kind != "make"
            or order.item != known.item
            or abs(order.qty - (known.qty - known.done_qty)) > NOISE
        ):
            open_qty = known.qty - known.done_qty
            yield (
                known.ref,
                f"is {order.kind} {order.qty} {order.item}, expected make {open_qty} {known.item}",
            )
        if not order.firm or order.id != known.ref:
            yield known.ref, "is released production: its row must be firm and have its ref as id"
