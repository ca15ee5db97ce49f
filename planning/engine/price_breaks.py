"""Orders that are made larger to reach a price break, where that is cheaper in all."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from planning.engine.factory import SourceRow
from planning.engine.shop import Shop, micro
from planning.engine.sourcing import LotRule, Way

Series = Sequence[tuple[int, int]]  # (day, millionths)


class PriceBreaks:
    """For orders of an item by one way; the sizes that reach a break are worked out once."""

    @classmethod
    def of(cls, shop: Shop, item: int, way: Way) -> "PriceBreaks | None":
        """None where a larger order never costs less a unit."""
        if way.source is None or not way.source.price_breaks:
            return None
        return cls(shop, item, way.source, way.rule)

    def __init__(self, shop: Shop, item: int, source: SourceRow, rule: LotRule) -> None:
        self._shop, self._item, self._source, self._rule = shop, item, source, rule
        self._sizes = sorted({rule.up(micro(each.from_qty)) for each in source.price_breaks})
        self._prices = [self._price(size) for size in self._sizes]
        self._rate = float(shop.factory.policy.holding_rate_per_year) / 365 * shop.unit_values[item]
        self._nights = (shop.grid.horizon_end - shop.grid.as_of).days

    def _price(self, size: int) -> float:
        return float(self._shop.unit_cost(self._item, self._source, size))

    def best_size(self, wanted: int, day: int, future: Series) -> int:
        """The cheapest size that covers ``wanted`` on ``day``: itself, or one that reaches a price break.

        What a larger size brings beyond ``wanted`` is worth the price it would else have been bought at, as
        far as ``future`` (in order of time) needs it, and is held until then; the rest is worth nothing and
        is held to the horizon. Cost: O(needs + breaks x log needs).
        """
        plain = self._rule.up(wanted)
        price = self._price(plain)
        needed = [0, *accumulate(quantity for _, quantity in future)]
        held_for = [0, *accumulate(quantity * (need_day - day) for need_day, quantity in future)]

        def cost(size: int, unit_price: float) -> float:
            extra = size - plain
            served = bisect_right(needed, extra) - 1  # so many later needs are covered as a whole
            rest, held = extra - needed[served], held_for[served]
            is_needed = served < len(future)
            held += rest * (future[served][0] - day if is_needed else max(0, self._nights - day))
            saved = extra if is_needed else needed[served]
            return size * unit_price - saved * price + held * self._rate

        larger = bisect_right(self._sizes, plain)
        choices = zip(self._sizes[larger:], self._prices[larger:], strict=True)
        return min(((plain, price), *choices), key=lambda choice: cost(*choice))[0]
