"""The instance format: JSON to a problem, and a solution to JSON. ``docs/scheduling.md`` has its keys.

Names of resources, jobs and tasks are whole numbers or texts; as keys of an object they are texts, so that
``3`` and ``"3"`` are one name. What is wrong is told all at once where it can be.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from planning.engine.errors import FactoryIssue
from planning.engine.scheduling.errors import InvalidInstance, refusal
from planning.engine.scheduling.problem import (
    Demand,
    Job,
    Key,
    Mode,
    Objective,
    Precedence,
    Resource,
    ResourceKind,
    SchedulingProblem,
    Setup,
    Task,
)

REQUIRED = ("name", "objective", "resources", "jobs", "tasks", "precedences")
LISTS = ("resources", "jobs", "tasks", "precedences", "setup_times", "calendars")


def read_instance(text: str) -> SchedulingProblem:
    """The problem that ``text`` tells. Raises ``InvalidInstance``."""
    return problem_of(parse_json(text))


def parse_json(text: str) -> dict[str, Any]:
    """``text`` as an object; not a number ever so slightly off JSON."""
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise refusal("/", f"not JSON ({error}); give a file of the instance format") from error
    if not isinstance(document, dict):
        raise refusal("/", f"expected an object, got {_kind(document)}")
    return document


def problem_of(document: Mapping[str, Any]) -> SchedulingProblem:
    """The problem of a parsed file. Raises ``InvalidInstance`` with every issue of the first kind found."""
    return _Reader(document).problem()


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


@dataclass(slots=True)
class _Reader:
    document: Mapping[str, Any]
    issues: list[FactoryIssue] = field(default_factory=list)

    def problem(self) -> SchedulingProblem:
        self._keys()
        self._stop_at_issues()
        resources = tuple(self._resource(f"/resources/{i}", row) for i, row in self._rows("resources"))
        jobs = tuple(self._job(f"/jobs/{i}", row) for i, row in self._rows("jobs"))
        self._stop_at_issues()
        places = {str(each.id): index for index, each in enumerate(resources)}
        owners = {str(each.id): index for index, each in enumerate(jobs)}
        tasks = tuple(self._task(f"/tasks/{i}", row, owners, places) for i, row in self._rows("tasks"))
        self._stop_at_issues()
        names = {str(each.id): index for index, each in enumerate(tasks)}
        precedences = tuple(
            self._precedence(f"/precedences/{i}", row, names) for i, row in self._lines("precedences")
        )
        setups = tuple(
            self._setup(f"/setup_times/{i}", row, names, places) for i, row in self._lines("setup_times")
        )
        self._stop_at_issues()
        return SchedulingProblem(
            name=self.document["name"],
            objective=Objective(self.document["objective"]),
            resources=resources,
            jobs=jobs,
            tasks=tasks,
            precedences=precedences,
            setups=setups,
        )

    def _stop_at_issues(self) -> None:
        if self.issues:
            raise InvalidInstance(self.issues)

    def _wrong(self, path: str, message: str) -> None:
        self.issues.append(FactoryIssue(path=path, message=message))

    def _keys(self) -> None:
        for name in REQUIRED:
            if name not in self.document:
                self._wrong(f"/{name}", "the key is missing; add it")
        for name in LISTS:
            if not isinstance(self.document.get(name, []), list):
                self._wrong(f"/{name}", f"expected a list, got {_kind(self.document[name])}")
        if not isinstance(self.document.get("name", ""), str):
            self._wrong("/name", f"expected a text, got {_kind(self.document['name'])}")
        wanted = self.document.get("objective", Objective.MAKESPAN)
        if wanted not in list(Objective):
            self._wrong("/objective", f"expected {' or '.join(Objective)}, got {wanted!r}")
        if self.document.get("calendars"):
            self._wrong("/calendars", "calendars are not supported; leave the list empty")

    def _rows(self, name: str) -> list[tuple[int, dict[str, Any]]]:
        found = []
        for index, row in enumerate(self.document[name]):
            if isinstance(row, dict):
                found.append((index, row))
            else:
                self._wrong(f"/{name}/{index}", f"expected an object, got {_kind(row)}")
        return found

    def _lines(self, name: str) -> list[tuple[int, list[Any]]]:
        length = {"precedences": 3, "setup_times": 4}[name]
        found = []
        for index, row in enumerate(self.document.get(name, [])):
            if isinstance(row, list) and len(row) == length:
                found.append((index, row))
            else:
                self._wrong(f"/{name}/{index}", f"expected a list of {length} values, got {_kind(row)}")
        return found

    def _resource(self, path: str, row: dict[str, Any]) -> Resource:
        kind = row.get("kind")
        if kind not in list(ResourceKind):
            self._wrong(f"{path}/kind", f"expected {', '.join(ResourceKind)}, got {kind!r}")
            kind = ResourceKind.RENEWABLE
        missing = 1 if kind == ResourceKind.MACHINE else None
        capacity = self._whole(path, row, "capacity", missing)
        return Resource(id=self._id(path, row), kind=ResourceKind(kind), capacity=capacity)

    def _job(self, path: str, row: dict[str, Any]) -> Job:
        return Job(
            id=self._id(path, row),
            release=self._whole(path, row, "release", 0),
            due=None if row.get("due") is None else self._whole(path, row, "due", None),
            weight=self._whole(path, row, "weight", 1),
        )

    def _task(self, path: str, row: dict[str, Any], jobs: dict[str, int], places: dict[str, int]) -> Task:
        modes = row.get("modes")
        if not isinstance(modes, list):
            self._wrong(f"{path}/modes", f"expected a list of modes, got {_kind(modes)}")
            modes = []
        return Task(
            id=self._id(path, row),
            job=self._named(f"{path}/job", row.get("job"), jobs, "job"),
            modes=tuple(self._mode(f"{path}/modes/{i}", mode, places) for i, mode in enumerate(modes)),
        )

    def _mode(self, path: str, row: Any, places: dict[str, int]) -> Mode:
        if not isinstance(row, dict):
            self._wrong(path, f"expected an object, got {_kind(row)}")
            return Mode(duration=0)
        demands = row.get("demands", {})
        if not isinstance(demands, dict):
            self._wrong(f"{path}/demands", f"expected an object, got {_kind(demands)}")
            demands = {}
        return Mode(
            duration=self._whole(path, row, "duration", None),
            demands=tuple(
                Demand(
                    self._named(f"{path}/demands/{name}", name, places, "resource"),
                    self._whole(f"{path}/demands", demands, name, None),
                )
                for name in demands
            ),
        )

    def _precedence(self, path: str, row: list[Any], names: dict[str, int]) -> Precedence:
        before, after = (self._named(f"{path}/{i}", row[i], names, "task") for i in (0, 1))
        return Precedence(before, after, self._number(f"{path}/2", row[2]))

    def _setup(self, path: str, row: list[Any], names: dict[str, int], places: dict[str, int]) -> Setup:
        resource = self._named(f"{path}/0", row[0], places, "resource")
        before, after = (self._named(f"{path}/{i}", row[i], names, "task") for i in (1, 2))
        return Setup(resource, before, after, self._number(f"{path}/3", row[3]))

    def _id(self, path: str, row: dict[str, Any]) -> Key:
        found = row.get("id")
        if isinstance(found, bool) or not isinstance(found, int | str):
            self._wrong(f"{path}/id", f"expected a whole number or a text, got {_kind(found)}")
            return 0
        return found

    def _named(self, path: str, name: Any, places: dict[str, int], kind: str) -> int:
        if isinstance(name, bool) or not isinstance(name, int | str) or str(name) not in places:
            self._wrong(path, f"there is no {kind} {name!r}; add it or mend the name")
            return 0
        return places[str(name)]

    def _whole(self, path: str, row: dict[str, Any], name: str, missing: int | None) -> int:
        if name not in row or (row[name] is None and missing is not None):
            if missing is None:
                self._wrong(f"{path}/{name}", "the key is missing; add it")
            return missing or 0
        return self._number(f"{path}/{name}", row[name])

    def _number(self, path: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            shown = value if isinstance(value, float) else _kind(value)
            self._wrong(path, f"expected a whole number, got {shown}")
            return 0
        return int(value)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "nothing"}
    return names.get(cast("type", type(value)), "a number")
