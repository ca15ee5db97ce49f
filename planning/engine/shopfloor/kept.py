"""A trial of which lots keep the starts and stations that another plan gave them, as far as that goes."""

from collections.abc import Iterator
from heapq import heappop, heappush

import numpy as np

from planning.engine.shopfloor.arrays import COUNT, Bools, Ints, Run
from planning.engine.shopfloor.generator import FAMILY_DAYS, Trial, new_run, read
from planning.engine.shopfloor.schedule import Schedule
from planning.engine.timegrid import DAY

ALL_TIME = 10**9  # minutes


class KeptTrial:
    """Kept operations begin no earlier than they did, at their station where that is free, in the order in
    which they began: what is in their way moves them later, and nothing else does. A pin is more than a base:
    what is pinned, and what must be over before a pin that is earlier than the base, is not held; with
    ``holds_all`` it is where the base missed the pin.
    """

    def __init__(self, trial: Trial, *, holds_all: bool = False) -> None:
        self.trial, self.plan = trial, trial.plan
        work = self.plan.work
        self.lot_of = work.streams["lot"][work.ops["stream"]]
        self.base = np.full(len(work.ops), -1, np.int64)
        self.wish = np.zeros(len(work.ops), np.int64)
        instant = []
        for lot in self.plan.lots:
            if lot.kept is None:
                continue
            if not lot.steps:
                self.base[self.plan.ops_of(lot, 0)[0]] = lot.kept.release
            for step, parts in lot.kept.steps.items():
                if lot.first_step <= step < lot.steps:
                    ops = self.plan.ops_of(lot, step)
                    for place, op in enumerate(ops):
                        part = parts[min(place, len(parts) - 1)]
                        self.base[op] = part.start
                        if part.centre >= 0:
                            first = self.plan.floor.centres["first"][part.centre]
                            self.wish[op] = first + part.station
                            instant += [op] if part.is_instant else []
        self.is_kept = (self.base >= 0) & (work.ops["pin"] < 0)
        missed = (self.base >= 0) & (self.base > work.ops["pin"])
        self.is_held = missed if holds_all else self.is_kept & ~self._before_pins()
        self.latest = np.where(self.is_held, self.base, work.ops["latest"])
        self._by_name(instant)
        self.free_ready = self.plan.gated(ALL_TIME)

    def _before_pins(self) -> Bools:
        """By operation: does it come before one of its lot that is pinned earlier than its base."""
        pins, found = self.plan.work.ops["pin"], np.zeros(len(self.base), np.bool_)
        for op in np.flatnonzero((pins >= 0) & (self.base > pins)):
            found[self.plan.work.streams["first"][self.plan.work.ops["stream"][op]] : op] = True
        return found

    def _by_name(self, instant: list[int]) -> None:
        """Of an item's orders that begin in one minute the one with the smaller id goes first; before all
        that do, whatever stations are set up for, what is over in that minute, which leaves station and
        people to others.
        """
        together: dict[tuple[int, int], list[tuple[str, int]]] = {}
        for lot in self.plan.lots:
            op = self.plan.ops_of(lot, lot.first_step)[0]
            if lot.name is not None and self.is_held[op]:
                together.setdefault((lot.item, int(self.base[op])), []).append((lot.name, op))
        for rows in together.values():
            for place, (_, op) in enumerate(sorted(rows, reverse=True)):
                self.latest[op] -= place
        first = np.array(instant, np.int64)
        most = max(map(len, together.values()), default=1)
        self.latest[first[self.is_held[first]]] -= FAMILY_DAYS * DAY + most

    def run(self, shifts: Ints) -> Run:
        """``shifts`` of operations: minutes by which one is less urgent; below 0, it may also begin so much
        earlier.
        """
        from planning.engine.shopfloor.loops.generate import generate

        earlier = np.minimum(shifts, 0)
        by_lot = np.zeros(len(self.plan.lots), np.int64)
        np.minimum.at(by_lot, self.lot_of, earlier)
        ready = self.plan.gated(self.trial.buffer, by_lot)
        kept = np.maximum(self.free_ready, self.base + earlier)
        run = new_run(self.plan.floor, self.plan.work, self.trial.people)
        run.ops["ready"] = np.where(self.is_held, kept, ready)
        run.ops["latest"] = self.latest + shifts
        run.ops["wish"] = self.wish
        generate(run)
        return run

    def pull(self, run: Run, shifts: Ints, lot: int, minutes: int) -> None:
        """Change ``shifts`` so that ``lot`` may be done so much earlier than it was: its last operation, and
        of what comes before that, in its lot, for it or on its station, only what would be in its way.
        """
        rows = run.rows[: run.numbers[COUNT]]
        row_of = dict(zip(rows["op"].tolist(), range(len(rows)), strict=True))
        before = _before_on_station(run)
        starts, frees = rows["start"].tolist(), run.ops["free"].tolist()
        limits = {op: frees[op] - minutes for op in self._last(lot) if op in row_of}
        waiting = [(-starts[row_of[op]], op) for op in limits]
        gates: dict[int, int] = {}
        while waiting:  # the last one first: most are looked at once
            _, op = heappop(waiting)
            if frees[op] <= limits[op]:
                continue
            gate = self._start_for(run, row_of[op], limits[op])
            if gate >= gates.get(op, gate + 1) or gate < self.free_ready[op]:
                continue
            gates[op] = gate
            shifts[op] = min(shifts[op], gate - self.latest[op], 0)
            for other, limit in self._ahead(run, before, op, gate):
                if other in row_of and limit < limits.get(other, limit + 1):
                    limits[other] = limit
                    heappush(waiting, (-starts[row_of[other]], other))

    def _ahead(self, run: Run, before: dict[int, int], op: int, gate: int) -> Iterator[tuple[int, int]]:
        """What must be free, and by when, for an operation to begin at ``gate``."""
        if op in before:
            yield before[op], gate
        source = self.plan.lots[int(self.lot_of[op])]
        step = int(op - run.streams["first"][run.ops["stream"][op]])
        if step > source.first_step:
            yield op - 1, gate - int(run.steps["queue"][run.ops["step"][op - 1]])
        for peg in source.made_ready:
            made = peg.supply.lot
            if made is not None and max(peg.step, source.first_step) == step:
                done = int(run.lots["done"][made.number])
                for each in self._last(made.number):
                    yield each, gate - done + int(run.ops["free"][each])

    def _last(self, lot: int) -> range:
        """The last operations of a lot."""
        each = self.plan.lots[lot]
        return self.plan.ops_of(each, max(each.steps - 1, 0))

    def _start_for(self, run: Run, at: int, limit: int) -> int:
        """When row ``at`` must begin for its station to be free by ``limit``."""
        row = run.rows[at]
        start, end = int(row["start"]), limit - int(row["free"] - row["end"])
        if row["option"] < 0:
            return start + limit - int(row["free"])
        centre = int(run.options["centre"][row["option"]])
        step = self.plan.plan.steps[int(run.ops["step"][row["op"]])]
        opened = self.plan.shop.work_time(centre, int(row["station"]), step)
        return opened.start_for(end, opened.count(int(row["end"])) - opened.count(start))

    def moved(self, run: Run) -> Ints:
        """Kept operations that begin at another moment or station, in their own numbers."""
        rows = run.rows[: run.numbers[COUNT]]
        ops = rows["op"]
        inside = rows["option"] >= 0
        stations = np.zeros(len(rows), np.int64)
        centres = run.options["centre"][rows["option"][inside]]
        stations[inside] = run.centres["first"][centres] + rows["station"][inside]
        stays = np.zeros(len(self.base), np.bool_)
        stays[ops] = (rows["start"] == self.base[ops]) & (stations == self.wish[ops])
        return np.flatnonzero(self.is_kept & ~stays & (self.plan.work.ops["step"] >= 0))

    def missed_pins(self, run: Run) -> int:
        """Pinned operations that begin at another minute."""
        rows = run.rows[: run.numbers[COUNT]]
        pins = self.plan.work.ops["pin"]
        return int((pins >= 0).sum() - (rows["start"] == pins[rows["op"]]).sum())

    def read(self, run: Run) -> Schedule:
        """The outcome in the engine's own terms."""
        return read(run, self.plan)

    @staticmethod
    def dones(run: Run) -> list[int]:
        """When each lot is done (-1: never)."""
        done: list[int] = np.where(run.lots["left"] == 0, run.lots["done"], -1).tolist()
        return done


def _before_on_station(run: Run) -> dict[int, int]:
    """By operation: the one before it on its station."""
    found, last = dict[int, int](), dict[int, int]()
    rows = run.rows[: run.numbers[COUNT]]
    inside = rows["option"] >= 0
    first = run.centres["first"][run.options["centre"][rows["option"][inside]]]
    for op, station in zip(
        rows["op"][inside].tolist(), (first + rows["station"][inside]).tolist(), strict=True
    ):
        if station in last:
            found[op] = last[station]
        last[station] = op
    return found
