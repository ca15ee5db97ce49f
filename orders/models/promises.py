"""The history of every promise: date, when, from which plan. Rows are added, never changed."""

from django.conf import settings
from django.db import models

from inventory.models.fields import CODE, DAY, QTY, AppendOnly, AppendOnlyQuerySet, in_calendar, positive
from orders.models.orders import Instalment


class DeliveryPromise(AppendOnly):
    """What a customer was told about one instalment, by one published plan.

    The number of order, line and instalment are kept as text beside the link: the history stays
    readable when the order is removed. ``promised`` empty: the plan found no date.
    """

    instalment_row = models.ForeignKey(
        Instalment, on_delete=models.SET_NULL, null=True, blank=True, related_name="promises"
    )
    sales_order = models.CharField(**CODE)
    line = models.PositiveIntegerField()
    instalment = models.PositiveIntegerField()
    item = models.CharField(**CODE)
    qty = models.DecimalField(**QTY)
    requested = models.DateField(**DAY)
    promised = models.DateField(**DAY, null=True, blank=True)
    days_late = models.IntegerField(null=True, blank=True)
    deliveries = models.JSONField(default=list, blank=True)
    reasons = models.JSONField(default=list, blank=True)
    p50 = models.DateField(**DAY, null=True, blank=True)
    p80 = models.DateField(**DAY, null=True, blank=True)
    p95 = models.DateField(**DAY, null=True, blank=True)
    plan_version = models.PositiveBigIntegerField()
    promised_at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        verbose_name = "delivery promise"
        indexes = [models.Index(fields=["sales_order", "line", "instalment"], name="delivery_promise_key")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan_version", "instalment_row"], name="delivery_promise_once_per_plan"
            ),
            positive("delivery_promise", "plan_version", limit=2**62),
            positive("delivery_promise", "qty"),
            in_calendar("delivery_promise", "requested"),
            in_calendar("delivery_promise", "promised"),
        ]

    def __str__(self) -> str:
        return f"{self.sales_order} / {self.line} / {self.instalment} by plan {self.plan_version} [{self.pk}]"
