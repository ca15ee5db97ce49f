"""The arrays that the compiled loops work on: rows grouped by task and by mode.

Modes of all tasks stand one after the other, without those that no capacity allows; a group of ``i`` is the
slice ``[start[i], start[i + 1])``.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planning.engine.scheduling.check import latest_end, topological
from planning.engine.scheduling.problem import Objective, ResourceKind, Schedule, SchedulingProblem

type Ints = npt.NDArray[np.int64]

NEVER = 1 << 60  # a due date that nothing misses


class Shop(NamedTuple):
    """One problem as arrays.

    ``first_mode[task]`` groups modes; ``duration[mode]``; ``use_*`` are the renewable demands and ``take_*``
    the nonrenewable ones of a mode; ``pred_*`` and ``succ_*`` the precedences of a task with their lags;
    ``topo`` a position of each task after all before it. ``place[resource, task]`` is where a task stands
    among those that may use the resource (-1: it never does), ``width[resource]`` how many they are, and the
    setup from one to another stands at ``setup_base[resource] + place × width + place`` in ``setup`` (base
    -1: no setups).
    """

    first_mode: Ints
    duration: Ints
    use_start: Ints
    use_resource: Ints
    use_amount: Ints
    take_start: Ints
    take_resource: Ints
    take_amount: Ints
    capacity: Ints
    stock: Ints
    pred_start: Ints
    pred_task: Ints
    pred_lag: Ints
    succ_start: Ints
    succ_task: Ints
    succ_lag: Ints
    topo: Ints
    release: Ints
    job: Ints
    due: Ints
    weight: Ints
    is_tardiness: int
    place: npt.NDArray[np.int32]
    width: Ints
    setup_base: Ints
    setup: Ints


class Prepared(NamedTuple):
    """The arrays, with what leads back: ``mode_of[mode]`` is the position within the modes of its task."""

    shop: Shop
    mode_of: Ints
    horizon: int

    def schedule(self, modes: Ints, starts: Ints) -> Schedule:
        """A schedule from positions of modes and starts."""
        return Schedule(tuple(self.mode_of[modes].tolist()), tuple(starts.tolist()))

    def arrays(self, schedule: Schedule) -> tuple[Ints, Ints]:
        """Positions of modes and starts of a schedule."""
        first, last = self.shop.first_mode[:-1], self.shop.first_mode[1:]
        modes = [
            int(begin) + self.mode_of[begin:end].tolist().index(mode)
            for begin, end, mode in zip(first, last, schedule.modes, strict=True)
        ]
        return ints(modes), ints(list(schedule.starts))


def prepare(problem: SchedulingProblem) -> Prepared:
    """Of a problem whose precedences have no cycle. Cost: O(size of the problem), and resources × tasks."""
    renewable, nonrenewable = _split(problem)
    modes = [
        (index, number, mode)
        for index, task in enumerate(problem.tasks)
        for number, mode in enumerate(task.modes)
        if problem.allows(mode)
    ]
    uses = [
        [
            (renewable[each.resource], each.amount)
            for each in mode.demands
            if each.resource in renewable and each.amount > 0
        ]
        for _, _, mode in modes
    ]
    takes = [
        [(nonrenewable[each.resource], each.amount) for each in mode.demands if each.resource in nonrenewable]
        for _, _, mode in modes
    ]
    count = len(problem.tasks)
    with_tasks = {task.job for task in problem.tasks}
    owners = ints([task for task, _, _ in modes])
    edges = [(row.before, row.after, row.lag) for row in problem.precedences]
    topo = np.empty(count, dtype=np.int64)
    topo[topological(count, [edge[:2] for edge in edges])] = np.arange(count)
    place, width = _places(count, len(renewable), owners, uses)
    base, setup = _setups(problem, renewable, place, width)
    shop = Shop(
        np.searchsorted(owners, np.arange(count + 1)).astype(np.int64),
        ints([mode.duration for _, _, mode in modes]),
        *_grouped(uses),
        *_grouped(takes),
        ints([problem.resources[each].capacity for each in renewable]),
        ints([problem.resources[each].capacity for each in nonrenewable]),
        *_neighbours(count, [(after, before, lag) for before, after, lag in edges]),
        *_neighbours(count, edges),
        topo,
        ints([problem.jobs[task.job].release for task in problem.tasks]),
        ints([task.job for task in problem.tasks]),
        # A job without tasks has no end that could be late.
        ints(
            [
                job.due if job.due is not None and index in with_tasks else NEVER
                for index, job in enumerate(problem.jobs)
            ]
        ),
        ints([job.weight for job in problem.jobs]),
        int(problem.objective is Objective.TARDINESS),
        place,
        width,
        base,
        setup,
    )
    return Prepared(shop, ints([number for _, number, _ in modes]), latest_end(problem))


def ints(values: list[int]) -> Ints:
    """``values`` as whole numbers of 64 bits."""
    return np.array(values, dtype=np.int64)


def _split(problem: SchedulingProblem) -> tuple[dict[int, int], dict[int, int]]:
    """Positions among the renewable resources, machines included, and among the others."""
    renewable: dict[int, int] = {}
    nonrenewable: dict[int, int] = {}
    for index, resource in enumerate(problem.resources):
        chosen = nonrenewable if resource.kind is ResourceKind.NONRENEWABLE else renewable
        chosen[index] = len(chosen)
    return renewable, nonrenewable


def _grouped(rows: list[list[tuple[int, int]]]) -> tuple[Ints, Ints, Ints]:
    start = np.concatenate(([0], np.cumsum([len(row) for row in rows]))).astype(np.int64)
    flat = [pair for row in rows for pair in row]
    return start, ints([key for key, _ in flat]), ints([amount for _, amount in flat])


def _neighbours(count: int, edges: list[tuple[int, int, int]]) -> tuple[Ints, Ints, Ints]:
    rows: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for task, other, lag in edges:
        rows[task].append((other, lag))
    return _grouped(rows)


def _places(
    count: int, resources: int, owners: Ints, uses: list[list[tuple[int, int]]]
) -> tuple[npt.NDArray[np.int32], Ints]:
    place = np.full((resources, count), -1, dtype=np.int32)
    width = np.zeros(resources, dtype=np.int64)
    for owner, row in zip(owners, uses, strict=True):
        for resource, _ in row:
            if place[resource, owner] < 0:
                place[resource, owner] = width[resource]
                width[resource] += 1
    return place, width


def _setups(
    problem: SchedulingProblem, renewable: dict[int, int], place: npt.NDArray[np.int32], width: Ints
) -> tuple[Ints, Ints]:
    base = np.full(len(renewable), -1, dtype=np.int64)
    size = 0
    for row in problem.setups:
        resource = renewable[row.resource]
        if base[resource] < 0:
            base[resource] = size
            size += int(width[resource]) ** 2
    setup = np.zeros(size, dtype=np.int64)
    for row in problem.setups:
        resource = renewable[row.resource]
        before, after = place[resource, row.before], place[resource, row.after]
        if before >= 0 and after >= 0:
            setup[base[resource] + before * width[resource] + after] = row.time
    return base, setup
