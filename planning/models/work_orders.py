"""Production and purchases that planning must not change: released work orders, firm planned orders."""

from django.db import models

from inventory.models import Item, Supplier
from inventory.models.fields import (
    CODE,
    DAY,
    QTY,
    ZERO,
    Edited,
    in_calendar,
    not_blank,
    not_negative,
    one_of,
    positive,
)


class WorkOrder(Edited):
    """``qty`` of an item under way. Operations up to ``done_through_seq`` are finished."""

    ref = models.CharField(**CODE, unique=True)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="work_orders")
    qty = models.DecimalField(**QTY)
    due = models.DateField(**DAY)
    start = models.DateField(**DAY, null=True, blank=True)
    done_through_seq = models.PositiveIntegerField(null=True, blank=True)
    done_qty = models.DecimalField(**QTY, default=ZERO)
    components_issued = models.BooleanField(default=True)

    class Meta:
        verbose_name = "work order"
        constraints = [
            not_blank("work_order", "ref"),
            positive("work_order", "qty"),
            in_calendar("work_order", "due"),
            in_calendar("work_order", "start"),
            not_negative("work_order", "done_qty"),
            not_negative("work_order", "done_through_seq"),
            models.CheckConstraint(
                condition=models.Q(done_qty__lte=models.F("qty")),
                name="work_order_not_over_done",
                violation_error_message="No more than the released quantity can be done.",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class OrderKind(models.TextChoices):
    """How a planned order supplies."""

    MAKE = "make", "Make"
    BUY = "buy", "Buy"


class FirmOrder(Edited):
    """A planned order that a planner has fixed: planning keeps its quantity, and the day of a purchase.

    ``plan_version`` and ``planned_order`` say which row of a plan it was, where it was one.
    """

    ref = models.CharField(**CODE, unique=True)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="firm_orders")
    kind = models.CharField(max_length=4, choices=OrderKind.choices)
    qty = models.DecimalField(**QTY)
    due = models.DateField(**DAY)
    release = models.DateField(**DAY, null=True, blank=True)
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, null=True, blank=True, related_name="firm_orders"
    )
    plan_version = models.PositiveBigIntegerField(null=True, blank=True, editable=False)
    planned_order = models.CharField(**{**CODE, "blank": True}, default="", editable=False)

    class Meta:
        verbose_name = "firm planned order"
        constraints = [
            not_blank("firm_order", "ref"),
            one_of("firm_order", "kind", OrderKind),
            positive("firm_order", "qty"),
            in_calendar("firm_order", "due"),
            in_calendar("firm_order", "release"),
            models.CheckConstraint(
                condition=models.Q(release__isnull=True) | models.Q(release__lte=models.F("due")),
                name="firm_order_released_by_due",
                violation_error_message="release must not be after due.",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=OrderKind.BUY) | models.Q(supplier__isnull=True),
                name="firm_order_made_without_supplier",
                violation_error_message="What is made here has no supplier.",
            ),
            models.UniqueConstraint(
                fields=["plan_version", "planned_order"],
                condition=models.Q(plan_version__isnull=False),
                name="firm_order_once_per_planned_order",
            ),
        ]

    def __str__(self) -> str:
        return self.ref
