"""What every plan of a factory costs at least, by plan-1's formulas: a bound for the certificate.

People who are there and may not be laid off are paid. Of each demand a plan has three choices: to deliver it,
to deliver it after the horizon, or never. First everything is delivered: net requirements, whatever is there
or on order counting at once, at the cheapest price and the fastest station. Then each demand is granted what
its two other choices could save at most. ``docs/model.md`` has the argument. Cost: O(items + bill lines +
operations).
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from planning.engine.factory import OperationRow
from planning.engine.headcount import rate_of, stay_of
from planning.engine.learning import LearningCurve
from planning.engine.people_bound import FEWER_HEADS, NEVER_DAYS, Needs, is_small, people_bound
from planning.engine.shop import MICRO, Demand, Shop, Skill
from planning.engine.shopfloor.bounds import LAST_UNIT, earliest_days
from planning.engine.skill_terms import hiring_budgets

NOISE = 1e-9  # of the bound: sums in floating point


def least_cost(shop: Shop) -> float:
    """A sum of money below which no plan of ``shop`` is, whatever it delivers."""
    whole = _Whole(shop)
    people = [_people(shop, skill) for skill in shop.skills]
    paid = sum(each.wages for each in people)
    # Hours that are paid anyway save nothing. Without a price of hours all that follows holds as well.
    over = [max(0.0, hours - each.hours) for each, hours in zip(people, whole.hours, strict=True)]
    prices = [each.hour_cost if more else 0.0 for each, more in zip(people, over, strict=True)]
    days = earliest_days(shop)
    extra = max(_with_hours(shop, whole, days, over, each) for each in (prices, [0.0] * len(prices)))
    by_calendar = people_bound(shop, whole.needs(days)) if is_small(shop) else None
    least = paid + extra if by_calendar is None else max(paid + extra, by_calendar)
    return whole.cost + least - NOISE * abs(whole.cost + least)


def _with_hours(
    shop: Shop, whole: "_Whole", days: list[int], over: list[float], prices: list[float]
) -> float:
    """What hours ``over`` those that are paid anyway, and lateness, cost at least, less what late or no
    delivery saves; below zero where that saves material. ``days``: the earliest of each demand.
    """
    savings = whole.savings(prices)
    choices = (
        _best_choice(shop, demand, day, *savings[demand.item])
        for demand, day in zip(shop.demands, days, strict=True)
    )
    return sum(price * more for price, more in zip(prices, over, strict=True)) + sum(choices)


@dataclass(frozen=True, slots=True)
class _Work:
    """An operation at its cheapest: for one reference unit, money for the machine and hours of a skill."""

    machine: float
    hours: float
    skill: int
    curve: LearningCurve | None

    def factors(self, before: float, units: float) -> float:
        """The least that ``units`` take in reference units, when at most ``before`` others come first, and
        whatever else is made is paid too.
        """
        return self.curve.sum_between(before, before + units) if self.curve else units

    @property
    def least(self) -> float:
        """The least hours of a unit. All that can ever be learned is granted: lots whose people work on them
        later, or after the horizon, may stand before this one on the curve.
        """
        return self.hours * (self.curve.factor(LAST_UNIT) if self.curve else 1.0)

    def most(self, before: float) -> float:
        """The most by which ``factors`` fall with one unit less."""
        return self.curve.factor(int(before) + 1) if self.curve else 1.0


@dataclass(frozen=True, slots=True)
class _People:
    """A skill as it is when nobody is hired who need not be: its wages over the horizon, the standard hours
    that these give at most, and what one more costs at least.
    """

    wages: float
    hours: float
    hour_cost: float


class _Whole:
    """Everything delivered: units that must be made or bought by item, ``cost`` for material and machines,
    and ``hours`` by skill.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.begun = _begun(shop)
        self.free = _free(shop)
        made = [i for i, row in enumerate(shop.items) if row.kind != "buy" and i not in self.free]
        self.parts = {item: _parts(shop, item) for item in made}
        self.works = {item: _works(shop, item) for item in made}
        self.units = [0.0] * len(shop.items)
        self.hours = [0.0] * len(shop.skills)
        self.cost = 0.0
        self._net()

    def _net(self) -> None:
        shop, there = self.shop, _there(self.shop, self.begun)
        gross = [0.0] * len(shop.items)
        for demand in shop.demands:
            gross[demand.item] += demand.quantity / MICRO
        for item in shop.parents_first:
            units = gross[item] - there[item]
            if units <= 0 or item in self.free:
                continue
            self.units[item] = units
            if shop.items[item].kind == "buy":
                self.cost += units * _price(shop, item)
                continue
            for work in self.works[item]:
                self.cost += work.machine * work.factors(self._before(item), units)
                if work.skill >= 0:
                    self.hours[work.skill] += work.least * units
            for part, per_unit in self.parts[item]:
                gross[part] += units * per_unit

    def _before(self, item: int) -> float:
        return self.shop.items[item].units_made + self.begun[item]

    def needs(self, earliest: list[int]) -> Needs:
        """What each demand asks for whose tree is made from nothing, at the least hours of a unit."""
        shop = self.shop
        goods = self.savings([0.0] * len(shop.skills))
        trees = self._trees()
        units = [demand.quantity / MICRO for demand in shop.demands]
        hours = [
            {skill: each * amount for skill, each in trees[demand.item].items()}
            for demand, amount in zip(shop.demands, units, strict=True)
        ]
        spared = [0.0] * len(shop.skills)
        for row in hours:
            for skill, amount in row.items():
                spared[skill] += amount
        for item in self.works:
            for skill, each in self._unit_hours(item).items():
                spared[skill] -= each * self.units[item]
        return Needs(
            hours=hours,
            goods=[goods[d.item][0] * amount for d, amount in zip(shop.demands, units, strict=True)],
            earliest=earliest,
            spared=[max(0.0, each) * (1 + NOISE) for each in spared],
        )

    def _unit_hours(self, item: int) -> dict[int, float]:
        """The least hours by skill of one of the units to make; none where none is to make."""
        found: dict[int, float] = defaultdict(float)
        for work in self.works[item]:
            if work.skill >= 0 and self.units[item] > 0:
                found[work.skill] += work.least
        return found

    def _trees(self) -> list[dict[int, float]]:
        """By item: the least hours by skill of a unit with all that goes into it."""
        shop = self.shop
        found: list[dict[int, float]] = [{} for _ in shop.items]
        for item in reversed(shop.parents_first):
            if item in self.free or shop.items[item].kind == "buy":
                continue
            tree = defaultdict(float, self._unit_hours(item))
            for part, per_unit in self.parts[item]:
                for skill, each in found[part].items():
                    tree[skill] += per_unit * each
            found[item] = tree
        return found

    def savings(self, hour_costs: list[float]) -> list[tuple[float, float]]:
        """By item: what one unit less could save at most, in material and machines, and in people."""
        shop = self.shop
        found = [(0.0, 0.0)] * len(shop.items)
        for item in reversed(shop.parents_first):
            if item in self.free:
                continue
            if shop.items[item].kind == "buy":
                found[item] = (_price(shop, item), 0.0)
                continue
            parts = self.parts[item]
            goods = sum(per_unit * found[part][0] for part, per_unit in parts)
            people = sum(per_unit * found[part][1] for part, per_unit in parts)
            for work in self.works[item]:
                goods += work.machine * work.most(self._before(item))
                people += work.least * hour_costs[work.skill] if work.skill >= 0 else 0.0
            found[item] = (goods, people)
        return found


def _best_choice(shop: Shop, demand: Demand, earliest: int, goods: float, people: float) -> float:
    """The least of a demand's lateness, less what being that late could save."""
    end, units = shop.factory.horizon_end, demand.quantity / MICRO

    def late(days: int) -> float:
        return days * demand.cost_per_day + demand.cost_fixed if days > 0 else 0.0

    at_once = late((shop.grid.as_of + timedelta(days=earliest) - demand.due).days)
    after = max(at_once, late((end - demand.due).days)) - units * people
    never = late((end - demand.due).days + NEVER_DAYS) - units * (goods + people)
    return min(at_once, after, never)


def _begun(shop: Shop) -> list[float]:
    """By item: units still open of released and firm orders."""
    found = [0.0] * len(shop.items)
    for work_order in shop.factory.work_orders:
        found[shop.item_index[work_order.item]] += float(work_order.qty - work_order.done_qty)
    for firm in shop.factory.firm_orders:
        found[shop.item_index[firm.item]] += float(firm.qty)
    return found


def _there(shop: Shop, begun: list[float]) -> list[float]:
    """By item: stock and all that is on order or ``begun``, in units."""
    found = list(begun)
    for stock in shop.factory.stock:
        found[shop.item_index[stock.item]] += float(stock.qty)
    for order in shop.factory.purchase_orders:
        found[shop.item_index[order.item]] += float(order.qty - order.received_qty)
    return found


def _free(shop: Shop) -> set[int]:
    """Items that are taken to cost nothing: what comes beside others, and what may be made or bought."""
    beside = {row.item for rows in shop.by_products.values() for row in rows}
    both = {i for i, row in enumerate(shop.items) if row.kind != "buy" and shop.sources[i]}
    return beside | both


def _price(shop: Shop, item: int) -> float:
    """The lowest price of any source for any quantity."""
    own = shop.items[item].unit_cost
    prices = [own if row.unit_cost is None else row.unit_cost for row in shop.sources[item]] or [own]
    prices += [each.unit_cost for row in shop.sources[item] for each in row.price_breaks]
    return float(min(prices))


def _parts(shop: Shop, item: int) -> list[tuple[int, float]]:
    """Components per unit that every day's bill of materials takes; none that something may replace."""
    rows = shop.components[item]
    days = {shop.grid.as_of}
    if shop.is_dated(item):
        days |= {day for row in rows for day in (row.first_day, row.end_day) if day and day >= min(days)}
    bills = [_bill(shop, item, day) for day in days]
    common = set(bills[0]).intersection(*bills) - {row.item for row in rows if row.substitutes}
    return [(part, min(bill[part] for bill in bills)) for part in sorted(common)]


def _bill(shop: Shop, item: int, day: date) -> dict[int, float]:
    found: dict[int, float] = defaultdict(float)
    for row in shop.effective_components(item, day):
        found[row.item] += row.per_unit.numerator / row.per_unit.denominator
    return found


def _works(shop: Shop, item: int) -> list[_Work]:
    """The operations of ``item`` inside the plant, each at its cheapest station and, apart from that, its
    fastest one; setups are left aside.
    """
    return [
        _work(shop, row, step.skill, step.crew, step.curve)
        for row, step in zip(shop.operation_rows[item], shop.routes[item], strict=True)
        if step.centre >= 0
    ]


def _work(shop: Shop, row: OperationRow, skill: int, crew: int, curve: LearningCurve | None) -> _Work:
    assert row.work_centre is not None  # noqa: S101 - subcontracted work is left out
    ways = [(row.work_centre, 1.0), *((each.work_centre, float(each.speed)) for each in row.alternates)]
    hours, money = [], []
    for code, speed in ways:
        centre = shop.factory.work_centres[shop.centre_index[code]]
        hours.append(float(row.run_h) / (float(centre.efficiency) * speed))
        money.append(hours[-1] * float(centre.cost_per_hour))
    return _Work(min(money), min(hours) * crew, skill, curve)


def _people(shop: Shop, skill: Skill) -> _People:
    """Heads fall by attrition, by all who may change to another skill, to nothing where people may be laid
    off, and not below a least headcount that no limit excuses.
    """
    row = skill.row
    stay = stay_of(skill)
    heads, wages, hours = -FEWER_HEADS if row.can_lay_off else float(row.headcount), 0.0, 0.0
    least = _least_heads(shop, skill)
    for month, days in enumerate(skill.open_days):
        heads *= 1.0 if month == 0 else stay
        heads = max(-FEWER_HEADS, heads - _most_departures(shop, skill, month))
        if row.can_hire and month >= skill.first_hire_month:
            heads = max(heads, least)
        wages += heads * days * float(row.hours_per_day) * skill.wages[month]
        hours += max(0.0, heads) * days * rate_of(skill)
        if row.can_lay_off:
            heads = -FEWER_HEADS
    return _People(wages, hours, _hour_cost(skill))


def _most_departures(shop: Shop, skill: Skill, month: int) -> int:
    """How many may change from ``skill`` to another one in ``month``; whoever does is paid there."""
    return sum(
        way.row.max_per_month for way in shop.ways if way.source == skill.index and month >= way.first_month
    )


def _least_heads(shop: Shop, skill: Skill) -> float:
    """The heads that a skill must have as soon as hires are possible, by its own rules alone."""
    row, staffing = skill.row, shop.factory.staffing
    limits = (
        row.max_hires_per_month,
        row.max_headcount,
        row.max_hires,
        staffing.max_total_hires_per_month,
        staffing.max_total_heads,
        *hiring_budgets(staffing, shop.grid.months),
    )
    is_free = all(limit is None for limit in limits) and not any(each.is_exact for each in skill.decided)
    return max(0.0, float(row.min_headcount or 0) - FEWER_HEADS) if is_free else 0.0


def _hour_cost(skill: Skill) -> float:
    """What a standard hour beyond those that are paid anyway costs at least: of a hire, of one who comes from
    another skill, of a temporary head, or overtime.
    """
    row = skill.row
    wage, paid = min(skill.wages, default=0.0), float(row.hours_per_day)
    given = rate_of(skill)
    prices = [wage * float(row.overtime_premium or 0) / float(row.labour_efficiency or 1)]
    if given > 0:
        prices.append(wage * paid / given)
        if row.temp_max_heads:
            prices.append(min(skill.temp_wages, default=0.0) * paid / given)
    return min(prices)
