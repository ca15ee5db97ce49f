"""A shop's stations, calendars and routings as tables."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import numpy as np

from planning.engine.events import absent_heads, minute_of
from planning.engine.learning import LearningCurve
from planning.engine.shop import MICRO, Shop, Step
from planning.engine.shopfloor.arrays import (
    CALENDAR,
    CENTRE,
    CHANGE,
    CURVE,
    HEAP,
    INTERVAL,
    ITEM,
    OPTION,
    SEAT,
    STATION,
    STEP,
    Floor,
    Ints,
    Table,
    table,
)
from planning.engine.timegrid import OpenTime

MOST_TABLED = 1_000_000  # units of a learning curve; the area under it goes on from there


class FloorPlan:
    """The tables of ``shop``, and where its items are in them; built once."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.step_first = _ends(len(route) for route in shop.routes).tolist()
        self.rows = [row for route in shop.operation_rows for row in route]
        self.steps = [step for route in shop.routes for step in route]
        self.teams: dict[tuple[int, tuple[int, ...]], int] = {}
        named = {row.setup_family for row in self.rows if row.setup_family is not None}
        named |= {family for row in shop.factory.setup_times for family in (row.from_family, row.to_family)}
        self.families = {name: number for number, name in enumerate(sorted(named))}
        self.curves: list[LearningCurve] = []
        self.lead_classes: dict[tuple[str | None, int], int] = {}
        self.lead = [self._lead_class(item) for item in range(len(shop.items))]
        codes = sorted(shop.grid.open_time)
        opened = [shop.grid.open_time[code] for code in codes]
        options, heaps, steps = self._routings()
        centres = self._centres({code: number for number, code in enumerate(codes)})
        stations = self._stations(centres, opened)
        manned = self._manned(options, steps, centres, stations, opened)
        calendars, intervals = _calendars(opened)
        self.absent = self._absent()
        seats, skill_seats = self._seats()
        centres["has_families"][options["centre"][heaps["family"][options["heap"]] >= 0]] = 1
        days = len(shop.grid.day_starts)
        self.floor = Floor(
            calendars=calendars,
            intervals=intervals,
            curves=table(0, CURVE),
            sums=np.zeros(0),
            steps=steps,
            options=options,
            heaps=heaps,
            centres=centres,
            stations=stations,
            changes=self._changes(),
            absent=self.absent,
            manned=manned,
            seats=seats,
            skill_seats=skill_seats,
            reopenings=self._reopenings(seats),
            families=max(len(self.families), 1),
            day_starts=np.array(shop.grid.day_starts, np.int64),
            month_starts=np.array(shop.grid.month_starts, np.int64),
            lead_done=np.array([self._lead_times(*each) for each in self.lead_classes], np.int64).reshape(
                -1, days
            ),
            items=table(
                len(shop.items), ITEM, made=[row.units_made * MICRO for row in shop.items], last_begun=-1
            ),
            months=len(shop.grid.months),
            end=shop.grid.end,
        )

    def floor_for(self, most_units: float) -> Floor:
        """The tables, with learning curves as far as ``most_units``."""
        sums = [
            curve.sums_up_to(min(int(most_units) + 2, MOST_TABLED, curve.floor or MOST_TABLED) + 1)
            for curve in self.curves
        ]
        ends = _ends(len(each) for each in sums)
        curves = table(
            len(self.curves),
            CURVE,
            first=ends[:-1],
            size=[len(each) - 1 for each in sums],
            flat=[-1 if curve.floor is None else curve.floor for curve in self.curves],
            exponent=[curve.exponent for curve in self.curves],
            reference=[curve.reference for curve in self.curves],
        )
        return self.floor._replace(curves=curves, sums=np.array([each for row in sums for each in row]))

    def _curve(self, curve: LearningCurve | None) -> int:
        if curve is None or curve.exponent == 0:
            return -1
        key = (curve.exponent, curve.reference, curve.floor)
        for number, known in enumerate(self.curves):
            if (known.exponent, known.reference, known.floor) == key:
                return number
        self.curves.append(curve)
        return len(self.curves) - 1

    def _stations(self, centres: Table, opened: list[OpenTime]) -> Table:
        """Stations with their calendars; those of stations that are down at times are added to ``opened``."""
        stations = table(int(centres["end"][-1]) if len(centres) else 0, STATION, family=-1)
        for centre, row in enumerate(centres):
            for number in range(int(row["first"]), int(row["end"])):
                own = self.shop.station_time(centre, number - int(row["first"]) + 1)
                stations["calendar"][number] = row["calendar"]
                if own is not opened[int(row["calendar"])]:
                    stations["calendar"][number] = len(opened)
                    opened.append(own)
        return stations

    def _manned(
        self, options: Table, steps: Table, centres: Table, stations: Table, opened: list[OpenTime]
    ) -> Ints:
        """[team, calendar]: when people work there; those of teams on shifts are added to ``opened``."""
        manned = np.tile(np.arange(len(opened), dtype=np.int64), (len(self.teams) + 1, 1))
        pairs = dict[tuple[int, int], Step]()
        for row, step in zip(steps, self.steps, strict=True):
            for centre in centres[options["centre"][row["first"] : row["end"]]] if row["team"] else ():
                there = stations["calendar"][centre["first"] : centre["end"]]
                pairs |= {(int(row["team"]), int(each)): step for each in (centre["calendar"], *there)}
        for (team, calendar), step in sorted(pairs.items(), key=lambda pair: pair[0]):
            manned[team, calendar] = len(opened)
            opened.append(self.shop.while_at_work(opened[calendar], step))
        return manned

    def _team(self, step: Step) -> int:
        """The row of ``manned`` of who works on a step."""
        shifts = self.shop.shifts_of(step)
        if shifts is None:
            return 0
        return self.teams.setdefault((step.skill, shifts), len(self.teams) + 1)

    def _seats(self) -> tuple[Table, Ints]:
        """Spans of shifts that take only so many heads, by skill and time; where each skill's begin."""
        found = list[list[tuple[int, int, int]]]()
        for skill in self.shop.skills:
            found.append(
                sorted(
                    (start, end, row.max_heads)
                    for row, times in zip(skill.row.shifts, skill.shifts, strict=True)
                    if row.max_heads is not None
                    for start, end in zip(times.starts, times.ends, strict=True)
                )
            )
        rows = [row for each in found for row in each]
        columns = list(zip(*rows, strict=True)) or [(), (), ()]
        seats = table(len(rows), SEAT, start=columns[0], end=columns[1], heads=columns[2])
        return seats, _ends(map(len, found))

    def _absent(self) -> Ints:
        """[skill, day]: heads that are not there."""
        grid = self.shop.grid
        absent = np.zeros((len(self.shop.skills), len(grid.day_starts)), np.int64)
        for skill in self.shop.skills if self.shop.factory.absences else ():
            for day, heads in absent_heads(grid, skill.row, self.shop.factory.absences).items():
                if (day - grid.as_of).days < absent.shape[1]:
                    absent[skill.index, (day - grid.as_of).days] = heads
        return absent

    def _reopenings(self, seats: Table) -> Ints:
        """Minutes at which a downtime ends, or a shift that takes only so many begins or ends; and days on
        which other people are absent than the day before.
        """
        grid = self.shop.grid
        ends = [minute_of(grid, row.to) for row in self.shop.factory.downtimes]
        _, days = np.nonzero(np.diff(self.absent, axis=1))
        ends += [*seats["start"].tolist(), *seats["end"].tolist()]
        minutes = {*ends, *(int(grid.day_starts[day + 1]) for day in days)}
        return np.array(sorted(each for each in minutes if 0 <= each < grid.end), np.int64)

    def _routings(self) -> tuple[Table, Table, Table]:
        """Options, heaps of waiting work and steps."""
        ways, ends, heaps = (
            list[tuple[int, int, float, float]](),
            [0],
            dict[tuple[int, int, int, int, int], int](),
        )
        for row, step in zip(self.rows, self.steps, strict=True):
            codes = [(row.work_centre, 1.0)] if row.work_centre is not None else []
            codes += [(each.work_centre, float(each.speed)) for each in row.alternates] if codes else []
            for place, (code, speed) in enumerate(codes):
                centre = self.shop.centre_index[code]
                rate = float(self.shop.factory.work_centres[centre].efficiency) * speed
                key = (
                    centre,
                    step.skill,
                    self.families.get(row.setup_family or "", -1),
                    int(place > 0),
                    self._team(step),
                )
                ways.append((centre, heaps.setdefault(key, len(heaps)), rate, float(row.run_h) / rate))
            ends.append(len(ways))
        columns = [list(column) for column in zip(*ways, strict=True)] or [[]] * 4
        options = table(
            len(ways), OPTION, **dict(zip(("centre", "heap", "rate", "run"), columns, strict=True))
        )
        waiting = table(len(heaps) + 3, HEAP)
        waiting["centre"][: len(heaps)] = [key[0] for key in heaps]
        waiting["family"][: len(heaps)] = [key[2] for key in heaps]
        return options, waiting, self._steps(ends)

    def _steps(self, ends: Sequence[int]) -> Table:
        steps = self.steps
        return table(
            len(steps),
            STEP,
            skill=[step.skill for step in steps],
            crew=[step.crew for step in steps],
            team=[self._team(step) for step in steps],
            queue=[step.queue_minutes for step in steps],
            external=[step.external_minutes for step in steps],
            is_overlapping=[row.overlap and row.work_centre is not None for row in self.rows],
            family=[self.families.get(row.setup_family or "", -1) for row in self.rows],
            curve=[self._curve(step.curve) for step in steps],
            first=ends[:-1],
            end=ends[1:],
            setup=[float(row.setup_h) for row in self.rows],
            unattended=[step.unattended_minutes for step in steps],
        )

    def _centres(self, calendars: dict[str, int]) -> Table:
        rows = self.shop.factory.work_centres
        ends = _ends(row.stations for row in rows)
        return table(
            len(rows),
            CENTRE,
            calendar=[calendars[row.calendar] for row in rows],
            first=ends[:-1],
            end=ends[1:],
            batch=[int(row.batch * MICRO) for row in rows],
            earliest=[0 if row.stations else self.shop.grid.end for row in rows],
        )

    def _changes(self) -> Table:
        count = max(len(self.families), 1)
        rows = self.shop.factory.setup_times
        changes = table(
            len(rows),
            CHANGE,
            key=[
                (self.shop.centre_index[row.work_centre] * count + self.families[row.from_family]) * count
                + self.families[row.to_family]
                for row in rows
            ],
            hours=[float(row.hours) for row in rows],
        )
        return np.sort(changes, order="key")

    def _lead_class(self, item: int) -> int:
        row = self.shop.items[item]
        if row.kind == "buy" or self.shop.routes[item]:
            return -1
        key = (row.lead_time_calendar, row.lead_time_days)
        return self.lead_classes.setdefault(key, len(self.lead_classes))

    def _lead_times(self, calendar: str | None, days: int) -> Ints:
        """By day of release: the minute at which a lead time is over; the end of the grid for never."""
        grid = self.shop.grid
        count = len(grid.day_starts)
        released = np.arange(count)
        if calendar is None or days == 0:
            over = released + days
        else:
            last = grid.as_of + timedelta(days=count)
            opened = [(day - grid.as_of).days for day in grid.open_days(calendar, grid.as_of, last)]
            before = np.searchsorted(np.array(opened, np.int64), released, side="right")
            over = np.array([*opened, count])[np.minimum(before + days - 1, len(opened))]
        return np.append(grid.day_starts, grid.end)[np.minimum(over, count)].astype(np.int64)


def _calendars(opened: Sequence[OpenTime]) -> tuple[Table, Table]:
    ends = _ends(len(each.starts) for each in opened)
    calendars = table(len(opened), CALENDAR, first=ends[:-1], end=ends[1:], row=ends[:-1])
    intervals = table(
        int(ends[-1]),
        INTERVAL,
        start=[minute for each in opened for minute in each.starts],
        end=[minute for each in opened for minute in each.ends],
        before=[minutes for each in opened for minutes in each.before],
    )
    return calendars, intervals


def _ends(counts: Iterable[int]) -> Ints:
    """Where slices of these lengths begin, and where the last one ends."""
    return np.cumsum([0, *counts]).astype(np.int64)
