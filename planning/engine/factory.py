"""factory-1, the exchange format, as frozen data classes: everything a plan is made from.

One class per kind of row, fields named after the keys of the format and holding its defaults. ``None`` in a
field whose default is "that of something else" (a skill's staffing rule, a line's priority) means *inherit*;
``resolve`` fills these in. Values are validated one by one where a row is built; what relates rows to each
other (references, cycles, sums) is ``planning.engine.factory_check``.
"""

from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from planning.engine.numbers import (
    Clock,
    Code,
    Count,
    Day,
    DayHours,
    Days,
    Hours,
    LossShare,
    Moment,
    Money,
    Month,
    PositiveCount,
    PositiveHeads,
    PositiveQty,
    PositiveRate,
    PositiveShare,
    PositiveWhole,
    Qty,
    Rate,
    Share,
    Text,
    Weeks,
    Whole,
)

ZERO = Decimal(0)
ONE = Decimal(1)


class Row(BaseModel):
    """A row of the format: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, validate_default=False)


class ShiftRow(Row):
    """Open hours on some weekdays (Monday = 0); an ``end`` at or before ``start`` runs past midnight."""

    days: tuple[Literal[0, 1, 2, 3, 4, 5, 6], ...]
    start: Clock = "07:00"
    end: Clock = "15:00"


class ClosureRow(Row):
    """Days ``[from, to)`` on which no shift starts."""

    from_: Day = Field(alias="from")
    to: Day
    name: Text = ""


class ExtraShiftRow(Row):
    """Open hours on one day, even a closed one."""

    date: Day
    start: Clock
    end: Clock


class CalendarRow(Row):
    code: Code
    shifts: tuple[ShiftRow, ...] = ()
    closures: tuple[ClosureRow, ...] = ()
    extra_shifts: tuple[ExtraShiftRow, ...] = ()


class RaiseRow(Row):
    """The wage from a day on."""

    from_: Day = Field(alias="from")
    wage_per_hour: Money


class SkillShiftRow(Row):
    """Hours of every day in which people of a skill are at work; an ``end`` at or before ``start`` runs past
    midnight. An hour worked in it costs ``premium`` of the wage on top; at most ``max_heads`` are put on it.
    """

    name: Code
    start: Clock
    end: Clock
    premium: Rate = ZERO
    max_heads: Count | None = None


class SkillRow(Row):
    """A kind of labour. The staffing rules (from ``can_hire`` on) inherit from ``StaffingRow`` when None."""

    code: Code
    name: Text = ""
    kind: Literal["direct", "indirect", "engineering", "overhead"] = "direct"
    headcount: Count = 0
    wage_per_hour: Money = ZERO
    hours_per_day: DayHours = Decimal(8)
    calendar: Code | None = None
    can_hire: bool | None = None
    can_lay_off: bool | None = None
    min_headcount: Count | None = None
    max_headcount: Count | None = None
    max_hires_per_month: Count | None = None
    hire_lead_days: Days | None = None
    hire_cost: Money | None = None
    training_weeks: Weeks | None = None
    training_productivity: Share | None = None
    severance_weeks: Weeks | None = None
    attrition_per_month: LossShare | None = None
    absence_rate: LossShare | None = None
    labour_efficiency: PositiveRate | None = None
    overtime_max_share: Share | None = None
    overtime_premium: Rate | None = None
    temp_max_heads: Count | None = None
    temp_wage_per_hour: Money | None = None
    learning_rate: PositiveShare | None = None
    learning_reference_unit: PositiveWhole | None = None
    learning_floor_unit: PositiveWhole | None = None
    max_hires: Count | None = None
    trainer_share: Share | None = None
    raises: tuple[RaiseRow, ...] = ()
    shifts: tuple[SkillShiftRow, ...] = ()


class RatioRow(Row):
    """Heads of ``skill``, rounded up, are at least direct heads / ``per_direct_heads``, rounded up."""

    skill: Code
    per_direct_heads: PositiveRate


class RampRow(Row):
    """``skill`` hires up to ``max_per_month`` every month until it has ``target_headcount`` heads."""

    skill: Code
    target_headcount: Count
    max_per_month: PositiveCount


class CrossTrainingRow(Row):
    """A way from one skill to another: up to ``max_per_month`` people change on the first day of a month, are
    paid as the new skill from then on, and give ``productivity`` of it for ``weeks``; ``cost`` each.
    """

    from_skill: Code
    to_skill: Code
    max_per_month: PositiveCount
    weeks: Weeks = ZERO
    productivity: Share = ONE
    cost: Money = ZERO


class HiringBudgetRow(Row):
    month: Month
    amount: Money


class StaffingRow(Row):
    """Staffing rules of every skill that does not say otherwise, and the limits of the whole plant."""

    can_hire: bool = True
    can_lay_off: bool = False
    min_headcount: Count = 0
    max_headcount: Count | None = None
    max_hires_per_month: Count | None = None
    hire_lead_days: Days = 0
    hire_cost: Money = ZERO
    training_weeks: Weeks = ZERO
    training_productivity: Share = ONE
    severance_weeks: Weeks = ZERO
    attrition_per_month: LossShare = ZERO
    absence_rate: LossShare = ZERO
    labour_efficiency: PositiveRate = ONE
    overtime_max_share: Share = ZERO
    overtime_premium: Rate = Decimal("1.5")
    temp_max_heads: Count = 0
    temp_wage_per_hour: Money | None = None
    learning_rate: PositiveShare = ONE
    learning_reference_unit: PositiveWhole = 1
    learning_floor_unit: PositiveWhole | None = None
    max_total_hires_per_month: Count | None = None
    ratios: tuple[RatioRow, ...] = ()
    ramps: tuple[RampRow, ...] = ()
    max_hires: Count | None = None
    trainer_share: Share = ZERO
    max_total_heads: Count | None = None
    hiring_budget_per_month: Money | None = None
    hiring_budgets: tuple[HiringBudgetRow, ...] = ()
    cross_training: tuple[CrossTrainingRow, ...] = ()
    keep_going: bool = False


class WorkCentreRow(Row):
    code: Code
    name: Text = ""
    stations: Count = 1
    calendar: Code
    batch: PositiveQty = ONE
    efficiency: PositiveRate = ONE
    cost_per_hour: Money = ZERO


LotRuleName = Literal["lot_for_lot", "fixed_period", "wagner_whitin", "silver_meal"]


class ItemRow(Row):
    """Something made, bought or passed through. With ``sources`` a made item may be bought as well: the way
    of the smallest priority comes first, ``make_priority`` being that of making it.
    """

    code: Code
    name: Text = ""
    kind: Literal["make", "buy", "phantom"]
    uom: Code = "pcs"
    unit_cost: Money = ZERO
    price: Money | None = None
    units_made: Whole = 0
    earliest_production: Day | None = None
    safety_stock: Qty = ZERO
    min_order: Qty = ZERO
    max_order: PositiveQty | None = None
    order_multiple: PositiveQty | None = None
    group_days: Days = 0
    lead_time_days: Days = 0
    lead_time_calendar: Code | None = None
    lot_rule: LotRuleName | None = None
    order_cost: Money = ZERO
    safety_days: Days = 0
    fence_days: Days = 0
    make_priority: Count = 0

    @property
    def lot_sizing(self) -> LotRuleName:
        """The rule that counts: ``group_days`` alone asks for fixed periods."""
        return self.lot_rule or ("fixed_period" if self.group_days else "lot_for_lot")


class PriceBreakRow(Row):
    from_qty: PositiveQty
    unit_cost: Money


class SourceRow(Row):
    """A way to buy an item. ``min_order``, ``order_multiple`` and ``unit_cost`` inherit from the item when
    None.
    """

    item: Code
    supplier: Code
    lead_time_days: Days
    lead_time_calendar: Code | None = None
    min_order: Qty | None = None
    order_multiple: PositiveQty | None = None
    unit_cost: Money | None = None
    price_breaks: tuple[PriceBreakRow, ...] = ()
    capacity_per_week: Qty | None = None
    priority: PositiveCount = 1
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class SubstituteRow(Row):
    item: Code
    qty: PositiveQty
    priority: PositiveCount = 1


class BomRow(Row):
    """``qty`` of ``component`` per unit of ``parent``, taken when operation ``operation`` (None:
    the first) starts. ``uom``, where it is given, is that of the component.
    """

    parent: Code
    component: Code
    qty: PositiveQty
    uom: Code | None = None
    scrap: LossShare = ZERO
    operation: Whole | None = None
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None
    substitutes: tuple[SubstituteRow, ...] = ()


class ByProductRow(Row):
    """``qty`` of ``item`` comes into stock with each unit of ``parent`` that is made."""

    parent: Code
    item: Code
    qty: PositiveQty
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None


class AlternateRow(Row):
    work_centre: Code
    speed: PositiveRate = ONE


class OperationRow(Row):
    """A step of a routing; either on ``work_centre`` or subcontracted for ``external_days``."""

    seq: Whole
    name: Text = ""
    work_centre: Code | None = None
    alternates: tuple[AlternateRow, ...] = ()
    skill: Code | None = None
    crew: PositiveCount = 1
    setup_h: Hours = ZERO
    run_h: Hours = ZERO
    lot: PositiveQty = ONE
    unattended_h: Hours = ZERO
    setup_family: Code | None = None
    overlap: bool = False
    queue_h: Hours = ZERO
    external_days: Days | None = None


class SetupTimeRow(Row):
    work_centre: Code
    from_family: Code
    to_family: Code
    hours: Hours


class SupplierRow(Row):
    code: Code
    name: Text = ""


class CustomerRow(Row):
    code: Code
    name: Text = ""
    priority: PositiveCount = 3


class InstalmentRow(Row):
    due: Day
    qty: PositiveQty
    shipped_qty: Qty = ZERO


class OrderLineRow(Row):
    """``due`` or ``instalments`` says when. ``unit_price`` and ``priority`` inherit; late costs None:
    the policy's.
    """

    line: PositiveWhole
    item: Code
    qty: PositiveQty
    due: Day | None = None
    instalments: tuple[InstalmentRow, ...] = ()
    shipped_qty: Qty = ZERO
    unit_price: Money | None = None
    priority: PositiveCount | None = None
    late_cost_per_day: Money | None = None
    late_cost_fixed: Money | None = None
    lease_months: Count | None = None


class MilestoneRow(Row):
    """Money that the customer pays on a day before or beside deliveries: a deposit, a stage reached."""

    date: Day
    amount: Money
    name: Text = ""


class SalesOrderRow(Row):
    ref: Code
    customer: Code
    customer_reference: Text | None = None
    kind: Literal["sale", "lease"] = "sale"
    order_date: Day | None = None
    status: Literal["quote", "confirmed"] = "confirmed"
    delivery_policy: Literal["independent", "all_together"] = "independent"
    lines: tuple[OrderLineRow, ...] = ()
    milestones: tuple[MilestoneRow, ...] = ()


class StockRow(Row):
    item: Code
    qty: Qty
    location: Code = "MAIN"
    lot: Code | None = None


class PurchaseOrderRow(Row):
    """A scheduled receipt of ``qty - received_qty`` on ``due``."""

    ref: Code
    supplier: Code
    item: Code
    qty: PositiveQty
    due: Day
    received_qty: Qty = ZERO


class WorkOrderRow(Row):
    """Released production of ``qty - done_qty``; operations up to ``done_through_seq`` are behind it."""

    ref: Code
    item: Code
    qty: PositiveQty
    due: Day
    start: Day | None = None
    done_through_seq: Whole | None = None
    done_qty: Qty = ZERO
    components_issued: bool = True


class FirmOrderRow(Row):
    """A planned order that a planner has fixed: planning keeps its quantity, and the day of a purchase."""

    ref: Code
    item: Code
    kind: Literal["make", "buy"]
    qty: PositiveQty
    due: Day
    release: Day | None = None
    supplier: Code | None = None


class DowntimeRow(Row):
    """A station of a work centre (None: all of them) is closed in ``[from, to)``, whatever its calendar."""

    work_centre: Code
    station: PositiveCount | None = None
    from_: Moment = Field(alias="from")
    to: Moment
    name: Text = ""


class AbsenceRow(Row):
    """``heads`` of a skill are paid but not there on its open days in ``[from, to)``."""

    skill: Code
    heads: PositiveHeads
    from_: Day = Field(alias="from")
    to: Day
    name: Text = ""


class PinnedOperationRow(Row):
    """Operation ``seq`` of a work order or firm order starts at ``start``, on ``work_centre`` (None: the
    routing's) and ``station`` (None: any).
    """

    order: Code
    seq: Whole
    start: Moment
    work_centre: Code | None = None
    station: PositiveCount | None = None


class HiringDecisionRow(Row):
    """What somebody decided on the hires of ``skill`` in ``month``: at least ``heads`` ("approved"), exactly
    ``heads`` ("locked"), or none ("refused", ``heads`` being those that were not to come).
    """

    skill: Code
    month: Month
    heads: Count
    verdict: Literal["approved", "locked", "refused"]
    name: Text = ""


class CashRow(Row):
    """Money at ``as_of`` (None: cash is not planned), the ``floor`` that is kept at the end of every month,
    and how many days after a delivery customers pay, and after a receipt suppliers are paid.
    """

    opening: Money | None = None
    floor: Money = ZERO
    customer_days: Days = 0
    supplier_days: Days = 0


class PolicyRow(Row):
    """What lateness and stock cost, and how sure a promise must be."""

    late_cost_rate: Rate = Decimal("0.001")
    late_cost_fixed_rate: Rate = Decimal("0.01")
    holding_rate_per_year: Rate = Decimal("0.15")
    frozen_days: Days = 0
    service_level: Share = Decimal("0.8")


class Factory(Row):
    """One factory and its order book on the planning date ``as_of``."""

    format: Literal["factory-1"]
    name: Code
    about: Any = Field(default_factory=dict)
    currency: Code = "USD"
    time_zone: Code = "UTC"
    as_of: Day
    horizon_end: Day
    calendars: tuple[CalendarRow, ...] = ()
    skills: tuple[SkillRow, ...] = ()
    staffing: StaffingRow = StaffingRow()
    work_centres: tuple[WorkCentreRow, ...] = ()
    items: tuple[ItemRow, ...] = ()
    sources: tuple[SourceRow, ...] = ()
    bom: tuple[BomRow, ...] = ()
    by_products: tuple[ByProductRow, ...] = ()
    routings: dict[Code, tuple[OperationRow, ...]] = Field(default_factory=dict)
    setup_times: tuple[SetupTimeRow, ...] = ()
    suppliers: tuple[SupplierRow, ...] = ()
    customers: tuple[CustomerRow, ...] = ()
    sales_orders: tuple[SalesOrderRow, ...] = ()
    stock: tuple[StockRow, ...] = ()
    purchase_orders: tuple[PurchaseOrderRow, ...] = ()
    work_orders: tuple[WorkOrderRow, ...] = ()
    firm_orders: tuple[FirmOrderRow, ...] = ()
    downtimes: tuple[DowntimeRow, ...] = ()
    absences: tuple[AbsenceRow, ...] = ()
    pinned_operations: tuple[PinnedOperationRow, ...] = ()
    hiring_decisions: tuple[HiringDecisionRow, ...] = ()
    cash: CashRow = CashRow()
    policy: PolicyRow = PolicyRow()
