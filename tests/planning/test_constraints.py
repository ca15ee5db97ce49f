"""Every rule of the database is broken once, past all forms and services: the database itself refuses."""

import datetime as dt
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction

from inventory.models import (
    BillOfMaterials,
    BomLine,
    BomSubstitute,
    ByProduct,
    CycleCount,
    CycleCountLine,
    Item,
    ItemSource,
    PriceBreak,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseReceipt,
    StockMovement,
    Supplier,
    UnitOfMeasure,
)
from orders.models import Customer, DeliveryPromise, Instalment, Milestone, OrderLine, SalesOrder
from planning.models import (
    Absence,
    CashMonth,
    Closure,
    CrossTraining,
    Downtime,
    ExtraShift,
    FactorySettings,
    FirmOrder,
    HiringBudget,
    HiringCard,
    HiringCards,
    HiringDecision,
    ItemLeadTimeCalendar,
    LabourReport,
    LabourShift,
    LabourWeek,
    LoadWeek,
    Operation,
    OperationAlternate,
    Pegging,
    PinnedOperation,
    PlanException,
    PlannedOperation,
    PlannedOrder,
    PlanPromise,
    PlanRun,
    RequirementsItem,
    RequirementsRun,
    RequirementsState,
    SetupTime,
    Shift,
    Skill,
    SkillChange,
    SkillRaise,
    SkillRamp,
    SkillRatio,
    SkillShift,
    SourceLeadTimeCalendar,
    StaffingMonth,
    WorkCalendar,
    WorkCentre,
    WorkOrder,
)
from tests import builders
from tests.builders import NOW, TODAY

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


def valid_rows():
    """One valid row of every table with constraints, by model."""
    item = builders.make_item("DRIVE")
    motor = builders.make_item("MOTOR", kind="buy")
    source = builders.make_source(item=motor, supplier=builders.make_supplier("MILL"))
    purchase = builders.make_purchase_order("PO-1", supplier=source.supplier)
    line = builders.make_bom_line(parent=item, component=motor)
    calendar = builders.make_calendar("DAY")
    skill = builders.make_skill("ASM")
    operation = builders.make_operation(
        item=item, work_centre=builders.make_work_centre("BENCH", calendar=calendar)
    )
    order = builders.make_order("SO-1", lines=[builders.new_line(item="DRIVE")])
    order_line = order.lines.get()
    run = builders.make_run()
    requirements = RequirementsRun(
        as_of=TODAY,
        buckets=4,
        created_at=NOW,
        kind="full",
        items=2,
        planned_again=2,
        planned_orders=0,
        messages=0,
        seconds=0.1,
        input_digest="0" * 64,
        data=b"",
    )
    moment = {"start": NOW, "end": NOW, "free": NOW}
    promise = {
        "sales_order": "SO-1",
        "line": 1,
        "instalment": 1,
        "item": "DRIVE",
        "qty": 1,
        "requested": TODAY,
    }
    rows = [
        item.uom,
        item,
        line.bom,
        line,
        BomSubstitute(bom_line=line, item=builders.make_item(kind="buy"), qty=1),
        ByProduct(parent=item, item=motor, qty=1),
        source.supplier,
        source,
        PriceBreak(source=source, from_qty=10, unit_cost=1),
        purchase,
        PurchaseOrderLine(
            purchase_order=purchase,
            ref="PO-1",
            item=motor,
            qty=5,
            due=TODAY,
            planned_in=1,
            planned_order="B1",
        ),
        PurchaseReceipt(order_ref="PO-1", reference="DN-1", lines=[], at=NOW),
        count := CycleCount(ref="CC-1", opened_at=NOW),
        CycleCountLine(count=count, item=motor, location="MAIN"),
        StockMovement(item=motor, qty=1, kind="adjustment", at=NOW),
        order.customer,
        order,
        order_line,
        order_line.instalments.get(),
        Milestone(order=order, date=TODAY, amount=100),
        DeliveryPromise(
            **promise, plan_version=1, promised_at=NOW, instalment_row=order_line.instalments.get()
        ),
        calendar,
        Shift(calendar=calendar, days=[0], start=dt.time(7), end=dt.time(15)),
        Closure(calendar=calendar, closed_from=TODAY, closed_to=TODAY + DAY),
        ExtraShift(calendar=calendar, date=TODAY, start=dt.time(7), end=dt.time(15)),
        ItemLeadTimeCalendar(item=item, calendar=calendar),
        SourceLeadTimeCalendar(source=source, calendar=calendar),
        skill,
        SkillRatio(skill=skill, per_direct_heads=12),
        SkillRamp(skill=skill, target_headcount=5, max_per_month=1),
        SkillRaise(skill=skill, raised_from=TODAY, wage_per_hour=21),
        SkillShift(skill=skill, name="DAY", start=dt.time(6), end=dt.time(14), premium=0, max_heads=2),
        CrossTraining(from_skill=skill, to_skill=builders.make_skill("WIRE"), max_per_month=1),
        LabourReport(
            work_order="WO-1", item=item, skill=skill, units_before=0, units=1, hours=1, finished_on=TODAY
        ),
        HiringBudget(month="2011-05", amount=1000),
        HiringDecision(skill=skill, month="2011-05", heads=2, verdict="approved", decided_at=NOW),
        operation.work_centre,
        operation,
        OperationAlternate(operation=operation, work_centre=operation.work_centre),
        SetupTime(work_centre=operation.work_centre, from_family="A", to_family="B", hours=1),
        Downtime(work_centre=operation.work_centre, station=1, down_from=NOW, down_to=NOW + DAY),
        Absence(skill=skill, heads=1, absent_from=TODAY, absent_to=TODAY + DAY),
        work := WorkOrder(ref="WO-1", item=item, qty=4, due=TODAY),
        FirmOrder(
            ref="FIRM-1",
            item=motor,
            kind="buy",
            qty=4,
            release=TODAY,
            due=TODAY,
            supplier=source.supplier,
            plan_version=1,
            planned_order="BUY-1",
        ),
        PinnedOperation(work_order=work, seq=10, start=NOW, work_centre=operation.work_centre, station=1),
        builders.make_settings(),
        run,
        PlannedOrder(run=run, order="M-1", item="DRIVE", kind="make", qty=1, release=TODAY, due=TODAY),
        PlannedOperation(run=run, order="M-1", item="DRIVE", seq=10, qty=1, crew=1, **moment),
        StaffingMonth(
            run=run,
            skill="ASM",
            month="2011-03",
            headcount=1,
            hires=0,
            leavers=0,
            layoffs=0,
            temp_heads=0,
            available_hours=0,
            required_hours=0,
            overtime_hours=0,
            cost=0,
        ),
        SkillChange(run=run, from_skill="ASM", to_skill="WIRE", month="2011-05", heads=1),
        HiringCards(run=run, asked_at=NOW),
        HiringCard(
            run=run,
            skill="ASM",
            month="2011-05",
            heads=1,
            requisition_by=TODAY,
            decide_by=TODAY,
            **dict.fromkeys(("worth", "money", "late_cost", "missing_head_months"), 0),
            **dict.fromkeys(("break_even_cost", "never_worth"), 0),
        ),
        LabourWeek(run=run, skill="ASM", week=TODAY, available_hours=1, required_hours=1),
        LabourShift(run=run, skill="ASM", month="2011-05", shift="DAY", hours=1, cost=1),
        CashMonth(
            run=run,
            month="2011-05",
            **dict.fromkeys(("opening", "milestones", "deliveries", "payroll", "hiring"), 0),
            **dict.fromkeys(("purchases", "machine", "closing", "short"), 0),
        ),
        LoadWeek(run=run, work_centre="BENCH", week=TODAY, available_hours=1, required_hours=1),
        Pegging(run=run, order="stock", item="MOTOR", qty=1),
        PlanPromise(run=run, **promise, days_late=0),
        requirements,
        RequirementsItem(
            run=requirements,
            item="MOTOR",
            kind="buy",
            uom="pcs",
            **dict.fromkeys(("on_hand", "gross", "planned", "past_due_qty"), Decimal(0)),
            **dict.fromkeys(("late_weeks", "messages", "reschedule_in", "reschedule_out", "cancel"), 0),
            **dict.fromkeys(("past_due", "shortage", "below_safety_stock", "excess"), 0),
            **dict.fromkeys(("insufficient_lead_time", "fence_violation"), 0),
        ),
        RequirementsState.objects.get_or_create(pk=1)[0],
        PlanException(run=run, code="LATE", severity="info", entity="DRIVE", text="late"),
    ]
    for row in rows:
        if row.pk is None:
            row.save(force_insert=True)
    return {type(row): row for row in rows}


STAFFING = {
    "min_headcount_not_negative": {"min_headcount": -1},
    "max_headcount_not_negative": {"max_headcount": -1},
    "max_hires_per_month_not_negative": {"max_hires_per_month": -1},
    "hire_lead_days_not_negative": {"hire_lead_days": 3661},
    "hire_cost_not_negative": {"hire_cost": -1},
    "training_weeks_not_negative": {"training_weeks": -1},
    "training_productivity_is_share": {"training_productivity": Decimal("1.1")},
    "severance_weeks_not_negative": {"severance_weeks": 521},
    "attrition_per_month_below_one": {"attrition_per_month": 1},
    "absence_rate_below_one": {"absence_rate": 1},
    "labour_efficiency_positive": {"labour_efficiency": 0},
    "overtime_max_share_is_share": {"overtime_max_share": Decimal("1.01")},
    "overtime_premium_not_negative": {"overtime_premium": -1},
    "temp_max_heads_not_negative": {"temp_max_heads": 100_001},
    "temp_wage_per_hour_not_negative": {"temp_wage_per_hour": -1},
    "learning_rate_above_zero": {"learning_rate": 0},
    "learning_reference_unit_positive": {"learning_reference_unit": 0},
    "learning_floor_unit_positive": {"learning_floor_unit": 0},
    "max_hires_not_negative": {"max_hires": 100_001},
    "trainer_share_is_share": {"trainer_share": Decimal("1.1")},
}
HUGE = 10**9 + 1
EARLY, LATE = dt.date(1900, 1, 1), dt.date(2999, 1, 1)

# Values of a copy of the valid row that break exactly this rule. ``...``: the copy itself does, by its key.
BREAKS = {
    UnitOfMeasure: {"unit_of_measure_code_not_blank": {"code": ""}},
    Item: {
        "item_code_not_blank": {"code": ""},
        "item_kind_known": {"kind": "stolen"},
        "item_unit_cost_not_negative": {"unit_cost": -1},
        "item_price_not_negative": {"price": HUGE},
        "item_units_made_not_negative": {"units_made": -1},
        "item_earliest_production_in_calendar": {"earliest_production": EARLY},
        "item_safety_stock_not_negative": {"safety_stock": -1},
        "item_min_order_not_negative": {"min_order": -1},
        "item_max_order_positive": {"max_order": 0},
        "item_order_multiple_positive": {"order_multiple": 0},
        "item_group_days_not_negative": {"group_days": -1},
        "item_lead_time_days_not_negative": {"lead_time_days": 3661},
        "item_max_order_not_below_min_order": {"min_order": 5, "max_order": 4},
        "item_lot_rule_known": {"lot_rule": "by feel"},
        "item_order_cost_not_negative": {"order_cost": -1},
        "item_safety_days_not_negative": {"safety_days": 3661},
        "item_fence_days_not_negative": {"fence_days": -1},
        "item_make_priority_not_negative": {"make_priority": -1},
    },
    BillOfMaterials: {
        "bill_of_materials_revision_once_per_item": ...,
        "bill_of_materials_revision_not_blank": {"revision": ""},
        "bill_of_materials_effective_from_in_calendar": {"revision": "2", "effective_from": EARLY},
        "bill_of_materials_effective_to_in_calendar": {"revision": "2", "effective_to": LATE},
        "bill_of_materials_effective_from_before_effective_to": {
            "revision": "2",
            "effective_from": TODAY,
            "effective_to": TODAY,
        },
    },
    BomLine: {
        "bom_line_component_once": ...,
        "bom_line_qty_positive": {"operation": 7, "qty": 0},
        "bom_line_scrap_below_one": {"operation": 7, "scrap": 1},
        "bom_line_operation_not_negative": {"operation": -1},
        "bom_line_effective_from_in_calendar": {"effective_from": EARLY},
        "bom_line_effective_to_in_calendar": {"operation": 7, "effective_to": LATE},
        "bom_line_effective_from_before_effective_to": {"effective_from": TODAY, "effective_to": TODAY},
    },
    BomSubstitute: {
        "bom_substitute_item_once_per_line": ...,
        "bom_substitute_qty_positive": {"item": "other", "qty": 0},
        "bom_substitute_priority_positive": {"item": "other", "priority": 0},
    },
    ByProduct: {
        "by_product_once_per_date": ...,
        "by_product_qty_positive": {"item": "other", "qty": 0},
        "by_product_effective_from_in_calendar": {"effective_from": EARLY},
        "by_product_effective_to_in_calendar": {"item": "other", "effective_to": LATE},
        "by_product_effective_from_before_effective_to": {
            "effective_from": TODAY + DAY,
            "effective_to": TODAY,
        },
    },
    Supplier: {"supplier_code_not_blank": {"code": ""}},
    ItemSource: {
        "item_source_once_per_supplier_and_date": ...,
        "item_source_lead_time_days_not_negative": {"effective_from": TODAY, "lead_time_days": -1},
        "item_source_min_order_not_negative": {"effective_from": TODAY, "min_order": -1},
        "item_source_order_multiple_positive": {"effective_from": TODAY, "order_multiple": 0},
        "item_source_unit_cost_not_negative": {"effective_from": TODAY, "unit_cost": -1},
        "item_source_capacity_per_week_not_negative": {"effective_from": TODAY, "capacity_per_week": -1},
        "item_source_priority_positive": {"effective_from": TODAY, "priority": 0},
        "item_source_effective_from_in_calendar": {"effective_from": EARLY},
        "item_source_effective_to_in_calendar": {"effective_from": TODAY, "effective_to": LATE},
        "item_source_effective_from_before_effective_to": {"effective_from": TODAY, "effective_to": TODAY},
    },
    PriceBreak: {
        "price_break_once_per_quantity": ...,
        "price_break_from_qty_positive": {"from_qty": 0},
        "price_break_unit_cost_not_negative": {"from_qty": 3, "unit_cost": -1},
    },
    PurchaseOrder: {
        "purchase_order_ref_not_blank": {"ref": ""},
        "purchase_order_order_date_in_calendar": {"ref": "PO-2", "order_date": LATE},
    },
    PurchaseOrderLine: {
        "purchase_order_line_number_once": {"ref": "PO-2"},
        "purchase_order_line_ref_not_blank": {"ref": "", "line": 2},
        "purchase_order_line_line_positive": {"ref": "PO-2", "line": 0},
        "purchase_order_line_qty_not_negative": {"ref": "PO-2", "line": 2, "qty": -1, "cancelled_qty": 1},
        "purchase_order_line_orders_something": {"ref": "PO-2", "line": 2, "qty": 0},
        "purchase_order_line_cancelled_qty_not_negative": {"ref": "PO-2", "line": 2, "cancelled_qty": -1},
        "purchase_order_line_unit_cost_not_negative": {"ref": "PO-2", "line": 2, "unit_cost": -1},
        "purchase_order_line_names_whole_proposal": {"ref": "PO-2", "line": 2, "planned_order": None},
        "purchase_order_line_proposal_ordered_once": {"ref": "PO-2", "line": 2},
        "purchase_order_line_due_in_calendar": {"ref": "PO-2", "line": 2, "due": EARLY},
        "purchase_order_line_received_qty_not_negative": {"ref": "PO-2", "line": 2, "received_qty": -1},
        "purchase_order_line_not_over_received": {"ref": "PO-2", "line": 2, "received_qty": 6},
    },
    PurchaseReceipt: {
        "purchase_receipt_reference_once_per_order": {},
        "purchase_receipt_order_ref_not_blank": {"order_ref": ""},
        "purchase_receipt_reference_not_blank": {"reference": ""},
    },
    CycleCount: {
        "cycle_count_ref_not_blank": {"ref": ""},
        "cycle_count_status_known": {"ref": "CC-2", "status": "lost", "started_at": NOW},
        "cycle_count_tolerance_is_share": {"ref": "CC-2", "tolerance": 2},
        "cycle_count_counted_after_start": {"ref": "CC-2", "status": "posted"},
    },
    CycleCountLine: {
        "cycle_count_line_place_once": {},
        "cycle_count_line_location_not_blank": {"location": ""},
        "cycle_count_line_lot_not_blank": {"lot": ""},
        "cycle_count_line_counted_qty_not_negative": {
            "lot": "A",
            "counted_qty": -1,
            "book_qty": 1,
            "counted_at": NOW,
        },
        "cycle_count_line_counted_as_a_whole": {"lot": "A", "counted_qty": 1},
    },
    StockMovement: {
        "stock_movement_location_not_blank": {"location": ""},
        "stock_movement_kind_known": {"kind": "theft"},
        "stock_movement_moves_something": {"qty": 0},
        "stock_movement_qty_bounded": {"qty": HUGE},
        "stock_movement_receipt_comes_in": {"kind": "receipt", "qty": -1},
        "stock_movement_issue_goes_out": {"kind": "issue", "qty": 1},
        "stock_movement_lot_not_blank": {"lot": ""},
    },
    Customer: {
        "customer_code_not_blank": {"code": ""},
        "customer_priority_positive": {"code": "X", "priority": 0},
    },
    SalesOrder: {
        "sales_order_ref_not_blank": {"ref": ""},
        "sales_order_customer_reference_once": {"ref": "SO-2", "customer_reference": "4711"},
        "sales_order_customer_reference_not_blank": {"ref": "SO-2", "customer_reference": ""},
        "sales_order_kind_known": {"ref": "SO-2", "kind": "gift"},
        "sales_order_status_known": {"ref": "SO-2", "status": "lost"},
        "sales_order_delivery_policy_known": {"ref": "SO-2", "delivery_policy": "never"},
        "sales_order_order_date_in_calendar": {"ref": "SO-2", "order_date": EARLY},
        "sales_order_confirmed_has_moment": {"ref": "SO-2", "confirmed_at": None},
        "sales_order_quote_not_confirmed": {"ref": "SO-2", "status": "quote"},
        "sales_order_cancelled_has_moment": {"ref": "SO-2", "status": "cancelled"},
    },
    OrderLine: {
        "order_line_number_once": ...,
        "order_line_line_positive": {"line": 0},
        "order_line_qty_positive": {"line": 2, "qty": 0},
        "order_line_unit_price_not_negative": {"line": 2, "unit_price": -1},
        "order_line_priority_positive": {"line": 2, "priority": 0},
        "order_line_late_cost_per_day_not_negative": {"line": 2, "late_cost_per_day": -1},
        "order_line_late_cost_fixed_not_negative": {"line": 2, "late_cost_fixed": -1},
        "order_line_lease_months_not_negative": {"line": 2, "lease_months": -1},
    },
    Instalment: {
        "instalment_number_once": ...,
        "instalment_instalment_positive": {"instalment": 0},
        "instalment_qty_positive": {"instalment": 2, "qty": 0},
        "instalment_due_in_calendar": {"instalment": 2, "due": LATE},
        "instalment_promised_in_calendar": {"instalment": 2, "promised": LATE, "promised_in_version": 1},
        "instalment_shipped_on_in_calendar": {"instalment": 2, "shipped_qty": 1, "shipped_on": EARLY},
        "instalment_shipped_qty_not_negative": {"instalment": 2, "shipped_qty": -1},
        "instalment_not_over_shipped": {"instalment": 2, "shipped_qty": 11},
        "instalment_shipped_day_has_quantity": {"instalment": 2, "shipped_on": TODAY},
        "instalment_promise_names_its_plan": {"instalment": 2, "promised": TODAY},
    },
    DeliveryPromise: {
        "delivery_promise_once_per_plan": ...,
        "delivery_promise_plan_version_positive": {"plan_version": 0},
        "delivery_promise_qty_positive": {"plan_version": 2, "qty": 0},
        "delivery_promise_requested_in_calendar": {"plan_version": 2, "requested": EARLY},
        "delivery_promise_promised_in_calendar": {"plan_version": 2, "promised": LATE},
    },
    Milestone: {
        "milestone_date_in_calendar": {"date": EARLY},
        "milestone_amount_not_negative": {"amount": -1},
    },
    WorkCalendar: {"work_calendar_code_not_blank": {"code": ""}},
    Shift: {"shift_once_per_calendar": ...},
    Closure: {
        "closure_once_per_calendar": ...,
        "closure_closed_from_in_calendar": {"closed_from": EARLY},
        "closure_closed_to_in_calendar": {"closed_to": LATE},
        "closure_closed_from_before_closed_to": {"closed_to": TODAY},
    },
    Downtime: {
        "downtime_once_per_station": ...,
        "downtime_down_from_in_calendar": {"down_from": NOW.replace(year=1900)},
        "downtime_down_to_in_calendar": {"station": 2, "down_to": NOW.replace(year=2999)},
        "downtime_down_from_before_down_to": {"station": 2, "down_to": NOW},
        "downtime_station_positive": {"station": 0},
    },
    Absence: {
        "absence_once_per_name": ...,
        "absence_heads_positive": {"name": "Ann", "heads": 0},
        "absence_absent_from_in_calendar": {"absent_from": EARLY},
        "absence_absent_to_in_calendar": {"name": "Ann", "absent_to": LATE},
        "absence_absent_from_before_absent_to": {"name": "Ann", "absent_to": TODAY},
    },
    PinnedOperation: {
        "pinned_operation_once_per_work_order": ...,
        "pinned_operation_of_one_order": {"work_order": None},
        "pinned_operation_seq_not_negative": {"seq": -1},
        "pinned_operation_start_in_calendar": {"seq": 20, "start": NOW.replace(year=2999)},
        "pinned_operation_station_positive": {"seq": 20, "station": 0},
    },
    ExtraShift: {"extra_shift_once_per_calendar": ..., "extra_shift_date_in_calendar": {"date": EARLY}},
    Skill: {
        "skill_code_not_blank": {"code": ""},
        "skill_kind_known": {"code": "X", "kind": "magic"},
        "skill_headcount_not_negative": {"code": "X", "headcount": -1},
        "skill_wage_per_hour_not_negative": {"code": "X", "wage_per_hour": -1},
        "skill_hours_per_day_in_a_day": {"code": "X", "hours_per_day": 25},
        **{f"skill_{name}": {"code": "X"} | values for name, values in STAFFING.items()},
    },
    SkillRatio: {"skill_ratio_per_direct_heads_positive": {"skill": "other", "per_direct_heads": 0}},
    SkillRamp: {
        "skill_ramp_target_headcount_not_negative": {"skill": "other", "target_headcount": -1},
        "skill_ramp_max_per_month_positive": {"skill": "other", "max_per_month": 0},
    },
    SkillRaise: {
        "skill_raise_once_per_day": ...,
        "skill_raise_raised_from_in_calendar": {"raised_from": EARLY},
        "skill_raise_wage_per_hour_not_negative": {"skill": "other", "wage_per_hour": -1},
    },
    SkillShift: {
        "skill_shift_once_per_name": ...,
        "skill_shift_name_not_blank": {"name": ""},
        "skill_shift_premium_not_negative": {"name": "X", "premium": -1},
        "skill_shift_max_heads_not_negative": {"name": "X", "max_heads": -1},
    },
    LabourReport: {
        "labour_report_once_per_work_order": ...,
        "labour_report_work_order_not_blank": {"work_order": ""},
        "labour_report_units_positive": {"work_order": "X", "units": 0},
        "labour_report_units_before_in_range": {"work_order": "X", "units_before": 100_001},
        "labour_report_hours_positive": {"work_order": "X", "hours": 0},
        "labour_report_finished_on_in_calendar": {"work_order": "X", "finished_on": EARLY},
    },
    CrossTraining: {
        "cross_training_once_per_way": ...,
        "cross_training_max_per_month_positive": {"to_skill": "other", "max_per_month": 0},
        "cross_training_weeks_not_negative": {"to_skill": "other", "weeks": 521},
        "cross_training_productivity_is_share": {"to_skill": "other", "productivity": Decimal("1.1")},
        "cross_training_cost_not_negative": {"to_skill": "other", "cost": -1},
    },
    HiringBudget: {
        "hiring_budget_month_is_month": {"month": "2011-13"},
        "hiring_budget_amount_not_negative": {"month": "2011-06", "amount": -1},
    },
    HiringCards: {"hiring_cards_status_known": {"status": "perhaps"}},
    HiringCard: {
        "hiring_card_once_per_plan": ...,
        "hiring_card_heads_positive": {"month": "2011-06", "heads": 0},
    },
    HiringDecision: {
        "hiring_decision_once_per_month": ...,
        "hiring_decision_month_is_month": {"month": "2100-01"},
        "hiring_decision_heads_not_negative": {"month": "2011-06", "heads": 100_001},
        "hiring_decision_verdict_known": {"month": "2011-06", "verdict": "perhaps"},
        "hiring_decision_approved_has_heads": {"month": "2011-06", "heads": 0},
    },
    WorkCentre: {
        "work_centre_code_not_blank": {"code": ""},
        "work_centre_stations_not_negative": {"code": "X", "stations": -1},
        "work_centre_batch_positive": {"code": "X", "batch": 0},
        "work_centre_efficiency_positive": {"code": "X", "efficiency": 0},
        "work_centre_cost_per_hour_not_negative": {"code": "X", "cost_per_hour": -1},
    },
    Operation: {
        "operation_seq_once_per_item": ...,
        "operation_in_house_or_external": {"seq": 20, "external_days": 1},
        "operation_seq_not_negative": {"seq": -1},
        "operation_crew_positive": {"seq": 20, "crew": 0},
        "operation_setup_h_not_negative": {"seq": 20, "setup_h": -1},
        "operation_run_h_not_negative": {"seq": 20, "run_h": -1},
        "operation_lot_positive": {"seq": 20, "lot": 0},
        "operation_unattended_h_not_negative": {"seq": 20, "unattended_h": -1},
        "operation_queue_h_not_negative": {"seq": 20, "queue_h": 1_000_001},
        "operation_external_days_not_negative": {"seq": 20, "work_centre": None, "external_days": -1},
        "operation_setup_family_not_blank": {"seq": 20, "setup_family": ""},
    },
    OperationAlternate: {
        "operation_alternate_work_centre_once": ...,
        "operation_alternate_speed_positive": {"work_centre": "other", "speed": 0},
    },
    SetupTime: {
        "setup_time_once_per_change": ...,
        "setup_time_from_family_not_blank": {"from_family": ""},
        "setup_time_to_family_not_blank": {"to_family": ""},
        "setup_time_hours_not_negative": {"to_family": "C", "hours": -1},
    },
    WorkOrder: {
        "work_order_ref_not_blank": {"ref": ""},
        "work_order_qty_positive": {"ref": "X", "qty": 0},
        "work_order_due_in_calendar": {"ref": "X", "due": EARLY},
        "work_order_start_in_calendar": {"ref": "X", "start": LATE},
        "work_order_done_qty_not_negative": {"ref": "X", "done_qty": -1},
        "work_order_done_through_seq_not_negative": {"ref": "X", "done_through_seq": -1},
        "work_order_not_over_done": {"ref": "X", "done_qty": 5},
    },
    FirmOrder: {
        "firm_order_ref_not_blank": {"ref": "", "plan_version": None},
        "firm_order_kind_known": {"ref": "X", "plan_version": None, "kind": "lend"},
        "firm_order_qty_positive": {"ref": "X", "plan_version": None, "qty": 0},
        "firm_order_due_in_calendar": {"ref": "X", "plan_version": None, "due": LATE},
        "firm_order_release_in_calendar": {"ref": "X", "plan_version": None, "release": EARLY},
        "firm_order_released_by_due": {"ref": "X", "plan_version": None, "release": TODAY + DAY},
        "firm_order_made_without_supplier": {"ref": "X", "plan_version": None, "kind": "make"},
        "firm_order_once_per_planned_order": {"ref": "X"},
    },
    FactorySettings: {
        "factory_settings_one_factory": {"pk": 2},
        "factory_settings_name_not_blank": {"name": ""},
        "factory_settings_as_of_in_calendar": {"as_of": EARLY},
        "factory_settings_horizon_end_in_calendar": {"horizon_end": LATE},
        "factory_settings_as_of_before_horizon_end": {"horizon_end": TODAY},
        "factory_settings_late_cost_rate_not_negative": {"late_cost_rate": -1},
        "factory_settings_late_cost_fixed_rate_not_negative": {"late_cost_fixed_rate": -1},
        "factory_settings_holding_rate_per_year_not_negative": {"holding_rate_per_year": -1},
        "factory_settings_frozen_days_not_negative": {"frozen_days": -1},
        "factory_settings_service_level_is_share": {"service_level": 2},
        "factory_settings_max_total_heads_not_negative": {"max_total_heads": 100_001},
        "factory_settings_hiring_budget_per_month_not_negative": {"hiring_budget_per_month": -1},
        "factory_settings_cash_opening_not_negative": {"cash_opening": -1},
        "factory_settings_cash_floor_not_negative": {"cash_floor": HUGE},
        "factory_settings_cash_customer_days_not_negative": {"cash_customer_days": 3661},
        "factory_settings_cash_supplier_days_not_negative": {"cash_supplier_days": 3661},
        **{f"factory_settings_{name}": values for name, values in STAFFING.items()},
    },
    PlanRun: {
        "plan_run_scenario_not_blank": {"scenario": ""},
        "plan_run_status_known": {"status": "lost"},
        "plan_run_as_of_in_calendar": {"as_of": EARLY},
        "plan_run_percent_not_negative": {"percent": 101},
        "plan_run_attempt_not_negative": {"attempt": 4},
        "plan_run_time_limit_positive": {"time_limit_seconds": 0},
        "plan_run_workers_positive": {"workers": 0},
        "plan_run_running_has_lease": {"status": "running"},
        "plan_run_built_is_complete": {"status": "ready", "finished_at": NOW},
        "plan_run_published_has_moment": {"published_at": NOW},
        "plan_run_ended_has_moment": {"status": "cancelled"},
        "plan_run_failed_has_reason": {"status": "failed", "finished_at": NOW},
    },
    PlannedOrder: {
        "planned_order_id_once_per_plan": ...,
        "planned_order_kind_known": {"order": "X", "kind": "rent"},
        "planned_order_qty_positive": {"order": "X", "qty": 0},
    },
    PlannedOperation: {
        "planned_operation_qty_positive": {"qty": 0},
        "planned_operation_moments_in_order": {"start": NOW + DAY},
    },
    StaffingMonth: {
        "staffing_month_once_per_plan": ...,
        "staffing_month_heads_not_negative": {"month": "2011-04", "headcount": -1},
    },
    SkillChange: {"skill_change_once_per_plan": ...},
    LabourWeek: {"labour_week_once_per_plan": ...},
    LabourShift: {"labour_shift_once_per_plan": ...},
    CashMonth: {"cash_month_once_per_plan": ...},
    LoadWeek: {"load_week_once_per_plan": ...},
    Pegging: {
        "pegging_for_one_thing": {"for_order": "M-1", "sales_order": "SO-1", "line": 1, "instalment": 1},
        "pegging_names_whole_instalment": {"sales_order": "SO-1"},
    },
    PlanPromise: {
        "plan_promise_once_per_instalment": ...,
        "plan_promise_qty_positive": {"line": 2, "qty": 0},
    },
    PlanException: {"plan_exception_severity_known": {"severity": "panic"}},
    RequirementsRun: {
        "requirements_run_kind_known": {"kind": "half"},
        "requirements_run_as_of_in_calendar": {"as_of": EARLY},
        "requirements_run_has_buckets": {"buckets": 0},
        "requirements_run_plans_no_more_than_there_is": {"planned_again": 3},
    },
    RequirementsItem: {
        "requirements_item_once_per_run": ...,
        "requirements_item_messages_bounded": {"item": "OTHER", "messages": 100_001},
    },
    RequirementsState: {"requirements_state_one_row": {"pk": 2}},
}
# Broken with rows of their own, below.
ELSEWHERE = {
    "plan_run_move_budget_is_share_of_base",
    "plan_run_one_published_per_scenario",
    "plan_run_built_without_violations",
    "pinned_operation_once_per_firm_order",
    "cross_training_to_another_skill",
}


def test_every_constraint_has_its_test():
    names = {
        constraint.name
        for app in ("inventory", "orders", "planning")
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    }

    assert {name for rules in BREAKS.values() for name in rules} | ELSEWHERE == names


@pytest.mark.parametrize("model", BREAKS, ids=lambda model: model.__name__)
def test_the_database_refuses_a_row_that_breaks_a_rule(model):
    row = valid_rows()[model]
    if model is SalesOrder:
        SalesOrder.objects.filter(pk=row.pk).update(customer_reference="4711")
    if model in (FactorySettings, RequirementsState):
        models.QuerySet(model).delete()
    for name, values in BREAKS[model].items():
        values = {} if values is ... else values
        copy = _copy(row, values)
        with pytest.raises(DatabaseError) as refused, transaction.atomic():
            models.QuerySet(model).bulk_create([copy])
        assert _names_the_rule(refused.value, model, name, values), f"{name}: {refused.value}"


@pytest.mark.parametrize("model", BREAKS, ids=lambda model: model.__name__)
def test_a_row_that_breaks_no_rule_is_stored(model):
    """The rows above are refused for what they break, not for the rest."""
    assert models.QuerySet(model).filter(pk=valid_rows()[model].pk).exists()


def _copy(row, values):
    others = {Item: builders.make_item, Skill: builders.make_skill, WorkCentre: builders.make_work_centre}
    columns = {}
    for each in type(row)._meta.concrete_fields:
        value = values.get(each.name, getattr(row, each.name))
        if value == "other":
            value = others[each.related_model]()
        columns[each.name] = value
    keeps_key = "pk" in values or isinstance(row, FactorySettings | RequirementsState)
    columns.pop(type(row)._meta.pk.name)
    return type(row)(**columns, **({"pk": values.get("pk", row.pk)} if keeps_key else {}))


def _names_the_rule(error, model, name, values):
    """By its name, or by the column, whose type has a check of its own; SQLite names no unique rule."""
    message = str(error)
    rule = next(each for each in model._meta.constraints if each.name == name)
    if connection.vendor == "sqlite" and isinstance(rule, models.UniqueConstraint):
        return name in message or f"UNIQUE constraint failed: {model._meta.db_table}." in message
    return name in message or any(column in message for column in values)


def test_a_scenario_has_one_published_plan():
    builders.make_run(status="published")
    builders.make_run(status="published", scenario="what if")

    with pytest.raises(DatabaseError, match=r"one_published_per_scenario|scenario"), transaction.atomic():
        builders.make_run(status="published")


def test_an_operation_of_a_firm_order_is_pinned_once():
    firm = FirmOrder.objects.create(ref="FO-1", item=builders.make_item(), kind="make", qty=1, due=TODAY)
    PinnedOperation.objects.create(firm_order=firm, seq=10, start=NOW)

    with pytest.raises(DatabaseError, match=r"once_per_firm_order|firm_order_id"), transaction.atomic():
        PinnedOperation.objects.create(firm_order=firm, seq=10, start=NOW + DAY)


def test_nobody_is_trained_for_the_skill_they_have():
    skill = builders.make_skill("ASM")

    with pytest.raises(DatabaseError, match="cross_training_to_another_skill"), transaction.atomic():
        CrossTraining.objects.create(from_skill=skill, to_skill=skill, max_per_month=1)


@pytest.mark.parametrize("share", [-0.1, 1.1, None])
def test_a_move_budget_is_a_share_of_a_base_plan(share):
    base = builders.make_run(status="ready") if share is not None else None

    with pytest.raises(DatabaseError, match="plan_run_move_budget_is_share_of_base"), transaction.atomic():
        builders.make_run(base_plan=base, move_budget=0.5 if share is None else share)


def test_a_plan_with_violations_cannot_be_stored_as_built():
    with pytest.raises(DatabaseError, match="plan_run_built_without_violations"), transaction.atomic():
        builders.make_run(status="ready", violations=[{"rule": "skill_capacity"}])
    assert PlanRun.objects.count() == 0


def test_a_plan_that_is_not_complete_cannot_be_published():
    for missing in ({"factory_json": ""}, {"input_digest": ""}, {"certificate": None}, {"total_cost": None}):
        with pytest.raises(DatabaseError, match="plan_run_built_is_complete"), transaction.atomic():
            builders.make_run(status="ready", **missing)


@pytest.mark.parametrize("qty", ["NaN", "1e18", "-1", "0"])
def test_no_quantity_that_is_none_gets_into_a_line(qty):
    item = builders.make_item(kind="buy")

    with pytest.raises((DatabaseError, ValidationError)), transaction.atomic():
        builders.make_bom_line(component=item, qty=Decimal(qty))
    assert BomLine.objects.count() == 0
