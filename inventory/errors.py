"""What inventory refuses, each with a stable ``code`` and a sentence for the user."""


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


class StockWouldBeNegative(InventoryError):
    """More was to leave a place than lies there."""

    code = "stock_negative"


class InvalidQuantity(InventoryError):
    """A quantity that nobody can have meant."""

    code = "invalid_quantity"


class OverReceipt(InventoryError):
    """More was to be received than is still open on the purchase order."""

    code = "over_receipt"


class NotBought(InventoryError):
    """The item cannot be ordered from a supplier."""

    code = "not_bought"
