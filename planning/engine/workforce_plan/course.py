"""What follows from decisions: heads, hours, stock, backlog, cash and cost, by arrays, without a solver."""

import numpy as np

from planning.engine.workforce_plan.plan import Course, Decisions, Rows, WorkforceCost
from planning.engine.workforce_plan.problem import WorkforceProblem
from planning.engine.workforce_plan.production import later, moments_of, there_by, wanted_by
from planning.engine.workforce_plan.sparse import Floats
from planning.engine.workforce_plan.tables import Tables, falls_into, losses_of, training_periods

GUARD = 1e-6  # heads within this of a whole number count as that number


class Reckoning:
    """One problem, its tables, and what decisions come to."""

    def __init__(self, problem: WorkforceProblem, tables: Tables | None = None) -> None:
        self.problem = problem
        self.tables = tables or Tables.of(problem)
        self.count, self.buckets = self.tables.shape[1], self.tables.work_shape[1]

    def course(self, decisions: Decisions) -> Course:
        """Heads, hours, stock, cash and cost of ``decisions``."""
        problem, tables = self.problem, self.tables
        hires, layoffs = _array(decisions.hires, self.count), _array(decisions.layoffs, self.count)
        temps, moves = _array(decisions.temps, self.count), _array(decisions.moves, self.count)
        started = _array(decisions.started, self.buckets)
        bought = _array(decisions.subcontracted, self.buckets)
        heads = self.heads(hires, layoffs, moves)
        lost, training = self._lost(hires, moves)
        gives = tables.hours * (heads + temps)[:, tables.period] - lost - tables.absent
        available = np.maximum(gives, 0.0)
        required = self._required(started)
        share = np.array([skill.overtime_share for skill in problem.skills])[:, None]
        overtime = np.minimum(np.maximum(required - available, 0.0), share * available)
        missing = np.maximum(required - available - overtime, 0.0)
        stock, backlog, holding, late, unkept = self._material(started, bought)
        severance = np.array([skill.layoff_cost or 0.0 for skill in problem.skills])[:, None]
        courses = np.array([way.cost for way in problem.cross_training]).reshape(-1, 1)
        purchases = np.array([family.unit_cost for family in problem.families]).reshape(-1, 1)
        contracts = [family.subcontract for family in problem.families]
        prices = np.array([each.cost if each else 0.0 for each in contracts]).reshape(-1, 1)
        paid = {
            "regular": heads * tables.paid * tables.wage,
            "overtime": overtime * tables.overtime_cost,
            "temporary": temps * tables.temp_cost,
            "hiring": hires * tables.hire_cost[:, None],
            "severance": layoffs * severance,
            "cross_training": moves * courses,
            "seats": self._seats(training),
            "shifts": self._shifts(heads + temps),
            "purchases": started * purchases,
            "subcontract": bought * prices,
        }
        cash = self._cash(sum(map(self._by_period, paid.values()), np.zeros(self.count)), backlog)
        short = self._rules_broken(heads, temps)
        unkept += float(missing.sum() + np.maximum(-gives, 0.0).sum() + short)
        cost = WorkforceCost(
            **{name: float(each.sum()) for name, each in paid.items()},
            holding=holding,
            lateness=late,
            smoothness=self._changes(heads) * problem.limits.change_cost,
            end=self._end(heads),
            ratios=self._ratios(heads, hires),
            missing_cash=self._missing_cash(cash),
            broken=unkept * problem.broken_cost,
        )
        return Course(
            heads=rows(heads),
            in_training=rows(training),
            available=rows(available),
            required=rows(required),
            overtime=rows(overtime),
            missing=rows(missing),
            stock=rows(stock),
            backlog=rows(backlog),
            cash=tuple(cash.tolist()),
            cost=cost,
            objective=weigh(problem, cost, float(hires.sum())),
        )

    def heads(self, hires: Floats, layoffs: Floats, moves: Floats) -> Floats:
        """``[skill, period]`` heads."""
        problem, tables = self.problem, self.tables
        change = hires - layoffs
        for number, way in enumerate(problem.cross_training):
            change[way.source] -= moves[number]
            change[way.target] += moves[number]
        found = np.zeros(tables.shape)
        before = np.array([skill.heads for skill in problem.skills], dtype=np.float64)
        for period in range(self.count):
            before = before * tables.stay[:, period] + change[:, period]
            found[:, period] = before
        return found

    def _by_period(self, amounts: Floats) -> Floats:
        """Sums by period of a table whose columns are periods or buckets."""
        total = amounts.sum(axis=0)
        if len(total) == self.buckets:
            total = np.add.reduceat(total, self.tables.first)
        return np.asarray(total, dtype=np.float64)

    def _lost(self, hires: Floats, moves: Floats) -> tuple[Floats, Floats]:
        """Hours that newcomers and trainers lack by bucket, and newcomers who lack some by period."""
        tables = self.tables
        lost, training = np.zeros(tables.work_shape), np.zeros(tables.shape)
        for number, skill in enumerate(self.problem.skills):
            first, bucket, hours = losses_of(skill.losses, tables.first)
            np.add.at(lost[number], bucket, hours * hires[number, first])
            first, period = training_periods(skill.losses, tables)
            np.add.at(training[number], period, hires[number, first])
        for number, way in enumerate(self.problem.cross_training):
            first, bucket, hours = losses_of(way.losses, tables.first)
            np.add.at(lost[way.target], bucket, hours * moves[number, first])
        return lost, training

    def _required(self, started: Floats) -> Floats:
        found, tables = self.tables.load.copy(), self.tables
        for number, family in enumerate(self.problem.families):
            for work in family.work:
                hours = started[number] * np.array(work.hours)
                start, bucket, share = falls_into(tables, work.offset)
                np.add.at(found[work.skill], bucket, hours[start] * share)
        return found

    def _material(self, started: Floats, bought: Floats) -> tuple[Floats, Floats, float, float, float]:
        """Stock and backlog at ends of buckets, cost of stock and of lateness, units of rules broken."""
        problem, tables = self.problem, self.tables
        stock, backlog = (
            np.zeros((len(problem.families), self.buckets)),
            np.zeros((len(problem.families), self.buckets)),
        )
        holding = late = unkept = 0.0
        for number, family in enumerate(problem.families):
            days = moments_of(family, tables.ends)
            have = there_by(family.receipts, days) + self._by(started[number], days - family.lead_days)
            if family.subcontract is not None:
                have += self._by(bought[number], days)
            for taker, other in enumerate(problem.families):
                for part in other.parts:
                    if part.family == number:
                        have -= self._by(started[taker], days - part.offset) * part.per_unit
            net = have - wanted_by(family.demands, days)
            missing = np.maximum(-net, 0.0)
            where = np.searchsorted(days, tables.ends)
            stock[number], backlog[number] = np.maximum(net, 0.0)[where], missing[where]
            if family.holding:
                holding += float(stock[number] @ np.array(family.holding))
            for each in family.demands:
                lacks = float(missing[np.searchsorted(days, each.day)])
                late += 0.0 if each.is_firm else lacks * each.late_cost
                unkept += lacks if each.is_firm else 0.0
            unkept += max(0.0, family.end_stock - float(np.maximum(net, 0.0)[-1]))
        return stock, backlog, holding, late, unkept

    def _by(self, amounts: Floats, days: Floats) -> Floats:
        """Of ``amounts`` by bucket, even within each, what has come by ``days``."""
        return come_by(amounts, self.tables.begins, self.tables.stops, days)

    def _seats(self, training: Floats) -> Floats:
        """What seats beyond those there are cost by skill and period."""
        there = np.array(
            [
                np.inf if skill.training_seats is None else skill.training_seats
                for skill in self.problem.skills
            ]
        )[:, None]
        price = np.array([skill.seat_cost for skill in self.problem.skills])[:, None]
        return np.asarray(np.maximum(training - there, 0.0) * price, dtype=np.float64)

    def _shifts(self, people: Floats) -> Floats:
        found = np.zeros(self.tables.shape)
        for number, skill in enumerate(self.problem.skills):
            left = people[number]
            for shift in sorted(skill.shifts, key=lambda each: each.premium):
                work = np.minimum(left, shift.seats)
                found[number] += work * shift.premium * self.tables.paid[number]
                left = left - work
        return found

    def _rules_broken(self, heads: Floats, temps: Floats) -> float:
        """Heads that lack to what a rule asks for, or that are over the plant's limit."""
        problem, tables = self.problem, self.tables
        found = float(np.maximum(tables.least - heads, 0.0).sum())
        for number, skill in enumerate(problem.skills):
            if skill.shifts:
                seats = sum(shift.seats for shift in skill.shifts)
                found += float(np.maximum(heads[number] + temps[number] - seats, 0.0).sum())
        if problem.limits.heads:
            found += float(np.maximum(heads.sum(axis=0) - np.array(problem.limits.heads), 0.0).sum())
        return found

    def _ratios(self, heads: Floats, hires: Floats) -> float:
        """What heads cost that lack beside direct ones."""
        problem, found = self.problem, 0.0
        direct = heads[[skill.is_direct for skill in problem.skills]].sum(axis=0)
        for ratio in problem.limits.ratios:
            wanted, there = direct[ratio.first :] / ratio.per_direct, heads[ratio.skill, ratio.first :]
            if ratio.is_rounded:
                wanted, there = np.ceil(wanted - GUARD), np.ceil(there - GUARD)
            price = np.full(self.count, problem.broken_cost)
            if ratio.missing_cost and problem.limits.hires:
                is_full = hires.sum(axis=0) >= np.array(problem.limits.hires)
                price = np.where(is_full, np.array(ratio.missing_cost), price)
            found += float(np.maximum(wanted - there, 0.0) @ price[ratio.first :])
        return found

    def _changes(self, heads: Floats) -> float:
        start = sum(skill.heads for skill in self.problem.skills)
        return float(np.abs(np.diff(heads.sum(axis=0), prepend=start)).sum())

    def _end(self, heads: Floats) -> float:
        needed = np.array([skill.end_heads for skill in self.problem.skills])
        price = np.array([skill.end_cost for skill in self.problem.skills])
        return float(np.maximum(needed - heads[:, -1], 0.0) @ price)

    def _cash(self, spent: Floats, backlog: Floats) -> Floats:
        cash = self.problem.cash
        if cash is None:
            return np.zeros(0)
        income = np.array(cash.flows)
        for number, family in enumerate(self.problem.families):
            if family.pays:
                wanted = wanted_by(family.demands, self.tables.period_ends)
                delivered = wanted - backlog[number, self.tables.last]
                income = income + later(np.diff(delivered, prepend=0.0), cash.lag) * family.pays
        return np.asarray(cash.opening + np.cumsum(income - spent), dtype=np.float64)

    def _missing_cash(self, cash: Floats) -> float:
        account = self.problem.cash
        if account is None:
            return 0.0
        return float(np.maximum(account.floor - cash, 0.0).sum()) * account.missing_cost


def weigh(problem: WorkforceProblem, cost: WorkforceCost, hires: float) -> float:
    """The objective: all parts, lateness by its weight, overtime and hires with what is put on top."""
    steering = cost.smoothness + cost.end + cost.ratios + cost.missing_cash + cost.broken
    extra = problem.overtime_reluctance * cost.overtime + problem.hire_reluctance * hires
    return cost.money + problem.lateness_weight * cost.lateness + steering + extra


def come_by(amounts: Floats, begins: Floats, stops: Floats, days: Floats) -> Floats:
    """Of ``amounts`` by bucket, even from its beginning to its stop, what has come by each of ``days``."""
    total = np.cumsum(amounts)
    curve = np.stack((np.concatenate(([0.0], total[:-1])), total), axis=1).reshape(-1)
    known = np.stack((begins, stops), axis=1).reshape(-1)
    return np.asarray(np.interp(days, known, curve), dtype=np.float64)


def rows(table: Floats) -> Rows:
    """An array as tuples."""
    return tuple(map(tuple, table.tolist()))


def _array(table: Rows, count: int) -> Floats:
    return np.array(table, dtype=np.float64).reshape(-1, count)
