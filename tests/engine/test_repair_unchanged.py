"""A repair where nothing is new changes nothing: on random factories of all kinds, and cause by cause."""

from collections import Counter

import pytest

from planning.engine.kept import base_plan_of
from tests.engine.plants import built, plant, sold
from tests.engine.random_deep_factories import random_deep_factory
from tests.engine.random_factories import random_factory
from tests.engine.random_people_factories import random_people_factory
from tests.engine.random_shop_factories import random_shop_factory, random_shop_with_events

MAKERS = (
    random_factory,
    random_deep_factory,
    random_shop_factory,
    random_shop_with_events,
    random_people_factory,
)
# Beyond the first fifty, one of each cause that moved something once: parts that change hands (17, 41, 107),
# substitutes and made items that are bought (111, 191, 371), work that is over when it begins (53, 95),
# orders that begin in one minute (73), a finished work order of the quantity of a planned one (100),
# deliveries that could be shared out better (101), what was given up (162, 245, 281, 318, 378), work past the
# horizon (335).
SEEDS = (*range(50), 53, 73, 95, 100, 101, 107, 111, 162, 191, 245, 281, 318, 335, 371, 378)
ORDERS = [sold("DRIVE", (f"2024-01-{10 + number}", 1), ref=f"SO-{number}") for number in range(5)]
STEP = {"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 2}


def repaired(factory, plan, budget=0.0):
    return built(factory, rounds=1, base=base_plan_of(plan), move_budget=budget)


def operations(plan):
    return Counter(
        (row.order, row.item, row.seq, row.qty, row.work_centre, row.station, row.start)
        for row in plan.operations
    )


def purchases(plan):
    return Counter(
        (row.item, row.qty, row.supplier, row.release, row.due)
        for row in plan.planned_orders
        if row.kind == "buy"
    )


def promises(plan):
    return {(row.sales_order, row.line, row.instalment): row.promised for row in plan.promises}


def pegs(plan):
    return {(row.order, row.for_order or row.sales_order, row.qty) for row in plan.pegging if row.day}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_repair_of_an_unchanged_factory_changes_nothing(seed):
    factory = MAKERS[seed % len(MAKERS)](seed)
    plan = built(factory, rounds=2)

    again = repaired(factory, plan)

    assert not again.certificate.violations
    assert operations(again) == operations(plan)
    assert promises(again) == promises(plan)
    assert purchases(again) == purchases(plan)


def gearbox(**sections):
    """Drives of 2 h of one gear each; gears, of 2 h, are made two at a time."""
    given = {
        "items": [
            {"code": "PART", "kind": "buy", "unit_cost": 10},
            {"code": "DRIVE", "kind": "make", "max_order": 1},
            {"code": "GEAR", "kind": "make", "order_multiple": 2, "max_order": 2},
        ],
        "bom": [
            {"parent": "DRIVE", "component": "GEAR", "qty": 1},
            {"parent": "GEAR", "component": "PART", "qty": 1},
        ],
        "routings": {"DRIVE": [STEP], "GEAR": [STEP]},
        "sales_orders": ORDERS,
    }
    return plant(**(given | sections))


def test_every_part_stays_with_the_order_that_it_was_made_for():
    factory = gearbox()
    plan = built(factory, rounds=3)

    assert pegs(repaired(factory, plan)) == pegs(plan)


def test_who_is_not_concerned_by_a_cancelled_order_keeps_his_parts():
    plan = built(gearbox(), rounds=3)
    fewer = gearbox(sales_orders=ORDERS[:-1])

    again = repaired(fewer, plan)

    gone = {row.order for row in plan.pegging if row.sales_order == "SO-4"}
    kept = {each for each in pegs(plan) if each[1] not in {*gone, "SO-4"} and each[0] not in gone}
    made = {each for each in kept if each[0].startswith("MAKE")}
    assert made
    assert made <= pegs(again)


def test_a_purchase_order_that_comes_too_late_now_is_not_waited_for_where_stock_is_there():
    # 1 gear is in stock and 1 on order for the 5th; drives of the 8th and the 25th take one each
    orders = [sold("DRIVE", ("2024-01-08", 1), ref="SO-1"), sold("DRIVE", ("2024-01-25", 1), ref="SO-2")]
    part = {"code": "PART", "kind": "buy", "unit_cost": 10, "lead_time_days": 60}
    bought = {"code": "GEAR", "kind": "buy", "unit_cost": 10, "lead_time_days": 60}
    given = {
        "items": [part, {"code": "DRIVE", "kind": "make", "max_order": 1}, bought],
        "bom": [{"parent": "DRIVE", "component": "GEAR", "qty": 1}],
        "routings": {"DRIVE": [STEP]},
        "stock": [{"item": "GEAR", "qty": 1}],
        "sales_orders": orders,
    }
    row = {"ref": "PO-1", "supplier": "ACME", "item": "GEAR", "qty": 1, "due": "2024-01-05"}
    plan = built(plant(**given, purchase_orders=[row]), rounds=3)

    late = plant(**given, purchase_orders=[row | {"due": "2024-01-22"}])
    again = built(late, rounds=3, base=base_plan_of(plan), move_budget=None)

    assert all(each.days_late == 0 for each in again.promises)


def test_what_the_base_plan_could_not_deliver_is_delivered_when_it_can_be():
    # nobody may be hired; with nobody there is no drive, with two there is
    nobody = [{"code": "ASM", "headcount": 0, "can_hire": False}]
    two = [{"code": "ASM", "headcount": 2, "can_hire": False}]
    plan = built(gearbox(skills=nobody), rounds=1)
    assert all(row.promised is None for row in plan.promises)

    again = repaired(gearbox(skills=two), plan)

    assert not again.certificate.violations
    assert all(row.promised is not None for row in again.promises)


def test_a_new_work_order_that_no_base_plan_knew_is_planned():
    plan = built(gearbox(), rounds=3)
    work = {"ref": "WO-NEW", "item": "GEAR", "qty": 7, "due": "2024-02-20"}

    again = repaired(gearbox(work_orders=[work]), plan)

    assert "WO-NEW" in {row.order for row in again.operations}


@pytest.mark.parametrize("sizes", [{"max_order": 4}, {"max_order": 8, "order_multiple": 3}])
@pytest.mark.parametrize("budget", [0.0, None])
def test_lots_of_a_size_that_may_not_be_made_any_more_are_made_anew(sizes, budget):
    def gears(**rule):
        items = [{"code": "PART", "kind": "buy", "unit_cost": 10}, {"code": "GEAR", "kind": "make"} | rule]
        orders = [sold("GEAR", ("2024-01-15", 8))]
        bom = [{"parent": "GEAR", "component": "PART", "qty": 1}]
        return plant(items=items, bom=bom, routings={"GEAR": [STEP]}, sales_orders=orders)

    plan = built(gears(max_order=8), rounds=2)

    again = repaired(gears(**sizes), plan, budget)

    assert again.certificate.violations == ()
    assert sum(row.qty for row in again.planned_orders if row.item == "GEAR") >= 8


def test_what_a_cancelled_order_leaves_fills_safety_stock_before_its_lot_is_made():
    # of each five gears three are sold at first, so two of them are the safety stock
    items = [
        {"code": "PART", "kind": "buy", "unit_cost": 10},
        {"code": "DRIVE", "kind": "make", "max_order": 1},
        {"code": "GEAR", "kind": "make", "order_multiple": 5, "max_order": 5, "safety_stock": 2},
    ]
    orders = [sold("GEAR", (f"2024-01-{day}", 5), ref=f"SO-{day}") for day in (10, 15, 20, 25)]
    orders.append(sold("GEAR", ("2024-01-08", 3), ref="SO-8"))
    plan = built(gearbox(items=items, sales_orders=orders), rounds=2)
    fewer = gearbox(items=items, sales_orders=[row for row in orders if row["ref"] != "SO-25"])

    again = repaired(fewer, plan)

    assert sum(row.qty for row in plan.planned_orders if row.item == "GEAR") == 25
    assert sum(row.qty for row in again.planned_orders if row.item == "GEAR") == 20
