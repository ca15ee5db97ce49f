"""Lot sizing: which requirements one order covers, and what sizes an order may have.

A series is a list of days (whole numbers, strictly rising; or buckets, which are days of length one) and of
net requirements on them in millionths of a unit. Costs are exact (``int``, ``Decimal``, ``Fraction``; a float
is refused) and compared as integers, so that ties and optima are those of the data. Of lots that cost the
same, the ones that start later win.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate, pairwise
from math import lcm

from planning.engine.errors import EngineError

MICRO = 1_000_000

type Cost = int | Decimal | Fraction


class InvalidLotSizing(EngineError):
    """A series, a size or a cost that no lots can be made from; the text says which and what to do."""

    code = "invalid_lot_sizing"


class LotRule(StrEnum):
    """How many requirements one order covers. A fixed order quantity is a matter of ``OrderSizes``."""

    LOT_FOR_LOT = "lot_for_lot"
    FIXED_PERIOD = "fixed_period"
    WAGNER_WHITIN = "wagner_whitin"
    SILVER_MEAL = "silver_meal"


@dataclass(frozen=True, slots=True)
class Lot:
    """``quantity`` due on ``day`` for requirements ``[first, stop)`` of the series."""

    day: int
    quantity: int
    first: int
    stop: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSizes:
    """Sizes one order may have: ``minimum`` to ``maximum`` (None: any), in steps of ``multiple``.

    They count for the requirements of a lot together, never for one requirement alone.
    """

    minimum: int = 0
    multiple: int = 1
    maximum: int | None = None

    def __post_init__(self) -> None:
        if self.minimum < 0 or self.multiple < 1:
            raise InvalidLotSizing("order sizes: the minimum is 0 or more and the multiple above 0")
        if self.largest is not None and self.largest < self.least:
            raise InvalidLotSizing(
                f"order sizes: no multiple of {_units(self.multiple)} lies between the minimum"
                f" {_units(self.minimum)} and the maximum {_units(self.maximum or 0)}; change one of them"
            )

    @classmethod
    def fixed(cls, quantity: int) -> "OrderSizes":
        """Every order has the same ``quantity``."""
        return cls(minimum=quantity, multiple=quantity, maximum=quantity)

    @property
    def least(self) -> int:
        """The smallest order."""
        return max(-(-self.minimum // self.multiple), 1) * self.multiple

    @property
    def largest(self) -> int | None:
        """The largest order; None: there is none."""
        return None if self.maximum is None else self.maximum // self.multiple * self.multiple

    def split(self, need: int) -> list[int]:
        """The orders that cover ``need``: full ones while there is a largest, then one of the least size."""
        full, rest = (0, need) if self.largest is None else divmod(need, self.largest)
        orders = [self.largest or 0] * full
        if rest > 0:
            orders.append(max(-(-rest // self.multiple) * self.multiple, self.least))
        return orders

    def total(self, need: int) -> int:
        """What the orders that cover ``need`` bring together; 0 when nothing is needed."""
        return sum(self.split(need)) if need > 0 else 0


ANY_SIZE = OrderSizes()


@dataclass(frozen=True, slots=True, kw_only=True)
class LotSizing:
    """The lot rule of an item with what it needs.

    ``period_days``: for ``FIXED_PERIOD``, days from the first requirement that one order covers.
    ``setup_cost``: per order; ``holding_cost``: per unit and day. Both for the cost-based rules.
    """

    rule: LotRule = LotRule.LOT_FOR_LOT
    sizes: OrderSizes = ANY_SIZE
    period_days: int = 1
    setup_cost: Cost = 0
    holding_cost: Cost = 0


def plan_lots(days: Sequence[int], quantities: Sequence[int], sizing: LotSizing) -> list[Lot]:
    """The lots of one item. What sizes round up to is stock, and later requirements take it first.

    A lot that stock helps out starts on the first day that the stock does not cover. Cost: that of the rule,
    and O(requirements).
    """
    _check_series(days, quantities)
    stops, starts = _stops(days, quantities, sizing)
    total = [0, *accumulate(quantities)]
    lots: list[Lot] = []
    covered = 0  # brought by the lots so far
    for index, quantity in enumerate(quantities):
        begins_before_its_need = quantity == 0 and index in starts
        if covered >= total[index + 1] and not begins_before_its_need:
            continue
        size = sizing.sizes.total(total[stops[index]] - covered)
        if size:
            lots.append(Lot(days[index], size, index, stops[index]))
            covered += size
    return lots


def _stops(
    days: Sequence[int], quantities: Sequence[int], sizing: LotSizing
) -> tuple[list[int], frozenset[int]]:
    """Per requirement: the end of what a lot that starts with it covers; and where cost-based lots start."""
    if sizing.rule is LotRule.FIXED_PERIOD:
        if sizing.period_days < 1:
            raise InvalidLotSizing("fixed period: one order covers 1 day or more")
        return [bisect_left(days, day + sizing.period_days) for day in days], frozenset()
    lots: list[Lot] = []
    if sizing.rule is LotRule.WAGNER_WHITIN:
        lots = wagner_whitin(days, quantities, sizing.setup_cost, sizing.holding_cost)
    elif sizing.rule is LotRule.SILVER_MEAL:
        lots = silver_meal(days, quantities, sizing.setup_cost, sizing.holding_cost)
    stops = [index + 1 for index in range(len(days))]
    for lot in lots:
        stops[lot.first : lot.stop] = [lot.stop] * (lot.stop - lot.first)
    return stops, frozenset(lot.first for lot in lots)


def wagner_whitin(
    days: Sequence[int],
    quantities: Sequence[int],
    setup_cost: Cost | Sequence[Cost],
    holding_cost: Cost | Sequence[Cost],
) -> list[Lot]:
    """Lots of the least cost. H. M. Wagner, T. M. Whitin, Management Science 5 (1958) 89-96.

    ``setup_cost`` of an order, one for all or one per day of the series; ``holding_cost`` per unit and day,
    one for all or one per day of the series (it counts until the next one). A lot may start on a day without
    requirement, where the series has one and its setup is cheaper. Cost: O(days), since the best start of
    the last lot is the lower envelope of lines in the cumulated requirement (A. Wagelmans, S. van Hoesel,
    A. Kolen, Operations Research 40 (1992) S145-S156).
    """
    _check_series(days, quantities)
    setups, held = _integer_costs(days, setup_cost, holding_cost)
    total = [0, *accumulate(quantities)]
    carried = [0, *accumulate(q * h for q, h in zip(quantities, held, strict=True))]
    best = [0] * (len(days) + 1)
    start_of = [0] * len(days)
    envelope = _Envelope()
    for end in range(len(days)):
        # What a lot from ``end`` on costs for requirements up to a total of x, but for ``carried``.
        constant = best[end] + setups[end] - carried[end] + held[end] * total[end]
        envelope.add(-held[end], constant, end)
        if quantities[end] == 0:
            best[end + 1], start_of[end] = best[end], -1
        else:
            value, start_of[end] = envelope.least(total[end + 1])
            best[end + 1] = value + carried[end + 1]
    return _lots_of(days, total, start_of)


class _Envelope:
    """The least of lines slope × x + constant. Slopes come in falling order, and x in rising order."""

    def __init__(self) -> None:
        self.lines: list[tuple[int, int, int]] = []
        self.at = 0

    def add(self, slope: int, constant: int, start: int) -> None:
        lines = self.lines
        if lines and lines[-1][0] == slope:
            if lines[-1][1] < constant:
                return
            lines.pop()
        while len(lines) >= 2 and self._is_hidden(lines[-2], lines[-1], slope, constant):
            lines.pop()
        lines.append((slope, constant, start))
        self.at = min(self.at, len(lines) - 1)

    @staticmethod
    def _is_hidden(
        before: tuple[int, int, int], last: tuple[int, int, int], slope: int, constant: int
    ) -> bool:
        """Whether ``last`` is nowhere below both its neighbours."""
        return (constant - before[1]) * (before[0] - last[0]) <= (last[1] - before[1]) * (before[0] - slope)

    def least(self, x: int) -> tuple[int, int]:
        lines = self.lines
        value = lines[self.at][0] * x + lines[self.at][1]
        while self.at + 1 < len(lines):
            following = lines[self.at + 1][0] * x + lines[self.at + 1][1]
            if following > value:
                break
            value, self.at = following, self.at + 1
        return value, lines[self.at][2]


def silver_meal(
    days: Sequence[int], quantities: Sequence[int], setup_cost: Cost, holding_cost: Cost
) -> list[Lot]:
    """Lots that grow while the cost per day covered does not rise.

    E. A. Silver, H. C. Meal, Production and Inventory Management 14 (1973) 64-74. A heuristic: its cost is
    never below that of ``wagner_whitin``. Days without requirement between two days of the series count, as
    they would in a series that has them with a quantity of 0. Cost: O(days).
    """
    _check_series(days, quantities)
    setups, held = _integer_costs(days, setup_cost, holding_cost)
    lots: list[Lot] = []
    needs = [index for index, quantity in enumerate(quantities) if quantity > 0]
    while needs:
        first, cost, count = needs[0], setups[needs[0]], 1
        for index in needs[1:]:
            grown = cost + quantities[index] * (held[index] - held[first])
            span = days[index] - days[first]
            if grown * span > cost * (span + 1):
                break
            cost, count = grown, count + 1
        stop = needs[count - 1] + 1
        lots.append(Lot(days[first], sum(quantities[first:stop]), first, stop))
        needs = needs[count:]
    return lots


def total_cost(
    days: Sequence[int],
    quantities: Sequence[int],
    lots: Sequence[Lot],
    setup_cost: Cost | Sequence[Cost],
    holding_cost: Cost | Sequence[Cost],
) -> Fraction:
    """Setup and holding cost of ``lots``, which must cover every requirement in time."""
    _check_series(days, quantities)
    place = {day: index for index, day in enumerate(days)}
    setups, holds = _costs(setup_cost, len(days)), _costs(holding_cost, len(days))
    received = [0] * len(days)
    for lot in lots:
        received[place[lot.day]] += lot.quantity
    cost = sum((setups[place[day]] for day in {lot.day for lot in lots}), Fraction(0))
    stock = 0
    for index in range(len(days)):
        stock += received[index] - quantities[index]
        if stock < 0:
            raise InvalidLotSizing(f"day {days[index]}: the lots leave {_units(-stock)} uncovered")
        until = days[index + 1] if index + 1 < len(days) else days[index] + 1
        cost += holds[index] * stock * (until - days[index]) / MICRO
    return cost


def _lots_of(days: Sequence[int], total: list[int], start_of: list[int]) -> list[Lot]:
    lots: list[Lot] = []
    end = len(start_of) - 1
    while end >= 0:
        first = start_of[end]
        if first >= 0:
            lots.append(Lot(days[first], total[end + 1] - total[first], first, end + 1))
        end = first - 1 if first >= 0 else end - 1
    return lots[::-1]


def _integer_costs(
    days: Sequence[int], setup_cost: Cost | Sequence[Cost], holding_cost: Cost | Sequence[Cost]
) -> tuple[list[int], list[int]]:
    """Setup per day, and holding cumulated from the first day per millionth; in one common small unit."""
    setups, holds = _costs(setup_cost, len(days)), _costs(holding_cost, len(days))
    scale = lcm(1, *(cost.denominator for cost in (*setups, *holds)))
    gaps = [after - before for before, after in pairwise(days)]
    held = [0, *accumulate(int(cost * scale) * gap for cost, gap in zip(holds, gaps, strict=False))]
    return [int(cost * scale) * MICRO for cost in setups], held[: len(days)]


def _costs(cost: Cost | Sequence[Cost], count: int) -> list[Fraction]:
    each = [cost] * count if isinstance(cost, int | float | Decimal | Fraction) else list(cost)
    if len(each) != count:
        raise InvalidLotSizing(f"costs: {len(each)} of them for {count} days; give one, or one per day")
    if any(isinstance(value, float) for value in each):
        raise InvalidLotSizing("costs: a float is not exact; give a whole number, a Decimal or a Fraction")
    if any(value < 0 for value in each):
        raise InvalidLotSizing("costs: negative; a setup and holding cost 0 or more")
    return [Fraction(value) for value in each]


def _check_series(days: Sequence[int], quantities: Sequence[int]) -> None:
    if len(days) != len(quantities):
        raise InvalidLotSizing(
            f"series: {len(days)} days and {len(quantities)} quantities; give as many of each"
        )
    for before, after in pairwise(days):
        if after <= before:
            raise InvalidLotSizing(
                f"series: day {after} after day {before}; sort the days, each of them once"
            )
    for day, quantity in zip(days, quantities, strict=True):
        if quantity < 0:
            raise InvalidLotSizing(f"day {day}: the requirement {_units(quantity)} is negative")


def _units(quantity: int) -> Decimal:
    return Decimal(quantity) / MICRO
