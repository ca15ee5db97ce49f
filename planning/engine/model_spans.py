"""The time of the aggregate model: months, in which people come and go, and those of the first quarter cut
into weeks, in which is decided what is made and worked.

A week that hardly anybody works (a month begins on its Saturday, the plant is closed) makes one bucket with
its neighbour: work is even inside a bucket, so one without hours would forbid what only begins before it.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, partial
from itertools import pairwise

from planning.engine.shop import Shop, Skill
from planning.engine.skill_terms import course_end
from planning.engine.timegrid import DAY, OpenTime
from planning.engine.workforce_plan.problem import Period

WEEKS = 13  # the first quarter
OPEN_SHARE = 0.5  # of an average week's open time: with less, a bucket does not stand alone


@dataclass(frozen=True, slots=True)
class Span:
    """One bucket: its first day, the day after its last, the same as minutes, and its month's number."""

    first: date
    end: date
    begin_minute: int
    end_minute: int
    month: int

    @property
    def days(self) -> float:
        """Elapsed days, an hour more or less where the clocks change."""
        return (self.end_minute - self.begin_minute) / DAY


class ModelSpans:
    """The buckets of a shop's horizon, in order of time, and open days in them.

    ``skills`` that work and the work centres of ``centres`` (positions) say which weeks stand alone;
    those of ``alone`` work without people, and so at weekends.
    """

    def __init__(self, shop: Shop, skills: list[int], centres: list[int], alone: Iterable[int] = ()) -> None:
        self.shop, grid = shop, shop.grid
        self._days: dict[str, list[date]] = {}
        self._calendars = sorted({shop.skills[each].row.calendar or "" for each in skills} - {""})
        self._centres = sorted({shop.factory.work_centres[each].calendar for each in centres})
        self._alone = sorted({shop.factory.work_centres[each].calendar for each in alone})
        bounds = [grid.as_of, *grid.months[1:], grid.horizon_end]
        self.spans = [
            Span(first, end, grid.minute(first), grid.minute(end), month)
            for month, (begin, last) in enumerate(pairwise(bounds))
            for first, end in pairwise((begin, *self._cuts(begin, last), last))
        ]

    def __len__(self) -> int:
        return len(self.spans)

    @cached_property
    def months(self) -> list[int]:
        """The month of each bucket."""
        return [each.month for each in self.spans]

    def periods(self) -> tuple[Period, ...]:
        """The months, with the cuts between their buckets."""
        found = []
        for number, month in enumerate(self.shop.grid.months):
            row = [each for each in self.spans if each.month == number]
            begin, end = row[0].begin_minute / DAY, row[-1].end_minute / DAY
            cuts = tuple(each.begin_minute / DAY for each in row[1:])
            rests = tuple(self._rest(each) for each in row) if cuts else ()
            found.append(Period(label=f"{month:%Y-%m}", begin=begin, end=end, cuts=cuts, rests=rests))
        return tuple(found)

    def open_days(self, skill: Skill, first: date | None = None, end: date | None = None) -> list[int]:
        """Open days of a skill by bucket, those from ``first`` on and before ``end``."""
        days = self._days_of(skill.row.calendar) if skill.row.calendar else []
        found = []
        for span in self.spans:
            begin = span.first if first is None else max(span.first, first)
            stop = span.end if end is None else min(span.end, end)
            found.append(max(0, bisect_left(days, stop) - bisect_left(days, begin)))
        return found

    def course_days(self, skill: Skill, weeks: Decimal) -> list[list[int]]:
        """Of each month, by bucket from its first one on: open days within ``weeks`` of its first day."""
        found = []
        for number, first in enumerate(self.shop.grid.months):
            counts = self.open_days(skill, first, course_end(first, weeks))
            found.append(
                [count for span, count in zip(self.spans, counts, strict=True) if span.month >= number]
            )
        return found

    def by_month(self, amounts: Sequence[float]) -> list[float]:
        """Sums by month of ``amounts`` by bucket."""
        found = [0.0 for _ in self.shop.grid.months]
        for span, amount in zip(self.spans, amounts, strict=True):
            found[span.month] += amount
        return found

    def _rest(self, span: Span) -> float:
        """Days at the end of a bucket in which nothing is made."""
        worked = [self._days_of(calendar) for calendar in (*self._calendars, *self._alone)]
        last = [days[bisect_left(days, span.end) - 1] for days in worked if days and days[0] < span.end]
        if not last or max(last) < span.first:
            return 0.0
        return (span.end_minute - self.shop.grid.end_of_day(max(last))) / DAY

    def _days_of(self, calendar: str) -> list[date]:
        if calendar not in self._days:
            grid = self.shop.grid
            self._days[calendar] = grid.open_days(calendar, grid.as_of, grid.horizon_end)
        return self._days[calendar]

    def _cuts(self, begin: date, end: date) -> Iterator[date]:
        """The Mondays of the first quarter that part ``[begin, end)`` into weeks that stand alone."""
        last = self.shop.grid.as_of + timedelta(days=7 * WEEKS)
        monday = begin + timedelta(days=7 - begin.weekday())
        shares = self._open_shares(begin, end)
        while monday < min(end, last):
            parts = (begin, monday), (monday, end)
            if all(each(*part) >= OPEN_SHARE for each in shares for part in parts):
                yield monday
                begin = monday
            monday += timedelta(days=7)

    def _open_shares(self, begin: date, end: date) -> list[Callable[[date, date], float]]:
        """Of every calendar that is open at all in ``[begin, end)``: the open time between two days, in
        average weeks. What is closed all the while waits for no week.
        """
        grid = self.shop.grid
        weeks = (grid.horizon_end - grid.as_of).days / 7

        def of_people(days: list[date], first: date, last: date) -> float:
            return (bisect_left(days, last) - bisect_left(days, first)) * weeks / len(days)

        def of_centre(opened: OpenTime, first: date, last: date) -> float:
            minutes = opened.count(grid.minute(last)) - opened.count(grid.minute(first))
            return minutes * weeks / opened.count(grid.horizon)

        found = [partial(of_people, days) for code in self._calendars if (days := self._days_of(code))]
        found += [
            partial(of_centre, opened)
            for code in self._centres
            if (opened := grid.open_time[code]).count(grid.horizon)
        ]
        return [each for each in found if each(begin, end) > 0]
