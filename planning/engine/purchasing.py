"""Planned purchases: for every bought part, orders due on the day on which the schedule first runs short
of it.

Needs of one day are consolidated before lot-size rules apply, so a minimum order quantity counts once per
order and never per requirement. Where a supplier's week is full, the rest is pulled into earlier weeks, then
to the next source.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from planning.engine.factory import SourceRow
from planning.engine.mrp import round_lot
from planning.engine.shop import Shop, micro, units


@dataclass(frozen=True, slots=True)
class Buy:
    """One planned purchase; days are counted from the planning date."""

    item: int
    quantity: int
    release: date
    due: date
    due_day: int
    source: SourceRow | None
    unit_cost: Decimal

    @property
    def cost(self) -> float:
        return float(units(self.quantity) * self.unit_cost)


class Purchaser:
    """Nets what the schedule takes of bought items against stock, open purchase orders and new ones."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        grid, factory = shop.grid, shop.factory
        self.on_hand: dict[int, int] = defaultdict(int)
        self.open_orders: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for row in factory.stock:
            self.on_hand[shop.item_index[row.item]] += micro(row.qty)
        for order in factory.purchase_orders:
            left = micro(order.qty - order.received_qty)
            if left > 0:
                day = max(0, grid.day_index(grid.minute(order.due)))
                self.open_orders[shop.item_index[order.item]].append((day, left))
        self.week_loads: dict[tuple[int, str], dict[tuple[int, int], int]] = {}
        for order in factory.purchase_orders:
            key = (shop.item_index[order.item], order.supplier)
            week = order.due.isocalendar()[:2]
            weeks = self.week_loads.setdefault(key, defaultdict(int))
            weeks[week] += max(0, micro(order.qty - order.received_qty))

    def buy(self, item: int, takes: Iterable[tuple[int, int]]) -> list[Buy]:
        """Orders for ``item``; ``takes`` are (day, quantity) of all consumption and deliveries."""
        by_day: dict[int, int] = defaultdict(int)
        for day, quantity in takes:
            by_day[day] += quantity
        receipts = sorted(self.open_orders.get(item, ()))
        balance = self.on_hand.get(item, 0)
        days = sorted(by_day)
        used = {key: dict(weeks) for key, weeks in self.week_loads.items() if key[0] == item}
        group = self.shop.items[item].group_days
        safety = micro(self.shop.items[item].safety_stock)
        found: list[Buy] = []
        next_receipt = 0
        for position, day in enumerate(days):
            while next_receipt < len(receipts) and receipts[next_receipt][0] <= day:
                balance += receipts[next_receipt][1]
                next_receipt += 1
            balance -= by_day[day]
            if balance >= 0:
                continue
            short = -balance
            if group > 1:
                short += self._rest_of_group(
                    days[position + 1 :], by_day, receipts[next_receipt:], day + group
                )
            bought = self._order(item, short, day, used)
            found += bought
            balance += sum(each.quantity for each in bought)
        if safety and balance + sum(q for _, q in receipts[next_receipt:]) < safety:
            short = safety - balance - sum(q for _, q in receipts[next_receipt:])
            found += self._order(item, short, max([0, *days[-1:]]), used)
        return found

    @staticmethod
    def _rest_of_group(
        days: Sequence[int], by_day: dict[int, int], receipts: Sequence[tuple[int, int]], end: int
    ) -> int:
        wanted = sum(by_day[day] for day in days if day < end)
        return max(0, wanted - sum(quantity for day, quantity in receipts if day < end))

    def _order(
        self, item: int, short: int, day: int, used: dict[tuple[int, str], dict[tuple[int, int], int]]
    ) -> list[Buy]:
        """Cover ``short`` by ``day``: the best source first, weeks from the latest back,
        the next source for the rest.
        """
        found: list[Buy] = []
        for source in self._sources(item):
            if short <= 0:
                break
            bought = self._order_from(item, source, short, day, used)
            found += bought
            short -= sum(each.quantity for each in bought)
        return found

    def _sources(self, item: int) -> Sequence[SourceRow | None]:
        return self.shop.sources[item] or [None]

    def _order_from(
        self,
        item: int,
        source: SourceRow | None,
        short: int,
        day: int,
        used: dict[tuple[int, str], dict[tuple[int, int], int]],
    ) -> list[Buy]:
        row = self.shop.items[item]
        least = row.min_order if source is None or source.min_order is None else source.min_order
        multiple = (
            row.order_multiple if source is None or source.order_multiple is None else source.order_multiple
        )
        if source is None or source.capacity_per_week is None:
            found = []
            while short > 0:
                quantity = round_lot(short, micro(least), multiple, row.max_order, whole=False)
                made = self._buy(item, source, quantity, day)
                if made is None:
                    break
                found.append(made)
                short -= quantity
            return found
        return self._order_by_week(item, source, short, day, used, least, multiple)

    def _order_by_week(
        self,
        item: int,
        source: SourceRow,
        short: int,
        day: int,
        used: dict[tuple[int, str], dict[tuple[int, int], int]],
        least: Decimal,
        multiple: Decimal | None,
    ) -> list[Buy]:
        capacity = micro(source.capacity_per_week or Decimal(0))
        weeks = used.setdefault((item, source.supplier), {})
        found: list[Buy] = []
        step = micro(multiple) if multiple else 1
        while short > 0 and day >= 0:
            due = self.shop.grid.as_of + timedelta(days=day)
            week = due.isocalendar()[:2]
            room = (capacity - weeks.get(week, 0)) // step * step
            quantity = min(
                room, round_lot(short, micro(least), multiple, self.shop.items[item].max_order, whole=False)
            )
            if quantity >= max(micro(least), 1):
                made = self._buy(item, source, quantity, day)
                if made is None:
                    break
                found.append(made)
                weeks[week] = weeks.get(week, 0) + quantity
                short -= quantity
            day -= due.weekday() + 1  # the Sunday before
        return found

    def _buy(self, item: int, source: SourceRow | None, quantity: int, day: int) -> Buy | None:
        """The order, or None when it cannot be there by ``day``."""
        shop = self.shop
        due = shop.grid.as_of + timedelta(days=day)
        if source is not None:
            release = due - timedelta(days=source.lead_time_days)
            if source.from_ is not None and release < source.from_:
                return None
            if source.to is not None and release >= source.to:
                release = source.to - timedelta(days=1)
            if release < shop.grid.as_of:
                return None
        else:
            release = self._release_without_source(item, due)
            if release < shop.grid.as_of:
                return None
        return Buy(item, quantity, release, due, day, source, shop.unit_cost(item, source, quantity))

    def _release_without_source(self, item: int, due: date) -> date:
        """The latest release from which the item's own lead time ends by ``due``."""
        days = self.shop.items[item].lead_time_days
        release = due - timedelta(days=days)
        while (
            release > self.shop.grid.as_of - timedelta(days=1)
            and self.shop.lead_days(item, release, days) > due
        ):
            release -= timedelta(days=1)
        return release
