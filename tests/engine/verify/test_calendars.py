"""The verifier's calendar: nights, closures, extra shifts, and the days the clocks change."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from planning.engine.factory import CalendarRow
from planning.engine.verify.calendars import LocalTime, OpenTime

PACIFIC = "America/Los_Angeles"


def make_open_time(*, shifts=(), closures=(), extra_shifts=(), zone=PACIFIC, first=date(2024, 1, 1)):
    rows = {"code": "C", "shifts": shifts, "closures": closures, "extra_shifts": extra_shifts}
    calendar = CalendarRow.model_validate(rows)
    return OpenTime(calendar, LocalTime(zone), first, date(2024, 2, 1))


def at(text, zone=PACIFIC):
    return LocalTime(zone).minute(datetime.fromisoformat(f"2024-{text}").replace(tzinfo=ZoneInfo(zone)))


WEEKDAYS = {"days": [0, 1, 2, 3, 4], "start": "07:00", "end": "15:00"}
NIGHTS = {"days": [0, 1, 2, 3, 4, 5, 6], "start": "22:00", "end": "06:00"}


def test_opening_is_open_and_closing_is_not():
    calendar = make_open_time(shifts=[WEEKDAYS])

    assert calendar.is_open(at("01-02 07:00"))
    assert calendar.is_open(at("01-02 14:59"))
    assert not calendar.is_open(at("01-02 15:00"))
    assert not calendar.is_open(at("01-06 10:00"))  # a Saturday


def test_work_waits_while_the_place_is_closed():
    # given 8 h a day, when 10 h of work start on Friday at 13:00
    calendar = make_open_time(shifts=[WEEKDAYS])

    # then 2 h are done on Friday and 8 h on Monday, until it closes
    assert calendar.end_of(at("01-05 13:00"), 600) == at("01-08 15:00")
    assert calendar.end_of(at("01-05 13:00"), 601) == at("01-09 07:01")
    assert calendar.end_of(at("01-05 13:00"), 0) == at("01-05 13:00")


def test_a_shift_that_runs_past_midnight_belongs_to_the_day_it_starts_on():
    # given nights from Monday to Friday, closed on Wednesday
    nights = NIGHTS | {"days": [0, 1, 2, 3, 4]}
    calendar = make_open_time(shifts=[nights], closures=[{"from": "2024-01-03", "to": "2024-01-04"}])

    # then Tuesday's shift runs into Wednesday, Wednesday's does not start, and Friday's runs into Saturday
    assert calendar.is_open(at("01-03 05:59"))
    assert not calendar.is_open(at("01-03 23:00"))
    assert not calendar.is_open(at("01-04 05:00"))
    assert calendar.is_open(at("01-06 05:00"))
    assert not calendar.is_open(at("01-07 05:00"))
    assert [calendar.is_open_day(date(2024, 1, day)) for day in (2, 3, 4, 6)] == [True, False, True, False]


def test_an_extra_shift_is_open_on_a_closed_day():
    extra = {"date": "2024-01-06", "start": "08:00", "end": "12:00"}
    calendar = make_open_time(
        shifts=[WEEKDAYS], closures=[{"from": "2024-01-01", "to": "2024-01-08"}], extra_shifts=[extra]
    )

    assert calendar.open_minutes(at("01-01 00:00"), at("01-08 00:00")) == 240
    assert calendar.open_days(date(2024, 1, 1), date(2024, 1, 8)) == 1


def test_shifts_that_touch_or_overlap_are_open_once():
    late = {"days": [1], "start": "15:00", "end": "18:00"}
    middle = {"days": [1], "start": "12:00", "end": "16:00"}
    calendar = make_open_time(shifts=[WEEKDAYS, late, middle])

    # Tuesday from 07:00 to 18:00 without a seam
    assert calendar.open_minutes(at("01-02 00:00"), at("01-03 00:00")) == 11 * 60
    assert calendar.is_open(at("01-02 15:00"))


@pytest.mark.parametrize(("night", "hours"), [("03-09", 7), ("03-10", 8), ("11-02", 9), ("11-03", 8)])
def test_the_night_the_clocks_change_has_an_hour_less_or_more(night, hours):
    # given a shift from 22:00 to 06:00; on 10 March 02:00 becomes 03:00, on 3 November 02:00 becomes 01:00
    calendar = make_open_time(shifts=[NIGHTS])
    start = at(f"{night} 22:00")

    assert calendar.open_minutes(start, start + 12 * 60) == hours * 60


def test_a_day_of_the_clock_change_has_23_hours():
    local = LocalTime(PACIFIC)

    assert local.midnight(date(2024, 3, 11)) - local.midnight(date(2024, 3, 10)) == 23 * 60
    assert local.day(local.midnight(date(2024, 3, 11)) - 1) == date(2024, 3, 10)
    assert local.day(local.midnight(date(2024, 3, 11))) == date(2024, 3, 11)


def test_the_weekly_pattern_goes_on_past_the_days_laid_out():
    calendar = make_open_time(shifts=[WEEKDAYS], first=date(2024, 1, 1))

    # 2030-01-07 is a Monday
    assert calendar.is_open(LocalTime(PACIFIC).at(date(2030, 1, 7), time(8)))


def test_work_never_ends_where_it_never_opens():
    assert make_open_time().end_of(at("01-02 08:00"), 1) is None
