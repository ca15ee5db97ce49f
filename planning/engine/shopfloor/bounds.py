"""When each demand could be there at the earliest, were it the only one: a bound for every plan.

Whatever is in stock or on order is counted as there at once, for this demand alone; a new purchase takes its
lead time, an operation at least the hours of a unit at the end of the learning curve on the fastest station,
in open time. Cost: O(items + bill lines).
"""

from math import ceil

from planning.engine.draft import LatePrice
from planning.engine.shop import WHOLE_UNITS, Shop
from planning.engine.sourcing import earliest_purchase
from planning.engine.timegrid import DAY

LAST_UNIT = 10**12  # beyond every floor of a learning curve


def least_late_days(shop: Shop) -> int:
    """Days that demands are late together in every plan."""
    days = earliest_days(shop)
    return sum(
        max(0, day - shop.grid.day_index(demand.due_minute))
        for day, demand in zip(days, shop.demands, strict=True)
    )


def least_lateness(shop: Shop, price: LatePrice) -> float:
    """A sum of money that the lateness of no plan falls below, by ``earliest_days``."""
    total = 0.0
    for day, demand in zip(earliest_days(shop), shop.demands, strict=True):
        late = day - shop.grid.day_index(demand.due_minute)
        if late > 0:
            total += price.times * (late * demand.cost_per_day + demand.cost_fixed) + price.each
    return total


def earliest_days(shop: Shop) -> list[int]:
    """By demand: the day, counted from the planning date, before which no plan has all of it delivered."""
    soonest = _earliest(shop)
    return [shop.grid.day_index(min(soonest[demand.item], shop.grid.end - 1)) for demand in shop.demands]


def _earliest(shop: Shop) -> list[int]:
    """The first minute at which one unit of each item could be there."""
    factory, grid = shop.factory, shop.grid
    there = {row.item for row in factory.stock if row.qty > 0}
    there |= {row.item for row in factory.purchase_orders} | {row.item for row in factory.work_orders}
    there |= {row.item for row in factory.firm_orders} | {row.item for row in factory.by_products}
    found = [0] * len(shop.items)
    for item in reversed(shop.parents_first):
        row = shop.items[item]
        if row.code in there:
            continue
        if row.kind == "buy":
            found[item] = earliest_purchase(shop, item)
            continue
        begin = 0 if row.earliest_production is None else max(0, grid.minute(row.earliest_production))
        if item not in shop.dated:
            for part in shop.components[item]:
                ways = [found[part.item], *(found[other] for other, _ in part.substitutes)]
                if part.step == 0:
                    begin = max(begin, min(ways))
        found[item] = _after_work(shop, item, begin)
        if shop.sources[item]:
            found[item] = min(found[item], earliest_purchase(shop, item))
    return found


def _after_work(shop: Shop, item: int, begin: int) -> int:
    """When one unit is through all operations. All that can ever be learned is granted at once: other lots
    may stand before this one on the curve, however much is wanted.
    """
    factory, grid = shop.factory, shop.grid
    minute = begin
    if not shop.routes[item]:
        days = shop.items[item].lead_time_days
        # A night when the clocks change may be an hour short.
        return minute + max(0, days * DAY - 60 if shop.items[item].lead_time_calendar is None else 0)
    for row, step in zip(shop.operation_rows[item], shop.routes[item], strict=True):
        if step.centre < 0:
            minute += step.external_minutes + step.queue_minutes
            continue
        ways = [(step.centre, 1.0)]
        ways += [(shop.centre_index[each.work_centre], float(each.speed)) for each in row.alternates]
        hours = float(row.run_h) * (min(1.0, step.curve.factor(LAST_UNIT)) if step.curve else 1.0)
        if shop.items[item].uom not in WHOLE_UNITS:  # as little as one likes may be made at once
            hours = 0.0
        ends = []
        for centre, speed in ways:
            opened = shop.centre_time(centre, step)
            start = opened.next_open(minute)
            rate = float(factory.work_centres[centre].efficiency) * speed
            work = max(0, ceil(hours / rate * 60 - 1) - 1)
            end = None if start is None else opened.end_of(start, work)
            ends.append(grid.end if end is None else end)
        minute = min(ends) + (0 if row.overlap else int(step.unattended_minutes)) + step.queue_minutes
    return max(0, minute - 1)  # a lot that ends at 24:00 can be delivered on the day that ends
