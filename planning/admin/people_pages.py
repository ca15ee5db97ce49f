"""Pages about the people of a plan: what drives a skill in a month, and the hiring plan as a workbook."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from config.rest.roles import sees_wages
from planning.admin.tabs import page_address
from planning.errors import SkillNotInPlan
from planning.models import PlanRun
from planning.selectors.drivers import Drivers, get_drivers
from planning.selectors.frozen import get_frozen
from planning.selectors.staffing import SkillMonths, get_staffing_table
from planning.services.workforce_book import MEDIA_TYPE, workforce_book


class PeoplePages:
    """Views of a plan run admin; rights are those of the API."""

    may: Callable[..., bool]
    admin_site: Any
    _built: Any
    _page: Any

    def people_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:version>/drivers/", wrap(self.drivers), name="planning_planrun_drivers"),
            path("<int:version>/workforce/", wrap(self.workforce), name="planning_planrun_workforce"),
        ]

    def workforce(self, request: HttpRequest, version: int) -> HttpResponse:
        """The hiring plan to take away."""
        run = self._people_of(request, version, "plan-workforce")
        decisions = self.may(request, "hiring-decision-list", "GET")
        content = workforce_book(run.pk, wages=sees_wages(request.user), decisions=decisions)
        response = HttpResponse(content, content_type=MEDIA_TYPE)
        response["Content-Disposition"] = f'attachment; filename="plan-{version}-workforce.xlsx"'
        return response

    def drivers(self, request: HttpRequest, version: int) -> HttpResponse:
        """What the hours of a skill in a month are for."""
        run = self._people_of(request, version, "plan-staffing-drivers")
        code, month = (request.GET.get(name, "").replace("\0", "") for name in ("skill", "month"))
        try:
            found = get_drivers(version, skill=code, month=month)
        except SkillNotInPlan as error:
            raise Http404(str(error)) from error
        table = get_staffing_table(version)
        skill = next(each for each in table.skills if each.code == code)
        place = table.months.index(month)
        context = {
            "title": f"{skill.name} in {month}, {run}",
            "skill": skill,
            "skills": table.skills,
            "month": month,
            "drivers": found,
            "deliveries": self._deliveries(request, version, found),
            "items": self._items(request, version, found),
            "operations": self._operations(request, version, found),
            "earlier": _other(version, skill, table.months[place - 1] if place else ""),
            "later": _other(version, skill, (*table.months, "")[place + 1]),
            "back": reverse("admin:planning_planrun_results", args=[version, "people"]),
        }
        return self._page(request, run, "admin/planning/drivers.html", context)

    def _people_of(self, request: HttpRequest, version: int, route: str) -> PlanRun:
        run: PlanRun = self._built(request, version)
        if not self.may(request, route, "GET"):
            raise PermissionDenied
        return run

    def _deliveries(self, request: HttpRequest, version: int, found: Drivers) -> list[Any]:
        follows = self.may(request, "plan-pegging-tree", "GET")
        return [
            (
                row,
                _percent(row.hours, found),
                page_address(
                    "pegging",
                    version,
                    sales_order=row.sales_order,
                    line=row.line,
                    instalment=row.instalment,
                )
                if follows
                else "",
            )
            for row in found.deliveries
        ]

    def _items(self, request: HttpRequest, version: int, found: Drivers) -> list[Any]:
        opens = self.may(request, "plan-item-material", "GET")
        return [
            (
                row,
                _percent(row.hours, found),
                page_address("item", version, code=row.item) if opens else "",
            )
            for row in found.items
        ]

    def _operations(self, request: HttpRequest, version: int, found: Drivers) -> list[Any]:
        zone = get_frozen(version).zone
        follows = self.may(request, "plan-pegging-tree", "GET")
        return [
            (
                row,
                row.start.astimezone(zone).replace(tzinfo=None),
                row.end.astimezone(zone).replace(tzinfo=None),
                page_address("pegging", version, order=row.order) if follows else "",
            )
            for row in found.operations
        ]


def _percent(hours: float, found: Drivers) -> int:
    return round(100 * hours / found.hours) if found.hours else 0


def _other(version: int, skill: SkillMonths, month: str) -> tuple[str, str] | None:
    """Another month of the skill, and where it is told."""
    if month not in skill.months:
        return None
    return month, page_address("drivers", version, skill=skill.code, month=month)
