"""A plan that is to be changed little: what is new forbids some of it, the rest stays as it was."""

from dataclasses import replace
from functools import cache

import pytest

from planning.engine.aggregate import AggregateOptions, plan_aggregate
from planning.engine.build import suppliable
from planning.engine.factory_codec import resolve
from planning.engine.improve import Candidate, Stuck
from planning.engine.kept import KeptPlan, base_plan_of
from planning.engine.repair import RepairSearch
from planning.engine.request import Weights
from planning.engine.shop import compile_shop
from planning.engine.trouble import find_obstacles
from tests.engine.plants import built, plant, said, sold
from tests.engine.random_shop_factories import random_shop_factory, random_shop_with_events

STEP = {"seq": 10, "work_centre": "BENCH", "run_h": 2}
ITEMS = [
    {"code": "PART", "kind": "buy", "unit_cost": 10},
    {"code": "RARE", "kind": "buy", "unit_cost": 10},
    {"code": "DRIVE", "kind": "make", "max_order": 3},
    {"code": "GEAR", "kind": "make", "max_order": 3},
]
ORDERS = [
    sold("DRIVE" if number % 2 else "GEAR", (f"2024-01-{12 + number}", 3), ref=f"SO-{number}")
    for number in range(8)
]
RARE = {"ref": "PO-1", "supplier": "ACME", "item": "RARE", "qty": 12, "due": "2024-01-05"}


def workshop(**sections):
    """Drives and gears of 2 h on the bench and 1 h on the saw; gears take what is on order for 5 January."""
    given = {
        "items": ITEMS,
        "bom": [
            {"parent": "DRIVE", "component": "PART", "qty": 1},
            {"parent": "GEAR", "component": "RARE", "qty": 1},
        ],
        "routings": {
            code: [STEP, STEP | {"seq": 20, "work_centre": "SAW", "run_h": 1}] for code in ("DRIVE", "GEAR")
        },
        "work_centres": [{"code": code, "calendar": code} for code in ("BENCH", "SAW")],
        "calendars": [calendar("DAY"), calendar("BENCH"), calendar("SAW")],
        "sources": [source("PART", 0), source("RARE", 40)],
        "purchase_orders": [RARE],
        "sales_orders": ORDERS,
        "skills": [],
    }
    return plant(**(given | sections))


def calendar(code, *closures):
    shifts = [{"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "16:00"}]
    return {"code": code, "shifts": shifts, "closures": list(closures)}


def source(item, days):
    return {"item": item, "supplier": "ACME", "lead_time_days": days, "unit_cost": 10}


@cache
def base():
    return built(workshop(), rounds=9)


def repaired(factory, budget=0.1, rounds=6, workers=1, **weights):
    request = {"base": base_plan_of(base()), "move_budget": budget, "weights": Weights(**weights)}
    plan = built(factory, rounds=rounds, workers=workers, **request)
    assert not plan.certificate.violations
    return plan


class PeopleLackInRoundOne(RepairSearch):
    """Repairs nothing: tells which rounds were asked with which people."""

    def __init__(self, shop):
        self.asked = []
        aggregate = plan_aggregate(shop, AggregateOptions())
        scope, netted = suppliable(shop, find_obstacles(shop))
        kept = KeptPlan.of(shop, base_plan_of(base()))
        super().__init__(
            shop, aggregate, scope, 1, netted, Weights(), is_generous=False, base=kept, move_budget=0.1
        )

    def round(self, number):
        return Candidate(replace(self.moves.start(0), keeps=True), number)

    def _keep(self, candidate, *, is_usual):
        self.asked.append((candidate.seed, is_usual))
        if candidate.seed == 1 and not is_usual:
            return Stuck(frozenset({0}), {})
        return super()._keep(candidate, is_usual=is_usual)


def places(plan):
    return {(row.order, row.seq): (row.start, row.work_centre, row.station) for row in plan.operations}


def moved(plan):
    before, after = places(base()), places(plan)
    return {key for key in before if after.get(key) != before[key]}


def told(plan):
    (row,) = [row for row in plan.exceptions if row.code == "PLAN_REPAIRED"]
    assert row.severity == "info"
    return row.text


def test_without_anything_new_the_plan_is_the_same():
    plan = repaired(workshop())

    assert plan.planned_orders == base().planned_orders
    assert places(plan) == places(base())
    assert [row.promised for row in plan.promises] == [row.promised for row in base().promises]
    assert plan.cost == base().cost
    assert plan.staffing == base().staffing
    assert told(plan) == (
        f"0 of {len(base().operations)} operations that had not begun moved against plan 1,"
        " and 0 of 8 promised dates."
    )


@pytest.mark.parametrize("seed", [2, 6, 50, 82, 114])
def test_a_shop_where_nothing_is_new_stays_as_it_is(seed):
    # the last three moved as long as it was guessed, not known, when an order of the base plan was done
    factory = random_shop_factory(seed)
    first = built(factory, rounds=2)

    plan = built(factory, base=base_plan_of(first), move_budget=0)

    assert plan.certificate.violations == ()
    assert first.operations
    assert set(plan.operations) == set(first.operations)
    assert [row.promised for row in plan.promises] == [row.promised for row in first.promises]


@pytest.mark.parametrize("seed", [3, 47])
def test_a_shop_with_events_where_nothing_is_new_stays_as_it_is(seed):
    # 3 moved as long as a released order was thought to come on its due day, though it had been taken before;
    # 47 as long as what stands before a pin that the base plan had missed was let go, and no more was kept
    factory = random_shop_with_events(seed)
    plan = built(factory, rounds=2)

    again = built(factory, rounds=2, base=base_plan_of(plan), move_budget=0.0)

    assert set(again.operations) == set(plan.operations)


def test_a_late_part_moves_what_takes_it_and_nothing_else():
    # the twelve that gears take come on 15 January, ten days later
    late = workshop(purchase_orders=[RARE | {"due": "2024-01-15"}])
    plan = repaired(late, budget=0.5, changes=1_000_000)  # no date is worth another move

    touched = {row.order for row in plan.operations if (row.order, row.seq) in moved(plan)}
    items = {row.id: row.item for row in base().planned_orders}
    assert touched
    assert {items[order] for order in touched} == {"GEAR"}
    assert all(row.start.day >= 15 for row in plan.operations if row.order in touched)


def test_a_rush_order_gets_a_new_order_beside_those_that_stay():
    rush = sold("DRIVE", ("2024-01-16", 2), ref="RUSH", late_cost_per_day=500)
    plan = repaired(workshop(sales_orders=[*ORDERS, rush]))

    kept = {row.id for row in base().planned_orders if row.kind == "make"}
    now = {row.id: row for row in plan.planned_orders if row.kind == "make"}
    assert kept < now.keys()
    assert {row.qty for code, row in now.items() if code not in kept} == {2}
    assert not any(row.firm for row in now.values())
    assert len(moved(plan)) <= 0.1 * len(base().operations)


def test_a_rush_order_is_not_served_last_when_it_can_be_made_at_once():
    # GEAR is sold on 12, 14, 16 and 18 January; one more is wanted on the 4th, when no kept one is done
    rush = sold("GEAR", ("2024-01-08", 1), ref="RUSH", late_cost_per_day=500)
    stock = [{"item": "RARE", "qty": 20}]
    before = workshop(stock=stock)
    first = built(before, rounds=9)
    request = {"base": base_plan_of(first), "move_budget": 0.1}
    plan = built(workshop(stock=stock, sales_orders=[*ORDERS, rush]), rounds=6, **request)

    assert plan.certificate.violations == ()
    (row,) = [row for row in plan.promises if row.sales_order == "RUSH"]
    assert row.days_late == 0
    others = {row.sales_order: row.promised for row in plan.promises} | {"RUSH": None}
    assert others == {row.sales_order: row.promised for row in first.promises} | {"RUSH": None}


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_larger_budget_would_save_is_told(workers):
    # 60 h on the bench, wanted when it has been open for 72 h, of which two kept orders take 12
    rush = sold("DRIVE", ("2024-01-12", 30), ref="RUSH", late_cost_per_day=10_000)
    factory = workshop(sales_orders=[*ORDERS, rush])
    tight, free = (repaired(factory, budget, rounds=12, workers=workers) for budget in (0.0, None))

    tight_days, free_days = (sum(row.days_late for row in plan.promises) for plan in (tight, free))
    assert tight_days > free_days
    saved = int(told(tight).split("A plan was found that has ")[1].split()[0])
    assert 0 < saved <= tight_days
    assert "late days fewer" not in told(free)


def test_two_workers_repair_a_plan_to_the_same_plan_again():
    rush = sold("DRIVE", ("2024-01-12", 9), ref="RUSH", late_cost_per_day=10_000)
    factory = workshop(sales_orders=[*ORDERS, rush])

    first, again = (repaired(factory, 0.3, rounds=12, workers=2) for _ in range(2))

    assert first.operations
    assert said(first) == said(again)


def test_a_round_that_lacks_people_does_not_decide_for_the_rounds_after_it():
    # given a search whose first round can have the base plan's people, and whose second one cannot
    search = PeopleLackInRoundOne(compile_shop(resolve(workshop())))
    search.decode(search.round(0))

    search.decode(search.round(2))
    asked = search.asked.pop()
    search.decode(search.round(1))
    search.decode(search.round(2))

    assert search.asked.pop() == asked


def test_a_first_round_that_lacks_people_spares_the_others_the_try():
    search = PeopleLackInRoundOne(compile_shop(resolve(workshop())))

    search.decode(search.round(1))
    search.decode(search.round(2))

    assert search.asked == [(1, False), (1, True), (2, True)]


def test_a_station_that_is_down_is_left_alone_within_the_budget():
    down = {"work_centre": "SAW", "from": "2024-01-09T00:00:00+00:00", "to": "2024-01-11T00:00:00+00:00"}
    plan = repaired(workshop(downtimes=[down]), 0.5)

    assert len(moved(plan)) <= 0.5 * len(base().operations)
    day = {row.start.day for row in plan.operations if row.work_centre == "SAW"}
    assert not day & {9, 10}


def test_an_order_that_nobody_needs_any_more_is_dropped():
    plan = repaired(workshop(sales_orders=ORDERS[:-1]), budget=0.2)

    gone = {row.id for row in base().planned_orders} - {row.id for row in plan.planned_orders}
    items = {row.id: row.item for row in base().planned_orders}
    assert "DRIVE" in {items[order] for order in gone}
    assert {order for order, _ in moved(plan)} <= gone


def closed_bench(budget, **request):
    """The bench is closed on the two days from the day of its third order on."""
    third = sorted(row.start.date() for row in base().operations if row.work_centre == "BENCH")[2]
    closure = {"from": third.isoformat(), "to": third.replace(day=third.day + 2).isoformat(), "name": "Down"}
    calendars = [calendar("DAY"), calendar("BENCH", closure), calendar("SAW")]
    return repaired(workshop(calendars=calendars), budget, **request)


@pytest.mark.parametrize("budget", [0.35, 0.6])
def test_a_breakdown_moves_no_more_than_the_budget(budget):
    plan = closed_bench(budget)
    assert 0 < len(moved(plan)) <= budget * len(base().operations)
    assert "was not enough" not in told(plan)


def test_a_budget_that_is_not_enough_is_told_with_the_reason():
    plan = closed_bench(0.0)
    assert moved(plan)
    assert "The budget of 0 was not enough" in told(plan)
    assert f"{len(moved(plan))} of " in told(plan)


def test_dear_changes_keep_a_plan_that_may_move_freely():
    free, dear = closed_bench(None), closed_bench(None, changes=10_000)
    assert len(moved(dear)) <= len(moved(free))
    assert len(moved(dear)) <= 0.5 * len(base().operations)


@pytest.mark.parametrize("seq", [10, 20])
def test_a_new_pin_is_kept_though_the_base_plan_starts_later(seq):
    # a firm drive of 2 h on the bench and 1 h on the saw, needed in February; both are free all January
    firm = {"ref": "FO-1", "item": "DRIVE", "kind": "make", "qty": 1, "due": "2024-02-28"}
    before = workshop(firm_orders=[firm], sales_orders=[sold("DRIVE", ("2024-02-28", 1))])
    plan = built(before, rounds=2)
    assert all(f"{row.start:%m-%d}" > "01-12" for row in plan.operations)

    # when one of its operations is pinned to the third of January, in a repair in which all may move
    pin = {"order": "FO-1", "seq": seq, "start": "2024-01-03T11:00:00+00:00"}
    after = workshop(
        firm_orders=[firm], sales_orders=[sold("DRIVE", ("2024-02-28", 1))], pinned_operations=[pin]
    )
    again = built(after, rounds=2, base=base_plan_of(plan), move_budget=1.0)

    assert again.certificate.violations == ()
    (start,) = [row.start for row in again.operations if row.seq == seq]
    assert f"{start:%m-%d %H:%M}" == "01-03 11:00"
    assert not [row for row in again.exceptions if row.code == "PIN_NOT_KEPT"]
