"""Material of a plan over HTTP: the time-phased table, pegging both ways, firm planned orders."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.errors import QUERY_MARK
from config.rest.filters import StrictFilterBackend
from config.rest.pagination import Pages
from config.rest.views import Endpoint
from planning.api import filters
from planning.api.material_rows import (
    FirmOrderSerializer,
    FirmRequestSerializer,
    ItemSummarySerializer,
    MaterialTableSerializer,
    PeggingTreeSerializer,
)
from planning.models import FirmOrder
from planning.selectors import material, runs
from planning.selectors.frozen import get_frozen
from planning.selectors.pegging import read_below, read_down, read_up
from planning.selectors.pegging_tree import PeggingTree, tree_down, tree_up
from planning.selectors.results import list_firm_orders
from planning.services.firming import firm_planned_orders, unfirm_order


@extend_schema_field(OpenApiTypes.INT)
class _NumberParameter(serializers.RegexField):
    """A number of a line or instalment, as it stands in an address."""

    def __init__(self, **options: Any) -> None:
        super().__init__(r"\A[1-9][0-9]{0,8}\Z", **options)

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        self.run_validators(text)
        return int(text)

    def run_validators(self, value: Any) -> None:
        super().run_validators(str(value))


def _code() -> serializers.CharField:
    return serializers.CharField(max_length=200, trim_whitespace=False, required=False)


class TableQuery(serializers.Serializer[Any]):
    """How wide a column is."""

    bucket = serializers.ChoiceField(choices=[(name, name) for name in material.BUCKETS], default="week")


class ItemsQuery(serializers.Serializer[Any]):
    """By what the items can be narrowed: `search` in code and name, `exceptions` those that have some."""

    search = serializers.CharField(max_length=200, required=False)
    kind = serializers.ChoiceField(choices=[("make", "make"), ("buy", "buy")], required=False)
    exceptions = serializers.ChoiceField(choices=[("true", "true"), ("false", "false")], required=False)


class TreeQuery(serializers.Serializer[Any]):
    """An order with a direction, or a customer's order, line or instalment."""

    order = _code()
    item = _code()
    direction = serializers.ChoiceField(choices=[("up", "up"), ("down", "down")], required=False)
    sales_order = _code()
    line = _NumberParameter(required=False)
    instalment = _NumberParameter(required=False)

    def validate(self, asked: dict[str, Any]) -> dict[str, Any]:
        if ("order" in asked) == ("sales_order" in asked):
            raise serializers.ValidationError({"order": ["Either order or sales_order is expected."]})
        needs = {"direction": "order", "item": "order", "line": "sales_order", "instalment": "line"}
        wrong = {name: [f"Only with {needs[name]}."] for name in asked if needs.get(name, name) not in asked}
        if wrong:
            raise serializers.ValidationError(wrong)
        if "item" in asked and asked.get("direction") == "down":
            raise serializers.ValidationError({"item": ["Only upwards."]})
        return asked


class Asked(Endpoint):
    """A GET whose parameters are fields of ``query_class``."""

    query_class: type[serializers.Serializer[Any]]

    def query_parameters(self) -> frozenset[str]:
        return super().query_parameters() | frozenset(self.query_class().fields)

    def asked(self, request: Request) -> dict[str, Any]:
        """The parameters, read strictly; a refused one is named as ``?name``."""
        names = set(self.query_class().fields)
        given = {name: text for name, text in request.query_params.items() if name in names}
        query = self.query_class(data=given)
        if not query.is_valid():
            raise ValidationError(
                {
                    f"{QUERY_MARK}{name}": [
                        ErrorDetail(str(error), code=getattr(error, "code", "invalid")) for error in errors
                    ]
                    for name, errors in query.errors.items()
                }
            )
        values: dict[str, Any] = query.validated_data
        return values


class ItemMaterial(Asked):
    """One item of a plan, bucket by bucket."""

    serializer_class = MaterialTableSerializer
    query_class = TableQuery

    @extend_schema(parameters=[TableQuery], responses=MaterialTableSerializer)
    def get(self, request: Request, version: int, code: str) -> Response:
        """Read what an item needs, what comes, and what is left, by day, week or month."""
        asked = self.asked(request)
        run = runs.get_built_run(version)
        table = material.get_material_table(run.pk, get_frozen(run.pk), code=code, bucket=asked["bucket"])
        return Response(MaterialTableSerializer(table).data)


class MaterialItems(Asked):
    """The items of a plan."""

    pagination_class = Pages
    serializer_class = ItemSummarySerializer
    query_class = ItemsQuery

    @extend_schema(parameters=[ItemsQuery], responses=ItemSummarySerializer(many=True))
    def get(self, request: Request, version: int) -> Response:
        """List items: when each runs out, what comes next, what needs attention. Most money at risk first."""
        asked = self.asked(request)
        run = runs.get_built_run(version)
        frozen = get_frozen(run.pk)
        heads = material.list_item_heads(
            run.pk,
            frozen,
            search=asked.get("search", ""),
            kind=asked.get("kind", ""),
            troubled={"true": True, "false": False}.get(asked.get("exceptions", "")),
        )
        page: Any = self.paginate_queryset(heads)  # type: ignore[arg-type]
        rows = material.list_item_summaries(run.pk, frozen, page)
        return self.get_paginated_response(ItemSummarySerializer(rows, many=True).data)


class PeggingTreeView(Asked):
    """Why an order exists, or what a delivery waits for."""

    serializer_class = PeggingTreeSerializer
    query_class = TreeQuery

    @extend_schema(operation_id="plans_pegging_tree", parameters=[TreeQuery], responses=PeggingTreeSerializer)
    def get(self, request: Request, version: int) -> Response:
        """Follow pegging up from `?order=`, or down from `?sales_order=&line=&instalment=` or an order."""
        asked = self.asked(request)
        run = runs.get_built_run(version)
        return Response(PeggingTreeSerializer(_tree(run.pk, asked)).data)


def _tree(version: int, asked: dict[str, Any]) -> PeggingTree:
    frozen = get_frozen(version)
    if "sales_order" in asked:
        graph = read_down(
            version,
            frozen,
            sales_order=asked["sales_order"],
            line=asked.get("line"),
            instalment=asked.get("instalment"),
        )
        return tree_down(graph)
    if asked.get("direction") == "down":
        return tree_down(read_below(version, frozen, order=asked["order"]))
    return tree_up(read_up(version, frozen, order=asked["order"], item=asked.get("item", "")))


class PlanFirm(Endpoint):
    """Fixing planned orders."""

    serializer_class = FirmRequestSerializer

    @extend_schema(request=FirmRequestSerializer, responses=FirmOrderSerializer(many=True))
    def post(self, request: Request, version: int) -> Response:
        """Make planned orders firm, all of them or none. Those that are already are answered again."""
        body = FirmRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        rows = firm_planned_orders(version=version, by=request.user, **body.validated_data)
        return Response(FirmOrderSerializer(rows, many=True).data)


class FirmOrders(Endpoint):
    """What planners have fixed."""

    pagination_class = Pages
    filter_backends = (StrictFilterBackend,)
    filterset_class = filters.FirmOrderFilter
    serializer_class = FirmOrderSerializer

    def get_queryset(self) -> "QuerySet[FirmOrder]":
        return list_firm_orders()

    @extend_schema(responses=FirmOrderSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List firm planned orders, those due first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(FirmOrderSerializer(page, many=True).data)


class FirmOrderDetail(Endpoint):
    """One firm planned order."""

    http_method_names = ("delete",)
    serializer_class = FirmOrderSerializer

    @extend_schema(responses={204: None})
    def delete(self, request: Request, ref: str) -> Response:
        """Let planning decide about it again."""
        unfirm_order(ref=ref, by=request.user)
        return Response(status=204)
