"""Released production."""

from django.contrib import admin

from inventory.admin.base import EditedAdmin, number
from planning.models import WorkOrder


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
