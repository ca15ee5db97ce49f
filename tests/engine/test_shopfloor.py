"""The finite schedule by hand: stations, people, calendars, waits and precedence, on one or two centres."""

from types import SimpleNamespace

import pytest

from planning.engine.mrp import LotPolicy, plan_material
from planning.engine.shop import MICRO
from planning.engine.shopfloor.generator import Generator
from planning.engine.shopfloor.schedule import Labour
from tests.engine.plants import ALWAYS, PLANT, at, shop_of, sold

DAY = PLANT["calendars"][0]
EVENING = {"code": "EVENING", "shifts": [{"days": [0, 1, 2, 3, 4], "start": "16:00", "end": "00:00"}]}
PLENTY = 10**9
SOON = 10**7  # minutes before the latest start: everything may start at once


def scheduled(shop, *, heads=9, regular=PLENTY, overtime=0, buffer=SOON, split_hours=1e9):
    """The schedule of the plant's orders as rows of (item, seq, station, start, end, free), by start."""

    def months(value):
        row = value if isinstance(value, list) else [value] * len(shop.grid.months)
        return [row] * len(shop.skills)

    material = plan_material(shop, LotPolicy(window_days=0, slack=1.0))
    schedule = (
        Generator(shop)
        .trial(
            material,
            Labour(months(heads), months(regular), months(overtime)),
            buffer=buffer,
            split_hours=split_hours,
        )
        .run()
    )
    rows = []
    for row in schedule.rows:
        lot = material.lots[row.lot]
        step = shop.routes[lot.item][row.step]
        rows.append((shop.items[lot.item].code, step.seq, row.station, row.start, row.end, row.free))
    done = {}
    for lot in material.lots:
        name = lot.work_order.ref if lot.work_order else shop.items[lot.item].code
        done.setdefault(name, []).append(schedule.done[lot.number])
    return SimpleNamespace(rows=rows, done=done, schedule=schedule, material=material)


def op(seq=10, centre="BENCH", **keys):
    return {"seq": seq, "work_centre": centre, "skill": "ASM"} | keys


def one_lot(*operations, qty=1, **sections):
    """A plant that makes one lot of DRIVE from nothing, due in March."""
    given = {
        "bom": [],
        "routings": {"DRIVE": list(operations)},
        "sales_orders": [sold("DRIVE", ("2024-03-15", qty))],
    }
    return shop_of(**(given | sections))


def many_lots(count, operation, **sections):
    """A plant that makes ``count`` lots of DRIVE, due on following days from 2024-03-11."""
    dues = [(f"2024-03-{11 + n}", 1) for n in range(count)]
    return one_lot(operation, **({"sales_orders": [sold("DRIVE", *dues)]} | sections))


def starts(plan):
    return [row[3] for row in plan.rows]


def test_closed_time_interrupts_an_operation():
    # 10 h from Monday 08:00: 8 h, then 2 h on Tuesday
    plan = scheduled(one_lot(op(run_h=10)))
    assert plan.rows == [("DRIVE", 10, 1, at(0, "08:00"), at(1, "10:00"), at(1, "10:00"))]


def test_an_operation_goes_on_over_the_weekend():
    # 34 h: Monday to Thursday 32 h, Friday 2 h; 42 h end on Monday
    assert scheduled(one_lot(op(run_h=42))).rows[0][4] == at(7, "10:00")


def test_work_ends_at_closing_time_and_the_next_begins_at_opening_time():
    plan = scheduled(one_lot(op(10, run_h=8), op(20, run_h=1)))
    assert [(row[3], row[4]) for row in plan.rows] == [
        (at(0, "08:00"), at(0, "16:00")),
        (at(1, "08:00"), at(1, "09:00")),
    ]


def test_unattended_time_holds_the_station_and_not_the_people():
    # one person: an hour at the oven, free for the bench while the oven goes on for 4 h on its own
    routings = {"DRIVE": [op(10, "OVEN", run_h=1, unattended_h=4)], "PUMP": [op(10, run_h=2)]}
    items = [{"code": code, "kind": "make"} for code in ("DRIVE", "PUMP")]
    orders = [
        sold("DRIVE", ("2024-03-01", 1), ("2024-03-04", 1)),
        sold("PUMP", ("2024-03-08", 1), ref="SO-2"),
    ]
    centres = [{"code": code, "calendar": "DAY"} for code in ("BENCH", "OVEN")]
    shop = shop_of(bom=[], routings=routings, items=items, sales_orders=orders, work_centres=centres)
    plan = scheduled(shop, heads=1)
    assert plan.rows == [
        ("DRIVE", 10, 1, at(0, "08:00"), at(0, "09:00"), at(0, "13:00")),
        ("PUMP", 10, 1, at(0, "09:00"), at(0, "11:00"), at(0, "11:00")),
        ("DRIVE", 10, 1, at(0, "13:00"), at(0, "14:00"), at(0, "18:00")),
    ]


def test_unattended_time_runs_through_the_night():
    # free at 16:00 + 10 h = 02:00, when the bench is closed
    plan = scheduled(one_lot(op(10, run_h=8, unattended_h=10), op(20, run_h=1)))
    assert plan.rows[0][5] == at(1, "02:00")
    assert plan.rows[1][3] == at(1, "08:00")


def test_queue_time_passes_day_and_night_before_the_next_operation():
    # ready at 09:00; 48 h later it is Wednesday 09:00
    plan = scheduled(one_lot(op(10, run_h=1, queue_h=48), op(20, run_h=1)))
    assert starts(plan) == [at(0, "08:00"), at(2, "09:00")]


def test_the_lot_is_there_when_the_last_queue_is_over():
    assert scheduled(one_lot(op(10, run_h=1, unattended_h=2, queue_h=3))).done == {"DRIVE": [at(0, "14:00")]}


def test_a_subcontracted_step_takes_days_and_neither_station_nor_people():
    external = {"seq": 20, "external_days": 3}
    plan = scheduled(one_lot(op(10, run_h=1), external, op(30, run_h=1)), heads=1)
    # 09:00 + 72 h
    assert plan.rows[1] == ("DRIVE", 20, 0, at(0, "09:00"), at(3, "09:00"), at(3, "09:00"))
    assert plan.rows[2][3] == at(3, "09:00")


def test_stations_work_in_parallel_and_no_more_than_there_are():
    centres = [{"code": "BENCH", "calendar": "DAY", "stations": 2}]
    plan = scheduled(many_lots(3, op(run_h=2), work_centres=centres))
    assert [(row[2], row[3]) for row in plan.rows] == [
        (1, at(0, "08:00")),
        (2, at(0, "08:00")),
        (1, at(0, "10:00")),
    ]


@pytest.mark.parametrize(("heads", "second"), [(3, "10:00"), (4, "08:00")])
def test_crews_at_work_are_within_heads(heads, second):
    # two crews of 2 on two stations
    centres = [{"code": "BENCH", "calendar": "DAY", "stations": 2}]
    plan = scheduled(many_lots(2, op(run_h=2, crew=2), work_centres=centres), heads=heads)
    assert starts(plan) == [at(0, "08:00"), at(0, second)]
    assert plan.schedule.peaks[0][0] == (4 if heads == 4 else 2)


def test_more_heads_in_a_later_month_are_used_from_then_on():
    # a crew of 2 with one head in January: Thursday 1 February
    assert starts(scheduled(one_lot(op(run_h=1, crew=2)), heads=[1, 2, 2])) == [at(31, "08:00")]


def test_a_crew_in_closed_time_is_not_at_work():
    # 10 h by day are interrupted at 16:00; the one person may start in the evening
    routings = {"DRIVE": [op(10, run_h=10)], "PUMP": [op(10, "NIGHT", run_h=7)]}
    items = [{"code": code, "kind": "make"} for code in ("DRIVE", "PUMP")]
    orders = [sold("DRIVE", ("2024-03-01", 1)), sold("PUMP", ("2024-03-08", 1), ref="SO-2")]
    centres = [{"code": "BENCH", "calendar": "DAY"}, {"code": "NIGHT", "calendar": "EVENING"}]
    shop = shop_of(
        bom=[],
        routings=routings,
        items=items,
        sales_orders=orders,
        work_centres=centres,
        calendars=[DAY, EVENING],
    )
    assert [(row[0], row[3]) for row in scheduled(shop, heads=1).rows] == [
        ("DRIVE", at(0, "08:00")),
        ("PUMP", at(0, "16:00")),
    ]


def test_hours_of_a_month_are_used_up_to_the_last():
    # 8 h a month, two lots of 8 h due in March: one in January, one in February
    plan = scheduled(many_lots(2, op(run_h=8)), regular=480)
    assert plan.schedule.minutes[0][:2] == [480, 480]


def test_work_that_can_wait_takes_no_more_than_a_share_of_a_month_at_once():
    # 80 h a month: 30 % at once, the rest in step: 32 h by Thursday, for 40 h a fifth must be over
    plan = scheduled(many_lots(9, op(run_h=8)), regular=4_800)
    assert starts(plan)[:5] == [at(day, "08:00") for day in (0, 1, 2, 3, 7)]


def test_overtime_is_for_work_that_cannot_wait():
    # 8 h regular and 8 h overtime a month; two lots of 8 h, due on the two first days of the plan
    shop = one_lot(op(run_h=8), sales_orders=[sold("DRIVE", ("2024-01-01", 1), ("2024-01-02", 1))])
    assert starts(scheduled(shop, regular=480, overtime=480)) == [at(0, "08:00"), at(1, "08:00")]
    # due in March it waits for February instead
    shop = many_lots(2, op(run_h=8))
    assert scheduled(shop, regular=480, overtime=480).schedule.minutes[0][:2] == [480, 480]


@pytest.mark.parametrize(("february", "start"), [(480, at(30, "08:00")), (420, at(60, "08:00"))])
def test_an_operation_needs_its_hours_in_every_month_that_it_touches(february, start):
    # 16 h from Wednesday 31 January are 8 h in February; with 7 h there it waits for March
    shop = one_lot(
        op(run_h=16), items=[{"code": "DRIVE", "kind": "make", "earliest_production": "2024-01-31"}]
    )
    assert starts(scheduled(shop, regular=[960, february, 3_200])) == [start]


def two_levels(operation, **component):
    """FRAME (10 h at the SAW) goes into DRIVE, whose operations are 10 and 20."""
    return shop_of(
        items=[{"code": "DRIVE", "kind": "make"}, {"code": "FRAME", "kind": "make"} | component],
        bom=[{"parent": "DRIVE", "component": "FRAME", "qty": 1, "operation": operation}],
        routings={"DRIVE": [op(10, run_h=2), op(20, run_h=2)], "FRAME": [op(10, "SAW", run_h=10)]},
        work_centres=[{"code": code, "calendar": "DAY"} for code in ("BENCH", "SAW")],
        sales_orders=[sold("DRIVE", ("2024-03-15", 1))],
    )


def test_an_operation_starts_when_the_lots_that_it_takes_are_there():
    # the frame is ready on Tuesday 10:00
    plan = scheduled(two_levels(10))
    assert [(row[0], row[1], row[3]) for row in plan.rows] == [
        ("FRAME", 10, at(0, "08:00")),
        ("DRIVE", 10, at(1, "10:00")),
        ("DRIVE", 20, at(1, "12:00")),
    ]


def test_an_earlier_operation_does_not_wait_for_what_a_later_one_takes():
    plan = scheduled(two_levels(20))
    assert sorted((row[0], row[1], row[3]) for row in plan.rows) == [
        ("DRIVE", 10, at(0, "08:00")),
        ("DRIVE", 20, at(1, "10:00")),
        ("FRAME", 10, at(0, "08:00")),
    ]


def test_bought_parts_hold_an_operation_until_they_can_be_there():
    # 11 days from Monday: Friday of the week after
    source = {"item": "PART", "supplier": "ACME", "lead_time_days": 11}
    shop = shop_of(sources=[source], sales_orders=[sold("DRIVE", ("2024-03-15", 1))])
    assert starts(scheduled(shop)) == [at(11, "08:00")]


def test_stock_of_a_part_needs_no_lead_time():
    source = {"item": "PART", "supplier": "ACME", "lead_time_days": 11}
    stock = [{"item": "PART", "qty": 1}]
    shop = shop_of(sources=[source], stock=stock, sales_orders=[sold("DRIVE", ("2024-01-15", 1))])
    assert starts(scheduled(shop)) == [at(0, "08:00")]


def test_no_production_starts_before_the_earliest():
    items = [{"code": "DRIVE", "kind": "make", "earliest_production": "2024-02-03"}]
    # a Saturday: Monday it is
    assert starts(scheduled(one_lot(op(run_h=1), items=items))) == [at(35, "08:00")]


def test_nothing_starts_earlier_than_the_buffer_before_its_latest_start():
    # due Friday 15 March, 8 h: latest start 08:00; two days of buffer
    plan = scheduled(one_lot(op(run_h=8)), buffer=2 * 1_440)
    assert starts(plan) == [at(72, "08:00")]


def test_what_must_start_first_is_served_first():
    routings = {"DRIVE": [op(run_h=2)], "PUMP": [op(run_h=2)]}
    items = [{"code": code, "kind": "make"} for code in ("DRIVE", "PUMP")]
    orders = [sold("DRIVE", ("2024-03-08", 1)), sold("PUMP", ("2024-03-01", 1), ref="SO-2")]
    plan = scheduled(shop_of(bom=[], routings=routings, items=items, sales_orders=orders))
    assert [row[0] for row in plan.rows] == ["PUMP", "DRIVE"]


def test_a_made_item_without_routing_is_there_a_lead_time_after_its_release():
    items = [{"code": "DRIVE", "kind": "make", "lead_time_days": 9}]
    shop = shop_of(bom=[], routings={}, items=items, sales_orders=[sold("DRIVE", ("2024-01-05", 1))])
    assert scheduled(shop).done == {"DRIVE": [at(9)]}


def test_a_made_item_out_of_reach_of_any_work_is_there_just_in_time_whatever_the_buffer():
    # due 30 January, day 29: out 9 days before
    items = [{"code": "DRIVE", "kind": "make", "lead_time_days": 9}]
    shop = shop_of(bom=[], routings={}, items=items, sales_orders=[sold("DRIVE", ("2024-01-30", 1))])
    plan = scheduled(shop)
    assert plan.schedule.released == [at(20)]
    assert plan.done == {"DRIVE": [at(29)]}


def test_it_is_released_on_a_day_that_has_its_parts_from_midnight():
    # the frame is ready on Tuesday 10:00: released on Wednesday, 2 open days later it is Friday
    shop = shop_of(
        items=[
            {"code": "DRIVE", "kind": "make", "lead_time_days": 2, "lead_time_calendar": "DAY"},
            {"code": "FRAME", "kind": "make"},
        ],
        bom=[{"parent": "DRIVE", "component": "FRAME", "qty": 1}],
        routings={"FRAME": [op(10, run_h=10)]},
        sales_orders=[sold("DRIVE", ("2024-03-15", 1))],
    )
    plan = scheduled(shop)
    assert plan.done == {"DRIVE": [at(4)], "FRAME": [at(1, "10:00")]}
    assert plan.schedule.released[plan.material.lots[0].number] == at(2)


@pytest.mark.parametrize(
    ("change", "rows", "done"),
    [
        ({}, [(10, at(0, "08:00")), (20, at(0, "10:00"))], at(0, "12:00")),
        ({"done_through_seq": 10}, [(20, at(0, "08:00"))], at(0, "10:00")),
        ({"done_through_seq": 20}, [], 0),
        ({"start": "2024-01-03"}, [(10, at(2, "08:00")), (20, at(2, "10:00"))], at(2, "12:00")),
        ({"done_qty": 1}, [(10, at(0, "08:00")), (20, at(0, "09:00"))], at(0, "10:00")),
    ],
)
def test_the_remaining_operations_of_a_work_order_are_scheduled(change, rows, done):
    work = {"ref": "WO-1", "item": "DRIVE", "qty": 2, "due": "2024-02-01"} | change
    shop = shop_of(bom=[], routings={"DRIVE": [op(10, run_h=1), op(20, run_h=1)]}, work_orders=[work])
    plan = scheduled(shop)
    assert [(row[1], row[3]) for row in plan.rows] == rows
    assert plan.done == {"WO-1": [done]}


def test_an_operation_without_minutes_starts_and_ends_at_once():
    plan = scheduled(one_lot(op(10), op(20, run_h=1)))
    assert plan.rows[0][3:] == (at(0, "08:00"),) * 3
    assert plan.rows[1][3] == at(0, "08:00")


def test_lots_take_their_place_on_the_learning_curve_in_order_of_start():
    # unit 1 takes 4 h, unit 2 3.2 h, unit 3 2.808 h, up to whole minutes
    skills = [{"code": "ASM", "headcount": 1, "learning_rate": 0.8}]
    plan = scheduled(many_lots(3, op(run_h=4), skills=skills, calendars=[DAY]))
    assert [row[4] - row[3] for row in plan.rows][:2] == [240, 192]
    assert [plan.schedule.first_unit[row.lot] for row in plan.schedule.rows] == [0, MICRO, 2 * MICRO]


def test_a_crew_that_never_exists_leaves_its_lot_undone():
    plan = scheduled(one_lot(op(run_h=1, crew=3)), heads=2)
    assert (plan.rows, plan.done) == ([], {"DRIVE": [-1]})
    assert plan.schedule.waits[0, 0] > 0


def test_minutes_are_counted_in_the_month_in_which_they_are_worked():
    # Wednesday 31 January 08:00 to Friday 2 February 12:00: 8 h, then 12 h
    items = [{"code": "DRIVE", "kind": "make", "earliest_production": "2024-01-31"}]
    assert scheduled(one_lot(op(run_h=20), items=items)).schedule.minutes[0][:3] == [480, 720, 0]


def test_a_station_that_never_closes_works_at_night():
    centres = [{"code": "BENCH", "calendar": "ALWAYS"}]
    plan = scheduled(one_lot(op(run_h=30), work_centres=centres, calendars=[DAY, ALWAYS]))
    assert plan.rows[0][3:5] == (0, at(1, "06:00"))
