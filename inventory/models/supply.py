"""Suppliers and the ways to buy an item."""

import datetime as dt
from decimal import Decimal

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

    def counts_on(self, release: dt.date) -> bool:
        """Can an order go out on that day?"""
        begun = self.effective_from is None or self.effective_from <= release
        return begun and (self.effective_to is None or release < self.effective_to)

    def cost_at(self, qty: Decimal) -> Decimal:
        """What a unit costs in an order of ``qty``: the break with the largest quantity not above it.

        Reads ``price_breaks`` and ``item``: fetch them along.
        """
        cost = self.item.unit_cost if self.unit_cost is None else self.unit_cost
        breaks = [row for row in self.price_breaks.all() if row.from_qty <= qty]
        return max(breaks, key=lambda row: row.from_qty).unit_cost if breaks else cost

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
