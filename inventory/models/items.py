"""Items and their units of measure. Quantities of an item are exact decimals in its unit."""

from django.db import models

from inventory.models.fields import (
    CODE,
    COUNT_LIMIT,
    DAY,
    DAYS_LIMIT,
    MONEY,
    NAME,
    QTY,
    ZERO,
    Edited,
    in_calendar,
    not_blank,
    not_negative,
    one_of,
    positive,
)


class UnitOfMeasure(Edited):
    """What an item is counted in: pcs, kg, m."""

    code = models.CharField(**CODE, unique=True)
    name = models.CharField(**NAME)

    class Meta:
        verbose_name = "unit of measure"
        verbose_name_plural = "units of measure"
        constraints = [not_blank("unit_of_measure", "code")]

    def __str__(self) -> str:
        return self.code


class ItemKind(models.TextChoices):
    """Where an item comes from."""

    MAKE = "make", "Make"
    BUY = "buy", "Buy"
    PHANTOM = "phantom", "Phantom"


class LotSizing(models.TextChoices):
    """How needs are gathered into orders."""

    LOT_FOR_LOT = "lot_for_lot", "Lot for lot"
    FIXED_PERIOD = "fixed_period", "Fixed period"
    WAGNER_WHITIN = "wagner_whitin", "Wagner-Whitin (least cost)"
    SILVER_MEAL = "silver_meal", "Silver-Meal"


class Item(Edited):
    """Something that is made, bought, or (a phantom) only passes its components on.

    ``unit_cost`` is the standard cost of a bought item; ``units_made`` counts units before the
    planning date, for learning. ``order_multiple`` empty: any quantity can be ordered. ``lot_rule`` empty:
    fixed periods where ``group_days`` says how long, else lot for lot. ``make_priority`` stands among the
    priorities of the sources of an item that is both made and bought.
    """

    code = models.CharField(**CODE, unique=True)
    name = models.CharField(**NAME)
    kind = models.CharField(max_length=8, choices=ItemKind.choices)
    uom = models.ForeignKey(
        UnitOfMeasure, on_delete=models.PROTECT, related_name="items", verbose_name="unit"
    )
    unit_cost = models.DecimalField(**MONEY, default=ZERO)
    price = models.DecimalField(**MONEY, null=True, blank=True)
    units_made = models.PositiveIntegerField(default=0)
    earliest_production = models.DateField(**DAY, null=True, blank=True)
    safety_stock = models.DecimalField(**QTY, default=ZERO)
    min_order = models.DecimalField(**QTY, default=ZERO)
    max_order = models.DecimalField(**QTY, null=True, blank=True)
    order_multiple = models.DecimalField(**QTY, null=True, blank=True)
    group_days = models.PositiveIntegerField(default=0)
    lead_time_days = models.PositiveIntegerField(default=0)
    lot_rule = models.CharField(max_length=16, choices=LotSizing.choices, null=True, blank=True)
    order_cost = models.DecimalField(**MONEY, default=ZERO, help_text="per order, for the cost-based rules")
    safety_days = models.PositiveIntegerField(default=0, help_text="plan supply so many days before its need")
    fence_days = models.PositiveIntegerField(
        default=0, help_text="plan no new order that goes out within so many days"
    )
    make_priority = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            not_blank("item", "code"),
            one_of("item", "kind", ItemKind),
            one_of("item", "lot_rule", LotSizing),
            not_negative("item", "order_cost"),
            not_negative("item", "safety_days", limit=DAYS_LIMIT),
            not_negative("item", "fence_days", limit=DAYS_LIMIT),
            not_negative("item", "make_priority", limit=COUNT_LIMIT),
            not_negative("item", "unit_cost"),
            not_negative("item", "price"),
            not_negative("item", "units_made"),
            in_calendar("item", "earliest_production"),
            not_negative("item", "safety_stock"),
            not_negative("item", "min_order"),
            positive("item", "max_order"),
            positive("item", "order_multiple"),
            not_negative("item", "group_days", limit=DAYS_LIMIT),
            not_negative("item", "lead_time_days", limit=DAYS_LIMIT),
            models.CheckConstraint(
                condition=models.Q(max_order__isnull=True) | models.Q(max_order__gte=models.F("min_order")),
                name="item_max_order_not_below_min_order",
                violation_error_message="max_order must not be below min_order.",
            ),
        ]

    def __str__(self) -> str:
        return self.code
