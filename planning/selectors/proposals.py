"""One purchase proposal as it stands today: its cost, what it became, and what is against ordering it.

A plan is a document: items, suppliers, sources and firm orders may have gone since, and other orders have
come. A proposal is *firm* where a firm order stands behind it: it goes by that order's quantity and day, and
is orderable as long as that order is there unchanged.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from inventory.models import Item, ItemKind, ItemSource, PurchaseOrderLine, Supplier
from inventory.models.fields import plain
from inventory.selectors import exact
from planning.models import FirmOrder, PlannedOrder, PlanRun
from planning.selectors.since import find_firm, find_ordered_since, find_unknown_firm, how_firm_ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a proposal cannot be ordered, and what to do about it."""

    code: str
    text: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.text} {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One planned order to buy. ``unit_cost`` is that of its source at its quantity.

    ``is_firm``: planning keeps it, or did. ``firm_order``: the firm order that stands behind it and ends when
    it is ordered.
    """

    order: str
    item: str
    item_id: int | None
    name: str
    uom: str
    qty: Decimal
    release: dt.date
    due: dt.date
    supplier: str | None
    supplier_id: int | None
    unit_cost: Decimal | None
    purchase_order: str | None
    problem: Problem | None
    is_firm: bool
    firm_order: str | None
    sales_orders: tuple[str, ...] = ()

    @property
    def value(self) -> Decimal | None:
        return None if self.unit_cost is None else exact(self.unit_cost * self.qty)

    @property
    def week(self) -> dt.date:
        """The Monday of the week in which it must go out."""
        return monday(self.release)

    @property
    def can_be_ordered(self) -> bool:
        return self.problem is None and self.purchase_order is None


def monday(day: dt.date) -> dt.date:
    """The first day of its ISO week."""
    return day - dt.timedelta(days=day.weekday())


def iso_week(day: dt.date) -> str:
    """``2011-W10``."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def judge(run: PlanRun, rows: Iterable[PlannedOrder]) -> list[Proposal]:
    """Proposals with their cost, and what stands against ordering them; ``rows`` of ``list_proposals``."""
    planned = list(rows)
    today = _Today(run, planned)
    return [today.proposal(row) for row in planned]


class _Today:
    """Items, suppliers, sources and orders as they are now, for some proposals. At most 10 queries."""

    def __init__(self, run: PlanRun, rows: Collection[PlannedOrder]) -> None:
        self.run = run
        codes = {row.item for row in rows}
        items = Item.objects.filter(code__in=codes).select_related("uom")
        self.items = {item.code: item for item in items}
        names = {row.supplier for row in rows if row.supplier}
        self.suppliers = dict(Supplier.objects.filter(code__in=names).values_list("code", "pk"))
        self.sources: dict[tuple[str, str], list[ItemSource]] = defaultdict(list)
        sources = ItemSource.objects.filter(item__code__in=codes, supplier__code__in=names)
        for source in (
            sources.select_related("item", "supplier").prefetch_related("price_breaks").order_by("pk")
        ):
            self.sources[source.item.code, source.supplier.code].append(source)
        ids = [row.order for row in rows]
        lines = PurchaseOrderLine.objects.filter(planned_in=run.pk, planned_order__in=ids)
        self.ordered = dict(lines.values_list("planned_order", "purchase_order__ref"))
        self.firm = find_firm(run.pk, rows)
        ended = {row.order for row in rows if row.firm} - self.firm.keys() - self.ordered.keys()
        self.how_ended = how_firm_ended(ended)
        self.ordered_since = find_ordered_since(run, codes)
        self.unknown_firm = find_unknown_firm(run, codes)

    def proposal(self, row: PlannedOrder) -> Proposal:
        item, source = self.items.get(row.item), self._source(row)
        ref, firm = self.ordered.get(row.order), self.firm.get(row.order)
        cost = source.cost_at(row.qty) if source else item.unit_cost if item else None
        return Proposal(
            order=row.order,
            item=row.item,
            item_id=item.pk if item else None,
            name=item.name if item else "",
            uom=item.uom.code if item else "",
            qty=row.qty,
            release=row.release,
            due=row.due,
            supplier=row.supplier,
            supplier_id=self.suppliers.get(row.supplier or ""),
            unit_cost=cost,
            purchase_order=ref,
            problem=None if ref else self._problem(row, item, source),
            is_firm=row.firm or firm is not None,
            firm_order=firm.ref if firm else None,
        )

    def _source(self, row: PlannedOrder) -> ItemSource | None:
        """The supplier's row for the item on the day of release; the later of two takes over.

        A firm order may go out on a day that a planner chose: without a row for it, the latest counts.
        """
        rows = self.sources[row.item, row.supplier or ""]
        on_sale = [s for s in rows if s.counts_on(row.release)]
        if not on_sale and (row.firm or row.order in self.firm):
            on_sale = rows
        return max(on_sale, key=lambda s: s.effective_from or dt.date.min, default=None)

    def _problem(self, row: PlannedOrder, item: Item | None, source: ItemSource | None) -> Problem | None:
        again = "Build a new plan."
        if (problem := self._firm_problem(row)) is not None:
            return problem
        if item is None:
            return _problem("item_gone", f"There is no item {row.item} any more.", again)
        if item.kind == ItemKind.PHANTOM:
            return _problem("item_gone", f"{row.item} is a phantom by now: nobody can deliver it.", again)
        if row.supplier is None:
            return _problem(
                "no_source",
                f"Nobody is known who sells {row.item}.",
                f"Add a source for {row.item} (supplier, lead time, cost), then build a new plan.",
            )
        if row.supplier not in self.suppliers:
            return _problem("supplier_gone", f"There is no supplier {row.supplier} any more.", again)
        if source is None:
            text = f"{row.supplier} does not sell {row.item} on {row.release} any more."
            return _problem("source_gone", text, again)
        return self._twice(row)

    def _firm_problem(self, row: PlannedOrder) -> Problem | None:
        firm = self.firm.get(row.order)
        if firm is None:
            if not row.firm:
                return None
            how = self.how_ended.get(row.order)
            text = f"{row.order} is no firm order any more{f': {how}' if how else ''}."
            return _problem("firm_order_ended", text, "Build a new plan.")
        if difference := _difference(row, firm):
            text = f"The firm order {firm.ref} was changed since: {difference}."
            return _problem("firm_order_changed", text, "Build a new plan, which keeps it as it is now.")
        return None

    def _twice(self, row: PlannedOrder) -> Problem | None:
        again = "Build a new plan, so that nothing is bought twice."
        if row.item in self.ordered_since:
            ref = self.ordered_since[row.item]
            text = f"{row.item} was ordered on {ref} after this plan had read what is on order."
            return _problem("ordered_since", text, again)
        if row.item in self.unknown_firm:
            text = f"This plan does not know the firm order {self.unknown_firm[row.item]} of {row.item}."
            return _problem("firm_since", text, again)
        return None


def _difference(row: PlannedOrder, firm: FirmOrder) -> str:
    """How a firm order is not what the plan has of it; empty when it is.

    A plan has a firm order whose day has passed on the planning date, released and due.
    """
    if firm.kind != row.kind or firm.item.code != row.item:
        return f"it is to {firm.kind} {firm.item.code}"
    supplier = firm.supplier.code if firm.supplier else None
    pairs = (("quantity", row.qty, firm.qty), ("supplier", row.supplier, supplier))
    for word, planned, now in pairs:
        if planned != now:
            return f"its {word} was {_word(planned)} and is {_word(now)}"
    has_passed = row.firm and firm.due < row.due and row.release == row.due
    if firm.due != row.due and not has_passed:
        return f"it was due on {row.due} and is due on {firm.due}"
    return ""


def _word(value: str | Decimal | None) -> str:
    return plain(value) if isinstance(value, Decimal) else value or "nobody"


def _problem(code: str, text: str, remedy: str) -> Problem:
    return Problem(code=code, text=text, remedy=remedy)
