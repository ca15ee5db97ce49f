"""Which items may wait for by-products of which others without waiting for each other in a circle.

A lot waits for its components. If it also waits for what comes beside a lot of another item, that item must
not wait, by components or by such by-products, for the first one.
"""

from planning.engine.shop import Shop


class Waiting:
    """For one netting; every wait that was allowed counts from then on."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._beside: dict[int, set[int]] = {}
        self._known: dict[tuple[int, int], bool] = {}

    def may_wait(self, item: int, other: int) -> bool:
        """Whether lots of ``item`` may wait for what comes beside lots of ``other``. O(bill lines), once."""
        key = (item, other)
        if key not in self._known:
            self._known[key] = not self._waits(other, item)
            if self._known[key]:
                self._beside.setdefault(item, set()).add(other)
        return self._known[key]

    def _waits(self, start: int, end: int) -> bool:
        seen, stack = {start}, [start]
        while stack:
            current = stack.pop()
            if current == end:
                return True
            below = self._beside.get(current, set()).copy()
            for part in self._shop.components[current]:
                below.add(part.item)
                below.update(item for item, _ in part.substitutes)
            stack += below - seen
            seen |= below
        return False
