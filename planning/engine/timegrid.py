"""Working calendars as integer minutes, and back.

Minute 0 is ``as_of`` 00:00 in the factory's time zone; minutes are real elapsed ones, so a night when the
clocks change has 23 or 25 hours. Every look-up is a bisection: O(log intervals).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from planning.engine.factory import CalendarRow, Factory

DAY = 1_440
# Work may run past the horizon; what needs longer than this is named as work that never ends.
OVERRUN_DAYS = 4 * 366
FAR = timedelta(days=40_000)  # beyond every day that is planned


@dataclass(frozen=True, slots=True)
class OpenTime:
    """The open intervals ``[starts[i], ends[i])`` of a calendar;
    ``before[i]`` open minutes lie before ``starts[i]``.
    """

    starts: list[int]
    ends: list[int]
    before: list[int]

    @classmethod
    def of(cls, intervals: Iterable[tuple[int, int]]) -> "OpenTime":
        """Merge ``intervals`` (any order, may overlap); what lies before minute 0 is cut off."""
        starts: list[int] = []
        ends: list[int] = []
        for start, end in sorted((max(start, 0), end) for start, end in intervals if end > max(start, 0)):
            if ends and start <= ends[-1]:
                ends[-1] = max(ends[-1], end)
            else:
                starts.append(start)
                ends.append(end)
        before, total = [], 0
        for start, end in zip(starts, ends, strict=True):
            before.append(total)
            total += end - start
        return cls(starts, ends, before)

    @property
    def total(self) -> int:
        """All open minutes there are."""
        return self.before[-1] + self.ends[-1] - self.starts[-1] if self.starts else 0

    def is_open(self, minute: int) -> bool:
        i = bisect_right(self.starts, minute) - 1
        return i >= 0 and minute < self.ends[i]

    def within(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The open spans of ``[start, end)``."""
        for i in range(bisect_right(self.ends, start), bisect_left(self.starts, end)):
            yield max(start, self.starts[i]), min(end, self.ends[i])

    def next_open(self, minute: int) -> int | None:
        """The first open minute at or after ``minute``."""
        i = bisect_right(self.ends, minute)
        return max(minute, self.starts[i]) if i < len(self.starts) else None

    def count(self, minute: int) -> int:
        """Open minutes before ``minute``."""
        i = bisect_right(self.starts, minute) - 1
        return self.before[i] + min(minute, self.ends[i]) - self.starts[i] if i >= 0 else 0

    def end_of(self, start: int, work: int) -> int | None:
        """When ``work`` open minutes have passed since the open minute ``start``; None when they never do."""
        if work == 0:
            return start
        target = self.count(start) + work
        if target > self.total:
            return None
        i = bisect_left(self.before, target) - 1
        return self.starts[i] + target - self.before[i]

    def start_for(self, end: int, work: int) -> int:
        """The latest open start from which ``work`` open minutes end by ``end``;
        negative when there is too little.

        Before minute 0 the calendar is taken to be as open as it is on average over its first weeks.
        """
        target = self.count(end) - work
        if not self.starts:
            return end - work
        if target < 0:
            span = min(len(self.starts) - 1, 40)
            share = (self.before[span] + 1) / max(self.starts[span] - self.starts[0], 1) if span else 1.0
            return round(target / min(max(share, 0.05), 1.0)) - 1
        i = bisect_right(self.before, target) - 1
        return self.starts[i] + target - self.before[i]


class TimeGrid:
    """Days, months and calendars of one factory in minutes."""

    def __init__(self, factory: Factory) -> None:
        self.zone = ZoneInfo(factory.time_zone)
        self.as_of = factory.as_of
        self.horizon_end = factory.horizon_end
        self._origin = self._utc(factory.as_of)
        self.day_starts: list[int] = []
        last = factory.horizon_end + timedelta(days=OVERRUN_DAYS)
        days = (last - factory.as_of).days + (-last.weekday() % 7)  # whole weeks: a plan tells their load
        self.day_starts = [self.minute(factory.as_of + timedelta(days=n)) for n in range(days + 1)]
        self.end = self.day_starts[-1]
        self.horizon = self.minute(factory.horizon_end)
        self.months = months_between(factory.as_of, factory.horizon_end)
        self._all_months = months_between(factory.as_of, self.day(self.end - 1))
        self.month_starts = [0, *(self.minute(first) for first in self._all_months[1:])]
        self._calendars = {row.code: row for row in factory.calendars}
        self._patterns: dict[str, tuple[set[int], set[date], set[date]]] = {}
        self._ahead: dict[tuple[str, date, int], date] = {}
        self.open_time = {row.code: OpenTime.of(self._intervals(row)) for row in factory.calendars}

    def _utc(self, day: date, clock: str = "00:00") -> datetime:
        hours, minutes = int(clock[:2]), int(clock[3:])
        return datetime.combine(day, time(hours, minutes), self.zone).astimezone(UTC)

    def minute(self, day: date, clock: str = "00:00") -> int:
        """Minutes from the planning date to ``clock`` on ``day``, local time."""
        number = (day - self.as_of).days
        if clock == "00:00" and 0 <= number < len(self.day_starts):
            return self.day_starts[number]
        return int((self._utc(day, clock) - self._origin).total_seconds()) // 60

    def moment(self, minute: int) -> datetime:
        """The local moment of ``minute``, with its offset."""
        return (self._origin + timedelta(minutes=minute)).astimezone(self.zone)

    def day_index(self, minute: int) -> int:
        """Whole local days from ``as_of`` to the day of ``minute``; exact for minutes inside the grid."""
        if minute < 0:
            return minute // DAY
        return bisect_right(self.day_starts, minute) - 1

    def day(self, minute: int) -> date:
        """The local day of ``minute``."""
        return self.as_of + timedelta(days=self.day_index(minute))

    def end_of_day(self, day: date) -> int:
        """24:00 of ``day``: on a night when the clocks change it is not 24 hours after its 00:00."""
        return self.minute(day + timedelta(days=1))

    def first_day_from(self, minute: int) -> date:
        """The first local day that does not begin before ``minute``."""
        return self.as_of + timedelta(days=bisect_left(self.day_starts, minute))

    def days_later(self, minute: int, days: int) -> int:
        """The minute that the clock shows the same so many days later (below 0: earlier)."""
        here = self.day_index(minute)
        if not (0 <= here < len(self.day_starts) and 0 <= here + days < len(self.day_starts)):
            return minute + days * DAY
        return self.day_starts[here + days] + minute - self.day_starts[here]

    def _intervals(self, row: CalendarRow) -> Iterable[tuple[int, int]]:
        closed = closed_days(row)
        first = self.as_of - timedelta(days=1)  # a night shift that began the evening before
        for n in range(len(self.day_starts)):
            day = first + timedelta(days=n)
            if day in closed:
                continue
            for shift in row.shifts:
                if day.weekday() in shift.days:
                    yield self.span(day, shift.start, shift.end)
        for extra in row.extra_shifts:
            yield self.span(extra.date, extra.start, extra.end)

    def span(self, day: date, start: str, end: str) -> tuple[int, int]:
        """``start`` on ``day`` until ``end``, past midnight where that is not later."""
        last = day if end > start else day + timedelta(days=1)
        return self.minute(day, start), self.minute(last, end)

    def open_days(self, calendar: str, first: date, end: date) -> list[date]:
        """Days in ``[first, end)`` on which a shift or an extra shift of ``calendar`` starts."""
        weekdays, closed, extra = self._pattern(calendar)
        days = (first + timedelta(days=n) for n in range((end - first).days))
        return [day for day in days if day in extra or (day.weekday() in weekdays and day not in closed)]

    def _pattern(self, calendar: str) -> tuple[set[int], set[date], set[date]]:
        """Open weekdays, closed days and extra days of a calendar."""
        if calendar not in self._patterns:
            row = self._calendars[calendar]
            weekdays: set[int] = {day for shift in row.shifts for day in shift.days}
            extra = {shift.date for shift in row.extra_shifts}
            self._patterns[calendar] = (weekdays, closed_days(row), extra)
        return self._patterns[calendar]

    def after_open_days(self, calendar: str, start: date, count: int) -> date:
        """The day on which ``count`` open days after ``start`` are over; far away where it hardly opens."""
        weekdays, _, extra = self._pattern(calendar)
        if not weekdays and sum(day > start for day in extra) < count:
            return start + FAR
        key = (calendar, start, count)
        if key not in self._ahead:
            self._ahead[key] = self._search_open_days(calendar, start, count)
        return self._ahead[key]

    def _search_open_days(self, calendar: str, start: date, count: int) -> date:
        first, span = start + timedelta(days=1), count
        while span < FAR.days:
            span = span * 2 + 7
            found = self.open_days(calendar, first, first + timedelta(days=span))
            if len(found) >= count:
                return found[count - 1]
        return start + FAR


def closed_days(row: CalendarRow) -> set[date]:
    """Every day on which no regular shift starts because of a closure."""
    return {
        closure.from_ + timedelta(days=n)
        for closure in row.closures
        for n in range((closure.to - closure.from_).days)
    }


def months_between(first: date, end: date) -> list[date]:
    """The first days of the months that ``[first, end)`` touches."""
    months = [first.replace(day=1)]
    while (following := next_month(months[-1])) < end:
        months.append(following)
    return months


def next_month(day: date) -> date:
    """The first day of the month after ``day``'s."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
