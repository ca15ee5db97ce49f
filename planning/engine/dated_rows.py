"""Rows that count from one day to another: which of them count on the same days, and what circles they close.

The one place of these rules: ``factory_check`` refuses by them, ``data_checks`` names what came in by another
way.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planning.engine.factory import BomRow, Factory, SourceRow

_SHOWN_OF_CYCLE = 60


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a row; the first and last day of time stand for an open side."""

    starts: dt.date
    ends: dt.date
    index: int

    @classmethod
    def of(cls, row: BomRow | SourceRow, index: int) -> "Span":
        return cls(row.from_ or dt.date.min, row.to or dt.date.max, index)


def overlaps(spans: Sequence[Span]) -> Iterator[tuple[Span, Span]]:
    """Each row that begins before an earlier one of the same key has ended, with that one."""
    longest: Span | None = None
    for span in sorted(spans, key=lambda each: (each.starts, each.index)):
        if longest is not None and span.starts < longest.ends:
            yield longest, span
        if longest is None or span.ends > longest.ends:
            longest = span


def overlapping_bom_rows(factory: Factory) -> Iterator[tuple[Span, Span, int | None]]:
    """Rows by which one operation (None: the only one) would take a component twice on the same days."""
    first_seq = {code: min(row.seq for row in rows) for code, rows in factory.routings.items() if rows}
    groups: dict[tuple[str, str, int | None], list[Span]] = defaultdict(list)
    for index, row in enumerate(factory.bom):
        operation = first_seq.get(row.parent) if row.operation is None else row.operation
        groups[row.parent, row.component, operation].append(Span.of(row, index))
    for (_, _, operation), spans in groups.items():
        for before, after in overlaps(spans):
            yield before, after, operation


def bom_cycle(factory: Factory) -> tuple[int, list[str]] | None:
    """The first circle of bills of materials, [a, b, …, a], and the row that leads from a to b."""
    cycle = find_cycle(children_of(factory))
    if cycle is None:
        return None
    pair = (cycle[0], cycle[1])
    return next(i for i, row in enumerate(factory.bom) if (row.parent, row.component) == pair), cycle


def children_of(factory: Factory) -> dict[str, list[str]]:
    """The components of each parent."""
    children: dict[str, list[str]] = defaultdict(list)
    for row in factory.bom:
        children[row.parent].append(row.component)
    return children


def find_cycle(children: Mapping[str, Sequence[str]]) -> list[str] | None:
    """A closed path [a, b, …, a] through ``children``, or None. Linear, without recursion."""
    finished: set[str] = set()
    for root in children:
        if root in finished:
            continue
        path: list[str] = [root]
        on_path = {root}
        stack = [iter(children[root])]
        while stack:
            child = next(stack[-1], None)
            if child is None:
                stack.pop()
                done = path.pop()
                on_path.discard(done)
                finished.add(done)
            elif child in on_path:
                return [*path[path.index(child) :], child]
            elif child not in finished:
                path.append(child)
                on_path.add(child)
                stack.append(iter(children.get(child, ())))
    return None


def shown_cycle(cycle: list[str]) -> str:
    """The circle in words, shortened where it is long."""
    if len(cycle) > _SHOWN_OF_CYCLE:
        cycle = [*cycle[: _SHOWN_OF_CYCLE - 1], "…", cycle[-1]]
    return " → ".join(cycle)
