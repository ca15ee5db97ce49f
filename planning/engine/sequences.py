"""Sequence search: the same lots of a small shop scheduled again, single operations in another order.

Priorities of demands (``priorities``) cannot put one operation of a lot before and another behind those of
others, wait for work that has not come yet, or leave a faster station to somebody else. Here an operation
that makes something late goes before one that had its station or its people, which waits for it, or takes
another station. Only lateness is looked at. Cost: a run of the generator for each try.
"""

import random
from dataclasses import dataclass

import numpy as np

from planning.engine.draft import LatePrice, Shipment, late_days, lateness_cost, ship_again
from planning.engine.material import Material
from planning.engine.priorities import owners
from planning.engine.shop import Shop
from planning.engine.shopfloor.arrays import COUNT, Ints, Run
from planning.engine.shopfloor.generator import Trial
from planning.engine.shopfloor.schedule import Schedule
from planning.engine.timegrid import DAY

MOST_OPERATIONS = 60
TRIES = 120
PATIENCE = 40  # tries without success
URGENT = 1_000 * DAY  # by so many minutes what goes first is more urgent than its day says

type Rank = tuple[int, float, float]


@dataclass(frozen=True, slots=True)
class Order:
    """By operation: its latest start, which is its priority; the first minute at which it may begin; the
    station that it takes where that is free (its number from 1 on; 0: any).
    """

    latest: Ints
    gates: Ints
    wish: Ints


@dataclass(frozen=True, slots=True)
class _Try:
    order: Order
    run: Run
    rank: Rank
    shipments: list[list[Shipment]]


class SequenceSearch:
    """Tries other orders of operations for one trial, whose last run it begins with."""

    def __init__(self, shop: Shop, material: Material, trial: Trial, seed: int, price: LatePrice) -> None:
        self.shop, self.material, self.trial, self.price = shop, material, trial, price
        self.random = random.Random(seed)  # noqa: S311 - a search, not a secret
        self.owners = owners(shop, material)

    def run(self, shipments: list[list[Shipment]]) -> list[list[Shipment]]:
        """The trial's last run is the best that was found; what it delivers when."""
        first = self.trial.first
        assert first is not None  # noqa: S101 - the caller ran it first
        nothing = np.zeros(len(first.ops), np.int64)
        order = Order(first.ops["latest"].copy(), nothing, nothing)
        best = _Try(order, first, self._rank(first, shipments), shipments)
        here, failures = best, 0
        for _ in range(TRIES if first.numbers[COUNT] else 0):
            if not best.rank[1] or failures >= PATIENCE:
                break
            failures += 1
            changed = self._change(here)
            if changed is None:
                continue
            found = self._try(changed, here)
            if found is None:
                continue
            if found.rank <= here.rank or (found.rank[0] <= here.rank[0] and self.random.random() < 0.03):
                here = found
            if found.rank < best.rank:
                best, failures = found, 0
        if best.run is not first:  # a first minute that was only tried is no reason to wait
            ready, gates = best.run.ops["ready"], best.order.gates
            best.run.ops["ready"] = np.where(gates > 0, np.minimum(ready, first.ops["ready"]), ready)
        self.trial.first = best.run
        return best.shipments

    def _try(self, order: Order, before: _Try) -> _Try | None:
        run = self.trial.ordered(order.latest, order.gates, order.wish)
        schedule = Schedule(done=self.trial.dones_of(run))
        if min(schedule.done, default=0) < 0:
            return None
        shipments = ship_again(self.shop, schedule, before.shipments)
        return _Try(order, run, self._rank(run, shipments), shipments)

    def _rank(self, run: Run, shipments: list[list[Shipment]]) -> Rank:
        """Pins that are missed, lateness in money, and, of equals, in the minutes of what is late."""
        rows, pins = run.rows[: run.numbers[COUNT]], run.ops["pin"]
        missed = int((pins >= 0).sum() - (rows["start"] == pins[rows["op"]]).sum())
        minutes = 0.0
        for demand, rows in zip(self.shop.demands, shipments, strict=True):
            ready = max((row.ready for row in rows), default=0)
            minutes += demand.cost_per_day * max(0, ready - demand.due_minute - DAY)
        return missed, round(lateness_cost(self.shop, shipments, self.price), 6), minutes

    def _change(self, here: _Try) -> Order | None:
        """One operation before another that had what it waited for, on another station, or as it was."""
        rows = here.run.rows[: here.run.numbers[COUNT]]
        ops = rows["op"].tolist()
        chosen = self._late_rows(here, ops)
        at = self.random.choice(chosen) if chosen and self.random.random() < 0.8 else self._any(ops)
        kind = self.random.random()
        if kind < 0.65:
            return self._before(here, ops, at)
        if kind < 0.85:
            return self._elsewhere(here, ops[at])
        order = Order(here.order.latest.copy(), here.order.gates.copy(), here.order.wish.copy())
        order.gates[ops[at]] = order.wish[ops[at]] = 0
        return order

    def _any(self, ops: list[int]) -> int:
        return self.random.randrange(len(ops))

    def _late_rows(self, here: _Try, ops: list[int]) -> list[int]:
        """Rows of the lots that are made for late demands."""
        late = {index for index, rows in enumerate(here.shipments) if late_days(self.shop, index, rows) != 0}
        lots = here.run.streams["lot"][here.run.ops["stream"]].tolist()
        return [at for at, op in enumerate(ops) if self.owners[lots[op]] in late]

    def _before(self, here: _Try, ops: list[int], at: int) -> Order | None:
        """What row ``at`` does goes before one that began no later, on a station or with people that it may
        take; that one waits until it comes.
        """
        run, op = here.run, ops[at]
        mine = self._needs(run, op)
        others = [each for each in range(at) if mine & self._needs(run, ops[each])]
        if not others:
            return None
        other = ops[self.random.choice(others[-4:])]
        order = Order(here.order.latest.copy(), here.order.gates.copy(), here.order.wish.copy())
        with_it: Ints = np.array([op], np.int64)
        if self.random.random() < 0.5:  # its whole lot goes first
            stream = run.ops["stream"]
            with_it = np.flatnonzero(run.streams["lot"][stream] == run.streams["lot"][stream[op]])
        order.latest[with_it] = min(int(order.latest[op]), int(order.latest[other]) - 1, -URGENT)
        order.gates[with_it] = 0
        order.latest[other] = max(order.latest[other], order.latest[op] + 1)
        order.gates[other] = max(int(run.ops["ready"][op]), 0) + (self.random.random() < 0.5)
        return order

    @staticmethod
    def _needs(run: Run, op: int) -> set[int]:
        """Work centres, and -1 less the skill, that an operation may take."""
        step = run.steps[run.ops["step"][op]]
        found = set(run.options["centre"][step["first"] : step["end"]].tolist())
        return found | {-1 - int(step["skill"])} if step["skill"] >= 0 else found

    def _elsewhere(self, here: _Try, op: int) -> Order | None:
        """An operation on another station, from when that is free on."""
        run = here.run
        step = run.steps[run.ops["step"][op]]
        stations = [
            station + 1
            for centre in run.options["centre"][step["first"] : step["end"]].tolist()
            for station in range(int(run.centres["first"][centre]), int(run.centres["end"][centre]))
        ]
        if len(stations) < 2:
            return None
        order = Order(here.order.latest.copy(), here.order.gates.copy(), here.order.wish.copy())
        wish = self.random.choice(stations)
        order.wish[op], order.gates[op] = wish, 0
        if self.random.random() < 0.7:  # behind what is there now
            order.gates[op] = self._free_at(run, wish, op)
        return order

    def _free_at(self, run: Run, wish: int, op: int) -> int:
        """When a station is open and free of what begins there before ``op`` is ready."""
        rows = run.rows[: run.numbers[COUNT]]
        inside = rows[rows["option"] >= 0]
        first = run.centres["first"][run.options["centre"][inside["option"]]]
        there = inside[(first + inside["station"] == wish) & (inside["op"] != op)]
        ready = int(run.ops["ready"][op])
        frees = there["free"][there["start"] <= ready]
        centre = int(np.searchsorted(run.centres["first"], wish - 1, side="right")) - 1
        opened = self.shop.station_time(centre, wish - int(run.centres["first"][centre]))
        return opened.next_open(max(ready, int(frees.max()) if len(frees) else 0)) or 0
