"""The admin of orders: customers, sales orders with lines and instalments, the history of promises."""

from orders.admin import customers, lines, orders, promises

__all__ = ["customers", "lines", "orders", "promises"]
