"""Load of work centres at a glance: near weeks, then months, the fuller the darker."""

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from planning.models import PlanRun
from planning.selectors.load import LoadPeriod, PeriodLoad, get_load_table

FULL = 0.995  # shown as 100 % or more


def load_view(run: PlanRun) -> dict[str, Any]:
    """The grid above the rows of the tab; a work centre leads to its operations."""
    table = get_load_table(run.pk)
    operations = reverse("admin:planning_planrun_results", args=[run.pk, "operations"])
    months = [period for period in table.periods if not period.is_week]
    return {
        "spans": [
            *_years(table.periods),
            *([("Month, by the Mondays in it", len(months))] if months else []),
        ],
        "periods": [(_label(period, table.rest), period == table.first_month) for period in table.periods],
        "centres": [
            (
                code,
                f"{operations}?{urlencode({'work_centre': code})}",
                [
                    _cell(each) | {"begins": period == table.first_month}
                    for period, each in zip(table.periods, cells, strict=True)
                ],
            )
            for code, cells in table.centres.items()
        ],
    }


def _years(periods: Sequence[LoadPeriod]) -> list[tuple[str, int]]:
    """Headings above the weeks, one a year."""
    years = Counter(period.first.year for period in periods if period.is_week)
    return [(f"Weeks of {year}", count) for year, count in years.items()]


def _label(period: LoadPeriod, rest: LoadPeriod | None) -> str:
    if period.is_week:
        return f"{period.first:%m-%d}"
    return f"rest of {period.first:%Y-%m}" if period == rest else f"{period.first:%Y-%m}"


def _cell(load: PeriodLoad) -> dict[str, Any]:
    """Words, hours for the pointer, and how dark: per cent of the colour, at most all of it."""
    told = f"{load.required_hours:,.1f} of {load.available_hours:,.1f} hours"
    if load.share is None:
        return {
            "words": "closed" if not load.required_hours else "–",
            "told": told,
            "shade": 0,
            "is_full": False,
        }
    if not load.required_hours:
        return {"words": "·", "told": told, "shade": 0, "is_full": False}
    shade = round(100 * min(1.0, load.share))
    return {"words": f"{100 * load.share:.0f}", "told": told, "shade": shade, "is_full": load.share >= FULL}
