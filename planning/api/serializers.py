"""Plans as they are asked for, watched and published."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.rest.fields import DayField, NumberField, WholeField
from config.rest.serializers import StrictSerializer
from inventory.models.fields import QTY_LIMIT
from planning.api.rows import CertificateSerializer, CostSerializer, ViolationSerializer, number
from planning.engine.request import MAX_TIME_LIMIT_SECONDS, MAX_WORK_BUDGET
from planning.models import PlanStatus
from planning.services.runs import MAX_SEED, MAX_WORKERS


def _weight() -> NumberField:
    return NumberField(at_least=0, at_most=QTY_LIMIT, required=False)


MOVES = [(kind, kind.capitalize()) for kind in ("new", "earlier", "later", "withdrawn")]


class WeightsRequestSerializer(StrictSerializer):
    """What a planner wants more of. `lateness`, `stock` and `overtime` multiply these parts of the cost (1);
    `on_time` is money for each late instalment, `setups` for each hour of setup, `changes` for each operation
    or date that is another than in the base plan, `headcount` for each head by which people in all become
    more or fewer from one month to the next (0).
    """

    lateness = _weight()
    on_time = _weight()
    setups = _weight()
    stock = _weight()
    overtime = _weight()
    changes = _weight()
    headcount = _weight()


class WeightsSerializer(serializers.Serializer[Any]):
    """What the planner wanted more of."""

    lateness = serializers.FloatField(default=1.0)
    on_time = serializers.FloatField(default=0.0)
    setups = serializers.FloatField(default=0.0)
    stock = serializers.FloatField(default=1.0)
    overtime = serializers.FloatField(default=1.0)
    changes = serializers.FloatField(default=0.0)
    headcount = serializers.FloatField(default=0.0)


class PlanRequestSerializer(StrictSerializer):
    """All may be left out: `as_of` is then the factory's planning date, no wall clock ends the build, and
    `workers` (processes that try candidates side by side) are as many as the machine gives that builds it.

    `base_plan` is the version of a built plan to be changed as little as possible; of its operations at most
    the share `move_budget` may move: a tenth, unless it is given. `work_budget`: rounds of improvement.
    """

    as_of = DayField(required=False, allow_null=True)
    time_limit_seconds = WholeField(
        at_least=1, at_most=MAX_TIME_LIMIT_SECONDS, required=False, allow_null=True
    )
    workers = WholeField(at_least=1, at_most=MAX_WORKERS, required=False)
    seed = WholeField(at_least=0, at_most=MAX_SEED, required=False)
    work_budget = WholeField(at_least=1, at_most=MAX_WORK_BUDGET, required=False)
    weights = WeightsRequestSerializer(required=False)
    base_plan = WholeField(at_least=1, at_most=MAX_SEED, required=False, allow_null=True)
    move_budget = NumberField(at_least=0, at_most=1, required=False, allow_null=True)


# --- Runs ------------------------------------------------------------------------------------------


class FailureSerializer(serializers.Serializer[Any]):
    """Why there is no plan."""

    code = serializers.CharField()
    reason = serializers.CharField()


class PlanSerializer(serializers.Serializer[Any]):
    """A request for a plan, how far its build is, and what became of it."""

    version = serializers.IntegerField()
    scenario = serializers.CharField()
    status = serializers.ChoiceField(choices=PlanStatus.choices)
    stage = serializers.CharField()
    percent = serializers.IntegerField()
    incumbent_cost = serializers.FloatField(allow_null=True)
    attempt = serializers.IntegerField()
    requested_at = serializers.DateTimeField()
    requested_by = serializers.CharField(source="requested_by.username", default=None, allow_null=True)
    as_of = DayField(allow_null=True)
    time_limit_seconds = serializers.IntegerField(allow_null=True)
    workers = serializers.IntegerField(allow_null=True)
    seed = serializers.IntegerField()
    work_budget = serializers.IntegerField(allow_null=True)
    weights = WeightsSerializer()
    base_plan = serializers.IntegerField(source="base_plan_id", allow_null=True)
    move_budget = serializers.FloatField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField(source="built_at", allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    published_by = serializers.CharField(source="published_by.username", default=None, allow_null=True)
    cancelled_by = serializers.CharField(source="cancelled_by.username", default=None, allow_null=True)
    finish_requested_at = serializers.DateTimeField(allow_null=True)
    finish_requested_by = serializers.CharField(
        source="finish_requested_by.username", default=None, allow_null=True
    )
    failure = serializers.SerializerMethodField()
    input_digest = serializers.CharField()
    engine_version = serializers.CharField()
    reproducible = serializers.BooleanField()
    total_cost = serializers.FloatField(allow_null=True)

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_failure(self, run: Any) -> dict[str, str] | None:
        if not run.failure_code:
            return None
        return {"code": run.failure_code, "reason": run.failure_reason}


class SeverityCountSerializer(serializers.Serializer[Any]):
    """Exceptions by severity."""

    info = serializers.IntegerField()
    warning = serializers.IntegerField()
    error = serializers.IntegerField()


class SummarySerializer(serializers.Serializer[Any]):
    """The plan in a few figures."""

    instalments = serializers.IntegerField()
    late_instalments = serializers.IntegerField()
    worst_days_late = serializers.IntegerField()
    make_orders = serializers.IntegerField()
    buy_orders = serializers.IntegerField()
    operations = serializers.IntegerField()
    hires = serializers.IntegerField()
    peak_heads = serializers.FloatField()
    peak_month = serializers.CharField(allow_null=True)
    exceptions = SeverityCountSerializer()


class CourseStepSerializer(serializers.Serializer[Any]):
    """From so many seconds after the attempt began, the best plan was this good. `late_days` are those of all
    instalments together; no plan has fewer than `least_late_days`. `objective` is what the build minimises:
    the cost with what the planner's weights and the search count more (null: not told).
    """

    seconds = serializers.FloatField()
    incumbent_cost = serializers.FloatField(allow_null=True)
    late_days = serializers.IntegerField(allow_null=True)
    least_late_days = serializers.IntegerField(allow_null=True)
    objective = serializers.FloatField(allow_null=True, default=None)


class StaleSerializer(serializers.Serializer[Any]):
    """An instalment that the plan knew otherwise than it is now, so it was not promised."""

    sales_order = serializers.CharField()
    line = serializers.IntegerField()
    instalment = serializers.IntegerField()
    code = serializers.CharField()
    text = serializers.CharField()


class PlanDetailSerializer(PlanSerializer):
    """A plan with the course of its build (at most 200 steps), and its certificate, cost and summary; these
    are null until it is built.
    """

    course = CourseStepSerializer(many=True)
    certificate = CertificateSerializer(allow_null=True)
    cost = CostSerializer(allow_null=True)
    violations = ViolationSerializer(many=True)
    stale = StaleSerializer(many=True)
    summary = SummarySerializer(allow_null=True)


# --- Publishing --------------------------------------------------------------------------------------


class MoveSerializer(serializers.Serializer[Any]):
    """A promised date that publishing would change; `days` is positive when it moves to a later day."""

    sales_order = serializers.CharField()
    line = serializers.IntegerField()
    instalment = serializers.IntegerField()
    item = serializers.CharField()
    qty = number()
    requested = DayField()
    moves_from = DayField(allow_null=True)
    moves_to = DayField(allow_null=True)
    days = serializers.IntegerField(allow_null=True)
    kind = serializers.ChoiceField(choices=MOVES)


class MoveCountSerializer(serializers.Serializer[Any]):
    """Instalments by what publishing would do to them."""

    new = serializers.IntegerField()
    earlier = serializers.IntegerField()
    later = serializers.IntegerField()
    withdrawn = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    stale = serializers.IntegerField()


class PublishPreviewSerializer(serializers.Serializer[Any]):
    """What publishing would do; `replaces` is the version that is published now. `becomes_firm`: how many
    planned orders go out within the policy's frozen days, so that they would become firm.
    """

    version = serializers.IntegerField()
    replaces = serializers.IntegerField(allow_null=True)
    counts = MoveCountSerializer()
    moves = MoveSerializer(many=True)
    stale = StaleSerializer(many=True)
    becomes_firm = serializers.IntegerField()
