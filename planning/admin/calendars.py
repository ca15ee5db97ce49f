"""Calendars with their shifts, closures and extra shifts."""

from typing import Any

from django import forms
from django.contrib import admin

from inventory.admin.base import EditedAdmin, EditedInline
from planning.models import Closure, ExtraShift, Shift, WorkCalendar

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class ShiftForm(forms.ModelForm):
    """The days of a shift as boxes to tick."""

    days = forms.TypedMultipleChoiceField(
        coerce=int,
        choices=list(enumerate(DAYS)),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "dl-days"}),
        initial=[0, 1, 2, 3, 4],
    )

    def clean_days(self) -> list[int]:
        """In order of the week, whatever the order of the clicks."""
        return sorted(self.cleaned_data["days"])


class ShiftInline(EditedInline):
    model = Shift
    form = ShiftForm
    fields = ["days", "start", "end"]
    related = ["calendar"]
    tab = False


class ClosureInline(EditedInline):
    model = Closure
    fields = ["closed_from", "closed_to", "name"]
    related = ["calendar"]


class ExtraShiftInline(EditedInline):
    model = ExtraShift
    fields = ["date", "start", "end"]
    related = ["calendar"]


@admin.register(WorkCalendar)
class WorkCalendarAdmin(EditedAdmin):
    """When machines and people work."""

    list_display = ["code", "week", "closed_days"]
    search_fields = ["code"]
    ordering = ["code"]
    inlines = [ShiftInline, ClosureInline, ExtraShiftInline]

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related("shifts", "closures")

    @admin.display(description="shifts")
    def week(self, calendar: WorkCalendar) -> str:
        """The pattern of the week, in words."""
        shifts = sorted(calendar.shifts.all(), key=lambda shift: (shift.days, shift.start))
        return "; ".join(f"{_days(shift.days)} {shift.start:%H:%M}–{shift.end:%H:%M}" for shift in shifts)

    @admin.display(description="closures")
    def closed_days(self, calendar: WorkCalendar) -> int:
        return len(calendar.closures.all())


def _days(days: list[int]) -> str:
    ordered = sorted(days)
    if len(ordered) > 2 and ordered == list(range(ordered[0], ordered[-1] + 1)):
        return f"{DAYS[ordered[0]]}–{DAYS[ordered[-1]]}"
    return ", ".join(DAYS[day] for day in ordered)
