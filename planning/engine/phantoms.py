"""Bills of materials with phantoms passed through: which rows really go into an item, and how often.

A phantom that several rows name is passed through once, with what they ask for together. So the cost is that
of the rows below an item (and of the days on which they count), however many ways lead through them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date
from fractions import Fraction
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from typing import NamedTuple

from planning.engine.factory import BomRow


class Way(NamedTuple):
    """How rows are reached: the operation that takes (None: the first) and the days of all rows above."""

    operation: int | None = None
    first_day: date | None = None
    end_day: date | None = None

    def through(self, row: BomRow) -> "Way":
        """The way on to the component of ``row``; rows of a phantom name no operation."""
        return Way(
            row.operation if self.operation is None else self.operation,
            max(filter(None, (self.first_day, row.from_)), default=None),
            min(filter(None, (self.end_day, row.to)), default=None),
        )

    def is_effective(self, day: date) -> bool:
        """Whether all rows on the way count on ``day``."""
        return (self.first_day is None or self.first_day <= day) and (
            self.end_day is None or day < self.end_day
        )


class PassedThrough:
    """The rows of one factory, by parent. No phantom is part of itself."""

    def __init__(self, rows: Mapping[str, Sequence[BomRow]], phantoms: Set[str]) -> None:
        self._rows, self._phantoms = rows, phantoms
        below = {
            code: [row.component for row in rows.get(code, ()) if row.component in phantoms]
            for code in phantoms
        }
        self.deepest_first = tuple(TopologicalSorter(below).static_order())
        self._rank = {code: -number for number, code in enumerate(self.deepest_first)}

    def of(self, parent: str) -> Iterator[tuple[BomRow, Way, Fraction]]:
        """Rows whose component is no phantom, with the units of the row's own parent in one ``parent``."""
        asked: dict[str, dict[Way, Fraction]] = {parent: {Way(): Fraction(1)}}
        waiting = [(-len(self._rank), parent)]
        while waiting:
            code = heappop(waiting)[1]
            for way, units in asked.pop(code).items():
                for row in self._rows.get(code, ()):
                    onward, component = way.through(row), row.component
                    if component not in self._phantoms:
                        yield row, onward, units
                        continue
                    if component not in asked:
                        asked[component] = defaultdict(Fraction)
                        heappush(waiting, (self._rank[component], component))
                    asked[component][onward] += units * per_unit(row)


def per_unit(row: BomRow) -> Fraction:
    """What one unit of the row's parent takes of its component, scrap included."""
    return Fraction(row.qty) / (1 - Fraction(row.scrap))
