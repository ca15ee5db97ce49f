"""The course of a build as charts of steps, and its lateness in words."""

import datetime as dt
from typing import Any

from planning.models import PlanRun

_OBJECTIVE = (
    "A build minimises cost with every late day counted several times over, a reserve of overtime, and what "
    "the planner’s weights ask for. So its objective falls with each better plan, while the money in it may "
    "rise: where fewer days are late for more money, say."
)
_COST_ONLY = (
    "A build minimises cost with lateness and the planner’s weights counted more, so the money drawn here "
    "may rise from one plan to a better one."
)
_REPAIR = " On a base plan, a plan that moves no more than it may comes before any other."


def course_view(run: PlanRun, *, now: dt.datetime, wages: bool) -> dict[str, Any]:
    """``panels`` are charts above each other, each with ``points`` [seconds, value, words], up to ``until``
    seconds: what the build minimises, then the best plan's cost; its days late for somebody who may not see
    wages.
    """
    panels: list[dict[str, Any]] = [
        {"name": name, "points": points}
        for key, name in _shown(run, wages=wages)
        if (points := _points(run, key, wages=wages))
    ]
    last = max((panel["points"][-1][0] for panel in panels), default=0)
    return {
        "panels": panels,
        "until": max(_seconds(run, now), last) if panels else 0,
        "summary": ". ".join(_summary(panel["name"], panel["points"]) for panel in panels),
        "lateness": lateness_words(run.course[-1]) if run.course else "",
        "note": _note(run, wages=wages) if panels else "",
    }


def _shown(run: PlanRun, *, wages: bool) -> list[tuple[str, str]]:
    if not wages:
        return [("late_days", "Days late of the best plan")]
    return [("objective", "Objective: what the build minimises"), ("incumbent_cost", "Cost of the best plan")]


def _points(run: PlanRun, key: str, *, wages: bool) -> list[list[Any]]:
    """A plan that was built before the objective was told has none of it."""
    return [
        [step["seconds"], step[key], _told(step, wages=wages)]
        for step in run.course
        if step.get(key) is not None
    ]


def _note(run: PlanRun, *, wages: bool) -> str:
    if not wages:
        return ""
    has_objective = any(step.get("objective") is not None for step in run.course)
    return (_OBJECTIVE if has_objective else _COST_ONLY) + (_REPAIR if run.base_plan_id else "")


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
    objective = step.get("objective") if wages else None
    parts = (
        "" if objective is None else f"objective {objective:,.0f}",
        f"cost {step['incumbent_cost']:,.0f}" if wages and step["incumbent_cost"] is not None else "",
        "" if step["late_days"] is None else f"{_days(step['late_days'])} late",
    )
    return ", ".join(part for part in parts if part)


def _summary(name: str, points: list[list[Any]]) -> str:
    """The chart for who cannot see it."""
    first, last = points[0], points[-1]
    return f"{name}: {first[1]:,.0f} after {first[0]:.1f} s, {last[1]:,.0f} after {last[0]:.1f} s"


def _days(count: int) -> str:
    return f"{count:,} day" if count == 1 else f"{count:,} days"


def _seconds(run: PlanRun, now: dt.datetime) -> float:
    if run.started_at is None:
        return 0
    return round(max(0.0, ((run.finished_at or now) - run.started_at).total_seconds()), 1)
