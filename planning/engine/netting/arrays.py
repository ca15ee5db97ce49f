"""The arrays that the compiled loops work on: rows grouped by item, sizes made ready.

A group of item ``i`` is the slice ``[start[i], start[i + 1])``.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planning.engine.netting.problem import BillOfMaterials, Ints, Items, NettingProblem, Quantities
from planning.engine.netting.structure import Structure, by_item, structure_of

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
    """Rows that use item ``i``: ``[start[i], start[i + 1])``; per unit ``whole + rest / denominator``, of
    what is released in buckets ``first`` to before ``end``.
    """

    start: Ints
    parent: Ints
    whole: Ints
    rest: Ints
    denominator: Ints
    offset: Ints
    first: Ints
    end: Ints


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
    """``order`` of items: those that are ``is_fed`` gather their gross anew, ``is_changed`` are netted.

    ``has_moved``: its components feel it even if its receipts stay. ``is_netted`` is told.
    """

    order: Ints
    is_fed: Flags
    is_changed: Flags
    has_moved: Flags
    is_netted: Flags


class Parts(NamedTuple):
    """What item ``i`` takes, and how many buckets after its release in ``first`` to before ``end``."""

    start: Ints
    component: Ints
    offset: Ints
    first: Ints
    end: Ints


class Receipts(NamedTuple):
    """All scheduled receipts of item ``i``, past due and beyond the horizon included, by bucket.

    ``row``: their place in the problem.
    """

    start: Ints
    bucket: Ints
    quantity: Ints
    row: Ints


class Lateness(NamedTuple):
    """Per item. From ``short_from`` to before ``short_until`` it is expected to be missing.

    Of its orders the latest one is needed in bucket ``need`` and there in ``ready`` (both -1: none is
    late). It waits for ``cause``, -1: for its own lead time alone. ``waiting``: quantity of all late
    orders.
    """

    short_from: Ints
    short_until: Ints
    need: Ints
    ready: Ints
    cause: Ints
    waiting: Ints


class MessageRows(NamedTuple):
    """One column each; see ``messages.Messages``."""

    code: Ints
    item: Ints
    bucket: Ints
    to_bucket: Ints
    quantity: Ints
    row: Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A problem as the loops read it."""

    problem: NettingProblem
    structure: Structure
    terms: Terms
    requirements: Dated
    scheduled: Dated
    used: WhereUsed


def prepare(problem: NettingProblem, before: Prepared | None = None) -> Prepared:
    """Raises ``InvalidNetting`` with the path round a cycle.

    ``before`` has the same items; where its bill of materials is the same object, so is the structure.
    """
    count = len(problem.items.codes)
    if before is not None and before.problem.bom is problem.bom:
        structure, used = before.structure, before.used
    else:
        structure = structure_of(problem.bom, problem.items.codes)
        used = _where_used(problem.bom, structure)
    return Prepared(
        problem=problem,
        structure=structure,
        terms=_terms(problem.items),
        requirements=_dated(problem.requirements, count),
        scheduled=_dated(within_horizon(problem), count),
        used=used,
    )


def components_of(prepared: Prepared) -> Components:
    """Who is fed by whom."""
    structure = prepared.structure
    return Components(structure.part_start, prepared.problem.bom.component[structure.part_rows])


def parts_of(prepared: Prepared) -> Parts:
    """The same with offsets, and the buckets in which each row counts."""
    structure, bom = prepared.structure, prepared.problem.bom
    rows = structure.part_rows
    return Parts(structure.part_start, bom.component[rows], bom.offset[rows], bom.first[rows], bom.end[rows])


def receipts_of(problem: NettingProblem) -> Receipts:
    """Scheduled receipts by item and bucket."""
    rows = problem.scheduled_receipts
    order = np.lexsort((rows.bucket, rows.item))
    start = np.searchsorted(rows.item[order], np.arange(len(problem.items.codes) + 1))
    return Receipts(start, rows.bucket[order], rows.quantity[order], order)


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
    start, order = by_item(rows.item, count)
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
        bom.first[rows],
        bom.end[rows],
    )
