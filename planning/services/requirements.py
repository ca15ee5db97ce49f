"""Material requirements kept up to date: what changed since the current run is netted again, nothing else.

One run is made at a time. Whoever comes while one is made waits, finds that nothing has changed since, and
is given the run that is there.
"""

import datetime as dt
import time
from functools import cache
from typing import Any

import numpy as np
from django.db import transaction

from planning.engine.netting import (
    InvalidNetting,
    MessageCode,
    NettingProblem,
    NettingRun,
    net,
    net_change,
    write_run,
)
from planning.engine.netting.messages import CODES
from planning.engine.netting.warm import warm_up
from planning.errors import InvalidRequirements
from planning.models import STATE_ID, RequirementsItem, RequirementsKind, RequirementsRun, RequirementsState
from planning.models.bulk import insert_rows
from planning.selectors.requirements import (
    RequirementsInput,
    find_current_run,
    newest_change,
    read_input,
    read_stored,
    remember,
    units,
)
from planning.selectors.requirements.lead_times import WEEK_DAYS

load_loops = cache(warm_up)  # once per process
RUNS_KEPT = 5
READ_AGAIN = 3  # times, while rows change under the reader's hands
# Changes are noticed by their history; what somebody wrote past it is found by comparing the rows themselves.
COMPARE_AFTER = dt.timedelta(minutes=10)

ITEM_COLUMNS = (
    "run",
    "item",
    "name",
    "kind",
    "uom",
    "on_hand",
    "gross",
    "planned",
    "first_shortage",
    "first_release",
    "past_due_qty",
    "late_weeks",
    "messages",
    *(code.lower() for code in CODES),
)


def refresh_requirements(*, now: dt.datetime, by: Any = None, full: bool = False) -> RequirementsRun:
    """The run for the rows as they are: the current one where nothing has changed, else a new one.

    ``full`` plans everything anew, whatever has changed. Raises ``NoFactory``, and ``InvalidRequirements``
    with every row that cannot be netted; the current run stays then.
    """
    load_loops()  # or compile them, half a minute in which a transaction on SQLite keeps out whoever writes
    return _refresh(now=now, by=by, full=full, began=time.perf_counter())


@transaction.atomic
def _refresh(*, now: dt.datetime, by: Any, full: bool, began: float) -> RequirementsRun:
    state = _locked_state()
    current = find_current_run()
    try:
        newest, given = _read_settled()
        digest = given.digest()
        if full or current is None or current.input_digest != digest:
            current = _plan(given, digest, current, now=now, by=by, full=full, began=began)
    except InvalidNetting as error:
        raise InvalidRequirements(error.issues) from error
    state.newest_change, state.checked_at = newest, now
    state.save(update_fields=["newest_change", "checked_at"])
    return current


def refresh_if_changed(*, now: dt.datetime) -> RequirementsRun | None:
    """Once somebody has asked for requirements: refresh them when anything has changed since, or the rows
    were not compared for long.
    """
    state = RequirementsState.objects.filter(pk=STATE_ID).first()
    if state is None or state.checked_at is None:
        return None
    if state.newest_change == newest_change() and now - state.checked_at < COMPARE_AFTER:
        return None
    return refresh_requirements(now=now)


def _locked_state() -> RequirementsState:
    RequirementsState.objects.get_or_create(pk=STATE_ID)
    return RequirementsState.objects.select_for_update().get(pk=STATE_ID)


def _read_settled() -> tuple[str, RequirementsInput]:
    """Rows that nobody changed while they were read; after some tries those that are there. The next look
    compares with what was the newest change before they were read.
    """
    newest, given = newest_change(), read_input()
    for _ in range(READ_AGAIN):
        found = newest_change()
        if found == newest:
            break
        newest, given = found, read_input()
    return newest, given


def _plan(
    given: RequirementsInput,
    digest: str,
    before: RequirementsRun | None,
    *,
    now: dt.datetime,
    by: Any,
    full: bool,
    began: float,
) -> RequirementsRun:
    earlier = None if full else _stored(before, given)
    if earlier is None:
        run, kind = net(given.problem), RequirementsKind.FULL
    else:
        run, kind = (
            net_change(earlier, _sharing_structure(given.problem, earlier)),
            RequirementsKind.NET_CHANGE,
        )
    messages = run.messages
    row = RequirementsRun.objects.create(
        as_of=given.as_of,
        bucket_days=WEEK_DAYS,
        buckets=given.problem.buckets,
        created_at=now,
        created_by=by,
        kind=kind,
        items=len(given.heads),
        planned_again=run.planned_again,
        planned_orders=len(run.planned_orders),
        messages=len(messages),
        beyond_horizon=given.beyond_horizon,
        seconds=0,
        input_digest=digest,
        data=write_run(run),
        receipts=list(given.refs),
    )
    insert_rows(RequirementsItem, ITEM_COLUMNS, _item_rows(row.pk, given, run))
    kept = RequirementsRun.objects.order_by("-pk").values_list("pk", flat=True)[:RUNS_KEPT]
    RequirementsRun.objects.exclude(pk__in=list(kept)).delete()
    row.seconds = time.perf_counter() - began
    row.save(update_fields=["seconds"])
    remember(digest, run)
    return row


def _stored(before: RequirementsRun | None, given: RequirementsInput) -> NettingRun | None:
    """The current run where it can be changed: of the same day, horizon and items, and still readable."""
    if before is None or (before.as_of, before.buckets) != (given.as_of, given.problem.buckets):
        return None
    try:
        stored = read_stored(before)
    except InvalidNetting:
        return None
    return stored if stored.problem.items.codes == given.problem.items.codes else None


def _sharing_structure(problem: NettingProblem, earlier: NettingRun) -> NettingProblem:
    """The problem with the bill of materials of the earlier one where it is the same: it need not be
    ordered again.
    """
    old, new = earlier.problem.bom, problem.bom
    if not all(np.array_equal(*pair) for pair in zip(old.arrays(), new.arrays(), strict=True)):
        return problem
    return NettingProblem(
        buckets=problem.buckets,
        items=problem.items,
        requirements=problem.requirements,
        scheduled_receipts=problem.scheduled_receipts,
        bom=old,
    )


def _item_rows(run_id: int, given: RequirementsInput, run: NettingRun) -> Any:
    """A row for each item, in the order of ``ITEM_COLUMNS``."""
    count, width = len(given.heads), len(CODES)
    messages = run.messages
    counts = np.bincount(messages.item * width + messages.code, minlength=count * width).reshape(count, width)
    shortage = np.full(count, -1, dtype=np.int64)
    short = messages.code == CODES.index(MessageCode.SHORTAGE)
    # Messages stand by item and bucket: written from the last, the first one stays.
    shortage[messages.item[short][::-1]] = messages.bucket[short][::-1]
    orders = run.planned_orders
    release = np.full(count, run.problem.buckets, dtype=np.int64)
    np.minimum.at(release, orders.item, orders.release_bucket)
    late = run.lateness.ready - run.lateness.need
    columns = zip(
        given.heads,
        run.problem.items.on_hand.tolist(),
        run.gross_requirements.sum(axis=1).tolist(),
        run.planned_receipts.sum(axis=1).tolist(),
        shortage.tolist(),
        release.tolist(),
        run.past_due.tolist(),
        late.tolist(),
        counts.sum(axis=1).tolist(),
        counts.tolist(),
        strict=True,
    )
    for head, on_hand, required, planned, short_at, release_at, past_due, weeks, total, each in columns:
        yield (
            run_id,
            head.code,
            head.name,
            head.kind,
            head.uom__code,
            units(on_hand),
            units(required),
            units(planned),
            None if short_at < 0 else _day(given, short_at),
            None if release_at >= run.problem.buckets else _day(given, release_at),
            units(past_due),
            weeks,
            total,
            *each,
        )


def _day(given: RequirementsInput, bucket: int) -> dt.date:
    return given.as_of + dt.timedelta(weeks=bucket)
