"""The page "Purchase proposals": what a plan wants to buy, by supplier and week, to be ordered at once."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST

from inventory.admin.exports import FORMATS, table_response
from inventory.errors import InventoryError
from inventory.models import PurchaseOrder
from inventory.models.fields import FIRST_DAY, LAST_DAY, plain
from planning.errors import NoPublishedPlan, NotOrderable, PlanningError
from planning.models import BUILT, PlanRun
from planning.selectors import purchasing
from planning.selectors.proposals import Proposal, iso_week, judge
from planning.selectors.purchasing import GroupKey, ProposalGroup, Wanted
from planning.selectors.runs import get_built_run, get_current, list_runs
from planning.services.purchasing import order_proposals

GROUPS_PER_PAGE = 50
PLANS_TO_CHOOSE = 30
SHOWN_ISSUES = 20
ORDERS_SHOWN = 1
MAX_DIGITS = 9
STATES = (("open", "to be ordered"), ("ordered", "ordered"), ("all", "all"))
COLUMNS = (
    "week",
    "release",
    "supplier",
    "item",
    "name",
    "qty",
    "uom",
    "due",
    "unit_cost",
    "value",
    "order",
    "firm_order",
    "purchase_order",
    "problem",
)


class ProposalPages:
    """Part of the admin of plans; who may read them over the API may see them, planners order."""

    admin_site: Any
    opts: Any
    may: Callable[..., bool]
    message_user: Callable[..., None]
    has_view_permission: Any

    def proposal_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        one = "<int:version>/purchase-proposals/"
        return [
            path("purchase-proposals/", wrap(self.current_proposals), name="planning_planrun_proposals"),
            path(one, wrap(self.proposals), name="planning_planrun_proposals_of"),
            path(f"{one}order/", wrap(self.order), name="planning_planrun_order_proposals"),
            path(
                f"{one}<slug:file_format>/", wrap(self.proposals_file), name="planning_planrun_proposals_file"
            ),
        ]

    def current_proposals(self, request: HttpRequest) -> HttpResponse:
        """Those of the published plan, else of the latest that is built."""
        self._require_view(request)
        plan = request.GET.get("plan", "")
        if plan.isdecimal() and len(plan) <= MAX_DIGITS:
            return _to(int(plan), request.GET)
        try:
            version = get_current().pk
        except NoPublishedPlan:
            latest = list_runs().filter(status__in=BUILT).values_list("pk", flat=True).first()
            if latest is None:
                self.message_user(request, "There is no plan yet: build one.", messages.WARNING)
                return HttpResponseRedirect(reverse("admin:planning_planrun_changelist"))
            version = latest
        return _to(version, request.GET)

    def proposals(self, request: HttpRequest, version: int) -> HttpResponse:
        """A page of whole groups."""
        return self._proposals_page(request, self._plan(request, version), {})

    def proposals_file(self, request: HttpRequest, version: int, file_format: str) -> HttpResponse:
        """All that fit the filter, as a file."""
        run = self._plan(request, version)
        if file_format not in FORMATS:
            raise Http404
        lines = judge(run, _filtered(run, request.GET))
        name = f"plan-{version}-purchase-proposals"
        return table_response(name, COLUMNS, (_file_row(line) for line in lines), file_format)

    def order(self, request: HttpRequest, version: int) -> HttpResponse:
        """Turn what is ticked into purchase orders: one for each supplier and week."""
        return require_POST(self._order)(request, version)

    def _order(self, request: HttpRequest, version: int) -> HttpResponse:
        run = self._plan(request, version)
        if not self.may(request, "plan-purchase-orders"):
            raise PermissionDenied
        orders = _ticked(run, request.POST)
        try:
            placed = order_proposals(
                version=version,
                orders=orders or None,
                now=timezone.now(),
                by=request.user,
            )
        except NotOrderable as error:
            refused = {"refused": error.issues[:SHOWN_ISSUES], "refused_count": len(error.issues)}
            return self._proposals_page(request, run, refused | {"ticked": set(orders)})
        except (PlanningError, InventoryError) as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, _said(placed), messages.SUCCESS)
        return _to(version, QueryDict(request.POST.get("query", "")))

    def _require_view(self, request: HttpRequest) -> None:
        if not (self.has_view_permission(request) and self.may(request, "plan-purchase-proposals", "GET")):
            raise PermissionDenied

    def _plan(self, request: HttpRequest, version: int) -> PlanRun:
        self._require_view(request)
        try:
            return get_built_run(version)
        except PlanningError as error:
            raise Http404(str(error)) from error

    def _proposals_page(self, request: HttpRequest, run: PlanRun, context: dict[str, Any]) -> HttpResponse:
        query = QueryDict(request.POST.get("query", "")) if request.method == "POST" else request.GET
        rows = _filtered(run, query)
        page = Paginator(purchasing.list_group_keys(rows), GROUPS_PER_PAGE).get_page(query.get("page"))
        groups = purchasing.load_groups(run, rows, page.object_list)
        stale = purchasing.find_plan_problem(run)
        kept = query.copy()
        kept.pop("page", None)
        kept.pop("plan", None)
        today = purchasing.planning_day()
        common = {
            **self.admin_site.each_context(request),
            "title": f"Purchase proposals of plan {run.pk}",
            "subtitle": None,
            "opts": self.opts,
            "run": run,
            "status": run.get_status_display(),
            "plans": list_runs().filter(status__in=BUILT)[:PLANS_TO_CHOOSE],
            "suppliers": _suppliers(run),
            "states": STATES,
            "chosen": {name: query.get(name, "") for name in ("supplier", "week", "within", "overdue")},
            "state": query.get("state", "open"),
            "groups": [_shown(group, today, context.get("ticked", set())) for group in groups],
            "value": f"{sum(group.value for group in groups):,.0f}",
            "page": page,
            "today": today,
            "stale": stale,
            "query": kept.urlencode(),
            "can_order": stale is None and self.may(request, "plan-purchase-orders"),
            "order_url": reverse("admin:planning_planrun_order_proposals", args=[run.pk]),
            "pick_url": reverse("admin:planning_planrun_proposals"),
            "downloads": [
                (name, reverse("admin:planning_planrun_proposals_file", args=[run.pk, name]))
                for name in FORMATS
            ],
        }
        return TemplateResponse(request, "admin/planning/proposals.html", common | context)


def _to(version: int, query: QueryDict) -> HttpResponse:
    kept = query.copy()
    kept.pop("plan", None)
    address = reverse("admin:planning_planrun_proposals_of", args=[version])
    return HttpResponseRedirect(f"{address}?{kept.urlencode()}" if kept else address)


def _filtered(run: PlanRun, query: QueryDict) -> "QuerySet[Any]":
    """Proposals as the page's filter says; what nobody can have meant is not looked for."""
    today = purchasing.planning_day() or timezone.localdate()
    ends = []
    within = query.get("within", "")
    if within.isdecimal() and len(within) <= MAX_DIGITS and int(within) <= 3_660:
        ends.append(today + dt.timedelta(days=int(within) + 1))
    if query.get("overdue"):
        ends.append(today)
    supplier = query.get("supplier", "").replace("\0", "")
    wanted = Wanted(
        supplier=supplier or None,
        week=_week(query.get("week", "")),
        released_before=min(ends, default=None),
        is_ordered={"ordered": True, "all": None}.get(query.get("state", ""), False),
    )
    return purchasing.list_proposals(run.pk, wanted)


def _ticked(run: PlanRun, sent: QueryDict) -> list[str]:
    """Planned orders that are ticked: each row, and of each group what the page showed and can be ordered."""
    keys = [key for text in sent.getlist("group") if (key := _group_key(text))]
    rows = _filtered(run, QueryDict(sent.get("query", "")))
    lines = [line for group in purchasing.load_groups(run, rows, keys) for line in group.lines]
    return list(dict.fromkeys([*sent.getlist("order"), *(x.order for x in lines if x.can_be_ordered)]))


def _week(text: str) -> dt.date | None:
    """The Monday of ``2011-W10``."""
    try:
        monday = dt.date.fromisoformat(text) if len(text) == 8 else None
    except ValueError:
        return None
    # No week of a plan lies where the calendar of the program ends.
    return monday if monday and FIRST_DAY <= monday <= LAST_DAY else None


def _group_key(text: str) -> GroupKey | None:
    """``2011-W10 ACME``, as the tick of a group says it."""
    week, _, supplier = text.partition(" ")
    monday = _week(week)
    return (supplier, monday) if monday and supplier else None


def _suppliers(run: PlanRun) -> list[str]:
    rows = purchasing.list_proposals(run.pk, Wanted()).exclude(supplier=None).order_by("supplier")
    return [name for name in rows.values_list("supplier", flat=True).distinct() if name]


def _shown(group: ProposalGroup, today: dt.date | None, ticked: set[str]) -> dict[str, Any]:
    lines = [
        {
            "line": line,
            "qty": plain(line.qty),
            "unit_cost": "–" if line.unit_cost is None else f"{line.unit_cost:,.2f}",
            "value": "–" if line.value is None else f"{line.value:,.2f}",
            "is_overdue": bool(today and line.release < today and not line.purchase_order),
            "is_ticked": line.order in ticked,
            "for": ", ".join(line.sales_orders[:ORDERS_SHOWN]),
            "for_more": len(line.sales_orders) - ORDERS_SHOWN,
        }
        for line in group.lines
    ]
    return {
        "name": f"{group.supplier} · {group.supplier_name}" if group.supplier_name else group.supplier,
        "key": f"{group.week_name} {group.supplier}" if group.supplier else "",
        "week": group.week_name,
        "starts": group.week,
        "value": f"{group.value:,.2f}",
        "lines": lines,
        "can_be_ordered": any(line.can_be_ordered for line in group.lines),
    }


def _file_row(line: Proposal) -> list[Any]:
    values = {
        "week": iso_week(line.release),
        "problem": None if line.problem is None else str(line.problem),
    }
    return [values[name] if name in values else getattr(line, name) for name in COLUMNS]


def _said(placed: list[PurchaseOrder]) -> Any:
    """The orders that were placed, each a link to its page."""
    links = format_html_join(
        ", ",
        '<a href="{}">{}</a>',
        ((reverse("admin:inventory_purchaseorder_change", args=[order.pk]), order.ref) for order in placed),
    )
    count = "1 purchase order was" if len(placed) == 1 else f"{len(placed)} purchase orders were"
    return format_html("{} placed: {}", count, links)
