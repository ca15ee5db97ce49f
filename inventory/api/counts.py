"""Cycle counts over HTTP: opened, started, counted line by line, posted."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.fields import MomentField, NumberField, TextField, TruthField, WholeField
from config.rest.filters import StrictFilterBackend
from config.rest.pagination import Pages
from config.rest.serializers import NothingSerializer, StrictSerializer
from config.rest.views import Endpoint
from inventory import selectors, services
from inventory.api import filters
from inventory.api.serializers import MAX_NOTE, CountedPlaceSerializer, code, lines, number
from inventory.models import CountStatus, CycleCount, CycleCountLine
from inventory.models.fields import plain_text
from inventory.services.posting_counts import summarize

MAX_ITEMS = 5_000


class NewCountSerializer(StrictSerializer):
    """What to count. Left out: every item, in every location. What is given must all hold."""

    items = serializers.ListField(child=code(), required=False, max_length=MAX_ITEMS)
    not_counted_days = WholeField(at_least=1, at_most=3_660, required=False)
    location = code(required=False, allow_null=True)
    tolerance = NumberField(at_least=0, at_most=1, places=9, required=False)
    note = TextField(
        max_length=MAX_NOTE, required=False, default="", allow_blank=True, validators=[plain_text]
    )


class CountsSerializer(StrictSerializer):
    """What was found. `counted_at` left out: now; a moment before that must lie after the start."""

    lines = lines(CountedPlaceSerializer())
    counted_at = MomentField(required=False, allow_null=True)


class PostCountSerializer(StrictSerializer):
    """Both must be said where there are such lines."""

    accept_differences = TruthField(required=False, default=False)
    leave_uncounted = TruthField(required=False, default=False)


class CountSerializer(serializers.Serializer[Any]):
    """A sheet: how far it is, and what its differences are worth."""

    ref = serializers.CharField()
    status = serializers.ChoiceField(choices=CountStatus.choices)
    tolerance = number()
    note = serializers.CharField()
    opened_at = serializers.DateTimeField()
    opened_by = serializers.CharField(source="opened_by.username", default=None, allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_by = serializers.CharField(source="ended_by.username", default=None, allow_null=True)


class CountDetailSerializer(CountSerializer):
    """`gains` and `losses` are what its differences are worth, in the factory's currency."""

    lines = serializers.IntegerField(source="summary.lines")
    counted_lines = serializers.IntegerField(source="summary.counted")
    differing_lines = serializers.IntegerField(source="summary.differing")
    gains = number(source="summary.gains")
    losses = number(source="summary.losses")


class CountLineSerializer(serializers.Serializer[Any]):
    """`expected_qty` is what the ledger held at the start, `book_qty` when the line was counted."""

    item = serializers.CharField(source="item.code")
    location = serializers.CharField()
    lot = serializers.CharField(allow_null=True)
    expected_qty = number()
    counted_qty = number(allow_null=True)
    book_qty = number(allow_null=True)
    difference = number(allow_null=True)
    unit_value = number(allow_null=True)
    counted_at = serializers.DateTimeField(allow_null=True)
    counted_by = serializers.CharField(source="counted_by.username", default=None, allow_null=True)


def detail(ref: str) -> Any:
    """A sheet as it is now."""
    count = selectors.get_count(ref)
    count.summary = summarize(count.lines.all())  # type: ignore[attr-defined]
    return CountDetailSerializer(count).data


class CountList(Endpoint):
    """All cycle counts."""

    pagination_class = Pages
    filter_backends = (StrictFilterBackend,)
    filterset_class = filters.CountFilter
    serializer_class = CountSerializer

    def get_queryset(self) -> "QuerySet[CycleCount]":
        return selectors.list_counts()

    @extend_schema(responses=CountSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List cycle counts, the latest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(CountSerializer(page, many=True).data)

    @extend_schema(request=NewCountSerializer, responses={201: CountDetailSerializer})
    def post(self, request: Request) -> Response:
        """Open a draft of a sheet for a selection of items."""
        body = NewCountSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        values = {**body.validated_data}
        now = timezone.now()
        item_ids = selectors.items_to_count(
            codes=values.pop("items", None), not_counted_days=values.pop("not_counted_days", None), now=now
        )
        count = services.open_count(item_ids=item_ids, now=now, by=request.user, **values)
        location = request.build_absolute_uri(reverse("cycle-count-detail", args=[count.ref]))
        return Response(detail(count.ref), status=201, headers={"Location": location})


class CountDetail(Endpoint):
    """One cycle count."""

    serializer_class = CountDetailSerializer

    @extend_schema(responses=CountDetailSerializer)
    def get(self, request: Request, ref: str) -> Response:
        """Read a sheet: how far it is, and what its differences are worth."""
        return Response(detail(ref))


class CountLines(Endpoint):
    """Its lines."""

    pagination_class = Pages
    filter_backends = (StrictFilterBackend,)
    filterset_class = filters.CountLineFilter
    serializer_class = CountLineSerializer

    def get_queryset(self) -> "QuerySet[CycleCountLine]":
        rows = selectors.list_count_lines()
        if getattr(self, "swagger_fake_view", False):
            return rows
        return rows.filter(count=selectors.get_count(self.kwargs["ref"]))

    @extend_schema(responses=CountLineSerializer(many=True))
    def get(self, request: Request, ref: str) -> Response:
        """List the lines of a sheet, by location, item and lot."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(CountLineSerializer(page, many=True).data)


class _CountAct(Endpoint):
    """Something that happens to a sheet. Answers with the sheet as it is then."""

    serializer_class: type[StrictSerializer] = NothingSerializer

    def perform(self, act: Callable[..., Any], request: Request, ref: str) -> Response:
        body = self.get_serializer(data=request.data)
        body.is_valid(raise_exception=True)
        act(ref=ref, now=timezone.now(), by=request.user, **self.values(body.validated_data))
        return Response(detail(ref))

    def values(self, sent: dict[str, Any]) -> dict[str, Any]:
        return sent


class CountStart(_CountAct):
    @extend_schema(request=NothingSerializer, responses=CountDetailSerializer)
    def post(self, request: Request, ref: str) -> Response:
        """Freeze what the ledger expects, and begin to count."""
        return self.perform(services.start_count, request, ref)


class CountCancel(_CountAct):
    @extend_schema(request=NothingSerializer, responses=CountDetailSerializer)
    def post(self, request: Request, ref: str) -> Response:
        """Give a sheet up; nothing of it reaches the ledger."""
        return self.perform(services.cancel_count, request, ref)


class CountRecord(_CountAct):
    serializer_class = CountsSerializer

    def values(self, sent: dict[str, Any]) -> dict[str, Any]:
        counted = [
            services.Counted(path=f"/lines/{number}", **row) for number, row in enumerate(sent["lines"])
        ]
        return {"counted": counted, "counted_at": sent.get("counted_at")}

    @extend_schema(request=CountsSerializer, responses=CountDetailSerializer)
    def post(self, request: Request, ref: str) -> Response:
        """Take down what was found. A place that is not on the sheet is added; counting again replaces."""
        return self.perform(services.record_counts, request, ref)


class CountPost(_CountAct):
    serializer_class = PostCountSerializer

    @extend_schema(request=PostCountSerializer, responses=CountDetailSerializer)
    def post(self, request: Request, ref: str) -> Response:
        """Bring the ledger to what was counted, in one transaction."""
        return self.perform(services.post_count, request, ref)
