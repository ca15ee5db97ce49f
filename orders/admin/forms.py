"""The forms of an order: its header, its lines, and the small ones behind the buttons."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from inventory.admin.base import DistinctFormSet, VersionedForm
from inventory.admin.widgets import PlainDecimalField, PlainIntegerField
from inventory.models.fields import plain, plain_text
from orders.admin.written import kept_schedule, read_schedule, write_schedule
from orders.errors import InvalidSchedule
from orders.models import Instalment, OrderLine, SalesOrder

SCHEDULE_HELP = "A day, “20 a month from July 2011”, or “6 on 2011-08-31, 10 on 2011-09-30”."


class OrderForm(VersionedForm):
    """The header of an order."""

    class Meta:
        model = SalesOrder
        fields = ["ref", "customer", "customer_reference", "kind", "order_date", "delivery_policy"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and "order_date" in self.fields:
            self.fields["order_date"].initial = timezone.localdate()


class ScheduledLineForm(forms.ModelForm):
    """A line whose delivery schedule is one field; the price comes from the item when left empty."""

    schedule = forms.CharField(max_length=4000, validators=[plain_text], label="Delivery schedule")
    line = PlainIntegerField(
        min_value=1,
        max_value=10**6,
        required=False,
        label="Line",
        widget=UnfoldAdminIntegerFieldWidget(attrs={"class": "dl-short", "placeholder": "next"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["schedule"].widget = UnfoldAdminTextInputWidget(
            attrs={"placeholder": "20 a month from July 2011", "class": "dl-schedule"}
        )
        if self.instance.pk is not None:
            rows = list(self.instance.instalments.all())
            self.fields["schedule"].initial = write_schedule(rows, self.instance.order.order_date)

    def order_date(self) -> dt.date:
        """The date of the order that is being written, or of the one that stands."""
        typed = self.data.get("order_date") if self.is_bound else None
        try:
            return forms.DateField().clean(typed)
        except forms.ValidationError:
            stored = self.instance.order.order_date if self.instance.order_id else None
            return stored or timezone.localdate()

    def validate_constraints(self) -> None:
        """Each constraint is a query: lines that nobody touched are not asked again."""
        if self.has_changed():
            super().validate_constraints()  # type: ignore[misc]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        data = self.cleaned_data
        item, qty, text = data.get("item", self.instance.item_id), data.get("qty"), data.get("schedule")
        if (
            item
            and data.get("unit_price") is None
            and (self.instance.pk is None or "item" in self.changed_data)
        ):
            data["unit_price"] = getattr(item, "price", None)
        if qty is not None and text:
            self._expand(text)
        return cleaned

    def _expand(self, text: str) -> None:
        """Instalments stay as they are while neither the sentence nor the quantity changes."""
        if self.instance.pk is not None and not {"schedule", "qty"} & set(self.changed_data):
            self.cleaned_data["instalments"] = kept_schedule(self.instance)
            return
        try:
            self.cleaned_data["instalments"] = read_schedule(
                text, self.cleaned_data["qty"], self.order_date()
            )
        except InvalidSchedule as error:
            self.add_error("schedule", str(error))


class LineFormSet(DistinctFormSet):
    """The lines of an order: at least one; those without a number get the next one."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if self._is_kept(form)]
        if not kept and not any(self.errors):
            raise forms.ValidationError("An order needs at least one line.", code="no_lines")
        taken = {form.cleaned_data["line"] for form in kept if form.cleaned_data.get("line")}
        number = max(taken, default=0)
        for form in kept:
            if not form.cleaned_data.get("line"):
                number += 1
                form.cleaned_data["line"] = form.instance.line = number

    def _is_kept(self, form: Any) -> bool:
        data: dict[str, Any] = getattr(form, "cleaned_data", None) or {}
        return bool(data) and not data.get("DELETE") and (form.instance.pk is not None or form.has_changed())


class ActForm(forms.Form):
    """What an act needs to know besides the order: which version of it was seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


class ReasonForm(ActForm):
    """Why an order is put on hold or cancelled."""

    reason = forms.CharField(
        required=False,
        max_length=2000,
        validators=[plain_text],
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="Shown on the order and kept in its history.",
    )


class ShipAllForm(ActForm):
    """The day on which units left."""

    shipped_on = forms.DateField(widget=UnfoldAdminDateWidget)


class ShipForm(ShipAllForm):
    """The day, and how many of each open instalment left; empty: none."""

    def __init__(self, *args: Any, instalments: list[Instalment], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {f"ship_{row.pk}": row for row in instalments}
        for name, row in self.rows.items():
            line = row.order_line
            self.fields[name] = PlainDecimalField(
                required=False,
                max_digits=18,
                decimal_places=6,
                min_value=0,
                label=f"Line {line.line} · {line.item.code} · requested {row.due}",
                help_text=f"{plain(row.open_qty)} open",
                widget=UnfoldAdminDecimalFieldWidget(attrs={"placeholder": "0"}),
            )

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.errors and not self.shipped():
            raise forms.ValidationError("Say how many units of at least one instalment left.", code="nothing")
        return self.cleaned_data

    def shipped(self) -> list[tuple[Instalment, Any]]:
        """The instalments of which something left, with how many."""
        return [
            (row, self.cleaned_data[name]) for name, row in self.rows.items() if self.cleaned_data.get(name)
        ]


class LineForm(VersionedForm, ScheduledLineForm):
    """A line on its own page, with what the order's page has no room for."""

    class Meta:
        model = OrderLine
        fields = [
            "item",
            "qty",
            "unit_price",
            "priority",
            "lease_months",
            "late_cost_per_day",
            "late_cost_fixed",
        ]
