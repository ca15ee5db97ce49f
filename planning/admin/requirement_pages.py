"""The pages "Material requirements": what is needed of which item by week, and one item in full."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from inventory.admin.exports import FORMATS, table_response
from planning.admin.material_view import REQUIREMENT_LINES, lay_out
from planning.errors import ItemNotInRequirements, NoRequirements, PlanningError
from planning.models import RequirementsItem, RequirementsRun
from planning.selectors.requirements import (
    MESSAGE_CODES,
    ItemRequirements,
    Wanted,
    find_current_run,
    get_item_requirements,
    is_outdated,
    list_items,
)
from planning.services.requirements import refresh_requirements

ROWS_PER_PAGE = 100
WEEKS_PER_PAGE = 106
KINDS = (("make", "made"), ("buy", "bought"), ("phantom", "phantom"))
WORDS = {code: code.replace("_", " ").capitalize() for code in MESSAGE_CODES}
COLUMNS = (
    "item",
    "name",
    "kind",
    "uom",
    "on_hand",
    "gross",
    "planned",
    "first_release",
    "past_due_qty",
    "first_shortage",
    "late_weeks",
    *(code.lower() for code in MESSAGE_CODES),
)


def requirements_address(**query: str) -> str:
    """The page, narrowed to what is asked for."""
    return f"{reverse('admin:planning_requirements')}?{urlencode(query)}"


class RequirementPages:
    """Part of the admin of plans, for whoever may read the same over the API."""

    admin_site: Any
    opts: Any
    may: Callable[..., bool]
    message_user: Callable[..., None]

    def requirement_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("requirements/", wrap(self.requirements), name="planning_requirements"),
            path(
                "requirements/refresh/", wrap(self.refresh_requirements), name="planning_requirements_refresh"
            ),
            path("requirements/item/", wrap(self.requirements_item), name="planning_requirements_item"),
            path(
                "requirements/<slug:file_format>/",
                wrap(self.requirements_file),
                name="planning_requirements_file",
            ),
        ]

    def requirements(self, request: HttpRequest) -> HttpResponse:
        """The items of the current run, those that run out first."""
        self._require_requirements(request)
        context: dict[str, Any] = {"can_refresh": self.may(request, "requirements-list"), "run": None}
        run = find_current_run()
        if run is not None:
            context |= self._listed(request, run)
        return self._requirements_page(request, "Material requirements", "requirements", context)

    def _listed(self, request: HttpRequest, run: RequirementsRun) -> dict[str, Any]:
        wanted = _wanted(request)
        page = Paginator(list_items(run, wanted), ROWS_PER_PAGE).get_page(request.GET.get("page"))
        query = request.GET.copy()
        query.pop("page", None)
        item_page = reverse("admin:planning_requirements_item")
        return {
            "run": run,
            "is_outdated": is_outdated(),
            "short": list_items(run, Wanted(short=True)).count(),
            "late": RequirementsItem.objects.filter(run=run, late_weeks__gt=0).count(),
            "overdue": RequirementsItem.objects.filter(run=run, past_due_qty__gt=0).count(),
            "asked": wanted,
            "asked_short": request.GET.get("short", ""),
            "kinds": KINDS,
            "codes": WORDS.items(),
            "rows": [
                (row, f"{item_page}?{urlencode({'code': row.item})}", _counts(row))
                for row in page.object_list
            ],
            "page": page,
            "query": query.urlencode(),
            "downloads": [
                (name, f"{reverse('admin:planning_requirements_file', args=[name])}?{query.urlencode()}")
                for name in FORMATS
            ],
        }

    def requirements_file(self, request: HttpRequest, file_format: str) -> HttpResponse:
        """All items that fit the filter, as a file."""
        self._require_requirements(request)
        run = find_current_run()
        if run is None or file_format not in FORMATS:
            raise Http404
        rows = list_items(run, _wanted(request)).values_list(*COLUMNS)
        return table_response(f"requirements-{run.as_of}", COLUMNS, rows, file_format)

    def requirements_item(self, request: HttpRequest) -> HttpResponse:
        """One item: grid and chart, what to do, and the chain that makes it late."""
        self._require_requirements(request)
        try:
            found = get_item_requirements(request.GET.get("code", "").replace("\0", ""))
        except (ItemNotInRequirements, NoRequirements) as error:
            raise Http404(str(error)) from error
        page = Paginator(found.weeks, WEEKS_PER_PAGE).get_page(request.GET.get("page"))
        row = found.row
        context = {
            "found": found,
            "row": row,
            "table": {"bucket": "week"},
            "page": page,
            "query": urlencode({"code": row.item}),
            "back": reverse("admin:planning_requirements"),
            "chain": _chain(found),
            "messages_in_words": [(WORDS[message.code], message) for message in found.messages],
            **lay_out(
                REQUIREMENT_LINES,
                list(page.object_list),
                width="week",
                unit=row.uom,
                safety_stock=found.safety_stock,
            ),
        }
        return self._requirements_page(request, f"{row.item} · requirements", "requirements_item", context)

    def refresh_requirements(self, request: HttpRequest) -> HttpResponse:
        """Bring them up to date."""
        return require_POST(self._refresh)(request)

    def _refresh(self, request: HttpRequest) -> HttpResponse:
        if not self.may(request, "requirements-list"):
            raise PermissionDenied
        now = timezone.now()
        try:
            run = refresh_requirements(now=now, by=request.user)
        except PlanningError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            text = (
                f"{run.planned_again} of {run.items} items were planned again in {run.seconds:.1f} s."
                if run.created_at == now
                else "Nothing has changed since: the requirements are up to date."
            )
            self.message_user(request, text, messages.SUCCESS)
        query = request.POST.get("query", "")
        back = reverse("admin:planning_requirements")
        return HttpResponseRedirect(f"{back}?{query}" if query else back)

    def _require_requirements(self, request: HttpRequest) -> None:
        if not self.may(request, "requirements-list", "GET"):
            raise PermissionDenied

    def _requirements_page(
        self, request: HttpRequest, title: str, template: str, context: dict[str, Any]
    ) -> HttpResponse:
        common = {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": None,
            "opts": self.opts,
        }
        return TemplateResponse(request, f"admin/planning/{template}.html", common | context)


def _wanted(request: HttpRequest) -> Wanted:
    """What the filters ask for; what they do not know is passed over."""
    asked = {name: str(text).replace("\0", "") for name, text in request.GET.items()}
    kind, message = asked.get("kind", ""), asked.get("message", "")
    return Wanted(
        search=asked.get("search", "").strip(),
        kind=kind if kind in dict(KINDS) else "",
        message=message if message in WORDS else "",
        short={"yes": True, "no": False}.get(asked.get("short", "")),
        sales_order=asked.get("sales_order", "").strip(),
    )


def _counts(row: RequirementsItem) -> list[tuple[str, int]]:
    """Messages of an item in words, with how many there are."""
    counts = [(words, getattr(row, code.lower())) for code, words in WORDS.items()]
    return [(words, count) for words, count in counts if count]


def _chain(found: ItemRequirements) -> list[tuple[str, int, int, str]]:
    """Bars of the chain: item, weeks, share of the longest, link."""
    most = max((link.lead_weeks for link in found.chain), default=0) or 1
    address = reverse("admin:planning_requirements_item")
    return [
        (
            link.item,
            link.lead_weeks,
            round(100 * link.lead_weeks / most),
            f"{address}?{urlencode({'code': link.item})}",
        )
        for link in found.chain
    ]
