"""Bills of materials around one item, upwards or downwards, as plain rows in memory.

They are read level by level: one query for each level and for each ``_BATCH`` items of it, two more for
what the items are. Days are half-open; a line counts where its own dates and those of its revision overlap.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from itertools import batched
from typing import Any

from django.db.models import F

from inventory.models import BillOfMaterials, BomLine, BomSubstitute, Item
from planning.errors import ItemNotFound, RevisionNotFound
from planning.models import FactorySettings

_BATCH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BillItem:
    """An item as bills of materials speak of it."""

    pk: int
    code: str
    name: str
    kind: str
    uom: str
    unit_cost: Decimal
    min_order: Decimal
    order_multiple: Decimal | None
    lead_time_days: int
    units_made: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BillLine:
    """A line of a revision. ``line_from`` and ``line_to`` are its own days, ``starts`` and ``ends`` those on
    which it counts.
    """

    pk: int
    bom_id: int
    parent: str
    revision: str
    component: str
    qty: Decimal
    scrap: Decimal
    operation: int | None
    line_from: dt.date | None
    line_to: dt.date | None
    starts: dt.date | None
    ends: dt.date | None
    substitutes: tuple[tuple[str, Decimal, int], ...] = ()

    @property
    def gross(self) -> Fraction:
        """What one parent takes, with what is lost."""
        return Fraction(self.qty) / (1 - Fraction(self.scrap))

    def counts_on(self, day: dt.date) -> bool:
        return (self.starts is None or self.starts <= day) and (self.ends is None or day < self.ends)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bills:
    """Items by code, and the lines between them."""

    items: dict[str, BillItem]
    lines: tuple[BillLine, ...]

    def by_parent(self, on: dt.date | None = None) -> dict[str, list[BillLine]]:
        """The lines of each parent; those that count on a day, if one is given."""
        found: dict[str, list[BillLine]] = defaultdict(list)
        for line in self.lines:
            if on is None or line.counts_on(on):
                found[line.parent].append(line)
        return found

    def by_component(self, on: dt.date | None = None) -> dict[str, list[BillLine]]:
        """The lines that name each component."""
        found: dict[str, list[BillLine]] = defaultdict(list)
        for line in self.lines:
            if on is None or line.counts_on(on):
                found[line.component].append(line)
        return found


def get_item(code: str) -> Item:
    """The item, or ``ItemNotFound``."""
    item = Item.objects.select_related("uom").filter(code=code).first()
    if item is None:
        raise ItemNotFound(f"There is no item {code}.")
    return item


def get_revision(item: Item, revision: str) -> BillOfMaterials:
    """A revision of an item's bill, or ``RevisionNotFound`` with those that it has."""
    by_day = item.boms.order_by(F("effective_from").asc(nulls_first=True), "pk")
    known = {bom.revision: bom for bom in by_day}
    if revision not in known:
        has = f"it has {', '.join(known)}" if known else "it has none"
        raise RevisionNotFound(f"{item} has no revision {revision}; {has}.")
    return known[revision]


def find_as_of() -> dt.date | None:
    """The planning date, where there is a factory."""
    return FactorySettings.objects.values_list("as_of", flat=True).first()


def read_below(item: Item) -> Bills:
    """Everything an item is made of, in all revisions."""
    return read_below_all({item.code})


def read_below_all(codes: set[str]) -> Bills:
    """Everything some items are made of, in all revisions."""
    return _read(codes, "bom__item", lambda line: line.component)


def read_above(item: Item, *, levels: int | None = None) -> Bills:
    """Everything an item goes into; only so many levels of it, where that is given."""
    return _read({item.code}, "component", lambda line: line.parent, levels)


def read_lines(bom: BillOfMaterials) -> list[BillLine]:
    """The lines of one revision."""
    return _with_substitutes(_lines("bom", [bom.pk]))


def as_revision(bills: Bills, bom: BillOfMaterials) -> Bills:
    """``bills`` as if this revision alone were that of its item; its lines keep their own days."""
    kept = [
        replace(line, starts=line.line_from, ends=line.line_to) if line.bom_id == bom.pk else line
        for line in bills.lines
        if line.parent != bom.item.code or line.bom_id == bom.pk
    ]
    return replace(bills, lines=tuple(kept))


def day_of(bom: BillOfMaterials, as_of: dt.date) -> dt.date:
    """The planning date, or the nearest day on which a revision is in force."""
    if bom.effective_from is not None and as_of < bom.effective_from:
        return bom.effective_from
    if bom.effective_to is not None and as_of >= bom.effective_to:
        return bom.effective_to - dt.timedelta(days=1)
    return as_of


def _read(codes: set[str], side: str, next_of: Any, levels: int | None = None) -> Bills:
    lines: dict[int, BillLine] = {}
    seen, frontier = set(codes), set(codes)
    depth = 0
    while frontier and (levels is None or depth < levels):
        found = [line for some in batched(frontier, _BATCH) for line in _lines(f"{side}__code", some)]
        lines |= {line.pk: line for line in found}
        frontier = {next_of(line) for line in found} - seen
        seen |= frontier
        depth += 1
    ordered = _with_substitutes(sorted(lines.values(), key=_order))
    return Bills(items=_items(seen | frontier), lines=tuple(ordered))


def _order(line: BillLine) -> tuple[Any, ...]:
    first = dt.date.min
    return (line.parent, line.operation or 0, line.component, line.starts or first, line.pk)


def _lines(column: str, values: Iterable[Any]) -> list[BillLine]:
    rows = BomLine.objects.filter(**{f"{column}__in": list(values)}).order_by("pk")
    columns = (
        "pk",
        "bom_id",
        "bom__item__code",
        "bom__revision",
        "component__code",
        "qty",
        "scrap",
        "operation",
        "effective_from",
        "effective_to",
        "bom__effective_from",
        "bom__effective_to",
    )
    return [_line(*row) for row in rows.values_list(*columns)]


def _line(
    pk: int,
    bom_id: int,
    parent: str,
    revision: str,
    component: str,
    qty: Decimal,
    scrap: Decimal,
    operation: int | None,
    line_from: dt.date | None,
    line_to: dt.date | None,
    bom_from: dt.date | None,
    bom_to: dt.date | None,
) -> BillLine:
    return BillLine(
        pk=pk,
        bom_id=bom_id,
        parent=parent,
        revision=revision,
        component=component,
        qty=qty,
        scrap=scrap,
        operation=operation,
        line_from=line_from,
        line_to=line_to,
        starts=max((day for day in (line_from, bom_from) if day), default=None),
        ends=min((day for day in (line_to, bom_to) if day), default=None),
    )


def _with_substitutes(lines: list[BillLine]) -> list[BillLine]:
    found: dict[int, list[tuple[str, Decimal, int]]] = defaultdict(list)
    for pks in batched([line.pk for line in lines], _BATCH):
        rows = BomSubstitute.objects.filter(bom_line_id__in=pks).order_by("priority", "item__code")
        for pk, code, qty, priority in rows.values_list("bom_line_id", "item__code", "qty", "priority"):
            found[pk].append((code, qty, priority))
    return [replace(line, substitutes=tuple(found[line.pk])) if line.pk in found else line for line in lines]


def _items(codes: Iterable[str]) -> dict[str, BillItem]:
    columns = ("pk", "code", "name", "kind")
    more = ("unit_cost", "min_order", "order_multiple", "lead_time_days", "units_made")
    found = {}
    for some in batched(sorted(codes), _BATCH):
        for row in Item.objects.filter(code__in=some).values(*columns, *more, "uom__code"):
            uom = row.pop("uom__code")
            found[row["code"]] = BillItem(uom=uom, **row)
    return found
