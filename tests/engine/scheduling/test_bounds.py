"""Bounds by hand arithmetic."""

import time

import pytest

from planning.engine.scheduling import Limits, problem_of, solve
from planning.engine.scheduling.arrays import prepare
from planning.engine.scheduling.bounds import lower_bound, preemptive
from planning.engine.scheduling.exact import ceiling


def instance(resources, tasks, precedences=(), objective="makespan", due=None):
    return problem_of(
        {
            "name": "by hand",
            "objective": objective,
            "resources": resources,
            "jobs": [{"id": 0, "release": 2, "due": due, "weight": 3}],
            "tasks": [{"id": index, "job": 0, "modes": modes} for index, modes in enumerate(tasks)],
            "precedences": [list(row) for row in precedences],
        }
    )


def mode(duration, **demands):
    return {"duration": duration, "demands": demands}


def bound_of(*args, **options):
    return lower_bound(prepare(instance(*args, **options)).shop)


MACHINE = {"id": "m", "kind": "machine", "capacity": 1}
OTHER = {"id": "n", "kind": "machine", "capacity": 1}
CREW = {"id": "c", "kind": "renewable", "capacity": 3}


def test_one_machine_may_interrupt_for_a_longer_tail():
    # 0–1 the first, interrupted at 1 by the one with tail 7: 1–3, then the rest 3–6: ends 10 and 6
    assert preemptive([(0, 4, 0), (1, 2, 7)]) == 10


def test_a_path_counts_from_the_release_with_its_lags():
    # released at 2, then 3 + lag 4 + 5
    assert bound_of([MACHINE, OTHER], [[mode(3, m=1)], [mode(5, n=1)]], [(0, 1, 4)]) == 14


def test_a_machine_takes_its_tasks_after_each_other():
    assert bound_of([MACHINE], [[mode(3, m=1)], [mode(5, m=1)]]) == 10


def test_a_crew_has_only_so_many_hands():
    # 3 tasks × 2 of 3 hands × 4: energy 24 over 3 is 8
    assert bound_of([CREW], [[mode(4, c=2)]] * 3) == 10


def test_tasks_that_choose_share_all_machines():
    # 5 tasks of at least 3 on 2 machines: 15 over 2, rounded up
    assert bound_of([MACHINE, OTHER], [[mode(3, m=1), mode(4, n=1)]] * 5) == 10


def test_a_job_is_late_by_itself():
    # released at 2, takes 8, is due at 6, weighs 3
    tasks = [[mode(3)], [mode(5)]]
    found = bound_of([MACHINE], tasks, [(0, 1, 0)], objective="total_weighted_tardiness", due=6)
    assert found == 12


def test_a_job_without_tasks_is_never_late():
    document = {
        "name": "empty",
        "objective": "total_weighted_tardiness",
        "resources": [],
        "jobs": [{"id": 0, "due": 1, "weight": 1}, {"id": 1, "due": -5, "weight": 3}],
        "tasks": [{"id": 0, "job": 0, "modes": [mode(3)]}],
        "precedences": [],
    }
    problem = problem_of(document)

    solution = solve(problem, Limits(rounds=1), clock=time.monotonic)

    assert lower_bound(prepare(problem).shop) == 2
    assert (solution.objective, solution.bound) == (2, 2)


@pytest.mark.parametrize("worth", [1, 10**9, 2**53 - 1, 2**53 + 1, 10**17 + 3, 10**18 - 1])
def test_a_bound_that_passed_through_a_float_is_never_above_what_it_was(worth):
    assert worth - 2**8 - 1 <= ceiling(float(worth)) <= worth
    assert ceiling(6.99) == ceiling(7.0000000001) == 7
