"""Everything that can happen to items and stock. One door for admin, API, commands and tasks alike."""

from inventory.services.boms import (
    add_bom_line,
    lock_boms,
    refuse_cycle,
    revise_bom,
    save_bom,
    save_bom_line,
    save_by_product,
)
from inventory.services.booking import StockLine, book_stock
from inventory.services.count_sheets import upload_counts
from inventory.services.counting import Counted, cancel_count, open_count, record_counts, start_count
from inventory.services.ordering import OrderedLine, OrderedPurchase, enter_purchase_order
from inventory.services.posting_counts import post_count
from inventory.services.purchasing import (
    NewPurchaseLine,
    cancel_purchase,
    place_purchase_order,
    reschedule_purchase,
)
from inventory.services.receiving import ReceivedLine, receive_purchase, receive_purchase_order
from inventory.services.stock import (
    adjust_stock,
    issue_shipment,
    issue_stock,
    receive_stock,
    transfer_stock,
)

__all__ = [
    "Counted",
    "NewPurchaseLine",
    "OrderedLine",
    "OrderedPurchase",
    "ReceivedLine",
    "StockLine",
    "add_bom_line",
    "adjust_stock",
    "book_stock",
    "cancel_count",
    "cancel_purchase",
    "enter_purchase_order",
    "issue_shipment",
    "issue_stock",
    "lock_boms",
    "open_count",
    "place_purchase_order",
    "post_count",
    "receive_purchase",
    "receive_purchase_order",
    "receive_stock",
    "record_counts",
    "refuse_cycle",
    "reschedule_purchase",
    "revise_bom",
    "save_bom",
    "save_bom_line",
    "save_by_product",
    "start_count",
    "transfer_stock",
    "upload_counts",
]
