"""Whole people one period after the other: each is rounded, and the later ones are fractions solved again.

Where people may be let go, fractions follow the work up and down to the hour, and rounded all at once they
are far from cheap: who is missing in one skill idles all others. Solved again, the others adapt.
"""

from collections.abc import Callable, Iterator

import numpy as np

from planning.engine.workforce_plan.model import WorkforceModel
from planning.engine.workforce_plan.search import with_running_moves
from planning.engine.workforce_plan.sparse import Floats, Index
from planning.engine.workforce_plan.tables import given_changes
from planning.engine.workforce_plan.warm import Vertex, WarmModel

_NOISE = 1e-6

type Solve = Callable[[WarmModel, Floats, Floats], Vertex | None]


class Stepwise:
    """Rounds the skills ``free``, in rising order; the others stay fractions. No way from one skill to
    another may be open.
    """

    def __init__(self, model: WorkforceModel, free: Index) -> None:
        self.model, self.free = model, free
        self.frozen, self.running = with_running_moves(model, model.frozen)
        self.warm = WarmModel(self.frozen, self.running[free].reshape(-1))
        self.change = given_changes(model.problem)[free]
        self._limits = list(self._plant_limits())
        hirings = [model.problem.skills[number].hiring for number in free]
        self._in_all = np.array(
            [np.inf if each is None or each.in_all is None else each.in_all for each in hirings]
        )

    def moves(self, threshold: float, solve: Solve) -> tuple[Floats, Floats] | None:
        """Hires and layoffs ``[skill, period]``, whole for the free skills and none for the others:
        ``threshold`` of a person and more becomes one. None where ``solve`` finds nothing for them.
        """
        tables = self.model.tables
        low, high = self.frozen.low.copy(), self.frozen.high.copy()
        heads = np.array([self.model.problem.skills[number].heads for number in self.free])
        so_far, found = np.zeros(len(self.free)), np.zeros((len(self.free), tables.shape[1]))
        musts = tables.hire_least[self.free]
        left = np.maximum(self._in_all - musts.sum(axis=1), 0.0)  # hires beside those who come anyway
        for period in range(tables.shape[1]):
            vertex = solve(self.warm, low, high)
            if vertex is None:
                return None
            heads = heads * tables.stay[self.free, period] + self.change[:, period]
            columns = self.running[self.free, period]
            wanted = vertex.values[self.warm.place[columns]] - so_far
            later = self._later(vertex, period)
            found[:, period] = self._rounded(wanted, heads, period, threshold, left, later)
            left = left - np.maximum(found[:, period] - musts[:, period], 0.0)
            so_far, heads = so_far + found[:, period], heads + found[:, period]
            low[columns] = high[columns] = so_far
        if solve(self.warm, low, high) is None:
            return None
        hires, layoffs = np.zeros(tables.shape), np.zeros(tables.shape)
        hires[self.free] = np.maximum(found, tables.hire_least[self.free])
        layoffs[self.free] = hires[self.free] - found
        return hires, layoffs

    def _later(self, vertex: Vertex, period: int) -> Floats:
        """Hires of later periods, beside those who come anyway, as the fractions have them."""
        so_far = vertex.values[self.warm.place[self.running[self.free, period:]]]
        beside = np.diff(so_far, axis=1) - self.model.tables.hire_least[self.free, period + 1 :]
        later: Floats = np.maximum(beside, 0.0).sum(axis=1)
        return later

    def _rounded(
        self, wanted: Floats, heads: Floats, period: int, threshold: float, left: Floats, later: Floats
    ) -> Floats:
        """Hires less layoffs of a period, whole, within its limits: who is needed least is not hired. Of the
        hires that are ``left`` of those in all, parts of a person are rounded up on top of what is wanted
        ``later`` as well.
        """
        tables, columns = self.model.tables, self.model.columns
        must, most = tables.hire_least[self.free, period], tables.hire_most[self.free, period]
        can_leave = np.minimum(
            self.model.frozen.high[columns.layoffs[self.free, period]], np.floor(heads + must + _NOISE)
        )
        room = np.floor(tables.head_limit[self.free, period] - heads + _NOISE)
        beside = np.maximum(np.floor(wanted - must + _NOISE), np.floor(left - later + _NOISE))
        most = np.minimum(most, must + np.clip(beside, 0.0, left))
        least, most = must - can_leave, np.maximum(np.minimum(most, room), must)
        found = np.clip(np.floor(wanted + 1 - threshold + _NOISE), least, most)
        for price, limits in self._limits:
            while np.maximum(found, must) @ price > limits[period] + _NOISE:
                spare = np.where((found > must) & (price > 0), found - wanted, -np.inf)
                if not np.isfinite(spare.max()):
                    break
                found[np.argmax(spare)] -= 1
        return found

    def _plant_limits(self) -> Iterator[tuple[Floats, Floats]]:
        """What one hire of each free skill takes of a limit of the plant, and by period what the hires of
        others who come anyway, and courses, leave of it; at least what their own take who come anyway.
        """
        problem, tables = self.model.problem, self.model.tables
        limits, ways = problem.limits, problem.cross_training
        others = np.setdiff1d(np.arange(tables.shape[0]), self.free)
        courses = np.zeros(tables.shape[1]) + sum(way.cost * np.array(way.given) for way in ways if way.given)
        for given, price, taken in (
            (limits.hires, np.ones(tables.shape[0]), 0.0),
            (limits.hiring_budget, tables.hire_cost, courses),
        ):
            if given:
                room = np.array(given) - taken - price[others] @ tables.hire_least[others]
                yield price[self.free], np.maximum(room, price[self.free] @ tables.hire_least[self.free])
