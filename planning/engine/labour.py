"""The people whom a schedule may count on: those of the aggregate plan, more where a crew needs them."""

from collections.abc import Sequence

from planning.engine.aggregate import AggregatePlan
from planning.engine.headcount import Given, count_people, heads_at_work
from planning.engine.hiring_rules import NO_LIMIT, HiringTable, raise_to_ratios, raise_to_rules
from planning.engine.shop import Shop, Skill
from planning.engine.shopfloor.schedule import Labour


class PlannedLabour:
    """``hires``, ``layoffs`` and ``temps`` by skill and month; ``given`` binds the people of every schedule.
    ``is_generous``: whole heads for the largest crew from the first possible month to the end, after which
    the last month's people go on.
    """

    def __init__(self, shop: Shop, aggregate: AggregatePlan, *, is_generous: bool) -> None:
        self.shop = shop
        self.given = Given(aggregate.changes, aggregate.end_heads)
        self.temps = [list(row) for row in aggregate.temps]
        table = HiringTable(shop, aggregate.changes, aggregate.hires, aggregate.layoffs)
        table.trim_to_plant()
        self._enough_for_crews(table, aggregate, is_generous=is_generous)
        self.hires, self.layoffs = table.hires, table.layoffs

    def _enough_for_crews(self, table: HiringTable, aggregate: AggregatePlan, *, is_generous: bool) -> None:
        """More people than the aggregate plan has where its own never make up the largest crew:
        a few hours of work round to no head at all, and would never start.
        """
        worked = {self.shop.item_index[row.item] for row in self.shop.factory.work_orders}
        steps = [step for item in worked | set(aggregate.started) for step in self.shop.routes[item]]
        for skill in self.shop.skills:
            crew = max((step.crew for step in steps if step.skill == skill.index), default=0)
            table.keep_crew(skill, crew)
            self._add_temps(skill, table, crew, is_generous=is_generous)
            if heads_at_work(max(table.heads[skill.index])) + max(self.temps[skill.index]) < crew:
                table.hire_towards(skill, [crew] * len(table.months), NO_LIMIT)
            least = max(skill.row.min_headcount or 0, crew if is_generous else 0)
            table.keep_heads(skill, least)
        raise_to_rules(table)
        raise_to_ratios(table)

    def _add_temps(self, skill: Skill, table: HiringTable, crew: int, *, is_generous: bool) -> None:
        """Temporary people for a crew: in the months that lack them, where no month makes it up, or in all
        that do not.
        """
        heads, temps = table.heads[skill.index], self.temps[skill.index]
        there = [heads_at_work(each) + extra for each, extra in zip(heads, temps, strict=True)]
        if max(there) < crew or is_generous:
            most = skill.row.temp_max_heads or 0
            for month, people in enumerate(there):
                temps[month] = min(most, temps[month] + max(0, crew - people))

    def with_reserve(self, extra: Sequence[float]) -> Labour:
        """What people give, with ``extra[skill]`` as a share of it on top from the first possible hire on."""
        heads, regular, overtime = [], [], []
        for skill in self.shop.skills:
            temps = self.temps[skill.index]
            people, available = count_people(
                skill, self.hires[skill.index], self.layoffs[skill.index], self.given.changes, temps
            )
            grown = [
                1 + extra[skill.index] if month >= skill.first_hire_month and skill.row.can_hire else 1.0
                for month in range(len(people))
            ]
            share = float(skill.row.overtime_max_share or 0)
            heads.append(
                [
                    heads_at_work(each * more) + temp
                    for each, more, temp in zip(people, grown, temps, strict=True)
                ]
            )
            regular.append([60 * each * more for each, more in zip(available, grown, strict=True)])
            overtime.append([minutes * share for minutes in regular[-1]])
        return Labour(heads, regular, overtime)
