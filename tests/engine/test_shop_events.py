"""What happens beside the calendars: stations down, people absent, operations pinned."""

import pytest

from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import resolve
from planning.engine.verify import violations
from tests.engine.plants import at, built, plant, sold
from tests.engine.random_shop_factories import random_shop_with_events
from tests.engine.test_shopfloor import many_lots, one_lot, op, scheduled

SEEDS = range(50)
MONDAY, TUESDAY = "2024-01-01", "2024-01-02"


def down(start, end, **more):
    return {"work_centre": "BENCH", "from": f"{start}:00+00:00", "to": f"{end}:00+00:00"} | more


@pytest.mark.parametrize("seed", SEEDS)
def test_the_plan_of_any_shop_with_events_breaks_no_rule(seed):
    factory = random_shop_with_events(seed)

    plan = built(factory, rounds=2)

    assert violations(factory, plan) == []


def test_the_generator_makes_valid_events_of_every_kind():
    factories = [resolve(random_shop_with_events(seed)) for seed in SEEDS]
    assert [check_factory(factory) for factory in factories] == [[]] * len(factories)
    assert any(row.station is None for factory in factories for row in factory.downtimes)
    assert any(row.station == 2 for factory in factories for row in factory.downtimes)
    assert any(factory.absences and factory.pinned_operations for factory in factories)


def test_an_operation_stops_while_its_station_is_down():
    shop = one_lot(op(run_h=4), downtimes=[down(f"{MONDAY}T10:00", f"{MONDAY}T12:00")])
    # 2 h before, 2 h after
    assert scheduled(shop).rows[0][3:5] == (at(0, "08:00"), at(0, "14:00"))


def test_work_goes_to_the_station_that_is_up():
    centre = [{"code": "BENCH", "calendar": "DAY", "stations": 2}]
    downtimes = [down(f"{MONDAY}T00:00", "2024-04-04T00:00", station=1)]
    shop = many_lots(2, op(run_h=4), work_centres=centre, downtimes=downtimes)
    assert [row[2:4] for row in scheduled(shop).rows] == [(2, at(0, "08:00")), (2, at(0, "12:00"))]


def test_nothing_starts_while_every_station_is_down():
    shop = one_lot(op(run_h=4), downtimes=[down(f"{MONDAY}T00:00", f"{TUESDAY}T09:30")])
    assert scheduled(shop).rows[0][3:5] == (at(1, "09:30"), at(1, "13:30"))


def test_a_crew_is_short_of_those_who_are_absent():
    absences = [{"skill": "ASM", "heads": 0.5, "from": MONDAY, "to": TUESDAY}]
    shop = one_lot(op(run_h=4, crew=2), absences=absences)
    assert scheduled(shop, heads=2).rows[0][3] == at(1, "08:00")
    assert scheduled(shop, heads=3).rows[0][3] == at(0, "08:00")


def test_absent_people_give_no_hours():
    absences = [{"skill": "ASM", "heads": 2, "from": MONDAY, "to": "2024-01-08"}]
    plan = built(plant(absences=absences))
    # 23 open days less 5, two heads, 8 h
    assert plan.staffing[0].available_hours == pytest.approx(18 * 2 * 8)


def released(ref, qty=1):
    return {"ref": ref, "item": "DRIVE", "qty": qty, "due": "2024-01-20"}


def test_a_pinned_operation_starts_when_it_is_pinned_and_others_keep_out_of_its_way():
    # WO-2 takes 4 h: from 08:00 it would still be on the bench at 10:00
    pins = [{"order": "WO-1", "seq": 10, "start": f"{MONDAY}T10:00:00+00:00", "station": 1}]
    shop = one_lot(
        op(run_h=4), sales_orders=[], work_orders=[released("WO-1"), released("WO-2")], pinned_operations=pins
    )
    assert [row[3] for row in scheduled(shop).rows] == [at(0, "10:00"), at(0, "14:00")]


@pytest.mark.parametrize(
    ("speed", "place", "end"),
    [
        # the saw would end it at 12:00; pinned to no work centre it is the routing's, the bench
        (2, {}, "14:00"),
        (2, {"work_centre": "BENCH"}, "14:00"),
        # on the bench it would end at 14:00
        (0.8, {"work_centre": "SAW"}, "15:00"),
    ],
)
def test_an_operation_keeps_to_the_work_centre_that_it_is_pinned_to(speed, place, end):
    pin = {"order": "WO-1", "seq": 10, "start": f"{MONDAY}T10:00:00+00:00"} | place
    shop = one_lot(
        op(run_h=4, alternates=[{"work_centre": "SAW", "speed": speed}]),
        work_centres=[{"code": code, "calendar": "DAY", "stations": 2} for code in ("BENCH", "SAW")],
        sales_orders=[],
        work_orders=[released("WO-1")],
        pinned_operations=[pin],
    )
    assert [row[3:5] for row in scheduled(shop).rows] == [(at(0, "10:00"), at(0, end))]


def test_others_keep_out_of_the_way_of_a_pin_to_a_work_centre_of_one_station():
    # though WO-2 is late already: from 08:00 it would still be on the bench at 10:00
    pins = [{"order": "WO-1", "seq": 10, "start": f"{MONDAY}T10:00:00+00:00"}]
    shop = one_lot(
        op(run_h=4),
        sales_orders=[],
        work_orders=[released("WO-1"), released("WO-2") | {"due": "2023-12-01"}],
        pinned_operations=pins,
    )
    assert [row[3] for row in scheduled(shop).rows] == [at(0, "10:00"), at(0, "14:00")]


@pytest.mark.parametrize("seq", [10, 20])
def test_a_firm_order_begins_early_enough_for_its_pin(seq):
    # needed in March, so that nothing else lets it begin in January
    factory = plant(
        bom=[],
        routings={"DRIVE": [op(10, run_h=4), op(20, run_h=4)]},
        firm_orders=[{"ref": "FO-1", "item": "DRIVE", "kind": "make", "qty": 1, "due": "2024-03-15"}],
        pinned_operations=[{"order": "FO-1", "seq": seq, "start": "2024-01-04T08:00:00+00:00"}],
        sales_orders=[sold("DRIVE", ("2024-03-15", 1))],
    )
    plan = built(factory)
    assert violations(factory, plan) == []
    (start,) = [row.start for row in plan.operations if row.seq == seq]
    assert f"{start:%m-%d %H:%M}" == "01-04 08:00"


def test_a_pin_that_cannot_be_kept_is_named():
    # the bench is closed on Sunday, so the operation begins on Monday
    pins = [{"order": "WO-1", "seq": 10, "start": "2024-01-07T10:00:00+00:00"}]
    plan = built(plant(work_orders=[released("WO-1")], pinned_operations=pins))

    (missed,) = [row for row in plan.exceptions if row.code == "PIN_NOT_KEPT"]
    assert missed.entity == "WO-1/10"
    assert "2024-01-07 10:00" in missed.text
    assert "2024-01-08 08:00" in missed.text
    assert not plan.certificate.violations


def test_a_downtime_is_blamed_for_what_it_makes_late():
    plan = built(
        plant(
            sales_orders=[sold("DRIVE", ("2024-01-03", 1))],
            downtimes=[down(f"{MONDAY}T00:00", "2024-01-10T00:00")],
        )
    )
    (promise,) = plan.promises
    assert promise.days_late == 7
    assert [(row.code, row.entity) for row in promise.reasons] == [("AT_RISK_RESOURCE", "BENCH")]


def test_components_are_made_early_enough_for_a_pin():
    # the drive and its gear are needed in March, the drive is pinned to the third of January; ten gears that
    # are sold until the twelfth take a week
    factory = plant(
        items=[{"code": code, "kind": "make", "max_order": 1} for code in ("DRIVE", "GEAR")],
        bom=[{"parent": "DRIVE", "component": "GEAR", "qty": 1}],
        routings={"DRIVE": [op(10, run_h=4)], "GEAR": [op(10, run_h=4)]},
        firm_orders=[{"ref": "FO-1", "item": "DRIVE", "kind": "make", "qty": 1, "due": "2024-03-15"}],
        pinned_operations=[{"order": "FO-1", "seq": 10, "start": "2024-01-03T10:00:00+00:00"}],
        sales_orders=[
            sold("DRIVE", ("2024-03-15", 1)),
            *(sold("GEAR", ("2024-01-12", 1), ref=f"SO-G{number}") for number in range(10)),
        ],
    )
    plan = built(factory)
    assert violations(factory, plan) == []
    (start,) = [row.start for row in plan.operations if row.order == "FO-1"]
    assert f"{start:%m-%d %H:%M}" == "01-03 10:00"


def test_a_pin_beyond_all_days_that_are_planned_holds_nothing_up():
    pins = [{"order": "WO-1", "seq": 10, "start": "2040-01-02T10:00:00+00:00"}]
    factory = plant(work_orders=[released("WO-1")], pinned_operations=pins)
    plan = built(factory)

    assert violations(factory, plan) == []
    assert [row.order for row in plan.operations] == ["WO-1"]
    (missed,) = [row for row in plan.exceptions if row.code == "PIN_NOT_KEPT"]
    assert "2040-01-02 is beyond the days that are planned" in missed.text


LATE = {"ref": "PO-1", "supplier": "ACME", "item": "PART", "qty": 1, "due": "2024-01-10"}
FIRM = {"ref": "FO-1", "item": "DRIVE", "kind": "make", "qty": 1, "due": "2024-01-31"}


@pytest.mark.parametrize(
    ("start", "sections", "why"),
    [
        ("2024-01-07T10:00", {}, "BENCH is closed or down at that moment"),
        (
            "2024-01-08T10:00",
            {"downtimes": [down("2024-01-08T09:00", "2024-01-08T11:00")]},
            "BENCH is closed or down at that moment",
        ),
        (
            "2024-01-08T10:00",
            {"firm_orders": [FIRM | {"release": "2024-01-10"}]},
            "its order may not begin before 2024-01-10 00:00",
        ),
        (
            "2024-01-08T10:00",
            {"purchase_orders": [LATE], "items": [{"code": "PART", "kind": "buy", "lead_time_days": 30}]},
            "PART is there on 2024-01-10 00:00",
        ),
        (
            "2024-01-08T10:00",
            {"absences": [{"skill": "ASM", "heads": 2, "from": "2024-01-01", "to": "2024-01-09"}]},
            "no ASM was free then",
        ),
    ],
)
def test_a_missed_pin_tells_what_was_in_its_way(start, sections, why):
    drive = {"code": "DRIVE", "kind": "make"}
    items = [*sections.get("items", [{"code": "PART", "kind": "buy"}]), drive]
    factory = plant(
        **{"firm_orders": [FIRM], "pinned_operations": [pinned("FO-1", start)]} | sections | {"items": items}
    )
    plan = built(factory)
    assert violations(factory, plan) == []
    (missed,) = [row for row in plan.exceptions if row.code == "PIN_NOT_KEPT"]
    assert missed.text.endswith(f": {why}.")


def test_a_pin_too_early_for_the_operation_before_it_says_so():
    # operation 10 would take from 08:00 to 12:00 and keeps out of the way of the pin until that has passed
    factory = plant(
        routings={"DRIVE": [op(10, run_h=4), op(20, run_h=4)]},
        firm_orders=[FIRM],
        pinned_operations=[pinned("FO-1", f"{MONDAY}T10:00", seq=20)],
    )
    plan = built(factory)
    assert {row.seq for row in plan.operations} == {10, 20}
    (missed,) = [row for row in plan.exceptions if row.code == "PIN_NOT_KEPT"]
    assert missed.text.endswith(": operation 10 before it is over on 2024-01-01 14:01.")


def pinned(order, start, seq=10):
    return {"order": order, "seq": seq, "start": f"{start}:00+00:00"}


def test_what_waits_for_a_station_that_is_kept_free_for_a_pin_is_late_by_that_station():
    # 7 h that should begin by 09:00 would be in the way of the gear at 10:00, and begin at 14:00
    factory = plant(
        items=[{"code": "PART", "kind": "buy"}]
        + [{"code": code, "kind": "make"} for code in ("DRIVE", "GEAR")],
        routings={"DRIVE": [op(10, run_h=7)], "GEAR": [op(10, run_h=4)]},
        work_orders=[released("WO-1") | {"item": "GEAR"}],
        pinned_operations=[pinned("WO-1", f"{MONDAY}T10:00")],
        sales_orders=[sold("DRIVE", ("2024-01-01", 1))],
    )
    plan = built(factory)
    assert violations(factory, plan) == []
    (late,) = plan.promises
    assert late.days_late == 1
    assert [(why.code, why.entity) for why in late.reasons] == [("AT_RISK_RESOURCE", "BENCH")]


def test_long_work_leaves_the_people_that_a_pin_needs():
    # two stations but one person: 6 h of late work from 08:00 would hold him at 10:00
    factory = plant(
        skills=[{"code": "ASM", "headcount": 1}],
        work_centres=[{"code": code, "calendar": "DAY"} for code in ("BENCH", "SAW")],
        items=[{"code": "PART", "kind": "buy"}]
        + [{"code": code, "kind": "make"} for code in ("DRIVE", "GEAR")],
        routings={"DRIVE": [op(10, "SAW", run_h=6)], "GEAR": [op(10, run_h=4)]},
        work_orders=[released("WO-1") | {"item": "GEAR"}],
        pinned_operations=[pinned("WO-1", f"{MONDAY}T10:00")],
        sales_orders=[sold("DRIVE", ("2023-12-20", 1))],
    )
    plan = built(factory)

    assert violations(factory, plan) == []
    assert {row.item: f"{row.start:%m-%d %H:%M}" for row in plan.operations} == {
        "GEAR": "01-01 10:00",
        "DRIVE": "01-01 14:00",
    }


def staffed(heads, stations, *works, gear=(), **sections):
    """``heads`` people, one more from February on, so many benches, late drives of 10 h on saws of their own,
    gears of 4 h that ``works`` release.
    """
    return plant(
        skills=[{"code": "ASM", "headcount": heads, "hire_lead_days": 31}],
        work_centres=[
            {"code": "BENCH", "calendar": "DAY", "stations": stations},
            {"code": "SAW", "calendar": "DAY", "stations": 3},
        ],
        items=[{"code": "PART", "kind": "buy"}]
        + [{"code": code, "kind": "make", "max_order": 1} for code in ("DRIVE", "GEAR")],
        routings={"DRIVE": [op(10, "SAW", run_h=10)], "GEAR": [op(10, run_h=4, **dict(gear))]},
        work_orders=[released(ref) | {"item": "GEAR"} for ref in works],
        **sections,
    )


def starts_of(plan, item):
    return sorted(f"{row.start:%m-%d %H:%M}" for row in plan.operations if row.item == item)


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_work_leaves_the_people_that_a_pin_to_any_of_several_stations_needs(heads):
    # as many late drives as people, each 10 h from 08:00: nobody would be there at 10:00
    factory = staffed(
        heads,
        2,
        "WO-1",
        pinned_operations=[pinned("WO-1", f"{MONDAY}T10:00")],
        sales_orders=[sold("DRIVE", ("2023-12-20", heads))],
    )
    plan = built(factory)

    assert violations(factory, plan) == []
    assert starts_of(plan, "GEAR") == ["01-01 10:00"]
    assert starts_of(plan, "DRIVE") == ["01-01 08:00"] * (heads - 1) + ["01-01 14:00"]
    assert not [row for row in plan.exceptions if row.code == "PIN_NOT_KEPT"]


def test_pins_one_after_the_other_are_at_work_together():
    # two people: gears of 3 h from 10:00 and from 11:00 need both, so a late drive may not begin at 08:00
    factory = staffed(
        2,
        3,
        "WO-1",
        "WO-2",
        pinned_operations=[pinned("WO-1", f"{MONDAY}T10:00"), pinned("WO-2", f"{MONDAY}T11:00")],
        sales_orders=[sold("DRIVE", ("2023-12-20", 1))],
    )
    plan = built(factory)

    assert violations(factory, plan) == []
    assert starts_of(plan, "GEAR") == ["01-01 10:00", "01-01 11:00"]
    assert not [row for row in plan.exceptions if row.code == "PIN_NOT_KEPT"]


def test_two_pins_to_one_minute_need_two_crews():
    # of three people one drive may have one
    factory = staffed(
        3,
        2,
        "WO-1",
        "WO-2",
        pinned_operations=[pinned(ref, f"{MONDAY}T10:00") for ref in ("WO-1", "WO-2")],
        sales_orders=[sold("DRIVE", ("2023-12-20", 3))],
    )
    plan = built(factory)

    assert violations(factory, plan) == []
    assert starts_of(plan, "GEAR") == ["01-01 10:00"] * 2
    assert starts_of(plan, "DRIVE") == ["01-01 08:00", "01-01 14:00", "01-01 14:00"]


@pytest.mark.parametrize(
    ("moment", "gear"),
    [
        # two are needed at the bench, and there is one until February: the pin is missed in any case
        (f"{MONDAY}T10:00", {"crew": 2}),
        # the drive would be at work at 20:00, when the bench is closed
        (f"{MONDAY}T20:00", {}),
    ],
)
def test_a_pin_that_cannot_be_kept_holds_nobody_up(moment, gear):
    factory = staffed(
        1,
        2,
        "WO-1",
        sales_orders=[sold("DRIVE", ("2023-12-20", 1))],
        pinned_operations=[pinned("WO-1", moment)],
        gear=gear,
    )
    plan = built(factory)

    assert starts_of(plan, "DRIVE") == ["01-01 08:00"]


@pytest.mark.parametrize("seed", range(0, 40, 2))
def test_reasons_add_up_to_the_delay(seed):
    plan = built(random_shop_with_events(seed))

    late = [row for row in plan.promises if row.promised is not None and row.days_late]
    assert [sum(why.days for why in row.reasons) for row in late] == pytest.approx(
        [row.days_late for row in late]
    )
