"""Sales orders: entered with their lines on one page, saved through the services of orders."""

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db.models import (
    Case,
    DecimalField,
    DurationField,
    ExpressionWrapper,
    F,
    Max,
    Min,
    Q,
    Sum,
    When,
)
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action, display

from inventory.admin.base import EditedAdmin
from inventory.models.fields import ZERO, plain
from orders.admin.acts import ACTS, OrderActs
from orders.admin.forms import OrderForm
from orders.admin.parts import LateFilter, MilestoneInline, OrderLineInline
from orders.admin.written import in_words, new_line, order_as_written
from orders.errors import InvalidOrder, OrderError
from orders.models import Milestone, SalesOrder
from orders.selectors import list_promise_history
from orders.services import NewMilestone, amend_order, enter_order
from orders.services.entry import ENTERED

PROMISES_SHOWN = 100
MONEY_COLUMN: "DecimalField[Any, Any]" = DecimalField(max_digits=30, decimal_places=6)


@admin.register(SalesOrder)
class SalesOrderAdmin(OrderActs, EditedAdmin):
    """Sales see what they sold and when it comes; every change is an act of the services."""

    form = OrderForm
    list_display = [
        "ref",
        "customer",
        "customer_name",
        "value",
        "show_status",
        "requested",
        "promised",
        "days_late",
        "shipped",
        "order_date",
    ]
    list_select_related = ["customer"]
    list_filter = [LateFilter, "status", ("customer", AutocompleteSelectFilter), "kind"]
    search_fields = [
        "ref",
        "customer_reference",
        "customer__code",
        "customer__name",
        "lines__item__code",
    ]
    date_hierarchy = "order_date"
    ordering = ["-order_date", "-pk"]
    autocomplete_fields = ["customer"]
    readonly_fields = ["show_status", "confirmed_at", "status_reason"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("ref", "customer", "customer_reference"),
                    ("kind", "order_date", "delivery_policy"),
                    ("show_status", "confirmed_at", "status_reason"),
                ]
            },
        )
    ]
    inlines = [OrderLineInline, MilestoneInline]
    actions = [f"{name}_selected" for name in ACTS]
    actions_detail = list(ACTS)
    refusals = (*EditedAdmin.refusals, OrderError)
    change_form_outer_after_template = "admin/orders/promises.html"

    # --- the list

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = "lines__instalments__"
        is_open = Q(lines__instalments__shipped_qty__lt=F("lines__instalments__qty"))
        price = Coalesce("lines__unit_price", "lines__item__price", 0, output_field=MONEY_COLUMN)
        late_by = ExpressionWrapper(F(f"{rows}promised") - F(f"{rows}due"), output_field=DurationField())
        orders = super().get_queryset(request)
        if not request.resolver_match or request.resolver_match.url_name != "orders_salesorder_changelist":
            return orders
        return orders.annotate(
            next_due=Min(f"{rows}due", filter=is_open),
            last_due=Max(f"{rows}due"),
            last_promised=Max(f"{rows}promised"),
            late_by=Max(Case(When(is_open, then=late_by), output_field=DurationField())),
            qty_total=Sum(f"{rows}qty"),
            shipped_total=Sum(f"{rows}shipped_qty"),
            order_value=Sum(F(f"{rows}qty") * price, output_field=MONEY_COLUMN),
        )

    @admin.display(description="customer name", ordering="customer__name")
    def customer_name(self, order: SalesOrder) -> str:
        return order.customer.name

    @display(
        description="status",
        ordering="status",
        label={
            "Quote": "info",
            "Confirmed": "success",
            "On hold": "warning",
            "Cancelled": "danger",
            "Shipped": "primary",
        },
    )
    def show_status(self, order: SalesOrder) -> str:
        return order.get_status_display() if order.status else "–"

    @admin.display(ordering="order_value")
    def value(self, order: Any) -> str:
        return f"{order.order_value or 0:,.0f}"

    @admin.display(description="next requested", ordering="next_due")
    def requested(self, order: Any) -> dt.date | None:
        """The next open instalment, or the last one when all has shipped."""
        due: dt.date | None = order.next_due or order.last_due
        return due

    @admin.display(description="last promised", ordering="last_promised")
    def promised(self, order: Any) -> dt.date | None:
        """The date by which everything was promised."""
        day: dt.date | None = order.last_promised
        return day

    @admin.display(description="days late", ordering="late_by")
    def days_late(self, order: Any) -> SafeString | str:
        """Of the latest open instalment."""
        if order.last_promised is None:
            return "–"
        days = order.late_by.days if order.late_by is not None else 0
        return format_html('<span class="dl-late">{}</span>', days) if days > 0 else "0"

    @admin.display(ordering="shipped_total")
    def shipped(self, order: Any) -> str:
        return f"{plain(order.shipped_total or ZERO)} / {plain(order.qty_total or ZERO)}"

    # --- the page

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What is on hold, cancelled or shipped is only read; acts have their own permission."""
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.status in ENTERED)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Orders are cancelled, never deleted."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*self.readonly_fields, "ref"] if obj else self.readonly_fields

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Only the acts that the order's state allows."""
        actions = super().get_actions_detail(request, object_id)
        status = SalesOrder.objects.filter(pk=object_id).values_list("status", flat=True).first()
        fitting = {
            f"orders_salesorder_{name}"
            for name, act in ACTS.items()
            if status in act.states and self.may(request, name)
        }
        return [row for row in actions if row.action_name in fitting]

    def get_actions(self, request: HttpRequest) -> Any:
        """Only the acts of the person's roles."""
        hidden = {f"{name}_selected" for name in ACTS if not self.may(request, name)}
        return {name: row for name, row in super().get_actions(request).items() if name not in hidden}

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        order = kwargs.get("obj")
        if order is not None:
            history = list_promise_history(order.ref).select_related("by")[:PROMISES_SHOWN]
            context["promises"] = list(history)
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing yet: an order is stored with its lines, by ``save_related``."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        order, lines = form.instance, formsets[0]
        for formset in formsets:
            formset.new_objects, formset.changed_objects, formset.deleted_objects = [], [], []
        milestones = next((_milestones(one) for one in formsets if one.model is Milestone), None)
        now = timezone.now()
        try:
            if not change:
                written = order_as_written(order, _lines(lines), milestones)
                order.pk = enter_order(order=written, now=now, by=request.user).pk
            elif form.has_changed() or any(formset.has_changed() for formset in formsets):
                written = order_as_written(order, _lines(lines), milestones)
                seen = form.cleaned_data.get("version")
                amend_order(ref=order.ref, order=written, now=now, by=request.user, expected_version=seen)
        except InvalidOrder as error:
            raise OrderError(in_words(error)) from error

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Stay on the order that was just entered, where its buttons are."""
        response: HttpResponse = super().response_add(request, obj, post_url_continue)
        if "_addanother" in request.POST or "_popup" in request.POST or response.status_code != 302:
            return response
        return HttpResponseRedirect(reverse("admin:orders_salesorder_change", args=[obj.pk]))

    # --- acts

    @action(description="Confirm", icon="check", variant="success")
    def confirm(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.act_page(request, object_id, "confirm")

    @action(description="Put on hold", icon="pause")
    def hold(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.act_page(request, object_id, "hold")

    @action(description="Release", icon="play_arrow")
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.act_page(request, object_id, "release")

    @action(description="Ship", icon="local_shipping")
    def ship(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.act_page(request, object_id, "ship")

    @action(description="Cancel order", icon="block", variant="danger")
    def cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return self.act_page(request, object_id, "cancel")

    @admin.action(description="Confirm")
    def confirm_selected(self, request: HttpRequest, orders: Any) -> HttpResponse | None:
        return self.act_on_list(request, orders, "confirm")

    @admin.action(description="Put on hold")
    def hold_selected(self, request: HttpRequest, orders: Any) -> HttpResponse | None:
        return self.act_on_list(request, orders, "hold")

    @admin.action(description="Release")
    def release_selected(self, request: HttpRequest, orders: Any) -> HttpResponse | None:
        return self.act_on_list(request, orders, "release")

    @admin.action(description="Ship all that is open")
    def ship_selected(self, request: HttpRequest, orders: Any) -> HttpResponse | None:
        return self.act_on_list(request, orders, "ship")

    @admin.action(description="Cancel")
    def cancel_selected(self, request: HttpRequest, orders: Any) -> HttpResponse | None:
        return self.act_on_list(request, orders, "cancel")


def _lines(formset: Any) -> tuple[Any, ...]:
    """The lines as they were written, without those marked for deletion."""
    lines = []
    for form in formset.forms:
        data = form.cleaned_data
        if not data or data.get("DELETE") or (form.instance.pk is None and not form.has_changed()):
            continue
        line = form.instance
        line.unit_price = data.get("unit_price")
        kept = line.pk is not None and not {"schedule", "qty"} & set(form.changed_data)
        if not kept:
            line.has_instalments = len(data["instalments"]) > 1
        lines.append(new_line(data["line"], data["item"].code, data["qty"], data["instalments"], line))
    return tuple(lines)


def _milestones(formset: Any) -> tuple[NewMilestone, ...]:
    """The milestones as they were written, without those marked for deletion."""
    kept = (form.cleaned_data for form in formset.forms if form.cleaned_data.get("date") is not None)
    return tuple(
        NewMilestone(date=data["date"], amount=data["amount"], name=data.get("name") or "")
        for data in kept
        if not data.get("DELETE")
    )
