"""By what a list of orders can be narrowed."""

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from config.rest.filters import CodeFilter, MomentFilter, TruthFilter
from orders.models import OrderStatus, SalesOrder
from orders.selectors import list_late_instalments


class OrderFilter(django_filters.FilterSet):
    """``late``: some of it is promised after the requested date, or can never be delivered."""

    customer = CodeFilter(field_name="customer__code")
    status = django_filters.ChoiceFilter(choices=OrderStatus.choices, empty_label=None)
    late = TruthFilter(method="filter_late")
    changed_since = MomentFilter(field_name="changed_at", lookup_expr="gte")

    class Meta:
        model = SalesOrder
        fields: list[str] = []

    @extend_schema_field(OpenApiTypes.BOOL)
    def filter_late(self, orders: "QuerySet[SalesOrder]", name: str, is_late: bool) -> "QuerySet[SalesOrder]":
        late = Exists(list_late_instalments().filter(order_line__order=OuterRef("pk")).order_by())
        return orders.filter(late if is_late else ~late)
