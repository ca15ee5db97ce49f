"""Cycle counts: the list of sheets, and the form that opens one."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, DecimalField, ExpressionWrapper, F, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
)

from config.rest.roles import find_right, roles_of
from inventory.admin.base import EditedAdmin
from inventory.admin.count_pages import CountPages
from inventory.admin.tables import code_field
from inventory.admin.widgets import PlainDecimalField, PlainIntegerField
from inventory.errors import InventoryError
from inventory.models import CycleCount
from inventory.models.fields import ZERO, plain_text
from inventory.selectors import items_to_count
from inventory.services import open_count


class NewCountForm(forms.Form):
    """What to count. Everything may stay empty: then all that is in stock is counted."""

    items = forms.CharField(
        required=False,
        label="Items",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="Codes, one a line. Empty: all that is in stock.",
    )
    not_counted_days = PlainIntegerField(
        required=False,
        min_value=1,
        max_value=3_660,
        label="Not counted for days",
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Leaves out what a posted sheet has counted since.",
    )
    location = code_field(help_text="Empty: every location.")
    tolerance_percent = PlainDecimalField(
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=4,
        label="Tolerance in %",
        widget=UnfoldAdminDecimalFieldWidget,
        help_text="Differences up to this share of the books need no second look.",
    )
    note = code_field(max_length=2_000, validators=[plain_text])

    def clean_items(self) -> str:
        """A browser ends lines with two characters, of which one is no text."""
        text = str(self.cleaned_data["items"]).replace("\r\n", "\n")
        plain_text(text)
        return text

    def codes(self) -> list[str] | None:
        """The items that were named, if any."""
        named = [line.strip() for line in self.cleaned_data["items"].splitlines() if line.strip()]
        return named or None


@admin.register(CycleCount)
class CycleCountAdmin(CountPages, EditedAdmin):
    list_display = ["ref", "show_status", "opened_at", "opened_by", "progress", "difference_value", "note"]
    list_filter = ["status"]
    search_fields = ["ref", "note", "lines__item__code"]
    list_select_related = ["opened_by"]
    ordering = ["-pk"]
    actions = None
    actions_list = ["new_count"]

    def get_queryset(self, request: HttpRequest) -> Any:
        money: DecimalField[Any, Any] = DecimalField(max_digits=30, decimal_places=6)
        worth = (F("lines__counted_qty") - F("lines__book_qty")) * F("lines__unit_value")
        return (
            super()
            .get_queryset(request)
            .annotate(
                line_count=Count("lines"),
                counted_count=Count("lines__counted_qty"),
                worth=Sum(ExpressionWrapper(worth, output_field=money)),
            )
        )

    @display(
        description="status",
        ordering="status",
        label={"Draft": "info", "Counting": "warning", "Posted": "success", "Cancelled": "danger"},
    )
    def show_status(self, count: CycleCount) -> str:
        return count.get_status_display()

    @admin.display(description="counted", ordering="counted_count")
    def progress(self, count: Any) -> str:
        return f"{count.counted_count} of {count.line_count}"

    @admin.display(description="value of differences", ordering="worth")
    def difference_value(self, count: Any) -> str:
        return "–" if count.worth is None else f"{count.worth:+,.2f}"

    # --- who may do what

    def may(self, request: HttpRequest, route: str) -> bool:
        """The same roles as over the API."""
        right = find_right(route, "POST")
        allowed = right.roles if right else frozenset()
        return bool(request.user.is_superuser or roles_of(request.user) & allowed)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Sheets are opened with the button, which asks what to count."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A sheet that is not wanted is cancelled."""
        return False

    def has_count_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "cycle-count-list")

    # --- pages

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        pages = [
            path("<int:key>/change/", wrap(self.sheet_page), name="inventory_cyclecount_change"),
            path("<int:key>/act/<slug:act>/", wrap(self.act), name="inventory_cyclecount_act"),
            path("<int:key>/sheet/<slug:file_format>/", wrap(self.sheet), name="inventory_cyclecount_sheet"),
        ]
        return pages + super().get_urls()

    @action(description="New count", url_path="new", icon="add", permissions=["count"], variant="primary")
    def new_count(self, request: HttpRequest) -> HttpResponse:
        """Open a draft of a sheet."""
        if not self.has_count_permission(request):
            raise PermissionDenied
        form = NewCountForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                count = self._open(form, request)
            except InventoryError as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, f"{count} was opened as a draft.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:inventory_cyclecount_change", args=[count.pk]))
        context = {
            **self.admin_site.each_context(request),
            "title": "New cycle count",
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "submit_label": "Open a draft",
            "back": reverse("admin:inventory_cyclecount_changelist"),
        }
        return TemplateResponse(request, "admin/driveline/form_page.html", context)

    def _open(self, form: NewCountForm, request: HttpRequest) -> CycleCount:
        values, now = form.cleaned_data, timezone.now()
        item_ids = items_to_count(codes=form.codes(), not_counted_days=values["not_counted_days"], now=now)
        return open_count(
            item_ids=item_ids,
            location=values["location"] or None,
            tolerance=(values["tolerance_percent"] or ZERO) / 100,
            note=values["note"],
            now=now,
            by=request.user,
        )
