"""What an operation can be, by hand: alternates, setup families, overlap, lots split over stations."""

from datetime import UTC, datetime

import pytest

from planning.engine.build import build_plan
from planning.engine.request import BuildRequest, Watch
from planning.engine.verify import violations
from tests.engine.plants import at, built, plant, sold
from tests.engine.test_shopfloor import many_lots, one_lot, op, scheduled

PAIR = [{"code": code, "calendar": "DAY"} for code in ("BENCH", "SAW")]


def centres(plan, shop):
    return [shop.factory.work_centres[row.centre].code for row in plan.schedule.rows]


def test_an_alternate_takes_what_its_own_centre_would_end_later():
    # two lots of 4 h: the second ends at 16:00 on the bench, at 12:00 on the saw
    shop = many_lots(2, op(run_h=4, alternates=[{"work_centre": "SAW"}]), work_centres=PAIR)
    plan = scheduled(shop)
    assert centres(plan, shop) == ["BENCH", "SAW"]
    assert [row[3:5] for row in plan.rows] == [(at(0, "08:00"), at(0, "12:00"))] * 2


def test_a_slow_alternate_is_left_when_the_own_centre_ends_earlier():
    # a quarter of the speed: 16 h on the saw end on Tuesday 16:00, the bench has ended by Monday 16:00
    slow = [{"work_centre": "SAW", "speed": 0.25}]
    shop = many_lots(2, op(run_h=4, alternates=slow), work_centres=PAIR)
    assert centres(scheduled(shop), shop) == ["BENCH", "BENCH"]


def test_a_fast_alternate_is_taken_first():
    shop = one_lot(op(run_h=4, alternates=[{"work_centre": "SAW", "speed": 2}]), work_centres=PAIR)
    assert scheduled(shop).rows[0][3:5] == (at(0, "08:00"), at(0, "10:00"))


def families(*names, **sections):
    """One item for each family, 1 h of setup and 1 h of work, due one day after the other."""
    items = [f"ITEM{n}" for n in range(len(names))]
    routings = {
        item: [op(setup_h=1, run_h=1, setup_family=name)] for item, name in zip(items, names, strict=True)
    }
    orders = [sold(item, (f"2024-03-{11 + n}", 1), ref=f"SO-{n}") for n, item in enumerate(items)]
    given = {"items": [{"code": item, "kind": "make"} for item in items], "routings": routings}
    return one_lot(op(), **(given | {"sales_orders": orders} | sections))


def test_work_of_one_family_is_set_up_once_and_comes_together():
    # red is set up at 08:00; the second red goes ahead of blue, which is due two hours of days before it
    plan = scheduled(families("RED", "BLUE", "RED"))
    assert [row[0] for row in plan.rows] == ["ITEM0", "ITEM2", "ITEM1"]
    assert [row[4] - row[3] for row in plan.rows] == [120, 60, 120]


def test_a_listed_change_replaces_the_setup():
    times = [{"work_centre": "BENCH", "from_family": "RED", "to_family": "BLUE", "hours": 3}]
    plan = scheduled(families("RED", "BLUE", setup_times=times))
    assert [row[4] - row[3] for row in plan.rows] == [120, 240]


def test_with_overlap_the_next_operation_begins_with_the_first_unit():
    # 4 units of 1 h: the first at 09:00; 4 units of half an hour from 09:00 would end before the last comes
    # at 12:00, so they begin at 10:00
    routing = [op(10, run_h=1, overlap=True), op(20, "SAW", run_h=0.5)]
    plan = scheduled(one_lot(*routing, qty=4, work_centres=PAIR))
    assert [row[3:5] for row in plan.rows] == [
        (at(0, "08:00"), at(0, "12:00")),
        (at(0, "10:00"), at(0, "12:00")),
    ]


def test_released_work_that_takes_long_is_split_over_stations():
    # 6 units of 4 h on three stations instead of 24 h on one
    work = {"ref": "WO-1", "item": "DRIVE", "qty": 6, "due": "2024-01-05"}
    three = [{"code": "BENCH", "calendar": "DAY", "stations": 3}]
    shop = one_lot(op(run_h=4), work_centres=three, work_orders=[work], sales_orders=[])
    plan = scheduled(shop, split_hours=8)
    assert [row[2:5] for row in plan.rows] == [
        (station, at(0, "08:00"), at(0, "16:00")) for station in (1, 2, 3)
    ]
    assert [row.quantity for row in plan.schedule.rows] == [2_000_000] * 3
    assert plan.done["WO-1"] == [at(0, "16:00")]


def test_the_rows_of_a_split_lot_take_their_shares_of_the_parts():
    work = {"ref": "WO-1", "item": "DRIVE", "qty": 7, "due": "2024-01-05", "components_issued": False}
    factory = plant(
        routings={"DRIVE": [op(run_h=40)]},
        work_centres=[{"code": "BENCH", "calendar": "DAY", "stations": 3}],
        work_orders=[work],
    )
    plan = built(factory)
    assert violations(factory, plan) == []
    assert len(plan.operations) == 3


def test_orders_wait_whose_lateness_costs_least():
    # one drive a day; three are due on the first two days: the one whose lateness is cheap comes last
    dear = {"late_cost_per_day": 500, "late_cost_fixed": 1_000}
    cheap = {"late_cost_per_day": 5, "late_cost_fixed": 10}
    orders = [
        sold("DRIVE", ("2024-01-01", 1), ref="SO-CHEAP", **cheap),
        sold("DRIVE", ("2024-01-01", 1), ref="SO-1", **dear),
        sold("DRIVE", ("2024-01-02", 1), ref="SO-2", **dear),
    ]
    single = {"items": [{"code": "DRIVE", "kind": "make", "max_order": 1}], "bom": []}
    plan = built(plant(routings={"DRIVE": [op(run_h=8)]}, sales_orders=orders, **single))
    late = {row.sales_order: row.days_late for row in plan.promises}
    assert late == {"SO-CHEAP": 2, "SO-1": 0, "SO-2": 0}


def test_work_without_people_begins_as_late_as_its_delivery_allows():
    # due Friday 15 March, 8 h of a machine: on that day
    routing = [{"seq": 10, "work_centre": "BENCH", "run_h": 8}]
    plan = built(plant(bom=[], routings={"DRIVE": routing}, sales_orders=[sold("DRIVE", ("2024-03-15", 1))]))
    assert str(plan.operations[0].start)[:16] == "2024-03-15 08:00"


def test_a_build_that_is_asked_to_finish_keeps_its_best_plan():
    told = []
    factory = plant(sales_orders=[sold("DRIVE", ("2024-01-02", 9))])
    request = BuildRequest(version=1, created_at=datetime(2024, 1, 1, tzinfo=UTC), work_budget=50)
    watch = Watch(on_progress=told.append, is_finishing=lambda: len(told) > 4)
    plan = build_plan(factory, request, watch)
    assert not plan.reproducible
    assert plan.certificate.violations == ()
    assert len(told) < 10
    assert told[-1].late_days is not None
    assert told[-1].least_late_days is not None


@pytest.mark.parametrize("hours", [0, 10**6])
def test_work_that_takes_nothing_or_never_ends_leaves_the_rest_as_planned(hours):
    items = [{"code": code, "kind": "make"} for code in ("DRIVE", "PUMP")]
    orders = [sold("DRIVE", ("2024-03-08", 1)), sold("PUMP", ("2024-03-08", 1), ref="SO-2")]
    routings = {"DRIVE": [op(run_h=hours)], "PUMP": [op(run_h=2)]}
    factory = plant(bom=[], items=items, routings=routings, sales_orders=orders)
    plan = built(factory)
    assert violations(factory, plan) == []
    promised = {row.item: row.days_late for row in plan.promises}
    assert promised["PUMP"] == 0
    assert (promised["DRIVE"] == 0) == (hours == 0)
    assert hours == 0 or any(row.entity == "BENCH" and row.severity == "error" for row in plan.exceptions)


def test_a_lot_longer_than_all_time_is_named_and_keeps_nobody_waiting():
    # a released order for 100,000 units of 8 h each: longer than the calendar is open at all
    items = [{"code": code, "kind": "make"} for code in ("DRIVE", "PUMP")]
    work = {"ref": "WO-1", "item": "DRIVE", "qty": 100_000, "due": "2024-02-01"}
    routings = {"DRIVE": [op(run_h=8)], "PUMP": [op(run_h=2)]}
    orders = [sold("PUMP", ("2024-03-08", 1))]
    factory = plant(bom=[], items=items, routings=routings, sales_orders=orders, work_orders=[work])
    plan = built(factory)
    assert violations(factory, plan) == []
    assert [row.days_late for row in plan.promises] == [0]
    assert any(row.entity == "WO-1" and row.severity == "error" for row in plan.exceptions)


def test_with_overlap_the_parts_of_a_lot_may_end_in_another_order_than_they_begin():
    # both benches take 20 units of 1 h: the first goes down with its part begun and is up three weeks later,
    # the second begins an hour after it and is done on Wednesday
    down = [
        {"station": 1, "from": "2024-01-01T10:00Z", "to": "2024-01-20T10:00Z"},
        {"station": 2, "from": "2024-01-01T06:00Z", "to": "2024-01-01T09:00Z"},
    ]
    factory = plant(
        bom=[],
        work_centres=[{"code": code, "calendar": "DAY", "stations": 2} for code in ("BENCH", "SAW")],
        routings={"DRIVE": [op(10, run_h=1, overlap=True), op(20, "SAW", run_h=0.1)]},
        work_orders=[{"ref": "WO-1", "item": "DRIVE", "qty": 40, "due": "2024-01-05"}],
        downtimes=[{"work_centre": "BENCH"} | row for row in down],
    )
    plan = built(factory)
    assert violations(factory, plan) == []
    assert sorted(row.end.day for row in plan.operations if row.seq == 10) == [3, 24]
