"""One order line with its instalments. Changing it amends the order it belongs to."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory.admin.base import EditedAdmin, EditedInline, number
from orders.admin.forms import SCHEDULE_HELP, LineForm
from orders.admin.written import in_words, line_as_written, new_line, order_as_written
from orders.errors import InvalidOrder, OrderError
from orders.models import Instalment, OrderLine
from orders.selectors import get_order
from orders.services import amend_order
from orders.services.entry import ENTERED


def days_late(row: Instalment) -> SafeString | str:
    """Promised after requested, in days."""
    if row.promised is None:
        return "–"
    days = (row.promised - row.due).days
    return format_html('<span class="dl-late">{}</span>', days) if days > 0 else "0"


class InstalmentInline(EditedInline):
    """Requested, promised and shipped, side by side."""

    model = Instalment
    fields = [
        "instalment",
        "qty",
        "due",
        "promised",
        "late",
        "promised_in_version",
        "shipped_qty",
        "shipped_on",
    ]
    readonly_fields = fields
    related = ["order_line__order"]
    can_delete = False
    tab = False
    ordering = ["instalment"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("orders.view_salesorder")

    @admin.display(description="days late")
    def late(self, row: Instalment) -> SafeString | str:
        return days_late(row)


@admin.register(OrderLine)
class OrderLineAdmin(EditedAdmin):
    """Lines of all orders, to look through; each opens on its own page."""

    form = LineForm
    list_display = ["order", "line", "item", number("qty"), number("unit_price"), "status"]
    list_select_related = ["order__customer", "item"]
    export_related = ["order"]
    list_filter = ["order__status", "order__customer"]
    search_fields = ["order__ref", "item__code", "item__name"]
    ordering = ["-order__order_date", "order__pk", "line"]
    autocomplete_fields = ["item"]
    readonly_fields = ["order", "line"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("order", "line"),
                    ("item", "qty", "unit_price"),
                    "schedule",
                    ("priority", "lease_months"),
                    ("late_cost_per_day", "late_cost_fixed"),
                ],
                "description": f"Delivery schedule: {SCHEDULE_HELP}",
            },
        )
    ]
    inlines = [InstalmentInline]
    refusals = (*EditedAdmin.refusals, OrderError)

    @admin.display(ordering="order__status")
    def status(self, line: OrderLine) -> str:
        return line.order.get_status_display()

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("order", "item")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Lines are added on the page of their order."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.order.status in ENTERED)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Amend the order: the line as written here, the others as they stand."""
        if not form.has_changed():
            return
        data = form.cleaned_data
        order = get_order(obj.order.ref)
        if {"schedule", "qty"} & set(form.changed_data):
            obj.has_instalments = len(data["instalments"]) > 1
        obj.unit_price = data["unit_price"]
        changed = new_line(obj.line, data["item"].code, data["qty"], data["instalments"], obj)
        lines = tuple(changed if line.pk == obj.pk else line_as_written(line) for line in order.lines.all())
        try:
            amend_order(
                ref=order.ref,
                order=order_as_written(order, lines),
                now=timezone.now(),
                by=request.user,
                expected_version=order.version,
            )
        except InvalidOrder as error:
            raise OrderError(in_words(error)) from error

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Instalments are only shown here."""
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
