"""The problem as a constraint program, for CP-SAT: whole, hinted, or bound to part of a known schedule.

Sources: Laborie et al. 2018 (interval variables with alternatives); the circuit over the tasks of a machine
carries its setups. Where a machine with setups has more than ``MOST_IN_CIRCUIT`` tasks, or tasks without
duration meet more than ``MOST_PASSINGS`` others, the model is a relaxation (``is_exact`` false): its bounds
hold, its schedules do not.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from ortools.sat.python import cp_model

from planning.engine.scheduling.check import latest_end
from planning.engine.scheduling.problem import (
    Mode,
    Objective,
    ResourceKind,
    Schedule,
    SchedulingProblem,
    objective_of,
)

MOST_IN_CIRCUIT = 80
MOST_PASSINGS = 20_000  # pairs of a task without duration and another on a resource of several units


def is_exact(problem: SchedulingProblem) -> bool:
    """Whether the model is small enough to tell the whole problem."""
    users = [set[int]() for _ in problem.resources]
    moments, passings = [0] * len(problem.resources), [0] * len(problem.resources)
    for index, task in enumerate(problem.tasks):
        for mode in task.modes:
            for demand in mode.demands:
                if demand.amount > 0 and problem.allows(mode):
                    users[demand.resource].add(index)
                    moments[demand.resource] += mode.duration == 0
                    passings[demand.resource] += mode.duration > 0
    with_setups = {row.resource for row in problem.setups}
    return all(
        (index not in with_setups or len(users[index]) <= MOST_IN_CIRCUIT)
        and (resource.capacity == 1 or moments[index] * passings[index] <= MOST_PASSINGS)
        for index, resource in enumerate(problem.resources)
        if resource.kind is not ResourceKind.NONRENEWABLE
    )


@dataclass(slots=True)
class Variables:
    """Per task: its start, its end, and the literals of its modes by position (True where there is one)."""

    start: list[Any] = field(default_factory=list)
    end: list[Any] = field(default_factory=list)
    chosen: list[dict[int, Any]] = field(default_factory=list)
    objective: Any = None
    uses: dict[int, list[tuple[int, Any, Any, int]]] = field(default_factory=lambda: defaultdict(list))
    moments: dict[int, list[tuple[int, Any, Any, int]]] = field(default_factory=lambda: defaultdict(list))
    stock: dict[int, list[tuple[Any, int]]] = field(default_factory=lambda: defaultdict(list))
    follows: dict[tuple[int, int, int], Any] = field(default_factory=dict)


class Model:
    """One problem as a model. ``hint``, ``below``, ``keep_…`` add to it; make a new one to take them back."""

    def __init__(self, problem: SchedulingProblem) -> None:
        self.problem = problem
        self.model = cp_model.CpModel()
        self.variables = Variables()
        self.horizon = latest_end(problem)
        self.is_exact = is_exact(problem)
        self.setups: dict[int, dict[tuple[int, int], int]] = defaultdict(dict)
        for each in problem.setups:
            self.setups[each.resource][each.before, each.after] = each.time
        for task in range(len(problem.tasks)):
            self._task(task)
        for row in problem.precedences:
            end, start = self.variables.end[row.before], self.variables.start[row.after]
            self.model.add(start >= end + row.lag)
        for resource in range(len(problem.resources)):
            self._resource(resource)
        self._objective()

    def below(self, worth: int) -> None:
        """Only schedules that are better than ``worth``."""
        self.model.add(self.variables.objective < worth)

    def at_least(self, bound: int) -> None:
        """What is known from elsewhere."""
        self.model.add(self.variables.objective >= bound)

    def hint(self, schedule: Schedule) -> None:
        """Tell the search of a schedule that holds."""
        for task, (mode, start) in enumerate(zip(schedule.modes, schedule.starts, strict=True)):
            self.model.add_hint(self.variables.start[task], start)
            for number, literal in self.variables.chosen[task].items():
                if literal is not True:
                    self.model.add_hint(literal, number == mode)
        self.model.add_hint(self.variables.objective, objective_of(self.problem, schedule))

    def keep_mode(self, task: int, mode: int) -> None:
        literal = self.variables.chosen[task][mode]
        if literal is not True:
            self.model.add(literal == 1)

    def keep_order(self, before: int, after: int) -> None:
        """``after`` starts when ``before`` has ended."""
        self.model.add(self.variables.start[after] >= self.variables.end[before])

    def schedule(self, solver: cp_model.CpSolver | cp_model.CpSolverSolutionCallback) -> Schedule:
        """What the solver found."""
        is_set = solver.boolean_value
        modes = [
            next(number for number, literal in chosen.items() if literal is True or is_set(literal))
            for chosen in self.variables.chosen
        ]
        return Schedule(tuple(modes), tuple(solver.value(start) for start in self.variables.start))

    def _task(self, index: int) -> None:
        task, variables, model = self.problem.tasks[index], self.variables, self.model
        allowed = {number: mode for number, mode in enumerate(task.modes) if self.problem.allows(mode)}
        release = self.problem.jobs[task.job].release
        start = model.new_int_var(release, self.horizon, "")
        variables.start.append(start)
        if len(allowed) == 1:
            ((number, mode),) = allowed.items()
            variables.chosen.append({number: True})
            variables.end.append(start + mode.duration)
            interval = model.new_fixed_size_interval_var(start, mode.duration, "")
            self._use(index, mode, True, interval)
            return
        literals = {number: model.new_bool_var("") for number in allowed}
        variables.chosen.append(dict(literals))
        model.add_exactly_one(literals.values())
        durations = {mode.duration for mode in allowed.values()}
        if len(durations) == 1:
            variables.end.append(start + durations.pop())
        else:
            end = model.new_int_var(release, self.horizon, "")
            spans = sum(literals[number] * mode.duration for number, mode in allowed.items())
            model.add(end == start + spans)
            variables.end.append(end)
        for number, mode in allowed.items():
            literal = literals[number]
            interval = model.new_optional_fixed_size_interval_var(start, mode.duration, literal, "")
            self._use(index, mode, literal, interval)

    def _use(self, task: int, mode: Mode, literal: Any, interval: Any) -> None:
        for demand in mode.demands:
            if self.problem.resources[demand.resource].kind is ResourceKind.NONRENEWABLE:
                self.variables.stock[demand.resource].append((literal, demand.amount))
            elif demand.amount > 0:
                kind = self.variables.uses if mode.duration > 0 else self.variables.moments
                kind[demand.resource].append((task, literal, interval, demand.amount))

    def _resource(self, index: int) -> None:
        resource = self.problem.resources[index]
        if resource.kind is ResourceKind.NONRENEWABLE:
            terms = self.variables.stock[index]
            fixed = sum(amount for literal, amount in terms if literal is True)
            open_terms = [literal * amount for literal, amount in terms if literal is not True]
            self.model.add(sum(open_terms) + fixed <= resource.capacity)
            return
        uses = self.variables.uses[index]
        intervals = [interval for _, _, interval, _ in uses]
        if resource.capacity == 1:
            # CP-SAT lets no interval without size lie within another.
            moments = [interval for _, _, interval, _ in self.variables.moments[index]]
            self.model.add_no_overlap(intervals + moments)
        elif uses:
            self.model.add_cumulative(intervals, [amount for *_, amount in uses], resource.capacity)
            self._moments(index)
        if index in self.setups:
            self._setups(index, self.setups[index])

    def _moments(self, index: int) -> None:
        """A task without duration needs its units beside those of the tasks that run before and after it.

        The cumulative constraint passes over intervals without size.
        """
        model, variables = self.model, self.variables
        moments, uses = variables.moments[index], variables.uses[index]
        if len(moments) * len(uses) > MOST_PASSINGS:
            return
        for task, literal, _, amount in moments:
            taken = []
            for other, other_literal, _, other_amount in uses:
                if other == task:
                    continue
                before, after, around = (model.new_bool_var("") for _ in range(3))
                model.add(variables.end[other] <= variables.start[task]).only_enforce_if(before)
                model.add(variables.start[other] >= variables.start[task]).only_enforce_if(after)
                present = [each for each in (literal, other_literal) if each is not True]
                model.add_bool_or(before, after, around, *(~each for each in present))
                taken.append(around * other_amount)
            model.add(
                sum(taken) + amount * (1 if literal is True else literal)
                <= self.problem.resources[index].capacity
            )

    def _setups(self, index: int, setups: dict[tuple[int, int], int]) -> None:
        """A circuit through the tasks that use the machine; node 0 is its idle end and beginning."""
        groups: dict[int, list[Any]] = defaultdict(list)
        for task, literal, _, _ in self.variables.uses[index]:
            groups[task].append(literal)
        tasks = list(groups)
        if len(tasks) > MOST_IN_CIRCUIT:
            return
        model, variables = self.model, self.variables
        arcs: list[tuple[int, int, Any]] = [(0, 0, model.new_bool_var(""))]
        for place, task in enumerate(tasks, start=1):
            arcs += [(0, place, model.new_bool_var("")), (place, 0, model.new_bool_var(""))]
            if not any(literal is True for literal in groups[task]):
                is_away = model.new_bool_var("")
                model.add(sum(groups[task]) + is_away == 1)
                arcs.append((place, place, is_away))
            for other_place, other in enumerate(tasks, start=1):
                if other_place == place:
                    continue
                literal = model.new_bool_var("")
                wait = setups.get((task, other), 0)
                model.add(variables.start[other] >= variables.end[task] + wait).only_enforce_if(literal)
                arcs.append((place, other_place, literal))
                variables.follows[index, task, other] = literal
        model.add_circuit(arcs)

    def _objective(self) -> None:
        problem, variables, model = self.problem, self.variables, self.model
        if problem.objective is Objective.MAKESPAN:
            variables.objective = model.new_int_var(0, self.horizon, "")
            for end in variables.end:
                model.add(variables.objective >= end)
        else:
            terms, most = [], 0
            tasks_of: dict[int, list[int]] = defaultdict(list)
            for task, each in enumerate(problem.tasks):
                tasks_of[each.job].append(task)
            for index, job in enumerate(problem.jobs):
                members = tasks_of[index]
                if job.due is None or job.weight == 0 or not members:
                    continue
                latest = max(self.horizon - job.due, 0)
                late = model.new_int_var(0, latest, "")
                most += latest * job.weight
                for task in members:
                    model.add(late >= variables.end[task] - job.due)
                terms.append((late, job.weight))
            variables.objective = model.new_int_var(0, most, "")
            model.add(variables.objective == sum(late * weight for late, weight in terms))
        model.minimize(variables.objective)
