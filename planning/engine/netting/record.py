"""The time-phased record of one item, as planners draw it."""

from dataclasses import dataclass

import numpy as np

from planning.engine.netting.arrays import Lateness, Parts, Prepared, State
from planning.engine.netting.problem import Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemRecord:
    """Rows of one item by bucket, in millionths.

    * ``net_requirements``: safety stock − (on hand + scheduled receipts − gross requirements), where above 0;
      what is short already is not counted again in later buckets.
    * ``planned_receipts`` stand in the bucket of need, ``planned_releases`` a lead time before. What should
      have been released before bucket 0 is ``past_due`` and in no bucket of releases. ``projected_on_hand``
      takes the receipts as they stand.
    * An order past due is released in bucket 0 and comes ``lead_time`` buckets later, or later still when its
      components are late: ``expected_on_hand`` takes every receipt when it really comes. ``late_buckets``: by
      how much the latest order misses its need.
    """

    code: str
    lead_time: int
    low_level_code: int
    gross_requirements: Ints
    scheduled_receipts: Ints
    projected_on_hand: Ints
    net_requirements: Ints
    planned_receipts: Ints
    planned_releases: Ints
    expected_on_hand: Ints
    past_due: int
    late_buckets: int


def record_of(prepared: Prepared, parts: Parts, state: State, late: Lateness, item: int) -> ItemRecord:
    """Cost: O(buckets + components)."""
    terms, scheduled = prepared.terms, prepared.scheduled
    gross, receipts = state.gross[item], state.receipts[item]
    buckets, lead = len(gross), int(terms.lead_time[item])
    arriving = np.zeros(buckets, dtype=np.int64)
    rows = slice(scheduled.start[item], scheduled.start[item + 1])
    np.add.at(arriving, scheduled.bucket[rows], scheduled.quantity[rows])
    projected = terms.on_hand[item] + np.cumsum(arriving + receipts - gross)
    releases = np.zeros(buckets, dtype=np.int64)
    releases[: max(buckets - lead, 0)] = receipts[lead:]
    return ItemRecord(
        code=prepared.problem.items.codes[item],
        lead_time=lead,
        low_level_code=int(prepared.structure.low_level_code[item]),
        gross_requirements=gross,
        scheduled_receipts=arriving,
        projected_on_hand=projected,
        net_requirements=_net(terms.on_hand[item], terms.safety_stock[item], projected, receipts),
        planned_receipts=receipts,
        planned_releases=releases,
        expected_on_hand=_expected(prepared, parts, state, late, item),
        past_due=int(receipts[:lead].sum()),
        late_buckets=int(late.ready[item] - late.need[item]),
    )


def _net(on_hand: int, safety: int, projected: Ints, receipts: Ints) -> Ints:
    """What each bucket falls short by before its own receipt, less what was short before it."""
    short = np.maximum(safety - (projected - receipts), 0)
    before = np.maximum(safety - np.concatenate(([on_hand], projected[:-1])), 0)
    before[0] = 0  # a stock below the safety stock is a requirement of bucket 0
    added: Ints = np.maximum(short - before, 0)
    return added


def _expected(prepared: Prepared, parts: Parts, state: State, late: Lateness, item: int) -> Ints:
    from planning.engine.netting.loops.messages import expect, finish_orders

    buckets = state.gross.shape[1]
    finish, on_hand = np.empty(buckets, dtype=np.int64), np.empty(buckets, dtype=np.int64)
    receipts = state.receipts[item]
    finish_orders(item, finish, receipts, prepared.terms, parts, late)
    expect(item, on_hand, finish, state.gross[item], receipts, prepared.terms, prepared.scheduled)
    return on_hand
