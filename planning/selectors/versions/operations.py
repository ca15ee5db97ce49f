"""Operations of two plans: which begin at another moment or at another station.

What is alike in item, step, quantity, station and moment has not moved. The rest is paired by the id of its
order where both plans have it, as a plan on the base of the other does, else by item and step in the order of
starts.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import zip_longest
from typing import NamedTuple

from planning.models import PlannedOperation

OUTSIDE = ""


class Placed(NamedTuple):
    """An operation where it is planned; ``work_centre`` is empty where it is done outside."""

    start: dt.datetime
    end: dt.datetime
    work_centre: str
    station: int
    qty: Decimal
    order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationMove:
    """``days``: by how much it begins later; None where only one of the plans has it."""

    item: str
    seq: int
    before: Placed | None
    after: Placed | None

    @property
    def days(self) -> float | None:
        if self.before is None or self.after is None:
            return None
        return (self.after.start - self.before.start) / dt.timedelta(days=1)

    @property
    def kind(self) -> str:
        if self.before is None or self.after is None:
            return "added" if self.before is None else "removed"
        return "moved"

    @property
    def work_centre(self) -> str:
        placed = self.after or self.before
        return placed.work_centre if placed else OUTSIDE


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreMoves:
    """Operations of one work centre (of the second plan, where it has them): how many moved, and how far.

    ``mean_days`` is over those that moved, earlier or later.
    """

    work_centre: str
    unmoved: int
    moved: int
    added: int
    removed: int
    mean_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationMoves:
    """``moves``: the farthest first, then those that only one plan has."""

    before: int
    after: int
    unmoved: int
    moves: tuple[OperationMove, ...]
    centres: tuple[CentreMoves, ...]

    def count(self, kind: str) -> int:
        return sum(move.kind == kind for move in self.moves)


def compare_operations(before: int, after: int) -> OperationMoves:
    """1 query, O(n log n) in the operations."""
    one, two = _read(before, after)
    unmoved: Counter[str] = Counter()
    moves: list[OperationMove] = []
    for item, seq in one.keys() | two.keys():
        left, right = list(one.get((item, seq), ())), list(two.get((item, seq), ()))
        for placed in _take_alike(left, right):
            unmoved[placed.work_centre] += 1
        moves += (
            OperationMove(item=item, seq=seq, before=old, after=new) for old, new in _pairs(left, right)
        )
    moves.sort(key=_farthest)
    return OperationMoves(
        before=sum(map(len, one.values())),
        after=sum(map(len, two.values())),
        unmoved=unmoved.total(),
        moves=tuple(moves),
        centres=tuple(_by_centre(unmoved, moves)),
    )


_Places = dict[tuple[str, int], list[Placed]]


def _read(before: int, after: int) -> tuple[_Places, _Places]:
    found: dict[int, _Places] = {before: defaultdict(list), after: defaultdict(list)}
    rows = PlannedOperation.objects.filter(run__in=[before, after]).order_by()
    columns = ("run", "item", "seq", "start", "end", "work_centre", "station", "qty", "order")
    for run, item, seq, start, end, centre, station, qty, order in rows.values_list(*columns):
        found[run][item, seq].append(Placed(start, end, centre or OUTSIDE, station or 0, qty, order))
    return found[before], found[after]


def _take_alike(left: list[Placed], right: list[Placed]) -> Iterator[Placed]:
    """Take out of both what stands in the same place, whatever its order is called."""
    waiting: dict[tuple[object, ...], list[Placed]] = defaultdict(list)
    for placed in right:
        waiting[_place(placed)].append(placed)
    rest = []
    for placed in left:
        if waiting[_place(placed)]:
            yield waiting[_place(placed)].pop()
        else:
            rest.append(placed)
    left[:] = rest
    right[:] = [placed for alike in waiting.values() for placed in alike]


def _place(placed: Placed) -> tuple[object, ...]:
    return placed.start, placed.end, placed.work_centre, placed.station, placed.qty


def _pairs(left: Iterable[Placed], right: Iterable[Placed]) -> Iterator[tuple[Placed | None, Placed | None]]:
    """By the name of the order and its quantity, then by start."""
    named: dict[tuple[str, Decimal], list[Placed]] = defaultdict(list)
    for placed in sorted(right, reverse=True):
        named[placed.order, placed.qty].append(placed)
    rest = []
    for placed in sorted(left):
        if named[placed.order, placed.qty]:
            yield placed, named[placed.order, placed.qty].pop()
        else:
            rest.append(placed)
    yield from zip_longest(rest, sorted(placed for waiting in named.values() for placed in waiting))


def _farthest(move: OperationMove) -> tuple[object, ...]:
    placed = move.after or move.before
    days = move.days
    return days is None, -abs(days or 0), move.item, move.seq, placed


def _by_centre(unmoved: Counter[str], moves: list[OperationMove]) -> Iterator[CentreMoves]:
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    days: dict[str, float] = defaultdict(float)
    for move in moves:
        kinds[move.work_centre][move.kind] += 1
        days[move.work_centre] += abs(move.days or 0)
    for code in sorted(unmoved.keys() | kinds.keys(), key=lambda each: (each == OUTSIDE, each)):
        count = kinds[code]
        yield CentreMoves(
            work_centre=code,
            unmoved=unmoved[code],
            moved=count["moved"],
            added=count["added"],
            removed=count["removed"],
            mean_days=days[code] / count["moved"] if count["moved"] else 0.0,
        )
