"""What happens beside the calendars: stations that are down, people who are not there, pinned operations."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from inventory.admin.base import EditedAdmin, VersionedForm, number
from planning.models import Absence, Downtime, PinnedOperation
from planning.selectors.factory import get_zone
from planning.services.pinning import find_pin_issues


class FactoryTimeAdmin(EditedAdmin):
    """Moments are shown, and typed, in the factory's own time, which the fields name.

    Django's own hint compares the browser's clock with that of a server, and there is none to think of.
    """

    class Media:
        css = {"all": ["planning/factory_time.css"]}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(db_field, models.DateTimeField):
            field.help_text = f"In the factory’s own time, {timezone.get_current_timezone_name()}."
        return field

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _in_factory_time(super().changelist_view, request, *args, **kwargs)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return _in_factory_time(super().changeform_view, request, *args, **kwargs)


def _in_factory_time(view: Callable[..., Any], *args: Any, **kwargs: Any) -> HttpResponse:
    """The answer of a view, rendered: it is here that moments become text."""
    with timezone.override(get_zone()):
        response: HttpResponse = view(*args, **kwargs)
        render = getattr(response, "render", None)
        return render() if render is not None else response


class DowntimeForm(VersionedForm):
    """Refuses a station that the work centre does not have."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        centre, station = self.cleaned_data.get("work_centre"), self.cleaned_data.get("station")
        if centre is not None and station is not None and station > centre.stations:
            message = f"{centre.code} has {centre.stations} stations: a number up to that is expected."
            self.add_error("station", forms.ValidationError(message))
        return cleaned


@admin.register(Downtime)
class DowntimeAdmin(FactoryTimeAdmin):
    """The station is closed; what is under way there waits."""

    form = DowntimeForm
    list_display = ["work_centre", "station", "down_from", "down_to", "name"]
    list_select_related = ["work_centre"]
    list_filter = ["work_centre"]
    search_fields = ["work_centre__code", "name"]
    date_hierarchy = "down_from"
    ordering = ["down_from", "work_centre__code", "station"]
    autocomplete_fields = ["work_centre"]
    fieldsets = [(None, {"fields": [("work_centre", "station"), "down_from", "down_to", "name"]})]


@admin.register(Absence)
class AbsenceAdmin(EditedAdmin):
    """Paid, but not there: leave, courses, illness that is known."""

    list_display = ["skill", number("heads"), "absent_from", "absent_to", "name"]
    list_select_related = ["skill"]
    list_filter = ["skill"]
    search_fields = ["skill__code", "skill__name", "name"]
    date_hierarchy = "absent_from"
    ordering = ["absent_from", "skill__code", "name"]
    autocomplete_fields = ["skill"]
    fieldsets = [(None, {"fields": [("skill", "heads"), ("absent_from", "absent_to"), "name"]})]


class PinForm(VersionedForm):
    """Refuses what a plan could not keep."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors:
            for message in find_pin_issues([self.instance]).values():
                self.add_error(None, forms.ValidationError(message))


@admin.register(PinnedOperation)
class PinnedOperationAdmin(FactoryTimeAdmin):
    """Planning starts what stands here just then and there; remove a row to let planning decide again."""

    form = PinForm
    list_display = ["pinned", "item", "start", "work_centre", "station"]
    list_select_related = ["work_order__item", "firm_order__item", "work_centre"]
    list_filter = ["work_centre"]
    search_fields = [
        "work_order__ref",
        "firm_order__ref",
        "work_order__item__code",
        "firm_order__item__code",
        "work_centre__code",
    ]
    date_hierarchy = "start"
    ordering = ["start", "pk"]
    autocomplete_fields = ["work_order", "firm_order", "work_centre"]
    fieldsets = [
        (
            None,
            {"fields": [("work_order", "firm_order"), "seq", "start", ("work_centre", "station")]},
        ),
    ]

    @admin.display(description="operation")
    def pinned(self, row: PinnedOperation) -> str:
        return str(row)

    @admin.display
    def item(self, row: PinnedOperation) -> str:
        return str(row.order.item)
