"""Downtimes, absences and pins as minutes, heads and hours, as the verifier reads them from the same rows."""

from datetime import date

import pytest

from planning.engine.events import Pin, absent_heads, absent_hours, pins_by_operation, station_open_time
from planning.engine.factory_codec import resolve
from planning.engine.timegrid import TimeGrid
from planning.engine.verify.ledger import Ledger
from tests.engine.builders import make_factory, make_plan, moment

HOUR = 60
DAY = 24 * HOUR


def opened(*downtimes, station=1):
    """Open intervals of a bench on the first two days: 8 to 16 o'clock."""
    rows = [{"work_centre": "BENCH"} | row for row in downtimes]
    factory = resolve(make_factory(downtimes=rows))
    centre = next(row for row in factory.work_centres if row.code == "BENCH")
    row = station_open_time(TimeGrid(factory), centre, station, factory.downtimes)
    return [(start, end) for start, end in zip(row.starts, row.ends, strict=True) if start < 2 * DAY]


def down(start, end, **changes):
    return {"from": moment(f"01-10 {start}"), "to": moment(f"01-10 {end}")} | changes


FIRST, SECOND = (8 * HOUR, 16 * HOUR), (DAY + 8 * HOUR, DAY + 16 * HOUR)


def test_a_station_is_open_but_for_its_downtimes():
    assert opened() == [FIRST, SECOND]
    assert opened(down("10:00", "11:30")) == [(480, 600), (690, 960), SECOND]
    assert opened(down("10:00", "11:30", station=2)) == [FIRST, SECOND]
    assert opened(down("10:00", "11:30", station=2), station=2) == [(480, 600), (690, 960), SECOND]


def test_downtimes_may_overlap_touch_and_reach_beyond_open_time():
    assert opened(down("00:00", "08:00")) == [FIRST, SECOND]
    assert opened(down("07:00", "09:00"), down("08:30", "10:00", station=1)) == [(600, 960), SECOND]
    assert opened(down("15:00", "16:00")) == [(480, 900), SECOND]
    assert opened(down("08:00", "12:00"), down("09:00", "10:00", station=1)) == [(720, 960), SECOND]
    # from before the planning date until the next morning
    long = {"from": "2024-01-01T00:00Z", "to": moment("01-11 09:00")}
    assert opened(long) == [(DAY + 9 * HOUR, DAY + 16 * HOUR)]


def absent(*absences):
    rows = [{"skill": "ASM"} | row for row in absences]
    factory = resolve(make_factory(absences=rows))
    skill = next(row for row in factory.skills if row.code == "ASM")
    return factory, skill, TimeGrid(factory)


def test_heads_are_absent_on_open_days_and_rounded_up_together():
    factory, skill, grid = absent(
        {"heads": 0.5, "from": "2024-01-11", "to": "2024-01-16"},
        {"heads": 0.7, "from": "2023-12-01", "to": "2024-01-12", "name": "Ann"},
    )
    # Saturday and Sunday lie between Friday and Monday
    assert absent_heads(grid, skill, factory.absences) == {
        date(2024, 1, 10): 1,
        date(2024, 1, 11): 2,
        date(2024, 1, 12): 1,
        date(2024, 1, 15): 1,
    }


def test_a_month_loses_the_hours_that_the_verifier_misses():
    factory, skill, grid = absent({"heads": 0.5, "from": "2024-01-22", "to": "2024-02-06"})

    lost = absent_hours(grid, skill, factory.absences, grid.months)

    # half a head on 8 and 3 days of 8 h x 0.9 x 0.8
    assert lost == pytest.approx([0.5 * 8 * 5.76, 0.5 * 3 * 5.76])
    there, usual = (Ledger(each, make_plan()).staffing for each in (factory, make_factory()))
    for hours, name in zip(lost, ("2024-01", "2024-02"), strict=True):
        assert usual["ASM", name].available - there["ASM", name].available == pytest.approx(hours)


def test_absences_past_the_horizon_cost_no_month_hours():
    factory, skill, grid = absent({"heads": 1, "from": "2024-02-29", "to": "2024-03-09"})

    assert absent_hours(grid, skill, factory.absences, grid.months) == pytest.approx([0, 5.76])
    assert len(absent_heads(grid, skill, factory.absences)) == 7


def test_pins_are_found_by_order_and_seq():
    factory = resolve(
        make_factory(
            firm_orders=[{"ref": "F1", "item": "FRAME", "kind": "make", "qty": 4, "due": "2024-01-12"}],
            pinned_operations=[{"order": "F1", "seq": 10, "start": "2024-01-11T03:00-05:00"}],
        )
    )
    assert pins_by_operation(TimeGrid(factory), factory.pinned_operations) == {
        ("F1", 10): Pin(start=DAY + 8 * HOUR, work_centre="SAW", station=None)
    }


def test_minutes_go_on_through_the_night_in_which_clocks_change():
    rows = [{"work_centre": "SAW", "from": "2024-02-01T00:00Z", "to": "2024-04-01T08:00+02:00"}]
    factory = resolve(make_factory(time_zone="Europe/Berlin", downtimes=rows))
    grid = TimeGrid(factory)
    saw = next(row for row in factory.work_centres if row.code == "SAW")

    row = station_open_time(grid, saw, 1, factory.downtimes)

    # Monday 1 April at 8 o'clock, by the clock of summer
    assert grid.minute(date(2024, 4, 1), "08:00") in row.starts
    assert row.count(grid.minute(date(2024, 4, 1))) == row.count(grid.minute(date(2024, 2, 1), "01:00"))
