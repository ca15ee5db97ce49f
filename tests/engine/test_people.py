"""What factory-1 says about people, each key by hand through a whole plan: what is decided, paid and told."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from planning.engine import improve, people_trouble
from planning.engine.build import build_plan
from planning.engine.errors import SolverFailed
from planning.engine.factory_codec import read_factory, resolve
from planning.engine.request import BuildRequest, Watch
from planning.engine.shop import compile_shop
from planning.engine.trouble import find_obstacles
from planning.engine.workforce import staff_as_planned
from tests.engine.plants import ALWAYS, PLANT, built, plant, sold
from tests.engine.random_factories import random_factory

# one ASM makes DRIVE in 10 h each; open days of January, February and March 2024: 23, 21, 21
STEP = {"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 10}
SECTIONS = {
    "bom": [],
    "routings": {"DRIVE": [STEP]},
    "work_centres": [{"code": "BENCH", "calendar": "DAY", "stations": 50}],
}
RULES = {"hire_lead_days": 20, "hire_cost": 2_000}
DAYS = {"2024-01": 23, "2024-02": 21, "2024-03": 21}


def asm(**keys):
    return {"code": "ASM", "headcount": 1, "wage_per_hour": 20} | keys


def planned(*dues, skills=(), staffing=None, orders=None, **sections):
    """The plan for drives that are due; a day late costs 1,000."""
    given = orders or [sold("DRIVE", *dues, late_cost_per_day=1_000, late_cost_fixed=0)]
    rules = RULES | (staffing or {})
    rows = list(skills) or [asm()]
    plan = built(plant(**SECTIONS | sections, skills=rows, staffing=rules, sales_orders=given), rounds=2)
    assert plan.certificate.violations == ()
    return plan


def by_month(plan, name, skill="ASM"):
    return [getattr(row, name) for row in plan.staffing if row.skill == skill]


def told(plan, code, entity="ASM"):
    return [row for row in plan.exceptions if (row.code, row.entity) == (code, entity)]


def decided(month, heads, verdict, skill="ASM"):
    return {"skill": skill, "month": month, "heads": heads, "verdict": verdict}


LATE_MARCH = ("2024-03-29", 60)  # 600 h: one head has 520 by then, so another is hired


# --- decisions


def test_an_open_hire_is_planned_and_asks_for_its_requisition():
    plan = planned(("2024-02-29", 45))  # 450 h, of which one head has 352: another starts on 1 February
    assert sum(by_month(plan, "hires")) == 1
    assert told(plan, "HIRE_DECISION_DUE")


@pytest.mark.parametrize("verdict", ["approved", "locked"])
def test_decided_hires_come_before_their_lead_time_and_need_no_decision(verdict):
    plan = planned(LATE_MARCH, hiring_decisions=[decided("2024-01", 1, verdict)])
    assert by_month(plan, "hires") == [1, 0, 0]
    assert by_month(plan, "requisition_by")[0].isoformat() == "2023-12-12"
    assert not told(plan, "HIRE_DECISION_DUE")


def test_more_than_the_approved_may_come_and_no_more_than_the_locked():
    # 1,200 h by the end of March
    much = ("2024-03-29", 120)
    more = planned(much, hiring_decisions=[decided("2024-02", 1, "approved")])
    locked = planned(
        much, hiring_decisions=[decided("2024-02", 1, "locked"), decided("2024-03", 0, "locked")]
    )
    assert sum(by_month(more, "hires")) > 1
    assert by_month(locked, "hires") == [0, 1, 0]
    assert locked.promises[0].days_late > more.promises[0].days_late


def test_a_refused_hire_does_not_come_and_its_shortfall_is_told_with_remedies():
    refused = [decided("2024-02", 1, "refused"), decided("2024-03", 1, "refused")]
    plan = planned(LATE_MARCH, hiring_decisions=refused)
    assert by_month(plan, "hires") == [0, 0, 0]
    assert plan.promises[0].days_late > 0
    (lacking,) = told(plan, "AT_RISK_SKILL")
    assert "hours" in lacking.text
    assert "2024-0" in lacking.text
    assert "Take back what was decided on hires of ASM." in lacking.suggestion


def test_locked_hires_of_an_idle_skill_come_and_a_ramp_asks_for_no_more():
    skills = [asm(), {"code": "RD", "kind": "engineering", "headcount": 0}]
    ramps = [{"skill": "RD", "target_headcount": 4, "max_per_month": 2}]
    decisions = [decided("2024-02", 1, "locked", "RD")]
    plan = planned(("2024-03-29", 1), skills=skills, staffing={"ramps": ramps}, hiring_decisions=decisions)
    assert by_month(plan, "hires", "RD") == [0, 1, 2]


def test_a_decision_on_a_month_that_has_begun_says_nothing():
    decisions = [decided("2024-01", 1, "locked")]
    plan = planned(("2024-03-29", 1), hiring_decisions=decisions, as_of="2024-01-02")
    assert by_month(plan, "hires") == [0, 0, 0]


# --- temporary people


def test_temporary_people_are_taken_for_a_peak_that_a_hire_comes_too_late_for():
    plan = planned(("2024-01-31", 30), skills=[asm(temp_max_heads=3, temp_wage_per_hour=25)])
    temps = by_month(plan, "temp_heads")
    # 300 h by the end of January: 184 of the one head, 116 of another
    assert temps == [1, 0, 0]
    assert plan.promises[0].days_late == 0
    assert plan.cost.temporary_labour == 23 * 8 * 25
    assert by_month(plan, "cost")[0] == pytest.approx(23 * 8 * (20 + 25))
    assert not told(plan, "NOT_HONOURED")


@pytest.mark.parametrize(("wage", "is_cheaper"), [(22, True), (90, False)])
def test_temporary_people_work_where_they_are_cheaper_than_overtime(wage, is_cheaper):
    # 170 h in three weeks, 50 beyond the head: overtime costs 80 an hour, 4,000, and counts 10,000 as a
    # reserve; a temporary head is paid for the 184 hours of January
    row = asm(temp_max_heads=1, temp_wage_per_hour=wage, overtime_max_share=0.5, overtime_premium=4)
    plan = planned(
        ("2024-01-22", 17),
        skills=[row | {"can_hire": False}],
        calendars=[PLANT["calendars"][0], ALWAYS],
        work_centres=[{"code": "BENCH", "calendar": "ALWAYS", "stations": 50}],
    )
    assert plan.promises[0].days_late == 0
    assert by_month(plan, "temp_heads") == ([1, 0, 0] if is_cheaper else [0, 0, 0])
    assert (plan.cost.temporary_labour > 0) == is_cheaper


def test_no_more_temporary_people_than_allowed():
    plan = planned(("2024-01-31", 100), skills=[asm(temp_max_heads=2, temp_wage_per_hour=25, can_hire=False)])
    assert max(by_month(plan, "temp_heads")) == 2
    assert plan.promises[0].days_late > 0


# --- wages


def test_pay_overtime_and_temporary_people_follow_a_raise():
    # 22 from Thursday 15 February: 10 days at 20, 11 at 22
    raises = [{"from": "2024-02-15", "wage_per_hour": 22}]
    plan = planned(("2024-03-29", 1), skills=[asm(raises=raises)])
    wages = by_month(plan, "wage_per_hour")
    assert wages == pytest.approx([20, (10 * 20 + 11 * 22) / 21, 22])
    pay = [8 * 23 * 20, 8 * (10 * 20 + 11 * 22), 8 * 21 * 22]
    assert by_month(plan, "cost") == pytest.approx(pay)
    assert plan.cost.regular_labour == pytest.approx(sum(pay))


# --- limits


def test_a_skill_hires_no_more_in_all():
    plan = planned(("2024-03-29", 200), staffing={"max_hires": 2})
    assert sum(by_month(plan, "hires")) == 2


def test_all_heads_of_the_plant_stay_within_their_limit_where_somebody_is_hired():
    skills = [asm(), {"code": "OFFICE", "kind": "overhead", "headcount": 2}]
    plan = planned(("2024-03-29", 200), skills=skills, staffing={"max_total_heads": 5})
    assert max(by_month(plan, "headcount")) == 3


def test_heads_above_the_limit_stay_but_nobody_is_hired():
    skills = [asm(), {"code": "OFFICE", "kind": "overhead", "headcount": 9}]
    plan = planned(("2024-03-29", 200), skills=skills, staffing={"max_total_heads": 5})
    assert sum(by_month(plan, "hires")) == 0
    assert by_month(plan, "headcount", "OFFICE") == [9, 9, 9]


def test_hires_cost_no_more_than_the_budget_of_their_month():
    # 2,000 each
    budgets = [{"month": "2024-03", "amount": 2_000}]
    staffing = {"hiring_budget_per_month": 5_000, "hiring_budgets": budgets}
    plan = planned(("2024-03-29", 200), staffing=staffing)
    assert by_month(plan, "hires") == [0, 2, 1]


def test_trainers_give_up_hours_for_each_hire():
    rules = {"training_weeks": 2, "training_productivity": 0.5}
    for share, gives in ((0, 0.5), (0.75, -0.25)):
        decisions = [decided("2024-02", 1, "locked")]
        staffing = rules | {"trainer_share": share}
        plan = planned(("2024-03-29", 1), staffing=staffing, hiring_decisions=decisions)
        # 10 open days of training in February
        assert by_month(plan, "available_hours")[1] == pytest.approx(8 * (21 + 11 + 10 * gives))
        assert by_month(plan, "training_heads") == [0, 1, 0]


# --- changes of skill

OLD = {"code": "OLD", "headcount": 3, "wage_per_hour": 20}


def test_idle_people_learn_what_is_needed_instead_of_hires():
    way = {"from_skill": "OLD", "to_skill": "ASM", "max_per_month": 2, "cost": 300}
    plan = planned(("2024-02-28", 45), skills=[asm(can_hire=False), OLD], staffing={"cross_training": [way]})
    moved = sum(row.heads for row in plan.skill_changes)
    assert moved >= 1
    assert {(row.from_skill, row.to_skill) for row in plan.skill_changes} == {("OLD", "ASM")}
    assert sum(by_month(plan, "moved_in")) == moved == sum(by_month(plan, "moved_out", "OLD"))
    assert by_month(plan, "headcount")[-1] == 1 + moved
    # who has gone is not replaced in a skill without work
    assert by_month(plan, "headcount", "OLD")[-1] == 3 - moved
    assert plan.cost.hiring == 300 * moved
    assert plan.promises[0].days_late == 0


def test_nobody_changes_below_the_least_headcount_nor_where_it_does_not_pay():
    way = {"from_skill": "OLD", "to_skill": "ASM", "max_per_month": 9}
    given = {"cross_training": [way]}
    least = planned(
        ("2024-02-28", 100), skills=[asm(can_hire=False), OLD | {"min_headcount": 2}], staffing=given
    )
    assert sum(row.heads for row in least.skill_changes) == 1
    calm = planned(("2024-03-29", 1), skills=[asm(), OLD], staffing=given)
    assert calm.skill_changes == ()


def test_people_in_a_course_give_a_part_of_their_hours():
    way = {"from_skill": "OLD", "to_skill": "ASM", "max_per_month": 3, "weeks": 2, "productivity": 0.5}
    plan = planned(("2024-02-28", 60), skills=[asm(can_hire=False), OLD], staffing={"cross_training": [way]})
    heads, moved = by_month(plan, "headcount"), by_month(plan, "moved_in")
    training = by_month(plan, "training_heads")
    available = by_month(plan, "available_hours")
    for month, days in enumerate(DAYS.values()):
        assert training[month] == moved[month]
        assert available[month] == pytest.approx(8 * (heads[month] * days - 10 * 0.5 * moved[month]))
    assert sum(moved) > 0


# --- the end of the horizon


def test_people_for_what_goes_on_are_kept_to_the_end_only_where_it_goes_on():
    # five people's work until mid March, then nothing
    dues = [("2024-01-31", 80), ("2024-02-29", 75), ("2024-03-15", 25)]
    skills = [asm(headcount=5, can_lay_off=True, severance_weeks=0)]
    # the pay of half a month is less than a hire
    ends = planned(*dues, skills=skills, staffing={"hire_cost": 20_000})
    goes_on = planned(*dues, skills=skills, staffing={"hire_cost": 20_000, "keep_going": True})
    assert by_month(ends, "headcount")[-1] < 4
    assert by_month(goes_on, "headcount")[-1] >= 4


# --- money

PRICED = [sold("DRIVE", ("2024-02-20", 10), unit_price=1_000)]


def test_cash_counts_what_comes_and_goes_in_its_month():
    order = PRICED[0] | {"milestones": [{"date": "2024-01-10", "amount": 4_000, "name": "deposit"}]}
    plan = planned(orders=[order], cash={"opening": 5_000})
    january, february, march = plan.cash
    assert january.milestones == 4_000
    assert january.closing == 5_000 + 4_000 - 184 * 20
    # six tenths are paid on delivery
    assert february.deliveries == 6_000
    assert march.closing == pytest.approx(5_000 + 10_000 - 65 * 8 * 20)
    assert {row.short for row in plan.cash} == {0}
    assert not [row for row in plan.exceptions if row.code == "CASH_BELOW_FLOOR"]


def test_an_order_paid_beyond_its_worth_pays_nothing_more_on_delivery():
    # 12,000 were agreed before the price fell to 1,000 for each of 10
    order = PRICED[0] | {"milestones": [{"date": "2024-01-10", "amount": 12_000}]}
    plan = planned(orders=[order], cash={"opening": 5_000})
    assert [row.milestones for row in plan.cash] == [12_000, 0, 0]
    assert [row.deliveries for row in plan.cash] == [0, 0, 0]
    assert plan.cash[-1].closing == pytest.approx(5_000 + 12_000 - 65 * 8 * 20)


def test_customers_who_pay_late_leave_cash_short_and_the_remedy_is_told():
    plan = planned(orders=PRICED, cash={"opening": 8_000, "customer_days": 60})
    (found,) = [row for row in plan.exceptions if row.code == "CASH_BELOW_FLOOR"]
    assert found.entity == "2024-03"
    # 520 h at 20 are 10,400; what customers owe comes after the horizon
    assert plan.cash[-1].short == found.money_at_risk == 2_400
    assert "2,400.00" in found.text
    assert found.suggestion == "Let customers pay on delivery instead of 60 days later."


def test_without_money_in_hand_no_cash_is_told():
    assert planned(orders=PRICED).cash == ()


@pytest.mark.parametrize(("opening", "hires"), [(1_000_000, [0, 1, 0]), (11_000, [0, 0, 0])])
def test_people_of_a_schedule_who_break_the_floor_give_way_to_those_who_keep_it(monkeypatch, opening, hires):
    # given people for the schedule with a hire that its 200 h do not need; 520 h of one are 10,400
    def lavish(shop, hours, peaks, _overtime, given, *_known, **_weights):
        return staff_as_planned(shop, [[0, 1, 0]], [[0, 0, 0]], hours, peaks, given)

    monkeypatch.setattr(improve, "staff", lavish)

    plan = planned(("2024-03-29", 20), cash={"opening": opening})

    assert by_month(plan, "hires") == hires
    assert {row.short for row in plan.cash} == {0}


def test_hires_that_cash_cannot_pay_are_not_made_for_a_small_gain():
    # 460 h by the end of February, one head has 352: late at 60 a day, or a hire and the pay of February,
    # which are not there before the customer pays
    cheap = [sold("DRIVE", ("2024-02-29", 46), unit_price=1_000, late_cost_per_day=60, late_cost_fixed=0)]
    rich = planned(orders=cheap, cash={"opening": 1_000_000})
    poor = planned(orders=cheap, cash={"opening": 8_000, "customer_days": 30})
    assert sum(by_month(rich, "hires")) >= 1
    assert sum(by_month(poor, "hires")) == 0
    assert poor.cash[1].short == 0


# --- weeks


def test_weeks_share_the_months_hours_by_open_days():
    plan = planned(("2024-03-29", 2))
    assert [row.week.isoformat() for row in plan.labour_weeks[:2]] == ["2024-01-01", "2024-01-08"]
    assert len(plan.labour_weeks) == 13
    assert {round(row.available_hours, 6) for row in plan.labour_weeks} == {40}
    assert sum(row.required_hours for row in plan.labour_weeks) == 20


# --- data that make it hard


def test_a_skill_that_nobody_has_or_may_have_is_named_with_its_hours_and_a_remedy():
    plan = planned(("2024-02-20", 60), skills=[asm(headcount=0, can_hire=False)])
    assert plan.promises[0].promised is None
    impossible, lacking = told(plan, "AT_RISK_SKILL")
    assert impossible.severity == "error"
    assert "600 hours" in lacking.text  # 60 drives of 10 hours each
    assert sum(row.hours for row in lacking.shortfall) == 600
    assert impossible.shortfall == ()
    assert "Hiring ASM is not allowed today: allow it." in lacking.suggestion


def test_hours_that_lack_are_numbers_by_month_and_their_text_says_the_same():
    # 16 drives of 10 hours each are due in January, 60 at the end of February, 24 at that of March
    dues = ("2024-01-31", 16), ("2024-02-29", 60), ("2024-03-29", 24)
    plan = planned(*dues, skills=[asm(headcount=0, can_hire=False)])

    row = told(plan, "AT_RISK_SKILL")[-1]

    hours = {each.month: each.hours for each in row.shortfall}
    assert list(hours) == sorted(DAYS)
    assert sum(hours.values()) == pytest.approx(1_000, abs=0.2)
    assert hours["2024-01"] >= 160
    assert hours["2024-01"] + hours["2024-02"] >= 760 - 0.1
    by_month = ", ".join(f"{month} {each:.0f}" for month, each in hours.items())
    assert row.text == f"ASM lacks 1000 hours for everything to be in time: {by_month}."


NOT_LOOKED_FOR = "No remedy was looked for: the time for that ran out."


def lacking(watch=None, **request):
    """A plan of what nobody can do, and what it says about their hours."""
    orders = [sold("DRIVE", ("2024-02-20", 60), late_cost_per_day=1_000, late_cost_fixed=0)]
    skills = [asm(headcount=0, can_hire=False)]
    factory = plant(**SECTIONS, skills=skills, staffing=RULES, sales_orders=orders)
    created = datetime(2024, 1, 1, 6, tzinfo=UTC)
    plan = build_plan(factory, BuildRequest(version=1, created_at=created, work_budget=2, **request), watch)
    (told_,) = [each for each in told(plan, "AT_RISK_SKILL") if each.severity == "warning"]
    return plan, told_


def test_hours_that_lack_are_told_and_that_no_remedy_was_looked_for_when_the_time_is_over():
    plan, row = lacking(time_limit_seconds=1e-6)

    assert "600 hours" in row.text
    assert (row.suggestion, plan.reproducible) == (NOT_LOOKED_FOR, False)


def test_hours_that_lack_are_told_and_no_remedy_is_looked_for_when_the_build_shall_finish():
    # given a planner who asks for the plan when its search has just ended by itself
    stages = set()
    watch = Watch(
        on_progress=lambda progress: stages.add(progress.stage), is_finishing=lambda: "verify" in stages
    )

    plan, row = lacking(watch)

    assert "600 hours" in row.text
    assert (row.suggestion, plan.reproducible) == (NOT_LOOKED_FOR, False)


def test_a_clock_that_ends_the_search_for_remedies_is_admitted(monkeypatch):
    monkeypatch.setattr(people_trouble, "SOLVE_SECONDS", 0.0)

    plan, row = lacking()

    assert "600 hours" in row.text
    assert (row.suggestion, plan.reproducible) == (NOT_LOOKED_FOR, False)


@pytest.mark.parametrize(
    ("limit", "says", "hours"), [("FEW_CELLS", "600 hours", 600), ("MOST_CELLS", "was not counted", 0)]
)
def test_of_a_factory_that_is_too_large_what_was_not_looked_for_is_said(monkeypatch, limit, says, hours):
    monkeypatch.setattr(people_trouble, limit, 0)

    plan, row = lacking()

    assert says in row.text
    assert sum(each.hours for each in row.shortfall) == hours
    assert row.suggestion == "No remedy was looked for: the factory is too large for that."
    assert plan.reproducible


def test_a_factory_is_as_large_as_its_model_which_has_weeks(monkeypatch):
    # one made item in three months, whose 13 weeks are cut at the ends of months as well
    monkeypatch.setattr(people_trouble, "MOST_CELLS", 12)

    assert "was not counted: the factory is too large" in lacking()[1].text


def test_a_solver_that_fails_leaves_no_skill_unnamed(monkeypatch):
    def fail(*given, **named):
        raise SolverFailed("no")

    monkeypatch.setattr(people_trouble, "shortfall", fail)

    _, row = lacking()

    assert "was not counted: the solver found no answer" in row.text


def test_remedies_that_all_were_tried_leave_a_plan_reproducible():
    plan, row = lacking()

    assert "Hiring ASM is not allowed today: allow it." in row.suggestion
    assert plan.reproducible


def test_the_examples_testers_whom_nobody_has_or_may_hire_have_their_hours_and_a_remedy(monkeypatch):
    # given more skills, ratios, ramps and decided hires than any plant above, and time on a busy machine
    monkeypatch.setattr(people_trouble, "SOLVE_SECONDS", 3_600.0)
    document = json.loads((Path(__file__).parents[2] / "data" / "balqon.json").read_text())
    next(each for each in document["skills"] if each["code"] == "TEST").update(headcount=0, can_hire=False)
    shop = compile_shop(resolve(read_factory(json.dumps(document))))
    clock = people_trouble.clock_of_remedies(lambda: True)

    found = [*people_trouble.people_exceptions(shop, find_obstacles(shop), {}, clock)]

    (row,) = [each for each in found if each.entity == "TEST"]
    assert sum(each.hours for each in row.shortfall) > 3_000
    assert len(row.shortfall) > 12
    assert row.suggestion.endswith("Hiring TEST is not allowed today: allow it.")


def test_hours_that_lack_are_told_where_being_late_costs_nothing():
    free = [sold("DRIVE", ("2024-02-20", 60), late_cost_per_day=0, late_cost_fixed=0)]
    plan = planned(orders=free, skills=[asm(max_hires=0)])

    (row,) = told(plan, "AT_RISK_SKILL")

    # of 600 hours the one there gives 184 in January, and in February those of 12 days before the last drives
    assert sum(each.hours for each in row.shortfall) == pytest.approx(600 - 184 - 96, abs=10)
    assert row.suggestion.startswith("Being late costs less than any remedy; to be in time all the same: ")
    assert "Raise the limits on hiring ASM." in row.suggestion


def test_training_past_the_horizon_is_named():
    plan = planned(LATE_MARCH, skills=[asm(training_weeks=40, training_productivity=0)])
    assert told(plan, "INSUFFICIENT_LEAD_TIME")
    assert told(plan, "AT_RISK_SKILL")
    assert by_month(plan, "hires") == [0, 0, 0]


def test_a_skill_whose_hires_never_end_their_training_is_named_with_hours_and_remedy():
    nobody = asm(headcount=0, training_weeks=40, training_productivity=0)
    plan = planned(LATE_MARCH, skills=[nobody])
    assert plan.promises[0].promised is None
    assert told(plan, "INSUFFICIENT_LEAD_TIME")
    error, lacking = told(plan, "AT_RISK_SKILL")
    assert error.severity == "error"
    assert "in training past the horizon" in error.text
    assert "lacks 600 hours" in lacking.text
    assert "2024-0" in lacking.text
    assert lacking.suggestion


def test_nobody_who_may_be_hired_is_named_with_hours_and_remedy():
    plan = planned(LATE_MARCH, skills=[asm(headcount=0, can_hire=False)])
    error, lacking = told(plan, "AT_RISK_SKILL")
    assert (error.severity, lacking.severity) == ("error", "warning")
    assert "lacks 600 hours" in lacking.text
    assert "Hiring ASM is not allowed today: allow it." in lacking.suggestion
    assert "Hire ASM" not in lacking.suggestion


def test_limits_on_hires_are_no_remedy_for_who_may_not_be_hired():
    skills = [asm(headcount=0, can_hire=False)]
    plan = planned(LATE_MARCH, skills=skills, staffing={"max_total_hires_per_month": 1})
    _, lacking = told(plan, "AT_RISK_SKILL")
    assert "Hiring ASM is not allowed today: allow it." in lacking.suggestion
    assert "limits" not in lacking.suggestion


def test_a_skill_that_may_hire_nobody_a_month_is_told_to_raise_that():
    plan = planned(("2024-02-20", 60), skills=[asm(max_hires_per_month=0)])
    assert sum(by_month(plan, "hires")) == 0
    assert plan.promises[0].days_late > 0
    (lacking,) = told(plan, "AT_RISK_SKILL")
    assert "Raise the most hires of ASM a month, which is 0." in lacking.suggestion


def test_a_wage_of_nothing_is_named():
    assert told(planned(("2024-03-29", 1), skills=[asm(wage_per_hour=0)]), "WAGE_MISSING")
    assert not told(planned(("2024-03-29", 1)), "WAGE_MISSING")


@pytest.mark.parametrize(
    "limit",
    [
        {"max_total_hires_per_month": 0},
        {"max_hires": 0},
        {"max_total_heads": 1},
        {"hiring_budget_per_month": 1},
    ],
)
def test_a_limit_that_makes_every_date_impossible_is_told_by_the_hours_it_costs(limit):
    plan = planned(("2024-02-20", 60), staffing=limit)
    assert sum(by_month(plan, "hires")) == 0
    assert plan.promises[0].days_late > 0
    (lacking,) = told(plan, "AT_RISK_SKILL")
    assert not lacking.suggestion.startswith("No rule")
    # what a remedy saves holds wages
    assert not any(letter.isdigit() for letter in lacking.suggestion)


def test_people_of_whom_none_may_be_hired_and_some_may_leave_are_planned():
    # the search for cheaper people drew a hire where there was none to draw, and died
    plan = built(random_factory(205))

    assert plan.certificate.violations == ()
