"""The finite schedule: lots on stations and people, by an event-driven parallel schedule generator.

Time moves forward; at every event each work centre gives its free stations to the waiting operations in order
of their latest start, as long as people are there: crews at work within the heads of the month, crew minutes
of a month within what the skill gives. Chronological starts make the learning curve and the crew rule exact
by construction. Cost: O(operations x log) plus one look at every work centre per event.
"""

import heapq
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from planning.engine.material import FOR_STOCK, Lot, Material
from planning.engine.reach import Reach
from planning.engine.shop import MICRO, Shop
from planning.engine.timegrid import DAY, OpenTime

RETRY = 480
HEAD_START = 0.3  # share of a month's minutes that work which can wait may take at once


class Row(NamedTuple):
    """One scheduled operation; minutes of the time grid."""

    lot: int
    step: int
    station: int
    start: int
    end: int
    free: int


@dataclass(frozen=True, slots=True)
class Labour:
    """What people give: ``heads[skill][month]`` at a time, ``regular`` and ``overtime`` minutes;
    the last month goes on.

    Work that can wait keeps to regular minutes, in step with the month, so that work that cannot finds some
    left.
    """

    heads: Sequence[Sequence[int]]
    regular: Sequence[Sequence[float]]
    overtime: Sequence[Sequence[float]]


@dataclass(slots=True)
class Schedule:
    """What the generator decided; minutes of the time grid.

    ``rows`` stand in order of start. By lot: ``done``, when its units can be used (-1: never),
    ``first_unit``, its place on the learning curve in millionths, ``released``, and per step ``ready``, when
    it came to wait for a station. By skill and month, past the horizon too: ``minutes`` of crews at work,
    ``peaks``, the most crews at work when an operation starts, ``waits``, how often work found nobody.
    """

    rows: list[Row] = field(default_factory=list)
    done: list[int] = field(default_factory=list)
    first_unit: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    ready: list[list[int]] = field(default_factory=list)
    minutes: list[list[float]] = field(default_factory=list)
    peaks: list[list[int]] = field(default_factory=list)
    waits: dict[tuple[int, int], int] = field(default_factory=dict)


class _Coming(NamedTuple):
    """An operation that will be ready at ``minute``; it is urgent then when its latest start ``key`` has
    come.
    """

    minute: int
    key: float
    crew: int
    centre: int


class _Centre:
    __slots__ = ("calendar", "queues", "stations")

    def __init__(self, stations: int, calendar: int) -> None:
        self.calendar = calendar
        self.stations = [(0, number) for number in range(1, stations + 1)]
        self.queues: dict[int, list[tuple[float, int, int]]] = {}


class Dispatcher:
    """Schedules the lots of ``material``; reusable for many trials on the same shop."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        codes = sorted(shop.grid.open_time)
        self.calendars: list[OpenTime] = [shop.grid.open_time[code] for code in codes]
        self.centre_calendar = [codes.index(row.calendar) for row in shop.factory.work_centres]
        reach = Reach.of(shop)
        self.near_work = reach.above | reach.below

    def run(self, material: Material, labour: Labour, *, buffer: int) -> Schedule:
        """Start nothing earlier than ``buffer`` minutes before its latest start."""
        return _Run(self, material, labour, buffer).run()


class _Run:
    def __init__(self, owner: Dispatcher, material: Material, labour: Labour, buffer: int) -> None:
        self.shop, self.owner = owner.shop, owner
        self.lots, self.labour, self.buffer = material.lots, labour, buffer
        # What only fills up safety stock can wait: a customer comes first, whatever the days say.
        later = float(self.shop.grid.horizon)
        self.keys = [later if lot.urgency >= FOR_STOCK else 0.0 for lot in self.lots]
        rows = self.shop.factory.work_centres
        self.centres = [
            _Centre(row.stations, calendar) for row, calendar in zip(rows, owner.centre_calendar, strict=True)
        ]
        count = len(self.lots)
        self.result = Schedule([], [-1] * count, [-1] * count, [-1] * count)
        self.consumers: list[list[tuple[int, int]]] = [[] for _ in self.lots]
        self.pending = [[0] * max(lot.steps, 1) for lot in self.lots]
        self.ready = self.result.ready = [[0] * max(lot.steps, 1) for lot in self.lots]
        self.made = [row.units_made * MICRO for row in self.shop.items]
        skills, calendars = len(self.shop.skills), len(owner.calendars)
        self.at_work = [[0] * calendars for _ in range(skills)]
        every_month = len(self.shop.grid.month_starts) + 1
        self.used = self.result.minutes = [[0.0] * every_month for _ in range(skills)]
        self.result.peaks = [[0] * every_month for _ in range(skills)]
        self.months = len(self.shop.grid.months)
        self.times: list[int] = []
        self.known_times: set[int] = set()
        self.arrivals: list[tuple[int, int, int]] = []
        self.endings: list[tuple[int, int, int, int]] = []
        self.last_begun: dict[int, tuple[int, str]] = {}
        self.active: set[int] = set()
        self.known_minutes: dict[tuple[int, int], tuple[int, int]] = {}
        self.coming_for_skill: list[list[_Coming]] = [[] for _ in range(skills)]
        self.coming_for_centre: list[list[_Coming]] = [[] for _ in self.centres]
        self.running: list[list[tuple[int, int]]] = [[] for _ in range(skills)]

    def run(self) -> Schedule:
        self._prepare()
        end = self.shop.grid.end
        while self.times:
            now = heapq.heappop(self.times)
            self.known_times.discard(now)
            if now >= end:
                break
            self._free_people(now)
            while self.arrivals and self.arrivals[0][0] <= now:
                _, lot, step = heapq.heappop(self.arrivals)
                self._arrive(now, lot, step)
            self._serve(now)
        return self.result

    def _prepare(self) -> None:
        for lot in self.lots:
            first = lot.first_step
            for peg in lot.made_ready:
                if peg.supply.lot is not None:
                    step = min(max(peg.step, first), max(lot.steps - 1, 0))
                    self.pending[lot.number][step] += 1
                    self.consumers[peg.supply.lot.number].append((lot.number, step))
                else:
                    self._hold(lot, peg.step, peg.supply.available)
            for step, minute in enumerate(lot.bought_ready):
                self._hold(lot, max(step, first), minute)
            self._hold(lot, first, self._gate(lot) if lot.work_order is None else lot.not_before)
        for lot in self.lots:
            if lot.steps and lot.first_step >= lot.steps:
                self._place_on_curve(lot, 0)  # made already: before all that starts now
            step = min(lot.first_step, max(lot.steps - 1, 0))
            for later in range(step + 1, lot.steps):
                self.pending[lot.number][later] += 1
            if self.pending[lot.number][step] == 0:
                self._call(self.ready[lot.number][step], lot.number, step)

    def _gate(self, lot: Lot) -> int:
        """The first minute at which a planned lot may begin: out of reach of any work nothing waits for
        people or stations, and it begins when its lead time says.
        """
        start = lot.latest_starts[lot.first_step] if lot.first_step < lot.steps else lot.release
        buffer = self.buffer if lot.item in self.owner.near_work else 0
        return max(start - buffer, lot.not_before, 0)

    def _hold(self, lot: Lot, step: int, minute: int) -> None:
        row = self.ready[lot.number]
        step = min(step, len(row) - 1)
        row[step] = max(row[step], minute)

    def _at(self, minute: int) -> None:
        if minute not in self.known_times:
            self.known_times.add(minute)
            heapq.heappush(self.times, minute)

    def _call(self, minute: int, lot: int, step: int) -> None:
        heapq.heappush(self.arrivals, (minute, lot, step))
        self._at(minute)
        order = self.lots[lot]
        if order.first_step < order.steps and step < order.steps:
            route = self.shop.routes[order.item][step]
            key = order.latest_starts[step] + self.keys[lot]
            if route.centre >= 0 and key <= minute:
                coming = _Coming(minute, key, route.crew, route.centre)
                insort(self.coming_for_centre[route.centre], coming)
                if route.skill >= 0:
                    insort(self.coming_for_skill[route.skill], coming)

    def _arrive(self, now: int, number: int, step: int) -> None:
        lot = self.lots[number]
        steps = self.shop.routes[lot.item]
        if step >= lot.steps or lot.first_step >= lot.steps:
            self._finish_without_steps(now, lot)
            return
        row = steps[step]
        if row.centre < 0:
            if self._keeps_order(now, lot):
                self._start(now, lot, step, 0, 0)
            else:
                self._call(now + 1, number, step)
            return
        key = lot.latest_starts[step] + self.keys[number]
        insort(self.centres[row.centre].queues.setdefault(row.skill, []), (key, number, step))
        self.active.add(row.centre)

    def _finish_without_steps(self, now: int, lot: Lot) -> None:
        """A made item without routing is there a lead time after its release; a work order whose operations
        are all done, as soon as its parts are.
        """
        self._place_on_curve(lot, now)
        grid, work = self.shop.grid, lot.work_order
        released = grid.day(now)
        if now > grid.minute(released):  # released on a day, so the parts must be there at its 00:00
            now = grid.day_starts[grid.day_index(now) + 1]
            released = grid.day(now)
        self.result.released[lot.number] = now
        if lot.steps:
            self._complete(lot, now)
            return
        if work is not None and work.components_issued and work.start is not None:
            released = min(released, work.start)
        done = self.shop.lead_days(lot.item, released, self.shop.items[lot.item].lead_time_days)
        self._complete(lot, max(now, grid.minute(done)))

    def _keeps_order(self, now: int, lot: Lot) -> bool:
        """Whether ``lot`` may begin at ``now``: of an item's orders that begin in one minute, that with the
        smaller id stands first on the learning curve, so it must not come after the other here.
        """
        if self.result.first_unit[lot.number] >= 0:
            return True
        minute, order = self.last_begun.get(lot.item, (-1, ""))
        return minute != now or order <= self._order_id(lot)

    def _order_id(self, lot: Lot) -> str:
        """Enough of the order's id to compare it: planned orders are numbered as they begin."""
        return lot.ref or self.shop.make_prefix

    def _place_on_curve(self, lot: Lot, now: int) -> None:
        if self.result.first_unit[lot.number] < 0:
            self.result.first_unit[lot.number] = self.made[lot.item]
            self.result.released[lot.number] = now
            self.made[lot.item] += lot.quantity
            self.last_begun[lot.item] = (now, self._order_id(lot))

    def _complete(self, lot: Lot, minute: int) -> None:
        if minute >= self.shop.grid.end:
            return  # beyond the days that are planned at all: it never comes
        self.result.done[lot.number] = minute
        for number, step in self.consumers[lot.number]:
            self._resolve(number, step, minute)

    def _resolve(self, number: int, step: int, minute: int) -> None:
        ready = self.ready[number]
        ready[step] = max(ready[step], minute)
        self.pending[number][step] -= 1
        if self.pending[number][step] == 0:
            self._call(ready[step], number, step)

    def _free_people(self, now: int) -> None:
        while self.endings and self.endings[0][0] <= now:
            _, skill, calendar, crew = heapq.heappop(self.endings)
            self.at_work[skill][calendar] -= crew

    def _serve(self, now: int) -> None:
        """Give free stations to the most urgent operations of all centres;
        a skill that fails one fails the less urgent.
        """
        is_open = [calendar.is_open(now) for calendar in self.owner.calendars]
        month = self.shop.grid.month_index(now)
        heads = self._waiting(now, is_open)
        heapq.heapify(heads)
        blocked: set[int] = set()
        while heads:
            first, index, skill = heapq.heappop(heads)
            centre = self.centres[index]
            if skill in blocked or centre.stations[0][0] > now:
                continue
            if not self._keeps_order(now, self.lots[first[1]]):
                self._at(now + 1)
                continue
            if skill >= 0 and not self._people_hold(now, month, centre, skill, first, is_open):
                blocked.add(skill)
                continue
            if first[0] > now and self._should_wait(now, index, skill, first):
                continue
            self._take_station(now, centre, centre.queues[skill].pop(0))
            if centre.queues[skill]:
                heapq.heappush(heads, (centre.queues[skill][0], index, skill))
            elif not any(centre.queues.values()):
                self.active.discard(index)

    def _waiting(self, now: int, is_open: list[bool]) -> list[tuple[tuple[float, int, int], int, int]]:
        """The first operation of every queue whose work centre is open and has a free station."""
        heads: list[tuple[tuple[float, int, int], int, int]] = []
        for index in list(self.active):
            centre = self.centres[index]
            if not is_open[centre.calendar]:
                opening = self.owner.calendars[centre.calendar].next_open(now)
                if opening is not None:
                    self._at(opening)
                continue
            if centre.stations and centre.stations[0][0] <= now:
                heads += [(queue[0], index, skill) for skill, queue in centre.queues.items() if queue]
        return heads

    def _take_station(self, now: int, centre: _Centre, first: tuple[float, int, int]) -> None:
        _, station = heapq.heappop(centre.stations)
        row = self._start(now, self.lots[first[1]], first[2], station, centre.calendar)
        heapq.heappush(centre.stations, (row.free, station))
        self._at(row.free)

    def _should_wait(self, now: int, index: int, skill: int, first: tuple[float, int, int]) -> bool:
        """Whether work that has time would take the last station or people from urgent work that comes
        before its end.
        """
        key, number, step = first
        lot = self.lots[number]
        centre = self.centres[index]
        end = self.owner.calendars[centre.calendar].end_of(now, self._minutes(lot, step)) or now
        route = self.shop.routes[lot.item][step]
        for coming in _between(self.coming_for_centre[index], now, end + route.free_after(lot.quantity)):
            if coming.key < key and sum(1 for free, _ in centre.stations if free <= coming.minute) <= 1:
                self._at(coming.minute)
                return True
        if skill < 0:
            return False
        heads = self.labour.heads[skill]
        for coming in _between(self.coming_for_skill[skill], now, end):
            busy = sum(crew for until, crew in self.running[skill] if until > coming.minute)
            month = min(self.shop.grid.month_index(coming.minute), self.months - 1)
            if coming.key < key and busy + route.crew + coming.crew > heads[month]:
                self._at(coming.minute)
                return True
        return False

    def _people_hold(
        self,
        now: int,
        month: int,
        centre: _Centre,
        skill: int,
        first: tuple[float, int, int],
        is_open: list[bool],
    ) -> bool:
        """Whether the crew is there now, and its minutes in every month that the operation touches."""
        _, number, step = first
        lot = self.lots[number]
        crew = self.shop.routes[lot.item][step].crew
        busy = sum(people for people, opened in zip(self.at_work[skill], is_open, strict=True) if opened)
        if busy + crew > self.labour.heads[skill][min(month, self.months - 1)]:
            self._wait_for(skill, month)
            if month + 1 < self.months:  # hires come on the first: nothing else may happen until then
                self._at(self.shop.grid.month_starts[month + 1])
            return False
        if self._hours_hold(now, lot, step, skill, centre.calendar):
            return True
        self._wait_for(skill, month)
        self._at(now + RETRY)
        return False

    def _wait_for(self, skill: int, month: int) -> None:
        self.result.waits[skill, month] = self.result.waits.get((skill, month), 0) + 1

    def _minutes(self, lot: Lot, step: int) -> int:
        first = self.result.first_unit[lot.number]
        done = self.made[lot.item] if first < 0 else first
        key = (lot.number, step)
        known = self.known_minutes.get(key)
        if known is None or known[0] != done:
            known = (done, self.shop.routes[lot.item][step].attended_minutes(done, lot.quantity))
            self.known_minutes[key] = known
        return known[1]

    def _hours_hold(self, now: int, lot: Lot, step: int, skill: int, calendar: int) -> bool:
        """Whether the crew's minutes fit into what the skill still has in every month that the operation
        touches.
        """
        opened = self.owner.calendars[calendar]
        work = self._minutes(lot, step)
        end = opened.end_of(now, work)
        if end is None:
            return False
        crew = self.shop.routes[lot.item][step].crew
        regular, overtime = self.labour.regular[skill], self.labour.overtime[skill]
        is_urgent = lot.latest_starts[step] + self.keys[lot.number] <= now
        current = self.shop.grid.month_index(now)
        for month, minutes in split_by_month(self.shop, opened, now, end):
            index = min(month, self.months - 1)
            limit = regular[index]
            if is_urgent:
                limit += overtime[index]
            elif month == current:
                limit *= min(1.0, self._month_gone(now, month) + HEAD_START)
            if self.used[skill][month] + crew * minutes > limit + 1e-6:
                return False
        return True

    def _month_gone(self, now: int, month: int) -> float:
        """The share of ``month`` that is over."""
        starts = self.shop.grid.month_starts
        end = starts[month + 1] if month + 1 < len(starts) else starts[month] + 31 * DAY
        return (now - starts[month]) / (end - starts[month])

    def _start(self, now: int, lot: Lot, step: int, station: int, calendar: int) -> Row:
        route = self.shop.routes[lot.item][step]
        work = self._minutes(lot, step)
        self._place_on_curve(lot, now)
        end = now
        if route.centre >= 0:
            opened = self.owner.calendars[calendar]
            end = opened.end_of(now, work) or self.shop.grid.end
            if route.skill >= 0:
                at_work = self.at_work[route.skill]
                at_work[calendar] += route.crew
                busy = sum(
                    crew
                    for crew, each in zip(at_work, self.owner.calendars, strict=True)
                    if each.is_open(now)
                )
                month = self.shop.grid.month_index(now)
                self.result.peaks[route.skill][month] = max(self.result.peaks[route.skill][month], busy)
                heapq.heappush(self.endings, (end, route.skill, calendar, route.crew))
                self.running[route.skill] = [each for each in self.running[route.skill] if each[0] > now]
                self.running[route.skill].append((end, route.crew))
                self._at(end)
                for month, minutes in split_by_month(self.shop, opened, now, end):
                    self.used[route.skill][month] += route.crew * minutes
        free = end + route.free_after(lot.quantity)
        row = Row(lot.number, step, station, now, free if route.centre < 0 else end, free)
        self.result.rows.append(row)
        following = row.free + route.queue_minutes
        if step + 1 < lot.steps:
            self._resolve(lot.number, step + 1, following)
        else:
            self._complete(lot, following)
        return row


def _between(coming: list[_Coming], now: int, end: int) -> list[_Coming]:
    """What comes in ``(now, end)``; what came before is forgotten."""
    gone = bisect_right(coming, now, key=lambda each: each.minute)
    del coming[:gone]
    return coming[: bisect_left(coming, end, key=lambda each: each.minute)]


def split_by_month(shop: Shop, opened: OpenTime, start: int, end: int) -> list[tuple[int, int]]:
    """Open minutes of ``[start, end)`` by month."""
    grid = shop.grid
    first, last = grid.month_index(start), grid.month_index(max(end - 1, start))
    if first == last:
        return [(first, opened.count(end) - opened.count(start))]
    parts = []
    for month in range(first, last + 1):
        begin = max(start, grid.month_starts[month])
        stop = min(end, grid.month_starts[month + 1]) if month + 1 < len(grid.month_starts) else end
        parts.append((month, opened.count(stop) - opened.count(begin)))
    return parts


def buffer_minutes(days: float) -> int:
    """A buffer of calendar days in minutes."""
    return round(days * DAY)
