"""The ledger while somebody writes into it: what lies where, and the rows that change it.

Balances are read once and kept in mind, rows are written together at the end: a call of 2,000 lines takes as
many queries as one of a single line.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from inventory.errors import InvalidQuantity, SameLocation, StockWouldBeNegative
from inventory.models import Item, MovementKind, StockMovement
from inventory.models.fields import QTY_LIMIT, ZERO, plain
from inventory.selectors import exact

Place = tuple[int, str, str | None]


def lock_items(item_ids: Iterable[int]) -> dict[int, Item]:
    """Movements of one item wait for each other, so that a balance that was read stays true.

    Several items are locked in primary-key order, so that nobody waits in a circle.
    """
    wanted = set(item_ids)
    rows = Item.objects.select_for_update(of=("self",)).select_related("uom").filter(pk__in=wanted)
    found = {item.pk: item for item in rows.order_by("pk")}
    if len(found) != len(wanted):
        raise Item.DoesNotExist(f"There is no item with key {min(wanted - found.keys())}.")
    return found


def balances_of(item_ids: Collection[int], *, until: dt.datetime | None = None) -> dict[Place, Decimal]:
    """What the ledger holds of the items at each place that is not empty, after all until that moment."""
    movements = StockMovement.objects.filter(item__in=list(item_ids))
    if until is not None:
        movements = movements.filter(at__lte=until)
    sums = movements.values_list("item_id", "location", "lot").annotate(balance=Sum("qty"))
    rows = sums.order_by("item_id", "location", "lot")
    return {(pk, place, lot): exact(total) for pk, place, lot, total in rows if exact(total)}


def require_positive(qty: Decimal) -> None:
    """A quantity that somebody can have meant."""
    if not qty.is_finite() or not 0 < qty <= QTY_LIMIT:
        raise InvalidQuantity(f"A quantity above 0, up to {QTY_LIMIT}, is expected, not {qty}.")


class Ledger:
    """Movements of ``items``, which are locked, each seeing those before it; ``write`` stores them.

    An act that is refused has moved nothing, and the next one may be tried.
    """

    def __init__(
        self, items: Mapping[int, Item], *, now: dt.datetime, reference: str = "", by: Any = None
    ) -> None:
        self._items = items
        self._told = {"reference": reference, "at": now, "by": by}
        self._held = balances_of(items.keys())
        self._rows: list[StockMovement] = []

    def places_of(self, item_id: int) -> list[tuple[Place, Decimal]]:
        """Where something lies of an item, by location and lot."""
        places = [(place, qty) for place, qty in self._held.items() if place[0] == item_id and qty]
        return sorted(places, key=lambda found: (found[0][1], found[0][2] or ""))

    def receive(self, place: Place, qty: Decimal, *, note: str = "") -> None:
        """Put ``qty`` units in a place."""
        require_positive(qty)
        self.move(place, qty, kind=MovementKind.RECEIPT, note=note)

    def issue(self, place: Place, qty: Decimal, *, note: str = "") -> None:
        """Take ``qty`` units out of a place; never more than lie there."""
        require_positive(qty)
        self._refuse_shortage(place, qty)
        self.move(place, -qty, kind=MovementKind.ISSUE, note=note)

    def adjust(self, place: Place, counted: Decimal, *, note: str = "") -> None:
        """Make the balance of a place what was counted; one that was right already gets no row."""
        if not counted.is_finite() or not 0 <= counted <= QTY_LIMIT:
            raise InvalidQuantity(f"A count from 0 to {QTY_LIMIT} is expected, not {counted}.")
        difference = counted - self._balance(place)
        if difference:
            self.move(place, difference, kind=MovementKind.ADJUSTMENT, note=note)

    def transfer(self, place: Place, to_location: str, qty: Decimal, *, note: str = "") -> None:
        """Carry units of one lot to another location: two rows, which add up to nothing."""
        require_positive(qty)
        item_id, location, lot = place
        if location == to_location:
            raise SameLocation(f"{location} is where it lies already: another location is expected.")
        target = (item_id, to_location, lot)
        self._refuse_shortage(place, qty)
        self._refuse_excess(target, qty)
        self.move(place, -qty, kind=MovementKind.TRANSFER, note=note or f"to {to_location}")
        self.move(target, qty, kind=MovementKind.TRANSFER, note=note or f"from {location}")

    def move(
        self,
        place: Place,
        qty: Decimal,
        *,
        kind: MovementKind,
        note: str = "",
        reference: str | None = None,
    ) -> None:
        """One row of the ledger. What leaves a place lies there, as the caller has seen to."""
        if qty > 0:
            self._refuse_excess(place, qty)
        item_id, location, lot = place
        told = self._told if reference is None else self._told | {"reference": reference}
        row = StockMovement(
            item=self._items[item_id], location=location, lot=lot, qty=qty, kind=kind, note=note, **told
        )
        row.clean_fields(exclude=["item", "by"])
        self._held[place] = self._balance(place) + qty
        self._rows.append(row)

    def write(self) -> list[StockMovement]:
        """Store the rows, in the order in which they were made."""
        return StockMovement.objects.bulk_create(self._rows)

    def _balance(self, place: Place) -> Decimal:
        return self._held.get(place, ZERO)

    def _refuse_shortage(self, place: Place, qty: Decimal) -> None:
        there = self._balance(place)
        if qty > there:
            item, (_, location, lot) = self._items[place[0]], place
            of_lot = f" in lot {lot}" if lot else ""
            raise StockWouldBeNegative(
                f"{plain(there)} {item.uom} of {item} are at {location}{of_lot}; "
                f"{plain(qty)} cannot be taken."
            )

    def _refuse_excess(self, place: Place, qty: Decimal) -> None:
        """A balance above the limit of quantities would be refused by every plan that reads it."""
        there = self._balance(place)
        if there + qty > QTY_LIMIT:
            raise InvalidQuantity(
                f"{plain(there)} of {self._items[place[0]]} are at {place[1]}; with {plain(qty)} more it "
                f"would be more than {QTY_LIMIT}. Correct what lies there first."
            )
