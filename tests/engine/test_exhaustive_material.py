"""The exhaustive reference of delivery days, by hand. All is planned on Monday 2024-01-01."""

from datetime import date

import pytest

from planning.engine.factory_check import check_factory
from planning.engine.factory_codec import factory_from_json
from tests.engine.exhaustive_material import earliest_days
from tests.engine.plants import PLANT, sold

PART = {"code": "PART", "kind": "buy", "lead_time_days": 10}
DRIVE = {"code": "DRIVE", "kind": "make", "lead_time_days": 3}
OTHER = {"code": "OTHER", "kind": "buy", "lead_time_days": 100}
TWO_PARTS = {"parent": "DRIVE", "component": "PART", "qty": 2}


def tiny(**sections):
    """DRIVE, made in 3 days of two PARTs, which come in 10 days; with ``sections`` in place of its own."""
    own = {"skills": [], "work_centres": [], "routings": {}, "items": [PART, DRIVE], "bom": [TWO_PARTS]}
    factory = factory_from_json(PLANT | own | sections)
    assert check_factory(factory) == []
    return factory


def first_day(item="DRIVE", qty=3, **sections):
    """The earliest day of ``qty`` of ``item`` in January 2024, as a number of the month."""
    (day,) = earliest_days(tiny(sales_orders=[sold(item, ("2024-01-02", qty))], **sections)).values()
    return day and (day - date(2023, 12, 31)).days


def test_without_stock_all_lead_times_add_up():
    # parts on the 11th, drives on the 14th
    assert first_day() == 14


def test_what_is_in_stock_is_there_at_once():
    assert first_day(stock=[{"item": "DRIVE", "qty": 3}]) == 1


@pytest.mark.parametrize(("parts", "day"), [(6, 4), (5, 14)])
def test_stock_of_parts_saves_their_lead_time_if_it_is_enough(parts, day):
    assert first_day(stock=[{"item": "PART", "qty": parts}]) == day


def test_stock_of_both_levels_is_used_together():
    # one drive is there, two are made of four parts
    assert first_day(stock=[{"item": "DRIVE", "qty": 1}, {"item": "PART", "qty": 4}]) == 4


@pytest.mark.parametrize(("due", "day"), [("2024-01-07", 10), ("2023-12-20", 4), ("2024-01-20", 14)])
def test_an_open_order_counts_from_its_day_and_a_late_one_from_the_planning_date(due, day):
    row = {"ref": "PO-1", "supplier": "ACME", "item": "PART", "qty": 8, "received_qty": 2, "due": due}
    assert first_day(purchase_orders=[row]) == day


def test_parts_of_two_levels_compete_for_the_same_stock():
    # a drive takes a frame and a part, a frame two parts: three drives take nine parts
    frame = {"code": "FRAME", "kind": "make", "lead_time_days": 2}
    bom = [
        {"parent": "DRIVE", "component": "FRAME", "qty": 1},
        {"parent": "DRIVE", "component": "PART", "qty": 1},
        {"parent": "FRAME", "component": "PART", "qty": 2},
    ]
    given = {"items": [PART, DRIVE, frame], "bom": bom}
    assert first_day(stock=[{"item": "PART", "qty": 9}], **given) == 6
    # six are enough for the frames; the others come on the 11th
    assert first_day(stock=[{"item": "PART", "qty": 6}], **given) == 14
    # frames have to wait as well
    assert first_day(stock=[{"item": "PART", "qty": 5}], **given) == 16


@pytest.mark.parametrize(("item", "day"), [("PART", 19), ("DRIVE", 14), ("BOTH", 19)])
def test_nothing_new_goes_out_before_the_fence(item, day):
    # parts may be ordered on the 6th, drives started on the 6th
    items = [row | ({"fence_days": 5} if item in (row["code"], "BOTH") else {}) for row in (PART, DRIVE)]
    assert first_day(items=items) == day


def test_the_fence_of_a_made_item_counts_from_the_planning_date():
    # parts are there; drives start on the 6th
    items = [PART, DRIVE | {"fence_days": 5}]
    assert first_day(items=items, stock=[{"item": "PART", "qty": 6}]) == 9


def test_production_begins_on_its_first_day():
    assert first_day(items=[PART, DRIVE | {"earliest_production": "2024-01-20"}]) == 23


def test_lead_times_may_count_open_days():
    # Monday to Friday: the tenth open day after Monday 01-01 is the 15th, the third after that the 18th
    items = [row | {"lead_time_calendar": "DAY"} for row in (PART, DRIVE)]
    assert first_day(items=items) == 18


def test_a_release_waits_for_no_open_day_but_the_lead_time_does():
    # parts on Saturday 01-06; the third open day after it is Wednesday 01-10
    items = [PART | {"lead_time_days": 5}, DRIVE | {"lead_time_calendar": "DAY"}]
    assert first_day(items=items) == 10


def source(**row):
    return {"item": "PART", "supplier": "ACME", "lead_time_days": 10} | row


def test_the_fastest_source_that_can_deliver_counts():
    sources = [source(), source(supplier="BOLTS", lead_time_days=4)]
    suppliers = [{"code": "ACME"}, {"code": "BOLTS"}]
    assert first_day(sources=sources, suppliers=suppliers) == 8


def test_a_source_in_open_days():
    assert first_day(sources=[source(lead_time_calendar="DAY")]) == 18


@pytest.mark.parametrize(
    ("dates", "day"),
    [({"from": "2024-01-05"}, 18), ({"to": "2024-01-02"}, 14), ({"to": "2024-01-01"}, None)],
)
def test_a_source_sells_on_its_days_of_release(dates, day):
    assert first_day(sources=[source(**dates)]) == day


def test_a_later_row_of_a_supplier_takes_over():
    # ten days until the 3rd, and one day from the 4th on: parts on the 5th
    sources = [source(), source(lead_time_days=1, **{"from": "2024-01-04"})]
    assert first_day(sources=sources) == 8


@pytest.mark.parametrize(
    ("limit", "day"),
    [
        ({"capacity_per_week": 6}, 14),
        # 3 from Thursday 01-11 on, 3 from Monday 01-15 on
        ({"capacity_per_week": 3}, 18),
        # 2 on the 11th, 15th and 22nd, in twos
        ({"capacity_per_week": 3, "order_multiple": 2}, 25),
        # orders of four at least: 4 on the 11th, 4 on the 15th
        ({"capacity_per_week": 5, "min_order": 4}, 18),
        ({"capacity_per_week": 3, "min_order": 4}, None),
    ],
)
def test_a_supplier_with_little_capacity_delivers_week_by_week(limit, day):
    assert first_day(sources=[source(**limit)]) == day


def test_open_orders_use_up_the_capacity_of_their_week():
    row = {"ref": "PO-1", "supplier": "ACME", "item": "PART", "qty": 2, "due": "2024-01-12"}
    # 4 new and from Friday 2 open ones make the six
    assert first_day(sources=[source(capacity_per_week=6)], purchase_orders=[row]) == 15


def test_an_order_that_keeps_no_lot_size_is_impossible():
    assert first_day(items=[PART | {"min_order": 4, "order_multiple": 4, "max_order": 7}, DRIVE]) == 14
    assert first_day(items=[PART | {"min_order": 5, "order_multiple": 4, "max_order": 7}, DRIVE]) is None


def test_a_lot_of_the_least_size_takes_the_parts_of_all_of_it():
    # five drives take ten parts
    items = [PART, DRIVE | {"min_order": 5}]
    assert first_day(items=items, stock=[{"item": "PART", "qty": 9}]) == 14
    assert first_day(items=items, stock=[{"item": "PART", "qty": 10}]) == 4


def test_lots_have_a_largest_size_and_then_there_are_several():
    # three drives in lots of exactly two: four are made
    items = [PART, DRIVE | {"min_order": 2, "max_order": 2}]
    assert first_day(items=items, stock=[{"item": "PART", "qty": 7}]) == 14
    assert first_day(items=items, stock=[{"item": "PART", "qty": 8}]) == 4


def test_scrap_needs_more():
    # 6 / 0.75 = 8
    bom = [TWO_PARTS | {"scrap": 0.25}]
    assert first_day(bom=bom, stock=[{"item": "PART", "qty": 8}]) == 4
    assert first_day(bom=bom, stock=[{"item": "PART", "qty": 7.9}]) == 14


def test_phantoms_pass_through():
    items = [PART, DRIVE, {"code": "SET", "kind": "phantom"}]
    bom = [
        {"parent": "DRIVE", "component": "SET", "qty": 2},
        {"parent": "SET", "component": "PART", "qty": 1, "scrap": 0.25},
    ]
    assert first_day(items=items, bom=bom, stock=[{"item": "PART", "qty": 8}]) == 4
    assert first_day(items=items, bom=bom, stock=[{"item": "PART", "qty": 7}]) == 14


def test_a_lot_takes_what_its_bill_says_on_the_day_of_release():
    # until the 4th a drive takes OTHER, of which there is none; then PART, of which there is enough
    bom = [
        {"parent": "DRIVE", "component": "OTHER", "qty": 1, "to": "2024-01-05"},
        TWO_PARTS | {"from": "2024-01-05"},
    ]
    given = {"items": [PART, DRIVE, OTHER], "bom": bom}
    assert first_day(stock=[{"item": "PART", "qty": 6}], **given) == 8


def test_two_revisions_share_what_is_made_of_them():
    # two drives of OTHER while that counts, one of PART afterwards
    bom = [
        {"parent": "DRIVE", "component": "OTHER", "qty": 1, "to": "2024-01-05"},
        TWO_PARTS | {"from": "2024-01-05"},
    ]
    stock = [{"item": "OTHER", "qty": 2}, {"item": "PART", "qty": 2}]
    assert first_day(items=[PART, DRIVE, OTHER], bom=bom, stock=stock) == 8


def test_a_made_item_with_a_source_may_be_bought_in_part():
    # ACME has two drives on the 3rd, and the third is made of the two parts in stock
    drives = {"item": "DRIVE", "supplier": "ACME", "lead_time_days": 2, "capacity_per_week": 2}
    assert first_day(sources=[drives], stock=[{"item": "PART", "qty": 2}]) == 4
    # or ACME delivers it in the next week
    assert first_day(sources=[drives]) == 8


def substituted(qty):
    return {
        "items": [PART, DRIVE, OTHER],
        "bom": [TWO_PARTS | {"substitutes": [{"item": "OTHER", "qty": qty}]}],
    }


@pytest.mark.parametrize(("parts", "others", "day"), [(6, 0, 4), (0, 6, 4), (3, 3, 4), (3, 2, 14)])
def test_a_substitute_stands_in_for_any_share(parts, others, day):
    stock = [{"item": "PART", "qty": parts}, {"item": "OTHER", "qty": others}]
    assert first_day(stock=stock, **substituted(2)) == day


@pytest.mark.parametrize(("others", "day"), [(5, 4), (4, 14)])
def test_a_substitute_has_a_quantity_of_its_own(others, day):
    # three of OTHER for two of PART: 3.3 of the six parts are lacking, for which 4.95 of OTHER stand in
    stock = [{"item": "PART", "qty": 2.7}, {"item": "OTHER", "qty": others}]
    assert first_day(stock=stock, **substituted(3)) == day


def test_every_demand_counts_alone():
    orders = [
        sold("DRIVE", ("2024-01-02", 3), ("2024-01-09", 4)),
        sold("PART", ("2024-01-02", 6), ref="SO-2"),
    ]
    days = earliest_days(tiny(sales_orders=orders, stock=[{"item": "PART", "qty": 6}]))
    assert days == {
        ("SO-1", 1, 1): date(2024, 1, 4),
        ("SO-1", 1, 2): date(2024, 1, 14),
        ("SO-2", 1, 1): date(2024, 1, 1),
    }


def test_quotes_what_has_shipped_and_what_is_due_later_are_no_demands():
    shipped = sold("DRIVE", ("2024-01-02", 3), ref="SO-2")
    shipped["lines"][0]["instalments"][0]["shipped_qty"] = 3
    orders = [
        sold("DRIVE", ("2024-01-02", 3)) | {"status": "quote"},
        shipped,
        sold("DRIVE", ("2024-04-01", 3), ref="SO-3"),
    ]
    assert earliest_days(tiny(sales_orders=orders)) == {}


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        (
            {"firm_orders": [{"ref": "F", "item": "DRIVE", "kind": "make", "qty": 1, "due": "2024-02-01"}]},
            "alone",
        ),
        ({"by_products": [{"parent": "DRIVE", "item": "PART", "qty": 1}]}, "alone"),
        ({"work_orders": [{"ref": "W", "item": "DRIVE", "qty": 1, "due": "2024-02-01"}]}, "alone"),
        ({"items": [PART, DRIVE, *({"code": f"X{k}", "kind": "buy"} for k in range(3))]}, "at most 4 items"),
        ({"items": [PART, DRIVE | {"uom": "kg"}]}, "pieces"),
        ({"sales_orders": [sold("DRIVE", ("2024-01-02", 1), ref=f"SO-{k}") for k in range(5)]}, "4 demands"),
    ],
)
def test_what_is_not_tried_is_refused(sections, words):
    with pytest.raises(ValueError, match=words):
        earliest_days(tiny(**sections))
