"""The workforce of a plan over HTTP: what drives a skill in a month, and the whole as a workbook."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.fields import DayField
from config.rest.roles import may, sees_wages
from config.rest.views import Endpoint
from planning.selectors.drivers import get_drivers
from planning.selectors.runs import get_built_run
from planning.services.workforce_book import MEDIA_TYPE, workforce_book


class DrivingDeliverySerializer(serializers.Serializer[Any]):
    """Standard hours that an instalment of a customer's line takes, with all that goes into it."""

    sales_order = serializers.CharField()
    line = serializers.IntegerField()
    instalment = serializers.IntegerField()
    customer = serializers.CharField()
    item = serializers.CharField()
    requested = DayField(allow_null=True)
    promised = DayField(allow_null=True)
    hours = serializers.FloatField()


class DrivingItemSerializer(serializers.Serializer[Any]):
    """Standard hours that making an item takes, by so many orders."""

    item = serializers.CharField()
    hours = serializers.FloatField()
    orders = serializers.IntegerField()


class DrivingOperationSerializer(serializers.Serializer[Any]):
    """Standard hours that an operation takes within the month."""

    order = serializers.CharField()
    item = serializers.CharField()
    seq = serializers.IntegerField()
    work_centre = serializers.CharField(allow_null=True)
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    hours = serializers.FloatField()


class DriversSerializer(serializers.Serializer[Any]):
    """`hours` of the operations = those of the `deliveries` + `excess_hours`, for nobody, + `other_hours`.

    `rules` are what else holds people. At most 200 operations are told, `more_operations` are not.
    """

    skill = serializers.CharField(source="row.skill")
    month = serializers.CharField(source="row.month")
    required_hours = serializers.FloatField(source="row.required_hours")
    available_hours = serializers.FloatField(source="row.available_hours")
    headcount = serializers.FloatField(source="row.headcount")
    hours = serializers.FloatField()
    deliveries = DrivingDeliverySerializer(many=True)
    excess_hours = serializers.FloatField()
    other_hours = serializers.FloatField()
    items = DrivingItemSerializer(many=True)
    operations = DrivingOperationSerializer(many=True)
    more_operations = serializers.IntegerField()
    rules = serializers.ListField(child=serializers.CharField())


class StaffingDrivers(Endpoint):
    """What drives one cell of the hiring plan."""

    serializer_class = DriversSerializer

    @extend_schema(responses=DriversSerializer)
    def get(self, request: Request, version: int, skill: str, month: str) -> Response:
        """Read which sales orders, items and operations the hours of a skill in a month are for."""
        drivers = get_drivers(get_built_run(version).pk, skill=skill, month=month)
        return Response(self.get_serializer(drivers).data)


class WorkforceBook(Endpoint):
    """The hiring plan to take away."""

    serializer_class = serializers.Serializer

    @extend_schema(responses={(200, MEDIA_TYPE): OpenApiTypes.BINARY})
    def get(self, request: Request, version: int) -> HttpResponse:
        """Take away people, hires, changes, weeks, shifts and what lacks as xlsx.

        Cost and cash are for who may see wages. What was decided on hires is told to who may list decisions.
        """
        run, user = get_built_run(version), request.user
        content = workforce_book(run.pk, wages=sees_wages(user), decisions=may(user, "hiring-decision-list"))
        headers = {"Content-Disposition": f'attachment; filename="plan-{version}-workforce.xlsx"'}
        return HttpResponse(content, content_type=MEDIA_TYPE, headers=headers)
