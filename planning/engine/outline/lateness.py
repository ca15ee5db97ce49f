"""What a schedule of an outline makes late, in money."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np

from planning.engine.draft import LatePrice, never_late_days
from planning.engine.outline.netted import Netted, Pegs
from planning.engine.shop import Shop
from planning.engine.shopfloor.arrays import Ints
from planning.engine.shopfloor.deliveries import FAR, LOOKS, Wanted, serving_order

TYPICAL_DAYS = 30  # over so many days what a late delivery costs once is spread where units lack


class Late(NamedTuple):
    """``days`` by demand, what never comes until long after the horizon; ``gap``: what it costs that units
    lack while they are due, for each unit and day at the mean price of the item's demands.
    """

    days: Ints
    gap: float


class Lateness:
    """For one shop and price; the same sum as ``ship`` and ``lateness_cost`` give."""

    def __init__(self, shop: Shop, price: LatePrice) -> None:
        self.shop, self.price = shop, price
        self.by_item: dict[int, list[int]] = defaultdict(list)
        for index, demand in enumerate(shop.demands):
            self.by_item[demand.item].append(index)
        self.due = np.array([shop.grid.day_index(each.due_minute) for each in shop.demands], np.int64)
        self.never = np.array([never_late_days(shop, index) for index in range(len(shop.demands))], np.int64)
        self.daily = price.times * np.array([each.cost_per_day for each in shop.demands])
        self.once = price.times * np.array([each.cost_fixed for each in shop.demands]) + price.each
        self.quantity = np.array([each.quantity for each in shop.demands], np.int64)
        self.starts = np.array(shop.grid.day_starts, np.int64)

    def of(self, netted: Netted, done: Ints, looks: int = LOOKS, until: int | None = None) -> Late:
        """``done`` by lot (-1: never), ``looks`` at who waits. With ``until`` of what is due by that minute
        alone: nothing else was netted, or counts.
        """
        late, gap = self.never.copy(), 0.0
        is_inside = np.array([until is None or each.due_minute <= until for each in self.shop.demands])
        late[~is_inside] = 0
        for pegs in netted.pegs:
            if (pegs.demand >= 0).any():
                indices = np.array(self.by_item[pegs.item], np.int64)
                indices = indices[is_inside[indices]]
                late[indices], lacks = self._of_item(indices, pegs, done, looks)
                gap += lacks
        return Late(late, gap)

    def cost(self, late: Ints) -> float:
        """In money; ``late`` are days by demand."""
        is_late = late > 0
        return float((late * self.daily + self.once)[is_late].sum())

    def _of_item(self, indices: Ints, pegs: Pegs, done: Ints, looks: int) -> tuple[Ints, float]:
        mine = pegs.demand >= 0
        demand, lot, quantity = pegs.demand[mine], pegs.lot[mine], pegs.quantity[mine]
        served = np.zeros(len(self.due), np.int64)
        np.add.at(served, demand, quantity)
        # A lot that an operation ends at 24:00 is there on the day that ends.
        ready = np.where(lot >= 0, done[lot], 0)
        ends = (lot >= 0) & self.shop.routes[pegs.item][-1].takes_time
        days = np.searchsorted(self.starts, np.maximum(ready - ends, 0), side="right") - 1
        days = np.where((ready < 0) | (ready >= self.starts[-1]), FAR, days)
        order = np.argsort(days, kind="stable")
        coming, first = np.unique(days[order], return_index=True)
        amounts = np.add.reduceat(quantity[order], first)
        cumulated = np.cumsum(amounts)
        columns = (served[indices], self.due[indices], self.daily[indices], self.once[indices])
        wanted = [Wanted(*row) for row in zip(*(column.tolist() for column in columns), strict=True)]
        came = np.where(coming == FAR, -1, coming)
        supplies = list(zip(came.tolist(), amounts.tolist(), strict=True))
        places = np.array(serving_order(wanted, supplies, looks), np.int64)
        needed = np.cumsum(served[indices][places])
        last = coming[np.searchsorted(cumulated, needed, side="left")]
        late = np.zeros(len(indices), np.int64)
        late[places] = np.maximum(0, last - self.due[indices][places])
        never = np.zeros(len(indices), np.bool_)
        never[places] = last == FAR
        never |= served[indices] < self.quantity[indices]
        return np.where(never, self.never[indices], late), self._gap(
            indices, served[indices], coming, amounts
        )

    def _gap(self, indices: Ints, served: Ints, coming: Ints, amounts: Ints) -> float:
        """What it costs that units lack between the days on which demands are due and those on which as many
        have come.
        """
        due = self.due[indices]
        horizon = int((due + self.never[indices]).max())
        days = np.unique(np.concatenate((due, np.minimum(coming, horizon), [horizon])))
        lacks = np.zeros(len(days), np.int64)
        np.add.at(lacks, np.searchsorted(days, due), served)
        np.subtract.at(lacks, np.searchsorted(days, np.minimum(coming, horizon)), amounts)
        unit_days = float((np.maximum(np.cumsum(lacks), 0)[:-1] * np.diff(days)).sum())
        price = (self.daily[indices] + self.once[indices] / TYPICAL_DAYS).sum() / self.quantity[indices].sum()
        return unit_days * float(price)
