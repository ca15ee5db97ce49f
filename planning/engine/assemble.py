"""Write a draft out as plan-1: orders numbered by their start, operations, people, load,
pegging and promises.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

from planning.engine.draft import Draft, lots_by_start
from planning.engine.names import Names
from planning.engine.plan import (
    ChainLink,
    Delivery,
    LoadWeek,
    PlannedOperation,
    PlannedOrder,
    Promise,
    Reason,
)
from planning.engine.shop import Shop, units
from planning.engine.shopfloor.bounds import earliest_days


def planned_orders(shop: Shop, draft: Draft, names: Names) -> tuple[PlannedOrder, ...]:
    rows = []
    for lot in lots_by_start(draft):
        done = draft.schedule.done[lot.number]
        rows.append(
            PlannedOrder(
                id=names.lots[lot.number],
                item=shop.items[lot.item].code,
                kind="make",
                qty=units(lot.quantity),
                release=shop.grid.day(draft.schedule.released[lot.number]),
                due=shop.grid.day(done),
                work_order=lot.work_order.ref if lot.work_order else None,
                firm=lot.ref is not None,
            )
        )
    for buy, name in zip(draft.buys, names.buys, strict=True):
        rows.append(
            PlannedOrder(
                id=name,
                item=shop.items[buy.item].code,
                kind="buy",
                qty=units(buy.quantity),
                release=buy.release,
                due=buy.due,
                supplier=buy.supplier,
                firm=buy.firm is not None,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.kind, row.id)))


def operations(shop: Shop, draft: Draft, names: Names) -> tuple[PlannedOperation, ...]:
    rows = []
    centres, skills, grid = shop.factory.work_centres, shop.skills, shop.grid
    for row in draft.schedule.rows:
        lot = draft.material.lots[row.lot]
        if row.lot not in names.lots or draft.schedule.done[row.lot] < 0:
            continue
        step = shop.routes[lot.item][row.step]
        rows.append(
            PlannedOperation(
                order=names.lots[row.lot],
                item=shop.items[lot.item].code,
                seq=step.seq,
                qty=units(row.quantity),
                work_centre=centres[row.centre].code if row.centre >= 0 else None,
                station=row.station if row.centre >= 0 else None,
                skill=skills[step.skill].code if step.skill >= 0 else None,
                crew=step.crew,
                start=grid.moment(row.start),
                end=grid.moment(row.end),
                free=grid.moment(row.free),
            )
        )
    return tuple(rows)


def load_weeks(shop: Shop, draft: Draft) -> tuple[LoadWeek, ...]:
    """Every work centre and week of the horizon, and later weeks that have load."""
    grid = shop.grid
    monday = grid.as_of - timedelta(days=grid.as_of.weekday())
    starts = [monday]
    while starts[-1] + timedelta(days=7) <= grid.day(grid.end - 1):
        starts.append(starts[-1] + timedelta(days=7))
    minutes = [grid.minute(week) for week in starts]
    required: dict[tuple[int, int], int] = defaultdict(int)
    for row in draft.schedule.rows:
        if row.centre < 0 or draft.schedule.done[row.lot] < 0 or row.end == row.start:
            continue
        step = shop.routes[draft.material.lots[row.lot].item][row.step]
        opened = shop.work_time(row.centre, row.station, step)
        first = bisect_left(minutes, row.start + 1) - 1
        for week in range(first, bisect_left(minutes, row.end)):
            begin = max(row.start, minutes[week])
            end = min(row.end, minutes[week + 1]) if week + 1 < len(minutes) else row.end
            required[row.centre, week] += opened.count(end) - opened.count(begin)
    rows = []
    for index, centre in enumerate(shop.factory.work_centres):
        stations = [shop.station_time(index, station + 1) for station in range(centre.stations)]
        alike = Counter(id(each) for each in stations)
        times = [(alike[key], each) for key, each in {id(each): each for each in stations}.items()]
        for week, first_day in enumerate(starts):
            need = required[index, week]
            if first_day >= grid.horizon_end and not need:
                continue
            end = minutes[week + 1] if week + 1 < len(minutes) else grid.end
            begin = max(minutes[week], 0)
            has = sum(count * (each.count(end) - each.count(begin)) for count, each in times) / 60
            rows.append(
                LoadWeek(
                    work_centre=centre.code, week=first_day, available_hours=has, required_hours=need / 60
                )
            )
    return tuple(rows)


def promises(
    shop: Shop,
    draft: Draft,
    reasons: dict[int, tuple[Reason, ...]],
    chains: dict[int, tuple[ChainLink, ...]],
) -> tuple[Promise, ...]:
    rows, earliest = [], earliest_days(shop)
    for index, demand in enumerate(shop.demands):
        by_day: dict[int, Decimal] = defaultdict(Decimal)
        for shipment in draft.shipments[index]:
            if shipment.day >= 0:
                by_day[shipment.day] += units(shipment.quantity)
        deliveries = tuple(
            Delivery(date=_day(shop, day), qty=quantity) for day, quantity in sorted(by_day.items())
        )
        late = draft.late_days[index]
        promised = deliveries[-1].date if late is not None and deliveries else None
        days_late = late if late is not None else (shop.grid.horizon_end - demand.due).days + 365
        rows.append(
            Promise(
                sales_order=demand.sales_order,
                line=demand.line,
                instalment=demand.instalment,
                item=shop.items[demand.item].code,
                qty=units(demand.quantity),
                requested=demand.due,
                promised=promised,
                days_late=days_late,
                deliveries=deliveries,
                reasons=reasons.get(index, ()),
                chain=chains.get(index, ()),
                earliest=_day(shop, earliest[index]),
            )
        )
    return tuple(rows)


def _day(shop: Shop, day: int) -> date:
    return shop.grid.as_of + timedelta(days=day)
