"""What lists and pages tell about the items of the current requirements."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q, QuerySet

from orders.models import OrderLine
from planning.engine.netting import ItemRecord
from planning.engine.netting.messages import CODES
from planning.errors import ItemNotInRequirements
from planning.models import RequirementsItem, RequirementsRun
from planning.selectors.requirements.current import get_current_run, read_stored, units
from planning.selectors.requirements.wording import Words, word

MESSAGE_CODES = tuple(code.value for code in CODES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """By what the list is narrowed. ``sales_order``: items of its lines, and all that they are made of."""

    search: str = ""
    kind: str = ""
    message: str = ""
    short: bool | None = None
    sales_order: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """Days ``[start, end)`` of one item. ``on_hand`` takes planned receipts as they stand, ``expected`` takes
    every receipt when it really comes.
    """

    start: dt.date
    end: dt.date
    gross: Decimal
    scheduled: Decimal
    net: Decimal
    planned: Decimal
    releases: Decimal
    on_hand: Decimal
    expected: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An item of the chain of lead times behind a late order."""

    item: str
    lead_weeks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRequirements:
    """One item, week by week, with what a planner should do and why it is late, if it is."""

    run: RequirementsRun
    row: RequirementsItem
    safety_stock: Decimal
    lead_weeks: int
    low_level_code: int
    weeks: tuple[Week, ...]
    messages: tuple[Words, ...]
    chain: tuple[Link, ...]


def list_items(run: RequirementsRun, wanted: Wanted) -> "QuerySet[RequirementsItem]":
    """Items of a run: first those that run out, the earliest first; then those with most messages."""
    rows = RequirementsItem.objects.filter(run=run)
    if wanted.search:
        rows = rows.filter(Q(item__icontains=wanted.search) | Q(name__icontains=wanted.search))
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.message:
        rows = rows.filter(**{f"{wanted.message.lower()}__gt": 0})
    if wanted.short is not None:
        rows = rows.filter(first_shortage__isnull=not wanted.short)
    if wanted.sales_order:
        rows = rows.filter(item__in=items_of_order(run, wanted.sales_order))
    return rows.order_by(F("first_shortage").asc(nulls_last=True), "-messages", "item")


def items_of_order(run: RequirementsRun, ref: str) -> list[str]:
    """Codes of what a customer's order is for, and of all that it is made of. 2 queries."""
    stored = read_stored(run)
    codes = OrderLine.objects.filter(order__ref=ref).values_list("item__code", flat=True)
    waiting = [stored.position_of[code] for code in codes if code in stored.position_of]
    found = set(waiting)
    bom = stored.problem.bom
    parts: dict[int, list[int]] = defaultdict(list)
    for parent, component in zip(bom.parent.tolist(), bom.component.tolist(), strict=True):
        parts[parent].append(component)
    while waiting:
        below = set(parts[waiting.pop()]) - found
        found |= below
        waiting.extend(below)
    return [stored.problem.items.codes[at] for at in sorted(found)]


def get_item_requirements(code: str) -> ItemRequirements:
    """One item of the current run, or ``ItemNotInRequirements``. At most 3 queries."""
    run = get_current_run()
    row = RequirementsItem.objects.filter(run=run, item=code).first()
    if row is None:
        raise ItemNotInRequirements(f"The requirements of {run.as_of} know no item {code}: refresh them.")
    stored = read_stored(run)
    at = stored.position_of[code]
    record, messages, chain = stored.record(code), stored.messages_of(code), stored.chain(code)
    refs = _refs(run) if any(message.row is not None for message in messages) else []
    return ItemRequirements(
        run=run,
        row=row,
        safety_stock=units(int(stored.problem.items.safety_stock[at])),
        lead_weeks=record.lead_time,
        low_level_code=record.low_level_code,
        weeks=tuple(_weeks(run, record)),
        messages=tuple(word(message, as_of=run.as_of, uom=row.uom, refs=refs) for message in messages),
        chain=tuple(Link(item=link.code, lead_weeks=link.lead_time) for link in chain),
    )


def _refs(run: RequirementsRun) -> list[str]:
    """What the scheduled receipts are called, in their order."""
    refs: list[str] = RequirementsRun.objects.values_list("receipts", flat=True).get(pk=run.pk)
    return refs


def _weeks(run: RequirementsRun, record: ItemRecord) -> Iterator[Week]:
    rows = zip(
        record.gross_requirements.tolist(),
        record.scheduled_receipts.tolist(),
        record.net_requirements.tolist(),
        record.planned_receipts.tolist(),
        record.planned_releases.tolist(),
        record.projected_on_hand.tolist(),
        record.expected_on_hand.tolist(),
        strict=True,
    )
    width = dt.timedelta(days=run.bucket_days)
    for number, row in enumerate(rows):
        start = run.as_of + number * width
        gross, scheduled, net, planned, releases, on_hand, expected = (units(each) for each in row)
        yield Week(
            start=start,
            end=start + width,
            gross=gross,
            scheduled=scheduled,
            net=net,
            planned=planned,
            releases=releases,
            on_hand=on_hand,
            expected=expected,
        )
