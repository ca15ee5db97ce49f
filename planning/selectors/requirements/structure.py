"""Bills of materials as the netting core takes them: rows by the weeks in which they count, phantoms passed
through.

A row counts for what goes out in a week when it is in force on that week's first day, so of two that follow
each other just one does.
"""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models import Q

from inventory.models import BomLine
from planning.engine.netting import BillOfMaterials
from planning.engine.netting.problem import FOREVER
from planning.engine.netting.rows import Taken, pass_phantoms
from planning.selectors.requirements.lead_times import WEEK_DAYS

BILLION = 10**9  # the finest denominator that netting takes, and the places of a scrap
ONE_UNIT = 10**6


class Row(NamedTuple):
    """One unit of ``parent`` takes ``numerator / denominator`` of ``component``, ``offset`` weeks after it
    went out in weeks ``first`` to before ``end``; items by position.
    """

    parent: int
    component: int
    numerator: int
    denominator: int
    offset: int
    first: int
    end: int

    def counts_in(self, week: int) -> bool:
        """Whether it counts for what goes out in ``week``."""
        return self.first <= max(week, 0) < self.end


def read_structure(
    as_of: dt.date,
    position: Mapping[int, int],
    codes: Sequence[str],
    made: Collection[int],
    phantoms: Collection[int],
    offset_of: Callable[[int, int | None], int],
) -> list[Row]:
    """Rows of what is ``made`` and of ``phantoms`` (positions) that count on ``as_of`` or later.

    ``offset_of(item_id, operation)``: weeks from an order's release to the operation that takes a component.
    1 query.
    """
    parents = {*made, *phantoms}
    lines = BomLine.objects.filter(_ends_after("", as_of) & _ends_after("bom__", as_of)).order_by("pk")
    rows = []
    for parent_id, component_id, qty, scrap, operation, *days in lines.values_list(
        "bom__item_id",
        "component_id",
        "qty",
        "scrap",
        "operation",
        "effective_from",
        "bom__effective_from",
        "effective_to",
        "bom__effective_to",
    ):
        parent = position[parent_id]
        first = max([0, *(_weeks_until(day, as_of) for day in days[:2] if day is not None)])
        end = min([FOREVER, *(_weeks_until(day, as_of) for day in days[2:] if day is not None)])
        if parent in parents and first < end:
            offset = offset_of(parent_id, operation)
            rows.append(Row(parent, position[component_id], *_ratio(qty, scrap), offset, first, end))
    return _pass_through(rows, codes, set(phantoms)) if phantoms else rows


def as_arrays(rows: Sequence[Row]) -> BillOfMaterials:
    """The rows as the core reads them."""
    columns: list[list[int]] = [list(column) for column in zip(*rows, strict=True)]
    return BillOfMaterials.of(*columns)


def by_parent(rows: Sequence[Row]) -> dict[int, list[Row]]:
    """What each item takes."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.parent].append(row)
    return found


def unit_values(
    wanted: Collection[int], parts: Mapping[int, Sequence[Row]], bought: Mapping[int, Decimal]
) -> dict[int, Fraction]:
    """What a unit of the ``wanted`` items is worth in material; an item within itself adds nothing."""
    values = {item: Fraction(cost) for item, cost in bought.items()}
    stack = list(wanted)
    opened: set[int] = set()
    while stack:
        item = stack[-1]
        if item in values:
            stack.pop()
        elif item not in opened:
            opened.add(item)
            stack += [row.component for row in parts.get(item, ()) if row.component not in opened]
        else:
            stack.pop()
            values[item] = sum(
                (
                    Fraction(row.numerator, row.denominator) * values.get(row.component, 0)
                    for row in parts.get(item, ())
                ),
                Fraction(0),
            )
    return values


def _ends_after(owner: str, day: dt.date) -> Q:
    return Q(**{f"{owner}effective_to__isnull": True}) | Q(**{f"{owner}effective_to__gt": day})


def _weeks_until(day: dt.date, as_of: dt.date) -> int:
    """The first week whose first day is ``day`` or later."""
    return -(-(day - as_of).days // WEEK_DAYS)


def _ratio(qty: Decimal, scrap: Decimal) -> tuple[int, int]:
    """``qty / (1 - scrap)``, exactly and in lowest terms."""
    numerator = int(qty * ONE_UNIT) * (BILLION // ONE_UNIT)
    denominator = BILLION - int(scrap * BILLION)
    shared = math.gcd(numerator, denominator)
    return numerator // shared, denominator // shared


def _pass_through(rows: list[Row], codes: Sequence[str], phantoms: set[int]) -> list[Row]:
    """Rows that touch a phantom are opened up; the others stay as they are."""
    touched = [row for row in rows if row.parent in phantoms or row.component in phantoms]
    taken = [
        Taken(codes[row.parent], codes[row.component], Fraction(row.numerator, row.denominator), *row[4:])
        for row in touched
    ]
    place = {code: index for index, code in enumerate(codes)}
    opened = pass_phantoms(taken, {codes[item] for item in phantoms})
    kept = [row for row in rows if row.parent not in phantoms and row.component not in phantoms]
    return kept + [
        Row(place[row.parent], place[row.component], *_coarse(row.ratio), row.offset, row.first, row.end)
        for row in opened
    ]


def _coarse(ratio: Fraction) -> tuple[int, int]:
    """A ratio multiplied through phantoms may be finer than netting takes: rounded up to a billionth."""
    if ratio.denominator <= BILLION:
        return ratio.numerator, ratio.denominator
    return math.ceil(ratio * BILLION), BILLION
