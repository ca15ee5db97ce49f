"""ABC classes: which items a plan spends most of its material on, so that these are counted most often."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum

from inventory.models import Item
from inventory.models.fields import ZERO
from inventory.selectors import exact, items_to_count, unit_values
from planning.models import FactorySettings, Pegging, PlanRun

# Cumulative shares of the value at which a class ends: the item that crosses the line is still in it.
CLASSES = (("A", Decimal("0.80")), ("B", Decimal("0.95")), ("C", Decimal("2")))
DAYS_OF_YEAR = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class AbcItem:
    """``annual_value``: what the plan takes of the item in a year, in material. ``share`` is cumulative."""

    item_id: int
    item: str
    name: str
    annual_qty: Decimal
    unit_value: Decimal
    annual_value: Decimal
    share: Decimal
    abc_class: str


def list_abc(run: PlanRun, *, now: dt.datetime) -> list[AbcItem]:
    """Items that the plan takes or that are in stock, the most valuable first.

    What is taken is what is pegged to an order or a delivery over the horizon, scaled to a year.
    """
    taken = Pegging.objects.filter(run=run).filter(Q(for_order__isnull=False) | Q(sales_order__isnull=False))
    sums = dict(taken.order_by("item").values_list("item").annotate(total=Sum("qty")))
    rows = Item.objects.filter(Q(code__in=sums) | Q(pk__in=items_to_count(now=now)))
    items = {pk: (code, name) for pk, code, name in rows.values_list("pk", "code", "name")}
    worth = unit_values(items.keys(), on=run.as_of or now.date())
    scale = DAYS_OF_YEAR / Decimal(_horizon_days())
    annual = {pk: exact(sums.get(code, ZERO) * scale) for pk, (code, _) in items.items()}
    ranked = sorted(items, key=lambda pk: (-annual[pk] * worth[pk], items[pk][0]))
    return _classified(ranked, items, annual, worth)


def _classified(
    ranked: list[int],
    items: dict[int, tuple[str, str]],
    annual: dict[int, Decimal],
    worth: dict[int, Decimal],
) -> list[AbcItem]:
    total = sum((annual[pk] * worth[pk] for pk in ranked), ZERO)
    found, before = [], ZERO
    for pk in ranked:
        value = annual[pk] * worth[pk]
        reached = before / total if total else Decimal(1)
        after = (before + value) / total if total else Decimal(1)
        # What is worth nothing comes last, whatever the shares say.
        name = next(name for name, end in CLASSES if reached < end) if value else "C"
        found.append(
            AbcItem(
                item_id=pk,
                item=items[pk][0],
                name=items[pk][1],
                annual_qty=annual[pk],
                unit_value=exact(worth[pk]),
                annual_value=exact(value),
                share=exact(after),
                abc_class=name,
            )
        )
        before += value
    return found


def _horizon_days() -> int:
    settings = FactorySettings.objects.first()
    return (settings.horizon_end - settings.as_of).days if settings else DAYS_OF_YEAR
