"""Whole people near rounded ones: guesses are from below, what is found is no dearer, counted alike."""

from dataclasses import replace

import numpy as np
import pytest

from planning.engine.errors import SolverFailed
from planning.engine.verify.workforce_course import Recount
from planning.engine.verify.workforce_plan import workforce_violations
from planning.engine.workforce_plan import (
    Hiring,
    Limits,
    SolveOptions,
    WorkforceProblem,
    plan_workforce,
)
from planning.engine.workforce_plan.model import build_model
from planning.engine.workforce_plan.nearby import Nearby, is_open
from planning.engine.workforce_plan.stepwise import Stepwise
from planning.engine.workforce_plan.warm import WarmModel
from tests.engine.workforce_plan.problems import make_skill, months, random_problem
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

    assert found is not None
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
    if problem.limits.hiring_budget:
        spent = tables.hire_cost @ tables.hire_least
        assert np.all(tables.hire_cost @ hires <= np.maximum(problem.limits.hiring_budget, spent) + 1e-6)
    for number in free:
        hiring = problem.skills[number].hiring
        if hiring is not None and hiring.in_all is not None:
            assert hires[number].sum() <= max(hiring.in_all, sum(hiring.least))


def rounded_by_steps(loads, limits, *, in_all=None, cost=300.0):
    """Hires of skills of whom nobody is there and who may be let go, for given hours of 100 a head."""
    periods = months(len(loads[0]))
    hiring = Hiring(most=(9,) * len(periods), in_all=in_all, cost=cost)
    skills = tuple(
        make_skill(periods, code=f"S{number}", heads=0.0, load=load, hiring=hiring, layoff_cost=50.0)
        for number, load in enumerate(loads)
    )
    model = build_model(WorkforceProblem(periods=periods, skills=skills, families=(), limits=limits))
    nearby = Nearby(model, 100.0, lambda: True)
    found = Stepwise(model, np.arange(len(skills))).moves(0.2, nearby._solve)
    assert found is not None
    hires, layoffs = found
    assert layoffs.any()
    return hires.tolist()


def test_where_the_money_for_hiring_binds_the_skill_that_is_needed_least_is_not_hired():
    # 90 and 30 hours in the second month, none after it: money for 1.33 hires, and 1.2 are all that is wanted
    loads, budget = ((0.0, 90.0, 0.0), (0.0, 30.0, 0.0)), Limits(hiring_budget=(400.0,) * 3)

    assert rounded_by_steps(loads, Limits()) == [[0, 1, 0], [0, 1, 0]]
    assert rounded_by_steps(loads, budget) == [[0, 1, 0], [0, 0, 0]]


def test_where_hires_in_all_bind_they_come_in_the_month_that_needs_them_most():
    # 220 hours, a month of rest and 80 hours: of three hires the third is worth 20 hours first, 80 later
    loads = ((220.0, 0.0, 0.0, 80.0),)

    assert rounded_by_steps(loads, Limits(), cost=1.0) == [[3, 0, 0, 1]]
    assert rounded_by_steps(loads, Limits(), in_all=3, cost=1.0) == [[2, 0, 0, 1]]


def test_money_that_decided_hires_have_used_up_hires_nobody_else():
    periods = months(2)
    shared = {"heads": 0.0, "load": (90.0, 0.0), "layoff_cost": 50.0}
    decided = Hiring(most=(1, 0), least=(1, 0), cost=300.0)
    skills = (
        make_skill(periods, code="A", hiring=decided, **shared),
        make_skill(periods, code="B", hiring=Hiring(most=(9, 9), cost=300.0), **shared),
    )
    limits = Limits(hiring_budget=(200.0, 200.0))
    model = build_model(WorkforceProblem(periods=periods, skills=skills, families=(), limits=limits))
    nearby = Nearby(model, 100.0, lambda: True)

    found = Stepwise(model, np.arange(2)).moves(0.2, nearby._solve)

    assert found is not None
    assert found[0].tolist() == [[1, 0], [0, 0]]
