"""What one unit of a made item takes, added up by component and step: the bill as netting explodes it.

An item whose bill never changes is added up once, whatever the number of its lots.
"""

from collections import defaultdict
from datetime import date
from fractions import Fraction

from planning.engine.shop import Shop

# Component, the step that takes it, and its quantity per unit as numerator and denominator.
Line = tuple[int, int, int, int]


class Bills:
    """The bills of one shop, in order of component and step."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._known: dict[tuple[int, int], list[Line]] = {}

    def of(self, item: int, day: date, first_step: int) -> list[Line]:
        """The bill of ``item`` on ``day`` for a lot that still has the steps from ``first_step`` on."""
        if self._shop.is_dated(item):
            return self._add_up(item, day, first_step)
        if (item, first_step) not in self._known:
            self._known[item, first_step] = self._add_up(item, day, first_step)
        return self._known[item, first_step]

    def _add_up(self, item: int, day: date, first_step: int) -> list[Line]:
        totals: dict[tuple[int, int], Fraction] = defaultdict(Fraction)
        for part in self._shop.effective_components(item, day):
            totals[part.item, max(part.step, first_step)] += part.per_unit
        return [(*key, share.numerator, share.denominator) for key, share in sorted(totals.items())]
