"""A malformed plan has violations; it never makes the verifier crash, and nothing in it goes unread."""

from copy import deepcopy

import pytest
from pydantic import ValidationError

from planning.engine.plan import Plan
from planning.engine.verify import recompute_cost, violations
from tests.engine.builders import make_factory, plan_document

FACTORY = make_factory()
PLAN = plan_document(FACTORY)
ODD = {
    str: [
        "NONE",
        "",
        "2024-13",
        "0001-01-01",
        "9999-12-31",
        "2024-01-11T08:00:00",
        "0001-01-01T00:00:00+14:00",
    ],
    int: [-1, 10**9, 10**30, 0.123, float("nan"), float("inf")],
    float: [-1, 10**9, 10**30, float("nan"), float("inf")],
    bool: [],
    type(None): ["NONE", "9999-12-31", 7],
    list: [[]],
}
SECTIONS = ("planned_orders", "operations", "staffing", "load", "pegging", "promises", "labour_weeks")
# Reasons are wanted of late rows alone, and a crew only where there is a skill; the last operation has none.
FREE = {("promises", "reasons"), ("operations", "crew")}


def odd_plans():
    """One value of one row of each section, replaced by what does not belong there."""
    for section in SECTIONS:
        for key, value in PLAN[section][-1].items():
            if (section, key) in FREE:
                continue
            for odd in ODD[type(value)]:
                plan = deepcopy(PLAN)
                plan[section][-1][key] = odd
                yield pytest.param(plan, id=f"{section}-{key}-{odd}")


def is_named(plan):
    """Does reading or verifying refuse ``plan``? Its cost is computed in any case."""
    try:
        sound = Plan.model_validate(plan)
    except ValidationError:
        return True
    recompute_cost(FACTORY, sound)
    return violations(FACTORY, sound) != []


@pytest.mark.parametrize("plan", odd_plans())
def test_an_odd_value_is_named(plan):
    assert is_named(plan)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_missing_or_repeated_section_is_named(section):
    # a plan of an earlier release has no hours by week
    assert is_named(PLAN | {section: []}) or section == "labour_weeks"
    assert is_named(PLAN | {section: PLAN[section] * 2})


@pytest.mark.parametrize(
    ("section", "index"),
    [(section, index) for section in SECTIONS for index in range(len(PLAN[section]))],
)
def test_every_row_is_wanted(section, index):
    # but for the pegging of what nobody needs
    plan = deepcopy(PLAN)
    row = plan[section].pop(index)

    assert is_named(plan) or row == {"order": "B1", "item": "PART", "qty": 5}


def test_a_plan_of_another_factory_is_named_without_a_crash():
    other = make_factory(
        items=[{"code": "X", "kind": "make"}],
        bom=[],
        routings={},
        sources=[],
        sales_orders=[],
        stock=[],
        purchase_orders=[],
        skills=[],
        staffing={},
        work_centres=[],
    )

    found = violations(other, Plan.model_validate(PLAN))

    assert {"references_known", "plan_names_its_factory"} <= {each.rule for each in found}


def test_a_violation_says_what_a_certificate_keeps():
    plan = Plan.model_validate(PLAN | {"factory": "Other"})

    (violation,) = violations(FACTORY, plan)

    assert violation.as_dict() == {"rule": "plan_names_its_factory", "entity": "Other", "text": "is not Tiny"}
