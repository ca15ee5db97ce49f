"""The page "Stock on hand": what lies where, how much, and what it is worth; a sum of the ledger."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from inventory.admin.exports import FORMATS, table_response
from inventory.models import StockMovement
from inventory.models.fields import ZERO, plain
from inventory.selectors import exact, stock_on_hand, unit_values

ROWS_PER_PAGE = 100
COLUMNS = ("item", "name", "location", "lot", "qty", "uom", "unit_value", "value")


class OnHandPage:
    """Part of the admin of movements; whoever may see them may see what they add up to."""

    admin_site: Any
    opts: Any
    has_view_permission: Any
    has_move_permission: Any

    def on_hand_page(self, request: HttpRequest) -> HttpResponse:
        """One page of balances, with the value of all that fit the filter."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = _narrowed(request)
        page = Paginator(rows, ROWS_PER_PAGE).get_page(request.GET.get("page"))
        query = request.GET.copy()
        query.pop("page", None)
        locations = StockMovement.objects.order_by("location").values_list("location", flat=True).distinct()
        ledger = reverse("admin:inventory_stockmovement_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": "Stock on hand",
            "subtitle": None,
            "opts": self.opts,
            "rows": _valued(page.object_list),
            "page": page,
            "query": query.urlencode(),
            "searched": request.GET.get("q", ""),
            "location": request.GET.get("location", ""),
            "locations": list(locations),
            "total": f"{_total(rows):,.0f}",
            "downloads": [
                (name, reverse("admin:inventory_stockmovement_file", args=[name])) for name in FORMATS
            ],
            "ledger": ledger,
            "can_move": self.has_move_permission(request),
            "acts": [
                (label, reverse(f"admin:inventory_stockmovement_{name}"))
                for label, name in (("Issue", "issue"), ("Transfer", "transfer"), ("Receive", "receive"))
            ],
        }
        return TemplateResponse(request, "admin/inventory/on_hand.html", context)

    def on_hand_file(self, request: HttpRequest, file_format: str) -> HttpResponse:
        """All balances that fit the filter, as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if file_format not in FORMATS:
            raise Http404
        rows = ([row[name] for name in COLUMNS] for row in _valued(_narrowed(request)))
        return table_response("stock-on-hand", COLUMNS, rows, file_format)


def _narrowed(request: HttpRequest) -> Any:
    """Balances of the items and the location that were asked for."""
    rows = stock_on_hand()
    # A NUL is in no name, and PostgreSQL refuses to look for one.
    searched = request.GET.get("q", "").replace("\0", "").strip()
    location = request.GET.get("location", "").replace("\0", "")
    if searched:
        words = Q(item__code__icontains=searched) | Q(item__name__icontains=searched)
        rows = rows.filter(words | Q(lot__icontains=searched))
    return rows.filter(location=location) if location else rows


def _valued(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    found = list(rows)
    worth = unit_values({row["item_id"] for row in found}, on=timezone.localdate())
    shown = []
    for row in found:
        qty, unit = exact(row["balance"]), exact(worth[row["item_id"]])
        value = exact(qty * unit)
        told = {"qty_shown": plain(qty), "unit_shown": f"{unit:,.2f}", "value_shown": f"{value:,.2f}"}
        shown.append({**row, "item": row["code"], "qty": qty, "unit_value": unit, "value": value} | told)
    return shown


def _total(rows: Any) -> Decimal:
    """What all of it is worth. Balances are few beside movements: one row for each place."""
    return sum((row["value"] for row in _valued(rows)), ZERO)
