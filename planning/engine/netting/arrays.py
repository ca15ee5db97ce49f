"""The arrays that the compiled loops work on: rows grouped by item, sizes made ready.

A group of item ``i`` is the slice ``[start[i], start[i + 1])``.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planning.engine.netting.problem import BillOfMaterials, Ints, Items, NettingProblem, Quantities
from planning.engine.netting.structure import Structure, structure_of

type Flags = npt.NDArray[np.bool_]


class Terms(NamedTuple):
    """Per item; ``largest`` 0: none. The costs' unit is that of the problem."""

    on_hand: Ints
    safety_stock: Ints
    lead_time: Ints
    fence: Ints
    rule: Ints
    period: Ints
    least: Ints
    multiple: Ints
    largest: Ints
    order_cost: Ints
    holding_cost: Ints
    receipts_move: Ints


class Dated(NamedTuple):
    """Quantities of item ``i``: ``[start[i], start[i + 1])``; buckets within the horizon."""

    start: Ints
    bucket: Ints
    quantity: Ints


class WhereUsed(NamedTuple):
    """Rows that use item ``i``: ``[start[i], start[i + 1])``; per unit ``whole + rest / denominator``."""

    start: Ints
    parent: Ints
    whole: Ints
    rest: Ints
    denominator: Ints
    offset: Ints


class Components(NamedTuple):
    """Components of item ``i``: ``[start[i], start[i + 1])``."""

    start: Ints
    component: Ints


class State(NamedTuple):
    """What is planned, [item, bucket]; ``at_once`` must be released in bucket 0, ``planned`` in all."""

    gross: Ints
    receipts: Ints
    at_once: Ints
    planned: Ints


class Work(NamedTuple):
    """``order`` of items. Of these, ``is_fed`` gather their gross anew and ``is_changed`` are netted in any case.

    ``has_moved``: its components feel it even if its receipts stay. ``is_netted`` is told.
    """

    order: Ints
    is_fed: Flags
    is_changed: Flags
    has_moved: Flags
    is_netted: Flags


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A problem as the loops read it."""

    problem: NettingProblem
    structure: Structure
    terms: Terms
    requirements: Dated
    scheduled: Dated
    used: WhereUsed


def prepare(problem: NettingProblem) -> Prepared:
    """Raises ``InvalidNetting`` with the path round a cycle."""
    structure = structure_of(problem.bom, problem.items.codes)
    count = len(problem.items.codes)
    return Prepared(
        problem=problem,
        structure=structure,
        terms=_terms(problem.items),
        requirements=_dated(problem.requirements, count),
        scheduled=_dated(within_horizon(problem), count),
        used=_where_used(problem.bom, structure),
    )


def components_of(prepared: Prepared) -> Components:
    """Who is fed by whom."""
    structure = prepared.structure
    return Components(structure.part_start, prepared.problem.bom.component[structure.part_rows])


def within_horizon(problem: NettingProblem) -> Quantities:
    """Scheduled receipts that come in the horizon; what is past due comes in bucket 0."""
    rows = problem.scheduled_receipts
    comes = rows.bucket < problem.buckets
    return Quantities(rows.item[comes], np.maximum(rows.bucket[comes], 0), rows.quantity[comes])


def _terms(items: Items) -> Terms:
    step = items.multiple
    return Terms(
        on_hand=items.on_hand,
        safety_stock=items.safety_stock,
        lead_time=items.lead_time,
        fence=items.fence,
        rule=items.rule,
        period=items.period,
        least=np.maximum(-(-items.minimum // step), 1) * step,
        multiple=step,
        largest=items.maximum // step * step,
        order_cost=items.order_cost,
        holding_cost=items.holding_cost,
        receipts_move=items.receipts_move,
    )


def _dated(rows: Quantities, count: int) -> Dated:
    from planning.engine.netting.loops.order import group

    start, order = group(rows.item, count)
    return Dated(start, rows.bucket[order], rows.quantity[order])


def _where_used(bom: BillOfMaterials, structure: Structure) -> WhereUsed:
    rows = structure.used_rows
    numerator, denominator = bom.numerator[rows], bom.denominator[rows]
    whole = numerator // denominator
    return WhereUsed(
        structure.used_start,
        bom.parent[rows],
        whole,
        numerator - whole * denominator,
        denominator,
        bom.offset[rows],
    )
