"""What happens beside the calendars, as a schedule counts it: stations down, people absent or on shifts,
operations pinned.

Minutes are those of ``TimeGrid``. Everything is worked out once, before there is a schedule. The verifier has
its own reading of the same rows.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from planning.engine.factory import AbsenceRow, DowntimeRow, PinnedOperationRow, SkillRow, WorkCentreRow
from planning.engine.timegrid import OpenTime, TimeGrid

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """An operation starts at minute ``start``, on ``work_centre`` (None: subcontracted) and ``station`` (1…;
    None: any).
    """

    start: int
    work_centre: str | None
    station: int | None


def station_open_time(
    grid: TimeGrid, centre: WorkCentreRow, station: int, downtimes: Iterable[DowntimeRow]
) -> OpenTime:
    """Open time of one station (1…) of a work centre, less its downtimes. O(open intervals × downtimes)."""
    usual = grid.open_time[centre.calendar]
    down = sorted(
        (minute_of(grid, row.from_), minute_of(grid, row.to))
        for row in downtimes
        if row.work_centre == centre.code and row.station in (None, station)
    )
    if not down:
        return usual
    spans = zip(usual.starts, usual.ends, strict=True)
    return OpenTime.of(part for start, end in spans for part in _up(start, end, down))


def _up(start: int, end: int, down: list[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """What is left of ``[start, end)`` without what is ``down``, which is sorted."""
    for begins, ends in down:
        if begins < end and ends > start:
            yield start, begins  # nothing, where it begins before: ``OpenTime`` leaves it out
            start = max(start, ends)
    yield start, end


def absent_heads(grid: TimeGrid, skill: SkillRow, absences: Iterable[AbsenceRow]) -> dict[date, int]:
    """By open day of a skill from the planning date on: how many fewer can form crews, rounded up."""
    return {
        day: int(heads.to_integral_value(ROUND_CEILING))
        for day, heads in _absent(grid, skill, absences).items()
    }


def absent_hours(
    grid: TimeGrid, skill: SkillRow, absences: Iterable[AbsenceRow], firsts: Sequence[date]
) -> list[float]:
    """Standard hours lost in each span of days that begins on one of ``firsts`` (in order, the first on or
    before the planning date), the last one to the horizon; what is left of a span is not below zero.
    """
    lost = [Decimal(0)] * len(firsts)
    for day, heads in _absent(grid, skill, absences).items():
        if day < grid.horizon_end:
            lost[bisect_right(firsts, day) - 1] += heads
    standard = (1 - float(skill.absence_rate or 0)) * float(skill.labour_efficiency or 1)
    return [float(heads) * float(skill.hours_per_day) * standard for heads in lost]


def _absent(grid: TimeGrid, skill: SkillRow, absences: Iterable[AbsenceRow]) -> dict[date, Decimal]:
    found: dict[date, Decimal] = defaultdict(Decimal)
    for row in absences:
        if row.skill == skill.code and skill.calendar is not None:
            for day in grid.open_days(skill.calendar, max(row.from_, grid.as_of), row.to):
                found[day] += row.heads
    return dict(found)


def shift_times(row: SkillRow, grid: TimeGrid) -> list[OpenTime]:
    """When each shift of a skill runs, in the order of ``row.shifts``: on every day, from the evening before
    the planning date on. O(shifts × days).
    """
    days = [grid.as_of + timedelta(days=number) for number in range(-1, len(grid.day_starts))]
    return [OpenTime.of(grid.span(day, each.start, each.end) for day in days) for each in row.shifts]


def any_of(times: Iterable[OpenTime]) -> OpenTime:
    """When one of several is open."""
    return OpenTime.of(span for each in times for span in zip(each.starts, each.ends, strict=True))


def both(one: OpenTime, other: OpenTime) -> OpenTime:
    """When both are open. O(intervals)."""
    spans = zip(one.starts, one.ends, strict=True)
    return OpenTime.of(span for start, end in spans for span in other.within(start, end))


def pins_by_operation(grid: TimeGrid, pins: Iterable[PinnedOperationRow]) -> dict[tuple[str, int], Pin]:
    """Pins of a resolved factory by ref of the work order or firm order, and seq."""
    return {
        (row.order, row.seq): Pin(
            start=minute_of(grid, row.start), work_centre=row.work_centre, station=row.station
        )
        for row in pins
    }


def minute_of(grid: TimeGrid, moment: datetime) -> int:
    """The minute of a moment; real elapsed ones, whatever the offsets."""
    return (moment.astimezone(UTC) - grid.moment(0).astimezone(UTC)) // _MINUTE
