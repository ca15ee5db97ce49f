"""Compile the loops once, so that no schedule waits for it."""

import time

from planning.engine.scheduling.arrays import prepare
from planning.engine.scheduling.board import Board
from planning.engine.scheduling.decoding import OnGrid, OnProfiles
from planning.engine.scheduling.disjunctive import DisjunctiveSearch
from planning.engine.scheduling.problem import (
    Demand,
    Job,
    Mode,
    Objective,
    Resource,
    ResourceKind,
    SchedulingProblem,
    Task,
)
from planning.engine.scheduling.project import ProjectSearch, brood_of


def warm_up() -> None:
    """Run every compiled loop on the smallest shop."""
    machine = Resource(id=0, kind=ResourceKind.MACHINE, capacity=1)
    tasks = tuple(
        Task(id=index, job=0, modes=(Mode(duration=1, demands=(Demand(0, 1),)),)) for index in (0, 1)
    )
    problem = SchedulingProblem(
        name="warm", objective=Objective.MAKESPAN, resources=(machine,), jobs=(Job(id=0),), tasks=tasks
    )
    board, prepared = Board(problem, time.monotonic, lambda _: None), prepare(problem)
    for decoder in (OnGrid(prepared), OnProfiles(prepared.shop)):
        brood = brood_of(1, len(tasks))
        brood.orders[0] = range(len(tasks))
        decoder.decode(brood)
    for search in (DisjunctiveSearch(prepared, 0), ProjectSearch(prepared, 0)):
        for _ in range(2):
            search.step(board)
