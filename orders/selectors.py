"""Questions about orders, each in a fixed number of queries."""

from django.db.models import F, OuterRef, Prefetch, QuerySet, Subquery

from orders.errors import OrderNotFound
from orders.models import DeliveryPromise, Instalment, OrderLine, OrderStatus, SalesOrder


def with_lines(orders: "QuerySet[SalesOrder]") -> "QuerySet[SalesOrder]":
    """Orders with customer, lines, items and instalments at hand: 3 queries however many there are."""
    instalments = Instalment.objects.order_by("instalment")
    lines = OrderLine.objects.select_related("item").order_by("line")
    return orders.select_related("customer").prefetch_related(
        Prefetch("lines", queryset=lines.prefetch_related(Prefetch("instalments", queryset=instalments)))
    )


def get_order(ref: str) -> SalesOrder:
    """The order with its lines and instalments, or ``OrderNotFound``."""
    order = with_lines(SalesOrder.objects.filter(ref=ref)).first()
    if order is None:
        raise OrderNotFound(f"There is no order {ref}.")
    return order


def list_open_demand() -> "QuerySet[Instalment]":
    """Instalments of confirmed orders that still have units to deliver, earliest first."""
    return (
        Instalment.objects.filter(order_line__order__status=OrderStatus.CONFIRMED, shipped_qty__lt=F("qty"))
        .select_related("order_line__order__customer", "order_line__item")
        .order_by("due", "pk")
    )


def list_late_instalments() -> "QuerySet[Instalment]":
    """Open demand whose promised date is after the requested one."""
    return list_open_demand().filter(promised__gt=F("due"))


def list_promise_history(ref: str) -> "QuerySet[DeliveryPromise]":
    """Every promise ever made for an order, the newest first."""
    return DeliveryPromise.objects.filter(sales_order=ref).order_by(
        "-promised_at", "line", "instalment", "-pk"
    )


def list_current_promises(ref: str) -> "QuerySet[DeliveryPromise]":
    """The last promise of each instalment of an order, with the plan's version and the moment it was made."""
    newest = (
        DeliveryPromise.objects.filter(instalment_row=OuterRef("instalment_row"))
        .order_by("-promised_at", "-pk")
        .values("pk")[:1]
    )
    return DeliveryPromise.objects.filter(
        instalment_row__order_line__order__ref=ref, pk=Subquery(newest)
    ).order_by("line", "instalment")
