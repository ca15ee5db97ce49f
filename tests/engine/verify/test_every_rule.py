"""A plan that breaks one rule is named by exactly that rule; and every rule has such a plan."""

import pytest

from planning.engine.plan import Plan
from planning.engine.verify import RULES, violations
from tests.engine.builders import factory_document, make_factory, plan_document, retell
from tests.engine.verify.told_cases import CASES


def rules_broken(case):
    document = factory_document()
    case.factory(document)
    factory = make_factory(document)
    plan = plan_document(factory)
    case.decide(plan)
    plan = retell(factory, plan)
    case.tell(plan)
    return {each.rule for each in violations(factory, Plan.model_validate(plan))}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_plan_that_breaks_one_rule_is_named_by_it_alone(case):
    assert rules_broken(case) == {case.rule}


def test_every_rule_has_a_plan_that_breaks_it():
    assert {case.rule for case in CASES} == {rule.__name__ for rule in RULES}
