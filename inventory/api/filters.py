"""By what lists of stock, purchase orders and counts can be narrowed."""

import datetime as dt
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from config.rest.filters import CodeFilter, DayFilter, MomentFilter, TruthFilter, WholeFilter
from inventory.models import (
    CountStatus,
    CycleCount,
    CycleCountLine,
    MovementKind,
    PurchaseOrder,
    PurchaseOrderLine,
    PurchaseStatus,
    StockMovement,
)


class PurchaseOrderFilter(django_filters.FilterSet):
    """``due_before``: something open is due before that day."""

    supplier = CodeFilter(field_name="supplier__code")
    item = CodeFilter(method="filter_item")
    status = django_filters.ChoiceFilter(choices=PurchaseStatus.choices, empty_label=None)
    open = TruthFilter(method="filter_open")
    due_before = DayFilter(method="filter_due")
    plan = WholeFilter(method="filter_plan", min_value=1, max_value=2**62)

    class Meta:
        model = PurchaseOrder
        fields: list[str] = []

    @extend_schema_field(OpenApiTypes.STR)
    def filter_item(self, orders: "QuerySet[Any]", name: str, code: str) -> "QuerySet[Any]":
        return orders.filter(Exists(_lines().filter(item__code=code)))

    @extend_schema_field(OpenApiTypes.BOOL)
    def filter_open(self, orders: "QuerySet[Any]", name: str, is_open: bool) -> "QuerySet[Any]":
        found = Exists(_lines().open())
        return orders.filter(found if is_open else ~found)

    @extend_schema_field(OpenApiTypes.DATE)
    def filter_due(self, orders: "QuerySet[Any]", name: str, day: dt.date) -> "QuerySet[Any]":
        return orders.filter(Exists(_lines().open().filter(due__lt=day)))

    @extend_schema_field(OpenApiTypes.INT)
    def filter_plan(self, orders: "QuerySet[Any]", name: str, version: int) -> "QuerySet[Any]":
        return orders.filter(Exists(_lines().filter(planned_in=version)))


def _lines() -> Any:
    return PurchaseOrderLine.objects.filter(purchase_order=OuterRef("pk"))


class StockFilter(django_filters.FilterSet):
    item = CodeFilter(field_name="item__code")
    location = CodeFilter()
    lot = CodeFilter()

    class Meta:
        model = StockMovement
        fields: list[str] = []


class MovementFilter(StockFilter):
    """``since`` is included, ``until`` is not."""

    kind = django_filters.ChoiceFilter(choices=MovementKind.choices, empty_label=None)
    reference = CodeFilter()
    since = MomentFilter(field_name="at", lookup_expr="gte")
    until = MomentFilter(field_name="at", lookup_expr="lt")


class CountFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=CountStatus.choices, empty_label=None)

    class Meta:
        model = CycleCount
        fields: list[str] = []


class CountLineFilter(django_filters.FilterSet):
    item = CodeFilter(field_name="item__code")
    location = CodeFilter()
    counted = TruthFilter(method="filter_counted")

    class Meta:
        model = CycleCountLine
        fields: list[str] = []

    @extend_schema_field(OpenApiTypes.BOOL)
    def filter_counted(self, rows: "QuerySet[Any]", name: str, is_counted: bool) -> "QuerySet[Any]":
        return rows.filter(counted_qty__isnull=not is_counted)
