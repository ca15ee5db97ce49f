"""Downtimes, absences and pinned operations over HTTP: listed, entered, taken out."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.fields import DayField, MomentField, NumberField, TextField, WholeField
from config.rest.pagination import Pages
from config.rest.serializers import StrictSerializer
from config.rest.views import Endpoint
from inventory.api.serializers import code, number
from inventory.models.fields import COUNT_LIMIT, QTY_LIMIT, Edited
from planning.models import Absence, Downtime, PinnedOperation
from planning.services.shop_floor import enter_absence, enter_downtime, pin_operation, remove_entry


def _station() -> WholeField:
    return WholeField(at_least=1, at_most=COUNT_LIMIT, required=False, allow_null=True)


def _name() -> TextField:
    return TextField(max_length=200, required=False, allow_blank=True)


class DowntimeRequestSerializer(StrictSerializer):
    """Without a `station` the whole work centre is down, `from` one moment `to` another."""

    work_centre = code()
    station = _station()
    name = _name()

    def get_fields(self) -> dict[str, Any]:
        moments = {"from": MomentField(source="down_from"), "to": MomentField(source="down_to")}
        return super().get_fields() | moments


class DowntimeSerializer(serializers.Serializer[Any]):
    """A station of a work centre (null: all of them) is down."""

    id = serializers.IntegerField(source="pk")
    work_centre = serializers.CharField(source="work_centre.code")
    station = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        moments = {
            "from": serializers.DateTimeField(source="down_from"),
            "to": serializers.DateTimeField(source="down_to"),
        }
        return super().get_fields() | moments


class AbsenceRequestSerializer(StrictSerializer):
    """So many `heads` of a skill are paid but not there `from` a day `to` before another."""

    skill = code()
    heads = NumberField(above=0, at_most=COUNT_LIMIT)
    name = _name()

    def get_fields(self) -> dict[str, Any]:
        days = {"from": DayField(source="absent_from"), "to": DayField(source="absent_to")}
        return super().get_fields() | days


class AbsenceSerializer(serializers.Serializer[Any]):
    """So many heads of a skill are paid but not there."""

    id = serializers.IntegerField(source="pk")
    skill = serializers.CharField(source="skill.code")
    heads = number()
    name = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        days = {"from": DayField(source="absent_from"), "to": DayField(source="absent_to")}
        return super().get_fields() | days


class PinRequestSerializer(StrictSerializer):
    """`order` is the ref of a work order or firm order. Without `work_centre` the routing's, without
    `station` any.
    """

    order = code()
    seq = WholeField(at_most=QTY_LIMIT)
    start = MomentField()
    work_centre = code(required=False, allow_null=True)
    station = _station()


class PinSerializer(serializers.Serializer[Any]):
    """An operation that begins just then and there."""

    id = serializers.IntegerField(source="pk")
    order = serializers.CharField(source="order.ref")
    seq = serializers.IntegerField()
    start = serializers.DateTimeField()
    work_centre = serializers.CharField(source="work_centre.code", default=None, allow_null=True)
    station = serializers.IntegerField(allow_null=True)


class Entries(Endpoint):
    """Rows of one kind: listed and entered."""

    pagination_class = Pages
    request_class: type[StrictSerializer]
    enter: Callable[..., Edited]

    def listed(self) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def entered(self, request: Request) -> Response:
        body = self.request_class(data=request.data)
        body.is_valid(raise_exception=True)
        row = type(self).enter(by=request.user, **body.validated_data)
        return Response(self.get_serializer(row).data, status=201)


class Downtimes(Entries):
    """Stations that are down."""

    serializer_class = DowntimeSerializer
    request_class = DowntimeRequestSerializer
    enter = staticmethod(enter_downtime)

    def get_queryset(self) -> "QuerySet[Downtime]":
        return Downtime.objects.select_related("work_centre").order_by("down_from", "pk")

    @extend_schema(responses=DowntimeSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List downtimes, the earliest first."""
        return self.listed()

    @extend_schema(request=DowntimeRequestSerializer, responses={201: DowntimeSerializer})
    def post(self, request: Request) -> Response:
        """Say that a station, or a whole work centre, is down."""
        return self.entered(request)


class Absences(Entries):
    """People who are paid but not there."""

    serializer_class = AbsenceSerializer
    request_class = AbsenceRequestSerializer
    enter = staticmethod(enter_absence)

    def get_queryset(self) -> "QuerySet[Absence]":
        return Absence.objects.select_related("skill").order_by("absent_from", "pk")

    @extend_schema(responses=AbsenceSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List absences, the earliest first."""
        return self.listed()

    @extend_schema(request=AbsenceRequestSerializer, responses={201: AbsenceSerializer})
    def post(self, request: Request) -> Response:
        """Say that people are absent."""
        return self.entered(request)


class Pins(Entries):
    """Operations that a planner has fixed."""

    serializer_class = PinSerializer
    request_class = PinRequestSerializer
    enter = staticmethod(pin_operation)

    def get_queryset(self) -> "QuerySet[PinnedOperation]":
        pins = PinnedOperation.objects.select_related("work_order", "firm_order", "work_centre")
        return pins.order_by("start", "pk")

    @extend_schema(responses=PinSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List pinned operations, the earliest first."""
        return self.listed()

    @extend_schema(request=PinRequestSerializer, responses={201: PinSerializer})
    def post(self, request: Request) -> Response:
        """Pin an operation; one that is pinned already is moved."""
        return self.entered(request)


class Entry(Endpoint):
    """One row, to be taken out."""

    http_method_names = ("delete",)
    model: type[Edited]

    @extend_schema(responses={204: None})
    def delete(self, request: Request, key: int) -> Response:
        """Take it out again."""
        remove_entry(model=self.model, key=key, by=request.user)
        return Response(status=204)


class DowntimeDetail(Entry):
    serializer_class = DowntimeSerializer
    model = Downtime


class AbsenceDetail(Entry):
    serializer_class = AbsenceSerializer
    model = Absence


class PinDetail(Entry):
    serializer_class = PinSerializer
    model = PinnedOperation
