"""What if: peaks of the example factory's aggregate plan in four cases, beside an independent model's."""

import json
from collections.abc import Callable
from typing import Any

from bench.figures import Section, Stopwatch
from bench.surroundings import BALQON
from planning.engine.aggregate import AggregateOptions, AggregatePlan, plan_aggregate
from planning.engine.factory_codec import read_factory, resolve
from planning.engine.headcount import count_people
from planning.engine.shop import Shop, compile_shop

LARGE_ORDER = "SO-2011-001"


def _large_order_alone(document: dict[str, Any]) -> None:
    document["sales_orders"] = [row for row in document["sales_orders"] if row["ref"] == LARGE_ORDER]


def _hours_times(factor: float) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        for steps in document["routings"].values():
            for step in steps:
                for key in ("setup_h", "run_h"):
                    if key in step:
                        step[key] = round(step[key] * factor, 6)

    return change


def _layoffs_allowed(document: dict[str, Any]) -> None:
    document["staffing"]["can_lay_off"] = True


CASES: tuple[tuple[str, Callable[[dict[str, Any]], None], int], ...] = (
    ("The 300 units alone", _large_order_alone, 122),
    ("Hours × 1.3", _hours_times(1.3), 179),
    ("Layoffs allowed", _layoffs_allowed, 148),
    ("Motor and gearbox bought in (hours × 0.35)", _hours_times(0.35), 85),
)

REMARK = (
    "Peaks of the aggregate plan, before the detailed schedule. The independent model's are a comparison and"
    " no target: hours can also be met by overtime, or late."
)


def measure() -> Section:
    """The four cases, one after the other."""
    section = Section("what_if", "What if: people at the peak of the aggregate plan")
    for name, change, reference in CASES:
        document = json.loads(BALQON.read_text(encoding="utf-8"))
        change(document)
        shop = compile_shop(resolve(read_factory(json.dumps(document))))
        with Stopwatch() as watch:
            plan = plan_aggregate(shop, AggregateOptions())
        section.tell(name, f"{_peak(shop, plan):.0f} (independent model: {reference})")
        section.tell("  gap, seconds", f"{_gap(plan)}, {watch}")
    section.remarks.append(REMARK)
    return section


def _peak(shop: Shop, plan: AggregatePlan) -> float:
    heads = [
        count_people(skill, plan.hires[skill.index], plan.layoffs[skill.index])[0] for skill in shop.skills
    ]
    return max(map(sum, zip(*heads, strict=True)))


def _gap(plan: AggregatePlan) -> str:
    solved = plan.solved
    if solved.bound is None:
        return "no bound"
    return f"{100 * (solved.objective - solved.bound) / abs(solved.objective):.2f} %"
