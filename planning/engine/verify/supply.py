"""What comes into stock when, and what is taken out when: receipts and takings, recomputed from factory and
plan.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from planning.engine.plan import PlannedOrder
from planning.engine.verify.by_products import coming_with
from planning.engine.verify.facts import Facts, Op, is_effective, whole_minutes
from planning.engine.verify.substitutes import Need, Share, Supplies, really_taken, rounded_up

STOCK = "stock"
ALWAYS = 0
ONE = Decimal(1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """``qty`` of ``item`` that can be used from minute ``at``; ``is_lot`` when an operation ends just
    then.
    """

    order: str
    item: str
    qty: Decimal
    at: int
    is_lot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
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
        found.append(Receipt(order=order.id, item=order.item, qty=order.qty, at=at, is_lot=is_lot))
        found += [
            Receipt(order=order.id, item=item, qty=qty, at=at, is_lot=is_lot)
            for item, qty in coming_with(facts, order)
        ]
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
    return [
        taking
        for order in facts.makes
        for item, qty, seq in _taken(facts, order, pegged.get(order.id, {}))
        for taking in _when(facts, order, item, qty, seq)
    ]


def _pegged(facts: Facts, supplies: list[Receipt]) -> dict[str, Supplies]:
    """By order: what is pegged to it, from which minute on; empty where no component has a substitute."""
    found: dict[str, Supplies] = defaultdict(lambda: defaultdict(list))
    if any(row.substitutes for row in facts.factory.bom):
        since = {(row.order, row.item): row.at for row in supplies}
        for row in facts.peggings:
            if row.for_order is not None:
                found[row.for_order][row.item].append((since.get((row.order, row.item), ALWAYS), row.qty))
    return found


def _taken(facts: Facts, order: PlannedOrder, pegged: Supplies) -> list[Share]:
    lines = list(needs(facts, order))
    if not pegged:  # no substitutes in this factory, or nothing pegged: no need to know when
        return [(line.item, line.qty, line.seq) for line in lines]
    return really_taken(lines, [_moment(facts, order, line.seq) for line in lines], pegged)


def days_of_need(facts: Facts, order: PlannedOrder, item: str) -> set[date]:
    """The days on which ``order`` may take ``item``, as a component or in place of one."""
    return {
        facts.local.day(_moment(facts, order, line.seq))
        for line in needs(facts, order)
        if item == line.item or any(item == each for each, _ in line.substitutes)
    }


def needs(facts: Facts, order: PlannedOrder) -> Iterator[Need]:
    """The components of ``order``, phantoms passed through; none when they were issued already."""
    work_order = facts.work_orders.get(order.work_order) if order.work_order else None
    if work_order is not None and work_order.components_issued:
        return
    yield from _explode(facts, order.item, order.qty, ONE, None, facts.start_day(order), frozenset())


def _explode(
    facts: Facts,
    parent: str,
    units: Decimal,
    kept: Decimal,
    seq: int | None,
    day: date,
    above: frozenset[str],
) -> Iterator[Need]:
    """``units`` of ``parent`` are wanted before scrap; ``kept`` is the share that survives the levels
    above.
    """
    if parent in above:
        return
    for row in facts.bom.get(parent, ()):
        if row.component not in facts.items or not is_effective(row.from_, row.to, day):
            continue
        at = row.operation if seq is None else seq
        wanted, survives = units * row.qty, kept * (1 - row.scrap)
        if facts.items[row.component].kind == "phantom":
            yield from _explode(facts, row.component, wanted, survives, at, day, above | {parent})
        else:
            instead = tuple(
                (s.item, rounded_up(units * s.qty / survives))
                for s in row.substitutes
                if s.item in facts.items
            )
            yield Need(item=row.component, qty=rounded_up(wanted / survives), seq=at, substitutes=instead)


def _when(facts: Facts, order: PlannedOrder, item: str, qty: Decimal, seq: int | None) -> Iterator[Taking]:
    """Each row of the consuming operation takes its share when it starts."""
    rows = _rows(facts, order, seq)
    total = sum((op.row.qty for op in rows), ZERO)
    if total > 0:
        for op in rows:
            yield Taking(order=order.id, item=item, qty=qty * op.row.qty / total, at=op.start)
        return
    yield Taking(order=order.id, item=item, qty=qty, at=_moment(facts, order, None))


def _moment(facts: Facts, order: PlannedOrder, seq: int | None) -> int:
    """When operation ``seq`` of ``order`` first takes what it needs; without rows of it, when the order
    begins.
    """
    rows = _rows(facts, order, seq)
    if rows:
        return rows[0].start
    release = max(facts.start, facts.local.midnight(order.release))
    if facts.is_finished(order):
        release = finished_at(facts, order)
    return facts.first_start.get(order.id, release)


def _rows(facts: Facts, order: PlannedOrder, seq: int | None) -> list[Op]:
    return facts.ops_of[order.id].get(seq, []) if seq is not None and order.id in facts.ops_of else []
