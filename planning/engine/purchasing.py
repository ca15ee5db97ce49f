"""Planned purchases: for every bought part, orders due on the day on which the schedule first runs short
of it.

Needs of one day are consolidated, and gathered by the item's lot rule, before minimum and multiple apply, so
a minimum order quantity counts once per order and never per requirement. Where a supplier's week is full, the
rest is pulled into earlier weeks, then to the next source. Where a larger order reaches a price break that
saves more than holding the surplus costs, the larger order goes out.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from planning.engine.factory import FirmOrderRow, SourceRow
from planning.engine.lot_sizing import LotRule as Rule
from planning.engine.lot_sizing import LotSizing, plan_lots
from planning.engine.price_breaks import PriceBreaks, Series
from planning.engine.shop import Shop, micro, units
from planning.engine.sourcing import Arrivals, Slots, Way, Weeks, ways_of

Ordered = list[tuple[Way, int, int]]  # (way, quantity, due day)


@dataclass(frozen=True, slots=True)
class Buy:
    """One purchase of the plan; days are counted from the planning date. ``firm``: a planner fixed it."""

    item: int
    quantity: int
    release: date
    due: date
    due_day: int
    source: SourceRow | None
    unit_cost: Decimal
    firm: FirmOrderRow | None = None

    @property
    def cost(self) -> float:
        return float(units(self.quantity) * self.unit_cost)

    @property
    def supplier(self) -> str | None:
        if self.firm is not None:
            return self.firm.supplier
        return self.source.supplier if self.source is not None else None


def buy_from(shop: Shop, item: int, way: Way, quantity: int, day: int) -> Buy:
    """The order that brings ``quantity`` by ``way`` on ``day``: released as late as its lead time allows."""
    due = shop.grid.as_of + timedelta(days=day)
    source = way.source
    if source is None:
        row = shop.items[item]
        release = shop.release_by(row.lead_time_calendar, due, row.lead_time_days)
    else:
        release = shop.release_by(source.lead_time_calendar, due, source.lead_time_days)
        if source.to is not None:
            release = min(release, source.to - timedelta(days=1))
    return Buy(item, quantity, release, due, day, source, shop.unit_cost(item, source, quantity))


def firm_purchases(shop: Shop) -> list[Buy]:
    """Purchases that planners have fixed, as they are; one whose day has passed comes on ``as_of``."""
    found = []
    for row in shop.factory.firm_orders:
        if row.kind != "buy":
            continue
        item, as_of = shop.item_index[row.item], shop.grid.as_of
        due = max(row.due, as_of)
        release = min(max(row.release or _release_of(shop, row, due), as_of), due)
        source = shop.source_of(item, row.supplier, release)
        cost = shop.unit_cost(item, source, micro(row.qty))
        found.append(Buy(item, micro(row.qty), release, due, (due - as_of).days, source, cost, row))
    return found


def _release_of(shop: Shop, row: FirmOrderRow, due: date) -> date:
    item = shop.item_index[row.item]
    source = shop.source_of(item, row.supplier, due)
    if source is not None:
        return shop.release_by(source.lead_time_calendar, due, source.lead_time_days)
    return shop.release_by(shop.items[item].lead_time_calendar, due, shop.items[item].lead_time_days)


class Purchaser:
    """Nets what the schedule takes of bought items against stock, open orders and new purchases."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.firm = firm_purchases(shop)
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
        for buy in self.firm:
            self.open_orders[buy.item].append((buy.due_day, buy.quantity))

    def buy(self, item: int, takes: Iterable[tuple[int, int]], coming: Series = ()) -> list[Buy]:
        """Orders for ``item``; ``takes`` are (day, quantity) of all consumption and deliveries, ``coming``
        what arrives beside orders (by-products).

        Orders come as late as they can; where that leaves too little of a supplier's later weeks, they come
        as early as they can, which serves everything that could be promised at all.
        """
        by_day: dict[int, int] = defaultdict(int)
        for day, quantity in takes:
            by_day[day] += quantity
        receipts = sorted([*self.open_orders.get(item, ()), *coming])
        late = _Late(self.shop, item)
        found = self._cover(item, by_day, receipts, late)
        return found if late.covers else self._cover(item, by_day, receipts, _Early(self.shop, item))

    def _cover(
        self, item: int, by_day: Mapping[int, int], receipts: Series, orders: "_Late | _Early"
    ) -> list[Buy]:
        shop = self.shop
        balance = self.on_hand.get(item, 0)
        safety = micro(shop.items[item].safety_stock)
        days = sorted({*by_day, *((orders.first,) if safety else ())})
        groups = self._groups(item, days, by_day, receipts)
        has_breaks = any(source.price_breaks for source in shop.sources[item])
        found: list[Buy] = []
        next_receipt = 0
        for position, day in enumerate(days):
            while next_receipt < len(receipts) and receipts[next_receipt][0] <= day:
                balance += receipts[next_receipt][1]
                next_receipt += 1
            balance -= by_day.get(day, 0)
            floor = safety if day >= orders.first else 0
            if balance >= floor:
                continue
            short, later = max(0, -balance), floor - max(balance, 0)
            ahead, to_come = days[position + 1 :], receipts[next_receipt:]
            end = groups(day)
            if end > day + 1:
                later += _rest_of_group(ahead, by_day, to_come, end)
            future = _net_of(ahead, by_day, to_come, end) if has_breaks else ()
            bought = orders.order(short, later, day, future)
            found += [buy_from(shop, item, *each) for each in bought]
            balance += sum(quantity for _, quantity, _ in bought)
        return found

    def _groups(
        self, item: int, days: Sequence[int], by_day: Mapping[int, int], receipts: Series
    ) -> Callable[[int], int]:
        """By the item's lot rule: the first day that an order for a day no longer covers."""
        row = self.shop.items[item]
        if row.lot_sizing == "fixed_period":
            return lambda day: day + max(1, row.group_days)
        if row.lot_sizing == "lot_for_lot":
            return lambda day: day + 1
        net = list(_net_of(days, by_day, receipts, 0, self.on_hand.get(item, 0)))
        ends: dict[int, int] = {}
        for lot in plan_lots(
            [day for day, _ in net], [quantity for _, quantity in net], cost_based(self.shop, item)
        ):
            last = net[lot.stop - 1][0] + 1
            ends |= dict.fromkeys((day for day, _ in net[lot.first : lot.stop]), last)
        return lambda day: ends.get(day, day + 1)


def cost_based(shop: Shop, item: int) -> LotSizing:
    """What the cost-based rules weigh for ``item``: an order's cost, and that of holding a unit for a day."""
    row = shop.items[item]
    rate = Fraction(shop.factory.policy.holding_rate_per_year) / 365
    value = Fraction(round(Decimal(shop.unit_values[item]), 6))
    return LotSizing(rule=Rule(row.lot_sizing), setup_cost=row.order_cost, holding_cost=value * rate)


def _rest_of_group(days: Sequence[int], by_day: Mapping[int, int], receipts: Series, end: int) -> int:
    wanted = sum(by_day.get(day, 0) for day in days if day < end)
    return max(0, wanted - sum(quantity for day, quantity in receipts if day < end))


def _net_of(
    days: Sequence[int], by_day: Mapping[int, int], receipts: Series, end: int, balance: int = 0
) -> Series:
    """What ``days`` from ``end`` on lack, one by one, after ``balance`` and the receipts by then."""
    found, position = [], 0
    for day in days:
        while position < len(receipts) and receipts[position][0] <= day:
            balance += receipts[position][1]
            position += 1
        if day >= end:
            balance -= by_day.get(day, 0)
            if balance < 0:
                found.append((day, -balance))
                balance = 0
    return found


class _Late:
    """Orders by the last day on which they help, from the preferred source that can; full weeks are made up
    for in the weeks before. They come a safety time before the day, as far as there is time for it.
    """

    def __init__(self, shop: Shop, item: int) -> None:
        self.shop, self.item = shop, item
        self.ways = ways_of(shop, item)
        self.breaks = [PriceBreaks.of(shop, item, way) for way in self.ways]
        self.weeks = Weeks(shop, item, self.ways)
        self.first = min((way.first for way in self.ways), default=0)
        self.safety_days = shop.items[item].safety_days
        self.covers = True

    def order(self, short: int, later: int, day: int, future: Series = ()) -> Ordered:
        """Orders for ``short``, wanted by ``day``, and for ``later`` if there is room; ``future`` is what
        later days lack beyond that.
        """
        found: Ordered = []
        rest = short + later
        for way, breaks in zip(self.ways, self.breaks, strict=True):
            if rest <= 0:
                break
            if way.capacity is None:
                bought = self._without_limit(way, breaks, rest, day, future)
            else:
                bought = self._by_week(way, rest, day)
            found += bought
            rest -= sum(quantity for _, quantity, _ in bought)
        if rest > later:
            self.covers = False
        return found

    def _wanted_by(self, way: Way, day: int) -> int:
        return max(min(day, way.first), day - self.safety_days)

    def _without_limit(
        self, way: Way, breaks: PriceBreaks | None, rest: int, day: int, future: Series
    ) -> Ordered:
        found: Ordered = []
        while rest > 0 and way.first <= day:
            due = self._wanted_by(way, day)
            quantity = way.rule.up(rest)
            if quantity >= rest and breaks is not None:
                quantity = breaks.best_size(rest, due, future)
            found.append((way, quantity, due))
            rest -= quantity
        return found

    def _by_week(self, way: Way, rest: int, day: int) -> Ordered:
        found: Ordered = []
        due = self._wanted_by(way, day)
        while rest > 0 and way.first <= due:
            week = self.weeks.week_of(due)
            quantity = way.rule.down(min(way.rule.up(rest), self.weeks.room(way, week)))
            if quantity:
                found.append((way, quantity, due))
                self.weeks.take(way, week, quantity)
                rest -= quantity
            else:
                due = self.weeks.monday_of(week) - 1
        return found


class _Early:
    """Orders by the first day on which they can come, every supplier's week filled before the next begins."""

    def __init__(self, shop: Shop, item: int) -> None:
        ways = ways_of(shop, item)
        self.first = min((way.first for way in ways), default=0)
        self.slots = Slots(shop, item, ways)
        self.without_limit = [way for way in ways if way.capacity is None]

    def order(self, short: int, later: int, day: int, future: Series = ()) -> Ordered:
        """Orders for ``short``, wanted by ``day``; what is wanted ``later`` waits for its own turn."""
        found: Ordered = []
        for way in self.without_limit:
            while short > 0 and way.first <= day:
                found.append((way, way.rule.up(short), day))
                short -= found[-1][1]
        while short > 0 and (following := self.slots.next()) is not None:
            due, way, sizes = following
            found += [(way, quantity, due) for quantity in sizes]
            short -= sum(sizes)
        return found


class Buyer:
    """Purchases of an item that is also made; what suppliers still have for a week is kept between orders."""

    def __init__(self, shop: Shop, item: int) -> None:
        self.shop, self.item = shop, item
        self.orders = _Late(shop, item)
        self._first = self.orders.first  # before this day suppliers have nothing left

    def earliest(self, quantity: int) -> int:
        """The minute from which all of ``quantity`` could be there, were it bought beside what is bought so
        far; the end of the grid where it never is.
        """
        found = Arrivals(self.shop, self.item, self.orders.weeks.copy()).earliest(quantity)
        return self.shop.grid.end if found is None else found

    def buy(self, quantity: int, day: int) -> list[Buy]:
        """Purchases of ``quantity`` by ``day``, or as soon after it as they come; less where never."""
        found: list[Buy] = []
        day = max(day, self._first)
        while quantity > 0 and day < len(self.shop.grid.day_starts) - 1:
            for way, size, due in self.orders.order(quantity, 0, day):
                found.append(buy_from(self.shop, self.item, way, size, due))
                quantity -= size
            if quantity > 0:
                day = self._first = self._next_day(day)
        return found

    def _next_day(self, day: int) -> int:
        """The day after ``day`` on which more can come: a week begins, or a source has its first day."""
        weeks = self.orders.weeks
        monday = weeks.monday_of(weeks.week_of(day) + 1)
        return min([monday, *(way.first for way in self.orders.ways if way.first > day)])
