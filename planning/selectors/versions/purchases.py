"""Purchases of two plans: what is bought on another day, in another quantity, elsewhere, more or less.

Ids of planned orders mean something within one plan only. Purchases that are alike in item, supplier,
quantity and days are the same; the rest of an item is paired in order of its days, like quantities first.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import NamedTuple

from inventory.models.fields import ZERO
from planning.models import PlannedOrder

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


class Purchase(NamedTuple):
    """``release``: the day on which the order goes out."""

    due: dt.date
    release: dt.date
    qty: Decimal
    supplier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseChange:
    """``days``: by how much the order goes out later; None where only one plan has it."""

    item: str
    before: Purchase | None
    after: Purchase | None

    @property
    def kind(self) -> str:
        if self.before is None or self.after is None:
            return ADDED if self.before is None else REMOVED
        return CHANGED

    @property
    def units(self) -> Decimal:
        """How many more the second plan buys."""
        one, two = (side.qty if side else ZERO for side in (self.before, self.after))
        return two - one

    @property
    def days(self) -> int | None:
        return (self.after.release - self.before.release).days if self.before and self.after else None


def compare_purchases(before: int, after: int) -> tuple[tuple[PurchaseChange, ...], int]:
    """What differs, the earliest first, and how many purchases are the same. 1 query."""
    found: dict[int, dict[str, Counter[Purchase]]] = {
        before: defaultdict(Counter),
        after: defaultdict(Counter),
    }
    rows = PlannedOrder.objects.filter(run__in=[before, after], kind="buy").order_by()
    columns = rows.values_list("run", "item", "due", "release", "qty", "supplier")
    for run, item, due, release, qty, supplier in columns:
        found[run][item][Purchase(due, release, qty, supplier or "")] += 1
    one, two = found[before], found[after]
    same = sum((one[item] & two[item]).total() for item in one.keys() & two.keys())
    changes = [
        change
        for item in one.keys() | two.keys()
        for change in _changes(item, one[item] - two[item], two[item] - one[item])
    ]
    changes.sort(key=lambda each: (min(filter(None, (each.before, each.after))).release, each.item))
    return tuple(changes), same


def _changes(item: str, one: Counter[Purchase], two: Counter[Purchase]) -> Iterator[PurchaseChange]:
    waiting: dict[tuple[Decimal, str], list[Purchase]] = defaultdict(list)
    for after in sorted(two.elements(), reverse=True):
        waiting[after.qty, after.supplier].append(after)
    rest = []
    for before in sorted(one.elements()):
        if waiting[before.qty, before.supplier]:
            after = waiting[before.qty, before.supplier].pop()
            yield PurchaseChange(item=item, before=before, after=after)
        else:
            rest.append(before)
    others = sorted(after for alike in waiting.values() for after in alike)
    for old, new in zip_longest(rest, others):
        yield PurchaseChange(item=item, before=old, after=new)
