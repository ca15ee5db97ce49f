"""Cycle counts: opened for a selection of items, counted, posted to the ledger in one transaction.

The rule for what moves meanwhile: a line is compared with the balance of its place at the moment it was
counted, and posting adds that difference to the ledger. Movements before that moment are in both figures,
later ones in neither, so none is undone. A place is on one open sheet at a time, and a correction of the
place after it was counted calls for a new count.

Locks: the sheet, then items in primary-key order.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from inventory.errors import CountNotFound, CountNotOpen, InvalidCount, Issue, PlaceCountedAlready
from inventory.models import MAIN, CountStatus, CycleCount, CycleCountLine
from inventory.models.fields import QTY, QTY_LIMIT, ZERO
from inventory.selectors import items_by_code, list_count_lines, list_open_count_lines, unit_values
from inventory.services.ledger import Place, balances_of, lock_items
from inventory.services.numbering import next_ref

PREFIX = "CC"
MAX_LINES = 20_000
# The smallest quantity there is.
PLACES = Decimal(1).scaleb(-QTY["decimal_places"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """``qty`` units of an item were found at a place; ``path`` is where the caller said so."""

    item: str
    qty: Decimal
    location: str = MAIN
    lot: str | None = None
    path: str = ""


@transaction.atomic
def open_count(
    *,
    item_ids: Collection[int],
    now: dt.datetime,
    location: str | None = None,
    tolerance: Decimal = ZERO,
    note: str = "",
    by: Any = None,
) -> CycleCount:
    """A draft of a sheet: every place that holds one of the items, in one ``location`` if it is given.

    An item that lies nowhere gets one line, so that what nobody knows of can be found.
    """
    items = lock_items(item_ids)
    places = [place for place in balances_of(items, until=now) if location in (None, place[1])]
    held = {place[0] for place in places}
    places += [(pk, location or MAIN, None) for pk in items if pk not in held]
    if not places or len(places) > MAX_LINES:
        found = f"{len(places)} places" if places else "no item"
        text = f"Choose between 1 and {MAX_LINES} places to count: {found} fit the selection."
        raise InvalidCount([Issue("items", text)])
    _refuse_counted_elsewhere(places, sheet=None)
    count = CycleCount(
        ref=next_ref(PREFIX, is_taken=lambda ref: CycleCount.objects.filter(ref=ref).exists()),
        tolerance=tolerance,
        note=note,
        opened_at=now,
        opened_by=by,
    )
    count.full_clean(exclude=["opened_by"])
    count.changed_by = by
    count.save()
    rows = [_new_line(count, place) for place in places]
    bulk_create_with_history(rows, CycleCountLine, default_user=by, default_date=now)
    return count


@transaction.atomic
def start_count(*, ref: str, now: dt.datetime, by: Any = None) -> CycleCount:
    """Freeze what the ledger expects at every place; from now on counts are taken."""
    count, rows = lock_count(ref, CountStatus.DRAFT)
    balances = balances_of(lock_items(row.item_id for row in rows), until=now)
    for row in rows:
        row.expected_qty = balances.get(_place(row), ZERO)
    _update_lines(rows, ["expected_qty"], now=now, by=by)
    count.status = CountStatus.COUNTING
    count.started_at = now
    save_count(count, ["status", "started_at"], by)
    return count


@transaction.atomic
def record_counts(
    *,
    ref: str,
    counted: Sequence[Counted],
    now: dt.datetime,
    counted_at: dt.datetime | None = None,
    by: Any = None,
) -> CycleCount:
    """Take down what was found, all of it or nothing; counting a line again replaces what stood there.

    ``counted_at`` is the moment somebody looked, where that was before ``now``. A place that is not on the
    sheet is added to it: what is found where nothing was expected has to be counted too.
    """
    count, rows = lock_count(ref, CountStatus.COUNTING)
    moment = counted_at or now
    started = count.started_at or now
    if not started <= moment <= now:
        text = f"A moment from {started:%Y-%m-%d %H:%M:%S%z}, when counting began, until now is expected."
        raise InvalidCount([Issue("counted_at", text)])
    codes = items_by_code(row.item for row in counted)
    lock_items(item.pk for item in codes.values())
    by_place = {_place(row): row for row in rows}
    _refuse_bad(counted, codes)
    wanted: dict[Place, Counted] = {(codes[c.item].pk, c.location, c.lot): c for c in counted}
    found = [place for place in wanted if place not in by_place]
    _refuse_counted_elsewhere(found, sheet=count)
    new = [_new_line(count, place) for place in found]
    at_start = balances_of({place[0] for place in found}, until=started)
    for row in new:
        row.expected_qty = at_start.get(_place(row), ZERO)
    bulk_create_with_history(new, CycleCountLine, default_user=by, default_date=now)
    by_place |= {_place(row): row for row in _lines(count)} if new else {}
    book = balances_of({place[0] for place in wanted}, until=moment)
    worth = unit_values({place[0] for place in wanted}, on=now.date())
    for place, entry in wanted.items():
        row = by_place[place]
        row.counted_qty = entry.qty
        row.book_qty = book.get(place, ZERO)
        row.unit_value = worth[place[0]]
        row.counted_at = moment
        row.counted_by = by
    changed = [by_place[place] for place in wanted]
    columns = ["counted_qty", "book_qty", "unit_value", "counted_at", "counted_by"]
    _update_lines(changed, columns, now=now, by=by)
    return count


@transaction.atomic
def cancel_count(*, ref: str, now: dt.datetime, by: Any = None) -> CycleCount:
    """Give a sheet up; nothing of it reaches the ledger."""
    count, _ = lock_count(ref, CountStatus.DRAFT, CountStatus.COUNTING)
    count.status = CountStatus.CANCELLED
    count.ended_at = now
    count.ended_by = by
    save_count(count, ["status", "ended_at", "ended_by"], by)
    return count


def lock_count(ref: str, *states: CountStatus) -> tuple[CycleCount, list[CycleCountLine]]:
    """Lock a sheet in one of ``states`` and read its lines. For callers within a transaction."""
    count = CycleCount.objects.select_for_update(of=("self",)).filter(ref=ref).first()
    if count is None:
        raise CountNotFound(f"There is no cycle count {ref}.")
    if count.status not in states:
        wanted = " or ".join(state.label.lower() for state in states)
        raise CountNotOpen(f"{ref} is {count.get_status_display().lower()}; it would have to be {wanted}.")
    return count, _lines(count)


def save_count(count: CycleCount, columns: list[str], by: Any) -> None:
    """Store a new version of a sheet."""
    count.version += 1
    count.changed_by = by
    count.save(update_fields=[*columns, "version"])


def _lines(count: CycleCount) -> list[CycleCountLine]:
    return list(list_count_lines().filter(count=count))


def _update_lines(rows: Iterable[CycleCountLine], columns: list[str], *, now: dt.datetime, by: Any) -> None:
    changed = list(rows)
    for row in changed:
        row.version += 1
    bulk_update_with_history(
        changed, CycleCountLine, [*columns, "version"], batch_size=500, default_user=by, default_date=now
    )


def _new_line(count: CycleCount, place: Place) -> CycleCountLine:
    item_id, location, lot = place
    row = CycleCountLine(count=count, item_id=item_id, location=location, lot=lot)
    row.clean_fields(exclude=["count", "item"])
    return row


def _place(row: CycleCountLine) -> Place:
    return row.item_id, row.location, row.lot


def _refuse_counted_elsewhere(places: Collection[Place], *, sheet: CycleCount | None) -> None:
    """Two open sheets would both post the same difference. The items are locked."""
    rows = list_open_count_lines().filter(item__in={place[0] for place in places})
    others = [row for row in rows if row.count_id != (sheet and sheet.pk) and _place(row) in places]
    if others:
        raise PlaceCountedAlready(
            [Issue(str(row), f"is on {row.count.ref}: post or cancel that sheet first.") for row in others]
        )


def _refuse_bad(counted: Sequence[Counted], codes: dict[str, Any]) -> None:
    issues: list[Issue] = []
    seen: set[Place] = set()
    for number, entry in enumerate(counted):
        path = entry.path or f"/lines/{number}"
        place = (codes[entry.item].pk, entry.location, entry.lot)
        if place in seen:
            issues.append(Issue(path, f"{entry.item} at {entry.location} is counted twice: add it up."))
        seen.add(place)
        qty = entry.qty
        if not qty.is_finite() or not 0 <= qty <= QTY_LIMIT:
            text = f"A quantity from 0 to {QTY_LIMIT} is expected, not {f'{qty}'[:40]}."
            issues.append(Issue(path, text))
        elif qty != qty.quantize(PLACES):
            text = f"At most {QTY['decimal_places']} decimals are kept, so {f'{qty}'[:40]} is no count."
            issues.append(Issue(path, text))
    if issues:
        raise InvalidCount(issues)
