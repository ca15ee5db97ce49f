"""Whole people on the ways from one skill to another, as the aggregate plan's fractions ask for them."""

from collections.abc import Sequence
from math import floor

from planning.engine.headcount import GUARD, Changes, stay_of
from planning.engine.shop import Shop, Way
from planning.engine.skill_terms import hiring_budgets

SHARES = (0.5, 0.1)  # of a person, from which on somebody changes: one too few makes late what one would not


def whole_changes(shop: Shop, moves: Sequence[Sequence[float]], share: float) -> Changes:
    """People who change, ``moves[way][month]`` rounded: what is owed so far, from ``share`` of a person on.

    Nobody is counted on who would have to be hired first, the least headcount of the skill that is left and
    the largest of the one that is learned are kept, and the money for hiring too.
    """
    found = [[0] * len(shop.grid.months) for _ in shop.ways]
    owed = [0.0] * len(shop.ways)
    heads = [float(skill.row.headcount) for skill in shop.skills]
    budgets = hiring_budgets(shop.factory.staffing, shop.grid.months)
    for month, budget in enumerate(budgets):
        decided = [skill.decided[month].least for skill in shop.skills]
        heads = [
            each * (stay_of(skill) if month else 1.0) for skill, each in zip(shop.skills, heads, strict=True)
        ]
        come = list(decided)
        costs = [float(skill.row.hire_cost or 0) for skill in shop.skills]
        left = None if budget is None else budget - sum(a * b for a, b in zip(decided, costs, strict=True))
        for number, way in enumerate(shop.ways):
            owed[number] += moves[number][month]
            room = min(way.row.max_per_month, _who_may_go(shop, way, heads, come))
            cost = float(way.row.cost)
            if left is not None and cost > 0:
                room = min(room, floor(left / cost + GUARD))
            wanted = floor(owed[number] + 1 - share + GUARD) if month >= way.first_month else 0
            count = max(0, min(wanted, room))
            found[number][month] = count
            owed[number] = min(owed[number] - count, 1.0)
            heads[way.source] -= count
            come[way.target] += count
            left = None if left is None else left - count * cost
        heads = [each + new for each, new in zip(heads, come, strict=True)]
    return Changes(shop, found)


def _who_may_go(shop: Shop, way: Way, heads: Sequence[float], come: Sequence[int]) -> int:
    source, target = shop.skills[way.source].row, shop.skills[way.target].row
    room = floor(heads[way.source] - (source.min_headcount or 0) + GUARD)
    if target.max_headcount is not None:
        room = min(room, floor(target.max_headcount - heads[way.target] - come[way.target] + GUARD))
    return room
