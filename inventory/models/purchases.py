"""Purchase orders, their lines, and what was received of them.

``qty`` of a line is what still stands: what was cancelled has left it and is kept beside it. So a
scheduled receipt is ``qty - received_qty`` wherever it is read, exchanged or planned.
"""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When

from inventory.models.fields import (
    CODE,
    DAY,
    MONEY,
    QTY,
    ZERO,
    AppendOnly,
    AppendOnlyQuerySet,
    Edited,
    in_calendar,
    not_blank,
    not_negative,
    positive,
)
from inventory.models.items import Item
from inventory.models.supply import Supplier


class PurchaseStatus(models.TextChoices):
    """How far a purchase order, or a line of it, has come."""

    OPEN = "open", "Open"
    PARTLY_RECEIVED = "partly_received", "Partly received"
    RECEIVED = "received", "Received"
    CANCELLED = "cancelled", "Cancelled"


class NumberSeries(models.Model):
    """The last number that was given under a prefix: ``PO`` for purchase orders, ``CC`` for counts."""

    prefix = models.CharField(max_length=8, primary_key=True)
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = "number series"
        verbose_name_plural = "number series"

    def __str__(self) -> str:
        return f"{self.prefix}-{self.last:06d}"


class PurchaseOrderQuerySet(models.QuerySet["PurchaseOrder"]):
    """Each method narrows or annotates; all of them chain."""

    def with_status(self) -> "PurchaseOrderQuerySet":
        """``status`` follows from the lines: what is still to come decides, then what has come."""
        lines = PurchaseOrderLine.objects.filter(purchase_order=OuterRef("pk"))
        begun = Exists(lines.filter(received_qty__gt=0))
        return self.annotate(
            status=Case(
                When(Exists(lines.open()) & begun, then=Value(PurchaseStatus.PARTLY_RECEIVED)),
                When(Exists(lines.open()), then=Value(PurchaseStatus.OPEN)),
                When(begun, then=Value(PurchaseStatus.RECEIVED)),
                default=Value(PurchaseStatus.CANCELLED),
                output_field=models.CharField(max_length=16),
            )
        )


class PurchaseOrder(Edited):
    """An order to a supplier that has gone out."""

    ref = models.CharField(**CODE, unique=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="purchase_orders")
    order_date = models.DateField(**DAY, null=True, blank=True)

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        constraints = [not_blank("purchase_order", "ref"), in_calendar("purchase_order", "order_date")]

    def __str__(self) -> str:
        return self.ref


class PurchaseOrderLineQuerySet(models.QuerySet["PurchaseOrderLine"]):
    """Each method narrows; all of them chain."""

    def open(self) -> "PurchaseOrderLineQuerySet":
        """Lines of which something is still to come."""
        return self.filter(received_qty__lt=F("qty"))


class PurchaseOrderLine(Edited):
    """A scheduled receipt of what is still open: ``qty - received_qty`` on ``due``.

    ``ref`` is the key under which the receipt is exchanged: the order's own for its first line.
    ``cancelled_qty`` was ordered as well and is no longer wanted; ``qty`` does not contain it.
    ``planned_in`` and ``planned_order`` name the plan's proposal that the line was made from.
    ``placed_at`` is empty for what was imported.
    """

    purchase_order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="lines")
    ref = models.CharField(**CODE, unique=True)
    line = models.PositiveIntegerField(default=1)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="purchase_order_lines")
    qty = models.DecimalField(**QTY)
    due = models.DateField(**DAY)
    received_qty = models.DecimalField(**QTY, default=ZERO)
    cancelled_qty = models.DecimalField(**QTY, default=ZERO)
    unit_cost = models.DecimalField(**MONEY, null=True, blank=True)
    planned_in = models.PositiveBigIntegerField("plan", null=True, blank=True, editable=False)
    planned_order = models.CharField(**CODE, null=True, blank=True, editable=False)
    placed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = PurchaseOrderLineQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["item", "placed_at"], name="purchase_line_item_placed")]
        constraints = [
            models.UniqueConstraint(
                fields=["purchase_order", "line"], name="purchase_order_line_number_once"
            ),
            models.UniqueConstraint(
                fields=["planned_in", "planned_order"], name="purchase_order_line_proposal_ordered_once"
            ),
            not_blank("purchase_order_line", "ref"),
            positive("purchase_order_line", "line", limit=1_000_000),
            not_negative("purchase_order_line", "qty"),
            not_negative("purchase_order_line", "cancelled_qty"),
            not_negative("purchase_order_line", "unit_cost"),
            models.CheckConstraint(
                condition=Q(qty__gt=0) | Q(cancelled_qty__gt=0),
                name="purchase_order_line_orders_something",
                violation_error_message="qty: a number above 0 is expected.",
            ),
            in_calendar("purchase_order_line", "due"),
            not_negative("purchase_order_line", "received_qty"),
            models.CheckConstraint(
                condition=Q(received_qty__lte=F("qty")),
                name="purchase_order_line_not_over_received",
                violation_error_message="No more than the ordered quantity can be received.",
            ),
            models.CheckConstraint(
                condition=Q(planned_in__isnull=True, planned_order__isnull=True)
                | Q(planned_in__isnull=False, planned_order__isnull=False),
                name="purchase_order_line_names_whole_proposal",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def status(self) -> PurchaseStatus:
        """How far this line has come."""
        if self.received_qty < self.qty:
            return PurchaseStatus.PARTLY_RECEIVED if self.received_qty else PurchaseStatus.OPEN
        return PurchaseStatus.RECEIVED if self.received_qty else PurchaseStatus.CANCELLED


class PurchaseReceiptQuerySet(AppendOnlyQuerySet):
    """Each method narrows; all of them chain."""

    def known_as(self, reference: str, *, order_ref: str) -> "PurchaseReceiptQuerySet":
        """The receipt that the sender of the delivery calls so."""
        return self.filter(order_ref=order_ref, reference=reference)


class PurchaseReceipt(AppendOnly):
    """One delivery, as it was booked: ``lines`` hold what came in of which line, and where it was put.

    ``reference`` is the sender's own word for it; the same word twice for one order is one receipt.
    The order is named by its ref, so that a receipt outlives an import that replaces everything.
    """

    order_ref = models.CharField(**CODE)
    reference = models.CharField(**CODE, null=True, blank=True)
    lines = models.JSONField(encoder=DjangoJSONEncoder)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = PurchaseReceiptQuerySet.as_manager()

    class Meta:
        verbose_name = "purchase receipt"
        constraints = [
            models.UniqueConstraint(
                fields=["order_ref", "reference"], name="purchase_receipt_reference_once_per_order"
            ),
            not_blank("purchase_receipt", "order_ref"),
            not_blank("purchase_receipt", "reference"),
        ]

    def __str__(self) -> str:
        return f"{self.order_ref} [{self.pk}]"
