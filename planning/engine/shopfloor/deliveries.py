"""The order in which the demands of an item are served from what comes when."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from planning.engine.shopfloor.arrays import Ints

if TYPE_CHECKING:
    from planning.engine.shopfloor.loops.deliver import Deliveries

FAR = 10**6  # the day of what never comes
LOOKS = 100_000_000  # slots × those put back, in all choices that a run tries
TRIES = 25  # for each demand that may be put back, and each one that is, in each run


class Wanted(NamedTuple):
    """``quantity`` millionths by the end of day ``due``; ``daily`` and ``once`` are what being late costs."""

    quantity: int
    due: int
    daily: float
    once: float


def serving_order(
    demands: Sequence[Wanted], supplies: Sequence[tuple[int, int]], looks: int = LOOKS
) -> list[int]:
    """Positions of ``demands`` in the order in which they get the (day, millionths) of ``supplies``, which
    stand in order of day, what never comes (-1) at the end. By due day where that makes nobody late.
    ``looks``: how much is tried at the most.
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
    from planning.engine.shopfloor.loops.deliver import Deliveries, deliver, lateness

    count = len(demands)
    work = Deliveries(
        order=np.zeros(count, np.int64),
        trial=np.zeros(count, np.int64),
        slack=np.zeros(count, np.int64),
        is_out=np.zeros(count, np.uint8),
        cumulated=cumulated,
        days=days,
        quantity=quantity,
        due=due,
        by=by,
        daily=np.array([demands[i].daily for i in by_due]),
        once=np.array([demands[i].once for i in by_due]),
    )
    cost = deliver(work)
    work.trial[:] = _postponed(work, looks)
    if lateness(work) < cost:
        work.order[:] = work.trial
    return [by_due[at] for at in work.order.tolist()]


def _postponed(work: "Deliveries", looks: int) -> Ints:
    """The order of ``work`` with others put back where that is cheaper."""
    from planning.engine.shopfloor.loops.postpone import BEST, Gap, postpone

    days, counts = np.unique(work.days, return_counts=True)
    slot = np.searchsorted(days, work.due, side="right")
    left = np.append(0, work.cumulated[np.cumsum(counts) - 1])
    wanted = np.zeros(len(left), np.int64)
    np.add.at(wanted, slot, work.quantity)
    left -= np.cumsum(wanted)
    begin, last = np.flatnonzero(left < 0)[[0, -1]] + [0, 1]
    near = np.flatnonzero(slot < last)
    is_late = np.zeros(len(slot), np.bool_)
    is_late[work.order] = np.cumsum(work.quantity[work.order]) > work.by[work.order]
    late = [at for at in work.order.tolist() if is_late[at] and slot[at] < last]
    gap = Gap(
        left=left[begin : last + 1],
        day=np.append(-1, days)[begin : last + 1],
        first=np.maximum(slot[near] - begin, 0),
        quantity=work.quantity[near],
        due=work.due[near],
        daily=work.daily[near],
        once=work.once[near],
        begin=np.zeros(len(near), np.int64),
        chosen=np.zeros(len(near), np.int64),
        best=np.zeros(len(near), np.int64),
        slot=np.zeros(len(near), np.int64),
        trial=np.zeros(len(near), np.int64),
        room=np.zeros(last + 1 - begin, np.int64),
        is_in=np.zeros(len(near), np.uint8),
        numbers=np.array([len(late), 0, 1], np.int64),
    )
    gap.trial[: len(late)] = np.searchsorted(near, late)
    tries = min(TRIES * len(near) * len(late), looks // (gap.left.size * len(late)))
    postpone(gap, tries)
    put_back = gap.trial[: gap.numbers[BEST]]
    slot[near[put_back]] = np.maximum(slot[near[put_back]], gap.slot[put_back] + begin)
    return np.argsort(slot, kind="stable")
