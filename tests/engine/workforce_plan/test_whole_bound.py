"""The bound of whole people who follow others: above that of fractions, below every way to hire, counted."""

import itertools
import random
from dataclasses import replace
from operator import le

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.engine.errors import SolverFailed
from planning.engine.verify.workforce_course import Recount
from planning.engine.workforce_plan import Decisions, Ratio, SolveOptions, plan_workforce
from planning.engine.workforce_plan.model import build_model
from planning.engine.workforce_plan.search import with_running_moves
from planning.engine.workforce_plan.sparse import FrozenModel
from planning.engine.workforce_plan.warm import WarmModel
from planning.engine.workforce_plan.whole_bound import _elastic, has_followers, whole_bound
from tests.engine.workforce_plan.problems import random_problem
from tests.engine.workforce_plan.test_search import COUNT, every_way, ratio_problem

MUCH = 1e4
NEAR = 1e-5  # of the cost: what solvers leave
ENDED = 1e-4  # of the cost: heads a little above a whole number count as that number


def fractions(model):
    """The bound of fractions, and their direct heads by period."""
    outcome = model.frozen.solve(seconds=60.0)
    direct = [number for number, skill in enumerate(model.problem.skills) if skill.is_direct]
    return model.frozen.safe_bound(outcome.prices), outcome.values[model.columns.heads[direct]].sum(axis=0)


def bound_of(problem, *, target=float("inf"), work=MUCH):
    model = build_model(problem)
    return whole_bound(model, fractions(model)[1], target=target, work=work).bound


def cheapest_of(problem):
    return min(Recount(problem, each).objective() for each in every_way(problem))


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.tuples(*(st.integers(100, 450) for _ in range(COUNT))),
    st.sampled_from((1, 2, 3)),
    st.sampled_from((0.9, 0.97, 1.0)),
    st.tuples(st.floats(0.8, 3.0), st.floats(0.8, 3.0)),
    st.sampled_from((50.0, 1_100.0)),
)
def test_a_tree_that_ends_proves_the_cheapest_way_to_hire(loads, limit, stay, per, missing):
    problem = ratio_problem(loads=tuple(map(float, loads)), limit=limit, stay=stay, per=per, missing=missing)

    bound, cheapest = bound_of(problem), cheapest_of(problem)

    assert cheapest * (1 - ENDED) <= bound <= cheapest * (1 + NEAR)


@settings(max_examples=12, deadline=None, derandomize=True)
@given(
    st.tuples(*(st.integers(100, 450) for _ in range(COUNT))),
    st.floats(0.9, 1.1),
    st.sampled_from((1.0, MUCH)),
)
def test_a_target_or_little_work_gives_a_bound_that_holds(loads, share, work):
    problem = ratio_problem(loads=tuple(map(float, loads)))
    cheapest = cheapest_of(problem)

    bound = bound_of(problem, target=share * cheapest, work=work)

    assert bound <= cheapest * (1 + NEAR)
    if work == MUCH:
        assert bound >= min(share, 1 - ENDED) * cheapest


@pytest.mark.parametrize("layoff_cost", [0.0, 200.0])
@pytest.mark.parametrize("seed", range(4))
def test_the_bound_holds_where_people_may_be_let_go(seed, layoff_cost):
    chance = random.Random(seed)
    loads = tuple(float(chance.randint(60, 400)) for _ in range(COUNT))
    problem = ratio_problem(loads=loads, layoff_cost=layoff_cost)

    bound = bound_of(problem)

    # one leaves at most of each skill and period, or one comes
    nobody = ((0.0,) * COUNT,) * len(problem.skills)
    cheapest = float("inf")
    for flat in itertools.product((0.0, 1.0, -1.0), repeat=len(problem.skills) * COUNT):
        moves = np.array(flat).reshape(-1, COUNT)
        hires, layoffs = np.maximum(moves, 0.0), np.maximum(-moves, 0.0)
        if not all(map(le, hires.sum(axis=0), problem.limits.hires)):
            continue
        decisions = Decisions(
            hires=tuple(map(tuple, hires.tolist())),
            layoffs=tuple(map(tuple, layoffs.tolist())),
            temps=nobody,
            moves=(),
            started=(),
            subcontracted=(),
        )
        recount = Recount(problem, decisions)
        if min(map(min, recount.heads)) >= 0:
            cheapest = min(cheapest, recount.objective())
    assert bound <= cheapest * (1 + NEAR)


@pytest.mark.parametrize("seed", range(24))
def test_no_plan_of_a_mixed_problem_is_below_the_bound(seed):
    problem = random_problem(seed)
    ratios = tuple(replace(each, is_rounded=True) for each in problem.limits.ratios)
    ratios = ratios or (Ratio(skill=0, per_direct=3.0, is_rounded=True),)
    problem = replace(problem, limits=replace(problem.limits, ratios=ratios))
    if not has_followers(build_model(problem)):
        return
    plan = plan_workforce(problem, SolveOptions(gap=0.0))
    lower, _ = fractions(build_model(problem))

    bound = bound_of(problem, target=plan.objective, work=2.0)

    assert lower - NEAR * abs(lower) <= bound <= plan.objective * (1 + NEAR)


def test_what_is_asked_twice_is_answered_alike():
    problem = ratio_problem(loads=(300.0, 210.0, 390.0))

    assert bound_of(problem, work=2.0) == bound_of(problem, work=2.0)


def test_a_bound_holds_where_the_simplex_loses_its_way(monkeypatch):
    problem = ratio_problem(loads=(300.0, 210.0, 390.0))
    calls, honest = itertools.count(), WarmModel.at

    def lost(self, low, high, *, work):
        if next(calls) % 3:
            raise SolverFailed("lost")
        return honest(self, low, high, work=work)

    monkeypatch.setattr(WarmModel, "at", lost)

    assert bound_of(problem) <= cheapest_of(problem) * (1 + NEAR)


def test_no_solve_of_the_bound_has_a_clock(monkeypatch):
    problem = ratio_problem(loads=(300.0, 210.0, 390.0))
    model, cheapest = build_model(problem), cheapest_of(problem)
    lower, direct = fractions(model)
    calls, honest = itertools.count(), WarmModel.at

    def lost(self, low, high, *, work):
        if next(calls) % 2:
            raise SolverFailed("lost")
        return honest(self, low, high, work=work)

    def timed(self, **options):
        raise AssertionError("a solve with a clock")

    monkeypatch.setattr(WarmModel, "at", lost)
    monkeypatch.setattr(FrozenModel, "solve", timed)

    found = whole_bound(model, direct, target=float("inf"), work=MUCH)

    assert lower - NEAR * cheapest <= found.bound <= cheapest * (1 + NEAR)
    assert 0 < found.work < MUCH


@pytest.mark.parametrize("seed", range(24))
def test_what_is_decided_can_always_be_answered(seed):
    """Rows of what branches decide may be broken at a price: any two decisions have a bound."""
    model = build_model(ratio_problem(loads=(300.0, 210.0, 390.0), layoff_cost=(None, 200.0)[seed % 2]))
    frozen, running = with_running_moves(model, model.frozen)
    ratio = model.columns.ratios[seed % 2]
    decided = np.unique(np.concatenate((running[1], ratio.wanted, model.columns.used_up, *ratio.missing)))
    elastic, slack = _elastic(frozen, decided, 1e9)
    chance = random.Random(seed)
    low, high = elastic.low.copy(), elastic.high.copy()
    for column in decided[elastic.high[decided] > elastic.low[decided]]:
        low[column] = high[column] = chance.choice((elastic.low[column], elastic.high[column]))

    outcome = elastic.copy_with(low, high).solve(seconds=10.0)

    assert outcome.values[slack].max() > 0.01


def test_plans_show_the_bound_of_whole_people():
    problem = ratio_problem(loads=(300.0, 210.0, 390.0))

    plain = plan_workforce(problem, SolveOptions(gap=0.0, nodes=0))
    proved = plan_workforce(problem, SolveOptions(gap=0.0, proof=100.0, nodes=0))

    assert proved.decisions == plain.decisions
    assert plain.bound < proved.bound <= proved.objective
    assert plain.gap > 10 * proved.gap
