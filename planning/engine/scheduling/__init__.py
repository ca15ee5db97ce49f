"""Scheduling of tasks in modes on scarce resources: ``docs/scheduling.md``. ``solve`` is the way in."""

from planning.engine.scheduling.board import Progress
from planning.engine.scheduling.codec import parse_json, problem_of, read_instance
from planning.engine.scheduling.errors import InvalidInstance
from planning.engine.scheduling.problem import (
    Demand,
    Job,
    Mode,
    Objective,
    Precedence,
    Resource,
    ResourceKind,
    Schedule,
    SchedulingProblem,
    Setup,
    Task,
    objective_of,
)
from planning.engine.scheduling.solve import Limits, Solution, Status, solve

__all__ = [
    "Demand",
    "InvalidInstance",
    "Job",
    "Limits",
    "Mode",
    "Objective",
    "Precedence",
    "Progress",
    "Resource",
    "ResourceKind",
    "Schedule",
    "SchedulingProblem",
    "Setup",
    "Solution",
    "Status",
    "Task",
    "objective_of",
    "parse_json",
    "problem_of",
    "read_instance",
    "solve",
]
