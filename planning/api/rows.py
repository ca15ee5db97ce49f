"""plan-1 row by row: the same keys, and nothing of the tables they are kept in."""

from typing import Any

from rest_framework import serializers

from config.rest.fields import DayField, NumberField
from inventory.models.fields import QTY_LIMIT
from planning.models import Severity

ORDER_KINDS = [("make", "Make"), ("buy", "Buy")]
STAGE_STATUS = [(status, status.capitalize()) for status in ("optimal", "feasible", "heuristic")]


def number(**options: Any) -> NumberField:
    """An exact decimal, written as a JSON number."""
    return NumberField(at_most=QTY_LIMIT, **options)


class ViolationSerializer(serializers.Serializer[Any]):
    """One broken rule, about one row of the plan."""

    rule = serializers.CharField()
    entity = serializers.CharField()
    text = serializers.CharField(allow_null=True)


class StageSerializer(serializers.Serializer[Any]):
    """How good a stage's answer is."""

    status = serializers.ChoiceField(choices=STAGE_STATUS)
    objective = serializers.FloatField(allow_null=True)
    bound = serializers.FloatField(allow_null=True)
    gap = serializers.FloatField(allow_null=True)
    seconds = serializers.FloatField()
    solver = serializers.CharField()


class CertificateSerializer(serializers.Serializer[Any]):
    """How good the plan is, stage by stage, and what the verifier found: nothing."""

    material = StageSerializer()
    aggregate = StageSerializer()
    schedule = StageSerializer()
    violations = ViolationSerializer(many=True)


class CostSerializer(serializers.Serializer[Any]):
    """Money from `as_of` to `horizon_end`."""

    total = serializers.FloatField(allow_null=True)
    material = serializers.FloatField()
    regular_labour = serializers.FloatField(allow_null=True)
    overtime = serializers.FloatField(allow_null=True)
    temporary_labour = serializers.FloatField(allow_null=True)
    shift_premiums = serializers.FloatField(allow_null=True, default=0.0)  # older plans know none
    hiring = serializers.FloatField(allow_null=True)
    severance = serializers.FloatField(allow_null=True)
    machine = serializers.FloatField()
    holding = serializers.FloatField()
    lateness = serializers.FloatField()


class PlannedOrderSerializer(serializers.Serializer[Any]):
    """Something to make or to buy: `release` is the day it must go out, `due` the day it is in stock."""

    id = serializers.CharField(source="order")
    item = serializers.CharField()
    kind = serializers.ChoiceField(choices=ORDER_KINDS)
    qty = number()
    release = DayField()
    due = DayField()
    supplier = serializers.CharField(allow_null=True)
    work_order = serializers.CharField(allow_null=True)
    firm = serializers.BooleanField()


class OperationSerializer(serializers.Serializer[Any]):
    """A lot, or a share of it, on one station: people until `end`, the station until `free`."""

    order = serializers.CharField()
    item = serializers.CharField()
    seq = serializers.IntegerField()
    qty = number()
    work_centre = serializers.CharField(allow_null=True)
    station = serializers.IntegerField(allow_null=True)
    skill = serializers.CharField(allow_null=True)
    crew = serializers.IntegerField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    free = serializers.DateTimeField()


class StaffingSerializer(serializers.Serializer[Any]):
    """One skill in one month; hours are standard hours, `headcount` are paid heads."""

    skill = serializers.CharField()
    month = serializers.CharField()
    headcount = serializers.FloatField()
    hires = serializers.IntegerField()
    requisition_by = DayField(allow_null=True)
    leavers = serializers.FloatField()
    layoffs = serializers.IntegerField()
    temp_heads = serializers.FloatField()
    available_hours = serializers.FloatField()
    required_hours = serializers.FloatField()
    overtime_hours = serializers.FloatField()
    cost = serializers.FloatField(allow_null=True)
    moved_in = serializers.IntegerField()
    moved_out = serializers.IntegerField()
    training_heads = serializers.FloatField()
    wage_per_hour = serializers.FloatField(allow_null=True)


class SkillChangeSerializer(serializers.Serializer[Any]):
    """`heads` who change from one skill to another on the first day of `month`."""

    from_skill = serializers.CharField()
    to_skill = serializers.CharField()
    month = serializers.CharField()
    heads = serializers.IntegerField()


class LabourWeekSerializer(serializers.Serializer[Any]):
    """Standard hours of a skill in the week that begins on Monday `week`."""

    skill = serializers.CharField()
    week = DayField()
    available_hours = serializers.FloatField()
    required_hours = serializers.FloatField()


class LabourShiftSerializer(serializers.Serializer[Any]):
    """Standard hours that operations of a month take of a skill in a shift; `cost` is that of its premium."""

    skill = serializers.CharField()
    month = serializers.CharField()
    shift = serializers.CharField()
    hours = serializers.FloatField()
    cost = serializers.FloatField(allow_null=True)


class CashMonthSerializer(serializers.Serializer[Any]):
    """Money in and out of one month; `short` is what `closing` lacks to the floor."""

    month = serializers.CharField()
    opening = serializers.FloatField()
    milestones = serializers.FloatField()
    deliveries = serializers.FloatField()
    payroll = serializers.FloatField()
    hiring = serializers.FloatField()
    purchases = serializers.FloatField()
    machine = serializers.FloatField()
    closing = serializers.FloatField()
    short = serializers.FloatField()


class LoadSerializer(serializers.Serializer[Any]):
    """Station hours of a work centre in the week that begins on Monday `week`."""

    work_centre = serializers.CharField()
    week = DayField()
    available_hours = serializers.FloatField()
    required_hours = serializers.FloatField()


class PeggingSerializer(serializers.Serializer[Any]):
    """`qty` of supply `order` (or "stock") for another order, for an instalment, or for neither (excess)."""

    order = serializers.CharField()
    item = serializers.CharField()
    qty = number()
    for_order = serializers.CharField(allow_null=True)
    sales_order = serializers.CharField(allow_null=True)
    line = serializers.IntegerField(allow_null=True)
    instalment = serializers.IntegerField(allow_null=True)
    day = DayField(allow_null=True)


class PlanDeliverySerializer(serializers.Serializer[Any]):
    """Units that arrive on one day."""

    date = serializers.DateField()
    qty = number()


class PlanReasonSerializer(serializers.Serializer[Any]):
    """One cause of lateness and the days it costs."""

    code = serializers.CharField()
    entity = serializers.CharField()
    days = serializers.FloatField()
    text = serializers.CharField()


class ChainLinkSerializer(serializers.Serializer[Any]):
    """One step of the longest chain of lead times behind a late delivery."""

    item = serializers.CharField()
    order = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(choices=[*ORDER_KINDS, ("receipt", "Receipt")])
    start = serializers.DateField()
    end = serializers.DateField()
    days = serializers.IntegerField()


class PlanPromiseSerializer(serializers.Serializer[Any]):
    """What one instalment can be told; `promised` is null only when it can never be delivered."""

    sales_order = serializers.CharField()
    line = serializers.IntegerField()
    instalment = serializers.IntegerField()
    item = serializers.CharField()
    qty = number()
    requested = DayField()
    promised = DayField(allow_null=True)
    days_late = serializers.IntegerField()
    deliveries = PlanDeliverySerializer(many=True)
    p50 = DayField(allow_null=True)
    p80 = DayField(allow_null=True)
    p95 = DayField(allow_null=True)
    reasons = PlanReasonSerializer(many=True)
    chain = ChainLinkSerializer(many=True)
    earliest = DayField(allow_null=True)


class LackingHoursSerializer(serializers.Serializer[Any]):
    """Standard hours that a skill lacks in one month."""

    month = serializers.CharField()
    hours = serializers.FloatField()


class PlanExceptionSerializer(serializers.Serializer[Any]):
    """Something that needs attention, and what to do; `shortfall` are the hours that a skill lacks by month,
    where the exception is about these.
    """

    code = serializers.CharField()
    severity = serializers.ChoiceField(choices=Severity.choices)
    entity = serializers.CharField()
    text = serializers.CharField()
    suggestion = serializers.CharField()
    item = serializers.CharField(allow_null=True)
    money_at_risk = serializers.FloatField(allow_null=True)
    shortfall = LackingHoursSerializer(many=True)


class PlanDocumentSerializer(serializers.Serializer[Any]):
    """A whole plan as plan-1."""

    format = serializers.CharField()
    factory = serializers.CharField()
    version = serializers.IntegerField()
    scenario = serializers.CharField()
    input_digest = serializers.CharField()
    created_at = serializers.DateTimeField()
    engine_version = serializers.CharField()
    seed = serializers.IntegerField()
    reproducible = serializers.BooleanField()
    certificate = CertificateSerializer()
    cost = CostSerializer()
    planned_orders = PlannedOrderSerializer(many=True)
    operations = OperationSerializer(many=True)
    staffing = StaffingSerializer(many=True)
    skill_changes = SkillChangeSerializer(many=True)
    labour_weeks = LabourWeekSerializer(many=True)
    labour_shifts = LabourShiftSerializer(many=True)
    cash = CashMonthSerializer(many=True, allow_null=True)
    load = LoadSerializer(many=True)
    pegging = PeggingSerializer(many=True)
    promises = PlanPromiseSerializer(many=True)
    exceptions = PlanExceptionSerializer(many=True)
