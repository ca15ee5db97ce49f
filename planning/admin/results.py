"""What the tabs of a plan's results show: columns, order, groups, filters. One query a tab."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import CharField, OuterRef, Subquery, Value

from inventory.models import Item
from inventory.models.fields import plain
from planning.engine.plan import STAGES
from planning.models import FactorySettings, PlannedOperation, PlanPromise, PlanRun
from planning.selectors import results


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """``read`` gives the value of a file, ``show`` that of the screen."""

    key: str
    label: str
    read: Callable[[Any], Any]
    css: str = ""
    is_wage: bool = False

    def show(self, row: Any) -> str:
        return shown(self.read(row))


def shown(value: Any) -> str:
    """A value on the screen."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return str(value)


def column(key: str, label: str = "", *, css: str = "", read: Any = None, is_wage: bool = False) -> Column:
    """A column that is an attribute of the row, unless ``read`` says otherwise."""
    return Column(
        key=key,
        label=label or key.replace("_", " ").capitalize(),
        read=read or (lambda row: getattr(row, key)),
        css=css,
        is_wage=is_wage,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A page of results: ``list_rows`` gives its rows, ``filter_by`` is the column of its one filter."""

    name: str
    label: str
    columns: tuple[Column, ...]
    list_rows: Callable[[PlanRun], Any]
    group: Callable[[Any], str] | None = None
    filter_by: str = ""
    choices: Callable[[PlanRun], Sequence[str]] | None = None
    template: str = "table"
    empty: str = "Nothing here."

    def columns_for(self, *, wages: bool) -> list[Column]:
        return [one for one in self.columns if wages or not one.is_wage]

    def filtered(self, run: PlanRun, query: Any) -> Any:
        rows = self.list_rows(run)
        # A NUL is in no name, and PostgreSQL refuses to look for one.
        wanted = query.get(self.filter_by, "").replace("\0", "") if self.filter_by else None
        return rows.filter(**{self.filter_by: wanted}) if wanted else rows


def _item_name() -> Subquery:
    return Subquery(Item.objects.filter(code=OuterRef("item")).values("name")[:1])


def _reasons(row: PlanPromise) -> str:
    return "; ".join(f"{reason['text']} ({reason['days']} d)" for reason in row.reasons)


def _monday(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def _moment(name: str) -> Callable[[Any], dt.datetime]:
    """A moment in the time of the factory, whose zone the query put beside it; spreadsheets know no zones."""
    return lambda row: getattr(row, name).astimezone(ZoneInfo(row.zone)).replace(tzinfo=None)


def _operations(run: PlanRun) -> Any:
    factory = FactorySettings.objects.first()
    zone = Value(factory.time_zone if factory else "UTC", output_field=CharField())
    return results.list_operations(run.pk).annotate(zone=zone, item_name=_item_name())


def _work_centres(run: PlanRun) -> list[str]:
    rows = PlannedOperation.objects.filter(run=run, work_centre__isnull=False)
    names = rows.order_by("work_centre").values_list("work_centre", flat=True).distinct()
    return [name for name in names if name]


def _purchases(run: PlanRun) -> Any:
    return results.list_purchases(run.pk).annotate(item_name=_item_name())


def _made(run: PlanRun) -> Any:
    return results.list_planned_orders(run.pk).filter(kind="make").annotate(item_name=_item_name())


def _names(name: str) -> Callable[[PlanRun], Sequence[str]]:
    def choices(run: PlanRun) -> Sequence[str]:
        rows = _purchases(run).exclude(**{f"{name}__isnull": True})
        return list(rows.order_by(name).values_list(name, flat=True).distinct())

    return choices


NUMBER, LATE = "dl-num", "dl-num dl-days-late"
_ORDERS = Tab(
    name="orders",
    label="Orders",
    list_rows=lambda run: results.list_promises(run.pk),
    empty="No instalment of a confirmed order was open.",
    columns=(
        column("sales_order", "Order"),
        column("customer", css="dl-wrap"),
        column("line", css=NUMBER),
        column("instalment", "Inst.", css=NUMBER),
        column("item"),
        column("qty", css=NUMBER),
        column("requested"),
        column("promised", read=lambda row: row.promised or "no date"),
        column("days_late", css=LATE),
        column("reasons", "Why", css="dl-wide", read=_reasons),
    ),
)
_BUY = Tab(
    name="buy",
    label="Buy",
    list_rows=_purchases,
    group=lambda row: f"Week of {_monday(row.release)}",
    filter_by="supplier",
    choices=_names("supplier"),
    empty="Nothing needs to be bought.",
    columns=(
        column("release", "Order by"),
        column("supplier"),
        column("item"),
        column("item_name", "Name", css="dl-wide"),
        column("qty", css=NUMBER),
        column("due", "In stock"),
        column("firm"),
        column("order", "Planned order"),
    ),
)
_MAKE = Tab(
    name="make",
    label="Make",
    list_rows=_made,
    group=lambda row: f"Week of {_monday(row.release)}",
    empty="Nothing needs to be made.",
    columns=(
        column("release", "Start by"),
        column("item"),
        column("item_name", "Name", css="dl-wide"),
        column("qty", css=NUMBER),
        column("due", "In stock"),
        column("work_order"),
        column("firm"),
        column("order", "Planned order"),
    ),
)
_OPERATIONS = Tab(
    name="operations",
    label="Operations",
    list_rows=_operations,
    group=lambda row: row.work_centre or "Outside",
    filter_by="work_centre",
    choices=_work_centres,
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
        column("order", "Planned order"),
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
            )
        ),
        column("cost", is_wage=True),
    ),
)
_LOAD = Tab(
    name="load",
    label="Load",
    list_rows=lambda run: results.list_load(run.pk),
    group=lambda row: row.work_centre,
    filter_by="work_centre",
    choices=_work_centres,
    columns=(
        column("work_centre"),
        column("week"),
        column("available_hours", css=NUMBER),
        column("required_hours", css=NUMBER),
        column(
            "load_percent",
            "Load %",
            css=NUMBER,
            read=lambda row: 100 * row.required_hours / row.available_hours if row.available_hours else None,
        ),
    ),
)
_EXCEPTIONS = Tab(
    name="exceptions",
    label="Exceptions",
    list_rows=lambda run: results.list_exceptions(run.pk),
    group=lambda row: row.get_severity_display(),
    empty="Nothing needs attention.",
    columns=(
        column("severity"),
        column("code"),
        column("entity"),
        column("text", "What", css="dl-wide"),
        column("suggestion", css="dl-wide"),
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
        column("objective", css=NUMBER, is_wage=True),
        column("bound", css=NUMBER, is_wage=True),
        column(
            "gap_percent",
            "Gap %",
            css=NUMBER,
            read=lambda row: None if row.gap is None else round(100 * row.gap, 3),
        ),
        column("seconds", css=NUMBER),
        column("solver"),
    ),
)
TABS = {
    tab.name: tab for tab in (_ORDERS, _BUY, _MAKE, _OPERATIONS, _PEOPLE, _LOAD, _EXCEPTIONS, _CERTIFICATE)
}
