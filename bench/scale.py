"""Rows to a stored plan for large factories, a list of 100,000 planned orders, and an order of 300 units."""

import datetime as dt
import json
import os
import subprocess
import sys
import time
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bench.figures import Section, Stopwatch
from bench.large_factory import AS_OF, large_factory
from bench.surroundings import BALQON, ROOT
from orders.services import NewInstalment, NewLine, NewOrder, confirm_order, enter_order
from planning.engine.factory_codec import resolve
from planning.engine.mrp import LotPolicy, plan_material
from planning.engine.shop import compile_shop
from planning.loading import load_factory
from planning.models import Pegging, PlannedOperation, PlannedOrder, PlanRun
from planning.models.bulk import insert_rows
from planning.services.exchange import import_factory
from planning.services.runs import request_plan
from tests.chaos.workers import database_url

MOST_SECONDS = 30.0
SMALL, LARGE = 2_500, 10_000
LIST_ROWS = 100_000
LIST_SECONDS = 1.0
ORDER_SECONDS = 2.0
INSTALMENTS, EACH = 12, 25

Taken = dict[str, Any]


def measure() -> Section:
    """The order first, on the example factory; then the large ones, each built by a process of its own."""
    section = Section("scale", "Large factories")
    _measure_order(section)
    _, small = _measure_build(section, SMALL, is_routed=False)
    run, large = _measure_build(section, LARGE, is_routed=False)
    times = LARGE / SMALL
    section.tell(
        f"Growth of the seconds of processor with {times:.0f} times the rows", f"{large / small:.1f} times"
    )
    _measure_list(section, run)
    _measure_build(section, LARGE, is_routed=True)
    section.remarks.append(
        "Two in five items are made, on eight levels; half of the parts have sources, some have stock, open "
        "orders, minimum orders, safety stock, and days over which orders are gathered. In the second one "
        "the two upper levels have routings, work centres and people. Where other programs share the "
        "processors, their seconds are the ones to compare. The web process does nothing of this."
    )
    return section


def _measure_build(section: Section, items: int, *, is_routed: bool) -> tuple[PlanRun, float]:
    values = large_factory(items=items, bom_lines=5 * items, order_lines=items // 2, is_routed=is_routed)
    import_factory(document=json.dumps(values).encode(), now=timezone.now(), replace=True)
    # One round, so that sizes can be compared: a small factory would be given more.
    run = request_plan(requested_by=None, now=timezone.now(), work_budget=None if items == LARGE else 1)
    taken = _build(run)
    name = f"{items:,} items, {5 * items:,} BOM lines, {items // 2:,} order lines"
    name += ", with work on the two upper levels" if is_routed else ", no work"
    told = (
        f"{taken['wall']:.1f} s ({taken['worker_cpu']:.1f} s of processor of the worker, "
        f"{taken['solver_cpu']:.1f} s of the solver)"
    )
    if items == LARGE:
        section.check(
            f"{name}: rows to stored plan", told, f"under {MOST_SECONDS:.0f} s", taken["wall"] < MOST_SECONDS
        )
    else:
        section.tell(f"{name}: rows to stored plan", told)
    rows = [table.objects.filter(run=run).count() for table in (PlannedOrder, Pegging, PlannedOperation)]
    section.tell("  planned orders, pegging rows, operations", ", ".join(f"{count:,}" for count in rows))
    section.tell("  most memory: worker, solver", f"{taken['worker_mb']:.0f} MB, {taken['solver_mb']:.0f} MB")
    for step, (wall, used) in taken["steps"].items():
        section.tell(f"  {step}", f"{wall:.1f} s" + (f" ({used:.1f} s of processor)" if used else ""))
    return run, taken["worker_cpu"] + taken["solver_cpu"]


def _build(run: PlanRun) -> Taken:
    answer = subprocess.run(
        [sys.executable, "-m", "bench.scale_build", str(run.pk)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url()},
        capture_output=True,
        text=True,
        check=True,
    )
    run.refresh_from_db()
    assert run.status == "ready", f"{run.failure_code}: {run.failure_reason}"
    found: Taken = json.loads(answer.stdout.splitlines()[-1])
    return found


def _measure_list(section: Section, run: PlanRun) -> None:
    """The list of lots of a plan, filled up until it is long enough."""
    columns = ("run", "order", "item", "kind", "qty", "release", "due", "firm")
    missing = LIST_ROWS - PlannedOrder.objects.filter(run=run, kind="make").count()
    days = (AS_OF + dt.timedelta(days=number % 365) for number in range(missing))
    rows = (
        (run.pk, f"BENCH-{number}", f"M{number % 4000:06d}", "make", Decimal(5), day, day, False)
        for number, day in enumerate(days)
    )
    insert_rows(PlannedOrder, columns, rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    client = Client()
    client.force_login(User.objects.create_superuser("bench-lists", password=None))
    path = reverse("admin:planning_planrun_results", args=[run.pk, "make"])
    client.get(path)
    for words, address in (("first", path), ("last", f"{path}?page={LIST_ROWS // 100}")):
        with CaptureQueriesContext(connection) as queries, Stopwatch() as watch:
            answer = client.get(address)
        assert answer.status_code == 200
        section.check(
            f"Admin list of {LIST_ROWS:,} planned orders, {words} page, {len(queries)} queries",
            f"{1000 * watch.wall:.0f} ms ({1000 * watch.cpu:.0f} ms of processor)",
            f"under {LIST_SECONDS:.0f} s",
            watch.wall < LIST_SECONDS,
        )


def _measure_order(section: Section) -> None:
    """300 units in 12 instalments on the example factory: entered, confirmed, exploded with all the rest."""
    import_factory(document=BALQON.read_bytes(), now=timezone.now())
    factory = load_factory()
    item = factory.sales_orders[0].lines[0].item
    dues = [factory.as_of + dt.timedelta(days=60 + 30 * number) for number in range(INSTALMENTS)]
    instalments = tuple(NewInstalment(due=due, qty=Decimal(EACH)) for due in dues)
    line = NewLine(line=1, item=item, qty=Decimal(EACH * INSTALMENTS), instalments=instalments)
    customer = factory.customers[0].code
    new = NewOrder(ref="BENCH-300", customer=customer, lines=(line,), status="quote")
    enter_order(order=new, now=timezone.now())
    began = time.perf_counter()
    with Stopwatch() as watch:
        confirm_order(ref="BENCH-300", now=timezone.now())
        confirmed = time.perf_counter() - began
        shop = compile_shop(resolve(load_factory()))
        lots = len(plan_material(shop, LotPolicy()).lots)
    section.check(
        f"{INSTALMENTS * EACH} units in {INSTALMENTS} instalments confirmed ({confirmed:.2f} s) and exploded",
        f"{watch.wall:.2f} s ({watch.cpu:.2f} s of processor), {lots:,} lots in all",
        f"under {ORDER_SECONDS:.0f} s",
        watch.wall < ORDER_SECONDS,
    )
