"""Planned orders out of planned receipts: one row per order, large needs split. Cost: O(items × buckets)."""

import numpy as np
import numpy.typing as npt

from planning.engine.compiled import compiled

type Ints = npt.NDArray[np.int64]
type Shorts = npt.NDArray[np.int32]


@compiled
def count_orders(receipts: Ints, largest: Ints) -> int:
    """How many orders bring these receipts."""
    count, buckets = receipts.shape
    total = 0
    for item in range(count):
        for bucket in range(buckets):
            quantity = receipts[item, bucket]
            if quantity > 0:
                total += 1 if largest[item] == 0 else (quantity - 1) // largest[item] + 1
    return total


@compiled
def list_orders(
    receipts: Ints,
    lead_time: Ints,
    largest: Ints,
    items: Shorts,
    release: Shorts,
    due: Shorts,
    quantities: Ints,
) -> None:
    """Fill item, bucket of release (0 at the earliest), bucket of need, quantity; by item, then bucket."""
    count, buckets = receipts.shape
    row = 0
    for item in range(count):
        for bucket in range(buckets):
            left = receipts[item, bucket]
            while left > 0:
                items[row] = item
                release[row] = max(bucket - lead_time[item], 0)
                due[row] = bucket
                quantities[row] = left if largest[item] == 0 else min(left, largest[item])
                left -= quantities[row]
                row += 1
