"""Bought parts that nobody orders: what is taken of them comes beside lots, as their by-product.

Nothing is promised on such by-products, so what takes them waits until an order could be there; but none
goes out.
"""

from planning.engine.draft import Draft
from planning.engine.material import Lot
from planning.engine.names import name_orders
from planning.engine.pegging import peg
from planning.engine.plan import Pegging
from planning.engine.shop import Shop

Taker = tuple[str | None, str | None, int | None, int | None, str]  # order or instalment, and item


class Beside:
    """For one draft, by its pegging."""

    def __init__(self, shop: Shop, draft: Draft) -> None:
        self._shop = shop
        self._lots: dict[Taker, Lot | None] = {}
        self._names: dict[int, str] = {}
        bought = {item for lot in draft.material.lots for item, _ in lot.by_products}
        codes = {shop.items[item].code for item in bought if shop.items[item].kind == "buy"}
        if not codes:
            return
        names = name_orders(shop, draft)
        self._names, purchases = names.lots, set(names.buys)
        done = draft.schedule.done
        lots = {names.lots[lot.number]: lot for lot in draft.material.lots if done[lot.number] >= 0}
        for row in peg(shop, draft, names):
            if row.item in codes:
                self._note(row, lots, purchases, done)

    def _note(self, row: Pegging, lots: dict[str, Lot], purchases: set[str], done: list[int]) -> None:
        taker = (row.for_order, row.sales_order, row.line, row.instalment, row.item)
        known = self._lots.get(taker)
        if row.order in purchases or (taker in self._lots and known is None):
            self._lots[taker] = None
        elif row.order in lots and (known is None or done[lots[row.order].number] > done[known.number]):
            self._lots[taker] = lots[row.order]

    def of_demand(self, index: int) -> Lot | None:
        """The last lot that brings the bought item of a demand; None where some of it is ordered."""
        demand = self._shop.demands[index]
        code = self._shop.items[demand.item].code
        return self._lots.get((None, demand.sales_order, demand.line, demand.instalment, code))

    def of_lot(self, lot: Lot, item: int) -> Lot | None:
        """The last lot that brings what ``lot`` takes of a bought item; None where some of it is ordered."""
        name = self._names.get(lot.number)
        return self._lots.get((name, None, None, None, self._shop.items[item].code))
