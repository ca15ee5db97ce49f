"""Purchase proposals: what a plan wants to buy, by supplier and ISO week, and whether it can be ordered.

A proposal is a planned order to buy, firm or not; ``proposals`` judges it against the data of today. Each
page takes a fixed number of queries.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet

from inventory.models import PurchaseOrderLine, Supplier
from inventory.models.fields import ZERO
from planning.models import FactorySettings, Pegging, PlannedOrder, PlanRun, PlanStatus
from planning.selectors.proposals import Problem, Proposal, iso_week, judge, monday
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


def planning_day() -> dt.date | None:
    """The factory's planning date: what had to go out before it is overdue. 1 query."""
    return FactorySettings.objects.values_list("as_of", flat=True).first()


def was_ordered() -> Exists:
    """Of a planned order: did it become a line of a purchase order?"""
    lines = PurchaseOrderLine.objects.filter(planned_in=OuterRef("run"), planned_order=OuterRef("order"))
    return Exists(lines)


def list_proposals(version: int, wanted: Wanted) -> "QuerySet[PlannedOrder]":
    """Planned orders to buy, by the day on which they must go out."""
    rows = PlannedOrder.objects.filter(run=version, kind="buy")
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


def find_plan_problem(run: PlanRun) -> Problem | None:
    """Why nothing of this plan can be ordered any more, if so. 1 query."""
    if run.status == PlanStatus.PUBLISHED:
        return None
    published = find_published(run.scenario)
    if run.status == PlanStatus.READY and (published is None or published.pk < run.pk):
        return None
    by = f" by plan {published.pk}" if published else ""
    text = f"Plan {run.pk} was replaced{by}."
    return Problem(
        code="plan_replaced", text=text, remedy="Order from the published plan, or build a new one."
    )
