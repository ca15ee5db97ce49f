"""The least lateness of tiny shops with all that an operation can be, since every order of starts is tried.

The reference knows the format alone: stations, alternates with speeds, setup families, crews of a skill with
absences, calendars with closures and nights when the clocks change, batches, unattended, queue, external and
overlapping time, parts at the operation that takes them, and lots of any size that adds up to an order.

Every sequence of operations in order of start is laid out on every station that they may take, each as early
as what stands allows and no earlier than the one before it. Among these is a best one: in any plan, taken in
order of start, each operation can be moved to its place here without any later one losing its own, since what
is at work, taken or still waited for at any minute becomes only less.

Not covered: learning, hours of a month (people have plenty), pins, and rows of a lot that are split at one
operation and not at another. Cost: exponential; up to about eight operations.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from planning.engine.factory import Factory, OperationRow

DAY = 1_440
DAYS = 90
NEVER = 10**9


@dataclass(frozen=True, slots=True)
class Task:
    """One operation of one lot. ``before``: the task whose station and queue must be over; ``parts``: tasks
    whose items it takes; ``gate``: the minute at which its bought parts are there.
    """

    item: str
    step: OperationRow
    quantity: int
    before: int | None
    parts: tuple[int, ...]
    gate: int


@dataclass(frozen=True, slots=True)
class Placed:
    """When a task starts, ends, and is free; from when on what follows may start; on which station (1, 2,
    ...) of which work centre.
    """

    start: int
    end: int
    free: int
    ready: int
    centre: str | None = None
    station: int | None = None


class Clock:
    """Open minutes of each calendar, one by one, and days of the factory's time zone."""

    def __init__(self, factory: Factory) -> None:
        zone = ZoneInfo(factory.time_zone)
        self.days = [factory.as_of + timedelta(days=day) for day in range(DAYS)]
        origin = datetime.combine(factory.as_of, time(), zone).astimezone(UTC)

        def minute(day: date, clock: str) -> int:
            moment = datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
            return round((moment - origin).total_seconds() / 60)

        self.midnights = [minute(day, "00:00") for day in self.days]
        self.open: dict[str, list[int]] = {}
        for row in factory.calendars:
            found = set[int]()
            for day in [factory.as_of - timedelta(days=1), *self.days[:-1]]:
                is_closed = any(each.from_ <= day < each.to for each in row.closures)
                shifts = [(s.start, s.end) for s in row.shifts if day.weekday() in s.days and not is_closed]
                shifts += [(x.start, x.end) for x in row.extra_shifts if x.date == day]
                for start, end in shifts:
                    last = day + timedelta(days=1) if end <= start else day
                    found.update(range(max(0, minute(day, start)), max(0, minute(last, end))))
            self.open[row.code] = sorted(found)

        edges = set(self.midnights)
        for row in self.open.values():
            edges |= {after for before, after in pairwise(row) if after - before > 1}
            edges |= {before + 1 for before, after in pairwise(row) if after - before > 1}
        self.edges = sorted(edges | {row[0] for row in self.open.values() if row})

    def next_edge(self, minute: int) -> int:
        """The first minute after ``minute`` at which a day begins or a calendar opens or closes."""
        at = bisect_right(self.edges, minute)
        return self.edges[at] if at < len(self.edges) else NEVER

    def start_for(self, calendar: str, end: int, minutes: int) -> int:
        """The first start from which ``minutes`` of work end at ``end`` or later."""
        row = self.open[calendar]
        return row[max(0, bisect_left(row, end - 1) - minutes + 1)] if minutes else end

    def next_open(self, calendar: str, minute: int) -> int:
        row = self.open[calendar]
        at = bisect_left(row, minute)
        return row[at] if at < len(row) else NEVER

    def end_of(self, calendar: str, start: int, minutes: int) -> int:
        if minutes == 0:
            return start
        row = self.open[calendar]
        at = bisect_left(row, start) + minutes - 1
        return row[at] + 1 if at < len(row) else NEVER

    def is_open(self, calendar: str, minute: int) -> bool:
        return self.next_open(calendar, minute) == minute

    def worked(self, calendar: str, start: int, end: int) -> int:
        row = self.open[calendar]
        return bisect_left(row, end) - bisect_left(row, start)

    def day(self, minute: int) -> int:
        """The day, counted from the planning date, that ``minute`` belongs to."""
        return bisect_right(self.midnights, minute) - 1


@dataclass(frozen=True, slots=True)
class Best:
    """The lateness cost of a best plan, and its operations; the operations of a lot stand together."""

    lateness: float
    operations: list[tuple[Task, Placed]]


def best_plan(factory: Factory) -> Best:
    """A best plan of ``factory``, each of whose orders is for another item."""
    found = [_Search(factory, lots).best() for lots in _lot_sizes(factory)]
    return min(found, key=lambda each: each.lateness)


def _lot_sizes(factory: Factory) -> Iterator[dict[str, tuple[int, ...]]]:
    """Every way to cut each item's quantity into lots."""
    wanted = {line.item: int(line.qty) for order in factory.sales_orders for line in order.lines}
    for row in factory.bom:
        if any(item.code == row.component and item.kind == "make" for item in factory.items):
            wanted[row.component] = wanted.get(row.component, 0) + int(row.qty) * wanted[row.parent]
    found: list[dict[str, tuple[int, ...]]] = [{}]
    for item, quantity in wanted.items():
        found = [known | {item: cut} for known in found for cut in _cuts(quantity, quantity)]
    yield from found


def _cuts(quantity: int, most: int) -> Iterator[tuple[int, ...]]:
    if quantity == 0:
        yield ()
    for first in range(min(quantity, most), 0, -1):
        for rest in _cuts(quantity - first, first):
            yield (first, *rest)


class _Search:
    def __init__(self, factory: Factory, lots: dict[str, tuple[int, ...]]) -> None:
        self.factory, self.clock = factory, Clock(factory)
        self.centres = {row.code: row for row in factory.work_centres}
        self.first_station: dict[str, int] = {}
        self.stations = list[str]()
        for row in factory.work_centres:
            self.first_station[row.code] = len(self.stations)
            self.stations += [row.code] * row.stations
        self.changes = {
            (row.work_centre, row.from_family, row.to_family): float(row.hours) for row in factory.setup_times
        }
        self.heads = {row.code: int(row.headcount) for row in factory.skills}
        self.tasks, self.last = list[Task](), dict[str, list[int]]()
        for item in _components_first(factory, lots):
            self.last[item] = [self._chain(item, quantity) for quantity in lots[item]]
        self.dues = [
            (
                line.item,
                (line.due - factory.as_of).days if line.due else 0,
                float(line.late_cost_per_day or 0),
                float(line.late_cost_fixed or 0),
            )
            for order in factory.sales_orders
            for line in order.lines
        ]
        self.least, self.found = float("inf"), list[Placed]()

    def _chain(self, item: str, quantity: int) -> int:
        """The operations of one lot; the last one's number."""
        steps = sorted(self.factory.routings[item], key=lambda row: row.seq)
        before: int | None = None
        for step in steps:
            parts, gate = list[int](), 0
            for row in self.factory.bom:
                if row.parent == item and (row.operation or steps[0].seq) == step.seq:
                    parts += self.last.get(row.component, [])
                    gate = max(gate, self._bought(row.component))
            self.tasks.append(Task(item, step, quantity, before, tuple(parts), gate))
            before = len(self.tasks) - 1
        assert before is not None
        return before

    def _bought(self, item: str) -> int:
        row = next(each for each in self.factory.items if each.code == item)
        return self.clock.midnights[row.lead_time_days] if row.kind == "buy" else 0

    def best(self) -> Best:
        none: tuple[Placed | None, ...] = (None,) * len(self.tasks)
        taken = ((0, None),) * len(self.stations)
        self._go_on(none, taken, 0)
        return Best(self.least, list(zip(self.tasks, self.found, strict=True)))

    def _go_on(self, placed: tuple[Placed | None, ...], taken: Any, now: int) -> None:
        certain = self._lateness(placed, now)
        if certain >= self.least:
            return
        waiting = [number for number, each in enumerate(placed) if each is None]
        if not waiting:
            self.least, self.found = certain, [each for each in placed if each is not None]
            return
        found = []
        for number in waiting:
            task = self.tasks[number]
            inputs = [*task.parts, *([] if task.before is None else [task.before])]
            if all(placed[each] is not None for each in inputs):
                found += list(self._ways(number, placed, taken, now))
        for each, number, station in sorted(found, key=lambda row: (row[0].start, row[0].free)):
            after = (*placed[:number], each, *placed[number + 1 :])
            there = taken
            if station is not None:
                row = (each.free, self.tasks[number].step.setup_family)
                there = (*taken[:station], row, *taken[station + 1 :])
            self._go_on(after, there, each.start)

    def _lateness(self, placed: tuple[Placed | None, ...], now: int) -> float:
        """What is certain of it: what waits comes as early as its own work allows on its fastest station."""
        ready, free = list[int](), list[int]()
        for task, each in zip(self.tasks, placed, strict=True):
            if each is not None:
                ready.append(each.ready)
                free.append(each.free)
                continue
            begin = max([now, task.gate, *(free[part] + self._queue(part) for part in task.parts)])
            over = 0
            if task.before is not None:
                begin = max(begin, ready[task.before])
                over = free[task.before] if self.tasks[task.before].step.overlap else 0
            free.append(max(begin + self._least_minutes(task), over))
            ready.append(begin if task.step.overlap else free[-1] + _minutes(task.step.queue_h))
        total = 0.0
        for item, due, daily, once in self.dues:
            end = max(free[number] + self._queue(number) for number in self.last[item])
            days = self.clock.day(max(end - 1, 0)) - due  # what is over at 24:00 is there on that day
            total += once + daily * days if days > 0 else 0.0
        return total

    def _queue(self, number: int) -> int:
        return _minutes(self.tasks[number].step.queue_h)

    def _least_minutes(self, task: Task) -> int:
        step = task.step
        if step.work_centre is None:
            return (step.external_days or 0) * DAY
        return min(
            _minutes(float(step.run_h) * task.quantity / (float(self.centres[code].efficiency) * speed))
            + self._held(task, code)
            for code, speed in _options(step)
        )

    def _held(self, task: Task, code: str) -> int:
        cycles = ceil(task.quantity / float(self.centres[code].batch))
        return _minutes(cycles * float(task.step.unattended_h))

    def _ways(
        self, number: int, placed: tuple[Placed | None, ...], taken: Any, now: int
    ) -> Iterator[tuple[Placed, int, int | None]]:
        task = self.tasks[number]
        earliest = max(now, task.gate)
        for part in task.parts:
            there = placed[part]
            assert there is not None
            earliest = max(earliest, there.free + _minutes(self.tasks[part].step.queue_h))
        before = None if task.before is None else placed[task.before]
        over = 0
        if before is not None and task.before is not None:
            earliest = max(earliest, before.ready)
            over = before.free if self.tasks[task.before].step.overlap else 0
        step = task.step
        if step.work_centre is None:
            length = (step.external_days or 0) * DAY
            start = max(earliest, over - length)
            free = start + length
            yield Placed(start, free, free, free + _minutes(step.queue_h)), number, None
            return
        for code, speed in _options(step):
            seen = set[Any]()
            first = self.first_station[code]
            for station in range(first, first + self.centres[code].stations):
                if taken[station] not in seen:
                    seen.add(taken[station])
                    each = self._place(task, code, speed, taken[station], earliest, over, placed)
                    if each.free < NEVER:
                        yield replace(each, centre=code, station=station - first + 1), number, station

    def _place(
        self,
        task: Task,
        code: str,
        speed: float,
        taken: tuple[int, str | None],
        earliest: int,
        over: int,
        placed: tuple[Placed | None, ...],
    ) -> Placed:
        """The task as early as it can be on a station that is free, and set up for a family, as ``taken``."""
        step, centre = task.step, self.centres[code]
        free, family = taken
        rate = float(centre.efficiency) * speed
        setup = float(step.setup_h)
        if step.setup_family is not None and family is not None:
            setup = 0.0 if family == step.setup_family else setup
            setup = self.changes.get((code, family, step.setup_family), setup)
        minutes = _minutes((setup + float(step.run_h) * task.quantity) / rate)
        held = self._held(task, code)
        earliest = max(earliest, free, self.clock.start_for(centre.calendar, over - held, minutes))
        start = self.clock.next_open(centre.calendar, earliest)
        while start < NEVER and not self._has_people(step, start, placed):
            ends = [each.end for each in placed if each is not None and each.end > start]
            start = self.clock.next_open(centre.calendar, min([self.clock.next_edge(start), *ends]))
        end = self.clock.end_of(centre.calendar, start, minutes)
        return Placed(
            start,
            end,
            end + held,
            self._hands_over(task, code, start, end, end + held, setup / rate) + _minutes(step.queue_h),
        )

    def _has_people(self, step: OperationRow, start: int, placed: tuple[Placed | None, ...]) -> bool:
        if step.skill is None:
            return True
        day = self.clock.days[self.clock.day(start)]
        away = [row for row in self.factory.absences if row.skill == step.skill and row.from_ <= day < row.to]
        busy = step.crew
        for task, each in zip(self.tasks, placed, strict=True):
            if each is not None and task.step.skill == step.skill and each.start <= start < each.end:
                calendar = self.centres[each.centre or ""].calendar
                busy += task.step.crew * self.clock.is_open(calendar, start)
        return busy <= self.heads[step.skill] - ceil(sum(float(row.heads) for row in away))

    def _hands_over(self, task: Task, code: str, start: int, end: int, free: int, setup: float) -> int:
        """When the first unit is done, where the next operation need not wait for the last."""
        step, calendar = task.step, self.centres[code].calendar
        if not step.overlap or task.quantity <= 1:
            return free
        if step.unattended_h > 0:
            return min(free, end + _minutes(step.unattended_h))
        attended = self.clock.worked(calendar, start, end)
        prepared = min(attended, _minutes(setup))
        return self.clock.end_of(calendar, start, prepared + ceil((attended - prepared) / task.quantity))


def _components_first(factory: Factory, lots: dict[str, tuple[int, ...]]) -> list[str]:
    parents = {row.component for row in factory.bom}
    return sorted(lots, key=lambda item: (item not in parents, item))


def _options(step: OperationRow) -> list[tuple[str, float]]:
    """Work centres that an operation may be done on, with their speeds."""
    own = [(step.work_centre, 1.0)] if step.work_centre is not None else []
    return own + [(row.work_centre, float(row.speed)) for row in step.alternates]


def _minutes(hours: Any) -> int:
    return max(0, ceil(float(hours) * 60 - 1e-6))
