"""The one factory: its planning date, horizon, policy and the staffing rules that skills inherit."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from config.rest.roles import sees_wages
from inventory.admin.base import EditedAdmin
from planning.admin.workforce import WAGES, rules_for, without
from planning.models import SINGLETON_ID, FactorySettings

CASH = ("cash_opening", "cash_floor", "cash_customer_days", "cash_supplier_days")


@admin.register(FactorySettings)
class FactorySettingsAdmin(EditedAdmin):
    list_display = ["name", "as_of", "horizon_end", "currency", "time_zone"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        own = ["name", ("as_of", "horizon_end"), ("currency", "time_zone")]
        people = [
            ("max_total_hires_per_month", "max_total_heads"),
            ("hiring_budget_per_month", "keep_going"),
        ]
        hidden = self.get_hidden_columns(request)
        cash = without([CASH[:2], CASH[2:]], hidden)
        policy = [
            ("late_cost_rate", "late_cost_fixed_rate"),
            ("holding_rate_per_year", "service_level"),
            "frozen_days",
        ]
        return [
            (None, {"fields": own}),
            ("Policy", {"fields": policy, "classes": ["tab"]}),
            ("People of the plant", {"fields": without(people, hidden), "classes": ["tab"]}),
            *rules_for(request),
            *([("Cash", {"fields": cash, "classes": ["tab"]})] if cash else []),
            ("About", {"fields": ["about"], "classes": ["tab"]}),
        ]

    def get_hidden_columns(self, request: HttpRequest) -> Sequence[str]:
        return () if sees_wages(request.user) else (*WAGES, *CASH)

    def has_add_permission(self, request: HttpRequest) -> bool:
        allowed: bool = super().has_add_permission(request)
        return allowed and not FactorySettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Without a factory nothing can be planned."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one: open it."""
        if self.has_view_permission(request) and FactorySettings.objects.exists():
            page = reverse("admin:planning_factorysettings_change", args=[SINGLETON_ID])
            return HttpResponseRedirect(page)
        response: HttpResponse = super().changelist_view(request, extra_context)
        return response

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.pk = SINGLETON_ID
        super().save_model(request, obj, form, change)

    def shows_history(self, request: HttpRequest) -> bool:
        """Old versions show wages too."""
        return sees_wages(request.user)
