"""The earliest day on which each demand could be delivered if it were the only one, by trying everything.

For tiny factories of material alone: items that are bought, and made ones without a routing. No plan may
promise a demand for an earlier day; a plan of a single demand should reach it (on the day it is wanted, where
that is later). Counted are stock, open purchase orders, lead times in calendar and working days, fences,
sources with their dates, lot sizes and weekly capacity, made items that are bought as well, dated bills of
materials, phantoms, scrap and substitutes. Written from the formats alone, in days, without a look at the
planner.

Why trying every split of every need is enough: what can be done by a day can be done by every later one, so
only the latest release in each period of unchanged bills of materials matters; using what is there before
ordering more never makes anything later; what is made is made in whole pieces, and a substitute replaces
whole units, or all that is there of it or beside it.
"""

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction

from planning.engine.factory import BomRow, Factory
from planning.engine.factory_codec import resolve
from tests.engine.exhaustive_supply import LAST, ZERO, TinySupply, least_order

Demand = tuple[str, int, int]
Needs = dict[str, dict[int, Fraction]]  # by item: how much of it on which day
Line = tuple[BomRow, Fraction, Fraction]  # a row, units of its parent, and the share that survives scrap

Recipe = frozenset[tuple[str, Fraction]]  # what is taken of each item

MOST_ITEMS = 4
MOST_DEMANDS = 4
_MILLION = 1_000_000


def earliest_days(factory: Factory) -> dict[Demand, date | None]:
    """By (sales order, line, instalment): the earliest day of its last unit, None when there is none."""
    truth = MaterialTruth(factory)
    return {key: truth.earliest_day(item, qty) for key, (item, qty) in open_demands(truth.factory).items()}


def open_demands(factory: Factory) -> dict[Demand, tuple[str, Fraction]]:
    """What is still to deliver: item and quantity."""
    found: dict[Demand, tuple[str, Fraction]] = {}
    for order in factory.sales_orders:
        for line in order.lines if order.status == "confirmed" else ():
            parts = [(row.due, row.qty, row.qty - row.shipped_qty) for row in line.instalments]
            if line.due is not None:
                parts = [(line.due, line.qty, line.qty - line.shipped_qty)]
            for number, (due, _, left) in enumerate(sorted(parts), start=1):
                if due < factory.horizon_end and left > 0:
                    found[order.ref, line.line, number] = (line.item, Fraction(left))
    return found


class MaterialTruth:
    """What one tiny factory can do."""

    def __init__(self, factory: Factory) -> None:
        self.factory = resolve(factory)
        _refuse_what_is_not_tried(self.factory)
        self._supply = TinySupply(self.factory)
        self._items = self._supply.items
        self._bom: dict[str, list[BomRow]] = defaultdict(list)
        for row in self.factory.bom:
            self._bom[row.parent].append(row)
        self._levels = self._parents_first()
        self._found: dict[tuple[str, int, Fraction], set[Recipe]] = {}

    def earliest_day(self, item: str, qty: Fraction) -> date | None:
        """The first day by which ``qty`` of ``item`` can be there."""
        found = bisect_left(range(LAST + 1), True, key=lambda day: self._can_serve(0, {item: {day: qty}}))
        return self.factory.as_of + timedelta(days=found) if found <= LAST else None

    def _can_serve(self, level: int, needs: Needs) -> bool:
        """Can the needs of the items from ``level`` on be served? Those above are, at these needs."""
        if level == len(self._levels):
            return True
        item = self._levels[level]
        wanted = sorted(needs.get(item, {}).items())
        return any(self._can_serve(level + 1, more) for more in self._ways(item, wanted, needs, ZERO, ZERO))

    def _ways(
        self, item: str, wanted: list[tuple[int, Fraction]], needs: Needs, made: Fraction, bought: Fraction
    ) -> Iterator[Needs]:
        """Every way to serve ``wanted``, as the needs of everything below; so much is made and bought for
        earlier ones.
        """
        if not wanted:
            yield needs
            return
        (day, _), later = wanted[0], wanted[1:]
        needed = sum((qty for each, qty in needs[item].items() if each <= day), ZERO)
        lacking = needed - self._supply.there(item, day) - made - bought
        if lacking <= 0:
            yield from self._ways(item, later, needs, made, bought)
            return
        row = self._items[item]
        room = self._supply.can_buy(item, day) - bought
        releases = self._supply.latest_releases(item, day) if row.kind == "make" else []
        for purchase, *parts in _splits(lacking, len(releases) + 1, [room]):
            lots = [least_order(part, row) for part in parts]
            if purchase > room or None in lots:
                continue
            begun = [(release, qty) for release, qty in zip(releases, lots, strict=True) if qty]
            total = sum((qty for _, qty in begun), ZERO)
            for more in self._with_components(item, begun, needs):
                yield from self._ways(item, later, more, made + total, bought + purchase)

    def _with_components(self, item: str, lots: list[tuple[int, Fraction]], needs: Needs) -> Iterator[Needs]:
        """The needs with those of ``lots`` (release, quantity) of ``item``, for every use of substitutes."""
        if not lots:
            yield needs
            return
        (release, qty), others = lots[0], lots[1:]
        for taken in self._recipes(item, release, qty):
            more = {code: dict(days) for code, days in needs.items()}
            for code, amount in taken:
                days = more.setdefault(code, {})
                days[release] = days.get(release, ZERO) + amount
            if self._could_serve(more, {code for code, _ in taken}):
                yield from self._with_components(item, others, more)

    def _could_serve(self, needs: Needs, items: set[str]) -> bool:
        """Is there still enough of the bought ones of ``items``? Needs only grow, so this cuts early."""
        for item in items:
            needed = ZERO
            for day, qty in sorted(needs[item].items()) if self._items[item].kind == "buy" else ():
                needed += qty
                if needed > self._supply.there(item, day) + self._supply.can_buy(item, day):
                    return False
        return True

    def _lines(self, parent: str, day: int, units: Fraction, kept: Fraction) -> list[Line]:
        """The rows that count for ``units`` of ``parent`` begun on ``day``, phantoms passed through."""
        found = []
        for row in self._bom[parent]:
            is_over = row.to is not None and day >= self._supply.day(row.to)
            if is_over or (row.from_ is not None and day < self._supply.day(row.from_)):
                continue
            survives = kept * (1 - Fraction(row.scrap))
            if self._items[row.component].kind == "phantom":
                found += self._lines(row.component, day, units * Fraction(row.qty), survives)
            else:
                found.append((row, units, survives))
        return found

    def _recipes(self, item: str, day: int, qty: Fraction) -> set[Recipe]:
        """What a lot of ``item`` takes on ``day``, with every use of substitutes."""
        if (item, day, qty) not in self._found:
            found: set[Recipe] = {frozenset()}
            for line in self._lines(item, day, qty, Fraction(1)):
                choices = self._choices(line, day)
                found = {_together(recipe, choice) for recipe in found for choice in choices}
            self._found[item, day, qty] = found
        return self._found[item, day, qty]

    def _choices(self, line: Line, day: int) -> set[Recipe]:
        """What one line takes on ``day``: the component, or its substitutes for any share of it."""
        row, units, kept = line
        need = _rounded_up(units * Fraction(row.qty) / kept)
        full = [(row.component, need)]
        full += [(each.item, _rounded_up(units * Fraction(each.qty) / kept)) for each in row.substitutes]
        all_there = [self._supply.there(code, day) * need / qty for code, qty in full]
        found = set()
        for parts in _splits(need, len(full), all_there):
            shares = zip(full, parts, strict=True)
            found.add(
                frozenset((code, _rounded_up(part * qty / need)) for (code, qty), part in shares if part)
            )
        return found

    def _parents_first(self) -> list[str]:
        """Stocked items, each after everything that is made of it or may be."""
        below: dict[str, set[str]] = defaultdict(set)
        for row in self.factory.bom:
            below[row.parent] |= {row.component, *(each.item for each in row.substitutes)}
        depth = dict.fromkeys(self._items, 0)
        for _ in self._items:
            for parent, children in below.items():
                for child in children:
                    depth[child] = max(depth[child], depth[parent] + 1)
        stocked = [code for code, row in self._items.items() if row.kind != "phantom"]
        return sorted(stocked, key=lambda code: (depth[code], code))


def _splits(qty: Fraction, ways: int, also: list[Fraction]) -> Iterator[list[Fraction]]:
    """``qty`` in every way into so many parts: whole units and one rest, and the quantities of ``also``."""
    if ways == 1:
        yield [qty]
        return
    parts = {
        ZERO,
        qty,
        *map(Fraction, range(math.floor(qty) + 1)),
        *(each for each in also if 0 < each < qty),
    }
    for part in sorted(parts, reverse=True):
        yield from ([part, *rest] for rest in _splits(qty - part, ways - 1, also))


def _together(one: Recipe, other: Recipe) -> Recipe:
    total: dict[str, Fraction] = defaultdict(Fraction)
    for code, qty in (*one, *other):
        total[code] += qty
    return frozenset(total.items())


def _rounded_up(qty: Fraction) -> Fraction:
    """To the millionth, as quantities are."""
    return Fraction(math.ceil(qty * _MILLION), _MILLION)


def _refuse_what_is_not_tried(factory: Factory) -> None:
    if factory.routings or factory.work_orders or factory.firm_orders or factory.by_products:
        raise ValueError("only material alone: no routings, work orders, firm orders or by-products")
    phantoms = {row.code for row in factory.items if row.kind == "phantom"}
    if len(factory.items) - len(phantoms) > MOST_ITEMS:
        raise ValueError(f"at most {MOST_ITEMS} items, phantoms apart")
    if any(row.kind == "make" and row.uom != "pcs" for row in factory.items):
        raise ValueError("only made items that are counted in pieces")
    demands = open_demands(factory)
    if len(demands) > MOST_DEMANDS:
        raise ValueError(f"at most {MOST_DEMANDS} demands")
    stocked = {item for item, _ in demands.values()} | {
        s.item for row in factory.bom for s in row.substitutes
    }
    if stocked & phantoms:
        raise ValueError("a phantom is never stocked: expected it neither sold nor as a substitute")
