"""Money at risk: the value of what customers have ordered that hangs on an order, by the plan's pegging.

Each order knows the set of instalments above it, so that an instalment reached on two ways counts once. Sets
are bit masks; only what is asked for is walked. Cost: O(pegging rows) once, then O(rows above + instalments)
per question.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import compress

from planning.engine.plan import Pegging
from planning.engine.shop import MICRO, Shop

InstalmentKey = tuple[str, int, int]
_BITS = bytes.maketrans(b"01", bytes((0, 1)))


class Risk:
    """Answers for one plan's ``pegging``; money is the factory's currency."""

    def __init__(self, shop: Shop, pegging: Sequence[Pegging]) -> None:
        prices = _prices(shop)
        self.numbers: dict[InstalmentKey, int] = {}
        self.values: list[float] = []
        for number, demand in enumerate(shop.demands):
            self.numbers[demand.sales_order, demand.line, demand.instalment] = number
            self.values.append(demand.quantity / MICRO * prices[demand.sales_order, demand.line])
        self.consumers: dict[tuple[str, str], set[str]] = defaultdict(set)
        self.direct: dict[tuple[str, str], int] = defaultdict(int)
        self.items_of: dict[str, set[str]] = defaultdict(set)
        for row in pegging:
            key = (row.order, row.item)
            self.items_of[row.order].add(row.item)
            if row.for_order is not None:
                self.consumers[key].add(row.for_order)
            elif row.sales_order is not None and row.line is not None and row.instalment is not None:
                self.direct[key] |= 1 << self.numbers[row.sales_order, row.line, row.instalment]
        self.known: dict[str, int] = {}
        self.orders_of: dict[str, list[str]] = defaultdict(list)
        for order, items in self.items_of.items():
            for item in items:
                self.orders_of[item].append(order)

    def of_demand(self, number: int) -> float:
        """The value of one instalment."""
        return round(self.values[number], 2)

    def of_order(self, order: str) -> float:
        """The value of all instalments that ``order`` reaches."""
        return self._value(self._above(order))

    def of_supply(self, order: str, item: str) -> float:
        """The same of one item that an order (or the stock) supplies."""
        mask = self.direct.get((order, item), 0)
        for consumer in self.consumers.get((order, item), ()):
            mask |= self._above(consumer)
        return self._value(mask)

    def of_item(self, item: str) -> float:
        """The same of all that supplies ``item``, or is made of it."""
        mask = 0
        for order in self.orders_of.get(item, ()):
            mask |= self.direct.get((order, item), 0)
            for consumer in self.consumers.get((order, item), ()):
                mask |= self._above(consumer)
        return self._value(mask)

    def _value(self, mask: int) -> float:
        total = 0.0
        # The digits from the last one on: to shift a long mask bit by bit would cost its length each time.
        for value in compress(self.values, bin(mask)[:1:-1].encode().translate(_BITS)):
            total += value
        return round(total, 2)

    def _above(self, order: str) -> int:
        """Instalments above ``order``; walked without recursion, since chains may be long."""
        waiting = [order]
        while waiting:
            current = waiting[-1]
            if current in self.known:
                waiting.pop()
                continue
            keys = [(current, item) for item in self.items_of.get(current, ())]
            above = {each for key in keys for each in self.consumers.get(key, ())}
            unknown = [each for each in above if each not in self.known and each != current]
            if unknown:
                waiting += unknown
                continue
            mask = 0
            for key in keys:
                mask |= self.direct.get(key, 0)
            for each in above:
                mask |= self.known.get(each, 0)
            self.known[waiting.pop()] = mask
        return self.known[order]


def _prices(shop: Shop) -> dict[tuple[str, int], float]:
    return {
        (order.ref, line.line): float(line.unit_price or 0)
        for order in shop.factory.sales_orders
        for line in order.lines
    }
