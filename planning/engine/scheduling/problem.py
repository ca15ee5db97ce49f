"""What is scheduled: tasks in modes on resources, with precedences, and the jobs they belong to.

Times are whole units of one clock that starts at 0; intervals are half-open, so that a task that ends when
another starts does not meet it. Tasks, jobs and resources name each other by position; ``codec`` keeps the
names of a file. Whatever is built is checked, so that nothing downstream looks again.
"""

from dataclasses import dataclass
from enum import StrEnum

type Key = int | str


class ResourceKind(StrEnum):
    """A machine serves one task at a time; a nonrenewable stock is used up over the whole schedule."""

    MACHINE = "machine"
    RENEWABLE = "renewable"
    NONRENEWABLE = "nonrenewable"


class Objective(StrEnum):
    """What is made small: the end of the last task, or the sum of weight × days late over jobs."""

    MAKESPAN = "makespan"
    TARDINESS = "total_weighted_tardiness"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """``capacity`` units, at any moment or, of a nonrenewable one, in all."""

    id: Key
    kind: ResourceKind
    capacity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """No task of it starts before ``release``. It is late when its last task ends after ``due``.

    A job without tasks is never late.
    """

    id: Key
    release: int = 0
    due: int | None = None
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Demand:
    """``amount`` of the resource at position ``resource``, for as long as the task runs."""

    resource: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way in which a task can be done. A mode that no capacity allows is never chosen."""

    duration: int
    demands: tuple[Demand, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Done once, in one of its modes, without a break."""

    id: Key
    job: int
    modes: tuple[Mode, ...]


@dataclass(frozen=True, slots=True)
class Precedence:
    """``after`` starts ``lag`` after the end of ``before`` or later; a negative lag lets them overlap."""

    before: int
    after: int
    lag: int = 0


@dataclass(frozen=True, slots=True)
class Setup:
    """``time`` that passes on ``resource`` where ``after`` follows ``before`` immediately."""

    resource: int
    before: int
    after: int
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulingProblem:
    """Everything that one schedule is made from. Raises ``InvalidInstance`` with everything that is wrong."""

    name: str
    objective: Objective
    resources: tuple[Resource, ...]
    jobs: tuple[Job, ...]
    tasks: tuple[Task, ...]
    precedences: tuple[Precedence, ...] = ()
    setups: tuple[Setup, ...] = ()

    def __post_init__(self) -> None:
        # Imported here: the check looks at this module's types.
        from planning.engine.scheduling.check import check_problem

        check_problem(self)

    def allows(self, mode: Mode) -> bool:
        """Whether the capacities allow the mode by itself."""
        return all(each.amount <= self.resources[each.resource].capacity for each in mode.demands)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Per task, by position: the mode that is chosen, and when it starts."""

    modes: tuple[int, ...]
    starts: tuple[int, ...]


def objective_of(problem: SchedulingProblem, schedule: Schedule) -> int:
    """What ``schedule`` is worth; less is better."""
    ends = [
        start + task.modes[mode].duration
        for task, mode, start in zip(problem.tasks, schedule.modes, schedule.starts, strict=True)
    ]
    if problem.objective is Objective.MAKESPAN:
        return max(ends, default=0)
    finished: dict[int, int] = {}
    for task, end in zip(problem.tasks, ends, strict=True):
        finished[task.job] = max(finished.get(task.job, 0), end)
    return sum(
        job.weight * max(finished[index] - job.due, 0)
        for index, job in enumerate(problem.jobs)
        if job.due is not None and index in finished
    )
