"""Money by month, recomputed from orders, deliveries, purchases, people and operations."""

from collections.abc import Iterator
from datetime import date, timedelta

from planning.engine.factory import OrderLineRow, SalesOrderRow
from planning.engine.plan import CashMonth
from planning.engine.verify.calendars import month_of, next_month
from planning.engine.verify.cost import price_of, unit_cost
from planning.engine.verify.facts import is_effective
from planning.engine.verify.ledger import Ledger, differs
from planning.engine.verify.references import Finding

_PARTS = ("milestones", "deliveries", "payroll", "hiring", "purchases", "machine")
_COMES = ("milestones", "deliveries")


def cash_recomputed(ledger: Ledger) -> Iterator[Finding]:
    """Where money in hand is given, each month tells what comes, what goes and what is left, and what that
    lacks to the floor; elsewhere nothing is told.
    """
    told, terms = ledger.plan.cash, ledger.factory.cash
    expected = [month.name for month in ledger.months] if terms.opening is not None else []
    if [row.month for row in told] != expected:
        yield "cash", f"tells {len(told)} months, expected {', '.join(expected) or 'none'}"
        return
    truth = {name: part(ledger) for name, part in PARTS.items()} if expected else {}
    money = float(terms.opening or 0)
    for row in told:
        moved = {name: truth[name].get(row.month, 0.0) for name in _PARTS}
        opening = money
        money += sum(amount if name in _COMES else -amount for name, amount in moved.items())
        short = max(0.0, float(terms.floor) - money)
        yield from _figures(row, {"opening": opening, **moved, "closing": money, "short": short})


def _figures(row: CashMonth, truth: dict[str, float]) -> Iterator[Finding]:
    for name, amount in truth.items():
        told = getattr(row, name)
        if differs(told, amount, 0.01 + 1e-6 * abs(amount)):
            yield f"{row.month} {name}", f"is told as {told:.2f}, recomputed {amount:.2f}"


def _add(ledger: Ledger, found: dict[str, float], day: date, amount: float) -> None:
    """Count ``amount`` in the month of ``day``, if that lies within the plan."""
    if ledger.as_of <= day < ledger.factory.horizon_end:
        found[month_of(day)] = found.get(month_of(day), 0.0) + amount


def milestones(ledger: Ledger) -> dict[str, float]:
    """What confirmed orders pay on days whatever is delivered."""
    found: dict[str, float] = {}
    for order in ledger.factory.sales_orders:
        for row in order.milestones if order.status == "confirmed" else ():
            _add(ledger, found, row.date, float(row.amount))
    return found


def deliveries(ledger: Ledger) -> dict[str, float]:
    """What deliveries are worth, less the share that milestones pay, when customers pay it."""
    found: dict[str, float] = {}
    lines = {
        (order.ref, line.line): (order, line) for order in ledger.factory.sales_orders for line in order.lines
    }
    later = timedelta(days=ledger.factory.cash.customer_days)
    for key in ledger.instalments:
        order, line = lines[key[0], key[1]]
        for row in ledger.deliveries(key):
            worth = float(row.qty) * _price(ledger, line) * (1 - _paid_before(ledger, order))
            _add(ledger, found, row.date + later, worth)
    return found


def _price(ledger: Ledger, line: OrderLineRow) -> float:
    if line.unit_price is not None:
        return float(line.unit_price)
    return float(ledger.items[line.item].price or 0)


def _paid_before(ledger: Ledger, order: SalesOrderRow) -> float:
    """The share of an order's worth that its milestones pay, never more than all of it."""
    worth = sum(float(line.qty) * _price(ledger, line) for line in order.lines)
    paid = sum(float(row.amount) for row in order.milestones)
    if worth <= 0:
        return 0.0
    return 1.0 if paid >= worth else paid / worth


def payroll(ledger: Ledger) -> dict[str, float]:
    """Regular, overtime and temporary pay, and premiums of shifts."""
    found: dict[str, float] = {}
    for (_, month), row in ledger.staffing.items():
        paid = row.regular_cost + row.overtime_cost + row.temporary_cost + row.premium_cost
        found[month] = found.get(month, 0.0) + paid
    return found


def hiring(ledger: Ledger) -> dict[str, float]:
    """Hires, courses and severance."""
    found: dict[str, float] = {}
    for (_, month), row in ledger.staffing.items():
        found[month] = found.get(month, 0.0) + row.hiring_cost + row.severance_cost
    return found


def purchases(ledger: Ledger) -> dict[str, float]:
    """Planned purchases, and what is open of purchase orders, when suppliers are paid; what is overdue
    counts as received on the planning date.
    """
    found: dict[str, float] = {}
    later = timedelta(days=ledger.factory.cash.supplier_days)
    for order in ledger.buys:
        day = max(order.due, ledger.as_of) + later
        _add(ledger, found, day, float(order.qty) * unit_cost(ledger, order))
    for row in ledger.factory.purchase_orders:
        left = row.qty - row.received_qty
        if left <= 0:
            continue
        item = ledger.items[row.item]
        sources = [
            each
            for each in ledger.sources.get(row.item, ())
            if each.supplier == row.supplier and is_effective(each.from_, each.to, ledger.as_of)
        ]
        last = max(sources, key=lambda each: each.from_ or date.min, default=None)
        price = item.unit_cost if last is None else price_of(last, left, item.unit_cost)
        _add(ledger, found, max(row.due, ledger.as_of) + later, float(left * price))
    return found


def machine(ledger: Ledger) -> dict[str, float]:
    """Attended station hours of each month at the hourly cost of their work centre."""
    found: dict[str, float] = {}
    for op in ledger.ops:
        if op.centre is None or not op.centre.cost_per_hour:
            continue
        open_time, start = ledger.open_for(op), op.start
        while start < op.end:
            day = ledger.local.day(start)
            until = min(op.end, ledger.local.midnight(next_month(day)))
            hours = open_time.open_minutes(start, until) / 60
            _add(ledger, found, day, hours * float(op.centre.cost_per_hour))
            start = until
    return found


PARTS = {
    "milestones": milestones,
    "deliveries": deliveries,
    "payroll": payroll,
    "hiring": hiring,
    "purchases": purchases,
    "machine": machine,
}
