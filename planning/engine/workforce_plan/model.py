"""The whole model of a workforce problem: columns, then every rule of ``RULES``."""

from dataclasses import dataclass

from planning.engine.workforce_plan.people import PEOPLE, Columns, Draft, Rule, add_columns
from planning.engine.workforce_plan.problem import WorkforceProblem
from planning.engine.workforce_plan.production import PRODUCTION
from planning.engine.workforce_plan.ratios import ratios_kept
from planning.engine.workforce_plan.sparse import FrozenModel, Index, SparseModel
from planning.engine.workforce_plan.tables import Tables

RULES: tuple[Rule, ...] = (*PEOPLE, ratios_kept, *PRODUCTION)


@dataclass(slots=True)
class WorkforceModel:
    """The arrays of a problem and where its decisions stand in them."""

    problem: WorkforceProblem
    tables: Tables
    columns: Columns
    frozen: FrozenModel
    hour_rows: Index


def build_model(problem: WorkforceProblem) -> WorkforceModel:
    """Write the model. Cost: O(entries), without a Python object for each."""
    tables, model = Tables.of(problem), SparseModel()
    columns = add_columns(problem, tables, model)
    hour_rows = model.rows(tables.work_shape, low=tables.load, when=tables.period)
    draft = Draft(problem, tables, model, columns, hour_rows)
    for rule in RULES:
        rule(draft)
    return WorkforceModel(problem, tables, columns, model.freeze(), hour_rows)
