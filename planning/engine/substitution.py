"""What stands in for a component that comes too late: substitutes of the bill of materials, by priority.

Stock and open orders of a substitute that nobody asked for so far come first; a new order of it only where it
comes before the component would, bought or made. A substitute becomes a requirement of its own; what it
replaces is noted on the lot, which then takes that much less of the component.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from math import ceil

from planning.engine.kept_pegs import KeptPegs
from planning.engine.material import Lot, Requirement, Supply, Swap, components_of
from planning.engine.shop import Shop


class Substitution:
    """For one netting, whose ``requirements`` and ``receipts`` it reads and adds to. ``netted`` items take
    no further requirements. ``first_order(item, quantity)`` is the minute from which so much of a new order
    could be there.
    """

    def __init__(
        self,
        shop: Shop,
        requirements: dict[int, list[Requirement]],
        receipts: Mapping[int, list[Supply]],
        first_order: Callable[[int, int], int],
    ) -> None:
        self.first_order = first_order
        self.shop, self.requirements, self.receipts = shop, requirements, receipts
        self.netted: set[int] = set()
        self.replaceable = {part.item for rows in shop.components for part in rows if part.substitutes}

    def as_before(self, item: int, rows: list[Requirement], pegs: KeptPegs) -> list[Requirement]:
        """What substitutes of the base plan leave of ``rows``, where they are there still."""
        for row in rows if item in self.replaceable else ():
            if row.lot is not None and row.lot.name is not None:
                row.quantity -= self._as_before(item, row, row.lot, pegs)
        return [row for row in rows if row.quantity]

    def _as_before(self, item: int, row: Requirement, lot: Lot, pegs: KeptPegs) -> int:
        """What the base plan took of ``item`` is known, and so is what lacked to the need."""
        parts = components_of(self.shop, lot)
        needs = Counter[int]()
        for part in parts:
            needs[part.item] += part.need(lot.quantity)
        for swap in lot.swaps:
            needs[swap.component] -= swap.replaced
            needs[swap.item] += swap.quantity
        lacking = min(row.quantity, needs[item] - sum(taken for _, taken in pegs.orders(lot, item)))
        replaced = 0
        for substitute, share in self._choices(item, row) if lacking > 0 else ():
            taken = pegs.orders(lot, substitute)
            extra = sum(quantity for _, quantity in taken) - needs[substitute]
            rest = lacking - replaced
            room = rest if ceil(share * rest) <= extra else int(max(extra, 0) / share)
            if room > 0 and self._is_there(substitute, row.need, ceil(share * room), taken, pegs):
                self._replace(item, row, substitute, share, room)
                replaced += room
        return replaced

    def _is_there(
        self, item: int, need: int, quantity: int, taken: list[tuple[str, int]], pegs: KeptPegs
    ) -> bool:
        """Whether what the base plan took of a substitute comes by ``need`` still, or can be had anew."""
        known = {supply.id for supply in self.receipts[item] if supply.available <= need} | pegs.planned
        return all(order in known for order, _ in taken) or self.first_order(item, quantity) <= need

    def from_stock(self, item: int, row: Requirement) -> int:
        """Replace as much of ``row`` as free stock and receipts of substitutes allow; how much that was."""
        replaced = 0
        for substitute, share in self._choices(item, row):
            free = self._free(substitute, row.need)
            room = int(min(Fraction(row.quantity - replaced), Fraction(max(free, 0)) / share))
            if room > 0:
                self._replace(item, row, substitute, share, room)
                replaced += room
            if replaced == row.quantity:
                break
        return replaced

    def from_orders(self, item: int, row: Requirement, earliest: int) -> int:
        """Replace all of ``row`` by the substitute that can be bought or made in time, or at least before
        ``earliest``, when the component can; how much that was.
        """
        if row.quantity <= 0:
            return 0
        best: tuple[int, int, Fraction] | None = None
        for substitute, share in self._choices(item, row):
            at = max(self.first_order(substitute, ceil(share * row.quantity)), row.need)
            if at < max(earliest, row.need) and (best is None or at < best[0]):
                best = (at, substitute, share)
        if best is None:
            return 0
        self._replace(item, row, best[1], best[2], row.quantity)
        return row.quantity

    def _choices(self, item: int, row: Requirement) -> Iterator[tuple[int, Fraction]]:
        """Substitutes that are not netted yet, with their quantity for one of the component: both needs of
        the whole lot count rounded up, as a plan tells them.
        """
        lot = row.lot
        if lot is None or any(swap.item == item for swap in lot.swaps):
            return  # what stands in for another component of the lot is not replaced itself
        lines = [
            part
            for part in components_of(self.shop, lot)
            if part.item == item and max(part.step, lot.first_step) == row.step
        ]
        if len(lines) == 1:  # two rows for one component of one step: which of them it is cannot be said
            for substitute, per_unit in lines[0].substitutes:
                if substitute not in self.netted:
                    yield substitute, Fraction(ceil(per_unit * lot.quantity), lines[0].need(lot.quantity))

    def _free(self, item: int, until: int) -> int:
        there = sum(
            supply.left
            for supply in self.receipts[item]
            if supply.available <= until and (supply.lot is None or supply.item == supply.lot.item)
        )
        return there - sum(row.quantity for row in self.requirements.get(item, ()))

    def _replace(self, item: int, row: Requirement, substitute: int, share: Fraction, replaced: int) -> None:
        assert row.lot is not None  # noqa: S101 - only lots have substitutes
        before = [
            swap
            for swap in row.lot.swaps
            if (swap.component, swap.step, swap.item) == (item, row.step, substitute)
        ]
        # Rounded up once for all that it replaces, however many portions it comes in.
        total = ceil(share * (replaced + sum(swap.replaced for swap in before)))
        quantity = total - sum(swap.quantity for swap in before)
        row.lot.swaps += (Swap(item, row.step, replaced, substitute, quantity),)
        self.requirements[substitute].append(
            Requirement(row.need, quantity, row.urgency, row.lot, row.step, -1)
        )
