"""Rows about what is made, and about money: one function per rule, listed in ``PRODUCTION``."""

import numpy as np

from planning.engine.workforce_plan.people import Draft, Rule
from planning.engine.workforce_plan.problem import Demand, Family, Part
from planning.engine.workforce_plan.sparse import Floats, Index
from planning.engine.workforce_plan.tables import falls_into


def produce_only_when_allowed(draft: Draft) -> None:
    """Nothing is started before a family's first day, nor more than is startable by then, or ever needed."""
    model, columns, tables = draft.model, draft.columns, draft.tables
    for number, family in enumerate(draft.problem.families):
        limit = np.full(len(tables.ends), np.inf)
        if family.startable:
            limit = np.array(family.startable)
        limit = np.where(tables.ends <= family.earliest, 0.0, limit)
        is_bound = limit < tables.units[number]
        is_bound[-1] = True
        limit = np.minimum(limit, tables.units[number])
        where = np.flatnonzero(is_bound)
        rows = model.rows(where.shape, high=limit[where], when=draft.bucket_when[where])
        so_far = np.arange(len(limit))[None, :] <= where[:, None]
        model.put(rows[:, None], columns.started[number], so_far)


def stations_within(draft: Draft) -> None:
    """Stations of a work centre are taken for no more than the bucket they have."""
    problem, tables = draft.problem, draft.tables
    if not problem.stations:
        return
    most = np.array(problem.stations)[:, None]
    shape = (len(problem.stations), tables.work_shape[1])
    rows = draft.model.rows(shape, high=most, when=draft.bucket_when)
    for number, family in enumerate(problem.families):
        for station in family.stations:
            share = np.array(station.share)
            start, bucket, part = falls_into(tables, station.offset)
            started = draft.columns.started[number, start]
            draft.model.put(rows[station.centre, bucket], started, share[bucket] * part)


def moments_of(family: Family, ends: Floats) -> Floats:
    """The moments at which a family's stock is looked at: ends of buckets and due moments."""
    return np.unique(np.concatenate((ends, [each.day for each in family.demands])))


def there_by(receipts: tuple[tuple[float, float], ...], days: Floats) -> Floats:
    """Units of ``receipts`` that are there by each of ``days``."""
    found = np.zeros(len(days))
    for day, units in receipts:
        found += np.where(days >= day, units, 0.0)
    return found


def supply_covers_demand(draft: Draft) -> None:
    """At every moment what came, less what was taken and what is wanted, is in stock or missing.

    Missing never is more than what was wanted so far, so nothing is taken that is not there. Stock costs at
    the end of each bucket, missing units at each due moment until the next. A row is what happened since the
    moment before, which keeps the model sparse.
    """
    model, problem, ends = draft.model, draft.problem, draft.tables.ends
    takers = takers_of(draft)
    for number, family in enumerate(problem.families):
        days = moments_of(family, ends)
        wanted = wanted_by(family.demands, days)
        there = there_by(family.receipts, days)
        holding = np.zeros(len(days))
        if family.holding:
            holding[np.searchsorted(days, ends)] = family.holding
        most = draft.tables.units[number] * 2 + there
        when = draft.bucket_when[np.minimum(np.searchsorted(ends, days), len(ends) - 1)]
        stock = model.columns(days.shape, high=most, cost=holding, when=when)
        missing = model.columns(days.shape, high=wanted, cost=late_costs(draft, family, days), when=when)
        net = np.diff(wanted - there, prepend=0.0)
        rows = model.rows(days.shape, low=net, high=net, when=when)
        _put_since(draft, rows, draft.columns.started[number], days - family.lead_days, 1.0)
        if family.subcontract is not None:
            _put_since(draft, rows, draft.columns.bought[number], days, 1.0)
        for taker, part in takers[number]:
            _put_since(draft, rows, draft.columns.started[taker], days - part.offset, -part.per_unit)
        for block, sign in ((stock, -1.0), (missing, 1.0)):
            model.put(rows, block, sign)
            model.put(rows[1:], block[:-1], -sign)
        if family.end_stock > 0:
            last = draft.when[-1]
            row = model.rows((1,), low=family.end_stock, when=last)
            model.put(row, stock[-1], 1.0)
            lacking = model.columns((1,), high=family.end_stock, cost=problem.broken_cost, when=last)
            model.put(row, lacking, 1.0)
        if family.pays:
            _add_receipts(draft, family, missing[np.searchsorted(days, draft.tables.period_ends)])


def _add_receipts(draft: Draft, family: Family, missing: Index) -> None:
    """What is missing at the end of a period has not paid yet; what was missing before pays now."""
    cash, count = draft.problem.cash, len(missing)
    for lag, sign in ((0, 1.0), (1, -1.0)):
        periods = np.arange(lag + (cash.lag if cash is not None else 0), count)
        draft.pays(missing[: len(periods)], periods, np.full(len(periods), sign * family.pays))


def later(amounts: Floats, lag: int) -> Floats:
    """What comes in each period of ``amounts`` that come so many periods later."""
    return np.concatenate((np.zeros(min(lag, len(amounts))), amounts[: max(0, len(amounts) - lag)]))


def takers_of(draft: Draft) -> list[list[tuple[int, Part]]]:
    """(family, part) of all that take each family."""
    found: list[list[tuple[int, Part]]] = [[] for _ in draft.problem.families]
    for number, family in enumerate(draft.problem.families):
        for part in family.parts:
            if part.family is not None:
                found[part.family].append((number, part))
    return found


def wanted_by(demands: tuple[Demand, ...], days: Floats) -> Floats:
    """Units wanted by each of ``days``."""
    found = np.zeros(len(days))
    for each in demands:
        found += np.where(days >= each.day, each.units, 0.0)
    return found


def late_costs(draft: Draft, family: Family, days: Floats) -> Floats:
    """What a unit costs that is missing at each moment; 0 where nothing is due."""
    problem = draft.problem
    found = np.zeros(len(days))
    for each in family.demands:
        price = problem.broken_cost if each.is_firm else each.late_cost * problem.lateness_weight
        found[np.searchsorted(days, each.day)] += price
    return found


def _put_since(draft: Draft, rows: Index, amounts: Index, days: Floats, factor: float) -> None:
    """``factor`` times what falls between each of ``days`` and the one before, of ``amounts`` that are even
    within their bucket.
    """
    shares = np.diff(shares_by(draft, days), axis=0, prepend=0.0)
    row, bucket = np.nonzero(shares)
    draft.model.put(rows[row], amounts[bucket], shares[row, bucket] * factor)


def shares_by(draft: Draft, days: Floats) -> Floats:
    """The share of what each bucket makes that is made by each of ``days``: ``[moment, bucket]``."""
    tables = draft.tables
    passed = (days[:, None] - tables.begins[None, :]) / (tables.stops - tables.begins)[None, :]
    return np.clip(passed, 0.0, 1.0)


def materials_last(draft: Draft) -> None:
    """Until more of a material can come, no more of it is taken than the receipts known now."""
    tables = draft.tables
    for number, material in enumerate(draft.problem.materials):
        days = tables.ends[tables.begins < material.more_from]
        if not len(days):
            continue
        most = there_by(material.receipts, days)
        rows = draft.model.rows(days.shape, high=most, when=draft.bucket_when[: len(days)])
        for taker, family in enumerate(draft.problem.families):
            for part in family.parts:
                if part.material == number:
                    shares = shares_by(draft, days - part.offset) * part.per_unit
                    draft.model.put(rows[:, None], draft.columns.started[taker], shares)


def cash_kept(draft: Draft) -> None:
    """Money in hand is what it was, plus what came, less what was paid; never below the floor unless at a
    price.
    """
    model, problem, tables, cash = draft.model, draft.problem, draft.tables, draft.problem.cash
    if cash is None:
        return
    count = tables.shape[1]
    flows = np.array(cash.flows)
    for family in problem.families:  # as if all were delivered when it is wanted
        ends = np.concatenate(([0.0], tables.period_ends))
        flows = flows + later(np.diff(wanted_by(family.demands, ends)), cash.lag) * family.pays
    flows[0] += cash.opening
    _pay_people(draft)
    spent = np.zeros(count)
    highs = draft.model.freeze().high
    for columns, periods, money in draft.columns.cash_entries:
        np.add.at(spent, periods, np.abs(money) * np.where(np.isfinite(highs[columns]), highs[columns], 0.0))
    most = float(spent.sum() + np.abs(flows).sum() + abs(cash.floor))
    balance = model.columns((count,), low=-most, high=most, when=draft.when)
    rows = model.rows((count,), low=flows, high=flows, when=draft.when)
    model.put(rows, balance, 1.0)
    model.put(rows[1:], balance[:-1], -1.0)
    for columns, periods, money in draft.columns.cash_entries:
        model.put(rows[periods], columns, money)
    rows = model.rows((count,), low=cash.floor, when=draft.when)
    model.put(rows, balance, 1.0)
    lacking = model.columns((count,), high=2 * most, cost=cash.missing_cost, when=draft.when)
    model.put(rows, lacking, 1.0)


def _pay_people(draft: Draft) -> None:
    """Pay, overtime, temporary people, hiring, severance, courses, purchases and subcontracts."""
    columns, tables, problem = draft.columns, draft.tables, draft.problem
    severance = np.array([skill.layoff_cost or 0.0 for skill in problem.skills])[:, None]
    courses = np.array([way.cost for way in problem.cross_training]).reshape(-1, 1)
    purchases = np.array([family.unit_cost for family in problem.families]).reshape(-1, 1)
    contracts = [family.subcontract for family in problem.families]
    prices = np.array([each.cost if each else 0.0 for each in contracts]).reshape(-1, 1)
    for block, when, money in (
        (columns.heads, draft.when, tables.paid * tables.wage),
        (columns.overtime, draft.bucket_when, tables.overtime_cost),
        (columns.temps, draft.when, tables.temp_cost),
        (columns.hires, draft.when, tables.hire_cost[:, None]),
        (columns.layoffs, draft.when, severance),
        (columns.moves, draft.when, courses),
        (columns.started, draft.bucket_when, purchases),
        (columns.bought, draft.bucket_when, prices),
    ):
        draft.pays(block, when, money)


PRODUCTION: tuple[Rule, ...] = (
    produce_only_when_allowed,
    stations_within,
    supply_covers_demand,
    materials_last,
    cash_kept,
)
