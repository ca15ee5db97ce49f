"""Supplies that requirements take one after the other, without a second look at those that are used up."""

from bisect import insort
from collections import deque
from collections.abc import Iterable
from heapq import heappop, heappush

from planning.engine.material import Supply


def drop_used(supplies: deque[Supply]) -> None:
    """Forget the supplies at the front of which nothing is left."""
    while supplies and not supplies[0].left:
        supplies.popleft()


class Coming:
    """Supplies that were too late for what was served so far; later requirements may find them there."""

    def __init__(self, supplies: Iterable[Supply]) -> None:
        self._count = 0
        self._late: list[tuple[int, int, Supply]] = []  # a heap: minute, number
        self._there: list[tuple[int, Supply]] = []
        self.add(supplies)

    def add(self, supplies: Iterable[Supply]) -> None:
        for supply in supplies:
            if supply.left:
                heappush(self._late, (supply.available, self._count, supply))
                self._count += 1

    def by(self, until: int) -> list[Supply]:
        """Those that are there by ``until`` and have something left, in the order of their addition."""
        while self._late and self._late[0][0] <= until:
            _, number, supply = heappop(self._late)
            insort(self._there, (number, supply), key=lambda each: each[0])
        self._there = [each for each in self._there if each[1].left]
        return [supply for _, supply in self._there if supply.available <= until]
