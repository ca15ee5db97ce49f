"""Pegging both ways: what covers each consumption and each delivery, and what is left over.

Made items keep the pegs they were netted with; bought parts serve what takes them in order of time, first
come first served, which is always in time when the stock balance never falls below zero.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from planning.engine.draft import Draft, available_at
from planning.engine.mrp import STOCK
from planning.engine.names import Names
from planning.engine.plan import Pegging
from planning.engine.shop import Shop, units

BEFORE_ALL = -1  # the day of stock on hand: before anything that comes on the planning date


class _Target(NamedTuple):
    """What a quantity is for: an order, or an instalment, or nothing."""

    for_order: str | None = None
    sales_order: str | None = None
    line: int | None = None
    instalment: int | None = None


@dataclass(slots=True)
class _Portion:
    day: int
    order: str
    left: int


def peg(shop: Shop, draft: Draft, names: Names) -> tuple[Pegging, ...]:
    """Every consumption and delivery to its full quantity, then the excess of planned and open orders."""
    return _Pegger(shop, draft, names).run()


class _Pegger:
    def __init__(self, shop: Shop, draft: Draft, names: Names) -> None:
        self.shop, self.draft, self.names = shop, draft, names
        self.rows: list[Pegging] = []
        self.left = {
            names.lots[lot.number]: (lot.item, lot.quantity)
            for lot in draft.material.lots
            if draft.schedule.done[lot.number] >= 0
        }

    def run(self) -> tuple[Pegging, ...]:
        self._peg_lots()
        self._peg_deliveries()
        self._peg_bought()
        for order, (item, quantity) in self.left.items():
            if quantity > 0:
                self._add(order, item, quantity, _Target())
        return tuple(self.rows)

    def _add(self, order: str, item: int, quantity: int, target: _Target) -> None:
        code = self.shop.items[item].code
        for_order, sales_order, line, instalment = target
        self.rows.append(
            Pegging(
                order=order,
                item=code,
                qty=units(quantity),
                for_order=for_order,
                sales_order=sales_order,
                line=line,
                instalment=instalment,
            )
        )

    def _use(self, order: str, item: int, quantity: int, target: _Target) -> None:
        self._add(order, item, quantity, target)
        if order in self.left:
            self.left[order] = (item, self.left[order][1] - quantity)

    def _peg_lots(self) -> None:
        for each in self.draft.material.pegs:
            if each.lot is not None and self.draft.schedule.done[each.lot.number] >= 0:
                target = _Target(for_order=self.names.lots[each.lot.number])
                self._use(self.names.of(each.supply), each.supply.item, each.quantity, target)

    def _instalment(self, index: int) -> _Target:
        demand = self.shop.demands[index]
        return _Target(sales_order=demand.sales_order, line=demand.line, instalment=demand.instalment)

    def _peg_deliveries(self) -> None:
        for index, shipments in enumerate(self.draft.shipments):
            for row in shipments:
                if row.day >= 0 and row.supply is not None:
                    item = self.shop.demands[index].item
                    self._use(self.names.of(row.supply), item, row.quantity, self._instalment(index))

    def _peg_bought(self) -> None:
        portions, takes = self._bought_portions(), self._bought_takes()
        for item, queue in portions.items():
            queue.sort(key=lambda portion: (portion.day, portion.order))
            position = 0
            for _, _, wanted, target in sorted(takes.get(item, ()), key=lambda take: take[:2]):
                position = self._serve(item, queue, position, wanted, target)
            for portion in queue[position:]:
                if portion.left and portion.order != STOCK:
                    self._add(portion.order, item, portion.left, _Target())

    def _serve(self, item: int, queue: list[_Portion], position: int, wanted: int, target: _Target) -> int:
        """Take ``wanted`` from the queue; return where it goes on."""
        while wanted and position < len(queue):
            portion = queue[position]
            used = min(wanted, portion.left)
            if used:
                self._use(portion.order, item, used, target)
            wanted -= used
            portion.left -= used
            if portion.left == 0:
                position += 1
        return position

    def _bought_portions(self) -> dict[int, list[_Portion]]:
        found: dict[int, list[_Portion]] = defaultdict(list)
        for supply in self.draft.material.supplies:
            if self.shop.items[supply.item].kind == "buy":
                day = self.shop.grid.day_index(available_at(supply, self.draft.schedule))
                day = BEFORE_ALL if supply.id == STOCK else day
                found[supply.item].append(_Portion(day, supply.id, supply.quantity))
        for buy, name in zip(self.draft.buys, self.names.buys, strict=True):
            found[buy.item].append(_Portion(buy.due_day, name, buy.quantity))
        return found

    def _bought_takes(self) -> dict[int, list[tuple[int, int, int, _Target]]]:
        """(minute, tie-break, quantity, target) by item; deliveries are taken at the end of their day."""
        takes: dict[int, list[tuple[int, int, int, _Target]]] = defaultdict(list)
        for number, take in enumerate(self.draft.takes):
            if self.shop.items[take.item].kind == "buy":
                target = _Target(for_order=self.names.lots[take.lot])
                takes[take.item].append((take.minute, number, take.quantity, target))
        for index, shipments in enumerate(self.draft.shipments):
            for row in shipments:
                if row.supply is None and row.day >= 0:
                    minute = self.shop.grid.day_starts[row.day + 1] - 1
                    item = self.shop.demands[index].item
                    takes[item].append((minute, index, row.quantity, self._instalment(index)))
        return takes
