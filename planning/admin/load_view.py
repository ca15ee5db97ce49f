"""Load of work centres at a glance: near weeks, then months, the fuller the darker."""

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
    weeks = sum(period.is_week for period in table.periods)
    return {
        "spans": [
            (words, count)
            for words, count in (("Week of", weeks), ("Month", len(table.periods) - weeks))
            if count
        ],
        "periods": [_label(period) for period in table.periods],
        "centres": [
            (code, f"{operations}?{urlencode({'work_centre': code})}", [_cell(each) for each in cells])
            for code, cells in table.centres.items()
        ],
    }


def _label(period: LoadPeriod) -> str:
    return f"{period.first:%m-%d}" if period.is_week else f"{period.first:%Y-%m}"


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
