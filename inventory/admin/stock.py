"""The stock ledger: read, never edited. Stock comes in and is counted by forms that call the services."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextInputWidget

from inventory.admin.base import ListAdmin, number
from inventory.admin.widgets import KnownAutocomplete
from inventory.errors import InventoryError
from inventory.models import MAIN, Item, StockMovement
from inventory.models.fields import plain_text, trimmed
from inventory.services import adjust_stock, receive_stock


class MovementForm(forms.Form):
    """An item, a place and a quantity."""

    item = forms.ModelChoiceField(Item.objects.order_by("code"))
    qty = forms.DecimalField(max_digits=18, decimal_places=6, widget=UnfoldAdminDecimalFieldWidget)
    location = forms.CharField(
        max_length=64, initial=MAIN, validators=[plain_text, trimmed], widget=UnfoldAdminTextInputWidget
    )
    lot = forms.CharField(
        max_length=64, required=False, validators=[plain_text, trimmed], widget=UnfoldAdminTextInputWidget
    )
    reference = forms.CharField(
        max_length=64, required=False, validators=[plain_text, trimmed], widget=UnfoldAdminTextInputWidget
    )
    note = forms.CharField(required=False, validators=[plain_text], widget=UnfoldAdminTextInputWidget)

    def __init__(self, *args: Any, qty_label: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["qty"].label = qty_label
        item = StockMovement._meta.get_field("item")
        widget = KnownAutocomplete(item, admin.site)
        widget.choices = self.fields["item"].choices  # type: ignore[attr-defined]
        widget.is_required = True
        self.fields["item"].widget = widget


@admin.register(StockMovement)
class StockMovementAdmin(ListAdmin):
    list_display = ["at", "item", number("qty"), "kind", "location", "lot", "reference", "by"]
    list_select_related = ["item", "by"]
    list_filter = ["kind", "location"]
    search_fields = ["item__code", "item__name", "reference", "lot"]
    ordering = ["-at", "-pk"]
    actions_list = ["receive", "count"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Movements are added by receiving and counting, which check what they do."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_move_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("inventory.add_stockmovement")

    @action(description="Receive stock", url_path="receive", icon="input", permissions=["move"])
    def receive(self, request: HttpRequest) -> HttpResponse:
        """Put units in a place."""
        return self._move(request, "Receive stock", "Quantity received", receive_stock, "qty")

    @action(description="Correct a count", url_path="count", icon="fact_check", permissions=["move"])
    def count(self, request: HttpRequest) -> HttpResponse:
        """Make the balance of a place what was counted."""
        return self._move(request, "Correct a count", "Quantity counted", adjust_stock, "counted")

    def _move(self, request: HttpRequest, title: str, label: str, service: Any, qty: str) -> HttpResponse:
        if not self.has_move_permission(request):
            raise PermissionDenied
        form = MovementForm(request.POST if request.method == "POST" else None, qty_label=label)
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            amount: Decimal = data["qty"]
            try:
                row = service(
                    item_id=data["item"].pk,
                    location=data["location"],
                    lot=data["lot"] or None,
                    reference=data["reference"],
                    note=data["note"],
                    now=timezone.now(),
                    by=request.user,
                    **{qty: amount},
                )
            except InventoryError as error:
                form.add_error(None, str(error))
            else:
                said = f"{row.qty:+f}".rstrip("0").rstrip(".") if row else "no difference"
                self.message_user(request, f"{data['item']} at {data['location']}: {said}.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:inventory_stockmovement_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "submit_label": title,
            "back": reverse("admin:inventory_stockmovement_changelist"),
        }
        return TemplateResponse(request, "admin/driveline/form_page.html", context)
