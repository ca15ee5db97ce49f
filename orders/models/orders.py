"""Sales orders: an order has lines, a line has at least one instalment.

The instalment is what is planned, promised and shipped. Requested (``due``), promised and
shipped dates are three columns: none of them ever overwrites another.
"""

from decimal import Decimal

from django.db import models

from inventory.models import Item
from inventory.models.fields import (
    CODE,
    COUNT_LIMIT,
    DAY,
    MONEY,
    NAME,
    NOTE,
    QTY,
    ZERO,
    Edited,
    in_calendar,
    not_blank,
    not_negative,
    one_of,
    positive,
)
from orders.models.customers import Customer


class OrderKind(models.TextChoices):
    """What the customer gets."""

    SALE = "sale", "Sale"
    LEASE = "lease", "Lease"


class OrderStatus(models.TextChoices):
    """quote -> confirmed <-> on_hold; confirmed -> shipped; all but shipped -> cancelled.

    Only confirmed orders are planned. Quotes are exchanged, not planned; orders on hold and
    cancelled orders are neither; shipped orders are exchanged as confirmed with all of it shipped.
    """

    QUOTE = "quote", "Quote"
    CONFIRMED = "confirmed", "Confirmed"
    ON_HOLD = "on_hold", "On hold"
    CANCELLED = "cancelled", "Cancelled"
    SHIPPED = "shipped", "Shipped"


class DeliveryPolicy(models.TextChoices):
    """Whether the lines may arrive on different days."""

    INDEPENDENT = "independent", "Each line on its own"
    ALL_TOGETHER = "all_together", "All together"


class SalesOrder(Edited):
    """What one customer ordered under one number.

    ``customer_reference`` is the customer's own order number. ``status_reason`` says why an order
    is on hold or cancelled.
    """

    ref = models.CharField("number", **CODE, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="sales_orders")
    customer_reference = models.CharField(**CODE | {"max_length": 200}, null=True, blank=True)
    kind = models.CharField(max_length=8, choices=OrderKind.choices, default=OrderKind.SALE)
    order_date = models.DateField(**DAY)
    status = models.CharField(max_length=10, choices=OrderStatus.choices, default=OrderStatus.QUOTE)
    status_reason = models.TextField(**NOTE)
    delivery_policy = models.CharField(
        max_length=12, choices=DeliveryPolicy.choices, default=DeliveryPolicy.INDEPENDENT
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        verbose_name = "sales order"
        indexes = [models.Index(fields=["status", "order_date"], name="sales_order_status_date")]
        constraints = [
            not_blank("sales_order", "ref"),
            models.UniqueConstraint(
                fields=["customer", "customer_reference"], name="sales_order_customer_reference_once"
            ),
            models.CheckConstraint(
                condition=models.Q(customer_reference__isnull=True) | ~models.Q(customer_reference=""),
                name="sales_order_customer_reference_not_blank",
            ),
            one_of("sales_order", "kind", OrderKind),
            one_of("sales_order", "status", OrderStatus),
            one_of("sales_order", "delivery_policy", DeliveryPolicy),
            in_calendar("sales_order", "order_date"),
            models.CheckConstraint(
                condition=models.Q(status__in=[OrderStatus.QUOTE, OrderStatus.CANCELLED])
                | models.Q(confirmed_at__isnull=False),
                name="sales_order_confirmed_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=OrderStatus.QUOTE) | models.Q(confirmed_at__isnull=True),
                name="sales_order_quote_not_confirmed",
            ),
            models.CheckConstraint(
                condition=models.Q(status=OrderStatus.CANCELLED, cancelled_at__isnull=False)
                | models.Q(~models.Q(status=OrderStatus.CANCELLED), cancelled_at__isnull=True),
                name="sales_order_cancelled_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class OrderLine(Edited):
    """``qty`` of one item; its instalments add up to it.

    ``unit_price``, ``priority`` and the two costs of lateness are empty when the item, the customer
    and the policy say them. ``has_instalments`` remembers whether the delivery schedule was written
    as instalments or as one due date.
    """

    order = models.ForeignKey(SalesOrder, on_delete=models.CASCADE, related_name="lines")
    line = models.PositiveIntegerField()
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="order_lines")
    qty = models.DecimalField(**QTY)
    unit_price = models.DecimalField(**MONEY, null=True, blank=True)
    priority = models.PositiveIntegerField(null=True, blank=True)
    late_cost_per_day = models.DecimalField(**MONEY, null=True, blank=True)
    late_cost_fixed = models.DecimalField(**MONEY, null=True, blank=True)
    lease_months = models.PositiveIntegerField(null=True, blank=True)
    has_instalments = models.BooleanField(default=False)

    class Meta:
        verbose_name = "order line"
        constraints = [
            models.UniqueConstraint(fields=["order", "line"], name="order_line_number_once"),
            positive("order_line", "line"),
            positive("order_line", "qty"),
            not_negative("order_line", "unit_price"),
            positive("order_line", "priority", limit=COUNT_LIMIT),
            not_negative("order_line", "late_cost_per_day"),
            not_negative("order_line", "late_cost_fixed"),
            not_negative("order_line", "lease_months", limit=COUNT_LIMIT),
        ]

    def __str__(self) -> str:
        return f"{self.order} / {self.line}"


class Instalment(Edited):
    """``qty`` of a line, wanted on ``due``. Numbered 1, 2, ... in order of due date.

    ``promised`` is the date the customer was last given, ``promised_in_version`` the plan it comes
    from; ``shipped_on`` is the day of the last shipment.
    """

    order_line = models.ForeignKey(OrderLine, on_delete=models.CASCADE, related_name="instalments")
    instalment = models.PositiveIntegerField(default=1)
    qty = models.DecimalField(**QTY)
    due = models.DateField("requested", **DAY)
    promised = models.DateField(**DAY, null=True, blank=True)
    promised_in_version = models.PositiveBigIntegerField(null=True, blank=True)
    shipped_qty = models.DecimalField(**QTY, default=ZERO)
    shipped_on = models.DateField(**DAY, null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due"], name="instalment_due")]
        constraints = [
            models.UniqueConstraint(fields=["order_line", "instalment"], name="instalment_number_once"),
            positive("instalment", "instalment", limit=1_000_000),
            positive("instalment", "qty"),
            in_calendar("instalment", "due"),
            in_calendar("instalment", "promised"),
            in_calendar("instalment", "shipped_on"),
            not_negative("instalment", "shipped_qty"),
            models.CheckConstraint(
                condition=models.Q(shipped_qty__lte=models.F("qty")),
                name="instalment_not_over_shipped",
                violation_error_message="No more than the ordered quantity can be shipped.",
            ),
            models.CheckConstraint(
                condition=models.Q(shipped_on__isnull=True) | models.Q(shipped_qty__gt=0),
                name="instalment_shipped_day_has_quantity",
            ),
            models.CheckConstraint(
                condition=models.Q(promised__isnull=True) | models.Q(promised_in_version__isnull=False),
                name="instalment_promise_names_its_plan",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_line} / {self.instalment}"

    @property
    def open_qty(self) -> Decimal:
        """What is still to be delivered."""
        return self.qty - self.shipped_qty


class Milestone(Edited):
    """``amount`` of money that the customer pays on ``date``, whatever is delivered: a deposit, a stage.

    All of an order's are together no more than it is worth; two of them may say the same.
    """

    order = models.ForeignKey(SalesOrder, on_delete=models.CASCADE, related_name="milestones")
    date = models.DateField(**DAY)
    amount = models.DecimalField(**MONEY)
    name = models.CharField(**NAME)

    class Meta:
        constraints = [in_calendar("milestone", "date"), not_negative("milestone", "amount")]

    def __str__(self) -> str:
        return f"{self.order} {self.date} {self.name} [{self.pk}]"
