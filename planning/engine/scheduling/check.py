"""What a scheduling problem must be, each rule with its place in the file and the remedy."""

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from planning.engine.errors import FactoryIssue
from planning.engine.scheduling.errors import InvalidInstance
from planning.engine.scheduling.problem import Objective, ResourceKind

if TYPE_CHECKING:
    from planning.engine.scheduling.problem import SchedulingProblem, Task

MOST_TIME = 10**12  # starts are mixed with weights of ten bits, and ranked with positions of tasks
MOST_WEIGHT = 10**9
MOST_WORTH = 10**18  # weights × times stay inside 64 bits
MOST_AMOUNT = 10**9
SHOWN_IN_CYCLE = 6


def check_problem(problem: "SchedulingProblem") -> None:
    """Raise ``InvalidInstance`` with every rule that is broken. Cost: O(size of the problem)."""
    issues = [
        FactoryIssue(path=path, message=message)
        for rule in (_names, _resources, _jobs, _tasks, _precedences, _setups, _empty, _range)
        for path, message in rule(problem)
    ]
    if not issues:
        issues = [FactoryIssue(path=path, message=message) for path, message in _cycle(problem)]
    if issues:
        raise InvalidInstance(issues)


def _names(problem: "SchedulingProblem") -> Iterator[tuple[str, str]]:
    for name in ("resources", "jobs", "tasks"):
        seen: set[str] = set()
        for index, each in enumerate(getattr(problem, name)):
            if str(each.id) in seen:
                yield f"/{name}/{index}/id", f"{each.id} is there twice; give each its own id"
            seen.add(str(each.id))
    if not problem.tasks:
        yield "/tasks", "there is nothing to schedule; give at least one task"


def _resources(problem: "SchedulingProblem") -> Iterator[tuple[str, str]]:
    for index, resource in enumerate(problem.resources):
        path = f"/resources/{index}/capacity"
        if not 0 <= resource.capacity <= MOST_AMOUNT:
            yield path, f"expected 0 to {MOST_AMOUNT}, got {resource.capacity}"
        elif resource.kind is ResourceKind.MACHINE and resource.capacity != 1:
            yield path, f"a machine has capacity 1, got {resource.capacity}; make it renewable"


def _jobs(problem: "SchedulingProblem") -> Iterator[tuple[str, str]]:
    for index, job in enumerate(problem.jobs):
        if not 0 <= job.release <= MOST_TIME:
            yield f"/jobs/{index}/release", f"expected 0 to {MOST_TIME}, got {job.release}"
        if job.due is not None and not -MOST_TIME <= job.due <= MOST_TIME:
            yield f"/jobs/{index}/due", f"expected at most {MOST_TIME}, got {job.due}"
        if not 0 <= job.weight <= MOST_WEIGHT:
            yield f"/jobs/{index}/weight", f"expected 0 to {MOST_WEIGHT}, got {job.weight}"


def _tasks(problem: "SchedulingProblem") -> Iterator[tuple[str, str]]:
    for index, task in enumerate(problem.tasks):
        path = f"/tasks/{index}"
        if not 0 <= task.job < len(problem.jobs):
            yield f"{path}/job", f"task {task.id} names a job that is not there"
        if not task.modes:
            yield f"{path}/modes", f"task {task.id} has no mode; give at least one"
            continue
        wrong = list(_modes(problem, path, task))
        yield from wrong
        if not wrong and not any(problem.allows(mode) for mode in task.modes):
            yield f"{path}/modes", _too_much(problem, task)


def _modes(problem: "SchedulingProblem", path: str, task: "Task") -> Iterator[tuple[str, str]]:
    for number, mode in enumerate(task.modes):
        place = f"{path}/modes/{number}"
        if not 0 <= mode.duration <= MOST_TIME:
            yield (
                f"{place}/duration",
                f"task {task.id}: expected a duration of 0 to {MOST_TIME}, got {mode.duration}",
            )
        for demand in mode.demands:
            if not 0 <= demand.resource < len(problem.resources):
                yield f"{place}/demands", f"task {task.id} demands a resource that is not there"
            elif not 0 <= demand.amount <= MOST_AMOUNT:
                name = problem.resources[demand.resource].id
                yield (
                    f"{place}/demands/{name}",
                    f"task {task.id}: expected 0 to {MOST_AMOUNT}, got {demand.amount}",
                )


def _too_much(problem: "SchedulingProblem", task: "Task") -> str:
    demand = next(
        each
        for mode in task.modes
        for each in mode.demands
        if each.amount > problem.resources[each.resource].capacity
    )
    resource = problem.resources[demand.resource]
    return (
        f"task {task.id} fits in no mode: it demands {demand.amount} of resource {resource.id}, which has "
        f"{resource.capacity}; raise the capacity or lower the demand"
    )


def _precedences(problem: "SchedulingProblem") -> Iterator[tuple[str, str]]:
    count = len(problem.tasks)
    for index, row in enumerate(problem.precedences):
        path = f"/precedences/{index}"
        if not (0 <= row.before < count and 0 <= row.after < count):
            yield path, "it names a task that is not there"
        if not -MOST_TIME <= row.lag <= MOST_TIME:
            yield f"{path}/2", f"expected a lag of at most {MOST_TIME}, got {row.lag}"


def _setups(problem: "SchedulingProblem") -> Iterator[tuple[str, str]]:
    count = len(problem.tasks)
    seen: set[tuple[int, int, int]] = set()
    for index, row in enumerate(problem.setups):
        path = f"/setup_times/{index}"
        if not 0 <= row.resource < len(problem.resources):
            yield path, "it names a resource that is not there"
            continue
        resource = problem.resources[row.resource]
        if resource.kind is ResourceKind.NONRENEWABLE or resource.capacity != 1:
            yield (
                path,
                f"resource {resource.id} serves several tasks at a time; setups need a capacity of 1",
            )
        if not (0 <= row.before < count and 0 <= row.after < count):
            yield path, "it names a task that is not there"
        if not 0 <= row.time <= MOST_TIME:
            yield f"{path}/3", f"expected a time of 0 to {MOST_TIME}, got {row.time}"
        pair = (row.resource, row.before, row.after)
        if pair in seen:
            yield path, "the same pair of tasks stands there twice; keep one"
        seen.add(pair)


def _empty(problem: "SchedulingProblem") -> Iterator[tuple[str, str]]:
    """A task without duration has no place in a sequence, which a setup would need."""
    with_setups = {row.resource for row in problem.setups}
    for index, task in enumerate(problem.tasks):
        for number, mode in enumerate(task.modes):
            used = {each.resource for each in mode.demands if each.amount > 0}
            if mode.duration == 0 and used & with_setups:
                name = problem.resources[min(used & with_setups)].id
                yield (
                    f"/tasks/{index}/modes/{number}",
                    f"task {task.id} takes no time on resource {name}, which has setups; give it a duration",
                )


def _range(problem: "SchedulingProblem") -> Iterator[tuple[str, str]]:
    if latest_end(problem) > MOST_TIME:
        yield (
            "/tasks",
            f"the times add up to {latest_end(problem)}; use a coarser unit, to stay below {MOST_TIME}",
        )
    if problem.objective is Objective.TARDINESS:
        end = latest_end(problem)
        late = sum(job.weight * max(end - job.due, 0) for job in problem.jobs if job.due is not None)
        if late > MOST_WORTH:
            yield (
                "/jobs",
                f"weights × times add up to {late}; use smaller weights, to stay below {MOST_WORTH}",
            )


def latest_end(problem: "SchedulingProblem") -> int:
    """An end by which any sensible schedule is done: everything after each other, with all waits."""
    setups: dict[int, int] = defaultdict(int)
    for row in problem.setups:
        setups[row.after] = max(setups[row.after], row.time)
    return (
        max((job.release for job in problem.jobs), default=0)
        + sum(max((mode.duration for mode in task.modes), default=0) for task in problem.tasks)
        + sum(max(row.lag, 0) for row in problem.precedences)
        + sum(setups.values())
    )


def _cycle(problem: "SchedulingProblem") -> Iterator[tuple[str, str]]:
    """A cycle that no schedule keeps. Negative lags may make up for the durations on it: it is kept then."""
    left = on_cycles(problem)
    if not left:
        return
    least = [min(mode.duration for mode in task.modes if problem.allows(mode)) for task in problem.tasks]
    waits = [
        (row.before, row.after, least[row.before] + row.lag)
        for row in problem.precedences
        if row.before in left and row.after in left
    ]
    ring = _impossible_ring(left, waits)
    if ring:
        names = " → ".join(str(problem.tasks[each].id) for each in ring[:SHOWN_IN_CYCLE])
        more = " → …" if len(ring) > SHOWN_IN_CYCLE else ""
        yield (
            "/precedences",
            f"tasks wait for each other: {names}{more}; take one of these rows out, or lower its lag",
        )


def _impossible_ring(tasks: set[int], waits: Sequence[tuple[int, int, int]]) -> list[int]:
    """Tasks that push each other later without end, the first one again at the end; empty: there are none.

    Bellman and Ford's rounds; a ring shows among the last pushes long before the last round, and is looked
    for after twice as many each time.
    """
    start = dict.fromkeys(tasks, 0)
    pushed: dict[int, int] = {}
    for number in itertools.count(1):
        is_moved = False
        for before, after, wait in waits:
            if start[before] + wait > start[after]:
                start[after], pushed[after] = start[before] + wait, before
                is_moved = True
        if not is_moved:
            break
        ring = _ring(pushed) if number.bit_count() == 1 else []
        if ring:
            return ring
    return []


def _ring(pushed: dict[int, int]) -> list[int]:
    seen: set[int] = set()
    for task in pushed:
        path: list[int] = []
        while task in pushed and task not in seen:
            seen.add(task)
            path.append(task)
            task = pushed[task]
        if task in path:
            return [task, *path[path.index(task) :][::-1]]
    return []


def on_cycles(problem: "SchedulingProblem") -> set[int]:
    """Tasks on a cycle of precedences, or behind one."""
    count = len(problem.tasks)
    order = topological(count, [(row.before, row.after) for row in problem.precedences])
    return set(range(count)) - set(order)


def topological(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """Positions so that each comes after all before it; those on or behind a cycle are left out."""
    successors: dict[int, list[int]] = defaultdict(list)
    waiting = [0] * count
    for before, after in edges:
        successors[before].append(after)
        waiting[after] += 1
    order = [task for task in range(count) if waiting[task] == 0]
    for task in order:
        for after in successors[task]:
            waiting[after] -= 1
            if waiting[after] == 0:
                order.append(after)
    return order
