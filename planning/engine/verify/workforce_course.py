"""Heads, hours, stock, cash and cost of a workforce plan, recomputed from its decisions by plain loops.

Shares nothing with the solver but the data: what the plan tells is not read here.
"""

import itertools
import math
from collections.abc import Sequence

from planning.engine.workforce_plan.plan import Decisions
from planning.engine.workforce_plan.problem import Family, Skill, WorkforceProblem

GUARD = 1e-6


class Recount:
    """What ``decisions`` come to. Lists are by skill or family, then by period; those of hours, stock and
    backlog by bucket.
    """

    def __init__(self, problem: WorkforceProblem, decisions: Decisions) -> None:
        self.problem, self.decisions = problem, decisions
        self.periods = range(len(problem.periods))
        self.spans: list[tuple[float, float, int]] = []  # (begin, end, period) of every bucket
        self.stops: list[float] = []  # when a bucket makes nothing any more
        for number, period in enumerate(problem.periods):
            bounds = [period.begin, *period.cuts, period.end]
            for place, (begin, end) in enumerate(itertools.pairwise(bounds)):
                self.spans.append((begin, end, number))
                self.stops.append(end - (period.rests[place] if period.rests else 0.0))
        self.heads = [self._heads(number) for number in range(len(problem.skills))]
        self.lost = [self._lost(number) for number in range(len(problem.skills))]
        self.in_training = [self._in_training(number) for number in range(len(problem.skills))]
        self.required = [self._required(number) for number in range(len(problem.skills))]
        self.available: list[list[float]] = []
        self.overtime: list[list[float]] = []
        self.missing: list[list[float]] = []
        for number, skill in enumerate(problem.skills):
            gives = [self.gives(number, bucket) for bucket in range(len(self.spans))]
            there = [max(0.0, each) for each in gives]
            lacks = [max(0.0, need - each) for need, each in zip(self.required[number], there, strict=True)]
            over = [min(lack, skill.overtime_share * each) for lack, each in zip(lacks, there, strict=True)]
            self.available.append(there)
            self.overtime.append(over)
            self.missing.append([lack - each for lack, each in zip(lacks, over, strict=True)])
        self.stock = [[max(0.0, self.net(f, end)) for _, end, _ in self.spans] for f in self._families()]
        self.backlog = [[max(0.0, -self.net(f, end)) for _, end, _ in self.spans] for f in self._families()]
        self.cost = self._cost()
        self.cash = self._cash()
        self.cost["missing_cash"] = self._missing_cash()

    def _families(self) -> range:
        return range(len(self.problem.families))

    def _heads(self, number: int) -> list[float]:
        skill, found = self.problem.skills[number], []
        heads = float(skill.heads)
        for period in self.periods:
            heads = heads * skill.stay[period]
            heads += self.decisions.hires[number][period] - self.decisions.layoffs[number][period]
            for way, moved in zip(self.problem.cross_training, self.decisions.moves, strict=True):
                if way.source == number:
                    heads -= moved[period]
                if way.target == number:
                    heads += moved[period]
            found.append(heads)
        return found

    def _first_bucket(self, period: int) -> int:
        return [number for _, _, number in self.spans].index(period)

    def _lost(self, number: int) -> list[float]:
        found = [0.0 for _ in self.spans]
        rows = [(self.problem.skills[number].losses, self.decisions.hires[number])]
        for way, moved in zip(self.problem.cross_training, self.decisions.moves, strict=True):
            if way.target == number:
                rows.append((way.losses, moved))
        for losses, people in rows:
            for first, row in enumerate(losses):
                for later, hours in enumerate(row):
                    found[self._first_bucket(first) + later] += hours * people[first]
        return found

    def _in_training(self, number: int) -> list[float]:
        found = [0.0 for _ in self.periods]
        for first, row in enumerate(self.problem.skills[number].losses):
            start = self._first_bucket(first)
            learning = {self.spans[start + later][2] for later, hours in enumerate(row) if hours}
            for period in learning:
                found[period] += self.decisions.hires[number][first]
        return found

    def gives(self, number: int, bucket: int) -> float:
        """Regular hours; below 0 where newcomers lack more than there is."""
        period = self.spans[bucket][2]
        people = self.heads[number][period] + self.decisions.temps[number][period]
        skill = self.problem.skills[number]
        away = skill.absent[bucket] if skill.absent else 0.0
        return skill.hours[bucket] * people - self.lost[number][bucket] - away

    def falls_into(self, start: int, offset: float, bucket: int) -> float:
        """The share of what bucket ``start`` makes that falls into ``bucket`` so many days later."""
        begin, stop = self.spans[start][0], self.stops[start]
        first, last, _ = self.spans[bucket]
        return max(0.0, min(stop + offset, last) - max(begin + offset, first)) / (stop - begin)

    def _required(self, number: int) -> list[float]:
        skill = self.problem.skills[number]
        found = list(skill.load) if skill.load else [0.0 for _ in self.spans]
        for family, started in zip(self.problem.families, self.decisions.started, strict=True):
            for work in family.work:
                if work.skill == number:
                    for start, units in enumerate(started):
                        for bucket in range(start, len(self.spans)):
                            share = self.falls_into(start, work.offset, bucket)
                            found[bucket] += units * work.hours[start] * share
        return found

    def come(self, amounts: Sequence[float], day: float) -> float:
        """Of amounts by bucket, even until it makes nothing any more, what has come by ``day``."""
        total = 0.0
        for (begin, _, _), stop, amount in zip(self.spans, self.stops, amounts, strict=True):
            if day >= stop:
                total += amount
            elif day > begin:
                total += amount * (day - begin) / (stop - begin)
        return total

    def has(self, number: int, day: float) -> float:
        """Units of a family that came by ``day``, less what others took."""
        family = self.problem.families[number]
        total = sum(units for at, units in family.receipts if at <= day)
        total += self.come(self.decisions.started[number], day - family.lead_days)
        if family.subcontract is not None:
            total += self.come(self.decisions.subcontracted[number], day)
        for taker, started in zip(self.problem.families, self.decisions.started, strict=True):
            for part in taker.parts:
                if part.family == number:
                    total -= self.come(started, day - part.offset) * part.per_unit
        return total

    def net(self, number: int, day: float) -> float:
        """Stock (above 0) or backlog (below) of a family at ``day``."""
        return self.has(number, day) - sum(
            each.units for each in self.problem.families[number].demands if each.day <= day
        )

    def taken(self, material: int, day: float) -> float:
        """Units of a material that all families have taken by ``day``."""
        return sum(
            self.come(started, day - part.offset) * part.per_unit
            for family, started in zip(self.problem.families, self.decisions.started, strict=True)
            for part in family.parts
            if part.material == material
        )

    def _cost(self) -> dict[str, float]:
        problem, decisions = self.problem, self.decisions
        found: dict[str, float] = dict.fromkeys(
            ("regular", "overtime", "temporary", "hiring", "severance", "seats", "shifts"), 0.0
        )
        for number, skill in enumerate(problem.skills):
            for period in self.periods:
                for name, amount in self.skill_cost(number, skill, period).items():
                    found[name] += amount
        found["cross_training"] = sum(
            way.cost * sum(moved) for way, moved in zip(problem.cross_training, decisions.moves, strict=True)
        )
        found |= {"purchases": 0.0, "subcontract": 0.0, "holding": 0.0, "lateness": 0.0}
        for number, family in enumerate(problem.families):
            found["purchases"] += family.unit_cost * sum(decisions.started[number])
            if family.subcontract is not None:
                found["subcontract"] += family.subcontract.cost * sum(decisions.subcontracted[number])
            for bucket, price in enumerate(family.holding):
                found["holding"] += price * self.stock[number][bucket]
            found["lateness"] += self._late(number, family)
        found["smoothness"] = self._changes() * problem.limits.change_cost
        found["end"] = sum(
            max(0.0, skill.end_heads - heads[-1]) * skill.end_cost
            for skill, heads in zip(problem.skills, self.heads, strict=True)
        )
        found["ratios"] = self._ratios()
        found["broken"] = self.broken() * problem.broken_cost
        return found

    def skill_cost(self, number: int, skill: Skill, period: int) -> dict[str, float]:
        """What a skill costs in a period, by part."""
        decisions = self.decisions
        hiring = skill.hiring.cost if skill.hiring is not None else 0.0
        seats = math.inf if skill.training_seats is None else skill.training_seats
        temps = decisions.temps[number][period]
        return {
            "regular": self.heads[number][period] * skill.paid_hours[period] * skill.wage[period],
            "overtime": sum(
                self.overtime[number][bucket] * price
                for bucket, price in enumerate(skill.overtime_cost)
                if self.spans[bucket][2] == period
            ),
            "temporary": temps * skill.temp_cost[period] if skill.temp_cost else 0.0,
            "hiring": decisions.hires[number][period] * hiring,
            "severance": decisions.layoffs[number][period] * (skill.layoff_cost or 0.0),
            "seats": max(0.0, self.in_training[number][period] - seats) * skill.seat_cost,
            "shifts": self._shift_cost(number, skill, period),
        }

    def _shift_cost(self, number: int, skill: Skill, period: int) -> float:
        left, cost = self.heads[number][period] + self.decisions.temps[number][period], 0.0
        for shift in sorted(skill.shifts, key=lambda each: each.premium):
            work = min(left, shift.seats)
            cost += work * shift.premium * skill.paid_hours[period]
            left -= work
        return cost

    def _late(self, number: int, family: Family) -> float:
        return sum(
            max(0.0, -self.net(number, each.day)) * each.late_cost
            for each in family.demands
            if not each.is_firm
        )

    def _changes(self) -> float:
        before, total = sum(skill.heads for skill in self.problem.skills), 0.0
        for period in self.periods:
            now = sum(heads[period] for heads in self.heads)
            total += abs(now - before)
            before = now
        return total

    def broken(self) -> float:
        """Heads, hours and units by which rules are broken that have no other price."""
        problem, total = self.problem, 0.0
        for number, skill in enumerate(problem.skills):
            for period in self.periods:
                people = self.heads[number][period] + self.decisions.temps[number][period]
                if skill.least:
                    total += max(0.0, skill.least[period] - self.heads[number][period])
                if skill.shifts:
                    total += max(0.0, people - sum(each.seats for each in skill.shifts))
            for bucket in range(len(self.spans)):
                total += self.missing[number][bucket] + max(0.0, -self.gives(number, bucket))
        for number, family in enumerate(problem.families):
            total += sum(max(0.0, -self.net(number, each.day)) for each in family.demands if each.is_firm)
            last = max(problem.periods[-1].end, *(each.day for each in family.demands), 0.0)
            total += max(0.0, family.end_stock - max(0.0, self.net(number, last)))
        for period, most in enumerate(problem.limits.heads):
            total += max(0.0, sum(heads[period] for heads in self.heads) - most)
        return total

    def _ratios(self) -> float:
        total = 0.0
        for ratio in self.problem.limits.ratios:
            for period in self.periods[ratio.first :]:
                direct = sum(
                    heads[period]
                    for skill, heads in zip(self.problem.skills, self.heads, strict=True)
                    if skill.is_direct
                )
                wanted, there = direct / ratio.per_direct, self.heads[ratio.skill][period]
                if ratio.is_rounded:
                    wanted, there = math.ceil(wanted - GUARD), math.ceil(there - GUARD)
                price = self.problem.broken_cost
                hired = sum(row[period] for row in self.decisions.hires)
                limits = self.problem.limits.hires
                if ratio.missing_cost and limits and hired >= limits[period]:
                    price = ratio.missing_cost[period]
                total += max(0.0, wanted - there) * price
        return total

    def _cash(self) -> list[float]:
        problem, cash = self.problem, self.problem.cash
        if cash is None:
            return []
        found, balance = [], cash.opening
        paid = [0.0 for _ in self.periods]
        waiting = [0.0 for _ in self._families()]
        for period in self.periods:
            begin, end = (0.0 if period == 0 else problem.periods[period].begin), problem.periods[period].end
            for number, family in enumerate(problem.families):
                wanted = sum(each.units for each in family.demands if begin < each.day <= end)
                if period + cash.lag in self.periods:
                    delivered = wanted + waiting[number] - max(0.0, -self.net(number, end))
                    paid[period + cash.lag] += family.pays * delivered
                waiting[number] = max(0.0, -self.net(number, end))
            balance += cash.flows[period] - self._spent(period) + paid[period]
            found.append(balance)
        return found

    def _spent(self, period: int) -> float:
        problem, decisions = self.problem, self.decisions
        total = sum(
            sum(self.skill_cost(number, skill, period).values())
            for number, skill in enumerate(problem.skills)
        )
        for way, moved in zip(problem.cross_training, decisions.moves, strict=True):
            total += way.cost * moved[period]
        for number, family in enumerate(problem.families):
            for bucket, (_, _, within) in enumerate(self.spans):
                if within == period:
                    total += family.unit_cost * decisions.started[number][bucket]
                    if family.subcontract is not None:
                        total += family.subcontract.cost * decisions.subcontracted[number][bucket]
        return total

    def _missing_cash(self) -> float:
        cash = self.problem.cash
        if cash is None:
            return 0.0
        return sum(max(0.0, cash.floor - balance) for balance in self.cash) * cash.missing_cost

    def objective(self) -> float:
        """All parts, lateness by its weight, overtime and hires with what steers them."""
        problem = self.problem
        total = sum(self.cost.values()) + (problem.lateness_weight - 1) * self.cost["lateness"]
        total += problem.overtime_reluctance * self.cost["overtime"]
        return total + problem.hire_reluctance * sum(sum(row) for row in self.decisions.hires)
