"""What inventory refuses, each with a stable ``code`` and a sentence for the user."""

import datetime as dt
from dataclasses import dataclass


class InventoryError(Exception):
    """A rule of inventory would be broken."""

    code = "inventory_error"


class AppendOnlyRow(InventoryError):
    """A row of an append-only table was about to be changed or removed."""

    code = "append_only"


class BomCycle(InventoryError):
    """An item would be a component of itself. ``path`` runs from the item back to it."""

    code = "bom_cycle"

    def __init__(self, path: list[str]) -> None:
        self.path = path
        super().__init__(f"An item cannot be part of itself: {' > '.join(path)}.")


class BomOverlap(InventoryError):
    """Two lines would take the same component at the same operation on some day, hence twice.

    ``revision`` is that of the line that stands there already, ``line`` its key, ``first_day`` the first such
    day; ``None``: from the first day on.
    """

    code = "bom_overlap"

    def __init__(self, message: str, *, revision: str, line: int, first_day: dt.date | None) -> None:
        self.revision = revision
        self.line = line
        self.first_day = first_day
        super().__init__(message)


class StockWouldBeNegative(InventoryError):
    """More was to leave a place than lies there."""

    code = "stock_negative"


class SameLocation(InventoryError):
    """A transfer that goes nowhere."""

    code = "same_location"


class InvalidQuantity(InventoryError):
    """A quantity that nobody can have meant."""

    code = "invalid_quantity"


class OverReceipt(InventoryError):
    """More was to be received than is still open on the purchase order."""

    code = "over_receipt"


class NotBought(InventoryError):
    """The item cannot be ordered from a supplier."""

    code = "not_bought"


class ItemNotFound(InventoryError):
    """No item has this code. ``field`` says where it was named."""

    code = "item_not_found"

    def __init__(self, code: str, field: str = "item") -> None:
        self.field = field
        super().__init__(f"There is no item {code}.")


class InvalidMovements(InventoryError):
    """Movements that cannot be booked together; ``code`` is that of the first, ``issues`` name them all."""

    def __init__(self, issues: "list[Issue]", *, code: str) -> None:
        self.issues = issues
        self.code = code
        super().__init__(" ".join(issue.message for issue in issues[:10]))


class PurchaseOrderNotFound(InventoryError):
    """No purchase order, or line of it, has this ref."""

    code = "purchase_order_not_found"


class InvalidPurchase(InventoryError):
    """What was to be ordered does not fit what is known; ``issues`` name each place."""

    code = "invalid_purchase"

    def __init__(self, issues: "list[Issue]") -> None:
        self.issues = issues
        super().__init__(" ".join(issue.message for issue in issues[:10]))


class RefTaken(InventoryError):
    """A purchase order or line has this ref already."""

    code = "ref_taken"


class NothingOpen(InventoryError):
    """Nothing is to come any more, so nothing of it can be received, cancelled or moved."""

    code = "nothing_open"


class ReferenceTaken(InventoryError):
    """The same reference came with other contents before."""

    code = "reference_taken"


class CountNotFound(InventoryError):
    """No cycle count has this ref."""

    code = "count_not_found"


class CountNotOpen(InventoryError):
    """The sheet is not in the state that the act needs."""

    code = "count_not_open"


class InvalidCount(InventoryError):
    """What was counted cannot be taken as it is; ``issues`` name each line with its place and the remedy."""

    code = "invalid_count"

    def __init__(self, issues: "list[Issue]") -> None:
        self.issues = issues
        shown = " ".join(f"{issue.path}: {issue.message}" for issue in issues[:10])
        more = f" And {len(issues) - 10} more." if len(issues) > 10 else ""
        super().__init__(shown + more)


class NotYetSure(InvalidCount):
    """Lines are not counted, or differ by more than the tolerance: post only if that is said to be right."""

    code = "count_needs_a_second_look"


class PlaceCountedAlready(InvalidCount):
    """A place stands on another open sheet: both would correct it."""

    code = "place_on_another_count"


@dataclass(frozen=True, slots=True)
class Issue:
    """One line that was not accepted: its place, and what is the matter with it."""

    path: str
    message: str
