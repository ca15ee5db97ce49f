"""Who may be hired when, and who must be: decisions, limits, ramps, held skills, least heads and ratios.

``HiringTable`` is a plan of hires while it is made, and knows how many more each month takes. What somebody
decided comes whatever the limits say; what comes on top keeps them.
"""

from collections.abc import Sequence
from math import ceil

from planning.engine.factory import RampRow
from planning.engine.headcount import GUARD, Changes, count_people, heads_at_work, stay_of
from planning.engine.shop import Shop, Skill
from planning.engine.skill_terms import hiring_budgets

NO_LIMIT = 10**9


class HiringTable:
    """``hires`` and ``layoffs`` by skill and month (unless given: what is decided, and none), and the
    ``heads`` that they make.
    """

    def __init__(
        self,
        shop: Shop,
        changes: Changes | None = None,
        hires: Sequence[Sequence[int]] | None = None,
        layoffs: Sequence[Sequence[int]] | None = None,
    ) -> None:
        self.shop, self.months = shop, range(len(shop.grid.months))
        self.changes = changes or Changes(shop)
        self.hires = [list(row) for row in hires] if hires is not None else self.decided()
        self.layoffs = [list(row) for row in layoffs or [[0 for _ in self.months] for _ in shop.skills]]
        self.heads = [self._heads(skill) for skill in shop.skills]
        staffing = shop.factory.staffing
        self.plant_hires, self.plant_heads = staffing.max_total_hires_per_month, staffing.max_total_heads
        self.budgets = hiring_budgets(staffing, shop.grid.months)

    def decided(self) -> list[list[int]]:
        """The hires that come because somebody said so."""
        return [[each.least for each in skill.decided] for skill in self.shop.skills]

    def put(self, skill: Skill, hires: Sequence[int], layoffs: Sequence[int] | None = None) -> None:
        """Replace what is planned for ``skill``."""
        self.hires[skill.index] = list(hires)
        if layoffs is not None:
            self.layoffs[skill.index] = list(layoffs)
        self.heads[skill.index] = self._heads(skill)

    def add(self, skill: Skill, month: int, more: int) -> None:
        """``more`` hires (fewer where below 0)."""
        if more:
            self.hires[skill.index][month] += more
            self.heads[skill.index] = self._heads(skill)

    def _heads(self, skill: Skill) -> list[float]:
        index = skill.index
        return count_people(skill, self.hires[index], self.layoffs[index], self.changes)[0]

    def room(self, skill: Skill, month: int) -> int:
        """How many more may be hired in ``month`` by the rules of the skill and the plant."""
        row, hired = skill.row, self.hires[skill.index]
        if not row.can_hire or month < skill.first_hire_month or skill.decided[month].is_exact:
            return 0
        room = NO_LIMIT if row.max_hires_per_month is None else row.max_hires_per_month - hired[month]
        if row.max_headcount is not None:
            room = min(room, int(row.max_headcount - self.heads[skill.index][month] + GUARD))
        if row.max_hires is not None:
            room = min(room, row.max_hires - sum(hired))
        room = min(room, self.most_hires(skill, month) - hired[month], self._heads_room(skill, month))
        return max(0, room)

    def most_hires(self, skill: Skill, month: int) -> int:
        """Hires of ``skill`` that the plant's limits on hires and money leave beside those of the others."""
        most = NO_LIMIT
        if self.plant_hires is not None:
            most = self.plant_hires - sum(row[month] for row in self.hires) + self.hires[skill.index][month]
        budget, cost = self.budgets[month], float(skill.row.hire_cost or 0)
        if budget is not None and cost > 0:
            spent = sum(
                each[month] * float(other.row.hire_cost or 0) + courses[month]
                for other, each, courses in zip(self.shop.skills, self.hires, self.changes.cost, strict=True)
            )
            left = budget - spent + self.hires[skill.index][month] * cost
            most = min(most, int(left / cost + GUARD))
        return most

    def most_heads(self, skill: Skill, month: int) -> float | None:
        """The largest number of heads with which ``skill`` may still hire; None: no limit."""
        limits = [] if skill.row.max_headcount is None else [float(skill.row.max_headcount)]
        if self.plant_heads is not None:
            others = sum(row[month] for row in self.heads) - self.heads[skill.index][month]
            limits.append(self.plant_heads - others)
        return min(limits, default=None)

    def most_beside_hires(self, skill: Skill, month: int) -> float | None:
        """The largest number of heads of ``skill`` beside hires of others that no decision asks for."""
        others = any(
            self.hires[each.index][month] > each.decided[month].least
            for each in self.shop.skills
            if each.index != skill.index
        )
        if self.plant_heads is None or not others:
            return None
        return self.plant_heads - sum(row[month] for row in self.heads) + self.heads[skill.index][month]

    def _heads_room(self, skill: Skill, month: int) -> int:
        """Hires that keep the heads of the plant within their limit, now and in later months with hires."""
        if self.plant_heads is None:
            return NO_LIMIT
        room, share = NO_LIMIT, 1.0
        for later in range(month, len(self.months)):
            if share > GUARD and (later == month or self._hires_beyond_decided(later)):
                free = self.plant_heads - sum(row[later] for row in self.heads)
                room = min(room, int((free + GUARD) / share) if free > 0 else 0)
            share *= stay_of(skill)
        return room

    def _hires_beyond_decided(self, month: int) -> bool:
        return any(self.hires[skill.index][month] > skill.decided[month].least for skill in self.shop.skills)

    def hire_towards(self, skill: Skill, targets: Sequence[float], most: int) -> None:
        """Plan hires of ``skill`` anew: ``most`` a month, until it has the heads of ``targets``, and at once
        what its least headcount asks for.
        """
        self.put(skill, [each.least for each in skill.decided])
        for month in self.months:
            there = self.heads[skill.index][month]
            least = ceil((skill.row.min_headcount or 0) - there - GUARD)
            within = min(most - skill.decided[month].least, ceil(targets[month] - there - GUARD))
            self.add(skill, month, max(0, min(max(within, least), self.room(skill, month))))

    def keep_crew(self, skill: Skill, crew: int) -> None:
        """Lay off no more than leaves ``crew`` people to the end: the schedule may have work where the
        aggregate plan had none, and what it does not need is laid off when it stands.
        """
        layoffs = list(self.layoffs[skill.index])
        for month in self.months:
            for at in range(month, -1, -1):
                lacks = crew - heads_at_work(self.heads[skill.index][month])
                if lacks <= 0 or not any(layoffs):
                    break
                layoffs[at] -= min(layoffs[at], lacks)
                self.put(skill, self.hires[skill.index], layoffs)

    def build_up(self, skill: Skill, ramp: RampRow) -> None:
        """Hire on top what ``ramp`` asks for."""
        for month in self.months:
            lacking = ceil(ramp.target_headcount - self.heads[skill.index][month] - GUARD)
            within = ramp.max_per_month - self.hires[skill.index][month]
            self.add(skill, month, max(0, min(lacking, within, self.room(skill, month))))

    def keep_heads(self, skill: Skill, heads: int) -> None:
        """Hire on top what ``skill`` lacks of whole ``heads`` in any month."""
        for month in range(skill.first_hire_month, len(self.months)):
            lacking = ceil(heads - self.heads[skill.index][month] - GUARD)
            self.add(skill, month, max(0, min(lacking, self.room(skill, month))))

    def trim_to_plant(self) -> None:
        """Take back hires, the last skills' first, until heads, hires and money of the plant are within
        their limits.
        """
        for month in self.months:
            for skill in reversed(self.shop.skills):
                hired = self.hires[skill.index][month]
                over = hired - self.most_hires(skill, month)
                if self.plant_heads is not None:
                    heads = sum(row[month] for row in self.heads)
                    over = max(over, ceil(heads - self.plant_heads - GUARD))
                further = hired - skill.decided[month].least
                self.add(skill, month, -max(0, min(further, over)))


def raise_to_rules(table: HiringTable) -> None:
    """Where the plant's heads are limited, hire what ramps, held skills and least heads still ask for:
    layoffs of other skills may have made room.
    """
    if table.plant_heads is None:
        return
    shop, staffing = table.shop, table.shop.factory.staffing
    ramps = {row.skill: row for row in staffing.ramps}
    asked = {step.skill for route in shop.routes for step in route}
    busy = asked | {shop.skill_index[row.skill] for row in staffing.ratios}
    for skill in shop.skills:
        ramp = ramps.get(skill.code)
        if ramp and skill.index not in busy:
            table.hire_towards(skill, [ramp.target_headcount] * len(table.months), ramp.max_per_month)
        elif ramp:
            table.build_up(skill, ramp)
        elif skill.index not in busy:
            table.hire_towards(skill, held_at(skill, table.changes), NO_LIMIT)
        table.keep_heads(skill, skill.row.min_headcount or 0)


def raise_to_ratios(table: HiringTable) -> None:
    """Hire what the ratios still lack, as far as limits allow. A direct skill with a ratio raises the heads
    that the ratios count, so this goes on until nobody is missing.
    """
    shop, ratios = table.shop, table.shop.factory.staffing.ratios
    direct = [skill.index for skill in shop.skills if skill.row.kind == "direct"]
    for month in table.months:
        is_short = bool(ratios)
        while is_short:
            is_short = False
            for ratio in ratios:
                skill = shop.skills[shop.skill_index[ratio.skill]]
                served = sum(table.heads[index][month] for index in direct)
                wanted = ceil(served / float(ratio.per_direct_heads) - GUARD)
                short = wanted - heads_at_work(table.heads[skill.index][month])
                more = min(short, table.room(skill, month))
                if more > 0:
                    table.add(skill, month, more)
                    is_short = True
                    break
        for ratio in ratios:
            _trim_to_most_heads(table, shop.skills[shop.skill_index[ratio.skill]], month)


def _trim_to_most_heads(table: HiringTable, skill: Skill, month: int) -> None:
    """Take back hires of ``month`` that earlier ones have made too many for the largest headcount."""
    further = table.hires[skill.index][month] - skill.decided[month].least
    if skill.row.max_headcount is not None and further > 0:
        over = ceil(table.heads[skill.index][month] - skill.row.max_headcount - GUARD)
        table.add(skill, month, -max(0, min(further, over)))


def ruled_hires(
    shop: Shop, loaded: Sequence[bool], changes: Changes | None = None
) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """Hires of the skills whose number a rule fixes: ramps first, then skills held at their headcount (and
    those who have changed to it, less those who have changed from it). Then hires of ramps whose skill also
    works or follows the direct heads: it may hire more than these.
    """
    staffing = shop.factory.staffing
    ramps = {row.skill: row for row in staffing.ramps}
    with_ratio = {row.skill for row in staffing.ratios}
    table = HiringTable(shop, changes)
    held = [
        s for s in shop.skills if s.code not in ramps and s.code not in with_ratio and not loaded[s.index]
    ]
    result: dict[int, list[int]] = {}
    for skill in [s for s in shop.skills if s.code in ramps] + held:
        ramp = ramps.get(skill.code)
        if ramp:
            table.hire_towards(skill, [ramp.target_headcount] * len(table.months), ramp.max_per_month)
        else:
            table.hire_towards(skill, held_at(skill, table.changes), NO_LIMIT)
        result[skill.index] = table.hires[skill.index]
    bases = {
        skill.index: result.pop(skill.index)
        for skill in shop.skills
        if skill.code in ramps and (loaded[skill.index] or skill.code in with_ratio)
    }
    return result, bases


def held_at(skill: Skill, changes: Changes) -> list[float]:
    """The heads at which a skill without work is held, by month."""
    found, heads = [], float(skill.row.headcount)
    for month in range(len(skill.open_days)):
        heads += changes.net(skill.index, month)
        found.append(max(heads, float(skill.row.min_headcount or 0)))
    return found


def may_hire(shop: Shop, skill: Skill) -> bool:
    """Whether limits and decisions leave any month in which somebody could be hired for a skill."""
    row, plant = skill.row, shop.factory.staffing.max_total_hires_per_month
    if not row.can_hire or 0 in (row.max_hires, row.max_hires_per_month, plant):
        return False
    return any(not each.is_exact for each in skill.decided[skill.first_hire_month :])
