"""For whom the lots of an outline are made."""

import numpy as np

from planning.engine.outline.netted import Netted
from planning.engine.shop import Shop
from planning.engine.shopfloor.arrays import Ints


def lot_shifts(shop: Shop, netted: Netted, shifts: tuple[int, ...]) -> Ints:
    """By lot: the shift of the demand that it is made for, as ``priorities.owners`` tells it."""
    due = np.array([demand.due_minute for demand in shop.demands], np.int64)
    found = np.full(netted.lots, -1, np.int64)
    for pegs in netted.pegs:  # who takes a lot is netted before it
        is_sold = pegs.demand >= 0
        demand = np.where(is_sold, pegs.demand, found[pegs.user])
        mine = np.flatnonzero((pegs.lot >= 0) & (demand >= 0))
        # Of those due first the one that asks first: demands in their order, then lots.
        place = np.where(is_sold[mine], pegs.demand[mine] - len(due), mine)
        order = np.lexsort((place, due[demand[mine]], pegs.lot[mine]))
        lots, first = np.unique(pegs.lot[mine][order], return_index=True)
        found[lots] = demand[mine][order][first]
    return np.where(found >= 0, np.array(shifts, np.int64)[found], 0)
