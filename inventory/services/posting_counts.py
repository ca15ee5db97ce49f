"""The end of a cycle count: its differences become adjustments, all in one transaction."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from inventory.errors import InvalidCount, Issue, NotYetSure
from inventory.models import CountStatus, CycleCount, CycleCountLine, MovementKind, StockMovement
from inventory.models.fields import ZERO, plain
from inventory.selectors import exact
from inventory.services.counting import lock_count, save_count
from inventory.services.ledger import Ledger, balances_of, lock_items


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSummary:
    """How far a sheet is. ``gains`` is the value of what the ledger did not know, ``losses`` (below zero) of
    what it only thought it had.
    """

    lines: int
    counted: int
    differing: int
    gains: Decimal
    losses: Decimal

    @property
    def net(self) -> Decimal:
        return self.gains + self.losses


def summarize(lines: Iterable[CycleCountLine]) -> CountSummary:
    """Count the lines of a sheet, and value the differences that are known."""
    rows = list(lines)
    values = [(row.difference or ZERO) * (row.unit_value or ZERO) for row in rows]
    return CountSummary(
        lines=len(rows),
        counted=sum(row.counted_qty is not None for row in rows),
        differing=sum(bool(row.difference) for row in rows),
        gains=exact(sum((value for value in values if value > 0), ZERO)),
        losses=exact(sum((value for value in values if value < 0), ZERO)),
    )


@transaction.atomic
def post_count(
    *,
    ref: str,
    now: dt.datetime,
    accept_differences: bool = False,
    leave_uncounted: bool = False,
    by: Any = None,
) -> CycleCount:
    """Bring the ledger to what was counted.

    Lines that are not counted (``leave_uncounted``) or differ by more than the tolerance
    (``accept_differences``) must be said to be right, else ``NotYetSure`` names them. A line that later
    movements or corrections have overtaken is refused whatever is said: it has to be counted again.
    """
    count, rows = lock_count(ref, CountStatus.COUNTING)
    ledger = Ledger(lock_items(row.item_id for row in rows), now=now, reference=count.ref, by=by)
    overtaken = list(_overtaken(rows))
    if overtaken:
        raise InvalidCount(overtaken)
    doubts = list(_doubts(rows, count, accept_differences, leave_uncounted))
    if doubts:
        raise NotYetSure(doubts)
    for row in sorted(rows, key=lambda line: (line.item_id, line.pk)):
        if row.difference:
            ledger.move(
                (row.item_id, row.location, row.lot),
                row.difference,
                kind=MovementKind.ADJUSTMENT,
                note=f"counted {plain(row.counted_qty or ZERO)}, {plain(row.book_qty or ZERO)} in the books",
            )
    ledger.write()
    count.status = CountStatus.POSTED
    count.ended_at = now
    count.ended_by = by
    save_count(count, ["status", "ended_at", "ended_by"], by)
    return count


def _doubts(
    rows: list[CycleCountLine], count: CycleCount, accept_differences: bool, leave_uncounted: bool
) -> Iterator[Issue]:
    for row in rows:
        if row.difference is None:
            if not leave_uncounted:
                yield Issue(str(row), "is not counted: count it, or say that it may be left out.")
        elif not accept_differences and not row.is_within(count.tolerance):
            yield Issue(
                str(row),
                f"{plain(row.counted_qty or ZERO)} were counted and {plain(row.book_qty or ZERO)} are in the "
                "books, more apart than the tolerance: count it again, or say that the difference is right.",
            )


def _overtaken(rows: list[CycleCountLine]) -> Iterator[Issue]:
    """Lines whose place was corrected since, or would go below zero."""
    differing = [row for row in rows if row.difference]
    corrected = _corrected({row.item_id for row in differing})
    held = balances_of({row.item_id for row in differing})
    for row in differing:
        since = corrected.get((row.item_id, row.location, row.lot))
        if since is not None and row.counted_at is not None and since > row.counted_at:
            yield Issue(str(row), "was corrected in the ledger after it was counted: count it again.")
            continue
        there = held.get((row.item_id, row.location, row.lot), ZERO)
        if there + (row.difference or ZERO) < 0:
            yield Issue(
                str(row),
                f"holds {plain(there)} in the books by now, of which {plain(-(row.difference or ZERO))} "
                "would have to go: count it again.",
            )


def _corrected(item_ids: set[int]) -> dict[tuple[int, str, str | None], dt.datetime]:
    """When each place was last corrected."""
    rows = StockMovement.objects.filter(item__in=item_ids, kind=MovementKind.ADJUSTMENT).order_by("at", "pk")
    return {
        (pk, location, lot): at
        for pk, location, lot, at in rows.values_list("item_id", "location", "lot", "at")
    }
