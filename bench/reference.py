"""PyJobShop on an instance of ``docs/scheduling.md``: what others reach in the same time.

``python -m bench.reference FILE SEED SECONDS WORKERS`` solves one and prints JSON. PyJobShop is a model of
constraints for CP-SAT (Lan and Berkhout 2025); it is installed for measurements alone.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from pyjobshop import Model, Solution
from pyjobshop.ProblemData import Machine

type Document = dict[str, Any]


def main() -> None:
    """Solve, and print the rows of the schedule; null: none was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("seed", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("workers", type=int)
    options = parser.parse_args()
    document = json.loads(options.file.read_text(encoding="utf-8"))
    translation = Translation(document)
    result = translation.model.solve(
        time_limit=options.seconds, display=False, num_workers=options.workers, random_seed=options.seed
    )
    is_found = result.status.value in ("Optimal", "Feasible")
    rows = translation.rows(result.best) if is_found else None
    print(json.dumps({"schedule": rows, "status": result.status.value}))


class Translation:
    """An instance as a model of PyJobShop, and ``modes`` as it numbers them."""

    def __init__(self, document: Document) -> None:
        self.document, self.model = document, Model()
        self.modes: list[tuple[Any, int]] = []
        self.with_setups = {str(row[0]) for row in document.get("setup_times", [])}
        self.resources = {str(each["id"]): self._resource(each) for each in document["resources"]}
        self.capacity = {str(each["id"]): _or(each.get("capacity"), 1) for each in document["resources"]}
        used = {str(task["job"]) for task in document["tasks"]}
        self.jobs = {str(each["id"]): self._job(each) for each in document["jobs"] if str(each["id"]) in used}
        self.tasks = {str(each["id"]): self._task(each) for each in document["tasks"]}
        for before, after, lag in document["precedences"]:
            self.model.add_end_before_start(self.tasks[str(before)], self.tasks[str(after)], delay=lag)
        for resource, before, after, time in document.get("setup_times", []):
            self.model.add_setup_time(
                self.resources[str(resource)], self.tasks[str(before)], self.tasks[str(after)], time
            )
        if document["objective"] == "makespan":
            self.model.set_objective(weight_makespan=1)
        else:
            self.model.set_objective(weight_total_tardiness=1)

    def rows(self, solution: Solution) -> list[list[Any]]:
        """The schedule as the instance format has it."""
        found = []
        for each in solution.tasks:
            name, number = self.modes[each.mode]
            found.append([name, number, int(each.start)])
        return found

    def _resource(self, row: Document) -> Any:
        capacity = _or(row.get("capacity"), 1)
        if row["kind"] == "nonrenewable":
            return self.model.add_consumable(capacity)
        # Setups are for its machines alone.
        if row["kind"] == "machine" or str(row["id"]) in self.with_setups:
            return self.model.add_machine()
        return self.model.add_renewable(capacity)

    def _job(self, row: Document) -> Any:
        is_due = row.get("due") is not None
        return self.model.add_job(
            weight=_or(row.get("weight"), 1) if is_due else 0,
            release_date=_or(row.get("release"), 0),
            due_date=row["due"] if is_due else 0,
        )

    def _task(self, row: Document) -> Any:
        task = self.model.add_task(self.jobs[str(row["job"])])
        for number, mode in enumerate(row["modes"]):
            demands = {name: amount for name, amount in mode.get("demands", {}).items() if amount > 0}
            if any(amount > self.capacity[name] for name, amount in demands.items()):
                continue
            uses = [(self.resources[name], amount) for name, amount in demands.items()]
            # A machine serves one task at a time, without an amount.
            amounts = [0 if isinstance(resource, Machine) else amount for resource, amount in uses]
            self.model.add_mode(task, [resource for resource, _ in uses], mode["duration"], amounts)
            self.modes.append((row["id"], number))
        return task


def _or(value: int | None, missing: int) -> int:
    return missing if value is None else value


if __name__ == "__main__":
    main()
