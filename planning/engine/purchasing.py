"""Planned purchases: for every bought part, orders due on the day on which the schedule first runs short
of it.

Needs of one day are consolidated before lot-size rules apply, so a minimum order quantity counts once per
order and never per requirement. Where a supplier's week is full, the rest is pulled into earlier weeks, then
to the next source.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from planning.engine.factory import SourceRow
from planning.engine.shop import Shop, micro, units
from planning.engine.sourcing import Slots, Way, Weeks, ways_of


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

    def buy(self, item: int, takes: Iterable[tuple[int, int]]) -> list[Buy]:
        """Orders for ``item``; ``takes`` are (day, quantity) of all consumption and deliveries.

        Orders come as late as they can; where that leaves too little of a supplier's later weeks, they come
        as early as they can, which serves everything that could be promised at all.
        """
        by_day: dict[int, int] = defaultdict(int)
        for day, quantity in takes:
            by_day[day] += quantity
        late = _Late(self.shop, item)
        found = self._cover(item, by_day, late)
        return found if late.covers else self._cover(item, by_day, _Early(self.shop, item))

    def _cover(self, item: int, by_day: Mapping[int, int], orders: "_Late | _Early") -> list[Buy]:
        receipts = sorted(self.open_orders.get(item, ()))
        balance = self.on_hand.get(item, 0)
        days = sorted(by_day)
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
            later = 0
            if group > 1:
                later = self._rest_of_group(
                    days[position + 1 :], by_day, receipts[next_receipt:], day + group
                )
            bought = orders.order(short, later, day)
            found += [self._bought(item, *each) for each in bought]
            balance += sum(quantity for _, quantity, _ in bought)
        to_come = sum(quantity for _, quantity in receipts[next_receipt:])
        if safety and balance + to_come < safety:
            bought = orders.order(0, safety - balance - to_come, max([orders.first, *days[-1:]]))
            found += [self._bought(item, *each) for each in bought]
        return found

    @staticmethod
    def _rest_of_group(
        days: Sequence[int], by_day: Mapping[int, int], receipts: Sequence[tuple[int, int]], end: int
    ) -> int:
        wanted = sum(by_day[day] for day in days if day < end)
        return max(0, wanted - sum(quantity for day, quantity in receipts if day < end))

    def _bought(self, item: int, way: Way, quantity: int, day: int) -> Buy:
        shop = self.shop
        due = shop.grid.as_of + timedelta(days=day)
        source = way.source
        if source is None:
            release = self._release_without_source(item, due)
        else:
            release = due - timedelta(days=source.lead_time_days)
            if source.to is not None:
                release = min(release, source.to - timedelta(days=1))
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


class _Late:
    """Orders by the last day on which they help, from the preferred source that can; full weeks are made up
    for in the weeks before.
    """

    def __init__(self, shop: Shop, item: int) -> None:
        self.ways = ways_of(shop, item)
        self.weeks = Weeks(shop, item, self.ways)
        self.first = min((way.first for way in self.ways), default=0)
        self.covers = True

    def order(self, short: int, later: int, day: int) -> list[tuple[Way, int, int]]:
        """Orders (way, quantity, due day) for ``short``, wanted by ``day``, and for ``later`` if there is
        room.
        """
        found: list[tuple[Way, int, int]] = []
        rest = short + later
        for way in self.ways:
            if rest <= 0:
                break
            bought = (
                self._without_limit(way, rest, day) if way.capacity is None else self._by_week(way, rest, day)
            )
            found += bought
            rest -= sum(quantity for _, quantity, _ in bought)
        if rest > later:
            self.covers = False
        return found

    @staticmethod
    def _without_limit(way: Way, rest: int, day: int) -> list[tuple[Way, int, int]]:
        found = []
        while rest > 0 and way.first <= day:
            quantity = way.rule.up(rest)
            found.append((way, quantity, day))
            rest -= quantity
        return found

    def _by_week(self, way: Way, rest: int, day: int) -> list[tuple[Way, int, int]]:
        found = []
        while rest > 0 and way.first <= day:
            week = self.weeks.week_of(day)
            quantity = way.rule.down(min(way.rule.up(rest), self.weeks.room(way, week)))
            if quantity:
                found.append((way, quantity, day))
                self.weeks.take(way, week, quantity)
                rest -= quantity
            else:
                day = self.weeks.monday_of(week) - 1
        return found


class _Early:
    """Orders by the first day on which they can come, every supplier's week filled before the next begins."""

    def __init__(self, shop: Shop, item: int) -> None:
        ways = ways_of(shop, item)
        self.first = min((way.first for way in ways), default=0)
        self.slots = Slots(shop, item, ways)
        self.without_limit = [way for way in ways if way.capacity is None]

    def order(self, short: int, later: int, day: int) -> list[tuple[Way, int, int]]:
        """Orders (way, quantity, due day) for ``short``, wanted by ``day``;
        what is wanted ``later`` waits for its own turn.
        """
        found: list[tuple[Way, int, int]] = []
        for way in self.without_limit:
            while short > 0 and way.first <= day:
                found.append((way, way.rule.up(short), day))
                short -= found[-1][1]
        while short > 0 and (following := self.slots.next()) is not None:
            due, way, sizes = following
            found += [(way, quantity, due) for quantity in sizes]
            short -= sum(sizes)
        return found
