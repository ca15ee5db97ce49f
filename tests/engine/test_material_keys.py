"""The keys of factory-1 that deepen material planning: what is refused, with its place and remedy."""

import json

import pytest

from planning.engine.errors import InvalidFactory
from planning.engine.factory_codec import canonical_json, read_factory
from tests.engine.plants import PLANT

ITEMS = [
    {"code": "DRIVE", "kind": "make", "uom": "set"},
    {"code": "WIRE", "kind": "buy", "uom": "kg"},
    {"code": "CHIPS", "kind": "buy", "uom": "kg"},
    {"code": "KIT", "kind": "phantom"},
]
BOM = [{"parent": "DRIVE", "component": "WIRE", "qty": 2}]
SOURCES = [{"item": "WIRE", "supplier": "MILL", "lead_time_days": 14}]


def plant(**sections):
    document = PLANT | {"items": ITEMS, "bom": BOM, "routings": {}, "sources": SOURCES, "sales_orders": []}
    return document | {"suppliers": [{"code": "MILL"}, {"code": "SHOP"}]} | sections


def refusals(**sections):
    with pytest.raises(InvalidFactory) as refused:
        read_factory(json.dumps(plant(**sections)))
    return {issue.path: issue.message for issue in refused.value.issues}


def test_a_quantity_in_another_unit_than_the_components_is_refused_with_the_right_one():
    issues = refusals(bom=[{"parent": "DRIVE", "component": "WIRE", "qty": 200, "uom": "m"}])
    assert issues == {"/bom/0/uom": "WIRE is counted in kg, not in m; expected a qty in kg"}


def test_a_quantity_in_the_components_unit_means_what_it_means_without():
    with_unit = plant(bom=[{"parent": "DRIVE", "component": "WIRE", "qty": 2, "uom": "kg"}])
    assert canonical_json(read_factory(json.dumps(with_unit))) == canonical_json(
        read_factory(json.dumps(plant()))
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"from": "2024-07-01"}),
        ({"to": "2024-07-02"}, {"from": "2024-07-01"}),
        ({"from": "2024-03-01"}, {"from": "2024-07-01", "to": "2024-08-01"}),
    ],
)
def test_two_rows_that_take_the_same_component_on_the_same_day_are_refused(first, second):
    row = {"parent": "DRIVE", "component": "WIRE", "qty": 2}
    issues = refusals(bom=[row | first, row | second])
    assert list(issues) == ["/bom/1/from"]
    assert "twice from 2024-07-01 on; expected /bom/0 to end by then" in issues["/bom/1/from"]


def test_a_row_for_the_first_operation_and_one_that_names_none_take_the_component_twice():
    row = {"parent": "DRIVE", "component": "WIRE", "qty": 2}
    issues = refusals(
        bom=[row, row | {"operation": 10}],
        routings={"DRIVE": [{"seq": 10, "work_centre": "BENCH", "run_h": 1}]},
    )
    assert list(issues) == ["/bom/1/from"]
    assert "DRIVE would take WIRE twice from the first day on" in issues["/bom/1/from"]


def test_rows_that_follow_each_other_day_by_day_are_fine():
    row = {"parent": "DRIVE", "component": "WIRE", "qty": 2}
    rows = [row | {"to": "2024-07-01"}, row | {"from": "2024-07-01", "to": "2024-08-01"}]
    assert len(read_factory(json.dumps(plant(bom=rows))).bom) == 2


@pytest.mark.parametrize(
    ("row", "path", "words"),
    [
        ({"parent": "WIRE", "item": "CHIPS"}, "/by_products/0/parent", "WIRE is buy"),
        ({"parent": "DRIVE", "item": "KIT"}, "/by_products/0/item", "KIT is a phantom"),
        ({"parent": "DRIVE", "item": "DRIVE"}, "/by_products/0", "DRIVE → DRIVE"),
        ({"parent": "DRIVE", "item": "NONE"}, "/by_products/0/item", "unknown item NONE"),
        (
            {"parent": "DRIVE", "item": "CHIPS", "from": "2024-02-01", "to": "2024-02-01"},
            "/by_products/0/to",
            "after from",
        ),
    ],
)
def test_by_products_come_with_what_is_made_and_are_stocked(row, path, words):
    issues = refusals(by_products=[{"qty": 0.1} | row])
    assert words in issues[path]


def test_offcuts_of_a_component_may_go_back_into_its_stock():
    rows = [{"parent": "DRIVE", "item": "WIRE", "qty": 0.1}]
    assert read_factory(json.dumps(plant(by_products=rows))).by_products[0].item == "WIRE"


def test_a_by_product_that_goes_into_what_it_comes_with_is_refused_with_the_circle():
    items = [*ITEMS, {"code": "FRAME", "kind": "make"}]
    bom = [*BOM, {"parent": "FRAME", "component": "DRIVE", "qty": 1}]
    issues = refusals(items=items, bom=bom, by_products=[{"parent": "DRIVE", "item": "FRAME", "qty": 1}])
    assert "a by-product must not go into what it comes with" in issues["/by_products/0"]


@pytest.mark.parametrize("kind", ["make", "buy"])
def test_a_phantom_is_neither_made_nor_bought_firmly(kind):
    # given a kit that somebody even sells
    source = {"item": "KIT", "supplier": "MILL", "lead_time_days": 7}
    firm = {"ref": "F-1", "item": "KIT", "kind": kind, "qty": 5, "due": "2024-06-01"}
    if kind == "buy":
        firm["supplier"] = "MILL"

    issues = refusals(sources=[*SOURCES, source], firm_orders=[firm])

    assert "KIT is a phantom" in issues["/firm_orders/0/item"]


@pytest.mark.parametrize(
    ("row", "path", "words"),
    [
        ({"item": "WIRE", "kind": "make"}, "kind", "expected buy, WIRE is buy"),
        ({"item": "DRIVE", "kind": "buy"}, "kind", "or a source of DRIVE"),
        ({"item": "WIRE", "kind": "buy"}, "supplier", "required: one of MILL"),
        ({"item": "WIRE", "kind": "buy", "supplier": "SHOP"}, "supplier", "a supplier with a source of WIRE"),
        ({"item": "DRIVE", "kind": "make", "supplier": "MILL"}, "supplier", "DRIVE is made here"),
        ({"item": "DRIVE", "kind": "make", "release": "2024-06-02"}, "release", "up to due 2024-06-01"),
        ({"item": "DRIVE", "kind": "make", "ref": "PO-1"}, "ref", "PO-1 is released already"),
        ({"item": "DRIVE", "kind": "make", "qty": 1e-9}, "qty", "6 decimal places"),
        ({"item": "DRIVE", "kind": "make", "qty": 1e18}, "qty", "at most 1000000000"),
    ],
)
def test_a_firm_order_that_could_not_be_planned_is_refused(row, path, words):
    firm = {"ref": "F-1", "qty": 5, "due": "2024-06-01"} | row
    purchase = {"ref": "PO-1", "supplier": "MILL", "item": "WIRE", "qty": 1, "due": "2024-06-01"}
    issues = refusals(firm_orders=[firm], purchase_orders=[purchase])
    assert words in issues[f"/firm_orders/0/{path}"]
