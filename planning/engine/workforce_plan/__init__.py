"""Production and people decided together over periods of unequal length: ``docs/workforce.md``."""

from planning.engine.workforce_plan.errors import InvalidWorkforceProblem
from planning.engine.workforce_plan.horizon import (
    TrainingStep,
    keep_going,
    stay_shares,
    telescope,
    training_losses,
)
from planning.engine.workforce_plan.plan import (
    Course,
    Decisions,
    WorkforceCost,
    WorkforceException,
    WorkforcePlan,
)
from planning.engine.workforce_plan.problem import (
    Cash,
    CrossTraining,
    Demand,
    Family,
    Hiring,
    Limits,
    Material,
    Part,
    Period,
    Ratio,
    Shift,
    Skill,
    Station,
    Subcontract,
    Work,
    WorkforceProblem,
)
from planning.engine.workforce_plan.solve import SolveOptions, plan_workforce

__all__ = [
    "Cash",
    "Course",
    "CrossTraining",
    "Decisions",
    "Demand",
    "Family",
    "Hiring",
    "InvalidWorkforceProblem",
    "Limits",
    "Material",
    "Part",
    "Period",
    "Ratio",
    "Shift",
    "Skill",
    "SolveOptions",
    "Station",
    "Subcontract",
    "TrainingStep",
    "Work",
    "WorkforceCost",
    "WorkforceException",
    "WorkforcePlan",
    "WorkforceProblem",
    "keep_going",
    "plan_workforce",
    "stay_shares",
    "telescope",
    "training_losses",
]
