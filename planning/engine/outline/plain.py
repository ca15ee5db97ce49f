"""Shops plain enough for an outline: nothing but stock, sizes, hours and windows shapes their lots."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planning.engine.bills import Bills
from planning.engine.makeable import most_made
from planning.engine.scope import Scope
from planning.engine.shop import MICRO, Shop, micro
from planning.engine.shopfloor.arrays import Ints, Table, table
from planning.engine.shopfloor.floor import FloorPlan
from planning.engine.sourcing import LotRule, earliest_purchase, make_rule, ways_of

STEP = np.dtype(
    [(name, np.int64) for name in ("queue", "external", "batch", "is_inside", "first", "end")]
    + [(name, np.float64) for name in ("setup", "run", "unattended")]
)
COMING = np.dtype([("minute", np.int64), ("left", np.int64)])
MOST = 2**62  # beyond it whole numbers of compiled loops wrap round


@dataclass(frozen=True, slots=True)
class Line:
    """What one unit of a made item takes of ``item`` at ``step``: one share for each row of the bill."""

    item: int
    step: int
    shares: tuple[tuple[int, int], ...]

    def of(self, quantity: Ints) -> Ints:
        """What each of ``quantity`` takes, every share rounded up."""
        total = np.zeros(len(quantity), np.int64)
        for share, of in self.shares:
            total -= -share * quantity // of
        return total


@dataclass(frozen=True, slots=True)
class Made:
    """A made item: ``rule`` for sizes, ``routing`` and ``longest`` as ``Rules`` has them."""

    item: int
    rule: LotRule
    routing: int
    longest: float
    steps: Table
    stock: int
    done: int
    not_before: int
    most: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Bought:
    """A bought part: what is there or on order, and when a new order of today comes."""

    item: int
    coming: Table
    earliest: int


@dataclass(frozen=True, slots=True)
class PlainShop:
    """``rows`` in the order in which they are netted."""

    rows: tuple[Made | Bought, ...]

    @classmethod
    def of(cls, shop: Shop, scope: Scope, plan: FloorPlan) -> "PlainShop | None":
        """None where the shop has anything that outlines know nothing of."""
        if not _is_plain(shop, scope):
            return None
        bills, rows = Bills(shop), list[Made | Bought]()
        asked = {demand.item for demand in shop.demands}
        for item in shop.parents_first:
            if item not in asked:
                continue
            row = _bought(shop, item) if shop.items[item].kind == "buy" else _made(shop, item, bills, plan)
            if row is None:
                return None
            rows.append(row)
            if isinstance(row, Made):
                asked.update(line.item for line in row.lines)
        return cls(tuple(rows))


def _is_plain(shop: Shop, scope: Scope) -> bool:
    factory = shop.factory
    return not (
        factory.work_orders
        or factory.firm_orders
        or factory.pinned_operations
        or shop.dated
        or shop.by_products
        or scope.impossible
        or scope.bought_only
        or any(scope.safety)
        or any(demand.together or shop.items[demand.item].kind == "buy" for demand in shop.demands)
        or sum(demand.quantity for demand in shop.demands) > MOST // MICRO
    )


def _made(shop: Shop, item: int, bills: Bills, plan: FloorPlan) -> Made | None:
    row, route, rule = shop.items[item], shop.routes[item], make_rule(shop, item)
    inside = [step for step in route if step.centre >= 0]
    longest = max((step.run_hours for step in inside), default=0.0)
    is_ordered = any(order.item == row.code for order in shop.factory.purchase_orders)
    has_substitutes = any(part.substitutes for part in shop.components[item])
    if rule is None or not route or shop.sources[item] or is_ordered or has_substitutes:
        return None
    if row.lot_rule is not None or row.safety_days or any(step.curve for step in route):
        return None
    if inside and longest <= 0:  # cycles, and not hours, say how much is made at once
        return None
    lines = tuple(Line(*line) for line in bills.of(item, shop.factory.as_of, 0))
    if any(share * of > MICRO**2 for line in lines for share, of in line.shares):
        return None
    grid, most = shop.grid, most_made(shop, item)
    fence = shop.grid.day_starts[row.fence_days] if row.fence_days < len(grid.day_starts) else grid.end
    begins = 0 if row.earliest_production is None else grid.minute(row.earliest_production)
    return Made(
        item=item,
        rule=rule,
        routing=int(max((step.lot for step in inside), default=0) * MICRO),
        longest=longest,
        steps=_steps(shop, item, plan),
        stock=_stock(shop, item),
        done=row.units_made * MICRO,
        not_before=max(begins, fence if row.fence_days else 0, 0),
        most=MOST if most is None else most,
        lines=lines,
    )


def _steps(shop: Shop, item: int, plan: FloorPlan) -> Table:
    calendars, centres = plan.floor.calendars, plan.floor.centres
    route = shop.routes[item]
    steps = table(len(route), STEP)
    for number, step in enumerate(route):
        row = steps[number]
        row["queue"], row["batch"] = step.queue_minutes, max(step.batch, 1)
        if step.centre < 0:
            row["external"] = step.external_minutes
            continue
        calendar = calendars[centres["calendar"][step.centre]]
        row["is_inside"], row["first"], row["end"] = 1, calendar["first"], calendar["end"]
        row["setup"], row["run"], row["unattended"] = (
            step.setup_hours,
            step.run_hours,
            step.unattended_minutes,
        )
    return steps


def _stock(shop: Shop, item: int) -> int:
    code = shop.items[item].code
    return sum(micro(row.qty) for row in shop.factory.stock if row.item == code)


def _bought(shop: Shop, item: int) -> Bought | None:
    earliest = earliest_purchase(shop, item)
    if earliest >= shop.grid.end or any(way.capacity is not None for way in ways_of(shop, item)):
        return None
    stock, code = _stock(shop, item), shop.items[item].code
    rows = [(0, "stock", stock)] if stock else []
    for order in shop.factory.purchase_orders:
        left = micro(order.qty - order.received_qty)
        if order.item == code and left > 0:
            rows.append((max(shop.grid.minute(order.due), 0), order.ref, left))
    rows.sort()
    columns = _columns(rows)
    return Bought(item, table(len(rows), COMING, minute=columns[0], left=columns[1]), earliest)


def _columns(rows: Sequence[tuple[int, str, int]]) -> tuple[list[int], list[int]]:
    return [row[0] for row in rows], [row[2] for row in rows]
