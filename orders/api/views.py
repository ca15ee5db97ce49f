"""Orders over HTTP: each view is one call of a service or a selector."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.filters import StrictFilterBackend
from config.rest.pagination import Pages
from config.rest.serializers import NothingSerializer, StrictSerializer
from config.rest.views import Endpoint
from orders import selectors, services
from orders.api.filters import OrderFilter
from orders.api.serializers import (
    DeliveryDatesSerializer,
    NewOrderSerializer,
    OrderSerializer,
    ReasonSerializer,
)
from orders.models import SalesOrder


class OrderList(Endpoint):
    """All orders."""

    pagination_class = Pages
    filter_backends = (StrictFilterBackend,)
    filterset_class = OrderFilter
    serializer_class = OrderSerializer

    def get_queryset(self) -> "QuerySet[SalesOrder]":
        return selectors.with_lines(SalesOrder.objects.order_by("pk"))

    @extend_schema(responses=OrderSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List orders, in the order in which they were entered."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(OrderSerializer(page, many=True).data)

    @extend_schema(request=NewOrderSerializer, responses={201: OrderSerializer})
    def post(self, request: Request) -> Response:
        """Enter an order: a row of factory-1's `sales_orders`, a confirmed one unless it says `quote`."""
        body = NewOrderSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        row = services.enter_order(order=body.new_order(), now=timezone.now(), by=request.user)
        location = request.build_absolute_uri(reverse("order-detail", args=[row.ref]))
        order = selectors.get_order(row.ref)
        return Response(OrderSerializer(order).data, status=201, headers={"Location": location})


class OrderDetail(Endpoint):
    """One order."""

    serializer_class = OrderSerializer

    @extend_schema(responses=OrderSerializer)
    def get(self, request: Request, ref: str) -> Response:
        """Read an order with its lines and instalments."""
        return Response(OrderSerializer(selectors.get_order(ref)).data)


class OrderDeliveryDates(Endpoint):
    """When the customer can have it."""

    serializer_class = DeliveryDatesSerializer

    @extend_schema(responses=DeliveryDatesSerializer)
    def get(self, request: Request, ref: str) -> Response:
        """Read the dates of the last published plans. `state` is `not_planned` where there are none."""
        return Response(DeliveryDatesSerializer(selectors.get_delivery_dates(ref)).data)


class _Act(Endpoint):
    """Something that happens to an order. Answers with the order as it is then."""

    serializer_class: type[StrictSerializer] = NothingSerializer

    def perform(self, act: Callable[..., Any], request: Request, ref: str) -> Response:
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        act(ref=ref, now=timezone.now(), by=request.user, **body.validated_data)
        return Response(OrderSerializer(selectors.get_order(ref)).data)


class OrderConfirm(_Act):
    @extend_schema(request=NothingSerializer, responses=OrderSerializer)
    def post(self, request: Request, ref: str) -> Response:
        """Turn a quote into demand that planning must meet."""
        return self.perform(services.confirm_order, request, ref)


class OrderRelease(_Act):
    @extend_schema(request=NothingSerializer, responses=OrderSerializer)
    def post(self, request: Request, ref: str) -> Response:
        """Let planning have an order that was on hold again."""
        return self.perform(services.release_order, request, ref)


class OrderHold(_Act):
    serializer_class = ReasonSerializer

    @extend_schema(request=ReasonSerializer, responses=OrderSerializer)
    def post(self, request: Request, ref: str) -> Response:
        """Take a confirmed order out of planning until it is released."""
        return self.perform(services.hold_order, request, ref)


class OrderCancel(_Act):
    serializer_class = ReasonSerializer

    @extend_schema(request=ReasonSerializer, responses=OrderSerializer)
    def post(self, request: Request, ref: str) -> Response:
        """End an order; what has shipped stays shipped. There is no way back."""
        return self.perform(services.cancel_order, request, ref)
