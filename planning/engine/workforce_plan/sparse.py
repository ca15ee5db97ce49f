"""A linear model kept as arrays, and its way through HiGHS by MathOpt's messages.

Columns and rows are added in blocks; no Python object stands for a variable, so that 200 skills over 60
periods are written in tenths of a second. ``safe_bound`` turns any row prices into a bound that holds
whatever the solver did: it is arithmetic, not trust.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.math_opt import model_parameters_pb2, model_pb2, result_pb2
from ortools.math_opt.core.python import solver
from ortools.math_opt.python import mathopt
from pybind11_abseil.status import StatusNotOk

from planning.engine.errors import SolverFailed

type Floats = npt.NDArray[np.float64]
type Index = npt.NDArray[np.int64]

FAR = 1e30
SMALL_PRICES = -13  # HiGHS solves with prices times two to the power of this, and gives back the true ones
LEAST_SECONDS = 0.05  # of one call
_INFINITE = float("inf")


class NoneCheaper(SolverFailed):
    """No solution costs less than the cutoff."""


class SparseModel:
    """Minimise ``cost · x`` over ``low <= x <= high`` and row limits; filled block by block, frozen once."""

    def __init__(self) -> None:
        self._columns: list[tuple[Floats, ...]] = []
        self._rows: list[tuple[Floats, ...]] = []
        self._entries: list[tuple[Index, Index, Floats]] = []
        self.column_count = 0
        self.row_count = 0

    @classmethod
    def of(cls, frozen: "FrozenModel") -> "SparseModel":
        """The same model, to be filled further: what it has keeps its place."""
        model = cls()
        model._columns.append(
            (frozen.low, frozen.high, frozen.cost, frozen.when.astype(float), frozen.whole.astype(float))
        )
        model._rows.append((frozen.row_low, frozen.row_high, frozen.row_when.astype(float)))
        model._entries.append((frozen.rows, frozen.columns, frozen.values))
        model.column_count, model.row_count = len(frozen.cost), len(frozen.row_low)
        return model

    def columns(
        self,
        shape: tuple[int, ...],
        *,
        low: Any = 0.0,
        high: Any = _INFINITE,
        cost: Any = 0.0,
        when: Any = 0,
        whole: bool = False,
    ) -> Index:
        """Add a block of columns of period ``when``; their positions, in ``shape``."""
        self._columns.append(_block(shape, low, high, cost, when, whole))
        first = self.column_count
        self.column_count += len(self._columns[-1][0])
        return np.arange(first, self.column_count, dtype=np.int64).reshape(shape)

    def rows(
        self, shape: tuple[int, ...], *, low: Any = -_INFINITE, high: Any = _INFINITE, when: Any = 0
    ) -> Index:
        """Add a block of rows; their positions, in ``shape``. A row of period ``when`` holds no column of a
        later one, unless it limits a sum over periods.
        """
        self._rows.append(_block(shape, low, high, when))
        first = self.row_count
        self.row_count += len(self._rows[-1][0])
        return np.arange(first, self.row_count, dtype=np.int64).reshape(shape)

    def put(self, rows: Any, columns: Any, values: Any) -> None:
        """Add ``values`` at ``rows`` × ``columns``, all of one shape or broadcast to it; entries that meet
        are added up.
        """
        row, column, value = np.broadcast_arrays(
            np.asarray(rows, dtype=np.int64),
            np.asarray(columns, dtype=np.int64),
            np.asarray(values, dtype=np.float64),
        )
        keep = value.reshape(-1) != 0
        if keep.any():
            self._entries.append((row.reshape(-1)[keep], column.reshape(-1)[keep], value.reshape(-1)[keep]))

    def freeze(self) -> "FrozenModel":
        """The model as one set of arrays, row by row."""
        low, high, cost, when, whole = (
            np.concatenate([block[k] for block in self._columns]) if self._columns else np.zeros(0)
            for k in range(5)
        )
        row_low, row_high, row_when = (
            np.concatenate([block[k] for block in self._rows]) if self._rows else np.zeros(0)
            for k in range(3)
        )
        rows, columns, values = (
            np.concatenate([block[k] for block in self._entries]) if self._entries else np.zeros(0)
            for k in range(3)
        )
        key = rows.astype(np.int64) * max(self.column_count, 1) + columns.astype(np.int64)
        unique, where = np.unique(key, return_inverse=True)
        summed = np.bincount(where, weights=values, minlength=len(unique))
        return FrozenModel(
            low,
            high,
            cost,
            whole.astype(np.bool_),
            row_low,
            row_high,
            unique // max(self.column_count, 1),
            unique % max(self.column_count, 1),
            summed,
            when.astype(np.int64),
            row_when.astype(np.int64),
        )


def _block(shape: tuple[int, ...], *numbers: Any) -> tuple[Floats, ...]:
    return tuple(np.broadcast_to(np.asarray(each, dtype=np.float64), shape).reshape(-1) for each in numbers)


@dataclass(slots=True)
class Outcome:
    """What came of one solve: column values, row prices where there are any, the solver's own bound (of a
    search for whole numbers), seconds, and whether it ended by itself.
    """

    values: Floats
    prices: Floats | None
    objective: float
    bound: float | None
    seconds: float
    is_finished: bool


@dataclass(slots=True)
class FrozenModel:
    """The arrays. ``low`` and ``high`` may be changed between solves."""

    low: Floats
    high: Floats
    cost: Floats
    whole: npt.NDArray[np.bool_]
    row_low: Floats
    row_high: Floats
    rows: Index
    columns: Index
    values: Floats
    when: Index
    row_when: Index

    def copy_with(self, low: Floats, high: Floats) -> "FrozenModel":
        """The same model in other column limits."""
        return replace(self, low=low, high=high)

    def between(self, begin: int, end: int) -> tuple["FrozenModel", Index]:
        """The model of the periods before ``end``, without rows about nothing but periods before ``begin``
        (they are decided, and the noise in them is not looked at again), and where its columns are in this.
        """
        last = np.full(len(self.row_low), -1)
        np.maximum.at(last, self.rows, self.when[self.columns])
        columns = np.flatnonzero(self.when < end)
        rows = np.flatnonzero((self.row_when < end) & (last >= begin))
        place = np.full(len(self.cost), -1)
        place[columns] = np.arange(len(columns))
        row_place = np.full(len(self.row_low), -1)
        row_place[rows] = np.arange(len(rows))
        keep = (place[self.columns] >= 0) & (row_place[self.rows] >= 0)
        part = FrozenModel(
            self.low[columns],
            self.high[columns],
            self.cost[columns],
            self.whole[columns],
            self.row_low[rows],
            self.row_high[rows],
            row_place[self.rows[keep]],
            place[self.columns[keep]],
            self.values[keep],
            self.when[columns],
            self.row_when[rows],
        )
        return part, columns

    def merged(self, rows: Index, weights: Floats) -> "FrozenModel":
        """The model with row blocks ``rows[block, k]`` replaced by sums: ``weights[sum, k]`` of each, none
        below 0. Rows with a lower limit only: what keeps them keeps their sums, so this is a relaxation.
        Its rows are those that are left, then the sums, block by block.
        """
        left = np.ones(len(self.row_low), dtype=np.bool_)
        left[rows.reshape(-1)] = False
        place = np.cumsum(left) - 1
        position = np.full(len(self.row_low), -1)
        position[rows.reshape(-1)] = np.arange(rows.size)
        keep = left[self.rows]
        entry = np.flatnonzero(~keep)
        block, k = np.divmod(position[self.rows[entry]], rows.shape[1])
        new_rows, new_columns = [place[self.rows[keep]]], [self.columns[keep]]
        new_values = [self.values[keep]]
        first = int(left.sum())
        for number, weight in enumerate(weights):
            used = weight[k] > 0
            new_rows.append(first + block[used] * len(weights) + number)
            new_columns.append(self.columns[entry[used]])
            new_values.append(self.values[entry[used]] * weight[k[used]])
        low = (self.row_low[rows] @ weights.T).reshape(-1)
        key = np.concatenate(new_rows) * len(self.cost) + np.concatenate(new_columns)
        unique, where = np.unique(key, return_inverse=True)
        return replace(
            self,
            row_low=np.concatenate((self.row_low[left], low)),
            row_high=np.concatenate((self.row_high[left], np.full(len(low), _INFINITE))),
            row_when=np.zeros(first + len(low), dtype=np.int64),
            rows=unique // len(self.cost),
            columns=unique % len(self.cost),
            values=np.bincount(where, weights=np.concatenate(new_values), minlength=len(unique)),
        )

    def reduced(self, prices: Floats) -> Floats:
        """Column costs less what their entries are worth at these row prices."""
        worth = np.bincount(self.columns, weights=self.values * prices[self.rows], minlength=len(self.cost))
        return self.cost - worth

    def solve(
        self,
        *,
        seconds: float,
        integers: bool = False,
        interior: bool = False,
        crossover: bool = True,
        gap: float = 1e-4,
        nodes: int | None = None,
        cutoff: float | None = None,
    ) -> Outcome:
        """Solve with HiGHS, ``integers`` as a search for whole numbers; raise ``SolverFailed`` without a
        solution that may be used. ``cutoff`` ends a search where no solution costs less: it may have one that
        costs more then, or raise ``NoneCheaper``, and its bound is the cutoff.
        """
        began = perf_counter()
        parameters = mathopt.SolveParameters(
            time_limit=timedelta(seconds=max(seconds, LEAST_SECONDS)),
            random_seed=1,
            relative_gap_tolerance=gap if integers else None,
            node_limit=nodes if integers else None,
        )
        if cutoff is not None:
            parameters.highs.double_options["objective_bound"] = cutoff
        if interior:
            parameters.lp_algorithm = mathopt.LPAlgorithm.BARRIER
            if not crossover:
                parameters.highs.string_options["run_crossover"] = "off"
        try:
            answer = _call(self.message(integers=integers), parameters)
        except SolverFailed:
            if integers:
                raise
            if interior:  # it loses its way where prices are very large
                parameters.highs.int_options["user_objective_scale"] = SMALL_PRICES
            left = seconds - (perf_counter() - began)  # the seconds are for both
            parameters.time_limit = timedelta(seconds=max(left, LEAST_SECONDS))
            # the simplex loses its way on some degenerate models; an interior point, then, does not
            parameters.lp_algorithm = mathopt.LPAlgorithm.BARRIER
            answer = _call(self.message(integers=False), parameters)
        reason = answer.termination.reason
        is_optimal = reason == result_pb2.TERMINATION_REASON_OPTIMAL
        finished = is_optimal or answer.termination.limit != result_pb2.LIMIT_TIME
        if cutoff is not None and reason == result_pb2.TERMINATION_REASON_INFEASIBLE:
            raise NoneCheaper
        if not is_optimal and reason != result_pb2.TERMINATION_REASON_FEASIBLE:
            name = result_pb2.TerminationReasonProto.Name(reason)
            raise SolverFailed(f"the linear solver found no plan: {name} {answer.termination.detail}")
        found = answer.solutions[0]
        values = np.zeros(len(self.cost))
        primal = found.primal_solution.variable_values
        values[np.fromiter(primal.ids, dtype=np.int64)] = np.fromiter(primal.values, dtype=np.float64)
        prices = None
        if not integers and found.HasField("dual_solution"):
            prices = np.zeros(len(self.row_low))
            dual = found.dual_solution.dual_values
            prices[np.fromiter(dual.ids, dtype=np.int64)] = np.fromiter(dual.values, dtype=np.float64)
        told = answer.termination.objective_bounds.dual_bound
        if cutoff is not None:  # what costs as much was not looked at
            told = min(told, cutoff)
        return Outcome(
            values=values,
            prices=prices,
            objective=float(self.cost @ values),
            bound=told if integers and abs(told) < FAR else None,
            seconds=perf_counter() - began,
            is_finished=finished,
        )

    def safe_bound(self, prices: Floats) -> float:
        """A lower bound of the model with fractions that holds for any row ``prices``.

        Each row's price times its limit, and each column at the limit that its reduced cost asks for; prices
        that ask for a limit that does not exist are taken as 0. Minus infinity where a column has no limit on
        the side that its reduced cost asks for.
        """
        price = np.where((prices > 0) & np.isinf(self.row_low), 0.0, prices)
        price = np.where((price < 0) & np.isinf(self.row_high), 0.0, price)
        limits = np.where(price > 0, self.row_low, self.row_high)
        used = price != 0
        reduced = self.reduced(price)
        ends = np.where(reduced > 0, self.low, self.high)
        open_ended = np.isinf(ends)
        if np.any(open_ended & (reduced != 0)):
            return -_INFINITE
        ends = np.where(open_ended, 0.0, ends)
        return float(price[used] @ limits[used] + reduced @ ends)

    def message(self, *, integers: bool) -> model_pb2.ModelProto:
        message = model_pb2.ModelProto()
        variables = message.variables
        variables.ids.extend(range(len(self.cost)))
        variables.lower_bounds.extend(self.low.tolist())
        variables.upper_bounds.extend(self.high.tolist())
        variables.integers.extend((self.whole & integers).tolist())
        wanted = np.flatnonzero(self.cost)
        message.objective.linear_coefficients.ids.extend(wanted.tolist())
        message.objective.linear_coefficients.values.extend(self.cost[wanted].tolist())
        limits = message.linear_constraints
        limits.ids.extend(range(len(self.row_low)))
        limits.lower_bounds.extend(self.row_low.tolist())
        limits.upper_bounds.extend(self.row_high.tolist())
        matrix = message.linear_constraint_matrix
        matrix.row_ids.extend(self.rows.tolist())
        matrix.column_ids.extend(self.columns.tolist())
        matrix.coefficients.extend(self.values.tolist())
        return message


def _call(
    model: model_pb2.ModelProto,
    parameters: mathopt.SolveParameters,
) -> Any:
    """One call of HiGHS. The compiled entry takes and gives messages, without an object for each number."""
    more = model_parameters_pb2.ModelSolveParametersProto()
    start = mathopt.StreamableSolverInitArguments().to_proto()
    watch = mathopt.CallbackRegistration().to_proto()
    try:
        return solver.solve(
            model, mathopt.SolverType.HIGHS.value, start, parameters.to_proto(), more, None, watch, None, None
        )
    except (RuntimeError, ValueError, AttributeError, StatusNotOk) as error:
        raise SolverFailed(f"the linear solver stopped: {error}") from error
