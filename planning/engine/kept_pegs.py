"""What a plan that is to be changed little took its orders for, so that netting takes them for the same."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from planning.engine.material import Lot, Requirement
from planning.engine.request import BasePeg
from planning.engine.shop import Demand, Shop, micro

User = str | tuple[str, int, int]  # an order's name, or the sales order, line and instalment


@dataclass(frozen=True, slots=True)
class KeptPurchase:
    """A purchase of a made item that the base plan decided on, there at ``due`` (a minute)."""

    order: str
    quantity: int
    due: int


@dataclass(slots=True)
class Share:
    """So many millionths of a requirement that one order of the base plan served."""

    row: Requirement
    quantity: int

    @property
    def left(self) -> int:
        """What is to serve of it still."""
        return min(self.quantity, self.row.quantity)


@dataclass(slots=True)
class KeptPegs:
    """``pegs[user, item]``: the orders that served ``user``, and with how much, in the order in which they
    came. ``purchases[item]`` are those of made items, the first one first; ``planned`` are its own orders to
    make, ``for_stock`` purchases of which it takes nothing. ``taken``: the orders that served anybody.
    """

    shop: Shop
    pegs: dict[tuple[User, int], list[tuple[str, int]]] = field(default_factory=dict)
    purchases: dict[int, list[KeptPurchase]] = field(default_factory=dict)
    planned: frozenset[str] = frozenset()
    for_stock: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        shop: Shop,
        rows: Iterable[BasePeg],
        dues: Mapping[str, int],
        renamed: Mapping[str, str],
        purchases: dict[int, list[KeptPurchase]],
        planned: Iterable[str],
    ) -> "KeptPegs":
        """``dues[order]``: when each order of the base plan came; ``renamed``: what it is called by now."""
        found: dict[tuple[User, int], list[tuple[str, int]]] = defaultdict(list)
        for row in sorted(rows, key=lambda each: (dues.get(each.order, -1), each.order)):
            if row.item not in shop.item_index:
                continue
            user: User | None = row.for_order and renamed.get(row.for_order, row.for_order)
            if row.sales_order is not None and row.line is not None and row.instalment is not None:
                user = (row.sales_order, row.line, row.instalment)
            if user:
                supply = (renamed.get(row.order, row.order), micro(row.qty))
                found[user, shop.item_index[row.item]].append(supply)
        taken = frozenset(order for served in found.values() for order, _ in served)
        spare = frozenset(each.order for rows in purchases.values() for each in rows) - taken
        return cls(shop, dict(found), purchases, frozenset(planned), spare, taken)

    def shares(self, item: int, rows: Iterable[Requirement]) -> dict[str, list[Share]]:
        """By order of the base plan: what it serves of ``rows`` of ``item``, which come in order of need."""
        found: dict[str, list[Share]] = defaultdict(list)
        left: dict[User, list[tuple[str, int]]] = {}
        for row in rows:
            user = self._user(row)
            if user is None:
                continue
            if user not in left:
                left[user] = self.pegs.get((user, item), [])[::-1]
            waiting, rest = left[user], row.quantity
            while waiting and rest:
                order, quantity = waiting.pop()
                used = min(quantity, rest)
                found[order].append(Share(row, used))
                rest -= used
                if quantity > used:
                    waiting.append((order, quantity - used))
        return found

    def orders(self, lot: Lot, item: int) -> list[tuple[str, int]]:
        """What the base plan took of ``item`` for ``lot``, and of which orders."""
        return self.pegs.get((lot.name, item), []) if lot.name is not None else []

    def _user(self, row: Requirement) -> User | None:
        if row.lot is not None:
            return row.lot.name
        return None if row.demand < 0 else key_of(self.shop.demands[row.demand])


def key_of(demand: Demand) -> tuple[str, int, int]:
    """Under what an instalment is known in every plan."""
    return demand.sales_order, demand.line, demand.instalment
