"""The time-phased material table of a plan: what an item needs, what comes, what is left, bucket by bucket.

It balances in every bucket: stock at its start + what comes - gross requirements = stock at its end. A bucket
is half-open; the first one begins on the planning date, so there are no past columns.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from planning.engine.factory import ItemRow
from planning.errors import ItemNotInPlan
from planning.models import PlanException, PlanPromise
from planning.selectors.flows import Flow, Flows, list_flows
from planning.selectors.frozen import FrozenInput

BUCKETS = ("day", "week", "month")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """Days ``[start, end)`` of one item. ``on_hand`` is what is left at the end of the last day.

    ``net`` is what stock and scheduled receipts leave uncovered of requirements and safety stock, hence what
    planned receipts, firm or not, have to bring.
    """

    start: dt.date
    end: dt.date
    gross: Decimal
    scheduled: Decimal
    by_products: Decimal
    net: Decimal
    firm: Decimal
    planned: Decimal
    releases: Decimal
    on_hand: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialTable:
    """One item of one plan. ``undelivered`` is what customers ordered and the plan cannot deliver at all."""

    item: ItemRow
    bucket: str
    as_of: dt.date
    on_hand: Decimal
    undelivered: Decimal
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemHead:
    """An item as the list is ordered by: ``money_at_risk`` is None where no exception of it names any."""

    code: str
    name: str
    kind: str
    exceptions: int
    money_at_risk: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSummary:
    """An item in the list of a plan.

    ``first_shortage``: the first day on which stock, scheduled receipts and by-products alone no longer cover
    what is taken. ``first_below_safety``: the first day that ends with less than the safety stock, with
    everything the plan orders. ``first_past_due``: since when an open order of it should have come.
    """

    code: str
    name: str
    kind: str
    on_hand: Decimal
    safety_stock: Decimal
    next_receipt: dt.date | None
    next_receipt_qty: Decimal | None
    first_shortage: dt.date | None
    first_below_safety: dt.date | None
    first_past_due: dt.date | None
    exceptions: int
    money_at_risk: float | None


def get_material_table(
    version: int, frozen: FrozenInput, *, code: str, bucket: str = "week"
) -> MaterialTable:
    """The table of one item, or ``ItemNotInPlan``. At most 10 queries, however many rows."""
    item = frozen.find_item(code)
    if item is None:
        raise ItemNotInPlan(f"Plan {version} knows no item {code}.")
    flows = list_flows(version, frozen, [code])[code]
    return MaterialTable(
        item=item,
        bucket=bucket,
        as_of=frozen.as_of,
        on_hand=flows.on_hand,
        undelivered=_undelivered(version, code),
        buckets=tuple(_filled(flows, frozen.as_of, item.safety_stock, _STARTS[bucket])),
    )


def _undelivered(version: int, code: str) -> Decimal:
    missing = ZERO
    for row in PlanPromise.objects.filter(run=version, item=code):
        missing += row.qty - sum((Decimal(str(each["qty"])) for each in row.deliveries), ZERO)
    return missing


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


_STARTS: dict[str, Callable[[dt.date], dt.date]] = {
    "day": lambda day: day,
    "week": _monday,
    "month": lambda day: day.replace(day=1),
}


def _next(start: dt.date, first_day: Callable[[dt.date], dt.date]) -> dt.date:
    """The first day of the bucket after the one of ``start``."""
    day = start + dt.timedelta(days=1)
    while first_day(day) != day:
        day += dt.timedelta(days=1)
    return day


def _filled(
    flows: Flows, as_of: dt.date, safety_stock: Decimal, first_day: Callable[[dt.date], dt.date]
) -> Iterator[Bucket]:
    rows = {
        name: _sums(getattr(flows, name), first_day)
        for name in ("gross", "scheduled", "by_products", "firm", "planned", "releases")
    }
    last = max((start for sums in rows.values() for start in sums), default=first_day(as_of))
    left, start = flows.on_hand, as_of
    while first_day(start) <= last:
        here = {name: sums.get(first_day(start), ZERO) for name, sums in rows.items()}
        covered = left + here["scheduled"] + here["by_products"]
        net = max(ZERO, here["gross"] + safety_stock - covered)
        left = covered + here["firm"] + here["planned"] - here["gross"]
        end = _next(start, first_day)
        yield Bucket(start=start, end=end, net=net, on_hand=left, **here)
        start = end


def _sums(days: Sequence[Flow], first_day: Callable[[dt.date], dt.date]) -> dict[dt.date, Decimal]:
    sums: dict[dt.date, Decimal] = defaultdict(Decimal)
    for day, qty in days:
        sums[first_day(day)] += qty
    return sums


# --- The list of items ---------------------------------------------------------------------------------


def list_item_heads(
    version: int, frozen: FrozenInput, *, search: str = "", kind: str = "", troubled: bool | None = None
) -> list[ItemHead]:
    """Items that are made or bought, those with most money at risk first. 1 query."""
    rows = PlanException.objects.filter(run=version, item__isnull=False).values_list("item")
    sums = {
        item: (count, money)
        for item, count, money in rows.annotate(rows=Count("pk"), money=Sum("money_at_risk")).order_by("item")
    }
    heads = []
    wanted = search.casefold()
    for code, row in frozen.items.items():
        count, money = sums.get(code, (0, None))
        name = row.get("name", "")
        fits = kind in ("", row["kind"]) and (troubled is None or bool(count) == troubled)
        if row["kind"] != "phantom" and fits and wanted in f"{code} {name}".casefold():
            head = ItemHead(code=code, name=name, kind=row["kind"], exceptions=count, money_at_risk=money)
            heads.append(head)
    return sorted(heads, key=lambda head: (-(head.money_at_risk or 0), -head.exceptions, head.code))


def list_item_summaries(version: int, frozen: FrozenInput, heads: Sequence[ItemHead]) -> list[ItemSummary]:
    """What a page of the list shows. At most 8 queries, however many items and rows."""
    flows = list_flows(version, frozen, [head.code for head in heads], releases=False)
    return [_summary(head, frozen, flows[head.code]) for head in heads]


def _summary(head: ItemHead, frozen: FrozenInput, flows: Flows) -> ItemSummary:
    item = frozen.find_item(head.code)
    safety_stock = item.safety_stock if item else ZERO
    receipts = _sums(list(flows.receipts()), _STARTS["day"])
    next_receipt = min(receipts, default=None)
    given = [*flows.scheduled, *flows.by_products]
    return ItemSummary(
        code=head.code,
        name=head.name,
        kind=head.kind,
        on_hand=flows.on_hand,
        safety_stock=safety_stock,
        next_receipt=next_receipt,
        next_receipt_qty=receipts[next_receipt] if next_receipt else None,
        first_shortage=_first_below(flows, given, ZERO, frozen.as_of),
        first_below_safety=_first_below(flows, list(flows.receipts()), safety_stock, frozen.as_of),
        first_past_due=min(flows.past_due, default=None),
        exceptions=head.exceptions,
        money_at_risk=head.money_at_risk,
    )


def _first_below(flows: Flows, receipts: Sequence[Flow], level: Decimal, as_of: dt.date) -> dt.date | None:
    """The first day that ends with less than ``level``, if only ``receipts`` come."""
    changes: dict[dt.date, Decimal] = defaultdict(Decimal, {as_of: ZERO})
    for day, qty in receipts:
        changes[day] += qty
    for day, qty in flows.gross:
        changes[day] -= qty
    left = flows.on_hand
    for day in sorted(changes):
        left += changes[day]
        if left < level:
            return day
    return None
