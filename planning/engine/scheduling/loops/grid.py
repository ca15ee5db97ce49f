"""Serial generation on a grid of moments, for projects whose times are short.

Of every moment one word tells the free units of all resources, a field each, with a bit above each field
that stays set as long as the field does not fall below zero: so one subtraction tells whether a task fits.
A list need not keep the precedences; what a task waits for is placed before it.

Sources: Kolisch 1996 (serial generation); Valls, Ballestín, Quintanilla 2005 (double justification). Cost of
a schedule: O(tasks × (moments that a task is looked for in)), sorting included.
"""

from typing import NamedTuple

from planning.engine.compiled import compiled_without_arrays
from planning.engine.scheduling.arrays import Ints

TOO_MUCH = 1 << 61  # worth of a schedule that takes more than there is, plus how much more
FREE_CHOICE = -1  # a gene: the mode that ends first
NOT_PLACED = -1


class Grid(NamedTuple):
    """A project: groups of modes, precedences and takings as in ``Shop``.

    ``need[mode]`` is what a mode takes of every field; ``topo`` the tasks, each behind those it waits for.
    """

    first_mode: Ints
    duration: Ints
    need: Ints
    pred_start: Ints
    pred_task: Ints
    pred_lag: Ints
    succ_start: Ints
    succ_task: Ints
    succ_lag: Ints
    topo: Ints
    release: Ints
    take_start: Ints
    take_resource: Ints
    take_amount: Ints
    stock: Ints
    job: Ints
    due: Ints
    weight: Ints
    is_tardiness: int
    full: int
    guard: int


class Room(NamedTuple):
    """Room to work in: ``free`` and ``counts`` per moment, ``rows`` per task, ``taken`` and ``finished``.

    ``free`` is full from moment ``reach[0]`` on.
    """

    free: Ints
    counts: Ints
    reach: Ints
    rows: Ints
    taken: Ints
    finished: Ints


@compiled_without_arrays
def fit(free: Ints, guard: int, need: int, span: int, moment: int) -> int:
    """The first start from ``moment`` on at which all fields have ``need`` for ``span``."""
    if need == 0:
        return moment
    low, end = moment, moment + span
    at = end - 1
    while at >= low:
        if (free[at] - need) & guard == guard:
            at -= 1
            continue
        # All behind ``at`` and before ``end`` fits: it need not be looked at again.
        moment, low = at + 1, end
        end = moment + span
        at = end - 1
    return moment


@compiled_without_arrays
def place(grid: Grid, room: Room, task: int, gene: int, modes: Ints, starts: Ints, forward: bool) -> None:
    """Give ``task`` its mode (that of the gene, or the one that ends first) and its earliest time."""
    ends = room.rows[0]
    moment = grid.release[task] if forward else 0
    if forward:
        for row in range(grid.pred_start[task], grid.pred_start[task + 1]):
            moment = max(moment, ends[grid.pred_task[row]] + grid.pred_lag[row])
    else:
        for row in range(grid.succ_start[task], grid.succ_start[task + 1]):
            moment = max(moment, ends[grid.succ_task[row]] + grid.succ_lag[row])
    first, last = grid.first_mode[task], grid.first_mode[task + 1]
    if gene != FREE_CHOICE:
        first, last = gene, gene + 1
    chosen, start, end = first, moment, -1
    for mode in range(first, last):
        begin = fit(room.free, grid.guard, grid.need[mode], grid.duration[mode], moment)
        if end < 0 or begin + grid.duration[mode] < end:
            chosen, start, end = mode, begin, begin + grid.duration[mode]
    modes[task], starts[task], ends[task] = chosen, start, end
    need = grid.need[chosen]
    if need != 0:
        for at in range(start, end):
            room.free[at] -= need
        room.reach[0] = max(room.reach[0], end)


@compiled_without_arrays
def decode(
    grid: Grid, room: Room, order: Ints, genes: Ints, modes: Ints, starts: Ints, forward: bool
) -> None:
    """Fill ``starts`` and ``modes``. Backward: time runs from the end, so that starts are tails."""
    near, other = grid.pred_start, grid.pred_task
    if not forward:
        near, other = grid.succ_start, grid.succ_task
    ends, stack = room.rows[0], room.rows[1]
    ends[:] = NOT_PLACED
    room.free[: room.reach[0]] = grid.full
    room.reach[0] = 0
    for position in range(order.size):
        stack[0] = order[position]
        depth = 1
        while depth > 0:
            task = stack[depth - 1]
            if ends[task] != NOT_PLACED:
                depth -= 1
                continue
            missing = NOT_PLACED
            for row in range(near[task], near[task + 1]):
                if ends[other[row]] == NOT_PLACED:
                    missing = other[row]
                    break
            if missing == NOT_PLACED:
                place(grid, room, task, genes[task], modes, starts, forward)
                depth -= 1
            else:
                stack[depth] = missing
                depth += 1


@compiled_without_arrays
def sort(grid: Grid, room: Room, keys: Ints, order: Ints, forward: bool) -> None:
    """Tasks by ``keys``, which are moments; of equal ones, those that others wait for come first."""
    counts, count = room.counts, order.size
    most = 0
    for task in range(count):
        most = max(most, keys[task])
    counts[: most + 2] = 0
    for task in range(count):
        counts[keys[task] + 1] += 1
    for moment in range(most):
        counts[moment + 1] += counts[moment]
    for position in range(count):
        task = grid.topo[position if forward else count - 1 - position]
        order[counts[keys[task]]] = task
        counts[keys[task]] += 1


@compiled_without_arrays
def worth_of(grid: Grid, room: Room, modes: Ints, starts: Ints) -> int:
    """The objective; above ``TOO_MUCH`` where more of a nonrenewable resource is taken than there is."""
    count = modes.size
    if grid.stock.size:
        room.taken[:] = 0
        for task in range(count):
            for row in range(grid.take_start[modes[task]], grid.take_start[modes[task] + 1]):
                room.taken[grid.take_resource[row]] += grid.take_amount[row]
        excess = 0
        for resource in range(grid.stock.size):
            excess += max(room.taken[resource] - grid.stock[resource], 0)
        if excess > 0:
            return int(TOO_MUCH + excess)
    worth = 0
    if grid.is_tardiness == 0:
        for task in range(count):
            worth = max(worth, starts[task] + grid.duration[modes[task]])
        return worth
    room.finished[:] = 0
    for task in range(count):
        job = grid.job[task]
        room.finished[job] = max(room.finished[job], starts[task] + grid.duration[modes[task]])
    for job in range(room.finished.size):
        worth += max(room.finished[job] - grid.due[job], 0) * grid.weight[job]
    return worth


@compiled_without_arrays
def turn(grid: Grid, room: Room, modes: Ints, begins: Ints, order: Ints, forward: bool) -> None:
    """The list that generation in the other direction takes: those first that end last."""
    keys, latest = room.rows[2], 0
    for task in range(order.size):
        keys[task] = begins[task] + grid.duration[modes[task]]
        latest = max(latest, keys[task])
    for task in range(order.size):
        keys[task] = latest - keys[task]
    sort(grid, room, keys, order, not forward)


@compiled_without_arrays
def generate(grid: Grid, room: Room, order: Ints, genes: Ints, modes: Ints, starts: Ints) -> int:
    """Decode and, for makespan, justify where it helps; ``order`` becomes that of the starts."""
    decode(grid, room, order, genes, modes, starts, True)
    worth = worth_of(grid, room, modes, starts)
    if grid.is_tardiness == 0:
        tails, again = room.rows[3], room.rows[4]
        turn(grid, room, modes, starts, order, True)
        decode(grid, room, order, modes, modes, tails, False)
        turn(grid, room, modes, tails, order, False)
        decode(grid, room, order, modes, modes, again, True)
        polished = worth_of(grid, room, modes, again)
        if polished <= worth:
            worth = polished
            for task in range(order.size):
                starts[task] = again[task]
    sort(grid, room, starts, order, True)
    return worth


@compiled_without_arrays
def generate_all(
    grid: Grid, room: Room, orders: Ints, genes: Ints, modes: Ints, starts: Ints, worth: Ints
) -> None:
    """One schedule of each row of ``orders`` and ``genes`` into the row of ``modes`` and ``starts``."""
    for row in range(worth.size):
        worth[row] = generate(grid, room, orders[row], genes[row], modes[row], starts[row])
