"""Tasks without duration: they take their units at a moment, so never within a task that leaves too few."""

import pytest

from planning.engine.verify.instance import instance_violations
from tests.engine.scheduling.random_instances import optimum, random_instance
from tests.engine.scheduling.test_random_instances import solved


def document(resource, amounts, durations, precedences=()):
    return {
        "name": "moments",
        "objective": "makespan",
        "resources": [resource],
        "jobs": [{"id": 0}],
        "tasks": [
            {"id": task, "job": 0, "modes": [{"duration": duration, "demands": {"r": amount}}]}
            for task, (amount, duration) in enumerate(zip(amounts, durations, strict=True))
        ],
        "precedences": [list(row) for row in precedences],
        "setup_times": [],
        "calendars": [],
    }


MACHINE = {"id": "r", "kind": "machine", "capacity": 1}
CREW = {"id": "r", "kind": "renewable", "capacity": 3}


def test_a_moment_does_not_lie_within_a_task_of_the_machine():
    # the inspection (1) 2 after the start of the milling (0): only before the milling or behind it
    milling = document(MACHINE, [1, 1], [5, 0], [(0, 1, -3)])

    assert {each.rule for each in instance_violations(milling, [[0, 0, 0], [1, 0, 2]])} == {"without_overlap"}
    assert instance_violations(milling, [[0, 0, 0], [1, 0, 5]]) == []


def test_a_moment_needs_its_units_beside_what_runs_through_it():
    crew = document(CREW, [2, 2], [5, 0])

    assert {each.rule for each in instance_violations(crew, [[0, 0, 0], [1, 0, 2]])} == {"without_overlap"}
    assert instance_violations(document(CREW, [2, 1], [5, 0]), [[0, 0, 0], [1, 0, 2]]) == []


def test_moments_may_lie_where_one_task_ends_and_the_next_begins():
    rows = [[0, 0, 0], [1, 0, 5], [2, 0, 5], [3, 0, 5]]

    assert instance_violations(document(MACHINE, [1, 1, 1, 1], [5, 0, 0, 4]), rows) == []


@pytest.mark.parametrize("resource", [MACHINE, CREW])
def test_a_wait_for_the_resource_is_counted(resource):
    # 1 comes 2 after the start of 0 at the earliest, hence behind it at 5; 2 takes 3 more after 1
    full = [resource["capacity"]] * 3
    waiting = document(resource, full, [5, 0, 3], [(0, 1, -3), (1, 2, 0)])

    solution, rows = solved(waiting)

    assert instance_violations(waiting, rows) == []
    assert (solution.objective, solution.bound) == (8, 8)


@pytest.mark.parametrize("seed", range(25))
def test_small_instances_with_moments_are_solved_to_the_optimum(seed):
    features = {"moments", "cumulative", *(["modes"] if seed % 2 else []), *(["dates"] if seed % 3 else [])}
    instance = random_instance(seed, most_tasks=5, features=features)

    solution, rows = solved(instance)

    least = optimum(instance)
    assert instance_violations(instance, rows) == []
    assert (solution.objective, solution.bound) == (least, least)
