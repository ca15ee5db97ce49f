"""What exists: items, what they are made of, what we have and can buy."""

from inventory.models.boms import BillOfMaterials, BomLine, BomSubstitute, ByProduct
from inventory.models.counts import OPEN_COUNTS, CountStatus, CycleCount, CycleCountLine
from inventory.models.items import Item, ItemKind, LotSizing, UnitOfMeasure
from inventory.models.purchases import (
    NumberSeries,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseReceipt,
    PurchaseStatus,
)
from inventory.models.stock import MAIN, MovementKind, StockMovement
from inventory.models.supply import ItemSource, PriceBreak, Supplier

__all__ = [
    "MAIN",
    "OPEN_COUNTS",
    "BillOfMaterials",
    "BomLine",
    "BomSubstitute",
    "ByProduct",
    "CountStatus",
    "CycleCount",
    "CycleCountLine",
    "Item",
    "ItemKind",
    "ItemSource",
    "LotSizing",
    "MovementKind",
    "NumberSeries",
    "PriceBreak",
    "PurchaseOrder",
    "PurchaseOrderLine",
    "PurchaseReceipt",
    "PurchaseStatus",
    "StockMovement",
    "Supplier",
    "UnitOfMeasure",
]
