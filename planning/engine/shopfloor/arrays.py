"""The shop floor, the work on it and a run of the generator as tables: what compiled loops read and write.

A table is an array of records, so that few arrays are handed from one compiled function to the next. Minutes
are those of the time grid, quantities whole millionths. ``first`` and ``end`` of a row are a slice of the
table that is named with them.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

type Ints = npt.NDArray[np.int64]
type Floats = npt.NDArray[np.float64]
type Bools = npt.NDArray[np.bool_]
type Bytes = npt.NDArray[np.uint8]
type Table = Any  # numpy's types know nothing of the fields of a record


def _record(*whole: str, real: Sequence[str] = ()) -> np.dtype[np.void]:
    return np.dtype([(name, np.int64) for name in whole] + [(name, np.float64) for name in real])


# Calendars and their open intervals; ``before`` counts the open minutes ahead. While time moves: the interval
# that is open now or next.
CALENDAR = _record("first", "end", "row", "is_open")
INTERVAL = _record("start", "end", "before")
# Learning curves: ``size`` sums are tabled from ``first``, ``flat`` -1: it never flattens.
CURVE = _record("first", "size", "flat", real=("exponent", "reference"))
# Operations of routings; without options subcontracted. The first option is the routing's own work centre.
# ``team`` is the row of ``manned`` of who works on it.
# ``setup`` hours are not divided by anything, ``run`` hours by the ``rate``: efficiency × speed.
STEP = _record(
    "skill", "crew", "team", "queue", "external", "is_overlapping", "family", "curve", "first", "end",
    real=("setup", "unattended"),
)  # fmt: skip
OPTION = _record("centre", "heap", real=("rate", "run"))
# Heaps of what waits: of one skill and family at one centre; then those named below.
HEAP = _record("first", "size", "centre", "family")
ENTRY = _record("key", "value")
# ``earliest``: when the first station is free; ``load``: minutes that wait there.
CENTRE = _record("calendar", "first", "end", "batch", "has_families", "earliest", "load")
# A station that is down at times has a calendar of its own. Operations pinned to it are a slice of ``pins``,
# in order of time, whose ``first`` moves on.
STATION = _record("free", "family", "calendar", "first_pin", "end_pin")
# Setup times by (centre, family before, family after) in one number.
CHANGE = _record("key", real=("hours",))
ITEM = _record("made", "last_begun", "last_rank")
# ``lead`` is the class of lead times of a lot without operations (-1: it has some), which is there at
# ``begun_done`` (-1: none) if that is earlier. ``uses`` are the operations that wait for the lot.
LOT = _record(
    "item", "quantity", "first", "end", "rank", "first_step", "steps", "lead", "begun_done", "uses",
    "uses_end", "left", "done", "first_unit", "released",
)  # fmt: skip
# Streams: parts of a lot that go their way on their own. Operation ``first + k`` is step ``k``.
STREAM = _record("lot", "quantity", "first")
# ``step`` -1: a lot without operations. ``pending``: how much it still waits for. ``pin`` is the minute it
# is pinned to (-1: none), ``pin_centre`` and ``pin_station`` where (-1: any). ``wish``: the station it takes
# when it is free, counted from 1 (0: none).
OP = _record(
    "stream", "step", "latest", "ready", "pending", "is_started", "free", "option", "calendar", "pin",
    "pin_centre", "pin_station", "wish",
)  # fmt: skip
COMING = _record("minute", "op")
EXPECTED = _record("head", "tail")
# ``last_pin``: the last minute that one of its operations is pinned to (-1: none).
# ``first_seat`` to ``end_seat``: the spans of its shifts that take no more than so many heads.
SKILL = _record("blocked", "running", "last_pin", "first_seat", "end_seat")
SEAT = _record("start", "end", "heads")
RUNNING = _record("until", "crew", "calendar")
# [skill, month]: what people give, and what the schedule takes. The last month of the horizon goes on.
MONTH = _record("heads", "peak", "waits", real=("regular", "overtime", "minutes"))
ROW = _record("op", "option", "station", "start", "end", "free")


class Floor(NamedTuple):
    """What does not change from one trial to the next; ``lead_done[class, day]``: when a lot without
    operations that is released on that day is there; ``absent[skill, day]``: heads that are not there.
    ``reopenings``: minutes at which a station is up again, people are back or a shift changes.
    ``manned[team, calendar]``: the calendar less the times in which no shift takes the team; the first row is
    of all who are on none. ``skill_seats[skill]``: the slice of ``seats`` that is the skill's.
    """

    calendars: Table
    intervals: Table
    curves: Table
    sums: Floats
    steps: Table
    options: Table
    heaps: Table
    centres: Table
    stations: Table
    changes: Table
    absent: Ints
    manned: Ints
    seats: Table
    skill_seats: Ints
    reopenings: Ints
    families: int
    day_starts: Ints
    month_starts: Ints
    lead_done: Ints
    items: Table
    months: int
    end: int


class Work(NamedTuple):
    """The lots of one netting; ``uses`` by lot. ``pins``: operations that are pinned to a station, by station
    and time, then those pinned to any of several stations, by time; ``pin_ends[station]`` where its slice of
    them ends.
    """

    lots: Table
    streams: Table
    ops: Table
    uses: Ints
    pins: Ints
    pin_ends: Ints


class Run(NamedTuple):
    """Everything that one run of the generator reads and writes, flat."""

    calendars: Table
    intervals: Table
    curves: Table
    sums: Floats
    steps: Table
    options: Table
    heaps: Table
    heap: Table
    centres: Table
    stations: Table
    changes: Table
    day_starts: Ints
    month_starts: Ints
    lead_done: Ints
    absent: Ints
    manned: Ints
    seats: Table
    items: Table
    lots: Table
    streams: Table
    ops: Table
    uses: Ints
    pins: Ints
    marks: Bytes
    blocks: Ints
    coming: Table
    expected: Table
    skills: Table
    at_work: Ints
    running: Table
    months: Table
    rows: Table
    numbers: Ints


# The numbers of a run: rows written, looks at the queues; then its terms.
COUNT, LOOK, FAMILIES, FAMILY_MINUTES, END, HORIZON_MONTHS = range(6)
# Heaps after those of waiting work, counted from the end.
HEADS, ARRIVALS, ENDINGS = -3, -2, -1


def table(count: int, record: np.dtype[np.void], **columns: Any) -> Table:
    """``count`` records, with ``columns`` filled in."""
    made = np.zeros(count, record)
    for name, values in columns.items():
        made[name] = values
    return made
