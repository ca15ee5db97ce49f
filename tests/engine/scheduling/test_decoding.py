"""Lists decoded on a grid of moments give what they give on profiles; what does not suit a grid keeps off."""

import itertools

import numpy as np
import pytest

from planning.engine.scheduling import problem_of
from planning.engine.scheduling.arrays import prepare
from planning.engine.scheduling.decoding import OnGrid, OnProfiles, decoder_of
from planning.engine.scheduling.loops.breed import FREE_CHOICE
from planning.engine.scheduling.project import Generator, brood_of
from planning.engine.verify.instance import instance_objective, instance_violations
from tests.engine.scheduling.random_instances import random_instance

FEATURES = ("modes", "lags", "dates", "cumulative", "stocks")
SUBSETS = [set(names) for size in range(6) for names in itertools.combinations(FEATURES, size)]


def timed(document):
    """Without tasks that take units for no time, which do not suit a grid."""
    for task in document["tasks"]:
        for mode in task["modes"]:
            mode["duration"] = max(mode["duration"], 1)
    return document


def broods(prepared, number=20):
    """The same random lists for both decoders, some modes left to choose."""
    random = np.random.default_rng(1)
    shop = prepared.shop
    lists = Generator(prepared).individuals(number, random)
    for genes in lists.genes:
        genes[:] = random.integers(shop.first_mode[:-1], shop.first_mode[1:])
        genes[random.random(genes.size) < 0.5] = FREE_CHOICE
    for decoder in (OnGrid(prepared), OnProfiles(shop)):
        brood = brood_of(number, shop.release.size)
        brood.orders[:], brood.genes[:] = lists.orders, lists.genes
        decoder.decode(brood)
        yield brood


@pytest.mark.parametrize("seed", range(len(SUBSETS)))
def test_both_decoders_make_the_same_schedule_of_the_same_list(seed):
    prepared = prepare(problem_of(timed(random_instance(seed, most_tasks=25, features=SUBSETS[seed]))))

    on_grid, on_profiles = broods(prepared)

    for one, other in zip(on_grid, on_profiles, strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize("seed", range(20))
def test_schedules_on_a_grid_hold_and_are_worth_what_is_said(seed):
    document = timed(random_instance(seed, 20, {"modes", "lags", "negative", "cumulative"}))
    problem = problem_of(document)
    prepared = prepare(problem)

    brood, _ = broods(prepared, 5)

    for modes, starts, worth in zip(brood.modes, brood.starts, brood.worth, strict=True):
        found = prepared.schedule(modes, starts)
        rows = [
            [task.id, mode, start]
            for task, mode, start in zip(problem.tasks, found.modes, found.starts, strict=True)
        ]
        assert instance_violations(document, rows) == []
        assert instance_objective(document, rows) == worth


def project(duration=3, capacity=4, resources=1, setups=()):
    names = [f"crew {index}" for index in range(resources)]
    return {
        "name": "crews",
        "objective": "makespan",
        "resources": [{"id": name, "kind": "renewable", "capacity": capacity} for name in names],
        "jobs": [{"id": 0}],
        "tasks": [
            {"id": task, "job": 0, "modes": [{"duration": duration, "demands": dict.fromkeys(names, 1)}]}
            for task in range(4)
        ],
        "precedences": [],
        "setup_times": [[names[0], *row] for row in setups],
    }


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, OnGrid),
        ({"resources": 15, "capacity": 7}, OnGrid),  # 15 fields of 4 bits
        ({"resources": 16, "capacity": 7}, OnProfiles),
        ({"duration": 100_000}, OnProfiles),
        ({"duration": 0}, OnProfiles),
        ({"capacity": 1, "setups": [(0, 1, 2)]}, OnProfiles),
    ],
)
def test_the_decoder_suits_the_problem(changes, kind):
    assert isinstance(decoder_of(prepare(problem_of(project(**changes)))), kind)
