"""What a plan takes on: everything that is wanted, less what nobody can ever supply.

Quantities are millionths. A scope only ever shrinks: netting names what it could not cover (``Shortage``),
the next netting is asked for that much less.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from planning.engine.shop import Shop, micro

SMALL_CUTS = 8


@dataclass(slots=True)
class Shortage:
    """What netting could not cover: of demands, of safety stocks (by item), and work orders that never get
    their parts; ``blame`` holds the item that cannot be supplied, by demand. Of items in ``too_much`` more is
    wanted than any plan can tell.
    """

    demands: dict[int, int] = field(default_factory=dict)
    safety: dict[int, int] = field(default_factory=dict)
    work_orders: dict[str, int] = field(default_factory=dict)
    blame: dict[int, int] = field(default_factory=dict)
    too_much: set[int] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.demands or self.safety or self.work_orders)

    def add_demand(self, demand: int, quantity: int, item: int) -> None:
        self.demands[demand] = self.demands.get(demand, 0) + quantity
        self.blame[demand] = item

    def add_safety(self, item: int, quantity: int) -> None:
        self.safety[item] = self.safety.get(item, 0) + quantity


@dataclass(frozen=True, slots=True)
class Scope:
    """``quantities[demand]`` and ``safety[item]`` to plan. Items in ``impossible`` get no new orders;
    made items in ``bought_only`` cannot be made, but bought; released and firm orders in ``stranded`` (ref ->
    the item that stops it) are left out. ``cuts`` counts how often it was shrunk.
    """

    quantities: tuple[int, ...]
    safety: tuple[int, ...]
    impossible: frozenset[int] = frozenset()
    stranded: Mapping[str, int] = field(default_factory=dict)
    blame: Mapping[int, int] = field(default_factory=dict)
    cuts: int = 0
    bought_only: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls,
        shop: Shop,
        impossible: frozenset[int] = frozenset(),
        stranded: Mapping[str, int] | None = None,
        bought_only: frozenset[int] = frozenset(),
    ) -> "Scope":
        """Everything that is wanted; a safety stock only of what can be made or bought."""
        safety = [0 if item in impossible else micro(row.safety_stock) for item, row in enumerate(shop.items)]
        quantities = tuple(demand.quantity for demand in shop.demands)
        return cls(quantities, tuple(safety), impossible, stranded or {}, bought_only=bought_only)

    def without(self, shortage: Shortage) -> "Scope":
        """The scope less what could not be covered; after some small cuts, without all that fell short."""
        quantities, safety = list(self.quantities), list(self.safety)
        is_patient = self.cuts < SMALL_CUTS
        for demand, missing in shortage.demands.items():
            quantities[demand] = max(0, quantities[demand] - missing) if is_patient else 0
        for item, missing in shortage.safety.items():
            safety[item] = max(0, safety[item] - missing) if is_patient else 0
        return Scope(
            tuple(quantities),
            tuple(safety),
            self.impossible,
            {**self.stranded, **shortage.work_orders},
            {**self.blame, **shortage.blame},
            self.cuts + 1,
            self.bought_only,
        )
