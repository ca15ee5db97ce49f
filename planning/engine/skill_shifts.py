"""Shifts of skills: what operations take of each, what its premium costs, and when its places are taken.

Minutes are those of the time grid, hours standard hours. A skill without shifts is at work whenever its work
centres are open. Cost: O(operations x shifts that they touch).
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from planning.engine.events import both
from planning.engine.material import Lot
from planning.engine.shop import Shop, Skill, Step
from planning.engine.shopfloor.schedule import Row, Schedule


def minutes_by_shift(
    shop: Shop, lots: Sequence[Lot], schedule: Schedule
) -> dict[tuple[int, int, int], float]:
    """Crew minutes by skill, shift and month that operations take, the month of the horizon's end to its own
    end; none of skills without shifts.
    """
    found: dict[tuple[int, int, int], float] = {}
    starts = shop.grid.month_starts
    ends = starts[1 : len(shop.grid.months) + 1]
    for row in schedule.rows:
        step = shop.routes[lots[row.lot].item][row.step]
        skill = shop.skills[step.skill] if row.centre >= 0 and step.skill >= 0 else None
        if skill is None or not skill.shifts or schedule.done[row.lot] < 0:
            continue
        opened = shop.work_time(row.centre, row.station, step)
        for number, shift in enumerate(skill.shifts):
            for begin, until in shift.within(row.start, row.end):
                for month in range(bisect_right(starts, begin) - 1, len(ends)):
                    if starts[month] >= until:
                        break
                    first, last = max(begin, starts[month]), min(until, ends[month])
                    if first < last:
                        key = (skill.index, number, month)
                        worked = step.crew * (opened.count(last) - opened.count(first))
                        found[key] = found.get(key, 0.0) + worked
    return found


def premium(skill: Skill, number: int, month: int, hours: float) -> float:
    """What standard ``hours`` in a shift cost on top of the wage of a month."""
    efficiency = float(skill.row.labour_efficiency or 1)
    return hours / efficiency * skill.wages[month] * float(skill.row.shifts[number].premium)


def unit_premium(shop: Shop, step: Step, hours: float) -> float:
    """About what premiums make of standard ``hours`` of a step: its shifts by the share that each has in the
    time in which people work on it, at the wage of the planning date.
    """
    shifts = shop.shifts_of(step)
    if not shifts:
        return 0.0
    opened, skill = shop.centre_time(step.centre, step), shop.skills[step.skill]
    total = 0.0
    for number in shifts:
        share = both(opened, skill.shifts[number]).total / max(opened.total, 1)
        total += premium(skill, number, 0, hours * share)
    return total


def seat_hours(skill: Skill, spans: Iterable[tuple[int, int]]) -> list[float] | None:
    """Hours in each of ``spans`` (begin and end as minutes) that people of a skill can be on its shifts;
    None: one takes as many as there are.
    """
    rows = [(row.max_heads, times) for row, times in zip(skill.row.shifts, skill.shifts, strict=True)]
    if not rows or any(most is None for most, _ in rows):
        return None
    return [
        sum((most or 0) * (times.count(end) - times.count(begin)) / 60 for most, times in rows)
        for begin, end in spans
    ]


class Seats:
    """Who of skills with shifts is at work when, in a finished schedule. A look costs O(the skill's rows)."""

    def __init__(self, shop: Shop, lots: Sequence[Lot], schedule: Schedule) -> None:
        self.shop = shop
        self._rows: dict[int, list[tuple[Row, Step]]] = defaultdict(list)
        if not any(skill.shifts for skill in shop.skills):
            return
        for row in schedule.rows:
            step = shop.routes[lots[row.lot].item][row.step]
            if row.centre >= 0 and step.skill >= 0 and shop.skills[step.skill].shifts:
                self._rows[step.skill].append((row, step))

    def at_work(self, skill: int, minute: int) -> int:
        """People of a skill with shifts who are at work in a minute."""
        return sum(
            step.crew
            for row, step in self._rows[skill]
            if row.start <= minute < row.end
            and self.shop.work_time(row.centre, row.station, step).is_open(minute)
        )

    def are_full(self, step: Step, minute: int, heads: int) -> bool:
        """Whether a shift has no place for the crew of a step, of whom enough are among ``heads``."""
        if step.skill not in self._rows:
            return False
        skill, busy = self.shop.skills[step.skill], self.at_work(step.skill, minute)
        if busy + step.crew > heads:
            return False
        return any(
            row.max_heads is not None and busy + step.crew > row.max_heads and times.is_open(minute)
            for row, times in zip(skill.row.shifts, skill.shifts, strict=True)
        )


def month_premiums(shop: Shop, lots: Sequence[Lot], schedule: Schedule) -> list[list[float]]:
    """What premiums of shifts cost by skill and month; nothing where no skill has shifts."""
    if not any(skill.shifts for skill in shop.skills):
        return []
    found = [[0.0 for _ in shop.grid.months] for _ in shop.skills]
    for (skill, number, month), minutes in minutes_by_shift(shop, lots, schedule).items():
        found[skill][month] += premium(shop.skills[skill], number, month, minutes / 60)
    return found
