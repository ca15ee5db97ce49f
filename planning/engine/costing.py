"""What an item costs, rolled up through its bill of materials, and what learning does to it.

Amounts are fractions: what the levels cost adds up to what the item costs, exactly. Only factors of a
learning curve are floating point. A unit of a part that goes into the product by ``c`` per unit moves ``c``
units along its own curve for each unit of the product: stock on hand and lots are left aside.
Cost: O(parts + uses) for a roll-up.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from itertools import pairwise

from planning.engine.dated_rows import find_cycle
from planning.engine.errors import FactoryIssue, InvalidFactory
from planning.engine.learning import LearningCurve

ZERO = Fraction(0)
ONE = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """An amount by what it is paid for."""

    material: Fraction = ZERO
    labour: Fraction = ZERO
    machine: Fraction = ZERO
    subcontract: Fraction = ZERO

    @property
    def total(self) -> Fraction:
        return self.material + self.labour + self.machine + self.subcontract

    @property
    def without_labour(self) -> Fraction:
        """What somebody may see who must not see wages."""
        return self.material + self.machine + self.subcontract

    def seen(self, *, wages: bool) -> Fraction:
        """The amount, as far as somebody may see it."""
        return self.total if wages else self.without_labour

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(**{name: getattr(self, name) + getattr(other, name) for name in PARTS})

    def __mul__(self, quantity: Fraction) -> "Cost":
        return Cost(**{name: getattr(self, name) * quantity for name in PARTS})


PARTS = tuple(field.name for field in fields(Cost))
NOTHING = Cost()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An operation in house. ``wage``: of one standard hour of one person; ``machine``: of a station hour.

    ``curve`` None: nobody learns.
    """

    seq: int
    name: str = ""
    setup_h: Fraction = ZERO
    run_h: Fraction = ZERO
    lot: Fraction = ONE
    efficiency: Fraction = ONE
    crew: int = 1
    wage: Fraction = ZERO
    machine: Fraction = ZERO
    curve: LearningCurve | None = None

    @property
    def setup_per_unit(self) -> Fraction:
        """Hours of setup that one unit of a lot of the meant size carries."""
        return self.setup_h / self.lot / self.efficiency


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """``qty`` of a component, scrap included, goes into one unit of its parent."""

    component: str
    qty: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """An item as far as its cost is concerned. ``units_made``: where its learning curves stand."""

    code: str
    purchase: Fraction = ZERO
    subcontract: Fraction = ZERO
    units_made: int = 0
    steps: tuple[Step, ...] = ()
    uses: tuple[Use, ...] = ()


Parts = Mapping[str, Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The next ``count`` units of the product after the first ``skipped``; their average is meant."""

    count: int = 1
    skipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCost:
    """One operation of one unit."""

    step: Step
    hours: Fraction
    labour: Fraction
    machine: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled:
    """One unit of a part: its ``own`` cost, and ``rolled`` with everything below; ``qty`` per product."""

    qty: Fraction
    own: Cost
    rolled: Cost
    steps: tuple[StepCost, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """What unit number ``unit`` of the product costs."""

    unit: int
    material: float
    labour: float
    machine: float
    subcontract: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A way to buy: when, how soon and for how much. ``breaks``: pairs of quantity and cost from it on."""

    supplier: str
    lead_time_days: int
    priority: int
    starts: dt.date | None
    ends: dt.date | None
    least: Decimal
    multiple: Decimal | None
    unit_cost: Decimal
    breaks: tuple[tuple[Decimal, Decimal], ...] = ()

    @property
    def standard_qty(self) -> Decimal:
        """The smallest order: the minimum, rounded up to the multiple, at least one unit."""
        step = self.multiple or Decimal(1)
        return max((self.least / step).to_integral_value(ROUND_CEILING) * step, step)

    @property
    def standard_cost(self) -> Decimal:
        """Of one unit in an order of the standard quantity."""
        reached = [pair for pair in self.breaks if pair[0] <= self.standard_qty]
        return max(reached)[1] if reached else self.unit_cost


def preferred(offers: Iterable[Offer], on: dt.date) -> Offer | None:
    """The offer of lowest priority (then supplier) that counts on a day.

    A supplier's later row takes over from his earlier one.
    """
    latest: dict[str, Offer] = {}
    for offer in sorted(offers, key=lambda each: each.starts or dt.date.min):
        if (offer.starts is None or offer.starts <= on) and (offer.ends is None or on < offer.ends):
            latest[offer.supplier] = offer
    return min(latest.values(), key=lambda each: (each.priority, each.supplier), default=None)


def quantities(parts: Parts, top: str) -> dict[str, Fraction]:
    """How much of every part one unit of ``top`` takes, parents first.

    Raises ``InvalidFactory`` where a part contains itself.
    """
    order = _parents_first(parts, top)
    found: dict[str, Fraction] = defaultdict(Fraction, {top: ONE})
    for code in order:
        for use in parts[code].uses:
            found[use.component] += found[code] * use.qty
    return {code: found[code] for code in order}


def roll_up(parts: Parts, top: str, units: Units | None) -> dict[str, Rolled]:
    """Every part below ``top``, and itself, parents first. ``units`` None: at the reference of the curves."""
    needs = quantities(parts, top)
    result: dict[str, Rolled] = {}
    for code in reversed(needs):
        part = parts[code]
        steps = tuple(_step_cost(part, step, needs[code], units) for step in part.steps)
        own = Cost(
            material=part.purchase,
            subcontract=part.subcontract,
            labour=sum((each.labour for each in steps), ZERO),
            machine=sum((each.machine for each in steps), ZERO),
        )
        rolled = own
        for use in part.uses:
            rolled = rolled + result[use.component].rolled * use.qty
        result[code] = Rolled(qty=needs[code], own=own, rolled=rolled, steps=steps)
    return {code: result[code] for code in needs}


def level_costs(parts: Parts, top: str, rolled: Mapping[str, Rolled]) -> list[Cost]:
    """What each level of the bill adds to one unit of ``top``, which is level 0; they add up to its cost."""
    levels = []
    here: dict[str, Fraction] = {top: ONE}
    while here:
        levels.append(sum((rolled[code].own * qty for code, qty in here.items()), NOTHING))
        below: dict[str, Fraction] = defaultdict(Fraction)
        for code, qty in here.items():
            for use in parts[code].uses:
                below[use.component] += qty * use.qty
        here = below
    return levels


def unit_curve(parts: Parts, top: str, count: int) -> list[CurvePoint]:
    """What each of the next ``count`` units of ``top`` costs. O(count x operations)."""
    needs = quantities(parts, top)
    fixed = {"material": 0.0, "subcontract": 0.0}
    labour, machine = [0.0] * count, [0.0] * count
    for code, qty in needs.items():
        part, per_unit = parts[code], float(qty)
        fixed["material"] += per_unit * float(part.purchase)
        fixed["subcontract"] += per_unit * float(part.subcontract)
        for step in part.steps:
            wage, station = float(step.crew * step.wage), float(step.machine)
            for index, factor in enumerate(_factors(part, step, per_unit, count)):
                hours = per_unit * float(step.setup_per_unit) + factor * float(step.run_h / step.efficiency)
                labour[index] += hours * wage
                machine[index] += hours * station
    first = parts[top].units_made + 1
    return [
        CurvePoint(unit=first + index, labour=labour[index], machine=machine[index], **fixed)
        for index in range(count)
    ]


def _factors(part: Part, step: Step, per_unit: float, count: int) -> list[float]:
    """Sum of the unit factors of the part for each unit of the product."""
    if step.curve is None:
        return [per_unit] * count
    ends = [part.units_made + index * per_unit for index in range(count + 1)]
    return [step.curve.sum_between(first, last) for first, last in pairwise(ends)]


def _step_cost(part: Part, step: Step, qty: Fraction, units: Units | None) -> StepCost:
    factor = ONE
    if step.curve is not None and units is not None:
        first = part.units_made + float(units.skipped * qty)
        last = part.units_made + float((units.skipped + units.count) * qty)
        factor = Fraction(step.curve.sum_between(first, last)) / Fraction(last - first)
    hours = step.setup_per_unit + step.run_h * factor / step.efficiency
    return StepCost(
        step=step, hours=hours, labour=hours * step.crew * step.wage, machine=hours * step.machine
    )


def _parents_first(parts: Parts, top: str) -> list[str]:
    """Codes below ``top`` so that each comes after everything it goes into. Without recursion."""
    children = {code: [use.component for use in part.uses] for code, part in parts.items()}
    cycle = find_cycle(children)
    if cycle is not None:
        path = " → ".join(cycle[:60])
        raise InvalidFactory(
            [FactoryIssue(path="/bom", message=f"a bill of materials must not contain itself: {path}")]
        )
    finished: list[str] = []
    seen = {top}
    stack = [(top, iter(children[top]))]
    while stack:
        code, rest = stack[-1]
        child = next((each for each in rest if each not in seen), None)
        if child is None:
            stack.pop()
            finished.append(code)
        else:
            seen.add(child)
            stack.append((child, iter(children[child])))
    return finished[::-1]
