"""Questions about orders, each in a fixed number of queries."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery

from orders.errors import OrderNotFound
from orders.models import DeliveryPromise, Instalment, Milestone, OrderLine, OrderStatus, SalesOrder


def with_lines(orders: "QuerySet[SalesOrder]") -> "QuerySet[SalesOrder]":
    """Orders with customer, lines, items, instalments and milestones at hand: 4 queries however many."""
    instalments = Instalment.objects.order_by("instalment")
    lines = OrderLine.objects.select_related("item").order_by("line")
    return orders.select_related("customer").prefetch_related(
        Prefetch("lines", queryset=lines.prefetch_related(Prefetch("instalments", queryset=instalments))),
        Prefetch("milestones", queryset=Milestone.objects.order_by("date", "pk")),
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
    """Open demand whose promised date is after the requested one, or that a plan found no date for."""
    return list_open_demand().filter(
        Q(promised__gt=F("due")) | Q(promised__isnull=True, promised_in_version__isnull=False)
    )


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryDates:
    """What a customer was last told about an order, and the open instalments nothing was said about."""

    order: SalesOrder
    promises: tuple[DeliveryPromise, ...]
    not_planned: tuple[Instalment, ...]

    @property
    def state(self) -> str:
        """Whether any published plan has given this order a date."""
        return "promised" if self.promises else "not_planned"

    @property
    def plan_version(self) -> int | None:
        """The newest plan among the promises."""
        return self._newest.plan_version if self._newest else None

    @property
    def published_at(self) -> dt.datetime | None:
        """When the newest plan among the promises was published."""
        return self._newest.promised_at if self._newest else None

    @property
    def _newest(self) -> DeliveryPromise | None:
        return max(self.promises, key=lambda row: (row.promised_at, row.pk), default=None)


def get_delivery_dates(ref: str) -> DeliveryDates:
    """The dates of an order, or ``OrderNotFound``. At most 3 queries; waits for nothing."""
    instalments = list(
        Instalment.objects.filter(order_line__order__ref=ref)
        .select_related("order_line__order", "order_line__item")
        .order_by("order_line__line", "instalment")
    )
    order = instalments[0].order_line.order if instalments else get_order(ref)
    promises = tuple(list_current_promises(ref))
    promised = {row.instalment_row_id for row in promises}
    return DeliveryDates(
        order=order,
        promises=promises,
        not_planned=tuple(row for row in instalments if row.open_qty > 0 and row.pk not in promised),
    )
