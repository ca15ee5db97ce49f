"""Where an item is used and what it is made of, with what a planner wants to know beside it."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import batched

from django.db.models import F, Sum

from inventory.models import Item, StockMovement
from inventory.selectors import exact
from orders.selectors import list_open_demand
from planning.engine.costing import preferred, roll_up
from planning.selectors.bills import (
    BillItem,
    as_revision,
    find_as_of,
    get_revision,
    read_above,
    read_below,
)
from planning.selectors.costing import offers_of, parts_of
from planning.selectors.walks import BillList, BillRow, list_above, list_below, quantities_above

_BATCH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What is still to deliver of one line of a confirmed order, and how much of the item goes into it."""

    sales_order: str
    customer: str
    line: int
    item: str
    open_qty: Decimal
    next_due: dt.date
    qty_per: Fraction

    @property
    def needed(self) -> Fraction:
        return Fraction(self.open_qty) * self.qty_per


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereUsed:
    """``on`` None: whatever the days. ``demand`` is that of the bills that count on ``demand_on``."""

    item: Item
    on: dt.date | None
    demand_on: dt.date
    above: BillList
    demand: tuple[Demand, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplodedRow:
    """A place in the indented bill. ``unit_material``: bought parts in one unit of it, without labour."""

    row: BillRow
    lead_time_days: int | None
    supplier: str | None
    on_hand: Decimal
    unit_material: Fraction
    own_material: Fraction

    @property
    def material(self) -> Fraction:
        """What it adds to the material of one unit of the item that was asked about."""
        return self.row.qty * self.own_material


@dataclass(frozen=True, slots=True, kw_only=True)
class Explosion:
    """The indented bill of an item on a day, or of one of its revisions."""

    item: Item
    on: dt.date
    revision: str | None
    on_hand: Decimal
    unit_material: Fraction
    rows: tuple[ExplodedRow, ...]
    cut_off: bool


def get_where_used(item: Item, *, on: dt.date | None = None, levels: int | None = None) -> WhereUsed:
    """Everything that ``item`` goes into, and the open order lines it ends up in."""
    demand_on = on or find_as_of() or dt.date.min
    bills = read_above(item)
    needs = quantities_above(bills, item.code, on=demand_on)
    return WhereUsed(
        item=item,
        on=on,
        demand_on=demand_on,
        above=list_above(bills, item.code, on=on, levels=levels),
        demand=tuple(_demand(needs)),
    )


def get_explosion(item: Item, *, on: dt.date, revision: str | None = None) -> Explosion:
    """Everything ``item`` is made of on a day; with ``revision``, as if that one were in force."""
    bills = read_below(item)
    if revision is not None:
        bills = as_revision(bills, get_revision(item, revision))
    offers, stock = offers_of(bills.items), stock_of(bills.items)
    parts = parts_of(bills, on, offers)
    rolled = roll_up(parts, item.code, None)
    below = list_below(bills, item.code, on=on)
    rows = []
    for row in below.rows:
        code = row.item.code
        offer = preferred(offers[code], on)
        rows.append(
            ExplodedRow(
                row=row,
                lead_time_days=offer.lead_time_days if offer else row.item.lead_time_days or None,
                supplier=offer.supplier if offer else None,
                on_hand=stock[code],
                unit_material=rolled[code].rolled.material,
                own_material=rolled[code].own.material,
            )
        )
    return Explosion(
        item=item,
        on=on,
        revision=revision,
        on_hand=stock[item.code],
        unit_material=rolled[item.code].rolled.material,
        rows=tuple(rows),
        cut_off=below.cut_off,
    )


def _demand(needs: dict[str, Fraction]) -> list[Demand]:
    """Open lines of confirmed orders for any of the items; one row for a line, by its next due date."""
    lines: dict[tuple[str, int], list[tuple[Decimal, dt.date, str, str]]] = defaultdict(list)
    for codes in batched(sorted(needs), _BATCH):
        for part in list_open_demand().filter(order_line__item__code__in=codes):
            line = part.order_line
            told = (part.open_qty, part.due, line.order.customer.code, line.item.code)
            lines[line.order.ref, line.line].append(told)
    found = [
        Demand(
            sales_order=ref,
            customer=parts[0][2],
            line=number,
            item=parts[0][3],
            open_qty=sum((part[0] for part in parts), Decimal(0)),
            next_due=min(part[1] for part in parts),
            qty_per=needs[parts[0][3]],
        )
        for (ref, number), parts in lines.items()
    ]
    return sorted(found, key=lambda row: (row.next_due, row.sales_order, row.line))


def stock_of(items: dict[str, BillItem]) -> dict[str, Decimal]:
    """What lies of each item, at all places."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for some in batched(sorted(items), _BATCH):
        sums = StockMovement.objects.filter(item__code__in=some).values(code=F("item__code"))
        for row in sums.annotate(balance=Sum("qty")).order_by("code"):
            found[row["code"]] = exact(row["balance"])
    return found
