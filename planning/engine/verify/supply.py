"""What comes into stock when, and what is taken out when: receipts and takings, recomputed from factory and
plan.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from planning.engine.plan import PlannedOrder
from planning.engine.verify.by_products import coming_with
from planning.engine.verify.facts import Facts, Op, is_effective, whole_minutes
from planning.engine.verify.substitutes import Need, Share, Supplies, really_taken, rounded_up

STOCK = "stock"
ALWAYS = 0
ONE = Decimal(1)
ZERO = Decimal(0)


class Receipt(NamedTuple):
    """``qty`` of ``item`` that can be used from minute ``at``; ``is_lot`` when an operation ends just
    then.
    """

    order: str
    item: str
    qty: Decimal
    at: int
    is_lot: bool = False


class Taking(NamedTuple):
    """``qty`` of ``item`` that ``order`` takes at minute ``at``."""

    order: str
    item: str
    qty: Decimal
    at: int


def receipts(facts: Facts) -> list[Receipt]:
    """Stock, open purchase orders, planned orders and what comes with them."""
    on_hand: dict[str, Decimal] = defaultdict(Decimal)
    for row in facts.factory.stock:
        on_hand[row.item] += row.qty
    found = [Receipt(order=STOCK, item=item, qty=qty, at=ALWAYS) for item, qty in on_hand.items()]
    for purchase in facts.factory.purchase_orders:
        at = facts.local.midnight(max(purchase.due, facts.as_of))
        qty = purchase.qty - purchase.received_qty
        found.append(Receipt(order=purchase.ref, item=purchase.item, qty=qty, at=at))
    for order in facts.orders.values():
        at, is_lot = available_at(facts, order)
        found.append(Receipt(order.id, order.item, order.qty, at, is_lot))
        found += [Receipt(order.id, item, qty, at, is_lot) for item, qty in coming_with(facts, order)]
    return found


def available_at(facts: Facts, order: PlannedOrder) -> tuple[int, bool]:
    """The minute from which an order's units can be used, and whether an operation says so (else its
    ``due``).
    """
    if order.kind == "make":
        ready = ready_at(facts, order)
        if ready is not None:
            return ready, True
        if facts.is_finished(order):
            return finished_at(facts, order), False
    return facts.local.midnight(order.due), False


def finished_at(facts: Facts, order: PlannedOrder) -> int:
    """Released production with every operation done is there on the planning date; with components still to
    issue, on the day on which it takes them.
    """
    work_order = facts.work_orders.get(order.work_order or "")
    if work_order is None or work_order.components_issued:
        return facts.start
    return max(facts.start, facts.local.midnight(order.release))


def ready_at(facts: Facts, order: PlannedOrder) -> int | None:
    """When the last operation of a lot is free and its queue over; None without one."""
    routing = facts.routing_of(order)
    rows = facts.ops_of[order.id].get(routing[-1].seq) if routing and order.id in facts.ops_of else None
    if not rows:
        return None
    return max(op.free for op in rows) + whole_minutes(routing[-1].queue_h)


def takings(facts: Facts, supplies: list[Receipt]) -> list[Taking]:
    """What every make order takes, at the start of the operations that consume it; ``supplies`` tell which
    substitutes were there by then.
    """
    pegged = _pegged(facts, supplies)
    found: list[Taking] = []
    for order in facts.makes:
        lines = list(needs(facts, order))
        if not lines:
            continue
        taken: list[Share] = [(line.item, line.qty, line.seq) for line in lines]
        if any(line.substitutes for line in lines):
            moments = [_moment(facts, order, line.seq) for line in lines]
            taken = really_taken(lines, moments, pegged.get(order.id, {}))
        rows = facts.ops_of.get(order.id, {})
        begin = _begin(facts, order)
        for item, qty, seq in taken:
            if rows:  # what a finished operation should have taken, the first one that is left takes
                found += _when(rows[seq] if seq in rows else rows[min(rows)], order, item, qty)
            else:
                found.append(Taking(order.id, item, qty, begin))
    return found


def _pegged(facts: Facts, supplies: list[Receipt]) -> dict[str, Supplies]:
    """By order: what is pegged to it, from which minute on; empty where no component has a substitute."""
    found: dict[str, Supplies] = defaultdict(lambda: defaultdict(list))
    if any(row.substitutes for row in facts.factory.bom):
        since = {(row.order, row.item): row.at for row in supplies}
        for row in facts.peggings:
            if row.for_order is not None:
                found[row.for_order][row.item].append((since.get((row.order, row.item), ALWAYS), row.qty))
    return found


def days_of_need(facts: Facts, order: PlannedOrder, item: str) -> set[date]:
    """The days on which ``order`` may take ``item``, as a component or in place of one."""
    return {
        facts.local.day(minute)
        for line in needs(facts, order)
        if item == line.item or any(item == each for each, _ in line.substitutes)
        for minute in _moments(facts, order, line.seq)
    }


def needs(facts: Facts, order: PlannedOrder) -> Iterator[Need]:
    """The components of ``order``, phantoms passed through; none when they were issued already."""
    work_order = facts.work_orders.get(order.work_order) if order.work_order else None
    if work_order is not None and work_order.components_issued:
        return
    day = facts.start_day(order)
    units = order.qty
    for component, (seq, since, until), qty, substitutes in facts.lines_of(order.item):
        if is_effective(since, until, day):
            instead = tuple((item, _times(units, each)) for item, each in substitutes) if substitutes else ()
            yield Need(component, _times(units, qty), seq, instead)


def _times(units: Decimal, per_unit: tuple[Decimal, Decimal]) -> Decimal:
    """What ``units`` take at ``per_unit``."""
    numerator, denominator = per_unit
    taken = units * numerator
    return rounded_up(taken if denominator == ONE else taken / denominator)


def _when(rows: list[Op], order: PlannedOrder, item: str, qty: Decimal) -> Iterator[Taking]:
    """Each row of the consuming operation takes its share when it starts; rows that make nothing in all have
    no shares, so the first one takes it.
    """
    total = sum((op.row.qty for op in rows), ZERO)
    if total == 0 or len(rows) == 1:
        yield Taking(order.id, item, qty, rows[0].start)
        return
    for op in rows:
        yield Taking(order.id, item, qty * op.row.qty / total, op.start)


def _begin(facts: Facts, order: PlannedOrder) -> int:
    """When ``order`` takes what no operation of it takes: as its first one starts, else on its release."""
    start = facts.first_start.get(order.id)
    if start is not None:
        return start
    if facts.is_finished(order):
        return finished_at(facts, order)
    return max(facts.start, facts.local.midnight(order.release))


def _moment(facts: Facts, order: PlannedOrder, seq: int | None) -> int:
    """When operation ``seq`` of ``order`` first takes what it needs; without rows of it, when the order
    begins.
    """
    return _moments(facts, order, seq)[0]


def _moments(facts: Facts, order: PlannedOrder, seq: int | None) -> list[int]:
    """When the rows of operation ``seq`` take what they need, the first one first."""
    steps = facts.ops_of.get(order.id)
    if not steps:
        return [_begin(facts, order)]
    return [op.start for op in (steps[seq] if seq in steps else steps[min(steps)])]
