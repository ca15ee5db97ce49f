"""A limit that is reached is kept: what lies just on it is no violation, a step further is."""

import pytest

from tests.engine.builders import find, moment
from tests.engine.verify.cases import item, line, month, op, order, released, skill, unchanged
from tests.engine.verify.judge import broken, rules
from tests.engine.verify.material_cases import firm, firm_frames, fixed
from tests.engine.verify.people_cases import LEARN, both, changed, moving, staffing
from tests.engine.verify.told_cases import stage

# One of RD and one of OFF come in February: 2 and 1.9 heads, 6.9 in all; they cost 500 and 100.
REACHED = {
    "hires of a skill in a month": lambda f: skill(f, "RD").update(max_hires_per_month=1),
    "hires of a skill in all": lambda f: skill(f, "RD").update(max_hires=1),
    "heads of a skill": lambda f: skill(f, "RD").update(max_headcount=2),
    "hires of the plant": staffing(max_total_hires_per_month=2),
    "hiring budget": staffing(hiring_budget_per_month=600),
    "earliest production": lambda f: item(f, "FRAME").update(earliest_production="2024-01-11"),
    "largest purchase": lambda f: item(f, "PART").update(max_order=10),
    "largest lot": lambda f: item(f, "FRAME").update(max_order=4),
    "smallest lot": lambda f: item(f, "FRAME").update(min_order=4),
    "supplier's week": lambda f: f["sources"][0].update(capacity_per_week=15),
    "first day of a source": lambda f: f["sources"][0].update({"from": "2024-01-10"}),
    "last day of a source": lambda f: f["sources"][0].update(to="2024-01-11"),
    "heads at work": lambda f: skill(f, "ASM").update(headcount=2),
}


@pytest.mark.parametrize("given", REACHED.values(), ids=REACHED)
def test_what_a_limit_allows_may_be_used_up(given):
    assert broken(given) == []


def test_a_firm_lot_may_start_on_its_release_day_and_not_before():
    assert broken(fixed(firm_frames(release="2024-01-11")), firm("F1")) == []
    assert rules(broken(fixed(firm_frames(release="2024-01-12")), firm("F1"))) == {"firm_dates_kept"}


def test_the_last_one_of_a_skill_may_change_to_another():
    # both of ASM are at work in January alone
    given = both(LEARN, lambda f: skill(f, "ASM").update(headcount=2, min_headcount=1))
    one = moving(changed("ASM", "LEAD", "2024-02"))
    assert "skill_changes_possible" not in rules(broken(given, one))
    given = both(LEARN, lambda f: skill(f, "ASM").update(headcount=2, min_headcount=2))
    assert "skill_changes_possible" in rules(broken(given, one))


def test_of_a_released_order_what_is_left_of_its_routing_is_done():
    def given(factory):
        # D1 is released, and its bench work is done
        work = {"ref": "D1", "item": "DRIVE", "qty": 2, "due": "2024-01-15", "done_through_seq": 10}
        factory["work_orders"] = [work]

    def rest(plan):
        order(plan, "D1").update(work_order="D1", firm=True)
        plan["operations"].remove(op(plan, "D1", 10))
        for supply, need in (("stock", "PART"), ("PO-1", "PART"), ("F1", "FRAME")):
            del find(plan["pegging"], order=supply, item=need, for_order="D1")["for_order"]

    assert broken(given, rest) == []
    without = broken(given, rest, lambda p: p["operations"].remove(op(p, "D1", 20)))
    assert "order_has_its_operations" in rules(without)


def test_a_work_order_that_is_made_already_does_not_stand_in_the_plan():
    def made(factory):
        released(factory)
        factory["work_orders"][0].update(ref="WO-2", qty=5, done_qty=5)

    assert broken(made) == []


def test_a_promise_may_be_as_early_as_any_plan_can_be():
    assert broken(unchanged, lambda p: p["promises"][0].update(earliest="2024-02-02")) == []
    late = broken(unchanged, lambda p: p["promises"][0].update(earliest="2024-02-03"))
    assert rules(late) == {"earliest_days_hold"}


def test_a_bound_may_meet_the_plans_cost():
    def certified(share):
        def change(plan):
            total = plan["cost"]["total"]
            stage("schedule", status="optimal", objective=total, bound=share * total, gap=1 - share)(plan)

        return change

    assert broken(unchanged, certified(1)) == []
    assert rules(broken(unchanged, certified(0.99))) == {"certificate_consistent"}
    nothing = stage("aggregate", status="optimal", objective=0, bound=0, gap=None)
    assert broken(unchanged, nothing) == []


def test_an_operation_that_makes_nothing_is_named_without_a_crash():
    for code, seq in (("F1", 10), ("D1", 10), ("D1", 20)):
        found = broken(unchanged, lambda p, code=code, seq=seq: op(p, code, seq).update(qty=0))
        assert {"figures_sound", "operation_quantity"} <= rules(found)


def test_rows_of_one_operation_that_cancel_out_are_named_without_a_crash():
    def cancelled(plan):
        row = op(plan, "F1", 10)
        plan["operations"].append(row | {"qty": -4, "start": moment("01-11 12:00")})

    assert "figures_sound" in rules(broken(unchanged, cancelled))


def test_unsound_people_and_deliveries_are_named():
    many = broken(LEARN, moving(changed("ASM", "LEAD", "2024-02", 10**12)))
    assert "figures_sound" in rules(many)
    nothing = {"date": "2024-02-02", "qty": 0}
    none = broken(unchanged, lambda p: p["promises"][0]["deliveries"].append(nothing))
    assert rules(none) == {"figures_sound"}


def test_a_supply_is_there_on_the_day_it_is_told_for():
    def late(plan):
        find(plan["pegging"], order="B1", for_order="D2").update(day="2024-01-16")
        order(plan, "B1").update(due="2024-01-17")

    assert "pegging_days_kept" in rules(broken(unchanged, late))


def test_what_is_asked_for_beyond_the_horizon_is_not_planned():
    def later(factory):
        line(factory)["instalments"][1].update(due="2024-03-01")

    found = broken(later)
    assert rules(found) >= {"promise_rows_complete"}
    assert not any("02-29" in text for text in found)


def test_people_of_a_month_are_told_once():
    assert "staffing_rows_complete" in rules(
        broken(unchanged, lambda p: p["staffing"].append(dict(month(p, "ASM", "2024-01"))))
    )
