"""Where work is: which items people or work centres work on, and which depend on such items.

An item without any work in reach is only a matter of lead times: netting dates it, and neither the aggregate
model nor the waiting of lots for people has anything to add. Cost: O(items + bill lines).
"""

from dataclasses import dataclass

from planning.engine.shop import Shop
from planning.engine.sourcing import earliest_purchase
from planning.engine.timegrid import DAY


@dataclass(frozen=True, slots=True)
class Reach:
    """``above``: worked on, or made of something that is. ``below``: worked on, or a part of something
    that is."""

    above: frozenset[int]
    below: frozenset[int]

    @classmethod
    def of(cls, shop: Shop) -> "Reach":
        worked = {item for item, steps in enumerate(shop.routes) if any(step.centre >= 0 for step in steps)}
        above, below = set(worked), set(worked)
        for item in shop.parents_first:
            if item in below:
                below.update(part.item for part in shop.components[item])
        for item in reversed(shop.parents_first):
            if any(part.item in above for part in shop.components[item]):
                above.add(item)
        return cls(frozenset(above), frozenset(below))


def first_receipts(shop: Shop) -> list[int | None]:
    """The minute from which some of each item is in stock or received; None where there is nothing."""
    factory, grid = shop.factory, shop.grid
    found: list[int | None] = [None] * len(shop.items)
    rows = [(row.item, 0) for row in factory.stock]
    rows += [(row.item, max(grid.minute(row.due), 0)) for row in factory.purchase_orders]
    rows += [(row.item, max(grid.minute(row.due), 0)) for row in factory.work_orders]
    for code, minute in rows:
        item = shop.item_index[code]
        known = found[item]
        found[item] = minute if known is None else min(known, minute)
    return found


def earliest_supplies(shop: Shop, there: list[int | None]) -> list[int]:
    """The first minute at which a new order of each item could be in stock, by lead times alone.

    ``there[item]`` is the minute from which some of it is in stock or received (None: never). A component
    with any counts as there from then on, so nothing can be earlier than what this says.
    """
    grid, as_of = shop.grid, shop.grid.as_of
    earliest = [0] * len(shop.items)
    for item in reversed(shop.parents_first):
        row = shop.items[item]
        if row.kind == "buy":
            earliest[item] = earliest_purchase(shop, item)
            continue
        begin = 0 if row.earliest_production is None else max(0, grid.minute(row.earliest_production))
        for part in shop.effective_components(item, as_of):
            known = there[part.item]
            begin = max(begin, earliest[part.item] if known is None else min(known, earliest[part.item]))
        if shop.routes[item]:
            passing = sum(step.external_minutes + step.queue_minutes for step in shop.routes[item])
            earliest[item] = min(begin + passing, grid.end)
        elif begin < grid.end - DAY:
            day = grid.first_day_from(begin)
            earliest[item] = min(grid.minute(shop.lead_days(item, day, row.lead_time_days)), grid.end)
        else:
            earliest[item] = grid.end
    return earliest
