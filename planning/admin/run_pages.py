"""The pages of one run: progress while it is built, results when it is, publishing."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from config.rest.roles import sees_wages
from inventory.admin.exports import FORMATS, table_response
from planning.admin.compare_pages import compare_address
from planning.admin.course_view import course_view
from planning.admin.finishing import finishing_words
from planning.admin.results import TABS
from planning.admin.summary import kpis
from planning.admin.tabs import Tab, table_of
from planning.admin.workforce_view import workforce_view
from planning.engine.plan import dump_plan
from planning.errors import PlanningError, PlanNotFound
from planning.models import BUILT, ENDED, PlanRun, PlanStatus
from planning.saving import plan_from_rows
from planning.selectors.runs import failure_of, find_rival, get_run, state_of, tells_money
from planning.services.publishing import preview_publish, publish_plan
from planning.services.runs import cancel_plan, finish_plan


class RunPages:
    """Views of a plan run admin; every change is a POST to a service."""

    admin_site: Any
    opts: Any
    may: Callable[..., bool]
    message_user: Any
    has_view_permission: Any

    def run_page(self, request: HttpRequest, version: int, extra_context: Any = None) -> HttpResponse:
        """Results if there are any, else how the build is doing."""
        run = self._run(request, version)
        if run.status in BUILT:
            return HttpResponseRedirect(reverse("admin:planning_planrun_results", args=[version, "orders"]))
        progress = _progress(run, request)
        context = {
            "progress": progress,
            "course": progress["course"],
            "progress_url": reverse("admin:planning_planrun_progress", args=[version]),
            "cancel_url": reverse("admin:planning_planrun_cancel", args=[version]),
            "can_cancel": run.status not in ENDED and self.may(request, "plan-cancel"),
            "finish_url": reverse("admin:planning_planrun_finish", args=[version]),
            "can_finish": run.status not in ENDED and self.may(request, "plan-finish"),
            "violations": _shown(run.violations, request),
        }
        return self._page(request, run, "admin/planning/run.html", context)

    def progress_json(self, request: HttpRequest, version: int) -> JsonResponse:
        """What the run page asks for every second."""
        response = JsonResponse(_progress(self._run(request, version), request))
        response["Cache-Control"] = "no-store"
        return response

    def cancel(self, request: HttpRequest, version: int) -> HttpResponse:
        """Stop the build; its worker is free within seconds."""
        self._require(request, "plan-cancel")
        return require_POST(self._act)(request, version, cancel_plan, "was cancelled.")

    def finish(self, request: HttpRequest, version: int) -> HttpResponse:
        """End the build with the best plan so far."""
        self._require(request, "plan-finish")
        return require_POST(self._act)(request, version, finish_plan, "finishes with the best so far.")

    def _act(
        self, request: HttpRequest, version: int, act: Callable[..., PlanRun], done: str
    ) -> HttpResponse:
        try:
            run = act(version=version, by=request.user, now=timezone.now())
        except PlanNotFound as error:
            raise Http404(str(error)) from error
        except PlanningError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, f"{run} {done}", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:planning_planrun_change", args=[version]))

    def publish(self, request: HttpRequest, version: int) -> HttpResponse:
        """GET shows which promised dates would move; POST moves them."""
        self._require(request, "plan-publish")
        run = self._run(request, version)
        results = reverse("admin:planning_planrun_results", args=[version, "orders"])
        try:
            if request.method == "POST":
                run = publish_plan(version=version, by=request.user, now=timezone.now())
                self.message_user(request, f"{run} is published: its dates are promised.", messages.SUCCESS)
                if run.stale:
                    count = len(run.stale)
                    self.message_user(request, f"{count} instalments were not promised.", messages.WARNING)
                return HttpResponseRedirect(results)
            preview = preview_publish(version)
        except PlanningError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:planning_planrun_change", args=[version]))
        context = {
            "preview": preview,
            "back": results,
            "compare_url": compare_address(preview.replaces, version) if preview.replaces else "",
        }
        return self._page(request, run, "admin/planning/publish.html", context)

    def document(self, request: HttpRequest, version: int) -> HttpResponse:
        """The plan as plan-1. It holds what labour costs."""
        self._built(request, version)
        if not sees_wages(request.user):
            raise PermissionDenied
        response = HttpResponse(dump_plan(plan_from_rows(version)), content_type="application/json")
        response["Content-Disposition"] = f'attachment; filename="plan-{version}.json"'
        return response

    def results(self, request: HttpRequest, version: int, tab: str) -> HttpResponse:
        """One tab of a plan's results."""
        run = self._built(request, version)
        wages = sees_wages(request.user)
        shown = self._tab(request, tab)
        is_open = run.status in (PlanStatus.READY, PlanStatus.PUBLISHED)
        may_fix = is_open and self.may(request, "plan-firm")
        context: dict[str, Any] = {
            "tabs": [
                (one.name, one.label, reverse("admin:planning_planrun_results", args=[version, one.name]))
                for one in TABS.values()
                if self._sees(request, one)
            ],
            "tab": shown,
            "kpis": kpis(run, wages=wages),
            "downloads": [
                (name, reverse("admin:planning_planrun_download", args=[version, tab, name]))
                for name in FORMATS
            ],
            "document_url": reverse("admin:planning_planrun_document", args=[version]) if wages else "",
            "sees_proposals": self.may(request, "plan-purchase-proposals", "GET"),
            "sees_abc": self.may(request, "plan-abc", "GET"),
            "rival": (rival := find_rival(run)),
            "compare_url": compare_address(*_in_order(rival, run)) if rival else "",
            "can_publish": run.status == PlanStatus.READY
            and run.successor is None  # type: ignore[attr-defined]
            and self.may(request, "plan-publish"),
            "publish_url": reverse("admin:planning_planrun_publish", args=[version]),
            "can_firm": shown.is_fixable and may_fix,
            "can_pin": shown.is_pinnable and may_fix,
        }
        if shown.name == "people":
            decides = self.may(request, "hiring-decision-list")
            show = request.GET.get("show", "")
            context |= workforce_view(version, show=show, wages=wages, decides=decides)
        else:
            may = partial(self.may, request, method="GET")
            context |= table_of(shown, request, run, wages=wages, may=may)
        if shown.name == "certificate":
            context["course"] = course_view(run, now=timezone.now(), wages=wages)
        return self._page(request, run, f"admin/planning/{shown.template}.html", context)

    def download(self, request: HttpRequest, version: int, tab: str, file_format: str) -> HttpResponse:
        """All rows of a tab, as they are filtered, as a file."""
        run = self._built(request, version)
        if file_format not in FORMATS:
            raise Http404
        shown = self._tab(request, tab)
        wages = sees_wages(request.user)
        columns = shown.columns_for(wages=wages)
        found = shown.filtered(run, request.GET, wages=wages)
        rows = ([column.read(row) for column in columns] for row in found)
        name = f"plan-{version}-{shown.name}"
        return table_response(name, [column.key for column in columns], rows, file_format)

    # --- what every page needs

    def _tab(self, request: HttpRequest, name: str) -> Tab:
        if name not in TABS:
            raise Http404
        if not self._sees(request, TABS[name]):
            raise PermissionDenied
        return TABS[name]

    def _sees(self, request: HttpRequest, tab: Tab) -> bool:
        return not tab.route or self.may(request, tab.route, "GET")

    def _run(self, request: HttpRequest, version: int) -> PlanRun:
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            return get_run(version)
        except PlanNotFound as error:
            raise Http404(str(error)) from error

    def _built(self, request: HttpRequest, version: int) -> PlanRun:
        run = self._run(request, version)
        if run.status not in BUILT:
            raise Http404(f"{run} has no results.")
        return run

    def _require(self, request: HttpRequest, route: str) -> None:
        if not (self.has_view_permission(request) and self.may(request, route)):
            raise PermissionDenied

    def _page(
        self, request: HttpRequest, run: PlanRun, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        common = {
            **self.admin_site.each_context(request),
            "title": str(run),
            "subtitle": None,
            "opts": self.opts,
            "run": run,
            "status": state_of(run, getattr(run, "successor", None)),
        }
        return TemplateResponse(request, template, common | context)


def _in_order(rival: PlanRun, run: PlanRun) -> tuple[int, int]:
    """What is, then what comes: the published plan stands first, else the older one."""
    is_later = rival.status == PlanStatus.PUBLISHED or rival.pk < run.pk
    return (rival.pk, run.pk) if is_later else (run.pk, rival.pk)


def _progress(run: PlanRun, request: HttpRequest) -> dict[str, Any]:
    wages = sees_wages(request.user)
    cost = run.incumbent_cost if wages else None
    return {
        "status": run.status,
        "label": run.get_status_display(),
        "stage": run.stage or ("waiting for a worker" if run.status == PlanStatus.QUEUED else ""),
        "percent": run.percent,
        "cost": None if cost is None else f"{cost:,.0f}",
        "attempt": run.attempt,
        "ended": run.status in ENDED,
        "failure": failure_of(run, wages=wages),
        "is_running": run.status == PlanStatus.RUNNING,
        "finishing": finishing_words(run),
        "course": course_view(run, now=timezone.now(), wages=wages),
    }


def _shown(violations: list[dict[str, Any]], request: HttpRequest) -> list[dict[str, Any]]:
    """Sums that a violated cost names are wages too."""
    if sees_wages(request.user):
        return violations
    return [row | {"text": ""} if tells_money(str(row.get("rule"))) else row for row in violations]
