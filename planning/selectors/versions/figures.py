"""The key figures of two plans side by side, and the parts of their cost."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q, Sum

from planning.engine.plan import COST_PARTS
from planning.models import CashMonth, PlanException, PlannedOrder, PlanPromise, PlanRun, Severity
from planning.selectors.results import WAGE_EXCEPTIONS
from planning.selectors.versions.operations import OperationMoves
from planning.selectors.versions.people import Heads, PeopleChange

LEAST_CASH = "least_cash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """``better``: -1 where less is better, 1 where more is, 0 where neither is. ``is_money``: for who sees
    wages.
    """

    name: str
    before: float
    after: float
    better: int = 0
    is_money: bool = False

    @property
    def change(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class CostPart:
    """A part of the cost, or "total"."""

    part: str
    before: float
    after: float

    @property
    def change(self) -> float:
        return self.after - self.before


def compare_costs(before: PlanRun, after: PlanRun) -> tuple[CostPart, ...]:
    """The total, then its parts as plan-1 lists them. No query."""
    one, two = before.cost or {}, after.cost or {}
    return tuple(
        CostPart(part=part, before=one.get(part) or 0.0, after=two.get(part) or 0.0)
        for part in ("total", *COST_PARTS)
    )


def compare_figures(
    before: int, after: int, *, people: PeopleChange, operations: OperationMoves
) -> tuple[Figure, ...]:
    """4 queries; exceptions about cash are left out."""
    late = _lateness(before, after)
    orders = _counts(
        PlannedOrder.objects.filter(run__in=[before, after]).values_list("run", "kind").annotate(Count("pk"))
    )
    severe = _counts(
        PlanException.objects.filter(run__in=[before, after])
        .exclude(code__in=WAGE_EXCEPTIONS)
        .values_list("run", "severity")
        .annotate(Count("pk"))
    )
    cash = dict(CashMonth.objects.filter(run__in=[before, after]).values_list("run").annotate(Min("closing")))
    figures = [
        *(
            Figure(name=name, before=late[before][name], after=late[after][name], better=better)
            for name, better in (
                ("instalments", 0),
                ("late_instalments", -1),
                ("days_late", -1),
                ("worst_days_late", -1),
            )
        ),
        *_people(people),
        *(
            Figure(name=name, before=orders[before, kind], after=orders[after, kind])
            for name, kind in (("make_orders", "make"), ("buy_orders", "buy"))
        ),
        Figure(name="operations", before=operations.before, after=operations.after),
        *(
            Figure(name=name, before=severe[before, level], after=severe[after, level], better=-1)
            for name, level in (("errors", Severity.ERROR.value), ("warnings", Severity.WARNING.value))
        ),
    ]
    if before in cash and after in cash:
        figures.append(
            Figure(name=LEAST_CASH, before=cash[before], after=cash[after], better=1, is_money=True)
        )
    return tuple(figures)


def _lateness(before: int, after: int) -> dict[int, dict[str, int]]:
    late = Q(days_late__gt=0) | Q(promised__isnull=True)
    rows = PlanPromise.objects.filter(run__in=[before, after]).values("run")
    found = {
        row["run"]: row
        for row in rows.annotate(
            instalments=Count("pk"),
            late_instalments=Count("pk", filter=late),
            all_days=Sum("days_late"),
            worst_days_late=Max("days_late"),
        )
    }
    nothing = dict.fromkeys(("instalments", "late_instalments", "days_late", "worst_days_late"), 0)
    return {
        run: nothing | {("days_late" if name == "all_days" else name): value for name, value in row.items()}
        for run, row in ((run, found.get(run, {})) for run in (before, after))
    }


def _counts(rows: Iterable[tuple[int, str, int]]) -> Counter[tuple[int, str]]:
    return Counter({(run, kind): count for run, kind, count in rows})


def _people(people: PeopleChange) -> list[Figure]:
    def both(name: str, better: int, one: list[float], two: list[float]) -> Figure:
        return Figure(name=name, before=max(one, default=0.0), after=max(two, default=0.0), better=better)

    one, two = [row.before for row in people.totals], [row.after for row in people.totals]
    return [
        Figure(name="hires", before=_sum(one, "hires"), after=_sum(two, "hires")),
        both("peak_heads", 0, [row.heads for row in one], [row.heads for row in two]),
        Figure(
            name="overtime_hours",
            before=_sum(one, "overtime_hours"),
            after=_sum(two, "overtime_hours"),
            better=-1,
        ),
        Figure(name="temp_head_months", before=_sum(one, "temp_heads"), after=_sum(two, "temp_heads")),
    ]


def _sum(rows: list[Heads], name: str) -> float:
    return float(sum(getattr(row, name) for row in rows))
