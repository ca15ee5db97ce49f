"""Skills: headcount, rules of hiring, wages. Wages are shown to planners and human resources only."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from unfold.decorators import action, display

from config.rest.roles import sees_wages
from inventory.admin.base import EditedAdmin, EditedInline, number
from planning.errors import PlanningError
from planning.models import CrossTraining, HiringBudget, Skill, SkillRaise, SkillRamp, SkillRatio, SkillShift
from planning.selectors.learning import LearningRate, list_learning_rates
from planning.services.learning import take_over_rate

WAGES = (
    "wage_per_hour",
    "temp_wage_per_hour",
    "hire_cost",
    "severance_weeks",
    "overtime_premium",
    "hiring_budget_per_month",
)
INHERITED = "Empty: the factory's own rule."
RULES: list[tuple[str, list[Any]]] = [
    (
        "Hiring and leaving",
        [
            ("can_hire", "can_lay_off"),
            ("min_headcount", "max_headcount"),
            ("max_hires_per_month", "max_hires"),
            "hire_lead_days",
            ("hire_cost", "severance_weeks"),
            ("attrition_per_month", "absence_rate"),
        ],
    ),
    (
        "Training and learning",
        [
            ("training_weeks", "training_productivity"),
            "trainer_share",
            ("learning_rate", "learning_reference_unit", "learning_floor_unit"),
        ],
    ),
    (
        "Hours",
        [
            ("labour_efficiency", "overtime_max_share"),
            ("overtime_premium", "temp_max_heads"),
            "temp_wage_per_hour",
        ],
    ),
]


def rules_for(request: HttpRequest, description: str = "") -> list[tuple[str, dict[str, Any]]]:
    """The staffing rules as fieldsets, without wages for those who may not see them."""
    hidden = () if sees_wages(request.user) else WAGES
    return [
        (title, {"fields": without(rows, hidden), "description": description, "classes": ["tab"]})
        for title, rows in RULES
    ]


def without(rows: Sequence[Any], hidden: Sequence[str]) -> list[Any]:
    """Rows of a fieldset without ``hidden`` fields."""
    kept: list[Any] = []
    for row in rows:
        if isinstance(row, str):
            kept += [] if row in hidden else [row]
        elif names := tuple(name for name in row if name not in hidden):
            kept.append(names)
    return kept


class RatioInline(EditedInline):
    model = SkillRatio
    fields = ["per_direct_heads"]
    related = ["skill"]


class RampInline(EditedInline):
    model = SkillRamp
    fields = ["target_headcount", "max_per_month"]
    related = ["skill"]


class RaiseInline(EditedInline):
    model = SkillRaise
    fields = ["raised_from", "wage_per_hour"]
    related = ["skill"]


class SkillShiftInline(EditedInline):
    model = SkillShift
    fields = ["name", "start", "end", "premium", "max_heads"]
    related = ["skill"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """A premium is a share of the wage."""
        return without(self.fields, () if sees_wages(request.user) else ("premium",))


def _rate_in_words(row: LearningRate) -> str:
    if row.rate is None:
        return "not told"
    sure = "" if row.low is None or row.high is None else f" ({row.low:.3f} to {row.high:.3f})"
    return f"{row.rate:g}{sure}"


@admin.register(Skill)
class SkillAdmin(EditedAdmin):
    list_select_related = ["calendar"]
    list_filter = ["kind", "can_hire"]
    search_fields = ["code", "name"]
    ordering = ["kind", "code"]
    autocomplete_fields = ["calendar"]
    readonly_fields = ["fitted_rates"]
    actions = ["take_over_rates"]
    inlines = [SkillShiftInline, RatioInline, RampInline, RaiseInline]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        wage = [number("wage_per_hour", "wage per hour")] if sees_wages(request.user) else []
        return ["code", "name", "kind", "headcount", *wage, number("hours_per_day"), "calendar", "can_hire"]

    def get_hidden_columns(self, request: HttpRequest) -> Sequence[str]:
        return () if sees_wages(request.user) else WAGES

    @display(description="Learning rate by reported hours")
    def fitted_rates(self, row: Skill) -> str:
        """The rate by item, with how sure it is, beside the one that plans use."""
        told = [
            f"{each.item}: {_rate_in_words(each)} by {each.reports} reports on {each.units} units;"
            f" used: {each.used:g}"
            for each in list_learning_rates(row.code)
        ]
        return "; ".join(told) or "No labour reports yet."

    @action(description="Use the learning rate of reported hours", permissions=["change"])
    def take_over_rates(self, request: HttpRequest, queryset: Any) -> None:
        """Of each skill the rate of the item with most units reported."""
        for skill in queryset.order_by("code"):
            try:
                row = take_over_rate(skill=skill.code, by=request.user)
            except PlanningError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                words = f"{row.skill} learns at {row.used:g}, as reports on {row.item} tell."
                self.message_user(request, words, messages.SUCCESS)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        own = ["code", "name", ("kind", "calendar"), ("headcount", "hours_per_day"), "wage_per_hour"]
        hidden = self.get_hidden_columns(request)
        own += ["fitted_rates"] if obj is not None else []
        return [(None, {"fields": without(own, hidden)}), *rules_for(request, INHERITED)]

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Raises tell wages."""
        return [one for one in self.inlines if one is not RaiseInline or sees_wages(request.user)]

    def shows_history(self, request: HttpRequest) -> bool:
        """The history lists every change, wages too: it is for those who may see them."""
        return sees_wages(request.user)


@admin.register(CrossTraining)
class CrossTrainingAdmin(EditedAdmin):
    """Ways from one skill to another; a plan may take them on the first day of a month."""

    list_select_related = ["from_skill", "to_skill"]
    search_fields = ["from_skill__code", "from_skill__name", "to_skill__code", "to_skill__name"]
    ordering = ["from_skill__code", "to_skill__code"]
    autocomplete_fields = ["from_skill", "to_skill"]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        cost = [number("cost")] if sees_wages(request.user) else []
        return ["from_skill", "to_skill", "max_per_month", number("weeks"), number("productivity"), *cost]

    def get_hidden_columns(self, request: HttpRequest) -> Sequence[str]:
        return () if sees_wages(request.user) else ("cost",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        own = [("from_skill", "to_skill"), "max_per_month", ("weeks", "productivity"), "cost"]
        return [(None, {"fields": without(own, self.get_hidden_columns(request))})]

    def shows_history(self, request: HttpRequest) -> bool:
        """Old versions show the cost too."""
        return sees_wages(request.user)


@admin.register(HiringBudget)
class HiringBudgetAdmin(EditedAdmin):
    """Months with a budget of their own; the others have the factory's."""

    list_display = ["month", number("amount")]
    search_fields = ["month"]
    ordering = ["month"]
    fieldsets = [(None, {"fields": ["month", "amount"]})]
