"""The stock ledger. A balance is the sum of its movements; nothing stores a balance."""

from django.conf import settings
from django.db import models

from inventory.models.fields import (
    CODE,
    NOTE,
    QTY,
    QTY_LIMIT,
    AppendOnly,
    AppendOnlyQuerySet,
    not_blank,
    one_of,
)
from inventory.models.items import Item

MAIN = "MAIN"


class MovementKind(models.TextChoices):
    """Why stock moved."""

    RECEIPT = "receipt", "Receipt"
    ISSUE = "issue", "Issue"
    SHIPMENT = "shipment", "Shipment"
    ADJUSTMENT = "adjustment", "Adjustment"
    TRANSFER = "transfer", "Transfer"


class StockMovementQuerySet(AppendOnlyQuerySet):
    """Each method narrows; all of them chain."""

    def at_place(self, *, item_id: int, location: str, lot: str | None) -> "StockMovementQuerySet":
        """Movements of one item at one location, of one lot (``None``: of no lot)."""
        return self.filter(item_id=item_id, location=location, lot=lot)


class StockMovement(AppendOnly):
    """``qty`` units came in (above zero) or went out (below zero) at the moment ``at``."""

    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="movements")
    location = models.CharField(**CODE, default=MAIN)
    lot = models.CharField(**CODE, null=True, blank=True)
    qty = models.DecimalField(**QTY)
    kind = models.CharField(max_length=10, choices=MovementKind.choices)
    reference = models.CharField(**{**CODE, "blank": True}, default="")
    note = models.TextField(**NOTE)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = StockMovementQuerySet.as_manager()

    class Meta:
        verbose_name = "stock movement"
        indexes = [models.Index(fields=["item", "location", "lot"], name="stock_movement_place")]
        constraints = [
            not_blank("stock_movement", "location"),
            one_of("stock_movement", "kind", MovementKind),
            models.CheckConstraint(condition=~models.Q(qty=0), name="stock_movement_moves_something"),
            models.CheckConstraint(
                condition=models.Q(qty__gte=-QTY_LIMIT, qty__lte=QTY_LIMIT), name="stock_movement_qty_bounded"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=MovementKind.RECEIPT) | models.Q(qty__gt=0),
                name="stock_movement_receipt_comes_in",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=[MovementKind.ISSUE, MovementKind.SHIPMENT])
                | models.Q(qty__lt=0),
                name="stock_movement_issue_goes_out",
            ),
            models.CheckConstraint(
                condition=models.Q(lot__isnull=True) | ~models.Q(lot=""), name="stock_movement_lot_not_blank"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.qty:+f} [{self.pk}]"
