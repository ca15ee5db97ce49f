"""Plans written row by row: a factory to freeze, orders, pegging, promises. A test sets what it is about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from planning.engine.factory_codec import canonical_json, digest, factory_from_json
from planning.models import Pegging, PlannedOperation, PlannedOrder, PlanPromise, PlanRun
from tests.builders import factory_document, make_run

MARCH = dt.date(2011, 3, 1)


def day(number: int) -> dt.date:
    """So many days after the planning date, Tuesday 2011-03-01."""
    return MARCH + dt.timedelta(days=number)


def stored_plan(status: str = "ready", **sections: Any) -> PlanRun:
    """A built plan without rows, of the small factory with ``sections`` in place of its own."""
    text = canonical_json(factory_from_json(factory_document(**sections)))
    return make_run(status=status, factory_json=text, input_digest=digest(text), as_of=MARCH)


def add_order(run: PlanRun, order: str, item: str, qty: Any, release: int, due: int, **values: Any) -> None:
    kind = values.pop("kind", "buy" if item == "MOTOR" else "make")
    PlannedOrder.objects.create(
        run=run, order=order, item=item, kind=kind, qty=qty, release=day(release), due=day(due), **values
    )


def add_operation(run: PlanRun, order: str, item: str, start: dt.datetime, seq: int = 10) -> None:
    PlannedOperation.objects.create(
        run=run, order=order, item=item, seq=seq, qty=1, crew=1, start=start, end=start, free=start
    )


def peg(run: PlanRun, order: str, item: str, qty: Any, target: Any = None, on: int | None = None) -> None:
    """``target``: an order's id, an instalment as a triple, or nothing."""
    keys = (
        dict(zip(("sales_order", "line", "instalment"), target, strict=True))
        if isinstance(target, tuple)
        else {}
    )
    Pegging.objects.create(
        run=run,
        order=order,
        item=item,
        qty=qty,
        for_order=target if isinstance(target, str) else None,
        day=None if on is None else day(on),
        **keys,
    )


def promise(
    run: PlanRun, key: tuple[str, int, int], qty: Any, requested: int, delivered: int | None, **values: Any
) -> None:
    """An instalment of DRIVE that leaves on one day, or never."""
    leaves = None if delivered is None else day(delivered)
    order, line, instalment = key
    PlanPromise.objects.create(
        run=run,
        sales_order=order,
        line=line,
        instalment=instalment,
        item=values.pop("item", "DRIVE"),
        qty=qty,
        requested=day(requested),
        promised=leaves,
        days_late=max(0, (delivered or 0) - requested),
        deliveries=[] if leaves is None else [{"date": leaves.isoformat(), "qty": qty}],
        **values,
    )
