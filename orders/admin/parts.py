"""Parts of the order's page and list: its lines, and the filter of late orders."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, OuterRef
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory.admin.base import EditedInline
from inventory.models.fields import ZERO, plain
from orders.admin.forms import LineFormSet, ScheduledLineForm
from orders.models import Instalment, Milestone, OrderLine, OrderStatus


class OrderLineInline(EditedInline):
    """The lines. Their instalments are one sentence here and rows on the line's own page."""

    model = OrderLine
    form = ScheduledLineForm
    formset = LineFormSet
    template_before = "admin/orders/schedule_help.html"
    fields = ["line", "item", "qty", "schedule", "unit_price", "lease_months", "delivery"]
    readonly_fields = ["delivery"]
    autocomplete_fields = ["item"]
    related = ["order", "item"]
    show_change_link = True
    tab = False
    verbose_name_plural = "lines"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("instalments").order_by("line")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        """An empty line to begin with."""
        return 0 if obj else 1

    @admin.display(description="promised · shipped")
    def delivery(self, line: OrderLine) -> SafeString | str:
        """What the customer was told and what has left, in one cell that opens the line's own page."""
        rows = list(line.instalments.all()) if line.pk else []
        if not rows:
            return "–"
        promised = [row.promised for row in rows if row.promised]
        shipped = plain(sum((row.shipped_qty for row in rows), start=ZERO))
        when = f"by {max(promised)}" if len(promised) == len(rows) else f"{len(promised)} of {len(rows)}"
        page = reverse("admin:orders_orderline_change", args=[line.pk])
        return format_html(
            '<a class="text-link dl-nowrap" href="{}">{} · {}</a>',
            page,
            when if promised else "not yet",
            shipped,
        )


class MilestoneInline(EditedInline):
    """What the customer pays on a day, whatever is delivered."""

    model = Milestone
    fields = ["date", "amount", "name"]
    related = ["order"]
    tab = False
    verbose_name_plural = "milestones"


class LateFilter(admin.SimpleListFilter):
    """Orders with an open instalment promised after its requested date."""

    title = "late"
    parameter_name = "late"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Late"), ("no", "Not late")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        late = Instalment.objects.filter(
            order_line__order=OuterRef("pk"), shipped_qty__lt=F("qty"), promised__gt=F("due")
        )
        if self.value() == "yes":
            return queryset.filter(Exists(late), status=OrderStatus.CONFIRMED)
        if self.value() == "no":
            return queryset.exclude(Exists(late), status=OrderStatus.CONFIRMED)
        return queryset
