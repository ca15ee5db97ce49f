"""A netting problem from rows with decimals: for problems that people write down, and for tests."""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from planning.engine.lot_sizing import MICRO, Cost, LotSizing
from planning.engine.netting.errors import refusal
from planning.engine.netting.problem import RULES, BillOfMaterials, Items, NettingProblem, Quantities

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
    """One unit of ``parent`` takes ``qty / (1 − scrap)`` of ``component``."""

    parent: str
    component: str
    qty: Decimal
    scrap: Decimal = Decimal(0)
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Taken:
    """One unit of ``parent`` takes ``ratio`` units of ``component``, ``offset`` buckets after its release."""

    parent: str
    component: str
    ratio: Fraction
    offset: int


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

    It is taken when the row that names the phantom says. Rows of the phantoms themselves stay. Raises
    ``InvalidNetting`` for a phantom within itself.
    """
    inside: dict[str, list[Taken]] = defaultdict(list)
    for row in rows:
        if row.parent in phantoms:
            inside[row.parent].append(row)

    def open_up(row: Taken, path: tuple[str, ...]) -> Iterator[Taken]:
        if row.component not in phantoms:
            yield row
            return
        path = (*path, row.component)
        if row.component in path[:-1]:
            ring = path[path.index(row.component) :]
            raise refusal("/bom", f"cycle: {' > '.join(ring)}; take one of these rows out")
        for part in inside[row.component]:
            yield from open_up(
                replace(part, parent=row.parent, ratio=row.ratio * part.ratio, offset=row.offset), path
            )

    return [taken for row in rows for taken in open_up(row, (row.parent,))]


def _bom(rows: Sequence[BomRow], position: dict[str, int], phantoms: Set[str]) -> BillOfMaterials:
    taken = []
    for index, row in enumerate(rows):
        if not 0 <= row.scrap < 1:
            raise refusal(
                f"/bom/{index}", f"{row.component}: expected a scrap of 0 to below 1, got {row.scrap}"
            )
        for code in (row.parent, row.component):
            _position(position, code, f"/bom/{index}")
        taken.append(Taken(row.parent, row.component, per_unit(row.qty, row.scrap), row.offset))
    taken = pass_phantoms(taken, phantoms)
    return BillOfMaterials.of(
        [position[row.parent] for row in taken],
        [position[row.component] for row in taken],
        [row.ratio.numerator for row in taken],
        [row.ratio.denominator for row in taken],
        [row.offset for row in taken],
    )


def _position(position: dict[str, int], code: str, path: str) -> int:
    if code not in position:
        raise refusal(path, f"no item {code}; add it, or correct the code")
    return position[code]
