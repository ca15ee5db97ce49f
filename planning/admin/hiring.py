"""Decisions on hires: who approved, locked or refused which ones, and when."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from unfold.decorators import display

from inventory.admin.base import EditedAdmin
from planning.models import HiringDecision


@admin.register(HiringDecision)
class HiringDecisionAdmin(EditedAdmin):
    """The next plan hires at least who is approved, just who is locked, and nobody who is refused."""

    list_display = ["skill", "month", "heads", "show_verdict", "note", "decided_by", "decided_at"]
    list_select_related = ["skill", "decided_by"]
    list_filter = ["verdict", "skill"]
    search_fields = ["skill__code", "skill__name", "month", "note"]
    ordering = ["month", "skill__code"]
    autocomplete_fields = ["skill"]
    readonly_fields = ["decided_by", "decided_at"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "skill",
                    ("month", "heads"),
                    "verdict",
                    "note",
                    ("decided_by", "decided_at"),
                ]
            },
        )
    ]

    @display(
        description="verdict",
        ordering="verdict",
        label={"Approved": "success", "Locked": "info", "Refused": "danger"},
    )
    def show_verdict(self, row: HiringDecision) -> str:
        return row.get_verdict_display()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change or form.has_changed():
            obj.decided_by, obj.decided_at = request.user, timezone.now()
        super().save_model(request, obj, form, change)
