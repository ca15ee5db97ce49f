"""The stock ledger: read, never edited. Stock moves by forms that call the services."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDecimalFieldWidget

from inventory.admin.base import ListAdmin, number
from inventory.admin.on_hand import OnHandPage
from inventory.admin.tables import code_field
from inventory.admin.widgets import KnownAutocomplete, PlainDecimalField
from inventory.errors import InventoryError
from inventory.models import MAIN, Item, StockMovement
from inventory.models.fields import plain_text
from inventory.services import adjust_stock, issue_stock, receive_stock, transfer_stock


class MovementForm(forms.Form):
    """An item, a place and a quantity. ``qty_name`` is what the service calls the quantity."""

    qty_name = "qty"
    qty_label = "Quantity"
    item = forms.ModelChoiceField(Item.objects.order_by("code"))
    qty = PlainDecimalField(max_digits=18, decimal_places=6, widget=UnfoldAdminDecimalFieldWidget)
    location = code_field(initial=MAIN, required=True)
    lot = code_field()
    reference = code_field()
    note = code_field(max_length=2_000, validators=[plain_text])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["qty"].label = self.qty_label
        item = StockMovement._meta.get_field("item")
        widget = KnownAutocomplete(item, admin.site)
        widget.choices = self.fields["item"].choices  # type: ignore[attr-defined]
        widget.is_required = True
        self.fields["item"].widget = widget

    def values(self) -> dict[str, Any]:
        """The arguments of the service."""
        data = {**self.cleaned_data}
        return {
            "item_id": data.pop("item").pk,
            "lot": data.pop("lot") or None,
            self.qty_name: data.pop("qty"),
            **data,
        }


class ReceiveForm(MovementForm):
    qty_label = "Quantity received"


class IssueForm(MovementForm):
    qty_label = "Quantity taken"


class CountForm(MovementForm):
    qty_name = "counted"
    qty_label = "Quantity counted"


class TransferForm(MovementForm):
    qty_label = "Quantity carried"
    field_order = ("item", "qty", "location", "to_location")
    to_location = code_field(required=True, label="To location")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["location"].label = "From location"

    def values(self) -> dict[str, Any]:
        values = super().values()
        return values | {"from_location": values.pop("location")}


@admin.register(StockMovement)
class StockMovementAdmin(OnHandPage, ListAdmin):
    list_display = ["at", "item", number("qty"), "kind", "location", "lot", "reference", "by"]
    list_select_related = ["item", "by"]
    list_filter = ["kind", "location"]
    search_fields = ["item__code", "item__name", "reference", "lot"]
    ordering = ["-at", "-pk"]
    actions_list = ["receive", "issue", "transfer", "count"]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        pages = [
            path("stock/", wrap(self.on_hand_page), name="inventory_stockmovement_on_hand"),
            path("stock/<slug:file_format>/", wrap(self.on_hand_file), name="inventory_stockmovement_file"),
        ]
        return pages + super().get_urls()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Movements are added by receiving and counting, which check what they do."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_move_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("inventory.add_stockmovement")

    @action(description="Receive", url_path="receive", icon="input", permissions=["move"])
    def receive(self, request: HttpRequest) -> HttpResponse:
        """Put units in a place."""
        return self._move(request, "Receive stock", ReceiveForm, receive_stock)

    @action(description="Issue", url_path="issue", icon="output", permissions=["move"])
    def issue(self, request: HttpRequest) -> HttpResponse:
        """Take units out of a place."""
        return self._move(request, "Issue stock", IssueForm, issue_stock)

    @action(description="Transfer", url_path="transfer", icon="swap_horiz", permissions=["move"])
    def transfer(self, request: HttpRequest) -> HttpResponse:
        """Carry units to another place."""
        return self._move(request, "Transfer stock", TransferForm, transfer_stock)

    @action(description="Correct a count", url_path="count", icon="fact_check", permissions=["move"])
    def count(self, request: HttpRequest) -> HttpResponse:
        """Make the balance of a place what was counted."""
        return self._move(request, "Correct a count", CountForm, adjust_stock)

    def _move(
        self,
        request: HttpRequest,
        title: str,
        form_class: type[MovementForm],
        service: Callable[..., Any],
    ) -> HttpResponse:
        if not self.has_move_permission(request):
            raise PermissionDenied
        initial = {name: request.GET[name] for name in ("item", "location", "lot") if request.GET.get(name)}
        if not initial.get("item", "0").isdecimal():
            del initial["item"]
        form = form_class(request.POST if request.method == "POST" else None, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                done = service(now=timezone.now(), by=request.user, **form.values())
            except InventoryError as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, _said(form, done), messages.SUCCESS)
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


def _said(form: MovementForm, done: Any) -> str:
    """What was booked, in a sentence."""
    item = form.cleaned_data["item"]
    rows = done if isinstance(done, tuple) else (done,) if done else ()
    if not rows:
        return f"{item} at {form.cleaned_data['location']}: no difference."
    moved = (f"{f'{row.qty:+f}'.rstrip('0').rstrip('.')} at {row.location}" for row in rows)
    return f"{item}: {', '.join(moved)}."
