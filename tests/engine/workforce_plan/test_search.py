"""Whole people under rounded ratios: what the search proves, and who stays when people may be let go."""

import itertools
from dataclasses import replace
from operator import le

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.engine.verify.workforce_course import Recount
from planning.engine.verify.workforce_plan import workforce_violations
from planning.engine.workforce_plan import (
    Decisions,
    Hiring,
    Limits,
    Ratio,
    SolveOptions,
    WorkforceProblem,
    plan_workforce,
)
from planning.engine.workforce_plan.model import build_model
from planning.engine.workforce_plan.search import separate, step_points, with_running_moves
from planning.engine.workforce_plan.sparse import NoneCheaper, SparseModel
from tests.engine.workforce_plan.problems import make_skill, months

COUNT = 3


def ratio_problem(*, loads, stay=0.93, limit=2, per=(1.5, 2.0), missing=1_100.0, layoff_cost=None):
    """Direct people for given hours, and two skills that follow them in steps; the plant hires few."""
    periods = months(COUNT)
    shared = {
        "stay": (1.0, *(stay,) * (COUNT - 1)),
        "hiring": Hiring(most=(1,) * COUNT, cost=300.0),
        "layoff_cost": layoff_cost,
    }
    direct = make_skill(
        periods, heads=2.0, load=loads, overtime_share=0.3, overtime_cost=(16.0,) * COUNT, **shared
    )
    followers = [
        make_skill(periods, code=code, heads=1.0, is_direct=False, wage=(wage,) * COUNT, **shared)
        for code, wage in (("LEAD", 11.0), ("STORE", 7.0))
    ]
    ratios = tuple(
        Ratio(skill=number, per_direct=each, is_rounded=True, missing_cost=(missing,) * COUNT)
        for number, each in enumerate(per, start=1)
    )
    limits = Limits(hires=(limit,) * COUNT, ratios=ratios)
    return WorkforceProblem(periods=periods, skills=(direct, *followers), families=(), limits=limits)


def every_way(problem):
    """Every way to hire at most one of each skill and period, within the plant's limit."""
    nobody = ((0.0,) * COUNT,) * len(problem.skills)
    for flat in itertools.product((0.0, 1.0), repeat=len(problem.skills) * COUNT):
        hires = tuple(flat[n : n + COUNT] for n in range(0, len(flat), COUNT))
        by_period = map(sum, zip(*hires, strict=True))
        if all(map(le, by_period, problem.limits.hires)):
            yield Decisions(hires=hires, layoffs=nobody, temps=nobody, moves=(), started=(), subcontracted=())


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.tuples(*(st.integers(150, 420) for _ in range(COUNT))),
    st.sampled_from((1, 2, 3)),
    st.sampled_from((0.9, 0.97, 1.0)),
)
def test_the_bound_of_rounded_ratios_is_below_every_way_to_hire(loads, limit, stay):
    problem = ratio_problem(loads=tuple(map(float, loads)), limit=limit, stay=stay)

    plan = plan_workforce(problem, SolveOptions(gap=0.0))

    cheapest = min(Recount(problem, each).objective() for each in every_way(problem))
    assert workforce_violations(problem, plan) == []
    assert plan.bound <= cheapest + 1e-6 * cheapest
    assert plan.objective >= cheapest - 1e-6 * cheapest


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.tuples(*(st.integers(150, 420) for _ in range(COUNT))),
    st.sampled_from((1, 2, 3)),
    st.sampled_from((1e-3, 0.02, 0.2)),
)
def test_a_bound_that_is_good_enough_is_below_every_way_to_hire(loads, limit, gap):
    problem = ratio_problem(loads=tuple(map(float, loads)), limit=limit)

    plan = plan_workforce(problem, SolveOptions(gap=gap, work=0))

    cheapest = min(Recount(problem, each).objective() for each in every_way(problem))
    assert workforce_violations(problem, plan) == []
    assert plan.bound <= cheapest + 1e-6 * cheapest
    assert plan.objective >= cheapest - 1e-6 * cheapest


def whole_units(least):
    """At least so many units of 1 each, whole."""
    model = SparseModel()
    units = model.columns((1,), high=100.0, cost=1.0, whole=True)
    model.put(model.rows((1,), low=least), units, 1.0)
    return model.freeze()


def test_a_search_that_finds_nothing_cheaper_proves_no_more_than_that():
    try:
        bound = whole_units(2.5).solve(seconds=5, integers=True, cutoff=2.75).bound
    except NoneCheaper:
        bound = 2.75
    assert bound == 2.75


def test_a_search_finds_what_is_cheaper():
    found = whole_units(2.5).solve(seconds=5, integers=True, cutoff=50.0)
    assert (found.objective, found.bound) == (pytest.approx(3), pytest.approx(3))


@given(
    st.lists(st.floats(1.5, 12), min_size=2, max_size=4),
    st.floats(3, 60),
    st.lists(st.floats(-0.9, 1), min_size=4, max_size=4),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_a_shared_row_holds_wherever_heads_are_enough(per, heads, more):
    """Rows are cut from fractions; whole heads beside any number of direct ones keep them."""
    per = np.array(per)
    points = step_points(per, 80.0)

    found = separate(points, heads, np.maximum(heads / per, 0.0))

    if found is not None:
        weights, price, constant = found
        for direct in np.linspace(0.1, 80.0, 400):
            assert np.ceil(direct / per) @ weights >= price * direct + constant - 1e-6
        assert (heads / per) @ weights < price * heads + constant


def test_nobody_is_let_go_whom_a_ratio_needs():
    # 2 direct people on, then 1: two leads are needed beside 2 (one for 1.5), and one beside 1
    problem = ratio_problem(loads=(195.0, 195.0, 95.0), stay=1.0, layoff_cost=200.0)
    skills = tuple(replace(each, heads=2.0) if each.code == "LEAD" else each for each in problem.skills)

    plan = plan_workforce(replace(problem, skills=skills), SolveOptions(nodes=0))

    direct, lead = plan.course.heads[0], plan.course.heads[1]
    assert all(there >= np.ceil(each / 1.5) for each, there in zip(direct, lead, strict=True))
    assert plan.course.cost.ratios == pytest.approx(0.0)
    assert plan.course.cost.broken == pytest.approx(0.0)


def test_what_attrition_leaves_of_a_third_head_is_paid_on():
    # 3 heads that nobody needs, let go for 200 each from the second period on, when 2.79 are there: 2 can go,
    # and 0.79 are paid 1,000, and 0.93 of them again. In fractions those who are left go in the third period.
    problem = ratio_problem(loads=(0.0,) * COUNT, layoff_cost=200.0)
    person = replace(problem.skills[0], heads=3.0, layoffs_from=1, overtime_share=0.0, hiring=None)
    problem = WorkforceProblem(periods=problem.periods, skills=(person,), families=())
    model = build_model(problem)

    fractions = model.frozen.solve(seconds=5.0).objective
    whole = with_running_moves(model, model.frozen)[0].solve(seconds=5.0).objective

    assert fractions == pytest.approx(3_000 + 2 * 200 + 790 + 0.93 * 0.79 * 200)
    assert whole == pytest.approx(3_000 + 2 * 200 + 790 + 0.93 * 790)
    assert plan_workforce(problem, SolveOptions(gap=0.0)).objective == pytest.approx(whole)


def test_of_heads_who_have_left_in_part_one_is_hired_for_each_that_ratios_want_more():
    # a lead for 1.5 direct heads: 4 want 3, and 1 lead is there, of whom 0.93 are left: two are hired, while
    # fractions lack a part of each
    problem = ratio_problem(loads=(0.0,) * COUNT, layoff_cost=200.0)
    direct = replace(problem.skills[0], heads=4.0, stay=(1.0,) * COUNT, least=(4.0,) * COUNT, hiring=None)
    limits = Limits(ratios=tuple(replace(each, first=1) for each in problem.limits.ratios[:1]))
    problem = replace(problem, skills=(direct, problem.skills[1]), limits=limits)
    model = build_model(problem)
    frozen, running = with_running_moves(model, model.frozen)
    low, high = frozen.low.copy(), frozen.high.copy()
    low[model.columns.ratios[0].wanted] = 3.0

    values = frozen.copy_with(low, high).solve(seconds=5.0).values

    assert values[running[1, 1:]].min() == pytest.approx(2.0)
