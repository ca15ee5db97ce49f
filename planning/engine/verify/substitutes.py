"""What an order really takes where substitutes may stand in for its components: read from its pegging.

The pegging says how much of each item an order takes, not at which operation. So the shares are laid out over
the needs: a substitute replaces only what the pegging lacks of a component, and as far as possible only where
its supply is there by then. Where the first way to lay them out leaves something over, others are tried.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import ROUND_CEILING, Decimal
from itertools import islice, permutations
from typing import NamedTuple

from planning.engine.verify.facts import NOISE

ZERO = Decimal(0)
_WAYS = 24  # four needs that share their substitutes, in every order
_LEFT_OVER = 2 * NOISE
_BEYOND_NOISE = Decimal("1e-15")
_VAST = Decimal(10) ** 12

Supplies = dict[str, list[tuple[int, Decimal]]]
Share = tuple[str, Decimal, int | None]


class Need(NamedTuple):
    """A component of an order at operation ``seq`` (None: at release), and what may stand in for all of
    it.
    """

    item: str
    qty: Decimal
    seq: int | None
    substitutes: tuple[tuple[str, Decimal], ...]


def rounded_up(qty: Decimal) -> Decimal:
    """Rounded up to the sixth decimal; what is beyond the fifteenth is noise of the division."""
    if qty >= _VAST:  # has no digits left to round
        return qty
    return qty.quantize(_BEYOND_NOISE).quantize(NOISE, ROUND_CEILING)


def really_taken(needs: Sequence[Need], moments: Sequence[int], pegged: Supplies) -> list[Share]:
    """Item, quantity and operation of everything taken for ``needs``, the k-th of which is met at
    ``moments[k]``; ``pegged``: by item, from which minute on how much of it is there for the order.
    """
    open_needs = [k for k, need in enumerate(needs) if any(item in pegged for item, _ in need.substitutes)]
    if not open_needs:
        return [(need.item, need.qty, need.seq) for need in needs]
    first: _Layout | None = None
    for way in islice(permutations(sorted(open_needs, key=lambda k: moments[k])), _WAYS):
        layout = _Layout(needs, moments, pegged)
        layout.replace(way)
        if layout.is_even(way):
            return layout.taken()
        first = first or layout
    return first.taken() if first else []


class _Layout:
    """One way to lay out what is pegged to an order over its needs."""

    def __init__(self, needs: Sequence[Need], moments: Sequence[int], pegged: Supplies) -> None:
        self._needs, self._moments = needs, moments
        self._lacking = _lacking(needs, pegged)
        self._spare = {item: sorted(rows) for item, rows in pegged.items()}
        # What is taken for itself stands in for nothing else: what is there in time first, then what comes
        # for the later parts of a split operation.
        rests = [
            _draw(self._spare.get(need.item, []), need.qty, at)
            for need, at in zip(needs, moments, strict=True)
        ]
        for need, rest in zip(needs, rests, strict=True):
            _draw(self._spare.get(need.item, []), rest, None)
        self._left = [need.qty for need in needs]
        self._shares: list[Share] = []
        self._is_in_time = True

    def replace(self, way: Sequence[int]) -> None:
        """Let the needs in the order ``way`` choose what is there in time, then what comes too late."""
        for k in way:
            self._choose(k, self._moments[k])
        for k in way:
            self._choose(k, None)

    def _choose(self, k: int, at: int | None) -> None:
        need = self._needs[k]
        for item, full in need.substitutes:
            rows = self._spare.get(item, [])
            there = sum((qty for since, qty in rows if at is None or since <= at), ZERO)
            replaced = min(self._lacking[need.item], self._left[k], there * need.qty / full)
            if replaced < NOISE:
                continue
            taken = rounded_up(replaced * full / need.qty)
            _draw(rows, taken, at)
            self._shares.append((item, taken, need.seq))
            self._left[k] -= replaced
            self._lacking[need.item] -= replaced
            self._is_in_time = self._is_in_time and at is not None

    def is_even(self, way: Sequence[int]) -> bool:
        """Is everything that is pegged used, and in time?"""
        offered = {item for k in way for item, _ in self._needs[k].substitutes}
        over = [sum((qty for _, qty in self._spare.get(item, [])), ZERO) for item in offered]
        return self._is_in_time and max([*over, *self._lacking.values()]) <= _LEFT_OVER

    def taken(self) -> list[Share]:
        """The substitutes, and the components that are left to take."""
        rest = zip(self._needs, self._left, strict=True)
        return self._shares + [(need.item, left, need.seq) for need, left in rest if left > 0]


def _lacking(needs: Sequence[Need], pegged: Supplies) -> dict[str, Decimal]:
    """How much of each component is not pegged to the order, and so was replaced."""
    lacking: dict[str, Decimal] = defaultdict(Decimal)
    for need in needs:
        lacking[need.item] += need.qty
    return {
        item: max(ZERO, qty - sum((have for _, have in pegged.get(item, [])), ZERO))
        for item, qty in lacking.items()
    }


def _draw(rows: list[tuple[int, Decimal]], qty: Decimal, at: int | None) -> Decimal:
    """Take ``qty`` out of ``rows``, the latest that is there by ``at`` (None: ever) first; the rest."""
    for index in range(len(rows) - 1, -1, -1):
        since, have = rows[index]
        if at is None or since <= at:
            rows[index] = (since, have - min(have, qty))
            qty -= min(have, qty)
    return qty
