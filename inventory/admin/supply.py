"""Suppliers and sources with price breaks."""

from django.contrib import admin

from inventory.admin.base import EditedAdmin, EditedInline, number
from inventory.models import ItemSource, PriceBreak, Supplier


@admin.register(Supplier)
class SupplierAdmin(EditedAdmin):
    list_display = ["code", "name"]
    search_fields = ["code", "name"]
    ordering = ["code"]


class PriceBreakInline(EditedInline):
    model = PriceBreak
    fields = ["from_qty", "unit_cost"]
    related = ["source__item", "source__supplier"]
    tab = False


@admin.register(ItemSource)
class ItemSourceAdmin(EditedAdmin):
    """A way to buy an item; prices by quantity are rows of its page."""

    list_display = [
        "item",
        "supplier",
        "lead_time_days",
        number("unit_cost"),
        number("min_order"),
        "priority",
        "effective_from",
    ]
    list_select_related = ["item", "supplier"]
    search_fields = ["item__code", "item__name", "supplier__code", "supplier__name"]
    list_filter = ["supplier"]
    ordering = ["item__code", "priority", "pk"]
    autocomplete_fields = ["item", "supplier"]
    inlines = [PriceBreakInline]
