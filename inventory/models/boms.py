"""Bills of materials: an item's revisions, their lines, and what may stand in for a component.

A line is in force where its own dates and those of its revision overlap.
"""

import datetime as dt

from django.db import models
from django.db.models.functions import Coalesce

from inventory.models.fields import (
    CODE,
    COUNT_LIMIT,
    DAY,
    NO_DAY,
    NOTE,
    QTY,
    RATE,
    ZERO,
    Edited,
    before,
    in_calendar,
    not_blank,
    not_negative,
    positive,
    share_below_one,
)
from inventory.models.items import Item


class BillOfMaterials(Edited):
    """One revision of what an item is made of, in force in ``[effective_from, effective_to)``."""

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="boms")
    revision = models.CharField(**CODE, default="1")
    effective_from = models.DateField(**DAY, null=True, blank=True)
    effective_to = models.DateField(**DAY, null=True, blank=True)
    note = models.TextField(**NOTE)

    class Meta:
        verbose_name = "bill of materials"
        verbose_name_plural = "bills of materials"
        constraints = [
            models.UniqueConstraint(
                fields=["item", "revision"], name="bill_of_materials_revision_once_per_item"
            ),
            not_blank("bill_of_materials", "revision"),
            in_calendar("bill_of_materials", "effective_from"),
            in_calendar("bill_of_materials", "effective_to"),
            before("bill_of_materials", "effective_from", "effective_to"),
        ]

    def __str__(self) -> str:
        return f"{self.item} rev {self.revision}"


class BomLine(Edited):
    """``qty`` of a component for one unit of the parent.

    ``scrap`` is the share lost: need = qty x units / (1 - scrap). ``operation`` is the ``seq`` of the
    parent's operation that consumes it; empty means the first.
    """

    bom = models.ForeignKey(BillOfMaterials, on_delete=models.CASCADE, related_name="lines")
    component = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="used_in")
    qty = models.DecimalField(**QTY)
    scrap = models.DecimalField(**RATE, default=ZERO)
    operation = models.PositiveIntegerField(null=True, blank=True)
    effective_from = models.DateField(**DAY, null=True, blank=True)
    effective_to = models.DateField(**DAY, null=True, blank=True)

    class Meta:
        verbose_name = "component"
        constraints = [
            models.UniqueConstraint(
                "bom",
                "component",
                Coalesce("operation", -1),
                Coalesce("effective_from", NO_DAY),
                name="bom_line_component_once",
            ),
            positive("bom_line", "qty"),
            share_below_one("bom_line", "scrap"),
            not_negative("bom_line", "operation"),
            in_calendar("bom_line", "effective_from"),
            in_calendar("bom_line", "effective_to"),
            before("bom_line", "effective_from", "effective_to"),
        ]

    def __str__(self) -> str:
        return f"{self.bom}: {self.component} [{self.pk}]"

    @property
    def in_force_from(self) -> dt.date | None:
        """First day on which both the revision and the line count; ``None`` when always."""
        return in_force_from(self.effective_from, self.bom.effective_from)

    @property
    def in_force_to(self) -> dt.date | None:
        """First day on which the line no longer counts; ``None`` when it always will."""
        return in_force_to(self.effective_to, self.bom.effective_to)


def in_force_from(line: dt.date | None, revision: dt.date | None) -> dt.date | None:
    """The first day on which a line and its revision both count."""
    return max(line, revision) if line and revision else line or revision


def in_force_to(line: dt.date | None, revision: dt.date | None) -> dt.date | None:
    """The first day on which a line or its revision no longer counts."""
    return min(line, revision) if line and revision else line or revision


class BomSubstitute(Edited):
    """What may be used in place of a line's component, lowest ``priority`` first."""

    bom_line = models.ForeignKey(BomLine, on_delete=models.CASCADE, related_name="substitutes")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="substitutes_for")
    qty = models.DecimalField(**QTY)
    priority = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "substitute"
        constraints = [
            models.UniqueConstraint(fields=["bom_line", "item"], name="bom_substitute_item_once_per_line"),
            positive("bom_substitute", "qty"),
            positive("bom_substitute", "priority", limit=COUNT_LIMIT),
        ]

    def __str__(self) -> str:
        return f"{self.item} for {self.bom_line}"


class ByProduct(Edited):
    """``qty`` of ``item`` comes into stock with each unit of ``parent`` that is made."""

    parent = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="by_products")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="by_product_of")
    qty = models.DecimalField(**QTY)
    effective_from = models.DateField(**DAY, null=True, blank=True)
    effective_to = models.DateField(**DAY, null=True, blank=True)

    class Meta:
        verbose_name = "by-product"
        constraints = [
            models.UniqueConstraint(
                "parent", "item", Coalesce("effective_from", NO_DAY), name="by_product_once_per_date"
            ),
            positive("by_product", "qty"),
            in_calendar("by_product", "effective_from"),
            in_calendar("by_product", "effective_to"),
            before("by_product", "effective_from", "effective_to"),
        ]

    def __str__(self) -> str:
        return f"{self.item} with {self.parent} [{self.pk}]"
