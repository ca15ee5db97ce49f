"""What one unit of a made item takes, added up by component and step: the bill as netting explodes it.

An item whose bill never changes is added up once, whatever the number of its lots.
"""

from collections import defaultdict
from datetime import date

from planning.engine.shop import Shop

# Component, the step that takes it, and its quantities per unit as numerators and denominators: one for each
# row of the bill, since each row's need is rounded up to a millionth by itself.
Line = tuple[int, int, tuple[tuple[int, int], ...]]


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
        rows: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for part in self._shop.effective_components(item, day):
            share = (part.per_unit.numerator, part.per_unit.denominator)
            rows[part.item, max(part.step, first_step)].append(share)
        return [(*key, tuple(shares)) for key, shares in sorted(rows.items())]


def need_of(shares: tuple[tuple[int, int], ...], quantity: int) -> int:
    """What ``quantity`` millionths of the parent take by the rows of one line."""
    if len(shares) == 1:  # nearly always
        share, of = shares[0]
        return -(-share * quantity // of)
    return sum(-(-share * quantity // of) for share, of in shares)
