"""Random small workforce problems with features mixed, and the smallest ones for tests that say something."""

import random
from dataclasses import replace
from itertools import pairwise

from planning.engine.workforce_plan import (
    Cash,
    CrossTraining,
    Demand,
    Family,
    Hiring,
    Limits,
    Material,
    Part,
    Period,
    Ratio,
    Shift,
    Skill,
    Station,
    Subcontract,
    TrainingStep,
    Work,
    WorkforceProblem,
    buckets_of,
    keep_going,
    stay_shares,
    telescope,
    training_losses,
)


def months(count):
    """Periods of thirty days."""
    return tuple(Period(label=f"M{n + 1}", begin=30.0 * n, end=30.0 * (n + 1)) for n in range(count))


def make_skill(periods, **changes):
    """Nobody hired, 100 hours a head and period at 10 an hour; what a test is about is changed."""
    count = len(periods)
    skill = Skill(
        code="ASM",
        heads=1.0,
        stay=(1.0,) * count,
        paid_hours=(100.0,) * count,
        hours=(100.0,) * count,
        wage=(10.0,) * count,
    )
    return replace(skill, **changes)


def random_problem(seed):
    """Two to four skills, two to eight periods of unequal length, some of them cut into buckets, everything
    that may be there or not.
    """
    chance = random.Random(seed)
    periods = telescope(chance.randint(0, 4), chance.randint(2, 4))
    if chance.random() < 0.5:
        periods = tuple(_cut(chance, each) for each in periods)
    count = len(periods)
    skills = tuple(_skill(chance, periods, number) for number in range(chance.randint(2, 4)))
    materials = (Material(code="STEEL", receipts=((0.0, 20.0), (40.0, 30.0)), more_from=60.0),)
    families = tuple(_family(chance, periods, len(skills), number) for number in range(chance.randint(1, 3)))
    ways = ()
    if chance.random() < 0.5:
        losses = training_losses(periods, skills[1].hours, (TrainingStep(days=20, productivity=0.2),))
        ways = (CrossTraining(source=0, target=1, cost=300.0, losses=losses, most=1.5, first=1),)
    limits = Limits(
        hires=(chance.randint(1, 3),) * count if chance.random() < 0.4 else (),
        hiring_budget=(4_000.0,) * count if chance.random() < 0.3 else (),
        heads=(chance.uniform(8, 25),) * count if chance.random() < 0.3 else (),
        change_cost=chance.choice((0.0, 0.0, 200.0)),
        ratios=(
            Ratio(
                skill=0,
                per_direct=chance.uniform(2, 6),
                first=1,
                is_rounded=chance.random() < 0.5,
                missing_cost=(400.0,) * count,
            ),
        )
        if chance.random() < 0.5
        else (),
    )
    cash = None
    if chance.random() < 0.5:
        flows = tuple(chance.uniform(-2_000, 30_000) for _ in periods)
        cash = Cash(opening=20_000.0, flows=flows, floor=1_000.0, missing_cost=0.5)
    problem = WorkforceProblem(
        periods=periods,
        skills=skills,
        families=families,
        stations=(chance.uniform(0.5, 3),),
        materials=materials,
        cross_training=ways,
        limits=limits,
        cash=cash,
        lateness_weight=chance.choice((1.0, 3.0)),
        overtime_reluctance=chance.choice((0.0, 0.5)),
        hire_reluctance=chance.choice((0.0, 1.0)),
        broken_cost=1e4,
    )
    return keep_going(problem, days=40.0) if chance.random() < 0.5 else problem


def _cut(chance, period):
    days = sorted(chance.uniform(period.begin + 1, period.end - 1) for _ in range(chance.randint(0, 3)))
    bounds = [period.begin, *days, period.end]
    rests = tuple(chance.uniform(0, 0.3) * (end - begin) for begin, end in pairwise(bounds))
    return replace(period, cuts=tuple(days), rests=chance.choice(((), rests)))


def _skill(chance, periods, number):
    buckets = buckets_of(periods)
    hours = tuple(each.days * 5 for each in buckets)
    count = len(periods)
    hiring = None
    if chance.random() < 0.8:
        lead = chance.choice((0, 10, 40))
        most = tuple(chance.randint(1, 3) if each.begin >= lead else 0 for each in periods)
        least = tuple(min(1, each) if chance.random() < 0.1 else 0 for each in most)
        hiring = Hiring(most=most, least=least, in_all=chance.choice((None, 2)), cost=1_500.0, lead_days=lead)
    steps = (
        TrainingStep(days=15, productivity=0.4, trainer_share=0.1),
        TrainingStep(days=20, productivity=0.8),
    )
    return Skill(
        code=f"S{number}",
        heads=float(chance.randint(0, 6)),
        stay=stay_shares(periods, chance.choice((0.0, 0.03))),
        paid_hours=tuple(each.days * 5.5 for each in periods),
        hours=hours,
        wage=tuple(20.0 + (2.0 if each.begin > 45 else 0.0) for each in periods),
        is_direct=number != 0,
        hiring=hiring,
        losses=training_losses(periods, hours, steps) if chance.random() < 0.7 else (),
        training_seats=chance.choice((None, 1.0)),
        seat_cost=100.0,
        overtime_share=chance.choice((0.0, 0.2)),
        overtime_cost=(30.0,) * len(buckets),
        temp_most=chance.choice((0.0, 1.5)),
        temp_cost=tuple(each.days * 175 for each in periods),
        layoff_cost=chance.choice((None, None, 800.0)),
        absent=tuple(chance.uniform(0, 5) * each.days for each in buckets) if chance.random() < 0.3 else (),
        load=tuple(chance.uniform(0, 7) * each.days for each in buckets) if chance.random() < 0.3 else (),
        least=(1.0,) * count if chance.random() < 0.3 else (),
        most=chance.choice((float("inf"), 8.0)),
        shifts=(Shift(code="day", seats=2.0), Shift(code="late", seats=3.0, premium=4.0))
        if chance.random() < 0.3
        else (),
    )


def _family(chance, periods, skills, number):
    last = periods[-1].end
    days = sorted(chance.uniform(5, last) for _ in range(chance.randint(1, 4)))
    buckets = buckets_of(periods)
    count = len(buckets)
    offset = chance.choice((0.0, 12.0))
    parts = []
    if number:
        parts.append(Part(family=0, per_unit=chance.choice((1.0, 2.0)), offset=chance.choice((0.0, 4.0))))
    if chance.random() < 0.5:
        parts.append(Part(material=0, per_unit=1.5))
    return Family(
        code=f"F{number}",
        work=tuple(
            Work(skill=skill, hours=(chance.uniform(3, 20),) * count, offset=offset)
            for skill in chance.sample(range(skills), 2)
        ),
        stations=(Station(centre=0, share=(0.02,) * count, offset=offset),),
        parts=tuple(parts),
        receipts=((0.0, 5.0), (20.0, 3.0)) if chance.random() < 0.5 else (),
        lead_days=chance.choice((0.0, 3.0, 12.0)),
        unit_cost=20.0,
        holding=tuple(0.1 * each.days for each in buckets),
        demands=tuple(
            Demand(
                day=day,
                units=float(chance.randint(5, 40)),
                late_cost=chance.uniform(50, 400),
                is_firm=chance.random() < 0.1,
            )
            for day in days
        ),
        subcontract=Subcontract(cost=500.0, most=4.0) if chance.random() < 0.4 else None,
        earliest=chance.choice((0.0, 0.0, 15.0)),
        startable=tuple(10.0 + each.end for each in buckets) if chance.random() < 0.3 else (),
        end_stock=chance.choice((0.0, 3.0)),
        pays=chance.choice((0.0, 300.0)),
    )
