"""Two plans side by side over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.fields import DayField
from config.rest.roles import sees_wages
from config.rest.views import Endpoint
from planning.api.rows import number
from planning.api.wages import HIDDEN_PARTS
from planning.models import PlanStatus
from planning.selectors.versions import PlanComparison, compare_plans
from planning.selectors.versions.dates import KINDS

# Of each list; what comes first matters most, and the counts are of all.
MOST_ROWS = 500
DATE_KINDS = [(kind, kind) for kind in KINDS]
CHANGE_KINDS = [(kind, kind) for kind in ("added", "removed", "changed")]
OPERATION_KINDS = [(kind, kind) for kind in ("moved", "added", "removed")]


class ComparedPlanSerializer(serializers.Serializer[Any]):
    """One of the two plans."""

    version = serializers.IntegerField()
    status = serializers.ChoiceField(choices=PlanStatus.choices)
    as_of = DayField(allow_null=True)
    created_at = serializers.DateTimeField(source="built_at", allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    input_digest = serializers.CharField()


class FigureSerializer(serializers.Serializer[Any]):
    """A key figure. `change` is `after` less `before`."""

    name = serializers.CharField()
    before = serializers.FloatField()
    after = serializers.FloatField()
    change = serializers.FloatField()


class CostPartSerializer(serializers.Serializer[Any]):
    """A part of the cost; null without the role for it."""

    part = serializers.CharField()
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)
    change = serializers.FloatField(allow_null=True)


class DateMoveSerializer(serializers.Serializer[Any]):
    """An instalment whose date is another one. `days` is positive when it is later; `why` is for people."""

    sales_order = serializers.CharField()
    line = serializers.IntegerField()
    instalment = serializers.IntegerField()
    item = serializers.CharField()
    qty = number()
    requested = DayField()
    before = DayField(allow_null=True)
    after = DayField(allow_null=True)
    days = serializers.IntegerField(allow_null=True)
    kind = serializers.ChoiceField(choices=DATE_KINDS)
    late_before = serializers.IntegerField()
    late_after = serializers.IntegerField()
    why = serializers.ListField(child=serializers.CharField())


class HeadsSerializer(serializers.Serializer[Any]):
    """Paid heads and hires of a month."""

    heads = serializers.FloatField()
    hires = serializers.IntegerField()


class HeadsChangeSerializer(serializers.Serializer[Any]):
    """One skill in one month; without a `skill`, all people."""

    skill = serializers.CharField(allow_blank=True)
    month = serializers.CharField()
    before = HeadsSerializer()
    after = HeadsSerializer()


class PurchaseSerializer(serializers.Serializer[Any]):
    """A purchase as one of the plans has it."""

    supplier = serializers.CharField(allow_blank=True)
    qty = number()
    release = DayField()
    due = DayField()


class PurchaseChangeSerializer(serializers.Serializer[Any]):
    """A purchase that is not the same; `days`: by how much it goes out later."""

    item = serializers.CharField()
    kind = serializers.ChoiceField(choices=CHANGE_KINDS)
    days = serializers.IntegerField(allow_null=True)
    before = PurchaseSerializer(allow_null=True)
    after = PurchaseSerializer(allow_null=True)


class PlacedSerializer(serializers.Serializer[Any]):
    """Where one of the plans has an operation; outside no work centre has it."""

    order = serializers.CharField()
    work_centre = serializers.CharField(allow_blank=True)
    station = serializers.IntegerField()
    qty = number()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class OperationMoveSerializer(serializers.Serializer[Any]):
    """An operation that begins at another moment or station; `days`: by how much later."""

    item = serializers.CharField()
    seq = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=OPERATION_KINDS)
    days = serializers.FloatField(allow_null=True)
    before = PlacedSerializer(allow_null=True)
    after = PlacedSerializer(allow_null=True)


class CentreMovesSerializer(serializers.Serializer[Any]):
    """Operations of a work centre; `mean_days` is over those that moved, earlier or later."""

    work_centre = serializers.CharField(allow_blank=True)
    unmoved = serializers.IntegerField()
    moved = serializers.IntegerField()
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    mean_days = serializers.FloatField()


class SettingSerializer(serializers.Serializer[Any]):
    """Something that was asked for in another way."""

    name = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class InputRowChangeSerializer(serializers.Serializer[Any]):
    """A row of the input, by its key, and the names of what changed in it."""

    kind = serializers.ChoiceField(choices=CHANGE_KINDS)
    key = serializers.CharField()
    fields = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]


class SectionChangeSerializer(serializers.Serializer[Any]):
    """A section of factory-1 that differs, with its first rows."""

    section = serializers.CharField()
    added = serializers.IntegerField()
    removed = serializers.IntegerField()
    changed = serializers.IntegerField()
    examples = InputRowChangeSerializer(many=True)


class ChangeCountSerializer(serializers.Serializer[Any]):
    """All that differs, also what the lists leave out."""

    same_dates = serializers.IntegerField()
    dates = serializers.IntegerField()
    same_purchases = serializers.IntegerField()
    purchases = serializers.IntegerField()
    unmoved_operations = serializers.IntegerField()
    operations = serializers.IntegerField()


class PlanComparisonSerializer(serializers.Serializer[Any]):
    """What differs from one plan to the other; at most 500 rows of each list."""

    before = ComparedPlanSerializer()
    after = ComparedPlanSerializer()
    counts = ChangeCountSerializer()
    figures = FigureSerializer(many=True)
    costs = CostPartSerializer(many=True)
    dates = DateMoveSerializer(many=True)
    people = HeadsChangeSerializer(many=True)
    purchases = PurchaseChangeSerializer(many=True)
    work_centres = CentreMovesSerializer(many=True)
    operations = OperationMoveSerializer(many=True)
    settings = SettingSerializer(many=True)
    inputs = SectionChangeSerializer(many=True)


class PlanCompareView(Endpoint):
    """One plan held against another."""

    serializer_class = PlanComparisonSerializer

    @extend_schema(responses=PlanComparisonSerializer)
    def get(self, request: Request, version: int, other: int) -> Response:
        """Compare two plans: what differs from `version` to `other`, and why dates moved."""
        found = compare_plans(version, other)
        return Response(PlanComparisonSerializer(_told(found, wages=sees_wages(request.user))).data)


def _told(found: PlanComparison, *, wages: bool) -> dict[str, Any]:
    people = found.people
    return {
        "before": _side(found.before),
        "after": _side(found.after),
        "counts": {
            "same_dates": found.same_dates,
            "dates": len(found.dates),
            "same_purchases": found.same_purchases,
            "purchases": len(found.purchases),
            "unmoved_operations": found.operations.unmoved,
            "operations": len(found.operations.moves),
        },
        "figures": [row for row in found.figures if wages or not row.is_money],
        "costs": [_cost(row, wages=wages) for row in found.costs],
        "dates": found.dates[:MOST_ROWS],
        "people": [
            *people.totals,
            *(row for rows in people.skills.values() for row in rows if row.is_change),
        ],
        "purchases": [
            {
                "item": row.item,
                "kind": row.kind,
                "days": row.days,
                "before": row.before and row.before._asdict(),
                "after": row.after and row.after._asdict(),
            }
            for row in found.purchases[:MOST_ROWS]
        ],
        "work_centres": found.operations.centres,
        "operations": [
            {
                "item": row.item,
                "seq": row.seq,
                "kind": row.kind,
                "days": None if row.days is None else round(row.days, 4),
                "before": row.before and row.before._asdict(),
                "after": row.after and row.after._asdict(),
            }
            for row in found.operations.moves[:MOST_ROWS]
        ],
        "settings": found.settings,
        "inputs": found.inputs,
    }


def _side(run: Any) -> dict[str, Any]:
    names = ("version", "status", "as_of", "built_at", "published_at", "input_digest")
    return {name: getattr(run, name) for name in names}


def _cost(row: Any, *, wages: bool) -> dict[str, Any]:
    is_hidden = row.part in HIDDEN_PARTS and not wages
    values = {name: None if is_hidden else getattr(row, name) for name in ("before", "after", "change")}
    return {"part": row.part, **values}
