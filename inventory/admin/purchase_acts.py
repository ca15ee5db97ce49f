"""Receiving, moving and cancelling a purchase order: tables of its open lines, posted to the services."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminSingleDateWidget

from inventory.admin.tables import Entered, Shown, TableForm, code_field, qty_field, table_page
from inventory.errors import InventoryError
from inventory.models import MAIN, PurchaseOrder, PurchaseOrderLine
from inventory.models.fields import DAY, plain
from inventory.services import (
    ReceivedLine,
    cancel_purchase,
    receive_purchase_order,
    reschedule_purchase,
)

NUMBER = "dl-num"
SPARE = "dl-spare"  # left out on a phone
LINE = (
    Shown(label="Line", read=lambda row: row.ref),
    Shown(label="Item", read=lambda row: row.item.code),
    Shown(label="Name", read=lambda row: row.item.name, css="dl-wrap"),
    Shown(label="Due", read=lambda row: row.due.isoformat(), css=f"dl-nowrap {SPARE}"),
    Shown(label="Ordered", read=lambda row: plain(row.qty), css=f"{NUMBER} {SPARE}"),
    Shown(label="Received", read=lambda row: plain(row.received_qty), css=f"{NUMBER} {SPARE}"),
    Shown(label="Open", read=lambda row: f"{plain(_open(row))} {row.item.uom.code}", css=NUMBER),
)


def _open(row: PurchaseOrderLine) -> Any:
    return row.qty - row.received_qty


class ReceiveForm(TableForm):
    """Quantities stand as if all that is open had come."""

    shown = LINE
    entered = (
        Entered(name="qty", label="Came in", make=lambda row: qty_field(initial=_open(row))),
        Entered(name="location", label="Location", make=lambda row: code_field(initial=MAIN, required=True)),
        Entered(name="lot", label="Lot", make=lambda row: code_field()),
    )
    reference = code_field(
        label="Delivery note",
        help_text="May stay empty. The same note twice for one order is booked once.",
    )


class CancelForm(TableForm):
    """Nothing stands in the fields: to cancel is a decision about each line."""

    shown = LINE
    entered = (Entered(name="qty", label="Cancel", make=lambda row: qty_field()),)
    everything = forms.BooleanField(required=False, label="Cancel all that is open")
    reason = code_field(label="Reason", max_length=100)


class RescheduleForm(TableForm):
    """The days stand as they are."""

    shown = tuple(column for column in LINE if column.label != "Due")
    entered = (
        Entered(
            name="due",
            label="Due",
            make=lambda row: forms.DateField(
                initial=row.due, widget=UnfoldAdminSingleDateWidget, validators=DAY["validators"]
            ),
        ),
    )
    reason = code_field(label="Reason", max_length=100)


class PurchaseActs:
    """The pages behind the buttons of a purchase order."""

    message_user: Callable[..., None]

    def receive_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What came, of which line, and where it was put."""
        return self._act(request, object_id, ReceiveForm, _receive, "Receive", "A delivery of {} was booked.")

    def reschedule_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Other days for what is open."""
        return self._act(
            request, object_id, RescheduleForm, _reschedule, "Move to another day", "{} was moved."
        )

    def cancel_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What is no longer wanted, or will never come."""
        return self._act(
            request,
            object_id,
            CancelForm,
            _cancel,
            "Cancel",
            "What is named of {} was cancelled.",
            is_dangerous=True,
        )

    def _act(
        self,
        request: HttpRequest,
        object_id: str,
        form_class: type[TableForm],
        perform: Callable[[PurchaseOrder, Any, Any], None],
        label: str,
        done: str,
        *,
        is_dangerous: bool = False,
    ) -> HttpResponse:
        orders = PurchaseOrder.objects.select_related("supplier")
        # An address is typed, and only digits are a key.
        order = orders.filter(pk=object_id).first() if object_id.isdecimal() else None
        if order is None:
            raise Http404
        back = reverse("admin:inventory_purchaseorder_change", args=[order.pk])
        lines = PurchaseOrderLine.objects.open().filter(purchase_order=order).select_related("item__uom")
        rows = list(lines.order_by("line", "pk"))
        if not rows and request.method != "POST":
            self.message_user(request, f"Nothing of {order.ref} is open.", messages.WARNING)
            return HttpResponseRedirect(back)
        form = form_class(request.POST if request.method == "POST" else None, rows=rows)
        if request.method == "POST" and form.is_valid():
            try:
                perform(order, form, request.user)
            except InventoryError as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, done.format(order.ref), messages.SUCCESS)
                return HttpResponseRedirect(back)
        context = {
            "title": f"{label}: {order.ref}",
            "intro": f"{order.supplier.name or order.supplier.code}, {len(rows)} open lines.",
            "back": back,
            "submit_label": "Cancel what is named" if is_dangerous else label,
            "is_dangerous": is_dangerous,
        }
        return table_page(request, self, form, context)  # type: ignore[arg-type]


def _receive(order: PurchaseOrder, form: ReceiveForm, by: Any) -> None:
    lines = [
        ReceivedLine(ref=row.ref, qty=values["qty"], location=values["location"], lot=values["lot"] or None)
        for row, values in form.given()
        if values["qty"]
    ]
    receive_purchase_order(
        ref=order.ref,
        lines=lines,
        reference=form.cleaned_data["reference"] or None,
        now=timezone.now(),
        by=by,
    )


def _reschedule(order: PurchaseOrder, form: RescheduleForm, by: Any) -> None:
    due = {row.ref: values["due"] for row, values in form.given()}
    reschedule_purchase(ref=order.ref, due=due, reason=form.cleaned_data["reason"], by=by)


def _cancel(order: PurchaseOrder, form: CancelForm, by: Any) -> None:
    named = {row.ref: values["qty"] for row, values in form.given() if values["qty"]}
    lines = None if form.cleaned_data["everything"] else named
    cancel_purchase(ref=order.ref, lines=lines, reason=form.cleaned_data["reason"], by=by)
