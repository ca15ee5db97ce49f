"""What is wrong with bills and sources is named with its place and remedy; what is right is left alone."""

import pytest

from planning.engine.data_checks import CHECKS, check_data
from planning.engine.factory import BomRow
from planning.engine.factory_codec import factory_from_json
from tests.effort import lines_run
from tests.engine.builders import FACTORY, factory_document
from tests.engine.plants import built, plant, sold

# The horizon of the tiny factory: 2024-01-10 to before 2024-03-01.


def findings(**sections):
    return check_data(factory_from_json(factory_document(**sections)))


def told(**sections):
    return [(each.severity, each.code, each.entity, each.path) for each in findings(**sections)]


def bom(*rows):
    """The tiny factory's bill, with ``rows`` of DRIVE and PART at operation 20 in place of its own."""
    others = [row for row in FACTORY["bom"] if (row["parent"], row["component"]) != ("DRIVE", "PART")]
    return others + [
        {"parent": "DRIVE", "component": "PART", "qty": 3, "operation": 20} | row for row in rows
    ]


def sources(*rows):
    return [{"item": "PART", "supplier": "ACME", "lead_time_days": 5} | row for row in rows]


def test_a_sound_factory_has_no_findings():
    assert findings() == []


def test_two_rows_for_the_same_days_are_an_error():
    (found,) = findings(bom=bom({"to": "2024-02-10"}, {"from": "2024-02-01"}))

    assert (found.severity, found.code, found.entity) == ("error", "INVALID_DATA", "DRIVE/PART")
    assert found.path == "/bom/3"
    assert "at operation 20 from 2024-02-01 to 2024-02-09" in found.text
    assert "End one row" in found.suggestion


def test_an_empty_operation_is_the_first_one():
    doubled = [
        {"parent": "DRIVE", "component": "FRAME", "qty": 1, "operation": 10},
        {"parent": "DRIVE", "component": "FRAME", "qty": 1, "from": "2024-02-01"},
    ]
    rows = [row for row in FACTORY["bom"] if row["component"] != "FRAME"]
    assert told(bom=rows + doubled) == [("error", "INVALID_DATA", "DRIVE/FRAME", "/bom/3")]


def test_the_same_component_at_two_operations_is_no_overlap():
    assert told(bom=bom({}, {"operation": 10})) == []


def test_rows_that_follow_each_other_are_sound():
    assert told(bom=bom({"to": "2024-02-01"}, {"from": "2024-02-01"})) == []


def test_a_gap_between_rows_of_a_component_is_a_warning():
    (found,) = findings(bom=bom({"to": "2024-02-01"}, {"from": "2024-02-05"}))

    assert (found.severity, found.entity) == ("warning", "DRIVE/PART")
    assert "not from 2024-02-01 to 2024-02-04" in found.text


def test_days_without_any_row_of_a_bill_are_named_and_nothing_is_started_then():
    before = [row | {"to": "2024-02-01"} for row in FACTORY["bom"]]
    after = [row | {"from": "2024-02-05"} for row in FACTORY["bom"]]

    found = next(row for row in findings(bom=before + after) if row.entity == "DRIVE")

    assert (found.severity, found.code) == ("warning", "INVALID_DATA")
    assert "no row of it counts from 2024-02-01 to 2024-02-04" in found.text
    assert "nothing is started then; it waits for the next row, if one comes" in found.text


def test_a_component_that_is_phased_out_or_in_is_no_gap():
    assert told(bom=bom({"to": "2024-02-01"})) == []
    assert told(bom=bom({"from": "2024-02-01"})) == []


def test_a_gap_outside_the_horizon_is_of_no_consequence():
    assert told(bom=bom({"to": "2023-02-01"}, {"from": "2023-05-05"})) == []
    assert told(bom=bom({"to": "2024-03-01"}, {"from": "2024-05-05"})) == []


def test_days_without_any_row_of_a_bill_are_a_warning():
    rows = [row for row in FACTORY["bom"] if row["parent"] != "FRAME"]
    frame = {"parent": "FRAME", "component": "PART", "qty": 2}

    (late,) = findings(bom=[*rows, frame | {"from": "2024-01-12"}])
    assert (late.severity, late.entity) == ("warning", "FRAME")
    assert "from 2024-01-10 to 2024-01-11" in late.text
    (early,) = findings(bom=[*rows, frame | {"to": "2024-02-29"}])
    assert "on 2024-02-29" in early.text


def test_a_made_item_without_bill_routing_or_lead_time():
    items = FACTORY["items"]
    new = {"code": "NEW", "kind": "make"}
    assert told(items=[*items, new]) == [("error", "BROKEN_SUPPLY_PATH", "NEW", "/items/3")]
    # made of nothing, in three days
    assert told(items=[*items, new | {"lead_time_days": 3}]) == [
        ("warning", "INVALID_DATA", "NEW", "/items/3")
    ]
    # made of parts, in no time
    bill = [*FACTORY["bom"], {"parent": "NEW", "component": "PART", "qty": 1}]
    assert told(items=[*items, new], bom=bill) == [("warning", "INVALID_DATA", "NEW", "/items/3")]


def test_a_phantom_without_a_bill_stands_for_nothing():
    items = [*FACTORY["items"], {"code": "KIT", "kind": "phantom"}]
    assert told(items=items) == [("error", "BROKEN_SUPPLY_PATH", "KIT", "/items/3")]


def test_a_bought_item_without_a_source():
    items = FACTORY["items"]
    new = {"code": "NEW", "kind": "buy"}
    assert told(items=[*items, new]) == [("error", "BROKEN_SUPPLY_PATH", "NEW", "/items/3")]
    assert told(items=[*items, new | {"lead_time_days": 3}]) == [("info", "INVALID_DATA", "NEW", "/items/3")]


def test_sources_that_never_count_are_an_error_and_gaps_a_warning():
    assert told(sources=sources({"to": "2024-01-01"})) == [
        ("error", "BROKEN_SUPPLY_PATH", "PART", "/sources/0")
    ]
    (gap,) = findings(sources=sources({"to": "2024-02-01"}, {"from": "2024-02-08", "supplier": "OTHER"}))
    assert (gap.severity, gap.code, gap.path) == ("warning", "INVALID_DATA", "/sources/1")
    assert "from 2024-02-01 to 2024-02-07" in gap.text


def test_a_later_row_of_a_supplier_takes_over_an_open_one_but_not_silently_a_dated_one():
    assert told(sources=sources({}, {"from": "2024-02-01"})) == []
    assert told(sources=sources({"to": "2024-02-10"}, {"from": "2024-02-01"})) == [
        ("warning", "INVALID_DATA", "PART/ACME", "/sources/1")
    ]


def test_a_circle_is_shown():
    found = findings(bom=[*FACTORY["bom"], {"parent": "FRAME", "component": "DRIVE", "qty": 1}])
    assert found[0].severity == "error"
    assert "DRIVE → FRAME → DRIVE" in found[0].text or "FRAME → DRIVE → FRAME" in found[0].text


def test_a_substitute_in_another_unit_is_a_warning():
    items = [*FACTORY["items"], {"code": "PASTE", "kind": "buy", "uom": "kg", "lead_time_days": 1}]
    bill = bom({"substitutes": [{"item": "PASTE", "qty": 0.5}]})
    units = [each for each in findings(items=items, bom=bill) if each.path.startswith("/bom")]
    assert [(each.severity, each.entity) for each in units] == [("warning", "DRIVE/PART")]
    assert "counted in kg instead of pcs" in units[0].text


def test_a_quantity_in_another_unit_than_the_components_is_an_error():
    factory = factory_from_json(factory_document())
    row = BomRow(parent="DRIVE", component="PART", qty=3, operation=20, uom="kg")
    wrong = factory.model_copy(update={"bom": (*factory.bom[:2], row)})
    right = factory.model_copy(update={"bom": (*factory.bom[:2], row.model_copy(update={"uom": "pcs"}))})

    assert [each.text for each in check_data(wrong)] == ["DRIVE takes PART in kg, which is counted in pcs."]
    assert check_data(right) == []


def test_an_open_order_that_was_due_is_a_warning():
    order = {"ref": "PO-1", "supplier": "ACME", "item": "PART", "qty": 5, "due": "2024-01-09"}
    work = {"ref": "WO-1", "item": "FRAME", "qty": 2, "due": "2023-01-09"}
    firm = {"ref": "FO-1", "item": "FRAME", "kind": "make", "qty": 2, "due": "2024-01-10"}

    assert told(
        purchase_orders=[order | {"ref": "PO-0", "received_qty": 5}, order],
        work_orders=[work, work | {"ref": "WO-2", "done_qty": 2}],
        firm_orders=[firm],
    ) == [
        ("warning", "PAST_DUE_ORDER", "PO-1", "/purchase_orders/1"),
        ("warning", "PAST_DUE_ORDER", "WO-1", "/work_orders/0"),
    ]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_finding_says_what_to_do(check):
    document = factory_document(
        items=[
            *FACTORY["items"],
            {"code": "NEW", "kind": "make"},
            {"code": "LOST", "kind": "buy"},
            {"code": "PASTE", "kind": "buy", "uom": "kg"},
        ],
        bom=[
            *bom({"to": "2024-02-10"}, {"from": "2024-02-01", "to": "2024-02-05"}, {"from": "2024-02-15"}),
            {"parent": "FRAME", "component": "DRIVE", "qty": 1, "substitutes": [{"item": "PASTE", "qty": 1}]},
        ],
        sources=sources({"to": "2024-02-10"}, {"from": "2024-02-01", "to": "2024-02-11"}),
        work_orders=[{"ref": "WO-1", "item": "FRAME", "qty": 2, "due": "2023-01-09"}],
    )
    found = list(check(factory_from_json(document)))
    assert found
    for finding in found:
        assert finding.text.endswith((".", ")"))
        assert finding.suggestion.endswith(".")


def check_long_chain(count):
    rows = [
        {"parent": f"M{i}", "component": f"M{i + 1}", "qty": 1, "from": "2024-02-01"} for i in range(count)
    ]
    items = [{"code": f"M{i}", "kind": "make", "lead_time_days": 1} for i in range(count + 1)]
    factory = factory_from_json(
        {
            "format": "factory-1",
            "name": "Long",
            "as_of": "2024-01-10",
            "horizon_end": "2024-03-01",
            "items": items,
            "bom": rows,
        }
    )
    assert len(check_data(factory)) == count + 1


def test_it_takes_work_in_proportion_to_the_rows():
    assert lines_run(lambda: check_long_chain(2000)) < 4.4 * lines_run(lambda: check_long_chain(500))


def test_a_plan_tells_what_hangs_on_a_part_that_nobody_can_buy():
    # by the format a lead time that is not given is 0 days: the plan counts on the part, and says so
    order = sold("DRIVE", ("2024-02-01", 5))
    order["lines"][0]["unit_price"] = 100
    items = [{"code": "DRIVE", "kind": "make", "lead_time_days": 3}, {"code": "PART", "kind": "buy"}]
    plan = built(plant(items=items, routings={}, sales_orders=[order]))

    (told,) = (row for row in plan.exceptions if row.entity == "PART")
    assert (told.code, told.severity, told.money_at_risk) == ("INVALID_DATA", "error", 500)
    assert "as if it were there at once" in told.text
