"""The history of promises, to read and to take away."""

from django.contrib import admin
from django.http import HttpRequest

from inventory.admin.base import ListAdmin, number
from orders.models import DeliveryPromise


@admin.register(DeliveryPromise)
class DeliveryPromiseAdmin(ListAdmin):
    """What every customer was told, when, and by which plan. Rows are never changed."""

    list_display = [
        "sales_order",
        "line",
        "instalment",
        "item",
        number("qty"),
        "requested",
        "promised",
        "days_late",
        "plan_version",
        "promised_at",
        "by",
    ]
    list_select_related = ["by"]
    list_filter = ["plan_version"]
    search_fields = ["sales_order", "item"]
    ordering = ["-promised_at", "-pk"]
    export_related = ["instalment_row__order_line__order"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: DeliveryPromise | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: DeliveryPromise | None = None) -> bool:
        return False
