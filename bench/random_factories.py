"""Small random factories that mix every feature of the format: no plan may break a rule.

``python -m bench.random_factories [--count N] [--first SEED]`` tries others, or more.
"""

import argparse
import sys
from collections import Counter
from datetime import UTC, datetime

from bench.events import EVENTS
from bench.figures import Section, Stopwatch
from planning.engine.build import build_plan
from planning.engine.errors import EngineError
from planning.engine.factory import Factory
from planning.engine.factory_check import check_factory
from planning.engine.kept import base_plan_of
from planning.engine.plan import Plan
from planning.engine.request import BasePlan, BuildRequest
from tests.engine.exhaustive_shop import best_plan
from tests.engine.random_deep_factories import random_deep_factory
from tests.engine.random_factories import random_factory
from tests.engine.random_shop_factories import random_shop_factory, random_shop_with_events
from tests.engine.random_tiny_shops import random_tiny_shop

COUNT = 1_000
TINY = 100  # shops small enough to try every order of operations
TINY_ROUNDS = 60
MAKERS = (random_factory, random_deep_factory, random_shop_factory, random_shop_with_events)
WORK_BUDGET = 2


def measure(count: int = COUNT, first: int = 0) -> Section:
    """One plan of each factory, and its repair after something happened; with violations, or without a plan,
    its seed is told. A quarter of them has substitutes, by-products, firm orders, lot rules and fences as
    well, a half all that an operation can be, and half of these downtimes, absences and pins.
    """
    section = Section("random", "Random factories")
    broken: dict[int, str] = {}
    seen: Counter[str] = Counter()
    with Stopwatch() as watch:
        for seed in range(first, first + count):
            try:
                broken |= _tried(seed, seen)
            except EngineError as error:
                broken[seed] = f"{error.code}: {error}"
    section.check(
        "Factories whose plan is missing or breaks a rule", f"{len(broken)} of {count}", "0", not broken
    )
    section.tell("Time", str(watch))
    _compare_with_the_best(section, range(first, first + min(TINY, count)))
    for name, number in seen.items():
        section.tell(name.capitalize(), str(number))
    section.remarks += [f"Seed {seed}: {words}" for seed, words in broken.items()]
    return section


def _compare_with_the_best(section: Section, seeds: range) -> None:
    """Tiny shops with all that an operation can be, against every order of their operations."""
    equal, late, least = 0, 0.0, 0.0
    for seed in seeds:
        factory = random_tiny_shop(seed)
        plan, best = (
            build_plan(factory, _request(rounds=TINY_ROUNDS)).cost.lateness,
            best_plan(factory).lateness,
        )
        equal += abs(plan - best) < 1e-6
        late, least = late + plan, least + best
        if plan < best - 1e-6:
            section.remarks.append(f"Tiny shop {seed}: {plan:g}, the best was thought to be {best:g}")
    section.check(
        "Shops of up to eight operations whose plan is as little late as the best there is",
        f"{equal} of {len(seeds)}",
        "at least 95 %",
        equal >= 0.95 * len(seeds),
    )
    section.tell(
        "  lateness of all of them, beyond that of the best", f"{100 * (late / max(least, 1e-9) - 1):.2f} %"
    )


def _tried(seed: int, seen: Counter[str]) -> dict[int, str]:
    """The rules that plans of this seed break."""
    factory = MAKERS[seed % len(MAKERS)](seed)
    plan = build_plan(factory, _request())
    plans = [plan, *_repaired(factory, plan, seed)]
    seen["instalments"] += len(plan.promises)
    seen["operations"] += len(plan.operations)
    seen["that can never be delivered, with the obstacle named"] += sum(
        row.promised is None for row in plan.promises
    )
    seen["repairs after a breakdown, a late part, a rush order or an absence"] += len(plans) - 1
    rules = sorted({each["rule"] for row in plans for each in row.certificate.violations})
    return {seed: ", ".join(rules)} if rules else {}


def _repaired(factory: Factory, plan: Plan, seed: int) -> list[Plan]:
    """The repair after the event of this seed, where it can happen in this factory."""
    happen = list(EVENTS.values())[seed // len(MAKERS) % len(EVENTS)]
    changed = happen(factory, plan)
    if changed == factory or check_factory(changed):
        return []
    budget = (0.1, 0.0, None)[seed % 3]
    return [build_plan(changed, _request(base=base_plan_of(plan), move_budget=budget))]


def _request(
    base: BasePlan | None = None, move_budget: float | None = None, rounds: int = WORK_BUDGET
) -> BuildRequest:
    return BuildRequest(
        version=1,
        created_at=datetime(2024, 1, 1, tzinfo=UTC),
        work_budget=rounds,
        base=base,
        move_budget=move_budget,
    )


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
