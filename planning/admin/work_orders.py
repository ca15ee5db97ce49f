"""Released production, and planned orders that a planner has fixed."""

from django.contrib import admin

from inventory.admin.base import EditedAdmin, number
from planning.models import FirmOrder, WorkOrder


@admin.register(WorkOrder)
class WorkOrderAdmin(EditedAdmin):
    list_display = [
        "ref",
        "item",
        number("qty"),
        number("done_qty", "done"),
        "done_through_seq",
        "start",
        "due",
        "components_issued",
    ]
    list_select_related = ["item"]
    list_filter = ["components_issued"]
    search_fields = ["ref", "item__code", "item__name"]
    date_hierarchy = "due"
    ordering = ["due", "ref"]
    autocomplete_fields = ["item"]


@admin.register(FirmOrder)
class FirmOrderAdmin(EditedAdmin):
    """Planning keeps what stands here as it is; remove a row to let planning decide again."""

    list_display = ["ref", "item", "kind", number("qty"), "release", "due", "supplier", "planned_as"]
    list_select_related = ["item", "supplier"]
    list_filter = ["kind", "supplier"]
    search_fields = ["ref", "item__code", "item__name", "supplier__code", "planned_order"]
    date_hierarchy = "due"
    ordering = ["due", "ref"]
    autocomplete_fields = ["item", "supplier"]
    fieldsets = [
        (None, {"fields": [("ref", "kind"), ("item", "qty"), ("release", "due"), "supplier"]}),
    ]

    @admin.display(description="was planned as", ordering="planned_order")
    def planned_as(self, row: FirmOrder) -> str:
        return f"{row.planned_order} of plan {row.plan_version}" if row.plan_version else "–"
