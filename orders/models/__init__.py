"""What customers asked for, when it is wanted, what was promised and what has shipped."""

from orders.models.customers import Customer
from orders.models.orders import (
    DeliveryPolicy,
    Instalment,
    Milestone,
    OrderKind,
    OrderLine,
    OrderStatus,
    SalesOrder,
)
from orders.models.promises import DeliveryPromise

__all__ = [
    "Customer",
    "DeliveryPolicy",
    "DeliveryPromise",
    "Instalment",
    "Milestone",
    "OrderKind",
    "OrderLine",
    "OrderStatus",
    "SalesOrder",
]
