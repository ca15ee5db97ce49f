"""Material requirements by week: the runs of the netting core, and a row for each item, for lists.

The newest run is the current one. ``RequirementsState`` is one row that is locked while a run is made.
"""

from django.conf import settings
from django.db import models

from inventory.models.fields import CODE, COUNT_LIMIT, DAY, NAME, QTY, in_calendar, one_of

STATE_ID = 1
# A horizon's sum of what netting can count (2e12 units) is longer than a quantity.
TOTAL = QTY | {"max_digits": 20}


class RequirementsKind(models.TextChoices):
    """How much of it was planned anew."""

    FULL = "full", "Full"
    NET_CHANGE = "net_change", "Net change"


class RequirementsRun(models.Model):
    """What was netted, when, and how much of it anew.

    Buckets of ``bucket_days`` count from ``as_of``. ``beyond_horizon``: open instalments that are due after
    the last bucket, and hence not in it. ``data`` is the stored run of the engine, ``receipts`` names its
    scheduled receipts in their order. ``input_digest`` is the sha256 of all that it was made from.
    """

    as_of = models.DateField("planning date", **DAY)
    bucket_days = models.PositiveSmallIntegerField(default=7)
    buckets = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=RequirementsKind.choices)
    items = models.PositiveIntegerField()
    planned_again = models.PositiveIntegerField()
    planned_orders = models.PositiveIntegerField()
    messages = models.PositiveIntegerField()
    beyond_horizon = models.PositiveIntegerField(default=0)
    seconds = models.FloatField()
    input_digest = models.CharField(max_length=64)
    data = models.BinaryField()
    receipts = models.JSONField(default=list)

    class Meta:
        verbose_name = "requirements run"
        constraints = [
            one_of("requirements_run", "kind", RequirementsKind),
            in_calendar("requirements_run", "as_of"),
            models.CheckConstraint(
                condition=models.Q(buckets__gt=0, bucket_days__gt=0), name="requirements_run_has_buckets"
            ),
            models.CheckConstraint(
                condition=models.Q(planned_again__lte=models.F("items")),
                name="requirements_run_plans_no_more_than_there_is",
            ),
        ]

    def __str__(self) -> str:
        return f"Requirements {self.pk}"


class RequirementsItem(models.Model):
    """An item in a run, as lists show it.

    ``first_shortage``: start of the first week that is expected to end below 0. ``past_due_qty``: of planned
    orders, what should have gone out before the planning date. ``late_weeks``: by how much the latest planned
    order misses its need. The other counts are of messages, by their code.
    """

    run = models.ForeignKey(RequirementsRun, on_delete=models.CASCADE, related_name="item_rows")
    item = models.CharField(**CODE)
    name = models.CharField(**NAME)
    kind = models.CharField(max_length=8)
    uom = models.CharField(**CODE)
    on_hand = models.DecimalField(**QTY)
    gross = models.DecimalField(**TOTAL)
    planned = models.DecimalField(**TOTAL)
    first_shortage = models.DateField(**DAY, null=True)
    first_release = models.DateField(**DAY, null=True)
    past_due_qty = models.DecimalField(**TOTAL)
    late_weeks = models.PositiveIntegerField()
    messages = models.PositiveIntegerField()
    reschedule_in = models.PositiveIntegerField()
    reschedule_out = models.PositiveIntegerField()
    cancel = models.PositiveIntegerField()
    past_due = models.PositiveIntegerField()
    shortage = models.PositiveIntegerField()
    below_safety_stock = models.PositiveIntegerField()
    excess = models.PositiveIntegerField()
    insufficient_lead_time = models.PositiveIntegerField()
    fence_violation = models.PositiveIntegerField()

    class Meta:
        verbose_name = "requirements of an item"
        verbose_name_plural = "requirements of items"
        constraints = [
            models.UniqueConstraint(fields=["run", "item"], name="requirements_item_once_per_run"),
            models.CheckConstraint(
                condition=models.Q(messages__gte=0, messages__lte=COUNT_LIMIT),
                name="requirements_item_messages_bounded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} in {self.run_id}"


class RequirementsState(models.Model):
    """One row. ``newest_change`` is how far the changes of the rows had come when they were last compared."""

    newest_change = models.CharField(max_length=500, default="")
    checked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "state of the requirements"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=STATE_ID), name="requirements_state_one_row")
        ]

    def __str__(self) -> str:
        return f"checked {self.checked_at}"
