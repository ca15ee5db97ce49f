"""Hours of finished work over HTTP, the learning rates that they tell, and taking one over."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.fields import DayField, NumberField, WholeField
from config.rest.serializers import StrictSerializer
from config.rest.views import Endpoint
from inventory.api.serializers import code, number
from inventory.models.fields import COUNT_LIMIT, HOURS_LIMIT
from planning.api.shop_floor import Entries, Entry
from planning.models import LabourReport
from planning.selectors.learning import list_learning_rates
from planning.services.learning import report_labour, take_over_rate


class LabourReportRequestSerializer(StrictSerializer):
    """`hours` of labour, setups left out, on `units` of an `item` when `units_before` had been made."""

    work_order = code()
    item = code()
    skill = code()
    units_before = WholeField(at_most=COUNT_LIMIT)
    units = WholeField(at_least=1, at_most=COUNT_LIMIT)
    hours = NumberField(above=0, at_most=HOURS_LIMIT)
    finished_on = DayField()


class LabourReportSerializer(serializers.Serializer[Any]):
    """What people of a skill worked on a finished work order."""

    id = serializers.IntegerField(source="pk")
    work_order = serializers.CharField()
    item = serializers.CharField(source="item.code")
    skill = serializers.CharField(source="skill.code")
    units_before = serializers.IntegerField()
    units = serializers.IntegerField()
    hours = number()
    finished_on = DayField()


class LabourReports(Entries):
    """Hours that finished work took."""

    serializer_class = LabourReportSerializer
    request_class = LabourReportRequestSerializer
    enter = staticmethod(report_labour)

    def get_queryset(self) -> "QuerySet[LabourReport]":
        return LabourReport.objects.select_related("item", "skill").order_by("finished_on", "pk")

    @extend_schema(responses=LabourReportSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List reports of labour, the earliest first."""
        return self.listed()

    @extend_schema(request=LabourReportRequestSerializer, responses={201: LabourReportSerializer})
    def post(self, request: Request) -> Response:
        """Report the labour hours of a skill on a finished work order."""
        return self.entered(request)


class LabourReportDetail(Entry):
    serializer_class = LabourReportSerializer
    model = LabourReport


class LearningRateSerializer(serializers.Serializer[Any]):
    """The `rate` that reports on an item tell of a skill (null: none), which lies from `low` to `high` with
    about 95 % (null: fewer than three reports), beside the one `used` in plans. `error`: by about which share
    a lot misses the curve.
    """

    skill = serializers.CharField()
    item = serializers.CharField()
    reports = serializers.IntegerField()
    units = serializers.IntegerField()
    used = serializers.FloatField()
    rate = serializers.FloatField(allow_null=True)
    low = serializers.FloatField(allow_null=True)
    high = serializers.FloatField(allow_null=True)
    error = serializers.FloatField(source="fitted.error", default=None, allow_null=True)


class LearningRates(Endpoint):
    """What reported hours tell of learning."""

    serializer_class = LearningRateSerializer

    @extend_schema(responses=LearningRateSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Read the learning rates that reported hours tell, beside those that plans use."""
        return Response(self.get_serializer(list_learning_rates(), many=True).data)


class TakeOverSerializer(StrictSerializer):
    """The rate that reports on `item` tell becomes that of `skill`."""

    skill = code()
    item = code()


class TakeOverRate(Endpoint):
    """A fitted rate becomes the one that plans use."""

    serializer_class = LearningRateSerializer

    @extend_schema(request=TakeOverSerializer, responses=LearningRateSerializer)
    def post(self, request: Request) -> Response:
        """Use a fitted rate from the next plan on. Twice is once."""
        body = TakeOverSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        row = take_over_rate(by=request.user, **body.validated_data)
        return Response(self.get_serializer(row).data)
