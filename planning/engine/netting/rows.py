"""A netting problem from rows with decimals: for problems that people write down, and for tests."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

from planning.engine.lot_sizing import MICRO, Cost, LotSizing
from planning.engine.netting.errors import refusal
from planning.engine.netting.problem import (
    FOREVER,
    RULES,
    BillOfMaterials,
    Items,
    NettingProblem,
    Quantities,
)

LOT_FOR_LOT = LotSizing()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One item; quantities in units, times in buckets. The days of ``sizing`` are buckets as well.

    A phantom is never stocked: what goes into it goes into its parents, at once. Only requirements of its own
    are planned for it.
    """

    code: str
    on_hand: Decimal = Decimal(0)
    safety_stock: Decimal = Decimal(0)
    lead_time: int = 0
    fence: int = 0
    sizing: LotSizing = LOT_FOR_LOT
    receipts_move: bool = False
    is_phantom: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantityRow:
    """A requirement or a scheduled receipt."""

    item: str
    bucket: int
    qty: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BomRow:
    """One unit of ``parent`` takes ``qty / (1 − scrap)`` of ``component``, when released in buckets ``first``
    to before ``end``.
    """

    parent: str
    component: str
    qty: Decimal
    scrap: Decimal = Decimal(0)
    offset: int = 0
    first: int = 0
    end: int = FOREVER


@dataclass(frozen=True, slots=True)
class Taken:
    """One unit of ``parent`` takes ``ratio`` units of ``component``, ``offset`` buckets after its release in
    ``first`` to before ``end``.
    """

    parent: str
    component: str
    ratio: Fraction
    offset: int
    first: int = 0
    end: int = FOREVER


def problem_of(
    *,
    buckets: int,
    items: Sequence[ItemRow],
    requirements: Sequence[QuantityRow] = (),
    scheduled_receipts: Sequence[QuantityRow] = (),
    bom: Sequence[BomRow] = (),
) -> NettingProblem:
    """Raises ``InvalidNetting`` for a code that no item has, and for what is finer than a millionth."""
    position = {row.code: index for index, row in enumerate(items)}
    return NettingProblem(
        buckets=buckets,
        items=_items(items),
        requirements=_quantities("requirements", requirements, position),
        scheduled_receipts=_quantities("scheduled_receipts", scheduled_receipts, position),
        bom=_bom(bom, position, {row.code for row in items if row.is_phantom}),
    )


def micro(value: Cost, path: str) -> int:
    """``value`` in millionths, exactly."""
    exact = Fraction(value) * MICRO
    if exact.denominator != 1:
        raise refusal(path, f"{value} is finer than a millionth; round it")
    return exact.numerator


def per_unit(qty: Decimal, scrap: Decimal) -> Fraction:
    """What one parent takes, as an exact ratio."""
    return Fraction(qty) / (1 - Fraction(scrap))


def _items(rows: Sequence[ItemRow]) -> Items:
    def amounts(name: str, values: Sequence[Cost]) -> list[int]:
        return [micro(value, f"/items/{row.code}/{name}") for row, value in zip(rows, values, strict=True)]

    return Items.of(
        [row.code for row in rows],
        on_hand=amounts("on_hand", [row.on_hand for row in rows]),
        safety_stock=amounts("safety_stock", [row.safety_stock for row in rows]),
        lead_time=[row.lead_time for row in rows],
        fence=[row.fence for row in rows],
        rule=[RULES.index(row.sizing.rule) for row in rows],
        period=[row.sizing.period_days for row in rows],
        minimum=[row.sizing.sizes.minimum for row in rows],
        multiple=[row.sizing.sizes.multiple for row in rows],
        maximum=[row.sizing.sizes.maximum or 0 for row in rows],
        order_cost=amounts("order_cost", [row.sizing.setup_cost for row in rows]),
        holding_cost=amounts("holding_cost", [row.sizing.holding_cost for row in rows]),
        receipts_move=[int(row.receipts_move) for row in rows],
    )


def _quantities(name: str, rows: Sequence[QuantityRow], position: dict[str, int]) -> Quantities:
    return Quantities.of(
        [_position(position, row.item, f"/{name}/{index}") for index, row in enumerate(rows)],
        [row.bucket for row in rows],
        [micro(row.qty, f"/{name}/{index}") for index, row in enumerate(rows)],
    )


def pass_phantoms(rows: Sequence[Taken], phantoms: Set[str]) -> list[Taken]:
    """Rows in which no parent takes a phantom, but what is in it, multiplied through.

    It is taken when the row that names the phantom says, in the buckets in which all rows on the way count.
    Rows of the phantoms themselves stay. Raises ``InvalidNetting`` for a phantom within itself.
    """
    inside: dict[str, list[Taken]] = defaultdict(list)
    named: dict[str, list[Taken]] = defaultdict(list)
    for row in rows:
        if row.parent in phantoms:
            inside[row.parent].append(row)
        if row.component in phantoms:
            named[row.parent].append(row)
    rank = {code: -number for number, code in enumerate(_deepest_first(inside, phantoms))}
    found = [row for row in rows if row.component not in phantoms]
    for parent in named:
        found += _through(parent, named[parent], inside, rank)
    return found


def _deepest_first(inside: Mapping[str, Sequence[Taken]], phantoms: Set[str]) -> list[str]:
    below = {code: {row.component for row in inside.get(code, ())} & phantoms for code in sorted(phantoms)}
    try:
        return list(TopologicalSorter(below).static_order())
    except CycleError as error:
        ring = error.args[1][::-1]
        raise refusal("/bom", f"cycle: {' > '.join(ring)}; take one of these rows out") from error


def _through(
    parent: str, rows: Sequence[Taken], inside: Mapping[str, Sequence[Taken]], rank: Mapping[str, int]
) -> Iterator[Taken]:
    """What ``parent`` takes by the phantoms that ``rows`` name: each phantom is opened once, with what is
    asked for of it together, so the cost is that of the rows below.
    """
    asked: dict[str, dict[tuple[int, int, int], Fraction]] = {}
    waiting: list[tuple[int, str]] = []

    def ask(component: str, way: tuple[int, int, int], units: Fraction) -> None:
        if component not in asked:
            asked[component] = defaultdict(Fraction)
            heappush(waiting, (rank[component], component))
        asked[component][way] += units

    for row in rows:
        ask(row.component, (row.offset, row.first, row.end), row.ratio)
    while waiting:
        code = heappop(waiting)[1]
        for (offset, first, end), units in asked.pop(code).items():
            for part in inside.get(code, ()):
                way = (offset, max(first, part.first), min(end, part.end))
                if way[1] >= way[2]:
                    continue
                if part.component in rank:
                    ask(part.component, way, units * part.ratio)
                else:
                    yield Taken(parent, part.component, units * part.ratio, *way)


def _bom(rows: Sequence[BomRow], position: dict[str, int], phantoms: Set[str]) -> BillOfMaterials:
    taken = []
    for index, row in enumerate(rows):
        if not 0 <= row.scrap < 1:
            raise refusal(
                f"/bom/{index}", f"{row.component}: expected a scrap of 0 to below 1, got {row.scrap}"
            )
        for code in (row.parent, row.component):
            _position(position, code, f"/bom/{index}")
        ratio = per_unit(row.qty, row.scrap)
        taken.append(Taken(row.parent, row.component, ratio, row.offset, row.first, row.end))
    taken = pass_phantoms(taken, phantoms)
    return BillOfMaterials.of(
        [position[row.parent] for row in taken],
        [position[row.component] for row in taken],
        [row.ratio.numerator for row in taken],
        [row.ratio.denominator for row in taken],
        [row.offset for row in taken],
        [row.first for row in taken],
        [row.end for row in taken],
    )


def _position(position: dict[str, int], code: str, path: str) -> int:
    if code not in position:
        raise refusal(path, f"no item {code}; add it, or correct the code")
    return position[code]
