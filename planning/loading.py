"""Rows to ``Factory``: the one way in which stored data reaches the engine, an export or a plan run.

All tables are read in one consistent snapshot and a fixed number of queries, whatever the size of
the factory. Orders on hold and cancelled ones are left out: they are neither planned nor exchanged.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, models, transaction
from django.db.models.functions import Coalesce

from inventory.models import (
    BomLine,
    BomSubstitute,
    ByProduct,
    Item,
    ItemSource,
    PriceBreak,
    PurchaseOrderLine,
    Supplier,
)
from inventory.models.boms import in_force_from, in_force_to
from inventory.selectors import list_balances
from orders.models import Customer, Instalment, Milestone, OrderLine, OrderStatus, SalesOrder
from planning.engine.errors import InvalidFactory
from planning.engine.factory import CashRow, Factory, PolicyRow, SkillRow, SkillShiftRow, StaffingRow
from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import factory_from_json
from planning.errors import NoFactory
from planning.models import (
    Absence,
    Closure,
    CrossTraining,
    Downtime,
    ExtraShift,
    FactorySettings,
    FirmOrder,
    HiringBudget,
    HiringDecision,
    ItemLeadTimeCalendar,
    Operation,
    OperationAlternate,
    PinnedOperation,
    SetupTime,
    Shift,
    Skill,
    SkillRaise,
    SkillRamp,
    SkillRatio,
    SkillShift,
    SourceLeadTimeCalendar,
    WorkCalendar,
    WorkCentre,
    WorkOrder,
)

Values = dict[str, Any]

EXCHANGED_STATUSES = (OrderStatus.QUOTE, OrderStatus.CONFIRMED, OrderStatus.SHIPPED)

# Columns that are keys of the format, under the same name.
_STAFFING_LISTS = {"ratios", "ramps", "hiring_budgets", "cross_training"}
STAFFING_COLUMNS = tuple(name for name in StaffingRow.model_fields if name not in _STAFFING_LISTS)
POLICY_COLUMNS = tuple(PolicyRow.model_fields)
# Columns of the factory, which begin with "cash_".
CASH_COLUMNS = tuple(CashRow.model_fields)
SKILL_COLUMNS = tuple(name for name in SkillRow.model_fields if name not in {"calendar", "raises", "shifts"})
SKILL_SHIFT_COLUMNS = tuple(SkillShiftRow.model_fields)
WAY_COLUMNS = ("max_per_month", "weeks", "productivity", "cost")
ITEM_COLUMNS = (
    "code",
    "name",
    "kind",
    "unit_cost",
    "price",
    "units_made",
    "earliest_production",
    "safety_stock",
    "min_order",
    "max_order",
    "order_multiple",
    "group_days",
    "lead_time_days",
    "lot_rule",
    "order_cost",
    "safety_days",
    "fence_days",
    "make_priority",
)
SOURCE_COLUMNS = (
    "lead_time_days",
    "min_order",
    "order_multiple",
    "unit_cost",
    "capacity_per_week",
    "priority",
)
OPERATION_COLUMNS = (
    "seq",
    "name",
    "crew",
    "setup_h",
    "run_h",
    "lot",
    "unattended_h",
    "setup_family",
    "overlap",
    "queue_h",
    "external_days",
)
WORK_CENTRE_COLUMNS = ("code", "name", "stations", "batch", "efficiency", "cost_per_hour")
ORDER_COLUMNS = ("ref", "customer_reference", "kind", "order_date", "delivery_policy")
LINE_COLUMNS = (
    "line",
    "qty",
    "unit_price",
    "priority",
    "late_cost_per_day",
    "late_cost_fixed",
    "lease_months",
)
FIRM_ORDER_COLUMNS = ("ref", "kind", "qty", "due", "release")
WORK_ORDER_COLUMNS = ("ref", "qty", "due", "start", "done_through_seq", "done_qty", "components_issued")


@contextmanager
def snapshot() -> Iterator[None]:
    """All reads inside see the database as it was at the first of them.

    Within a caller's transaction it is that transaction which counts.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def load_factory(as_of: dt.date | None = None) -> Factory:
    """The stored factory on the planning date ``as_of`` (the stored one unless given), checked.

    Raises ``NoFactory`` before the first import, and ``InvalidFactory`` with every disagreement
    between rows, each with its place in factory-1.
    """
    with snapshot():
        values = read_values(as_of)
    factory = factory_from_json(values)
    issues = check_factory(factory)
    if issues:
        raise InvalidFactory(issues)
    return factory


def read_values(as_of: dt.date | None = None) -> Values:
    """Every table as factory-1 would say it, in key order; 37 queries."""
    settings = FactorySettings.objects.first()
    if settings is None:
        raise NoFactory("There is no factory yet: import one with `manage.py import_factory FILE`.")
    calendar_codes = dict(WorkCalendar.objects.values_list("pk", "code"))
    return {
        "format": "factory-1",
        "name": settings.name,
        "about": settings.about,
        "currency": settings.currency,
        "time_zone": settings.time_zone,
        "as_of": as_of or settings.as_of,
        "horizon_end": settings.horizon_end,
        "calendars": _calendars(calendar_codes),
        "skills": _skills(),
        "staffing": _staffing(settings),
        "work_centres": _rows(WorkCentre, WORK_CENTRE_COLUMNS, order=("code",), calendar="calendar__code"),
        "items": _items(calendar_codes),
        "sources": _sources(calendar_codes),
        "bom": _bom(),
        "by_products": _rows(
            ByProduct,
            ("qty",),
            order=("parent__code", "item__code", "effective_from", "pk"),
            parent="parent__code",
            item="item__code",
            **{"from": "effective_from", "to": "effective_to"},
        ),
        "routings": _routings(),
        "setup_times": _rows(
            SetupTime,
            ("from_family", "to_family", "hours"),
            order=("work_centre__code", "from_family", "to_family"),
            work_centre="work_centre__code",
        ),
        "suppliers": _rows(Supplier, ("code", "name"), order=("code",)),
        "customers": _rows(Customer, ("code", "name", "priority"), order=("code",)),
        "sales_orders": _sales_orders(),
        "stock": _stock(),
        "purchase_orders": _purchase_orders(),
        "work_orders": _rows(WorkOrder, WORK_ORDER_COLUMNS, order=("ref",), item="item__code"),
        "firm_orders": _rows(
            FirmOrder, FIRM_ORDER_COLUMNS, order=("ref",), item="item__code", supplier="supplier__code"
        ),
        "downtimes": _downtimes(settings.time_zone),
        "absences": _rows(
            Absence,
            ("heads", "name"),
            order=("skill__code", "absent_from", "name"),
            skill="skill__code",
            **{"from": "absent_from", "to": "absent_to"},
        ),
        "pinned_operations": _pins(as_of or settings.as_of, settings.time_zone),
        "hiring_decisions": _rows(
            HiringDecision,
            ("month", "heads", "verdict"),
            order=("skill__code", "month"),
            skill="skill__code",
            name="note",
        ),
        "cash": {name: getattr(settings, f"cash_{name}") for name in CASH_COLUMNS},
        "policy": {name: getattr(settings, name) for name in POLICY_COLUMNS},
    }


def _rows(
    model: type[models.Model],
    columns: Iterable[str],
    *,
    order: Iterable[str],
    **others: str | models.Expression,
) -> list[Values]:
    """Rows of one table as dictionaries; ``others`` maps a key of the format to a lookup."""
    lookups = {**{name: name for name in columns}, **others}
    keys = list(lookups)
    found: Iterable[tuple[Any, ...]] = models.QuerySet(model).order_by(*order).values_list(*lookups.values())
    return [dict(zip(keys, row, strict=True)) for row in found]


def _grouped(
    rows: list[Values], owner: str, change: Callable[[Values], None] | None = None
) -> dict[Any, list[Values]]:
    """Rows by the value of ``owner``, which is taken out of them."""
    groups: dict[Any, list[Values]] = defaultdict(list)
    for row in rows:
        if change is not None:
            change(row)
        groups[row.pop(owner)].append(row)
    return groups


def _clock_times(row: Values) -> None:
    row["start"], row["end"] = (f"{row[name]:%H:%M}" for name in ("start", "end"))


def _calendars(codes: dict[int, str]) -> list[Values]:
    times = ("calendar_id", "start", "end")
    shifts = _grouped(_rows(Shift, (*times, "days"), order=("start", "pk")), "calendar_id", _clock_times)
    closures = _rows(
        Closure,
        ("calendar_id", "name"),
        order=("closed_from", "pk"),
        **{"from": "closed_from", "to": "closed_to"},
    )
    closed = _grouped(closures, "calendar_id")
    extra = _grouped(_rows(ExtraShift, (*times, "date"), order=("date", "pk")), "calendar_id", _clock_times)
    return [
        {"code": code, "shifts": shifts[pk], "closures": closed[pk], "extra_shifts": extra[pk]}
        for pk, code in sorted(codes.items(), key=lambda pair: pair[1])
    ]


def _skills() -> list[Values]:
    rows = _rows(SkillRaise, ("skill_id", "wage_per_hour"), order=("raised_from",), **{"from": "raised_from"})
    raises = _grouped(rows, "skill_id")
    columns = ("skill_id", *SKILL_SHIFT_COLUMNS)
    shifts = _grouped(_rows(SkillShift, columns, order=("start", "name")), "skill_id", _clock_times)
    skills = _rows(Skill, ("pk", *SKILL_COLUMNS), order=("code",), calendar="calendar__code")
    for row in skills:
        row["raises"], row["shifts"] = raises[row["pk"]], shifts[row.pop("pk")]
    return skills


def _staffing(settings: FactorySettings) -> Values:
    staffing: Values = {name: getattr(settings, name) for name in STAFFING_COLUMNS}
    staffing["ratios"] = _rows(SkillRatio, ("per_direct_heads",), order=("skill__code",), skill="skill__code")
    staffing["ramps"] = _rows(
        SkillRamp, ("target_headcount", "max_per_month"), order=("skill__code",), skill="skill__code"
    )
    staffing["hiring_budgets"] = _rows(HiringBudget, ("month", "amount"), order=("month",))
    staffing["cross_training"] = _rows(
        CrossTraining,
        WAY_COLUMNS,
        order=("from_skill__code", "to_skill__code"),
        from_skill="from_skill__code",
        to_skill="to_skill__code",
    )
    return staffing


def _items(calendar_codes: dict[int, str]) -> list[Values]:
    calendars = dict(ItemLeadTimeCalendar.objects.values_list("item__code", "calendar_id"))
    items = _rows(Item, ITEM_COLUMNS, order=("code",), uom="uom__code")
    for row in items:
        if row["code"] in calendars:
            row["lead_time_calendar"] = calendar_codes[calendars[row["code"]]]
    return items


def _sources(calendar_codes: dict[int, str]) -> list[Values]:
    calendars = dict(SourceLeadTimeCalendar.objects.values_list("source_id", "calendar_id"))
    breaks = _grouped(
        _rows(PriceBreak, ("source_id", "from_qty", "unit_cost"), order=("from_qty",)), "source_id"
    )
    sources = _rows(
        ItemSource,
        ("pk", *SOURCE_COLUMNS),
        order=("item__code", "supplier__code", "effective_from", "pk"),
        item="item__code",
        supplier="supplier__code",
        **{"from": "effective_from", "to": "effective_to"},
    )
    for row in sources:
        pk = row.pop("pk")
        row["price_breaks"] = breaks[pk]
        if pk in calendars:
            row["lead_time_calendar"] = calendar_codes[calendars[pk]]
    return sources


def _bom() -> list[Values]:
    """Lines of all revisions, each with the days on which both it and its revision are in force."""
    substitutes = _grouped(
        _rows(
            BomSubstitute,
            ("bom_line_id", "qty", "priority"),
            order=("priority", "item__code"),
            item="item__code",
        ),
        "bom_line_id",
    )
    lines = _rows(
        BomLine,
        ("pk", "qty", "scrap", "operation"),
        order=("bom__item__code", "component__code", "operation", "pk"),
        parent="bom__item__code",
        component="component__code",
        revised_from="bom__effective_from",
        revised_to="bom__effective_to",
        **{"from": "effective_from", "to": "effective_to"},
    )
    for row in lines:
        row["substitutes"] = substitutes[row.pop("pk")]
        row["from"] = in_force_from(row["from"], row.pop("revised_from"))
        row["to"] = in_force_to(row["to"], row.pop("revised_to"))
    return [row for row in lines if not _never_in_force(row)]


def _never_in_force(row: Values) -> bool:
    """A line whose own days lie outside those of its revision says nothing."""
    return row["from"] is not None and row["to"] is not None and bool(row["from"] >= row["to"])


def _routings() -> dict[str, list[Values]]:
    alternates = _grouped(
        _rows(
            OperationAlternate,
            ("operation_id", "speed"),
            order=("work_centre__code",),
            work_centre="work_centre__code",
        ),
        "operation_id",
    )
    operations = _rows(
        Operation,
        ("pk", *OPERATION_COLUMNS),
        order=("item__code", "seq"),
        item="item__code",
        work_centre="work_centre__code",
        skill="skill__code",
    )
    for row in operations:
        row["alternates"] = alternates[row.pop("pk")]
    return dict(_grouped(operations, "item"))


def _sales_orders() -> list[Values]:
    instalments: dict[int, list[Values]] = _grouped(
        _rows(
            Instalment,
            ("order_line_id", "due", "qty", "shipped_qty"),
            order=("order_line_id", "instalment"),
        ),
        "order_line_id",
    )
    lines = _rows(
        OrderLine, ("pk", "order_id", "has_instalments", *LINE_COLUMNS), order=("line",), item="item__code"
    )
    for line in lines:
        schedule = instalments[line.pop("pk")]
        if line.pop("has_instalments") or len(schedule) > 1:
            line["instalments"] = schedule
        elif schedule:
            line["due"], line["shipped_qty"] = schedule[0]["due"], schedule[0]["shipped_qty"]
    lines_by_order = _grouped(lines, "order_id")
    milestones = _grouped(
        _rows(Milestone, ("order_id", "date", "amount", "name"), order=("date", "name", "amount", "pk")),
        "order_id",
    )
    orders = _rows(SalesOrder, ("pk", "status", *ORDER_COLUMNS), order=("ref",), customer="customer__code")
    exchanged = []
    for order in orders:
        if order["status"] not in EXCHANGED_STATUSES:
            continue
        if order["status"] == OrderStatus.SHIPPED:
            order["status"] = OrderStatus.CONFIRMED.value
        pk = order.pop("pk")
        order["lines"], order["milestones"] = lines_by_order[pk], milestones[pk]
        exchanged.append(order)
    return exchanged


def _purchase_orders() -> list[Values]:
    """Scheduled receipts. A line that was cancelled before anything came has no quantity left to exchange."""
    rows = _rows(
        PurchaseOrderLine,
        ("ref", "qty", "due", "received_qty"),
        order=("ref",),
        item="item__code",
        supplier="purchase_order__supplier__code",
    )
    return [row for row in rows if row["qty"]]


def _downtimes(time_zone: str) -> list[Values]:
    rows = _rows(
        Downtime,
        ("station", "name"),
        order=("work_centre__code", "down_from", "pk"),
        work_centre="work_centre__code",
        stations="work_centre__stations",
        **{"from": "down_from", "to": "down_to"},
    )
    standing = [row for row in rows if row.pop("stations") >= (row["station"] or 0)]
    return [_local(row, time_zone, "from", "to") for row in standing]


def _pins(as_of: dt.date, time_zone: str) -> list[Values]:
    """Pins of operations that are still to begin, where their routing still allows it: of those behind it
    time and work orders tell.
    """
    rows = _rows(
        PinnedOperation,
        ("seq", "start", "station"),
        order=("work_order__ref", "firm_order__ref", "seq"),
        work_centre="work_centre__code",
        released="work_order__ref",
        fixed="firm_order__ref",
        done="work_order__done_through_seq",
        item=Coalesce("work_order__item", "firm_order__item"),
    )
    places = _places({row["item"] for row in rows})
    begins = dt.datetime.combine(as_of, dt.time.min, ZoneInfo(time_zone))
    kept = []
    for row in rows:
        released, fixed, done = row.pop("released"), row.pop("fixed"), row.pop("done")
        stations = places.get((row.pop("item"), row["seq"]), {}).get(row["work_centre"], -1)
        is_to_begin = row["start"] >= begins and (done is None or row["seq"] > done)
        if is_to_begin and stations >= (row["station"] or 0):
            kept.append({"order": released or fixed} | _local(row, time_zone, "start"))
    return kept


def _places(items: set[int]) -> dict[tuple[int, int], dict[str | None, int]]:
    """By item and operation: the stations of each work centre that may do it; of None, its own one's."""
    found: dict[tuple[int, int], dict[str | None, int]] = {}
    own = Operation.objects.filter(item__in=items).values_list(
        "item", "seq", "work_centre__code", "work_centre__stations"
    )
    for item, seq, code, stations in own:
        found[item, seq] = {None: stations or 0} | ({code: stations} if code else {})
    others = OperationAlternate.objects.filter(operation__item__in=items).values_list(
        "operation__item", "operation__seq", "work_centre__code", "work_centre__stations"
    )
    for item, seq, code, stations in others:
        found[item, seq].setdefault(code, stations)
    return found


def _local(row: Values, time_zone: str, *names: str) -> Values:
    """Moments as people of the factory write them."""
    return row | {name: row[name].astimezone(ZoneInfo(time_zone)) for name in names}


def _stock() -> list[Values]:
    """What lies where: the sums of the ledger."""
    return [
        {"item": row.item, "qty": row.qty, "location": row.location, "lot": row.lot}
        for row in list_balances()
    ]
