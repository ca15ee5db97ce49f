"""The time-phased record of one item, as planners draw it."""

from dataclasses import dataclass

import numpy as np

from planning.engine.netting.arrays import Prepared
from planning.engine.netting.problem import Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ItemRecord:
    """Rows of one item by bucket, in millionths.

    * ``net_requirements``: safety stock − (on hand + scheduled receipts − gross requirements), where above 0; what
      is short already is not counted again in later buckets.
    * ``planned_receipts`` stand in the bucket of need, ``planned_releases`` a lead time before. What should have
      been released before bucket 0 is ``past_due`` and in no bucket of releases. ``projected_on_hand`` takes the
      receipts as they stand.
    * An order past due is released in bucket 0 and comes ``lead_time`` buckets later: ``expected_on_hand`` takes
      it then. ``late_buckets``: how long the first such need waits, components being there.
    """

    code: str
    lead_time: int
    gross_requirements: Ints
    scheduled_receipts: Ints
    projected_on_hand: Ints
    net_requirements: Ints
    planned_receipts: Ints
    planned_releases: Ints
    expected_on_hand: Ints
    past_due: int
    late_buckets: int


def record_of(prepared: Prepared, item: int, gross: Ints, receipts: Ints) -> ItemRecord:
    """Cost: O(buckets)."""
    terms, scheduled = prepared.terms, prepared.scheduled
    buckets, lead = len(gross), int(terms.lead_time[item])
    arriving = np.zeros(buckets, dtype=np.int64)
    rows = slice(scheduled.start[item], scheduled.start[item + 1])
    np.add.at(arriving, scheduled.bucket[rows], scheduled.quantity[rows])
    late = receipts[:lead]
    past_due = int(late.sum())
    projected = terms.on_hand[item] + np.cumsum(arriving + receipts - gross)
    in_time = receipts.copy()
    in_time[:lead] = 0
    if lead < buckets:
        in_time[lead] += past_due
    releases = np.zeros(buckets, dtype=np.int64)
    releases[: max(buckets - lead, 0)] = receipts[lead:]
    short = np.maximum(terms.safety_stock[item] - (projected - receipts), 0)
    open_before = np.maximum(
        terms.safety_stock[item] - np.concatenate(([terms.on_hand[item]], projected[:-1])), 0
    )
    open_before[0] = 0
    return ItemRecord(
        code=prepared.problem.items.codes[item],
        lead_time=lead,
        gross_requirements=gross,
        scheduled_receipts=arriving,
        projected_on_hand=projected,
        net_requirements=np.maximum(short - open_before, 0),
        planned_receipts=receipts,
        planned_releases=releases,
        expected_on_hand=terms.on_hand[item] + np.cumsum(arriving + in_time - gross),
        past_due=past_due,
        late_buckets=lead - int(np.flatnonzero(late)[0]) if past_due else 0,
    )
