"""Suppliers, the ways to buy an item, and purchase orders."""

from django.db import models
from django.db.models.functions import Coalesce

from inventory.models.fields import (
    CODE,
    COUNT_LIMIT,
    DAY,
    DAYS_LIMIT,
    MONEY,
    NAME,
    NO_DAY,
    QTY,
    ZERO,
    Edited,
    before,
    in_calendar,
    not_blank,
    not_negative,
    positive,
)
from inventory.models.items import Item


class Supplier(Edited):
    """Somebody we buy from."""

    code = models.CharField(**CODE, unique=True)
    name = models.CharField(**NAME)

    class Meta:
        constraints = [not_blank("supplier", "code")]

    def __str__(self) -> str:
        return self.code


class ItemSource(Edited):
    """A way to buy an item. ``min_order``, ``order_multiple`` and ``unit_cost`` empty: the item's own."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="sources")
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="sources")
    lead_time_days = models.PositiveIntegerField()
    min_order = models.DecimalField(**QTY, null=True, blank=True)
    order_multiple = models.DecimalField(**QTY, null=True, blank=True)
    unit_cost = models.DecimalField(**MONEY, null=True, blank=True)
    capacity_per_week = models.DecimalField(**QTY, null=True, blank=True)
    priority = models.PositiveIntegerField(default=1)
    effective_from = models.DateField(**DAY, null=True, blank=True)
    effective_to = models.DateField(**DAY, null=True, blank=True)

    class Meta:
        verbose_name = "source"
        constraints = [
            models.UniqueConstraint(
                "item",
                "supplier",
                Coalesce("effective_from", NO_DAY),
                name="item_source_once_per_supplier_and_date",
            ),
            not_negative("item_source", "lead_time_days", limit=DAYS_LIMIT),
            not_negative("item_source", "min_order"),
            positive("item_source", "order_multiple"),
            not_negative("item_source", "unit_cost"),
            not_negative("item_source", "capacity_per_week"),
            positive("item_source", "priority", limit=COUNT_LIMIT),
            in_calendar("item_source", "effective_from"),
            in_calendar("item_source", "effective_to"),
            before("item_source", "effective_from", "effective_to"),
        ]

    def __str__(self) -> str:
        since = f" from {self.effective_from}" if self.effective_from else ""
        return f"{self.item} by {self.supplier}{since}"


class PriceBreak(Edited):
    """From ``from_qty`` on, every unit of the order costs ``unit_cost``."""

    source = models.ForeignKey(ItemSource, on_delete=models.CASCADE, related_name="price_breaks")
    from_qty = models.DecimalField(**QTY)
    unit_cost = models.DecimalField(**MONEY)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "from_qty"], name="price_break_once_per_quantity"),
            positive("price_break", "from_qty"),
            not_negative("price_break", "unit_cost"),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.unit_cost} from {self.from_qty}"


class PurchaseOrder(Edited):
    """An order to a supplier that has gone out."""

    ref = models.CharField(**CODE, unique=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="purchase_orders")
    order_date = models.DateField(**DAY, null=True, blank=True)

    class Meta:
        constraints = [not_blank("purchase_order", "ref"), in_calendar("purchase_order", "order_date")]

    def __str__(self) -> str:
        return self.ref


class PurchaseOrderLine(Edited):
    """A scheduled receipt of what is still open: ``qty - received_qty`` on ``due``.

    ``ref`` is the key under which the receipt is exchanged: the order's own for its first line.
    """

    purchase_order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="lines")
    ref = models.CharField(**CODE, unique=True)
    line = models.PositiveIntegerField(default=1)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="purchase_order_lines")
    qty = models.DecimalField(**QTY)
    due = models.DateField(**DAY)
    received_qty = models.DecimalField(**QTY, default=ZERO)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purchase_order", "line"], name="purchase_order_line_number_once"
            ),
            not_blank("purchase_order_line", "ref"),
            positive("purchase_order_line", "line", limit=1_000_000),
            positive("purchase_order_line", "qty"),
            in_calendar("purchase_order_line", "due"),
            not_negative("purchase_order_line", "received_qty"),
            models.CheckConstraint(
                condition=models.Q(received_qty__lte=models.F("qty")),
                name="purchase_order_line_not_over_received",
                violation_error_message="No more than the ordered quantity can be received.",
            ),
        ]

    def __str__(self) -> str:
        return self.ref
