"""ABC classes of a plan's items over HTTP, and cycle counts of a class."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.fields import WordField
from config.rest.pagination import Pages
from config.rest.views import Endpoint
from inventory.api.counts import CountDetailSerializer, NewCountSerializer, detail
from planning.api.rows import number
from planning.models import PlanRun
from planning.selectors.abc import CLASSES, list_abc
from planning.selectors.runs import get_built_run
from planning.services.counting import open_count_of_class

ABC = [(name, name) for name, _ in CLASSES]


class AbcItemSerializer(serializers.Serializer[Any]):
    """What a year of the plan takes of an item; `share` is that of all items up to this one."""

    item = serializers.CharField()
    name = serializers.CharField()
    annual_qty = number()
    unit_value = number()
    annual_value = number()
    share = number()
    abc_class = serializers.ChoiceField(choices=ABC)


class ClassCountSerializer(NewCountSerializer):
    """A count of one class, of what is in stock."""

    items = None  # type: ignore[assignment]
    abc_class = WordField(choices=ABC)


class AbcItems(Endpoint):
    """Items by value."""

    pagination_class = Pages
    serializer_class = AbcItemSerializer
    queryset = PlanRun.objects.none()

    @extend_schema(responses=AbcItemSerializer(many=True))
    def get(self, request: Request, version: int) -> Response:
        """List the items of a plan by what a year of it takes of them, the most valuable first."""
        page = self.paginate_queryset(list_abc(get_built_run(version), now=timezone.now()))  # type: ignore[arg-type]
        return self.get_paginated_response(AbcItemSerializer(page, many=True).data)


class ClassCount(Endpoint):
    """Counts of a class."""

    serializer_class = ClassCountSerializer

    @extend_schema(request=ClassCountSerializer, responses={201: CountDetailSerializer})
    def post(self, request: Request, version: int) -> Response:
        """Open a draft of a sheet for one class of items."""
        body = ClassCountSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        count = open_count_of_class(
            version=version, now=timezone.now(), by=request.user, **body.validated_data
        )
        location = request.build_absolute_uri(reverse("cycle-count-detail", args=[count.ref]))
        return Response(detail(count.ref), status=201, headers={"Location": location})
