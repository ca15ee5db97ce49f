"""Orders that stand (open, released, firm) beside those that a plan adds: who takes them, and when."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from planning.engine.draft import Draft
from planning.engine.material import STOCK, Lot, parts_taken
from planning.engine.names import Names
from planning.engine.plan import Pegging
from planning.engine.shop import Shop, micro


@dataclass(frozen=True, slots=True)
class Standing:
    """An order that planning must keep: ``due`` is the day on which it is in stock, ``given`` the day that
    was agreed.
    """

    ref: str
    item: int
    quantity: int
    due: date
    words: str
    given: date

    @property
    def when(self) -> str:
        """The day that was agreed, and the one that the plan counts with where it is another."""
        if self.due == self.given:
            return f"due {self.due}"
        return f"due {self.given}, planned for {self.due}"


@dataclass(frozen=True, slots=True)
class New:
    """A new order of the plan, of an item of which others stand."""

    name: str
    quantity: int
    due: date


class StandingOrders:
    """The standing orders of one plan, the new ones of the same items, and their users by its pegging."""

    def __init__(self, shop: Shop, draft: Draft, names: Names, pegging: Sequence[Pegging]) -> None:
        self.shop, self.draft, self.names = shop, draft, names
        self.lots = {name: draft.material.lots[number] for number, name in names.lots.items()}
        self.requested = {(d.sales_order, d.line, d.instalment): d.due for d in shop.demands}
        self.orders = list(self._standing_orders())
        self.new = self._new_orders({order.item for order in self.orders})
        refs = {order.ref for order in self.orders} | {STOCK}
        refs |= {new.name for found in self.new.values() for new in found}
        self.users: dict[tuple[str, str], list[Pegging]] = defaultdict(list)
        self.helpful: set[str] = set()  # orders of which somebody takes something, be it a by-product
        for row in pegging:
            if row.order in refs:
                self.users[row.order, row.item].append(row)
                if row.day is not None:
                    self.helpful.add(row.order)

    def _standing_orders(self) -> Iterator[Standing]:
        shop, as_of = self.shop, self.shop.grid.as_of
        for order in shop.factory.purchase_orders:
            left = micro(order.qty - order.received_qty)
            if left > 0:
                due = max(order.due, as_of)
                item = shop.item_index[order.item]
                yield Standing(order.ref, item, left, due, "Purchase order", order.due)
        for buy in self.draft.buys:
            if (firm := buy.firm) is not None:
                yield Standing(firm.ref, buy.item, buy.quantity, buy.due, "Firm purchase", firm.due)
        for lot in self.draft.material.lots:
            done = self.draft.schedule.done[lot.number]
            row = lot.work_order or lot.firm
            if row is not None and done >= 0:
                words = "Work order" if lot.work_order is not None else "Firm order"
                yield Standing(row.ref, lot.item, lot.quantity, shop.grid.day(done), words, row.due)

    def _new_orders(self, items: set[int]) -> dict[int, list[New]]:
        """New orders of ``items``, the first one first."""
        found: dict[int, list[New]] = defaultdict(list)
        for name, buy in zip(self.names.buys, self.draft.buys, strict=True):
            if buy.firm is None and buy.item in items:
                found[buy.item].append(New(name, buy.quantity, buy.due))
        for name, lot in self.lots.items():
            done = self.draft.schedule.done[lot.number]
            if lot.ref is None and lot.item in items and done >= 0:
                found[lot.item].append(New(name, lot.quantity, self.shop.grid.day(done)))
        for rows in found.values():
            rows.sort(key=lambda new: (new.due, new.name))
        return found

    def beside(self, order: Standing, spare: int) -> list[New]:
        """New orders that the ``spare`` of ``order`` would save, did it come in time; each is saved once."""
        found: list[New] = []
        waiting = self.new.get(order.item, [])
        while waiting and waiting[0].due < order.due:
            needed = self._needed(waiting[0], order.item)
            if needed > spare or self.wanted_of(waiting[0], order.item) >= order.due:
                break
            spare -= needed
            found.append(waiting.pop(0))
        return found

    def wanted_of(self, new: New, item: int) -> date:
        """The day on which the first user of ``new`` would take it; without one, when it comes."""
        return min((self.wanted(row, item) for row in self._takers(new, item)), default=new.due)

    def _needed(self, new: New, item: int) -> int:
        """What users take of ``new``; all of it where it only fills up stock."""
        return sum(micro(row.qty) for row in self._takers(new, item)) or new.quantity

    def _takers(self, new: New, item: int) -> list[Pegging]:
        rows = self.users.get((new.name, self.shop.items[item].code), ())
        return [row for row in rows if row.day is not None]

    def wanted(self, row: Pegging, item: int) -> date:
        """The day on which the user of ``row`` would take it, were it there."""
        as_of = self.shop.grid.as_of
        if row.sales_order is not None and row.line is not None and row.instalment is not None:
            return max(self.requested[row.sales_order, row.line, row.instalment], as_of)
        lot = self.lots[row.for_order or ""]
        moments = [self._latest(lot, step) for part, step, _ in parts_taken(self.shop, lot) if part == item]
        return max(self.shop.grid.day(max(min(moments, default=lot.need), 0)), as_of)

    def _latest(self, lot: Lot, step: int) -> int:
        moment = lot.latest_starts[step] if step < lot.steps else lot.release
        return max(moment, lot.not_before)
