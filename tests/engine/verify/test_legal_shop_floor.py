"""What happens on the shop floor: what a planner may do then has no violations."""

from datetime import date

from planning.engine.verify.ledger import Ledger
from tests.engine.builders import make_factory, make_plan, moment
from tests.engine.verify.cases import at, op
from tests.engine.verify.judge import broken, rules
from tests.engine.verify.shop_floor_cases import down


def later(plan):
    """D1 on the bench until an hour later than planned."""
    at(op(plan, "D1", 10), "01-15 08:00", "01-15 13:00")
    at(op(plan, "D1", 20), "01-15 13:00", "01-15 13:30", "01-15 17:30")


def test_an_operation_waits_while_its_station_is_down():
    # 4 h from 08:00, an hour of which the first bench is down
    assert broken(down("BENCH", "01-15 09:00", "01-15 10:00", station=1), later) == []
    assert broken(down("BENCH", "01-15 09:00", "01-15 10:00"), later) == []
    # written in another offset
    berlin = {"from": "2024-01-15T10:00:00+01:00", "to": "2024-01-15T11:00:00+01:00"}
    assert broken(down("BENCH", "01-15 09:00", "01-15 10:00", **berlin), later) == []


def test_downtimes_that_overlap_close_a_station_once():
    def given(factory):
        down("BENCH", "01-15 09:00", "01-15 09:45")(factory)
        down("BENCH", "01-15 09:30", "01-15 10:00", station=1)(factory)

    assert broken(given, later) == []


def test_unattended_time_goes_on_while_a_station_is_down():
    assert broken(down("OVEN", "01-15 13:00", "01-15 20:00")) == []


def test_who_waits_at_a_station_that_is_down_is_free():
    # both drives at once need four people where there are two, but D1 waits from 09:00 to 13:00
    def together(plan):
        at(op(plan, "D1", 10), "01-15 08:00", "01-15 16:00")
        at(op(plan, "D1", 20), "01-15 16:00", "01-15 16:30", "01-15 20:30")
        at(op(plan, "D2", 10), "01-15 09:00", "01-15 13:00")
        op(plan, "D2", 10).update(station=2)
        at(op(plan, "D2", 20), "01-16 12:00", "01-16 12:30", "01-16 16:30")

    first = down("BENCH", "01-15 09:00", "01-15 13:00", station=1)
    assert broken(first, together) == []
    assert rules(broken(lambda f: None, together)) >= {"crews_within_heads"}


def test_a_week_has_fewer_station_hours_where_stations_are_down():
    def hours(*downtimes):
        rows = [{"work_centre": "BENCH"} | row for row in downtimes]
        factory = make_factory(downtimes=rows)
        ledger = Ledger(factory, make_plan())
        return ledger.station_hours(ledger.centres["BENCH"], date(2024, 1, 8))

    night = {"from": moment("01-10 17:00"), "to": moment("01-11 07:00")}
    day = {"from": moment("01-10 12:00"), "to": moment("01-11 12:00")}
    # two benches from Wednesday to Friday, 8 h each
    assert hours() == 48
    assert hours(night) == 48
    # four hours on each of two days
    assert hours(day | {"station": 2}) == 40
    assert hours(day) == 32
    assert hours(day, day | {"station": 1}) == 32
