"""Why an operation never found a start: the place, what lacks there and how much, and what would help.

Told of the smallest lot that waited to the end, for the first of its operations that did: time on its
stations until the last day planned, or the hours of its people in a month; else that both are never free at
once.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from math import ceil

from planning.engine.headcount import count_people
from planning.engine.hiring_rules import NO_LIMIT, HiringTable
from planning.engine.improve import StuckAt
from planning.engine.shop import MICRO, Shop, Skill, Step, units
from planning.engine.timegrid import DAY, OpenTime, TimeGrid
from planning.engine.trouble import Obstacle

SMALL = 1e-3  # hours: noise


def never_starts(shop: Shop, item: int, at: StuckAt | None, ref: str | None = None) -> Obstacle:
    """The obstacle for a lot of ``item`` (or for the order ``ref``) that waited ``at`` some operation."""
    code = shop.items[item].code
    what = ref or code
    if at is None or at.step >= len(shop.routes[item]) or shop.routes[item][at.step].centre < 0:
        text = f"A lot of {code} never finds a start: nothing of it could be finished by {_last(shop)}."
        advice = f"Check lead times, hours, calendars and crews of {code}, or plan over a longer horizon."
        return Obstacle("AT_RISK_RESOURCE", what, text, advice, item)
    step = shop.routes[item][at.step]
    minutes = step.attended_minutes(_made(shop, item), at.quantity)
    place = (
        f"Operation {step.seq} of {code}, {units(at.quantity).normalize():f} {shop.items[item].uom} at a time"
    )
    return (
        _no_time(shop, item, step, minutes, at, place)
        or _no_hours(shop, item, step, minutes, at, place)
        or _other_work(shop, item, step, minutes, at, place)
    )


def _made(shop: Shop, item: int) -> int:
    return shop.items[item].units_made * MICRO


def _last(shop: Shop) -> str:
    return f"{shop.grid.day(shop.grid.end - 1)}"


def _ways(shop: Shop, item: int, step: Step) -> list[tuple[int, OpenTime, float]]:
    """(work centre, open time, speed) of all places where the step can be done; stations that are open at the
    same times are one place.
    """
    row = next(each for each in shop.operation_rows[item] if each.seq == step.seq)
    ways = [(step.centre, 1.0)]
    ways += [(shop.centre_index[each.work_centre], float(each.speed)) for each in row.alternates]
    found: dict[tuple[int, int], tuple[int, OpenTime, float]] = {}
    for centre, speed in ways:
        for station in range(1, min(shop.factory.work_centres[centre].stations, 50) + 1):
            opened = shop.work_time(centre, station, step)
            found[centre, id(opened)] = (centre, opened, speed)
    return list(found.values())


def _no_time(shop: Shop, item: int, step: Step, minutes: int, at: StuckAt, place: str) -> Obstacle | None:
    """From the moment at which it is ready no station is open for as long as it takes."""
    idle, lacking = step.free_after(at.quantity), list[tuple[int, int, OpenTime, int]]()
    for centre, opened, speed in _ways(shop, item, step):
        work = round(minutes / speed)
        end = opened.end_of(at.ready, work)
        if end is not None and end + idle < shop.grid.end:
            return None
        there = opened.total - opened.count(at.ready)
        lacking.append((max(work - there, 0), centre, opened, work))
    missing, centre, opened, work = min(lacking, key=lambda each: each[:2])
    row = shop.factory.work_centres[centre]
    name, begin = row.code, shop.grid.moment(at.ready)
    text = f"{place}, takes {work / 60:,.1f} h on {name}" + (
        f" and {idle / 60:,.1f} h unattended" if idle else ""
    )
    text += f". Its parts and the work before it are there on {begin:%Y-%m-%d %H:%M};"
    end = opened.end_of(at.ready, work)
    if end is None:
        hours = (opened.total - opened.count(at.ready)) / 60
        text += f" from then to {_last(shop)}, the last day planned, {name} is open for {hours:,.1f} h:"
        text += f" {missing / 60:,.1f} h too few."
        days = ceil(missing * shop.grid.end / max(opened.total, 1) / DAY)
        advice = f"Open calendar {row.calendar} longer"
    else:
        days = (end + idle - shop.grid.end) // DAY + 1
        text += f" begun then it is over {days:,} days after {_last(shop)}, the last day planned."
        advice = f"Get the parts of {shop.items[item].code} sooner"
    advice += f"{_smaller(shop, item, at.quantity)}, or end the horizon about {days:,} days later."
    return Obstacle("AT_RISK_RESOURCE", name, text, advice, item)


def _smaller(shop: Shop, item: int, quantity: int) -> str:
    """The advice to make less at a time, where that can be."""
    return f", make {shop.items[item].code} in smaller lots" if quantity > MICRO else ""


def _no_hours(shop: Shop, item: int, step: Step, minutes: int, at: StuckAt, place: str) -> Obstacle | None:
    """Begun on whatever day, it takes more of its people's hours in some month than they give in it. Past the
    horizon the last month's people go on.
    """
    if step.skill < 0:
        return None
    grid, skill = shop.grid, shop.skills[step.skill]
    given = _hours_by_month(shop, skill, step.crew)
    best: tuple[float, int, int, float] | None = None
    for _, opened, speed in _ways(shop, item, step):
        for start in _days(grid, opened, at.ready):
            end = opened.end_of(start, round(minutes / speed))
            if end is None:
                break
            found = max(_lacks(grid, opened, given, step.crew, start, end), default=(0.0, 0))
            if found[0] <= SMALL:
                return None
            best = min(best or (*found, start, speed), (*found, start, speed))
    if best is None:
        return None
    lacking, month, start, speed = best
    first, work = grid.moment(grid.month_starts[month]), step.crew * minutes / speed / 60
    text = (
        f"{place}, takes {work:,.1f} h of {skill.code} without a break. Whenever it"
        f" begins, a month lacks hours: at best, from {grid.moment(start):%Y-%m-%d} on,"
        f" {lacking:,.1f} h in {first:%Y-%m}, when all of {skill.code} together give"
        f" {given[min(month, len(given) - 1)]:,.1f} h."
    )
    less = _smaller(shop, item, at.quantity)
    advice = f"Raise the heads of {skill.code}, or the hours a day that they work{less}."
    return Obstacle("AT_RISK_SKILL", skill.code, text, advice, item)


def _days(grid: TimeGrid, opened: OpenTime, ready: int) -> list[int]:
    """When it may begin: at once, as its place opens, or with a month."""
    moments = (opened.next_open(each) for each in (ready, *grid.month_starts) if each >= ready)
    return sorted(
        {*(each for each in moments if each is not None), *opened.starts[bisect_left(opened.starts, ready) :]}
    )


def _lacks(
    grid: TimeGrid, opened: OpenTime, given: list[float], crew: int, start: int, end: int
) -> Iterator[tuple[float, int]]:
    """By month that ``[start, end)`` touches: the hours that its crew lacks there, and the month's number."""
    starts = grid.month_starts
    for month in range(bisect_right(starts, start) - 1, len(starts)):
        if starts[month] >= end:
            return
        until = min(end, starts[month + 1]) if month + 1 < len(starts) else end
        hours = crew * (opened.count(until) - opened.count(max(start, starts[month]))) / 60
        yield hours - given[min(month, len(given) - 1)], month


def _hours_by_month(shop: Shop, skill: Skill, crew: int) -> list[float]:
    """Hours with overtime that ``skill`` gives once it has all hires that a crew needs."""
    table = HiringTable(shop)
    table.plant_heads = None  # layoffs of other skills may make room
    table.hire_towards(skill, [crew] * len(table.months), NO_LIMIT)
    nobody = [0] * len(table.months)
    temps = [skill.row.temp_max_heads or 0] * len(table.months)
    given = count_people(skill, table.hires[skill.index], nobody, None, temps)[1]
    return [hours * (1 + float(skill.row.overtime_max_share or 0)) for hours in given]


def _other_work(shop: Shop, item: int, step: Step, minutes: int, at: StuckAt, place: str) -> Obstacle:
    """There would be time and there are people, but not both at once, or other work has them."""
    name, less = shop.factory.work_centres[step.centre].code, _smaller(shop, item, at.quantity)
    if step.skill < 0:
        text = f"{place}, takes {minutes / 60:,.1f} h on {name} and never finds it free until {_last(shop)}."
        advice = f"Add a station to {name} or hours to its calendar, or plan over a longer horizon."
        return Obstacle("AT_RISK_RESOURCE", name, text, advice, item)
    skill = shop.skills[step.skill].code
    text = (
        f"{place}, takes {minutes / 60:,.1f} h of {step.crew} {skill} on {name} and never finds both free"
        f" until {_last(shop)}."
    )
    advice = f"Hire {skill}, end absences{less}, or plan over a longer horizon."
    return Obstacle("AT_RISK_SKILL", skill, text, advice, item)
