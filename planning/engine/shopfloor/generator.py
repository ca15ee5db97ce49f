"""The finite schedule of a shop: compiled loops behind the engine's own words.

Numba is imported by the first schedule and not before, so that nobody waits for it who does not plan.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from planning.engine.material import Material
from planning.engine.reach import Reach
from planning.engine.shop import Shop
from planning.engine.shopfloor.arrays import (
    ARRIVALS,
    COMING,
    COUNT,
    END,
    ENDINGS,
    ENTRY,
    EXPECTED,
    FAMILIES,
    FAMILY_MINUTES,
    HEADS,
    HORIZON_MONTHS,
    MONTH,
    ROW,
    RUNNING,
    SKILL,
    Floor,
    Ints,
    Run,
    Table,
    Work,
    table,
)
from planning.engine.shopfloor.floor import FloorPlan
from planning.engine.shopfloor.schedule import Labour, Row, Schedule
from planning.engine.shopfloor.work import GatedWork, WorkPlan
from planning.engine.timegrid import DAY

BLOCK = 1_024  # minutes whose marks are counted together
FAMILY_DAYS = 3  # work of the family that a station is set up for is taken so much earlier


class Generator:
    """Schedules the lots of ``material``; reusable for many trials on the same shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.plan = FloorPlan(shop)
        reach = Reach.of(shop)
        self.near_work = reach.above | reach.below

    def trial(
        self,
        material: Material,
        labour: Labour,
        *,
        buffer: int,
        split_hours: float | Sequence[float] = 1e9,
    ) -> "Trial":
        """Lots and people to schedule, nothing earlier than ``buffer`` minutes before its latest start; what
        takes much longer than ``split_hours`` (of its item, or of all) on several stations.
        """
        return Trial(WorkPlan(self.plan, material, self.near_work, split_hours), labour, buffer)


class Runs[W: GatedWork]:
    """One netting, scheduled once or several times, to see when lots are done."""

    def __init__(self, plan: W, labour: Labour, buffer: int) -> None:
        self.plan = plan
        self.people = people_of(labour, self.plan.floor)
        self.buffer = buffer
        self.ready = self.plan.gated(buffer)

    def done(self, shifts: Ints | None = None) -> Ints:
        """When each lot is done (-1: never); ``shifts`` change the priorities of lots, in minutes."""
        return _done(self._shifted(shifts))

    def _shifted(self, shifts: Ints | None) -> Run:
        latest = self.plan.work.ops["latest"]
        if shifts is None or not shifts.any():
            return self._generate(self.ready, latest)
        lots = self.plan.work.streams["lot"][self.plan.work.ops["stream"]]
        return self._generate(self.plan.gated(self.buffer, np.minimum(shifts, 0)), latest + shifts[lots])

    def _generate(self, ready: Ints, latest: Ints, wish: Ints | None = None) -> Run:
        from planning.engine.shopfloor.loops.generate import generate

        run = new_run(self.plan.floor, self.plan.work, self.people)
        run.ops["ready"], run.ops["latest"] = ready, latest
        if wish is not None:
            run.ops["wish"] = wish
        generate(run)
        return run


class Trial(Runs[WorkPlan]):
    """The same, to make a schedule of it."""

    def __init__(self, plan: WorkPlan, labour: Labour, buffer: int) -> None:
        super().__init__(plan, labour, buffer)
        self.first: Run | None = None

    def run(self, shifts: Ints | None = None) -> Schedule:
        """As soon as stations and people allow; ``shifts`` change the priorities of lots, in minutes."""
        self.first = self._shifted(shifts)
        return read(self.first, self.plan)

    def outline(self, shifts: Ints | None = None) -> Schedule:
        """``run`` without its rows: when lots are released and done alone."""
        self.first = self._shifted(shifts)
        return Schedule(done=_dones(self.first), released=self.first.lots["released"].tolist())

    def whole(self) -> Schedule:
        """All of what ``run`` or ``outline`` decided last."""
        assert self.first is not None  # noqa: S101 - the caller ran it first
        return read(self.first, self.plan)

    def ordered(self, latest: Ints, gates: Ints, wish: Ints) -> Run:
        """A run with these latest starts, first minutes and stations of single operations."""
        return self._generate(np.maximum(self.ready, gates), latest, wish)

    @staticmethod
    def dones_of(run: Run) -> list[int]:
        """When each lot is done (-1: never)."""
        return _dones(run)

    def run_later(self, limits: Mapping[int, int]) -> Schedule:
        """What ``run`` gave with every operation as late as what follows allows; ``limits[lot]`` is the
        minute at which a delivery needs it.
        """
        from planning.engine.shopfloor.loops.later import NOBODY, start_later

        run = self.first
        assert run is not None  # noqa: S101 - the caller ran it first
        starts = run.lots["released"][run.streams["lot"][run.ops["stream"]]]
        rows = run.rows[: run.numbers[COUNT]]
        starts[rows["op"]] = rows["start"]
        by_lot = np.full(len(run.lots), NOBODY, np.int64)
        by_lot[list(limits)] = list(limits.values())
        start_later(run, by_lot, np.zeros(len(run.stations), np.int64), starts)
        is_inside = np.zeros(len(starts), np.bool_)
        is_inside[rows["op"]] = True
        latest = np.where(is_inside, starts, self.plan.work.ops["latest"])
        gates = np.where(is_inside, np.maximum(starts, self.ready), self.ready)
        later = self._generate(gates, latest, run.ops["wish"])
        # Why work waits is told by the run in which it did.
        later.ops["ready"] = np.minimum(later.ops["ready"], run.ops["ready"])
        later.months["waits"] = run.months["waits"]
        return read(later, self.plan)


def people_of(labour: Labour, floor: Floor) -> Table:
    """What people give, [skill, month], also past the horizon."""
    skills, months = len(labour.heads), len(floor.month_starts) + 1
    people = np.zeros((skills, months), MONTH)
    for name, values in (
        ("heads", labour.heads),
        ("regular", labour.regular),
        ("overtime", labour.overtime),
    ):
        for skill, row in enumerate(values):
            people[name][skill, : len(row)] = row
            people[name][skill, len(row) :] = row[-1]
    return people


def new_run(floor: Floor, work: Work, people: Table) -> Run:
    """A run before its first event."""
    skills, stations = len(people), len(floor.stations)
    heaps, entries = _heaps(floor, work)
    expected, coming = _expected(floor, work, skills)
    numbers = np.zeros(6, np.int64)
    numbers[FAMILIES], numbers[FAMILY_MINUTES] = floor.families, FAMILY_DAYS * DAY
    numbers[END], numbers[HORIZON_MONTHS], numbers[COUNT] = floor.end, floor.months, 0
    pinned = floor.stations.copy()
    pinned["end_pin"], pinned["first_pin"] = work.pin_ends, np.append(0, work.pin_ends)[:-1]
    marks = np.zeros(floor.end, np.uint8)
    # What kept out of the way of a pin may begin when that has passed unused.
    wakes = np.union1d(floor.reopenings, work.ops["pin"][work.pins] + 1)
    wakes = wakes[wakes < floor.end]
    marks[wakes] = 1
    blocks = np.zeros(floor.end // BLOCK + 1, np.int64)
    np.add.at(blocks, wakes // BLOCK, 1)
    return Run(
        calendars=floor.calendars.copy(),
        intervals=floor.intervals,
        curves=floor.curves,
        sums=floor.sums,
        steps=floor.steps,
        options=floor.options,
        heaps=heaps,
        heap=table(entries, ENTRY),
        centres=floor.centres.copy(),
        stations=pinned,
        changes=floor.changes,
        day_starts=floor.day_starts,
        month_starts=floor.month_starts,
        lead_done=floor.lead_done,
        absent=floor.absent,
        manned=floor.manned,
        seats=floor.seats,
        items=floor.items.copy(),
        lots=work.lots.copy(),
        streams=work.streams,
        ops=work.ops.copy(),
        uses=work.uses,
        pins=work.pins,
        marks=marks,
        blocks=blocks,
        coming=table(coming, COMING),
        expected=expected,
        skills=table(
            skills,
            SKILL,
            last_pin=_last_pins(floor, work, skills),
            first_seat=floor.skill_seats[:-1],
            end_seat=floor.skill_seats[1:],
        ),
        at_work=np.zeros((skills, len(floor.calendars)), np.int64),
        running=np.zeros((skills, stations + 1), RUNNING),
        months=people.copy(),
        rows=table(len(work.ops), ROW),
        numbers=numbers,
    )


def _last_pins(floor: Floor, work: Work, skills: int) -> Ints:
    found = np.full(skills, -1, np.int64)
    pinned = work.ops[work.pins]
    by = floor.steps["skill"][pinned["step"]]
    np.maximum.at(found, by[by >= 0], pinned["pin"][by >= 0])
    return found


def _heaps(floor: Floor, work: Work) -> tuple[Table, int]:
    """The heaps with room for every operation that may ever wait in them, and the room of all."""
    heaps = floor.heaps.copy()
    steps = work.ops["step"][work.ops["step"] >= 0]
    by_step = np.bincount(steps, minlength=len(floor.steps))
    by_option = np.repeat(by_step, floor.steps["end"] - floor.steps["first"])
    room = np.bincount(floor.options["heap"], weights=by_option, minlength=len(heaps)).astype(np.int64)
    room[HEADS] = len(heaps)
    room[ARRIVALS] = room[ENDINGS] = len(work.ops) + 1
    ends = np.cumsum(room)
    heaps["first"] = ends - room
    return heaps, int(ends[-1])


def _expected(floor: Floor, work: Work, skills: int) -> tuple[Table, int]:
    """What is expected, by centre and then by skill, with room for every operation; and the room of all."""
    centres = len(floor.centres)
    steps = floor.steps[work.ops["step"][work.ops["step"] >= 0]]
    steps = steps[steps["end"] > steps["first"]]
    room = np.zeros(centres + skills, np.int64)
    np.add.at(room, floor.options["centre"][steps["first"]], 1)
    np.add.at(room, centres + steps["skill"][steps["skill"] >= 0], 1)
    ends = np.cumsum(room)
    expected = table(len(room), EXPECTED, head=ends - room, tail=ends - room)
    return expected, int(ends[-1]) if len(ends) else 0


def read(run: Run, plan: WorkPlan) -> Schedule:
    """The outcome in the engine's own terms."""
    rows = run.rows[: run.numbers[COUNT]]
    streams = run.streams[run.ops["stream"][rows["op"]]]
    centres = np.full(len(rows), -1)
    inside = rows["option"] >= 0
    centres[inside] = run.options["centre"][rows["option"][inside]]
    columns = (
        streams["lot"],
        rows["op"] - streams["first"],
        centres,
        rows["station"],
        rows["start"],
        rows["end"],
        rows["free"],
        streams["quantity"],
    )
    ready = run.ops["ready"].tolist()
    firsts = [plan.ops_of(lot, 0).start for lot in plan.lots]
    waits = run.months["waits"]
    return Schedule(
        rows=[Row(*values) for values in zip(*(column.tolist() for column in columns), strict=True)],
        done=_dones(run),
        first_unit=run.lots["first_unit"].tolist(),
        released=run.lots["released"].tolist(),
        ready=[ready[op : op + max(lot.steps, 1)] for op, lot in zip(firsts, plan.lots, strict=True)],
        minutes=run.months["minutes"].tolist(),
        peaks=run.months["peak"].tolist(),
        waits={
            (skill, month): int(waits[skill, month])
            for skill, month in zip(*(each.tolist() for each in np.nonzero(waits)), strict=True)
        },
    )


def _dones(run: Run) -> list[int]:
    done: list[int] = _done(run).tolist()
    return done


def _done(run: Run) -> Ints:
    return np.where(run.lots["left"] == 0, run.lots["done"], -1)


def buffer_minutes(days: float) -> int:
    """A buffer of calendar days in minutes."""
    return round(days * DAY)
