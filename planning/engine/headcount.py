"""Heads and hours of a skill by month, counted from whole hires, layoffs, changes of skill and temporary
heads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from planning.engine.shop import Shop, Skill, Way

GUARD = 1e-6  # heads within this of a whole number count as that number


def heads_at_work(heads: float) -> int:
    """People who can be at work at once: paid heads, rounded up."""
    return ceil(heads - GUARD)


def rate_of(skill: Skill) -> float:
    """Standard hours that a trained head gives in one open day."""
    row = skill.row
    return float(row.hours_per_day) * (1 - float(row.absence_rate or 0)) * float(row.labour_efficiency or 1)


def training_loss(skill: Skill) -> float:
    """The share of a trained head's hours that one in training lacks, his trainer's included."""
    return 1 - float(skill.row.training_productivity or 0) + float(skill.row.trainer_share or 0)


def stay_of(skill: Skill) -> float:
    """The share of heads that is still there a month later."""
    return 1 - float(skill.row.attrition_per_month or 0)


class Changes:
    """Who changes from one skill to another: ``heads[way][month]``, whole people.

    By skill and month: ``arrivals`` and ``departures``, standard hours ``lost`` to courses, ``in_course``
    heads, and ``cost``, which counts in the skill that is learned.
    """

    def __init__(self, shop: Shop, heads: Sequence[Sequence[int]] = ()) -> None:
        months, skills = len(shop.grid.months), len(shop.skills)
        self.heads = [list(row) for row in heads] or [[0] * months for _ in shop.ways]
        self.arrivals, self.departures = _zeros(skills, months), _zeros(skills, months)
        self.in_course = _zeros(skills, months)
        self.lost = [[0.0] * months for _ in range(skills)]
        self.cost = [[0.0] * months for _ in range(skills)]
        for way, row in zip(shop.ways, self.heads, strict=True):
            for month, moved in enumerate(row):
                if moved:
                    self._add(shop.skills[way.target], way, month, moved)

    def _add(self, target: Skill, way: Way, month: int, moved: int) -> None:
        self.departures[way.source][month] += moved
        self.arrivals[way.target][month] += moved
        self.cost[way.target][month] += moved * float(way.row.cost)
        loss = (1 - float(way.row.productivity)) * rate_of(target)
        for later, days in enumerate(way.course_days[month]):
            self.lost[way.target][later] += moved * days * loss
            self.in_course[way.target][later] += moved if days else 0

    def net(self, skill: int, month: int) -> int:
        """Arrivals less departures."""
        return self.arrivals[skill][month] - self.departures[skill][month]

    def leave_from(self, skill: int, month: int) -> bool:
        """Whether anybody changes from ``skill`` in ``month`` or later."""
        return any(self.departures[skill][month:])

    def concern(self, skill: int) -> bool:
        """Whether anybody changes from or to ``skill``."""
        return any(self.departures[skill]) or any(self.arrivals[skill])


def _zeros(rows: int, columns: int) -> list[list[int]]:
    return [[0] * columns for _ in range(rows)]


def natural_heads(skill: Skill, given: Sequence[int], changes: Changes | None = None) -> list[float]:
    """Heads by month with the hires that are ``given`` alone."""
    months = range(len(given))
    if any(given) or (changes is not None and changes.concern(skill.index)):
        return count_people(skill, given, [0 for _ in months], changes)[0]
    return [skill.row.headcount * stay_of(skill) ** month for month in months]


@dataclass(frozen=True, slots=True)
class Given:
    """What the aggregate plan settles for the people of a schedule: changes of skill, and the heads of each
    skill that are needed on after the horizon.
    """

    changes: Changes
    end_heads: Sequence[float] = ()


def count_people(
    skill: Skill,
    hires: Sequence[int],
    layoffs: Sequence[int],
    changes: Changes | None = None,
    temps: Sequence[int] = (),
) -> tuple[list[float], list[float]]:
    """Paid heads and available standard hours by month; those of ``temps`` are in the hours only."""
    row, index = skill.row, skill.index
    stay, daily = stay_of(skill), rate_of(skill)
    heads: list[float] = []
    available: list[float] = []
    for month, (hired, gone) in enumerate(zip(hires, layoffs, strict=True)):
        before = heads[-1] * stay if heads else float(row.headcount)
        now = before + hired - gone
        if changes is not None:
            now += changes.net(index, month)
        heads.append(max(0.0, now))
        training = sum(hires[start] * skill.training_days[start][month] for start in range(month + 1))
        lost = training * training_loss(skill)
        there = heads[-1] + (temps[month] if temps else 0)
        gives = (there * skill.open_days[month] - lost) * daily - skill.absent_hours[month]
        if changes is not None:
            gives -= changes.lost[index][month]
        available.append(max(0.0, gives))
    return heads, available
