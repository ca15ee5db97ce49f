"""What one unit of an item takes, phantoms passed through, read from the rows of the bill of materials.

What comes into an item in the same way by several phantoms (component, operation, days and substitutes) is
one need, rounded once.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from planning.engine.factory import BomRow, ItemRow

ONE = Fraction(1)


class Terms(NamedTuple):
    """At which operation (None: the first) and between which days something is taken."""

    seq: int | None
    since: date | None
    until: date | None


class Line(NamedTuple):
    """A component with what one unit of the item takes of it, and what of each substitute for all of that:
    quantities as a numerator and a denominator.
    """

    component: str
    terms: Terms
    qty: tuple[Decimal, Decimal]
    substitutes: tuple[tuple[str, tuple[Decimal, Decimal]], ...]


def lines_of(
    bom: Mapping[str, Sequence[BomRow]], items: Mapping[str, ItemRow], code: str
) -> tuple[Line, ...]:
    """The lines of ``code``. Cost: the rows below it; a phantom waits until all that name it are read."""
    totals: dict[tuple[str, Terms, tuple[tuple[str, Fraction], ...]], Fraction] = {}
    unread = _rows_naming(bom, items, code)
    units: dict[str, dict[Terms, Fraction]] = {code: {Terms(None, None, None): ONE}}
    ready = [code]
    while ready:
        parent = ready.pop()
        asked = units.pop(parent)
        for row in _known(bom, items, parent):
            for above, count in asked.items():
                terms, qty = _narrowed(above, row), _taken(count, row)
                if items[row.component].kind == "phantom":
                    below = units.setdefault(row.component, {})
                    below[terms] = below[terms] + qty if terms in below else qty
                else:
                    key = (row.component, terms, _substitutes(row, items))
                    totals[key] = totals[key] + qty if key in totals else qty
            if items[row.component].kind == "phantom":
                unread[row.component] -= 1
                if unread[row.component] == 0:
                    ready.append(row.component)
    return tuple(
        Line(item, terms, _ratio(qty), tuple((other, _ratio(qty * share)) for other, share in others))
        for (item, terms, others), qty in totals.items()
    )


def _rows_naming(
    bom: Mapping[str, Sequence[BomRow]], items: Mapping[str, ItemRow], code: str
) -> dict[str, int]:
    """How many rows below ``code`` name each phantom."""
    count: dict[str, int] = {}
    waiting = [code]
    while waiting:
        for row in _known(bom, items, waiting.pop()):
            if items[row.component].kind == "phantom":
                if row.component not in count:
                    waiting.append(row.component)
                count[row.component] = count.get(row.component, 0) + 1
    return count


def _known(
    bom: Mapping[str, Sequence[BomRow]], items: Mapping[str, ItemRow], parent: str
) -> Iterator[BomRow]:
    return (row for row in bom.get(parent, ()) if row.component in items)


def _taken(count: Fraction, row: BomRow) -> Fraction:
    """What ``count`` units of the parent take of a row's component, with what is lost."""
    qty = Fraction(row.qty) if count is ONE else count * Fraction(row.qty)
    return qty / (1 - Fraction(row.scrap)) if row.scrap else qty


def _narrowed(above: Terms, row: BomRow) -> Terms:
    starts = [day for day in (above.since, row.from_) if day is not None]
    ends = [day for day in (above.until, row.to) if day is not None]
    seq = row.operation if above.seq is None else above.seq
    return Terms(seq, max(starts, default=None), min(ends, default=None))


def _substitutes(row: BomRow, items: Mapping[str, ItemRow]) -> tuple[tuple[str, Fraction], ...]:
    """What stands in for one unit of the row's component, the preferred first."""
    others = sorted(row.substitutes, key=lambda other: (other.priority, other.item))
    return tuple(
        (other.item, Fraction(other.qty) / Fraction(row.qty))
        for other in others
        if other.item in items and items[other.item].kind != "phantom"
    )


def _ratio(qty: Fraction) -> tuple[Decimal, Decimal]:
    return Decimal(qty.numerator), Decimal(qty.denominator)
