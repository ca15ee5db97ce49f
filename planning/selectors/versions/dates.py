"""Instalments whose date is another one in the other plan: by how many days, and why."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from inventory.models.fields import plain
from planning.models import PlanPromise

Key = tuple[str, int, int]
LATER, EARLIER, NEW, GONE, LOST, FOUND = "later", "earlier", "new", "gone", "no_date", "dated"
KINDS = (LATER, LOST, EARLIER, FOUND, NEW, GONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMove:
    """``days`` is positive when the date moves to a later day, None where one of the two has no date.

    ``kind``: later, earlier, new (only in the second plan), gone (only in the first), no_date (the second
    plan never delivers it), dated (the first never did). ``late_before`` and ``late_after``: days late.
    """

    sales_order: str
    line: int
    instalment: int
    item: str
    qty: Decimal
    requested: dt.date
    before: dt.date | None
    after: dt.date | None
    days: int | None
    kind: str
    late_before: int
    late_after: int
    why: tuple[str, ...]


def compare_dates(before: int, after: int) -> tuple[tuple[DateMove, ...], int]:
    """What moved, the longest delay first, and how many dates stayed. 1 query."""
    found: dict[int, dict[Key, PlanPromise]] = {before: {}, after: {}}
    for row in PlanPromise.objects.filter(run__in=[before, after]).defer("deliveries", "chain"):
        found[row.run_id][row.sales_order, row.line, row.instalment] = row
    one, two = found[before], found[after]
    moves = [_move(one.get(key), two.get(key)) for key in one.keys() | two.keys()]
    moved = [move for move in moves if move is not None]
    moved.sort(key=lambda each: (KINDS.index(each.kind), -abs(each.days or 0), *_key(each)))
    return tuple(moved), len(moves) - len(moved)


def _key(move: DateMove) -> Key:
    return move.sales_order, move.line, move.instalment


def _move(one: PlanPromise | None, two: PlanPromise | None) -> DateMove | None:
    row = two or one
    if row is None or (one is not None and two is not None and one.promised == two.promised):
        return None
    before, after = one.promised if one else None, two.promised if two else None
    return DateMove(
        sales_order=row.sales_order,
        line=row.line,
        instalment=row.instalment,
        item=row.item,
        qty=row.qty,
        requested=row.requested,
        before=before,
        after=after,
        days=(after - before).days if before and after else None,
        kind=_kind(one, two),
        late_before=one.days_late if one else 0,
        late_after=two.days_late if two else 0,
        why=tuple(_why(one, two)),
    )


def _kind(one: PlanPromise | None, two: PlanPromise | None) -> str:
    if one is None:
        return NEW
    if two is None:
        return GONE
    if two.promised is None:
        return LOST
    if one.promised is None:
        return FOUND
    return LATER if two.promised > one.promised else EARLIER


def _why(one: PlanPromise | None, two: PlanPromise | None) -> Iterator[str]:
    """What changed in the order itself, then the reasons that only one of the plans has."""
    if one is None:
        yield f"Only plan {two.run_id if two else ''} knows it: it came in between."
    elif two is None:
        yield f"Only plan {one.run_id} knows it: it was shipped, held, changed or cancelled in between."
    else:
        yield from _order_changes(one, two)
        moved = (two.promised or dt.date.max) > (one.promised or dt.date.max)
        told = list(_reasons(two, one) if moved else _reasons(one, two))
        if told:
            yield from told if moved else (f"No more: {text}" for text in told)
        elif not two.days_late and not one.days_late:
            yield "In time in both plans."


def _order_changes(one: PlanPromise, two: PlanPromise) -> Iterator[str]:
    if one.requested != two.requested:
        yield f"Wanted on {two.requested}, before on {one.requested}."
    if one.qty != two.qty:
        yield f"{plain(two.qty)} units, before {plain(one.qty)}."
    if one.item != two.item:
        yield f"{two.item}, before {one.item}."


def _reasons(row: PlanPromise, other: PlanPromise) -> Iterator[str]:
    """Reasons of lateness that count more days than in the other plan."""
    known = {(each["code"], each["entity"]): each["days"] for each in other.reasons}
    for each in row.reasons:
        more = round(each["days"] - known.get((each["code"], each["entity"]), 0), 1)
        if more > 0:
            yield f"{each['text']} ({more:+g} d)" if known else f"{each['text']} ({each['days']:g} d)"
