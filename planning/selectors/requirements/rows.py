"""Rows to a netting problem by week, directly: a fixed number of queries, whatever the size of the factory.

Weeks count from the planning date. What is due within a week is needed, or comes, in it; what was due before
the planning date is needed at once. Bills of materials count by week of release, sources are those in force
on the planning date.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from typing import NamedTuple

from django.db.models import F, Q, Sum

from inventory.models import Item, ItemKind, ItemSource, LotSizing, PurchaseOrderLine, StockMovement
from inventory.selectors import exact
from orders.selectors import list_open_demand
from planning.engine.lot_sizing import MICRO, LotRule
from planning.engine.netting import RULES, Items, NettingProblem, Quantities
from planning.engine.shop import WHOLE_UNITS
from planning.errors import NoFactory
from planning.models import FactorySettings, FirmOrder, OrderKind, WorkOrder
from planning.selectors.requirements.lead_times import TINY, WEEK_DAYS, LeadTimes, whole_weeks
from planning.selectors.requirements.structure import Row, as_arrays, by_parent, read_structure, unit_values

YEAR_DAYS = 365
COSTED = {LotSizing.WAGNER_WHITIN, LotSizing.SILVER_MEAL}


class ItemColumns(NamedTuple):
    """An item as it is read."""

    pk: int
    code: str
    name: str
    kind: str
    uom__code: str
    unit_cost: Decimal
    earliest_production: dt.date | None
    safety_stock: Decimal
    min_order: Decimal
    max_order: Decimal | None
    order_multiple: Decimal | None
    group_days: int
    lead_time_days: int
    lot_rule: str | None
    order_cost: Decimal
    safety_days: int
    fence_days: int
    make_priority: int


class SourceColumns(NamedTuple):
    """A source as it is read."""

    pk: int
    item_id: int
    lead_time_days: int
    min_order: Decimal | None
    order_multiple: Decimal | None
    unit_cost: Decimal | None
    priority: int


class Due(NamedTuple):
    """A quantity of an item (by position, in millionths) on a day; ``ref`` names what brings or wants it."""

    item: int
    day: dt.date
    quantity: int
    ref: str


class Started(NamedTuple):
    """An order whose components are still to be taken, from ``day`` on."""

    item: int
    day: dt.date
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementsInput:
    """A problem with what its run has to tell beside the figures. ``refs``: of the scheduled receipts."""

    as_of: dt.date
    problem: NettingProblem
    heads: Sequence[ItemColumns]
    refs: Sequence[str]
    beyond_horizon: int

    def digest(self) -> str:
        """Two inputs with the same digest have the same run."""
        problem, told = self.problem, sha256()
        heads = [(head.code, head.name, head.kind, head.uom__code) for head in self.heads]
        told.update(repr((self.as_of, problem.buckets, self.beyond_horizon, heads, self.refs)).encode())
        for array in problem.items.terms():
            told.update(array.tobytes())
        for part in (problem.requirements, problem.scheduled_receipts, problem.bom):
            for field in fields(part):
                told.update(getattr(part, field.name).tobytes())
        return told.hexdigest()


def read_input() -> RequirementsInput:
    """The stored factory as it is now, or ``NoFactory``; 13 queries.

    Raises ``InvalidNetting`` with everything that cannot be netted.
    """
    settings = FactorySettings.objects.first()
    if settings is None:
        raise NoFactory("There is no factory yet: import one with `manage.py import_factory FILE`.")
    return _Reader(settings).read()


class _Reader:
    def __init__(self, settings: FactorySettings) -> None:
        self.settings, self.as_of = settings, settings.as_of
        self.buckets = max(1, -(-(settings.horizon_end - self.as_of).days // WEEK_DAYS))
        self.lead_times = LeadTimes()
        columns = ItemColumns._fields
        self.rows = [ItemColumns._make(row) for row in Item.objects.order_by("code").values_list(*columns)]
        self.position = {row.pk: index for index, row in enumerate(self.rows)}
        self.sources = self._sources()
        self.is_made = [self._is_made(row) for row in self.rows]
        phantoms = [at for at, row in enumerate(self.rows) if row.kind == ItemKind.PHANTOM]
        made = [at for at, is_made in enumerate(self.is_made) if is_made]
        codes = [row.code for row in self.rows]
        self.lead_weeks = [self._lead_weeks(row) for row in self.rows]
        self.structure = read_structure(self.as_of, self.position, codes, made, phantoms, self._weeks_before)
        self.parts = by_parent(self.structure)

    def read(self) -> RequirementsInput:
        on_hand, missing = self._stock()
        receipts, started = self._receipts()
        wanted = [*self._demand(), *missing, *self._taken(started)]
        within = [row for row in wanted if self._bucket(row.day) < self.buckets]
        problem = NettingProblem(
            buckets=self.buckets,
            items=self._items(on_hand),
            requirements=Quantities.of(
                [row.item for row in within],
                [max(0, self._bucket(row.day)) for row in within],
                [row.quantity for row in within],
            ),
            scheduled_receipts=Quantities.of(
                [row.item for row in receipts],
                [self._bucket(row.day) for row in receipts],
                [row.quantity for row in receipts],
            ),
            bom=as_arrays(self.structure),
        )
        return RequirementsInput(
            as_of=self.as_of,
            problem=problem,
            heads=self.rows,
            refs=[row.ref for row in receipts],
            beyond_horizon=len(wanted) - len(within),
        )

    def _bucket(self, day: dt.date) -> int:
        return (day - self.as_of).days // WEEK_DAYS

    # --- how items come

    def _sources(self) -> dict[int, SourceColumns]:
        """The preferred source of each item that has one in force."""
        begun = Q(effective_from__isnull=True) | Q(effective_from__lte=self.as_of)
        counts = ItemSource.objects.filter(
            begun, Q(effective_to__isnull=True) | Q(effective_to__gt=self.as_of)
        )
        rows = counts.order_by("-priority", "-supplier__code", "-pk").values_list(*SourceColumns._fields)
        return {row[1]: SourceColumns._make(row) for row in rows}

    def _is_made(self, row: ItemColumns) -> bool:
        """What is both made and bought is planned the way that is preferred."""
        source = self.sources.get(row.pk)
        return row.kind == ItemKind.MAKE and (source is None or source.priority >= row.make_priority)

    def _lead_weeks(self, row: ItemColumns) -> int:
        """Lead time and safety time together, rounded up once."""
        if row.kind == ItemKind.PHANTOM:
            return 0
        source = self.sources.get(row.pk)
        if self.is_made[self.position[row.pk]]:
            weeks = self.lead_times.of_making(row.pk, row.lead_time_days, row.min_order)
        elif source is not None:
            weeks = self.lead_times.of_source(source.pk, source.lead_time_days)
        else:
            weeks = self.lead_times.of_item(row.pk, row.lead_time_days)
        return whole_weeks(weeks + row.safety_days / WEEK_DAYS)

    def _weeks_before(self, item_id: int, operation: int | None) -> int:
        """Whole weeks from the release of an order to the operation that takes a component."""
        if operation is None:
            return 0
        at = self.position[item_id]
        before = self.lead_times.before(item_id, operation, self.rows[at].min_order)
        return min(int(before + TINY), self.lead_weeks[at])

    def _items(self, on_hand: dict[int, int]) -> Items:
        sizes = [self._sizes(row) for row in self.rows]
        rules = [_rule(row) for row in self.rows]
        holding = self._holding_costs()
        return Items.of(
            [row.code for row in self.rows],
            on_hand=[on_hand.get(at, 0) for at in range(len(self.rows))],
            safety_stock=[_micro(row.safety_stock) for row in self.rows],
            lead_time=self.lead_weeks,
            fence=[self._fence(row, lead) for row, lead in zip(self.rows, self.lead_weeks, strict=True)],
            rule=[RULES.index(rule) for rule in rules],
            period=[max(1, -(-row.group_days // WEEK_DAYS)) for row in self.rows],
            minimum=[minimum for minimum, _, _ in sizes],
            multiple=[multiple for _, multiple, _ in sizes],
            maximum=[maximum for _, _, maximum in sizes],
            order_cost=[_micro(row.order_cost) for row in self.rows],
            holding_cost=[holding.get(at, 0) for at in range(len(self.rows))],
            receipts_move=[1] * len(self.rows),
        )

    def _fence(self, row: ItemColumns, lead: int) -> int:
        """The first week in which an order can be there that goes out after the fence."""
        days = row.fence_days
        if row.earliest_production is not None and self.is_made[self.position[row.pk]]:
            days = max(days, (row.earliest_production - self.as_of).days)
        return lead + -(-days // WEEK_DAYS) if days > 0 else 0

    def _sizes(self, row: ItemColumns) -> tuple[int, int, int]:
        """Minimum, multiple and maximum (0: none) of an order. What is made comes in whole units, where its
        unit has no parts and some size remains.
        """
        minimum, multiple = row.min_order, row.order_multiple
        maximum = _micro(row.max_order) if row.max_order is not None else 0
        at = self.position[row.pk]
        source = self.sources.get(row.pk)
        if source is not None and not self.is_made[at]:
            minimum = minimum if source.min_order is None else source.min_order
            multiple = multiple if source.order_multiple is None else source.order_multiple
        least = _micro(minimum)
        if multiple is not None:
            return least, _micro(multiple), maximum
        is_whole = self.is_made[at] and row.uom__code in WHOLE_UNITS
        if is_whole and (not maximum or max(-(-least // MICRO), 1) <= maximum // MICRO):
            return least, MICRO, maximum
        return least, 1, maximum

    def _holding_costs(self) -> dict[int, int]:
        """Of items whose lot rule weighs costs: millionths of money for a unit and a week."""
        wanted = [at for at, row in enumerate(self.rows) if row.lot_rule in COSTED]
        bought = {
            at: row.unit_cost or self._source_cost(row)
            for at, row in enumerate(self.rows)
            if not self.is_made[at] and row.kind != ItemKind.PHANTOM
        }
        parts = by_parent([row for row in self.structure if row.counts_in(0)]) if wanted else {}
        values = unit_values(wanted, parts, bought)
        rate = Fraction(self.settings.holding_rate_per_year) * WEEK_DAYS / YEAR_DAYS
        return {at: round(values[at] * rate * MICRO) for at in wanted}

    def _source_cost(self, row: ItemColumns) -> Decimal:
        source = self.sources.get(row.pk)
        return (source.unit_cost if source is not None else None) or Decimal(0)

    # --- what is wanted and what comes

    def _stock(self) -> tuple[dict[int, int], list[Due]]:
        """What lies of each item over all places; what a ledger owes is wanted at once."""
        sums = StockMovement.objects.values_list("item_id").annotate(total=Sum("qty")).order_by("item_id")
        found = {self.position[item]: _micro(exact(total)) for item, total in sums}
        owed = [Due(at, self.as_of, -quantity, "") for at, quantity in found.items() if quantity < 0]
        return {at: quantity for at, quantity in found.items() if quantity > 0}, owed

    def _demand(self) -> Iterator[Due]:
        rows = list_open_demand().values_list("order_line__item_id", "due", F("qty") - F("shipped_qty"))
        for item, due, qty in rows:
            yield Due(self.position[item], due, _micro(exact(qty)), "")

    def _receipts(self) -> tuple[list[Due], list[Started]]:
        """Open purchase orders, released work orders and firm orders; and which of them still take parts."""
        receipts, started = [], []
        left = F("qty") - F("received_qty")
        purchases = PurchaseOrderLine.objects.open().order_by("pk")
        for item, due, qty, ref in purchases.values_list("item_id", "due", left, "ref"):
            receipts.append(Due(self.position[item], due, _micro(exact(qty)), ref))
        works = WorkOrder.objects.filter(done_qty__lt=F("qty")).order_by("pk")
        left = F("qty") - F("done_qty")
        for item, due, qty, ref, start, issued in works.values_list(
            "item_id", "due", left, "ref", "start", "components_issued"
        ):
            at, quantity = self.position[item], _micro(exact(qty))
            receipts.append(Due(at, due, quantity, ref))
            if not issued:
                started.append(Started(at, start or self._release(at, due), quantity))
        firm = FirmOrder.objects.order_by("pk")
        for item, due, qty, ref, release, kind in firm.values_list(
            "item_id", "due", "qty", "ref", "release", "kind"
        ):
            at, quantity = self.position[item], _micro(qty)
            receipts.append(Due(at, due, quantity, ref))
            if kind == OrderKind.MAKE:
                started.append(Started(at, release or self._release(at, due), quantity))
        return receipts, started

    def _release(self, item: int, due: dt.date) -> dt.date:
        return due - dt.timedelta(weeks=self.lead_weeks[item])

    def _taken(self, started: Sequence[Started]) -> Iterator[Due]:
        """What orders that stand will take of their components."""
        for order in started:
            for row in self.parts.get(order.item, ()):
                if row.counts_in(self._bucket(order.day)):
                    day = order.day + dt.timedelta(weeks=row.offset)
                    yield Due(row.component, day, _need(row, order.quantity), "")


def _rule(row: ItemColumns) -> LotRule:
    if row.lot_rule is not None:
        return LotRule(row.lot_rule)
    return LotRule.FIXED_PERIOD if row.group_days else LotRule.LOT_FOR_LOT


def _micro(value: Decimal) -> int:
    """Exact: a column holds six places."""
    return int(value * MICRO)


def _need(row: Row, quantity: int) -> int:
    return -(-row.numerator * quantity // row.denominator)
