"""Whole people one period after the other: each is rounded, and the later ones are fractions solved again.

Where people may be let go, fractions follow the work up and down to the hour, and rounded all at once they
are far from cheap: who is missing in one skill idles all others. Solved again, the others adapt.
"""

from collections.abc import Callable

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

    def moves(self, threshold: float, solve: Solve) -> tuple[Floats, Floats] | None:
        """Hires and layoffs ``[skill, period]``, whole for the free skills and none for the others:
        ``threshold`` of a person and more becomes one. None where ``solve`` finds nothing for them.
        """
        tables = self.model.tables
        low, high = self.frozen.low.copy(), self.frozen.high.copy()
        heads = np.array([self.model.problem.skills[number].heads for number in self.free])
        so_far, found = np.zeros(len(self.free)), np.zeros((len(self.free), tables.shape[1]))
        for period in range(tables.shape[1]):
            vertex = solve(self.warm, low, high)
            if vertex is None:
                return None
            heads = heads * tables.stay[self.free, period] + self.change[:, period]
            columns = self.running[self.free, period]
            wanted = vertex.values[self.warm.place[columns]] - so_far
            found[:, period] = self._rounded(wanted, heads, period, threshold)
            so_far, heads = so_far + found[:, period], heads + found[:, period]
            low[columns] = high[columns] = so_far
        if solve(self.warm, low, high) is None:
            return None
        hires, layoffs = np.zeros(tables.shape), np.zeros(tables.shape)
        hires[self.free] = np.maximum(found, tables.hire_least[self.free])
        layoffs[self.free] = hires[self.free] - found
        return hires, layoffs

    def _rounded(self, wanted: Floats, heads: Floats, period: int, threshold: float) -> Floats:
        """Hires less layoffs of a period, whole, within its limits: who is needed least is not hired."""
        tables, columns = self.model.tables, self.model.columns
        must, most = tables.hire_least[self.free, period], tables.hire_most[self.free, period]
        can_leave = np.minimum(
            self.model.frozen.high[columns.layoffs[self.free, period]], np.floor(heads + must + _NOISE)
        )
        room = np.floor(tables.head_limit[self.free, period] - heads + _NOISE)
        least, most = must - can_leave, np.maximum(np.minimum(most, room), must)
        found = np.clip(np.floor(wanted + 1 - threshold + _NOISE), least, most)
        limits = self.model.problem.limits.hires
        while limits and np.maximum(found, must).sum() > limits[period]:
            spare = np.where(found > must, found - wanted, -np.inf)
            if not np.isfinite(spare.max()):
                break
            found[np.argmax(spare)] -= 1
        return found
