"""Rows of the material table and of pegging trees, and firm planned orders, as they are written."""

from typing import Any

from rest_framework import serializers

from config.rest.fields import DayField, TextField
from config.rest.serializers import StrictSerializer
from planning.api.rows import ORDER_KINDS, ChainLinkSerializer, number
from planning.selectors.material import BUCKETS

MAX_FIRMED_AT_ONCE = 1000
ROW_KINDS = [
    (kind, kind)
    for kind in (
        "make",
        "buy",
        "work_order",
        "purchase_order",
        "stock",
        "by_product",
        "delivery",
        "excess",
        "unknown",
    )
]


class BucketSerializer(serializers.Serializer[Any]):
    """Days from `start` to before `end`; `on_hand` is what is left at the end of the last one.

    `net` is what stock and scheduled receipts leave uncovered of requirements and safety stock; `firm` and
    `planned` are receipts of planned orders, `releases` are planned orders that go out.
    """

    start = DayField()
    end = DayField()
    gross = number()
    scheduled = number()
    by_products = number()
    net = number()
    firm = number()
    planned = number()
    releases = number()
    on_hand = number()


class MaterialTableSerializer(serializers.Serializer[Any]):
    """One item of a plan; in each bucket, stock before + what comes - `gross` = `on_hand`.

    `undelivered` is what customers ordered and the plan cannot deliver.
    """

    item = serializers.CharField(source="item.code")
    name = serializers.CharField(source="item.name")
    kind = serializers.CharField(source="item.kind")
    uom = serializers.CharField(source="item.uom")
    bucket = serializers.ChoiceField(choices=[(name, name) for name in BUCKETS])
    as_of = DayField()
    on_hand = number()
    safety_stock = number(source="item.safety_stock")
    undelivered = number()
    buckets = BucketSerializer(many=True)


class ItemSummarySerializer(serializers.Serializer[Any]):
    """An item of a plan.

    `first_shortage`: when stock, scheduled receipts and by-products alone run out. `first_below_safety`: the
    first day that ends below the safety stock with all that the plan orders. `first_past_due`: since when an
    open order should have come.
    """

    item = serializers.CharField(source="code")
    name = serializers.CharField()
    kind = serializers.CharField()
    on_hand = number()
    safety_stock = number()
    next_receipt = DayField(allow_null=True)
    next_receipt_qty = number(allow_null=True)
    first_shortage = DayField(allow_null=True)
    first_below_safety = DayField(allow_null=True)
    first_past_due = DayField(allow_null=True)
    exceptions = serializers.IntegerField()
    money_at_risk = serializers.FloatField(allow_null=True)


class TreeRowSerializer(serializers.Serializer[Any]):
    """A row of the tree, `depth` levels in; `qty` is the share that belongs to what was asked.

    `slack_days`: from the day the supply is there to the `day` it is taken. `seen`: what is below stands at
    another row of the same order. `more`: rows below that are left out. `is_cut`: what is below was not read.
    """

    depth = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=ROW_KINDS)
    qty = number()
    order = serializers.CharField(allow_null=True)
    item = serializers.CharField(allow_null=True)
    sales_order = serializers.CharField(allow_null=True)
    line = serializers.IntegerField(allow_null=True)
    instalment = serializers.IntegerField(allow_null=True)
    start = DayField(allow_null=True)
    due = DayField(allow_null=True)
    day = DayField(allow_null=True)
    slack_days = serializers.IntegerField(allow_null=True)
    supplier = serializers.CharField(allow_null=True)
    firm = serializers.BooleanField()
    is_late_path = serializers.BooleanField()
    days_late = serializers.IntegerField(allow_null=True)
    seen = serializers.BooleanField()
    more = serializers.IntegerField()
    is_cut = serializers.BooleanField()


class ShareSerializer(serializers.Serializer[Any]):
    """What of the order asked about serves one instalment."""

    sales_order = serializers.CharField()
    line = serializers.IntegerField()
    instalment = serializers.IntegerField()
    item = serializers.CharField(allow_null=True)
    requested = DayField(allow_null=True)
    promised = DayField(allow_null=True)
    qty = number()


class ItemNeedSerializer(serializers.Serializer[Any]):
    """What is needed of one item: `qty` = `from_stock` + `on_order` + `planned`.

    `first_start` to `last_due`: from the first start or release until the last of it is in stock.
    """

    item = serializers.CharField()
    kind = serializers.ChoiceField(choices=[(kind, kind) for kind in ("make", "buy", "stock")])
    qty = number()
    from_stock = number()
    on_order = number()
    planned = number()
    orders = serializers.IntegerField()
    first_start = DayField(allow_null=True)
    last_due = DayField(allow_null=True)
    slack_days = serializers.IntegerField(allow_null=True)


class ChainSerializer(serializers.Serializer[Any]):
    """The longest chain of lead times behind a late instalment."""

    sales_order = serializers.CharField()
    line = serializers.IntegerField()
    instalment = serializers.IntegerField()
    links = ChainLinkSerializer(many=True)


class PeggingTreeSerializer(serializers.Serializer[Any]):
    """Rows depth first. Upwards `shares`, `excess` and `not_followed` are all of the order; downwards `items`
    sums up what is needed.
    """

    rows = TreeRowSerializer(many=True)
    shares = ShareSerializer(many=True)
    excess = number()
    not_followed = number()
    items = ItemNeedSerializer(many=True)
    chains = ChainSerializer(many=True)
    is_complete = serializers.BooleanField()


class FirmRequestSerializer(StrictSerializer):
    """Ids of planned orders of the plan."""

    orders = serializers.ListField(
        child=TextField(max_length=64), allow_empty=False, max_length=MAX_FIRMED_AT_ONCE
    )


class FirmOrderSerializer(serializers.Serializer[Any]):
    """A planned order that is fixed, and which row of which plan it was."""

    ref = serializers.CharField()
    item = serializers.CharField(source="item.code")
    kind = serializers.ChoiceField(choices=ORDER_KINDS)
    qty = number()
    due = DayField()
    release = DayField(allow_null=True)
    supplier = serializers.CharField(source="supplier.code", default=None, allow_null=True)
    plan_version = serializers.IntegerField(allow_null=True)
    planned_order = serializers.CharField()
