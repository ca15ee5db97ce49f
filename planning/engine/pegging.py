"""Pegging both ways: what covers each consumption and each delivery, on which day, and what is left over.

Made items keep the pegs they were netted with; bought parts serve what takes them in order of time, first
come first served, which is always in time when the stock balance never falls below zero.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from planning.engine.draft import Draft, available_at, step_starts
from planning.engine.material import STOCK, Peg
from planning.engine.names import Names
from planning.engine.plan import Pegging
from planning.engine.shop import Shop, units

BEFORE_ALL = -1  # the minute of stock on hand: before anything that comes on the planning date


class _Target(NamedTuple):
    """What a quantity is for, and when: an order, or an instalment, or nothing."""

    for_order: str | None = None
    sales_order: str | None = None
    line: int | None = None
    instalment: int | None = None
    day: date | None = None


@dataclass(slots=True)
class _Portion:
    minute: int
    order: str
    left: int


def peg(shop: Shop, draft: Draft, names: Names) -> tuple[Pegging, ...]:
    """Every consumption and delivery to its full quantity, then the excess of planned and open orders."""
    return _Pegger(shop, draft, names).run()


class _Pegger:
    def __init__(self, shop: Shop, draft: Draft, names: Names) -> None:
        self.shop, self.draft, self.names = shop, draft, names
        self.rows: list[Pegging] = []
        self.starts = step_starts(draft.schedule)
        self.left: dict[tuple[str, int], int] = {}  # of orders that bring what is usually made
        for lot in draft.material.lots:
            if draft.schedule.done[lot.number] >= 0:
                for item, quantity in ((lot.item, lot.quantity), *lot.by_products):
                    if shop.items[item].kind != "buy":
                        self.left[names.lots[lot.number], item] = quantity
        for supply in draft.material.supplies:
            if supply.lot is None and supply.id != STOCK and shop.items[supply.item].kind != "buy":
                self.left[supply.id, supply.item] = supply.quantity
        for buy in draft.material.bought:
            self.left[names.by_purchase[id(buy)], buy.item] = buy.quantity

    def run(self) -> tuple[Pegging, ...]:
        for each in self.draft.material.pegs:
            self._peg_lot(each)
        self._peg_deliveries()
        self._peg_bought()
        for (order, item), quantity in self.left.items():
            if quantity > 0:
                self._add(order, item, quantity, _Target())
        return tuple(self.rows)

    def _add(self, order: str, item: int, quantity: int, target: _Target) -> None:
        code = self.shop.items[item].code
        for_order, sales_order, line, instalment, day = target
        self.rows.append(
            Pegging(
                order=order,
                item=code,
                qty=units(quantity),
                for_order=for_order,
                sales_order=sales_order,
                line=line,
                instalment=instalment,
                day=day,
            )
        )

    def _use(self, order: str, item: int, quantity: int, target: _Target) -> None:
        self._add(order, item, quantity, target)
        if (order, item) in self.left:
            self.left[order, item] -= quantity

    def _peg_lot(self, each: Peg) -> None:
        schedule = self.draft.schedule
        if each.lot is not None and schedule.done[each.lot.number] >= 0:
            released = schedule.released[each.lot.number]
            at = self.starts.get((each.lot.number, max(each.step, each.lot.first_step)), released)
            target = _Target(for_order=self.names.lots[each.lot.number], day=self.shop.grid.day(at))
            self._use(self.names.of(each.supply), each.supply.item, each.quantity, target)

    def _instalment(self, index: int, day: int) -> _Target:
        demand = self.shop.demands[index]
        return _Target(
            sales_order=demand.sales_order,
            line=demand.line,
            instalment=demand.instalment,
            day=self.shop.grid.day(self.shop.grid.day_starts[day]),
        )

    def _peg_deliveries(self) -> None:
        for index, shipments in enumerate(self.draft.shipments):
            for row in shipments:
                if row.day >= 0 and row.supply is not None:
                    item = self.shop.demands[index].item
                    target = self._instalment(index, row.day)
                    self._use(self.names.of(row.supply), item, row.quantity, target)

    def _peg_bought(self) -> None:
        portions, takes = self._bought_portions(), self._bought_takes()
        for item, queue in portions.items():
            queue.sort(key=lambda portion: (portion.minute, portion.order))
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
        schedule, items = self.draft.schedule, self.shop.items
        for supply in self.draft.material.supplies:
            if items[supply.item].kind == "buy":
                at = BEFORE_ALL if supply.id == STOCK else available_at(supply, schedule)
                found[supply.item].append(_Portion(at, supply.id, supply.quantity))
        for buy, name in zip(self.draft.buys, self.names.buys, strict=True):
            if buy.firm is None and items[buy.item].kind == "buy":
                at = self.shop.grid.day_starts[buy.due_day]
                found[buy.item].append(_Portion(at, name, buy.quantity))
        for lot in self.draft.material.lots:
            for item, quantity in lot.by_products if schedule.done[lot.number] >= 0 else ():
                if items[item].kind == "buy":
                    at = schedule.done[lot.number]
                    found[item].append(_Portion(at, self.names.lots[lot.number], quantity))
        return found

    def _bought_takes(self) -> dict[int, list[tuple[int, int, int, _Target]]]:
        """(minute, tie-break, quantity, target) by item; deliveries are taken at the end of their day."""
        takes: dict[int, list[tuple[int, int, int, _Target]]] = defaultdict(list)
        grid = self.shop.grid
        items, lots = self.shop.items, self.names.lots
        target, lot, minute = _Target(), -1, -1  # what a lot takes at once has one target
        for number, take in enumerate(self.draft.takes):
            if items[take.item].kind == "buy":
                if take.lot != lot or take.minute != minute:
                    lot, minute = take.lot, take.minute
                    target = _Target(for_order=lots[lot], day=grid.day(minute))
                takes[take.item].append((minute, number, take.quantity, target))
        for index, shipments in enumerate(self.draft.shipments):
            for row in shipments:
                if row.supply is None and row.day >= 0:
                    minute = grid.day_starts[row.day + 1] - 1
                    item = self.shop.demands[index].item
                    takes[item].append((minute, index, row.quantity, self._instalment(index, row.day)))
        return takes
