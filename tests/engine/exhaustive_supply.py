"""What a tiny factory has and what can come, day by day: for the search of ``exhaustive_material``.

Days are counted from the planning date. Written from the formats alone.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from planning.engine.factory import Factory, ItemRow, SourceRow

LAST = 1_000  # what cannot be done within so many days cannot be done
NEVER = 10**9
ZERO = Fraction(0)


class TinySupply:
    """Stock, open purchase orders, lead times, and the most that new purchases can bring."""

    def __init__(self, factory: Factory) -> None:
        self.factory = factory
        self.items = {row.code: row for row in factory.items}
        self._opening = {row.code: self._open_days(row.code) for row in factory.calendars}
        dates = [day for row in factory.bom for day in (row.from_, row.to) if day is not None]
        self._changes = sorted({0, *map(self.day, dates)})
        self._arrivals = {code: self._first_arrivals(row) for code, row in self.items.items()}
        self._latest: dict[tuple[str, int], list[int]] = {}
        self._buyable: dict[tuple[str, int], Fraction] = {}

    def day(self, day: date) -> int:
        """``day`` as a number."""
        return (day - self.factory.as_of).days

    def there(self, item: str, day: int) -> Fraction:
        """Stock and open purchase orders by ``day``."""
        found = [row.qty for row in self.factory.stock if row.item == item]
        found += [
            row.qty - row.received_qty
            for row in self.factory.purchase_orders
            if row.item == item and self.day(row.due) <= day
        ]
        return sum(map(Fraction, found), ZERO)

    def can_buy(self, item: str, day: int) -> Fraction:
        """How much of ``item`` new purchases can bring by ``day``; of a limited supplier week by week."""
        if (item, day) not in self._buyable:
            self._buyable[item, day] = self._most_by(item, day)
        return self._buyable[item, day]

    def _most_by(self, item: str, day: int) -> Fraction:
        total = ZERO
        for supplier, sources in self._arrivals[item].items():
            selling = [(first, row) for first, row in sources if first <= day]
            if any(row is None or row.capacity_per_week is None for _, row in selling):
                return Fraction(NEVER)
            for week in range(
                min((self._week(first) for first, _ in selling), default=NEVER), self._week(day) + 1
            ):
                taken = self._open_in_week(item, supplier, week)
                total += max(
                    self._most(item, row, taken)
                    for first, row in selling
                    if row and self._week(first) <= week
                )
        return total

    def latest_releases(self, code: str, day: int) -> list[int]:
        """The latest release for a lot that is there on ``day``, in each period of unchanged bills."""
        if (code, day) not in self._latest:
            item = self.items[code]
            earliest = item.fence_days
            if item.earliest_production is not None:
                earliest = max(earliest, self.day(item.earliest_production))
            found = set()
            for end in [*(change - 1 for change in self._changes if change <= day), day]:
                start = max((change for change in self._changes if change <= end), default=NEVER)
                for release in range(end, max(start, earliest, 0) - 1, -1):
                    if self._after(release, item) <= day:
                        found.add(release)
                        break
            self._latest[code, day] = sorted(found)
        return self._latest[code, day]

    def _first_arrivals(self, item: ItemRow) -> dict[str, list[tuple[int, SourceRow | None]]]:
        """By supplier: each source that can be used, and the first day on which it delivers."""
        found: dict[str, list[tuple[int, SourceRow | None]]] = defaultdict(list)
        sources = [row for row in self.factory.sources if row.item == item.code]
        some = Fraction(1, 10**6)
        if not sources and item.kind == "buy" and least_order(some, item) is not None:
            found[""] = [(self._after(item.fence_days, item), None)]
        for row in sources:
            days = [
                self._after(day, row)
                for day in range(item.fence_days, LAST + 1)
                if self._counts(row, [each for each in sources if each.supplier == row.supplier], day)
            ]
            if days and least_order(some, item, row) is not None:
                found[row.supplier].append((min(days), row))
        return found

    def _counts(self, row: SourceRow, of_supplier: list[SourceRow], day: int) -> bool:
        """Is ``row`` the source that counts on ``day``? A supplier's later row takes over on its from."""
        since = [self.day(each.from_) if each.from_ else -NEVER for each in of_supplier]
        own = self.day(row.from_) if row.from_ else -NEVER
        ended = row.to is not None and day >= self.day(row.to)
        return not ended and own == max((start for start in since if start <= day), default=None)

    def _most(self, item: str, row: SourceRow, taken: Fraction) -> Fraction:
        """The most that orders from ``row`` can bring in a week of which ``taken`` is ordered already."""
        step = Fraction(row.order_multiple) if row.order_multiple else None
        room = max(ZERO, Fraction(row.capacity_per_week or 0) - taken)
        most = room if step is None else room // step * step
        low = _up_to(Fraction(row.min_order or 0), step)
        high = _high(self.items[item].max_order, step)
        if most < low:
            return ZERO
        return most if high is None or low == 0 else min(most, most // low * high)

    def _open_in_week(self, item: str, supplier: str, week: int) -> Fraction:
        rows = [row for row in self.factory.purchase_orders if (row.item, row.supplier) == (item, supplier)]
        qtys = [row.qty - row.received_qty for row in rows if self._week(self.day(row.due)) == week]
        return sum(map(Fraction, qtys), ZERO)

    def _week(self, day: int) -> int:
        """The number of the ISO week, Monday to Sunday, that ``day`` lies in."""
        return (day + self.factory.as_of.weekday()) // 7

    def _after(self, release: int, given: ItemRow | SourceRow) -> int:
        """The first day on which the lead time has passed."""
        days, calendar = given.lead_time_days, given.lead_time_calendar
        if calendar is None or days == 0:
            return release + days
        opening = self._opening[calendar]
        index = bisect_left(opening, release + 1) + days - 1
        return opening[index] if index < len(opening) else NEVER

    def _open_days(self, code: str) -> list[int]:
        """The days on which a shift of the calendar begins."""
        row = next(each for each in self.factory.calendars if each.code == code)
        found = []
        for number in range(2 * LAST):
            day = self.factory.as_of + timedelta(days=number)
            is_closed = any(closure.from_ <= day < closure.to for closure in row.closures)
            is_shift = any(day.weekday() in shift.days for shift in row.shifts)
            if (is_shift and not is_closed) or any(extra.date == day for extra in row.extra_shifts):
                found.append(number)
        return found


def least_order(qty: Fraction, item: ItemRow, source: SourceRow | None = None) -> Fraction | None:
    """The least of one or more orders that is at least ``qty``, by the lot sizes of ``source`` or else of
    ``item``; None when no order keeps them. Made items that are counted in pieces are made in whole ones.
    """
    given: ItemRow | SourceRow = source or item
    step = Fraction(given.order_multiple) if given.order_multiple else None
    if source is None and item.kind == "make" and item.uom == "pcs":
        step = step or Fraction(1)
    low, high = _up_to(Fraction(given.min_order or 0), step), _high(item.max_order, step)
    if qty <= 0:
        return ZERO
    if high is None:
        return max(low, _up_to(qty, step))
    if high <= 0 or low > high:
        return None
    return max(math.ceil(qty / high) * low, _up_to(qty, step))


def _high(most: Decimal | None, step: Fraction | None) -> Fraction | None:
    if most is None:
        return None
    return Fraction(most) if step is None else Fraction(most) // step * step


def _up_to(qty: Fraction, step: Fraction | None) -> Fraction:
    return qty if step is None else math.ceil(qty / step) * step
