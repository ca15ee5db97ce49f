"""Several movements as one act: all of them or none, whichever items they are about."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from inventory.errors import InvalidMovements, InventoryError, Issue
from inventory.models import MAIN, StockMovement
from inventory.selectors import items_by_code
from inventory.services.stock import adjust_stock, issue_stock, lock_items, receive_stock, transfer_stock


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """``qty`` of an item at a place; of an adjustment what was found there, of a transfer what is carried."""

    item: str
    qty: Decimal
    location: str = MAIN
    lot: str | None = None
    to_location: str = ""


def _receive(item_id: int, line: StockLine, told: dict[str, Any]) -> list[StockMovement]:
    return [receive_stock(item_id=item_id, qty=line.qty, location=line.location, lot=line.lot, **told)]


def _issue(item_id: int, line: StockLine, told: dict[str, Any]) -> list[StockMovement]:
    return [issue_stock(item_id=item_id, qty=line.qty, location=line.location, lot=line.lot, **told)]


def _adjust(item_id: int, line: StockLine, told: dict[str, Any]) -> list[StockMovement]:
    row = adjust_stock(item_id=item_id, counted=line.qty, location=line.location, lot=line.lot, **told)
    return [row] if row else []


def _transfer(item_id: int, line: StockLine, told: dict[str, Any]) -> list[StockMovement]:
    rows = transfer_stock(
        item_id=item_id,
        qty=line.qty,
        lot=line.lot,
        from_location=line.location,
        to_location=line.to_location,
        **told,
    )
    return list(rows)


ACTS: dict[str, Callable[[int, StockLine, dict[str, Any]], list[StockMovement]]] = {
    "receipt": _receive,
    "issue": _issue,
    "adjustment": _adjust,
    "transfer": _transfer,
}


@transaction.atomic
def book_stock(
    *,
    act: str,
    lines: Sequence[StockLine],
    now: dt.datetime,
    reference: str = "",
    note: str = "",
    by: Any = None,
) -> list[StockMovement]:
    """Do an act of ``ACTS`` to each line; every line that cannot be done is named, and then none is."""
    items = items_by_code(line.item for line in lines)
    lock_items(item.pk for item in items.values())
    told = {"now": now, "reference": reference, "note": note, "by": by}
    movements: list[StockMovement] = []
    refused: list[tuple[int, InventoryError]] = []
    for number, line in enumerate(lines):
        try:
            movements += ACTS[act](items[line.item].pk, line, told)
        except InventoryError as error:
            refused.append((number, error))
    if refused:
        issues = [Issue(f"/lines/{number}", str(error)) for number, error in refused]
        raise InvalidMovements(issues, code=refused[0][1].code)
    return movements
