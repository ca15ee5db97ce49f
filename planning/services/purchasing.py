"""Purchase proposals become purchase orders: one for each supplier and ISO week of release.

All or nothing. A planned order is ordered at most once, which the database keeps; whoever comes second is
told which rows were ordered, and on what. The firm order behind a proposal ends in the same transaction, so
that the next plan counts the supply once: as the purchase order.

Locks are taken in this order, here and when orders are made firm or a plan is published: the factory's
settings, the plan, firm orders by primary key, numbers. Letting go of firm orders locks only these.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import transaction

from inventory.models import PurchaseOrder, PurchaseOrderLine
from inventory.services import NewPurchaseLine, place_purchase_order
from planning.errors import (
    AlreadyOrdered,
    NothingToOrder,
    NotOrderable,
    OrderIssue,
    PlanNotFound,
    PlanNotReady,
)
from planning.models import BUILT, FactorySettings, FirmOrder, PlannedOrder, PlanRun
from planning.selectors.proposals import Proposal, judge
from planning.selectors.purchasing import Wanted, find_plan_problem, list_proposals, planning_day
from planning.selectors.since import firm_behind


@transaction.atomic
def order_proposals(
    *,
    version: int,
    now: dt.datetime,
    orders: Sequence[str] | None = None,
    supplier: str | None = None,
    release_to: dt.date | None = None,
    by: Any = None,
) -> list[PurchaseOrder]:
    """Order what was chosen: planned orders by id, or all of a supplier or before a day.

    Ids that are not in the plan, that were ordered, or that cannot be ordered refuse the whole. A choice by
    supplier or day takes what is not ordered yet; proposals without a supplier belong to no such choice.
    """
    # As when a plan is published: one at a time, so that no other plan orders the same beside this one.
    FactorySettings.objects.select_for_update().first()
    run = _lock_run(version)
    if orders is None and supplier is None and release_to is None:
        raise NothingToOrder(
            "Choose what to order: planned orders, a supplier, or a day before which to order."
        )
    if orders is not None:
        chosen = _named(run, orders)
    else:
        chosen = _not_ordered(run, Wanted(supplier=supplier, released_before=release_to))
    _refuse(run, list(chosen.values()), orders)
    placed = _place(run, chosen.values(), now=now, by=by)
    _end_firm_orders(run, chosen.values(), by)
    return placed


def _lock_run(version: int) -> PlanRun:
    run = PlanRun.objects.defer("factory_json").select_for_update(of=("self",)).filter(pk=version).first()
    if run is None:
        raise PlanNotFound(f"There is no plan {version}.")
    if run.status not in BUILT:
        raise PlanNotReady(f"Plan {version} is {run.get_status_display().lower()}: it proposes nothing.")
    return run


def _named(run: PlanRun, ids: Sequence[str]) -> dict[str, Proposal]:
    """The proposals with these ids; those that are none are refused by their place."""
    found = {line.order: line for line in _judge_locked(run, list_proposals(run.pk, Wanted(orders=ids)))}
    missing = [
        OrderIssue(f"/orders/{place}", f"{one} is no purchase that plan {run.pk} proposes.")
        for place, one in enumerate(ids)
        if one not in found
    ]
    if missing:
        raise NotOrderable(missing)
    return found


def _not_ordered(run: PlanRun, wanted: Wanted) -> dict[str, Proposal]:
    """What is left to order; ``AlreadyOrdered`` where all of it was."""
    lines = _judge_locked(run, list_proposals(run.pk, wanted).exclude(supplier=None))
    left = {line.order: line for line in lines if line.purchase_order is None}
    if lines and not left:
        raise AlreadyOrdered([OrderIssue("/", _ordered(line)) for line in lines])
    if not lines:
        raise NothingToOrder(f"Plan {run.pk} proposes no purchase that fits this choice.")
    return left


def _judge_locked(run: PlanRun, proposals: Iterable[PlannedOrder]) -> list[Proposal]:
    """Judged while nobody can let go of a firm order behind them."""
    rows = list(proposals)
    list(firm_behind(run.pk, rows).select_for_update())
    return judge(run, rows)


def _refuse(run: PlanRun, lines: list[Proposal], ids: Sequence[str] | None) -> None:
    stale = find_plan_problem(run)
    if stale is not None:
        raise NotOrderable([OrderIssue("/", str(stale))])
    places = {one: f"/orders/{place}" for place, one in enumerate(ids or ())}
    ordered = [
        OrderIssue(places.get(line.order, "/"), _ordered(line)) for line in lines if line.purchase_order
    ]
    if ordered:
        raise AlreadyOrdered(ordered)
    problems = [
        OrderIssue(places.get(line.order, "/"), f"{line.order}: {line.problem}")
        for line in lines
        if line.problem is not None
    ]
    if problems:
        raise NotOrderable(problems)
    if not lines:
        raise NothingToOrder("Choose at least one planned order.")


def _ordered(line: Proposal) -> str:
    return f"{line.order} ({line.item}) was ordered already, on {line.purchase_order}."


def _place(run: PlanRun, chosen: Any, *, now: dt.datetime, by: Any) -> list[PurchaseOrder]:
    day = planning_day()
    return [
        place_purchase_order(
            supplier_id=lines[0].supplier_id,  # type: ignore[arg-type]
            order_date=day,
            lines=[_line(run, line) for line in lines],
            now=now,
            by=by,
        )
        for lines in _by_supplier_and_week(chosen)
    ]


def _end_firm_orders(run: PlanRun, chosen: Iterable[Proposal], by: Any) -> None:
    """The firm orders that were ordered are firm no longer: they are under way. The history says on what."""
    ended = {line.firm_order: line.order for line in chosen if line.firm_order is not None}
    lines = PurchaseOrderLine.objects.filter(planned_in=run.pk, planned_order__in=ended.values())
    refs = dict(lines.values_list("planned_order", "ref"))
    for firm in FirmOrder.objects.filter(ref__in=ended).order_by("pk"):
        firm.changed_by = by
        firm._change_reason = f"ordered on {refs[ended[firm.ref]]}"  # type: ignore[attr-defined]  # noqa: SLF001
        firm.delete()


def _by_supplier_and_week(chosen: Any) -> Iterator[list[Proposal]]:
    groups: dict[tuple[dt.date, str], list[Proposal]] = defaultdict(list)
    for line in sorted(chosen, key=lambda each: (each.due, each.item, each.order)):
        groups[line.week, line.supplier or ""].append(line)
    for key in sorted(groups):
        yield groups[key]


def _line(run: PlanRun, line: Proposal) -> NewPurchaseLine:
    return NewPurchaseLine(
        item_id=line.item_id,  # type: ignore[arg-type]
        qty=line.qty,
        due=line.due,
        unit_cost=line.unit_cost,
        planned_in=run.pk,
        planned_order=line.order,
    )
