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
from inventory.services.ledger import Ledger, Place, lock_items


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """``qty`` of an item at a place; of an adjustment what was found there, of a transfer what is carried."""

    item: str
    qty: Decimal
    location: str = MAIN
    lot: str | None = None
    to_location: str = ""

    def place_of(self, item_id: int) -> Place:
        """Where it lies."""
        return item_id, self.location, self.lot


ACTS: dict[str, Callable[[Ledger, int, StockLine, str], None]] = {
    "receipt": lambda ledger, item_id, line, note: ledger.receive(
        line.place_of(item_id), line.qty, note=note
    ),
    "issue": lambda ledger, item_id, line, note: ledger.issue(line.place_of(item_id), line.qty, note=note),
    "adjustment": lambda ledger, item_id, line, note: ledger.adjust(
        line.place_of(item_id), line.qty, note=note
    ),
    "transfer": lambda ledger, item_id, line, note: ledger.transfer(
        line.place_of(item_id), line.to_location, line.qty, note=note
    ),
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
    """Do an act of ``ACTS`` to each line; every line that cannot be done is named, and then none is.

    The number of queries does not grow with the lines.
    """
    items = items_by_code(line.item for line in lines)
    ledger = Ledger(lock_items(item.pk for item in items.values()), now=now, reference=reference, by=by)
    refused: list[tuple[int, InventoryError]] = []
    for number, line in enumerate(lines):
        try:
            ACTS[act](ledger, items[line.item].pk, line, note)
        except InventoryError as error:
            refused.append((number, error))
    if refused:
        issues = [Issue(f"/lines/{number}", str(error)) for number, error in refused]
        raise InvalidMovements(issues, code=refused[0][1].code)
    return ledger.write()
