"""Everything that was recomputed once and is read by several rules."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cached_property

from planning.engine.factory import WorkCentreRow
from planning.engine.plan import Delivery, Pegging
from planning.engine.verify.calendars import monday_of
from planning.engine.verify.crews import hours_by_shift
from planning.engine.verify.demand import InstalmentKey
from planning.engine.verify.facts import NOISE, Facts
from planning.engine.verify.people import Month, SkillMonth, months_of, required_hours, skill_months
from planning.engine.verify.supply import Receipt, Taking, receipts, takings


class Ledger(Facts):
    """The facts, and what follows from them: receipts, takings, staffing and load."""

    @cached_property
    def receipts(self) -> list[Receipt]:
        return receipts(self)

    @cached_property
    def receipt_of(self) -> dict[tuple[str, str], Receipt]:
        """Receipts by order (or "stock") and item."""
        return {(row.order, row.item): row for row in self.receipts}

    @cached_property
    def takings(self) -> list[Taking]:
        return takings(self, self.receipts)

    @cached_property
    def takings_of(self) -> dict[str, list[Taking]]:
        """Takings by the order that takes."""
        found: dict[str, list[Taking]] = defaultdict(list)
        for row in self.takings:
            found[row.order].append(row)
        return dict(found)

    @cached_property
    def pegged_for(self) -> dict[str, list[Pegging]]:
        """Pegging rows by the order they are for."""
        found: dict[str, list[Pegging]] = defaultdict(list)
        for row in self.peggings:
            if row.for_order is not None:
                found[row.for_order].append(row)
        return dict(found)

    @cached_property
    def pegged_to(self) -> dict[InstalmentKey, list[Pegging]]:
        """Pegging rows by the instalment they are for."""
        found: dict[InstalmentKey, list[Pegging]] = defaultdict(list)
        for row in self.peggings:
            if (
                row.for_order is None
                and row.sales_order is not None
                and row.line is not None
                and row.instalment is not None
            ):
                found[row.sales_order, row.line, row.instalment].append(row)
        return found

    @cached_property
    def months(self) -> list[Month]:
        return months_of(self)

    @cached_property
    def staffing(self) -> dict[tuple[str, str], SkillMonth]:
        return skill_months(self)

    @cached_property
    def shift_hours(self) -> dict[tuple[str, str, str], float]:
        """Hours by skill, month and shift."""
        return hours_by_shift(self)

    @cached_property
    def required_hours(self) -> dict[tuple[str, str], float]:
        return required_hours(self)

    @cached_property
    def load(self) -> dict[tuple[str, date], float]:
        """Attended station hours by work centre and week (its Monday)."""
        minutes: dict[tuple[str, date], int] = defaultdict(int)
        for op in self.ops:
            if op.centre is None or op.end <= op.start:
                continue
            open_time = self.open_for(op)
            start = op.start
            while start < op.end:
                monday = monday_of(self.local.day(start))
                until = min(op.end, self.local.midnight(next_monday(monday)))
                minutes[op.centre.code, monday] += open_time.open_minutes(start, until)
                start = until
        return {key: value / 60 for key, value in minutes.items() if value}

    def station_hours(self, centre: WorkCentreRow, week: date) -> float:
        """Hours in which the stations of a work centre are open and not down, from the planning date on."""
        start = max(self.start, self.local.midnight(week))
        end = self.local.midnight(next_monday(week))
        apart = self.stations_down(centre)
        minutes = (centre.stations - len(apart)) * self.open_of(centre, None).open_minutes(start, end)
        minutes += sum(self.open_of(centre, station).open_minutes(start, end) for station in apart)
        return minutes / 60

    def promised(self, key: InstalmentKey) -> date | None:
        """The day of the last delivery of an instalment; None when some of it is never delivered."""
        deliveries = self.deliveries(key)
        if sum((row.qty for row in deliveries), Decimal(0)) < self.instalments[key].qty - NOISE:
            return None
        return max((row.date for row in deliveries), default=None)

    def deliveries(self, key: InstalmentKey) -> tuple[Delivery, ...]:
        """What the plan delivers of an instalment."""
        return self.promises[key].deliveries if key in self.promises else ()


def next_monday(monday: date) -> date:
    """The Monday after ``monday``."""
    return date.fromordinal(monday.toordinal() + 7)


def differs(told: float, recomputed: float, slack: float) -> bool:
    """Is ``told`` further than ``slack`` from what was recomputed? NaN differs from everything."""
    return not abs(told - recomputed) <= slack
