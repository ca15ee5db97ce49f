"""Cost of a plan by the formulas of plan-1: one function per part, each from decisions alone, never from a
told figure.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from planning.engine.factory import SourceRow
from planning.engine.plan import Cost, PlannedOrder
from planning.engine.verify.demand import days_late
from planning.engine.verify.ledger import Ledger

_DAYS_OF_YEAR = 365


def recomputed_cost(ledger: Ledger) -> Cost:
    """All parts and their total."""
    parts = {name: part(ledger) for name, part in PARTS.items()}
    return Cost(total=sum(parts.values()), **parts)


def material(ledger: Ledger) -> float:
    """Planned purchases at the price of their source at that quantity."""
    return sum(float(order.qty) * unit_cost(ledger, order) for order in ledger.buys)


def unit_cost(ledger: Ledger, order: PlannedOrder) -> float:
    """The price break with the largest quantity reached, else the source's cost, else the item's."""
    source = ledger.source_of(order)
    if source is None:
        return float(ledger.items[order.item].unit_cost)
    return float(price_of(source, order.qty, ledger.items[order.item].unit_cost))


def price_of(source: SourceRow, qty: Decimal, otherwise: Decimal) -> Decimal:
    """What a unit costs at ``source`` when ``qty`` is bought at once."""
    reached = [row for row in source.price_breaks if row.from_qty <= qty]
    if reached:
        return max(reached, key=lambda row: row.from_qty).unit_cost
    return otherwise if source.unit_cost is None else source.unit_cost


def regular_labour(ledger: Ledger) -> float:
    """Paid heads on all open days."""
    return sum(row.regular_cost for row in ledger.staffing.values())


def overtime(ledger: Ledger) -> float:
    """Overtime worked (standard hours / efficiency) at the wage and its premium."""
    return sum(row.overtime_cost for row in ledger.staffing.values())


def temporary_labour(ledger: Ledger) -> float:
    """Temporary heads on all open days."""
    return sum(row.temporary_cost for row in ledger.staffing.values())


def shift_premiums(ledger: Ledger) -> float:
    """What hours worked in shifts cost on top of the wage."""
    return sum(row.premium_cost for row in ledger.staffing.values())


def hiring(ledger: Ledger) -> float:
    """What each hire costs."""
    return sum(row.hiring_cost for row in ledger.staffing.values())


def severance(ledger: Ledger) -> float:
    """Weeks of pay for each head laid off."""
    return sum(row.severance_cost for row in ledger.staffing.values())


def machine(ledger: Ledger) -> float:
    """Attended station hours at the hourly cost of their work centre."""
    return sum(
        hours * float(ledger.centres[centre].cost_per_hour) for (centre, _), hours in ledger.load.items()
    )


def holding(ledger: Ledger) -> float:
    """Stock at 24:00 of every day from ``as_of`` to before ``horizon_end``, at unit value.

    Each receipt and each taking counts for the days from its own to the last, so nothing needs to be sorted.
    """
    end = ledger.factory.horizon_end
    rate = float(ledger.factory.policy.holding_rate_per_year) / _DAYS_OF_YEAR

    def unit_days(item: str, qty: Decimal, day: date) -> float:
        days = (end - max(day, ledger.as_of)).days
        return float(qty) * days * ledger.unit_values.get(item, 0.0) if days > 0 else 0.0

    day_of = ledger.local.day
    # A lot that ends at 24:00 is in stock then.
    total = sum(unit_days(row.item, row.qty, day_of(row.at - row.is_lot)) for row in ledger.receipts)
    total -= sum(unit_days(row.item, row.qty, day_of(row.at)) for row in ledger.takings)
    for key, instalment in ledger.instalments.items():
        total -= sum(unit_days(instalment.item, row.qty, row.date) for row in ledger.deliveries(key))
    return total * rate


def lateness(ledger: Ledger) -> float:
    """What late instalments cost; one that is never delivered is late until a year after the horizon."""
    return sum(
        row.lateness_cost(days_late(ledger.factory, row.requested, ledger.promised(key)))
        for key, row in ledger.instalments.items()
    )


PARTS: dict[str, Callable[[Ledger], float]] = {
    "material": material,
    "regular_labour": regular_labour,
    "overtime": overtime,
    "temporary_labour": temporary_labour,
    "shift_premiums": shift_premiums,
    "hiring": hiring,
    "severance": severance,
    "machine": machine,
    "holding": holding,
    "lateness": lateness,
}
