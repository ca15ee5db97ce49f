"""Work that the aggregate plan has in a month that could not hold it, and that the schedule does later.

Told by skill and month, worst first, and only where people or stations were taken; work that waits for
material, or begins just in time, has moved by choice. Cost: O(operations + skills × months).
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate

from planning.engine.aggregate import AggregatePlan
from planning.engine.draft import Draft
from planning.engine.hiring_rules import may_hire
from planning.engine.plan import PlanException
from planning.engine.shop import Shop, Skill

MOST_ROWS = 10
FULL = 0.95  # of its hours: a month that people or stations could not do more in
CROWDED = 0.6  # enough where work waited for people: crews do not fill every hour of every head
MOVED_SHARE = 0.1  # of a month's hours; less is how a month differs from its days
PERSON_DAYS = 5  # and at least a week of one person


@dataclass(frozen=True, slots=True)
class _Moved:
    """``hours`` of a skill that were meant for ``month`` and are mostly made up for in ``made_up`` (None:
    after the horizon), of ``meant`` hours.
    """

    skill: Skill
    month: int
    made_up: int | None
    hours: float
    meant: float


def moved_work(shop: Shop, aggregate: AggregatePlan, draft: Draft) -> list[PlanException]:
    """At most ``MOST_ROWS`` exceptions ``WORK_MOVED``, the most hours first."""
    loads = _Loads(shop, draft)
    found = [
        (moved, why)
        for skill in shop.skills
        for moved in _moves(shop, skill, aggregate.hours[skill.index], draft)
        if (why := loads.why(moved)) is not None
    ]
    found.sort(key=lambda each: (-each[0].hours, each[0].skill.code, each[0].month))
    is_late = any(days != 0 for days in draft.late_days)
    return [
        PlanException(
            code="WORK_MOVED",
            severity="warning" if is_late else "info",
            entity=f"{moved.skill.code} {_name(shop, moved.month)}",
            text=_text(shop, moved, why[0]),
            suggestion=why[1],
        )
        for moved, why in found[:MOST_ROWS]
    ]


def _moves(shop: Shop, skill: Skill, meant: list[float], draft: Draft) -> list[_Moved]:
    """Months at whose end more is left undone than a month before. What was meant is scaled to what is done
    in all: hours per unit were estimated along the learning curve.
    """
    done = [minutes / 60 for minutes in draft.schedule.minutes[skill.index]]
    if sum(meant) <= 0 or sum(done) <= 0:
        return []
    meant = [hours * sum(done) / sum(meant) for hours in meant]
    left = [
        max(0.0, wanted - given)
        for wanted, given in zip(accumulate(meant), accumulate(done[: len(meant)]), strict=True)
    ]
    found = []
    for month, hours in enumerate(meant):
        more = left[month] - (left[month - 1] if month else 0.0)
        if more < max(MOVED_SHARE * hours, PERSON_DAYS * float(skill.row.hours_per_day)):
            continue
        later = range(month + 1, len(meant))
        made_up = next((each for each in later if left[each] <= left[month] - more / 2), None)
        found.append(_Moved(skill, month, made_up, more, hours))
    return found


def _text(shop: Shop, moved: _Moved, why: str) -> str:
    when = "after the horizon" if moved.made_up is None else f"by {_name(shop, moved.made_up)}"
    hours = f"{moved.hours:,.0f} of {moved.meant:,.0f} hours"
    month = _name(shop, moved.month)
    return f"{hours} that the monthly plan has in {month} are worked later, most of them {when}: {why}."


class _Loads:
    """How full people and stations are, by month."""

    def __init__(self, shop: Shop, draft: Draft) -> None:
        self.shop, self.draft = shop, draft
        self.station_minutes: dict[tuple[int, int], int] = defaultdict(int)
        self.centres: dict[int, set[int]] = defaultdict(set)
        starts = shop.grid.month_starts
        ends = [*starts[1:], shop.grid.end]
        for row in draft.schedule.rows:
            if row.centre < 0:
                continue
            step = shop.routes[draft.material.lots[row.lot].item][row.step]
            self.centres[step.skill].add(row.centre)
            opened = shop.work_time(row.centre, row.station, step)
            for month in range(max(0, bisect_right(starts, row.start) - 1), bisect_left(starts, row.end)):
                begin, end = max(row.start, starts[month]), min(row.end, ends[month])
                self.station_minutes[row.centre, month] += opened.count(end) - opened.count(begin)

    def why(self, moved: _Moved) -> tuple[str, str] | None:
        """What was used up in the month, and what would help; None where nothing was."""
        return self._people(moved) or self._stations(moved)

    def _people(self, moved: _Moved) -> tuple[str, str] | None:
        skill, month = moved.skill, moved.month
        gives = self.draft.staffing.available[skill.index][month]
        works = self.draft.schedule.minutes[skill.index][month] / 60
        waits = self.draft.schedule.waits.get((skill.index, month), 0)
        if works < (CROWDED if waits else FULL) * gives:
            return None
        name = _name(self.shop, month)
        help_ = f"More overtime of {skill.code} in {name}, or work given out: nobody could start by then."
        is_open = month >= skill.first_hire_month and not skill.decided[month].is_exact
        if is_open and may_hire(self.shop, skill):
            help_ = f"Hire {skill.code} for {name} or before, or allow more overtime then."
        crowded = f", and work that could have begun found nobody {waits:,} times" if waits else ""
        return f"its people work {works:,.0f} of their {gives:,.0f} regular hours{crowded}", help_

    def _stations(self, moved: _Moved) -> tuple[str, str] | None:
        grid, month = self.shop.grid, moved.month
        begin, end = grid.month_starts[month], grid.month_starts[month + 1]
        fullest = max(
            (
                (self.station_minutes[centre, month] / has, centre)
                for centre in self.centres[moved.skill.index]
                if (has := self._open(centre, begin, end))
            ),
            default=(0.0, -1),
        )
        share, centre = fullest
        if share < FULL:
            return None
        code = self.shop.factory.work_centres[centre].code
        help_ = f"A shift or a station more at {code} in {_name(self.shop, month)}, or an alternate for it."
        return f"the stations of {code} are taken for {100 * share:.0f} % of their hours", help_

    def _open(self, centre: int, start: int, end: int) -> int:
        """Minutes of all its stations, less their downtimes."""
        stations = range(1, self.shop.factory.work_centres[centre].stations + 1)
        opened = [self.shop.station_time(centre, station) for station in stations]
        return sum(each.count(end) - each.count(start) for each in opened)


def _name(shop: Shop, month: int) -> str:
    return f"{shop.grid.months[month]:%Y-%m}"
