"""What exists: items, what they are made of, what we have and can buy."""

from inventory.models.boms import BillOfMaterials, BomLine, BomSubstitute
from inventory.models.items import Item, ItemKind, UnitOfMeasure
from inventory.models.stock import MAIN, MovementKind, StockMovement
from inventory.models.supply import ItemSource, PriceBreak, PurchaseOrder, PurchaseOrderLine, Supplier

__all__ = [
    "MAIN",
    "BillOfMaterials",
    "BomLine",
    "BomSubstitute",
    "Item",
    "ItemKind",
    "ItemSource",
    "MovementKind",
    "PriceBreak",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "StockMovement",
    "Supplier",
    "UnitOfMeasure",
]
