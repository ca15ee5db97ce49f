"""What rules about people allow: decided hires beyond limits, changes of skill, temporary people, raises."""

import pytest

from planning.engine.plan import Plan
from planning.engine.verify.ledger import Ledger
from tests.engine.builders import factory_document, make_factory, plan_document
from tests.engine.verify.cases import month, skill, unchanged
from tests.engine.verify.judge import broken
from tests.engine.verify.people_cases import (
    LEARN,
    both,
    cash_rows,
    changed,
    decided,
    in_hand,
    moving,
    staffing,
    telling,
)


def hire(code, name, count, by):
    return lambda p: month(p, code, name).update(hires=count, requisition_by=by)


def truth(factory_change, *changes):
    """Heads, hours and pay of the tiny plan so changed, by skill and month."""
    document = factory_document()
    factory_change(document)
    factory = make_factory(document)
    plan = plan_document(factory)
    for change in changes:
        change(plan)
    return Ledger(factory, Plan.model_validate(plan)).staffing


@pytest.mark.parametrize("verdict", ["approved", "locked"])
@pytest.mark.parametrize(
    "rules", [{"max_hires_per_month": 0}, {"max_headcount": 2}, {"can_hire": False}, {"max_hires": 0}]
)
def test_decided_hires_come_whatever_lead_times_and_limits_say(verdict, rules):
    given = both(
        decided("ASM", "2024-02", 1, verdict),
        staffing(ratios=[], max_total_hires_per_month=2, max_total_heads=1, hiring_budget_per_month=0),
        lambda f: skill(f, "ASM").update(hire_lead_days=60, hire_cost=70, **rules),
        lambda f: skill(f, "RD").update(can_hire=False),
        lambda f: skill(f, "OFF").update(can_hire=False),
    )
    nobody = (hire(code, "2024-02", 0, None) for code in ("RD", "OFF"))
    assert broken(given, hire("ASM", "2024-02", 1, "2023-12-03"), *nobody) == []


def test_of_refused_hires_ramps_and_held_skills_ask_for_no_more():
    given = decided("RD", "2024-02", 1, "refused")
    assert broken(given, hire("RD", "2024-02", 0, None)) == []
    given = decided("OFF", "2024-02", 1, "refused")
    assert broken(given, hire("OFF", "2024-02", 0, None)) == []


def test_what_was_decided_on_a_month_that_has_begun_says_nothing():
    assert broken(decided("ASM", "2024-01", 3, "locked")) == []


def test_who_changes_counts_where_he_goes_to_from_the_first_of_the_month():
    given = both(
        LEARN, lambda f: f["staffing"]["cross_training"][0].update(weeks=1, productivity=0.25, cost=90)
    )
    months = truth(given, moving(changed("ASM", "LEAD", "2024-02")))

    assert months["ASM", "2024-02"].heads == 1
    lead = months["LEAD", "2024-02"]
    # 5 open days of the first week: three quarters of 8 h are lacking; the course counts as hiring
    assert (lead.heads, lead.training_heads) == (2, 1)
    assert lead.available == pytest.approx(2 * 168 - 5 * 8 * 0.75)
    assert (lead.hiring_cost, lead.cost) == (90, 2 * 168 * 30 + 90)
    assert broken(given, moving(changed("ASM", "LEAD", "2024-02"))) == []


def test_a_trainer_gives_up_a_share_of_his_own_hours():
    months = truth(lambda f: skill(f, "RD").update(trainer_share=0.75))

    # 2 heads; the newcomer's 10 days of training take 0.5 + 0.75 of his hours
    assert months["RD", "2024-02"].available == pytest.approx(2 * 168 - 10 * 8 * 1.25)


@pytest.mark.parametrize(
    ("raises", "wage"),
    [
        ([("2024-02-01", 25)], 25),
        # open days of February 2024: 21, of which 11 from the 15th on
        ([("2024-02-15", 41)], (10 * 20 + 11 * 41) / 21),
        ([("2023-06-01", 30), ("2024-02-15", 41)], (10 * 30 + 11 * 41) / 21),
        ([("2024-03-01", 99)], 20),
    ],
)
def test_the_wage_of_a_month_is_the_mean_over_its_open_days(raises, wage):
    rows = [{"from": day, "wage_per_hour": value} for day, value in raises]
    given = both(lambda f: skill(f, "ASM").update(raises=rows, temp_max_heads=1))
    months = truth(given, lambda p: month(p, "ASM", "2024-02").update(temp_heads=1))

    row = months["ASM", "2024-02"]
    assert row.wage == pytest.approx(wage)
    assert row.regular_cost == pytest.approx(2 * 168 * wage)
    assert row.temporary_cost == pytest.approx(168 * wage)


def test_temporary_people_are_trained_and_form_crews():
    months = truth(
        lambda f: skill(f, "ASM").update(temp_max_heads=2, temp_wage_per_hour=35, headcount=1),
        lambda p: month(p, "ASM", "2024-01").update(temp_heads=1),
    )
    row = months["ASM", "2024-01"]
    assert row.available == pytest.approx(2 * 128 * 0.72)
    assert row.temporary_cost == 128 * 35


def test_the_tiny_plan_is_sound_with_wide_limits():
    wide = staffing(max_total_heads=7, hiring_budget_per_month=600, max_hires=1, trainer_share=0)
    assert broken(wide) == []
    assert broken(unchanged) == []


def test_cash_of_the_tiny_plan_by_hand():
    assert broken(in_hand(), telling(0)) == []


def test_a_deposit_is_not_paid_again_on_delivery():
    # a quarter of 4,000 before; of each drive three quarters are left, of all that is delivered 3,000
    def deposit(factory):
        rows = [{"date": "2024-01-20", "amount": 600}, {"date": "2023-12-01", "amount": 400}]
        factory["sales_orders"][0]["milestones"] = rows

    def paid(plan):
        plan["cash"] = cash_rows()
        january, february = plan["cash"]
        january.update(milestones=600, closing=-4_957, short=4_957)
        february.update(opening=-4_957, deliveries=3_000, closing=-30_949, short=30_949)

    assert broken(both(in_hand(), deposit), paid) == []


def test_deposits_beyond_an_orders_worth_leave_nothing_to_pay_on_delivery():
    # the order is worth 4,000
    def deposit(factory):
        factory["sales_orders"][0]["milestones"] = [{"date": "2024-01-20", "amount": 5_000}]

    def paid(plan):
        plan["cash"] = cash_rows()
        january, february = plan["cash"]
        january.update(milestones=5_000, closing=-557, short=557)
        february.update(opening=-557, deliveries=0, closing=-29_549, short=29_549)

    assert broken(both(in_hand(), deposit), paid) == []


def test_customers_and_suppliers_pay_when_it_was_agreed():
    # drives of 02-02 pay on 02-22, those of 02-09 on 02-29; parts of 01-15 are paid on 02-01
    def later(plan):
        plan["cash"] = cash_rows()
        january, february = plan["cash"]
        january.update(purchases=0, closing=-5_407, short=5_407)
        february.update(opening=-5_407, purchases=150)

    assert broken(in_hand(customer_days=20, supplier_days=17), later) == []


def test_what_falls_after_the_horizon_is_not_counted():
    def later(plan):
        plan["cash"] = cash_rows()
        plan["cash"][1].update(deliveries=2_000, closing=-32_549, short=32_549)

    assert broken(in_hand(customer_days=21), later) == []


def test_a_plan_of_an_earlier_release_tells_no_wages_and_no_weeks():
    def untold(plan):
        plan["labour_weeks"] = []

    assert broken(unchanged, untold) == []
