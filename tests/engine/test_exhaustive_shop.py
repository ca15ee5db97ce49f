"""Schedules of tiny shops with all that an operation can be, against the best that there are."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from planning.engine.factory_check import check_factory
from planning.engine.plan import PlannedOperation, PlannedOrder
from planning.engine.verify import RULES, operations, workforce
from planning.engine.verify.ledger import Ledger
from tests.engine.exhaustive_shop import best_plan
from tests.engine.plants import built
from tests.engine.random_tiny_shops import FEATURES, random_tiny_shop

SEEDS = range(20)
ROUNDS = 30
SCHEDULE_RULES = [rule for rule in RULES if rule.__module__ == operations.__name__]
SCHEDULE_RULES += [workforce.crews_within_heads, workforce.hours_within_capacity]


@pytest.fixture(scope="module")
def found():
    """(plan, best) by seed."""
    factories = [random_tiny_shop(seed) for seed in SEEDS]
    return [(built(factory, rounds=ROUNDS), best_plan(factory)) for factory in factories]


def test_the_verifier_finds_nothing_in_plans_that_may_be_the_best(found):
    assert [plan.certificate.violations for plan, _ in found] == [()] * len(found)


def test_no_plan_is_better_than_the_best(found):
    assert all(plan.cost.lateness >= best.lateness - 1e-6 for plan, best in found)


def test_nearly_every_plan_is_the_best(found):
    assert sum(plan.cost.lateness <= best.lateness + 1e-6 for plan, best in found) >= 0.9 * len(found)
    assert sum(plan.cost.lateness for plan, _ in found) <= 1.03 * sum(best.lateness for _, best in found)


@pytest.mark.parametrize("seed", range(60))
def test_the_verifier_finds_no_broken_rule_in_the_best_schedule(seed):
    factory = random_tiny_shop(seed)

    ledger = Ledger(factory, as_plan(factory, best_plan(factory)))

    assert [(rule.__name__, *each) for rule in SCHEDULE_RULES for each in rule(ledger)] == []


def as_plan(factory, best):
    """A plan whose lots and operations are those of the reference."""
    begin = datetime.combine(factory.as_of, time(), ZoneInfo(factory.time_zone)).astimezone(UTC)
    orders, rows = [], []
    for task, placed in best.operations:
        if task.before is None:
            orders.append(f"LOT-{len(orders) + 1}")
        start, end, free = (
            (begin + timedelta(minutes=minute)).astimezone(ZoneInfo(factory.time_zone))
            for minute in (placed.start, placed.end, placed.free)
        )
        rows.append(
            PlannedOperation(
                order=orders[-1],
                item=task.item,
                seq=task.step.seq,
                qty=Decimal(task.quantity),
                work_centre=placed.centre,
                station=placed.station,
                skill=task.step.skill,
                crew=task.step.crew,
                start=start,
                end=end,
                free=free,
            )
        )
    lots = [
        PlannedOrder(
            id=order,
            item=own[0].item,
            kind="make",
            qty=own[0].qty,
            release=own[0].start.date(),
            due=own[-1].free.date(),
            supplier=None,
            work_order=None,
            firm=False,
        )
        for order in orders
        for own in [[row for row in rows if row.order == order]]
    ]
    plan = built(factory)
    return plan.model_copy(update={"operations": tuple(rows), "planned_orders": tuple(lots)})


def test_every_feature_occurs_in_valid_shops_of_at_most_eight_operations():
    factories = [random_tiny_shop(seed) for seed in range(60)]
    assert [check_factory(factory) for factory in factories] == [[]] * len(factories)
    steps = [row for factory in factories for rows in factory.routings.values() for row in rows]
    assert any(row.setup_family for row in steps)
    assert any(row.alternates for row in steps)
    assert any(row.overlap for row in steps)
    assert any(row.crew == 2 for row in steps)
    assert any(row.unattended_h for row in steps)
    assert any(row.queue_h for row in steps)
    assert any(row.external_days for row in steps)
    assert any(factory.absences for factory in factories)
    assert any(row.batch == 2 for factory in factories for row in factory.work_centres)
    assert any(row.stations == 2 for factory in factories for row in factory.work_centres)
    assert any(row.calendar == "NIGHT" for factory in factories for row in factory.work_centres)
    assert any(factory.bom for factory in factories)


def test_without_features_two_stations_that_never_close_are_left():
    plain = random_tiny_shop(1, features=())
    assert not plain.skills
    assert {row.calendar for row in plain.work_centres} == {"ALWAYS"}
    assert set(FEATURES) >= {"families", "alternates"}
