"""Large problems window by window: a solution in fractions, prices of hours, and a bound that needs neither.

A window decides some periods and looks some further ahead, on from what the one before decided. Who is hired
today is worked in within months, so looking a few periods past what a window decides is nearly as good as
looking to the end. The prices of hours that the windows find are put into the whole model in place of the rows
of hours: what is left falls apart into people and families, is solved exactly, and bounds the whole.
"""

from dataclasses import dataclass

import numpy as np

from planning.engine.workforce_plan.model import WorkforceModel
from planning.engine.workforce_plan.sparse import Floats, FrozenModel

KEEP = 8  # periods that a window decides
LOOK = 15  # periods that it sees
LARGEST = 5_000  # skills × periods from which on windows are faster than one model


def is_large(model: WorkforceModel) -> bool:
    """Whether windows pay."""
    skills, periods = model.tables.shape
    return skills * periods >= LARGEST and periods > LOOK


@dataclass(slots=True)
class Path:
    """Column values of the whole model, the prices of its rows, and whether no clock cut it short."""

    values: Floats
    prices: Floats
    is_finished: bool


def walk(frozen: FrozenModel, periods: int, *, seconds: float, crossover: bool) -> Path:
    """Solve window by window; raise ``SolverFailed`` where one has no solution in ``seconds``."""
    values, prices = np.zeros(len(frozen.cost)), np.zeros(len(frozen.row_low))
    low, high = frozen.low.copy(), frozen.high.copy()
    finished = True
    for begin in range(0, periods, KEEP):
        end = periods if begin + LOOK >= periods else begin + KEEP
        part, columns, rows = frozen.copy_with(low, high).until(min(begin + LOOK, periods))
        outcome = part.solve(seconds=seconds, interior=True, crossover=crossover)
        finished &= outcome.is_finished
        decided = (part.when >= begin) & (part.when < end)
        values[columns[decided]] = outcome.values[decided]
        if outcome.prices is not None:
            now = (part.row_when >= begin) & (part.row_when < end)
            prices[rows[now]] = outcome.prices[now]
        where = columns[decided]
        low[where] = high[where] = np.clip(values[where], frozen.low[where], frozen.high[where])
        if end == periods:
            break
    return Path(values, prices, finished)


def bound_by_prices(model: WorkforceModel, prices: Floats, *, seconds: float) -> float:
    """A bound from the prices of hours alone; raise ``SolverFailed`` without one in ``seconds``."""
    hours = model.hour_rows.reshape(-1)
    price = np.maximum(prices[hours], 0.0)
    rest, constant = model.frozen.priced(hours, price)
    outcome = rest.solve(seconds=seconds, interior=True, crossover=False)
    assert outcome.prices is not None
    return rest.safe_bound(outcome.prices) + constant
