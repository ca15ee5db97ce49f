"""Lists of tasks that are bred: each child of two of the better ones, or it would be like the rest.

``order`` is a list of tasks, ``genes`` the mode of each task or ``FREE_CHOICE``. Who decodes them is no
matter here: children are made by the dozen, decoded elsewhere, and then take the places of the worst.

Sources: Hartmann 1998 and 2001 (genetic algorithm over lists and modes).
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planning.engine.compiled import compiled
from planning.engine.scheduling.arrays import Ints

FREE_CHOICE = -1  # a gene: the mode that ends first
MUTATION = 0.04
WINDOW = 0.3  # a task is moved within such a share of the list


class Population(NamedTuple):
    """Individuals [index, task]: lists and genes; their worth, and a sum that tells schedules apart."""

    orders: Ints
    genes: Ints
    worth: Ints
    mark: npt.NDArray[np.float64]


class Brood(NamedTuple):
    """Children [index, task] with their schedules, and their worth."""

    orders: Ints
    genes: Ints
    modes: Ints
    starts: Ints
    worth: Ints


@compiled
def cross(father: Ints, mother: Ints, child: Ints, origin: Ints) -> None:
    """Two-point crossover of lists; ``origin[task]`` 1: the task stands where the mother had it."""
    count = father.size
    first, last = np.random.randint(count + 1), np.random.randint(count + 1)
    if first > last:
        first, last = last, first
    used = np.zeros(count, dtype=np.bool_)
    origin[:] = 0
    for at in range(first):
        child[at] = father[at]
        used[father[at]] = True
    at = first
    for task in mother:
        if at == last:
            break
        if not used[task]:
            child[at] = task
            used[task] = True
            origin[task] = 1
            at += 1
    for task in father:
        if not used[task]:
            child[at] = task
            at += 1


@compiled
def mutate(first_mode: Ints, is_choice_free: bool, order: Ints, genes: Ints) -> None:
    """Move some tasks within the list, and give some another mode."""
    count = order.size
    reach = max(int(count * WINDOW), 2)
    for at in range(count):
        if np.random.random() < MUTATION:
            to = min(max(at + np.random.randint(-reach, reach + 1), 0), count - 1)
            task = order[at]
            step = 1 if to > at else -1
            for index in range(at, to, step):
                order[index] = order[index + step]
            order[to] = task
    for task in range(count):
        first, last = first_mode[task], first_mode[task + 1]
        if last - first > 1 and np.random.random() < MUTATION:
            genes[task] = np.random.randint(first, last)
            if is_choice_free and np.random.random() < 0.5:
                genes[task] = FREE_CHOICE


@compiled
def better(worth: Ints) -> int:
    """The better of two at random."""
    one, other = np.random.randint(worth.size), np.random.randint(worth.size)
    return other if worth[other] < worth[one] else one


@compiled
def breed(people: Population, brood: Brood, first_mode: Ints, is_choice_free: bool, seed: int) -> None:
    """New lists and genes, each of two of the better ones."""
    np.random.seed(seed)
    count = people.orders.shape[1]
    origin = np.empty(count, dtype=np.int64)
    for index in range(brood.worth.size):
        father, mother = better(people.worth), better(people.worth)
        cross(people.orders[father], people.orders[mother], brood.orders[index], origin)
        for task in range(count):
            brood.genes[index, task] = people.genes[mother if origin[task] else father, task]
        mutate(first_mode, is_choice_free, brood.orders[index], brood.genes[index])


@compiled
def take_in(people: Population, brood: Brood) -> None:
    """Each child that is new takes the place of the worst, unless it is worse still."""
    count = people.orders.shape[1]
    for index in range(brood.worth.size):
        mark, worth = 0.0, brood.worth[index]
        for task in range(count):
            mark += brood.starts[index, task] * np.sin(task + 1.0)
        worst = np.argmax(people.worth)
        is_new = not np.any((people.mark == mark) & (people.worth == worth))
        if worth <= people.worth[worst] and is_new:
            people.orders[worst] = brood.orders[index]
            people.genes[worst] = brood.genes[index]
            people.worth[worst], people.mark[worst] = worth, mark
