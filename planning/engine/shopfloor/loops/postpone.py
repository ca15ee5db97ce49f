"""Who waits while less has come of an item than is due: simulated annealing over the demands put back.

Time is cut into slots that begin when units come; looked at are those from the first in which less has come
than is due to the first after which that is never so again. A demand that is put back leaves its units to
others from the slot in which it is due until the one in which it is served: intervals that must fill the gap
in every slot (S. Kirkpatrick, C. D. Gelatt, M. P. Vecchi, Science 220 (1983) 671-680). One choice is looked
at in O(slots × those put back). Draws are a sequence of their own: the same demands, the same choice.
"""

from math import exp
from typing import NamedTuple

from planning.engine.compiled import compiled_without_arrays as compiled
from planning.engine.shopfloor.arrays import Bytes, Floats, Ints

IMPOSSIBLE = 1e300
WARMTH = 0.003  # of all lateness: by about so much a choice may be dearer at first
WARMER = 3.0  # times that in every second run
RUNS = 4
MODULUS = 2_147_483_648


class Gap(NamedTuple):
    """By slot: ``left`` units when everybody is served in time (below 0: missing) and the ``day`` on which
    it begins; in the last slot none are missing. By demand due before it: ``first``, the slot in which it
    is due, ``quantity``, ``due``, ``daily`` and ``once``, as of all demands.

    ``chosen`` are the demands put back, each to the earliest slot that those before it leave; ``best`` the
    choice that costs least, ``slot`` where each demand of it is served. ``trial``, ``room`` and ``is_in``
    are room to work in. ``numbers``: how many are ``chosen`` and ``best``, and what is drawn from.
    """

    left: Ints
    day: Ints
    first: Ints
    quantity: Ints
    due: Ints
    daily: Floats
    once: Floats
    begin: Ints
    chosen: Ints
    best: Ints
    slot: Ints
    trial: Ints
    room: Ints
    is_in: Bytes
    numbers: Ints


CHOSEN, BEST, DRAWN = range(3)


@compiled
def draw(gap: Gap, below: int) -> int:
    """A number from 0 on, by a linear congruential generator."""
    gap.numbers[DRAWN] = (gap.numbers[DRAWN] * 1_103_515_245 + 12_345) % MODULUS
    return (gap.numbers[DRAWN] >> 8) % below


@compiled
def lateness(gap: Gap, count: int, most: float) -> float:
    """What the first ``count`` of ``trial`` cost, put back in this order; anything above ``most`` where
    that is seen early. Each one's ``slot`` is filled in.
    """
    slots = gap.left.size
    for slot in range(slots):
        gap.room[slot] = gap.left[slot]
    for at in range(count):
        demand = gap.trial[at]
        for slot in range(gap.first[demand], slots):
            gap.room[slot] += gap.quantity[demand]
    for slot in range(slots):
        if gap.room[slot] < 0:
            return IMPOSSIBLE
    cost = 0.0
    for at in range(count):
        demand = gap.trial[at]
        slot = slots - 1
        while slot > gap.first[demand] and gap.room[slot - 1] >= gap.quantity[demand]:
            slot -= 1
        for other in range(slot, slots):
            gap.room[other] -= gap.quantity[demand]
        gap.slot[demand] = slot
        if slot > gap.first[demand]:
            cost += gap.once[demand] + gap.daily[demand] * (gap.day[slot] - gap.due[demand])
        if cost > most:
            return cost
    return cost


@compiled
def change(gap: Gap) -> int:
    """Fill ``trial`` with ``chosen``, but one out, one in, two of them exchanged, or one for another one.
    How many they are; -1: that is nothing new.
    """
    count, demands, kind = gap.numbers[CHOSEN], gap.first.size, draw(gap, 10)
    for at in range(count):
        gap.trial[at] = gap.chosen[at]
    one, other = draw(gap, count), draw(gap, demands)
    if kind == 0:
        for at in range(one, count - 1):
            gap.trial[at] = gap.trial[at + 1]
        return count - 1 if count > 1 else -1
    if kind <= 2:
        two = draw(gap, count)
        gap.trial[one], gap.trial[two] = gap.trial[two], gap.trial[one]
        return count if one != two else -1
    if gap.is_in[other]:
        return -1
    if kind == 3:
        gap.trial[count] = other
        return count + 1
    gap.trial[one] = other
    return count


@compiled
def take(gap: Gap, count: int) -> None:
    """Let ``trial`` be what is ``chosen``."""
    for at in range(gap.numbers[CHOSEN]):
        gap.is_in[gap.chosen[at]] = 0
    for at in range(count):
        gap.chosen[at] = gap.trial[at]
        gap.is_in[gap.trial[at]] = 1
    gap.numbers[CHOSEN] = count


@compiled
def keep(gap: Gap) -> None:
    """Remember what is ``chosen`` as the best."""
    for at in range(gap.numbers[CHOSEN]):
        gap.best[at] = gap.chosen[at]
    gap.numbers[BEST] = gap.numbers[CHOSEN]


@compiled
def anneal(gap: Gap, tries: int, warmth: float, least: float) -> float:
    """Change what the first ``numbers[CHOSEN]`` of ``trial`` are, ever less daringly: by about ``warmth``
    of what they cost a choice may be dearer at first. What the best one costs, ``least`` so far.
    """
    cost = begin = lateness(gap, gap.numbers[CHOSEN], IMPOSSIBLE)
    take(gap, gap.numbers[CHOSEN])
    if cost < least:
        least = cost
        keep(gap)
    for number in range(tries):
        warm = warmth * begin * (1 - number / tries)
        count = change(gap)
        if count < 0:
            continue
        limit = cost + 20 * warm
        found = lateness(gap, count, limit)
        if found > limit:
            continue
        if found <= cost or draw(gap, MODULUS >> 8) < exp((cost - found) / warm) * (MODULUS >> 8):
            cost = found
            take(gap, count)
            if cost < least - 1e-9:
                least = cost
                keep(gap)
    return least


@compiled
def postpone(gap: Gap, tries: int) -> float:
    """Look for a cheaper choice than the first ``numbers[CHOSEN]`` of ``trial``, ``tries`` times from there
    with each warmth; what the best one costs.
    """
    count, least = gap.numbers[CHOSEN], IMPOSSIBLE
    for at in range(count):
        gap.begin[at] = gap.trial[at]
    gap.numbers[CHOSEN] = 0
    for number in range(RUNS):
        for at in range(gap.numbers[CHOSEN]):
            gap.is_in[gap.chosen[at]] = 0
        for at in range(count):
            gap.trial[at] = gap.begin[at]
        gap.numbers[CHOSEN] = count
        for at in range(count):
            gap.chosen[at] = gap.begin[at]
        least = anneal(gap, tries, WARMTH * (WARMER if number % 2 else 1.0), least)
    for at in range(gap.numbers[BEST]):
        gap.trial[at] = gap.best[at]
    return lateness(gap, gap.numbers[BEST], IMPOSSIBLE)
