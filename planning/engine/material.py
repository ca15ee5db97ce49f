"""What netting gives the later stages: lots to make, what supplies what, and what nobody can ever supply.

Quantities are whole millionths, moments are minutes of the time grid.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from planning.engine.factory import FirmOrderRow, WorkOrderRow
from planning.engine.purchasing import Buy
from planning.engine.scope import Shortage
from planning.engine.shop import MICRO, Component, Shop

STOCK = "stock"
FOR_STOCK = 1e18  # the urgency of what only fills up safety stock
MOST_WANTED = 2 * 10**12 * MICRO  # of one item; beyond it something is wrong with the data


@dataclass(slots=True)
class Supply:
    """Something that covers requirements: stock, an open order, a lot, or a purchase that netting decided.

    ``left`` is not pegged yet. With a ``lot`` it comes when that is done: its own item, or a by-product.
    """

    id: str
    item: int
    quantity: int
    available: int
    lot: "Lot | None" = None
    left: int = 0
    purchase: Buy | None = None


class Peg(NamedTuple):
    """``quantity`` of ``supply`` for a step of a lot, or for a demand."""

    supply: Supply
    quantity: int
    lot: "Lot | None"
    step: int
    demand: int  # index into shop.demands; -1 when for a lot


@dataclass(frozen=True, slots=True)
class Swap:
    """Of ``component`` at ``step``, ``replaced`` millionths are not taken, but ``quantity`` of ``item``."""

    component: int
    step: int
    replaced: int
    item: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a kept order has an operation, or a part of it: ``centre`` -1 is subcontracted. ``is_instant``:
    its work was over when it began.
    """

    start: int
    centre: int
    station: int
    is_instant: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """An order of the plan that is to be changed little: ``steps[step]`` are its parts, of the quantities
    ``split``; ``done`` is when the last of them is free and its queue over (without operations: the day on
    which it comes). ``taken``: so much that plan took of it; of what it planned itself, all counts.
    """

    order: str
    item: int
    quantity: int
    release: int
    steps: dict[int, list[Placed]]
    split: tuple[int, ...]
    done: int
    taken: int = 10**18

    def begins(self, step: int) -> int:
        """When its first part at ``step`` begins."""
        return min(part.start for part in self.steps[step])


@dataclass(slots=True)
class Lot:
    """An order to make ``quantity`` of ``item``: a planned one, a firm one, or what is open of a released
    work order. ``position`` counts among the planned lots of its item.
    """

    number: int
    item: int
    quantity: int
    need: int  # minute by which it should be in stock
    urgency: float
    work_order: WorkOrderRow | None = None
    firm: FirmOrderRow | None = None
    first_step: int = 0
    steps: int = 0
    last_takes_time: bool = True  # whatever is set up, its last operation ends after it begins
    latest_starts: list[int] = field(default_factory=list)
    release: int = 0  # without operations: when it must go out to be in stock at its need
    bought_ready: list[int] = field(default_factory=list)  # per step: when its bought parts can be there
    made_ready: list[Peg] = field(default_factory=list)
    not_before: int = 0
    position: int = 0
    bom_day: date | None = None
    binding_part: dict[int, int] = field(default_factory=dict)  # per step: the bought item that comes last
    swaps: tuple[Swap, ...] = ()
    by_products: tuple[tuple[int, int], ...] = ()  # (item, quantity) that come with it
    kept: KeptOrder | None = None
    waits: bool = True  # for its day; not when it has begun or a start, or somebody is late

    @property
    def name(self) -> str | None:
        """The id that it has already: its reference, or that of the plan that is kept."""
        return self.ref or (self.kept.order if self.kept is not None else None)

    @property
    def ref(self) -> str | None:
        """The reference of an order that planning must keep; None for one that is only planned."""
        if self.work_order is not None:
            return self.work_order.ref
        return self.firm.ref if self.firm is not None else None

    @property
    def ends_by_operation(self) -> bool:
        """Whether an operation that takes time says when it is there: at 24:00 it is in time for that day."""
        return self.first_step < self.steps and self.last_takes_time

    @property
    def is_issued(self) -> bool:
        """Whether its components were taken before the planning date."""
        return self.work_order is not None and self.work_order.components_issued


@dataclass(slots=True)
class Requirement:
    need: int
    quantity: int
    urgency: float
    lot: Lot | None
    step: int
    demand: int

    @property
    def order(self) -> tuple[int, float, int]:
        return (self.need, self.urgency, self.demand if self.lot is None else self.lot.number)


@dataclass(slots=True)
class Material:
    """The result: lots to schedule, purchases of what is usually made, and what each demand is pegged to.
    ``is_as_before``: what a base plan delivers to a demand is what that demand is pegged to.
    """

    lots: list[Lot]
    pegs: list[Peg]
    supplies: list[Supply]  # stock and open orders
    served: list[list[Peg]]  # per demand
    shortage: Shortage  # what nobody can ever supply
    bought_for_demand: dict[
        int, tuple[int, int]
    ]  # demand for a bought item -> quantity, minute it can be there
    bought: list[Buy] = field(default_factory=list)
    for_stock: dict[int, list[Peg]] = field(default_factory=dict)  # by item: what fills its safety stock
    is_as_before: bool = False


def components_of(shop: Shop, lot: Lot) -> list[Component]:
    """The bill of materials that ``lot`` was planned with."""
    assert lot.bom_day is not None  # noqa: S101 - every exploded lot has one
    return shop.effective_components(lot.item, lot.bom_day)


def parts_taken(shop: Shop, lot: Lot) -> list[tuple[int, int, int]]:
    """(item, step, quantity) that ``lot`` really takes: substitutes where netting put them."""
    if lot.is_issued:
        return []
    parts = [
        (part.item, max(part.step, lot.first_step), part.need(lot.quantity))
        for part in components_of(shop, lot)
    ]
    if not lot.swaps:
        return parts
    replaced: dict[tuple[int, int], int] = {}
    for swap in lot.swaps:
        key = (swap.component, swap.step)
        replaced[key] = replaced.get(key, 0) + swap.replaced
    kept = [(item, step, need - replaced.get((item, step), 0)) for item, step, need in parts]
    return [each for each in kept if each[2]] + [(swap.item, swap.step, swap.quantity) for swap in lot.swaps]
