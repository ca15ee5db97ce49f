"""The page on which two plans stand side by side, and the ways that lead to it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import action

from config.rest.roles import sees_wages
from inventory.admin.exports import FORMATS, table_response
from planning.admin.compare_view import TAKEN_AWAY, comparison_view
from planning.errors import PlanningError
from planning.models import BUILT, FactorySettings, PlanRun
from planning.selectors.factory import get_zone
from planning.selectors.runs import state_of, with_successor
from planning.selectors.versions import PlanComparison, compare_plans

CHOICES = 200


def compare_address(before: int | None, after: int | None) -> str:
    """The page with both plans chosen."""
    return f"{reverse('admin:planning_planrun_compare')}?{urlencode({'before': before, 'after': after})}"


class ComparePages:
    """Part of the admin of plans; everybody who sees plans may compare them."""

    admin_site: Any
    opts: Any
    may: Callable[..., bool]
    message_user: Callable[..., None]
    has_view_permission: Any

    def compare_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("compare/", wrap(self.compare), name="planning_planrun_compare"),
            path(
                "compare/<slug:what>/<slug:file_format>/",
                wrap(self.compare_file),
                name="planning_planrun_compare_file",
            ),
        ]

    @action(description="Compare", url_path="compare-plans", icon="compare_arrows", permissions=["view"])
    def open_comparison(self, request: HttpRequest) -> HttpResponse:
        """The button above the list: the newest plan, beside the one before it."""
        return HttpResponseRedirect(reverse("admin:planning_planrun_compare"))

    @admin.action(description="Compare the two", permissions=["view"])
    def compare_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """From the list: two plans, the older one first."""
        chosen = sorted(queryset.order_by().values_list("pk", "status"))
        built = [version for version, status in chosen if status in BUILT]
        if len(chosen) != 2 or len(built) != 2:
            missing = sum(status not in BUILT for _, status in chosen)
            told = "Select two plans to compare" + (" that are both built." if missing else ".")
            self.message_user(request, told, messages.ERROR)
            return None
        return HttpResponseRedirect(compare_address(*built))

    def compare(self, request: HttpRequest) -> HttpResponse:
        """What differs from one plan to another."""
        self._require_plans(request)
        runs = with_successor(PlanRun.objects.filter(status__in=BUILT)).only("version", "status")
        built = list(runs.order_by("-pk")[:CHOICES])
        before, after = _chosen(request, built)
        context = {
            **self.admin_site.each_context(request),
            "title": "Compare plans",
            "subtitle": None,
            "opts": self.opts,
            "built": [(run.pk, f"{run} · {state_of(run, getattr(run, 'successor', None))}") for run in built],
            "chosen": {"before": before, "after": after},
            "wages": sees_wages(request.user),
        }
        if before and after and before != after:
            try:
                context |= self._compared(request, compare_plans(before, after))
            except PlanningError as error:
                context["error"] = str(error)
        return TemplateResponse(request, "admin/planning/compare.html", context)

    def compare_file(self, request: HttpRequest, what: str, file_format: str) -> HttpResponse:
        """All rows of one of the lists."""
        self._require_plans(request)
        before, after = _chosen(request, ())
        if what not in TAKEN_AWAY or file_format not in FORMATS or not (before and after):
            raise Http404
        try:
            found = compare_plans(before, after)
        except PlanningError as error:
            raise Http404(str(error)) from error
        taken = TAKEN_AWAY[what]
        rows = taken.rows(found, get_zone())
        return table_response(f"plan-{before}-to-{after}-{what}", taken.columns, rows, file_format)

    def _compared(self, request: HttpRequest, found: PlanComparison) -> dict[str, Any]:
        factory = FactorySettings.objects.only("currency").first()
        before, after = found.before.pk, found.after.pk
        query = urlencode({"before": before, "after": after})
        return {
            "compared": found,
            "currency": factory.currency if factory else "",
            "swap_url": compare_address(after, before),
            "follows": self.may(request, "plan-pegging-tree", "GET"),
            "sees_items": self.may(request, "plan-item-material", "GET"),
            "downloads": {
                what: [
                    (name, f"{reverse('admin:planning_planrun_compare_file', args=[what, name])}?{query}")
                    for name in FORMATS
                ]
                for what in TAKEN_AWAY
            },
            **comparison_view(found, zone=get_zone(), wages=sees_wages(request.user)),
        }

    def _require_plans(self, request: HttpRequest) -> None:
        if not (self.has_view_permission(request) and self.may(request, "plan-compare", "GET")):
            raise PermissionDenied


def _chosen(request: HttpRequest, built: "tuple[()] | list[PlanRun]") -> tuple[int | None, int | None]:
    """What was asked for; else the newest plan, held against the one before it."""
    before, after = (_version(request.GET.get(name, "")) for name in ("before", "after"))
    if after is None and built:
        after = next((run.pk for run in built if run.pk != before), None)
    if before is None:
        before = next((run.pk for run in built if run.pk != after), None)
    return before, after


def _version(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else None
