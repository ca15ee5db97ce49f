"""Everything that can happen to items and stock. One door for admin, API, commands and tasks alike."""

from inventory.services.boms import (
    add_bom_line,
    lock_boms,
    refuse_cycle,
    revise_bom,
    save_bom_line,
    save_by_product,
)
from inventory.services.purchasing import NewPurchaseLine, place_purchase_order
from inventory.services.stock import (
    adjust_stock,
    issue_shipment,
    issue_stock,
    receive_purchase,
    receive_stock,
)

__all__ = [
    "NewPurchaseLine",
    "add_bom_line",
    "adjust_stock",
    "issue_shipment",
    "issue_stock",
    "lock_boms",
    "place_purchase_order",
    "receive_purchase",
    "receive_stock",
    "refuse_cycle",
    "revise_bom",
    "save_bom_line",
    "save_by_product",
]
