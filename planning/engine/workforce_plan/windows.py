"""Large problems: a smaller relaxation for people and the bound, then production window by window.

Rows of hours couple everything; there is one for each skill and period, and they make large models slow. Here
they are added up with weights that rise and fall in time (hats, as in linear interpolation): whoever keeps
the rows keeps their sums, so the smaller model is a relaxation and its bound holds for the whole. It loses
little, since the price of an hour changes slowly. People and production are then decided in windows, each of
which looks past what it decides and values what it leaves behind at the relaxation's prices.
"""

from dataclasses import dataclass

import numpy as np

from planning.engine.errors import SolverFailed
from planning.engine.workforce_plan.model import WorkforceModel
from planning.engine.workforce_plan.sparse import Floats, FrozenModel

LARGEST = 5_000  # skills × buckets from which on this is faster than one model
STEP = 4  # buckets between the tops of two hats
KEEP = 8  # periods that a window decides
LOOK = 14  # periods that it sees


def is_large(model: WorkforceModel) -> bool:
    """Whether a problem is so large that it is not solved as one model."""
    skills, buckets = model.tables.work_shape
    return skills * buckets >= LARGEST and model.tables.shape[1] > LOOK


@dataclass(slots=True)
class Relaxed:
    """Column values and row prices of the whole model, as the smaller relaxation has them, and its bound."""

    values: Floats
    prices: Floats
    bound: float
    is_finished: bool


def relax(model: WorkforceModel, *, seconds: float, step: int = STEP) -> Relaxed:
    """Solve with rows of hours added up; raise ``SolverFailed`` without a solution in ``seconds``."""
    weights = hats(model.tables.work_shape[1], step)
    smaller = model.frozen.merged(model.hour_rows, weights)
    outcome = smaller.solve(seconds=seconds, interior=True, crossover=False)
    if outcome.prices is None:
        raise SolverFailed("the linear solver gave no prices")
    hours = model.hour_rows.reshape(-1)
    left = np.ones(len(model.frozen.row_low), dtype=np.bool_)
    left[hours] = False
    prices = np.zeros(len(model.frozen.row_low))
    count = int(left.sum())
    prices[left] = outcome.prices[:count]
    prices[hours] = (outcome.prices[count:].reshape(-1, len(weights)) @ weights).reshape(-1)
    return Relaxed(outcome.values, prices, smaller.safe_bound(outcome.prices), outcome.is_finished)


def hats(buckets: int, step: int) -> Floats:
    """``[hat, bucket]`` weights that add up to 1 in every bucket."""
    tops = [*range(0, buckets - 1, step), buckets - 1]
    times = np.arange(buckets)
    return np.array([np.interp(times, tops, row) for row in np.eye(len(tops))])


def walk(frozen: FrozenModel, periods: int, prices: Floats, *, seconds: float) -> tuple[Floats, bool]:
    """Column values found window by window, and whether no clock ended one; what a window leaves to periods
    it does not see is worth what row ``prices`` say. Raises ``SolverFailed`` where one has no solution.
    """
    values, finished = np.zeros(len(frozen.cost)), True
    low, high = frozen.low.copy(), frozen.high.copy()
    for begin in range(0, periods, KEEP):
        seen = min(begin + LOOK, periods)
        end = periods if seen == periods else begin + KEEP
        part, columns = frozen.copy_with(low, high).between(begin, seen)
        part.cost = frozen.reduced(np.where(frozen.row_when >= seen, prices, 0.0))[columns]
        outcome = part.solve(seconds=seconds, interior=True)
        finished &= outcome.is_finished
        decided = (part.when >= begin) & (part.when < end)
        where = columns[decided]
        values[where] = outcome.values[decided]
        low[where] = high[where] = np.clip(values[where], frozen.low[where], frozen.high[where])
        if end == periods:
            break
    return values, finished
