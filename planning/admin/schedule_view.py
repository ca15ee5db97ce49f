"""The schedule as a chart: what each station does when, for some weeks at a time."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.urls import reverse

from inventory.models import Item
from planning.admin.tabs import page_address
from planning.models import PlannedOperation, PlanRun
from planning.selectors.factory import get_zone
from planning.selectors.schedule import (
    MOST_OPERATIONS,
    Cause,
    first_start,
    get_schedule,
    list_operations_of,
)

DAYS = ((7, "1 week"), (14, "2 weeks"), (28, "4 weeks"), (91, "3 months"))
USUAL_DAYS = 14  # of the chart, where none are asked for
NAMED = 3  # deliveries that the pointer names


def days_choices(_run: PlanRun) -> list[tuple[str, str]]:
    return [(str(days), words) for days, words in DAYS]


def narrow(rows: Any, wanted: dict[str, str]) -> Any:
    """Operations of a work centre, from a day on, for some days: those of the chart where no day is named."""
    if centre := wanted.get("work_centre"):
        rows = rows.filter(work_centre=centre)
    first, days = _day(wanted.get("from", "")), _days(wanted.get("days", ""))
    if first is None and days is None:
        return rows
    zone = get_zone()
    first = first or _first_week(rows, zone)
    if first is None:
        return rows.none()
    begins, ends = _stretch(first, days or USUAL_DAYS, zone)
    rows = rows.filter(Q(free__gt=begins) | Q(free=begins, start=begins))
    return rows.filter(start__lt=ends) if days else rows


def schedule_view(run: PlanRun, query: Mapping[str, str]) -> dict[str, Any]:
    """The chart above the rows of the tab; without a day it begins with the week of the first operation."""
    centre = query.get("work_centre", "").replace("\0", "")
    asked_days, asked_day = _days(query.get("days", "")), _day(query.get("from", ""))
    days, zone = asked_days or USUAL_DAYS, get_zone()
    first = asked_day or _first_week(list_operations_of(run.pk, centre), zone)
    if first is None:
        return {"schedule": None}
    begins, ends = _stretch(first, days, zone)
    found = get_schedule(run.pk, begins, ends, work_centre=centre)
    names = dict(
        Item.objects.filter(code__in={row.item for row in found.operations}).values_list("code", "name")
    )
    rows = {station: place for place, station in enumerate(found.stations)}
    return {
        "schedule": {
            "begins": _local(begins, zone),
            "ends": _local(ends, zone),
            "lanes": [f"{code} · {station}" for code, station in found.stations],
            "bars": [_bar(run, row, rows, names, found.causes, zone) for row in found.operations],
        },
        "schedule_height": 44 + 20 * max(2, len(found.stations)),
        "has_more_rows": asked_days is None,
        "rows_from": asked_day,
        "schedule_words": f"{first} to {first + dt.timedelta(days=days - 1)}",
        "schedule_left_out": found.count - len(found.operations),
        "schedule_most": MOST_OPERATIONS,
        "is_traced": bool(found.causes) or not found.operations,
        "earlier": _address(run, centre, first - dt.timedelta(days=days), days),
        "later": _address(run, centre, first + dt.timedelta(days=days), days),
    }


def _bar(
    run: PlanRun,
    row: PlannedOperation,
    rows: dict[tuple[str, int], int],
    names: dict[str, str],
    causes: dict[str, list[Cause]],
    zone: ZoneInfo,
) -> dict[str, Any]:
    served = causes.get(row.order, [])
    told = [f"{each.sales_order} {each.line}.{each.instalment}" for each in served[:NAMED]]
    start, end, free = (moment.astimezone(zone) for moment in (row.start, row.end, row.free))
    first = _local(start, zone)
    last = _local(end, zone)
    if last < first:  # the night in which clocks go back
        last = first + int((row.end - row.start).total_seconds() * 1000)
    return {
        "lane": rows[row.work_centre or "", row.station or 0],
        "times": [first, last, max(last, _local(free, zone))],
        "when": f"{start:%m-%d %H:%M} to {end:%m-%d %H:%M}"
        + (f", station free {free:%m-%d %H:%M}" if row.free > row.end else ""),
        "item": row.item,
        "name": names.get(row.item, ""),
        "order": row.order,
        "step": row.seq,
        "qty": f"{row.qty.normalize():f}",
        "people": f"{row.crew} × {row.skill}" if row.skill and row.crew else "",
        "late": _lateness(served),
        "serves": ", ".join(told) + (f" and {len(served) - NAMED} more" if len(served) > NAMED else ""),
        "link": page_address("pegging", run.pk, order=row.order),
    }


def _lateness(served: list[Cause]) -> str:
    """Of the latest delivery, in words; empty where all are in time."""
    if any(each.days_late is None for each in served):
        return "cannot be delivered"
    late = max((each.days_late or 0 for each in served), default=0)
    return f"late by {late} day{'s' if late > 1 else ''}" if late else ""


def _local(moment: dt.datetime, zone: ZoneInfo) -> int:
    """Milliseconds of the factory's clock, as if that were UTC: what the chart writes beside its axis."""
    return int(moment.astimezone(zone).replace(tzinfo=dt.UTC).timestamp() * 1000)


def _first_week(operations: Any, zone: ZoneInfo) -> dt.date | None:
    """The Monday of the week in which the first operation starts."""
    moment = first_start(operations)
    if moment is None:
        return None
    day = moment.astimezone(zone).date()
    return day - dt.timedelta(days=day.weekday())


def _stretch(day: dt.date, days: int, zone: ZoneInfo) -> tuple[dt.datetime, dt.datetime]:
    begins, ends = (
        dt.datetime.combine(each, dt.time(), zone) for each in (day, day + dt.timedelta(days=days))
    )
    return begins, ends


def _day(text: str) -> dt.date | None:
    """The day that was asked for; what is none, or at the end of the calendar, is as if nothing was asked."""
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year < 9000 else None


def _days(text: str) -> int | None:
    """How many days were asked for; what is none of ``DAYS`` is as if nothing was asked."""
    return next((days for days, _ in DAYS if str(days) == text), None)


def _address(run: PlanRun, centre: str, day: dt.date, days: int) -> str:
    page = reverse("admin:planning_planrun_results", args=[run.pk, "operations"])
    given = {"work_centre": centre, "from": day.isoformat(), "days": str(days)}
    return f"{page}?{urlencode({name: value for name, value in given.items() if value})}"
