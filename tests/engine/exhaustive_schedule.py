"""Tiny shops whose best schedule is known, since every order of their operations is tried.

Up to four orders of one unit, two operations each, on two stations that never close. Every feasible sequence
of operations, each as early as the ones before it allow, is laid out in plain Python: among them is one of
least lateness, since lateness never falls when anything comes later.
"""

import random
from datetime import date, timedelta
from math import ceil
from typing import Any

from planning.engine.factory import Factory
from tests.engine.plants import ALWAYS, plant

AS_OF = date(2024, 1, 1)
DAY_HOURS = 24


def tiny_shop(seed: int) -> Factory:
    draw = random.Random(seed)
    items = [f"JOB{n}" for n in range(draw.randint(2, 4))]
    routings, orders = {}, []
    for item in items:
        centres = draw.sample(["SAW", "MILL"], 2) if draw.random() < 0.8 else ["SAW", "SAW"]
        routings[item] = [
            {"seq": 10 * place, "work_centre": centre, "run_h": draw.randint(4, 40)}
            for place, centre in enumerate(centres, start=1)
        ]
        line: dict[str, Any] = {"line": 1, "item": item, "qty": 1}
        line["due"] = (AS_OF + timedelta(days=draw.randint(0, 4))).isoformat()
        line |= {"late_cost_per_day": draw.choice((10, 50, 200)), "late_cost_fixed": draw.choice((0, 300))}
        orders.append({"ref": f"SO-{item}", "customer": "C1", "lines": [line]})
    return plant(
        calendars=[ALWAYS],
        skills=[],
        work_centres=[{"code": code, "calendar": "ALWAYS"} for code in ("SAW", "MILL")],
        items=[{"code": item, "kind": "make"} for item in items],
        bom=[],
        routings=routings,
        sales_orders=orders,
    )


def least_lateness(factory: Factory) -> float:
    """The lateness cost of the best of all sequences."""
    jobs = [
        (
            [(row.work_centre, float(row.run_h)) for row in factory.routings[line.item]],
            (line.due - AS_OF).days,
            float(line.late_cost_per_day),
            float(line.late_cost_fixed),
        )
        for order in factory.sales_orders
        for line in order.lines
    ]
    best = float("inf")
    stack: list[tuple[tuple[int, ...], tuple[float, ...], dict[Any, float]]] = [
        ((0,) * len(jobs), (0.0,) * len(jobs), {})
    ]
    while stack:
        done, ends, free = stack.pop()
        if all(done[job] == len(jobs[job][0]) for job in range(len(jobs))):
            best = min(best, sum(map(_late, jobs, ends)))
            continue
        for job, (steps, *_) in enumerate(jobs):
            if done[job] < len(steps):
                centre, hours = steps[done[job]]
                end = max(ends[job], free.get(centre, 0.0)) + hours
                stack.append(
                    (
                        (*done[:job], done[job] + 1, *done[job + 1 :]),
                        (*ends[:job], end, *ends[job + 1 :]),
                        free | {centre: end},
                    )
                )
    return best


def _late(job: tuple[Any, int, float, float], end: float) -> float:
    _, due, daily, once = job
    days = max(0, ceil(end / DAY_HOURS) - 1) - due  # what ends at 24:00 is there on that day
    return once + daily * days if days > 0 else 0.0
