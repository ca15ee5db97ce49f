"""Orders as rows of factory-1's ``sales_orders``, and as the system knows them."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.rest.fields import DayField, NumberField, TextField, WholeField, WordField, json_number
from config.rest.serializers import StrictSerializer
from inventory.models.fields import CODE, COUNT_LIMIT, QTY_LIMIT, plain_text
from orders.models import DeliveryPolicy, OrderKind, OrderStatus
from orders.services import NewInstalment, NewLine, NewMilestone, NewOrder

MAX_LINES = 2_000
MAX_INSTALMENTS = 1_000
MAX_MILESTONES = 200
MAX_REASON = 2_000
ENTERED = [(status.value, status.label) for status in (OrderStatus.QUOTE, OrderStatus.CONFIRMED)]


def _qty(**options: Any) -> NumberField:
    return NumberField(at_most=QTY_LIMIT, **options)


def _code(**options: Any) -> TextField:
    return TextField(**{**CODE, **options})


class NewInstalmentSerializer(StrictSerializer):
    """``qty`` units wanted on ``due``."""

    due = DayField()
    qty = _qty(above=0)
    shipped_qty = _qty(at_least=0, required=False)


class NewLineSerializer(StrictSerializer):
    """Either ``due`` or ``instalments`` says when. What is left out has the default of factory-1."""

    line = WholeField(at_least=1, at_most=QTY_LIMIT)
    item = _code()
    qty = _qty(above=0)
    due = DayField(required=False, allow_null=True)
    instalments: Any = serializers.ListSerializer(
        child=NewInstalmentSerializer(), required=False, max_length=MAX_INSTALMENTS
    )
    shipped_qty = _qty(at_least=0, required=False)
    unit_price = _qty(at_least=0, required=False, allow_null=True)
    priority = WholeField(at_least=1, at_most=COUNT_LIMIT, required=False, allow_null=True)
    late_cost_per_day = _qty(at_least=0, required=False, allow_null=True)
    late_cost_fixed = _qty(at_least=0, required=False, allow_null=True)
    lease_months = WholeField(at_most=COUNT_LIMIT, required=False, allow_null=True)


class NewMilestoneSerializer(StrictSerializer):
    """``amount`` that the customer pays on ``date``, whatever is delivered."""

    date = DayField()
    amount = _qty(at_least=0)
    name = TextField(max_length=200, required=False, allow_blank=True, validators=[plain_text])


class NewOrderSerializer(StrictSerializer):
    """A row of factory-1's ``sales_orders``. ``order_date`` left out: today."""

    ref = _code()
    customer = _code()
    customer_reference = _code(max_length=200, required=False, allow_null=True)
    kind = WordField(choices=OrderKind.choices, required=False)
    order_date = DayField(required=False, allow_null=True)
    status = WordField(choices=ENTERED, required=False)
    delivery_policy = WordField(choices=DeliveryPolicy.choices, required=False)
    lines: Any = serializers.ListSerializer(child=NewLineSerializer(), min_length=1, max_length=MAX_LINES)
    milestones: Any = serializers.ListSerializer(
        child=NewMilestoneSerializer(), required=False, max_length=MAX_MILESTONES
    )

    def new_order(self) -> NewOrder:
        """The order that was described."""
        values = {**self.validated_data}
        lines = tuple(_new_line(line) for line in values.pop("lines"))
        milestones = tuple(NewMilestone(**row) for row in values.pop("milestones", ()))
        return NewOrder(**values, lines=lines, milestones=milestones)


def _new_line(values: dict[str, Any]) -> NewLine:
    instalments = tuple(NewInstalment(**row) for row in values.get("instalments", ()))
    return NewLine(**{**values, "instalments": instalments})


class ReasonSerializer(StrictSerializer):
    """Why, in words; may be left out."""

    reason = TextField(
        max_length=MAX_REASON, required=False, default="", allow_blank=True, validators=[plain_text]
    )


# --- What is answered -----------------------------------------------------------------------------


class InstalmentSerializer(serializers.Serializer[Any]):
    """``due`` is the requested date, ``promised`` the one that plan ``promised_in_version`` gave."""

    instalment = serializers.IntegerField()
    due = DayField()
    qty = _qty()
    shipped_qty = _qty()
    shipped_on = DayField(allow_null=True)
    promised = DayField(allow_null=True)
    promised_in_version = serializers.IntegerField(allow_null=True)


class LineSerializer(serializers.Serializer[Any]):
    """``instalments`` are always listed; ``due`` only for a line that was entered with one date."""

    line = serializers.IntegerField()
    item = serializers.CharField(source="item.code")
    qty = _qty()
    due = serializers.SerializerMethodField()
    shipped_qty = serializers.SerializerMethodField()
    unit_price = _qty(allow_null=True)
    priority = serializers.IntegerField(allow_null=True)
    late_cost_per_day = _qty(allow_null=True)
    late_cost_fixed = _qty(allow_null=True)
    lease_months = serializers.IntegerField(allow_null=True)
    instalments = InstalmentSerializer(many=True)

    def get_due(self, line: Any) -> str | None:
        rows = line.instalments.all()
        return None if line.has_instalments or not rows else str(rows[0].due)

    def get_shipped_qty(self, line: Any) -> float:
        return json_number(sum((row.shipped_qty for row in line.instalments.all()), start=Decimal(0)))


class MilestoneSerializer(serializers.Serializer[Any]):
    """Money that the customer pays on a day, whatever is delivered."""

    date = DayField()
    amount = _qty()
    name = serializers.CharField()


class OrderSerializer(serializers.Serializer[Any]):
    """An order with its lines. ``version`` grows with every change."""

    ref = serializers.CharField()
    customer = serializers.CharField(source="customer.code")
    customer_reference = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(choices=OrderKind.choices)
    order_date = DayField()
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    status_reason = serializers.CharField()
    delivery_policy = serializers.ChoiceField(choices=DeliveryPolicy.choices)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    cancelled_at = serializers.DateTimeField(allow_null=True)
    changed_at = serializers.DateTimeField()
    version = serializers.IntegerField()
    lines = LineSerializer(many=True)
    milestones = MilestoneSerializer(many=True)


class DeliverySerializer(serializers.Serializer[Any]):
    """Units that arrive on one day."""

    date = serializers.DateField()
    qty = _qty()


class LateReasonSerializer(serializers.Serializer[Any]):
    """One cause of lateness and the days it costs."""

    code = serializers.CharField()
    entity = serializers.CharField()
    days = serializers.FloatField()
    text = serializers.CharField()


class PromiseSerializer(serializers.Serializer[Any]):
    """A row of plan-1's ``promises``, with the plan that gave it. ``promised`` null: never, as it is."""

    sales_order = serializers.CharField()
    line = serializers.IntegerField()
    instalment = serializers.IntegerField()
    item = serializers.CharField()
    qty = _qty()
    requested = DayField()
    promised = DayField(allow_null=True)
    days_late = serializers.IntegerField(allow_null=True)
    deliveries = DeliverySerializer(many=True)
    p50 = DayField(allow_null=True)
    p80 = DayField(allow_null=True)
    p95 = DayField(allow_null=True)
    reasons = LateReasonSerializer(many=True)
    plan_version = serializers.IntegerField()
    published_at = serializers.DateTimeField(source="promised_at")


class UnplannedSerializer(serializers.Serializer[Any]):
    """An instalment with open units that no published plan has given a date."""

    line = serializers.IntegerField(source="order_line.line")
    instalment = serializers.IntegerField()
    item = serializers.CharField(source="order_line.item.code")
    qty = _qty(source="open_qty")
    requested = DayField(source="due")


class DeliveryDatesSerializer(serializers.Serializer[Any]):
    """What the customer of an order was last told, instalment by instalment.

    ``plan_version`` and ``published_at`` are of the newest plan among the promises.
    """

    sales_order = serializers.CharField(source="order.ref")
    status = serializers.ChoiceField(source="order.status", choices=OrderStatus.choices)
    state = serializers.ChoiceField(choices=["promised", "not_planned"])
    plan_version = serializers.IntegerField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    promises = PromiseSerializer(many=True)
    not_planned = UnplannedSerializer(many=True)
