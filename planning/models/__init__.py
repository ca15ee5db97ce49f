"""Labour, capacity, plans and their results."""

from planning.models.calendars import (
    Closure,
    ExtraShift,
    ItemLeadTimeCalendar,
    Shift,
    SourceLeadTimeCalendar,
    WorkCalendar,
)
from planning.models.cards import CardsStatus, HiringCard, HiringCards
from planning.models.hiring import CrossTraining, HiringBudget, HiringDecision, SkillRaise, Verdict
from planning.models.learning import LabourReport
from planning.models.requirements import (
    STATE_ID,
    RequirementsItem,
    RequirementsKind,
    RequirementsRun,
    RequirementsState,
)
from planning.models.results import (
    CashMonth,
    LabourShift,
    LabourWeek,
    LoadWeek,
    Pegging,
    PlanException,
    PlannedOperation,
    PlannedOrder,
    PlanPromise,
    Severity,
    SkillChange,
    StaffingMonth,
)
from planning.models.routings import Operation, OperationAlternate, SetupTime, WorkCentre
from planning.models.runs import BUILT, ENDED, MAX_ATTEMPTS, PlanRun, PlanStatus
from planning.models.settings import SINGLETON_ID, FactorySettings
from planning.models.shop_floor import Absence, Downtime, PinnedOperation
from planning.models.work_orders import FirmOrder, OrderKind, WorkOrder
from planning.models.workforce import Skill, SkillKind, SkillRamp, SkillRatio, SkillShift

__all__ = [
    "BUILT",
    "ENDED",
    "MAX_ATTEMPTS",
    "SINGLETON_ID",
    "STATE_ID",
    "Absence",
    "CardsStatus",
    "CashMonth",
    "Closure",
    "CrossTraining",
    "Downtime",
    "ExtraShift",
    "FactorySettings",
    "FirmOrder",
    "HiringBudget",
    "HiringCard",
    "HiringCards",
    "HiringDecision",
    "ItemLeadTimeCalendar",
    "LabourReport",
    "LabourShift",
    "LabourWeek",
    "LoadWeek",
    "Operation",
    "OperationAlternate",
    "OrderKind",
    "Pegging",
    "PinnedOperation",
    "PlanException",
    "PlanPromise",
    "PlanRun",
    "PlanStatus",
    "PlannedOperation",
    "PlannedOrder",
    "RequirementsItem",
    "RequirementsKind",
    "RequirementsRun",
    "RequirementsState",
    "SetupTime",
    "Severity",
    "Shift",
    "Skill",
    "SkillChange",
    "SkillKind",
    "SkillRaise",
    "SkillRamp",
    "SkillRatio",
    "SkillShift",
    "SourceLeadTimeCalendar",
    "StaffingMonth",
    "Verdict",
    "WorkCalendar",
    "WorkCentre",
    "WorkOrder",
]
