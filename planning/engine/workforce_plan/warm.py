"""A linear program that is solved again and again in other column limits, each time from the last basis.

A change of a few limits leaves the last basis dual feasible, so that the dual simplex needs some tens of
steps where a solve from nothing needs thousands.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.math_opt import model_parameters_pb2, model_update_pb2, result_pb2
from ortools.math_opt.core.python import solver
from ortools.math_opt.python import mathopt
from pybind11_abseil.status import StatusNotOk

from planning.engine.errors import SolverFailed
from planning.engine.workforce_plan.sparse import Floats, FrozenModel, Index

MILLION = 1e6
_INFINITE = float("inf")


@dataclass(slots=True)
class Vertex:
    """An optimum: its objective, column values, reduced costs, and row prices where they were wanted.
    Infinite and empty where there is none.
    """

    objective: float
    values: Floats
    reduced: Floats
    prices: Floats


class WarmModel:
    """``frozen`` with fractions, kept in the simplex. ``asked``: the columns whose values and reduced costs
    are given, in rising order; reading all takes longer than many a solve, and row prices are read where they
    are wanted (``with_prices``). ``work`` counts what was done, in millions of simplex steps × rows, so that
    it can be limited without a clock.
    """

    def __init__(self, frozen: FrozenModel, asked: Index, *, with_prices: bool = False) -> None:
        self.low, self.high = frozen.low.copy(), frozen.high.copy()
        self.asked = asked
        self.place = np.full(len(self.low), -1)
        self.place[asked] = np.arange(len(asked))
        self.rows = len(frozen.row_low)
        self.work = 0.0
        start = mathopt.StreamableSolverInitArguments().to_proto()
        try:
            self._solver = solver.new(mathopt.SolverType.GLOP.value, frozen.message(integers=False), start)
        except (RuntimeError, ValueError, StatusNotOk) as error:
            raise SolverFailed(f"the linear solver did not begin: {error}") from error
        self._parameters = mathopt.SolveParameters(
            lp_algorithm=mathopt.LPAlgorithm.DUAL_SIMPLEX, presolve=mathopt.Emphasis.OFF
        ).to_proto()
        self._wanted = model_parameters_pb2.ModelSolveParametersProto()
        for which in (self._wanted.variable_values_filter, self._wanted.reduced_costs_filter):
            which.filter_by_ids = True
            which.filtered_ids.extend(asked.tolist())
        self._wanted.dual_values_filter.filter_by_ids = not with_prices
        self._watch = mathopt.CallbackRegistration().to_proto()

    def at(self, low: Floats, high: Floats, *, work: float) -> Vertex:
        """The optimum in these limits of all columns; raises ``SolverFailed`` where there is no answer, or
        none within ``work``.
        """
        self._move(low, high)
        self._parameters.iteration_limit = max(1, int(work * MILLION / max(self.rows, 1)))
        try:
            answer = self._solver.solve(self._parameters, self._wanted, None, self._watch, None, None)
        except (RuntimeError, ValueError, StatusNotOk) as error:
            raise SolverFailed(f"the linear solver stopped: {error}") from error
        self.work += (answer.solve_stats.simplex_iterations + 1) * self.rows / MILLION
        reason = answer.termination.reason
        if reason == result_pb2.TERMINATION_REASON_INFEASIBLE:
            return Vertex(_INFINITE, np.zeros(0), np.zeros(0), np.zeros(0))
        if reason != result_pb2.TERMINATION_REASON_OPTIMAL:
            name = result_pb2.TerminationReasonProto.Name(reason)
            raise SolverFailed(f"the linear solver found no plan: {name} {answer.termination.detail}")
        found = answer.solutions[0]
        return Vertex(
            found.primal_solution.objective_value,
            self._read(found.primal_solution.variable_values),
            self._read(found.dual_solution.reduced_costs),
            _numbers(found.dual_solution.dual_values, self.rows),
        )

    def _move(self, low: Floats, high: Floats) -> None:
        update = model_update_pb2.ModelUpdateProto()
        for mine, theirs, told in (
            (self.low, low, update.variable_updates.lower_bounds),
            (self.high, high, update.variable_updates.upper_bounds),
        ):
            changed = np.flatnonzero(mine != theirs)
            told.ids.extend(changed.tolist())
            told.values.extend(theirs[changed].tolist())
            mine[changed] = theirs[changed]
        self._solver.update(update)

    def _read(self, told: Any) -> Floats:
        found = np.zeros(len(self.asked))
        ids = np.fromiter(told.ids, dtype=np.int64, count=len(told.ids))
        found[self.place[ids]] = np.fromiter(told.values, dtype=np.float64, count=len(told.values))
        return found


def _numbers(told: Any, count: int) -> Floats:
    """A message of ids and values as an array; what it does not name is 0."""
    found = np.zeros(count)
    ids = np.fromiter(told.ids, dtype=np.int64, count=len(told.ids))
    found[ids] = np.fromiter(told.values, dtype=np.float64, count=len(told.values))
    return found
