"""What comes of an item and what takes it, day by day, in one plan.

Requirements are what the plan's pegging says is taken or delivered. A plan stored before pegging had its
``day`` takes an item when the order that needs it starts, or a customer's delivery leaves, and never before
the supply is there.
"""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from django.db.models import Min, Q, Sum

from inventory.selectors import exact
from planning.models import Pegging, PlannedOperation, PlannedOrder, PlanPromise
from planning.selectors.frozen import FrozenInput

Flow = tuple[dt.date, Decimal]
_PLACES = Decimal("0.000001")
IS_TAKEN = Q(for_order__isnull=False) | Q(sales_order__isnull=False)


@dataclass(slots=True)
class Flows:
    """Quantities of one item with their days. ``past_due``: due days of open orders before the planning date,
    which are planned as if they came on it.
    """

    on_hand: Decimal = Decimal(0)
    gross: list[Flow] = field(default_factory=list)
    scheduled: list[Flow] = field(default_factory=list)
    by_products: list[Flow] = field(default_factory=list)
    firm: list[Flow] = field(default_factory=list)
    planned: list[Flow] = field(default_factory=list)
    releases: list[Flow] = field(default_factory=list)
    past_due: list[dt.date] = field(default_factory=list)

    def receipts(self) -> Iterator[Flow]:
        """Everything that comes."""
        yield from self.scheduled
        yield from self.by_products
        yield from self.firm
        yield from self.planned


def list_flows(
    version: int, frozen: FrozenInput, codes: Collection[str], *, releases: bool = True
) -> dict[str, Flows]:
    """What comes and goes of the items, by code. At most 9 queries, however many items and rows.

    Without ``releases`` nobody asks when orders are released: a query less.
    """
    found = {code: Flows() for code in codes}
    for code, qty in frozen.stock_of(codes).items():
        found[code].on_hand = qty
    _add_purchases(frozen, found)
    _add_orders(version, frozen, found)
    if releases:
        _add_releases(version, frozen, found)
    _add_by_products(version, frozen, found)
    _add_requirements(version, frozen, found)
    return found


def _add_purchases(frozen: FrozenInput, found: dict[str, Flows]) -> None:
    for row in frozen.open_purchases_of(found):
        found[row.item].scheduled.append((frozen.arrives(row.due), row.qty - row.received_qty))
        if row.due < frozen.as_of:
            found[row.item].past_due.append(row.due)


def _add_orders(version: int, frozen: FrozenInput, found: dict[str, Flows]) -> None:
    """Released work orders come when the plan finishes them, not when they were once due."""
    late = {row.ref: row.due for row in frozen.work_orders_of(found) if row.due < frozen.as_of}
    orders = PlannedOrder.objects.filter(run=version, item__in=list(found))
    receipts = orders.values_list("item", "due", "work_order", "firm").annotate(total=Sum("qty"))
    for item, due, work_order, firm, total in receipts.order_by("item", "due", "work_order", "firm"):
        flows, comes = found[item], (frozen.arrives(due), exact(total))
        if work_order is None:
            (flows.firm if firm else flows.planned).append(comes)
            continue
        flows.scheduled.append(comes)
        if work_order in late:
            flows.past_due.append(late[work_order])


def _add_releases(version: int, frozen: FrozenInput, found: dict[str, Flows]) -> None:
    orders = PlannedOrder.objects.filter(run=version, item__in=list(found), work_order=None)
    releases = orders.values_list("item", "release").annotate(total=Sum("qty"))
    for item, release, total in releases.order_by("item", "release"):
        found[item].releases.append((frozen.arrives(release), exact(total)))


def _add_by_products(version: int, frozen: FrozenInput, found: dict[str, Flows]) -> None:
    """They come with the order that leaves them, if their row counts on the day on which it starts."""
    rows = frozen.by_products_of(found)
    if not rows:
        return
    orders = PlannedOrder.objects.filter(run=version, kind="make", item__in={row.parent for row in rows})
    starts = _starts(version, frozen, orders.values("order"))
    for order in orders.order_by("due", "pk"):
        start = starts.get(order.order, order.release)
        for item in {row.item for row in rows if row.parent == order.item}:
            counting = [
                row.qty
                for row in rows
                if (row.parent, row.item) == (order.item, item)
                and (row.from_ is None or row.from_ <= start)
                and (row.to is None or start < row.to)
            ]
            qty = (sum(counting, Decimal(0)) * order.qty).quantize(_PLACES, rounding=ROUND_FLOOR)
            if qty:
                found[item].by_products.append((frozen.arrives(order.due), qty))


def _add_requirements(version: int, frozen: FrozenInput, found: dict[str, Flows]) -> None:
    rows = Pegging.objects.filter(IS_TAKEN, run=version, item__in=list(found))
    sums = rows.values_list("item", "day").annotate(total=Sum("qty"))
    undated = set()
    for item, day, total in sums.order_by("item", "day"):
        if day is None:
            undated.add(item)
        else:
            found[item].gross.append((frozen.arrives(day), exact(total)))
    if not undated:
        return
    days = _Days(version, frozen, list(found))
    for row in rows.filter(day__isnull=True, item__in=undated).order_by("pk"):
        found[row.item].gross.append((frozen.arrives(days.day_of(row)), row.qty))


class _Days:
    """Days of what is pegged without one. 3 queries."""

    def __init__(self, version: int, frozen: FrozenInput, codes: list[str]) -> None:
        undated = Pegging.objects.filter(run=version, item__in=codes, day__isnull=True)
        orders = PlannedOrder.objects.filter(run=version)
        consumers = undated.filter(for_order__isnull=False).values("for_order")
        known = orders.filter(Q(order__in=consumers) | Q(item__in=codes))
        self.frozen = frozen
        self.dates = {row.order: (row.release, row.due) for row in known}
        self.dates |= {row.ref: (row.due, row.due) for row in frozen.open_purchases_of(codes)}
        self.starts = _starts(version, frozen, consumers)
        promises = PlanPromise.objects.filter(run=version, item__in=codes)
        self.deliveries: dict[tuple[str | None, int | None, int | None], list[dt.date]] = {
            (row.sales_order, row.line, row.instalment): delivery_days(row) for row in promises
        }

    def day_of(self, row: Pegging) -> dt.date:
        """When the supply is taken by what it is for."""
        _, comes = self.dates.get(row.order, (self.frozen.as_of, self.frozen.as_of))
        if row.for_order is not None:
            release = self.dates.get(row.for_order, (comes, comes))[0]
            return max(self.starts.get(row.for_order, release), comes)
        days = self.deliveries.get((row.sales_order, row.line, row.instalment), [])
        return next((day for day in days if day >= comes), comes)


def delivery_days(promise: PlanPromise) -> list[dt.date]:
    """The days on which an instalment leaves, earliest first."""
    return sorted(dt.date.fromisoformat(str(each["date"])) for each in promise.deliveries)


def _starts(version: int, frozen: FrozenInput, orders: Any) -> dict[str, dt.date]:
    """The day on which the first operation of each order starts. 1 query."""
    rows = PlannedOperation.objects.filter(run=version, order__in=orders).values_list("order")
    starts = rows.annotate(first=Min("start")).order_by("order")
    return {order: frozen.local_day(first) for order, first in starts}
