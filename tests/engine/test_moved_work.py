"""What a month could not hold is told: how much moved, from when to when, why, and what would help."""

import re

from tests.engine.plants import PLANT, built, plant, sold

NOBODY_NEW = {"can_hire": False, "overtime_max_share": 0, "absence_rate": 0, "labour_efficiency": 1}


def moved(plan):
    return [row for row in plan.exceptions if row.code == "WORK_MOVED"]


def crew_of_two(quantity, due, **sections):
    """Two hours by two of three ASM: the month's plan counts all three, a bench only ever gets two."""
    step = PLANT["routings"]["DRIVE"][0] | {"crew": 2}
    return built(
        plant(
            skills=[PLANT["skills"][0] | {"headcount": 3}],
            work_centres=[PLANT["work_centres"][0] | {"stations": 2}],
            routings={"DRIVE": [step]},
            staffing=NOBODY_NEW,
            sales_orders=[sold("DRIVE", (due, quantity))],
            **sections,
        ),
        rounds=2,
    )


def test_work_that_a_month_could_not_hold_is_told_with_hours_months_people_and_advice():
    # 130 drives take 520 hours; three people give 3 x 23 x 8 = 552 in January, two of them 368
    plan = crew_of_two(130, "2024-01-31")

    (row,) = moved(plan)
    assert (row.severity, row.entity) == ("warning", "ASM 2024-01")
    # one crew of two does 92 drives in its 23 days, 368 hours; what the month's plan had beyond them moved
    hours, meant = (int(each) for each in re.match(r"(\d+) of (\d+) hours", row.text).groups())
    assert (hours + 368, meant <= 520, hours >= 80) == (meant, True, True)
    assert "most of them by 2024-02: its people work 368 of their 552 regular hours" in row.text
    assert "overtime of ASM in 2024-01" in row.suggestion


def test_a_month_that_holds_its_work_is_not_named():
    # 80 drives are 320 hours: one crew of two does them in January
    assert moved(crew_of_two(80, "2024-01-31")) == []


def test_work_that_waits_for_its_parts_has_not_moved_for_want_of_people():
    items = [row | ({"lead_time_days": 40} if row["code"] == "PART" else {}) for row in PLANT["items"]]
    plan = crew_of_two(60, "2024-01-31", items=items)

    assert [row.days_late > 0 for row in plan.promises] == [True]
    assert moved(plan) == []


def test_few_rows_are_told_and_the_worst_first():
    # given twelve skills that could each not hold their January, by more and more hours
    names = [f"S{n:02}" for n in range(12)]
    plan = built(
        plant(
            skills=[PLANT["skills"][0] | {"code": name, "headcount": 3} for name in names],
            work_centres=[{"code": name, "calendar": "DAY", "stations": 2} for name in names],
            items=[{"code": name, "kind": "make"} for name in names],
            bom=[],
            routings={
                name: [{"seq": 10, "work_centre": name, "skill": name, "crew": 2, "run_h": 2}]
                for name in names
            },
            staffing=NOBODY_NEW,
            sales_orders=[
                sold(name, ("2024-01-31", 110 + 2 * n), ref=f"SO-{n}") for n, name in enumerate(names)
            ],
        )
    )

    told = [row.entity for row in moved(plan)]
    assert told == [f"{name} 2024-01" for name in reversed(names[2:])]


def test_a_station_that_is_down_for_half_of_a_month_is_full():
    # 70 drives take 140 hours; the bench gives 23 x 8 = 184 in January, and 10 x 8 when down from the 15th on
    down = {"work_centre": "BENCH", "from": "2024-01-15T00:00:00+00:00", "to": "2024-02-01T00:00:00+00:00"}
    plan = built(
        plant(
            skills=[PLANT["skills"][0] | {"headcount": 3}],
            staffing=NOBODY_NEW,
            items=[row | ({"max_order": 4} if row["code"] == "DRIVE" else {}) for row in PLANT["items"]],
            downtimes=[down],
            sales_orders=[sold("DRIVE", ("2024-01-31", 70))],
        ),
        rounds=2,
    )

    (row,) = moved(plan)
    assert row.entity == "ASM 2024-01"
    assert "the stations of BENCH are taken for 100 % of their hours" in row.text
    assert "BENCH" in row.suggestion
