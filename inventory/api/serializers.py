"""Purchase orders and stock as they are sent and answered."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.rest.fields import DayField, NumberField, TextField
from config.rest.serializers import StrictSerializer
from inventory.models import MAIN, MovementKind, PurchaseStatus
from inventory.models.fields import CODE, QTY_LIMIT, plain_text
from inventory.selectors import exact
from inventory.services import OrderedLine, OrderedPurchase, ReceivedLine, StockLine

MAX_LINES = 2_000
# Lines are exchanged under the ref of their order, a slash and their number.
MAX_ORDER_REF = CODE["max_length"] - len(f"/{MAX_LINES}")
MAX_REASON = 100
MAX_NOTE = 2_000


def number(**options: Any) -> NumberField:
    """An exact decimal, written as a JSON number."""
    return NumberField(at_most=QTY_LIMIT, **options)


def code(**options: Any) -> TextField:
    """The code or ref of something."""
    return TextField(**{**CODE, **options})


def lines(child: serializers.Serializer[Any], **options: Any) -> Any:
    """A list of rows, at least one."""
    return serializers.ListSerializer(child=child, **{"min_length": 1, "max_length": MAX_LINES, **options})


def reason() -> TextField:
    """Why, in words; may be left out."""
    return TextField(
        max_length=MAX_REASON, required=False, default="", allow_blank=True, validators=[plain_text]
    )


# --- Purchase orders --------------------------------------------------------------------------------


class PurchaseLineSerializer(serializers.Serializer[Any]):
    """`qty` is what still stands: what was ordered less `cancelled_qty`. Open is what has not come of it."""

    ref = serializers.CharField()
    line = serializers.IntegerField()
    item = serializers.CharField(source="item.code")
    qty = number()
    received_qty = number()
    cancelled_qty = number()
    open_qty = serializers.SerializerMethodField()
    due = DayField()
    status = serializers.ChoiceField(choices=PurchaseStatus.choices)
    unit_cost = number(allow_null=True)
    plan_version = serializers.IntegerField(source="planned_in", allow_null=True)
    planned_order = serializers.CharField(allow_null=True)

    def get_open_qty(self, line: Any) -> float:
        return number().to_representation(line.qty - line.received_qty)


class PurchaseOrderSerializer(serializers.Serializer[Any]):
    """An order to a supplier with its lines; its status follows from theirs."""

    ref = serializers.CharField()
    supplier = serializers.CharField(source="supplier.code")
    order_date = DayField(allow_null=True)
    status = serializers.ChoiceField(choices=PurchaseStatus.choices)
    version = serializers.IntegerField()
    lines = PurchaseLineSerializer(many=True)


class NewPurchaseLineSerializer(StrictSerializer):
    """`unit_cost` left out: not known."""

    item = code()
    qty = number(above=0)
    due = DayField()
    unit_cost = number(at_least=0, required=False, allow_null=True)


class NewPurchaseOrderSerializer(StrictSerializer):
    """An order that goes out. Without a `ref` it gets the next number; `order_date` left out: today."""

    ref = code(required=False, allow_null=True, max_length=MAX_ORDER_REF)
    supplier = code()
    order_date = DayField(required=False, allow_null=True)
    lines = lines(NewPurchaseLineSerializer())

    def ordered(self) -> OrderedPurchase:
        """The order that was described."""
        values = {**self.validated_data}
        rows = tuple(OrderedLine(**row) for row in values.pop("lines"))
        return OrderedPurchase(**values, lines=rows)


class ReceivedLineSerializer(StrictSerializer):
    """`qty` left out: all that is open of the line. One line may be put in several places."""

    ref = code()
    qty = number(above=0, required=False, allow_null=True)
    location = code(required=False, default=MAIN)
    lot = code(required=False, allow_null=True)


class ReceiveSerializer(StrictSerializer):
    """A delivery. With a `reference` it is booked once, however often it is sent."""

    reference = code(required=False, allow_null=True)
    lines = lines(ReceivedLineSerializer())

    def received(self) -> dict[str, Any]:
        values = {**self.validated_data}
        return values | {"lines": [ReceivedLine(**row) for row in values["lines"]]}


class ReceiptLineSerializer(serializers.Serializer[Any]):
    """What came in of a line, and where it was put."""

    ref = serializers.CharField()
    item = serializers.CharField()
    qty = serializers.SerializerMethodField()
    location = serializers.CharField()
    lot = serializers.CharField(allow_null=True)

    def get_qty(self, row: dict[str, Any]) -> float:
        return number().to_representation(Decimal(row["qty"]))


class ReceiptSerializer(serializers.Serializer[Any]):
    """A delivery as it was booked."""

    purchase_order = serializers.CharField(source="order_ref")
    reference = serializers.CharField(allow_null=True)
    received_at = serializers.DateTimeField(source="at")
    lines = ReceiptLineSerializer(many=True)


class CancelledLineSerializer(StrictSerializer):
    """`qty` left out: all that is open of the line."""

    ref = code()
    qty = number(above=0, required=False, allow_null=True)


def each_once(rows: list[dict[str, Any]]) -> None:
    """Refuse a line that is named twice: which of the two is meant, nobody knows."""
    seen: set[str] = set()
    for row in rows:
        if row["ref"] in seen:
            raise serializers.ValidationError(f"{row['ref']} is named twice: name each line once.")
        seen.add(row["ref"])


class CancelPurchaseSerializer(StrictSerializer):
    """`lines` left out: all that is open of the order."""

    lines = lines(CancelledLineSerializer(), required=False, validators=[each_once])
    reason = reason()


class RescheduledLineSerializer(StrictSerializer):
    ref = code()
    due = DayField()


class RescheduleSerializer(StrictSerializer):
    """Either `due` for all that is open, or `lines` with a day each."""

    due = DayField(required=False)
    lines = lines(RescheduledLineSerializer(), required=False, validators=[each_once])
    reason = reason()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("due" in attrs) == ("lines" in attrs):
            raise serializers.ValidationError("Either due or lines is expected, not both.")
        return attrs


# --- Stock ------------------------------------------------------------------------------------------


class BalanceSerializer(serializers.Serializer[Any]):
    """What lies of an item at one place; `value` is that of its material."""

    item = serializers.CharField()
    name = serializers.CharField()
    uom = serializers.CharField()
    location = serializers.CharField()
    lot = serializers.CharField(allow_null=True)
    qty = number()
    unit_value = number()
    value = number()


def balance_row(row: dict[str, Any], unit_value: Decimal) -> dict[str, Any]:
    """A row of ``stock_on_hand`` with what it is worth."""
    qty = exact(row["balance"])
    worth = {"unit_value": exact(unit_value), "value": exact(qty * unit_value)}
    return {**row, "item": row["code"], "qty": qty} | worth


class MovementSerializer(serializers.Serializer[Any]):
    """One row of the ledger: `qty` came in, or went out where it is below zero."""

    item = serializers.CharField(source="item.code")
    location = serializers.CharField()
    lot = serializers.CharField(allow_null=True)
    qty = number()
    kind = serializers.ChoiceField(choices=MovementKind.choices)
    reference = serializers.CharField()
    note = serializers.CharField()
    at = serializers.DateTimeField()
    by = serializers.CharField(source="by.username", default=None, allow_null=True)


class _StockLineSerializer(StrictSerializer):
    item = code()
    qty = number(above=0)
    location = code(required=False, default=MAIN)
    lot = code(required=False, allow_null=True)


class CountedPlaceSerializer(_StockLineSerializer):
    """`qty` is what lies there."""

    qty = number(at_least=0)


class TransferLineSerializer(_StockLineSerializer):
    """From `location` to `to_location`."""

    to_location = code()


class MoveSerializer(StrictSerializer):
    """Movements that belong together: all are booked, or none."""

    lines = lines(_StockLineSerializer())
    reference = code(required=False, default="", allow_blank=True)
    note = TextField(
        max_length=MAX_NOTE, required=False, default="", allow_blank=True, validators=[plain_text]
    )

    def booking(self) -> dict[str, Any]:
        values = {**self.validated_data}
        return values | {"lines": [StockLine(**row) for row in values["lines"]]}


class AdjustSerializer(MoveSerializer):
    lines = lines(CountedPlaceSerializer())


class TransferSerializer(MoveSerializer):
    lines = lines(TransferLineSerializer())
