"""Rules about the rows themselves: known codes, own ids, sound numbers and moments."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from planning.engine.plan import PlannedOperation, Promise
from planning.engine.verify.facts import plausible_day, plausible_moment, plausible_qty
from planning.engine.verify.ledger import Ledger
from planning.engine.verify.people import is_sane, is_sane_change
from planning.engine.verify.supply import STOCK

Finding = tuple[str, str]

# Codes of errors that say why an order can never be finished.
_OBSTACLES = {
    "AT_RISK_RESOURCE",
    "AT_RISK_SKILL",
    "AT_RISK_SUPPLIER_CAPACITY",
    "BROKEN_SUPPLY_PATH",
    "INVALID_DATA",
}


def references_known(ledger: Ledger) -> Iterator[Finding]:
    """Every item, order, operation, station, skill and instalment that a row names exists."""
    for order in ledger.plan.planned_orders:
        if order.item not in ledger.items:
            yield order.id, f"is for item {order.item}, which does not exist"
    for row in ledger.plan.operations:
        problem = _operation_problem(ledger, row)
        if problem is not None:
            yield f"{row.order}/{row.seq}", problem
    for staff in ledger.plan.staffing:
        if staff.skill not in ledger.skills:
            yield f"{staff.skill} {staff.month}", f"skill {staff.skill} does not exist"
    for week in ledger.plan.load:
        if week.work_centre not in ledger.centres:
            yield f"{week.work_centre} {week.week}", f"work centre {week.work_centre} does not exist"
    yield from _pegging_references(ledger)
    yield from _told_references(ledger)


def _operation_problem(ledger: Ledger, row: PlannedOperation) -> str | None:
    """What an operation names that is not there; the operations of an order of an unknown item are named with
    it.
    """
    order = ledger.orders.get(row.order)
    if order is None:
        there = any(each.id == row.order for each in ledger.plan.planned_orders)
        return None if there else f"belongs to order {row.order}, which the plan does not have"
    if order.kind != "make":
        return f"belongs to {row.order}, which is bought"
    if row.seq not in ledger.steps.get(order.item, {}):
        return f"{order.item} has no operation {row.seq}"
    if row.work_centre is not None and row.work_centre not in ledger.centres:
        return f"stands on work centre {row.work_centre}, which does not exist"
    return None


def _pegging_references(ledger: Ledger) -> Iterator[Finding]:
    ids = {row.id for row in ledger.plan.planned_orders}
    supplies = {(row.id, row.item) for row in ledger.plan.planned_orders}
    supplies |= {(row.ref, row.item) for row in ledger.factory.purchase_orders}
    supplies |= {(STOCK, code) for code in ledger.items}
    supplies |= ledger.receipt_of.keys()  # by-products come under the id of what they come with
    items = ledger.items
    for row in ledger.plan.pegging:
        if row.item not in items:
            yield row.order, f"pegs item {row.item}, which does not exist"
        elif (row.order, row.item) not in supplies:
            yield row.order, f"pegs {row.item} from {row.order}, which is no supply of it"
        if row.for_order is not None and row.sales_order is not None:
            yield row.order, f"pegs {row.item} to {row.for_order} and to {row.sales_order} at once"
        elif row.for_order is not None and row.for_order not in ids:
            yield row.order, f"pegs {row.item} to order {row.for_order}, which the plan does not have"
        elif row.sales_order is not None:
            key = (row.sales_order, row.line or 0, row.instalment or 0)
            if key not in ledger.instalments:
                yield (
                    row.order,
                    f"pegs {row.item} to {'/'.join(map(str, key))}, where nothing is to be delivered",
                )
        elif row.line is not None or row.instalment is not None:
            yield (
                row.order,
                f"pegs {row.item} to line {row.line}, instalment {row.instalment} of no sales order",
            )


def _told_references(ledger: Ledger) -> Iterator[Finding]:
    """What chains of lead times and exceptions name."""
    orders = {row.id for row in ledger.plan.planned_orders} | {STOCK} | set(ledger.work_orders)
    orders |= {row.ref for row in ledger.factory.purchase_orders}
    for promise in ledger.plan.promises:
        for link in promise.chain:
            if link.item not in ledger.items:
                yield promise_name(promise), f"waits for item {link.item}, which does not exist"
            if link.order is not None and link.order not in orders:
                yield promise_name(promise), f"waits for order {link.order}, which does not exist"
    for row in ledger.plan.exceptions:
        if row.item is not None and row.item not in ledger.items:
            yield row.entity, f"is about item {row.item}, which does not exist"


def never_finished(ledger: Ledger) -> set[str]:
    """What an error names together with what stops it for good."""
    errors = (row for row in ledger.plan.exceptions if row.severity == "error")
    return {row.entity for row in errors if row.code in _OBSTACLES}


def ids_unique(ledger: Ledger) -> Iterator[Finding]:
    """No two planned orders have the same id, and none is called like the stock or a purchase order."""
    for code, times in Counter(row.id for row in ledger.plan.planned_orders).items():
        if times > 1:
            yield code, f"is the id of {times} planned orders"
    taken = {STOCK} | {row.ref for row in ledger.factory.purchase_orders} - set(ledger.work_orders)
    for order in ledger.plan.planned_orders:
        if order.id in taken:
            yield order.id, "is the name of another supply already"


def figures_sound(ledger: Ledger) -> Iterator[Finding]:
    """Quantities are above zero, and quantities and numbers of people are ones a plant could have."""
    plan = ledger.plan
    unsound = [(row.id, row.qty) for row in plan.planned_orders if not _is_sound(row.qty)]
    unsound += [(f"{row.order}/{row.seq}", row.qty) for row in plan.operations if not _is_sound(row.qty)]
    unsound += [(f"pegging of {row.order}", row.qty) for row in plan.pegging if not _is_sound(row.qty)]
    unsound += [
        (promise_name(row), each.qty)
        for row in plan.promises
        for each in row.deliveries
        if not _is_sound(each.qty)
    ]
    for name, qty in unsound:
        yield name, f"quantity {qty} is not above zero, or beyond all measure"
    for staff in plan.staffing:
        if not is_sane(staff):
            yield f"{staff.skill} {staff.month}", "hires, layoffs or temporary heads are not a sound number"
    for change in plan.skill_changes:
        if not is_sane_change(change):
            yield f"{change.from_skill} to {change.to_skill}", f"{change.heads} is no sound number of people"


def _is_sound(qty: Decimal) -> bool:
    return qty > 0 and plausible_qty(qty)


def promise_name(row: Promise) -> str:
    """Order, line and instalment of a row of promises."""
    return f"{row.sales_order}/{row.line}/{row.instalment}"


def moments_sound(ledger: Ledger) -> Iterator[Finding]:
    """Every moment has an offset and is a whole minute; every day and moment lies in the times the product
    plans.
    """
    if ledger.plan.created_at.utcoffset() is None:
        yield "created_at", f"{ledger.plan.created_at} has no offset"
    for row in ledger.plan.operations:
        for name, moment in (("start", row.start), ("end", row.end), ("free", row.free)):
            if not plausible_moment(moment):
                yield f"{row.order}/{row.seq}", f"{name} {moment} has no offset or lies outside planned times"
            elif moment.second or moment.microsecond:
                yield f"{row.order}/{row.seq}", f"{name} {moment} is not a whole minute"
    for order in ledger.plan.planned_orders:
        if not (plausible_day(order.release) and plausible_day(order.due)):
            yield order.id, f"release {order.release} or due {order.due} lies outside planned times"
    for name, day in _told_days(ledger):
        if not plausible_day(day):
            yield name, f"{day} lies outside planned times"


def _told_days(ledger: Ledger) -> Iterator[tuple[str, date]]:
    """Days of deliveries, chains of lead times and pegging."""
    for promise in ledger.plan.promises:
        days = [row.date for row in promise.deliveries]
        days += [day for link in promise.chain for day in (link.start, link.end)]
        yield from ((promise_name(promise), day) for day in days)
    for row in ledger.plan.pegging:
        if row.day is not None:
            yield f"pegging of {row.order}", row.day
