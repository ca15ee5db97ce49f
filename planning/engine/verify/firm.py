"""Rules about what a planner has fixed, and about the fence before which nothing new begins."""

from collections.abc import Iterator
from datetime import timedelta

from planning.engine.factory import FirmOrderRow, PinnedOperationRow
from planning.engine.plan import PlannedOperation, PlannedOrder
from planning.engine.verify.facts import NOISE, Op
from planning.engine.verify.ledger import Ledger
from planning.engine.verify.references import Finding, never_finished

PIN_NOT_KEPT = "PIN_NOT_KEPT"


def firm_orders_kept(ledger: Ledger) -> Iterator[Finding]:
    """Every firm order stands in the plan under its ref, firm and unreleased, with its kind, item, quantity
    and supplier; a lot that can never be finished is named by an error that says why instead. Nothing else
    is firm but released production.
    """
    given_up = never_finished(ledger)
    there: dict[str, PlannedOrder] = {}
    for order in ledger.plan.planned_orders:
        there.setdefault(order.id, order)
    for ref, firm in ledger.firm_orders.items():
        row = there.get(ref)
        if row is None:
            if firm.kind == "buy" or ref not in given_up:
                yield ref, "is firm, but does not stand in the plan"
            continue
        if not _is_as_fixed(row, firm):
            yield ref, f"is {_shown(row)}, fixed as {_shown(firm)}"
        if not row.firm or row.work_order is not None:
            yield ref, "was fixed and not released: its row must be firm and have no work order"
    for order in ledger.plan.planned_orders:
        if order.firm and order.work_order is None and order.id not in ledger.firm_orders:
            yield order.id, "is told as firm, but nobody fixed it"


def _is_as_fixed(row: PlannedOrder, firm: FirmOrderRow) -> bool:
    same = (row.kind, row.item, row.supplier) == (firm.kind, firm.item, firm.supplier)
    return same and abs(row.qty - firm.qty) <= NOISE


def _shown(row: PlannedOrder | FirmOrderRow) -> str:
    return f"{row.kind} {row.qty:f} {row.item}" + (f" from {row.supplier}" if row.supplier else "")


def firm_dates_kept(ledger: Ledger) -> Iterator[Finding]:
    """A firm purchase comes on its day and goes out on its release day, or between the planning date and its
    day where it has none, what has passed counting as the planning date; a firm lot starts no earlier than
    its release.
    """
    for ref, firm in ledger.firm_orders.items():
        order = ledger.orders.get(ref)
        if order is None:
            continue
        if firm.kind == "buy":
            due = max(firm.due, ledger.as_of)
            if order.due != due:
                yield ref, f"is due on {order.due}, fixed for {due}"
            if firm.release is not None and order.release != max(firm.release, ledger.as_of):
                yield ref, f"goes out on {order.release}, fixed for {max(firm.release, ledger.as_of)}"
            elif order.release > due:
                yield ref, f"goes out on {order.release}, after it is due on {due}"
        elif firm.release is not None and ledger.start_day(order) < firm.release:
            yield ref, f"starts on {ledger.start_day(order)}, fixed for {firm.release} at the earliest"


def fences_kept(ledger: Ledger) -> Iterator[Finding]:
    """Before an item's fence only firm and released orders of it go out or start."""
    for order in ledger.orders.values():
        days = ledger.items[order.item].fence_days
        if days == 0 or order.work_order is not None or order.id in ledger.firm_orders:
            continue
        fence = ledger.as_of + timedelta(days=days)
        day = order.release if order.kind == "buy" else ledger.start_day(order)
        if day < fence:
            word = "goes out" if order.kind == "buy" else "starts"
            yield order.id, f"{word} on {day}, new orders of {order.item} may from {fence} on"


def pins_kept(ledger: Ledger) -> Iterator[Finding]:
    """Every pinned operation begins at its moment, on its work centre and station; of several rows one does,
    and none begins before it. One that cannot is named by an exception instead, and no other one is.
    """
    given_up = {row.entity for row in ledger.plan.exceptions if row.code == PIN_NOT_KEPT}
    for name in given_up - {f"{pin.order}/{pin.seq}" for pin in ledger.factory.pinned_operations}:
        yield name, "is told as a pin that is not kept, but is not pinned"
    for pin in ledger.factory.pinned_operations:
        name = f"{pin.order}/{pin.seq}"
        rows = ledger.ops_of[pin.order].get(pin.seq, []) if pin.order in ledger.ops_of else []
        start = ledger.local.minute(pin.start)
        first = [op for op in rows if op.start == rows[0].start]
        is_kept = any(op.start == start and _is_there(op, pin) for op in first)
        if is_kept and name in given_up:
            yield name, "is told as a pin that is not kept, but it is"
        elif not is_kept and name not in given_up:
            yield name, f"{_told(ledger, first)}, pinned to {_place(ledger, start, pin)}"


def _is_there(op: Op, pin: PinnedOperationRow) -> bool:
    return op.row.work_centre == pin.work_centre and pin.station in (None, op.row.station)


def _told(ledger: Ledger, rows: list[Op]) -> str:
    if not rows:
        return "has no row"
    return f"begins {_place(ledger, rows[0].start, rows[0].row)}"


def _place(ledger: Ledger, start: int, row: PlannedOperation | PinnedOperationRow) -> str:
    station = f" station {row.station}" if row.station is not None else ""
    centre = f" on {row.work_centre}{station}" if row.work_centre is not None else ""
    return f"{ledger.local.moment(start):%Y-%m-%d %H:%M}{centre}"
