"""Items and units of measure."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inventory.admin.base import EditedAdmin, EditedInline, number
from inventory.models import BillOfMaterials, BomLine, ByProduct, Item, ItemSource, UnitOfMeasure
from inventory.models.fields import plain
from inventory.services import save_by_product

UNIT_COST = number("unit_cost")
COSTS = (
    "unit_cost",
    "safety_stock",
    "min_order",
    "max_order",
    "order_multiple",
    "group_days",
    "lot_rule",
    "order_cost",
    "safety_days",
    "fence_days",
    "make_priority",
)


def _sees_costs(request: HttpRequest) -> bool:
    return request.user.has_perm("inventory.view_itemsource")


@admin.register(UnitOfMeasure)
class UnitOfMeasureAdmin(EditedAdmin):
    list_display = ["code", "name"]
    search_fields = ["code", "name"]
    ordering = ["code"]


class BomInline(EditedInline):
    """The revisions of what an item is made of; their components are on their own pages."""

    model = BillOfMaterials
    fields = ["revision", "effective_from", "effective_to", "note"]
    related = ["item"]
    show_change_link = True
    verbose_name_plural = "bills of materials"


class SourceInline(EditedInline):
    """Who the item can be bought from."""

    model = ItemSource
    fields = [
        "supplier",
        "lead_time_days",
        "unit_cost",
        "min_order",
        "order_multiple",
        "capacity_per_week",
        "priority",
        "effective_from",
        "effective_to",
    ]
    autocomplete_fields = ["supplier"]
    related = ["item", "supplier"]
    show_change_link = True


class ByProductInline(EditedInline):
    """What else comes into stock when the item is made."""

    model = ByProduct
    fk_name = "parent"
    fields = ["item", "qty", "effective_from", "effective_to"]
    autocomplete_fields = ["item"]
    related = ["parent", "item"]
    verbose_name_plural = "by-products"


@admin.register(Item)
class ItemAdmin(EditedAdmin):
    """What is made, bought or passed through. Operations are added by planning, which knows of them."""

    list_display = [
        "code",
        "name",
        "kind",
        "uom",
        UNIT_COST,
        number("price"),
        number("safety_stock"),
        "lead_time_days",
    ]
    list_select_related = ["uom"]
    list_filter = ["kind", "uom"]
    search_fields = ["code", "name"]
    ordering = ["code"]
    autocomplete_fields = ["uom"]
    inlines = [BomInline, SourceInline, ByProductInline]
    readonly_fields = ["components", "unit"]
    fieldsets = [
        (None, {"fields": [("code", "name"), ("kind", "uom"), ("unit_cost", "price")]}),
        (
            "Ordering",
            {
                "fields": [
                    ("lead_time_days", "safety_stock"),
                    ("min_order", "max_order"),
                    ("order_multiple", "group_days"),
                    ("lot_rule", "order_cost"),
                    ("safety_days", "fence_days"),
                    ("earliest_production", "units_made"),
                    "make_priority",
                ]
            },
        ),
        ("Made of", {"fields": ["components"]}),
    ]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = list(super().get_list_display(request))
        return shown if _sees_costs(request) else [column for column in shown if column is not UNIT_COST]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Who sells sees what an item is and what it is sold for, not what it costs and is made of."""
        if _sees_costs(request):
            return list(super().get_fieldsets(request, obj))
        uom = "uom" if obj is None or self.has_change_permission(request, obj) else "unit"
        return [(None, {"fields": [("code", "name"), ("kind", uom), "price"]})]

    def get_hidden_columns(self, request: HttpRequest) -> Sequence[str]:
        return () if _sees_costs(request) else COSTS

    def shows_history(self, request: HttpRequest) -> bool:
        """Old versions show costs too."""
        return _sees_costs(request)

    def save_row(self, request: HttpRequest, row: Any) -> None:
        if isinstance(row, ByProduct):
            save_by_product(row=row, by=request.user)
        else:
            super().save_row(request, row)

    @admin.display(description="uom")
    def unit(self, item: Item) -> str:
        """The unit by its name alone: its page is not for everybody who reads of the item."""
        return str(item.uom)

    @admin.display(description="components")
    def components(self, item: Item) -> SafeString | str:
        """The lines of the bills of materials, with a way to each component."""
        lines = list(
            BomLine.objects.filter(bom__item_id=item.pk)
            .select_related("bom", "component__uom")
            .order_by(F("bom__effective_from").asc(nulls_first=True), "bom__pk", "pk")
        )
        if not lines:
            return "None: add a bill of materials below."
        rows = format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", map(_row, lines))
        return format_html('<table class="dl-table dl-compact"><tbody>{}</tbody></table>', rows)


def _row(line: BomLine) -> tuple[Any, ...]:
    component = line.component
    link = format_html(
        '<a class="text-link" href="{}">{}</a>',
        reverse("admin:inventory_item_change", args=[component.pk]),
        component.code,
    )
    revision = format_html(
        '<a class="text-link" href="{}">rev {}</a>',
        reverse("admin:inventory_billofmaterials_change", args=[line.bom_id]),
        line.bom.revision,
    )
    return link, component.name, f"{plain(line.qty)} {component.uom}", revision
