"""Netting item by item, parents first: gather gross requirements from the parents' releases, net, size lots.

An item is planned in one go while its row is at hand; it reads its parents' receipts and writes its own row
alone. Cost: O(rows of the bill of materials × buckets + items × buckets), cost-based rules O(buckets²) at
most for their items.
"""

import numpy as np

from planning.engine.compiled import compiled
from planning.engine.netting.arrays import Components, Dated, State, Terms, WhereUsed, Work
from planning.engine.netting.problem import Ints

# A row's quantities sum up to at most this, so that no sum of two of them leaves the range of int64.
LIMIT = 2_000_000_000_000_000_000
ROOM = 4_000_000_000_000_000_000
EXACT_FLOAT = 2**52

FIXED_PERIOD, WAGNER_WHITIN, SILVER_MEAL = 1, 2, 3
DONE, TOO_LARGE, TOO_FINE = 0, 1, 2


@compiled
def order_total(need: int, least: int, multiple: int, largest: int) -> int:
    """What the orders that cover ``need`` bring together."""
    full = need // largest * largest if largest > 0 else 0
    rest = need - full
    if rest <= 0:
        return full
    if multiple > 1:
        rest = (rest + multiple - 1) // multiple * multiple
    return full + max(rest, least)


@compiled
def add_components(
    gross: Ints, receipts: Ints, at_once: int, planned: int, lead: int, row: int, used: WhereUsed
) -> None:
    """Add what the parent of ``row`` takes: each bucket's releases × quantity per unit, rounded up, where the
    row counts.
    """
    whole, rest, denominator, offset = (
        used.whole[row],
        used.rest[row],
        used.denominator[row],
        used.offset[row],
    )
    begin = max(used.first[row] - 1, 0)
    count = min(max(gross.size - 1 - lead, 0), used.end[row] - 1)
    into = gross[offset + 1 :]
    later = receipts[min(lead + 1, receipts.size) :]
    if used.first[row] > 0:
        at_once = 0
    if rest == 0:
        for at in range(begin, count):
            into[at] += later[at] * whole
        if offset < gross.size:
            gross[offset] += at_once * whole
    elif planned <= EXACT_FLOAT // rest - denominator:
        # A quotient of whole numbers below 2^53 is never rounded up to a whole one: the processor divides
        # several of them at once.
        divisor = float(denominator)
        for at in range(begin, count):
            into[at] += later[at] * whole + np.int64((later[at] * rest + denominator - 1) / divisor)
        if offset < gross.size:
            gross[offset] += at_once * whole + np.int64((at_once * rest + denominator - 1) / divisor)
    else:
        for at in range(-1 if begin == 0 else begin, count):
            taken = at_once if at < 0 else later[at]
            if taken > 0 and offset + 1 + at < gross.size:
                part = (taken % denominator * rest + denominator - 1) // denominator
                gross[offset + 1 + at] += taken * whole + taken // denominator * rest + part


@compiled
def gather(item: int, gross: Ints, terms: Terms, requirements: Dated, used: WhereUsed, state: State) -> bool:
    """Gross requirements of ``item``; False where they are beyond all measure."""
    gross[:] = 0
    size = 0.0
    for row in range(requirements.start[item], requirements.start[item + 1]):
        size += requirements.quantity[row]
        if size > LIMIT:
            return False
        gross[requirements.bucket[row]] += requirements.quantity[row]
    for row in range(used.start[item], used.start[item + 1]):
        parent = used.parent[row]
        planned = state.planned[parent]
        if planned == 0:
            continue
        size += planned * (used.whole[row] + used.rest[row] / used.denominator[row]) + gross.size
        if size > LIMIT:
            return False
        add_components(
            gross, state.receipts[parent], state.at_once[parent], planned, terms.lead_time[parent], row, used
        )
    return True


@compiled
def arrivals(item: int, arriving: Ints, terms: Terms, scheduled: Dated) -> bool:
    """Scheduled receipts as netting sees them: all of them at once where they move when needed."""
    arriving[:] = 0
    size = float(terms.on_hand[item])
    for row in range(scheduled.start[item], scheduled.start[item + 1]):
        size += scheduled.quantity[row]
        if size > LIMIT:
            return False
        at = 0 if terms.receipts_move[item] else scheduled.bucket[row]
        arriving[at] += scheduled.quantity[row]
    return True


@compiled
def plan_receipts(item: int, receipts: Ints, gross: Ints, arriving: Ints, stops: Ints, terms: Terms) -> None:
    """Planned receipts in the buckets of need; ``stops[t]`` ends what an order due in ``t`` covers."""
    safety, fence = terms.safety_stock[item], terms.fence[item]
    least, multiple, largest = terms.least[item], terms.multiple[item], terms.largest[item]
    balance = terms.on_hand[item]
    for bucket in range(gross.size):
        receipts[bucket] = 0
        balance += arriving[bucket] - gross[bucket]
        need = safety - balance
        if need <= 0 or bucket < fence:
            continue
        ahead = balance
        for later in range(bucket + 1, stops[bucket]):
            ahead += arriving[later] - gross[later]
            need = max(need, safety - ahead)
        receipts[bucket] = order_total(need, least, multiple, largest)
        balance += receipts[bucket]


@compiled
def fall_short(item: int, needs: Ints, gross: Ints, arriving: Ints, terms: Terms) -> None:
    """Net requirements if each bucket were covered by itself: what cost-based rules make lots of."""
    balance, covered = terms.on_hand[item], 0
    for bucket in range(gross.size):
        needs[bucket] = 0
        balance += arriving[bucket] - gross[bucket]
        short = terms.safety_stock[item] - balance
        if bucket >= terms.fence[item] and short > covered:
            needs[bucket], covered = short - covered, short


@compiled
def common_divisor(first: int, second: int) -> int:
    while second:
        first, second = second, first % second
    return first


@compiled
def cost_stops(item: int, stops: Ints, needs: Ints, terms: Terms) -> bool:
    """Where lots of the item's cost-based rule end. False: the costs are too fine to be compared in int64."""
    divisor = 0
    for need in needs:
        divisor = common_divisor(need, divisor)
    if divisor == 0:
        stops[:] = np.arange(1, stops.size + 1)
        return True
    # Setup × 10⁶ and holding × millionths are compared: divide by what they share, so that they stay small.
    setup, holding = terms.order_cost[item], terms.holding_cost[item]
    unit = common_divisor(1_000_000, divisor)
    million = 1_000_000 // unit
    shared = common_divisor(million, holding)
    million, holding = million // shared, holding // shared
    shared = max(common_divisor(setup, holding), 1)
    setup, holding = setup // shared, holding // shared
    # Nothing is carried that costs more than an order of its own, so sums stay below setup × buckets².
    most = ROOM / (stops.size + 1.0) ** 2
    if float(setup) * million > most or holding > most:
        return False
    setup *= million
    if terms.rule[item] == WAGNER_WHITIN:
        wagner_whitin(stops, needs, unit, setup, holding)
    else:
        silver_meal(stops, needs, unit, setup, holding)
    return True


@compiled
def wagner_whitin(stops: Ints, needs: Ints, unit: int, setup: int, holding: int) -> None:
    """Least cost; of equal ones the later start.

    Two theorems keep the starts few that are tried for a last lot: it never starts before the last lot of a
    shorter horizon, and nothing in it is carried for more than the cost of an order.
    """
    count = needs.size
    best = np.zeros(count + 1, dtype=np.int64)
    starts = np.full(count, -1, dtype=np.int64)
    horizon = 0
    for end in range(count):
        best[end + 1] = best[end]
        if needs[end] == 0:
            continue
        held, waiting, first = 0, 0, horizon  # cost of carrying; what is carried on; first start to try
        chosen, least = -1, 0
        start = end
        while start >= first:
            held += waiting
            need = needs[start] // unit
            if need > 0:
                cost = best[start] + setup + held
                if chosen < 0 or cost < least:
                    chosen, least = start, cost
                reach = setup // need // holding if holding > 0 else count
                first = max(first, start - reach)
                if reach > 0:
                    waiting += need * holding
            start -= 1
        best[end + 1], starts[end], horizon = least, chosen, chosen
    end = count - 1
    while end >= 0:
        first = starts[end] if starts[end] >= 0 else end
        stops[first : end + 1] = end + 1
        end = first - 1


@compiled
def silver_meal(stops: Ints, needs: Ints, unit: int, setup: int, holding: int) -> None:
    """Lots grow while their cost per bucket does not rise."""
    count = needs.size
    first = 0
    while first < count:
        stops[first] = first + 1
        if needs[first] == 0:
            first += 1
            continue
        cost, last = setup, first
        for bucket in range(first + 1, count):
            if needs[bucket] == 0:
                continue
            span = bucket - first
            # The cost per bucket rises: (cost + need × holding × span) / (span + 1) > cost / span.
            need = needs[bucket] // unit
            if holding > 0 and need > cost // (holding * span * span):
                break
            cost, last = cost + need * holding * span, bucket
        stops[first : last + 1] = last + 1
        first = last + 1


@compiled
def lot_stops(
    item: int, given: Ints, stops: Ints, needs: Ints, gross: Ints, arriving: Ints, terms: Terms
) -> bool:
    """Fill ``stops`` for rules that cover several buckets. False: costs too fine, for lots of ``needs``."""
    if terms.rule[item] == FIXED_PERIOD:
        stops[:] = np.minimum(np.arange(stops.size) + terms.period[item], stops.size)
        return True
    if given.size:
        stops[:] = given
        return True
    fall_short(item, needs, gross, arriving, terms)
    return cost_stops(item, stops, needs, terms)


@compiled
def plan_items(
    position: int,
    given: Ints,
    needs: Ints,
    terms: Terms,
    requirements: Dated,
    scheduled: Dated,
    used: WhereUsed,
    components: Components,
    state: State,
    work: Work,
) -> tuple[int, int]:
    """Plan the items of ``work`` from ``position`` on; told where and why it stopped.

    ``TOO_FINE``: the caller finds the lots for ``needs`` and comes back to that position with the stops of
    these as ``given`` (else empty).
    """
    count, buckets = state.gross.shape
    gross = np.empty(buckets, dtype=np.int64)
    arriving = np.empty(buckets, dtype=np.int64)
    receipts = np.empty(buckets, dtype=np.int64)
    single = np.arange(1, buckets + 1)
    several = np.empty(buckets, dtype=np.int64)
    nothing = given[:0]
    spreads = components.start.size > 1
    for at in range(position, count):
        item = work.order[at]
        if work.is_fed[item]:
            if not gather(item, gross, terms, requirements, used, state):
                return at, TOO_LARGE
            if not work.is_changed[item] and np.array_equal(gross, state.gross[item]):
                continue
        elif work.is_changed[item]:
            gross[:] = state.gross[item]
        else:
            continue
        if not arrivals(item, arriving, terms, scheduled):
            return at, TOO_LARGE
        stops = single
        if terms.rule[item] != 0:
            stops = several
            if not lot_stops(
                item, given if at == position else nothing, stops, needs, gross, arriving, terms
            ):
                return at, TOO_FINE
        plan_receipts(item, receipts, gross, arriving, stops, terms)
        if spreads and (work.has_moved[item] or not np.array_equal(receipts, state.receipts[item])):
            for row in range(components.start[item], components.start[item + 1]):
                work.is_fed[components.component[row]] = True
        work.is_netted[item] = True
        state.gross[item] = gross
        state.receipts[item] = receipts
        state.planned[item] = receipts.sum()
        state.at_once[item] = receipts[: terms.lead_time[item] + 1].sum()
    return count, DONE
