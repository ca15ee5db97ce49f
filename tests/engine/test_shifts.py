"""Shifts of a skill through a whole plan: when its people work, how many, and what that costs on top."""

import pytest

from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import canonical_json, factory_from_json, resolve
from planning.engine.verify import violations
from tests.engine.plants import ALWAYS, PLANT, built, plant, sold

# one ASM makes DRIVE in 10 h, on stations that are never closed; 2024-01-01 is a Monday
STEP = {"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 10}
SECTIONS = {
    "calendars": [PLANT["calendars"][0], ALWAYS],
    "bom": [],
    "items": [PLANT["items"][0], {"code": "DRIVE", "kind": "make", "max_order": 1}],
    "routings": {"DRIVE": [STEP]},
    "work_centres": [{"code": "BENCH", "calendar": "ALWAYS", "stations": 4, "cost_per_hour": 3}],
}
DAY = {"name": "DAY", "start": "06:00", "end": "14:00"}
LATE = {"name": "LATE", "start": "14:00", "end": "22:00", "premium": 0.1}
NIGHT = {"name": "NIGHT", "start": "22:00", "end": "06:00", "premium": 0.5}


def skill(*shifts, **keys):
    return {"code": "ASM", "headcount": 4, "wage_per_hour": 20, "shifts": list(shifts)} | keys


def planned(count, *shifts, due="2024-01-19", **sections):
    """The plan for so many drives; a day late costs 1,000. People are the four there are, unless given."""
    given = SECTIONS | {"skills": [skill(*shifts)], "staffing": {"can_hire": False}} | sections
    orders = [sold("DRIVE", (due, count), late_cost_per_day=1_000, late_cost_fixed=0)]
    factory = plant(**given, sales_orders=orders)
    plan = built(factory, rounds=2)
    assert violations(factory, plan) == []
    return plan


def times(plan):
    """Start and end of every operation, as day of January and clock."""
    return [(f"{row.start:%d %H:%M}", f"{row.end:%d %H:%M}") for row in plan.operations]


def in_shifts(plan, month="2024-01"):
    return {row.shift: (row.hours, row.cost) for row in plan.labour_shifts if row.month == month}


def test_without_shifts_people_work_whenever_their_work_centre_is_open():
    plan = planned(1)
    assert times(plan) == [("01 00:00", "01 10:00")]
    assert plan.labour_shifts == ()
    assert plan.cost.shift_premiums == 0


def test_people_work_in_their_shifts_and_work_waits_between_them():
    # 8 h on Monday, the last two on Tuesday morning; the station is attended for ten hours in all
    plan = planned(1, DAY)
    assert times(plan) == [("01 06:00", "02 08:00")]
    assert plan.cost.machine == 30
    assert sum(row.required_hours for row in plan.load) == 10


def test_a_premium_is_paid_for_the_hours_that_are_worked_in_its_shift():
    plan = planned(1, DAY, LATE)
    assert times(plan) == [("01 06:00", "01 16:00")]
    assert in_shifts(plan) == {"DAY": (8, 0), "LATE": (2, 4)}  # 2 h x 20 x 0.1
    assert plan.cost.shift_premiums == 4
    (january,) = [row for row in plan.staffing if row.month == "2024-01"]
    assert january.cost == 23 * 8 * 4 * 20 + 4


def test_a_premium_counts_hours_worked_at_the_wage_of_the_month():
    raised = skill(LATE, labour_efficiency=0.5, raises=[{"from": "2024-01-01", "wage_per_hour": 30}])
    plan = planned(1, skills=[raised])
    # ten standard hours take twenty of an hour worked each, at 30 x 0.1
    assert plan.cost.shift_premiums == pytest.approx(60)


def test_a_night_shift_runs_past_midnight_and_counts_in_the_month_of_the_hour():
    plan = planned(1, NIGHT, as_of="2024-01-31", due="2024-02-02")
    # until six of the night before, from ten to midnight, and two hours of February
    assert times(plan) == [("31 00:00", "01 02:00")]
    assert in_shifts(plan) == {"NIGHT": (8, 80)}
    assert in_shifts(plan, "2024-02") == {"NIGHT": (2, 20)}


def test_no_more_are_at_work_than_a_shift_takes_when_work_starts():
    plan = planned(6, DAY | {"max_heads": 2})
    starts = [row.start for row in plan.operations]
    assert len(starts) == 6
    assert all(starts.count(start) <= 2 for start in starts)


def test_no_more_are_at_work_than_a_shift_takes_when_it_begins():
    # ten hours from six on last into the late shift, which takes two
    plan = planned(4, DAY, LATE | {"max_heads": 2})
    assert sorted(times(plan)) == [("01 06:00", "01 16:00")] * 2 + [("01 16:00", "02 10:00")] * 2


def test_work_waits_in_a_shift_that_is_too_small_for_its_crew():
    step = STEP | {"crew": 2}
    plan = planned(1, DAY, LATE | {"max_heads": 1}, routings={"DRIVE": [step]})
    assert times(plan) == [("01 06:00", "02 08:00")]
    assert in_shifts(plan) == {"DAY": (20, 0), "LATE": (0, 0)}


@pytest.mark.parametrize("shifts", [(NIGHT | {"max_heads": 0},), (DAY | {"max_heads": 1},)])
def test_work_that_no_shift_takes_is_named_with_what_helps(shifts):
    plan = planned(1, *shifts, routings={"DRIVE": [STEP | {"crew": 2}]})
    (named,) = [row for row in plan.exceptions if row.entity == "ASM" and row.severity == "error"]
    assert named.code == "AT_RISK_SKILL"
    assert "no shift" in named.text
    assert "shifts" in named.suggestion


@pytest.mark.parametrize(
    ("heads", "places", "code", "remedy"),
    [
        (4, 1, "AT_RISK_SHIFT", "Put more people on the shift"),
        (1, 4, "AT_RISK_SKILL", "Hiring ASM is not allowed today"),
        # who puts more people on the shift has none to put there
        (1, 1, "AT_RISK_SKILL", "Hiring ASM is not allowed today"),
    ],
)
def test_what_waits_for_a_place_on_a_shift_while_people_are_there_is_told_as_that(
    heads, places, code, remedy
):
    plan = planned(20, skills=[skill(DAY | {"max_heads": places}, headcount=heads)], due="2024-01-12")
    (promise,) = plan.promises
    assert promise.days_late > 0
    assert {(each.code, each.entity) for each in promise.reasons} == {(code, "ASM")}
    (late,) = [row for row in plan.exceptions if row.code == "LATE_DEMAND"]
    assert late.suggestion.startswith(remedy)


def test_seats_of_shifts_limit_what_the_plan_of_production_counts_on():
    # 40 drives are 400 h; one seat gives 248 h in January
    few = planned(40, DAY | {"max_heads": 1}, due="2024-01-24")
    many = planned(40, DAY, due="2024-01-24")
    assert many.promises[0].days_late == 0
    assert few.promises[0].days_late > 0
    assert few.certificate.aggregate.objective > many.certificate.aggregate.objective


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([DAY, LATE | {"start": "13:59"}], "/skills/0/shifts/1/start"),
        ([NIGHT, {"name": "DAWN", "start": "05:00", "end": "07:00"}], "/skills/0/shifts/1/start"),
        ([DAY, LATE | {"name": "DAY"}], "/skills/0/shifts/1"),
    ],
)
def test_nobody_is_on_two_shifts_at_once(rows, path):
    document = PLANT | {"skills": [skill(*rows)]}
    assert path in [issue.path for issue in check_factory(factory_from_json(document))]


def test_shifts_round_the_clock_are_sound_and_their_order_says_nothing():
    one, other = (
        factory_from_json(PLANT | {"skills": [skill(*rows)]})
        for rows in ((DAY, LATE, NIGHT), (NIGHT, DAY, LATE))
    )
    assert check_factory(one) == []
    assert canonical_json(resolve(one)) == canonical_json(resolve(other))


def test_a_factory_without_shifts_has_the_text_that_it_always_had():
    assert "shifts" not in canonical_json(plant()).split('"skills"')[1].split('"sources"')[0]
