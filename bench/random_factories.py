"""Small random factories that mix every feature of the format: no plan may break a rule.

``python -m bench.random_factories [--count N] [--first SEED]`` tries others, or more.
"""

import argparse
import sys
from collections import Counter
from datetime import UTC, datetime

from bench.figures import Section, Stopwatch
from planning.engine.build import build_plan
from planning.engine.errors import EngineError
from planning.engine.request import BuildRequest
from tests.engine.random_deep_factories import random_deep_factory
from tests.engine.random_factories import random_factory
from tests.engine.random_shop_factories import random_shop_factory

COUNT = 1_000
MAKERS = (random_factory, random_deep_factory, random_shop_factory)
WORK_BUDGET = 2


def measure(count: int = COUNT, first: int = 0) -> Section:
    """One plan of each factory; with violations, or without a plan, its seed is told. A third of them has
    substitutes, by-products, firm orders, lot rules and fences as well, a third all that an operation can be.
    """
    section = Section("random", "Random factories")
    request = BuildRequest(version=1, created_at=datetime(2024, 1, 1, tzinfo=UTC), work_budget=WORK_BUDGET)
    broken: dict[int, str] = {}
    seen: Counter[str] = Counter()
    with Stopwatch() as watch:
        for seed in range(first, first + count):
            try:
                plan = build_plan(MAKERS[seed % len(MAKERS)](seed), request)
            except EngineError as error:
                broken[seed] = f"{error.code}: {error}"
                continue
            if plan.certificate.violations:
                broken[seed] = ", ".join(sorted({each["rule"] for each in plan.certificate.violations}))
            seen["instalments"] += len(plan.promises)
            seen["operations"] += len(plan.operations)
            seen["that can never be delivered, with the obstacle named"] += sum(
                row.promised is None for row in plan.promises
            )
    section.check(
        "Factories whose plan is missing or breaks a rule", f"{len(broken)} of {count}", "0", not broken
    )
    section.tell("Time", str(watch))
    for name, number in seen.items():
        section.tell(name.capitalize(), str(number))
    section.remarks += [f"Seed {seed}: {words}" for seed, words in broken.items()]
    return section


def main() -> int:
    """Print the figures of the seeds that were asked for."""
    parser = argparse.ArgumentParser(description=measure.__doc__)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    section = measure(options.count, options.first)
    for figure in section.figures:
        print(f"{figure.name}: {figure.measured}")
    print("\n".join(section.remarks))
    return 0 if section.is_met else 1


if __name__ == "__main__":
    sys.exit(main())
