"""Purchase proposals: what a plan wants to buy, by supplier and ISO week, and whether it can be ordered.

A proposal is a planned order to buy that is not firm. It is judged against the data of today: a plan is a
document, and items, suppliers and sources may have gone since. Each page takes a fixed number of queries.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from inventory.models import Item, ItemKind, ItemSource, PurchaseOrderLine, Supplier
from inventory.models.fields import ZERO
from inventory.selectors import exact
from planning.engine.factory_codec import parse_json
from planning.models import FactorySettings, Pegging, PlannedOrder, PlanRun, PlanStatus
from planning.selectors.runs import find_published

WEEK = dt.timedelta(days=7)
GroupKey = tuple[str | None, dt.date]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which proposals: all that are given must hold. ``released_before`` is exclusive.

    ``is_ordered`` empty: both those that were ordered and those that were not.
    """

    orders: Sequence[str] | None = None
    supplier: str | None = None
    week: dt.date | None = None
    released_before: dt.date | None = None
    item: str | None = None
    is_ordered: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a proposal cannot be ordered, and what to do about it."""

    code: str
    text: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.text} {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One planned order to buy. ``unit_cost`` is that of its source at its quantity."""

    order: str
    item: str
    item_id: int | None
    name: str
    uom: str
    qty: Decimal
    release: dt.date
    due: dt.date
    supplier: str | None
    supplier_id: int | None
    unit_cost: Decimal | None
    purchase_order: str | None
    problem: Problem | None
    sales_orders: tuple[str, ...] = ()

    @property
    def value(self) -> Decimal | None:
        return None if self.unit_cost is None else exact(self.unit_cost * self.qty)

    @property
    def week(self) -> dt.date:
        """The Monday of the week in which it must go out."""
        return monday(self.release)

    @property
    def can_be_ordered(self) -> bool:
        return self.problem is None and self.purchase_order is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalGroup:
    """What one supplier is to be sent in one week."""

    supplier: str | None
    supplier_name: str
    week: dt.date
    lines: tuple[Proposal, ...]

    @property
    def value(self) -> Decimal:
        return sum((line.value or ZERO for line in self.lines), ZERO)

    @property
    def week_name(self) -> str:
        return iso_week(self.week)


def monday(day: dt.date) -> dt.date:
    """The first day of its ISO week."""
    return day - dt.timedelta(days=day.weekday())


def iso_week(day: dt.date) -> str:
    """``2011-W10``."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def planning_day() -> dt.date | None:
    """The factory's planning date: what had to go out before it is overdue. 1 query."""
    return FactorySettings.objects.values_list("as_of", flat=True).first()


def was_ordered() -> Exists:
    """Of a planned order: did it become a line of a purchase order?"""
    lines = PurchaseOrderLine.objects.filter(planned_in=OuterRef("run"), planned_order=OuterRef("order"))
    return Exists(lines)


def list_proposals(version: int, wanted: Wanted) -> "QuerySet[PlannedOrder]":
    """Planned orders to buy, by the day on which they must go out."""
    rows = PlannedOrder.objects.filter(run=version, kind="buy", firm=False)
    if wanted.orders is not None:
        rows = rows.filter(order__in=wanted.orders)
    if wanted.supplier is not None:
        rows = rows.filter(supplier=wanted.supplier)
    if wanted.item is not None:
        rows = rows.filter(item=wanted.item)
    if wanted.week is not None:
        rows = rows.filter(release__gte=wanted.week, release__lt=wanted.week + WEEK)
    if wanted.released_before is not None:
        rows = rows.filter(release__lt=wanted.released_before)
    if wanted.is_ordered is not None:
        rows = rows.filter(was_ordered() if wanted.is_ordered else ~was_ordered())
    return rows.order_by("release", "item", "pk")


def list_group_keys(rows: "QuerySet[PlannedOrder]") -> list[GroupKey]:
    """Supplier and week of each group, the earliest first, nobody's last. 1 query.

    Weeks are told from days here: a database has fewer suppliers and days than planned orders.
    """
    days = rows.order_by().values_list("supplier", "release").distinct()
    keys = {(supplier, monday(release)) for supplier, release in days}
    return sorted(keys, key=lambda key: (key[1], key[0] is None, key[0] or ""))


def load_groups(
    run: PlanRun, rows: "QuerySet[PlannedOrder]", keys: Iterable[GroupKey]
) -> list[ProposalGroup]:
    """The groups of ``keys`` with their lines, judged."""
    wanted = list(keys)
    if not wanted:
        return []
    weeks = [week for _, week in wanted]
    near = rows.filter(release__gte=min(weeks), release__lt=max(weeks) + WEEK)
    suppliers = {supplier for supplier, _ in wanted}
    near = near.filter(Q(supplier__in=suppliers - {None}) | Q(supplier__isnull=None in suppliers))
    lines: dict[GroupKey, list[Proposal]] = defaultdict(list)
    chosen = set(wanted)
    judged = judge(run, [row for row in near if (row.supplier, monday(row.release)) in chosen])
    served = list_served(run.pk, [line.order for line in judged])
    for line in judged:
        told = replace(line, sales_orders=tuple(sorted(served[line.order])))
        lines[line.supplier, line.week].append(told)
    names = dict(Supplier.objects.filter(code__in=suppliers - {None}).values_list("code", "name"))
    return [
        ProposalGroup(
            supplier=supplier,
            supplier_name=names.get(supplier or "", ""),
            week=week,
            lines=tuple(lines[supplier, week]),
        )
        for supplier, week in wanted
    ]


def list_served(version: int, orders: Iterable[str]) -> dict[str, set[str]]:
    """The sales orders that planned orders are for, up the pegging; one query for each level."""
    served: dict[str, set[str]] = {order: set() for order in orders}
    frontier = {order: {order} for order in served}
    seen: dict[str, set[str]] = defaultdict(set)
    while frontier:
        above: dict[str, set[str]] = defaultdict(set)
        rows = Pegging.objects.filter(run=version, order__in=frontier.keys())
        for order, for_order, sales_order in rows.values_list("order", "for_order", "sales_order").distinct():
            if sales_order is not None:
                for root in frontier[order]:
                    served[root].add(sales_order)
            elif for_order is not None:
                above[for_order] |= frontier[order] - seen[for_order]
                seen[for_order] |= frontier[order]
        frontier = {order: roots for order, roots in above.items() if roots}
    return served


def judge(run: PlanRun, rows: Iterable[PlannedOrder]) -> list[Proposal]:
    """Proposals with their cost, and what stands against ordering them; ``rows`` of ``list_proposals``."""
    planned = list(rows)
    today = _Today(run, planned)
    return [today.proposal(row) for row in planned]


class _Today:
    """Items, suppliers, sources and orders as they are now, for some proposals. At most 7 queries."""

    def __init__(self, run: PlanRun, rows: Collection[PlannedOrder]) -> None:
        self.run = run
        codes = {row.item for row in rows}
        items = Item.objects.filter(code__in=codes).select_related("uom")
        self.items = {item.code: item for item in items}
        names = {row.supplier for row in rows if row.supplier}
        self.suppliers = dict(Supplier.objects.filter(code__in=names).values_list("code", "pk"))
        self.sources: dict[tuple[str, str], list[ItemSource]] = defaultdict(list)
        sources = ItemSource.objects.filter(item__code__in=codes, supplier__code__in=names)
        for source in (
            sources.select_related("item", "supplier").prefetch_related("price_breaks").order_by("pk")
        ):
            self.sources[source.item.code, source.supplier.code].append(source)
        ids = [row.order for row in rows]
        lines = PurchaseOrderLine.objects.filter(planned_in=run.pk, planned_order__in=ids)
        self.ordered = dict(lines.values_list("planned_order", "purchase_order__ref"))
        self.ordered_since = _ordered_since(run, codes)

    def proposal(self, row: PlannedOrder) -> Proposal:
        item, source = self.items.get(row.item), self._source(row)
        ref = self.ordered.get(row.order)
        cost = source.cost_at(row.qty) if source else item.unit_cost if item else None
        return Proposal(
            order=row.order,
            item=row.item,
            item_id=item.pk if item else None,
            name=item.name if item else "",
            uom=item.uom.code if item else "",
            qty=row.qty,
            release=row.release,
            due=row.due,
            supplier=row.supplier,
            supplier_id=self.suppliers.get(row.supplier or ""),
            unit_cost=cost,
            purchase_order=ref,
            problem=None if ref else self._problem(row, item, source),
        )

    def _source(self, row: PlannedOrder) -> ItemSource | None:
        """The supplier's row for the item on the day of release; the later of two takes over."""
        on_sale = [s for s in self.sources[row.item, row.supplier or ""] if s.counts_on(row.release)]
        return max(on_sale, key=lambda s: s.effective_from or dt.date.min, default=None)

    def _problem(self, row: PlannedOrder, item: Item | None, source: ItemSource | None) -> Problem | None:
        again = "Build a new plan."
        if item is None:
            return _problem("item_gone", f"There is no item {row.item} any more.", again)
        if item.kind == ItemKind.PHANTOM:
            return _problem("item_gone", f"{row.item} is a phantom by now: nobody can deliver it.", again)
        if row.supplier is None:
            return _problem(
                "no_source",
                f"Nobody is known who sells {row.item}.",
                f"Add a source for {row.item} (supplier, lead time, cost), then build a new plan.",
            )
        if row.supplier not in self.suppliers:
            return _problem("supplier_gone", f"There is no supplier {row.supplier} any more.", again)
        if source is None:
            text = f"{row.supplier} does not sell {row.item} on {row.release} any more."
            return _problem("source_gone", text, again)
        if row.item in self.ordered_since:
            ref = self.ordered_since[row.item]
            text = f"{row.item} was ordered on {ref} after this plan had read what is on order."
            return _problem("ordered_since", text, "Build a new plan, so that nothing is bought twice.")
        return None


def _problem(code: str, text: str, remedy: str) -> Problem:
    return Problem(code=code, text=text, remedy=remedy)


def _ordered_since(run: PlanRun, codes: Collection[str]) -> dict[str, str]:
    """Items with an open order that the plan did not know when it was built, and that it did not ask for."""
    placed = PurchaseOrderLine.objects.open().filter(item__code__in=codes, placed_at__gte=run.requested_at)
    others = placed.exclude(planned_in=run.pk).order_by("pk").values_list("item__code", "ref")
    found = list(others)
    if not found:
        return {}
    text = PlanRun.objects.filter(pk=run.pk).values_list("factory_json", flat=True).get()
    known = {row["ref"] for row in parse_json(text).get("purchase_orders", [])}
    return {code: ref for code, ref in found if ref not in known}


def find_plan_problem(run: PlanRun) -> Problem | None:
    """Why nothing of this plan can be ordered any more, if so. 1 query."""
    if run.status == PlanStatus.PUBLISHED:
        return None
    published = find_published(run.scenario)
    if run.status == PlanStatus.READY and (published is None or published.pk < run.pk):
        return None
    by = f" by plan {published.pk}" if published else ""
    text = f"Plan {run.pk} was replaced{by}."
    return _problem("plan_replaced", text, "Order from the published plan, or build a new one.")
