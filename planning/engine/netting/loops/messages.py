"""Late orders and exception messages, from the receipts and the records. Cost: O(items × buckets + rows)."""

import numpy as np

from planning.engine.compiled import compiled
from planning.engine.netting.arrays import Dated, Lateness, MessageRows, Parts, Receipts, State, Terms
from planning.engine.netting.problem import Ints

# The order of ``messages.MessageCode``.
RESCHEDULE_IN, RESCHEDULE_OUT, CANCEL, PAST_DUE, SHORTAGE = 0, 1, 2, 3, 4
BELOW_SAFETY_STOCK, EXCESS, INSUFFICIENT_LEAD_TIME, FENCE_VIOLATION = 5, 6, 7, 8


@compiled
def finish_orders(
    item: int, finish: Ints, receipts: Ints, terms: Terms, parts: Parts, late: Lateness
) -> tuple[int, int, int, int]:
    """Say when each planned receipt is really there; told need, readiness and cause of the item's latest
    order, and how much waits.

    An order starts when it is due to be released, in bucket 0 at the earliest, and when every component
    that is missing then is there again. Of ``late`` only what components miss is read, and nothing written:
    a finished run is shared.
    """
    lead = terms.lead_time[item]
    missing_until = 0
    for row in range(parts.start[item], parts.start[item + 1]):
        missing_until = max(missing_until, late.short_until[parts.component[row]])
    need, ready, latest_cause, waiting = -1, -1, -1, 0
    for bucket in range(receipts.size):
        finish[bucket] = bucket
        if receipts[bucket] == 0:
            continue
        release = max(bucket - lead, 0)
        start, cause = release, -1
        if release < missing_until:
            for row in range(parts.start[item], parts.start[item + 1]):
                if not parts.first[row] <= release < parts.end[row]:
                    continue
                component, taken = parts.component[row], release + parts.offset[row]
                there = late.short_until[component] - parts.offset[row]
                if late.short_from[component] <= taken and there > start:
                    start, cause = there, component
        finish[bucket] = start + lead
        if finish[bucket] > bucket:
            waiting += receipts[bucket]
            if finish[bucket] - bucket > ready - need:
                need, ready, latest_cause = bucket, finish[bucket], cause
    return need, ready, latest_cause, waiting


@compiled
def expect(
    item: int, on_hand: Ints, finish: Ints, gross: Ints, receipts: Ints, terms: Terms, scheduled: Dated
) -> None:
    """Fill ``on_hand`` at the end of each bucket, with every receipt when it is really there."""
    for bucket in range(gross.size):
        on_hand[bucket] = -gross[bucket]
    for bucket in range(gross.size):
        if finish[bucket] < gross.size:
            on_hand[finish[bucket]] += receipts[bucket]
    for row in range(scheduled.start[item], scheduled.start[item + 1]):
        on_hand[scheduled.bucket[row]] += scheduled.quantity[row]
    balance = terms.on_hand[item]
    for bucket in range(gross.size):
        balance += on_hand[bucket]
        on_hand[bucket] = balance


@compiled
def find_lateness(order: Ints, terms: Terms, scheduled: Dated, parts: Parts, state: State) -> Lateness:
    """Components first, so that what is missing below is known."""
    count, buckets = state.gross.shape
    nothing = np.full(count, -1, dtype=np.int64)
    late = Lateness(
        np.full(count, buckets, dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        nothing.copy(),
        nothing.copy(),
        nothing,
        np.zeros(count, dtype=np.int64),
    )
    finish = np.empty(buckets, dtype=np.int64)
    on_hand = np.empty(buckets, dtype=np.int64)
    for at in range(count - 1, -1, -1):
        item = order[at]
        receipts = state.receipts[item]
        latest = finish_orders(item, finish, receipts, terms, parts, late)
        late.need[item], late.ready[item], late.cause[item], late.waiting[item] = latest
        expect(item, on_hand, finish, state.gross[item], receipts, terms, scheduled)
        for bucket in range(buckets):
            if on_hand[bucket] < 0:
                late.short_from[item] = min(late.short_from[item], bucket)
                late.short_until[item] = bucket + 1
        if on_hand[buckets - 1] < 0:
            for bucket in range(buckets):
                late.short_until[item] = max(late.short_until[item], finish[bucket])
    return late


@compiled
def put(
    rows: MessageRows, at: int, code: int, item: int, bucket: int, to: int, quantity: int, row: int
) -> int:
    """Write a message where there is room; told where the next one goes."""
    if at < rows.code.size:
        rows.code[at], rows.item[at], rows.bucket[at] = code, item, bucket
        rows.to_bucket[at], rows.quantity[at], rows.row[at] = to, quantity, row
    return at + 1


@compiled
def put_stretches(rows: MessageRows, at: int, code: int, item: int, on_hand: Ints, level: int) -> int:
    """A message for each stretch of buckets below ``level``, with the largest lack."""
    first, lack = -1, 0
    for bucket in range(on_hand.size):
        if on_hand[bucket] < level:
            if first < 0:
                first, lack = bucket, 0
            lack = max(lack, level - on_hand[bucket])
        elif first >= 0:
            at = put(rows, at, code, item, first, bucket, lack, -1)
            first = -1
    return at if first < 0 else put(rows, at, code, item, first, on_hand.size, lack, -1)


@compiled
def put_receipts(rows: MessageRows, at: int, item: int, gross: Ints, terms: Terms, receipts: Receipts) -> int:
    """When each scheduled receipt is needed: where stock and the receipts before it run out."""
    supply = terms.on_hand[item]
    bucket, taken = 0, terms.safety_stock[item] + gross[0]
    for each in range(receipts.start[item], receipts.start[item + 1]):
        quantity, due, row = receipts.quantity[each], receipts.bucket[each], receipts.row[each]
        if quantity == 0:
            continue
        while bucket < gross.size and taken <= supply:
            bucket += 1
            if bucket < gross.size:
                taken += gross[bucket]
        needed = bucket if bucket < gross.size else -1
        if due < 0:
            at = put(rows, at, PAST_DUE, item, due, needed, quantity, row)
        if needed < 0:
            at = put(rows, at, CANCEL, item, due, -1, quantity, row)
        elif needed > max(due, 0):
            at = put(rows, at, RESCHEDULE_OUT, item, due, needed, quantity, row)
        elif needed < due:
            at = put(rows, at, RESCHEDULE_IN, item, due, needed, quantity, row)
        supply += quantity
    return at


@compiled
def put_fence(rows: MessageRows, at: int, item: int, on_hand: Ints, terms: Terms) -> int:
    """What is needed before the fence and may not be planned there."""
    lack, first = 0, -1
    for bucket in range(min(terms.fence[item], on_hand.size)):
        if terms.safety_stock[item] - on_hand[bucket] > lack:
            lack = terms.safety_stock[item] - on_hand[bucket]
            first = bucket if first < 0 else first
    return at if first < 0 else put(rows, at, FENCE_VIOLATION, item, first, terms.fence[item], lack, -1)


@compiled
def list_messages(
    rows: MessageRows,
    terms: Terms,
    scheduled: Dated,
    receipts: Receipts,
    parts: Parts,
    state: State,
    late: Lateness,
) -> int:
    """Write the messages by item, as far as there is room; told how many there are."""
    count, buckets = state.gross.shape
    finish = np.empty(buckets, dtype=np.int64)
    on_hand = np.empty(buckets, dtype=np.int64)
    at = 0
    for item in range(count):
        gross = state.gross[item]
        finish_orders(item, finish, state.receipts[item], terms, parts, late)
        expect(item, on_hand, finish, gross, state.receipts[item], terms, scheduled)
        at = put_receipts(rows, at, item, gross, terms, receipts)
        at = put_stretches(rows, at, SHORTAGE, item, on_hand, 0)
        if terms.safety_stock[item] > 0:
            at = put_stretches(rows, at, BELOW_SAFETY_STOCK, item, on_hand, terms.safety_stock[item])
        surplus = terms.on_hand[item] - terms.safety_stock[item] - gross.sum()
        for row in range(scheduled.start[item], scheduled.start[item + 1]):
            surplus += scheduled.quantity[row]
        if surplus > 0:
            at = put(rows, at, EXCESS, item, 0, buckets, surplus, -1)
        if late.need[item] >= 0:
            need, ready, waiting = late.need[item], late.ready[item], late.waiting[item]
            at = put(rows, at, INSUFFICIENT_LEAD_TIME, item, need, ready, waiting, -1)
        at = put_fence(rows, at, item, on_hand, terms)
    return at
