"""Purchase orders: what has been ordered, how far it has come, and the pages on which that changes."""

import datetime as dt
from typing import Any, cast

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, DecimalField, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from unfold.decorators import action, display

from config.rest.roles import find_right, roles_of
from inventory.admin.base import EditedAdmin, EditedInline
from inventory.admin.purchase_acts import PurchaseActs
from inventory.errors import InventoryError
from inventory.models import PurchaseOrder, PurchaseOrderLine, PurchaseStatus
from inventory.services import NewPurchaseLine, place_purchase_order, receive_purchase
from inventory.services.purchasing import line_ref

MONEY_COLUMN: "DecimalField[Any, Any]" = DecimalField(max_digits=30, decimal_places=6)


class StatusFilter(admin.SimpleListFilter):
    """How far an order has come."""

    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("to_come", "Something is to come"), *PurchaseStatus.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "to_come":
            open_lines = PurchaseOrderLine.objects.open().filter(purchase_order=OuterRef("pk"))
            return queryset.filter(Exists(open_lines))
        return queryset.filter(status=self.value()) if self.value() in PurchaseStatus.values else queryset


class PurchaseLineInline(EditedInline):
    model = PurchaseOrderLine
    fields = ["item", "qty", "due", "unit_cost", "received_qty", "cancelled_qty", "came_from"]
    readonly_fields = ["received_qty", "cancelled_qty", "came_from"]
    autocomplete_fields = ["item"]
    related = ["purchase_order", "item"]
    min_num = 1
    tab = False

    @admin.display(description="proposed by")
    def came_from(self, line: PurchaseOrderLine) -> str:
        return f"plan {line.planned_in}, {line.planned_order}" if line.planned_in else "–"


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(PurchaseActs, EditedAdmin):
    """What has been ordered from suppliers."""

    list_display = [
        "ref",
        "supplier",
        "supplier_name",
        "show_status",
        "order_date",
        "lines_in_all",
        "open_lines",
        "next_due",
        "value",
    ]
    list_select_related = ["supplier"]
    search_fields = ["ref", "supplier__code", "supplier__name", "lines__item__code", "lines__item__name"]
    list_filter = [StatusFilter, "supplier"]
    ordering = ["-order_date", "-pk"]
    autocomplete_fields = ["supplier"]
    readonly_fields = ["show_status"]
    fieldsets = [(None, {"fields": [("ref", "supplier"), ("order_date", "show_status")]})]
    inlines = [PurchaseLineInline]
    actions = ["receive_all"]
    actions_detail = ["receive", "reschedule", "cancel_rest"]

    def get_queryset(self, request: HttpRequest) -> Any:
        is_open = Q(lines__received_qty__lt=F("lines__qty"))
        cost = Coalesce("lines__unit_cost", "lines__item__unit_cost", output_field=MONEY_COLUMN)
        orders = PurchaseOrder.objects.with_status()
        return orders.annotate(
            line_count=Count("lines"),
            open_count=Count("lines", filter=is_open),
            due_next=Min("lines__due", filter=is_open),
            order_value=Sum(F("lines__qty") * cost, output_field=MONEY_COLUMN),
        )

    @admin.display(description="supplier name", ordering="supplier__name")
    def supplier_name(self, order: Any) -> str:
        return str(order.supplier.name)

    @display(
        description="status",
        ordering="status",
        label={
            "Open": "info",
            "Partly received": "warning",
            "Received": "success",
            "Cancelled": "danger",
        },
    )
    def show_status(self, order: Any) -> str:
        return PurchaseStatus(order.status).label if getattr(order, "status", None) else "–"

    @admin.display(description="lines", ordering="line_count")
    def lines_in_all(self, order: Any) -> int:
        return int(order.line_count)

    @admin.display(description="open", ordering="open_count")
    def open_lines(self, order: Any) -> int:
        return int(order.open_count)

    @admin.display(description="next due", ordering="due_next")
    def next_due(self, order: Any) -> dt.date | None:
        return cast("dt.date | None", order.due_next)

    @admin.display(ordering="order_value")
    def value(self, order: Any) -> str:
        return f"{order.order_value or 0:,.0f}"

    # --- who may do what

    def may(self, request: HttpRequest, route: str) -> bool:
        """The same roles as over the API."""
        right = find_right(route, "POST")
        allowed = right.roles if right else frozenset()
        return bool(request.user.is_superuser or roles_of(request.user) & allowed)

    def has_receive_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "purchase-order-receive")

    def has_reschedule_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "purchase-order-reschedule")

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "purchase-order-cancel")

    @action(
        description="Receive…", url_path="receive", icon="input", permissions=["receive"], variant="primary"
    )
    def receive(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Put what came into stock."""
        return self.receive_page(request, object_id)

    @action(
        description="Move to another day…", url_path="reschedule", icon="event", permissions=["reschedule"]
    )
    def reschedule(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Write down when it will come instead."""
        return self.reschedule_page(request, object_id)

    @action(description="Cancel…", url_path="cancel", icon="block", permissions=["cancel"])
    def cancel_rest(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give up what has not come."""
        return self.cancel_page(request, object_id)

    # --- saving

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
            NewPurchaseLine(
                item_id=row["item"].pk, qty=row["qty"], due=row["due"], unit_cost=row.get("unit_cost")
            )
            for row in rows
            if not row.get("DELETE")
        ]
        placed = place_purchase_order(
            ref=order.ref,
            supplier_id=order.supplier_id,
            lines=lines,
            order_date=order.order_date,
            now=timezone.now(),
            by=request.user,
        )
        order.pk = placed.pk
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []

    def save_row(self, request: HttpRequest, row: Any) -> None:
        if row.pk is None:
            taken = row.purchase_order.lines.aggregate(last=Max("line"))["last"] or 0
            row.line = taken + 1
            row.ref = line_ref(row.purchase_order.ref, row.line)
            row.placed_at = timezone.now()
        super().save_row(request, row)

    @admin.action(description="Receive all that is open", permissions=["receive"])
    def receive_all(self, request: HttpRequest, orders: QuerySet[PurchaseOrder]) -> None:
        """Put what is still open of the chosen orders into stock."""
        open_lines = PurchaseOrderLine.objects.open().filter(purchase_order__in=orders.values("pk"))
        refs = list(open_lines.order_by("pk").values_list("ref", flat=True))
        try:
            with transaction.atomic():
                for ref in refs:
                    receive_purchase(ref=ref, now=timezone.now(), by=request.user)
        except InventoryError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        self.message_user(request, f"{len(refs)} lines received into stock.")
