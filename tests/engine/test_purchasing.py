"""Planned purchases by hand: consolidation, lot sizes, price breaks, capacity, sources."""

from datetime import date

import pytest

from planning.engine.purchasing import Purchaser
from planning.engine.shop import MICRO
from planning.engine.sourcing import Arrivals, earliest_purchase
from tests.effort import lines_run
from tests.engine.plants import at, shop_of


def purchaser(item=None, sources=(), **sections):
    """Buys PART, which costs 10 and has ``sources`` (supplier ACME, 3 days, unless they say otherwise)."""
    rows = [{"item": "PART", "supplier": "ACME", "lead_time_days": 3} | row for row in sources]
    return Purchaser(
        shop_of(
            items=[{"code": "PART", "kind": "buy", "unit_cost": 10} | (item or {})],
            suppliers=[{"code": "ACME"}, {"code": "BOLT"}],
            bom=[],
            routings={},
            sources=rows,
            **sections,
        )
    )


def bought(buyer, *takes):
    """Orders as (due day, quantity) for takes of (day, quantity)."""
    orders = buyer.buy(0, [(day, qty * MICRO) for day, qty in takes])
    return [(order.due_day, order.quantity / MICRO) for order in orders]


def test_parts_come_on_the_day_on_which_the_schedule_runs_short():
    buyer = purchaser(
        sources=[{}],
        stock=[{"item": "PART", "qty": 4}],
        purchase_orders=[
            {
                "ref": "PO-1",
                "supplier": "ACME",
                "item": "PART",
                "qty": 9,
                "received_qty": 6,
                "due": "2024-01-12",
            }
        ],
    )
    # 4 in stock cover day 5; of day 10's 5 one is missing; 3 on order come on day 11
    assert bought(buyer, (5, 3), (10, 2), (12, 5)) == [(10, 1), (12, 2)]


def test_an_order_goes_out_a_lead_time_before_it_is_due():
    (order,) = purchaser(sources=[{}]).buy(0, [(10, MICRO)])
    assert (order.release, order.due) == (date(2024, 1, 8), date(2024, 1, 11))


def test_needs_of_one_day_are_put_together_before_the_minimum():
    # three needs of 2 on one day: one order of 6, not three of 5
    assert bought(purchaser({"min_order": 5}, [{}]), (10, 2), (10, 2), (10, 2)) == [(10, 6)]


def test_what_a_minimum_brings_too_much_serves_the_next_need():
    assert bought(purchaser({"min_order": 5}, [{}]), (10, 2), (12, 2), (14, 2)) == [(10, 5), (14, 5)]


def test_the_rules_of_a_source_win_over_those_of_the_item():
    buyer = purchaser({"min_order": 50, "order_multiple": 50}, [{"min_order": 4, "order_multiple": 2}])
    assert bought(buyer, (10, 1), (12, 4)) == [(10, 4), (12, 2 + 2)]
    assert bought(buyer, (10, 5)) == [(10, 6)]


def test_no_order_is_larger_than_the_largest():
    assert bought(purchaser({"max_order": 4}, [{}]), (10, 9)) == [(10, 4), (10, 4), (10, 1)]


@pytest.mark.parametrize(("qty", "unit_cost"), [(7, 10), (10, 8), (60, 8), (100, 5), (500, 5)])
def test_the_price_is_that_of_the_largest_break_reached(qty, unit_cost):
    breaks = [{"from_qty": 100, "unit_cost": 5}, {"from_qty": 10, "unit_cost": 8}]
    (order,) = purchaser(sources=[{"price_breaks": breaks}]).buy(0, [(10, qty * MICRO)])
    assert order.cost == qty * unit_cost


def test_group_days_put_the_needs_of_so_many_days_into_one_order():
    # days 10 to 16 together, day 17 begins the next group
    takes = [(10, 1), (13, 2), (16, 4), (17, 8)]
    assert bought(purchaser({"group_days": 7}, [{}]), *takes) == [(10, 7), (17, 8)]


def test_a_group_is_net_of_receipts_that_come_within_it():
    order = {"ref": "PO-1", "supplier": "ACME", "item": "PART", "qty": 4, "due": "2024-01-14"}
    takes = [(10, 1), (13, 2), (16, 4)]
    assert bought(purchaser({"group_days": 7}, [{}], purchase_orders=[order]), *takes) == [(10, 3)]


def test_what_a_suppliers_week_cannot_give_is_bought_in_the_weeks_before():
    # 10 a week; 25 needed on Wednesday of week 4: 10 then, 10 by Sunday of week 3, 5 by Sunday of week 2
    buyer = purchaser(sources=[{"capacity_per_week": 10}])
    assert bought(buyer, (23, 25)) == [(23, 10), (20, 10), (13, 5)]


def test_open_purchase_orders_take_a_suppliers_capacity():
    order = {"ref": "PO-1", "supplier": "ACME", "item": "PART", "qty": 7, "due": "2024-01-26"}
    buyer = purchaser(sources=[{"capacity_per_week": 10}], purchase_orders=[order])
    # of week 4's 10 seven are promised for Friday; 5 needed on Wednesday
    assert bought(buyer, (23, 5)) == [(23, 3), (20, 2)]


def test_what_the_first_supplier_cannot_give_comes_from_the_next():
    # 10 a week from ACME, who needs 20 days: weeks 4 and 3 are possible, week 2 is not
    buyer = purchaser(
        sources=[
            {"priority": 1, "capacity_per_week": 10, "lead_time_days": 20},
            {"priority": 2, "supplier": "BOLT", "unit_cost": 12},
        ]
    )
    orders = buyer.buy(0, [(23, 25 * MICRO)])
    assert [(o.source.supplier, o.due_day, o.quantity // MICRO) for o in orders] == [
        ("ACME", 23, 10),
        ("ACME", 20, 10),
        ("BOLT", 23, 5),
    ]
    assert sum(order.cost for order in orders) == 20 * 10 + 5 * 12


def suppliers(buyer, day):
    return [order.source.supplier for order in buyer.buy(0, [(day, MICRO)])]


def test_the_source_of_highest_priority_is_used():
    assert suppliers(purchaser(sources=[{"priority": 2}, {"priority": 1, "supplier": "BOLT"}]), 10) == [
        "BOLT"
    ]


def test_a_source_serves_orders_that_go_out_while_it_is_effective():
    buyer = purchaser(
        sources=[
            {"priority": 1, "supplier": "BOLT", "from": "2024-01-15", "to": "2024-02-01"},
            {"priority": 2},
        ]
    )
    # due 16 January: must go out by 13; due 18: by 15
    assert suppliers(buyer, 15) == ["ACME"]
    assert suppliers(buyer, 17) == ["BOLT"]
    # due 20 February: released by 17 February, when BOLT is over; it can go out earlier, on 31 January
    (late,) = buyer.buy(0, [(50, MICRO)])
    assert (late.source.supplier, late.release) == ("BOLT", date(2024, 1, 31))


def test_without_a_source_the_items_own_lead_time_counts_open_days():
    # 5 open days before Monday 2024-01-15: Monday 8
    buyer = purchaser({"lead_time_days": 5, "lead_time_calendar": "DAY"})
    (order,) = buyer.buy(0, [(14, MICRO)])
    assert (order.release, order.source, order.cost) == (date(2024, 1, 8), None, 10)


def test_safety_stock_is_what_remains_at_the_end():
    # 4 in stock, 3 taken, 5 to keep: 4 more
    buyer = purchaser({"safety_stock": 5}, [{}], stock=[{"item": "PART", "qty": 4}])
    assert sum(qty for _, qty in bought(buyer, (10, 3))) == 4


def test_what_cannot_come_in_time_is_not_bought_as_if_it_could():
    assert bought(purchaser(sources=[{"lead_time_days": 20}]), (10, 1)) == []


@pytest.mark.parametrize(
    ("sources", "day"),
    [
        ([], 9),
        ([{"lead_time_days": 5}], 5),
        ([{"lead_time_days": 5, "from": "2024-01-11"}], 15),
        ([{"lead_time_days": 5, "to": "2024-01-01"}], None),
        ([{"lead_time_days": 9}, {"supplier": "BOLT", "lead_time_days": 7}], 7),
    ],
)
def test_the_first_purchase_comes_a_lead_time_after_the_first_order(sources, day):
    # without a source the item's own 7 open days count, from Monday: Wednesday of the week after
    shop = purchaser({"lead_time_days": 7, "lead_time_calendar": "DAY"}, sources).shop
    assert earliest_purchase(shop, 0) == (shop.grid.end if day is None else at(day))


@pytest.mark.parametrize(
    ("sources", "wanted", "days"),
    [
        # no limit: three days after the planning date, however much
        ([{}], [5, 500], [3, 3]),
        # 10 a week, from Thursday on: the 11th part comes next Monday
        ([{"capacity_per_week": 10}], [10, 1], [3, 7]),
        # what one request leaves of a week is the next one's
        ([{"capacity_per_week": 10}], [4, 6, 15], [3, 3, 14]),
        # an unlimited source takes over when it is quicker
        ([{"capacity_per_week": 10}, {"supplier": "BOLT", "lead_time_days": 8}], [10, 10, 5], [3, 7, 8]),
    ],
)
def test_parts_are_promised_week_by_week_and_each_of_them_once(sources, wanted, days):
    arrivals = Arrivals(purchaser({}, sources).shop, 0)
    assert [arrivals.earliest(qty * MICRO) for qty in wanted] == [at(day) for day in days]


def weigh_price_breaks(count):
    # each step makes all units cheaper, at last by half: one order for all 80 needs costs the least
    breaks = [{"from_qty": 10 + n, "unit_cost": round(10 - 5 * n / count, 3)} for n in range(count)]
    buyer = purchaser(sources=[{"unit_cost": 10, "price_breaks": breaks}])
    assert bought(buyer, *((day, 5) for day in range(5, 85))) == [(5, 400)]


def test_five_thousand_price_breaks_are_weighed_with_work_in_proportion_to_them():
    assert lines_run(lambda: weigh_price_breaks(5000)) < 4.4 * lines_run(lambda: weigh_price_breaks(1250))
