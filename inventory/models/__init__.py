"""What exists: items, what they are made of, what we have and can buy."""

from inventory.models.boms import BillOfMaterials, BomLine, BomSubstitute, ByProduct
from inventory.models.items import Item, ItemKind, LotSizing, UnitOfMeasure
from inventory.models.stock import MAIN, MovementKind, StockMovement
from inventory.models.supply import ItemSource, PriceBreak, PurchaseOrder, PurchaseOrderLine, Supplier

__all__ = [
    "MAIN",
    "BillOfMaterials",
    "BomLine",
    "BomSubstitute",
    "ByProduct",
    "Item",
    "ItemKind",
    "ItemSource",
    "LotSizing",
    "MovementKind",
    "PriceBreak",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "StockMovement",
    "Supplier",
    "UnitOfMeasure",
]
