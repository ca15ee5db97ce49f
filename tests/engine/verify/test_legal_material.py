"""What may be done with firm orders, fences, by-products, substitutes and sources, and what just may not."""

import pytest

from planning.engine.plan import Plan
from planning.engine.verify import recompute_cost
from tests.engine.builders import find, make_factory, make_order, operation, peg, plan_document, promise
from tests.engine.verify.cases import at, excess, item, op, order
from tests.engine.verify.judge import broken, rules
from tests.engine.verify.material_cases import (
    LINKS,
    both_late,
    chips,
    deliver_chips,
    firm,
    firm_frames,
    firm_parts,
    fixed,
    sold_chips,
    told_for,
    wanted_earlier,
)

NOTHING = set()


# --- firm orders


def test_a_firm_purchase_is_free_of_lead_time_lot_size_source_and_fence():
    # given a source that sells 20 at once in 30 days, from February on, and a fence of 10 days
    def given(factory):
        factory["sources"][0] |= {"lead_time_days": 30, "min_order": 20, "from": "2024-02-01"}
        item(factory, "PART").update(max_order=9, fence_days=10)
        factory["firm_orders"] = [firm_parts()]

    assert broken(given, firm("B1")) == []
    assert rules(broken(lambda f: (given(f), f.pop("firm_orders")), firm("B1"))) == {
        "purchase_source_effective",
        "purchase_lot_size",
        "fences_kept",
        "firm_orders_kept",
    }


@pytest.mark.parametrize(("start", "price"), [("2024-01-01", 9), ("2024-02-01", 10)])
def test_a_firm_purchase_costs_what_its_source_takes_on_its_release_day_else_what_the_item_costs(
    start, price
):
    # given ten parts for 9 each from the source where it sells on 01-10, and an item of 10
    source = {"item": "PART", "supplier": "ACME", "lead_time_days": 5, "unit_cost": 9, "from": start}
    factory = make_factory(sources=[source], firm_orders=[firm_parts()])

    plan = Plan.model_validate(plan_document(factory))

    assert recompute_cost(factory, plan).material == 10 * price


def test_a_firm_lot_is_free_of_lot_size_and_fence():
    def given(factory):
        item(factory, "FRAME").update(min_order=5, fence_days=10)
        factory["firm_orders"] = [firm_frames()]

    assert broken(given, firm("F1")) == []
    assert rules(broken(lambda f: (given(f), f.pop("firm_orders")))) == {"make_lot_size", "fences_kept"}


def test_a_firm_lot_takes_its_components_and_works_like_any_other():
    def without_parts(plan):
        firm("F1")(plan)
        plan["pegging"].remove(peg("stock", "PART", 8, for_order="F1"))

    def without_work(plan):
        firm("F1")(plan)
        plan["operations"].remove(op(plan, "F1", 10))

    assert rules(broken(fixed(firm_frames()), without_parts)) == {"pegging_complete"}
    assert "order_has_its_operations" in rules(broken(fixed(firm_frames()), without_work))


def test_a_firm_purchase_whose_day_has_passed_comes_on_the_planning_date():
    late = fixed(firm_parts(due="2024-01-05", release="2024-01-03"))

    def on(day):
        return lambda plan: order(plan, "B1").update(firm=True, release="2024-01-10", due=f"2024-01-{day}")

    assert broken(late, on(10)) == []
    assert rules(broken(late, on(11))) == {"firm_dates_kept"}


def test_a_firm_purchase_without_release_day_goes_out_any_day_until_it_is_due():
    def on(day):
        return lambda plan: order(plan, "B1").update(firm=True, release=f"2024-01-{day}")

    assert broken(fixed(firm_parts()), on(14)) == []
    assert rules(broken(fixed(firm_parts()), on("09"))) == {"starts_after_as_of"}


def test_a_firm_lot_that_can_never_be_finished_is_named_instead():
    def say(plan):
        row = {"code": "AT_RISK_SKILL", "severity": "error", "entity": "FPO-1", "text": "", "suggestion": ""}
        plan["exceptions"].append(row)

    assert broken(fixed(firm_frames(ref="FPO-1")), say) == []


def test_firm_orders_alone_may_ask_more_of_a_supplier_than_he_can():
    # 5 on order and 10 firm in a week of 14 at most
    def given(factory):
        factory["sources"][0]["capacity_per_week"] = 14
        factory["firm_orders"] = [firm_parts()]

    assert broken(given, firm("B1")) == []


# --- fences


def test_what_goes_out_on_the_day_of_the_fence_is_legal():
    # B1 goes out on 01-10, F1 starts on 01-11, the drives on 01-15
    def given(factory):
        item(factory, "FRAME").update(fence_days=1)
        item(factory, "DRIVE").update(fence_days=5)

    assert broken(given) == []


def test_a_released_order_may_start_before_the_fence():
    def given(factory):
        item(factory, "FRAME").update(fence_days=30)
        row = {"ref": "F1", "item": "FRAME", "qty": 4, "due": "2024-01-11", "components_issued": False}
        factory["work_orders"] = [row]

    assert broken(given, lambda p: order(p, "F1").update(work_order="F1", firm=True)) == []


# --- sources


@pytest.mark.parametrize(("days", "legal"), [(3, True), (4, False)])
def test_a_source_may_count_its_lead_time_in_open_days(days, legal):
    # given a purchase of Wednesday 01-10 that is due on Monday 01-15: Thursday, Friday and Monday
    def given(factory):
        factory["sources"][0].update(lead_time_days=days, lead_time_calendar="DAY")

    assert rules(broken(given)) == (NOTHING if legal else {"purchase_lead_time"})


def frames_from_acme(**source):
    def given(factory):
        row = {"item": "FRAME", "supplier": "ACME", "lead_time_days": 3, "unit_cost": 7}
        factory["sources"].append(row | source)

    return given


def buy_frames(plan):
    """The four frames of F1 are bought on 01-10 for 01-13, so that no parts are taken for them."""
    order(plan, "F1").update(kind="buy", supplier="ACME", release="2024-01-10", due="2024-01-13")
    plan["operations"].remove(op(plan, "F1", 10))
    plan["pegging"].remove(peg("stock", "PART", 8, for_order="F1"))


def test_a_made_item_that_has_a_source_may_be_bought_by_the_rules_of_the_source():
    assert broken(frames_from_acme(), buy_frames) == []
    assert rules(broken(frames_from_acme(lead_time_days=4), buy_frames)) == {"purchase_lead_time"}
    assert rules(broken(frames_from_acme(min_order=5), buy_frames)) == {"purchase_lot_size"}
    assert rules(broken(frames_from_acme(capacity_per_week=3), buy_frames)) == {"supplier_capacity"}
    assert rules(broken(frames_from_acme(to="2024-01-10"), buy_frames)) == {"purchase_source_effective"}


def test_a_made_item_that_is_bought_costs_what_its_source_takes_and_is_held_at_what_it_is_made_of():
    document = plan_document()
    buy_frames(document)
    source = {"item": "FRAME", "supplier": "ACME", "lead_time_days": 3, "unit_cost": 7}
    factory = make_factory(sources=[{"item": "PART", "supplier": "ACME", "lead_time_days": 5}, source])

    cost = recompute_cost(factory, Plan.model_validate(document))

    # 10 parts for 10, 4 frames for 7
    assert cost.material == 128
    # 0.1 % a day; unit-days at 24:00: PART 5 x 10 (01-10 to 01-14), then 10 + 5 + 10 - 6 = 19 on 01-15 and
    # 13 on the 45 days after; FRAME of two parts 4 x 2 + 2; DRIVE 84 as in the plan made by hand
    assert cost.holding == pytest.approx((50 + 19 + 45 * 13) * 0.01 + 10 * 0.02 + 84 * 0.05)


# --- by-products


def test_what_comes_with_a_lot_can_be_sold_when_the_lot_is_there():
    assert broken(sold_chips(), deliver_chips) == []


def test_what_comes_with_a_lot_is_not_there_the_day_before():
    found = broken(sold_chips(), lambda p: deliver_chips(p, day="01-10"))

    assert rules(found) == {"material_balance", "pegging_in_time"}


def test_what_comes_with_a_lot_is_rounded_down_to_a_millionth():
    # 4 x 0.333333 = 1.333332; a third and half a millionth would be 1.333334
    def given(qty):
        return lambda factory: (chips()(factory), factory["by_products"][0].update(qty=qty))

    def peg_chips(qty):
        return lambda plan: plan["pegging"].append(peg("F1", "CHIPS", qty))

    assert broken(given(0.333333), peg_chips(1.333332)) == []
    assert rules(broken(given(0.333333), peg_chips(1.333334))) == {"pegging_not_over_supply"}


def test_rows_that_count_on_one_day_add_up_and_others_do_not_count():
    # F1 starts on 01-11: 4 x (0.25 + 0.25)
    def given(factory):
        sold_chips(qty=0.25)(factory)
        row = {"parent": "FRAME", "item": "CHIPS", "qty": 0.25}
        factory["by_products"].append(row | {"from": "2024-01-11", "to": "2024-01-12"})
        factory["by_products"].append(row | {"from": "2024-01-12", "qty": 8})
        factory["by_products"].append(row | {"from": "2023-01-12", "to": "2024-01-11", "qty": 8})

    assert broken(given, deliver_chips) == []
    assert "material_balance" in rules(broken(given, lambda p: deliver_chips(p, qty=2.1)))


def test_a_released_order_brings_its_by_products_for_what_is_still_open():
    def given(factory):
        sold_chips()(factory)
        work = {"ref": "F1", "item": "FRAME", "qty": 5, "done_qty": 1, "due": "2024-01-11"}
        factory["work_orders"] = [work | {"components_issued": False}]

    def release(plan):
        order(plan, "F1").update(work_order="F1", firm=True)

    assert broken(given, release, deliver_chips) == []
    assert "material_balance" in rules(broken(given, release, lambda p: deliver_chips(p, qty=2.5)))


def test_what_is_bought_brings_no_by_products():
    def given(factory):
        frames_from_acme()(factory)
        sold_chips()(factory)

    found = broken(given, buy_frames, deliver_chips)

    assert {"references_known", "material_balance"} <= rules(found)


def test_by_products_are_held_at_what_they_cost():
    # given two kilos at 3 from 01-11 to the end, 50 days at 24:00, at 0.1 % a day
    document = {}
    chips()(document.setdefault("factory", {"items": []}))
    plain = make_factory()
    items = [row.model_dump(by_alias=True) for row in plain.items] + document["factory"]["items"]
    factory = make_factory(items=items, by_products=document["factory"]["by_products"])
    plan = Plan.model_validate(plan_document(factory))

    more = recompute_cost(factory, plan).holding - recompute_cost(plain, plan).holding

    assert more == pytest.approx(2 * 3 * 50 * 0.001)


# --- substitutes


def substitute(qty=6, stock=8, **purchase):
    """ALT stands in for the three parts of a drive at ``qty``; so much is in stock, or on order."""

    def given(factory):
        factory["items"].append({"code": "ALT", "kind": "buy"})
        factory["stock"].append({"item": "ALT", "qty": stock})
        if purchase:
            row = {"ref": "PO-2", "supplier": "ACME", "item": "ALT", "qty": 8}
            factory["purchase_orders"].append(row | purchase)
        for row in factory["bom"]:
            if row["parent"] == "DRIVE" and row["component"] == "PART":
                row["substitutes"] = [{"item": "ALT", "qty": qty}]

    return given


def instead(*pegs):
    """The four parts that D1 takes from PO-1 are replaced."""

    def change(plan):
        plan["pegging"].remove(find(plan["pegging"], order="PO-1", for_order="D1"))
        plan["pegging"] += [peg(code, "ALT", qty, for_order="D1") for code, qty in pegs]

    return change


def test_a_share_of_a_component_is_replaced_by_as_much_of_the_substitute_rounded_up():
    # 4 of 6 parts, which 1 x 2 = 2 of ALT could replace in full: 1.333333 and a bit
    given = substitute(qty=1)

    assert broken(given, instead(("stock", 1.333334))) == []
    assert rules(broken(given, instead(("stock", 1.333331)))) == {"pegging_complete"}
    assert rules(broken(given, instead(("stock", 1.333337)))) == {"pegging_complete"}


def test_a_substitute_that_comes_too_late_is_named():
    # the parts of D1 are taken on 01-15 at 12:00
    given = substitute(stock=0, due="2024-01-16")

    assert "pegging_in_time" in rules(broken(given, instead(("PO-2", 8))))
    assert broken(substitute(stock=0, due="2024-01-15"), instead(("PO-2", 8))) == []


def parts_at_both(factory):
    """One part of a drive is taken at operation 10, two at 20, all replaceable one by one."""
    find(factory["bom"], parent="DRIVE", component="PART").update(qty=1)
    factory["bom"].append({"parent": "DRIVE", "component": "PART", "qty": 2, "operation": 10})
    substitute(qty=1, stock=0, due="2024-01-16")(factory)
    find(factory["bom"], parent="DRIVE", operation=10, component="PART")["substitutes"][0]["qty"] = 2


def oven_on_tuesday(plan):
    """D1 is on the bench on Monday and in the oven on Tuesday before D2."""
    at(op(plan, "D1", 20), "01-16 00:00", "01-16 00:30", "01-16 04:30")
    order(plan, "D1").update(due="2024-01-16")


def replaced_by_what_comes_on_tuesday(plan, qty):
    oven_on_tuesday(plan)
    find(plan["pegging"], order="PO-1", for_order="D1").update(qty=6 - 2 - qty)
    plan["pegging"].append(peg("PO-2", "ALT", qty, for_order="D1"))


def test_a_substitute_is_taken_where_it_is_there_in_time():
    # two of the six parts are those of Tuesday; a third one would have been taken on Monday
    legal = broken(parts_at_both, lambda p: replaced_by_what_comes_on_tuesday(p, 2))
    too_many = broken(parts_at_both, lambda p: replaced_by_what_comes_on_tuesday(p, 3))

    assert legal == []
    assert rules(too_many) == {"material_balance"}


# --- what is told


def test_days_of_taking_and_delivery_may_be_told():
    told = [
        told_for("01-11", for_order="F1"),
        told_for("01-15", order="PO-1", for_order="D1"),
        told_for("02-02", order="D1", item="DRIVE"),
    ]

    assert broken(lambda f: None, *told) == []


def test_any_of_the_days_on_which_an_order_takes_an_item_may_be_told():
    def given(factory):
        parts_at_both(factory)
        factory["stock"][0]["qty"] = 20

    def on(day):
        return lambda plan: (
            oven_on_tuesday(plan),
            told_for(f"01-{day}", order="stock", for_order="D1")(plan),
        )

    assert broken(given, on(15)) == []
    assert broken(given, on(16)) == []
    assert rules(broken(given, on(17))) == {"pegging_days_kept"}


def test_a_lot_that_is_ready_at_midnight_may_be_told_for_the_day_that_ends():
    def at_midnight(plan):
        at(op(plan, "D1", 20), "01-15 18:30", "01-15 19:00", "01-15 23:00")
        order(plan, "D1").update(due="2024-01-16")
        today = {"promised": "2024-01-15", "deliveries": [{"date": "2024-01-15", "qty": 2}]}
        plan["promises"][0].update(today)
        told_for("01-15", order="D1", item="DRIVE")(plan)

    assert broken(lambda f: None, at_midnight) == []


def test_late_promises_may_all_tell_their_chain_or_none():
    def none(plan):
        both_late()(plan)
        for row in plan["promises"]:
            del row["chain"]

    assert broken(wanted_earlier, both_late()) == []
    assert broken(wanted_earlier, none) == []


def test_what_can_never_be_delivered_needs_no_chain():
    def given(factory):
        line = {"line": 1, "item": "CHIPS", "qty": 1, "due": "2024-02-01"}
        factory["items"].append({"code": "CHIPS", "kind": "buy"})
        factory["sales_orders"].append({"ref": "SO-2", "customer": "C1", "lines": [line]})
        factory["sales_orders"][0]["lines"][0]["instalments"][0].update(due="2024-01-31")

    def change(plan):
        why = [{"code": "BROKEN_SUPPLY_PATH", "entity": "CHIPS", "days": 394, "text": ""}]
        plan["promises"][0].update(requested="2024-01-31", days_late=2, reasons=why, chain=LINKS)
        row = promise(1, "02-01", sales_order="SO-2", item="CHIPS", qty=1, promised=None, deliveries=[])
        # late until 2024-03-01 + 365 days
        plan["promises"].append(row | {"days_late": 394, "reasons": why})

    assert broken(given, change) == []


def test_money_at_risk_may_be_told_or_not():
    def say(plan):
        row = {"code": "X", "severity": "info", "entity": "PART", "text": "", "suggestion": ""}
        plan["exceptions"] += [row, row | {"item": "PART", "money_at_risk": 0}, row | {"money_at_risk": None}]

    assert broken(lambda f: None, say) == []


def test_hours_that_lack_may_be_told_by_month():
    def say(plan):
        row = {"code": "AT_RISK_SKILL", "severity": "warning", "entity": "ASM", "text": "", "suggestion": ""}
        hours = [{"month": "2024-01", "hours": 0.1}, {"month": "2024-02", "hours": 1e6}]
        plan["exceptions"] += [row, row | {"shortfall": []}, row | {"shortfall": hours}]

    assert broken(lambda f: None, say) == []


def test_a_purchase_beside_a_firm_one_of_the_same_week_stays_legal_within_the_capacity():
    def given(factory):
        factory["sources"][0].update(min_order=5, capacity_per_week=15)
        factory["firm_orders"] = [firm_parts(ref="FPO-1", qty=5)]

    def split(plan):
        order(plan, "B1").update(qty=5)
        row = make_order("FPO-1", "PART", 5, "01-10", "01-15", kind="buy", supplier="ACME", firm=True)
        plan["planned_orders"].append(row)
        excess(plan).update(order="FPO-1")

    assert broken(given, split) == []


def test_a_split_lot_brings_its_by_products_when_its_last_part_is_ready():
    def split(plan):
        row = op(plan, "F1", 10)
        row.update(qty=2)
        at(row, "01-11 08:00", "01-11 10:00")  # 1 h setup + 2 x 0.5 h
        second = ("01-12 08:00", "01-12 10:00", "01-12 10:00")
        plan["operations"].append(operation("F1", 10, "SAW", second, qty=2))
        order(plan, "F1").update(due="2024-01-12")

    late = {"days_late": 1, "promised": "2024-01-12", "deliveries": [{"date": "2024-01-12", "qty": 2}]}
    why = [{"code": "AT_RISK_RESOURCE", "entity": "SAW", "days": 1, "text": ""}]

    def on_friday(plan):
        split(plan)
        deliver_chips(plan)
        plan["promises"][-1].update(late, reasons=why)

    assert broken(sold_chips(), on_friday) == []
