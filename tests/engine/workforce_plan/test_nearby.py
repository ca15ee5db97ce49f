"""Whole people near rounded ones: guesses are from below, what is found is no dearer, counted alike."""

from dataclasses import replace

import numpy as np
import pytest

from planning.engine.errors import SolverFailed
from planning.engine.verify.workforce_course import Recount
from planning.engine.verify.workforce_plan import workforce_violations
from planning.engine.workforce_plan import SolveOptions, plan_workforce
from planning.engine.workforce_plan.model import build_model
from planning.engine.workforce_plan.nearby import Nearby, is_open
from planning.engine.workforce_plan.stepwise import Stepwise
from planning.engine.workforce_plan.warm import WarmModel
from tests.engine.workforce_plan.problems import random_problem
from tests.engine.workforce_plan.test_search import every_way, ratio_problem

LOADS = ((300.0, 210.0, 390.0), (160.0, 420.0, 230.0), (400.0, 400.0, 170.0))


@pytest.mark.parametrize("loads", LOADS)
def test_people_near_rounded_ones_cost_no_more_than_those_and_no_less_than_the_cheapest(loads):
    problem = ratio_problem(loads=loads)

    plan = plan_workforce(problem, SolveOptions(gap=0.0, nodes=0))
    rounded = plan_workforce(problem, SolveOptions(gap=0.0, nodes=0, work=0))

    cheapest = min(Recount(problem, each).objective() for each in every_way(problem))
    assert workforce_violations(problem, plan) == []
    assert cheapest * (1 - 1e-6) <= plan.objective <= rounded.objective


@pytest.mark.parametrize("loads", LOADS)
def test_what_moves_cost_is_what_the_verifier_recounts(loads):
    problem = ratio_problem(loads=loads)
    model = build_model(problem)
    nearby = Nearby(model, 100.0, lambda: True)

    found = nearby.run(np.zeros(model.tables.shape), np.zeros(model.tables.shape), np.array([3.0]))

    nobody = plan_workforce(problem, SolveOptions(nodes=0, work=0)).decisions
    decisions = replace(nobody, hires=tuple(map(tuple, found.hires.tolist())))
    assert found.cost == pytest.approx(Recount(problem, decisions).objective(), rel=1e-6)


def test_a_plane_is_below_the_cost_of_all_other_people():
    problem = ratio_problem(loads=LOADS[0])
    model = build_model(problem)
    nearby = Nearby(model, 100.0, lambda: True)
    nearby.run(np.zeros(model.tables.shape), np.zeros(model.tables.shape), np.array([3.0]))
    planes, constants = np.array(nearby.slopes), np.array(nearby.constants)

    assert len(planes) > 1
    for each in every_way(problem):
        entries = np.concatenate((np.ravel(each.hires), np.ravel(each.layoffs)))
        assert (constants + planes @ entries).max() <= Recount(problem, each).objective() + 1e-3


def test_a_warm_solve_in_other_limits_is_a_cold_one():
    model = build_model(ratio_problem(loads=LOADS[1])).frozen
    whole = np.flatnonzero(model.whole)
    warm = WarmModel(model, whole)
    low, high = model.low.copy(), model.high.copy()
    for column in whole[:6]:
        high[column] = low[column]
        try:
            cold = model.copy_with(low, high).solve(seconds=10.0).objective
        except SolverFailed:  # no plan: the warm one must say so too
            cold = np.inf
        assert warm.at(low, high, work=100.0).objective == pytest.approx(cold, rel=1e-6)


def test_the_same_problem_gives_the_same_people_again():
    problem = ratio_problem(loads=LOADS[2], layoff_cost=200.0)
    options = SolveOptions(gap=0.0, nodes=0)

    assert plan_workforce(problem, options).decisions == plan_workforce(problem, options).decisions


def test_no_work_leaves_the_rounded_people():
    problem, told = ratio_problem(loads=LOADS[1]), []

    plan = plan_workforce(problem, SolveOptions(gap=0.0, nodes=0), told.append)
    rounded = plan_workforce(problem, SolveOptions(gap=0.0, nodes=0, work=0))

    assert [each.decisions for each in told] == [rounded.decisions]
    assert plan.objective <= rounded.objective


@pytest.mark.parametrize("seed", range(16))
def test_people_rounded_period_by_period_are_whole_and_within_the_limits(seed):
    problem = random_problem(seed)
    skills = tuple(replace(each, layoff_cost=300.0, layoffs_from=seed % 2) for each in problem.skills)
    problem = replace(problem, skills=skills, cross_training=())
    model = build_model(problem)
    if not is_open(model):
        return
    nearby = Nearby(model, 100.0, lambda: True)
    free = np.flatnonzero(~nearby.staff.follows)

    found = Stepwise(model, free).moves(0.2, nearby._solve)

    if found is None:  # what was rounded leaves no room for the rest
        return
    hires, layoffs = found
    tables = model.tables
    assert np.array_equal(hires, np.round(hires))
    assert np.array_equal(layoffs, np.round(layoffs))
    assert np.all(hires[free] >= tables.hire_least[free])
    assert np.all(hires <= tables.hire_most)
    assert np.all(layoffs >= 0)
    assert not layoffs[:, : seed % 2].any()
    heads = np.array([each.heads for each in skills])
    for period in range(tables.shape[1]):
        heads = heads * tables.stay[:, period] + hires[:, period] - layoffs[:, period]
        assert heads[free].min() >= -1e-6
    if problem.limits.hires:
        most = np.maximum(problem.limits.hires, tables.hire_least.sum(axis=0))
        assert np.all(hires.sum(axis=0) <= most)
