"""The order in which the demands of an item are served from what comes when."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

FAR = 10**6  # the day of what never comes
LOOKS = 20_000_000  # demands × those put back, in all orders that are tried


class Wanted(NamedTuple):
    """``quantity`` millionths by the end of day ``due``; ``daily`` and ``once`` are what being late costs."""

    quantity: int
    due: int
    daily: float
    once: float


def serving_order(demands: Sequence[Wanted], supplies: Sequence[tuple[int, int]]) -> list[int]:
    """Positions of ``demands`` in the order in which they get the (day, millionths) of ``supplies``, which
    stand in order of day, what never comes (-1) at the end. By due day where that makes nobody late.
    """
    by_due = sorted(range(len(demands)), key=lambda i: (demands[i].due, -demands[i].daily))
    if len(demands) == 1 or not supplies:
        return by_due
    days = np.array([FAR if day < 0 else day for day, _ in supplies], np.int64)
    cumulated = np.cumsum(np.array([quantity for _, quantity in supplies], np.int64))
    due = np.array([demands[i].due for i in by_due], np.int64)
    quantity = np.array([demands[i].quantity for i in by_due], np.int64)
    by = np.append(0, cumulated)[np.searchsorted(days, due, side="right")]
    if (np.cumsum(quantity) <= by).all():
        return by_due
    from planning.engine.shopfloor.loops.deliver import Deliveries, deliver

    count = len(demands)
    work = Deliveries(
        order=np.zeros(count, np.int64),
        trial=np.zeros(count, np.int64),
        slack=np.zeros(count, np.int64),
        is_out=np.zeros(count, np.uint8),
        was_out=np.zeros(count, np.uint8),
        cumulated=cumulated,
        days=days,
        quantity=quantity,
        due=due,
        by=by,
        daily=np.array([demands[i].daily for i in by_due]),
        once=np.array([demands[i].once for i in by_due]),
    )
    deliver(work, LOOKS // (count * 10))
    return [by_due[at] for at in work.order.tolist()]
