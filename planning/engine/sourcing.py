"""How items come: sizes that an order may have, and for bought ones the sources that can serve and how much
by which day.

Days are counted from the planning date, quantities are millionths. A supplier's later row takes over from an
earlier one of the same item on its ``from`` (``compile_shop``), so on each day he has one.
"""

from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from heapq import heappop, heappush

from planning.engine.factory import SourceRow
from planning.engine.numbers import MAX_QTY
from planning.engine.shop import MICRO, WHOLE_UNITS, Shop, micro

WEEK = 7


@dataclass(frozen=True, slots=True)
class LotRule:
    """One order has from ``least`` to ``most``, in steps of ``step``."""

    least: int
    step: int
    most: int

    @classmethod
    def of(
        cls, least: Decimal, multiple: Decimal | None, most: Decimal | None, *, whole: bool
    ) -> "LotRule | None":
        """None when no size keeps the rules; ``whole``: no parts of a unit, where the rules leave that
        open.
        """
        step = micro(multiple) if multiple is not None else (MICRO if whole else 1)
        low = max(-(-micro(least) // step) * step, step)
        high = micro(MAX_QTY if most is None else most) // step * step
        if low <= high:
            return cls(low, step, high)
        return cls.of(least, multiple, most, whole=False) if whole and multiple is None else None

    def up(self, quantity: int) -> int:
        """The smallest size that covers ``quantity``, or the largest there is."""
        size = max(-(-quantity // self.step) * self.step, self.least)
        return min(size, self.most)

    def down(self, quantity: int) -> int:
        """The largest size within ``quantity``; 0 when there is none."""
        size = min(quantity // self.step * self.step, self.most)
        return size if size >= self.least else 0

    def sizes_within(self, room: int) -> list[int]:
        """Sizes of orders that fill ``room`` as far as orders can."""
        found = []
        while size := self.down(room):
            found.append(size)
            room -= size
        return found


@dataclass(frozen=True, slots=True)
class Way:
    """A source that can serve (None: the item's own lead time), from day ``first`` on;
    ``capacity`` by ISO week.
    """

    source: SourceRow | None
    rule: LotRule
    first: int
    capacity: int | None


def make_rule(shop: Shop, item: int) -> LotRule | None:
    """Sizes of an own lot of ``item``."""
    row = shop.items[item]
    return LotRule.of(row.min_order, row.order_multiple, row.max_order, whole=row.uom in WHOLE_UNITS)


def ways_of(shop: Shop, item: int) -> list[Way]:
    """Every way in which new orders of an item can be bought, the preferred first; none goes out within the
    item's planning fence.
    """
    row, as_of, fence = shop.items[item], shop.grid.as_of, _fence_of(shop, item)
    if not shop.sources[item]:
        if row.kind != "buy":
            return []
        rule = LotRule.of(row.min_order, row.order_multiple, row.max_order, whole=False)
        first = (shop.lead_days(item, fence, row.lead_time_days) - as_of).days
        return [Way(None, rule, first, None)] if rule is not None and _is_in_grid(shop, first) else []
    found = []
    for source in shop.sources[item]:
        release = max(fence, source.from_ or fence)
        least = row.min_order if source.min_order is None else source.min_order
        multiple = row.order_multiple if source.order_multiple is None else source.order_multiple
        rule = LotRule.of(least, multiple, row.max_order, whole=False)
        if rule is None or (source.to is not None and release >= source.to):
            continue
        capacity = micro(source.capacity_per_week) if source.capacity_per_week is not None else None
        due = shop.after_lead(source.lead_time_calendar, release, source.lead_time_days)
        first = (due - as_of).days
        if _is_in_grid(shop, first) and (capacity is None or rule.down(capacity)):
            found.append(Way(source, rule, first, capacity))
    return found


def _fence_of(shop: Shop, item: int) -> date:
    """The first day on which a new order of ``item`` may go out."""
    return shop.grid.as_of + timedelta(days=shop.items[item].fence_days)


def _is_in_grid(shop: Shop, day: int) -> bool:
    return day < len(shop.grid.day_starts) - 1


def earliest_purchase(shop: Shop, item: int) -> int:
    """The minute from which parts of ``item`` ordered as soon as a source serves are there;
    the end of the grid when none ever does.
    """
    return min((shop.grid.day_starts[way.first] for way in ways_of(shop, item)), default=shop.grid.end)


class Weeks:
    """What suppliers can still deliver of one item, by ISO week; open purchase orders take their share."""

    def __init__(self, shop: Shop, item: int, ways: list[Way]) -> None:
        self._weekday = shop.grid.as_of.weekday()
        self.used: dict[tuple[str, int], int] = defaultdict(int)
        self.capacity: dict[str, int] = {}
        for way in ways:
            if way.source is not None and way.capacity is not None:
                known = self.capacity.get(way.source.supplier, way.capacity)
                self.capacity[way.source.supplier] = min(known, way.capacity)
        if self.capacity:
            code = shop.items[item].code
            for order in shop.factory.purchase_orders:
                if order.item == code and order.supplier in self.capacity:
                    week = self.week_of((order.due - shop.grid.as_of).days)
                    self.used[order.supplier, week] += max(0, micro(order.qty - order.received_qty))
            for firm in shop.factory.firm_orders:
                if firm.kind == "buy" and firm.item == code and firm.supplier in self.capacity:
                    week = self.week_of((max(firm.due, shop.grid.as_of) - shop.grid.as_of).days)
                    self.used[firm.supplier, week] += micro(firm.qty)

    def week_of(self, day: int) -> int:
        return (day + self._weekday) // WEEK

    def monday_of(self, week: int) -> int:
        return week * WEEK - self._weekday

    def copy(self) -> "Weeks":
        """What is left now, to try something out."""
        found = copy(self)
        found.used = self.used.copy()
        return found

    def room(self, way: Way, week: int) -> int:
        assert way.source is not None  # noqa: S101 - only sources have a capacity
        supplier = way.source.supplier
        return max(0, self.capacity[supplier] - self.used[supplier, week])

    def take(self, way: Way, week: int, quantity: int) -> None:
        if way.source is not None and way.capacity is not None:
            self.used[way.source.supplier, week] += quantity


class Slots:
    """New orders of one item as early as they can come: every week of every supplier in turn, filled."""

    def __init__(self, shop: Shop, item: int, ways: list[Way], weeks: Weeks | None = None) -> None:
        self.days = len(shop.grid.day_starts) - 1
        self.weeks = weeks or Weeks(shop, item, ways)
        self.unlimited = min((way.first for way in ways if way.capacity is None), default=self.days)
        self._waiting: list[tuple[int, int, Way]] = []
        for number, way in enumerate(ways):
            if way.capacity is not None:
                heappush(self._waiting, (way.first, number, way))

    def next(self) -> tuple[int, Way, list[int]] | None:
        """The day, way and sizes of the next orders; None when there is only what comes without limit."""
        while self._waiting and self._waiting[0][0] < self.days:
            day, number, way = heappop(self._waiting)
            week = self.weeks.week_of(day)
            heappush(self._waiting, (self.weeks.monday_of(week + 1), number, way))
            sizes = way.rule.sizes_within(self.weeks.room(way, week))
            if sizes:
                self.weeks.take(way, week, sum(sizes))
                return day, way, sizes
        return None


class Arrivals:
    """When a quantity of new orders can be there, each part of it promised once; ``weeks``: what suppliers
    have left where some was ordered already, which this uses up.
    """

    def __init__(self, shop: Shop, item: int, weeks: Weeks | None = None) -> None:
        self.shop = shop
        self.slots = Slots(shop, item, ways_of(shop, item), weeks)
        self._left, self._day = 0, 0
        self._next = self.slots.next()

    def earliest(self, quantity: int) -> int | None:
        """Promise ``quantity``; the minute from which the last of it is there, None when it never all is."""
        left, day, following = self._left, self._day, self._next
        while left < quantity:
            if following is None or self.slots.unlimited <= following[0]:
                return self._without_limit()
            day, _, sizes = following
            left += sum(sizes)
            self._left, self._day, self._next = left, day, self.slots.next()
            following = self._next
        self._left = left - quantity
        return self.shop.grid.day_starts[day]

    def _without_limit(self) -> int | None:
        day = max(self.slots.unlimited, self._day)
        return self.shop.grid.day_starts[day] if day < self.slots.days else None
