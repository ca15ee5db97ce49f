"""Tabu search over the orders of tasks on machines, and over the machines.

Every mode takes at most one machine, which serves one task at a time. A schedule is a graph: each task
after those it waits for, and after the one before it on its machine; its start is the longest path to it
(``head``), and ``tail`` is the longest path from its end. A move takes a task on a critical path elsewhere:
within its block, or between two tasks of another machine. What a move is worth is estimated from heads and
tails; for tardiness, where many ends count, some moves are tried out.

Sources: Nowicki and Smutnicki 1996 (blocks, tabu search); Balas and Vazacopoulos 1998 (estimates of moves in
a block); Zhang et al. 2007 (both ends of moves); Mastrolilli and Gambardella 2000 (changes of machine).
Cost of a step: O(tasks + moves of one critical path).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planning.engine.compiled import compiled_without_arrays
from planning.engine.scheduling.arrays import Ints, Shop

NONE = -1
TRIED = 24  # moves that are tried out in a step, for tardiness
MANY = 1 << 62
STEP, STALE, WORTH = 0, 1, 2  # of a tally


class Line(NamedTuple):
    """A schedule as a graph. ``order`` is topological, ``rank`` its inverse.

    ``ready`` and ``rest`` are head and tail as far as precedences and releases alone go; ``first[machine]``
    begins the chain of ``prev`` and ``next``.
    """

    mode: Ints
    machine: Ints
    span: Ints
    prev: Ints
    next: Ints
    first: Ints
    order: Ints
    rank: Ints
    head: Ints
    tail: Ints
    ready: Ints
    rest: Ints


class Moves(NamedTuple):
    """Moves of one step: ``task`` goes after ``after`` (NONE: to the front) in ``mode``; for ``worth``."""

    task: Ints
    after: Ints
    mode: Ints
    worth: Ints
    is_tabu: npt.NDArray[np.bool_]


class Run(NamedTuple):
    """Where a run stands: ``tally`` of steps, steps since the best, and its worth; the best; ends of jobs."""

    tally: Ints
    modes: Ints
    starts: Ints
    finished: Ints


class Room(NamedTuple):
    """Room to work in: seven rows per task, a row per machine, and flags, all false."""

    rows: Ints
    last: Ints
    is_inside: npt.NDArray[np.bool_]


class Memory(NamedTuple):
    """Until which step it is tabu that one task gets before another, or that a task gets onto a machine.

    Pairs stand at ``base[machine] + place × width + place``, modulo how many there is room for:
    on the largest shops some share a place, and one is tabu for the other.
    """

    base: Ints
    pairs: npt.NDArray[np.int32]
    machines: npt.NDArray[np.int32]


@compiled_without_arrays
def copy(source: Ints, target: Ints) -> None:
    for index in range(source.size):
        target[index] = source[index]


@compiled_without_arrays
def machine_of(shop: Shop, mode: int) -> int:
    return (
        shop.use_resource[shop.use_start[mode]] if shop.use_start[mode] < shop.use_start[mode + 1] else NONE
    )


@compiled_without_arrays
def setup_of(shop: Shop, machine: int, before: int, after: int) -> int:
    if machine < 0 or before < 0 or after < 0 or shop.setup_base[machine] < 0:
        return 0
    at = shop.place[machine, before] * shop.width[machine] + shop.place[machine, after]
    return int(shop.setup[shop.setup_base[machine] + at])


@compiled_without_arrays
def build(shop: Shop, modes: Ints, sequence: Ints, line: Line, room: Room) -> bool:
    """Chain the tasks of each machine in ``sequence``. False: that contradicts the precedences."""
    last = room.last
    last[:] = NONE
    line.first[:] = NONE
    for task in sequence:
        mode = modes[task]
        machine = machine_of(shop, mode)
        line.mode[task], line.machine[task], line.span[task] = mode, machine, shop.duration[mode]
        line.prev[task] = line.next[task] = NONE
        if machine >= 0:
            line.prev[task] = last[machine]
            if last[machine] >= 0:
                line.next[last[machine]] = task
            else:
                line.first[machine] = task
            last[machine] = task
    return sort_all(shop, line, room)


@compiled_without_arrays
def sort_all(shop: Shop, line: Line, room: Room) -> bool:
    """A topological order from scratch. False: a cycle."""
    count = line.mode.size
    waiting = room.rows[1]
    found = 0
    for task in range(count):
        waiting[task] = shop.pred_start[task + 1] - shop.pred_start[task] + (line.prev[task] >= 0)
        if waiting[task] == 0:
            line.order[found] = task
            found += 1
    done = 0
    while done < found:
        task = line.order[done]
        line.rank[task] = done
        done += 1
        for row in range(shop.succ_start[task], shop.succ_start[task + 1]):
            after = shop.succ_task[row]
            waiting[after] -= 1
            if waiting[after] == 0:
                line.order[found] = after
                found += 1
        after = line.next[task]
        if after >= 0:
            waiting[after] -= 1
            if waiting[after] == 0:
                line.order[found] = after
                found += 1
    return found == count


@compiled_without_arrays
def mend(shop: Shop, line: Line, before: int, after: int, room: Room) -> bool:
    """Bring the order to ``before`` before ``after``, moving what follows on ``after``. False: a cycle."""
    inside, kept = room.is_inside, room.rows[0]
    low, high = line.rank[after], line.rank[before]
    if high < low:
        return True
    inside[after] = True
    held, write = 0, low
    for position in range(low, high + 1):
        task = line.order[position]
        follows = task == after or (line.prev[task] >= 0 and inside[line.prev[task]])
        if not follows:
            for row in range(shop.pred_start[task], shop.pred_start[task + 1]):
                if inside[shop.pred_task[row]]:
                    follows = True
                    break
        if follows:
            inside[task] = True
            kept[held] = task
            held += 1
        else:
            line.order[write] = task
            line.rank[task] = write
            write += 1
    is_cycle = inside[before]
    for index in range(held):
        task = kept[index]
        inside[task] = False
        line.order[write + index] = task
        line.rank[task] = write + index
    return not is_cycle


@compiled_without_arrays
def heads(shop: Shop, line: Line, low: int) -> None:
    """Heads of the order's tasks from position ``low`` on."""
    for position in range(low, line.order.size):
        task = line.order[position]
        ready = shop.release[task]
        for row in range(shop.pred_start[task], shop.pred_start[task + 1]):
            before = shop.pred_task[row]
            ready = max(ready, line.head[before] + line.span[before] + shop.pred_lag[row])
        line.ready[task] = ready
        before = line.prev[task]
        if before >= 0:
            wait = setup_of(shop, line.machine[task], before, task)
            ready = max(ready, line.head[before] + line.span[before] + wait)
        line.head[task] = ready


@compiled_without_arrays
def tails(shop: Shop, line: Line, high: int) -> None:
    """Tails of the order's tasks up to position ``high``."""
    for position in range(high, -1, -1):
        task = line.order[position]
        rest = 0
        for row in range(shop.succ_start[task], shop.succ_start[task + 1]):
            after = shop.succ_task[row]
            rest = max(rest, shop.succ_lag[row] + line.span[after] + line.tail[after])
        line.rest[task] = rest
        after = line.next[task]
        if after >= 0:
            wait = setup_of(shop, line.machine[task], task, after)
            rest = max(rest, wait + line.span[after] + line.tail[after])
        line.tail[task] = rest


@compiled_without_arrays
def worth_of(shop: Shop, line: Line, finished: Ints) -> int:
    """The objective, from the heads. ``finished`` is told per job, for tardiness."""
    if shop.is_tardiness == 0:
        latest = 0
        for task in range(line.head.size):
            latest = max(latest, line.head[task] + line.span[task])
        return latest
    finished[:] = 0
    for task in range(line.head.size):
        job = shop.job[task]
        finished[job] = max(finished[job], line.head[task] + line.span[task])
    worth = 0
    for job in range(finished.size):
        worth += max(finished[job] - shop.due[job], 0) * shop.weight[job]
    return worth


@compiled_without_arrays
def relink(shop: Shop, line: Line, task: int, after: int, mode: int) -> None:
    """Take ``task`` out of its chain and put it behind ``after`` on the machine of ``mode``."""
    before, following = line.prev[task], line.next[task]
    if before >= 0:
        line.next[before] = following
    elif line.machine[task] >= 0:
        line.first[line.machine[task]] = following
    if following >= 0:
        line.prev[following] = before
    machine = machine_of(shop, mode)
    line.mode[task], line.machine[task], line.span[task] = mode, machine, shop.duration[mode]
    line.prev[task] = after
    line.next[task] = NONE
    if machine < 0:
        return
    if after >= 0:
        following = line.next[after]
        line.next[after] = task
    else:
        following = line.first[machine]
        line.first[machine] = task
    line.next[task] = following
    if following >= 0:
        line.prev[following] = task


@compiled_without_arrays
def apply(shop: Shop, line: Line, task: int, after: int, mode: int, room: Room) -> tuple[int, int]:
    """Make a move. Positions of the order from and up to which heads and tails change; low NONE: a cycle.

    After a cycle the chains are what they were, and the order is made anew.
    """
    back, old = line.prev[task], line.mode[task]
    left, right = line.prev[task], line.next[task]
    low, high = line.rank[task], line.rank[task]
    relink(shop, line, task, after, mode)
    for each in (left, right, line.prev[task], line.next[task]):
        if each >= 0:
            low, high = min(low, line.rank[each]), max(high, line.rank[each])
    is_sound = after < 0 or mend(shop, line, after, task, room)
    if is_sound and line.next[task] >= 0:
        is_sound = mend(shop, line, task, line.next[task], room)
    if not is_sound:
        relink(shop, line, task, back, old)
        sort_all(shop, line, room)
        return NONE, NONE
    return low, high


@compiled_without_arrays
def critical_path(shop: Shop, line: Line, end: int, path: Ints) -> int:
    """A random longest path to ``end``, its tasks in reverse into ``path``; how many they are."""
    size, task = 0, end
    while True:
        path[size] = task
        size += 1
        chosen, seen = NONE, 0
        if line.head[task] == line.ready[task]:
            for row in range(shop.pred_start[task], shop.pred_start[task + 1]):
                before = shop.pred_task[row]
                if line.head[before] + line.span[before] + shop.pred_lag[row] == line.head[task]:
                    seen += 1
                    if np.random.randint(seen) == 0:
                        chosen = before
        before = line.prev[task]
        if before >= 0:
            wait = setup_of(shop, line.machine[task], before, task)
            if line.head[before] + line.span[before] + wait == line.head[task]:
                seen += 1
                if np.random.randint(seen) == 0:
                    chosen = before
        if chosen < 0:
            return size
        task = chosen


@compiled_without_arrays
def within_block(shop: Shop, line: Line, first: int, last: int, later: bool, room: Room) -> int:
    """The longest path through a block when ``first`` goes behind ``last`` (later), or ``last`` before it."""
    row, early = room.rows[0], room.rows[1]
    size = 0
    if not later:
        row[0] = last
        size = 1
    task = line.next[first] if later else first
    while task != last:
        row[size] = task
        size += 1
        task = line.next[task]
    if later:
        row[size], row[size + 1] = last, first
        size += 2
    machine, before, after = line.machine[first], line.prev[first], line.next[last]
    end = line.head[before] + line.span[before] if before >= 0 else 0
    for index in range(size):
        task = row[index]
        early[index] = max(line.ready[task], end + setup_of(shop, machine, before, task))
        end, before = early[index] + line.span[task], task
    rest = line.span[after] + line.tail[after] if after >= 0 else 0
    worth = 0
    for index in range(size - 1, -1, -1):
        task = row[index]
        rest = max(line.rest[task], rest + setup_of(shop, machine, task, after)) + line.span[task]
        worth = max(worth, early[index] + rest)
        after = task
    return worth


@compiled_without_arrays
def may_go_later(shop: Shop, line: Line, first: int, last: int) -> bool:
    """Whether no path leads from what follows ``first`` to ``last``, as far as heads and tails can tell."""
    for row in range(shop.succ_start[first], shop.succ_start[first + 1]):
        after = shop.succ_task[row]
        is_behind = line.head[after] + line.span[after] > line.head[last]
        if not is_behind and line.tail[after] >= line.tail[last] + line.span[last]:
            return False
    return True


@compiled_without_arrays
def may_go_earlier(shop: Shop, line: Line, first: int, last: int) -> bool:
    """Whether no path leads from ``first`` to what ``last`` waits for."""
    for row in range(shop.pred_start[last], shop.pred_start[last + 1]):
        before = shop.pred_task[row]
        is_ahead = line.tail[before] + line.span[before] > line.tail[first]
        if not is_ahead and line.head[before] >= line.head[first] + line.span[first]:
            return False
    return True


@compiled_without_arrays
def add_move(moves: Moves, count: int, task: int, after: int, mode: int, worth: int, is_tabu: bool) -> int:
    if count == moves.task.size:
        return count
    moves.task[count], moves.after[count], moves.mode[count] = task, after, mode
    moves.worth[count], moves.is_tabu[count] = worth, is_tabu
    return count + 1


@compiled_without_arrays
def add_later(
    shop: Shop,
    line: Line,
    memory: Memory,
    step: int,
    first: int,
    last: int,
    moves: Moves,
    count: int,
    room: Room,
) -> int:
    """The move of ``first`` behind ``last``, where it can be made."""
    if not may_go_later(shop, line, first, last):
        return count
    is_tabu, task, machine = False, line.next[first], line.machine[first]
    base, width = memory.base[machine], shop.width[machine]
    while True:
        at = (base + shop.place[machine, task] * width + shop.place[machine, first]) % memory.pairs.size
        is_tabu = is_tabu or memory.pairs[at] > step
        if task == last:
            break
        task = line.next[task]
    worth = within_block(shop, line, first, last, True, room)
    return add_move(moves, count, first, last, line.mode[first], worth, is_tabu)


@compiled_without_arrays
def add_earlier(
    shop: Shop,
    line: Line,
    memory: Memory,
    step: int,
    first: int,
    last: int,
    moves: Moves,
    count: int,
    room: Room,
) -> int:
    """The move of ``last`` before ``first``, where it can be made."""
    if not may_go_earlier(shop, line, first, last):
        return count
    is_tabu, task, machine = False, first, line.machine[first]
    base, width = memory.base[machine], shop.width[machine]
    while task != last:
        at = (base + shop.place[machine, last] * width + shop.place[machine, task]) % memory.pairs.size
        is_tabu = is_tabu or memory.pairs[at] > step
        task = line.next[task]
    worth = within_block(shop, line, first, last, False, room)
    return add_move(moves, count, last, line.prev[first], line.mode[last], worth, is_tabu)


@compiled_without_arrays
def add_block(
    shop: Shop, line: Line, memory: Memory, step: int, block: Ints, moves: Moves, count: int, room: Room
) -> int:
    """Moves to both ends of a block, and of both ends into it."""
    size = block.size
    for index in range(1, size):
        count = add_later(shop, line, memory, step, block[0], block[index], moves, count, room)
        if size > 2:
            count = add_earlier(shop, line, memory, step, block[0], block[index], moves, count, room)
    for index in range(1, size - 1):
        count = add_later(shop, line, memory, step, block[index], block[size - 1], moves, count, room)
        count = add_earlier(shop, line, memory, step, block[index], block[size - 1], moves, count, room)
    if size == 2:
        return count
    return add_earlier(shop, line, memory, step, block[size - 2], block[size - 1], moves, count, room)


@compiled_without_arrays
def add_changes(
    shop: Shop, line: Line, memory: Memory, step: int, task: int, moves: Moves, count: int
) -> int:
    """Every place that ``task`` can surely take in its other modes."""
    done, left = NONE, NONE  # the latest start of what it waits for, the longest tail of what waits for it
    for row in range(shop.pred_start[task], shop.pred_start[task + 1]):
        done = max(done, line.head[shop.pred_task[row]])
    for row in range(shop.succ_start[task], shop.succ_start[task + 1]):
        left = max(left, line.tail[shop.succ_task[row]])
    for mode in range(shop.first_mode[task], shop.first_mode[task + 1]):
        if mode == line.mode[task]:
            continue
        machine, span = machine_of(shop, mode), shop.duration[mode]
        if machine < 0 or machine == line.machine[task]:
            after = line.prev[task] if machine >= 0 else NONE
            count = add_move(
                moves, count, task, after, mode, line.ready[task] + span + line.rest[task], False
            )
            continue
        is_tabu = memory.machines[machine, task] > step
        before, after = NONE, line.first[machine]
        while True:
            is_early = before < 0 or line.tail[before] + line.span[before] > left
            is_late = after < 0 or line.head[after] + line.span[after] > done
            if is_early and is_late:
                start, rest = line.ready[task], line.rest[task]
                if before >= 0:
                    wait = setup_of(shop, machine, before, task)
                    start = max(start, line.head[before] + line.span[before] + wait)
                if after >= 0:
                    wait = setup_of(shop, machine, task, after)
                    rest = max(rest, wait + line.span[after] + line.tail[after])
                count = add_move(moves, count, task, before, mode, start + span + rest, is_tabu)
            if after < 0 or not is_early:
                break
            before, after = after, line.next[after]
    return count


@compiled_without_arrays
def gather(
    shop: Shop, line: Line, memory: Memory, step: int, end: int, moves: Moves, count: int, room: Room
) -> int:
    """Moves on a random longest path to ``end``."""
    size = critical_path(shop, line, end, room.rows[2])
    path = room.rows[2][:size][::-1]
    begin = 0
    for index in range(1, size + 1):
        if index < size and line.machine[path[index]] >= 0 and line.prev[path[index]] == path[index - 1]:
            continue
        if index - begin > 1:
            count = add_block(shop, line, memory, step, path[begin:index], moves, count, room)
        begin = index
    for task in path:
        if shop.first_mode[task + 1] - shop.first_mode[task] > 1:
            count = add_changes(shop, line, memory, step, task, moves, count)
    return count


@compiled_without_arrays
def gather_all(
    shop: Shop, line: Line, memory: Memory, step: int, finished: Ints, moves: Moves, room: Room
) -> int:
    """Moves on a longest path: to a last task, or for tardiness to the ends of some late jobs."""
    if shop.is_tardiness == 0:
        end, seen, latest = 0, 0, worth_of(shop, line, finished)
        for task in range(line.head.size):
            if line.head[task] + line.span[task] == latest:
                seen += 1
                if np.random.randint(seen) == 0:
                    end = task
        return gather(shop, line, memory, step, end, moves, 0, room)
    count, late = 0, 0
    for job in range(finished.size):
        late += finished[job] > shop.due[job] and shop.weight[job] > 0
    share = 4.0 / max(late, 1)
    for task in range(line.head.size):
        job = shop.job[task]
        if finished[job] <= shop.due[job] or line.head[task] + line.span[task] < finished[job]:
            continue
        if np.random.random() < share:
            count = gather(shop, line, memory, step, task, moves, count, room)
    return count


@compiled_without_arrays
def choose(moves: Moves, count: int, best: int) -> int:
    """The most promising move that is not tabu, or would be better than the best; else any."""
    chosen, least, seen = NONE, MANY, 0
    for index in range(count):
        worth = moves.worth[index]
        if worth > least or (moves.is_tabu[index] and worth >= best):
            continue
        if worth < least:
            least, seen = worth, 0
        seen += 1
        if np.random.randint(seen) == 0:
            chosen = index
    if chosen < 0:
        chosen = np.random.randint(count)
    return chosen


@compiled_without_arrays
def try_out(shop: Shop, line: Line, moves: Moves, count: int, finished: Ints, room: Room) -> int:
    """Keep a sample of the moves, with what they are really worth; how many they are."""
    tried = min(count, TRIED)
    order, rank, head, ready = room.rows[3], room.rows[4], room.rows[5], room.rows[6]
    copy(line.order, order)
    copy(line.rank, rank)
    copy(line.head, head)
    copy(line.ready, ready)
    for index in range(tried):
        other = np.random.randint(index, count)
        moves.task[index], moves.task[other] = moves.task[other], moves.task[index]
        moves.after[index], moves.after[other] = moves.after[other], moves.after[index]
        moves.mode[index], moves.mode[other] = moves.mode[other], moves.mode[index]
        moves.is_tabu[index], moves.is_tabu[other] = moves.is_tabu[other], moves.is_tabu[index]
        task = moves.task[index]
        back, mode = line.prev[task], line.mode[task]
        low, _ = apply(shop, line, task, moves.after[index], moves.mode[index], room)
        if low < 0:
            moves.worth[index] = MANY
        else:
            heads(shop, line, low)
            moves.worth[index] = worth_of(shop, line, finished)
            relink(shop, line, task, back, mode)
        copy(order, line.order)
        copy(rank, line.rank)
        copy(head, line.head)
        copy(ready, line.ready)
    return tried


@compiled_without_arrays
def remember(shop: Shop, line: Line, memory: Memory, task: int, after: int, mode: int, until: int) -> None:
    """Make tabu what would undo the move, which is about to be made."""
    machine = line.machine[task]
    if machine < 0 or machine != machine_of(shop, mode):
        if machine >= 0:
            memory.machines[machine, task] = until
        return
    base, width = memory.base[machine], shop.width[machine]
    own = shop.place[machine, task]
    goes_later = after >= 0 and line.rank[after] > line.rank[task]
    if goes_later:
        other = after
        while other != task:
            memory.pairs[(base + own * width + shop.place[machine, other]) % memory.pairs.size] = until
            other = line.prev[other]
    else:
        other = line.prev[task]
        while other != after:
            memory.pairs[(base + shop.place[machine, other] * width + own) % memory.pairs.size] = until
            other = line.prev[other]


@compiled_without_arrays
def begin(shop: Shop, line: Line, memory: Memory, run: Run) -> None:
    """Start a run from ``line``: nothing is tabu, and the best is where it begins."""
    memory.pairs[:] = 0
    memory.machines[:] = 0
    heads(shop, line, 0)
    tails(shop, line, line.mode.size - 1)
    run.tally[STEP], run.tally[STALE] = 0, 0
    run.tally[WORTH] = worth_of(shop, line, run.finished)
    copy(line.mode, run.modes)
    copy(line.head, run.starts)


@compiled_without_arrays
def search(
    shop: Shop,
    line: Line,
    memory: Memory,
    moves: Moves,
    run: Run,
    room: Room,
    steps: int,
    patience: int,
    tenures: tuple[int, int],
    target: int,
    seed: int,
) -> bool:
    """Go on with a run for ``steps``. True: over by ``patience``, at ``target`` or for want of moves.

    ``tenures`` are those of orders and of changes of machine.
    """
    np.random.seed(seed)
    tally = run.tally
    for _ in range(steps):
        if tally[WORTH] <= target or tally[STALE] >= patience:
            return True
        tally[STEP] += 1
        tally[STALE] += 1
        step = tally[STEP]
        found = gather_all(shop, line, memory, step, run.finished, moves, room)
        if found == 0:
            return True
        if shop.is_tardiness:
            found = try_out(shop, line, moves, found, run.finished, room)
        chosen = choose(moves, found, tally[WORTH])
        task, after, mode = moves.task[chosen], moves.after[chosen], moves.mode[chosen]
        spell = tenures[0 if machine_of(shop, mode) == line.machine[task] else 1]
        remember(shop, line, memory, task, after, mode, step + spell + np.random.randint(spell // 2 + 1))
        low, high = apply(shop, line, task, after, mode, room)
        if low < 0:
            continue
        heads(shop, line, low)
        tails(shop, line, high)
        worth = worth_of(shop, line, run.finished)
        if worth < tally[WORTH]:
            tally[WORTH], tally[STALE] = worth, 0
            copy(line.mode, run.modes)
            copy(line.head, run.starts)
    return False
