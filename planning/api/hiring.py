"""Decisions on hires over HTTP: listed, taken, taken back."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.fields import TextField, WholeField, WordField
from config.rest.filters import StrictFilterBackend
from config.rest.serializers import StrictSerializer
from inventory.api.serializers import code
from inventory.models.fields import COUNT_LIMIT, plain_text
from planning.api.filters import HiringDecisionFilter
from planning.api.shop_floor import Entries, Entry
from planning.models import HiringDecision, Verdict
from planning.models.hiring import MONTH
from planning.services.hiring import decide_hires


class HiringDecisionRequestSerializer(StrictSerializer):
    """`approved`: at least `heads` come in the `month` (2011-03); `locked`: just so many; `refused`: none."""

    skill = code()
    month = TextField(**MONTH)
    heads = WholeField(at_most=COUNT_LIMIT)
    verdict = WordField(choices=Verdict.choices)
    note = TextField(max_length=200, required=False, allow_blank=True, validators=[plain_text])


class HiringDecisionSerializer(serializers.Serializer[Any]):
    """What was decided on the hires of a skill in a month, by whom (null: from a file) and when."""

    id = serializers.IntegerField(source="pk")
    skill = serializers.CharField(source="skill.code")
    month = serializers.CharField()
    heads = serializers.IntegerField()
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    note = serializers.CharField()
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)
    decided_at = serializers.DateTimeField()


class HiringDecisions(Entries):
    """What people decided on hires."""

    serializer_class = HiringDecisionSerializer
    request_class = HiringDecisionRequestSerializer
    filter_backends = (StrictFilterBackend,)
    filterset_class = HiringDecisionFilter

    def get_queryset(self) -> "QuerySet[HiringDecision]":
        rows = HiringDecision.objects.select_related("skill", "decided_by")
        return rows.order_by("month", "skill__code")

    @extend_schema(responses=HiringDecisionSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List decisions on hires, the earliest month first."""
        return self.listed()

    @extend_schema(
        request=HiringDecisionRequestSerializer,
        responses={200: HiringDecisionSerializer, 201: HiringDecisionSerializer},
    )
    def post(self, request: Request) -> Response:
        """Decide on the hires of a skill in a month, or otherwise than before: 200. Twice is once."""
        body = self.request_class(data=request.data)
        body.is_valid(raise_exception=True)
        row, is_new = decide_hires(now=timezone.now(), by=request.user, **body.validated_data)
        return Response(self.get_serializer(row).data, status=201 if is_new else 200)


class HiringDecisionDetail(Entry):
    serializer_class = HiringDecisionSerializer
    model = HiringDecision
