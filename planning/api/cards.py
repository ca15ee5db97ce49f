"""Hiring decision cards over HTTP: read as far as they are, worked out again on demand."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.fields import DayField
from config.rest.serializers import NothingSerializer
from config.rest.views import Endpoint
from planning.models import CardsStatus, Verdict
from planning.selectors.cards import add_decisions, find_cards, list_cards
from planning.selectors.runs import get_built_run
from planning.tasks import submit_cards

STATUSES = [("none", "Nobody asked for them"), *CardsStatus.choices]


class Rounded(serializers.FloatField):
    """A figure without the noise of the model that found it."""

    def __init__(self, places: int = 2, **options: Any) -> None:
        self.places = places
        super().__init__(**options)

    def to_representation(self, value: Any) -> Any:
        # Never "-0.0".
        return round(float(value), self.places) + 0.0


class SlipSerializer(serializers.Serializer[Any]):
    """A delivery that comes `days` later; `is_served` false: not within the horizon at all."""

    name = serializers.CharField()
    days = Rounded(places=1)
    is_served = serializers.BooleanField()


class DecidedSerializer(serializers.Serializer[Any]):
    """What was decided on the hires of the card's skill and month."""

    id = serializers.IntegerField(source="pk")
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    heads = serializers.IntegerField()


class HiringCardSerializer(serializers.Serializer[Any]):
    """A block of hires, and what happens without it: put off (`worth`, `slips`), or where nobody is hired for
    the skill in any later month either (`never_worth`, `never_slips`).
    """

    skill = serializers.CharField()
    month = serializers.CharField()
    heads = serializers.IntegerField()
    requisition_by = DayField()
    decide_by = DayField()
    worth = Rounded()
    money = Rounded()
    late_cost = Rounded()
    missing_head_months = Rounded()
    break_even_cost = Rounded()
    slips = SlipSerializer(many=True)
    never_worth = Rounded()
    never_slips = SlipSerializer(many=True)
    decision = DecidedSerializer(allow_null=True)


class HiringCardsSerializer(serializers.Serializer[Any]):
    """The cards of a plan, the most urgent first. `status` done: these are all."""

    status = serializers.ChoiceField(choices=STATUSES)
    asked_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    failure = serializers.CharField(allow_blank=True)
    cards = HiringCardSerializer(many=True)


class HiringCardsView(Endpoint):
    """What each block of hires of a plan is worth."""

    serializer_class = HiringCardsSerializer

    @extend_schema(responses=HiringCardsSerializer)
    def get(self, request: Request, version: int) -> Response:
        """Read the hiring decision cards of a plan."""
        get_built_run(version)
        return Response(_shown(version))

    @extend_schema(request=NothingSerializer, responses={202: HiringCardsSerializer})
    def post(self, request: Request, version: int) -> Response:
        """Have them worked out again."""
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        submit_cards(version=version, now=timezone.now())
        return Response(_shown(version), status=202)


def _shown(version: int) -> dict[str, Any]:
    asked, cards = find_cards(version), list(list_cards(version))
    add_decisions(cards)
    row = {
        "status": asked.status if asked else "none",
        "asked_at": asked and asked.asked_at,
        "finished_at": asked and asked.finished_at,
        "failure": asked.failure_reason if asked else "",
        "cards": cards,
    }
    return dict(HiringCardsSerializer(row).data)
