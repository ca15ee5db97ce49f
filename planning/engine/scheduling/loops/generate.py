"""Schedules from lists of tasks.

A list is turned into a schedule by serial generation: one task after the other, each at its earliest time
that precedences and resources leave. A list need not keep the precedences; what a task waits for is placed
before it. Forward and backward generation in turn ("justification") shorten a schedule.

Sources: Kolisch 1996 (serial generation); Valls, Ballestín, Quintanilla 2005 (double justification). Cost
of a schedule: O(tasks × steps of a profile).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planning.engine.compiled import compiled, compiled_without_arrays
from planning.engine.scheduling.arrays import Ints, Shop

type Flags = npt.NDArray[np.bool_]
type Placed = tuple[Ints, Ints]

TOO_MUCH = 1 << 61  # worth of a schedule that takes more than there is, plus how much more
FREE_CHOICE = -1  # a gene: the mode that ends first


class Profile(NamedTuple):
    """Per resource: from ``time`` on, ``free`` units; ``steps`` of them. ``queue``: tasks where setups count.

    A task without duration makes a step without length: what may run through that moment beside it.
    ``ends``, ``is_placed`` and ``stack`` are room to place tasks in.
    """

    time: Ints
    free: Ints
    steps: Ints
    queue: Ints
    queued: Ints
    ends: Ints
    is_placed: Flags
    stack: Ints


@compiled_without_arrays
def clear(shop: Shop, profile: Profile) -> None:
    for resource in range(shop.capacity.size):
        profile.time[resource, 0] = 0
        profile.free[resource, 0] = shop.capacity[resource]
        profile.steps[resource] = 1
        profile.queued[resource] = 0


@compiled_without_arrays
def step_at(times: Ints, count: int, moment: int) -> int:
    """The last step that begins at or before ``moment``."""
    low, high = 0, count
    while high - low > 1:
        middle = (low + high) // 2
        if times[middle] <= moment:
            low = middle
        else:
            high = middle
    return low


@compiled_without_arrays
def split(profile: Profile, resource: int, moment: int) -> int:
    """The step that begins at ``moment``, made where there was none."""
    at = step_at(profile.time[resource], profile.steps[resource], moment)
    if profile.time[resource, at] == moment:
        return at
    insert(profile, resource, at + 1, moment, profile.free[resource, at])
    return at + 1


@compiled_without_arrays
def insert(profile: Profile, resource: int, at: int, moment: int, units: int) -> None:
    time, free = profile.time[resource], profile.free[resource]
    for index in range(profile.steps[resource], at, -1):
        time[index] = time[index - 1]
        free[index] = free[index - 1]
    time[at], free[at] = moment, units
    profile.steps[resource] += 1


@compiled_without_arrays
def passing(profile: Profile, resource: int, at: int, moment: int) -> int:
    """Units at ``moment``, in step ``at``, beside what runs through it: at least so many."""
    time, free = profile.time[resource], profile.free[resource]
    units = free[at]
    if time[at] < moment:
        return int(units)
    # Where a step begins, nothing that runs through is in only one of the two.
    while at > 0 and time[at] == moment:
        at -= 1
    return int(max(units, free[at]))


@compiled_without_arrays
def fit_moment(profile: Profile, resource: int, moment: int, amount: int) -> int:
    """From ``moment`` on, when a task without duration finds its units."""
    time = profile.time[resource]
    at = step_at(time, profile.steps[resource], moment)
    while moment > 0 and passing(profile, resource, at, moment) < amount:
        at += 1
        moment = time[at]
        while at + 1 < profile.steps[resource] and time[at + 1] == moment:
            at += 1
    return moment


@compiled_without_arrays
def setup_between(shop: Shop, resource: int, before: int, after: int, forward: bool) -> int:
    first = shop.place[resource, before if forward else after]
    second = shop.place[resource, after if forward else before]
    return int(shop.setup[shop.setup_base[resource] + first * shop.width[resource] + second])


@compiled_without_arrays
def fit_queue(
    shop: Shop,
    profile: Profile,
    resource: int,
    task: int,
    span: int,
    moment: int,
    placed: Placed,
    forward: bool,
) -> int:
    """From ``moment`` on, when ``task`` fits between its neighbours on a resource with setups."""
    starts, ends = placed
    queue = profile.queue[resource]
    at = 0
    while at < profile.queued[resource] and starts[queue[at]] <= moment:
        at += 1
    while True:
        if at > 0:
            before = queue[at - 1]
            moment = max(moment, ends[before] + setup_between(shop, resource, before, task, forward))
        if at == profile.queued[resource]:
            return moment
        after = queue[at]
        if moment + span + setup_between(shop, resource, task, after, forward) <= starts[after]:
            return moment
        at += 1


@compiled_without_arrays
def earliest(
    shop: Shop, profile: Profile, task: int, mode: int, moment: int, placed: Placed, forward: bool
) -> int:
    """The first time from ``moment`` on at which every resource has room for the whole mode."""
    span = shop.duration[mode]
    while True:
        began = moment
        for use in range(shop.use_start[mode], shop.use_start[mode + 1]):
            resource, amount = shop.use_resource[use], shop.use_amount[use]
            if span == 0:
                moment = fit_moment(profile, resource, moment, amount)
                continue
            time, free = profile.time[resource], profile.free[resource]
            at = step_at(time, profile.steps[resource], moment)
            while at < profile.steps[resource] and time[at] < moment + span:
                if free[at] < amount:
                    moment = time[at + 1]
                at += 1
            if shop.setup_base[resource] >= 0:
                moment = fit_queue(shop, profile, resource, task, span, moment, placed, forward)
        if moment == began:
            return moment


@compiled_without_arrays
def occupy(shop: Shop, profile: Profile, task: int, mode: int, placed: Placed) -> None:
    start, end = placed[0][task], placed[1][task]
    for use in range(shop.use_start[mode], shop.use_start[mode + 1]):
        resource = shop.use_resource[use]
        first = split(profile, resource, start)
        if end == start:
            units = passing(profile, resource, first, start) - shop.use_amount[use]
            insert(profile, resource, first, start, units)
            continue
        last = split(profile, resource, end)
        while profile.time[resource, last - 1] == end:
            last -= 1
        for at in range(first, last):
            profile.free[resource, at] -= shop.use_amount[use]
        if shop.setup_base[resource] >= 0:
            queue = profile.queue[resource]
            at = profile.queued[resource]
            while at > 0 and placed[0][queue[at - 1]] > start:
                queue[at] = queue[at - 1]
                at -= 1
            queue[at] = task
            profile.queued[resource] += 1


@compiled_without_arrays
def place(
    shop: Shop, profile: Profile, task: int, gene: int, modes: Ints, placed: Placed, forward: bool
) -> None:
    """Give ``task`` its mode (that of the gene, or the one that ends first) and its earliest time."""
    starts, ends = placed
    moment = shop.release[task] if forward else 0
    near, other, lag = (
        (shop.pred_start, shop.pred_task, shop.pred_lag)
        if forward
        else (shop.succ_start, shop.succ_task, shop.succ_lag)
    )
    for row in range(near[task], near[task + 1]):
        moment = max(moment, ends[other[row]] + lag[row])
    first, last = shop.first_mode[task], shop.first_mode[task + 1]
    if gene != FREE_CHOICE:
        first, last = gene, gene + 1
    soonest = -1
    for mode in range(first, last):
        start = earliest(shop, profile, task, mode, moment, placed, forward)
        end = start + shop.duration[mode]
        if soonest < 0 or end < soonest:
            soonest = end
            starts[task], ends[task], modes[task] = start, end, mode
    occupy(shop, profile, task, modes[task], placed)


@compiled_without_arrays
def decode(
    shop: Shop, profile: Profile, order: Ints, genes: Ints, modes: Ints, starts: Ints, forward: bool
) -> None:
    """Fill ``starts`` and ``modes``. Backward: time runs from the end, so that starts are tails."""
    count = order.size
    near, other = (shop.pred_start, shop.pred_task) if forward else (shop.succ_start, shop.succ_task)
    ends, is_placed, stack = profile.ends, profile.is_placed, profile.stack
    is_placed[:] = False
    clear(shop, profile)
    for position in range(count):
        stack[0] = order[position]
        depth = 1
        while depth > 0:
            task = stack[depth - 1]
            if is_placed[task]:
                depth -= 1
                continue
            missing = -1
            for row in range(near[task], near[task + 1]):
                if not is_placed[other[row]]:
                    missing = other[row]
                    break
            if missing >= 0:
                stack[depth] = missing
                depth += 1
                continue
            place(shop, profile, task, genes[task], modes, (starts, ends), forward)
            is_placed[task] = True
            depth -= 1


@compiled
def worth_of(shop: Shop, modes: Ints, starts: Ints) -> int:
    """The objective; above ``TOO_MUCH`` where more of a nonrenewable resource is taken than there is."""
    if shop.stock.size:
        taken = np.zeros(shop.stock.size, dtype=np.int64)
        for mode in modes:
            for row in range(shop.take_start[mode], shop.take_start[mode + 1]):
                taken[shop.take_resource[row]] += shop.take_amount[row]
        excess = np.maximum(taken - shop.stock, 0).sum()
        if excess > 0:
            return int(TOO_MUCH + excess)
    if shop.is_tardiness == 0:
        return int((starts + shop.duration[modes]).max())
    finished = np.zeros(shop.due.size, dtype=np.int64)
    for task in range(starts.size):
        job = shop.job[task]
        finished[job] = max(finished[job], starts[task] + shop.duration[modes[task]])
    return int((np.maximum(finished - shop.due, 0) * shop.weight).sum())


@compiled
def generate(
    shop: Shop, profile: Profile, order: Ints, genes: Ints, modes: Ints, starts: Ints, polish: bool
) -> int:
    """Decode, justify where ``polish`` and where it helps; ``order`` becomes that of the starts."""
    count = order.size
    decode(shop, profile, order, genes, modes, starts, True)
    worth = worth_of(shop, modes, starts)
    if polish:
        tails, again = np.empty(count, dtype=np.int64), np.empty(count, dtype=np.int64)
        ends = starts + shop.duration[modes]
        fixed = modes.copy()
        lasts = shop.duration[modes] > 0
        decode(shop, profile, np.argsort((lasts - 2 * ends) * count - shop.topo), fixed, modes, tails, False)
        latest = -(tails + shop.duration[modes])
        decode(shop, profile, np.argsort((lasts + 2 * latest) * count + shop.topo), fixed, modes, again, True)
        polished = worth_of(shop, modes, again)
        if polished <= worth:
            worth = polished
            starts[:] = again
    # At the same moment, tasks without duration come first: behind the others they would have to wait.
    order[:] = np.argsort((2 * starts + (shop.duration[modes] > 0)) * count + shop.topo)
    return worth


@compiled
def generate_all(
    shop: Shop,
    profile: Profile,
    orders: Ints,
    genes: Ints,
    modes: Ints,
    starts: Ints,
    worth: Ints,
    polish: bool,
) -> None:
    """One schedule of each row of ``orders`` and ``genes`` into the row of ``modes`` and ``starts``."""
    for row in range(worth.size):
        worth[row] = generate(shop, profile, orders[row], genes[row], modes[row], starts[row], polish)
