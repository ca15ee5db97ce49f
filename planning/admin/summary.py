"""The figures at the top of a plan, and its certificate in words."""

from typing import Any

from planning.admin.finishing import cut_short_words
from planning.engine.plan import COST_PARTS, STAGES
from planning.models import FactorySettings, PlanPromise, PlanRun
from planning.selectors.staffing import get_staffing_table


def kpis(run: PlanRun, *, wages: bool) -> dict[str, Any]:
    """What a planner wants to know first. 3 queries; sums of money only with ``wages``."""
    late = list(PlanPromise.objects.filter(run=run).values_list("days_late", flat=True))
    table = get_staffing_table(run.pk)
    factory = FactorySettings.objects.first()
    return {
        "currency": factory.currency if factory else "",
        "total": f"{run.total_cost:,.0f}" if wages and run.total_cost is not None else None,
        "parts": _parts(run) if wages else [],
        "promises": len(late),
        "on_time": sum(1 for days in late if not days),
        "late": sum(1 for days in late if days),
        "latest": max(late, default=0),
        "peak": table.peak,
        "peak_direct": max((total.direct_heads for total in table.totals), default=0),
        "hires": table.hires,
        "stages": stages(run),
        "violations": len(run.violations),
        "reproducible": run.reproducible,
        "cut_short": "" if run.reproducible else cut_short_words(run),
    }


def _parts(run: PlanRun) -> list[tuple[str, str, int]]:
    """Name, sum and share of the total, the largest first."""
    cost = run.cost or {}
    total = cost.get("total") or 1
    rows = [(part.replace("_", " "), cost.get(part) or 0) for part in COST_PARTS]
    rows.sort(key=lambda row: -row[1])
    return [(name, f"{amount:,.0f}", round(100 * amount / total)) for name, amount in rows if amount]


def stages(run: PlanRun) -> list[dict[str, str]]:
    """Bound and gap as they are: a bound that nobody knows is said to be unknown."""
    certificate = run.certificate or {}
    rows = []
    for name in STAGES:
        stage = certificate.get(name) or {}
        gap = stage.get("gap")
        known = "no bound known" if stage.get("bound") is None else f"gap {100 * (gap or 0):.2f} %"
        rows.append({"name": name, "status": stage.get("status") or "unknown", "bound": known})
    return rows
