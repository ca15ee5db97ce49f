"""Plans: the list of runs, the button that builds one, and the addresses of its pages."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from config.rest.roles import find_right, roles_of, sees_wages
from inventory.admin.base import ListAdmin
from inventory.admin.widgets import PlainIntegerField
from inventory.models.fields import QTY_LIMIT
from planning.admin.abc_pages import AbcPages
from planning.admin.cards_view import HiringPages
from planning.admin.compare_pages import ComparePages
from planning.admin.material import MaterialPages
from planning.admin.people_pages import PeoplePages
from planning.admin.proposals import ProposalPages
from planning.admin.requirement_pages import RequirementPages
from planning.admin.run_pages import RunPages
from planning.engine.request import DEFAULT_WORK_BUDGET, MAX_TIME_LIMIT_SECONDS, MAX_WORK_BUDGET
from planning.errors import PlanningError
from planning.models import BUILT, FactorySettings, PlanRun
from planning.selectors.runs import failure_of, state_of, with_successor
from planning.services.runs import MAX_SEED, MAX_WORKERS
from planning.tasks import submit_plan

# Never to be taken away by a list: the frozen input is a document of its own.
LARGE = ("factory_json", "skills", "certificate", "cost", "violations", "stale", "course")
SUMS = ("total_cost", "incumbent_cost")


OWN, OWN_LABEL = "own", "Own weights, below"
PRESETS: dict[str, tuple[str, dict[str, float]]] = {
    "balanced": ("Balanced", {}),
    "on_time_first": ("On time first", {"lateness": 10, "on_time": 1_000}),
    "least_stock": ("Least stock", {"stock": 5}),
    "few_changes": ("Few changes", {"changes": 100}),
    "steady_headcount": ("Steady headcount", {"headcount": 10_000}),
}
WEIGHTS = {
    "lateness": "times the cost of lateness",
    "on_time": "money for each late instalment",
    "setups": "money for each hour of setup",
    "stock": "times the cost of holding stock",
    "overtime": "times the cost of overtime",
    "changes": "money for each operation or date moved against the base plan",
    "headcount": "money for each head by which people in all become more or fewer from month to month",
}


class BuildForm(forms.Form):
    """What a plan may be asked for. All may stay as it is."""

    as_of = forms.DateField(
        required=False,
        label="Planning date",
        widget=UnfoldAdminDateWidget,
        help_text="Empty: the factory's own planning date.",
    )
    time_limit_seconds = PlainIntegerField(
        required=False,
        min_value=1,
        max_value=MAX_TIME_LIMIT_SECONDS,
        label="Time limit in seconds",
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Empty: a fixed amount of work, so that a rebuild gives exactly the same plan.",
    )
    preset = forms.ChoiceField(
        required=False,
        label="What matters",
        choices=[*((name, label) for name, (label, _) in PRESETS.items()), (OWN, OWN_LABEL)],
        widget=UnfoldAdminSelectWidget,
    )
    base_plan = forms.ModelChoiceField(
        PlanRun.objects.none(),
        required=False,
        label="Base plan",
        widget=UnfoldAdminSelectWidget,
        help_text="The plan that is to be changed as little as possible.",
    )
    move_budget = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        label="Share that may move",
        widget=UnfoldAdminTextInputWidget,
        help_text="Of the base plan's operations that are not pinned, from 0 to 1 (all). Empty: a tenth.",
    )
    workers = PlainIntegerField(
        required=False,
        min_value=1,
        max_value=MAX_WORKERS,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Processes that try candidates side by side. Empty: as the machine that builds it gives.",
    )
    seed = PlainIntegerField(
        required=False,
        min_value=0,
        max_value=MAX_SEED,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text="Another number searches elsewhere. Empty: 0.",
    )
    work_budget = PlainIntegerField(
        required=False,
        min_value=1,
        max_value=MAX_WORK_BUDGET,
        label="Rounds of improvement",
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=f"More take longer and find better plans. Empty: {DEFAULT_WORK_BUDGET}.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        built = PlanRun.objects.filter(status__in=BUILT).only("version", "status").order_by("-version")
        self.fields["base_plan"].queryset = built  # type: ignore[attr-defined]
        for name, words in WEIGHTS.items():
            self.fields[name] = forms.FloatField(
                required=False,
                min_value=0,
                max_value=QTY_LIMIT,
                label=f"Own weight: {name.replace('_', ' ')}",
                widget=UnfoldAdminTextInputWidget,
                help_text=f"{words.capitalize()}. Empty: as usual.",
            )

    def clean(self) -> dict[str, Any]:
        """Nothing that is filled in may be without effect."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if self._own() and given.get("preset") != OWN:
            self.add_error("preset", f"Choose “{OWN_LABEL}”, or leave these empty.")
        if given.get("preset") == "few_changes" and not given.get("base_plan") and not self.errors:
            self.add_error("base_plan", "A plan is expected that is to be changed little.")
        return given

    def _own(self) -> dict[str, float]:
        names = (name for name in WEIGHTS if self.cleaned_data.get(name) is not None)
        return {name: self.cleaned_data[name] for name in names}

    def asked(self) -> dict[str, Any]:
        """What the service is asked for."""
        given, own = self.cleaned_data, self._own()
        base = given["base_plan"]
        return {
            "as_of": given["as_of"],
            "time_limit_seconds": given["time_limit_seconds"],
            "weights": own if given["preset"] == OWN else PRESETS[given["preset"] or "balanced"][1],
            "base_plan": base.pk if base is not None else None,
            "move_budget": given["move_budget"],
            "workers": given["workers"],
            "seed": given["seed"] or 0,
            "work_budget": given["work_budget"],
        }


@admin.register(PlanRun)
class PlanRunAdmin(
    MaterialPages,
    PeoplePages,
    HiringPages,
    RunPages,
    ProposalPages,
    AbcPages,
    RequirementPages,
    ComparePages,
    ListAdmin,
):
    """Every plan that was asked for, the newest first."""

    list_filter = ["status", "reproducible"]
    search_fields = ["version", "requested_by__username", "input_digest"]
    list_select_related = ["requested_by"]
    ordering = ["-version"]
    actions = ["compare_selected"]
    actions_list = ["open_comparison", "build"]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        cost = ["cost_in_all"] if sees_wages(request.user) else []
        return ["plan", "show_status", "as_of", *cost, "late", "requested_at", "requested_by", "progress"]

    def get_queryset(self, request: HttpRequest) -> Any:
        runs = with_successor(super().get_queryset(request).defer(*LARGE))
        late = Q(planpromise_rows__days_late__gt=0)
        return runs.annotate(
            late_count=Count("planpromise_rows", filter=late), promise_count=Count("planpromise_rows")
        )

    def get_hidden_columns(self, request: HttpRequest) -> Sequence[str]:
        return LARGE if sees_wages(request.user) else (*LARGE, *SUMS)

    def get_export_queryset(self, request: HttpRequest) -> Any:
        return super().get_export_queryset(request).defer(*LARGE, *(f"base_plan__{name}" for name in LARGE))

    @admin.display(ordering="version")
    def plan(self, run: PlanRun) -> str:
        return str(run)

    @display(
        description="status",
        ordering="status",
        label={
            "Queued": "info",
            "Running": "info",
            "Ready": "warning",
            "Published": "success",
            "Failed": "danger",
        },
    )
    def show_status(self, run: Any) -> str:
        return state_of(run, run.successor)

    @admin.display(description="total cost", ordering="total_cost")
    def cost_in_all(self, run: PlanRun) -> str:
        return "–" if run.total_cost is None else f"{run.total_cost:,.0f}"

    @admin.display(description="late", ordering="late_count")
    def late(self, run: Any) -> str:
        return f"{run.late_count} of {run.promise_count}" if run.promise_count else "–"

    @admin.display(ordering="percent")
    def progress(self, run: PlanRun) -> str:
        if run.failure_reason:
            # A list is read by everybody; the run's page tells more to who may see it.
            return failure_of(run, wages=False)[:80]
        return f"{run.stage} {run.percent} %".strip() if run.finished_at is None else ""

    # --- who may do what

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Plans are asked for with the button, which asks for what matters."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A plan that was promised stays readable."""
        return False

    def may(self, request: HttpRequest, route: str, method: str = "POST") -> bool:
        """The same roles as over the API."""
        right = find_right(route, method)
        allowed = right.roles if right else frozenset()
        return bool(request.user.is_superuser or roles_of(request.user) & allowed)

    def has_build_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "plan-list")

    # --- pages

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        pages = [
            *self.proposal_urls(),
            *self.abc_urls(),
            *self.requirement_urls(),
            *self.people_urls(),
            *self.compare_urls(),
            path("<int:version>/change/", wrap(self.run_page), name="planning_planrun_change"),
            path("<int:version>/progress/", wrap(self.progress_json), name="planning_planrun_progress"),
            path("<int:version>/cancel/", wrap(self.cancel), name="planning_planrun_cancel"),
            path("<int:version>/finish/", wrap(self.finish), name="planning_planrun_finish"),
            path("<int:version>/publish/", wrap(self.publish), name="planning_planrun_publish"),
            path("<int:version>/plan-1/", wrap(self.document), name="planning_planrun_document"),
            path("<int:version>/item/", wrap(self.item), name="planning_planrun_item"),
            path(
                "<int:version>/item/<slug:file_format>/",
                wrap(self.item_file),
                name="planning_planrun_item_file",
            ),
            path("<int:version>/pegging/", wrap(self.pegging), name="planning_planrun_pegging"),
            path("<int:version>/firm/", wrap(self.firm), name="planning_planrun_firm"),
            path("<int:version>/unfirm/", wrap(self.unfirm), name="planning_planrun_unfirm"),
            path("<int:version>/pin/", wrap(self.pin), name="planning_planrun_pin"),
            path("<int:version>/unpin/", wrap(self.unpin), name="planning_planrun_unpin"),
            path("<int:version>/decide/", wrap(self.decide), name="planning_planrun_decide"),
            path(
                "<int:version>/work-out-cards/",
                wrap(self.work_out_cards),
                name="planning_planrun_work_out_cards",
            ),
            path("needs/", wrap(self.needs), name="planning_planrun_needs"),
            path("<int:version>/<slug:tab>/", wrap(self.results), name="planning_planrun_results"),
            path(
                "<int:version>/<slug:tab>/<slug:file_format>/",
                wrap(self.download),
                name="planning_planrun_download",
            ),
        ]
        return pages + super().get_urls()

    @action(
        description="Build plan",
        url_path="build",
        icon="play_arrow",
        permissions=["build"],
        variant="primary",
    )
    def build(self, request: HttpRequest) -> HttpResponse:
        """Ask for a plan and follow its progress."""
        if not self.has_build_permission(request):
            raise PermissionDenied
        form = BuildForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                run = submit_plan(requested_by=request.user, now=timezone.now(), **form.asked())
            except PlanningError as error:
                field = getattr(error, "field", None)
                form.add_error(field if field in form.fields else None, str(error))
            else:
                self.message_user(request, f"{run} was requested.", messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:planning_planrun_change", args=[run.pk]))
        factory = FactorySettings.objects.first()
        context = {
            **self.admin_site.each_context(request),
            "title": "Build plan",
            "opts": self.opts,
            "form": form,
            "media": self.media + form.media,
            "submit_label": "Build plan",
            "intro": f"{factory.name}: from {factory.as_of} to {factory.horizon_end}." if factory else "",
            "back": reverse("admin:planning_planrun_changelist"),
        }
        return TemplateResponse(request, "admin/driveline/form_page.html", context)
