"""Refuses bills that take a component twice: two lines of an item that name the same component at the same
operation must not count on the same day, whatever their revisions.

A line counts where its own dates and those of its revision overlap. An empty operation means the item's first
one; which that is, routings say: a bill that names it both ways is found by the data checks.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from itertools import combinations

from inventory.errors import BomOverlap
from inventory.models import BomLine

Key = tuple[int, int | None]


def refuse_overlaps(item_id: int, *, lines: Collection[int]) -> None:
    """Raise ``BomOverlap`` if one of ``lines`` counts beside another line of the item.

    Call under ``lock_boms``, when all lines are stored. 1 query.
    """
    rows = BomLine.objects.filter(bom__item_id=item_id).select_related("bom__item", "component")
    by_key: dict[Key, list[BomLine]] = defaultdict(list)
    for row in rows.order_by("pk"):
        by_key[row.component_id, row.operation].append(row)
    for same in by_key.values():
        for one, other in combinations(same, 2):
            if (one.pk in lines or other.pk in lines) and _meet(one, other):
                # what stands there already is named to whoever changes the other
                raise _refusal(one, other) if other.pk in lines else _refusal(other, one)


def _meet(one: BomLine, other: BomLine) -> bool:
    starts = _first_day(one, other) or dt.date.min
    ends = [end for end in (one.in_force_to, other.in_force_to) if end is not None]
    return all(starts < end for end in ends)


def _first_day(one: BomLine, other: BomLine) -> dt.date | None:
    return max((day for day in (one.in_force_from, other.in_force_from) if day), default=None)


def _refusal(there: BomLine, line: BomLine) -> BomOverlap:
    first = _first_day(there, line)
    parent, component, revision = there.bom.item.code, there.component.code, there.bom.revision
    place = "" if there.operation is None else f" at operation {there.operation}"
    since = "from the first day on" if first is None else f"from {first} on"
    return BomOverlap(
        f"{parent} would take {component}{place} twice {since}: revision {line.bom.revision} and the line of "
        f"revision {revision} that counts {_days(there)}. Let one of the two end before the other begins "
        "(dates of a line or of its revision), or put them at different operations.",
        revision=revision,
        line=there.pk,
        first_day=first,
    )


def _days(line: BomLine) -> str:
    starts, ends = line.in_force_from, line.in_force_to
    words = [f"from {starts}" if starts else "", f"until before {ends}" if ends else ""]
    return " ".join(word for word in words if word) or "always"
