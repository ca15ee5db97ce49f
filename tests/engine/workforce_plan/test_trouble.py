"""Wishes that cannot be met: a plan all the same, with what lacks by name, and the cheapest way out."""

from dataclasses import replace

import pytest

from planning.engine.verify.workforce_plan import workforce_violations
from planning.engine.workforce_plan import (
    Demand,
    Family,
    Hiring,
    InvalidWorkforceProblem,
    Limits,
    Work,
    WorkforceProblem,
    find_trouble,
    plan_workforce,
)
from planning.engine.workforce_plan.clock import SharedClock
from planning.engine.workforce_plan.solve import SolveOptions
from planning.engine.workforce_plan.trouble import _hire_from_the_start, shortfall
from tests.engine.workforce_plan.problems import make_skill, months

PERIODS = months(4)


def drives(units=10.0, hours=20.0):
    return Family(
        code="DRIVE",
        work=(Work(skill=0, hours=(hours,) * 4),),
        holding=(1.0,) * 4,
        demands=tuple(Demand(day=period.end, units=units, late_cost=500.0) for period in PERIODS),
    )


def planned(skill, family=None):
    problem = WorkforceProblem(periods=PERIODS, skills=(skill,), families=(family or drives(),))
    plan = plan_workforce(problem)
    assert workforce_violations(problem, plan) == []
    return plan, {each.code: each for each in find_trouble(problem, plan)}


def test_a_skill_that_is_needed_has_nobody_and_cannot_be_hired_lacks_all_its_hours():
    plan, trouble = planned(make_skill(PERIODS, heads=0.0))

    # 10 drives a month of 20 hours each; nothing is made, so all 40 are missing at the end
    assert trouble["AT_RISK_SKILL"].hours == pytest.approx((200.0,) * 4)
    assert "DRIVE" in trouble["UNPLANNED_DEMAND"].text
    assert plan.course.backlog[0][-1] == pytest.approx(40.0)


def test_a_limit_of_hires_that_makes_every_date_impossible_is_named_as_the_remedy():
    skill = make_skill(PERIODS, hiring=Hiring(most=(0, 1, 0, 0), cost=100.0))
    _, trouble = planned(skill, drives(units=30.0))

    # 2,400 hours in all; one head gives 400, the second one 300
    assert sum(trouble["AT_RISK_SKILL"].hours) == pytest.approx(2400 - 400 - 300, rel=0.02)
    # temporary people come for the months that need them, hires stay
    assert (
        trouble["AT_RISK_SKILL"].suggestion
        == "Take temporary people for ASM. Raise the limits on hiring ASM."
    )
    # where an hour of them costs more than a hire in all, the limit is the cheapest
    _, trouble = planned(replace(skill, temp_cost=(90_000.0,) * 4), drives(units=30.0))
    assert trouble["AT_RISK_SKILL"].suggestion == "Raise the limits on hiring ASM."


def test_what_is_not_allowed_is_never_told_as_if_somebody_could_do_it():
    # temporary people are 1.5 times as dear as those who are hired, and nobody may be hired
    _, trouble = planned(make_skill(PERIODS, heads=0.0))
    assert trouble["AT_RISK_SKILL"].suggestion == "Hiring ASM is not allowed today: allow it."
    # of one who is there, an hour of overtime costs less than a hire, which must be allowed first
    dear = make_skill(PERIODS, temp_cost=(100_000.0,) * 4, wage=(900.0,) * 4, overtime_cost=(1.0,) * 4)
    _, trouble = planned(dear, drives(hours=12.0))
    assert trouble["AT_RISK_SKILL"].suggestion.startswith("Allow overtime of a quarter for ASM.")


def test_a_lead_time_is_the_remedy_where_it_alone_stands_in_the_way():
    # everything is due in the first month, in which nobody may come yet, and nothing limits who may
    late = replace(drives(units=30.0), demands=(Demand(day=PERIODS[0].end, units=30.0, late_cost=9_000.0),))
    skill = make_skill(PERIODS, hiring=Hiring(most=(0, 90, 90, 90), cost=100.0, lead_days=30.0))
    skill = replace(skill, temp_cost=(90_000.0,) * 4)
    _, trouble = planned(skill, late)
    assert trouble["AT_RISK_SKILL"].suggestion == "Hire ASM sooner than the lead time allows."


@pytest.mark.parametrize("most", [(0, 0, 0, 0), (0, 0, 9, 9)])
def test_no_lead_time_is_named_where_other_rules_close_its_months_or_all(most):
    # somebody may come from the second month on, which is closed by a decision, or in no month at all
    hiring = Hiring(most=most, cost=100.0, lead_days=30.0)
    problem = WorkforceProblem(
        periods=PERIODS, skills=(make_skill(PERIODS, hiring=hiring),), families=(drives(units=30.0),)
    )

    changed = _hire_from_the_start(problem, 0)

    assert changed is None or changed.skills[0].hiring.most == (9, 0, 9, 9)
    assert (changed is None) == (not any(most))


def test_what_lacks_is_found_where_periods_have_buckets():
    periods = tuple(replace(each, cuts=(each.begin + 10,)) for each in PERIODS)
    skill = make_skill(periods, heads=0.0, hours=(33.0, 67.0) * 4)
    family = replace(drives(), work=(Work(skill=0, hours=(20.0,) * 8),), holding=(1.0,) * 8)
    problem = WorkforceProblem(periods=periods, skills=(skill,), families=(family,))

    trouble = {each.code: each for each in find_trouble(problem, plan_workforce(problem))}

    assert trouble["AT_RISK_SKILL"].hours == pytest.approx((200.0,) * 4)


def test_a_training_longer_than_the_horizon_is_said_to_bring_nothing():
    losses = tuple((100.0,) * (4 - first) for first in range(4))
    skill = make_skill(PERIODS, hiring=Hiring(most=(5,) * 4, cost=100.0), losses=losses)
    plan, trouble = planned(skill)

    assert "INSUFFICIENT_LEAD_TIME" in trouble
    assert sum(plan.decisions.hires[0]) == 0


def test_wages_of_nothing_are_named_and_hire_nobody_without_need():
    skill = make_skill(PERIODS, wage=(0.0,) * 4, hiring=Hiring(most=(9,) * 4))
    problem = WorkforceProblem(
        periods=PERIODS, skills=(skill,), families=(drives(units=4.0),), hire_reluctance=1.0
    )

    plan = plan_workforce(problem)

    assert [each.code for each in find_trouble(problem, plan)] == ["INVALID_DATA"]
    assert sum(plan.decisions.hires[0]) == 0


def test_bad_data_are_refused_all_at_once_each_with_its_place():
    skill = replace(make_skill(PERIODS), wage=(1.0,), stay=(2.0,) * 4)

    with pytest.raises(InvalidWorkforceProblem) as refused:
        WorkforceProblem(periods=PERIODS, skills=(skill,), families=(drives(),))

    assert [issue.path for issue in refused.value.issues] == ["/skills/0/wage", "/skills/0/stay"]


def test_seconds_are_for_all_that_is_solved_and_hours_are_told_without_a_remedy_after_them():
    skill, clock = make_skill(PERIODS, heads=0.0), SharedClock(SolveOptions(seconds=0.0))
    problem = WorkforceProblem(periods=PERIODS, skills=(skill,), families=(drives(),))

    (lacking,) = shortfall(problem, plan_workforce(problem), clock)

    assert sum(lacking.hours) == pytest.approx(800.0)
    assert lacking.suggestion == "No remedy was looked for: the time for that ran out."
    assert clock.is_cut_short


def five_short_skills():
    """Each drive takes hours of five skills, of the first most, and nobody is there of any."""
    skills = tuple(make_skill(PERIODS, code=f"S{number}", heads=0.0) for number in range(5))
    work = tuple(Work(skill=number, hours=(20.0 - number,) * 4) for number in range(5))
    return WorkforceProblem(periods=PERIODS, skills=skills, families=(replace(drives(), work=work),))


def test_every_skill_that_lacks_has_its_remedy_most_hours_first():
    # one skill alone would make nothing: the other four are missing as well
    problem = five_short_skills()

    found = shortfall(problem, plan_workforce(problem), SharedClock(SolveOptions()))

    assert [each.entity for each in found] == ["S0", "S1", "S2", "S3", "S4"]
    assert [sum(each.hours) for each in found] == pytest.approx([800, 760, 720, 680, 640])
    for each in found:
        assert each.suggestion == f"Hiring {each.entity} is not allowed today: allow it."


def test_where_the_clock_ends_first_the_skills_that_lack_most_have_remedies_and_the_others_say_so():
    # one solve for the hours, then for each skill one without a remedy and one for each of its three
    problem, asked = five_short_skills(), iter([True] * (2 * 4))
    clock = SharedClock(SolveOptions(), lambda: next(asked, False))

    found = shortfall(problem, plan_workforce(problem), clock)

    over = "No remedy was looked for: the time for that ran out."
    assert [each.suggestion == over for each in found] == [False, False, True, True, True]
    assert clock.is_cut_short


def test_where_being_late_costs_less_than_any_remedy_that_is_said():
    cheap = replace(
        drives(), demands=tuple(Demand(day=each.end, units=10.0, late_cost=2.0) for each in PERIODS)
    )
    _, trouble = planned(make_skill(PERIODS, heads=0.0), cheap)

    assert sum(trouble["AT_RISK_SKILL"].hours) == pytest.approx(800.0)
    # hires that stay cost less than temporary people at one and a half times their wage
    assert trouble["AT_RISK_SKILL"].suggestion == (
        "Being late costs less than any remedy; to be in time all the same:"
        " Hiring ASM is not allowed today: allow it."
    )


def test_a_skill_that_shares_the_plants_hires_is_not_told_that_it_lacks_nothing_alone():
    # the plant may hire one a month: either skill alone would have enough of them, both have not
    skills = tuple(
        make_skill(PERIODS, code=code, heads=0.0, hiring=Hiring(most=(9,) * 4, cost=10.0))
        for code in ("ASM", "TEST")
    )
    work = (Work(skill=0, hours=(20.0,) * 4), Work(skill=1, hours=(20.0,) * 4))
    family = replace(drives(units=5.0), work=work)
    problem = WorkforceProblem(
        periods=PERIODS, skills=skills, families=(family,), limits=Limits(hires=(1,) * 4)
    )

    found = shortfall(problem, plan_workforce(problem), SharedClock(SolveOptions()))

    assert found
    for each in found:
        assert "Raise the plant's limits on hires" in each.suggestion


def test_hours_of_bought_people_beyond_their_regular_ones_lack_too():
    # 150 hours a month; who could be bought might work a quarter longer, but nobody is there
    problem = WorkforceProblem(
        periods=PERIODS,
        skills=(make_skill(PERIODS, heads=0.0, overtime_share=0.25, overtime_cost=(1.0,) * 4),),
        families=(drives(units=10.0, hours=15.0),),
    )

    (lacking,) = shortfall(problem, plan_workforce(problem), SharedClock(SolveOptions()))

    assert lacking.hours == pytest.approx((150.0,) * 4)
