"""Work centres, and operations: on the item's page, which planning extends, and as a list of their own."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from inventory.admin.base import EditedAdmin, EditedInline, number
from inventory.admin.boms import BomLineAdmin
from inventory.admin.items import ItemAdmin
from inventory.admin.supply import ItemSourceAdmin
from inventory.models import BomLine, Item, ItemSource
from planning.admin.item_pages import ItemPages
from planning.admin.table_pages import TablePages
from planning.models import (
    ItemLeadTimeCalendar,
    Operation,
    OperationAlternate,
    SetupTime,
    SourceLeadTimeCalendar,
    WorkCentre,
)


class SetupTimeInline(EditedInline):
    model = SetupTime
    fields = ["from_family", "to_family", "hours"]
    related = ["work_centre"]
    tab = False


@admin.register(WorkCentre)
class WorkCentreAdmin(EditedAdmin):
    list_display = ["code", "name", "stations", "calendar", number("batch"), number("efficiency")]
    list_select_related = ["calendar"]
    list_filter = ["calendar"]
    search_fields = ["code", "name"]
    ordering = ["code"]
    autocomplete_fields = ["calendar"]
    inlines = [SetupTimeInline]


class OperationInline(EditedInline):
    """The routing of an item."""

    model = Operation
    fields = [
        "seq",
        "name",
        "work_centre",
        "skill",
        "crew",
        "setup_h",
        "run_h",
        "unattended_h",
        "queue_h",
        "external_days",
    ]
    autocomplete_fields = ["work_centre", "skill"]
    related = ["item", "work_centre", "skill"]
    show_change_link = True
    verbose_name_plural = "routing"

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).order_by("seq")


class AlternateInline(EditedInline):
    model = OperationAlternate
    fields = ["work_centre", "speed"]
    autocomplete_fields = ["work_centre"]
    related = ["operation__item", "work_centre"]
    tab = False


@admin.register(Operation)
class OperationAdmin(EditedAdmin):
    list_display = [
        "item",
        "seq",
        "name",
        "work_centre",
        "skill",
        "crew",
        number("setup_h", "setup hours"),
        number("run_h", "hours per unit"),
        number("unattended_h", "unattended hours"),
    ]
    list_select_related = ["item", "work_centre", "skill"]
    list_filter = ["work_centre", "skill"]
    search_fields = ["item__code", "item__name", "name", "work_centre__code", "skill__code"]
    ordering = ["item__code", "seq"]
    autocomplete_fields = ["item", "work_centre", "skill"]
    inlines = [AlternateInline]


class LeadTimeCalendarInline(EditedInline):
    model = ItemLeadTimeCalendar
    fields = ["calendar"]
    autocomplete_fields = ["calendar"]
    related = ["item", "calendar"]


class PlannedItemAdmin(ItemPages, TablePages, ItemAdmin):
    """An item with its routing, the calendar in which its lead time counts, and the pages about it."""

    inlines = [OperationInline, *ItemAdmin.inlines, LeadTimeCalendarInline]


class SourceCalendarInline(EditedInline):
    model = SourceLeadTimeCalendar
    fields = ["calendar"]
    autocomplete_fields = ["calendar"]
    related = ["source__item", "source__supplier", "calendar"]
    tab = False


class PlannedSourceAdmin(ItemSourceAdmin):
    """A source with the calendar in which its lead time counts."""

    inlines = [*ItemSourceAdmin.inlines, SourceCalendarInline]


admin.site.unregister(ItemSource)
admin.site.register(ItemSource, PlannedSourceAdmin)


class PlannedBomLineAdmin(BomLineAdmin):
    """Where an item is used, one level up, with a way to all levels."""

    list_display = [*BomLineAdmin.list_display, "all_levels"]

    @admin.display(description="")
    def all_levels(self, line: BomLine) -> SafeString:
        page = reverse("admin:planning_item_where_used", args=[line.component_id])
        return format_html('<a class="text-link" href="{}">all levels</a>', page)


admin.site.unregister(Item)
admin.site.register(Item, PlannedItemAdmin)
admin.site.unregister(BomLine)
admin.site.register(BomLine, PlannedBomLineAdmin)
