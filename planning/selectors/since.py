"""What came to an item's supply after a plan had read it: purchases, and firm planned orders.

A plan that does not know of it plans the same supply once more. The frozen input, which is large, is parsed
only where something new was found.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Q

from inventory.models import PurchaseOrderLine
from planning.engine.factory_codec import parse_json
from planning.models import FirmOrder, PlannedOrder, PlanRun


def find_ordered_since(run: PlanRun, codes: Collection[str]) -> dict[str, str]:
    """Items with an open order that the plan did not know when it was built, and that it did not ask for."""
    placed = PurchaseOrderLine.objects.open().filter(item__code__in=codes, placed_at__gte=run.requested_at)
    others = placed.exclude(planned_in=run.pk).order_by("pk").values_list("item__code", "ref")
    return _unknown(run, list(others), "purchase_orders")


def find_unknown_firm(run: PlanRun, codes: Collection[str]) -> dict[str, str]:
    """Items with a firm order that was neither made of this plan's orders nor known to it."""
    others = FirmOrder.objects.filter(item__code__in=codes).exclude(
        Q(plan_version=run.pk) & Q(plan_version__isnull=False)
    )
    known = PlannedOrder.objects.filter(run=run, firm=True).values("order")
    found = others.exclude(ref__in=known).order_by("-ref").values_list("item__code", "ref")
    return _unknown(run, list(found), "firm_orders")


def _unknown(run: PlanRun, found: list[tuple[str, str]], section: str) -> dict[str, str]:
    if not found:
        return {}
    text = PlanRun.objects.filter(pk=run.pk).values_list("factory_json", flat=True).get()
    known = {row["ref"] for row in parse_json(text).get(section, [])}
    return {code: ref for code, ref in found if ref not in known}


def firm_behind(version: int, rows: Iterable[PlannedOrder]) -> Any:
    """Firm orders that a plan's orders are or became, in primary-key order."""
    listed = list(rows)
    became = Q(plan_version=version, planned_order__in=[row.order for row in listed])
    known = Q(ref__in=[row.order for row in listed if row.firm])
    return FirmOrder.objects.filter(became | known).order_by("pk")


def find_firm(version: int, rows: Iterable[PlannedOrder]) -> dict[str, FirmOrder]:
    """The firm order that stands behind each planned order of a plan, by the id of the latter. 1 query."""
    listed = list(rows)
    ids = {row.order for row in listed if row.firm}
    found = firm_behind(version, listed).select_related("item", "supplier")
    return {firm.ref if firm.ref in ids else firm.planned_order: firm for firm in found}


def how_firm_ended(refs: Collection[str]) -> dict[str, str]:
    """What the history says of firm orders that are gone, where it says something. At most 1 query."""
    if not refs:
        return {}
    gone = FirmOrder.history.filter(ref__in=refs, history_type="-").order_by("history_id")
    return {ref: why for ref, why in gone.values_list("ref", "history_change_reason") if why}
