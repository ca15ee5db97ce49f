"""Rules about what customers are told."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from planning.engine.verify.demand import days_late
from planning.engine.verify.facts import NOISE
from planning.engine.verify.ledger import Ledger
from planning.engine.verify.references import Finding

ZERO = Decimal(0)


def promise_rows_complete(ledger: Ledger) -> Iterator[Finding]:
    """Every instalment still to deliver has one row, with its item, quantity and requested date; nothing else
    has.
    """
    rows = Counter((row.sales_order, row.line, row.instalment) for row in ledger.plan.promises)
    for key, instalment in ledger.instalments.items():
        if rows[key] != 1:
            yield instalment.name, f"has {rows[key]} rows, expected one"
    for key in rows:
        if key not in ledger.instalments:
            yield "/".join(map(str, key)), "has a row, but there is nothing to deliver"
    for key, row in ledger.promises.items():
        wanted = ledger.instalments[key]
        if row.item != wanted.item or abs(row.qty - wanted.qty) > NOISE or row.requested != wanted.requested:
            asked = f"{wanted.qty:f} {wanted.item} on {wanted.requested}"
            yield (
                wanted.name,
                f"is told as {row.qty:f} {row.item} on {row.requested}, the customer asked for {asked}",
            )


def promise_matches_deliveries(ledger: Ledger) -> Iterator[Finding]:
    """The promised date is that of the last delivery, none when some of it is never delivered."""
    for key, row in ledger.promises.items():
        wanted = ledger.instalments[key]
        delivered = sum((each.qty for each in row.deliveries), ZERO)
        if delivered > wanted.qty + NOISE:
            yield wanted.name, f"is delivered {delivered:f}, ordered are {wanted.qty:f}"
        if row.promised != ledger.promised(key):
            yield wanted.name, f"is promised for {row.promised}, its deliveries say {ledger.promised(key)}"


def days_late_recomputed(ledger: Ledger) -> Iterator[Finding]:
    """Days late are those from the requested to the promised date."""
    for key, row in ledger.promises.items():
        late = days_late(ledger.factory, ledger.instalments[key].requested, ledger.promised(key))
        if row.days_late != late:
            yield ledger.instalments[key].name, f"is told {row.days_late} days late, it is {late}"


def delivery_policy_kept(ledger: Ledger) -> Iterator[Finding]:
    """Where a customer wants all lines together, what he asked for on one day goes out on one day."""
    together = {
        order.ref
        for order in ledger.factory.sales_orders
        if order.delivery_policy == "all_together" and order.lines[1:]
    }
    days: dict[tuple[str, date], set[date]] = defaultdict(set)
    for key, instalment in ledger.instalments.items():
        if instalment.sales_order in together:
            days[instalment.sales_order, instalment.requested] |= {row.date for row in ledger.deliveries(key)}
    for (order, requested), found in days.items():
        if len(found) > 1:
            yield order, f"what was asked for {requested} goes out on {', '.join(map(str, sorted(found)))}"


def late_rows_explained(ledger: Ledger) -> Iterator[Finding]:
    """Every late instalment says why, each reason with days that are not below zero, the longest first."""
    for key, row in ledger.promises.items():
        days = [reason.days for reason in row.reasons]
        if (row.days_late > 0 or row.promised is None) and not days:
            yield ledger.instalments[key].name, "is late without a reason"
        if not all(each >= 0 and math.isfinite(each) for each in days):
            yield ledger.instalments[key].name, f"tells {', '.join(map(str, days))} days as reasons"
        elif days != sorted(days, reverse=True):
            yield ledger.instalments[key].name, "does not name its longest reason first"
