"""Cycle counts: sheets on which what lies somewhere is counted, and then posted to the ledger.

A line compares what was counted with the balance of its place *at the moment it was counted*
(``book_qty``). What moved before counting is in both, what moved after it is in neither, so posting
the difference never undoes a movement.
"""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce

from inventory.models.fields import (
    CODE,
    MONEY,
    NOTE,
    QTY,
    RATE,
    ZERO,
    Edited,
    not_blank,
    not_negative,
    one_of,
    share,
)
from inventory.models.items import Item


class CountStatus(models.TextChoices):
    """draft -> counting -> posted; or cancelled."""

    DRAFT = "draft", "Draft"
    COUNTING = "counting", "Counting"
    POSTED = "posted", "Posted"
    CANCELLED = "cancelled", "Cancelled"


OPEN_COUNTS = (CountStatus.DRAFT, CountStatus.COUNTING)


class CycleCount(Edited):
    """One sheet. ``tolerance`` is the share of the balance by which a count may differ without a word."""

    ref = models.CharField(**CODE, unique=True)
    status = models.CharField(max_length=10, choices=CountStatus.choices, default=CountStatus.DRAFT)
    tolerance = models.DecimalField(**RATE, default=ZERO)
    note = models.TextField(**NOTE)
    opened_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "cycle count"
        constraints = [
            not_blank("cycle_count", "ref"),
            one_of("cycle_count", "status", CountStatus),
            share("cycle_count", "tolerance"),
            models.CheckConstraint(
                condition=models.Q(status__in=[CountStatus.DRAFT, CountStatus.CANCELLED])
                | models.Q(started_at__isnull=False),
                name="cycle_count_counted_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class CycleCountLine(Edited):
    """One place on a sheet. ``expected_qty`` is frozen at the start, ``book_qty`` when it is counted."""

    count = models.ForeignKey(CycleCount, on_delete=models.CASCADE, related_name="lines")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="count_lines")
    location = models.CharField(**CODE)
    lot = models.CharField(**CODE, null=True, blank=True)
    expected_qty = models.DecimalField(**QTY, default=ZERO)
    counted_qty = models.DecimalField(**QTY, null=True, blank=True)
    book_qty = models.DecimalField(**QTY, null=True, blank=True)
    unit_value = models.DecimalField(**MONEY, null=True, blank=True)
    counted_at = models.DateTimeField(null=True, blank=True)
    counted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "cycle count line"
        constraints = [
            models.UniqueConstraint(
                "count",
                "item",
                "location",
                Coalesce("lot", models.Value("")),
                name="cycle_count_line_place_once",
            ),
            not_blank("cycle_count_line", "location"),
            not_blank("cycle_count_line", "lot"),
            not_negative("cycle_count_line", "counted_qty"),
            models.CheckConstraint(
                condition=models.Q(counted_qty__isnull=True, book_qty__isnull=True, counted_at__isnull=True)
                | models.Q(counted_qty__isnull=False, book_qty__isnull=False, counted_at__isnull=False),
                name="cycle_count_line_counted_as_a_whole",
            ),
        ]

    def __str__(self) -> str:
        lot = f" lot {self.lot}" if self.lot else ""
        return f"{self.item} at {self.location}{lot}"

    @property
    def difference(self) -> Decimal | None:
        """What was counted beyond what the ledger held at that moment; ``None``: not counted yet."""
        if self.counted_qty is None or self.book_qty is None:
            return None
        return self.counted_qty - self.book_qty

    def is_within(self, tolerance: Decimal) -> bool:
        """Is the difference so small a share of the balance that nobody need look again?"""
        difference = self.difference
        return difference is None or abs(difference) <= tolerance * abs(self.book_qty or ZERO)
