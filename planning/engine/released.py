"""Released work orders in netting: whether they wait for their day, and when they, or new lots, could be
there at the earliest.

Their day is what somebody once wrote down; when they are made is for planning to decide. So a requirement
that nothing else serves in time, a new lot neither, is served by a released lot that is due later but can be
there before.
"""

from collections.abc import Iterable

from planning.engine.factory import WorkOrderRow
from planning.engine.material import Lot, Supply
from planning.engine.shop import MICRO, Shop


def may_wait(work: WorkOrderRow) -> bool:
    """Whether nothing of it is done, and nobody has said on which day it starts."""
    return work.start is None and work.done_through_seq is None and work.done_qty == 0


def soonest(shop: Shop, lot: Lot) -> int:
    """The minute at which ``lot`` is there when all that is left of it is done at once, with stations, people
    and components at hand; the end of the grid where that is never.
    """
    minute = max(lot.not_before, 0)
    if not lot.steps and lot.is_issued and lot.work_order is not None and lot.work_order.start is not None:
        minute = shop.grid.minute(lot.work_order.start)  # it has been under way since
    return made_from(shop, lot.item, lot.quantity, minute, lot.first_step)


def made_from(shop: Shop, item: int, quantity: int, minute: int, first_step: int = 0) -> int:
    """The minute at which ``quantity`` (millionths) of ``item`` is there when it begins with ``first_step``
    at ``minute`` and nothing waits for stations or people; the end of the grid where that is never.
    """
    grid, row, steps = shop.grid, shop.items[item], shop.routes[item]
    if minute >= grid.end:
        return grid.end
    if not steps:
        return min(grid.minute(shop.lead_days(item, grid.day(minute), row.lead_time_days)), grid.end)
    for step in steps[first_step:]:
        if step.centre >= 0:
            centre = shop.factory.work_centres[step.centre]
            work = step.attended_minutes(row.units_made * MICRO, quantity)
            end = grid.open_time[centre.calendar].end_of(minute, work)
            if end is None:
                return grid.end
            minute = end
        minute += step.free_after(quantity) + step.queue_minutes
    return min(minute, grid.end)


class ReleasedLots:
    """The released lots among the supplies of one item, to be pulled in."""

    def __init__(self, shop: Shop, supplies: Iterable[Supply]) -> None:
        self._lots = [
            (supply, supply.lot, soonest(shop, supply.lot))
            for supply in supplies
            if supply.lot is not None and supply.lot.work_order is not None and supply.item == supply.lot.item
        ]

    def __bool__(self) -> bool:
        return bool(self._lots)

    def pull_in(self, need: int, by: int) -> Supply | None:
        """The first lot due after ``need`` that has something left and can be there ``by``: it is planned for
        ``need`` from now on.
        """
        for supply, lot, first in self._lots:
            if supply.left and supply.available > need and first <= by:
                supply.available = lot.need = max(need, 0)
                return supply
        return None
