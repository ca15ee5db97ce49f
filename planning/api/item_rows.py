"""Bills, costs and findings as they are read over HTTP; quantities as numbers and as exact fractions."""

from fractions import Fraction
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.rest.fields import DayField, NumberField
from planning.engine.costing import PARTS, Cost
from planning.selectors.costing import CostSheet

PLACES = 9


@extend_schema_field(OpenApiTypes.NUMBER)
class FractionField(serializers.Field[Fraction, Any, Any, Any]):
    """An exact fraction as a number, rounded to nine places."""

    def to_representation(self, value: Fraction) -> int | float:
        rounded = round(value, PLACES)
        return int(rounded) if rounded.denominator == 1 else float(rounded)


class ExactField(serializers.CharField):
    """An exact fraction as text: `40/19`."""


def _qty(**options: Any) -> NumberField:
    return NumberField(at_most=10**9, **options)


class PlaceSerializer(serializers.Serializer[Any]):
    """A place of an item in an indented list; `qty` is per one unit of the topmost item, scrap included."""

    level = serializers.IntegerField()
    path = serializers.ListField(child=serializers.CharField())
    item = serializers.CharField(source="item.code")
    name = serializers.CharField(source="item.name")
    kind = serializers.CharField(source="item.kind")
    uom = serializers.CharField(source="item.uom")
    revision = serializers.CharField(source="line.revision")
    qty_per = _qty(source="line.qty")
    scrap = _qty(source="line.scrap")
    qty = FractionField()
    qty_exact = ExactField(source="qty")
    operation = serializers.IntegerField(allow_null=True)
    phantoms = serializers.ListField(child=serializers.CharField())

    def get_fields(self) -> Any:
        """With the days under the names of the formats, one of which is a word of Python."""
        fields = super().get_fields()
        fields["from"] = DayField(source="starts", allow_null=True)
        fields["to"] = DayField(source="ends", allow_null=True)
        return fields


class DemandSerializer(serializers.Serializer[Any]):
    """An open line of a confirmed order, and how much of the item goes into what is open of it."""

    sales_order = serializers.CharField()
    line = serializers.IntegerField()
    customer = serializers.CharField()
    item = serializers.CharField()
    open_qty = _qty()
    next_due = DayField()
    qty_per = FractionField()
    needed = FractionField()


class WhereUsedSerializer(serializers.Serializer[Any]):
    """Everything that an item goes into. `cut_off`: there are more rows than are listed."""

    item = serializers.CharField(source="item.code")
    name = serializers.CharField(source="item.name")
    on = DayField(allow_null=True)
    demand_on = DayField()
    cut_off = serializers.BooleanField(source="above.cut_off")
    rows = PlaceSerializer(source="above.rows", many=True)
    demand = DemandSerializer(many=True)


class BillPlaceSerializer(PlaceSerializer):
    """A place in an indented bill. `unit_material`: of one unit of it; `material`: per topmost item."""

    lead_time_days = serializers.IntegerField(allow_null=True)
    supplier = serializers.CharField(allow_null=True)
    on_hand = _qty()
    unit_material = FractionField()
    material = FractionField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        own = {"lead_time_days", "supplier", "on_hand", "unit_material", "material"}
        fields = self.fields
        place = {name: _shown(field, instance.row) for name, field in fields.items() if name not in own}
        return place | {name: _shown(fields[name], instance) for name in own if name in fields}


def _shown(field: Any, instance: Any) -> Any:
    value = field.get_attribute(instance)
    return None if value is None else field.to_representation(value)


class ExplosionSerializer(serializers.Serializer[Any]):
    """Everything that an item is made of."""

    item = serializers.CharField(source="item.code")
    name = serializers.CharField(source="item.name")
    on = DayField()
    revision = serializers.CharField(allow_null=True)
    on_hand = _qty()
    unit_material = FractionField()
    cut_off = serializers.BooleanField()
    rows = BillPlaceSerializer(many=True)


class CostPartsSerializer(serializers.Serializer[Any]):
    """An amount by what it is paid for. `labour` and `total` are null for who may not see wages."""

    material = FractionField()
    labour = FractionField(allow_null=True)
    machine = FractionField()
    subcontract = FractionField()
    total = FractionField(allow_null=True)
    without_labour = FractionField()

    def to_representation(self, instance: Cost) -> dict[str, Any]:
        told = super().to_representation(instance)
        return told if self.context["wages"] else told | {"labour": None, "total": None}


class CostLevelSerializer(CostPartsSerializer):
    """What one level of the bill adds. `share`: of the whole, as far as it may be seen."""

    level = serializers.IntegerField()
    share = serializers.FloatField()


class StepCostSerializer(serializers.Serializer[Any]):
    """An operation of one unit. Hours are attended ones."""

    seq = serializers.IntegerField()
    name = serializers.CharField()
    hours = FractionField()
    labour = FractionField(allow_null=True)
    machine = FractionField()


class CostItemSerializer(serializers.Serializer[Any]):
    """One item of the bill: amounts are for one unit of it, on the average of the units asked about."""

    item = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    qty = FractionField()
    own = CostPartsSerializer()
    rolled = CostPartsSerializer()
    share = serializers.FloatField()
    operations = StepCostSerializer(many=True)


class CurveSerializer(serializers.Serializer[Any]):
    """What unit number `unit` costs."""

    unit = serializers.IntegerField()
    material = serializers.FloatField()
    labour = serializers.FloatField(allow_null=True)
    machine = serializers.FloatField()
    subcontract = serializers.FloatField()


class ItemCostSerializer(serializers.Serializer[Any]):
    """What one unit of an item costs: the next one, the average of some, and at the reference unit."""

    item = serializers.CharField()
    name = serializers.CharField()
    currency = serializers.CharField()
    on = DayField()
    units_made = serializers.IntegerField()
    units = serializers.IntegerField()
    next = CostPartsSerializer()
    average = CostPartsSerializer()
    standard = CostPartsSerializer()
    levels = CostLevelSerializer(many=True)
    items = CostItemSerializer(many=True)
    curve = CurveSerializer(many=True)

    def to_representation(self, instance: CostSheet) -> dict[str, Any]:
        sheet, wages = instance, bool(self.context["wages"])
        top = sheet.item.code
        whole = sheet.average[top].rolled.seen(wages=wages)

        def parts(cost: Cost) -> Any:
            return CostPartsSerializer(cost, context=self.context).data

        return {
            "item": top,
            "name": sheet.item.name,
            "currency": sheet.currency,
            "on": sheet.on.isoformat(),
            "units_made": sheet.item.units_made,
            "units": sheet.units,
            "next": parts(sheet.next[top].rolled),
            "average": parts(sheet.average[top].rolled),
            "standard": parts(sheet.standard[top].rolled),
            "levels": [
                {**parts(cost), "level": level, "share": _share(cost.seen(wages=wages), whole)}
                for level, cost in enumerate(sheet.levels)
            ],
            "items": [
                {
                    "item": code,
                    "name": sheet.bills.items[code].name,
                    "kind": sheet.bills.items[code].kind,
                    "qty": FractionField().to_representation(row.qty),
                    "own": parts(row.own),
                    "rolled": parts(row.rolled),
                    "share": _share(row.own.seen(wages=wages) * row.qty, whole),
                    "operations": [_step(step, wages=wages) for step in row.steps],
                }
                for code, row in sheet.average.items()
            ],
            "curve": [
                {
                    "unit": point.unit,
                    **{name: round(getattr(point, name), 6) for name in PARTS},
                    **({} if wages else {"labour": None}),
                }
                for point in sheet.curve
            ],
        }


def _share(part: Fraction, whole: Fraction) -> float:
    return round(float(part / whole), 6) if whole else 0.0


def _step(row: Any, *, wages: bool) -> dict[str, Any]:
    number = FractionField().to_representation
    return {
        "seq": row.step.seq,
        "name": row.step.name,
        "hours": number(row.hours),
        "labour": number(row.labour) if wages else None,
        "machine": number(row.machine),
    }


class BillLineSerializer(serializers.Serializer[Any]):
    """A line of a bill as it stands on one side of a comparison."""

    revision = serializers.CharField()
    qty = _qty()
    scrap = _qty()
    operation = serializers.IntegerField(allow_null=True)
    substitutes = serializers.SerializerMethodField()

    def get_fields(self) -> Any:
        fields = super().get_fields()
        fields["from"] = DayField(source="line_from", allow_null=True)
        fields["to"] = DayField(source="line_to", allow_null=True)
        return fields

    def get_substitutes(self, line: Any) -> list[str]:
        return [f"{item} = {qty.normalize():f} @ {priority}" for item, qty, priority in line.substitutes]


class DifferenceSerializer(serializers.Serializer[Any]):
    """A line that is not the same on both sides."""

    kind = serializers.CharField()
    component = serializers.CharField()
    changes = serializers.ListField(child=serializers.CharField())
    before = BillLineSerializer(allow_null=True)
    after = BillLineSerializer(allow_null=True)

    def get_fields(self) -> Any:
        """With the parent, whose name means something else on a serializer."""
        return {"parent": serializers.CharField()} | super().get_fields()


class SideSerializer(serializers.Serializer[Any]):
    """One side of a comparison; its cost is at the reference unit."""

    item = serializers.CharField(source="item.code")
    revision = serializers.CharField(allow_null=True)
    on = DayField()
    cost = CostPartsSerializer()


class ComparisonSerializer(serializers.Serializer[Any]):
    """What is added, removed and changed, and what that costs."""

    before = SideSerializer()
    after = SideSerializer()
    all_levels = serializers.BooleanField()
    unchanged = serializers.IntegerField()
    differences = DifferenceSerializer(many=True)
    cost_change = CostPartsSerializer()


class FindingSerializer(serializers.Serializer[Any]):
    """One thing to mend; `path` is its place in factory-1."""

    code = serializers.CharField()
    severity = serializers.CharField()
    entity = serializers.CharField()
    path = serializers.CharField()
    text = serializers.CharField()
    suggestion = serializers.CharField()


class DataChecksSerializer(serializers.Serializer[Any]):
    """Everything to mend, errors first."""

    findings = FindingSerializer(many=True)
