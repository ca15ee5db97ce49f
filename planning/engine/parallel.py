"""Candidates decoded side by side: the same rounds on several cores.

Helpers are forked from the building process, so that they share its compiled shop without copying; they get
settings and give back whole drafts. Rounds are dealt in batches of as many as there are workers and looked at
in order, so that a given number of workers always gives the same plan.
"""

import multiprocessing
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

type Decode[S, D] = Callable[[S], D]
type DecodeAll[S, D] = Callable[[Sequence[S]], Sequence[D]]

_decode: Callable[..., Any] | None = None


@contextmanager
def decoding[S, D](
    decode: Decode[S, D], workers: int, prepare: Callable[[], None]
) -> Iterator[DecodeAll[S, D]]:
    """A function that decodes a batch, here for one worker, else in ``workers`` helpers.

    ``prepare`` runs first in each helper. Helpers are gone when the context ends, however it ends.
    """
    if workers <= 1:
        yield lambda batch: [decode(each) for each in batch]
        return
    global _decode  # what a forked helper inherits
    _decode = decode
    with warnings.catch_warnings():
        # Helpers only compute: no lock of another thread is ever taken in them.
        warnings.filterwarnings("ignore", message=".*multi-threaded.*fork", category=DeprecationWarning)
        pool = multiprocessing.get_context("fork").Pool(workers, initializer=prepare)
    try:
        yield lambda batch: cast("list[D]", pool.map(_decode_here, batch, chunksize=1))
    finally:
        pool.terminate()
        pool.join()
        _decode = None


def _decode_here(settings: Any) -> Any:
    if _decode is None:
        raise RuntimeError("a helper was started outside of decoding()")
    return _decode(settings)
