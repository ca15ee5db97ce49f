"""How many weeks an item takes, from rows: lead times in calendar or working days, and routings.

A routing gives an estimate: its lot on each operation one after the other, as if stations and people were
free. Working hours pass in the weekly hours of the work centre's calendar; unattended hours, queues and
days at a subcontractor pass on the clock.
"""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from planning.models import ItemLeadTimeCalendar, Operation, Shift, SourceLeadTimeCalendar

WEEK_DAYS = 7
WEEK_HOURS = 168
TINY = 1e-9  # what floating point leaves of nothing


@dataclass(frozen=True, slots=True)
class OpenWeek:
    """What of a week a calendar is open. One without weekly shifts counts as always open."""

    days: float = WEEK_DAYS
    hours: float = WEEK_HOURS


ALWAYS = OpenWeek()


@dataclass(frozen=True, slots=True)
class Step:
    """An operation, by what it takes of a week."""

    seq: int
    lot: Decimal
    setup_weeks: float
    run_weeks: float  # for one unit
    cycle_weeks: float
    cycle_units: Decimal
    waiting_weeks: float

    def weeks(self, quantity: Decimal) -> float:
        """What ``quantity`` takes."""
        cycles = math.ceil(quantity / self.cycle_units) if self.cycle_weeks else 0
        worked = self.setup_weeks + self.run_weeks * float(quantity)
        return worked + cycles * self.cycle_weeks + self.waiting_weeks


class LeadTimes:
    """Reads what lead times need. 4 queries."""

    def __init__(self) -> None:
        self._open = _open_weeks()
        self._items = dict(ItemLeadTimeCalendar.objects.values_list("item_id", "calendar_id"))
        self._sources = dict(SourceLeadTimeCalendar.objects.values_list("source_id", "calendar_id"))
        self._routes = _routes(self._open)

    def of_source(self, source_id: int, days: int) -> float:
        """Weeks of a source's lead time."""
        return self._weeks(days, self._sources.get(source_id))

    def of_item(self, item_id: int, days: int) -> float:
        """Weeks of an item's own lead time."""
        return self._weeks(days, self._items.get(item_id))

    def of_making(self, item_id: int, days: int, least: Decimal) -> float:
        """Weeks that a lot takes: by the routing, or the item's lead time where it has none."""
        steps = self._routes.get(item_id)
        if not steps:
            return self.of_item(item_id, days)
        return self.before(item_id, None, least)

    def before(self, item_id: int, seq: int | None, least: Decimal) -> float:
        """Weeks that a lot takes by its routing before operation ``seq`` begins (None: until it is done)."""
        steps = self._routes.get(item_id, ())
        quantity = max([least, *(step.lot for step in steps)])
        return sum(step.weeks(quantity) for step in steps if seq is None or step.seq < seq)

    def _weeks(self, days: int, calendar: int | None) -> float:
        return days / (WEEK_DAYS if calendar is None else self._open.get(calendar, ALWAYS).days)


def whole_weeks(weeks: float) -> int:
    """Rounded up."""
    return math.ceil(weeks - TINY)


def _open_weeks() -> dict[int, OpenWeek]:
    days: dict[int, set[int]] = defaultdict(set)
    hours: dict[int, float] = defaultdict(float)
    for calendar, weekdays, start, end in Shift.objects.values_list("calendar_id", "days", "start", "end"):
        days[calendar] |= set(weekdays)
        hours[calendar] += len(weekdays) * _hours(start, end)
    return {calendar: OpenWeek(len(days[calendar]), min(hours[calendar], WEEK_HOURS)) for calendar in days}


def _hours(start: dt.time, end: dt.time) -> float:
    """Length of a shift; one that ends at or before its start runs past midnight."""
    minutes = (end.hour - start.hour) * 60 + end.minute - start.minute
    return (minutes if minutes > 0 else minutes + 24 * 60) / 60


def _routes(open_weeks: Mapping[int, OpenWeek]) -> dict[int, list[Step]]:
    rows = Operation.objects.order_by("item_id", "seq").values_list(
        "item_id",
        "seq",
        "lot",
        "setup_h",
        "run_h",
        "unattended_h",
        "queue_h",
        "external_days",
        "work_centre__calendar_id",
        "work_centre__efficiency",
        "work_centre__batch",
    )
    routes: dict[int, list[Step]] = defaultdict(list)
    for item, seq, lot, setup, run, unattended, queue, external, calendar, efficiency, batch in rows:
        waiting = float(queue) / WEEK_HOURS
        if external is not None:
            waiting += external / WEEK_DAYS
            routes[item].append(Step(seq, Decimal(1), 0, 0, 0, Decimal(1), waiting))
            continue
        hours = open_weeks.get(calendar, ALWAYS).hours * float(efficiency)
        cycle = float(unattended) / WEEK_HOURS
        worked = (float(setup) / hours, float(run) / hours)
        routes[item].append(Step(seq, lot, *worked, cycle, batch, waiting))
    return routes
