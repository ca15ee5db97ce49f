"""The product structure in the order of netting: low-level codes, where-used rows, components."""

from dataclasses import dataclass

import numpy as np

from planning.engine.netting.errors import refusal
from planning.engine.netting.problem import BillOfMaterials, Ints


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Structure:
    """``low_level_code``: the deepest level at which each item is used, 0 for what goes into nothing.

    ``order``: all items, parents first. Rows of the bill of materials: those that use item ``i`` are
    ``used_rows[used_start[i]:used_start[i + 1]]``, those that it takes ``part_rows[part_start[i]:...]``.
    """

    low_level_code: Ints
    order: Ints
    used_start: Ints
    used_rows: Ints
    part_start: Ints
    part_rows: Ints


def structure_of(bom: BillOfMaterials, codes: tuple[str, ...]) -> Structure:
    """Raises ``InvalidNetting`` with the path round a cycle."""
    from planning.engine.netting.loops.order import low_level_codes

    count = len(codes)
    used_start, used_rows = by_item(bom.component, count)
    part_start, part_rows = by_item(bom.parent, count)
    uses = np.diff(used_start)
    low_level_code, order, found = low_level_codes(part_start, bom.component[part_rows], uses)
    if found < count:
        path = _cycle(bom, uses)
        raise refusal(
            "/bom", f"cycle: {' > '.join(codes[item] for item in path)}; take one of these rows out"
        )
    return Structure(
        low_level_code=low_level_code,
        order=order,
        used_start=used_start,
        used_rows=used_rows,
        part_start=part_start,
        part_rows=part_rows,
    )


def by_item(items: Ints, count: int) -> tuple[Ints, Ints]:
    """Positions of rows grouped by their item: ``rows[start[i]:start[i + 1]]`` are those of item ``i``."""
    from planning.engine.netting.loops.order import group

    start, rows = np.zeros(count + 1, dtype=np.int64), np.empty(len(items), dtype=np.int64)
    group(items, start, rows)
    return start, rows


def _cycle(bom: BillOfMaterials, uses: Ints) -> list[int]:
    """Items from parent to component, the first again at the end; ``uses`` above 0 hang on a cycle."""
    is_left = (uses[bom.parent] > 0) & (uses[bom.component] > 0)
    parent_of = dict(zip(bom.component[is_left].tolist(), bom.parent[is_left].tolist(), strict=True))
    item = next(iter(parent_of))
    seen: dict[int, None] = {}
    while item not in seen:
        seen[item] = None
        item = parent_of[item]
    upwards = list(seen)
    ring = upwards[upwards.index(item) :]
    return [item, *ring[:0:-1], item]
