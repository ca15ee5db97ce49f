"""Who gets which units of an item: an order of its demands that costs little lateness.

Units come at given days; demands are served one after the other. Where not all can be in time, those are put
back whose lateness costs least for the units that they free (Moore and Hodgson, weighted), each to the first
place where nobody else becomes late: one order in O(demands × those put back).
"""

from typing import NamedTuple

from planning.engine.compiled import compiled_without_arrays as compiled
from planning.engine.shopfloor.arrays import Bytes, Floats, Ints

TYPICAL_DAYS = 30.0  # what is put back is late by about so much


class Deliveries(NamedTuple):
    """Demands of one item in order of due day, and units as they come: ``cumulated`` by ``days``. By demand:
    ``by``, the units that are there when it is due, ``daily`` and ``once``, what being late costs.

    ``order`` is the result; ``trial``, ``slack`` and ``is_out`` are room to work in.
    """

    order: Ints
    trial: Ints
    slack: Ints
    is_out: Bytes
    cumulated: Ints
    days: Ints
    quantity: Ints
    due: Ints
    by: Ints
    daily: Floats
    once: Floats


@compiled
def day_of(work: Deliveries, quantity: int) -> int:
    """The day on which ``quantity`` units are there."""
    low, high = 0, work.cumulated.size - 1
    while low < high:
        middle = (low + high) >> 1
        if work.cumulated[middle] < quantity:
            low = middle + 1
        else:
            high = middle
    return work.days[low]


@compiled
def lateness(work: Deliveries) -> float:
    """What it costs to serve demands in the order of ``trial``."""
    cost, used = 0.0, 0
    for at in range(work.trial.size):
        demand = work.trial[at]
        used += work.quantity[demand]
        if used > work.by[demand]:
            cost += work.once[demand] + work.daily[demand] * (day_of(work, used) - work.due[demand])
    return cost


@compiled
def put_back(work: Deliveries, power: float) -> None:
    """Mark in ``is_out`` what others are in time without, cheapest for its units to ``power`` first."""
    used = 0
    for last in range(work.is_out.size):
        work.is_out[last] = 0
        used += work.quantity[last]
        while used > work.by[last] and not work.is_out[last]:
            cheapest, least = last, -1.0
            for demand in range(last + 1):
                if work.is_out[demand]:
                    continue
                price = work.once[demand] + TYPICAL_DAYS * work.daily[demand]
                price /= work.quantity[demand] ** power
                if least < 0 or price < least:
                    cheapest, least = demand, price
            work.is_out[cheapest] = 1
            used -= work.quantity[cheapest]


@compiled
def insert(work: Deliveries, kept: int, demand: int) -> None:
    """Bring ``demand`` into the ``kept`` of ``trial``, at the first place from which nobody becomes late that
    was not.
    """
    used = 0
    for at in range(kept):
        other = work.trial[at]
        used += work.quantity[other]
        room = work.by[other] - used
        work.slack[at] = room if room >= 0 else work.cumulated[-1]
    place = kept
    while place > 0 and work.slack[place - 1] >= work.quantity[demand]:
        place -= 1
    for at in range(kept, place, -1):
        work.trial[at] = work.trial[at - 1]
    work.trial[place] = demand


@compiled
def arrange(work: Deliveries) -> float:
    """Fill ``trial``: by due day, and those that are out where they harm nobody, the dearest of them first.
    Its lateness.
    """
    count = work.is_out.size
    kept = 0
    for demand in range(count):
        if not work.is_out[demand]:
            work.trial[kept] = demand
            kept += 1
    while kept < count:
        best = -1
        for demand in range(count):
            if work.is_out[demand] == 1 and (
                best < 0
                or work.daily[demand] * work.quantity[best] > work.daily[best] * work.quantity[demand]
            ):
                best = demand
        work.is_out[best] = 2
        insert(work, kept, best)
        kept += 1
    for demand in range(count):
        work.is_out[demand] = min(work.is_out[demand], 1)
    return lateness(work)


@compiled
def keep(work: Deliveries) -> None:
    """Remember ``trial`` as the best order."""
    for at in range(work.order.size):
        work.order[at] = work.trial[at]


@compiled
def deliver(work: Deliveries) -> float:
    """The cheapest order of those that one rule after the other gives, into ``order``; its lateness."""
    for at in range(work.is_out.size):
        work.is_out[at] = 0
    best = arrange(work)
    keep(work)
    for attempt in range(3):
        if best > 0:
            put_back(work, 0.5 * attempt)
            cost = arrange(work)
            if cost < best:
                best = cost
                keep(work)
    return best
