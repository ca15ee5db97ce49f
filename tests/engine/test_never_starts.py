"""Work that never finds a start: the plan tells where, what lacks and how much, and what would help."""

import pytest

from planning.engine.verify import violations
from tests.engine.plants import ALWAYS, PLANT, built, plant, sold

SOLD = [sold("DRIVE", ("2024-01-20", 1))]
LAST = "2028-04-09"  # the last day planned: four years and some days beyond the horizon
CALENDARS = [*PLANT["calendars"], ALWAYS]


def op(seq=10, **values):
    return {"seq": seq, "work_centre": "BENCH", "skill": "ASM"} | values


def items(lead=1, **drive):
    part = {"code": "PART", "kind": "buy", "unit_cost": 10, "lead_time_days": lead}
    return [part, {"code": "DRIVE", "kind": "make"} | drive]


def told(entity, **sections):
    """What the plan says about ``entity``, as an error."""
    factory = plant(**({"items": items(), "sales_orders": SOLD} | sections))
    plan = built(factory)
    assert violations(factory, plan) == []
    (row,) = [row for row in plan.exceptions if row.severity == "error" and row.entity == entity]
    return row


def test_a_lot_that_is_too_large_for_all_that_is_planned_tells_how_much_too_large():
    # 1,000 of 40 h at the least; 8 h on each working day from 2 January 2024 to 9 April 2028, but for one
    row = told("BENCH", items=items(min_order=1000), routings={"DRIVE": [op(run_h=40)]})

    assert row.code == "AT_RISK_RESOURCE"
    assert row.text.startswith(
        "Operation 10 of DRIVE, 1000 pcs at a time, takes 40,000.0 h on BENCH. Its parts and the work before"
        f" it are there on 2024-01-02 00:00; from then to {LAST}, the last day planned, BENCH is open for "
    )
    assert row.text.endswith(": 31,088.0 h too few.")
    assert row.suggestion.startswith(
        "Open calendar DAY longer, make DRIVE in smaller lots, or end the horizon"
    )


def test_an_operation_that_comes_too_late_tells_from_when_on_it_lacks_time():
    # its parts are there on 24 July 2027; 185 working days of 8 h are left
    lead = 1300
    row = told("BENCH", items=items(lead), routings={"DRIVE": [op(run_h=2000)]})

    assert "are there on 2027-07-24 00:00; " in row.text
    assert row.text.endswith("BENCH is open for 1,480.0 h: 520.0 h too few.")
    assert "smaller lots" not in row.suggestion  # one drive is one drive


def test_the_second_operation_waits_for_the_first():
    row = told("BENCH", routings={"DRIVE": [op(run_h=5000), op(20, run_h=5000)]})

    assert row.text.startswith("Operation 20 of DRIVE, 1 pcs at a time, takes 5,000.0 h on BENCH.")


def test_the_quickest_of_the_places_is_named():
    saw = {"work_centre": "SAW", "speed": 1.25}
    row = told(
        "SAW",
        items=items(1300),
        work_centres=[{"code": code, "calendar": "DAY"} for code in ("BENCH", "SAW")],
        routings={"DRIVE": [op(run_h=2000, alternates=[saw])]},
    )
    assert "takes 1,600.0 h on SAW" in row.text
    assert row.text.endswith(": 120.0 h too few.")


def test_what_is_unattended_too_long_tells_by_how_many_days():
    # 400 days from 15 April 2027, 09:00, on: until 19 May 2028
    row = told("BENCH", items=items(1200), routings={"DRIVE": [op(run_h=1, unattended_h=9600)]})

    assert "takes 1.0 h on BENCH and 9,600.0 h unattended." in row.text
    assert row.text.endswith(f"begun then it is over 40 days after {LAST}, the last day planned.")
    assert row.suggestion == "Get the parts of DRIVE sooner, or end the horizon about 40 days later."


def test_a_released_order_that_is_too_large_is_named_itself():
    work = {"ref": "WO-1", "item": "DRIVE", "qty": 6000, "due": "2024-01-20"}
    row = told("WO-1", sales_orders=[], work_orders=[work], routings={"DRIVE": [op(run_h=4)]})

    assert row.text.startswith(
        "Cannot be finished: Operation 10 of DRIVE, 6000 pcs at a time, takes 24,000.0 h"
    )


def test_people_who_never_give_the_hours_are_named_with_their_best_month():
    # one person for an hour a day, 23 days of January, on a bench that never closes
    row = told(
        "ASM",
        skills=[{"code": "ASM", "headcount": 1, "hours_per_day": 1, "can_hire": False}],
        calendars=CALENDARS,
        work_centres=[{"code": "BENCH", "calendar": "ALWAYS"}],
        routings={"DRIVE": [op(run_h=300)]},
    )
    assert row.code == "AT_RISK_SKILL"
    assert "takes 300.0 h of ASM without a break." in row.text
    assert row.text.endswith(
        "at best, from 2024-01-02 on, 277.0 h in 2024-01, when all of ASM together give 23.0 h."
    )


def test_people_who_leave_are_too_few_when_the_parts_come():
    # three of ten leave every month: from April on 0.7 x 0.7 of a person are left
    row = told(
        "ASM",
        skills=[{"code": "ASM", "headcount": 1, "can_hire": False, "attrition_per_month": 0.3}],
        items=items(200),
        routings={"DRIVE": [op(run_h=300)]},
    )
    assert row.text.endswith("when all of ASM together give 82.3 h.")
    assert row.suggestion == "Raise the heads of ASM, or the hours a day that they work."


@pytest.mark.parametrize(("hours", "open_hours"), [(9000, "8,920.0"), (20_000, "8,920.0")])
def test_a_unit_that_takes_longer_than_its_work_centre_is_open_tells_both(hours, open_hours):
    row = told("BENCH", routings={"DRIVE": [op(run_h=hours)]})

    assert row.text.endswith(f": {hours:,.1f} h for one pcs, open are {open_hours} h.")
