"""Released production: a scheduled receipt of what is still open."""

from django.db import models

from inventory.models import Item
from inventory.models.fields import (
    CODE,
    DAY,
    QTY,
    ZERO,
    Edited,
    in_calendar,
    not_blank,
    not_negative,
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
