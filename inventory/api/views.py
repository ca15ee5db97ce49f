"""Purchase orders and the stock ledger over HTTP: each view is one call of a service or a selector."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.filters import StrictFilterBackend
from config.rest.pagination import Pages
from config.rest.views import Endpoint
from inventory import selectors, services
from inventory.api import filters, serializers
from inventory.models import StockMovement


class PurchaseOrderList(Endpoint):
    """All purchase orders."""

    pagination_class = Pages
    filter_backends = (StrictFilterBackend,)
    filterset_class = filters.PurchaseOrderFilter
    serializer_class = serializers.PurchaseOrderSerializer

    def get_queryset(self) -> "QuerySet[Any]":
        return selectors.list_purchase_orders()

    @extend_schema(responses=serializers.PurchaseOrderSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List purchase orders, the latest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(serializers.PurchaseOrderSerializer(page, many=True).data)

    @extend_schema(
        request=serializers.NewPurchaseOrderSerializer,
        responses={
            200: OpenApiResponse(serializers.PurchaseOrderSerializer, "Placed before, under the same `ref`."),
            201: serializers.PurchaseOrderSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        """Place a purchase order. The same `ref` with the same contents twice is one order."""
        body = serializers.NewPurchaseOrderSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        placed, is_new = services.enter_purchase_order(
            order=body.ordered(), now=timezone.now(), by=request.user
        )
        location = request.build_absolute_uri(reverse("purchase-order-detail", args=[placed.ref]))
        order = serializers.PurchaseOrderSerializer(selectors.get_purchase_order(placed.ref))
        return Response(order.data, status=201 if is_new else 200, headers={"Location": location})


class PurchaseOrderDetail(Endpoint):
    """One purchase order."""

    serializer_class = serializers.PurchaseOrderSerializer

    @extend_schema(responses=serializers.PurchaseOrderSerializer)
    def get(self, request: Request, ref: str) -> Response:
        """Read a purchase order with its lines."""
        return Response(serializers.PurchaseOrderSerializer(selectors.get_purchase_order(ref)).data)


class PurchaseOrderReceive(Endpoint):
    serializer_class = serializers.ReceiveSerializer

    @extend_schema(request=serializers.ReceiveSerializer, responses=serializers.ReceiptSerializer)
    def post(self, request: Request, ref: str) -> Response:
        """Put a delivery into stock. The same `reference` twice is one delivery, and answers the same."""
        body = serializers.ReceiveSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        receipt = services.receive_purchase_order(
            ref=ref, now=timezone.now(), by=request.user, **body.received()
        )
        return Response(serializers.ReceiptSerializer(receipt).data)


class PurchaseOrderCancel(Endpoint):
    serializer_class = serializers.CancelPurchaseSerializer

    @extend_schema(
        request=serializers.CancelPurchaseSerializer, responses=serializers.PurchaseOrderSerializer
    )
    def post(self, request: Request, ref: str) -> Response:
        """Cancel what is open of an order, or of some of its lines. There is no way back."""
        body = serializers.CancelPurchaseSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        rows = body.validated_data.get("lines")
        named = None if rows is None else {row["ref"]: row.get("qty") for row in rows}
        services.cancel_purchase(ref=ref, lines=named, reason=body.validated_data["reason"], by=request.user)
        return Response(serializers.PurchaseOrderSerializer(selectors.get_purchase_order(ref)).data)


class PurchaseOrderReschedule(Endpoint):
    serializer_class = serializers.RescheduleSerializer

    @extend_schema(request=serializers.RescheduleSerializer, responses=serializers.PurchaseOrderSerializer)
    def post(self, request: Request, ref: str) -> Response:
        """Move what is open to another day; the history keeps the day before, and why."""
        body = serializers.RescheduleSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = body.validated_data
        due = values.get("due") or {row["ref"]: row["due"] for row in values["lines"]}
        services.reschedule_purchase(ref=ref, due=due, reason=values["reason"], by=request.user)
        return Response(serializers.PurchaseOrderSerializer(selectors.get_purchase_order(ref)).data)


class StockList(Endpoint):
    """What lies where."""

    pagination_class = Pages
    filter_backends = (StrictFilterBackend,)
    filterset_class = filters.StockFilter
    serializer_class = serializers.BalanceSerializer

    def get_queryset(self) -> "QuerySet[Any, Any]":
        return selectors.stock_on_hand()

    @extend_schema(responses=serializers.BalanceSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List what is in stock, by item, location and lot."""
        page = list(self.paginate_queryset(self.filter_queryset(self.get_queryset())) or [])
        worth = selectors.unit_values({row["item_id"] for row in page}, on=timezone.localdate())
        rows = [serializers.balance_row(row, worth[row["item_id"]]) for row in page]
        return self.get_paginated_response(serializers.BalanceSerializer(rows, many=True).data)


class StockMovements(Endpoint):
    """The ledger."""

    pagination_class = Pages
    filter_backends = (StrictFilterBackend,)
    filterset_class = filters.MovementFilter
    serializer_class = serializers.MovementSerializer

    def get_queryset(self) -> "QuerySet[StockMovement]":
        return selectors.list_movements()

    @extend_schema(responses=serializers.MovementSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List movements of stock, the latest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(serializers.MovementSerializer(page, many=True).data)


class _Booking(Endpoint):
    """Movements that are booked together. Answers with the rows of the ledger."""

    serializer_class: type[serializers.MoveSerializer] = serializers.MoveSerializer
    act = ""

    def book(self, request: Request) -> Response:
        body = self.serializer_class(data=request.data)
        body.is_valid(raise_exception=True)
        rows = services.book_stock(act=self.act, now=timezone.now(), by=request.user, **body.booking())
        return Response(serializers.MovementSerializer(rows, many=True).data, status=201)


class StockIssues(_Booking):
    act = "issue"

    @extend_schema(
        request=serializers.MoveSerializer, responses={201: serializers.MovementSerializer(many=True)}
    )
    def post(self, request: Request) -> Response:
        """Take units out of stock; never more than lie at the place."""
        return self.book(request)


class StockReceipts(_Booking):
    act = "receipt"

    @extend_schema(
        request=serializers.MoveSerializer, responses={201: serializers.MovementSerializer(many=True)}
    )
    def post(self, request: Request) -> Response:
        """Put units into stock that come from no purchase order."""
        return self.book(request)


class StockAdjustments(_Booking):
    serializer_class = serializers.AdjustSerializer
    act = "adjustment"

    @extend_schema(
        request=serializers.AdjustSerializer, responses={201: serializers.MovementSerializer(many=True)}
    )
    def post(self, request: Request) -> Response:
        """Correct what lies at places to what was found there; a place that was right gets no row."""
        return self.book(request)


class StockTransfers(_Booking):
    serializer_class = serializers.TransferSerializer
    act = "transfer"

    @extend_schema(
        request=serializers.TransferSerializer, responses={201: serializers.MovementSerializer(many=True)}
    )
    def post(self, request: Request) -> Response:
        """Carry units from one location to another, in the same lot."""
        return self.book(request)
