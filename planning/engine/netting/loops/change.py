"""Which items' rows differ between two problems. Cost: O(items + rows)."""

from planning.engine.compiled import compiled
from planning.engine.netting.arrays import Flags
from planning.engine.netting.problem import Ints


@compiled
def mark_differing(start: Ints, values: Ints, other_start: Ints, other_values: Ints, differs: Flags) -> None:
    """Set ``differs`` for each group that has other values, or more or fewer of them."""
    for item in range(differs.size):
        first, other, size = start[item], other_start[item], start[item + 1] - start[item]
        if other_start[item + 1] - other != size:
            differs[item] = True
            continue
        for row in range(size):
            if values[first + row] != other_values[other + row]:
                differs[item] = True
                break
