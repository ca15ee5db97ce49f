"""One item of a plain shop netted: requirements in order of need, from stock, then from lots.

The same decisions as ``mrp`` makes where nothing but stock, sizes, hours and windows shapes a lot. Quantities
are millionths, moments minutes. Cost: O(requirements + lots); dates O(lots × steps × log intervals).
"""

from math import ceil
from typing import NamedTuple

from planning.engine.compiled import compiled_without_arrays as compiled
from planning.engine.shopfloor.arrays import Floats, Ints, Table

MICRO = 1_000_000
SPAN = 40  # intervals from which it is told how open a calendar was before minute 0


class Rules(NamedTuple):
    """How lots of one item are cut: ``least``, ``step`` and ``most`` of a lot, the routing's own size
    ``routing`` (0: it has none), the hours of a unit at the longest operation (0: nothing is worked on),
    and how long lots may be: ``hours``, or more or less by the ``stretches`` of their need.
    """

    least: int
    step: int
    most: int
    routing: int
    longest: float
    hours: float
    stretches: Table


class Rows(NamedTuple):
    """Requirements in order of need; ``left`` is used up. A lot that begins with a row gathers needs up to
    ``last``.
    """

    need: Ints
    last: Ints
    urgency: Floats
    left: Ints


class Cut(NamedTuple):
    """The result: by lot ``quantity``, ``need`` and ``urgency``; by peg the ``lot`` (-1: stock), the ``row``
    and ``taken``. ``counts``: of lots and pegs.
    """

    quantity: Ints
    need: Ints
    urgency: Floats
    lot: Ints
    row: Ints
    taken: Ints
    counts: Ints


@compiled
def target_of(rules: Rules, need: int) -> int:
    """The lot size to aim at."""
    if rules.longest <= 0:
        return 10**18
    hours = rules.hours
    for row in range(rules.stretches.size):
        if rules.stretches[row].begins <= need < rules.stretches[row].ends:
            hours *= rules.stretches[row].times
    fitting = max(1, round(hours / rules.longest)) * MICRO
    return min(rules.routing, fitting) if rules.routing > MICRO else fitting


@compiled
def serve(rows: Rows, begin: int, lot: int, quantity: int, cut: Cut) -> int:
    """Peg ``quantity`` to the rows from ``begin`` on; the first row that still lacks something."""
    while begin < rows.left.size and quantity > 0:
        taken = min(quantity, rows.left[begin])
        peg = cut.counts[1]
        cut.lot[peg], cut.row[peg], cut.taken[peg] = lot, begin, taken
        cut.counts[1] = peg + 1
        rows.left[begin] -= taken
        quantity -= taken
        if rows.left[begin] == 0:
            begin += 1
    return begin


@compiled
def net(rows: Rows, stock: int, rules: Rules, cut: Cut) -> None:
    """Serve ``rows`` from ``stock``, and cut the rest into lots."""
    cut.counts[0] = cut.counts[1] = 0
    count = rows.left.size
    begin = serve(rows, 0, -1, stock, cut)
    while begin < count:
        need = rows.need[begin]
        target = min(rules.most, target_of(rules, need))
        quantity, end, urgency = 0, begin, rows.urgency[begin]
        while end < count and quantity < target and (end == begin or rows.need[end] <= rows.last[begin]):
            quantity += rows.left[end]
            urgency = min(urgency, rows.urgency[end])
            end += 1
        quantity = max(-(-min(quantity, target) // rules.step) * rules.step, rules.least)
        quantity = min(quantity, rules.most)
        lot = cut.counts[0]
        cut.quantity[lot], cut.need[lot], cut.urgency[lot] = quantity, need, urgency
        cut.counts[0] = lot + 1
        begin = serve(rows, begin, lot, quantity, cut)


@compiled
def row_by(values: Table, first: int, end: int, limit: int, by_before: bool) -> int:
    """The last interval of a calendar that begins, or has so many open minutes before it, by ``limit``."""
    low, high = first, end
    while low < high:
        middle = (low + high) >> 1
        at = values[middle].before if by_before else values[middle].start
        if limit < at:
            high = middle
        else:
            low = middle + 1
    return low - 1


@compiled
def start_for(intervals: Table, first: int, end: int, until: int, work: int) -> int:
    """As ``OpenTime.start_for``, of the intervals [``first``, ``end``)."""
    if first == end:
        return until - work
    row, count = row_by(intervals, first, end, until, False), 0
    if row >= first:
        here = intervals[row]
        count = here.before + min(until, here.end) - here.start
    target = count - work
    if target < 0:
        span = min(end - first - 1, SPAN)
        share = 1.0
        if span:
            share = (intervals[first + span].before + 1) / max(
                intervals[first + span].start - intervals[first].start, 1
            )
        return round(target / min(max(share, 0.05), 1.0)) - 1
    row = row_by(intervals, first, end, target, True)
    return int(intervals[row].start + target - intervals[row].before)


@compiled
def attended(setup: float, run: float, done: int, quantity: int) -> int:
    """Minutes of work on ``quantity``."""
    factors = (done + quantity) / MICRO - done / MICRO
    return max(0, ceil((setup + run * factors) * 60 - 1e-6))


@compiled
def date(
    quantity: Ints, need: Ints, steps: Table, done: int, slack: float, intervals: Table, latest: Ints
) -> None:
    """The latest start of every step of every lot, were stations and people free: ``latest[lot, step]``."""
    for lot in range(quantity.size):
        moment = need[lot]
        for number in range(steps.size - 1, -1, -1):
            step = steps[number]
            moment -= step.queue + step.external
            if step.unattended > 0:
                moment -= ceil(-(-quantity[lot] // step.batch) * step.unattended - 1e-6)
            if step.is_inside:
                work = round(attended(step.setup, step.run, done, quantity[lot]) * slack)
                moment = start_for(intervals, step.first, step.end, moment, work)
            latest[lot, number] = moment


@compiled
def receive(need: Ints, wanted: Ints, coming: Table, earliest: int, ready: Ints) -> None:
    """When the bought parts of each requirement are there: from stock and open orders, else, by an order of
    today, ``earliest``.
    """
    at = 0
    for row in range(need.size):
        rest, until, minute = wanted[row], max(need[row], earliest), 0
        while rest > 0 and at < coming.size and coming[at].minute <= until:
            taken = min(rest, coming[at].left)
            if taken > 0:
                coming[at].left -= taken
                rest -= taken
                minute = coming[at].minute
            if coming[at].left == 0:
                at += 1
        ready[row] = max(minute, earliest) if rest > 0 else minute
