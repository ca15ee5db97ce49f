"""Rules about what the plan tells of its decisions: days of pegging, chains of lead times, money at risk,
hours that lack.
"""

import math
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from planning.engine.plan import Pegging, Promise
from planning.engine.verify.facts import plausible_day
from planning.engine.verify.ledger import Ledger
from planning.engine.verify.references import Finding, promise_name
from planning.engine.verify.supply import days_of_need


def pegging_days_kept(ledger: Ledger) -> Iterator[Finding]:
    """The day of a pegging row is one on which its order takes the item, or its instalment is delivered, and
    its supply is there by then; what nobody needs has no day.
    """
    taken: set[tuple[str, str, date]] = set()
    if any(row.day is not None and row.for_order is not None for row in ledger.peggings):
        taken.update((order, item, ledger.local.day(at)) for order, item, _, at in ledger.takings)
    for row in ledger.peggings:
        day = row.day
        if day is None or not plausible_day(day):
            continue
        problem = None
        if row.for_order is not None:
            problem = _order_day(ledger, row, row.for_order, day, taken)
        if problem is None and row.sales_order is not None:
            problem = _delivery_day(ledger, row, day)
        if row.for_order is None and row.sales_order is None:
            problem = f"is told for {day}, but for nobody"
        if problem is not None:
            yield row.for_order or row.sales_order or row.order, f"{row.item} of {row.order} {problem}"


def _order_day(
    ledger: Ledger, row: Pegging, code: str, day: date, taken: set[tuple[str, str, date]]
) -> str | None:
    if (code, row.item, day) not in taken:
        order = ledger.orders.get(code)
        if order is None:
            return None
        if day not in days_of_need(ledger, order, row.item):
            return f"is told for {day}, on which it is not taken"
    supply = ledger.receipt_of.get((row.order, row.item))
    if supply is not None and supply.at >= ledger.local.end_of_day(day):
        return f"is told for {day}, but there on {ledger.local.day(supply.at)}"
    return None


def _delivery_day(ledger: Ledger, row: Pegging, day: date) -> str | None:
    key = (row.sales_order or "", row.line or 0, row.instalment or 0)
    if key not in ledger.instalments:
        return None
    if all(each.date != day for each in ledger.deliveries(key)):
        return f"is told for {day}, on which nothing is delivered"
    supply = ledger.receipt_of.get((row.order, row.item))
    midnight = ledger.local.end_of_day(day)
    if supply is not None and not (supply.at < midnight or (supply.is_lot and supply.at == midnight)):
        return f"is told for {day}, but there on {ledger.local.day(supply.at)}"
    return None


def chains_consistent(ledger: Ledger) -> Iterator[Finding]:
    """A chain of lead times runs forward, each link from its start to its end in so many days, none before
    the one ahead of it ends, the last by the promised date; where some late promise has one, all have.
    """
    some = any(row.chain for row in ledger.plan.promises)
    for row in ledger.plan.promises:
        if some and not row.chain and row.promised is not None and row.days_late > 0:
            yield promise_name(row), "is late without the chain of lead times that others have"
        problem = _chain_problem(row)
        if problem is not None:
            yield promise_name(row), problem


def _chain_problem(row: Promise) -> str | None:
    """The first thing that is wrong with the chain of a promise."""
    for link in row.chain:
        if link.days != (link.end - link.start).days or link.days < 0:
            return f"tells {link.days} days of {link.item} from {link.start} to {link.end}"
    for before, after in pairwise(row.chain):
        if after.start < before.end:
            return f"tells {after.item} from {after.start} on, before {before.item} ends on {before.end}"
    if row.chain and row.promised is not None and row.chain[-1].end > row.promised:
        return f"tells a chain until {row.chain[-1].end}, promised is {row.promised}"
    return None


def earliest_days_hold(ledger: Ledger) -> Iterator[Finding]:
    """Nothing is promised for a day before the earliest one that is told for it."""
    for row in ledger.plan.promises:
        if row.earliest is not None and row.promised is not None and row.promised < row.earliest:
            yield promise_name(row), f"is promised for {row.promised}, no plan is told before {row.earliest}"


def money_at_risk_sound(ledger: Ledger) -> Iterator[Finding]:
    """Money at risk is an amount that is not below zero, where one is told."""
    for row in ledger.plan.exceptions:
        money = row.money_at_risk
        if money is not None and not (money >= 0 and math.isfinite(money)):
            yield row.entity, f"tells {money} at risk"


def shortfalls_sound(ledger: Ledger) -> Iterator[Finding]:
    """Hours that lack are told of a skill, for months of the horizon, each once and in their order, and are
    above zero.
    """
    months = [month.name for month in ledger.months]
    for row in ledger.plan.exceptions:
        if row.shortfall and row.entity not in ledger.skills:
            yield row.entity, "tells hours that lack, and is no skill"
        told = [each.month for each in row.shortfall]
        for unknown in sorted(set(told) - set(months)):
            yield row.entity, f"tells hours that lack in {unknown}, which is no month of the horizon"
        if told != sorted(set(told)):
            yield row.entity, "tells the months in which hours lack twice, or out of their order"
        for each in row.shortfall:
            if not (each.hours > 0 and math.isfinite(each.hours)):
                yield row.entity, f"tells that {each.hours} hours lack in {each.month}"
