"""plan-1, the exchange format of a finished plan, as frozen data classes.

Fields are named after the keys of the format. Moments carry an offset, intervals are half-open, hours are
standard hours, money is in the factory's currency. A plan is a document: it names items, skills and orders by
their codes.
"""

import json
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from planning.engine.errors import InvalidPlan
from planning.engine.numbers import plain_values

STAGES = ("material", "aggregate", "schedule")
COST_PARTS = (
    "material",
    "regular_labour",
    "overtime",
    "temporary_labour",
    "shift_premiums",
    "hiring",
    "severance",
    "machine",
    "holding",
    "lateness",
)


@cache
def _all_fields(row: type[BaseModel]) -> set[str]:
    return set(row.model_fields)


class PlanRow(BaseModel):
    """A row of plan-1: frozen; a foreign plan may carry more keys, which are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def model_post_init(self, context: Any, /) -> None:
        """Let all rows of a kind share one record of which fields are set: of a million rows their own
        would be most of the memory, and no row is written without its defaults.
        """
        object.__setattr__(self, "__pydantic_fields_set__", _all_fields(type(self)))


class StageCertificate(PlanRow):
    """How good a stage's answer is: ``gap`` = (objective - bound) / abs(objective);
    None where nothing is known.
    """

    status: Literal["optimal", "feasible", "heuristic"]
    objective: float | None
    bound: float | None
    gap: float | None
    seconds: float
    solver: str


class Certificate(PlanRow):
    material: StageCertificate
    aggregate: StageCertificate
    schedule: StageCertificate
    violations: tuple[dict[str, Any], ...] = ()


class Cost(PlanRow):
    """Money over the days from ``as_of`` to ``horizon_end``; ``total`` is the sum of the parts."""

    total: float
    material: float
    regular_labour: float
    overtime: float
    temporary_labour: float
    hiring: float
    severance: float
    machine: float
    holding: float
    lateness: float
    shift_premiums: float = 0.0


class PlannedOrder(PlanRow):
    """Something to make or to buy: ``release`` is the day it must go out, ``due`` the day it is in stock."""

    id: str
    item: str
    kind: Literal["make", "buy"]
    qty: Decimal
    release: date
    due: date
    supplier: str | None = None
    work_order: str | None = None
    firm: bool = False


class PlannedOperation(PlanRow):
    """A lot, or a share of it, on one station: people until ``end``, the station until ``free``."""

    order: str
    item: str
    seq: int
    qty: Decimal
    work_centre: str | None
    station: int | None
    skill: str | None
    crew: int
    start: datetime
    end: datetime
    free: datetime


class StaffingMonth(PlanRow):
    """One skill in one month ("2011-03"); hours are standard hours, ``headcount`` are paid heads."""

    skill: str
    month: str
    headcount: float
    hires: int
    requisition_by: date | None
    leavers: float
    layoffs: int
    temp_heads: float
    available_hours: float
    required_hours: float
    overtime_hours: float
    cost: float
    moved_in: int = 0
    moved_out: int = 0
    training_heads: float = 0.0
    wage_per_hour: float = 0.0


class SkillChange(PlanRow):
    """``heads`` who change from one skill to another on the first day of ``month``."""

    from_skill: str
    to_skill: str
    month: str
    heads: int


class LabourShift(PlanRow):
    """Standard hours that operations of a month take of a skill in one of its shifts, and what its premium
    costs.
    """

    skill: str
    month: str
    shift: str
    hours: float
    cost: float


class LabourWeek(PlanRow):
    """Standard hours of a skill in the week that begins on Monday ``week``."""

    skill: str
    week: date
    available_hours: float
    required_hours: float


class CashMonth(PlanRow):
    """Money in and out of one month; ``short`` is what ``closing`` lacks to the floor."""

    month: str
    opening: float
    milestones: float
    deliveries: float
    payroll: float
    hiring: float
    purchases: float
    machine: float
    closing: float
    short: float


class LoadWeek(PlanRow):
    """Station hours of a work centre in the week that begins on Monday ``week``."""

    work_centre: str
    week: date
    available_hours: float
    required_hours: float


class Pegging(PlanRow):
    """``qty`` of supply ``order`` (or "stock") for another order, for an instalment,
    or for neither (excess). ``day``: when it is taken or delivered, None for excess.
    """

    order: str
    item: str
    qty: Decimal
    for_order: str | None = None
    sales_order: str | None = None
    line: int | None = None
    instalment: int | None = None
    day: date | None = None


class Delivery(PlanRow):
    date: date
    qty: Decimal


class Reason(PlanRow):
    """One cause of lateness, measured in days."""

    code: str
    entity: str
    days: float
    text: str


class ChainLink(PlanRow):
    """One step of the longest chain of lead times behind a delivery: ``item`` takes from ``start`` to
    ``end``; ``kind`` says whether it is made, bought, or already under way.
    """

    item: str
    order: str | None
    kind: Literal["make", "buy", "receipt"]
    start: date
    end: date
    days: int


class Promise(PlanRow):
    """What one instalment can be told; ``promised`` is None only when it can never be delivered. ``chain``,
    of a late one: the longest chain of lead times, from its last link back to the first purchase.
    ``earliest``: a bound; no plan delivers it before, were it the only order.
    """

    sales_order: str
    line: int
    instalment: int
    item: str
    qty: Decimal
    requested: date
    promised: date | None
    days_late: int
    deliveries: tuple[Delivery, ...] = ()
    p50: date | None = None
    p80: date | None = None
    p95: date | None = None
    reasons: tuple[Reason, ...] = ()
    chain: tuple[ChainLink, ...] = ()
    earliest: date | None = None


class LackingHours(PlanRow):
    """Standard hours that a skill lacks in one month ("2011-03")."""

    month: str
    hours: float


class PlanException(PlanRow):
    """Something the planner should know. ``money_at_risk``: the value of what is ordered by customers and
    hangs on it, or of stock that nobody needs; None where no money can be named. ``shortfall``: what the
    skill that it is about lacks, by month; ``text`` says the same in words then.
    """

    code: str
    severity: Literal["info", "warning", "error"]
    entity: str
    text: str
    suggestion: str
    item: str | None = None
    money_at_risk: float | None = None
    shortfall: tuple[LackingHours, ...] = ()


class Plan(PlanRow):
    """A finished plan; everything a stranger needs to check it, together with its factory."""

    format: Literal["plan-1"] = "plan-1"
    factory: str
    version: int
    scenario: str = "base"
    input_digest: str
    created_at: datetime
    engine_version: str
    seed: int
    reproducible: bool
    certificate: Certificate
    cost: Cost
    planned_orders: tuple[PlannedOrder, ...] = ()
    operations: tuple[PlannedOperation, ...] = ()
    staffing: tuple[StaffingMonth, ...] = ()
    skill_changes: tuple[SkillChange, ...] = ()
    labour_weeks: tuple[LabourWeek, ...] = ()
    labour_shifts: tuple[LabourShift, ...] = ()
    cash: tuple[CashMonth, ...] = ()
    load: tuple[LoadWeek, ...] = ()
    pegging: tuple[Pegging, ...] = ()
    promises: tuple[Promise, ...] = ()
    exceptions: tuple[PlanException, ...] = ()


def read_plan(document: str | bytes) -> Plan:
    """Parse a plan-1 document; raise ``InvalidPlan`` naming the first misfit value."""
    try:
        return Plan.model_validate(json.loads(document, parse_float=Decimal))
    except ValidationError as error:
        raise _invalid(error) from None
    except ValueError as error:
        raise InvalidPlan(f"not JSON: {error}") from None


def pack_plan(plan: Plan) -> str:
    """The plan on one line for another process of ours: like plan-1, but quantities are text."""
    return plan.model_dump_json()


def unpack_plan(document: str) -> Plan:
    """Read what ``pack_plan`` wrote; raise ``InvalidPlan`` naming the first misfit value."""
    try:
        return Plan.model_validate_json(document)
    except ValidationError as error:
        raise _invalid(error) from None


def _invalid(error: ValidationError) -> InvalidPlan:
    first = error.errors(include_url=False)[0]
    place = "".join(f"/{part}" for part in first["loc"])
    return InvalidPlan(f"{place}: {first['msg']} ({error.error_count()} in all)")


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as JSON-ready values: days and moments as text, quantities as numbers."""
    values: dict[str, Any] = plain_values(plan.model_dump())
    return values


def dump_plan(plan: Plan) -> str:
    """Write a plan-1 document."""
    return json.dumps(plan_json(plan), ensure_ascii=False, separators=(",", ":")) + "\n"
