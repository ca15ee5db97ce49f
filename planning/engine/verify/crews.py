"""How many people of each skill are at work whenever an operation starts, and in which shifts they work."""

import heapq
from collections import defaultdict
from collections.abc import Iterator

from planning.engine.factory import SkillRow, SkillShiftRow
from planning.engine.verify.calendars import OpenTime, month_of, next_month
from planning.engine.verify.facts import Facts, Op


def starts_of_crews(facts: Facts) -> Iterator[tuple[str, int, int, str]]:
    """(skill, minute, people at work, an operation) whenever operations of a skill start. Crews whose work
    centre is closed, whose station is down or whose shift is over are not at work.
    """
    for skill, rows in _by_skill(facts).items():
        for minute, at_work, name in _sweep(facts, rows, sorted({op.start for op in rows})):
            yield skill, minute, at_work, name


def starts_in_shifts(facts: Facts) -> Iterator[tuple[str, int, int, str]]:
    """The same of skills with shifts, and also whenever a shift of theirs starts while they are at work."""
    for skill, rows in _by_skill(facts).items():
        times = facts.shift_times.get(skill)
        if times is not None:
            last = max(op.end for op in rows)
            minutes = {op.start for op in rows}
            minutes |= {each for one in times.values() for each in one.starts(rows[0].start, last)}
            for minute, at_work, name in _sweep(facts, rows, sorted(minutes)):
                yield skill, minute, at_work, name


def _by_skill(facts: Facts) -> dict[str, list[Op]]:
    found: dict[str, list[Op]] = defaultdict(list)
    for op in facts.ops:
        if op.step.skill is not None and op.centre is not None and op.end > op.start:
            found[op.step.skill].append(op)
    return found


def _sweep(facts: Facts, rows: list[Op], minutes: list[int]) -> Iterator[tuple[int, int, str]]:
    """(minute, people at work, the operation that started last) at each of ``minutes``."""
    under_way: list[tuple[int, int, Op, OpenTime]] = []
    crews: dict[OpenTime, int] = defaultdict(int)
    k = 0
    for minute in minutes:
        while k < len(rows) and rows[k].start <= minute:
            open_time = facts.open_for(rows[k])
            heapq.heappush(under_way, (rows[k].end, k, rows[k], open_time))
            crews[open_time] += rows[k].step.crew
            k += 1
        while under_way and under_way[0][0] <= minute:
            _, _, gone, left = heapq.heappop(under_way)
            crews[left] -= gone.step.crew
        at_work = sum(crew for each, crew in crews.items() if crew and each.is_open(minute))
        yield minute, at_work, rows[k - 1].name


def premium(skill: SkillRow, row: SkillShiftRow, hours: float, wage: float) -> float:
    """What standard ``hours`` in a shift cost on top of the wage."""
    return hours / float(skill.labour_efficiency or 1) * wage * float(row.premium)


def hours_by_shift(facts: Facts) -> dict[tuple[str, str, str], float]:
    """Standard hours of operations by skill, month and shift, also of months past the horizon."""
    minutes: dict[tuple[str, str, str], int] = defaultdict(int)
    for op in facts.ops:
        for row in _shifts_of(facts, op):
            opened, start = facts.open_in(op, row.name), op.start
            while start < op.end:
                day = facts.local.day(start)
                until = min(op.end, facts.local.midnight(next_month(day)))
                worked = op.step.crew * opened.open_minutes(start, until)
                minutes[op.step.skill or "", month_of(day), row.name] += worked
                start = until
    return defaultdict(float, {key: value / 60 for key, value in minutes.items()})


def _shifts_of(facts: Facts, op: Op) -> tuple[SkillShiftRow, ...]:
    if op.centre is None or op.step.skill is None:
        return ()
    return facts.skills[op.step.skill].shifts
