"""Purchase proposals over HTTP, and the call that turns them into purchase orders."""

import datetime as dt
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.fields import DayField
from config.rest.filters import CodeFilter, DayFilter, StrictFilterBackend, TruthFilter, WholeFilter
from config.rest.pagination import Pages
from config.rest.serializers import StrictSerializer
from config.rest.views import Endpoint
from inventory.api.serializers import PurchaseOrderSerializer, code, number
from inventory.selectors import list_purchase_orders
from planning.models import PlannedOrder
from planning.selectors import purchasing, runs
from planning.selectors.proposals import monday
from planning.services.purchasing import order_proposals

MAX_ORDERS = 5_000


class ProblemOfProposalSerializer(serializers.Serializer[Any]):
    """Why a proposal cannot be ordered, and what to do about it."""

    code = serializers.CharField()
    text = serializers.CharField()
    remedy = serializers.CharField()


class ProposalSerializer(serializers.Serializer[Any]):
    """A planned order to buy. `sales_orders` are those it is for, up the pegging; `purchase_order` is what it
    became, `problem` why it cannot become one. `firm`: quantity and day were fixed; `firm_order` is the firm
    order that stands behind it, which ends when it is ordered.
    """

    id = serializers.CharField(source="order")
    item = serializers.CharField()
    name = serializers.CharField()
    uom = serializers.CharField()
    qty = number()
    release = DayField()
    due = DayField()
    unit_cost = number(allow_null=True)
    value = number(allow_null=True)
    firm = serializers.BooleanField(source="is_firm")
    firm_order = serializers.CharField(allow_null=True)
    sales_orders = serializers.ListField(child=serializers.CharField())
    purchase_order = serializers.CharField(allow_null=True)
    problem = ProblemOfProposalSerializer(allow_null=True)


class ProposalGroupSerializer(serializers.Serializer[Any]):
    """What one supplier is to be sent in one ISO week, which begins on Monday `week_start`."""

    supplier = serializers.CharField(allow_null=True)
    supplier_name = serializers.CharField()
    week = serializers.CharField(source="week_name")
    week_start = DayField(source="week")
    value = number()
    lines = ProposalSerializer(many=True)


class OrderProposalsSerializer(StrictSerializer):
    """What to order: `orders` by id, or all that is not ordered yet of a `supplier`, to be released before
    `release_to` (exclusive), or both.
    """

    orders = serializers.ListField(child=code(), required=False, min_length=1, max_length=MAX_ORDERS)
    supplier = code(required=False)
    release_to = DayField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("orders" in attrs) == bool(attrs.keys() & {"supplier", "release_to"}):
            raise serializers.ValidationError("Either orders, or supplier and release_to, is expected.")
        return attrs


class ProposalFilter(django_filters.FilterSet):
    """``week``: any day of it. ``release_to`` is exclusive. ``within_days``: to go out in so many days."""

    supplier = CodeFilter()
    item = CodeFilter()
    week = DayFilter(method="filter_week")
    release_to = DayFilter(field_name="release", lookup_expr="lt")
    within_days = WholeFilter(method="filter_within", min_value=0, max_value=3_660)
    overdue = TruthFilter(method="filter_overdue")
    ordered = TruthFilter(method="filter_ordered")

    class Meta:
        model = PlannedOrder
        fields: list[str] = []

    @extend_schema_field(OpenApiTypes.DATE)
    def filter_week(self, rows: "QuerySet[Any]", name: str, day: dt.date) -> "QuerySet[Any]":
        start = monday(day)
        return rows.filter(release__gte=start, release__lt=start + purchasing.WEEK)

    @extend_schema_field(OpenApiTypes.INT)
    def filter_within(self, rows: "QuerySet[Any]", name: str, days: int) -> "QuerySet[Any]":
        today = purchasing.planning_day() or timezone.localdate()
        return rows.filter(release__lte=today + dt.timedelta(days=days))

    @extend_schema_field(OpenApiTypes.BOOL)
    def filter_overdue(self, rows: "QuerySet[Any]", name: str, is_overdue: bool) -> "QuerySet[Any]":
        today = purchasing.planning_day() or timezone.localdate()
        return rows.filter(release__lt=today) if is_overdue else rows.filter(release__gte=today)

    @extend_schema_field(OpenApiTypes.BOOL)
    def filter_ordered(self, rows: "QuerySet[Any]", name: str, is_ordered: bool) -> "QuerySet[Any]":
        return rows.filter(purchasing.was_ordered() if is_ordered else ~purchasing.was_ordered())


class PurchaseProposals(Endpoint):
    """What a plan wants to buy."""

    pagination_class = Pages
    filter_backends = (StrictFilterBackend,)
    filterset_class = ProposalFilter
    serializer_class = ProposalGroupSerializer

    def get_queryset(self) -> "QuerySet[Any]":
        return purchasing.list_proposals(self.kwargs.get("version", 0), purchasing.Wanted())

    @extend_schema(responses=ProposalGroupSerializer(many=True))
    def get(self, request: Request, version: int) -> Response:
        """List purchase proposals by supplier and ISO week of release; a page holds whole groups."""
        run = runs.get_built_run(version)
        rows = self.filter_queryset(self.get_queryset())
        keys = self.paginate_queryset(purchasing.list_group_keys(rows)) or []  # type: ignore[arg-type]
        groups = purchasing.load_groups(run, rows, keys)
        return self.get_paginated_response(ProposalGroupSerializer(groups, many=True).data)


class PurchaseOrdersOfPlan(Endpoint):
    """Proposals become orders."""

    serializer_class = OrderProposalsSerializer

    @extend_schema(request=OrderProposalsSerializer, responses={201: PurchaseOrderSerializer(many=True)})
    def post(self, request: Request, version: int) -> Response:
        """Turn proposals into purchase orders, one for each supplier and week: all of them, or none."""
        body = OrderProposalsSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        placed = order_proposals(version=version, now=timezone.now(), by=request.user, **body.validated_data)
        rows = list_purchase_orders().filter(pk__in=[order.pk for order in placed]).order_by("pk")
        return Response(PurchaseOrderSerializer(rows, many=True).data, status=201)
