"""Hours that finished work took; what they tell of learning is on the page of the skill."""

from django.contrib import admin

from inventory.admin.base import EditedAdmin, number
from planning.models import LabourReport


@admin.register(LabourReport)
class LabourReportAdmin(EditedAdmin):
    """From these the learning rate of a skill is fitted again: see the skill's page."""

    list_display = ["work_order", "item", "skill", "units_before", "units", number("hours"), "finished_on"]
    list_select_related = ["item", "skill"]
    list_filter = ["skill"]
    search_fields = ["work_order", "item__code", "skill__code"]
    ordering = ["-finished_on", "work_order"]
    autocomplete_fields = ["item", "skill"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("work_order", "finished_on"),
                    ("item", "skill"),
                    ("units_before", "units"),
                    "hours",
                ]
            },
        )
    ]
