"""A trial of which lots keep the starts and stations that another plan gave them, as far as that goes."""

import numpy as np

from planning.engine.shopfloor.arrays import COUNT, Ints, Run
from planning.engine.shopfloor.generator import Trial, new_run, read
from planning.engine.shopfloor.schedule import Schedule

ALL_TIME = 10**9  # minutes


class KeptTrial:
    """Kept operations begin no earlier than they did, at their station where that is free, in the order in
    which they began: what is in their way moves them later, and nothing else does.
    """

    def __init__(self, trial: Trial) -> None:
        self.trial, self.plan = trial, trial.plan
        work = self.plan.work
        self.lot_of = work.streams["lot"][work.ops["stream"]]
        self.base = np.full(len(work.ops), -1, np.int64)
        self.wish = np.zeros(len(work.ops), np.int64)
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
        self.is_kept = self.base >= 0
        self.free_ready = self.plan.gated(ALL_TIME)

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
        run.ops["ready"] = np.where(self.is_kept, kept, ready)
        run.ops["latest"] = np.where(self.is_kept, self.base, self.plan.work.ops["latest"]) + shifts
        run.ops["wish"] = self.wish
        generate(run)
        return run

    def pull(self, run: Run, shifts: Ints, lot: int, minutes: int) -> None:
        """Change ``shifts`` so that ``lot`` may be done so much earlier than it was: its last operation, and
        of what comes before that only what would be too late for it.
        """
        starts = np.full(len(self.base), -1, np.int64)
        rows = run.rows[: run.numbers[COUNT]]
        starts[rows["op"]] = rows["start"]
        ready, free = run.ops["ready"], run.ops["free"]
        wanted = [(op, minutes) for op in self.plan.ops_of(self.plan.lots[lot], 10**6)]
        gates: dict[int, int] = {}
        while wanted:
            op, earlier = wanted.pop()
            gate = int(starts[op] if starts[op] >= 0 else ready[op]) - earlier
            if gate >= gates.get(op, gate + 1):
                continue
            gates[op] = gate
            due = self.base[op] if self.is_kept[op] else self.plan.work.ops["latest"][op]
            shifts[op] = min(shifts[op], gate - due, 0)
            number = int(self.lot_of[op])
            source, step = self.plan.lots[number], int(op - run.streams["first"][run.ops["stream"][op]])
            if step > source.first_step and free[op - 1] > gate:
                wanted.append((op - 1, int(free[op - 1]) - gate))
            for peg in source.made_ready:
                made = peg.supply.lot
                if made is not None and max(peg.step, source.first_step) == step:
                    done = int(run.lots["done"][made.number])
                    if done > gate:
                        wanted += [(each, done - gate) for each in self.plan.ops_of(made, 10**6)]

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

    def read(self, run: Run) -> Schedule:
        """The outcome in the engine's own terms."""
        return read(run, self.plan)

    @staticmethod
    def dones(run: Run) -> list[int]:
        """When each lot is done (-1: never)."""
        done: list[int] = np.where(run.lots["left"] == 0, run.lots["done"], -1).tolist()
        return done
