"""Working calendars in minutes: clock changes, nights, closures; arithmetic against a walk by the minute."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.engine.timegrid import DAY, OpenTime, TimeGrid, months_between, next_month
from tests.engine.plants import at, plant

EVERY_DAY = [0, 1, 2, 3, 4, 5, 6]


def grid(calendar, as_of="2024-01-01", horizon_end="2024-04-01", zone="UTC"):
    calendars = [{"code": "DAY"} | calendar]
    return TimeGrid(plant(calendars=calendars, as_of=as_of, horizon_end=horizon_end, time_zone=zone))


def shift(days, start, end):
    return {"shifts": [{"days": days, "start": start, "end": end}]}


def opened(calendar, **given):
    """The first open intervals of a calendar."""
    row = grid(calendar, **given).open_time["DAY"]
    return list(zip(row.starts, row.ends, strict=True))


def test_shifts_are_open_from_start_to_end():
    # Monday and Wednesday
    rows = opened(shift([0, 2], "08:00", "16:30"))
    assert rows[:3] == [
        (at(0, "08:00"), at(0, "16:30")),
        (at(2, "08:00"), at(2, "16:30")),
        (at(7, "08:00"), at(7, "16:30")),
    ]


def test_a_shift_past_midnight_belongs_to_the_day_it_starts_on():
    # Sunday nights, planned on Monday: the night before has run until 06:00
    rows = opened(shift([6], "22:00", "06:00"))
    assert rows[:2] == [(0, at(0, "06:00")), (at(6, "22:00"), at(7, "06:00"))]


def test_a_closure_takes_the_shifts_that_start_on_it_and_no_others():
    closed = {"closures": [{"from": "2024-01-02", "to": "2024-01-03"}]}
    rows = opened(shift([0, 1, 2], "22:00", "06:00") | closed)
    # Monday's night goes on into the closed Tuesday
    assert rows[:2] == [(at(0, "22:00"), at(1, "06:00")), (at(2, "22:00"), at(3, "06:00"))]


def test_an_extra_shift_is_open_on_a_closed_day():
    extra = {"extra_shifts": [{"date": "2024-01-02", "start": "10:00", "end": "12:00"}]}
    closed = {"closures": [{"from": "2024-01-02", "to": "2024-01-08"}]}
    rows = opened(shift([0, 1], "08:00", "16:00") | closed | extra)
    assert rows[:3] == [
        (at(0, "08:00"), at(0, "16:00")),
        (at(1, "10:00"), at(1, "12:00")),
        (at(7, "08:00"), at(7, "16:00")),
    ]


def test_touching_and_overlapping_shifts_are_one_interval():
    shifts = [(0, "06:00", "14:00"), (0, "14:00", "22:00"), (0, "13:00", "15:00"), (0, "22:00", "06:00")]
    rows = opened({"shifts": [{"days": [day], "start": a, "end": b} for day, a, b in shifts]})
    assert rows[:2] == [(at(0, "06:00"), at(1, "06:00")), (at(7, "06:00"), at(8, "06:00"))]


def test_a_shift_of_24_hours_never_closes():
    row = grid(shift(EVERY_DAY, "00:00", "00:00")).open_time["DAY"]
    assert (row.starts, len(row.ends)) == ([0], 1)
    assert row.is_open(0)
    assert row.is_open(400 * DAY)


def test_the_night_when_clocks_go_forward_has_an_hour_less():
    # Berlin: on Sunday 2024-03-31 02:00 becomes 03:00
    spring = grid(shift(EVERY_DAY, "22:00", "06:00"), as_of="2024-03-30", zone="Europe/Berlin")
    assert [spring.minute(date(2024, 3, day)) for day in (30, 31)] == [0, DAY]
    assert spring.minute(date(2024, 4, 1)) == 2 * DAY - 60
    row = spring.open_time["DAY"]
    assert [end - start for start, end in zip(row.starts, row.ends, strict=True)][:3] == [360, 420, 480]


def test_the_night_when_clocks_go_back_has_an_hour_more():
    # Berlin: on Sunday 2024-10-27 03:00 becomes 02:00
    autumn = grid(
        shift(EVERY_DAY, "22:00", "06:00"),
        as_of="2024-10-26",
        horizon_end="2024-12-01",
        zone="Europe/Berlin",
    )
    assert autumn.minute(date(2024, 10, 28)) == 2 * DAY + 60
    row = autumn.open_time["DAY"]
    assert [end - start for start, end in zip(row.starts, row.ends, strict=True)][:3] == [360, 540, 480]


@pytest.mark.parametrize("day", ["2024-03-31", "2024-10-27", "2024-06-01"])
def test_minutes_and_moments_are_each_others_inverse(day):
    berlin = grid(
        shift(EVERY_DAY, "00:00", "00:00"), as_of=day, horizon_end="2025-01-01", zone="Europe/Berlin"
    )
    begin = berlin.moment(0)
    assert (begin.date().isoformat(), begin.hour) == (day, 0)
    for minute in range(0, 3 * DAY, 30):
        moment = berlin.moment(minute)
        assert moment.timestamp() - begin.timestamp() == 60 * minute
        assert berlin.day(minute) == moment.date()


def test_days_have_indices_that_go_on_past_the_horizon():
    year = grid(shift([0], "08:00", "16:00"), as_of="2024-01-15", horizon_end="2024-03-02")
    assert year.months == [date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)]
    assert [year.day_index(minute) for minute in (0, DAY - 1, DAY, -1)] == [0, 0, 1, -1]
    assert year.day(at(47)) == date(2024, 3, 2)
    assert year.horizon == at(47)


def test_months_between_touches_every_month_once():
    assert months_between(date(2023, 11, 30), date(2024, 2, 1)) == [
        date(2023, 11, 1),
        date(2023, 12, 1),
        date(2024, 1, 1),
    ]
    assert next_month(date(2024, 1, 31)) == date(2024, 2, 1)
    assert next_month(date(2023, 12, 1)) == date(2024, 1, 1)


def test_open_days_are_days_on_which_a_shift_starts():
    calendar = shift([0, 5], "22:00", "06:00") | {
        "closures": [{"from": "2024-01-06", "to": "2024-01-08"}, {"from": "2024-01-08", "to": "2024-01-09"}],
        "extra_shifts": [{"date": "2024-01-07", "start": "08:00", "end": "09:00"}],
    }
    days = grid(calendar).open_days("DAY", date(2024, 1, 1), date(2024, 1, 16))
    # Monday 1st; Saturday 6th and Monday 8th closed, Sunday 7th extra; Saturday 13th, Monday 15th
    assert [day.day for day in days] == [1, 7, 13, 15]


@st.composite
def open_times(draw):
    """Open intervals, in any order and overlapping, with a minute-by-minute truth of 600 minutes."""
    pairs = st.tuples(st.integers(-50, 500), st.integers(1, 60))
    rows = [(start, start + length) for start, length in draw(st.lists(pairs, min_size=1, max_size=12))]
    truth = [any(start <= minute < end for start, end in rows) for minute in range(600)]
    return OpenTime.of(rows), truth


@given(open_times(), st.integers(0, 599))
def test_counting_agrees_with_a_walk(calendar, minute):
    opened_time, truth = calendar
    assert opened_time.is_open(minute) == truth[minute]
    assert opened_time.count(minute) == sum(truth[:minute])
    assert opened_time.total == sum(truth)
    following = next((m for m in range(minute, 600) if truth[m]), None)
    assert opened_time.next_open(minute) == following


@given(open_times(), st.integers(0, 599), st.integers(0, 200))
def test_the_end_of_work_agrees_with_a_walk(calendar, start, work):
    opened_time, truth = calendar
    minutes = [minute for minute in range(start, 600) if truth[minute]]
    if start not in minutes:
        return
    expected = [start, *(minute + 1 for minute in minutes)]
    assert opened_time.end_of(start, work) == (expected[work] if work < len(expected) else None)


@given(open_times(), st.integers(0, 599), st.integers(1, 200))
def test_the_latest_start_agrees_with_a_walk(calendar, end, work):
    opened_time, truth = calendar
    before = [minute for minute in range(end) if truth[minute]]
    start = opened_time.start_for(end, work)
    if len(before) >= work:
        assert start == before[-work]
        assert (opened_time.end_of(start, work) or 0) <= end
    else:
        assert start < 0 or not before


def test_a_calendar_that_never_opens_has_no_time():
    closed = OpenTime.of([])
    assert (closed.total, closed.next_open(0), closed.end_of(0, 1), closed.count(10)) == (0, None, None, 0)
    assert not closed.is_open(0)
