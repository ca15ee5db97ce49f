"""The course of a build as a chart of steps, and its lateness in words."""

import datetime as dt
from typing import Any

from planning.models import PlanRun


def course_view(run: PlanRun, *, now: dt.datetime, wages: bool) -> dict[str, Any]:
    """``points`` are [seconds, value, words], up to ``until`` seconds. The value is the best plan's cost,
    or its days late for somebody who may not see wages.
    """
    key = "incumbent_cost" if wages else "late_days"
    points = [
        [step["seconds"], step[key], _told(step, wages=wages)] for step in run.course if step[key] is not None
    ]
    return {
        "name": "Cost of the best plan" if wages else "Days late of the best plan",
        "points": points,
        "until": max(_seconds(run, now), points[-1][0]) if points else 0,
        "summary": _summary(points, wages=wages),
        "lateness": lateness_words(run.course[-1]) if run.course else "",
    }


def lateness_words(step: dict[str, Any]) -> str:
    """How late the best plan is, and what is known of how late any plan has to be."""
    late, least = step["late_days"], step["least_late_days"]
    if late is None:
        return "" if not least else f"No plan can be less than {_days(least)} late."
    if late == 0:
        return "No instalment is late."
    told = f"All instalments together are {_days(late)} late"
    if least is None:
        return f"{told}; how much of it no plan can avoid is not known."
    if least == 0:
        return f"{told}; that any have to be is not proved."
    if late <= least:
        return f"{told}, and no plan can be less late."
    return f"{told}; no plan can be less than {_days(least)} late."


def _told(step: dict[str, Any], *, wages: bool) -> str:
    cost = f"{step['incumbent_cost']:,.0f}" if wages else ""
    late = "" if step["late_days"] is None else f"{_days(step['late_days'])} late"
    return ", ".join(part for part in (cost, late) if part)


def _summary(points: list[list[Any]], *, wages: bool) -> str:
    """The chart for who cannot see it."""
    if not points:
        return ""
    first, last = points[0], points[-1]
    what = "Cost" if wages else "Days late"
    return (
        f"{what} of the best plan over seconds: {first[1]:,.0f} after {first[0]:.1f} s, "
        f"{last[1]:,.0f} after {last[0]:.1f} s"
    )


def _days(count: int) -> str:
    return f"{count:,} day" if count == 1 else f"{count:,} days"


def _seconds(run: PlanRun, now: dt.datetime) -> float:
    if run.started_at is None:
        return 0
    return round(max(0.0, ((run.finished_at or now) - run.started_at).total_seconds()), 1)
