"""What a materials planner asks of a plan, by hand: each plan is built whole and holds before the verifier.

The plant of ``plants``: planned on Monday 2024-01-01. DRIVE = 1 PART; PART is bought at 10 from ACME in 14
days, unless a test says otherwise. DRIVE is made without a routing, a day after its release.
"""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.engine.plants import built, plant, sold

DRIVE = {"code": "DRIVE", "kind": "make", "lead_time_days": 1}
PART = {"code": "PART", "kind": "buy", "unit_cost": 10}
OTHER = {"code": "OTHER", "kind": "buy", "unit_cost": 12}
SOURCE = {"item": "PART", "supplier": "ACME", "lead_time_days": 14}
QUICK = {"item": "OTHER", "supplier": "ACME", "lead_time_days": 2}
BOM = {"parent": "DRIVE", "component": "PART", "qty": 1}


def plan_of(*orders, rounds=1, **sections):
    """The plan of ``orders``, ``sections`` in place of the plant's own, after the verifier agreed."""
    given = {"items": [DRIVE, PART, OTHER], "bom": [BOM], "routings": {}, "sources": [SOURCE, QUICK]}
    suppliers = {"suppliers": [{"code": "ACME"}, {"code": "FAST"}]}
    plan = built(plant(**(given | suppliers | {"sales_orders": list(orders)} | sections)), rounds=rounds)
    assert plan.certificate.violations == ()
    return plan


def day(number):
    """So many days after the planning date."""
    return date(2024, 1, 1) + timedelta(days=number)


def orders_of(plan, item):
    return [(row.kind, int(row.qty), row.release, row.due) for row in plan.planned_orders if row.item == item]


def messages(plan, code):
    return {row.entity: row for row in plan.exceptions if row.code == code}


# --- substitutes ----------------------------------------------------------------------------------------

REPLACED = BOM | {"substitutes": [{"item": "OTHER", "qty": 2}]}


def test_a_substitute_in_stock_is_taken_where_the_part_would_come_too_late():
    # given two drives wanted in a week, PART in 14 days, and 4 OTHER in stock, two of which replace a PART
    order = sold("DRIVE", ("2024-01-08", 2))
    plan = plan_of(order, bom=[REPLACED], stock=[{"item": "OTHER", "qty": 4}])

    # then the drives are in time, of OTHER alone, and the planner is told
    assert plan.promises[0].days_late == 0
    assert orders_of(plan, "PART") == []
    assert [(row.item, row.qty) for row in plan.pegging if row.for_order] == [("OTHER", Decimal(4))]
    (used,) = messages(plan, "SUBSTITUTE_USED").values()
    assert "4 OTHER instead of 2 PART" in used.text


def test_a_substitute_in_stock_replaces_as_much_as_there_is_of_it():
    # 3 OTHER replace one and a half PART; the rest waits for PART, 14 days away, more OTHER takes 30
    plan = plan_of(
        sold("DRIVE", ("2024-01-08", 3)),
        bom=[REPLACED],
        stock=[{"item": "OTHER", "qty": 3}],
        sources=[SOURCE, QUICK | {"lead_time_days": 30}],
    )

    taken = {row.item: row.qty for row in plan.pegging if row.for_order}
    assert taken == {"OTHER": Decimal(3), "PART": Decimal("1.5")}


def test_a_substitute_is_ordered_where_it_comes_before_the_part():
    # PART comes in 14 days, OTHER in 2: a drive wanted in a week needs two of them
    plan = plan_of(sold("DRIVE", ("2024-01-08", 1)), bom=[REPLACED])

    assert plan.promises[0].days_late == 0
    assert orders_of(plan, "OTHER") == [("buy", 2, day(4), day(6))]


@pytest.mark.parametrize(("days", "taken"), [(3, "SUB"), (30, "PART")])
def test_a_substitute_is_made_where_that_comes_before_the_part(days, taken):
    # PART comes in 14 days. OTHER comes in 2, SUB is made of it in 3 more (or in 30), a drive in one
    sub = {"code": "SUB", "kind": "make", "lead_time_days": days}
    bom = [
        BOM | {"substitutes": [{"item": "SUB", "qty": 2}]},
        {"parent": "SUB", "component": "OTHER", "qty": 1},
    ]
    plan = plan_of(sold("DRIVE", ("2024-01-10", 1)), items=[DRIVE, PART, OTHER, sub], bom=bom)

    drive = next(row.id for row in plan.planned_orders if row.item == "DRIVE")
    assert {row.item for row in plan.pegging if row.for_order == drive} == {taken}
    if taken == "SUB":
        assert plan.promises[0].days_late == 0
        assert orders_of(plan, "SUB") == [("make", 2, day(4), day(7))]


def test_work_on_a_substitute_counts_before_it_is_taken():
    # 200 hours at 8 a day take 25 days, and PART is there in 14
    sub = {"code": "SUB", "kind": "make"}
    bom = [BOM | {"substitutes": [{"item": "SUB", "qty": 1}]}]
    routing = {"SUB": [{"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 200}]}
    plan = plan_of(
        sold("DRIVE", ("2024-01-10", 1)), items=[DRIVE, PART, OTHER, sub], bom=bom, routings=routing
    )

    assert [row.item for row in plan.pegging if row.for_order] == ["PART"]


def test_a_substitute_that_comes_in_two_portions_is_told_once():
    # three in stock replace one and a half PART, three more are ordered for the rest
    stock = [{"item": "OTHER", "qty": 3}]
    plan = plan_of(sold("DRIVE", ("2024-01-08", 3)), bom=[REPLACED], stock=stock)

    (used,) = (row for row in plan.exceptions if row.code == "SUBSTITUTE_USED")
    assert used.text == "Takes 6 OTHER instead of 3 PART, which would come too late."


def test_what_stands_in_for_a_part_is_not_replaced_itself():
    # wanted in three days: PART is there in 14 days, OTHER, two of which replace it, in 10, and THIRD, which
    # replaces one OTHER that a drive has anyhow, in one
    third = {"code": "THIRD", "kind": "buy", "unit_cost": 1}
    both = {"parent": "DRIVE", "component": "OTHER", "qty": 1, "substitutes": [{"item": "THIRD", "qty": 1}]}
    plan = plan_of(
        sold("DRIVE", ("2024-01-04", 1)),
        items=[DRIVE, PART, OTHER, third],
        bom=[REPLACED, both],
        sources=[SOURCE, QUICK | {"lead_time_days": 10}, QUICK | {"item": "THIRD", "lead_time_days": 1}],
    )

    # then the drive has three OTHER: its own, and two in place of PART
    assert {row.item for row in plan.pegging if row.for_order} == {"OTHER"}
    assert sum(row.qty for row in plan.pegging if row.for_order) == 3


def test_no_substitute_is_taken_where_the_part_is_in_time():
    plan = plan_of(sold("DRIVE", ("2024-02-01", 1)), bom=[REPLACED], stock=[{"item": "OTHER", "qty": 99}])

    assert [row[1] for row in orders_of(plan, "PART")] == [1]
    assert messages(plan, "SUBSTITUTE_USED") == {}


def test_of_two_substitutes_the_preferred_one_is_taken_first():
    third = {"code": "THIRD", "kind": "buy", "unit_cost": 1}
    choice = [{"item": "OTHER", "qty": 1, "priority": 2}, {"item": "THIRD", "qty": 1, "priority": 1}]
    plan = plan_of(
        sold("DRIVE", ("2024-01-08", 2)),
        items=[DRIVE, PART, OTHER, third],
        bom=[BOM | {"substitutes": choice}],
        stock=[{"item": "OTHER", "qty": 5}, {"item": "THIRD", "qty": 1}],
    )

    assert {row.item: row.qty for row in plan.pegging if row.for_order} == {"THIRD": 1, "OTHER": 1}


# --- made and bought ------------------------------------------------------------------------------------

BOTH = {"item": "DRIVE", "supplier": "FAST", "lead_time_days": 3, "unit_cost": 40}


def test_what_is_made_and_bought_is_made_while_that_is_in_time():
    plan = plan_of(sold("DRIVE", ("2024-02-01", 2)), sources=[SOURCE, BOTH])

    assert [row[0] for row in orders_of(plan, "DRIVE")] == ["make"]


def test_what_is_made_and_bought_is_bought_where_making_it_comes_too_late():
    # making needs PART, 14 days away; buying takes 3
    plan = plan_of(sold("DRIVE", ("2024-01-08", 2)), sources=[SOURCE, BOTH])

    assert orders_of(plan, "DRIVE") == [("buy", 2, day(4), day(7))]
    assert plan.promises[0].days_late == 0
    assert plan.cost.material == 80
    assert len(messages(plan, "ALTERNATE_USED")) == 1


def test_what_is_preferably_bought_is_bought():
    items = [DRIVE | {"make_priority": 2}, PART]
    plan = plan_of(sold("DRIVE", ("2024-02-01", 2)), items=items, sources=[SOURCE, BOTH])

    assert [row[0] for row in orders_of(plan, "DRIVE")] == ["buy"]
    assert orders_of(plan, "PART") == []
    assert messages(plan, "ALTERNATE_USED") == {}


@pytest.mark.parametrize(("per_week", "kind"), [(1, "make"), (3, "buy")])
def test_what_its_supplier_cannot_deliver_earlier_than_it_is_made_is_made(per_week, kind):
    # 5 are wanted in a week, made in 15 days; at 1 a week the fifth comes on day 28, at 3 a week on day 7
    plan = plan_of(sold("DRIVE", ("2024-01-06", 5)), sources=[SOURCE, BOTH | {"capacity_per_week": per_week}])

    assert {row[0] for row in orders_of(plan, "DRIVE")} == {kind}
    assert plan.promises[0].promised == (day(15) if kind == "make" else day(7))


def test_what_is_preferably_bought_is_made_where_the_supplier_delivers_too_little_a_week():
    # wanted on day 31; the supplier's five weeks until then bring 5 of the 10
    items = [DRIVE | {"make_priority": 2}, PART]
    plan = plan_of(
        sold("DRIVE", ("2024-02-01", 10)), items=items, sources=[SOURCE, BOTH | {"capacity_per_week": 1}]
    )

    assert [row[:2] for row in orders_of(plan, "DRIVE")] == [("make", 10)]
    assert plan.promises[0].days_late == 0


def test_what_was_bought_before_leaves_less_of_the_suppliers_weeks():
    # 3 a week: the first order takes all of this week and 2 of the next; the second one's 5 would be there in
    # the fourth week, on day 21, and are made by day 15
    orders = [sold("DRIVE", ("2024-01-06", 5)), sold("DRIVE", ("2024-01-07", 5), ref="SO-2")]
    items = [DRIVE | {"lot_rule": "lot_for_lot"}, PART]
    plan = plan_of(*orders, items=items, sources=[SOURCE, BOTH | {"capacity_per_week": 3}])

    bought = [row[1:2] + row[3:] for row in orders_of(plan, "DRIVE") if row[0] == "buy"]
    assert sorted(bought, key=lambda row: row[1]) == [(3, day(5)), (2, day(7))]
    assert [row[:2] for row in orders_of(plan, "DRIVE") if row[0] == "make"] == [("make", 5)]


def test_what_cannot_be_made_at_all_is_bought():
    # its only operation stands on a work centre without stations
    centres = [{"code": "BENCH", "calendar": "DAY", "stations": 0}]
    routing = {"DRIVE": [{"seq": 10, "work_centre": "BENCH", "run_h": 1}]}
    plan = plan_of(
        sold("DRIVE", ("2024-02-01", 2)), sources=[SOURCE, BOTH], routings=routing, work_centres=centres
    )

    assert [row[:2] for row in orders_of(plan, "DRIVE")] == [("buy", 2)]


# --- by-products ----------------------------------------------------------------------------------------


def test_a_by_product_serves_what_needs_it_and_less_is_bought():
    # given 10 drives at the end of January, each with half an OTHER beside it, and 8 OTHER sold in March
    orders = [sold("DRIVE", ("2024-01-31", 10)), sold("OTHER", ("2024-03-01", 8), ref="SO-2")]
    plan = plan_of(*orders, by_products=[{"parent": "DRIVE", "item": "OTHER", "qty": 0.5}])

    # then 5 of the 8 come with the drives
    assert [row[1] for row in orders_of(plan, "OTHER")] == [3]
    made = next(row.id for row in plan.planned_orders if row.item == "DRIVE")
    assert [row.qty for row in plan.pegging if (row.order, row.item) == (made, "OTHER")] == [Decimal(5)]


def test_a_part_that_comes_beside_a_lot_is_not_told_to_be_ordered():
    # given 5 OTHER beside the drives of day 17, sold for day 19; an order would be there on day 30
    orders = [sold("DRIVE", ("2024-01-18", 10)), sold("OTHER", ("2024-01-20", 5), ref="SO-2")]
    plan = plan_of(
        *orders,
        by_products=[{"parent": "DRIVE", "item": "OTHER", "qty": 0.5}],
        sources=[SOURCE, QUICK | {"lead_time_days": 30}],
    )

    # then nothing is ordered, and neither the reason nor the chain says so
    assert orders_of(plan, "OTHER") == []
    late = plan.promises[1]
    made = next(row.id for row in plan.planned_orders if row.item == "DRIVE")
    assert [row.text.partition(";")[0] for row in late.reasons] == ["OTHER comes beside other orders"]
    assert [(link.item, link.order, link.kind) for link in late.chain] == [
        ("PART", None, "buy"),
        ("DRIVE", made, "make"),
        ("OTHER", made, "receipt"),
    ]


def test_a_lot_that_takes_what_comes_beside_another_does_not_wait_for_an_order_of_it():
    box = {"code": "BOX", "kind": "make", "lead_time_days": 1}
    orders = [sold("DRIVE", ("2024-01-18", 10)), sold("BOX", ("2024-01-25", 5), ref="SO-2")]
    plan = plan_of(
        *orders,
        items=[DRIVE, PART, OTHER, box],
        bom=[BOM, {"parent": "BOX", "component": "OTHER", "qty": 1}],
        by_products=[{"parent": "DRIVE", "item": "OTHER", "qty": 0.5}],
        sources=[SOURCE, QUICK | {"lead_time_days": 30}],
    )

    assert orders_of(plan, "OTHER") == []
    assert [row.text.partition(";")[0] for row in plan.promises[1].reasons] == [
        "OTHER comes beside other orders"
    ]
    assert [link.kind for link in plan.promises[1].chain] == ["buy", "make", "receipt", "make"]


def test_a_made_item_that_comes_beside_another_is_made_that_much_less():
    chips = {"code": "CHIPS", "kind": "make", "lead_time_days": 1}
    orders = [sold("DRIVE", ("2024-01-31", 10)), sold("CHIPS", ("2024-03-01", 8), ref="SO-2")]
    plan = plan_of(
        *orders,
        items=[DRIVE, PART, chips],
        by_products=[{"parent": "DRIVE", "item": "CHIPS", "qty": 0.5}],
        sources=[SOURCE],
    )

    assert [row[1] for row in orders_of(plan, "CHIPS")] == [3]
    assert plan.promises[1].days_late == 0


# --- lead times, safety time, fences --------------------------------------------------------------------


def test_a_lead_time_in_working_days_skips_closed_days():
    # 5 open days before Wednesday 2024-01-31 is Wednesday the 24th
    plan = plan_of(
        sold("PART", ("2024-01-31", 1)),
        sources=[SOURCE | {"lead_time_days": 5, "lead_time_calendar": "DAY"}],
    )

    assert orders_of(plan, "PART") == [("buy", 1, date(2024, 1, 24), date(2024, 1, 31))]


def test_the_first_promise_counts_working_days_too():
    # ordered on Monday the 1st, 10 open days later is Monday the 15th
    plan = plan_of(
        sold("PART", ("2024-01-02", 1)),
        sources=[SOURCE | {"lead_time_days": 10, "lead_time_calendar": "DAY"}],
    )

    assert plan.promises[0].promised == date(2024, 1, 15)


def test_safety_time_brings_a_purchase_in_earlier_as_far_as_there_is_time():
    items = [DRIVE, PART | {"safety_days": 6}]
    orders = [sold("PART", ("2024-01-18", 1)), sold("PART", ("2024-02-20", 1), ref="SO-2")]
    plan = plan_of(*orders, items=items, sources=[SOURCE])

    # wanted on day 17 and 50: six days earlier would be day 11, but the supplier takes 14
    assert [row[3] for row in orders_of(plan, "PART")] == [day(14), day(44)]


def test_safety_time_of_a_made_item_brings_its_lot_in_earlier():
    late = plan_of(sold("DRIVE", ("2024-03-01", 1)))
    early = plan_of(sold("DRIVE", ("2024-03-01", 1)), items=[DRIVE | {"safety_days": 10}, PART, OTHER])

    assert orders_of(late, "DRIVE")[0][3] - orders_of(early, "DRIVE")[0][3] == timedelta(days=10)


@pytest.mark.parametrize(("item", "order"), [("PART", "buy"), ("DRIVE", "make")])
def test_nothing_new_goes_out_inside_the_planning_fence(item, order):
    items = [row | ({"fence_days": 30} if row["code"] == item else {}) for row in (DRIVE, PART)]
    plan = plan_of(sold(item, ("2024-01-20", 1)), items=items, sources=[SOURCE | {"lead_time_days": 2}])

    ((kind, _, release, _),) = orders_of(plan, item)
    assert (kind, release) == (order, day(30))
    assert plan.promises[0].days_late > 0


# --- lot rules and price breaks ---------------------------------------------------------------------------

WEEKLY = [("2024-02-05", 10), ("2024-02-12", 10), ("2024-02-19", 10), ("2024-02-26", 10)]


def sizes(rule, **keys):
    items = [DRIVE, PART | {"lot_rule": rule} | keys]
    plan = plan_of(
        sold("PART", *WEEKLY), items=items, sources=[SOURCE], policy={"holding_rate_per_year": 0.365}
    )
    return [int(row.qty) for row in plan.planned_orders]


def test_lot_for_lot_orders_what_each_day_needs():
    assert sizes("lot_for_lot") == [10, 10, 10, 10]


def test_a_fixed_period_gathers_its_days():
    assert sizes("fixed_period", group_days=14) == [20, 20]


@pytest.mark.parametrize(
    ("order_cost", "expected"),
    [
        # a unit costs 0.01 a day to hold: 10 units a week early cost 0.70, two weeks 1.40, three 2.10
        (0.5, [10, 10, 10, 10]),
        (1, [20, 20]),
        (5, [40]),
    ],
)
def test_wagner_whitin_weighs_an_order_against_holding(order_cost, expected):
    assert sizes("wagner_whitin", order_cost=order_cost) == expected


def test_silver_meal_stops_when_the_cost_per_day_rises():
    # an order of 5 for a week is 0.714 a day; with the second week 5.70 for 8 days, 0.7125;
    # 5.70 for two weeks is 0.407; with the third week 7.10 for 15 days, 0.473, is more
    assert sizes("silver_meal", order_cost=5) == [20, 20]


@pytest.mark.parametrize("rule", ["wagner_whitin", "silver_meal", "fixed_period", "lot_for_lot"])
def test_a_minimum_counts_once_for_what_is_gathered(rule):
    # 40 are needed; a minimum of 25 never becomes 25 for each of the four
    keys = {"order_cost": 5} if rule in ("wagner_whitin", "silver_meal") else {"group_days": 60}
    found = sizes(rule, min_order=25, **(keys if rule != "lot_for_lot" else {}))
    assert found in ([40], [25, 25])


def test_the_lots_of_a_made_item_follow_its_rule():
    items = [DRIVE | {"lot_rule": "wagner_whitin", "order_cost": 1}, PART]
    plan = plan_of(
        sold("DRIVE", *WEEKLY), items=items, sources=[SOURCE], policy={"holding_rate_per_year": 0.365}
    )

    assert [row[1] for row in orders_of(plan, "DRIVE")] == [20, 20]


BREAKS = [{"from_qty": 20, "unit_cost": 9}, {"from_qty": 1000, "unit_cost": 8}]


def test_a_price_break_is_reached_with_later_needs_where_that_saves_more_than_holding_costs():
    # 20 instead of 10 save 1 each and hold 10 for a week; 1,000 are never needed
    plan = plan_of(sold("PART", *WEEKLY), sources=[SOURCE | {"price_breaks": BREAKS}])

    assert [row[1] for row in orders_of(plan, "PART")] == [20, 20]
    assert plan.cost.material == 40 * 9


def test_a_price_break_is_left_where_holding_costs_more():
    policy = {"holding_rate_per_year": 365}  # a unit costs its price a day
    plan = plan_of(sold("PART", *WEEKLY), sources=[SOURCE | {"price_breaks": BREAKS}], policy=policy)

    assert [row[1] for row in orders_of(plan, "PART")] == [10, 10, 10, 10]


# --- safety stock -----------------------------------------------------------------------------------------


def test_purchases_keep_the_safety_stock_from_the_first_day_on_which_they_can():
    items = [DRIVE, PART | {"safety_stock": 5}]
    plan = plan_of(sold("PART", ("2024-02-05", 10)), items=items, sources=[SOURCE])

    # 5 on the first possible day, and 10 when 10 leave
    assert [(row[1], row[3]) for row in orders_of(plan, "PART")] == [(5, day(14)), (10, day(35))]
    assert messages(plan, "BELOW_SAFETY_STOCK")["PART"].severity == "warning"


def test_stock_above_its_target_that_nobody_needs_is_excess():
    items = [DRIVE, PART | {"safety_stock": 5}, OTHER]
    plan = plan_of(sold("PART", ("2024-02-05", 10)), items=items, stock=[{"item": "PART", "qty": 20}])

    assert orders_of(plan, "PART") == []
    assert messages(plan, "EXCESS")["PART"].money_at_risk == 50  # 5 units at 10


# --- firm orders and messages -----------------------------------------------------------------------------


def purchase(due, qty=10, ref="PO-1"):
    return {"ref": ref, "supplier": "ACME", "item": "PART", "qty": qty, "due": due}


def test_a_firm_purchase_is_kept_and_nothing_is_bought_beside_it():
    firm = {"ref": "F-1", "item": "PART", "kind": "buy", "qty": 12, "due": "2024-01-25", "supplier": "ACME"}
    plan = plan_of(sold("PART", ("2024-02-05", 10)), firm_orders=[firm])

    (row,) = plan.planned_orders
    assert (row.id, row.firm, int(row.qty), row.release, row.due) == ("F-1", True, 12, day(10), day(24))
    assert plan.cost.material == 120
    assert messages(plan, "EXCESS")["F-1"].money_at_risk == 20


def test_a_firm_purchase_with_less_than_its_lead_time_is_kept_and_said():
    firm = {"ref": "F-1", "item": "PART", "kind": "buy", "qty": 10, "due": "2024-01-05", "supplier": "ACME"}
    plan = plan_of(sold("PART", ("2024-01-05", 10)), firm_orders=[firm])

    assert plan.promises[0].days_late == 0
    assert "2024-01-15" in messages(plan, "INSUFFICIENT_LEAD_TIME")["F-1"].text


def test_a_firm_purchase_whose_day_has_passed_comes_on_the_planning_date():
    firm = {"ref": "F-1", "item": "PART", "kind": "buy", "qty": 10, "due": "2023-12-05", "supplier": "ACME"}
    plan = plan_of(sold("PART", ("2024-01-05", 10)), firm_orders=[firm])

    assert plan.planned_orders[0].due == day(0)
    assert "F-1" in messages(plan, "PAST_DUE_ORDER")


def test_a_firm_lot_keeps_its_quantity_and_the_rest_is_made_beside_it():
    firm = {"ref": "F-1", "item": "DRIVE", "kind": "make", "qty": 4, "due": "2024-02-01"}
    plan = plan_of(sold("DRIVE", ("2024-02-01", 10)), firm_orders=[firm])

    assert sorted((row.id == "F-1", int(row.qty)) for row in plan.planned_orders if row.item == "DRIVE") == [
        (False, 6),
        (True, 4),
    ]


def test_a_firm_lot_does_not_start_before_its_release():
    firm = {"ref": "F-1", "item": "DRIVE", "kind": "make", "qty": 4, "due": "2024-02-20"}
    plan = plan_of(sold("DRIVE", ("2024-02-20", 4)), firm_orders=[firm | {"release": "2024-02-20"}])

    row = next(row for row in plan.planned_orders if row.id == "F-1")
    assert (row.release, row.due) == (date(2024, 2, 20), date(2024, 2, 21))


def test_an_order_that_comes_too_late_is_to_be_rescheduled_in():
    # PART is wanted on the 20th and comes on the 29th; a new one would come on the 15th
    plan = plan_of(
        sold("PART", ("2024-01-10", 10)), purchase_orders=[purchase("2024-01-13")], sources=[SOURCE, QUICK]
    )

    message = messages(plan, "RESCHEDULE_IN")["PO-1"]
    assert "needed on 2024-01-10, 3 days earlier" in message.text


def test_an_order_that_comes_long_before_it_is_needed_is_to_be_rescheduled_out():
    plan = plan_of(sold("PART", ("2024-03-10", 10)), purchase_orders=[purchase("2024-01-13")])

    message = messages(plan, "RESCHEDULE_OUT")["PO-1"]
    assert "first needed on 2024-03-10, 57 days later" in message.text
    assert message.money_at_risk == 100


def test_an_order_that_nobody_needs_is_to_be_cancelled():
    plan = plan_of(purchase_orders=[purchase("2024-01-13")])

    assert messages(plan, "CANCEL")["PO-1"].money_at_risk == 100


RELEASED = {"ref": "WO-1", "item": "DRIVE", "qty": 1, "due": "2024-02-19", "components_issued": False}


def released_on(plan):
    """When WO-1 begins and is there, and what is bought for it."""
    row = next(row for row in plan.planned_orders if row.id == "WO-1")
    return row.release, row.due, [order[2:] for order in orders_of(plan, "PART")]


def test_a_released_lot_waits_for_its_day_and_so_do_its_parts():
    # due on 19 February; a drive is made in a day, PART comes in 14
    plan = plan_of(sold("DRIVE", ("2024-02-20", 1)), work_orders=[RELEASED])

    due = date(2024, 2, 19)
    begin = due - timedelta(days=1)
    assert released_on(plan) == (begin, due, [(begin - timedelta(days=14), begin)])
    assert messages(plan, "RESCHEDULE_OUT") == {}


def test_a_released_lot_that_is_due_long_before_it_is_needed_is_to_be_put_off():
    plan = plan_of(sold("DRIVE", ("2024-03-20", 1)), work_orders=[RELEASED])

    message = messages(plan, "RESCHEDULE_OUT")["WO-1"]
    assert message.text == "Work order: due 2024-02-19, first needed on 2024-03-20, 30 days later."


@pytest.mark.parametrize("begun", [{"done_qty": 1, "qty": 2}, {"start": "2024-01-01"}])
def test_a_lot_that_has_begun_goes_on(begun):
    # its PART is there on the 15th
    plan = plan_of(sold("DRIVE", ("2024-02-20", 1)), work_orders=[RELEASED | begun])

    assert released_on(plan)[:2] == (day(14), day(15))


def test_a_released_lot_that_somebody_needs_before_its_day_does_not_wait():
    # its parts are issued; a new drive for the customer of the 5th would come on the 16th
    plan = plan_of(sold("DRIVE", ("2024-01-05", 1)), work_orders=[RELEASED | {"components_issued": True}])

    assert plan.promises[0].days_late == 0
    assert [row.id for row in plan.planned_orders] == ["WO-1"]
    assert released_on(plan) == (day(3), day(4), [])
    message = messages(plan, "RESCHEDULE_IN")["WO-1"]
    assert message.text == (
        "Work order: due 2024-02-19, planned for 2024-01-05, needed on 2024-01-05, 45 days earlier."
    )


def test_of_two_released_lots_the_first_one_due_is_pulled_in():
    # one lot serves the first customer, for whom a new drive would be too late; the other waits for its day
    issued = RELEASED | {"components_issued": True}
    lots = [issued | {"ref": ref, "due": f"2024-02-{due}"} for ref, due in (("WO-1", 20), ("WO-2", 10))]
    plan = plan_of(sold("DRIVE", ("2024-01-10", 1), ("2024-02-25", 1)), work_orders=lots)

    dues = {row.id: row.due for row in plan.planned_orders if row.item == "DRIVE"}
    assert dues == {"WO-2": date(2024, 1, 10), "WO-1": date(2024, 2, 20)}


def test_a_released_lot_keeps_its_day_where_a_new_one_is_in_time():
    plan = plan_of(sold("DRIVE", ("2024-01-25", 1)), work_orders=[RELEASED])

    assert released_on(plan)[1] == date(2024, 2, 19)
    assert "planned beside it" in messages(plan, "RESCHEDULE_IN")["WO-1"].text


def test_an_order_that_fits_gets_no_message():
    plan = plan_of(sold("PART", ("2024-01-15", 10)), purchase_orders=[purchase("2024-01-13")])

    assert [row for row in plan.exceptions if row.entity == "PO-1"] == []


def test_the_money_at_risk_of_a_late_order_is_what_customers_pay_for_all_that_hangs_on_it():
    # one purchase order for two drives of two customers' orders, at 100 and 250
    orders = [
        sold("DRIVE", ("2024-01-10", 1), unit_price=100),
        sold("DRIVE", ("2024-01-11", 1), ref="SO-2", unit_price=250),
    ]
    plan = plan_of(*orders, purchase_orders=[purchase("2024-01-13", qty=2)])

    assert messages(plan, "RESCHEDULE_IN")["PO-1"].money_at_risk == 350
    assert messages(plan, "LATE_DEMAND")["SO-1/1/1"].money_at_risk == 100


def test_a_late_date_comes_with_the_longest_chain_of_lead_times():
    # given a drive wanted in 5 days: PART takes 14 days, FRAME 10 more, DRIVE 1
    frame = {"code": "FRAME", "kind": "make", "lead_time_days": 10}
    bom = [BOM | {"component": "FRAME"}, BOM | {"component": "OTHER"}, BOM | {"parent": "FRAME"}]
    plan = plan_of(sold("DRIVE", ("2024-01-06", 1)), items=[DRIVE, frame, PART, OTHER], bom=bom)

    # then PART, FRAME, DRIVE, one after the other: 25 days, 20 too many
    (promise,) = plan.promises
    assert [(link.item, link.kind, link.days) for link in promise.chain] == [
        ("PART", "buy", 14),
        ("FRAME", "make", 10),
        ("DRIVE", "make", 1),
    ]
    assert (promise.chain[0].start, promise.promised, promise.days_late) == (day(0), day(25), 20)


def test_the_part_that_comes_too_late_is_the_reason_also_without_operations():
    # PART takes 14 days and DRIVE 1: wanted in 5 days, it is 10 late, all of them for PART
    plan = plan_of(sold("DRIVE", ("2024-01-06", 1)))

    (reason,) = plan.promises[0].reasons
    assert (reason.code, reason.entity, reason.days) == ("AT_RISK_MATERIAL", "PART", 10)


def test_a_supplier_that_delivers_no_more_a_week_is_the_reason_beyond_his_lead_time():
    # 5 a week from day 14 on: the 20 wanted on day 15 are there three Mondays later
    source = SOURCE | {"capacity_per_week": 5}
    plan = plan_of(sold("DRIVE", ("2024-01-17", 20)), sources=[source])

    assert plan.promises[0].days_late > 14
    assert plan.promises[0].reasons[0].code == "AT_RISK_SUPPLIER_CAPACITY"


def test_a_purchase_is_in_time_on_the_day_that_is_asked_for_and_not_the_day_after():
    # an open order for DRIVE comes the day after it is wanted: a new lot is made in time instead
    late = {"ref": "PO-1", "supplier": "ACME", "item": "DRIVE", "qty": 1, "due": "2024-02-02"}
    plan = plan_of(sold("DRIVE", ("2024-02-01", 1)), purchase_orders=[late])

    assert plan.promises[0].days_late == 0


def test_the_day_of_a_consumption_stands_with_its_pegging():
    plan = plan_of(sold("DRIVE", ("2024-02-01", 1)))

    days = {(row.item, row.for_order is None): row.day for row in plan.pegging}
    made = next(row for row in plan.planned_orders if row.item == "DRIVE")
    assert days == {("PART", False): made.release, ("DRIVE", True): date(2024, 2, 1)}


def test_a_lot_does_not_start_in_a_gap_between_two_bills_of_materials():
    # PART until the 10th, OTHER from the 20th: what starts between them would be made of nothing
    bom = [BOM | {"to": "2024-01-10"}, BOM | {"component": "OTHER", "from": "2024-01-20"}]
    plan = plan_of(sold("DRIVE", ("2024-01-16", 1)), bom=bom)

    ((_, _, release, _),) = orders_of(plan, "DRIVE")
    assert release == date(2024, 1, 20)
    assert [row.item for row in plan.pegging if row.for_order] == ["OTHER"]


def test_an_order_that_comes_too_late_to_be_used_is_pulled_in_and_not_cancelled():
    # PART is wanted on the 20th, PO-1 comes on the 29th; a new order can be there on the 15th
    orders = [sold("PART", ("2024-01-20", 10))]
    plan = plan_of(*orders, purchase_orders=[purchase("2024-01-29", qty=50)])

    assert messages(plan, "CANCEL") == {}
    message = messages(plan, "RESCHEDULE_IN")["PO-1"]
    assert "needed on 2024-01-20, 9 days earlier; 10 PART are planned beside it (BUY-00001)" in message.text


def test_of_two_orders_that_come_too_late_only_the_one_that_would_help_is_pulled_in():
    late = [purchase("2024-01-29"), purchase("2024-01-30", ref="PO-2")]
    plan = plan_of(sold("PART", ("2024-01-20", 10)), purchase_orders=late)

    assert list(messages(plan, "RESCHEDULE_IN")) == ["PO-1"]
    assert list(messages(plan, "CANCEL")) == ["PO-2"]


def test_an_order_agreed_for_a_day_after_the_horizon_is_not_cancelled():
    plan = plan_of(purchase_orders=[purchase("2024-04-01"), purchase("2024-03-31", ref="PO-2")])

    assert list(messages(plan, "CANCEL")) == ["PO-2"]


def test_a_released_order_whose_by_product_is_needed_is_not_cancelled():
    # nobody wants the drive that is under way, but a customer waits for the SCRAP that comes beside it
    plan = plan_of(
        sold("SCRAP", ("2024-01-20", 1)),
        items=[DRIVE, PART, OTHER, {"code": "SCRAP", "kind": "buy", "lead_time_days": 5}],
        by_products=[{"parent": "DRIVE", "item": "SCRAP", "qty": 1}],
        work_orders=[{"ref": "WO-1", "item": "DRIVE", "qty": 1, "due": "2024-01-05"}],
    )

    assert messages(plan, "CANCEL") == {}
    assert "1 of 1 DRIVE are needed by nobody" in messages(plan, "EXCESS")["WO-1"].text


def test_a_firm_purchase_long_after_the_horizon_stands_in_the_plan():
    firm = {"ref": "F-1", "item": "PART", "kind": "buy", "qty": 2, "due": "2040-01-01", "supplier": "ACME"}
    plan = plan_of(sold("PART", ("2024-02-20", 4)), firm_orders=[firm])

    row = next(row for row in plan.planned_orders if row.id == "F-1")
    assert (row.due, row.release) == (date(2040, 1, 1), date(2039, 12, 18))


@pytest.mark.parametrize("item", ["PART", "DRIVE"])
def test_what_the_planning_fence_makes_late_says_so(item):
    rows = [row | {"fence_days": 40} if row["code"] == item else row for row in (DRIVE, PART, OTHER)]
    plan = plan_of(sold("DRIVE", ("2024-01-25", 1)), items=rows)

    (reason,) = plan.promises[0].reasons
    assert (reason.code, reason.entity) == ("FENCE_VIOLATION", item)
    assert "inside its planning fence, until 2024-02-10" in reason.text


def test_a_part_sold_as_it_is_waits_for_what_its_supplier_can_deliver_in_a_week():
    source = SOURCE | {"capacity_per_week": 3}
    plan = plan_of(sold("PART", ("2024-01-16", 9)), sources=[source, QUICK])

    assert plan.promises[0].days_late > 0
    assert plan.promises[0].reasons[0].code == "AT_RISK_SUPPLIER_CAPACITY"


def test_a_drive_that_waits_for_an_open_order_names_that_order():
    plan = plan_of(sold("DRIVE", ("2024-01-05", 1)), purchase_orders=[purchase("2024-01-10")])

    (reason,) = plan.promises[0].reasons
    assert (reason.code, reason.entity) == ("EXPEDITE", "PO-1")


def test_a_substitute_is_ordered_where_it_comes_before_a_made_component():
    # SUB takes 40 days; OTHER, which may stand in for it, comes in 2
    sub = {"code": "SUB", "kind": "make", "lead_time_days": 40}
    plan = plan_of(
        sold("DRIVE", ("2024-01-10", 1)),
        items=[DRIVE, PART, OTHER, sub],
        bom=[
            {"parent": "DRIVE", "component": "SUB", "qty": 1, "substitutes": [{"item": "OTHER", "qty": 2}]},
            {"parent": "SUB", "component": "PART", "qty": 1},
        ],
    )

    assert plan.promises[0].days_late == 0
    assert orders_of(plan, "SUB") == []
    assert [row[:2] for row in orders_of(plan, "OTHER")] == [("buy", 2)]


def test_what_is_wanted_after_its_bill_has_ended_is_made_before_that():
    # the bill ends on the 20th: the drive for the 1st of February starts on the 19th at the latest
    bom = [BOM | {"to": "2024-01-20"}]
    plan = plan_of(sold("DRIVE", ("2024-02-01", 1)), bom=bom)

    ((_, _, release, _),) = orders_of(plan, "DRIVE")
    assert day(14) <= release < date(2024, 1, 20)
    assert plan.promises[0].days_late == 0
    assert [row.item for row in plan.pegging if row.for_order] == ["PART"]


def test_what_cannot_start_before_its_bill_ends_is_named_and_not_made_of_nothing():
    # PART comes on the 15th at the earliest, the bill ends on the 10th
    plan = plan_of(sold("DRIVE", ("2024-02-01", 1)), bom=[BOM | {"to": "2024-01-10"}])

    assert orders_of(plan, "DRIVE") == []
    (promise,) = plan.promises
    assert promise.promised is None
    assert promise.reasons[0].code == "BROKEN_SUPPLY_PATH"
    assert "ends on 2024-01-10" in promise.reasons[0].text


# --- what never comes -----------------------------------------------------------------------------------

OPEN = {"code": "DAY", "shifts": [{"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "16:00"}]}
SHUT = {"calendars": [OPEN, {"code": "SHUT"}]}
BY_SHUT = {"lead_time_days": 3, "lead_time_calendar": "SHUT"}
FIRM = {"ref": "F1", "item": "DRIVE", "kind": "make", "qty": 2, "due": "2090-01-01"}
WORK = {"ref": "W1", "item": "DRIVE", "qty": 2, "due": "2090-02-01", "start": "2090-01-01"}


@pytest.mark.parametrize(
    ("sections", "entity", "words", "remedy"),
    [
        (
            SHUT | {"sources": [SOURCE | BY_SHUT]},
            "PART",
            "PART from ACME takes 3 open days of calendar SHUT, which never opens.",
            "Add shifts to calendar SHUT",
        ),
        (
            SHUT | {"items": [DRIVE, PART | BY_SHUT, OTHER], "sources": []},
            "PART",
            "PART takes 3 open days of calendar SHUT, which never opens.",
            "Add shifts to calendar SHUT",
        ),
        (
            SHUT | {"items": [DRIVE | BY_SHUT, PART, OTHER]},
            "DRIVE",
            "DRIVE takes 3 open days of calendar SHUT, which never opens.",
            "Add shifts to calendar SHUT",
        ),
        (
            {"sources": [SOURCE | {"lead_time_days": 3000}]},
            "PART",
            "PART from ACME takes 3000 days: begun on 2024-01-01, it comes after 2028-04-09",
            "Correct the lead time of PART.",
        ),
        (
            {"items": [DRIVE, PART | {"fence_days": 3000}, OTHER]},
            "PART",
            "The planning fence of PART ends on 2032-03-19: nothing is planned after 2028-04-09.",
            "Shorten the fence of PART, which is 3000 days.",
        ),
        (
            {"items": [DRIVE | {"fence_days": 3000}, PART, OTHER]},
            "DRIVE",
            "The planning fence of DRIVE ends on 2032-03-19",
            "Shorten the fence of DRIVE",
        ),
        (
            {"items": [DRIVE | {"earliest_production": "2090-01-01"}, PART, OTHER]},
            "DRIVE",
            "DRIVE may not be produced before 2090-01-01",
            "Correct the first day of production of DRIVE.",
        ),
        (
            {"items": [DRIVE, PART | {"min_order": 5, "max_order": 5, "order_multiple": 3}, OTHER]},
            "PART",
            "PART is bought, but no order keeps its minimum, multiple and maximum.",
            "Correct the lot sizes of PART and its sources.",
        ),
        (
            {"firm_orders": [FIRM]},
            "F1",
            "F1 of DRIVE is due on 2090-01-01: nothing is planned after 2028-04-09.",
            "Correct the days of F1.",
        ),
        ({"firm_orders": [FIRM | {"release": "2089-01-01"}]}, "F1", "F1 of DRIVE begins on 2089-01-01", "F1"),
        ({"work_orders": [WORK]}, "W1", "W1 of DRIVE starts on 2090-01-01", "Correct the days of W1."),
    ],
)
def test_what_never_comes_is_told_with_its_place_and_remedy(sections, entity, words, remedy):
    plan = plan_of(sold("DRIVE", ("2024-02-01", 2)), **sections)

    (found,) = (
        row for row in plan.exceptions if row.severity == "error" and row.code == "BROKEN_SUPPLY_PATH"
    )
    assert found.entity == entity
    assert found.text.startswith(words)
    assert remedy in found.suggestion


def test_a_customer_is_served_from_what_fills_safety_stock_where_his_own_lot_comes_later():
    # released production that starts on the 22nd was due in time for the order; two drives fill safety stock
    begun = {"ref": "WO-1", "item": "DRIVE", "qty": 1, "due": "2024-01-08", "start": "2024-01-22"}
    plan = plan_of(
        sold("DRIVE", ("2024-01-09", 1)),
        items=[DRIVE | {"safety_stock": 2, "max_order": 1}, PART, OTHER],
        sources=[SOURCE | {"lead_time_days": 2}],
        work_orders=[begun],
    )

    assert plan.promises[0].promised == date(2024, 1, 9)
    # each drive is told once: the customer's, and the two that lie in stock in the end
    assert [row.qty for row in plan.pegging if row.item == "DRIVE"] == [1, 1, 1]
    assert [row.sales_order for row in plan.pegging if row.item == "DRIVE"].count("SO-1") == 1
