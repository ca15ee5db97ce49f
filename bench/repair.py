"""Repair: what moves of a plan when a work centre is down, a part late, an order in a rush, a person away.

Every plan is made in a process of its own: ``python -m bench.repair SEED [ROUNDS] [--event EVENT]
[--budget BUDGET]`` prints the figures of one as JSON.
"""

import argparse
import json
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from bench.drive_orders import drive_factory
from bench.events import EVENTS
from bench.figures import Section, processor_seconds
from bench.processes import child
from planning.engine.build import compose_plan
from planning.engine.factory import Factory, PurchaseOrderRow, SkillRow
from planning.engine.kept import base_plan_of
from planning.engine.plan import Plan
from planning.engine.request import DEFAULT_WORK_BUDGET, BasePlan, BuildRequest
from planning.engine.verify import violations

Told = dict[str, Any]

SEEDS = (0, 1, 2, 3, 4)
ORDERS = 7  # 200 to 500 operations
CREW, CREW_HEADS = "CREW", 2
ORDERED = 10  # purchases
BUDGET = 0.1
BUDGETS = {"a tenth": BUDGET, "nothing": 0.0, "all": None}  # of the operations may move
MOST_SECONDS = 25.0
REMARK = (
    "Seven orders of the comparison's kind, one station of each kind, two people for the work of half of the"
    " work centres, the first purchases ordered. The work centre of most work is down for 48 hours from when"
    " a quarter of its work is begun; the purchase order of most lots comes two weeks after the first of them"
    " takes of it, and new ones no earlier; one more"
    " unit is wanted in three weeks; one of two people is away for two weeks. Seconds of processor of one"
    " process, without verification. Moved: share of operations that do not have the same item, step,"
    " quantity, station and start as one of the base plan. From scratch: the same factory planned without the"
    " base plan."
)


def measure() -> Section:
    """The same breakdown in several plants, repaired and planned from scratch; all four events in one."""
    section = Section("repair", "Repair: a breakdown, a late part, a rush order, an absence")
    for seed in SEEDS:
        found = child("bench.repair", str(seed))
        _check(section, f"Plant {seed}, breakdown", found)
    for event in EVENTS:
        for name, budget in BUDGETS.items():
            if event == "breakdown" and budget == BUDGET:
                continue
            found = child("bench.repair", str(SEEDS[0]), "--event", event, "--budget", name)
            if budget == BUDGET:
                _check(section, f"Plant {SEEDS[0]}, {event}", found)
            else:
                repair = found["repair"]
                section.tell(
                    f"Plant {SEEDS[0]}, {event}, {name} may move: moved",
                    f"{100 * repair['moved']:.1f} %, {repair['late_days']} late days",
                )
    section.remarks.append(REMARK)
    return section


def _check(section: Section, title: str, found: Told) -> None:
    repair, scratch = found["repair"], found["scratch"]
    section.check(
        f"{title}: operations moved, of {found['operations']}",
        f"{100 * repair['moved']:.1f} % (from scratch {100 * scratch['moved']:.1f} %)",
        f"at most {100 * BUDGET:.0f} %",
        repair["moved"] <= BUDGET,
    )
    section.check(
        "  late days",
        f"{repair['late_days']} (before {found['late_days']}, from scratch {scratch['late_days']})",
        "no more than from scratch",
        repair["late_days"] <= scratch["late_days"],
    )
    section.tell(
        f"  dates moved, of {found['dates']}", f"{repair['dates']} (from scratch {scratch['dates']})"
    )
    section.check(
        "  seconds of processor",
        f"{repair['seconds']:.1f} s",
        f"at most {MOST_SECONDS:.0f} s",
        repair["seconds"] <= MOST_SECONDS,
    )
    section.check(
        "  violations found by the verifier", str(repair["violations"]), "0", not repair["violations"]
    )
    section.remarks += [f"{title}: {text}" for text in repair["told"]]


def figures(seed: int, rounds: int, event: str, budget: float | None) -> Told:
    """A base plan, what happens to it, and the plans after it."""
    factory, base = published(seed, rounds)
    changed = EVENTS[event](factory, base)
    return {
        "operations": len(base.operations),
        "dates": len(base.promises),
        "late_days": _late_days(base),
        "repair": _told(changed, base, seed, rounds, base_plan_of(base), budget),
        "scratch": _told(changed, base, seed, rounds, None, None),
    }


def published(seed: int, rounds: int) -> tuple[Factory, Plan]:
    """A plant with people at its busiest work centres, whose first purchases are ordered; and its plan."""
    factory = drive_factory(ORDERS, seed)
    crew = SkillRow(code=CREW, headcount=CREW_HEADS, can_hire=False)
    worked = Counter(row.work_centre for rows in factory.routings.values() for row in rows)
    manned = {code for code, _ in worked.most_common(2 * CREW_HEADS)}
    routings = {
        item: tuple(
            row.model_copy(update={"skill": CREW}) if row.work_centre in manned else row for row in rows
        )
        for item, rows in factory.routings.items()
    }
    factory = factory.model_copy(update={"skills": (crew,), "routings": routings})
    plan = _plan(factory, seed, 1, None, None)
    bought = [row for row in plan.planned_orders if row.kind == "buy" and row.supplier is not None]
    orders = tuple(
        PurchaseOrderRow(
            ref=f"PO-{number}", supplier=row.supplier or "", item=row.item, qty=row.qty, due=row.due
        )
        for number, row in enumerate(sorted(bought, key=lambda row: row.release)[:ORDERED], start=1)
    )
    factory = factory.model_copy(update={"purchase_orders": orders})
    return factory, _plan(factory, seed, rounds, None, None)


def _told(
    factory: Factory, base: Plan, seed: int, rounds: int, kept: BasePlan | None, budget: float | None
) -> Told:
    began = processor_seconds()
    plan = _plan(factory, seed, rounds, kept, budget)
    seconds = processor_seconds() - began
    before, after = (Counter(map(_place, each.operations)) for each in (base, plan))
    dates = {(row.sales_order, row.line, row.instalment): row.promised for row in base.promises}
    keys = ((row, (row.sales_order, row.line, row.instalment)) for row in plan.promises)
    return {
        "moved": 1 - (before & after).total() / before.total(),
        "dates": sum(key in dates and dates[key] != row.promised for row, key in keys),
        "late_days": _late_days(plan),
        "cost": plan.cost.total,
        "seconds": seconds,
        "violations": len(violations(factory, plan)),
        "told": [row.text for row in plan.exceptions if row.code == "PLAN_REPAIRED"],
    }


def _place(row: Any) -> tuple[Any, ...]:
    return row.item, row.seq, row.qty, row.work_centre, row.station, row.start


def _late_days(plan: Plan) -> int:
    return sum(row.days_late for row in plan.promises)


def _plan(factory: Factory, seed: int, rounds: int, kept: BasePlan | None, budget: float | None) -> Plan:
    request = BuildRequest(
        version=1,
        created_at=datetime(2024, 1, 1, tzinfo=UTC),
        seed=seed,
        work_budget=rounds,
        base=kept,
        move_budget=budget,
    )
    return compose_plan(factory, request)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("rounds", type=int, nargs="?", default=DEFAULT_WORK_BUDGET)
    parser.add_argument("--event", choices=EVENTS, default="breakdown")
    parser.add_argument("--budget", choices=BUDGETS, default="a tenth")
    options = parser.parse_args()
    print(json.dumps(figures(options.seed, options.rounds, options.event, BUDGETS[options.budget])))


if __name__ == "__main__":
    _main()
