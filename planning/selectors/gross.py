"""What a customer's order needs before any plan has it: its open lines exploded, by lead times alone.

Gross: stock, what is on order and other orders are left aside, and so are people, machines, lot sizes and
open days. Each need is counted back from its requested day: an item is released its lead time before it is
needed, by the source that counts then, and takes what its bill says for the day of its release.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from orders.models import OrderLine, SalesOrder
from planning.engine.costing import preferred
from planning.selectors.bills import BillItem, BillLine, find_as_of, read_below_all
from planning.selectors.costing import Offers, offers_of
from planning.selectors.structures import stock_of

MAX_ROWS = 2_000
Needs = tuple[tuple[dt.date, Fraction], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrossRow:
    """One place in the indented bill of an order line; level 0 is what was ordered itself.

    ``qty`` is for all open instalments. ``needed`` and ``release``: of the first of them, ``last_release`` of
    the last. ``lead_time_days`` None: nothing is known, so none are counted; phantoms have none.
    """

    level: int
    line: int
    item: BillItem
    qty: Fraction
    needed: dt.date
    lead_time_days: int | None
    supplier: str | None
    release: dt.date
    last_release: dt.date
    on_hand: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class GrossNeeds:
    """``as_of``: the planning date; what should have been released before it is late already."""

    order: SalesOrder
    as_of: dt.date | None
    rows: tuple[GrossRow, ...]
    cut_off: bool


def get_gross_needs(order: SalesOrder) -> GrossNeeds:
    """Line by line; ``order`` as ``get_order`` gives it."""
    lines = [(line, _open(line)) for line in order.lines.all()]
    wanted = [(line, needs) for line, needs in lines if needs]
    walk = _Walk({line.item.code for line, _ in wanted})
    for line, needs in wanted:
        walk.add(line.line, line.item.code, needs)
    return GrossNeeds(
        order=order, as_of=find_as_of(), rows=tuple(walk.rows[:MAX_ROWS]), cut_off=len(walk.rows) > MAX_ROWS
    )


def _open(line: OrderLine) -> Needs:
    """Day and quantity of what is still to deliver."""
    return tuple((part.due, Fraction(part.open_qty)) for part in line.instalments.all() if part.open_qty > 0)


class _Walk:
    """The bills below some items, walked depth first, parents before what they take."""

    def __init__(self, codes: set[str]) -> None:
        bills = read_below_all(codes)
        self.items = bills.items
        self.below = bills.by_parent()
        self.offers: Offers = offers_of(bills.items)
        self.stock = stock_of(bills.items)
        self.rows: list[GrossRow] = []

    def add(self, line: int, code: str, needs: Needs, path: tuple[str, ...] = ()) -> None:
        """One item for all instalments, and everything below it. A closed circle is left out."""
        if code in path or len(self.rows) > MAX_ROWS:
            return
        item = self.items[code]
        releases: list[tuple[dt.date, Fraction]] = []
        leads: list[tuple[dt.date, int | None, str | None]] = []
        for day, qty in needs:
            lead, supplier = self._lead(item, day)
            release = day - dt.timedelta(days=lead or 0)
            releases.append((release, qty))
            leads.append((release, lead, supplier))
        first = min(range(len(needs)), key=lambda index: leads[index][0])
        self.rows.append(
            GrossRow(
                level=len(path),
                line=line,
                item=item,
                qty=sum((qty for _, qty in needs), Fraction(0)),
                needed=needs[first][0],
                lead_time_days=leads[first][1],
                supplier=leads[first][2],
                release=leads[first][0],
                last_release=max(day for day, _ in releases),
                on_hand=self.stock[code],
            )
        )
        # What is bought is made elsewhere, whatever bill there is of it.
        if item.kind != "buy":
            for component, taken in _taken(self.below.get(code, ()), releases).items():
                self.add(line, component, taken, (*path, code))

    def _lead(self, item: BillItem, day: dt.date) -> tuple[int | None, str | None]:
        """Days, and from whom: a source counts on the day of release, which is not known before."""
        if item.kind == "phantom":
            return None, None
        own = item.lead_time_days or None
        if item.kind != "buy":
            return own, None
        sources = sorted(self.offers[item.code], key=lambda each: (each.priority, each.supplier))
        for offer in sources:
            release = day - dt.timedelta(days=offer.lead_time_days)
            if preferred(self.offers[item.code], release) is offer:
                return offer.lead_time_days, offer.supplier
        return own, None


def _taken(lines: Sequence[BillLine], releases: Sequence[tuple[dt.date, Fraction]]) -> dict[str, Needs]:
    """What releases take of each component, by the lines that count on their days."""
    found: dict[str, list[tuple[dt.date, Fraction]]] = defaultdict(list)
    for line in lines:
        found[line.component] += [(day, qty * line.gross) for day, qty in releases if line.counts_on(day)]
    return {component: tuple(needs) for component, needs in found.items() if needs}
