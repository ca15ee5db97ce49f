"""How the material pages lay out what was found: lines of the grid, bars of the chart, tree rows."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from inventory.models.fields import plain
from planning.admin.tabs import page_address
from planning.selectors.material import Bucket, MaterialTable
from planning.selectors.needs import ItemNeed
from planning.selectors.pegging_tree import PeggingTree, TreeRow

# Lines of the grid: key, words, what a reader may want to know.
LINES = (
    ("gross", "Gross requirements", "What orders and customers take"),
    ("scheduled", "Scheduled receipts", "Open purchase orders and released work orders"),
    ("by_products", "By-products", "What comes with the making of something else"),
    ("net", "Net requirements", "What stock and scheduled receipts leave uncovered, safety stock included"),
    ("firm", "Planned receipts, firm", "Planned orders that a planner has fixed"),
    ("planned", "Planned receipts", "Planned orders, by the day on which they are in stock"),
    ("on_hand", "Projected on hand", "At the end of the last day"),
    ("releases", "Planned releases", "Planned orders, by the day on which they go out"),
)
# The same of the requirements by week, which know no firm orders beside the scheduled receipts.
REQUIREMENT_LINES = (
    ("gross", "Gross requirements", "What orders and customers take"),
    (
        "scheduled",
        "Scheduled receipts",
        "Open purchase orders, released work orders and firm planned orders, where they are scheduled",
    ),
    ("net", "Net requirements", "What stock and scheduled receipts leave uncovered, safety stock included"),
    ("planned", "Planned receipts", "Orders to be planned, by the week in which they are needed"),
    ("on_hand", "Projected on hand", "At the end of the week, with planned receipts as they stand"),
    ("expected", "Expected on hand", "At the end of the week, with every receipt when it can really come"),
    ("releases", "Planned releases", "The same orders, by the week in which they must go out"),
)
LEFT = ("on_hand", "expected")  # what may be nothing, or less
KINDS = {
    "make": "make",
    "buy": "buy",
    "work_order": "work order",
    "purchase_order": "on order",
    "stock": "stock",
    "by_product": "by-product",
    "delivery": "delivery",
    "excess": "for nobody",
    "unknown": "order",
}
MOST_BARS = 30  # items of the chart: those that start first
OPEN_DEPTH = 2  # rows up to here are open when the page is


def grid_of(table: MaterialTable, buckets: Sequence[Bucket]) -> dict[str, Any]:
    """Columns, lines and chart of the buckets that are shown, and the facts of the item."""
    shown = [
        line for line in LINES if line[0] != "by_products" or any(row.by_products for row in table.buckets)
    ]
    item = table.item
    facts = {
        "on_hand": plain(table.on_hand),
        "undelivered": plain(table.undelivered),
        "safety_stock": plain(item.safety_stock),
        "min_order": plain(item.min_order),
        "order_multiple": plain(item.order_multiple or Decimal(0)),
    }
    grid = lay_out(shown, buckets, width=table.bucket, unit=item.uom, safety_stock=item.safety_stock)
    return grid | {"facts": facts}


def lay_out(
    lines: Sequence[tuple[str, str, str]],
    buckets: Sequence[Any],
    *,
    width: str,
    unit: str,
    safety_stock: Decimal,
) -> dict[str, Any]:
    """Buckets have ``start``, ``end`` and an attribute for each line."""
    labels = [_label(bucket, width) for bucket in buckets]
    return {
        "labels": [(label, f"to before {bucket.end}") for label, bucket in zip(labels, buckets, strict=True)],
        "lines": [
            (key, words, hint, [_cell(key, getattr(row, key), safety_stock) for row in buckets])
            for key, words, hint in lines
        ],
        "chart": {
            "labels": labels,
            "unit": unit,
            "safety": float(safety_stock),
            "series": {key: [float(getattr(row, key)) for row in buckets] for key, _, _ in lines},
        },
    }


def _label(bucket: Any, width: str) -> str:
    return f"{bucket.start:%Y-%m}" if width == "month" else f"{bucket.start}"


def _cell(key: str, value: Decimal, safety_stock: Decimal) -> tuple[str, str]:
    """What stands in a cell, and how. Only what is left may be nothing."""
    if key in LEFT:
        return plain(value), "dl-late" if value < 0 else "dl-warn" if value < safety_stock else ""
    return _some(value), ""


def tree_view(version: int, tree: PeggingTree, *, sees_items: bool) -> dict[str, Any]:
    """Rows with where they lead, and what the tree is a summary of."""
    return {
        "rows": [
            (row, KINDS[row.kind], plain(row.qty), *_links(version, row, sees_items=sees_items))
            for row in tree.rows
        ],
        "root": tree.rows[0],
        "root_qty": plain(tree.rows[0].qty),
        "shares": [(share, plain(share.qty)) for share in tree.shares],
        "excess": _some(tree.excess),
        "not_followed": _some(tree.not_followed),
        "needs": [
            (
                need,
                plain(need.qty),
                _some(need.from_stock),
                _some(need.on_order),
                _some(need.planned),
                page_address("item", version, code=need.item) if sees_items else "",
            )
            for need in tree.items
        ],
        "spans": [_span(need) for need in tree.items if need.last_due][:MOST_BARS],
        "most_bars": MOST_BARS,
        "open_depth": OPEN_DEPTH,
        "left_out": sum(row.more for row in tree.rows),
        "cut": any(row.is_cut for row in tree.rows),
    }


def _some(value: Decimal) -> str:
    """Nothing is an empty cell."""
    return plain(value) if value else ""


def _span(need: ItemNeed) -> dict[str, Any]:
    """A bar of the chart: from the first start to the last day in stock."""
    return {
        "item": need.item,
        "kind": need.kind,
        "start": str(need.first_start or need.last_due),
        "end": str(need.last_due),
        "qty": float(need.qty),
        "slack": need.slack_days,
    }


def _links(version: int, row: TreeRow, *, sees_items: bool) -> tuple[str, str]:
    """Where the order and where the item of a row lead."""
    item = page_address("item", version, code=row.item) if sees_items and row.item else ""
    if row.kind == "delivery":
        keys = {"sales_order": row.sales_order, "line": row.line, "instalment": row.instalment}
        return page_address("pegging", version, **keys), item
    if row.order is None or row.kind == "unknown":
        return "", item
    direction = "down" if row.more or row.is_cut else "up"
    named = row.item if row.kind in ("stock", "by_product") else None
    return page_address("pegging", version, order=row.order, direction=direction, item=named), item
