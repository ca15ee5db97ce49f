"""Material requirements by week over HTTP: the current run, its items, one item, and a refresh."""

from typing import Any

from django.utils import timezone
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.fields import DayField, TruthField
from config.rest.pagination import Pages
from config.rest.serializers import StrictSerializer
from config.rest.views import Endpoint
from planning.api.material import Asked
from planning.api.rows import number
from planning.models import RequirementsKind
from planning.selectors.requirements import (
    MESSAGE_CODES,
    Wanted,
    get_current_run,
    get_item_requirements,
    is_outdated,
    list_items,
)
from planning.services.requirements import refresh_requirements

KINDS = [(kind, kind) for kind in ("make", "buy", "phantom")]
CODES = [(code, code) for code in MESSAGE_CODES]


class RunSerializer(serializers.Serializer[Any]):
    """A run of the requirements. `planned_again`: items that it planned anew, all of them in a full one.
    `beyond_horizon`: requirements after the last week, which are not in it.
    """

    run = serializers.IntegerField(source="pk")
    as_of = DayField()
    bucket_days = serializers.IntegerField()
    buckets = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=RequirementsKind.choices)
    items = serializers.IntegerField()
    planned_again = serializers.IntegerField()
    planned_orders = serializers.IntegerField()
    messages = serializers.IntegerField()
    beyond_horizon = serializers.IntegerField()
    seconds = serializers.FloatField()
    input_digest = serializers.CharField()


class CurrentRunSerializer(RunSerializer):
    """`is_outdated`: something that requirements are made from has changed since."""

    is_outdated = serializers.BooleanField()


class RequirementsItemSerializer(serializers.Serializer[Any]):
    """An item of the run. `gross`: required in the horizon. `first_shortage`: the first week that ends below
    0, with everything planned. `past_due_qty`: what should have been ordered before the planning date.
    `messages`: how many, by code.
    """

    item = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    uom = serializers.CharField()
    on_hand = number()
    gross = number()
    planned = number()
    first_shortage = DayField(allow_null=True)
    first_release = DayField(allow_null=True)
    past_due_qty = number()
    late_weeks = serializers.IntegerField()
    messages = serializers.SerializerMethodField()

    def get_messages(self, row: Any) -> dict[str, int]:
        counts = ((code, getattr(row, code.lower())) for code in MESSAGE_CODES)
        return {code: count for code, count in counts if count}


class RequirementsPageSerializer(serializers.Serializer[Any]):
    """The current run, and a page of its items."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    run = CurrentRunSerializer()
    results = RequirementsItemSerializer(many=True)


class WeekSerializer(serializers.Serializer[Any]):
    """Days from `start` to before `end`. `on_hand` takes planned receipts as they stand; `expected` takes
    every receipt when it really comes.
    """

    start = DayField()
    end = DayField()
    gross = number()
    scheduled = number()
    net = number()
    planned = number()
    releases = number()
    on_hand = number()
    expected = number()


class MessageSerializer(serializers.Serializer[Any]):
    """What a planner should look at. `order`: the scheduled receipt it is about."""

    code = serializers.ChoiceField(choices=CODES)
    order = serializers.CharField(allow_null=True)
    day = DayField()
    to_day = DayField(allow_null=True)
    qty = number()
    text = serializers.CharField()
    suggestion = serializers.CharField()


class LeadTimeLinkSerializer(serializers.Serializer[Any]):
    """An item that the one before it waits for."""

    item = serializers.CharField()
    lead_weeks = serializers.IntegerField()


class ItemRequirementsSerializer(serializers.Serializer[Any]):
    """One item week by week. `chain`: why it is late, from itself down; empty when it is not."""

    item = serializers.CharField(source="row.item")
    name = serializers.CharField(source="row.name")
    kind = serializers.ChoiceField(choices=KINDS, source="row.kind")
    uom = serializers.CharField(source="row.uom")
    run = serializers.IntegerField(source="run.pk")
    as_of = DayField(source="run.as_of")
    on_hand = number(source="row.on_hand")
    safety_stock = number()
    lead_weeks = serializers.IntegerField()
    low_level_code = serializers.IntegerField()
    past_due_qty = number(source="row.past_due_qty")
    late_weeks = serializers.IntegerField(source="row.late_weeks")
    weeks = WeekSerializer(many=True)
    messages = MessageSerializer(many=True)
    chain = LeadTimeLinkSerializer(many=True)


class RefreshSerializer(StrictSerializer):
    """`full`: plan everything anew, whatever has changed."""

    full = TruthField(default=False)


class RequirementsQuery(serializers.Serializer[Any]):
    """By what the items can be narrowed: `search` in code and name; `message` those with such a message;
    `short` those that run out; `sales_order` what an order is for and all that this is made of.
    """

    search = serializers.CharField(max_length=200, required=False)
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    message = serializers.ChoiceField(choices=CODES, required=False)
    short = serializers.ChoiceField(choices=[("true", "true"), ("false", "false")], required=False)
    sales_order = serializers.CharField(max_length=200, trim_whitespace=False, required=False)


class Requirements(Asked):
    """The current run."""

    pagination_class = Pages
    serializer_class = RequirementsPageSerializer
    query_class = RequirementsQuery

    @extend_schema(
        operation_id="requirements_list",
        parameters=[RequirementsQuery, OpenApiParameter("page", int), OpenApiParameter("page_size", int)],
        responses=forced_singular_serializer(RequirementsPageSerializer),  # type: ignore[no-untyped-call]
    )
    def get(self, request: Request) -> Response:
        """Read the current run and its items, those that run out first."""
        asked = self.asked(request)
        short = {"true": True, "false": False}.get(asked.pop("short", ""))
        run = get_current_run()
        run.is_outdated = is_outdated()  # type: ignore[attr-defined]
        page = self.paginate_queryset(list_items(run, Wanted(short=short, **asked)))
        answer = self.get_paginated_response(RequirementsItemSerializer(page, many=True).data)
        results = answer.data.pop("results")
        answer.data |= {"run": CurrentRunSerializer(run).data, "results": results}
        return answer

    @extend_schema(request=RefreshSerializer, responses={200: RunSerializer})
    def post(self, request: Request) -> Response:
        """Bring the requirements up to date; where nothing has changed, the current run is answered."""
        body = RefreshSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        run = refresh_requirements(now=timezone.now(), by=request.user, **body.validated_data)
        return Response(RunSerializer(run).data)


class RequirementsOfItem(Endpoint):
    """One item of the current run."""

    serializer_class = ItemRequirementsSerializer

    @extend_schema(responses=ItemRequirementsSerializer)
    def get(self, request: Request, code: str) -> Response:
        """Read what an item needs, what comes and what is left by week, what to do, and why it is late."""
        return Response(ItemRequirementsSerializer(get_item_requirements(code)).data)
