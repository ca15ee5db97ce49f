"""A built plan in a few figures."""

from dataclasses import dataclass

from django.db.models import Count, Max, Q, Sum

from planning.models import (
    PlannedOperation,
    PlannedOrder,
    PlanPromise,
    Severity,
    StaffingMonth,
)
from planning.selectors.results import list_exceptions


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSummary:
    """Heads are paid heads of all skills together, fractional by attrition."""

    instalments: int
    late_instalments: int
    worst_days_late: int
    make_orders: int
    buy_orders: int
    operations: int
    hires: int
    peak_heads: float
    peak_month: str | None
    exceptions: dict[str, int]


def get_summary(version: int, *, wages: bool) -> PlanSummary:
    """Count what the plan says, exceptions about cash only with ``wages``; 5 queries, whatever its size."""
    # An instalment that can never be delivered is late, whatever its days say.
    late = Q(days_late__gt=0) | Q(promised__isnull=True)
    promises = PlanPromise.objects.filter(run=version).aggregate(
        rows=Count("pk"), late=Count("pk", filter=late), worst=Max("days_late")
    )
    orders = PlannedOrder.objects.filter(run=version).aggregate(
        make=Count("pk", filter=Q(kind="make")), buy=Count("pk", filter=Q(kind="buy"))
    )
    months = list(
        StaffingMonth.objects.filter(run=version)
        .values("month")
        .annotate(heads=Sum("headcount"), hired=Sum("hires"))
        .order_by("month")
    )
    peak = max(months, key=lambda row: row["heads"], default=None)
    found = list_exceptions(version, wages=wages).order_by("severity").values_list("severity")
    severities = dict.fromkeys(Severity.values, 0) | dict(found.annotate(rows=Count("pk")))
    return PlanSummary(
        instalments=promises["rows"],
        late_instalments=promises["late"],
        worst_days_late=promises["worst"] or 0,
        make_orders=orders["make"],
        buy_orders=orders["buy"],
        operations=PlannedOperation.objects.filter(run=version).count(),
        hires=sum(row["hired"] for row in months),
        peak_heads=peak["heads"] if peak else 0.0,
        peak_month=peak["month"] if peak else None,
        exceptions=severities,
    )
