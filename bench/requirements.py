"""Material requirements of a large factory from its rows: in full, after an order is confirmed, unchanged.

Each is measured in a process of its own, as a worker finds the rows: ``python -m bench.requirements ACT``
prints what one took as JSON.
"""

import datetime as dt
import json
import os
import resource
import subprocess
import sys
import time
from decimal import Decimal
from typing import Any

import django
from django.utils import timezone

from bench.figures import Section, Stopwatch
from bench.large_factory import AS_OF, large_factory
from bench.surroundings import ROOT

ITEMS, BOM_LINES, ORDER_LINES = 10_000, 50_000, 5_000
INSTALMENTS, EACH = 12, 25
MOST_SECONDS = 2.0
ORDER = "BENCH-300"

Taken = dict[str, Any]


def measure() -> Section:
    """A factory is imported and one order entered; the acts follow, each in its process."""
    from orders.services import NewInstalment, NewLine, NewOrder, enter_order
    from planning.services.exchange import import_factory

    section = Section(
        "requirements",
        f"Material requirements: {ITEMS:,} items, {BOM_LINES:,} BOM lines, {ORDER_LINES:,} order lines",
    )
    values = large_factory(items=ITEMS, bom_lines=BOM_LINES, order_lines=ORDER_LINES, is_routed=False)
    import_factory(document=json.dumps(values).encode(), now=timezone.now())
    line, customer = values["sales_orders"][0]["lines"][0], values["customers"][0]["code"]
    dues = [AS_OF + dt.timedelta(days=60 + 20 * number) for number in range(INSTALMENTS)]
    instalments = tuple(NewInstalment(due=due, qty=Decimal(EACH)) for due in dues)
    new = NewLine(line=1, item=line["item"], qty=Decimal(EACH * INSTALMENTS), instalments=instalments)
    enter_order(
        order=NewOrder(ref=ORDER, customer=customer, lines=(new,), status="quote"), now=timezone.now()
    )
    _tell(section, "First run of a process, which loads the compiled loops (or compiles them)", _act("first"))
    _tell(section, "In full, rows to stored run", _act("full"))
    change = _act("confirm")
    section.check(
        f"{INSTALMENTS * EACH} units in {INSTALMENTS} instalments confirmed, and what that needs",
        _told(change),
        f"under {MOST_SECONDS:.0f} s of processor",
        change["cpu"] < MOST_SECONDS,
    )
    section.tell("  items planned again", f"{change['planned_again']:,} of {change['items']:,}")
    section.tell("  read rows, of that", f"{change['read']:.2f} s of processor")
    _tell(section, "Nothing changed: rows read and compared", _act("same"))
    section.tell("  looking whether anything has changed", f"{1000 * _act('look')['wall']:.1f} ms")
    section.tell("Stored run", f"{change['bytes'] / 1e6:.1f} MB, {change['weeks']} weeks")
    section.tell("Most memory of the process", f"{change['mb']:.0f} MB")
    section.remarks.append(
        "Each act runs in a process that has made a full run before, as a worker or a web process has; its "
        "memory holds both runs. Where other programs share the processors, their seconds are the ones to "
        "compare."
    )
    return section


def _tell(section: Section, name: str, taken: Taken) -> None:
    section.tell(name, _told(taken))


def _told(taken: Taken) -> str:
    return f"{taken['wall']:.2f} s ({taken['cpu']:.2f} s of processor)"


def _act(name: str) -> Taken:
    from tests.chaos.workers import database_url

    answer = subprocess.run(
        [sys.executable, "-m", "bench.requirements", name],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url()},
        capture_output=True,
        text=True,
        check=True,
    )
    found: Taken = json.loads(answer.stdout.splitlines()[-1])
    return found


def main() -> int:
    """One act, measured from the outside of the services."""
    django.setup()
    from orders.services import confirm_order
    from planning.models import RequirementsRun
    from planning.selectors.requirements import newest_change, read_input
    from planning.services.requirements import refresh_requirements

    act = sys.argv[1]
    if act != "first":
        refresh_requirements(now=timezone.now(), full=True)
    with Stopwatch() as watch:
        if act == "look":
            newest_change()
        if act == "confirm":
            confirm_order(ref=ORDER, now=timezone.now())
        if act != "look":
            run = refresh_requirements(now=timezone.now(), full=act == "full")
        else:
            run = RequirementsRun.objects.latest("pk")
    began = time.process_time()
    read_input()
    answer = {
        "wall": watch.wall,
        "cpu": watch.cpu,
        "read": time.process_time() - began,
        "planned_again": run.planned_again,
        "items": run.items,
        "weeks": run.buckets,
        "bytes": len(run.data),
        "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
