"""The people whom a schedule may count on: those of the aggregate plan, more where a crew needs them."""

from collections.abc import Sequence

from planning.engine.aggregate import AggregatePlan
from planning.engine.shop import Shop, Skill
from planning.engine.shopfloor.schedule import Labour
from planning.engine.workforce import (
    count_people,
    heads_at_work,
    hires_towards,
    keep_heads,
    raise_to_ratios,
)


class PlannedLabour:
    """``hires`` by skill and month. ``is_generous``: whole heads for the largest crew from the first possible
    month to the end, after which the last month's people go on.
    """

    def __init__(self, shop: Shop, aggregate: AggregatePlan, *, is_generous: bool) -> None:
        self.shop, self.layoffs = shop, [list(row) for row in aggregate.layoffs]
        self.hires = self._enough_for_crews(aggregate, is_generous=is_generous)

    def _enough_for_crews(self, aggregate: AggregatePlan, *, is_generous: bool) -> list[list[int]]:
        """The aggregate plan's hires by skill, and more where they never make up the largest crew:
        a few hours of work round to no head at all, and would never start.
        """
        worked = {self.shop.item_index[row.item] for row in self.shop.factory.work_orders}
        steps = [step for item in worked | set(aggregate.started) for step in self.shop.routes[item]]
        limit = self.shop.factory.staffing.max_total_hires_per_month
        found = [list(row) for row in aggregate.hires]
        left = [
            10**9 if limit is None else limit - sum(row[month] for row in found)
            for month in range(len(self.shop.grid.months))
        ]
        for skill in self.shop.skills:
            crew = max((step.crew for step in steps if step.skill == skill.index), default=0)
            _keep_crew(skill, found[skill.index], self.layoffs[skill.index], crew)
            heads, _ = count_people(skill, found[skill.index], self.layoffs[skill.index])
            if heads_at_work(max(heads)) < crew:
                left = [more + hired for more, hired in zip(left, found[skill.index], strict=True)]
                found[skill.index] = hires_towards(skill, crew, 10**9, left)
            least = max(skill.row.min_headcount or 0, crew if is_generous else 0)
            keep_heads(skill, found[skill.index], self.layoffs[skill.index], least, left)
        raise_to_ratios(self.shop, found, self.layoffs)
        return found

    def with_reserve(self, extra: Sequence[float]) -> Labour:
        """What people give, with ``extra[skill]`` as a share of it on top from the first possible hire on."""
        heads, regular, overtime = [], [], []
        for skill in self.shop.skills:
            people, available = count_people(skill, self.hires[skill.index], self.layoffs[skill.index])
            grown = [
                1 + extra[skill.index] if month >= skill.first_hire_month and skill.row.can_hire else 1.0
                for month in range(len(people))
            ]
            share = float(skill.row.overtime_max_share or 0)
            heads.append([heads_at_work(each * more) for each, more in zip(people, grown, strict=True)])
            regular.append([60 * each * more for each, more in zip(available, grown, strict=True)])
            overtime.append([minutes * share for minutes in regular[-1]])
        return Labour(heads, regular, overtime)


def _keep_crew(skill: Skill, hires: Sequence[int], layoffs: list[int], crew: int) -> None:
    """Lay off no more than leaves ``crew`` people to the end: the schedule may have work where the aggregate
    plan had none, and what it does not need is laid off when it stands.
    """
    for month in range(len(layoffs)):
        for at in range(month, -1, -1):
            lacks = crew - heads_at_work(count_people(skill, hires, layoffs)[0][month])
            if lacks <= 0:
                break
            layoffs[at] -= min(layoffs[at], lacks)
