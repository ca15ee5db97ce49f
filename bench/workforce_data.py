"""Random workforce problems of a size, as ``docs/benchmarks.md`` measures them.

Skills of 8 to 60 people, families that take hours of three skills and swing with the seasons, hires whole and
only after a lead time, attrition, a ramp of three steps with trainers, overtime, some subcontracts, stock and
backlog, courses from skill to skill, priced training seats.
"""

import random
from collections.abc import Sequence
from math import pi, sin

from planning.engine.workforce_plan import (
    CrossTraining,
    Demand,
    Family,
    Hiring,
    Period,
    Skill,
    Subcontract,
    TrainingStep,
    Work,
    WorkforceProblem,
    keep_going,
    stay_shares,
    telescope,
    training_losses,
)

RAMP = (
    TrainingStep(days=30, productivity=0.3, trainer_share=0.1),
    TrainingStep(days=30, productivity=0.6, trainer_share=0.05),
    TrainingStep(days=30, productivity=0.85),
)
COURSE = (TrainingStep(days=21, productivity=0.0), TrainingStep(days=42, productivity=0.7))
ATTRITION = 0.015
HOURS_WANTED = 160.0  # a head and month, at first: a trained one gives 156
SUBCONTRACTED = 0.4  # of all families


def random_problem(skills: int, periods: Sequence[Period], seed: int) -> WorkforceProblem:
    """``skills`` skills and as many families over ``periods``, with the end rule of the last quarter."""
    chance = random.Random(seed)
    rates = [chance.uniform(20, 60) for _ in range(skills)]
    work = [chance.sample(range(skills), min(3, skills)) for _ in range(skills)]
    people = [_skill(number, periods, rates[number], chance) for number in range(skills)]
    load = [0.0] * skills
    hours = [[chance.uniform(2, 12) for _ in skills_of] for skills_of in work]
    volumes = [chance.uniform(40, 400) for _ in range(skills)]  # units a month
    for skills_of, taken, volume in zip(work, hours, volumes, strict=True):
        for skill, each in zip(skills_of, taken, strict=True):
            load[skill] += each * volume
    scale = [people[s].heads * HOURS_WANTED / load[s] if load[s] else 1.0 for s in range(skills)]
    families = []
    for number in range(skills):
        used = [(skill, each * scale[skill]) for skill, each in zip(work[number], hours[number], strict=True)]
        families.append(_family(number, periods, used, rates, volumes[number], chance))
    ways = tuple(
        CrossTraining(
            source=source,
            target=(source + chance.randint(1, skills - 1)) % skills,
            cost=6_000.0,
            losses=training_losses(periods, people[source].hours, COURSE),
            most=1.0,
        )
        for source in range(skills)
    )
    problem = WorkforceProblem(
        periods=tuple(periods), skills=tuple(people), families=tuple(families), cross_training=ways
    )
    return keep_going(problem, days=91.0)


def months(count: int) -> tuple[Period, ...]:
    """Months only."""
    return telescope(0, count)


def weeks(count: int) -> tuple[Period, ...]:
    """Weeks only."""
    return telescope(count, 0)


def _skill(number: int, periods: Sequence[Period], wage: float, chance: random.Random) -> Skill:
    paid = tuple(period.days / 7 * 40 for period in periods)
    hours = tuple(each * 0.9 for each in paid)
    lead = chance.choice((30, 45, 60, 90))
    most = [chance.randint(3, 10) if period.begin >= lead else 0 for period in periods]
    return Skill(
        code=f"SKILL-{number}",
        heads=float(chance.randint(8, 60)),
        stay=stay_shares(periods, ATTRITION),
        paid_hours=paid,
        hours=hours,
        wage=tuple(wage * 1.03 ** (period.begin // 365) for period in periods),
        hiring=Hiring(most=tuple(most), cost=4_000.0, lead_days=lead),
        losses=training_losses(periods, hours, RAMP),
        training_seats=8.0,
        seat_cost=600.0,
        overtime_share=0.15,
        overtime_cost=tuple(wage * 1.5 * 1.03 ** (period.begin // 365) for period in periods),
        temp_most=2.0,
        temp_cost=tuple(each * wage * 1.7 for each in paid),
    )


def _family(
    number: int,
    periods: Sequence[Period],
    used: Sequence[tuple[int, float]],
    rates: Sequence[float],
    volume: float,
    chance: random.Random,
) -> Family:
    value = sum(each * rates[skill] for skill, each in used)
    swing, phase, growth = chance.uniform(0.1, 0.35), chance.uniform(0, 2 * pi), chance.uniform(0.05, 0.3)
    demands = []
    for period in periods:
        middle = (period.begin + period.end) / 2 / 365
        rate = volume * (1 + swing * sin(2 * pi * middle + phase)) * (0.95 + growth * middle)
        units = max(1, round(rate * period.days / 30.4 * chance.uniform(0.9, 1.1)))
        late = value * 0.5 * period.days / 30.4
        demands.append(Demand(day=period.end, units=float(units), late_cost=late))
    contract = Subcontract(cost=value * 2.2, most=volume * 0.15) if chance.random() < SUBCONTRACTED else None
    return Family(
        code=f"FAMILY-{number}",
        work=tuple(Work(skill=skill, hours=(each,) * len(periods)) for skill, each in used),
        receipts=((0.0, volume * 0.3),),
        unit_cost=value * 0.5,
        holding=tuple(value * 1.5 * 0.2 * period.days / 365 for period in periods),
        demands=tuple(demands),
        subcontract=contract,
    )
