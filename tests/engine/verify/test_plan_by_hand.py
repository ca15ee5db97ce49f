"""A correct plan, made by hand, has no violations; its cost is the arithmetic written beside it."""

import pytest

from planning.engine.plan import COST_PARTS
from planning.engine.verify import RULES, recompute_cost, violations
from tests.engine.builders import PLAN, make_factory, make_plan


def test_a_plan_made_by_hand_has_no_violations():
    assert [str(each) for each in violations(make_factory(), make_plan())] == []


@pytest.mark.parametrize("part", [*COST_PARTS, "total"])
def test_cost_is_hand_arithmetic(part):
    # given the plan without the cost that it tells
    nothing = dict.fromkeys([*COST_PARTS, "total"], 0)

    cost = recompute_cost(make_factory(), make_plan(cost=nothing))

    assert getattr(cost, part) == pytest.approx(PLAN["cost"][part], abs=1e-6)


def test_a_rule_has_a_name_of_its_own_and_says_what_it_wants():
    names = [rule.__name__ for rule in RULES]

    assert len(set(names)) == len(names)
    assert all(rule.__doc__ for rule in RULES)
