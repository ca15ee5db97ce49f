"""List search: the same lots scheduled again with other priorities, late demands earlier, others later.

A demand's priority moves the latest starts of the lots that it needs most urgently. Only lateness is looked
at, which a run of the generator tells without a plan. Cost: a run for each try.
"""

import random

import numpy as np

from planning.engine.draft import AS_PRICED, LatePrice, late_days, lateness_cost, ship
from planning.engine.material import Material
from planning.engine.shop import Shop
from planning.engine.shopfloor.generator import Trial
from planning.engine.shopfloor.schedule import Schedule
from planning.engine.timegrid import DAY

MOST_TRIES = 80
PATIENCE = 16  # tries without success
MOST_STEPS = 400_000  # operations in all tries
# A try moves a delivery or two: what is, after so many operations in tries, still so many times as late as
# would do has many that are late, and tries do not bring it down.
FAR = 20.0
SOUNDING_STEPS = 25_000


def owners(shop: Shop, material: Material) -> list[int]:
    """By lot: the demand that it is made for, the earliest of several; -1: none."""
    found = [-1] * len(material.lots)

    def claim(lot: int, demand: int) -> None:
        known = found[lot]
        if known < 0 or shop.demands[demand].due_minute < shop.demands[known].due_minute:
            found[lot] = demand

    for index, pegs in enumerate(material.served):
        for peg in pegs:
            if peg.supply.lot is not None:
                claim(peg.supply.lot.number, index)
    # A lot's users are netted before it is cut, so pegs stand in order of level.
    for peg in material.pegs:
        if peg.lot is not None and peg.supply.lot is not None and found[peg.lot.number] >= 0:
            claim(peg.supply.lot.number, found[peg.lot.number])
    return found


class ListSearch:
    """Tries priorities for one trial; ``shifts`` are minutes by demand, below 0 earlier."""

    def __init__(
        self, shop: Shop, material: Material, trial: Trial, seed: int, price: LatePrice = AS_PRICED
    ) -> None:
        self.shop, self.material, self.trial, self.price = shop, material, trial, price
        self.random = random.Random(seed)  # noqa: S311 - a search, not a secret
        self.owners = np.array(owners(shop, material), np.int64)

    def run(
        self,
        shifts: tuple[int, ...],
        late: float,
        days: list[int | None],
        most_late: float = float("inf"),
    ) -> tuple[tuple[int, ...], float]:
        """The best shifts found, and their lateness. Only what comes down to ``most_late`` is of use: far
        from it the search ends soon.
        """
        each = max(1, len(self.trial.plan.work.ops))
        tries, sounding = min(MOST_TRIES, MOST_STEPS // each), SOUNDING_STEPS // each
        failures = 0
        while tries > 0 and late > 0 and failures < PATIENCE:
            if sounding <= 0 and late > FAR * most_late:
                break
            tries, failures, sounding = tries - 1, failures + 1, sounding - 1
            changed = self._change(list(shifts), days)
            schedule = Schedule(done=self.trial.done(self.by_lot(changed)).tolist())
            shipments = ship(self.shop, self.material, schedule, self.price)
            cost = lateness_cost(self.shop, shipments, self.price)
            if cost <= late:
                failures = failures if cost == late else 0
                shifts, late = changed, cost
                days = [late_days(self.shop, index, rows) for index, rows in enumerate(shipments)]
        return shifts, late

    def by_lot(self, shifts: tuple[int, ...]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
        """Shifts of lots: those of the demands that they are made for."""
        return np.where(self.owners >= 0, np.append(shifts, 0)[self.owners], 0)

    def _change(self, shifts: list[int], days: list[int | None]) -> tuple[int, ...]:
        """One late demand earlier, or any one later, or two that change places."""
        late = [index for index, each in enumerate(days) if each != 0]
        chosen = self.random.choice(late)
        kind = self.random.random()
        if kind < 0.5:
            shifts[chosen] -= ((days[chosen] or 1) + self.random.randint(0, 5)) * DAY
        elif kind < 0.7:  # it is late anyway: let others go first
            shifts[chosen] += self.random.randint(1, 20) * DAY
        else:
            other = self.random.randrange(len(shifts))
            shifts[other] += self.random.choice((-1, 1, 1)) * self.random.randint(1, 10) * DAY
        return tuple(shifts)
