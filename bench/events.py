"""What happens to a plant after it was planned: a breakdown, a late part, a rush order, an absence."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import ROUND_CEILING, Decimal

from planning.engine.factory import (
    AbsenceRow,
    DowntimeRow,
    Factory,
    ItemRow,
    OrderLineRow,
    SalesOrderRow,
    SourceRow,
)
from planning.engine.plan import Plan, PlannedOperation

Event = Callable[[Factory, Plan], Factory]
DOWN = timedelta(hours=48)
LATE_DAYS = 14
ABSENT_DAYS = 14
RUSH_DAYS = 21
RUSH = "RUSH"


def breakdown(factory: Factory, plan: Plan) -> Factory:
    """The work centre of most work is down for 48 hours from the moment at which a quarter of it is begun."""
    row = _quarter(plan, lambda each: each.work_centre)
    if row is None or row.work_centre is None:
        return factory
    down = DowntimeRow.model_validate(
        {"work_centre": row.work_centre, "from": row.start, "to": row.start + DOWN, "name": "Down"}
    )
    return factory.model_copy(update={"downtimes": (*factory.downtimes, down)})


def late_part(factory: Factory, plan: Plan) -> Factory:
    """The part of the open purchase order that most lots take of cannot be had before two weeks after the
    first of them does: neither by this order nor by a new one, which else would take its place.
    """
    users = Counter(row.order for row in plan.pegging if row.for_order is not None)
    open_rows = [row for row in factory.purchase_orders if row.qty > row.received_qty]
    if not open_rows:
        return factory
    late = max(open_rows, key=lambda row: (users[row.ref], row.ref))
    taken = [row.day for row in plan.pegging if row.order == late.ref and row.day is not None]
    due = max(min(taken, default=late.due), late.due, factory.as_of) + timedelta(days=LATE_DAYS)
    days = (due - factory.as_of).days
    return factory.model_copy(
        update={
            "purchase_orders": tuple(
                row.model_copy(update={"due": max(row.due, due)}) if row.item == late.item else row
                for row in factory.purchase_orders
            ),
            "sources": _no_sooner(factory.sources, lambda row: row.item == late.item, days),
            "items": _no_sooner(factory.items, lambda row: row.code == late.item, days),
        }
    )


def _no_sooner[T: (SourceRow, ItemRow)](
    rows: tuple[T, ...], is_meant: Callable[[T], bool], days: int
) -> tuple[T, ...]:
    """``rows`` with a lead time of at least so many ``days`` where one is meant."""
    return tuple(
        row.model_copy(update={"lead_time_days": max(days, row.lead_time_days)}) if is_meant(row) else row
        for row in rows
    )


def rush_order(factory: Factory, plan: Plan) -> Factory:
    """One unit of what is sold most, wanted in three weeks."""
    sold = Counter(line.item for order in factory.sales_orders for line in order.lines)
    if not sold:
        return factory
    line = OrderLineRow(
        line=1,
        item=max(sold, key=lambda item: (sold[item], item)),
        qty=Decimal(1),
        due=min(factory.as_of + timedelta(days=RUSH_DAYS), factory.horizon_end - timedelta(days=1)),
        priority=1,
    )
    rush = SalesOrderRow(ref=RUSH, customer=factory.sales_orders[0].customer, lines=(line,))
    return factory.model_copy(update={"sales_orders": (*factory.sales_orders, rush)})


def absence(factory: Factory, plan: Plan) -> Factory:
    """Half of the skill of most work is away for two weeks from the day on which a quarter of it is begun."""
    row = _quarter(plan, lambda each: each.skill)
    skill = next((each for each in factory.skills if row is not None and each.code == row.skill), None)
    if row is None or skill is None:
        return factory
    heads = max(Decimal(1), (Decimal(skill.headcount) / 2).to_integral_value(ROUND_CEILING))
    first = row.start.date()
    away = AbsenceRow.model_validate(
        {"skill": skill.code, "heads": heads, "from": first, "to": first + timedelta(days=ABSENT_DAYS)}
    )
    return factory.model_copy(update={"absences": (*factory.absences, away)})


EVENTS: dict[str, Event] = {
    "breakdown": breakdown,
    "late part": late_part,
    "rush order": rush_order,
    "absence": absence,
}


def _quarter(plan: Plan, key: Callable[[PlannedOperation], str | None]) -> PlannedOperation | None:
    """The operation with which a quarter of the work of the busiest ``key`` is begun."""
    load = Counter[str]()
    for row in plan.operations:
        if (name := key(row)) is not None:
            load[name] += int((row.end - row.start).total_seconds())
    if not load:
        return None
    busiest = max(load, key=lambda name: (load[name], name))
    rows = sorted((row for row in plan.operations if key(row) == busiest), key=lambda row: row.start)
    return rows[len(rows) // 4]
