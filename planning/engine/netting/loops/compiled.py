"""How loops are compiled, once per machine.

The compiled code is kept beside its source, or in the user's cache where that cannot be written. It is made
anew when the file of the function changes, and only then: so a compiled function may call those of its own
file alone.
"""

from collections.abc import Callable
from typing import cast

import numba


def compiled[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """``function`` as machine code. Whole numbers wrap round silently: callers guard the ranges."""
    try:
        made = numba.njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # nowhere to keep it: compiled again by each process
        made = numba.njit(error_model="numpy")(function)
    return cast("Callable[P, R]", made)
