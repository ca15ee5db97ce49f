"""Random small problems with everything mixed: every plan holds, its cost is its cost, its bound a bound."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.engine.errors import SolverFailed
from planning.engine.verify.workforce_course import Recount
from planning.engine.verify.workforce_plan import workforce_violations
from planning.engine.workforce_plan import (
    Decisions,
    SolveOptions,
    WorkforceProblem,
    buckets_of,
    plan_workforce,
    sparse,
)
from planning.engine.workforce_plan.horizon import in_fractions
from planning.engine.workforce_plan.model import build_model
from planning.engine.workforce_plan.sparse import FrozenModel
from tests.engine.workforce_plan.problems import random_problem

QUICK = SolveOptions(seconds=5.0, gap=1e-3)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_every_plan_holds_and_costs_what_it_says(seed):
    problem = random_problem(seed)

    plan = plan_workforce(problem, QUICK)

    assert [str(each) for each in workforce_violations(problem, plan)] == []
    assert Recount(problem, plan.decisions).objective() == pytest.approx(plan.objective, rel=1e-9, abs=1e-6)
    assert plan.bound is not None


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_whole_temporary_people_given_courses_and_late_payers_hold_too(seed):
    problem = _as_of_a_factory(random_problem(seed))

    plan = plan_workforce(problem, QUICK)

    assert [str(each) for each in workforce_violations(problem, plan)] == []
    assert Recount(problem, plan.decisions).objective() == pytest.approx(plan.objective, rel=1e-9, abs=1e-6)
    for way, moved in zip(problem.cross_training, plan.decisions.moves, strict=True):
        assert moved == pytest.approx(way.given)
    for row in plan.decisions.temps:
        assert all(each == round(each) for each in row)


def _as_of_a_factory(problem):
    """The problem with whole temporary people, one person who changes in the last period, if there is one,
    and customers who pay a period later.
    """
    skills = tuple(
        replace(skill, are_temps_whole=True, temp_most=2.0 if skill.temp_cost else 0.0)
        for skill in problem.skills
    )
    nobody = (0.0,) * len(problem.periods)
    is_there = problem.skills[0].heads >= 2 and problem.skills[0].layoff_cost is None
    given = (*nobody[1:], 1.0 if is_there else 0.0)
    ways = tuple(replace(way, given=given) for way in problem.cross_training)
    cash = None if problem.cash is None else replace(problem.cash, lag=1)
    return replace(problem, skills=skills, cross_training=ways, cash=cash)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_the_bound_is_below_every_way_to_hire(seed):
    problem = _only_loads(random_problem(seed))
    plan = plan_workforce(problem, SolveOptions(gap=0.0))

    cheapest = min(Recount(problem, decisions).objective() for decisions in _every_way(problem))

    # temporary people are fractions: the cheapest of all ways without them is above the bound as well
    assert plan.bound <= cheapest + 1e-6 * abs(cheapest)
    assert plan.objective == pytest.approx(cheapest, rel=1e-6)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_the_same_problem_gives_the_same_plan(seed):
    problem = random_problem(seed)

    first, second = plan_workforce(problem, QUICK), plan_workforce(problem, QUICK)

    assert first.decisions == second.decisions


def _only_loads(problem):
    """One skill over three periods, hired or laid off, nothing made: hours are asked for as they are."""
    skill = problem.skills[1]
    periods = problem.periods[:3]

    buckets = buckets_of(periods)
    load = (150.0, 420.0, 380.0)

    def cut(row):
        return row[: len(periods)]

    def cut_work(row):
        return row[: len(buckets)]

    small = replace(
        skill,
        heads=min(skill.heads, 2.0),
        stay=cut(skill.stay),
        paid_hours=cut(skill.paid_hours),
        hours=cut_work(skill.hours),
        wage=cut(skill.wage),
        overtime_cost=cut_work(skill.overtime_cost),
        temp_cost=cut(skill.temp_cost),
        temp_most=0.0,
        end_heads=min(skill.end_heads, 2.0),
        absent=cut_work(skill.absent),
        load=tuple(load[each.period] * each.days / periods[each.period].days for each in buckets),
        least=cut(skill.least),
        losses=tuple(
            row[: sum(each.period >= number for each in buckets)]
            for number, row in enumerate(skill.losses[:3])
        ),
        hiring=replace(
            skill.hiring,
            most=tuple(min(each, 1) for each in cut(skill.hiring.most)),
            least=cut(skill.hiring.least),
        )
        if skill.hiring
        else None,
    )
    cash = replace(problem.cash, flows=problem.cash.flows[:3]) if problem.cash else None
    return WorkforceProblem(periods=periods, skills=(small,), families=(), cash=cash, broken_cost=1e4)


def _every_way(problem):
    skill, count = problem.skills[0], len(problem.periods)
    hiring = skill.hiring
    hires = [
        range(hiring.least[p] if hiring.least else 0, hiring.most[p] + 1) if hiring else (0,)
        for p in range(count)
    ]
    gone = [range(6) if skill.layoff_cost is not None else (0,)] * count
    for way in itertools.product(*hires, *gone):
        if hiring and hiring.in_all is not None and sum(way[:count]) > max(hiring.in_all, sum(hiring.least)):
            continue
        decisions = Decisions(
            hires=(way[:count],),
            layoffs=(way[count:],),
            temps=((0.0,) * count,),
            moves=(),
            started=(),
            subcontracted=(),
        )
        heads = Recount(problem, decisions).heads[0]
        floor = skill.heads
        for each, stay in enumerate(skill.stay):
            floor = floor * stay + (hiring.least[each] if hiring and hiring.least else 0)
        if min(heads) >= 0 and max(heads) <= max(skill.most, floor) + 1e-9:
            yield decisions


def test_until_there_is_a_plan_a_solve_may_take_as_long_as_patience_lasts(monkeypatch):
    given_seconds = []
    solve = FrozenModel.solve

    def watched(self, *, seconds, **options):
        given_seconds.append(seconds)
        return solve(self, seconds=seconds, **options)

    monkeypatch.setattr(FrozenModel, "solve", watched)
    plan = plan_workforce(random_problem(1), SolveOptions(seconds=0.0, patience=500.0, gap=-1.0))

    assert given_seconds[0] > 490
    assert max(given_seconds[2:], default=0.0) <= 1.0
    assert plan.is_cut_short


def test_an_interior_point_that_loses_its_way_is_asked_again_with_small_prices(monkeypatch):
    # given a solver that gives up on prices as they are
    model, call, tries = build_model(in_fractions(random_problem(3))).frozen, sparse._call, []
    usual = model.solve(seconds=5.0)

    def particular(message, parameters):
        tries.append(parameters.highs.int_options.get("user_objective_scale"))
        if len(tries) == 1:
            raise SolverFailed("Unknown")
        return call(message, parameters)

    monkeypatch.setattr(sparse, "_call", particular)
    found = model.solve(seconds=5.0, interior=True, crossover=False)

    assert tries == [None, sparse.SMALL_PRICES]
    assert found.objective == pytest.approx(usual.objective, rel=1e-4)
    # row prices are those of the model itself: their bound holds and is close
    assert found.prices is not None
    bound = model.safe_bound(found.prices)
    assert usual.objective * (1 - 1e-2) <= bound <= usual.objective + 1e-6 * abs(usual.objective)


@pytest.mark.parametrize("interior", [False, True])
def test_a_model_that_is_asked_again_takes_no_longer_than_its_seconds(monkeypatch, interior):
    # given a solver that gives up when two of its five seconds are over
    model, call, now, limits = build_model(in_fractions(random_problem(3))).frozen, sparse._call, [0.0], []

    def slow(message, parameters):
        limits.append(parameters.time_limit.total_seconds())
        now[0] += 2.0
        if len(limits) == 1:
            raise SolverFailed("Unknown")
        return call(message, parameters)

    monkeypatch.setattr(sparse, "perf_counter", lambda: now[0])
    monkeypatch.setattr(sparse, "_call", slow)
    model.solve(seconds=5.0, interior=interior)

    assert limits == [5.0, 3.0]
