"""Bounds on the objective that need no search: paths, single resources, and both together.

Sources: Jackson 1955 and Carlier 1982 (one machine with heads and tails, preemptive schedule); the energy of
a resource with heads and tails is the same argument for a capacity. Cost: O(resources × tasks²) at the most.
"""

import heapq

import numpy as np

from planning.engine.scheduling.arrays import Ints, Shop

type Rows = list[tuple[int, int, int]]  # head, duration, tail

MOST_FOR_ENERGY = 5_000  # tasks
MOST_ENERGY = 1 << 60


def lower_bound(shop: Shop) -> int:
    """No schedule is worth less."""
    span = shortest(shop)
    head, tail = heads_and_tails(shop, span)
    if shop.is_tardiness:
        return _tardiness(shop, span, head)
    bound = max(int((head + span + tail).max()), _together(shop, head, tail))
    for resource in range(shop.capacity.size):
        rows, energy = _demands(shop, resource, head, tail, span)
        if shop.capacity[resource] == 1:
            bound = max(bound, preemptive([row for row in rows if row[1] > 0]))
        elif len(rows) <= MOST_FOR_ENERGY:
            bound = max(bound, _energetic(rows, energy, int(shop.capacity[resource])))
    return bound


def shortest(shop: Shop) -> Ints:
    """The least duration of each task."""
    return np.minimum.reduceat(shop.duration, shop.first_mode[:-1])


def heads_and_tails(shop: Shop, span: Ints) -> tuple[Ints, Ints]:
    """Earliest starts, and the least time that passes after the end of each task, by precedences alone."""
    head, tail = shop.release.copy(), np.zeros_like(span)
    order = np.argsort(shop.topo)
    for task in order:
        for row in range(shop.pred_start[task], shop.pred_start[task + 1]):
            before = shop.pred_task[row]
            head[task] = max(head[task], head[before] + span[before] + shop.pred_lag[row])
    for task in order[::-1]:
        for row in range(shop.succ_start[task], shop.succ_start[task + 1]):
            after = shop.succ_task[row]
            tail[task] = max(tail[task], shop.succ_lag[row] + span[after] + tail[after])
    return head, tail


def preemptive(rows: Rows) -> int:
    """The end of the best schedule on one machine that may interrupt its tasks: longest tail first."""
    waiting = sorted(rows)
    open_rows: list[list[int]] = []
    moment, bound, at = 0, 0, 0
    while at < len(waiting) or open_rows:
        if not open_rows:
            moment = max(moment, waiting[at][0])
        while at < len(waiting) and waiting[at][0] <= moment:
            heapq.heappush(open_rows, [-waiting[at][2], waiting[at][1]])
            at += 1
        until = waiting[at][0] if at < len(waiting) else None
        run = open_rows[0][1] if until is None else min(open_rows[0][1], until - moment)
        moment += run
        open_rows[0][1] -= run
        if open_rows[0][1] == 0:
            bound = max(bound, moment - heapq.heappop(open_rows)[0])
    return bound


def _demands(shop: Shop, resource: int, head: Ints, tail: Ints, span: Ints) -> tuple[Rows, list[int]]:
    """The tasks that use the resource in every mode, and the least energy that each of them takes there."""
    energy = np.zeros(shop.duration.size, dtype=object)
    uses = np.flatnonzero(shop.use_resource == resource)
    owners = np.searchsorted(shop.use_start, uses, side="right") - 1
    np.add.at(energy, owners, shop.use_amount[uses].astype(object) * shop.duration[owners])
    least = np.minimum.reduceat(energy, shop.first_mode[:-1])
    busy = np.flatnonzero(least > 0)
    rows = list(zip(head[busy].tolist(), span[busy].tolist(), tail[busy].tolist(), strict=True))
    return rows, least[busy].tolist()


def _together(shop: Shop, head: Ints, tail: Ints) -> int:
    """All renewable resources as one: the least energy of each task, over all capacity."""
    # Whole numbers without limit: amounts and durations may both be large.
    owners = np.repeat(np.arange(shop.duration.size), np.diff(shop.use_start))
    energy = np.zeros(shop.duration.size, dtype=object)
    np.add.at(energy, owners, shop.use_amount.astype(object) * shop.duration[owners])
    least = np.minimum.reduceat(energy, shop.first_mode[:-1])
    is_busy = least > 0
    if not is_busy.any():
        return 0
    share = -(-int(least.sum()) // int(shop.capacity.sum()))
    return int(head[is_busy].min()) + share + int(tail[is_busy].min())


def _energetic(rows: Rows, energy: list[int], capacity: int) -> int:
    """Least head, energy over capacity and least tail, over sets cut by a head and a tail."""
    if not rows or sum(energy) > MOST_ENERGY:
        return 0
    ranked = sorted(range(len(rows)), key=lambda index: -rows[index][2])
    head, tail = (np.array([rows[index][part] for index in ranked]) for part in (0, 2))
    taken = np.array([energy[index] for index in ranked], dtype=np.int64)
    bound = 0
    for first in np.unique(head):
        is_in = head >= first
        ends = first - (-np.cumsum(np.where(is_in, taken, 0)) // capacity) + tail
        bound = max(bound, int(ends[is_in].max()))
    return bound


def _tardiness(shop: Shop, span: Ints, head: Ints) -> int:
    """Every job by itself: as if it never met another one."""
    finished = np.zeros(shop.due.size, dtype=np.int64)
    np.maximum.at(finished, shop.job, head + span)
    return int((np.maximum(finished - shop.due, 0) * shop.weight).sum())
