"""What keeps to its time and its memory, however large or slow."""

import random
import threading
import time

from planning.engine.scheduling import Limits, Status, problem_of, solve
from planning.engine.scheduling.arrays import prepare
from planning.engine.scheduling.board import Board
from planning.engine.scheduling.bounds import lower_bound
from planning.engine.scheduling.disjunctive import DisjunctiveSearch
from planning.engine.scheduling.project import ProjectSearch
from planning.engine.scheduling.warm import warm_up
from tests.effort import lines_run


def flexible_shop(jobs, machines, objective="makespan"):
    rng = random.Random(1)
    anywhere = [str(machine) for machine in range(machines)]
    return problem_of(
        {
            "name": "any machine",
            "objective": objective,
            "resources": [{"id": machine, "kind": "machine"} for machine in anywhere],
            "jobs": [{"id": job, "due": 10} for job in range(jobs)],
            "tasks": [
                {
                    "id": f"{job}-{step}",
                    "job": job,
                    "modes": [{"duration": rng.randint(1, 99), "demands": {each: 1}} for each in anywhere],
                }
                for job in range(jobs)
                for step in range(5)
            ],
            "precedences": [
                [f"{job}-{step}", f"{job}-{step + 1}", 0] for job in range(jobs) for step in range(4)
            ],
        }
    )


def large_project(count):
    rng = random.Random(1)
    return problem_of(
        {
            "name": "large",
            "objective": "makespan",
            "resources": [{"id": "crew", "kind": "renewable", "capacity": 10}],
            "jobs": [{"id": 0}],
            "tasks": [
                {"id": task, "job": 0, "modes": [{"duration": 3, "demands": {"crew": rng.randint(1, 5)}}]}
                for task in range(count)
            ],
            "precedences": [],
        }
    )


def test_a_shop_whose_tasks_may_go_anywhere_needs_little_memory():
    search = DisjunctiveSearch(prepare(flexible_shop(400, 10)), 0)

    assert search.memory.pairs.nbytes <= 64 * 2**20


def test_bounds_take_work_in_proportion_to_the_modes():
    few, many = (prepare(flexible_shop(300, machines)).shop for machines in (10, 30))

    assert lines_run(lambda: lower_bound(many)) < 3.5 * lines_run(lambda: lower_bound(few))


def test_pieces_of_work_are_small():
    warm_up()
    project, shop = large_project(12_000), flexible_shop(500, 20)
    late = flexible_shop(100, 3, "total_weighted_tardiness")
    for problem, kind in ((project, ProjectSearch), (shop, DisjunctiveSearch), (late, DisjunctiveSearch)):
        board = Board(problem, time.monotonic, lambda _: None)
        search = kind(prepare(problem), 0)
        for _ in range(2):
            began = time.process_time()
            search.step(board)
            # some hundredths of a second on any machine: a search that does not stop to listen takes minutes
            assert time.process_time() - began < 15
            assert board.worth is not None


def test_a_search_that_does_not_hear_is_left_behind(monkeypatch):
    release = threading.Event()
    step = DisjunctiveSearch.step

    def stubborn(self, board):
        step(self, board)
        release.wait(60)
        board.raise_bound(10**6)

    monkeypatch.setattr(DisjunctiveSearch, "step", stubborn)
    told = []
    began = time.monotonic()

    solution = solve(
        flexible_shop(60, 4),
        Limits(seconds=1.0),
        clock=time.monotonic,
        workers=2,
        on_progress=told.append,
    )

    count = len(told)
    release.set()
    time.sleep(0.3)
    assert time.monotonic() - began < 20
    assert solution.status is Status.FEASIBLE
    assert len(told) == count
