"""The same schedule as late as it can be: every operation moved back until what follows it needs it.

What follows: the next operation of its lot, the lots that take it, its delivery, and the next work on its
station. People's work stays where it is: moved together it would need overtime. Cost: O(operations × log).
"""

from planning.engine.compiled import compiled_without_arrays as compiled
from planning.engine.shopfloor.arrays import Ints, Run

COUNT = 0
NOBODY = 2**62  # nothing needs it


@compiled
def row_at(run: Run, calendar: int, minute: int) -> int:
    """The last interval that begins by ``minute``; the one before the first where none does."""
    low, high = run.calendars[calendar].first, run.calendars[calendar].end
    while low < high:
        middle = (low + high) >> 1
        if minute < run.intervals[middle].start:
            high = middle
        else:
            low = middle + 1
    return low - 1


@compiled
def open_before(run: Run, calendar: int, minute: int) -> int:
    row = row_at(run, calendar, minute)
    if row < run.calendars[calendar].first:
        return 0
    interval = run.intervals[row]
    return interval.before + min(minute, interval.end) - interval.start


@compiled
def minute_of(run: Run, calendar: int, passed: int) -> int:
    """The open minute that ``passed`` open ones lie before."""
    low, high = run.calendars[calendar].first, run.calendars[calendar].end
    while low < high:
        middle = (low + high) >> 1
        if passed < run.intervals[middle].before:
            high = middle
        else:
            low = middle + 1
    interval = run.intervals[low - 1]
    return interval.start + passed - interval.before


@compiled
def needed_at(run: Run, number: int, limits: Ints, starts: Ints) -> int:
    """When what follows operation ``number`` needs it, its queue over."""
    op = run.ops[number]
    stream = run.streams[op.stream]
    lot = run.lots[stream.lot]
    if number - stream.first + 1 < lot.steps:
        # What overlaps goes on together: it is left where it is.
        return -1 if run.steps[op.step].is_overlapping else starts[number + 1]
    needed = limits[stream.lot]
    for row in range(lot.uses, lot.uses_end):
        needed = min(needed, starts[run.uses[row]])
    return needed


@compiled
def later_start(run: Run, at: int, needed: int) -> int:
    """The latest start of row ``at`` from which it is free when it is ``needed``."""
    row = run.rows[at]
    spare = needed - row.free
    if spare <= 0 or run.ops[row.op].pin >= 0 or run.steps[run.ops[row.op].step].skill >= 0:
        return row.start
    if row.option < 0:
        return row.start + spare
    calendar = run.ops[row.op].calendar
    before = open_before(run, calendar, row.start)
    work = open_before(run, calendar, row.end) - before
    latest = open_before(run, calendar, needed - (row.free - row.end)) - max(work, 1)
    return minute_of(run, calendar, latest) if latest > before else row.start


@compiled
def start_later(run: Run, limits: Ints, on_station: Ints, starts: Ints) -> None:
    """Move ``starts`` (by operation) back. ``limits``: by lot, when its delivery needs it; ``on_station`` is
    room for a minute of each station.
    """
    for station in range(on_station.size):
        on_station[station] = NOBODY
    for at in range(run.numbers[COUNT] - 1, -1, -1):
        row = run.rows[at]
        needed = needed_at(run, row.op, limits, starts)
        if needed < NOBODY:
            needed -= run.steps[run.ops[row.op].step].queue
        station = -1
        if row.option >= 0:
            station = run.centres[run.options[row.option].centre].first + row.station - 1
            needed = min(needed, on_station[station]) if needed < NOBODY else row.free
        if needed < NOBODY:
            starts[row.op] = later_start(run, at, needed)
        if station >= 0:
            on_station[station] = starts[row.op]
