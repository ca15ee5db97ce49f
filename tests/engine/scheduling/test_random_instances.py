"""What holds for every instance: solutions hold, bounds are bounds, small ones are solved to the optimum."""

import time

import pytest

from planning.engine.scheduling import Limits, Status, model, problem_of, solve
from planning.engine.verify.instance import instance_objective, instance_violations
from tests.engine.scheduling.random_instances import optimum, random_instance

MIXED = range(50)
TINY = range(1000, 1030)


def solved(document, workers=1, rounds=3):
    problem = problem_of(document)
    solution = solve(problem, Limits(rounds=rounds), clock=time.monotonic, workers=workers, seed=1)
    rows = []
    if solution.schedule is not None:
        schedule = zip(problem.tasks, solution.schedule.modes, solution.schedule.starts, strict=True)
        rows = [[task.id, mode, start] for task, mode, start in schedule]
    return solution, rows


@pytest.mark.parametrize("seed", MIXED)
def test_every_solution_holds(seed):
    document = random_instance(seed)

    solution, rows = solved(document, workers=1 + seed % 2)

    if solution.status is Status.INFEASIBLE:
        assert rows == []
        return
    assert solution.status in {Status.OPTIMAL, Status.FEASIBLE}
    assert instance_violations(document, rows) == []
    assert instance_objective(document, rows) == solution.objective
    assert solution.bound <= solution.objective


@pytest.mark.parametrize("seed", TINY)
def test_small_instances_are_solved_to_the_optimum_and_bounds_never_exceed_it(seed):
    document = random_instance(seed, most_tasks=6)
    rows = document["precedences"]
    document["precedences"] = [[first, then, max(lag, 0)] for first, then, lag in rows if first < then]

    solution, rows = solved(document)

    least = optimum(document)
    if least is None:
        assert solution.status is Status.INFEASIBLE
        return
    assert instance_violations(document, rows) == []
    assert (solution.objective, solution.bound, solution.status) == (least, least, Status.OPTIMAL)


def test_the_same_seed_and_workers_give_the_same_schedule():
    document = random_instance(7, features={"modes", "cumulative", "dates"})

    first, again = (solved(document, workers=2) for _ in range(2))

    assert first[1] == again[1]
    assert first[0].bound == again[0].bound


@pytest.mark.parametrize("seed", range(5))
def test_a_relaxed_model_gives_no_schedule(seed, monkeypatch):
    monkeypatch.setattr(model, "MOST_IN_CIRCUIT", 2)
    monkeypatch.setattr(model, "MOST_PASSINGS", 0)
    features = {"cumulative", "setups"} if seed % 2 else {"cumulative", "moments"}
    document = random_instance(seed, features=features)

    solution, rows = solved(document, workers=2)

    assert instance_violations(document, rows) == []
    assert instance_objective(document, rows) == solution.objective
