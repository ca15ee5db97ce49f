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
        """``shifts[lot]``: minutes by which it is less urgent; below 0, it may also begin so much earlier."""
        from planning.engine.shopfloor.loops.generate import generate

        earlier, by_op = np.minimum(shifts, 0), shifts[self.lot_of]
        ready = self.plan.gated(self.trial.buffer, earlier)
        kept = np.maximum(self.free_ready, self.base + np.minimum(by_op, 0))
        run = new_run(self.plan.floor, self.plan.work, self.trial.people)
        run.ops["ready"] = np.where(self.is_kept, kept, ready)
        run.ops["latest"] = np.where(self.is_kept, self.base, self.plan.work.ops["latest"]) + by_op
        run.ops["wish"] = self.wish
        generate(run)
        return run

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
