"""Addresses of purchase orders, stock and counts.

Those that end in a word come first: a ref may hold a slash.
"""

from django.urls import path

from config.rest import converters  # noqa: F401 - registers <code:...>
from inventory.api import counts, views

PURCHASE_ACTS = {
    "receive": views.PurchaseOrderReceive,
    "cancel": views.PurchaseOrderCancel,
    "reschedule": views.PurchaseOrderReschedule,
}
COUNT_PARTS = {
    "lines": counts.CountLines,
    "start": counts.CountStart,
    "counts": counts.CountRecord,
    "post": counts.CountPost,
    "cancel": counts.CountCancel,
}

urlpatterns = [
    path("purchase-orders/", views.PurchaseOrderList.as_view(), name="purchase-order-list"),
    *(
        path(f"purchase-orders/<code:ref>/{act}/", view.as_view(), name=f"purchase-order-{act}")
        for act, view in PURCHASE_ACTS.items()
    ),
    path("purchase-orders/<code:ref>/", views.PurchaseOrderDetail.as_view(), name="purchase-order-detail"),
    path("stock/", views.StockList.as_view(), name="stock-list"),
    path("stock/movements/", views.StockMovements.as_view(), name="stock-movements"),
    path("stock/receipts/", views.StockReceipts.as_view(), name="stock-receipts"),
    path("stock/issues/", views.StockIssues.as_view(), name="stock-issues"),
    path("stock/adjustments/", views.StockAdjustments.as_view(), name="stock-adjustments"),
    path("stock/transfers/", views.StockTransfers.as_view(), name="stock-transfers"),
    path("cycle-counts/", counts.CountList.as_view(), name="cycle-count-list"),
    *(
        path(f"cycle-counts/<code:ref>/{part}/", view.as_view(), name=f"cycle-count-{part}")
        for part, view in COUNT_PARTS.items()
    ),
    path("cycle-counts/<code:ref>/", counts.CountDetail.as_view(), name="cycle-count-detail"),
]
