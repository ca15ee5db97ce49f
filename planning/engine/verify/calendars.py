"""The verifier's own calendar arithmetic: local days to minutes, open time, open days.

Moments are whole minutes since 1970-01-01 00:00 UTC, so a difference is real elapsed time also on the night
the clocks change. Each calendar is laid out once as sorted, disjoint open intervals; every question is then
one bisection.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from planning.engine.factory import CalendarRow
from planning.engine.numbers import FIRST_DAY, LAST_DAY

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MORE_DAYS = timedelta(days=400)


class LocalTime:
    """Days and clock times of the factory's time zone as minutes, and back."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._midnights: dict[date, int] = {}
        self._ends: dict[date, int] = {}
        self._days: dict[int, date] = {}

    def at(self, day: date, clock: time) -> int:
        """The minute at which the clock on the wall shows ``clock`` on ``day``."""
        return self.minute(datetime.combine(day, clock, self._zone))

    def midnight(self, day: date) -> int:
        """00:00 of ``day``."""
        if day not in self._midnights:
            self._midnights[day] = self.at(day, time.min)
        return self._midnights[day]

    def end_of_day(self, day: date) -> int:
        """24:00 of ``day``."""
        if day not in self._ends:
            self._ends[day] = self.midnight(day + DAY)
        return self._ends[day]

    def minute(self, moment: datetime) -> int:
        """The whole minute in which ``moment`` (with an offset) lies."""
        return (moment.astimezone(UTC) - EPOCH) // MINUTE

    def day(self, minute: int) -> date:
        """The local day to which ``minute`` belongs; midnight belongs to the day that begins."""
        if minute not in self._days:
            self._days[minute] = self.moment(minute).date()
        return self._days[minute]

    def moment(self, minute: int) -> datetime:
        """``minute`` as people write it."""
        return (EPOCH + minute * MINUTE).astimezone(self._zone)


class OpenTime:
    """When one calendar is open, laid out from ``first`` on and as far as anyone asks; not in the spans of
    minutes that are ``down``, and only where people are ``at_work`` too.
    """

    def __init__(
        self,
        calendar: CalendarRow,
        local: LocalTime,
        first: date,
        last: date,
        down: Iterable[tuple[int, int]] = (),
        at_work: "OpenTime | None" = None,
    ) -> None:
        self._calendar = calendar
        self._local = local
        self._down = sorted(down)
        self._at_work = at_work
        self._first = max(first, FIRST_DAY + 2 * DAY)
        self._open_days: dict[date, bool] = {}
        self._lay_out(min(last, LAST_DAY))

    def within(self, at_work: "OpenTime") -> "OpenTime":
        """The same where ``at_work`` is open too."""
        return OpenTime(self._calendar, self._local, self._first, self._last, self._down, at_work)

    def is_open_day(self, day: date) -> bool:
        """Does at least one shift start on ``day``?"""
        if day not in self._open_days:
            self._open_days[day] = bool(self._shifts_on(day))
        return self._open_days[day]

    def open_days(self, first: date, end: date) -> int:
        """How many days of ``[first, end)`` are open."""
        days = max(0, (end - first).days)
        return sum(self.is_open_day(first + k * DAY) for k in range(days))

    def is_open(self, minute: int) -> bool:
        """Is ``minute`` inside open time? The closing moment is not."""
        self._reach(minute)
        index = bisect_right(self._opens, minute) - 1
        return index >= 0 and minute < self._closes[index]

    def open_minutes(self, start: int, end: int) -> int:
        """Open minutes in ``[start, end)``."""
        return self._before(end) - self._before(start)

    def end_of(self, start: int, minutes: int) -> int | None:
        """The moment when ``minutes`` of open time have passed since ``start``; None when they never have."""
        if minutes == 0:
            return start
        target = self._before(start) + minutes
        while not self._through or self._through[-1] < target:
            if not self._extend():
                return None
        index = bisect_left(self._through, target)
        return self._closes[index] - (self._through[index] - target)

    def _before(self, minute: int) -> int:
        """Open minutes from the first day laid out until ``minute``."""
        self._reach(minute)
        index = bisect_right(self._opens, minute) - 1
        if index < 0:
            return 0
        return self._through[index] - (self._closes[index] - min(minute, self._closes[index]))

    def _reach(self, minute: int) -> None:
        while minute >= self._laid_out_until and self._extend():
            pass

    def _extend(self) -> bool:
        if self._last >= LAST_DAY:
            return False
        self._lay_out(min(self._last + (self._last - self._first) + _MORE_DAYS, LAST_DAY))
        return True

    def _lay_out(self, last: date) -> None:
        """Fill the intervals of the shifts that start in ``[first, last)``, overlapping and adjacent ones
        merged.
        """
        spans = sorted(
            (self._local.at(day, start), self._local.at(day + DAY if end <= start else day, end))
            for day in (self._first + k * DAY for k in range(max(0, (last - self._first).days)))
            for start, end in self._shifts_on(day)
        )
        merged: list[tuple[int, int]] = []
        for opens, closes in spans:
            if merged and opens <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
            elif opens < closes:
                merged.append((opens, closes))
        kept = [part for span in merged for part in self._up(*span)] if self._down else merged
        if self._at_work is not None:
            kept = [part for span in kept for part in self._at_work.shared(*span)]
        self._opens = [opens for opens, _ in kept]
        self._closes = [closes for _, closes in kept]
        self._through: list[int] = []
        total = 0
        for opens, closes in zip(self._opens, self._closes, strict=True):
            total += closes - opens
            self._through.append(total)
        self._last = last
        self._laid_out_until = self._local.midnight(last)

    def starts(self, first: int, last: int) -> Iterator[int]:
        """The moments in ``(first, last)`` at which it opens."""
        yield from (opens for opens, _ in self.shared(first, last) if opens > first)

    def shared(self, opens: int, closes: int) -> Iterator[tuple[int, int]]:
        """The open spans of ``[opens, closes)``."""
        self._reach(closes)
        index = bisect_right(self._closes, opens)
        while index < len(self._opens) and self._opens[index] < closes:
            yield max(opens, self._opens[index]), min(closes, self._closes[index])
            index += 1

    def _up(self, opens: int, closes: int) -> Iterator[tuple[int, int]]:
        """What is left of an open span without what is down."""
        for down, up in self._down:
            if down < closes and up > opens:
                if opens < down:
                    yield opens, down
                opens = max(opens, up)
        if opens < closes:
            yield opens, closes

    def _shifts_on(self, day: date) -> list[tuple[time, time]]:
        """Clock times of the shifts that start on ``day``: the weekly pattern unless closed, and extra
        shifts.
        """
        rows = [(x.start, x.end) for x in self._calendar.extra_shifts if x.date == day]
        if not any(closure.from_ <= day < closure.to for closure in self._calendar.closures):
            rows += [(s.start, s.end) for s in self._calendar.shifts if day.weekday() in s.days]
        return [(time.fromisoformat(start), time.fromisoformat(end)) for start, end in rows]


def month_of(day: date) -> str:
    """The month of ``day`` as plan-1 writes it: "2011-03"."""
    return f"{day.year:04d}-{day.month:02d}"


def next_month(day: date) -> date:
    """The first day of the month after ``day``'s."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def monday_of(day: date) -> date:
    """The Monday of ``day``'s ISO week."""
    return day - timedelta(days=day.weekday())
