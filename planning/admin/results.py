"""What the tabs of a plan's results show: columns, order, groups, filters. One query a tab."""

import datetime as dt
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, Exists, OuterRef, Q, Subquery, Value

from inventory.models import Item
from planning.admin.cards_view import HIRING
from planning.admin.load_view import load_view
from planning.admin.material_tabs import EXCEPTIONS, MATERIAL
from planning.admin.schedule_view import days_choices, narrow, schedule_view
from planning.admin.tabs import NUMBER, Filter, Tab, column, delivery_link, item_link, order_link
from planning.engine.plan import STAGES
from planning.models import (
    FirmOrder,
    PinnedOperation,
    PlannedOperation,
    PlanPromise,
    PlanRun,
)
from planning.selectors import results
from planning.selectors.factory import get_zone


def _item_name() -> Subquery:
    return Subquery(Item.objects.filter(code=OuterRef("item")).values("name")[:1])


def _reasons(row: PlanPromise) -> str:
    return "; ".join(_with_days(reason["text"].rstrip("."), f"{reason['days']:g}") for reason in row.reasons)


def _with_days(text: str, days: str) -> str:
    """Most reasons tell their days themselves."""
    return text if f"{days} days" in text else f"{text} ({days} d)"


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _moment(name: str) -> Callable[[Any], dt.datetime]:
    """A moment in the time of the factory, whose zone the query put beside it; spreadsheets know no zones."""
    return lambda row: getattr(row, name).astimezone(ZoneInfo(row.zone)).replace(tzinfo=None)


def _operations(run: PlanRun) -> Any:
    zone = Value(get_zone().key, output_field=CharField())
    rows = results.list_operations(run.pk).annotate(zone=zone, item_name=_item_name())
    return rows.annotate(pinned=_is_pinned())


def _is_pinned() -> Any:
    """Whether the next plans keep the operation where it is: by its released order, or its firm one."""
    pins = PinnedOperation.objects.filter(seq=OuterRef("seq"))
    released = Exists(pins.filter(work_order__ref=OuterRef("order")))
    known = Exists(pins.filter(firm_order__ref=OuterRef("order")))
    became = {"firm_order__plan_version": OuterRef("run_id"), "firm_order__planned_order": OuterRef("order")}
    return released | known | Exists(pins.filter(**became))


def _work_centres(run: PlanRun) -> list[tuple[str, str]]:
    rows = PlannedOperation.objects.filter(run=run, work_centre__isnull=False)
    names = rows.order_by("work_centre").values_list("work_centre", flat=True).distinct()
    return [(name, name) for name in names if name]


def _planned(kind: str) -> Callable[[PlanRun], Any]:
    """Planned orders with the firm order that each has become, or stood as already."""
    became = Q(plan_version=OuterRef("run_id"), planned_order=OuterRef("order"))
    firm_order = FirmOrder.objects.filter(became | Q(ref=OuterRef("order"))).values("ref")[:1]

    def rows(run: PlanRun) -> Any:
        planned = results.list_planned_orders(run.pk).filter(kind=kind)
        return planned.annotate(item_name=_item_name(), firm_order=Subquery(firm_order))

    return rows


def _suppliers(run: PlanRun) -> Sequence[tuple[str, str]]:
    rows = results.list_purchases(run.pk).filter(supplier__isnull=False).order_by("supplier")
    return [(name, name) for name in rows.values_list("supplier", flat=True).distinct() if name]


_ITEM = column("item", link=item_link, route="plan-item-material")
_ORDER = column("order", "Planned order", link=order_link, route="plan-pegging-tree")
LATE = "dl-num dl-days-late"
_ORDERS = Tab(
    name="orders",
    label="Orders",
    list_rows=lambda run: results.list_promises(run.pk),
    empty="No instalment of a confirmed order was open.",
    columns=(
        column("sales_order", "Order", link=delivery_link, route="plan-pegging-tree"),
        column("customer", css="dl-wrap"),
        column("line", css=NUMBER),
        column("instalment", "Inst.", css=NUMBER),
        _ITEM,
        column("qty", css=NUMBER),
        column("requested"),
        column("promised", read=lambda row: row.promised or "no date"),
        column("days_late", css=LATE),
        column("earliest", "Never before", read=lambda row: row.earliest or ""),
        column("reasons", "Why", css="dl-wide", read=_reasons),
    ),
)
_BUY = Tab(
    name="buy",
    label="Buy",
    list_rows=_planned("buy"),
    group=lambda row: f"Week of {_monday(row.release)}",
    filters=(
        Filter(name="supplier", label="Supplier", choices=_suppliers),
        Filter(name="item", label="Item"),
    ),
    is_fixable=True,
    empty="Nothing needs to be bought.",
    columns=(
        column("release", "Order by"),
        column("supplier"),
        _ITEM,
        column("item_name", "Name", css="dl-wide"),
        column("qty", css=NUMBER),
        column("due", "In stock"),
        column("firm"),
        column("firm_order", "Firm as"),
        _ORDER,
    ),
)
_MAKE = Tab(
    name="make",
    label="Make",
    list_rows=_planned("make"),
    group=lambda row: f"Week of {_monday(row.release)}",
    filters=(Filter(name="item", label="Item"),),
    is_fixable=True,
    empty="Nothing needs to be made.",
    columns=(
        column("release", "Start by"),
        _ITEM,
        column("item_name", "Name", css="dl-wide"),
        column("qty", css=NUMBER),
        column("due", "In stock"),
        column("work_order"),
        column("firm"),
        column("firm_order", "Firm as"),
        _ORDER,
    ),
)
_WORK_CENTRE = Filter(name="work_centre", label="Work centre", choices=_work_centres)
_OPERATIONS = Tab(
    name="operations",
    label="Operations",
    list_rows=_operations,
    group=lambda row: row.work_centre or "Outside",
    template="operations",
    context=lambda run, wages, query: schedule_view(run, query),
    filters=(
        _WORK_CENTRE,
        Filter(name="from", label="From", typed="date"),
        Filter(name="days", label="For", choices=days_choices),
    ),
    narrow=narrow,
    is_pinnable=True,
    empty="Nothing is made.",
    columns=(
        column("work_centre"),
        column("station", css=NUMBER),
        column("start", read=_moment("start")),
        column("end", read=_moment("end")),
        column("free", "Station free", read=_moment("free")),
        column("item"),
        column("item_name", "Name", css="dl-wide"),
        column("seq", "Step", css=NUMBER),
        column("qty", css=NUMBER),
        column("skill"),
        column("crew", css=NUMBER),
        column("pinned"),
        _ORDER,
    ),
)
_PEOPLE = Tab(
    name="people",
    label="People",
    list_rows=lambda run: results.list_staffing(run.pk),
    template="people",
    columns=(
        *(
            column(name)
            for name in (
                "skill",
                "month",
                "headcount",
                "hires",
                "requisition_by",
                "leavers",
                "layoffs",
                "temp_heads",
                "available_hours",
                "required_hours",
                "overtime_hours",
                "moved_in",
                "moved_out",
                "training_heads",
            )
        ),
        column("cost", is_wage=True),
        column("wage_per_hour", is_wage=True),
    ),
)
_LOAD = Tab(
    name="load",
    label="Load",
    list_rows=lambda run: results.list_load(run.pk),
    template="load",
    context=lambda run, wages, query: load_view(run),
    group=lambda row: row.work_centre,
    filters=(_WORK_CENTRE,),
    columns=(
        column("work_centre"),
        column("week"),
        column("available_hours", css=NUMBER, places=1),
        column("required_hours", css=NUMBER, places=1),
        column(
            "load_percent",
            "Load %",
            css=NUMBER,
            places=1,
            read=lambda row: 100 * row.required_hours / row.available_hours if row.available_hours else None,
        ),
    ),
)


def _stage_rows(run: PlanRun) -> list[Any]:
    certificate = run.certificate or {}
    return [SimpleNamespace(stage=stage, **certificate[stage]) for stage in STAGES if stage in certificate]


_CERTIFICATE = Tab(
    name="certificate",
    label="Certificate",
    list_rows=_stage_rows,
    template="certificate",
    columns=(
        column("stage"),
        column("status"),
        column("objective", css=NUMBER, is_wage=True, places=2),
        column("bound", css=NUMBER, is_wage=True, places=2),
        column(
            "gap_percent",
            "Gap %",
            css=NUMBER,
            read=lambda row: None if row.gap is None else round(100 * row.gap, 3),
        ),
        column("seconds", css=NUMBER, places=1),
        column("solver"),
    ),
)
TABS = {
    tab.name: tab
    for tab in (
        _ORDERS,
        MATERIAL,
        _BUY,
        _MAKE,
        _OPERATIONS,
        _PEOPLE,
        HIRING,
        _LOAD,
        EXCEPTIONS,
        _CERTIFICATE,
    )
}
