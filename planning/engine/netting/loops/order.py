"""Grouping rows by item, and low-level codes. Cost: O(items + rows)."""

import numpy as np
import numpy.typing as npt

from planning.engine.compiled import compiled

type Ints = npt.NDArray[np.int64]


@compiled
def group(keys: Ints, start: Ints, rows: Ints) -> None:
    """Rows by key: those of key ``k`` are ``rows[start[k]:start[k + 1]]``, in the order they came.

    Fills ``start`` (zeros at first, one longer than there are keys) and ``rows``.
    """
    count = start.size - 1
    for key in keys:
        start[key + 1] += 1
    for key in range(count):
        start[key + 1] += start[key]
    free = start[:-1].copy()
    for row in range(keys.size):
        key = keys[row]
        rows[free[key]] = row
        free[key] += 1


@compiled
def low_level_codes(start: Ints, components: Ints, uses: Ints) -> tuple[Ints, Ints, int]:
    """The deepest level at which each item is used, items so that parents come first, and how many there are.

    ``components[start[i]:start[i + 1]]`` are those of item ``i``; ``uses[i]`` counts the rows that name it
    (and is consumed). Fewer items than there are: what is left has ``uses`` above 0, and hangs on a cycle.
    """
    count = uses.size
    code = np.zeros(count, dtype=np.int64)
    order = np.empty(count, dtype=np.int64)
    found = 0
    for item in range(count):
        if uses[item] == 0:
            order[found] = item
            found += 1
    done = 0
    while done < found:
        item = order[done]
        done += 1
        for row in range(start[item], start[item + 1]):
            component = components[row]
            code[component] = max(code[component], code[item] + 1)
            uses[component] -= 1
            if uses[component] == 0:
                order[found] = component
                found += 1
    return code, order, found
