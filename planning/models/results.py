"""What a plan says, row by row, with the keys of plan-1.

A plan is a document: it names items, skills and orders by their codes as text, and does not change
when master data does. Hours are standard hours; intervals are half-open.
"""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from inventory.models.fields import CODE, DAY, QTY, positive
from planning.models.runs import PlanRun


class Severity(models.TextChoices):
    """How much an exception matters."""

    INFO = "info", "Info"
    WARNING = "warning", "Warning"
    ERROR = "error", "Error"


class PlanResult(models.Model):
    """A row of a plan. Written once, with its plan."""

    # No index of its own: each table has one that begins with the run, and rows come by the 100,000.
    run = models.ForeignKey(PlanRun, on_delete=models.CASCADE, related_name="%(class)s_rows", db_index=False)

    class Meta:
        abstract = True


class PlannedOrder(PlanResult):
    """Something to make or to buy. ``order`` is the ``id`` of plan-1, which operations and pegging name."""

    order = models.CharField(**CODE)
    item = models.CharField(**CODE)
    kind = models.CharField(max_length=4, choices=[("make", "Make"), ("buy", "Buy")])
    qty = models.DecimalField(**QTY)
    release = models.DateField(**DAY)
    due = models.DateField(**DAY)
    supplier = models.CharField(**CODE, null=True, blank=True)
    work_order = models.CharField(**CODE, null=True, blank=True)
    firm = models.BooleanField(default=False)

    class Meta:
        verbose_name = "planned order"
        indexes = [
            # As the lists are read: a page of them is a short piece of an index, however many rows there are.
            models.Index(fields=["run", "release", "item", "id"], name="planned_order_release"),
            models.Index(fields=["run", "kind", "release", "item", "id"], name="planned_order_kind"),
            models.Index(fields=["run", "item"], name="planned_order_item"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["run", "order"], name="planned_order_id_once_per_plan"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["make", "buy"]), name="planned_order_kind_known"
            ),
            positive("planned_order", "qty"),
        ]

    def __str__(self) -> str:
        return f"{self.order} of plan {self.run_id}"


class PlannedOperation(PlanResult):
    """A lot, or a share of it, on one station: people until ``end``, the station until ``free``."""

    order = models.CharField(**CODE)
    item = models.CharField(**CODE)
    seq = models.PositiveIntegerField()
    qty = models.DecimalField(**QTY)
    work_centre = models.CharField(**CODE, null=True, blank=True)
    station = models.PositiveIntegerField(null=True, blank=True)
    skill = models.CharField(**CODE, null=True, blank=True)
    crew = models.PositiveIntegerField()
    start = models.DateTimeField()
    end = models.DateTimeField()
    free = models.DateTimeField()

    class Meta:
        verbose_name = "planned operation"
        indexes = [
            models.Index(fields=["run", "work_centre", "start"], name="planned_op_work_centre"),
            models.Index(fields=["run", "skill", "start"], name="planned_op_skill"),
            models.Index(fields=["run", "order", "seq"], name="planned_op_order"),
        ]
        constraints = [
            positive("planned_operation", "qty"),
            models.CheckConstraint(
                condition=models.Q(start__lte=models.F("end"), end__lte=models.F("free")),
                name="planned_operation_moments_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} / {self.seq} of plan {self.run_id} [{self.pk}]"


class StaffingMonth(PlanResult):
    """One skill in one month ("2011-03"). ``headcount`` are paid heads, fractional by attrition."""

    skill = models.CharField(**CODE)
    month = models.CharField(max_length=7)
    headcount = models.FloatField()
    hires = models.PositiveIntegerField()
    requisition_by = models.DateField(**DAY, null=True, blank=True)
    leavers = models.FloatField()
    layoffs = models.PositiveIntegerField()
    temp_heads = models.FloatField()
    available_hours = models.FloatField()
    required_hours = models.FloatField()
    overtime_hours = models.FloatField()
    cost = models.FloatField()
    moved_in = models.PositiveIntegerField(default=0)
    moved_out = models.PositiveIntegerField(default=0)
    training_heads = models.FloatField(default=0.0)
    wage_per_hour = models.FloatField(default=0.0)

    class Meta:
        verbose_name = "staffing month"
        constraints = [
            models.UniqueConstraint(fields=["run", "skill", "month"], name="staffing_month_once_per_plan"),
            models.CheckConstraint(
                condition=models.Q(headcount__gte=0), name="staffing_month_heads_not_negative"
            ),
        ]
        indexes = [models.Index(fields=["run", "month"], name="staffing_month_month")]

    def __str__(self) -> str:
        return f"{self.skill} {self.month} of plan {self.run_id}"


class SkillChange(PlanResult):
    """``heads`` who change from one skill to another on the first day of ``month``."""

    from_skill = models.CharField(**CODE)
    to_skill = models.CharField(**CODE)
    month = models.CharField(max_length=7)
    heads = models.PositiveIntegerField()

    class Meta:
        verbose_name = "change of skill"
        verbose_name_plural = "changes of skill"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "month", "from_skill", "to_skill"], name="skill_change_once_per_plan"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_skill} to {self.to_skill} {self.month} of plan {self.run_id}"


class LabourWeek(PlanResult):
    """Standard hours of a skill in the week that begins on Monday ``week``."""

    skill = models.CharField(**CODE)
    week = models.DateField(**DAY)
    available_hours = models.FloatField()
    required_hours = models.FloatField()

    class Meta:
        verbose_name = "labour week"
        constraints = [
            models.UniqueConstraint(fields=["run", "skill", "week"], name="labour_week_once_per_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} {self.week} of plan {self.run_id}"


class LabourShift(PlanResult):
    """Standard hours that operations of a month take of a skill in a shift, and what its premium costs."""

    skill = models.CharField(**CODE)
    month = models.CharField(max_length=7)
    shift = models.CharField(**CODE)
    hours = models.FloatField()
    cost = models.FloatField()

    class Meta:
        verbose_name = "labour shift"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "skill", "month", "shift"], name="labour_shift_once_per_plan"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill} {self.shift} {self.month} of plan {self.run_id}"


class CashMonth(PlanResult):
    """Money in and out of one month; ``short`` is what ``closing`` lacks to the floor."""

    month = models.CharField(max_length=7)
    opening = models.FloatField()
    milestones = models.FloatField()
    deliveries = models.FloatField()
    payroll = models.FloatField()
    hiring = models.FloatField()
    purchases = models.FloatField()
    machine = models.FloatField()
    closing = models.FloatField()
    short = models.FloatField()

    class Meta:
        verbose_name = "cash month"
        constraints = [
            models.UniqueConstraint(fields=["run", "month"], name="cash_month_once_per_plan"),
        ]

    def __str__(self) -> str:
        return f"Cash of {self.month} in plan {self.run_id}"


class LoadWeek(PlanResult):
    """Station hours of a work centre in the week that begins on Monday ``week``."""

    work_centre = models.CharField(**CODE)
    week = models.DateField(**DAY)
    available_hours = models.FloatField()
    required_hours = models.FloatField()

    class Meta:
        verbose_name = "load week"
        constraints = [
            models.UniqueConstraint(fields=["run", "work_centre", "week"], name="load_week_once_per_plan"),
        ]
        indexes = [models.Index(fields=["run", "week"], name="load_week_week")]

    def __str__(self) -> str:
        return f"{self.work_centre} {self.week} of plan {self.run_id}"


class Pegging(PlanResult):
    """``qty`` of a supply (an order's id or ref, or "stock") for another order, an instalment, or neither."""

    order = models.CharField(**CODE)
    item = models.CharField(**CODE)
    qty = models.DecimalField(**QTY)
    for_order = models.CharField(**CODE, null=True, blank=True)
    sales_order = models.CharField(**CODE, null=True, blank=True)
    line = models.PositiveIntegerField(null=True, blank=True)
    instalment = models.PositiveIntegerField(null=True, blank=True)
    day = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "pegging"
        verbose_name_plural = "pegging"
        indexes = [
            models.Index(fields=["run", "order"], name="pegging_order"),
            models.Index(fields=["run", "for_order"], name="pegging_for_order"),
            models.Index(fields=["run", "item", "day"], name="pegging_item_day"),
            # Few of very many rows are for an instalment.
            models.Index(
                fields=["run", "sales_order", "line", "instalment"],
                name="pegging_instalment",
                condition=models.Q(sales_order__isnull=False),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(for_order__isnull=True) | models.Q(sales_order__isnull=True),
                name="pegging_for_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(sales_order__isnull=True, line__isnull=True, instalment__isnull=True)
                | models.Q(sales_order__isnull=False, line__isnull=False, instalment__isnull=False),
                name="pegging_names_whole_instalment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.qty:f} {self.item} of {self.order} in plan {self.run_id} [{self.pk}]"


class PlanPromise(PlanResult):
    """What one instalment can be told. ``promised`` empty: it can never be delivered."""

    sales_order = models.CharField(**CODE)
    line = models.PositiveIntegerField()
    instalment = models.PositiveIntegerField()
    item = models.CharField(**CODE)
    qty = models.DecimalField(**QTY)
    requested = models.DateField(**DAY)
    promised = models.DateField(null=True, blank=True)
    days_late = models.PositiveIntegerField()
    deliveries = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder)
    p50 = models.DateField(null=True, blank=True)
    p80 = models.DateField(null=True, blank=True)
    p95 = models.DateField(null=True, blank=True)
    reasons = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder)
    chain = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder)
    earliest = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "promise"
        indexes = [models.Index(fields=["run", "days_late"], name="plan_promise_late")]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "sales_order", "line", "instalment"], name="plan_promise_once_per_instalment"
            ),
            positive("plan_promise", "qty"),
        ]

    def __str__(self) -> str:
        return f"{self.sales_order} / {self.line} / {self.instalment} in plan {self.run_id}"


class PlanException(PlanResult):
    """Something the planner should know: what, about which entity, and what to do. ``shortfall``: hours that
    a skill lacks, by month.
    """

    code = models.CharField(max_length=64)
    severity = models.CharField(max_length=8, choices=Severity.choices)
    entity = models.CharField(max_length=200)
    text = models.TextField()
    suggestion = models.TextField(blank=True, default="")
    item = models.CharField(**{**CODE, "blank": True}, null=True)
    money_at_risk = models.FloatField(null=True, blank=True)
    shortfall = models.JSONField(default=list, blank=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "exception"
        indexes = [
            models.Index(fields=["run", "severity", "code"], name="plan_exception_severity"),
            models.Index(fields=["run", "item"], name="plan_exception_item"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(severity__in=Severity.values), name="plan_exception_severity_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.entity} in plan {self.run_id} [{self.pk}]"
