"""Plans of random factories with one value changed: each change that makes any plan wrong is named."""

from functools import cache

import pytest
from pydantic import ValidationError

from planning.engine.plan import Plan
from planning.engine.verify import violations
from tests.engine.plants import built
from tests.engine.random_deep_factories import random_deep_factory
from tests.engine.random_factories import random_factory
from tests.engine.random_people_factories import random_people_factory
from tests.engine.verify.mutations import WRONG, mutations

# Between them they have rows in every section of a plan.
FACTORIES = (
    (random_factory, 118),
    (random_deep_factory, 485),
    (random_people_factory, 1553),
)


@cache
def factory_and_plan(make, seed):
    factory = make(seed)
    return factory, built(factory)


def is_named(factory, document):
    """Does reading or verifying refuse it?"""
    try:
        return violations(factory, Plan.model_validate(document)) != []
    except ValidationError:
        return True


@pytest.mark.parametrize(("make", "seed"), FACTORIES, ids=lambda each: getattr(each, "__name__", each))
def test_a_value_that_makes_a_plan_wrong_is_named(make, seed):
    factory, plan = factory_and_plan(make, seed)
    assert violations(factory, plan) == []

    tried = list(mutations(plan))

    assert len(tried) > 150
    assert [what for what, document in tried if not is_named(factory, document)] == []


def test_every_section_that_can_be_wrong_is_tried():
    plans = [factory_and_plan(make, seed)[1] for make, seed in FACTORIES]
    for section in WRONG:
        assert any(getattr(plan, section) for plan in plans), section
