"""Planned orders that a planner fixes: the next plans keep them as they are until they are let go.

What was ordered is not made firm: it is under way. A firm order has a number of its own ("FO-000017") and
remembers which row of which plan it was, so that asking twice makes it once. A plan that does not know a firm
or purchase order of an item plans its supply anew: its other orders of that item are refused, or there would
be twice the supply. Publishing fixes by itself what goes out within the policy's frozen days after the
planning date. Locks: the factory's settings, the plan, firm orders by primary key, as in ``purchasing``.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q
from simple_history.utils import bulk_create_with_history

from inventory.models import Item, ItemKind, ItemSource, PurchaseOrderLine, Supplier
from planning.errors import CannotFirm, FirmIssue, FirmOrderNotFound, PlanNotFound, PlanNotReady
from planning.models import (
    FactorySettings,
    FirmOrder,
    OrderKind,
    PlannedOrder,
    PlanRun,
    PlanStatus,
    WorkOrder,
)
from planning.selectors.frozen import FrozenInput, get_frozen
from planning.selectors.purchasing import was_ordered
from planning.selectors.since import find_ordered_since

PREFIX = "FO-"
BATCH = 500


@transaction.atomic
def firm_planned_orders(*, version: int, orders: Sequence[str], by: Any = None) -> list[FirmOrder]:
    """Fix planned orders of a ready or published plan, all of them or none (``CannotFirm``).

    Those that were fixed before are answered again; nothing is made twice.
    """
    _lock()
    run = PlanRun.objects.select_for_update(of=("self",)).defer("factory_json").filter(pk=version).first()
    if run is None:
        raise PlanNotFound(f"There is no plan {version}.")
    if run.status not in (PlanStatus.READY, PlanStatus.PUBLISHED):
        state = run.get_status_display().lower()
        raise PlanNotReady(
            f"Plan {version} is {state}: only orders of a ready or published plan become firm."
        )
    wanted = list(dict.fromkeys(orders))
    rows = {row.order: row for row in PlannedOrder.objects.filter(run=run, order__in=wanted)}
    held = {row.planned_order: row for row in _firm_of(version).filter(planned_order__in=wanted)}
    new = [rows[order] for order in wanted if order in rows and order not in held]
    master = _MasterData(new, run, get_frozen(version))
    issues = [
        FirmIssue(path=f"/orders/{number}", message=why)
        for number, order in enumerate(orders)
        if order not in held
        and (why := master.obstacle(rows[order]) if order in rows else f"The plan has no order {order}.")
    ]
    if issues:
        raise CannotFirm(issues)
    held |= {row.planned_order: row for row in _create(version, new, master, by)}
    return [held[order] for order in wanted]


@transaction.atomic
def unfirm_order(*, ref: str, by: Any = None) -> None:
    """Let planning decide again."""
    row = FirmOrder.objects.select_for_update(of=("self",)).filter(ref=ref).first()
    if row is None:
        raise FirmOrderNotFound(f"There is no firm planned order {ref}.")
    row.changed_by = by
    row.delete()


@transaction.atomic
def unfirm_planned_orders(*, version: int, orders: Sequence[str], by: Any = None) -> list[str]:
    """Let go of what became of a plan's orders, or of firm orders that the plan knew; the refs that went."""
    if not PlanRun.objects.filter(pk=version).exists():
        raise PlanNotFound(f"There is no plan {version}.")
    chosen = Q(plan_version=version, planned_order__in=orders) | Q(ref__in=orders)
    rows = FirmOrder.objects.select_for_update(of=("self",)).filter(chosen).order_by("pk")
    gone = []
    for row in rows:
        row.changed_by = by
        row.delete()
        gone.append(row.ref)
    return gone


def firm_frozen_zone(*, run: PlanRun, by: Any = None) -> list[FirmOrder]:
    """Fix what a plan that is being published sends out in its frozen days; part of that transaction.

    What cannot be fixed any more (it was ordered, its item or its source is gone) is left to the next plan.
    """
    rows, master = _frozen_zone(run)
    return _create(run.pk, rows, master, by)


def count_frozen_zone(run: PlanRun) -> int:
    """How many orders publishing the plan would make firm, as things stand."""
    return len(_frozen_zone(run)[0])


def _frozen_zone(run: PlanRun) -> tuple[list[PlannedOrder], "_MasterData"]:
    frozen = get_frozen(run.pk)
    end = frozen.as_of + dt.timedelta(days=frozen.frozen_days)
    rows = PlannedOrder.objects.filter(run=run, firm=False, work_order=None, release__lt=end)
    if not frozen.frozen_days:
        rows = rows.none()
    held = _firm_of(run.pk).values("planned_order")
    new = list(rows.exclude(order__in=held).exclude(was_ordered()).order_by("release", "pk"))
    master = _MasterData(new, run, frozen)
    return [row for row in new if not master.obstacle(row)], master


def _firm_of(version: int) -> Any:
    return FirmOrder.objects.filter(plan_version=version).select_related("item", "supplier")


def _lock() -> None:
    """One at a time: two planners must not get the same number. Publishing holds the same lock."""
    FactorySettings.objects.select_for_update().first()


class _MasterData:
    """Items, suppliers, sources and orders as they are now, of some planned orders. At most 7 queries."""

    def __init__(self, rows: Iterable[PlannedOrder], run: PlanRun, frozen: FrozenInput) -> None:
        rows = list(rows)
        ordered = PurchaseOrderLine.objects.filter(
            planned_in=run.pk, planned_order__in=[row.order for row in rows]
        )
        self.ordered = dict(ordered.values_list("planned_order", "ref"))
        self.ordered_since = find_ordered_since(run, {row.item for row in rows})
        self.items = {row.code: row for row in Item.objects.filter(code__in={row.item for row in rows})}
        suppliers = {row.supplier for row in rows if row.supplier is not None}
        self.suppliers = {row.code: row for row in Supplier.objects.filter(code__in=suppliers)}
        self.sellers: dict[str, set[str]] = defaultdict(set)
        sources = ItemSource.objects.filter(item__code__in=list(self.items))
        for item, supplier in sources.values_list("item__code", "supplier__code"):
            self.sellers[item].add(supplier)
        others = FirmOrder.objects.filter(item__code__in=list(self.items)).exclude(
            Q(plan_version=run.pk) & Q(plan_version__isnull=False) | Q(ref__in=frozen.firm_refs)
        )
        self.unknown = dict(others.order_by("-ref").values_list("item__code", "ref"))

    def obstacle(self, row: PlannedOrder) -> str:
        """Why the planned order cannot be made firm; empty when it can."""
        if row.work_order is not None:
            return f"{row.order} is a released work order: it stands already."
        if row.firm:
            return f"{row.order} is firm already."
        if row.order in self.ordered:
            return f"{row.order} was ordered already, on {self.ordered[row.order]}: it comes as ordered."
        item = self.items.get(row.item)
        if item is None:
            return f"{row.order} is of {row.item}, which is not there any more."
        if row.item in self.ordered_since:
            other = self.ordered_since[row.item]
            return f"{row.order}: the plan does not know {other}, also of {row.item}. Build a new plan first."
        if row.item in self.unknown:
            other = self.unknown[row.item]
            return f"{row.order}: the plan does not know {other}, also of {row.item}. Build a new plan first."
        return self._source_obstacle(row, item)

    def _source_obstacle(self, row: PlannedOrder, item: Item) -> str:
        if row.kind == OrderKind.MAKE:
            return "" if item.kind == ItemKind.MAKE else f"{row.order}: {row.item} is not made any more."
        sellers = self.sellers[row.item]
        is_sold = row.supplier in sellers if row.supplier or sellers else item.kind == ItemKind.BUY
        return (
            "" if is_sold else f"{row.order}: {row.supplier or 'nobody'} does not sell {row.item} any more."
        )


def _create(version: int, rows: Sequence[PlannedOrder], master: _MasterData, by: Any) -> list[FirmOrder]:
    firm = [
        FirmOrder(
            ref=ref,
            item=master.items[row.item],
            kind=row.kind,
            qty=row.qty,
            due=row.due,
            release=row.release,
            supplier=master.suppliers[row.supplier] if row.supplier else None,
            plan_version=version,
            planned_order=row.order,
        )
        for row, ref in zip(rows, _numbers() if rows else (), strict=False)
    ]
    if firm:
        bulk_create_with_history(firm, FirmOrder, batch_size=BATCH, default_user=by)
    return firm


def _numbers() -> Iterator[str]:
    """Numbers that no order has, firm, purchase or work: they share one place in a plan."""
    taken = set[str]()
    for table in (FirmOrder, PurchaseOrderLine, WorkOrder):
        taken.update(table._default_manager.filter(ref__startswith=PREFIX).values_list("ref", flat=True))
    used = (ref.removeprefix(PREFIX) for ref in taken)
    number = max((int(text) for text in used if text.isascii() and text.isdigit()), default=0)
    while True:
        number += 1
        yield f"{PREFIX}{number:06d}"
