"""Netting of 100,000 items on eight levels: seconds of processor, memory, growth, net change, compilation.

Every size is measured in a process of its own: ``python -m bench.netting SIZE REPEATS [--compare]`` prints
the figures of one as JSON.
"""

import argparse
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import replace
from typing import Any

import numpy as np

from bench.figures import Section, processor_seconds
from bench.netting_data import LEVELS, ROWS_PER_ITEM, WEEKS, factory, net_in_plain_python
from planning.engine.lot_sizing import MICRO
from planning.engine.netting import NettingRun, Quantities, net, net_change

ITEMS = 100_000
SMALLER = (25_000, 50_000)
COMPARED = 4_000
REPEATS = 3
TINY = 80
MOST_SECONDS = 1.5
MOST_MB = 800
MOST_GROWTH = 1.2  # linear work; 0.2 for the end of the caches


REMARK = (
    "Seconds of processor from the arrays to the arrays of all planned orders, the best of"
    f" {REPEATS} (in brackets the worst). The data have {LEVELS} levels, {WEEKS} weekly buckets, a"
    " requirement for each item, all on products of the first level, and scrap on a tenth of the rows; three"
    " quarters of the items are planned lot for lot, the others by fixed period, Wagner-Whitin and"
    " Silver-Meal, many with a minimum or a multiple. The work is linear in items and rows; what the exponent"
    " has above 1 is memory: 25,000 items fit into the processor's cache, the rows of 100,000 do not."
)


def measure() -> Section:
    """The full size, two smaller ones for the growth, and plain Python on a size it can bear."""
    section = Section(
        "netting", f"Netting core: {ITEMS:,} items, {ITEMS * ROWS_PER_ITEM:,} rows of bills of materials"
    )
    with tempfile.TemporaryDirectory(prefix="driveline-numba-") as folder:
        cold, warm = (_child(TINY, 1, NUMBA_CACHE_DIR=folder) for _ in range(2))
    full = _child(ITEMS, REPEATS)
    smaller = {size: _child(size, REPEATS) for size in SMALLER}
    compared = _child(COMPARED, REPEATS, "--compare")
    _tell_full(section, full)
    times = {size: min(found["seconds"]) for size, found in smaller.items()} | {ITEMS: min(full["seconds"])}
    first, last = min(times), max(times)
    growth = math.log(times[last] / times[first]) / math.log(last / first)
    shown = ", ".join(f"{size:,}: {seconds:.2f} s" for size, seconds in sorted(times.items()))
    section.check(
        "Growth: exponent of the items",
        f"{growth:.2f} ({shown})",
        "1, and 0.2 for caches that end",
        growth <= MOST_GROWTH,
    )
    plain, seconds = compared["plain_seconds"], min(compared["seconds"])
    section.tell(
        f"Plain Python, {COMPARED:,} items of the same kind",
        f"{plain:.1f} s of processor, against {seconds:.3f} s",
    )
    section.tell("  ratio", f"{plain / seconds:.0f} times")
    section.check(
        "  both plan the same, to the millionth", compared["is_same"], "yes", compared["is_same"] == "yes"
    )
    section.tell(
        "First run on a machine, with compiling", f"{cold['first_seconds']:.1f} s of processor, once"
    )
    section.tell("First run of a process, compiled before", f"{warm['first_seconds']:.2f} s of processor")
    section.remarks.append(REMARK)
    return section


def _tell_full(section: Section, full: dict[str, Any]) -> None:
    seconds = full["seconds"]
    section.check(
        "Netting, to the planned orders",
        f"{min(seconds):.2f} s of processor (at most {max(seconds):.2f} s)",
        f"under {MOST_SECONDS} s",
        min(seconds) < MOST_SECONDS,
    )
    section.check(
        "Memory of the process, at most",
        f"{full['memory']:.0f} MB",
        f"under {MOST_MB} MB",
        full["memory"] < MOST_MB,
    )
    section.tell("Planned orders", f"{full['orders']:,}")
    section.tell("Checking the data", f"{full['check_seconds']:.2f} s of processor")
    section.tell(
        "Exception messages of all items",
        f"{full['message_seconds']:.2f} s of processor, {full['messages']:,}",
    )
    for name, change in full["changes"].items():
        section.check(
            f"Net change after one more order for {name}, equal to a full run",
            f"{change['seconds']:.2f} s of processor, {change['again']:,} items planned again",
            "bit by bit",
            change["is_same"],
        )


def _child(size: int, repeats: int, *options: str, **environment: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.netting", str(size), str(repeats), *options]
    printed = subprocess.run(
        command, check=True, capture_output=True, text=True, env={**os.environ, **environment}
    )
    found: dict[str, Any] = json.loads(printed.stdout)
    return found


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int)
    parser.add_argument("repeats", type=int)
    parser.add_argument("--compare", action="store_true", help="with plain Python")
    options = parser.parse_args()
    first_seconds, _ = _timed(lambda: net(factory(TINY)).planned_orders)
    problem = factory(options.size)
    found: dict[str, Any] = {"first_seconds": first_seconds, "seconds": []}
    run = None
    for _ in range(options.repeats):
        run = None  # one run at a time in memory
        seconds, run = _timed(lambda: _net_to_orders(problem))
        found["seconds"].append(seconds)
    assert run is not None
    found["orders"] = len(run.planned_orders)
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found["check_seconds"], _ = _timed(lambda: replace(problem))
    if options.compare:
        found["plain_seconds"], planned = _timed(lambda: net_in_plain_python(problem))
        found["is_same"] = "yes" if run.planned_receipts.tolist() == planned else "no"
    else:
        found |= _messages(run)
        found["changes"] = {name: _change(run, item) for name, item in _changed(options.size).items()}
    print(json.dumps(found))


def _net_to_orders(problem: Any) -> NettingRun:
    run = net(problem)
    assert len(run.planned_orders)
    return run


def _messages(run: NettingRun) -> dict[str, Any]:
    tiny = net(factory(TINY))
    assert len(tiny.messages) >= 0  # compiled before the watch runs
    seconds, messages = _timed(lambda: run.messages)
    return {"message_seconds": seconds, "messages": len(messages)}


def _changed(size: int) -> dict[str, int]:
    """Items that get an order more."""
    return {"a product of the first level": 0, "a part of the sixth": 5 * size // LEVELS}


def _change(run: NettingRun, item: int) -> dict[str, Any]:
    rows = run.problem.requirements
    more = Quantities.of(
        np.append(rows.item, item), np.append(rows.bucket, WEEKS // 2), np.append(rows.quantity, 300 * MICRO)
    )
    changed = replace(run.problem, requirements=more)
    net_change(net(factory(TINY)), factory(TINY, seed=2))  # compiled before the watch runs
    seconds, again = _timed(lambda: net_change(run, changed))
    is_same = all(map(np.array_equal, again.state, net(changed).state))
    return {"seconds": seconds, "again": again.planned_again, "is_same": is_same}


def _timed(work: Any) -> tuple[float, Any]:
    began = processor_seconds()
    result = work()
    return processor_seconds() - began, result


if __name__ == "__main__":
    _main()
