"""What happens on the shop floor: what a planner may do then has no violations."""

from datetime import date

import pytest

from planning.engine.verify.ledger import Ledger
from tests.engine.builders import find, make_factory, make_plan, moment
from tests.engine.verify.cases import at, op
from tests.engine.verify.judge import broken, rules
from tests.engine.verify.material_cases import firm
from tests.engine.verify.shop_floor_cases import away, down, pinned


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


def test_hours_are_lost_on_open_days_of_an_absence_alone():
    def hours(*absences):
        rows = [{"skill": "ASM"} | row for row in absences]
        staffing = Ledger(make_factory(absences=rows), make_plan()).staffing
        return [staffing["ASM", name].available for name in ("2024-01", "2024-02")]

    # 2 heads x 8 h x 0.9 x 0.8 on 16 and 21 days
    assert hours() == pytest.approx([184.32, 241.92])
    # Friday and Saturday: one open day of half a head
    weekend = {"heads": 0.5, "from": "2024-01-12", "to": "2024-01-14"}
    assert hours(weekend) == pytest.approx([184.32 - 0.5 * 5.76, 241.92])
    # from before the planning date until past the end of the month: 16 days and 1 day
    long = {"heads": 1, "from": "2023-12-01", "to": "2024-02-02"}
    assert hours(long, weekend) == pytest.approx([184.32 - 16.5 * 5.76, 241.92 - 5.76])
    # more than there are
    assert hours({"heads": 7, "from": "2024-01-01", "to": "2024-02-01"}) == pytest.approx([0, 241.92])


def test_those_who_are_absent_are_paid():
    assert broken(away("ASM", 1, "01-22", "02-01")) == []


def test_on_a_day_without_work_nobody_is_absent():
    # D2 is moved to Saturday, an extra shift of the bench; ASM works from Monday to Friday
    def given(factory):
        away("ASM", 2, "01-20", "01-21")(factory)
        extra = {"date": "2024-01-20", "start": "08:00", "end": "16:00"}
        factory["calendars"].append({"code": "SAT", "extra_shifts": [extra]})
        find(factory["work_centres"], code="BENCH").update(calendar="SAT")
        find(factory["work_centres"], code="OVEN").update(stations=2)

    def saturday(plan):
        for code, hour in (("D1", 8), ("D2", 12)):
            at(op(plan, code, 10), f"01-20 {hour:02}:00", f"01-20 {hour + 4}:00")
            done = hour + 4
            at(op(plan, code, 20), f"01-20 {done}:00", f"01-20 {done}:30", f"01-20 {done + 4}:30")
            op(plan, code, 20).update(station=int(code[1]))
            find(plan["planned_orders"], id=code).update(due="2024-01-20")
        for row in plan["load"]:
            row["required_hours"] = 0

    assert broken(given, saturday) == []


def test_temporary_heads_are_there_when_others_are_absent():
    def given(factory):
        find(factory["skills"], code="ASM").update(temp_max_heads=1)
        away("ASM", 1, "01-15", "01-17")(factory)

    def temps(plan):
        find(plan["staffing"], skill="ASM", month="2024-01").update(temp_heads=1)

    assert broken(given, temps) == []


@pytest.mark.parametrize("place", [{}, {"work_centre": "SAW"}, {"work_centre": "SAW", "station": 1}])
def test_an_operation_may_begin_where_it_is_pinned(place):
    assert broken(pinned(10, "01-11 08:00", **place), firm("F1")) == []
    # the same moment, as it is written in New York
    new_york = {"start": "2024-01-11T03:00-05:00"}
    assert broken(pinned(10, "", **place, **new_york), firm("F1")) == []


def test_a_pin_that_is_named_need_not_be_kept():
    def named(plan):
        firm("F1")(plan)
        row = {"code": "PIN_NOT_KEPT", "severity": "warning", "entity": "F1/10"}
        plan["exceptions"].append(row | {"text": "", "suggestion": ""})

    assert broken(pinned(10, "01-11 09:00"), named) == []


def test_of_an_operation_on_two_stations_the_first_row_is_pinned():
    def two_saws(factory):
        pinned(10, "01-11 08:00", station=2)(factory)
        find(factory["work_centres"], code="SAW").update(stations=2)

    def split(plan, first, second):
        firm("F1")(plan)
        row = op(plan, "F1", 10)
        row.update(qty=2, station=2)
        at(row, *first)
        other = dict(row, station=1)
        at(other, *second)
        plan["operations"].append(other)

    eight, nine = ("01-11 08:00", "01-11 10:00"), ("01-11 09:00", "01-11 11:00")
    assert broken(two_saws, lambda p: split(p, eight, nine)) == []
    assert broken(two_saws, lambda p: split(p, eight, eight)) == []
    assert rules(broken(two_saws, lambda p: split(p, nine, eight))) == {"pins_kept"}


@pytest.mark.parametrize("seq", [10, 20])
def test_a_pinned_operation_without_a_row_is_missing(seq):
    def drives(factory):
        order = {"ref": "D1", "item": "DRIVE", "kind": "make", "qty": 2, "due": "2024-01-15"}
        factory["firm_orders"] = [order]
        begin = {10: "01-15 08:00", 20: "01-15 12:00"}[seq]
        factory["pinned_operations"] = [{"order": "D1", "seq": seq, "start": moment(begin)}]

    def without(plan):
        firm("D1")(plan)
        plan["operations"].remove(op(plan, "D1", seq))

    assert broken(drives, firm("D1")) == []
    assert rules(broken(drives, without)) >= {"pins_kept", "order_has_its_operations"}
