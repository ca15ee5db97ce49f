"""The rows of a plan, in the order in which people read them. Each is one query, to be cut in pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)

from orders.models import SalesOrder
from planning.models import (
    CashMonth,
    FirmOrder,
    LabourShift,
    LabourWeek,
    LoadWeek,
    PlanException,
    PlannedOperation,
    PlannedOrder,
    PlanPromise,
    PlanRun,
    Severity,
    SkillChange,
    StaffingMonth,
)
from planning.selectors.runs import find_published

# What is told about wages, and about money in and out, which would give them away: for who sees wages.
WAGE_EXCEPTIONS = ("CASH_BELOW_FLOOR", "WAGE_MISSING")
PEOPLE_EXCEPTIONS = ("AT_RISK_SKILL", "AT_RISK_SHIFT", "INSUFFICIENT_LEAD_TIME", "WAGE_MISSING")
SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.INFO)


def list_promises(version: int) -> "QuerySet[PlanPromise]":
    """Instalments with requested and promised dates, the late ones first.

    ``customer`` is the name of the customer, as far as the order is still there.
    """
    customer = SalesOrder.objects.filter(ref=OuterRef("sales_order")).values("customer__name")[:1]
    rows = PlanPromise.objects.filter(run=version).annotate(customer=Subquery(customer))
    return rows.order_by(
        "-days_late",
        "requested",
        "sales_order",
        "line",
        "instalment",
        "pk",
    )


def list_planned_orders(version: int) -> "QuerySet[PlannedOrder]":
    """What to make and to buy, by the day on which it must go out."""
    return PlannedOrder.objects.filter(run=version).order_by("release", "item", "pk")


def list_purchases(version: int) -> "QuerySet[PlannedOrder]":
    """What to buy, by the day on which the order must go out."""
    return list_planned_orders(version).filter(kind="buy")


def list_operations(version: int) -> "QuerySet[PlannedOperation]":
    """Operations by work centre and start; those done outside come last."""
    return PlannedOperation.objects.filter(run=version).order_by(
        F("work_centre").asc(nulls_last=True), "start", "station", "pk"
    )


def list_staffing(version: int) -> "QuerySet[StaffingMonth]":
    """Heads, hires and hours by skill and month."""
    return StaffingMonth.objects.filter(run=version).order_by("skill", "month", "pk")


def list_skill_changes(version: int) -> "QuerySet[SkillChange]":
    """Who changes to which skill, the earliest first."""
    return SkillChange.objects.filter(run=version).order_by("month", "from_skill", "to_skill", "pk")


def list_labour_weeks(version: int) -> "QuerySet[LabourWeek]":
    """Hours of people by skill and week."""
    return LabourWeek.objects.filter(run=version).order_by("skill", "week", "pk")


def list_labour_shifts(version: int) -> "QuerySet[LabourShift]":
    """Hours and premiums of people by skill, month and shift."""
    return LabourShift.objects.filter(run=version).order_by("skill", "month", "shift", "pk")


def list_cash(version: int) -> "QuerySet[CashMonth]":
    """Money in and out by month; none where the factory says no opening."""
    return CashMonth.objects.filter(run=version).order_by("month", "pk")


def list_load(version: int) -> "QuerySet[LoadWeek]":
    """Station hours by work centre and week."""
    return LoadWeek.objects.filter(run=version).order_by("work_centre", "week", "pk")


def list_exceptions(version: int, *, wages: bool) -> "QuerySet[PlanException]":
    """What the planner should know, errors first; what tells of cash or wages only with ``wages``."""
    return _exceptions(version, wages=wages).order_by(_severity_rank(), "code", "entity", "pk")


def list_exceptions_by_money(version: int, *, wages: bool) -> "QuerySet[PlanException]":
    """What the planner should know, most money at risk first; where none is named, errors first."""
    money = F("money_at_risk").desc(nulls_last=True)
    return _exceptions(version, wages=wages).order_by(money, _severity_rank(), "code", "entity", "pk")


def list_people_exceptions(version: int, skills: Iterable[str], *, wages: bool) -> "QuerySet[PlanException]":
    """What is wrong with people, errors first, then in the order of the plan: who lacks hours and how
    to get them, data that look wrong.

    Hires to decide on are told with the hires, and weeks that months make up for with the exceptions.
    """
    rows = _exceptions(version, wages=wages).filter(entity__in=skills, code__in=PEOPLE_EXCEPTIONS)
    rows = rows.exclude(code="AT_RISK_SKILL", severity=Severity.INFO)
    return rows.order_by(_severity_rank(), "pk")


def count_exceptions(version: int, *, wages: bool) -> "list[dict[str, Any]]":
    """``code``, ``severity`` (the worst), ``rows`` and ``money``, most money at risk first. 1 query.

    ``money`` is the largest, not the sum: what several put at risk is often the same delivery.
    """
    codes = _exceptions(version, wages=wages).values("code")
    rows = codes.annotate(worst=Min(_severity_rank()), rows=Count("pk"), money=Max("money_at_risk"))
    return [
        {**row, "severity": SEVERITIES[row["worst"]].value}
        for row in rows.order_by(F("money").desc(nulls_last=True), "worst", "-rows", "code")
    ]


def _exceptions(version: int, *, wages: bool) -> "QuerySet[PlanException]":
    found = PlanException.objects.filter(run=version)
    return found if wages else found.exclude(code__in=WAGE_EXCEPTIONS)


def _severity_rank() -> Case:
    return Case(
        *(When(severity=severity, then=Value(place)) for place, severity in enumerate(SEVERITIES)),
        default=Value(len(SEVERITIES) - 1),
        output_field=IntegerField(),
    )


def list_firm_orders() -> "QuerySet[FirmOrder]":
    """What planners have fixed, by the day on which it is due."""
    return FirmOrder.objects.select_related("item", "supplier").order_by("due", "ref")


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDates:
    """What the published plan promises for one order."""

    run: PlanRun
    promises: tuple[PlanPromise, ...]


def find_order_dates(ref: str) -> OrderDates | None:
    """The published plan's promises for an order; ``None`` where it says nothing about it. 2 queries."""
    run = find_published()
    if run is None:
        return None
    rows = PlanPromise.objects.filter(run=run, sales_order=ref).order_by("line", "instalment")
    promises = tuple(rows)
    return OrderDates(run=run, promises=promises) if promises else None
