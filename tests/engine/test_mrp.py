"""Material requirements by hand arithmetic, and two records that have been published."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planning.engine.mrp import LotPolicy, Stretch, plan_material
from planning.engine.shop import MICRO
from planning.engine.timegrid import DAY
from tests.effort import lines_run
from tests.engine.plants import at, built, plant, shop_of, sold

MAKE = {"kind": "make"}
BUY = {"kind": "buy", "unit_cost": 1}
LOT_FOR_LOT = LotPolicy(window_days=0)


def items(**rows):
    return [{"code": code} | row for code, row in rows.items()]


def bom(*rows):
    """Rows (parent, component, quantity, further keys)."""
    return [
        {"parent": row[0], "component": row[1], "qty": row[2]} | (row[3] if len(row) > 3 else {})
        for row in rows
    ]


def week(number):
    """The Monday of week ``number`` (1, 2, ...) of the plan."""
    return (date(2024, 1, 1) + timedelta(weeks=number - 1)).isoformat()


def without_routings(**sections):
    return shop_of(**({"routings": {}, "bom": [], "items": items(DRIVE=MAKE)} | sections))


def made(shop, material, item="DRIVE"):
    """New lots of ``item`` as (day by whose end they must be there, quantity)."""
    return [
        (lot.need // DAY - 1, lot.quantity / MICRO)
        for lot in material.lots
        if lot.item == shop.item_index[item] and lot.work_order is None
    ]


def weekly(gross):
    return [(week(n), qty) for n, qty in enumerate(gross, start=1) if qty]


def test_the_first_published_record_lot_for_lot():
    # gross 35, 10, 40 and 30 in weeks 2, 3, 5 and 7; 25 on hand: net 10, 10, 40 and 30
    shop = without_routings(
        stock=[{"item": "DRIVE", "qty": 25}],
        sales_orders=[sold("DRIVE", *weekly([0, 35, 10, 0, 40, 0, 30, 0]))],
    )
    assert made(shop, plan_material(shop, LOT_FOR_LOT)) == [(7, 10), (14, 10), (28, 40), (42, 30)]


def test_the_second_published_record_in_fixed_lots_of_80():
    # 45 on hand last until week 3; 80 in week 4 until week 6; 80 in week 7
    shop = without_routings(
        items=items(DRIVE=MAKE | {"min_order": 80, "order_multiple": 80}),
        stock=[{"item": "DRIVE", "qty": 45}],
        sales_orders=[sold("DRIVE", *weekly([20, 10, 0, 30, 25, 0, 60, 15]))],
    )
    assert made(shop, plan_material(shop, LOT_FOR_LOT)) == [(21, 80), (42, 80)]


def test_netting_through_levels_is_by_hand_arithmetic():
    # given 300 drives, 20 in stock, 2 motors each, 40 motors in stock, 3 wires a motor
    shop = without_routings(
        items=items(DRIVE=MAKE, MOTOR=MAKE, WIRE=MAKE),
        bom=bom(("DRIVE", "MOTOR", 2), ("MOTOR", "WIRE", 3)),
        stock=[{"item": "DRIVE", "qty": 20}, {"item": "MOTOR", "qty": 40}],
        sales_orders=[sold("DRIVE", ("2024-03-01", 300))],
    )
    material = plan_material(shop, LotPolicy())
    total = {code: sum(qty for _, qty in made(shop, material, code)) for code in ("DRIVE", "MOTOR", "WIRE")}
    # 300 - 20 = 280; 280 x 2 - 40 = 520; 520 x 3 = 1,560
    assert total == {"DRIVE": 280, "MOTOR": 520, "WIRE": 1_560}


def test_an_item_on_two_levels_is_netted_once():
    # 10 drives take 10 motors and 10 wires, 10 motors 10 wires more; 15 wires in stock
    shop = without_routings(
        items=items(DRIVE=MAKE, MOTOR=MAKE, WIRE=MAKE),
        bom=bom(("DRIVE", "MOTOR", 1), ("DRIVE", "WIRE", 1), ("MOTOR", "WIRE", 1)),
        stock=[{"item": "WIRE", "qty": 9}, {"item": "WIRE", "qty": 6, "location": "B"}],
        sales_orders=[sold("DRIVE", ("2024-03-01", 10))],
    )
    assert sum(qty for _, qty in made(shop, plan_material(shop, LotPolicy()), "WIRE")) == 5


def test_a_receipt_in_time_is_used_and_one_too_late_serves_what_comes_after():
    # 10 for week 2 and 10 for week 6; a work order of 8 comes in week 4
    shop = without_routings(
        work_orders=[{"ref": "WO-1", "item": "DRIVE", "qty": 8, "due": week(4)}],
        sales_orders=[sold("DRIVE", (week(2), 10), (week(6), 10))],
    )
    assert made(shop, plan_material(shop, LOT_FOR_LOT)) == [(7, 10), (35, 2)]


def test_scrap_is_bought_and_made_on_top():
    # 10 x 2 / (1 - 0.2) = 25
    shop = without_routings(
        items=items(DRIVE=MAKE, MOTOR=MAKE),
        bom=bom(("DRIVE", "MOTOR", 2, {"scrap": 0.2})),
        sales_orders=[sold("DRIVE", ("2024-03-01", 10))],
    )
    assert made(shop, plan_material(shop, LotPolicy()), "MOTOR")[0][1] == 25


def test_needs_are_rounded_up_to_a_millionth():
    # 1 / (1 - 0.3) = 1.428571428...
    shop = without_routings(
        items=items(DRIVE=MAKE, PASTE=MAKE | {"uom": "kg"}),
        bom=bom(("DRIVE", "PASTE", 1, {"scrap": 0.3})),
        sales_orders=[sold("DRIVE", ("2024-03-01", 1))],
    )
    assert made(shop, plan_material(shop, LotPolicy()), "PASTE")[0][1] == 1.428572


def test_pieces_are_made_whole():
    shop = without_routings(sales_orders=[sold("DRIVE", ("2024-03-01", 2.5))])
    assert made(shop, plan_material(shop, LotPolicy()))[0][1] == 3


def test_a_phantom_passes_its_components_on():
    # 5 drives x 2 kits x 3 frames, and nothing is made of the phantom itself
    shop = without_routings(
        items=items(DRIVE=MAKE, KIT={"kind": "phantom"}, FRAME=MAKE),
        bom=bom(("DRIVE", "KIT", 2), ("KIT", "FRAME", 3, {"scrap": 0.5})),
        sales_orders=[sold("DRIVE", ("2024-03-01", 5))],
    )
    material = plan_material(shop, LotPolicy())
    assert made(shop, material, "KIT") == []
    assert made(shop, material, "FRAME")[0][1] == 60


def test_a_phantoms_components_are_taken_at_the_operation_that_names_it():
    routing = [{"seq": seq, "work_centre": "BENCH", "run_h": 1} for seq in (10, 20)]
    shop = shop_of(
        items=items(DRIVE=MAKE, KIT={"kind": "phantom"}, FRAME=MAKE, LABEL=MAKE),
        bom=bom(("DRIVE", "KIT", 1, {"operation": 20}), ("KIT", "FRAME", 1), ("DRIVE", "LABEL", 1)),
        routings={"DRIVE": routing},
    )
    steps = {shop.items[part.item].code: part.step for part in shop.components[shop.item_index["DRIVE"]]}
    assert steps == {"FRAME": 1, "LABEL": 0}


def test_what_comes_by_two_phantoms_alike_is_one_component_rounded_once():
    # each kit asks for 1 / 0.3 = 3.333... kg, both together for 6.666... and not twice 3.333334
    shop = without_routings(
        items=items(DRIVE=MAKE, KIT={"kind": "phantom"}, SET={"kind": "phantom"}, PASTE=MAKE | {"uom": "kg"}),
        bom=bom(
            ("DRIVE", "KIT", 1),
            ("DRIVE", "SET", 1),
            ("KIT", "PASTE", 1, {"scrap": 0.7}),
            ("SET", "PASTE", 1, {"scrap": 0.7}),
        ),
        sales_orders=[sold("DRIVE", ("2024-03-01", 1))],
    )
    assert made(shop, plan_material(shop, LotPolicy()), "PASTE")[0][1] == 6.666667


@pytest.mark.parametrize(
    ("kit", "set_"),
    [({"operation": 10}, {"operation": 20}), ({"to": "2024-02-01"}, {"from": "2024-02-01"})],
)
def test_phantoms_at_other_operations_or_on_other_days_stay_apart(kit, set_):
    shop = shop_of(
        items=items(DRIVE=MAKE, KIT={"kind": "phantom"}, SET={"kind": "phantom"}, FRAME=MAKE),
        bom=bom(
            ("DRIVE", "KIT", 2, kit), ("DRIVE", "SET", 1, set_), ("KIT", "FRAME", 1), ("SET", "FRAME", 1)
        ),
        routings={"DRIVE": [{"seq": seq, "work_centre": "BENCH", "run_h": 1} for seq in (10, 20)]},
    )
    drive = shop.components[shop.item_index["DRIVE"]]
    assert sorted(part.per_unit for part in drive) == [1, 2]


@pytest.mark.parametrize(
    ("rules", "wanted", "lots"),
    [
        ({"min_order": 10}, 7, [10]),
        ({"order_multiple": 4}, 7, [8]),
        ({"min_order": 10, "order_multiple": 4}, 7, [12]),
        ({"max_order": 5}, 7, [5, 2]),
        ({"max_order": 5, "order_multiple": 2}, 7, [4, 4]),
        ({"max_order": 5, "min_order": 3}, 6, [5, 3]),
    ],
)
def test_lot_size_rules(rules, wanted, lots):
    shop = without_routings(
        items=items(DRIVE=MAKE | rules), sales_orders=[sold("DRIVE", ("2024-03-01", wanted))]
    )
    assert [qty for _, qty in made(shop, plan_material(shop, LotPolicy()))] == lots


def test_a_lot_is_as_large_as_the_largest_lot_of_its_routing():
    steps = [{"seq": 10, "work_centre": "BENCH", "lot": 4}, {"seq": 20, "work_centre": "BENCH", "lot": 3}]
    shop = shop_of(bom=[], routings={"DRIVE": steps}, sales_orders=[sold("DRIVE", ("2024-03-01", 10))])
    assert [qty for _, qty in made(shop, plan_material(shop, LotPolicy()))] == [4, 4, 2]


def test_a_lot_whose_operation_would_take_too_long_is_cut():
    # 2 h each: 24 h are 12 units, though the routing's lot is 50
    steps = [{"seq": 10, "work_centre": "BENCH", "run_h": 2, "lot": 50}]
    shop = shop_of(bom=[], routings={"DRIVE": steps}, sales_orders=[sold("DRIVE", ("2024-03-01", 30))])
    assert [qty for _, qty in made(shop, plan_material(shop, LotPolicy(hours=24)))] == [12, 12, 6]


def test_group_days_put_the_needs_of_so_many_days_into_one_lot():
    dues = [("2024-01-10", 1), ("2024-01-15", 2), ("2024-01-20", 4)]
    shop = without_routings(items=items(DRIVE=MAKE | {"group_days": 7}), sales_orders=[sold("DRIVE", *dues)])
    assert [qty for _, qty in made(shop, plan_material(shop, LOT_FOR_LOT))] == [3, 4]


def test_safety_stock_is_made_on_top_of_demand():
    # 10 wanted, 5 to keep, 8 there
    shop = without_routings(
        items=items(DRIVE=MAKE | {"safety_stock": 5}),
        stock=[{"item": "DRIVE", "qty": 8}],
        sales_orders=[sold("DRIVE", ("2024-03-01", 10))],
    )
    assert sum(qty for _, qty in made(shop, plan_material(shop, LotPolicy()))) == 7


def test_the_bill_of_materials_is_that_of_the_day_the_lot_starts():
    # old frames until 1 February, new ones from then on; a drive takes two hours
    shop = shop_of(
        items=items(DRIVE=MAKE, OLD=MAKE, NEW=MAKE),
        bom=bom(("DRIVE", "OLD", 1, {"to": "2024-02-01"}), ("DRIVE", "NEW", 1, {"from": "2024-02-01"})),
        sales_orders=[sold("DRIVE", ("2024-01-31", 2), ("2024-02-02", 3))],
    )
    material = plan_material(shop, LOT_FOR_LOT)
    assert [qty for _, qty in made(shop, material, "OLD")] == [2]
    assert [qty for _, qty in made(shop, material, "NEW")] == [3]


def test_only_what_is_confirmed_unshipped_and_inside_the_horizon_is_planned():
    quote = sold("DRIVE", ("2024-03-01", 1), ref="Q") | {"status": "quote"}
    partly = sold("DRIVE", ("2024-03-01", 8), ref="P")
    partly["lines"][0]["instalments"][0]["shipped_qty"] = 6
    later = sold("DRIVE", ("2024-03-31", 16), ("2024-04-01", 32), ref="L")
    shop = without_routings(sales_orders=[quote, partly, later])
    assert [demand.quantity // MICRO for demand in shop.demands] == [16, 2]


@pytest.mark.parametrize(
    ("line", "per_day", "fixed"),
    [
        # 20 x 100 a unit; a thousandth a day and a hundredth at once, times the weight of the priority
        ({"priority": 1}, 8, 80),
        ({"priority": 2}, 4, 40),
        ({"priority": 3}, 2, 20),
        ({"priority": 9}, 2, 20),
        ({"priority": 1, "late_cost_per_day": 7}, 7, 80),
        ({"priority": 1, "late_cost_fixed": 0}, 8, 0),
        # without a price the units count at least 1 each
        ({"unit_price": 0}, 0.02, 0.2),
    ],
)
def test_what_a_late_line_costs_is_shared_by_its_instalments(line, per_day, fixed):
    order = sold("DRIVE", ("2024-02-01", 5), ("2024-03-01", 15), **({"unit_price": 100} | line))
    first, last = without_routings(sales_orders=[order]).demands
    assert (first.cost_per_day, first.cost_fixed) == pytest.approx((per_day / 4, fixed / 4))
    assert (last.cost_per_day, last.cost_fixed) == pytest.approx((per_day * 3 / 4, fixed * 3 / 4))


@pytest.mark.parametrize(("issued", "frames"), [(True, 0), (False, 6)])
def test_a_work_order_takes_components_unless_they_are_issued(issued, frames):
    # 10 ordered, 4 done: 6 open
    work = {"ref": "WO-1", "item": "DRIVE", "qty": 10, "done_qty": 4, "due": "2024-02-01"}
    shop = without_routings(
        items=items(DRIVE=MAKE, FRAME=MAKE),
        bom=bom(("DRIVE", "FRAME", 1)),
        work_orders=[work | {"components_issued": issued}],
        sales_orders=[sold("DRIVE", ("2024-03-01", 8))],
    )
    material = plan_material(shop, LotPolicy())
    # 8 wanted, 6 come from the work order
    assert sum(qty for _, qty in made(shop, material)) == 2
    assert sum(qty for _, qty in made(shop, material, "FRAME")) == 2 + frames


def test_a_work_order_goes_on_after_its_last_finished_operation():
    steps = [{"seq": seq, "work_centre": "BENCH", "run_h": 1} for seq in (10, 20, 30)]
    work = {"ref": "WO-1", "item": "DRIVE", "qty": 2, "due": "2024-02-01", "done_through_seq": 20}
    shop = shop_of(bom=[], routings={"DRIVE": steps}, work_orders=[work])
    (lot,) = plan_material(shop, LotPolicy()).lots
    assert (lot.first_step, lot.steps, lot.quantity) == (2, 3, 2 * MICRO)


def test_latest_starts_count_back_through_calendar_queue_and_unattended_time():
    # due Friday 2024-01-12 24:00; 8 h queue back to 16:00, 4 h alone back to 12:00, 6 h of work:
    # 08:00 to 12:00 on Friday and 14:00 to 16:00 on Thursday
    step = {"seq": 10, "work_centre": "BENCH", "run_h": 6, "unattended_h": 4, "queue_h": 8}
    shop = shop_of(bom=[], routings={"DRIVE": [step]}, sales_orders=[sold("DRIVE", ("2024-01-12", 1))])
    (lot,) = plan_material(shop, LotPolicy(slack=1.0)).lots
    assert lot.latest_starts == [at(10, "14:00")]


quantities = st.lists(st.tuples(st.integers(1, 80), st.integers(1, 40)), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(
    quantities,
    st.integers(0, 60),
    st.sampled_from([{}, {"min_order": 7}, {"order_multiple": 5}, {"max_order": 6}]),
)
def test_pegs_add_up_to_every_need_and_never_beyond_a_supply(wanted, stock, rules):
    dues = [((date(2024, 1, 2) + timedelta(days=day)).isoformat(), qty) for day, qty in wanted]
    orders = [sold("DRIVE", each, ref=f"SO-{n}") for n, each in enumerate(dues)]
    shop = without_routings(
        items=items(DRIVE=MAKE, MOTOR=MAKE | rules, WIRE=MAKE),
        bom=bom(("DRIVE", "MOTOR", 2), ("MOTOR", "WIRE", 0.75, {"scrap": 0.1}), ("DRIVE", "WIRE", 1)),
        stock=[{"item": "MOTOR", "qty": stock}, {"item": "WIRE", "qty": stock}],
        work_orders=[{"ref": "WO-1", "item": "MOTOR", "qty": 5, "due": "2024-02-01"}],
        sales_orders=orders,
    )
    material = plan_material(shop, LotPolicy())

    assert [sum(peg.quantity for peg in rows) for rows in material.served] == [
        d.quantity for d in shop.demands
    ]
    taken = defaultdict(int)
    of_supply = defaultdict(int)
    for peg in material.pegs:
        of_supply[id(peg.supply)] += peg.quantity
        assert of_supply[id(peg.supply)] <= peg.supply.quantity
        if peg.lot is not None:
            taken[peg.lot.number, peg.supply.item] += peg.quantity
    for lot in material.lots:
        parts = shop.components[lot.item] if lot.work_order is None else []
        for part in parts:
            assert taken[lot.number, part.item] == part.need(lot.quantity)


@pytest.mark.parametrize("due", ["2023-11-01", "2023-12-31", "2024-01-01"])
def test_an_order_that_was_due_is_delivered_from_stock_on_the_planning_date(due):
    plan = built(plant(sales_orders=[sold("DRIVE", (due, 5))], stock=[{"item": "DRIVE", "qty": 5}]))

    assert plan.certificate.violations == ()
    assert plan.planned_orders == ()
    assert [str(row.promised) for row in plan.promises] == ["2024-01-01"]


def test_an_order_that_was_due_takes_what_is_received_on_the_planning_date():
    received = {
        "ref": "F-1",
        "item": "DRIVE",
        "kind": "buy",
        "supplier": "ACME",
        "qty": 5,
        "due": "2024-01-01",
    }
    source = {"item": "DRIVE", "supplier": "ACME", "lead_time_days": 30}
    orders = [sold("DRIVE", ("2023-12-31", 5))]
    plan = built(plant(sales_orders=orders, firm_orders=[received], sources=[source]))

    assert [row.id for row in plan.planned_orders] == ["F-1"]
    assert [str(row.promised) for row in plan.promises] == ["2024-01-01"]


def spread(count, begin, days):
    """``count`` days: ``days`` of them from the ``begin``-th on, over and over."""
    return [(date(2024, 1, 1) + timedelta(days=begin + number % days)).isoformat() for number in range(count)]


@pytest.mark.parametrize("begin", [3, 14, 60], ids=["before", "while", "after"])
@pytest.mark.parametrize("item", ["DRIVE", "PART"])
def test_netting_takes_work_in_proportion_to_needs_and_receipts(item, begin):
    # given needs of one, and as many open orders that come before them, with them, or too late
    def netting(count):
        orders = [
            {"ref": f"PO-{number}", "supplier": "ACME", "item": item, "qty": 1, "due": due}
            for number, due in enumerate(spread(count, begin, 9))
        ]
        shop = without_routings(
            items=items(DRIVE=MAKE | {"max_order": 1, "safety_stock": 3}, PART={"kind": "buy"}),
            purchase_orders=orders,
            sales_orders=[sold(item, *((due, 1) for due in spread(count, 14, 40)))],
        )
        return lambda: plan_material(shop, LotPolicy())

    assert lines_run(netting(4_000)) < 4.4 * lines_run(netting(1_000))


def test_many_late_instalments_are_explained_with_work_in_proportion_to_them():
    # a supplier that delivers a twelfth a week is asked for all in one
    def late(count):
        source = {"item": "PART", "supplier": "ACME", "lead_time_days": 1, "capacity_per_week": count // 12}
        order = sold("PART", *((due, 1) for due in spread(count, 7, 5)))
        plan = built(plant(bom=[], routings={}, sources=[source], sales_orders=[order]))
        assert sum(row.days_late > 0 for row in plan.promises) > count * 3 / 4

    assert lines_run(lambda: late(3_000)) < 4.4 * lines_run(lambda: late(750))


def test_lots_for_needs_from_a_day_on_are_as_many_times_as_long():
    # 2 h a unit in lots of 4 h: 2 units each; twice as long from the second order's day on: 4 units
    orders = [sold("DRIVE", ("2024-02-05", 4), ref="SO-1"), sold("DRIVE", ("2024-03-04", 8), ref="SO-2")]
    steps = [{"seq": 10, "work_centre": "BENCH", "run_h": 2}]
    shop = shop_of(items=items(DRIVE=MAKE), bom=[], routings={"DRIVE": steps}, sales_orders=orders)
    twice = (Stretch(at(50), at(90), 2.0),)
    policy = LotPolicy(hours=4, window_days=0, stretches={shop.item_index["DRIVE"]: twice})
    assert [qty for _, qty in made(shop, plan_material(shop, policy))] == [2, 2, 4, 4]
