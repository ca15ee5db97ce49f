"""Whether a solution of a scheduling instance holds, from both documents alone, in plain loops.

It shares no code with the solver, nor its reading of the file. Cost: O(rows²) per resource with setups, else
about linear. What makes the rows unreadable is told, and nothing more is looked at.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from planning.engine.verify.violation import Violation

type Document = Mapping[str, Any]
type Found = Iterator[tuple[str, str]]


class Placed:
    """The rows of a solution beside the tasks that they are about."""

    def __init__(self, instance: Document, schedule: Sequence[Sequence[int]]) -> None:
        self.instance = instance
        self.tasks = {str(task["id"]): task for task in instance["tasks"]}
        self.jobs = {str(job["id"]): job for job in instance["jobs"]}
        self.mode, self.start, self.end = {}, {}, {}
        for name, mode, start in schedule:
            chosen = self.tasks[str(name)]["modes"][mode]
            self.mode[str(name)] = chosen
            self.start[str(name)], self.end[str(name)] = start, start + chosen["duration"]

    def users(self, resource: str) -> list[tuple[int, int, int, str]]:
        """Start, end, amount and task of all that demand ``resource``."""
        return sorted(
            (self.start[name], self.end[name], mode["demands"][resource], name)
            for name, mode in self.mode.items()
            if mode.get("demands", {}).get(resource)
        )


def unreadable(instance: Document, schedule: Any) -> Found:
    """Every task is there once, in a mode that it has, at a whole time from 0 on."""
    if not isinstance(schedule, list):
        yield "schedule", "it is no list"
        return
    modes = {str(task["id"]): len(task["modes"]) for task in instance["tasks"]}
    seen: set[str] = set()
    for row in schedule:
        if not isinstance(row, list | tuple) or len(row) != 3 or str(row[0]) not in modes:
            yield str(row), "it is no [task, mode, start] of a task of the instance"
            continue
        name, mode, start = str(row[0]), row[1], row[2]
        if any(isinstance(each, bool) or not isinstance(each, int) for each in (mode, start)):
            yield name, "mode and start must be whole numbers"
        elif not 0 <= mode < modes[name]:
            yield name, f"it has no mode {mode}"
        elif start < 0:
            yield name, f"it starts at {start}, before 0"
        if name in seen:
            yield name, "it is there twice"
        seen.add(name)
    for name in sorted(set(modes) - seen):
        yield name, "it is missing"


def released(placed: Placed) -> Found:
    """No task starts before its job is released."""
    for name, start in placed.start.items():
        release = placed.jobs[str(placed.tasks[name]["job"])].get("release") or 0
        if start < release:
            yield name, f"it starts at {start}, its job is released at {release}"


def in_sequence(placed: Placed) -> Found:
    """A task starts at the earliest when each that it waits for has ended, and the lag is over."""
    for before, after, lag in placed.instance["precedences"]:
        earliest = placed.end[str(before)] + lag
        if placed.start[str(after)] < earliest:
            yield (
                str(after),
                f"it starts at {placed.start[str(after)]}; after {before}, it may from {earliest} on",
            )


def within_capacity(placed: Placed) -> Found:
    """At no moment is more of a renewable resource taken than there is."""
    for resource in placed.instance["resources"]:
        if resource["kind"] == "nonrenewable":
            continue
        capacity = 1 if resource.get("capacity") is None else resource["capacity"]
        changes: dict[int, int] = defaultdict(int)
        for start, end, amount, _ in placed.users(str(resource["id"])):
            changes[start] += amount
            changes[end] -= amount
        taken = 0
        for moment in sorted(changes):
            taken += changes[moment]
            if taken > capacity:
                yield str(resource["id"]), f"{taken} are taken at {moment}, there are {capacity}"
                break


def without_overlap(placed: Placed) -> Found:
    """A task without duration finds its units beside the tasks that run both before and after it."""
    for resource in placed.instance["resources"]:
        if resource["kind"] == "nonrenewable":
            continue
        capacity = 1 if resource.get("capacity") is None else resource["capacity"]
        rows = placed.users(str(resource["id"]))
        for moment, end, amount, name in rows:
            if end == moment:
                around = sum(taken for first, last, taken, _ in rows if first < moment < last)
                if around + amount > capacity:
                    yield name, f"it needs {amount} of {resource['id']} at {moment}, where {around} are taken"


def within_stock(placed: Placed) -> Found:
    """Of a nonrenewable resource, no more is taken in all than there is."""
    for resource in placed.instance["resources"]:
        if resource["kind"] == "nonrenewable":
            taken = sum(amount for _, _, amount, _ in placed.users(str(resource["id"])))
            if taken > resource["capacity"]:
                yield str(resource["id"]), f"{taken} are taken in all, there are {resource['capacity']}"


def set_up(placed: Placed) -> Found:
    """Where a task follows another on a resource, the setup between them has its time."""
    setups: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for resource, before, after, time in placed.instance.get("setup_times", []):
        setups[str(resource)][str(before), str(after)] = time
    for resource, times in setups.items():
        rows = placed.users(resource)
        for (_, end, _, before), (start, _, _, after) in pairwise(rows):
            time = times.get((before, after), 0)
            if start < end + time:
                yield after, f"it starts at {start} on {resource}, {time} of setup after {before} end later"


RULES: tuple[Callable[[Placed], Found], ...] = (
    released,
    in_sequence,
    within_capacity,
    without_overlap,
    within_stock,
    set_up,
)


def instance_violations(instance: Document, schedule: Any) -> list[Violation]:
    """Every rule that ``schedule``, a list of [task, mode, start], breaks; empty for one that holds."""
    found = [("unreadable", entity, text) for entity, text in unreadable(instance, schedule)]
    if not found:
        placed = Placed(instance, schedule)
        found = [(rule.__name__, entity, text) for rule in RULES for entity, text in rule(placed)]
    return [Violation(rule=rule, entity=entity, text=text) for rule, entity, text in found]


def instance_objective(instance: Document, schedule: Sequence[Sequence[int]]) -> int:
    """What a schedule without violations is worth."""
    placed = Placed(instance, schedule)
    if instance["objective"] == "makespan":
        return max(placed.end.values(), default=0)
    ends: dict[str, list[int]] = defaultdict(list)
    for task, row in placed.tasks.items():
        ends[str(row["job"])].append(placed.end[task])
    worth = 0
    for name, job in placed.jobs.items():
        if ends[name] and job.get("due") is not None:
            weight = 1 if job.get("weight") is None else job["weight"]
            worth += weight * max(0, max(ends[name]) - job["due"])
    return worth
