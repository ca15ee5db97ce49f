"""Bills of materials as the netting core takes them: rows in force on a day, phantoms passed through."""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models import Q

from inventory.models import BomLine
from planning.engine.netting import BillOfMaterials
from planning.engine.netting.rows import Taken, pass_phantoms

BILLION = 10**9  # the finest denominator that netting takes, and the places of a scrap
ONE_UNIT = 10**6


class Row(NamedTuple):
    """One unit of ``parent`` takes ``numerator / denominator`` of ``component``; items by position."""

    parent: int
    component: int
    numerator: int
    denominator: int


def read_structure(
    on: dt.date,
    position: Mapping[int, int],
    codes: Sequence[str],
    made: Collection[int],
    phantoms: Collection[int],
) -> list[Row]:
    """Rows of what is ``made`` and of ``phantoms`` (positions) in force on that day. 1 query."""
    parents = {*made, *phantoms}
    lines = BomLine.objects.filter(_in_force("", on) & _in_force("bom__", on)).order_by("pk")
    rows = []
    for parent_id, component_id, qty, scrap in lines.values_list(
        "bom__item_id", "component_id", "qty", "scrap"
    ):
        parent = position[parent_id]
        if parent in parents:
            rows.append(Row(parent, position[component_id], *_ratio(qty, scrap)))
    return _pass_through(rows, codes, set(phantoms)) if phantoms else rows


def as_arrays(rows: Sequence[Row]) -> BillOfMaterials:
    """Everything is taken when the order goes out."""
    columns: list[list[int]] = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
    parent, component, numerator, denominator = columns
    return BillOfMaterials.of(parent, component, numerator, denominator)


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


def _in_force(owner: str, on: dt.date) -> Q:
    begun = Q(**{f"{owner}effective_from__isnull": True}) | Q(**{f"{owner}effective_from__lte": on})
    return begun & (Q(**{f"{owner}effective_to__isnull": True}) | Q(**{f"{owner}effective_to__gt": on}))


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
        Taken(codes[row.parent], codes[row.component], Fraction(row.numerator, row.denominator), 0)
        for row in touched
    ]
    place = {code: index for index, code in enumerate(codes)}
    opened = pass_phantoms(taken, {codes[item] for item in phantoms})
    kept = [row for row in rows if row.parent not in phantoms and row.component not in phantoms]
    return kept + [Row(place[row.parent], place[row.component], *_coarse(row.ratio)) for row in opened]


def _coarse(ratio: Fraction) -> tuple[int, int]:
    """A ratio multiplied through phantoms may be finer than netting takes: rounded up to a billionth."""
    if ratio.denominator <= BILLION:
        return ratio.numerator, ratio.denominator
    return math.ceil(ratio * BILLION), BILLION
