"""The load of work centres as a table: near weeks one by one, later ones by month."""

import datetime as dt
from dataclasses import dataclass

from planning.selectors.results import list_load

NEAR_WEEKS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPeriod:
    """A week by its Monday, or (``is_week`` false) the weeks whose Monday lies in the month of ``first``."""

    first: dt.date
    is_week: bool


@dataclass(slots=True, kw_only=True)
class PeriodLoad:
    """Station hours of one work centre in one period."""

    available_hours: float = 0.0
    required_hours: float = 0.0

    @property
    def share(self) -> float | None:
        """Of the open hours; None where the centre is closed."""
        return self.required_hours / self.available_hours if self.available_hours else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTable:
    """``centres`` holds by code one load for each of ``periods``."""

    periods: tuple[LoadPeriod, ...]
    centres: dict[str, tuple[PeriodLoad, ...]]

    @property
    def first_month(self) -> LoadPeriod | None:
        """The first period that is not a week."""
        return next((period for period in self.periods if not period.is_week), None)

    @property
    def rest(self) -> LoadPeriod | None:
        """The first month, where some of its weeks stand before it one by one."""
        month = self.first_month
        is_begun = month and any(
            period.first.replace(day=1) == month.first for period in self.periods if period.is_week
        )
        return month if is_begun else None


def get_load_table(version: int) -> LoadTable:
    """The first ``NEAR_WEEKS`` weeks, then months. 1 query."""
    rows = list(list_load(version))
    weeks = sorted({row.week for row in rows})
    period_of = {week: LoadPeriod(first=week, is_week=True) for week in weeks[:NEAR_WEEKS]}
    for week in weeks[NEAR_WEEKS:]:
        period_of[week] = LoadPeriod(first=week.replace(day=1), is_week=False)
    periods = tuple(dict.fromkeys(period_of.values()))
    found: dict[str, dict[LoadPeriod, PeriodLoad]] = {}
    for row in rows:
        if row.work_centre not in found:
            found[row.work_centre] = {each: PeriodLoad() for each in periods}
        cell = found[row.work_centre][period_of[row.week]]
        cell.available_hours += row.available_hours
        cell.required_hours += row.required_hours
    return LoadTable(periods=periods, centres={code: tuple(cells.values()) for code, cells in found.items()})
