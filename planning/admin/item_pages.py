"""Pages about an item: where it is used, what it is made of, what it costs, how its bills differ."""

import datetime as dt
from fractions import Fraction
from typing import Any

from django import forms
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDateWidget

from config.rest.roles import may, sees_wages
from inventory.admin.widgets import PlainIntegerField
from inventory.models import Item
from inventory.models.fields import plain
from planning.admin.cost_view import comparison_view, cost_view, percent, shown
from planning.admin.rights import require
from planning.engine.errors import InvalidFactory
from planning.errors import ItemNotFound, PlanningError
from planning.selectors.bills import day_of, find_as_of, get_item, get_revision
from planning.selectors.comparison import compare_bills
from planning.selectors.costing import get_cost
from planning.selectors.structures import ExplodedRow, get_explosion, get_where_used
from planning.selectors.walks import BillRow

MAX_UNITS = 100_000
PAGES = (
    ("where-used", "Where used", "item-where-used"),
    ("bom", "Made of", "item-bom"),
    ("cost", "Cost", "item-cost"),
    ("compare", "Compare bills", "item-bom-compare"),
)


LABELS = {name: label for name, label, _ in PAGES}


class DayForm(forms.Form):
    """The day on which bills count."""

    on = forms.DateField(required=False, label="On", widget=UnfoldAdminDateWidget)


class BillForm(DayForm):
    revision = forms.CharField(required=False, max_length=64, label="Revision")


class CostForm(DayForm):
    units = PlainIntegerField(
        required=False, min_value=1, max_value=MAX_UNITS, label="Average of the next … units"
    )


class CompareForm(forms.Form):
    before = forms.CharField(max_length=64, label="From")
    after = forms.CharField(max_length=64, label="To")
    other = forms.CharField(required=False, max_length=64, label="of item (empty: the same)")
    all_levels = forms.BooleanField(required=False, label="all levels")


class ItemPages:
    """Views of the item admin. They only read."""

    admin_site: Any
    opts: Any
    actions_detail = ["open_where_used", "open_bom", "open_cost", "open_compare"]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        views = {
            "where-used": self.where_used,
            "bom": self.bill,
            "cost": self.cost,
            "compare": self.compare,
        }
        pages = [
            path(f"<int:pk>/{name}/", wrap(view), name=f"planning_item_{name.replace('-', '_')}")
            for name, view in views.items()
        ]
        return pages + super().get_urls()  # type: ignore[misc]

    # --- buttons on the page of an item

    def has_bills_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return may(request.user, "item-bom")

    @action(description="Where used", url_path="open-where-used", icon="hub", permissions=["bills"])
    def open_where_used(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """What the item goes into."""
        return HttpResponseRedirect(_url("where-used", object_id))

    @action(description="Made of", url_path="open-bom", icon="account_tree", permissions=["bills"])
    def open_bom(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The indented bill of materials."""
        return HttpResponseRedirect(_url("bom", object_id))

    @action(description="Cost", url_path="open-cost", icon="payments", permissions=["bills"])
    def open_cost(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The cost by level."""
        return HttpResponseRedirect(_url("cost", object_id))

    @action(description="Compare bills", url_path="open-compare", icon="difference", permissions=["bills"])
    def open_compare(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Two revisions beside each other."""
        return HttpResponseRedirect(_url("compare", object_id))

    # --- pages

    def where_used(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Parents, their parents, and the open order lines at the end."""
        item = self._item(request, pk, "item-where-used")
        form = DayForm(request.GET or None)
        on = form.cleaned_data["on"] if form.is_valid() else None
        used = get_where_used(item, on=on)
        context = {
            "rows": [_place(row) for row in used.above.rows],
            "cut_off": used.above.cut_off,
            "demand": [
                {
                    "order": row.sales_order,
                    "line": row.line,
                    "customer": row.customer,
                    "item": row.item,
                    "open": plain(row.open_qty),
                    "due": row.next_due,
                    "per": shown(row.qty_per, 6),
                    "needed": shown(row.needed, 3),
                }
                for row in used.demand
            ],
            "demand_on": used.demand_on,
            "needed": shown(sum((row.needed for row in used.demand), Fraction(0)), 3),
        }
        return self._item_page(request, item, "where-used", form, context)

    def bill(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The indented bill of materials."""
        item = self._item(request, pk, "item-bom")
        form = BillForm(request.GET or None)
        data = form.cleaned_data if form.is_valid() else {}
        revision, on = data.get("revision") or None, data.get("on")
        context: dict[str, Any] = {"revisions": _revisions(item)}
        try:
            if revision and not on:
                on = day_of(get_revision(item, revision), _as_of())
            bill = get_explosion(item, on=on or _as_of(), revision=revision)
        except (PlanningError, InvalidFactory) as error:
            return self._item_page(request, item, "bom", form, context | {"error": str(error)})
        context |= {
            "on": bill.on,
            "rows": [_exploded(row) for row in bill.rows],
            "cut_off": bill.cut_off,
            "on_hand": plain(bill.on_hand),
            "unit_material": shown(bill.unit_material, 2),
        }
        return self._item_page(request, item, "bom", form, context)

    def cost(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Cost by level, as table and charts."""
        item = self._item(request, pk, "item-cost")
        form = CostForm(request.GET or None)
        data = form.cleaned_data if form.is_valid() else {}
        try:
            sheet = get_cost(item, on=data.get("on") or _as_of(), units=data.get("units") or 1)
        except (PlanningError, InvalidFactory) as error:
            return self._item_page(request, item, "cost", form, {"error": str(error)})
        context = cost_view(sheet, wages=sees_wages(request.user))
        return self._item_page(request, item, "cost", form, context)

    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What differs between two revisions, days or items."""
        item = self._item(request, pk, "item-bom-compare")
        known = _revisions(item)
        first = {"before": known[-2]["revision"], "after": known[-1]["revision"]} if len(known) > 1 else {}
        form = CompareForm(request.GET or first or None)
        context: dict[str, Any] = {"revisions": known, "compared": None}
        if form.is_valid():
            data = form.cleaned_data
            try:
                comparison = compare_bills(
                    item,
                    before=data["before"],
                    after=data["after"],
                    other=get_item(data["other"]) if data["other"] else None,
                    all_levels=data["all_levels"],
                )
            except (PlanningError, InvalidFactory) as error:
                context["error"] = str(error)
            else:
                context |= comparison_view(comparison, wages=sees_wages(request.user))
        return self._item_page(request, item, "compare", form, context)

    # --- what every page needs

    def _item(self, request: HttpRequest, pk: int, route: str) -> Item:
        require(request, route)
        item = Item.objects.select_related("uom").filter(pk=pk).first()
        if item is None:
            raise Http404(str(ItemNotFound(f"There is no item {pk}.")))
        return item

    def _item_page(
        self, request: HttpRequest, item: Item, page: str, form: forms.Form, context: dict[str, Any]
    ) -> HttpResponse:
        common = {
            **self.admin_site.each_context(request),
            "title": f"{item.code} · {LABELS[page]}",
            "subtitle": None,
            "opts": self.opts,
            "item": item,
            "page": page,
            "tabs": [
                (name, label, _url(name, item.pk)) for name, label, route in PAGES if may(request.user, route)
            ],
            "form": form,
            "media": self.media + form.media,  # type: ignore[attr-defined]
            "currency": context.get("currency") or "",
            "opens_items": request.user.has_perm("inventory.view_item"),
            "opens_orders": request.user.has_perm("orders.view_salesorder"),
        }
        return TemplateResponse(
            request, f"admin/planning/item_{page.replace('-', '_')}.html", common | context
        )


def _url(page: str, pk: int) -> str:
    return reverse(f"admin:planning_item_{page.replace('-', '_')}", args=[pk])


def _as_of() -> dt.date:
    day = find_as_of()
    if day is None:
        raise PlanningError("There is no factory yet, hence no planning date: choose a day.")
    return day


def _revisions(item: Item) -> list[dict[str, Any]]:
    by_day = item.boms.order_by(F("effective_from").asc(nulls_first=True), "pk")
    rows = by_day.values("revision", "effective_from", "effective_to")
    return [dict(row) for row in rows]


def _place(row: BillRow) -> dict[str, Any]:
    """A row of an indented list, as it is shown."""
    return {
        "level": row.level,
        "indent": min(row.level, 12),
        "pk": row.item.pk,
        "code": row.item.code,
        "name": row.item.name,
        "kind": row.item.kind,
        "uom": row.item.uom,
        "revision": row.line.revision,
        "bom": row.line.bom_id,
        "per": plain(row.line.qty),
        "scrap": percent(Fraction(row.line.scrap)) if row.line.scrap else "",
        "qty": shown(row.qty, 6),
        "exact": str(row.qty) if row.qty.denominator > 1 else "",
        "operation": "" if row.operation is None else row.operation,
        "phantoms": ", ".join(row.phantoms),
        "starts": row.starts,
        "ends": row.ends,
    }


def _exploded(row: ExplodedRow) -> dict[str, Any]:
    return _place(row.row) | {
        "lead": "" if row.lead_time_days is None else row.lead_time_days,
        "supplier": row.supplier or "",
        "on_hand": plain(row.on_hand),
        "unit_material": shown(row.unit_material, 2),
        "material": shown(row.material, 2) if row.material else "",
    }
