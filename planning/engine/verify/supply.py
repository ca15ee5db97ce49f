"""What comes into stock when, and what is taken out when: receipts and takings, recomputed from factory and
plan.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from planning.engine.plan import PlannedOrder
from planning.engine.verify.facts import NOISE, Facts, Op, is_effective, whole_minutes

STOCK = "stock"
ALWAYS = 0
ONE = Decimal(1)
ZERO = Decimal(0)
_BEYOND_NOISE = Decimal("1e-15")


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


class Need(NamedTuple):
    """A component of an order at operation ``seq`` (None: at release), and what may stand in for all of
    it.
    """

    item: str
    qty: Decimal
    seq: int | None
    substitutes: tuple[tuple[str, Decimal], ...]


def receipts(facts: Facts) -> list[Receipt]:
    """Stock, open purchase orders and planned orders."""
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


def takings(facts: Facts) -> list[Taking]:
    """What every make order takes, at the start of the operations that consume it."""
    pegged = _pegged_items(facts) if any(row.substitutes for row in facts.factory.bom) else {}
    found: list[Taking] = []
    for order in facts.makes:
        lines = list(needs(facts, order))
        if not lines:
            continue
        taken: Iterable[tuple[str, Decimal, int | None]] = [(line.item, line.qty, line.seq) for line in lines]
        if any(line.substitutes for line in lines):
            taken = _with_substitutes(lines, pegged.get(order.id, {}))
        rows = facts.ops_of.get(order.id, {})
        begin = _begin(facts, order)
        for item, qty, seq in taken:
            if seq in rows:
                found += _when(rows[seq], order, item, qty)
            else:
                found.append(Taking(order.id, item, qty, begin))
    return found


def _pegged_items(facts: Facts) -> dict[str, dict[str, Decimal]]:
    """What is pegged to each order, by item."""
    found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in facts.peggings:
        if row.for_order is not None:
            found[row.for_order][row.item] += row.qty
    return found


def needs(facts: Facts, order: PlannedOrder) -> Iterator[Need]:
    """The components of ``order``, phantoms passed through; none when they were issued already."""
    work_order = facts.work_orders.get(order.work_order) if order.work_order else None
    if work_order is not None and work_order.components_issued:
        return
    start = facts.first_start.get(order.id)
    day = order.release if start is None else facts.local.day(start)
    yield from _explode(facts, order.item, order.qty, ONE, None, day, frozenset())


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
        if row.component not in facts.items:
            continue
        if (row.from_ or row.to) and not is_effective(row.from_, row.to, day):
            continue
        at = row.operation if seq is None else seq
        wanted = units * row.qty
        survives = kept * (1 - row.scrap) if row.scrap else kept
        if facts.items[row.component].kind == "phantom":
            yield from _explode(facts, row.component, wanted, survives, at, day, above | {parent})
        else:
            instead = tuple(
                [(s.item, _up(units * s.qty / survives)) for s in row.substitutes if s.item in facts.items]
            )
            whole = wanted if survives == ONE else wanted / survives
            yield Need(row.component, _up(whole), at, instead)


def _up(qty: Decimal) -> Decimal:
    """Rounded up to the sixth decimal; what is beyond the fifteenth is noise of the division."""
    return qty.quantize(_BEYOND_NOISE).quantize(NOISE, ROUND_CEILING)


def _with_substitutes(
    lines: list[Need], pegged: dict[str, Decimal]
) -> Iterator[tuple[str, Decimal, int | None]]:
    """What is really taken: where the pegging lacks a component and has its substitute to spare, the
    substitute.
    """
    lacking: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        lacking[line.item] += line.qty
    spare = {item: qty - lacking.get(item, ZERO) for item, qty in pegged.items()}
    for item in lacking:
        lacking[item] -= pegged.get(item, ZERO)
    for line in lines:
        left = line.qty
        for item, full_qty in line.substitutes:
            if lacking[line.item] <= NOISE or spare.get(item, ZERO) <= NOISE or left <= NOISE:
                continue
            share = min(lacking[line.item] / line.qty, spare[item] / full_qty, left / line.qty)
            yield item, share * full_qty, line.seq
            left -= share * line.qty
            lacking[line.item] -= share * line.qty
            spare[item] -= share * full_qty
        if left > 0:
            yield line.item, left, line.seq


def _when(rows: list[Op], order: PlannedOrder, item: str, qty: Decimal) -> Iterator[Taking]:
    """Each row of the consuming operation takes its share when it starts."""
    total = sum((op.row.qty for op in rows), ZERO)
    for op in rows:
        yield Taking(order=order.id, item=item, qty=qty * op.row.qty / total, at=op.start)


def _begin(facts: Facts, order: PlannedOrder) -> int:
    """When ``order`` takes what no operation of it takes: as its first one starts, else on its release."""
    start = facts.first_start.get(order.id)
    if start is not None:
        return start
    if facts.is_finished(order):
        return finished_at(facts, order)
    return max(facts.start, facts.local.midnight(order.release))
