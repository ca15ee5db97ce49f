"""The admin of inventory: items, bills of materials, suppliers, purchase orders, the stock ledger."""

from inventory.admin import boms, items, stock, supply

__all__ = ["boms", "items", "stock", "supply"]
