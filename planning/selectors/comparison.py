"""What differs between two bills of materials: two revisions, two days, or two items."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from inventory.models import Item
from planning.engine.costing import Cost, roll_up
from planning.errors import NothingToCompare
from planning.selectors.bills import (
    BillLine,
    Bills,
    as_revision,
    day_of,
    find_as_of,
    get_revision,
    read_below,
)
from planning.selectors.costing import parts_of

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
# A line is the same line as long as its parent and component are; these say how it may have changed.
_COMPARED = ("qty", "scrap", "operation", "line_from", "line_to", "substitutes")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A bill to compare: of an item, on a day, in a revision where one was named."""

    item: Item
    on: dt.date
    revision: str | None
    bills: Bills
    cost: Cost

    def __str__(self) -> str:
        return f"{self.item} rev {self.revision}" if self.revision else f"{self.item} on {self.on}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A line that is not the same on both sides. ``changes``: names of what differs."""

    kind: str
    parent: str
    component: str
    before: BillLine | None
    after: BillLine | None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """From one bill to another. Costs are at the reference of the learning curves."""

    before: Side
    after: Side
    all_levels: bool
    differences: tuple[Difference, ...]
    unchanged: int

    @property
    def cost_change(self) -> Cost:
        return self.after.cost + self.before.cost * _MINUS


_MINUS = Fraction(-1)


def compare_bills(
    item: Item, *, before: str, after: str, other: Item | None = None, all_levels: bool = False
) -> Comparison:
    """``before`` and ``after`` are revisions or days; with ``other`` the second is about that item."""
    one, two = _side(item, before), _side(other or item, after)
    differences: list[Difference] = []
    unchanged = 0
    for left, right in _pairs_of_bills(one, two, all_levels=all_levels):
        for pair in _pairs_of_lines(left, right):
            difference = _difference(*pair)
            if difference is None:
                unchanged += 1
            else:
                differences.append(difference)
    return Comparison(
        before=one,
        after=two,
        all_levels=all_levels,
        differences=tuple(differences),
        unchanged=unchanged,
    )


def _side(item: Item, word: str) -> Side:
    """A revision if the item has one of that name, else a day."""
    bills = read_below(item)
    known = {line.revision for line in bills.lines if line.parent == item.code}
    revision, on = None, _day(word)
    if word in known or on is None:
        if on is None and not re.fullmatch(r".{1,64}", word):
            raise NothingToCompare("A revision, or a day as YYYY-MM-DD, is expected.")
        bom = get_revision(item, word)
        bills, revision, on = as_revision(bills, bom), word, day_of(bom, find_as_of() or dt.date.min)
    cost = roll_up(parts_of(bills, on), item.code, None)[item.code].rolled
    return Side(item=item, on=on, revision=revision, bills=bills, cost=cost)


def _day(word: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(word) if _DAY.fullmatch(word) else None
    except ValueError:
        raise NothingToCompare(f"{word} is not a day of the calendar.") from None


def _lines(side: Side) -> dict[str, list[BillLine]]:
    """Lines by parent: all lines of a revision that was named, else those that count on the day."""
    found = side.bills.by_parent(side.on)
    if side.revision is not None:
        found[side.item.code] = [line for line in side.bills.lines if line.parent == side.item.code]
    return found


def _pairs_of_bills(
    one: Side, two: Side, *, all_levels: bool
) -> Iterator[tuple[Sequence[BillLine], Sequence[BillLine]]]:
    """The bills to hold against each other: of the items themselves, then of all that is below them."""
    left, right = _lines(one), _lines(two)
    yield left.get(one.item.code, ()), right.get(two.item.code, ())
    if all_levels:
        on_left, on_right = _reached(left, one.item.code), _reached(right, two.item.code)
        for code in sorted((on_left | on_right) - {one.item.code, two.item.code}):
            yield (
                left.get(code, ()) if code in on_left else (),
                right.get(code, ()) if code in on_right else (),
            )


def _reached(lines: dict[str, list[BillLine]], top: str) -> set[str]:
    seen, stack = {top}, [top]
    while stack:
        for line in lines.get(stack.pop(), ()):
            if line.component not in seen:
                seen.add(line.component)
                stack.append(line.component)
    return seen


def _pairs_of_lines(
    left: Sequence[BillLine], right: Sequence[BillLine]
) -> list[tuple[BillLine | None, BillLine | None]]:
    """Lines of one component beside each other: at the same operation first, then in order of their days."""
    pairs: list[tuple[BillLine | None, BillLine | None]] = []
    rest_left, rest_right = list(left), list(right)
    for key in (_place_and_day, _place, _component):
        waiting: dict[object, list[BillLine]] = defaultdict(list)
        for line in rest_right:
            waiting[key(line)].append(line)
        still = []
        for line in rest_left:
            if waiting[key(line)]:
                match = waiting[key(line)].pop(0)
                rest_right.remove(match)
                pairs.append((line, match))
            else:
                still.append(line)
        rest_left = still
    pairs += [(line, None) for line in rest_left]
    pairs += [(None, line) for line in rest_right]
    return sorted(pairs, key=lambda pair: _shown_order(pair[0] or pair[1]))


def _place_and_day(line: BillLine) -> object:
    return (line.component, line.operation, line.line_from)


def _place(line: BillLine) -> object:
    return (line.component, line.operation)


def _component(line: BillLine) -> object:
    return line.component


def _shown_order(line: BillLine | None) -> tuple[int, str]:
    return (line.operation or 0, line.component) if line else (0, "")


def _difference(before: BillLine | None, after: BillLine | None) -> Difference | None:
    line = after or before
    if line is None:
        return None
    kind, changes = CHANGED, list[str]()
    if before is None or after is None:
        kind = ADDED if before is None else REMOVED
    else:
        changes = [name for name in _COMPARED if getattr(before, name) != getattr(after, name)]
        if not changes:
            return None
    return Difference(
        kind=kind,
        parent=line.parent,
        component=line.component,
        before=before,
        after=after,
        changes=tuple(changes),
    )
