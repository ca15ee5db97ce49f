"""Suppliers, sources with price breaks, purchase orders and their receipt."""

import datetime as dt
from typing import Any, cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from inventory.admin.base import EditedAdmin, EditedInline, number
from inventory.errors import InventoryError
from inventory.models import ItemSource, PriceBreak, PurchaseOrder, PurchaseOrderLine, Supplier
from inventory.services import NewPurchaseLine, place_purchase_order, receive_purchase


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


class PurchaseLineInline(EditedInline):
    model = PurchaseOrderLine
    fields = ["item", "qty", "due", "received_qty"]
    readonly_fields = ["received_qty"]
    autocomplete_fields = ["item"]
    related = ["purchase_order", "item"]
    min_num = 1
    tab = False


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(EditedAdmin):
    """What has been ordered from suppliers; "Receive" puts all that is open into stock."""

    list_display = ["ref", "supplier", "order_date", "lines_in_all", "open_lines", "next_due"]
    list_select_related = ["supplier"]
    search_fields = ["ref", "supplier__code", "supplier__name", "lines__item__code"]
    list_filter = ["supplier"]
    ordering = ["-order_date", "ref"]
    autocomplete_fields = ["supplier"]
    fieldsets = [(None, {"fields": [("ref", "supplier"), "order_date"]})]
    inlines = [PurchaseLineInline]
    actions = ["receive_all"]

    def get_queryset(self, request: HttpRequest) -> Any:
        is_open = Q(lines__received_qty__lt=F("lines__qty"))
        return (
            super()
            .get_queryset(request)
            .annotate(
                line_count=Count("lines"),
                open_count=Count("lines", filter=is_open),
                due_next=Min("lines__due", filter=is_open),
            )
        )

    @admin.display(description="lines", ordering="line_count")
    def lines_in_all(self, order: Any) -> int:
        return int(order.line_count)

    @admin.display(ordering="open_count")
    def open_lines(self, order: Any) -> int:
        return int(order.open_count)

    @admin.display(description="next due", ordering="due_next")
    def next_due(self, order: Any) -> dt.date | None:
        return cast("dt.date | None", order.due_next)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A new order is placed through the service, with all its lines; a known one is edited by rows."""
        if change:
            super().save_related(request, form, formsets, change)
            return
        order = form.instance
        rows = [row.cleaned_data for row in formsets[0].forms if row.has_changed()]
        lines = [
            NewPurchaseLine(item_id=row["item"].pk, qty=row["qty"], due=row["due"])
            for row in rows
            if not row.get("DELETE")
        ]
        placed = place_purchase_order(
            ref=order.ref,
            supplier_id=order.supplier_id,
            lines=lines,
            order_date=order.order_date,
            by=request.user,
        )
        order.pk = placed.pk
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []

    def save_row(self, request: HttpRequest, row: Any) -> None:
        if row.pk is None:
            taken = row.purchase_order.lines.aggregate(last=Max("line"))["last"] or 0
            row.line = taken + 1
            row.ref = row.purchase_order.ref if row.line == 1 else f"{row.purchase_order.ref}/{row.line}"
        super().save_row(request, row)

    @admin.action(description="Receive all that is open", permissions=["change"])
    def receive_all(self, request: HttpRequest, orders: QuerySet[PurchaseOrder]) -> None:
        """Put what is still open of the chosen orders into stock."""
        open_lines = PurchaseOrderLine.objects.filter(purchase_order__in=orders, received_qty__lt=F("qty"))
        refs = list(open_lines.order_by("pk").values_list("ref", flat=True))
        try:
            with transaction.atomic():
                for ref in refs:
                    receive_purchase(ref=ref, now=timezone.now(), by=request.user)
        except InventoryError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        self.message_user(request, f"{len(refs)} lines received into stock.")
