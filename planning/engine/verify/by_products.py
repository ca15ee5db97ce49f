"""What comes into stock together with what is made."""

from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal

from planning.engine.plan import PlannedOrder
from planning.engine.verify.facts import NOISE, Facts, is_effective


def coming_with(facts: Facts, order: PlannedOrder) -> Iterator[tuple[str, Decimal]]:
    """Items and quantities that an order to make brings along: the rows that count on the day it starts."""
    rows = facts.by_products.get(order.item, ()) if order.kind == "make" else ()
    found: dict[str, Decimal] = {}
    for row in rows:
        if row.item in facts.items and is_effective(row.from_, row.to, facts.start_day(order)):
            qty = (row.qty * order.qty).quantize(NOISE, ROUND_FLOOR)
            found[row.item] = found.get(row.item, Decimal(0)) + qty
    yield from ((item, qty) for item, qty in found.items() if qty > 0)
