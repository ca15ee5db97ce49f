"""Repair after a breakdown: what moves of a plan when a work centre is down for 48 hours.

Every plan is made in a process of its own: ``python -m bench.repair SEED [ROUNDS]`` prints the figures of one
as JSON.
"""

import argparse
import json
import subprocess
import sys
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bench.drive_orders import drive_factory
from bench.figures import Section, processor_seconds
from planning.engine.build import compose_plan
from planning.engine.factory import CalendarRow, Factory
from planning.engine.kept import base_plan_of
from planning.engine.plan import Plan
from planning.engine.request import DEFAULT_WORK_BUDGET, BasePlan, BuildRequest
from planning.engine.verify import violations

SEEDS = (0, 1, 2, 3, 4)
ORDERS = 7  # 200 to 500 operations
BUDGET = 0.1
MOST_SECONDS = 25.0
REMARK = (
    "Seven orders of the comparison's kind, one station of each kind. The work centre of"
    " most work is closed for two days, from the day on which a quarter of its work is begun; seconds of"
    " processor of one process, without verification. Moved: share of operations that do not have the same"
    " item, step, quantity, station and start as one of the base plan. From scratch: the same factory planned"
    " without the base plan."
)


def measure() -> Section:
    """The same breakdown in several plants, repaired and planned from scratch."""
    section = Section("repair", "Repair: a work centre is down for 48 hours")
    for seed in SEEDS:
        command = [sys.executable, "-m", "bench.repair", str(seed)]
        printed = subprocess.run(command, check=True, capture_output=True, text=True)
        found: dict[str, Any] = json.loads(printed.stdout)
        repair, scratch = found["repair"], found["scratch"]
        section.check(
            f"Plant {seed}: operations moved, of {found['operations']}",
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
    section.remarks.append(REMARK)
    return section


def figures(seed: int, rounds: int) -> dict[str, Any]:
    """A base plan, a breakdown, and the plans after it."""
    factory = drive_factory(ORDERS, seed)
    base = _plan(factory, seed, rounds, None)
    broken = broken_down(factory, base)
    return {
        "operations": len(base.operations),
        "dates": len(base.promises),
        "late_days": _late_days(base),
        "repair": _told(broken, base, seed, rounds, base_plan_of(base)),
        "scratch": _told(broken, base, seed, rounds, None),
    }


def broken_down(factory: Factory, base: Plan, days: int = 2) -> Factory:
    """``factory`` with the busiest work centre closed for so many open days."""
    load = Counter[str]()
    for row in base.operations:
        if row.work_centre is not None:
            load[row.work_centre] += int((row.end - row.start).total_seconds())
    centre = load.most_common(1)[0][0]
    begun = sorted(row.start.date() for row in base.operations if row.work_centre == centre)
    first = begun[len(begun) // 4]
    return closed(factory, centre, first, days)


def closed(factory: Factory, centre: str, first: date, days: int) -> Factory:
    """``factory`` with a calendar of its own for ``centre``, closed from ``first`` on."""
    row = next(each for each in factory.work_centres if each.code == centre)
    usual = next(each for each in factory.calendars if each.code == row.calendar)
    closure = {"from": first, "to": first + timedelta(days=days), "name": "Down"}
    own = usual.model_dump(by_alias=True) | {"code": "DOWN"}
    own["closures"] = [*own["closures"], closure]
    return factory.model_copy(
        update={
            "calendars": (*factory.calendars, CalendarRow.model_validate(own)),
            "work_centres": tuple(
                each.model_copy(update={"calendar": "DOWN"}) if each.code == centre else each
                for each in factory.work_centres
            ),
        }
    )


def _told(factory: Factory, base: Plan, seed: int, rounds: int, kept: BasePlan | None) -> dict[str, Any]:
    began = processor_seconds()
    plan = _plan(factory, seed, rounds, kept)
    seconds = processor_seconds() - began
    before, after = (Counter(map(_place, each.operations)) for each in (base, plan))
    dates = {(row.sales_order, row.line, row.instalment): row.promised for row in base.promises}
    return {
        "moved": 1 - (before & after).total() / before.total(),
        "dates": sum(
            dates[row.sales_order, row.line, row.instalment] != row.promised for row in plan.promises
        ),
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


def _plan(factory: Factory, seed: int, rounds: int, kept: BasePlan | None) -> Plan:
    request = BuildRequest(
        version=1,
        created_at=datetime(2024, 1, 1, tzinfo=UTC),
        seed=seed,
        work_budget=rounds,
        base=kept,
        move_budget=None if kept is None else BUDGET,
    )
    return compose_plan(factory, request)


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("rounds", type=int, nargs="?", default=DEFAULT_WORK_BUDGET)
    options = parser.parse_args()
    print(json.dumps(figures(options.seed, options.rounds)))


if __name__ == "__main__":
    _main()
