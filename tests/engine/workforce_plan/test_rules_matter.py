"""Every rule of the model is worth its place: without it some problem's optimum is another."""

import pytest

from planning.engine.errors import SolverFailed
from planning.engine.workforce_plan import model
from planning.engine.workforce_plan.model import build_model
from tests.engine.workforce_plan.problems import random_problem

PROBLEMS = [random_problem(seed) for seed in range(48)]


def optimum(problem):
    """None: there is none, since a rule's rows are there and nothing can keep them."""
    try:
        return build_model(problem).frozen.solve(seconds=20).objective
    except SolverFailed:
        return None


def optima():
    return [optimum(each) for each in PROBLEMS]


@pytest.fixture(scope="module")
def full():
    return optima()


@pytest.mark.parametrize("number", range(len(model.RULES)), ids=[rule.__name__ for rule in model.RULES])
def test_without_a_rule_the_optimum_is_another(number, full, monkeypatch):
    monkeypatch.setattr(model, "RULES", (*model.RULES[:number], *model.RULES[number + 1 :]))

    assert any(now is None or abs(now - was) > 1e-6 * was for now, was in zip(optima(), full, strict=True))
