"""The page "ABC": where the material money of a plan goes, and counts of what matters most."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from inventory.admin.exports import FORMATS, table_response
from inventory.admin.widgets import PlainDecimalField, PlainIntegerField
from inventory.errors import InventoryError
from inventory.models.fields import ZERO
from planning.errors import PlanningError
from planning.models import PlanRun
from planning.selectors.abc import CLASSES, AbcItem, list_abc
from planning.selectors.runs import get_built_run
from planning.services.counting import open_count_of_class

ROWS_PER_PAGE = 100
BARS = 40
COLUMNS = ("abc_class", "item", "name", "annual_qty", "unit_value", "annual_value", "share")


class ClassCountForm(forms.Form):
    """Which class, and what was counted lately may be left out."""

    abc_class = forms.ChoiceField(choices=[(name, name) for name, _ in CLASSES])
    not_counted_days = PlainIntegerField(required=False, min_value=1, max_value=3_660)
    tolerance_percent = PlainDecimalField(required=False, min_value=0, max_value=100, decimal_places=4)


class AbcPages:
    """Part of the admin of plans."""

    admin_site: Any
    opts: Any
    may: Callable[..., bool]
    message_user: Callable[..., None]
    has_view_permission: Any

    def abc_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:version>/abc/", wrap(self.abc), name="planning_planrun_abc"),
            path(
                "<int:version>/abc/<slug:file_format>/", wrap(self.abc_file), name="planning_planrun_abc_file"
            ),
        ]

    def abc(self, request: HttpRequest, version: int) -> HttpResponse:
        """GET shows the classes; POST opens a count of one."""
        run = self._run_of_abc(request, version)
        may_count = self.may(request, "plan-cycle-counts")
        if request.method == "POST":
            if not may_count:
                raise PermissionDenied
            return self._open(request, run)
        rows = list_abc(run, now=timezone.now())
        page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"ABC of plan {version}",
            "subtitle": None,
            "opts": self.opts,
            "run": run,
            "status": run.get_status_display(),
            "classes": _classes(rows),
            "rows": [(row, f"{row.annual_qty:,.1f}", f"{row.share:.1%}") for row in page.object_list],
            "page": page,
            "chart": {
                "items": [row.item for row in rows[:BARS]],
                "values": [float(row.annual_value) for row in rows[:BARS]],
                "shares": [round(100 * float(row.share), 2) for row in rows[:BARS]],
                "classes": [row.abc_class for row in rows[:BARS]],
            },
            "may_count": may_count,
            "downloads": [
                (name, reverse("admin:planning_planrun_abc_file", args=[version, name])) for name in FORMATS
            ],
        }
        return TemplateResponse(request, "admin/planning/abc.html", context)

    def abc_file(self, request: HttpRequest, version: int, file_format: str) -> HttpResponse:
        """All items with their class, as a file."""
        run = self._run_of_abc(request, version)
        if file_format not in FORMATS:
            raise Http404
        rows = ([getattr(row, name) for name in COLUMNS] for row in list_abc(run, now=timezone.now()))
        return table_response(f"plan-{version}-abc", COLUMNS, rows, file_format)

    def _open(self, request: HttpRequest, run: PlanRun) -> HttpResponse:
        form = ClassCountForm(request.POST)
        back = reverse("admin:planning_planrun_abc", args=[run.pk])
        if not form.is_valid():
            wrong = (f"{name}: {error}" for name, said in form.errors.items() for error in said)
            self.message_user(request, " ".join(wrong), messages.ERROR)
            return HttpResponseRedirect(back)
        values = form.cleaned_data
        try:
            count = open_count_of_class(
                version=run.pk,
                abc_class=values["abc_class"],
                not_counted_days=values["not_counted_days"],
                tolerance=(values["tolerance_percent"] or ZERO) / 100,
                now=timezone.now(),
                by=request.user,
            )
        except InventoryError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(back)
        self.message_user(request, f"{count} was opened as a draft.", messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:inventory_cyclecount_change", args=[count.pk]))

    def _run_of_abc(self, request: HttpRequest, version: int) -> PlanRun:
        if not (self.has_view_permission(request) and self.may(request, "plan-abc", "GET")):
            raise PermissionDenied
        try:
            return get_built_run(version)
        except PlanningError as error:
            raise Http404(str(error)) from error


def _classes(rows: list[AbcItem]) -> list[dict[str, Any]]:
    """Each class with how many items are in it, and what they are worth."""
    total = sum((row.annual_value for row in rows), ZERO)
    found = []
    for name, _ in CLASSES:
        values: list[Decimal] = [row.annual_value for row in rows if row.abc_class == name]
        value = sum(values, ZERO)
        share = f"{value / total:.0%}" if total else "–"
        found.append({"name": name, "items": len(values), "value": f"{value:,.0f}", "share": share})
    return found
