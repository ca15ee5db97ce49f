"""How loops are compiled, once per machine.

The compiled code is kept beside its source, or in the user's cache where that cannot be written. It is made
anew when the file of the function changes, and only then: so a compiled function may call those of its own
file alone.
"""

from collections.abc import Callable
from typing import Any, cast

import numba


def compiled[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """``function`` as machine code that makes no arrays, so that nothing has to count who uses them. Whole
    numbers wrap round silently: callers guard the ranges.
    """
    options: dict[str, Any] = {"error_model": "numpy", "_nrt": False}
    try:
        made = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # nowhere to keep it: compiled again by each process
        made = numba.njit(**options)(function)
    return cast("Callable[P, R]", made)
