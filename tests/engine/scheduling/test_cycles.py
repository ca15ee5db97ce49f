"""Longest waits: precedences that go round, with lags that make up for the durations."""

import itertools

import pytest

from planning.engine.scheduling import InvalidInstance, Status, problem_of
from planning.engine.verify.instance import instance_objective, instance_violations
from tests.engine.scheduling.random_instances import random_instance
from tests.engine.scheduling.test_random_instances import solved

MOST_START = 9


def least_by_trying(document):
    """All modes at all starts: the least objective that the verifier lets pass, or None."""
    tasks = document["tasks"]
    best = None
    for modes in itertools.product(*(range(len(task["modes"])) for task in tasks)):
        for starts in itertools.product(range(MOST_START + 1), repeat=len(tasks)):
            rows = [[task["id"], *each] for task, *each in zip(tasks, modes, starts, strict=True)]
            worth = instance_objective(document, rows)
            if (best is None or worth < best) and not instance_violations(document, rows):
                best = worth
    return best


def cyclic(seed):
    instance = random_instance(seed, most_tasks=3, features={"lags", "cumulative", "moments"})
    tasks = [task["id"] for task in instance["tasks"]]
    for task in instance["tasks"]:
        for mode in task["modes"]:
            mode["duration"] = min(mode["duration"], 3)
    instance["precedences"] += [[tasks[-1], tasks[0], -6 + seed % 4], [tasks[0], tasks[-1], seed % 2]]
    return instance


@pytest.mark.parametrize("seed", range(20))
def test_a_cycle_is_kept_at_the_least_worth_or_refused_where_nothing_keeps_it(seed):
    instance = cyclic(seed)
    least = least_by_trying(instance)

    try:
        solution, rows = solved(instance, workers=1 + seed % 2)
    except InvalidInstance:
        assert least is None
        return

    if least is None:
        assert solution.status is Status.INFEASIBLE
        return
    assert instance_violations(instance, rows) == []
    assert (solution.objective, solution.bound) == (least, least)


def test_the_refusal_names_the_tasks_in_their_order():
    instance = cyclic(0)
    tasks = [{"id": name, "job": 0, "modes": [{"duration": 2}]} for name in ("cut", "bend", "weld", "paint")]
    # cut 2, bend 2, weld 2, and cut again 5 before the end of weld: 1 too late; paint only waits
    rows = [["cut", "bend", 0], ["bend", "weld", 0], ["weld", "cut", -5], ["weld", "paint", 0]]
    instance |= {"tasks": tasks, "precedences": rows, "jobs": [{"id": 0}], "resources": []}

    with pytest.raises(InvalidInstance) as refusal:
        problem_of(instance)

    rounds = ("cut → bend → weld → cut", "bend → weld → cut → bend", "weld → cut → bend → weld")
    assert any(f"tasks wait for each other: {each};" in str(refusal.value) for each in rounds)


def test_tasks_without_duration_may_wait_for_each_other():
    instance = cyclic(0)
    tasks = [{"id": name, "job": 0, "modes": [{"duration": 0}]} for name in (0, 1)]
    instance |= {"tasks": tasks, "precedences": [[0, 1, 0], [1, 0, 0]], "jobs": [{"id": 0, "release": 4}]}

    solution, rows = solved(instance)

    assert rows == [[0, 0, 4], [1, 0, 4]]
    assert (solution.objective, solution.bound) == (4, 4)
