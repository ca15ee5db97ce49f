"""Pages of a plan for who works with material: an item over time, pegging both ways, firm orders."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from config.rest.roles import sees_wages
from inventory.admin.exports import FORMATS, table_response
from inventory.models.fields import plain
from orders.errors import OrderNotFound
from orders.selectors import get_order
from planning.admin.gross_view import gross_view
from planning.admin.material_view import grid_of, tree_view
from planning.admin.requirement_pages import requirements_address
from planning.admin.tabs import page_address
from planning.errors import ItemNotInPlan, OrderNotInPlan, PlanningError, PlanNotFound, PlanNotReady
from planning.models import PlannedOrder, PlanRun
from planning.selectors.frozen import get_frozen
from planning.selectors.gross import get_gross_needs
from planning.selectors.material import BUCKETS, MaterialTable, get_material_table
from planning.selectors.pegging import Graph, read_below, read_down, read_up
from planning.selectors.pegging_tree import tree_down, tree_up
from planning.selectors.results import list_exceptions_by_money, list_planned_orders
from planning.selectors.runs import find_newest_with_order, get_built_run
from planning.services.firming import firm_planned_orders, unfirm_planned_orders
from planning.services.pinning import pin_planned_operations, unpin_planned_operations

COLUMNS_PER_PAGE = {"day": 92, "week": 106, "month": 60}
ROWS_SHOWN = 50
FILE_COLUMNS = (
    "start",
    "end",
    "gross",
    "scheduled",
    "by_products",
    "net",
    "firm",
    "planned",
    "releases",
    "on_hand",
)


class MaterialPages:
    """Views of a plan run admin; rights are those of the API."""

    may: Callable[..., bool]
    message_user: Any
    has_view_permission: Any
    admin_site: Any
    opts: Any
    _page: Any

    # --- an item

    def item(self, request: HttpRequest, version: int) -> HttpResponse:
        """One item: its grid and chart, its exceptions and its planned orders."""
        run = self._readable(request, version, "plan-item-material")
        table = self._table(request, run)
        code = table.item.code
        page = Paginator(table.buckets, COLUMNS_PER_PAGE[table.bucket]).get_page(request.GET.get("page"))
        orders = list_planned_orders(version).filter(item=code)
        context = {
            "table": table,
            "code": code,
            "page": page,
            "bucket_links": [
                (name, page_address("item", version, code=code, bucket=name)) for name in BUCKETS
            ],
            "downloads": [
                (name, f"{self._file(version, name)}?{request.GET.urlencode()}") for name in FORMATS
            ],
            "back": reverse("admin:planning_planrun_results", args=[version, "material"]),
            "orders": [
                (row, plain(row.qty), page_address("pegging", version, order=row.order))
                for row in orders[:ROWS_SHOWN]
            ],
            "more_orders": max(0, orders.count() - ROWS_SHOWN),
            "stock_link": page_address("pegging", version, order="stock", item=code) if table.on_hand else "",
            "exceptions": list_exceptions_by_money(version, wages=sees_wages(request.user)).filter(item=code)[
                :ROWS_SHOWN
            ],
            **grid_of(table, list(page.object_list)),
        }
        return self._page(request, run, "admin/planning/item.html", context | {"title": f"{code} in {run}"})

    def item_file(self, request: HttpRequest, version: int, file_format: str) -> HttpResponse:
        """All buckets of an item as a file, one row each."""
        run = self._readable(request, version, "plan-item-material")
        if file_format not in FORMATS:
            raise Http404
        table = self._table(request, run)
        rows = ([getattr(bucket, name) for name in FILE_COLUMNS] for bucket in table.buckets)
        name = f"plan-{version}-{table.item.code}-{table.bucket}"
        return table_response(_plain(name), FILE_COLUMNS, rows, file_format)

    def _table(self, request: HttpRequest, run: PlanRun) -> MaterialTable:
        bucket = request.GET.get("bucket", "week")
        if bucket not in BUCKETS:
            raise Http404
        try:
            return get_material_table(
                run.pk, get_frozen(run.pk), code=request.GET.get("code", ""), bucket=bucket
            )
        except ItemNotInPlan as error:
            raise Http404(str(error)) from error

    def _file(self, version: int, name: str) -> str:
        return reverse("admin:planning_planrun_item_file", args=[version, name])

    # --- pegging

    def pegging(self, request: HttpRequest, version: int) -> HttpResponse:
        """Why an order exists, or what it, or a customer's delivery, waits for."""
        run = self._readable(request, version, "plan-pegging-tree")
        asked = {name: str(text).replace("\0", "") for name, text in request.GET.items()}
        order, is_up = asked.get("order", ""), asked.get("direction", "up") != "down"
        try:
            graph = _graph(run.pk, asked, is_up=is_up)
        except OrderNotInPlan as error:
            raise Http404(str(error)) from error
        tree = tree_up(graph) if order and is_up else tree_down(graph)
        sees_items = self.may(request, "plan-item-material", "GET")
        makes = PlannedOrder.objects.filter(run=run, order=order, kind="make").exists() if order else False
        context = {
            "asked": asked,
            "is_up": bool(order) and is_up,
            "tree": tree,
            "other_way": _other_way(version, asked, is_up=is_up) if makes else "",
            "back": reverse("admin:planning_planrun_results", args=[version, "orders"])
            if self.has_view_permission(request)
            else "",
            **tree_view(version, tree, sees_items=sees_items),
        }
        return self._page(request, run, "admin/planning/pegging.html", context)

    def needs(self, request: HttpRequest) -> HttpResponse:
        """What an order waits for in the newest plan that delivers it; before any, by lead times alone."""
        if not self.may(request, "plan-pegging-tree", "GET"):
            raise PermissionDenied
        ref = request.GET.get("order", "").replace("\0", "")
        run = find_newest_with_order(ref)
        if run is not None:
            return HttpResponseRedirect(page_address("pegging", run.pk, sales_order=ref))
        try:
            order = get_order(ref)
        except OrderNotFound as error:
            raise Http404(str(error)) from error
        context = {
            **self.admin_site.each_context(request),
            "title": f"What {ref} needs",
            "subtitle": None,
            "opts": self.opts,
            "may_see_items": self.may(request, "item-bom", "GET"),
            "requirements_url": requirements_address(sales_order=ref)
            if self.may(request, "requirements-list", "GET")
            else "",
            "back": reverse("admin:orders_salesorder_change", args=[order.pk])
            if request.user.has_perm("orders.view_salesorder")
            else "",
            **gross_view(get_gross_needs(order)),
        }
        return TemplateResponse(request, "admin/planning/gross.html", context)

    # --- firm orders

    def firm(self, request: HttpRequest, version: int) -> HttpResponse:
        """Fix the planned orders that were chosen."""
        return require_POST(self._firm)(request, version, firm_planned_orders, "firm")

    def unfirm(self, request: HttpRequest, version: int) -> HttpResponse:
        """Let go of those that were chosen."""
        return require_POST(self._firm)(request, version, unfirm_planned_orders, "no longer firm")

    def _firm(
        self, request: HttpRequest, version: int, act: Callable[..., list[Any]], what: str
    ) -> HttpResponse:
        if not (self.has_view_permission(request) and self.may(request, "plan-firm")):
            raise PermissionDenied
        tab = "make" if request.POST.get("tab") == "make" else "buy"
        back = reverse("admin:planning_planrun_results", args=[version, tab])
        query = request.POST.get("query", "")
        chosen = request.POST.getlist("orders")
        self._told(request, "order", what, lambda: act(version=version, orders=chosen, by=request.user))
        return HttpResponseRedirect(f"{back}?{query}" if query else back)

    def pin(self, request: HttpRequest, version: int) -> HttpResponse:
        """Keep the operations that were chosen where they are."""
        return require_POST(self._pin)(request, version, pin_planned_operations, "pinned")

    def unpin(self, request: HttpRequest, version: int) -> HttpResponse:
        """Let planning move those that were chosen."""
        return require_POST(self._pin)(request, version, unpin_planned_operations, "no longer pinned")

    def _pin(
        self, request: HttpRequest, version: int, act: Callable[..., list[Any]], what: str
    ) -> HttpResponse:
        if not (self.has_view_permission(request) and self.may(request, "plan-firm")):
            raise PermissionDenied
        chosen = [_whole(text) or 0 for text in request.POST.getlist("operations")]
        self._told(
            request, "operation", what, lambda: act(version=version, operations=chosen, by=request.user)
        )
        back = reverse("admin:planning_planrun_results", args=[version, "operations"])
        query = request.POST.get("query", "")
        return HttpResponseRedirect(f"{back}?{query}" if query else back)

    def _told(self, request: HttpRequest, noun: str, what: str, act: Callable[[], list[Any]]) -> None:
        """Act, and say how many rows are then ``what``, or why nothing was changed."""
        try:
            rows = act()
        except PlanNotFound as error:
            raise Http404(str(error)) from error
        except PlanningError as error:
            self.message_user(request, f"{error} Nothing was changed.", messages.ERROR)
        else:
            count = f"{len(rows)} {noun}{'' if len(rows) == 1 else 's'}"
            level = messages.SUCCESS if rows else messages.WARNING
            self.message_user(request, f"{count} {'is' if len(rows) == 1 else 'are'} {what}.", level)

    # --- who may look

    def _readable(self, request: HttpRequest, version: int, route: str) -> PlanRun:
        """A built plan, for everybody whose role reads ``route`` over the API."""
        if not self.may(request, route, "GET"):
            raise PermissionDenied
        try:
            return get_built_run(version)
        except (PlanNotFound, PlanNotReady) as error:
            raise Http404(str(error)) from error


def _graph(version: int, asked: dict[str, str], *, is_up: bool) -> Graph:
    frozen = get_frozen(version)
    if order := asked.get("order", ""):
        if is_up:
            return read_up(version, frozen, order=order, item=asked.get("item", ""))
        return read_below(version, frozen, order=order)
    line, instalment = (_whole(asked.get(name, "")) for name in ("line", "instalment"))
    return read_down(
        version, frozen, sales_order=asked.get("sales_order", ""), line=line, instalment=instalment
    )


def _whole(text: str) -> int | None:
    """A number of a line or instalment; what is none is no row's number."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _other_way(version: int, asked: dict[str, str], *, is_up: bool) -> str:
    direction = "down" if is_up else "up"
    return page_address("pegging", version, order=asked["order"], direction=direction)


def _plain(name: str) -> str:
    """A name that any file system takes."""
    return "".join(character if character.isalnum() or character in "-._" else "-" for character in name)
