"""Bills of materials as indented lists: what an item is made of, and what it goes into.

A part that is reached in two ways stands in two rows, so a list is cut off after ``MAX_ROWS`` rows and says
so; quantities and costs that are added up never are.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from planning.selectors.bills import BillItem, BillLine, Bills

MAX_ROWS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BillRow:
    """One place of an item in an indented list.

    ``path`` runs from the item that was asked about to this one. ``qty`` is per one unit of the topmost item
    of the path, scrap included. ``operation`` takes it, and belongs to the nearest parent that is no phantom.
    ``phantoms`` were passed through on the way to that parent. ``starts`` and ``ends``: the days on which the
    whole path counts.
    """

    level: int
    path: tuple[str, ...]
    item: BillItem
    line: BillLine
    qty: Fraction
    operation: int | None
    phantoms: tuple[str, ...]
    starts: dt.date | None
    ends: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BillList:
    """The rows in order; ``cut_off``: there were more."""

    rows: tuple[BillRow, ...]
    cut_off: bool


def list_below(bills: Bills, top: str, *, on: dt.date | None) -> BillList:
    """The indented bill of ``top``: every part below it, down to what is bought."""
    children = bills.by_parent(on)

    def step(parent: BillRow | None, line: BillLine) -> tuple[int | None, tuple[str, ...]]:
        if parent is not None and parent.item.kind == "phantom":
            # what a phantom holds is taken where the phantom itself would be
            return parent.operation, (*parent.phantoms, parent.item.code)
        return line.operation, ()

    return _list(bills, top, children, lambda line: line.component, step)


def list_above(bills: Bills, item: str, *, on: dt.date | None, levels: int | None = None) -> BillList:
    """Where ``item`` is used: its parents, their parents, and so on up."""
    parents = bills.by_component(on)

    def step(below: BillRow | None, line: BillLine) -> tuple[int | None, tuple[str, ...]]:
        if below is not None and below.item.kind == "phantom":
            return line.operation, (*below.phantoms, below.item.code)
        return line.operation, ()

    return _list(bills, item, parents, lambda line: line.parent, step, levels)


def quantities_above(bills: Bills, item: str, *, on: dt.date | None) -> dict[str, Fraction]:
    """How much of ``item`` one unit of each item above it takes, over all ways, and itself (1)."""
    parents = bills.by_component(on)
    found: dict[str, Fraction] = defaultdict(Fraction, {item: Fraction(1)})
    for code in _below_first(parents, item):
        for line in parents.get(code, ()):
            found[line.parent] += found[code] * line.gross
    return dict(found)


def _below_first(parents: Mapping[str, Sequence[BillLine]], item: str) -> list[str]:
    """Items above ``item``, each after all that it is made of on the way. A closed cycle is left out."""
    waiting_for: dict[str, int] = defaultdict(int)
    seen, stack = {item}, [item]
    while stack:
        for line in parents.get(stack.pop(), ()):
            waiting_for[line.parent] += 1
            if line.parent not in seen:
                seen.add(line.parent)
                stack.append(line.parent)
    order, ready = [], [item]
    while ready:
        code = ready.pop()
        order.append(code)
        for line in parents.get(code, ()):
            waiting_for[line.parent] -= 1
            if not waiting_for[line.parent]:
                ready.append(line.parent)
    return order


def _list(
    bills: Bills,
    root: str,
    lines_of: Mapping[str, Sequence[BillLine]],
    target: Callable[[BillLine], str],
    step: Callable[[BillRow | None, BillLine], tuple[int | None, tuple[str, ...]]],
    levels: int | None = None,
) -> BillList:
    rows: list[BillRow] = []
    stack: list[tuple[BillRow | None, Iterator[BillLine]]] = [(None, iter(lines_of.get(root, ())))]
    while stack:
        before, rest = stack[-1]
        line = next(rest, None)
        if line is None:
            stack.pop()
            continue
        row = _row(bills, root, before, line, target(line), step)
        if row is None:
            continue
        if len(rows) == MAX_ROWS:
            return BillList(rows=tuple(rows), cut_off=True)
        rows.append(row)
        if levels is None or row.level < levels:
            stack.append((row, iter(lines_of.get(row.item.code, ()))))
    return BillList(rows=tuple(rows), cut_off=False)


def _row(
    bills: Bills,
    root: str,
    before: BillRow | None,
    line: BillLine,
    code: str,
    step: Callable[[BillRow | None, BillLine], tuple[int | None, tuple[str, ...]]],
) -> BillRow | None:
    """The next row of a path; None where it never counts as a whole, or would run in a circle."""
    path = (*(before.path if before else (root,)), code)
    starts = _later(before.starts if before else None, line.starts)
    ends = _earlier(before.ends if before else None, line.ends)
    if code in path[:-1] or (starts is not None and ends is not None and starts >= ends):
        return None
    operation, phantoms = step(before, line)
    return BillRow(
        level=len(path) - 1,
        path=path,
        item=bills.items[code],
        line=line,
        qty=(before.qty if before else Fraction(1)) * line.gross,
        operation=operation,
        phantoms=phantoms,
        starts=starts,
        ends=ends,
    )


def _later(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return max((day for day in (one, other) if day), default=None)


def _earlier(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return min((day for day in (one, other) if day), default=None)
