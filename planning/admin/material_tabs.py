"""The tabs of a plan for who works with material: items, and exceptions by what they put at risk."""

from collections.abc import Iterator, Sequence
from typing import Any, overload

from django.db.models import IntegerField, Model, Value
from django.urls import reverse

from config.rest.roles import may
from inventory.models import PurchaseOrderLine
from orders.models import SalesOrder
from planning.admin.exception_words import exception_words
from planning.admin.tabs import NUMBER, Filter, Tab, column, item_link, page_address
from planning.models import FirmOrder, PlanException, PlanRun, Severity, Skill, WorkCentre, WorkOrder
from planning.selectors.frozen import get_frozen
from planning.selectors.material import ItemSummary, list_item_heads, list_item_summaries
from planning.selectors.results import WAGE_EXCEPTIONS, count_exceptions, list_exceptions_by_money

AT_ONCE = 200


class ItemRows(Sequence[ItemSummary]):
    """Items of a plan, of which only those that are looked at are worked out."""

    def __init__(self, run: PlanRun, wanted: dict[str, str] | None = None) -> None:
        wanted = wanted or {}
        self._run, self._frozen = run, get_frozen(run.pk)
        self._heads = list_item_heads(
            run.pk,
            self._frozen,
            search=wanted.get("search", ""),
            kind=wanted.get("kind", ""),
            troubled={"with": True, "without": False}.get(wanted.get("exceptions", "")),
        )

    def narrowed(self, wanted: dict[str, str]) -> "ItemRows":
        return ItemRows(self._run, wanted)

    def __len__(self) -> int:
        return len(self._heads)

    @overload
    def __getitem__(self, place: int) -> ItemSummary: ...
    @overload
    def __getitem__(self, place: slice) -> list[ItemSummary]: ...
    def __getitem__(self, place: int | slice) -> ItemSummary | list[ItemSummary]:
        heads = self._heads[place] if isinstance(place, slice) else [self._heads[place]]
        rows = list_item_summaries(self._run.pk, self._frozen, heads)
        return rows if isinstance(place, slice) else rows[0]

    def __iter__(self) -> Iterator[ItemSummary]:
        for start in range(0, len(self._heads), AT_ONCE):
            yield from self[start : start + AT_ONCE]


MATERIAL = Tab(
    name="material",
    label="Material",
    list_rows=ItemRows,
    narrow=lambda rows, wanted: rows.narrowed(wanted),
    filters=(
        Filter(name="search", label="Code or name"),
        Filter(name="kind", label="Kind", choices=lambda run: [("make", "made"), ("buy", "bought")]),
        Filter(
            name="exceptions",
            label="Exceptions",
            choices=lambda run: [("with", "with exceptions"), ("without", "without")],
        ),
    ),
    route="plan-material",
    empty="No item fits.",
    columns=(
        column(
            "code",
            "Item",
            link=lambda version, row: page_address("item", version, code=row.code),
            route="plan-item-material",
        ),
        column("name", css="dl-wide"),
        column("kind"),
        column("exceptions", css=NUMBER),
        column("money_at_risk", "At risk", css=NUMBER),
        column("on_hand", css=NUMBER),
        column("safety_stock", "Safety", css=NUMBER),
        column("next_receipt", "Next receipt"),
        column("next_receipt_qty", "Qty", css=NUMBER),
        column("first_shortage", "Runs out"),
        column("first_below_safety", "Low from", css="dl-warn"),
        column("first_past_due", "Overdue since", css="dl-warn"),
    ),
)


# --- Exceptions ------------------------------------------------------------------------------------------


def _sales_order(entity: str) -> str:
    """ "SO-1/2/3" is an instalment of SO-1, whose number may itself hold a slash."""
    parts = entity.rsplit("/", 2)
    return parts[0] if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit() else entity


# Where an exception can be dealt with: the table, its key, what of the entity is that key, and the page.
_PLACES: tuple[tuple[type[Model], str, Any, str, str], ...] = (
    (SalesOrder, "ref", _sales_order, "pk", "orders_salesorder"),
    (PurchaseOrderLine, "ref", str, "purchase_order_id", "inventory_purchaseorder"),
    (WorkOrder, "ref", str, "pk", "planning_workorder"),
    (FirmOrder, "ref", str, "pk", "planning_firmorder"),
    (WorkCentre, "code", str, "pk", "planning_workcentre"),
    (Skill, "code", str, "pk", "planning_skill"),
)


def find_places(user: Any, rows: Sequence[PlanException]) -> None:
    """Set ``place`` of each row: the page on which it can be dealt with, else that of its item, of those that
    ``user`` may open. 1 query.
    """
    sees_items = may(user, "plan-item-material")
    open_to = [each for each in _PLACES if user.has_perm("{}.view_{}".format(*each[4].split("_")))]
    tables = [
        model._default_manager.filter(**{f"{key}__in": {read(row.entity) for row in rows}})
        .order_by()
        .annotate(place=Value(number, output_field=IntegerField()))
        .values_list("place", key, target)
        for number, (model, key, read, target, _) in enumerate(open_to)
    ]
    found = {(number, key): pk for number, key, pk in tables[0].union(*tables[1:])} if tables and rows else {}
    for row in rows:
        keys = [(number, read(row.entity)) for number, (_, _, read, _, _) in enumerate(open_to)]
        place = next((key for key in keys if key in found), None)
        if place:
            address = reverse(f"admin:{open_to[place[0]][4]}_change", args=[found[place]])
        else:
            address = item_link(row.run_id, row) if sees_items else ""
        row.place = address  # type: ignore[attr-defined]


def _counts(run: PlanRun, *, wages: bool) -> list[dict[str, Any]]:
    counted = count_exceptions(run.pk, wages=wages)
    return [row | {"words": exception_words(row["code"])} for row in counted]


def _codes(run: PlanRun) -> list[tuple[str, str]]:
    """Codes of the plan, in words; what is about cash is chosen by its card alone."""
    codes = list_exceptions_by_money(run.pk, wages=False).order_by("code").values_list("code", flat=True)
    return [(code, exception_words(code)) for code in codes.distinct()]


EXCEPTIONS = Tab(
    name="exceptions",
    label="Exceptions",
    list_rows=lambda run: list_exceptions_by_money(run.pk, wages=True),
    hide_money=lambda rows: rows.exclude(code__in=WAGE_EXCEPTIONS),
    prepare=find_places,
    context=lambda run, wages, query: {"counts": _counts(run, wages=wages)},
    template="exceptions",
    filters=(
        Filter(name="code", label="What", choices=_codes),
        Filter(name="severity", label="Severity", choices=lambda run: Severity.choices),
        Filter(name="item", label="Item"),
    ),
    empty="Nothing needs attention.",
    columns=(
        column("severity"),
        column("code", "What", words=exception_words, css="dl-wrap"),
        column("item", link=item_link, route="plan-item-material"),
        column("entity"),
        column("text", "Says", css="dl-wide"),
        column("money_at_risk", "Money at risk", css=NUMBER),
        column(
            "suggestion",
            "What to do",
            css="dl-wide",
            link=lambda version, row: row.place,
            route="plan-exceptions",
        ),
    ),
)
