"""What an item costs by level, from the stored bills, sources, routings and skills."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import batched

from inventory.models import Item, ItemKind, ItemSource, PriceBreak
from planning.engine.costing import (
    ZERO,
    Cost,
    CurvePoint,
    Offer,
    Part,
    Rolled,
    Step,
    Units,
    Use,
    level_costs,
    preferred,
    roll_up,
    unit_curve,
)
from planning.engine.learning import LearningCurve
from planning.models import FactorySettings, Operation, Skill
from planning.selectors.bills import BillItem, Bills, read_below
from planning.selectors.walks import BillList, list_below

Offers = dict[str, list[Offer]]

CURVE_UNITS = 300
_BATCH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CostSheet:
    """What one unit of an item costs on a day.

    ``next`` is the cost of unit ``units_made`` + 1, ``average`` the mean of ``units`` units from there on,
    ``standard`` the cost at the reference unit of the learning curves. Each maps item codes to costs of one
    unit of them; ``levels`` adds up the average of each level of the bill.
    """

    item: Item
    currency: str
    on: dt.date
    units: int
    bills: Bills
    rows: BillList
    next: dict[str, Rolled]
    average: dict[str, Rolled]
    standard: dict[str, Rolled]
    levels: list[Cost]
    curve: list[CurvePoint]


def get_cost(item: Item, *, on: dt.date, units: int) -> CostSheet:
    """The cost of ``item`` with the bills that count on a day; ``units``: how many to take the average of."""
    bills = read_below(item)
    parts = parts_of(bills, on)
    average = roll_up(parts, item.code, Units(count=units))
    return CostSheet(
        item=item,
        currency=FactorySettings.objects.values_list("currency", flat=True).first() or "",
        on=on,
        units=units,
        bills=bills,
        rows=list_below(bills, item.code, on=on),
        next=roll_up(parts, item.code, Units()),
        average=average,
        standard=roll_up(parts, item.code, None),
        levels=level_costs(parts, item.code, average),
        curve=unit_curve(parts, item.code, CURVE_UNITS),
    )


def parts_of(bills: Bills, on: dt.date, offers: Offers | None = None) -> dict[str, Part]:
    """Every item of ``bills`` as the arithmetic wants it; 5 queries for each 5,000 items."""
    offers = offers_of(bills.items) if offers is None else offers
    external, steps = _external_items(bills.items), _steps(bills.items)
    lines = bills.by_parent(on)
    parts = {}
    for code, item in bills.items.items():
        is_bought = item.kind == ItemKind.BUY
        parts[code] = Part(
            code=code,
            purchase=price_of(item, preferred(offers[code], on)) if is_bought else ZERO,
            subcontract=Fraction(item.unit_cost) if code in external else ZERO,
            units_made=item.units_made,
            steps=tuple(steps[code]),
            uses=() if is_bought else tuple(_use(line.component, line.gross) for line in lines[code]),
        )
    return parts


def price_of(item: BillItem, offer: Offer | None) -> Fraction:
    """What one bought unit costs: at the standard quantity of its source, else the item's own cost."""
    return Fraction(item.unit_cost if offer is None else offer.standard_cost)


def _use(component: str, qty: Fraction) -> Use:
    return Use(component=component, qty=qty)


def offers_of(items: dict[str, BillItem]) -> Offers:
    """Every way to buy each item, with its price breaks."""
    breaks: dict[int, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    found: dict[str, list[Offer]] = defaultdict(list)
    for some in batched(sorted(items), _BATCH):
        rows = PriceBreak.objects.filter(source__item__code__in=some).order_by("from_qty")
        for pk, qty, cost in rows.values_list("source_id", "from_qty", "unit_cost"):
            breaks[pk].append((qty, cost))
        sources = ItemSource.objects.filter(item__code__in=some).order_by("pk")
        for source in sources.select_related("supplier", "item"):
            item = items[source.item.code]
            found[item.code].append(
                Offer(
                    supplier=source.supplier.code,
                    lead_time_days=source.lead_time_days,
                    priority=source.priority,
                    starts=source.effective_from,
                    ends=source.effective_to,
                    least=item.min_order if source.min_order is None else source.min_order,
                    multiple=source.order_multiple or item.order_multiple,
                    unit_cost=item.unit_cost if source.unit_cost is None else source.unit_cost,
                    breaks=tuple(breaks[source.pk]),
                )
            )
    return found


def _external_items(codes: Iterable[str]) -> set[str]:
    """Items of which an operation is done by somebody else: their unit cost is what he is paid."""
    found: set[str] = set()
    for some in batched(sorted(codes), _BATCH):
        rows = Operation.objects.filter(item__code__in=some, work_centre__isnull=True)
        found |= set(rows.values_list("item__code", flat=True))
    return found


def _steps(codes: Iterable[str]) -> dict[str, list[Step]]:
    defaults = FactorySettings.objects.first()
    curves: dict[int, LearningCurve | None] = {}
    found: dict[str, list[Step]] = defaultdict(list)
    for some in batched(sorted(codes), _BATCH):
        rows = Operation.objects.filter(item__code__in=some, work_centre__isnull=False)
        for row in rows.select_related("item", "work_centre", "skill").order_by("item__code", "seq"):
            skill, centre = row.skill, row.work_centre
            if centre is None:
                continue
            found[row.item.code].append(
                Step(
                    seq=row.seq,
                    name=row.name,
                    setup_h=Fraction(row.setup_h),
                    run_h=Fraction(row.run_h),
                    lot=Fraction(row.lot),
                    efficiency=Fraction(centre.efficiency),
                    crew=row.crew if skill else 0,
                    wage=_wage(skill, defaults),
                    machine=Fraction(centre.cost_per_hour),
                    curve=curves.setdefault(skill.pk, _curve(skill, defaults)) if skill else None,
                )
            )
    return found


def _rule(name: str, skill: Skill, defaults: FactorySettings | None) -> Decimal | int | None:
    """A staffing rule of a skill, or the one it inherits."""
    own: Decimal | int | None = getattr(skill, name)
    inherited: Decimal | int | None = getattr(defaults, name, None)
    return inherited if own is None else own


def _wage(skill: Skill | None, defaults: FactorySettings | None) -> Fraction:
    """What a standard hour is paid: fewer of them are earned than worked."""
    if skill is None:
        return ZERO
    return Fraction(skill.wage_per_hour) / Fraction(_rule("labour_efficiency", skill, defaults) or 1)


def _curve(skill: Skill, defaults: FactorySettings | None) -> LearningCurve | None:
    rate = _rule("learning_rate", skill, defaults)
    if rate is None or rate == 1:
        return None
    floor = _rule("learning_floor_unit", skill, defaults)
    reference = _rule("learning_reference_unit", skill, defaults)
    return LearningCurve(float(rate), int(reference or 1), None if floor is None else int(floor))
