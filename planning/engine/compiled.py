"""How loops are compiled, once per machine.

The compiled code is kept beside its source, or in the user's cache where that cannot be written. It is made
anew when the file of the function changes, and only then: so a compiled function may call those of its own
file alone. It runs beside other threads: it never touches what another one may be writing.
"""

from collections.abc import Callable
from typing import Any, cast

import numba


def compiled[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """``function`` as machine code. Whole numbers wrap round silently: callers guard the ranges."""
    return _made(function)


def compiled_without_arrays[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """The same for a function that makes no array of its own, and works on those of its caller.

    No references are counted then, which takes two thirds of the time of loops over many small rows.
    """
    return _made(function, _nrt=False)


def _made[**P, R](function: Callable[P, R], **options: Any) -> Callable[P, R]:
    try:
        made = numba.njit(cache=True, nogil=True, error_model="numpy", **options)(function)
    except RuntimeError:  # nowhere to keep it: compiled again by each process
        made = numba.njit(nogil=True, error_model="numpy", **options)(function)
    return cast("Callable[P, R]", made)
