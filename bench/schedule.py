"""The finite schedule: instalments on time, late days, cost and seconds for factories that many people share.

Every factory is planned in a process of its own: ``python -m bench.schedule ORDERS|NAME SEED [ROUNDS]``
prints the figures of one as JSON.
"""

import argparse
import json
import math
import resource
import statistics
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

from bench.drive_orders import comparison_factory, drive_factory
from bench.figures import Section, processor_seconds
from planning.engine.build import compose_plan
from planning.engine.factory import Factory
from planning.engine.request import DEFAULT_WORK_BUDGET, BuildRequest, Progress, Watch
from planning.engine.verify import violations

SEEDS = (0, 1, 2)
LARGER = (1_000, 10_000)
MOST_GROWTH = 1.3
MOST_MB = 2_048
REMARK = (
    "Default settings, seconds of processor of one process, from the factory to the plan without verification"
    " (the verifier's seconds beside it). Late days count each instalment once; weighted ones are divided by"
    " the order's priority. Larger factories are drawn from the comparison's larger one: stations and stock"
    " grow with the orders. What is sought after the first plan is limited, so the growth is that of the"
    " seconds to the first plan. frePPLe 9.18 with its default settings reaches 67 % and 724 late days for 30"
    " orders, 63 % and 7,254 for 200; it needs 659 s for 1,000 such orders."
)


def measure() -> Section:
    """The comparison factories with several seeds, then larger ones with one."""
    section = Section("schedule", "Finite schedule: comparison factories")
    for name, share, days in (("drive_n30", 96.7, 56), ("drive_n200", 98.0, 128)):
        _tell(section, name, [_child(name, seed) for seed in SEEDS], share, days)
    first: dict[int, float] = {}
    for orders in LARGER:
        found = _child(str(orders), 0)
        first[orders] = found["first_seconds"]
        _tell(section, f"{orders:,} orders", [found], 98.0, 200 if orders == LARGER[0] else None)
        section.check(
            "  memory", f"{found['memory']:.0f} MB", f"under {MOST_MB} MB", found["memory"] < MOST_MB
        )
    growth = math.log(first[LARGER[1]] / first[LARGER[0]]) / math.log(LARGER[1] / LARGER[0])
    section.check(
        "Growth to the first plan: exponent of the orders",
        f"{growth:.2f}",
        f"at most {MOST_GROWTH}",
        growth <= MOST_GROWTH,
    )
    section.remarks.append(REMARK)
    return section


def _tell(section: Section, name: str, found: list[dict[str, Any]], share: float, days: int | None) -> None:
    on_time = [100 * each["on_time"] / each["instalments"] for each in found]
    late = [each["late_days"] for each in found]
    section.check(
        f"{name}: on time", _spread(on_time, "%"), f"at least {share} %", min(on_time) > share - 0.05
    )
    if days is None:
        section.tell("  late days", _spread(late))
    else:
        section.check("  late days", _spread(late), f"at most {days}", max(late) <= days)
    section.tell("  weighted by 1 / priority", _spread([each["weighted"] for each in found]))
    section.tell("  least late days that any plan could have", f"{found[0]['least_late_days']}")
    section.tell("  total cost", _spread([each["cost"] for each in found]))
    section.tell("  seconds of processor", _spread([each["seconds"] for each in found], "s"))
    section.tell("  to the first plan", _spread([each["first_seconds"] for each in found], "s"))
    section.check(
        "  violations found by the verifier",
        f"{max(each['violations'] for each in found)} ({found[0]['verify_seconds']:.1f} s)",
        "0",
        not any(each["violations"] for each in found),
    )
    section.tell("  operations", f"{found[0]['operations']:,}")


def _spread(values: list[float], unit: str = "") -> str:
    middle = statistics.median(values)
    words = f"{middle:,.1f} {unit}".strip()
    return words if len(values) == 1 else f"{words} ({min(values):,.1f} to {max(values):,.1f})"


def _child(what: str, seed: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.schedule", what, str(seed)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(printed.stdout)
    return found


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what")
    parser.add_argument("seed", type=int)
    parser.add_argument("rounds", type=int, nargs="?", default=DEFAULT_WORK_BUDGET)
    options = parser.parse_args()
    factory = drive_factory(int(options.what)) if options.what.isdigit() else comparison_factory(options.what)
    print(json.dumps(figures(factory, options.seed, options.rounds)))


def figures(factory: Factory, seed: int, rounds: int) -> dict[str, Any]:
    """One plan and what it is like."""
    began, told = processor_seconds(), list[tuple[float, Progress]]()
    request = BuildRequest(
        version=1, created_at=datetime(2024, 1, 1, tzinfo=UTC), seed=seed, work_budget=rounds
    )
    plan = compose_plan(
        factory, request, Watch(on_progress=lambda each: told.append((processor_seconds() - began, each)))
    )
    seconds = processor_seconds() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    broken = violations(factory, plan)
    priorities = {(o.ref, line.line): line.priority or 3 for o in factory.sales_orders for line in o.lines}
    first = next(at for at, each in told if each.incumbent_cost is not None)
    return {
        "instalments": len(plan.promises),
        "on_time": sum(row.days_late == 0 for row in plan.promises),
        "late_days": sum(row.days_late for row in plan.promises),
        "weighted": sum(row.days_late / priorities[row.sales_order, row.line] for row in plan.promises),
        "least_late_days": told[-1][1].least_late_days,
        "cost": plan.cost.total,
        "operations": len(plan.operations),
        "rounds": sum(each.stage == "schedule" for _, each in told) - 1,
        "seconds": seconds,
        "first_seconds": first,
        "verify_seconds": processor_seconds() - began - seconds,
        "violations": len(broken),
        "memory": memory,
    }


if __name__ == "__main__":
    _main()
