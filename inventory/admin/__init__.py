"""The admin of inventory: items, bills of materials, suppliers, purchase orders, the stock ledger."""

from inventory.admin import boms, counts, items, purchases, stock, supply

__all__ = ["boms", "counts", "items", "purchases", "stock", "supply"]
