"""Rows about people: heads follow moves, hours follow heads, and what the plant as a whole allows.

One function per rule, all listed in ``PEOPLE``; ``docs/workforce.md`` has the formulas under the same names.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from planning.engine.workforce_plan.problem import ByPeriod, CrossTraining, Ratio, WorkforceProblem
from planning.engine.workforce_plan.sparse import Floats, Index, SparseModel
from planning.engine.workforce_plan.tables import Tables, falls_into, losses_of, training_periods


@dataclass(slots=True)
class RatioColumns:
    """Heads that a ratio asks for, by period from its first one on, the rows that say so, and blocks of
    those that then lack.
    """

    ratio: Ratio
    wanted: Index
    rows: Index
    missing: list[Index] = field(default_factory=list)


@dataclass(slots=True)
class Columns:
    """Positions of the model's columns: ``[skill, period]`` and ``[way, period]``, hours ``[skill, bucket]``,
    what is made ``[family, bucket]``; ``used_up[period]``: whether the plant hires all it may, none where
    nothing asks.
    """

    heads: Index
    hires: Index
    layoffs: Index
    temps: Index
    available: Index
    overtime: Index
    missing: Index
    moves: Index
    started: Index
    bought: Index
    used_up: Index | None = None
    ratios: list[RatioColumns] = field(default_factory=list)
    cash_entries: list[tuple[Index, Index, Floats]] = field(default_factory=list)


@dataclass(slots=True)
class Draft:
    """A model while it is written. ``money`` remembers what is paid in which period, for the cash rows."""

    problem: WorkforceProblem
    tables: Tables
    model: SparseModel
    columns: Columns
    hour_rows: Index

    @property
    def when(self) -> Index:
        """The periods."""
        return np.arange(self.tables.shape[1], dtype=np.int64)

    @property
    def bucket_when(self) -> Index:
        """The period of each bucket."""
        return self.tables.period

    def pays(self, columns: Index, periods: Index, money: Floats) -> None:
        if self.problem.cash is not None:
            shape = np.broadcast_shapes(columns.shape, periods.shape, np.shape(money))
            self.columns.cash_entries.append(
                (
                    np.broadcast_to(columns, shape).reshape(-1),
                    np.broadcast_to(periods, shape).reshape(-1),
                    np.broadcast_to(money, shape).reshape(-1),
                )
            )


def add_columns(problem: WorkforceProblem, tables: Tables, model: SparseModel) -> Columns:
    """All columns that decisions have, each with its price and an end that no good plan passes."""
    skills, count = tables.shape
    families = len(problem.families)
    broken = problem.broken_cost
    first_layoff = [count if s.layoff_cost is None else s.layoffs_from for s in problem.skills]
    can_leave = np.arange(count)[None, :] >= np.array(first_layoff)[:, None]
    layoff_cost = np.array([skill.layoff_cost or 0.0 for skill in problem.skills])
    temp_most = np.array([skill.temp_most for skill in problem.skills])[:, None]
    share = np.array([skill.overtime_share for skill in problem.skills])[:, None]
    gives = tables.hours * (tables.head_limit + temp_most)[:, tables.period]
    whole = all(skill.is_whole for skill in problem.skills)
    given_moves = [way.given or (0.0,) * count for way in problem.cross_training]
    open_moves = [way.given or _open_moves(way, count) for way in problem.cross_training]
    most_moves = np.array(open_moves, dtype=np.float64).reshape(-1, count)
    units = tables.units[:, None]
    unit_cost = np.array([family.unit_cost for family in problem.families]).reshape(-1, 1)
    contracts = [family.subcontract for family in problem.families]
    part = (tables.ends - tables.begins) / np.diff(tables.period_ends, prepend=0.0)[tables.period]
    contract_most = np.array([each.most if each else 0.0 for each in contracts]).reshape(-1, 1) * part
    contract_cost = np.array([each.cost if each else 0.0 for each in contracts]).reshape(-1, 1)
    when, bucket_when, buckets = np.arange(count), tables.period, tables.work_shape
    return Columns(
        heads=model.columns(
            (skills, count), when=when, high=tables.head_limit, cost=tables.paid * tables.wage
        ),
        hires=model.columns(
            (skills, count),
            when=when,
            low=tables.hire_least,
            high=tables.hire_most,
            cost=tables.hire_cost[:, None] + problem.hire_reluctance,
            whole=whole,
        ),
        layoffs=model.columns(
            (skills, count),
            when=when,
            high=np.floor(tables.head_limit) * can_leave if whole else tables.head_limit * can_leave,
            cost=layoff_cost[:, None],
            whole=whole,
        ),
        temps=model.columns(
            (skills, count),
            when=when,
            high=temp_most,
            cost=tables.temp_cost,
            whole=any(skill.are_temps_whole and skill.temp_most > 0 for skill in problem.skills),
        ),
        available=model.columns(buckets, when=bucket_when, high=gives),
        overtime=model.columns(
            buckets,
            when=bucket_when,
            high=gives * share,
            cost=tables.overtime_cost * (1 + problem.overtime_reluctance),
        ),
        missing=model.columns(buckets, when=bucket_when, high=_most_work(problem, tables), cost=broken),
        moves=model.columns(
            most_moves.shape,
            when=when,
            low=np.array(given_moves, dtype=np.float64).reshape(-1, count),
            high=most_moves,
            cost=np.array([way.cost for way in problem.cross_training]).reshape(-1, 1),
        ),
        started=model.columns((families, buckets[1]), when=bucket_when, high=units, cost=unit_cost),
        bought=model.columns(
            (families, buckets[1]),
            when=bucket_when,
            high=np.minimum(contract_most, units),
            cost=contract_cost,
        ),
    )


def _open_moves(way: CrossTraining, count: int) -> ByPeriod:
    return tuple(way.most if period >= way.first else 0.0 for period in range(count))


def _most_work(problem: WorkforceProblem, tables: Tables) -> Floats:
    """Hours of each skill and bucket that all units at once would take."""
    found = tables.load.copy()
    for number, family in enumerate(problem.families):
        for work in family.work:
            found[work.skill] += tables.units[number] * max(work.hours, default=0.0)
    return found


def heads_follow_moves(draft: Draft) -> None:
    """Heads are those of the period before who stay, plus hires and arrivals, less layoffs and departures."""
    model, columns, tables = draft.model, draft.columns, draft.tables
    start = np.zeros(tables.shape)
    start[:, 0] = [skill.heads for skill in draft.problem.skills] * tables.stay[:, 0]
    rows = model.rows(tables.shape, low=start, high=start, when=draft.when)
    model.put(rows, columns.heads, 1.0)
    model.put(rows[:, 1:], columns.heads[:, :-1], -tables.stay[:, 1:])
    model.put(rows, columns.hires, -1.0)
    model.put(rows, columns.layoffs, 1.0)
    for number, way in enumerate(draft.problem.cross_training):
        model.put(rows[way.source], columns.moves[number], 1.0)
        model.put(rows[way.target], columns.moves[number], -1.0)


def hours_follow_heads(draft: Draft) -> None:
    """Hours are those of trained and temporary heads, less who is absent, and what newcomers and their
    trainers lack.
    """
    model, columns, tables, problem = draft.model, draft.columns, draft.tables, draft.problem
    shape, when = tables.work_shape, draft.bucket_when
    rows = model.rows(shape, low=tables.absent, high=tables.absent, when=when)
    model.put(rows, columns.available, -1.0)
    model.put(rows, columns.heads[:, tables.period], tables.hours)
    model.put(rows, columns.temps[:, tables.period], tables.hours)
    lost = np.zeros(shape)
    for number, skill in enumerate(problem.skills):
        first, bucket, hours = losses_of(skill.losses, tables.first)
        model.put(rows[number, bucket], columns.hires[number, first], -hours)
        np.add.at(lost[number], bucket, hours * tables.hire_most[number, first])
    for number, way in enumerate(problem.cross_training):
        first, bucket, hours = losses_of(way.losses, tables.first)
        model.put(rows[way.target, bucket], columns.moves[number, first], -hours)
        most = np.array(way.given or _open_moves(way, tables.shape[1]))
        np.add.at(lost[way.target], bucket, hours * most[first])
    unreal = model.columns(shape, high=lost + tables.absent, cost=problem.broken_cost, when=when)
    model.put(rows, unreal, 1.0)


def overtime_within_cap(draft: Draft) -> None:
    """Overtime adds no more than its share of the hours there are."""
    model, columns, tables = draft.model, draft.columns, draft.tables
    share = np.array([skill.overtime_share for skill in draft.problem.skills])[:, None]
    rows = model.rows(tables.work_shape, high=0.0, when=draft.bucket_when)
    model.put(rows, columns.overtime, 1.0)
    model.put(rows, columns.available, -share)


def hours_within(draft: Draft) -> None:
    """Hours, overtime and what is missing cover the load and the work of what is made."""
    model, columns, tables = draft.model, draft.columns, draft.tables
    rows = draft.hour_rows
    model.put(rows, columns.available, 1.0)
    model.put(rows, columns.overtime, 1.0)
    model.put(rows, columns.missing, 1.0)
    for number, family in enumerate(draft.problem.families):
        for work in family.work:
            hours = np.array(work.hours)
            start, bucket, share = falls_into(tables, work.offset)
            model.put(rows[work.skill, bucket], columns.started[number, start], -hours[start] * share)


def least_heads_kept(draft: Draft) -> None:
    """A skill has its least heads, and at the end those that are needed on."""
    model, columns, tables, problem = draft.model, draft.columns, draft.tables, draft.problem
    skill, period = np.nonzero(tables.least)
    wanted = tables.least[skill, period]
    rows = model.rows(wanted.shape, low=wanted, when=period)
    model.put(rows, columns.heads[skill, period], 1.0)
    lacking = model.columns(wanted.shape, high=wanted, cost=problem.broken_cost, when=period)
    model.put(rows, lacking, 1.0)
    needed = np.array([each.end_heads for each in problem.skills])
    price = np.array([each.end_cost for each in problem.skills])
    last = draft.when[-1]
    rows = model.rows(needed.shape, low=needed, when=last)
    model.put(rows, columns.heads[:, -1], 1.0)
    model.put(rows, model.columns(needed.shape, high=needed, cost=price, when=last), 1.0)


def hires_in_all_within(draft: Draft) -> None:
    """A skill hires no more over the horizon than its limit in all."""
    for number, skill in enumerate(draft.problem.skills):
        if skill.hiring is not None and skill.hiring.in_all is not None:
            limit = max(skill.hiring.in_all, sum(skill.hiring.least))
            row = draft.model.rows((1,), high=limit)
            draft.model.put(row, draft.columns.hires[number], 1.0)


def training_seats_priced(draft: Draft) -> None:
    """Newcomers who still lack hours take seats; more than there are cost their price."""
    model, columns, count = draft.model, draft.columns, draft.tables.shape[1]
    for number, skill in enumerate(draft.problem.skills):
        if skill.training_seats is not None and skill.losses:
            first, period = training_periods(skill.losses, draft.tables)
            rows = model.rows((count,), high=skill.training_seats, when=draft.when)
            model.put(rows[period], columns.hires[number, first], 1.0)
            most = draft.tables.hire_most[number].sum()
            extra = model.columns((count,), high=most, cost=skill.seat_cost, when=draft.when)
            model.put(rows, extra, -1.0)
            draft.pays(extra, np.arange(count), np.full(count, skill.seat_cost))


def shifts_have_seats(draft: Draft) -> None:
    """Everybody works one of the skill's shifts, as far as its seats go, at its premium."""
    model, columns, tables = draft.model, draft.columns, draft.tables
    count = tables.shape[1]
    for number, skill in enumerate(draft.problem.skills):
        if not skill.shifts:
            continue
        rows = model.rows((count,), low=0.0, when=draft.when)
        model.put(rows, columns.heads[number], -1.0)
        model.put(rows, columns.temps[number], -1.0)
        most = tables.head_limit[number] + skill.temp_most
        nowhere = model.columns((count,), high=most, cost=draft.problem.broken_cost, when=draft.when)
        model.put(rows, nowhere, 1.0)
        for shift in skill.shifts:
            cost = tables.paid[number] * shift.premium
            work = model.columns((count,), high=np.minimum(most, shift.seats), cost=cost, when=draft.when)
            model.put(rows, work, 1.0)
            draft.pays(work, np.arange(count), cost)


def plant_limits_kept(draft: Draft) -> None:
    """Hires, money for hiring, and heads of the whole plant stay within their limits by period."""
    model, columns, tables, problem = draft.model, draft.columns, draft.tables, draft.problem
    limits, count = problem.limits, tables.shape[1]
    if limits.hires:
        most = np.maximum(limits.hires, tables.hire_least.sum(axis=0))
        rows = model.rows((count,), high=most, when=draft.when)
        model.put(rows[None, :], columns.hires, 1.0)
    if limits.hiring_budget:
        cost = np.array([way.cost for way in problem.cross_training]).reshape(-1, 1)
        given = np.array([way.given or (0.0,) * count for way in problem.cross_training]).reshape(-1, count)
        spent = tables.hire_cost @ tables.hire_least + (cost * given).sum(axis=0)
        rows = model.rows((count,), high=np.maximum(limits.hiring_budget, spent), when=draft.when)
        model.put(rows[None, :], columns.hires, tables.hire_cost[:, None])
        model.put(rows[None, :], columns.moves, cost)
    if limits.heads:
        rows = model.rows((count,), high=np.array(limits.heads), when=draft.when)
        model.put(rows[None, :], columns.heads, 1.0)
        most = tables.head_limit.sum(axis=0)
        over = model.columns((count,), high=most, cost=problem.broken_cost, when=draft.when)
        model.put(rows, over, -1.0)


def headcount_smooth(draft: Draft) -> None:
    """What all heads together change by from one period to the next has a price."""
    model, columns, tables, price = draft.model, draft.columns, draft.tables, draft.problem.limits.change_cost
    if price <= 0:
        return
    count = tables.shape[1]
    start = np.zeros(count)
    start[0] = sum(skill.heads for skill in draft.problem.skills)
    most = tables.head_limit.sum(axis=0) + start[0]
    rows = model.rows((count,), low=start, high=start, when=draft.when)
    model.put(rows[None, :], columns.heads, 1.0)
    model.put(rows[None, 1:], columns.heads[:, :-1], -1.0)
    model.put(rows, model.columns((count,), high=most, cost=price, when=draft.when), -1.0)
    most = np.concatenate(([start[0]], most[:-1]))
    model.put(rows, model.columns((count,), high=most, cost=price, when=draft.when), 1.0)


type Rule = Callable[[Draft], None]

PEOPLE: tuple[Rule, ...] = (
    heads_follow_moves,
    hours_follow_heads,
    overtime_within_cap,
    hours_within,
    least_heads_kept,
    hires_in_all_within,
    training_seats_priced,
    shifts_have_seats,
    plant_limits_kept,
    headcount_smooth,
)
