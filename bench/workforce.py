"""Production and hiring: published optima, and random problems of four sizes, each with its true gap.

``python -m bench.workforce SKILLS PERIODS KIND SEED SECONDS`` prints the figures of one problem as JSON, from
a process of its own: wall and processor seconds contain writing the model.
"""

import json
import sys
from typing import Any, NamedTuple

from bench.figures import Section, Stopwatch
from bench.processes import child
from bench.workforce_data import months, random_problem, weeks
from planning.engine.verify.workforce_plan import workforce_violations
from planning.engine.workforce_plan import SolveOptions, plan_workforce


class Size(NamedTuple):
    """``kind`` of periods: months, or weeks. Targets: gap in per cent, and seconds on two quiet cores."""

    skills: int
    periods: int
    kind: str
    seeds: int
    gap: float
    seconds: float


SIZES = (
    Size(10, 18, "months", 5, 0.1, 1.0),
    Size(20, 18, "months", 5, 0.1, 2.0),
    Size(50, 52, "weeks", 2, 0.15, 30.0),
    Size(200, 60, "months", 1, 0.5, 180.0),
)
GUARD = 10.0  # times the target, by the wall: others share the machine
VERIFIED = 3_000  # skills × periods: plain loops over all families take minutes beyond

REMARK = (
    "The gap is (objective − bound) / objective; the bound is arithmetic on row prices and holds whatever the"
    " solver did. Seconds are of the processor, from the data classes to the plan, writing the model"
    " included; the wall is in brackets. The worst of the seeds is told. The largest size is bounded by a"
    " relaxation with summed rows of hours, and planned in windows."
)


def measure() -> Section:
    """Every size, the worst of its seeds."""
    section = Section("workforce", "Production and hiring decided together")
    for size in SIZES:
        found = [
            child("bench.workforce", *map(str, (size.skills, size.periods, size.kind, seed, size.seconds)))
            for seed in range(1, size.seeds + 1)
        ]
        _tell(section, size, found)
    section.remarks.append(REMARK)
    return section


def _tell(section: Section, size: Size, found: list[dict[str, Any]]) -> None:
    name = f"{size.skills} skills × {size.periods} {size.kind}, {size.seeds} seeds"
    gap, cpu = max(each["gap"] for each in found), max(each["cpu"] for each in found)
    wall = max(each["wall"] for each in found)
    section.check(f"Gap, {name}", f"{gap:.3f} %", f"at most {size.gap} %", gap <= size.gap)
    section.check(
        "  seconds",
        f"{cpu:.2f} s of processor ({wall:.1f} s)",
        f"within {size.seconds:g} s",
        cpu <= size.seconds,
    )
    for seed, each in enumerate(found, start=1):
        section.tell(f"  seed {seed}", f"objective {each['objective']:,.0f}, bound {each['bound']:,.0f}")
    broken = sum(each["violations"] for each in found)
    if size.skills * size.periods <= VERIFIED:
        section.check("  violations found by the verifier", str(broken), "0", broken == 0)


def _main(skills: int, periods: int, kind: str, seed: int, seconds: float) -> None:
    grid = months(periods) if kind == "months" else weeks(periods)
    problem = random_problem(skills, grid, seed)
    with Stopwatch() as watch:
        plan = plan_workforce(problem, SolveOptions(seconds=seconds * GUARD))
    broken = len(workforce_violations(problem, plan)) if skills * periods <= VERIFIED else 0
    found = {
        "gap": 100 * (plan.gap if plan.gap is not None else float("inf")),
        "objective": plan.objective,
        "bound": plan.bound,
        "wall": watch.wall,
        "cpu": watch.cpu,
        "violations": broken,
    }
    print(json.dumps(found))


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5]))
