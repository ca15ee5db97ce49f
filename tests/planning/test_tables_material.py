"""Tables for planners of material: units of bills, by-products, firm orders, rules of lots and time."""

import datetime as dt
from decimal import Decimal

import pytest

from inventory.models import BomLine, ByProduct, Item, ItemSource
from planning.models import FirmOrder
from planning.services.exchange import export_factory, import_factory
from planning.services.tables import export_table
from tests import builders
from tests.planning.tables import as_csv, bring, counts, edited, refusals, rows_of

pytestmark = pytest.mark.django_db

BOM = ["parent", "component", "operation", "qty", "uom"]
FIRM = ["ref", "item", "kind", "qty", "due", "release", "supplier"]


@pytest.fixture(autouse=True)
def works():
    """DRIVE is made of 3 m of WIRE; PART is bought from ACME, and comes with each DRIVE."""
    document = builders.factory_document(
        items=[
            {"code": "DRIVE", "kind": "make", "price": 1000},
            {"code": "WIRE", "kind": "buy", "uom": "m", "lead_time_days": 3},
            {"code": "PART", "kind": "buy", "lead_time_days": 3},
        ],
        bom=[{"parent": "DRIVE", "component": "WIRE", "qty": 3}],
        by_products=[{"parent": "DRIVE", "item": "PART", "qty": 0.5}],
        suppliers=[{"code": "ACME"}],
        sources=[{"item": "PART", "supplier": "ACME", "lead_time_days": 3}],
        firm_orders=[
            {"ref": "FO-1", "item": "PART", "kind": "buy", "qty": 5, "due": "2011-05-02", "supplier": "ACME"}
        ],
    )
    import_factory(document=builders.as_json(document), now=builders.NOW)


# --- Units of bills ----------------------------------------------------------------------------------


def test_a_bill_tells_the_unit_of_its_components():
    header, line = rows_of(export_table(kind="bom", file_format="xlsx"))
    assert dict(zip(header, line, strict=True))["uom"] == "m"


@pytest.mark.parametrize("unit", ["m", ""])
def test_a_unit_that_agrees_or_is_not_told_changes_nothing(unit):
    before = export_factory()

    preview = bring("bom", as_csv(BOM, ["DRIVE", "WIRE", "", "3", unit]))

    assert counts(preview) == (0, 0, 1)
    assert export_factory() == before


def test_another_unit_is_refused_by_row_and_column():
    file = as_csv(BOM, ["DRIVE", "WIRE", "", "3", "m"], ["DRIVE", "PART", "", "4", "kg"])

    assert refusals("bom", file) == [(3, "uom", "PART is counted in pcs, not in kg; expected a qty in pcs.")]
    assert BomLine.objects.count() == 1


@pytest.mark.parametrize("unit", ["pcs", ""])
def test_a_new_line_says_its_unit_or_leaves_it_to_the_component(unit):
    ByProduct.objects.all().delete()

    assert counts(bring("bom", as_csv(BOM, ["DRIVE", "PART", "", "4", unit]))) == (1, 0, 0)
    assert BomLine.objects.get(component__code="PART").qty == 4


# --- By-products -------------------------------------------------------------------------------------


def test_a_by_product_is_added_and_found_again_by_its_first_day():
    header = ["parent", "item", "qty", "from", "to"]
    file = as_csv(
        header, ["DRIVE", "PART", "0.5", "", "2011-06-01"], ["DRIVE", "PART", "1", "2011-06-01", ""]
    )

    assert counts(bring("by_products", file)) == (1, 1, 0)
    assert counts(bring("by_products", file)) == (0, 0, 2)

    day = dt.date(2011, 6, 1)
    rows = ByProduct.objects.order_by("qty").values_list("qty", "effective_from", "effective_to")
    assert list(rows) == [(Decimal("0.5"), None, day), (Decimal(1), day, None)]


def test_a_by_product_that_the_format_refuses_is_named_by_row_and_column():
    header = ["parent", "item", "qty", "from", "to"]
    file = as_csv(
        header,
        ["PART", "WIRE", "1", "", ""],
        ["DRIVE", "GHOST", "1", "", ""],
        ["DRIVE", "PART", "1", "2011-06-01", "2011-05-01"],
    )
    before = export_factory()

    assert [issue[:2] for issue in refusals("by_products", file)] == [(2, "parent"), (3, "item"), (4, "to")]
    assert export_factory() == before


def test_what_goes_into_an_item_does_not_come_with_it():
    bring("items", as_csv(["code", "kind"], ["SUB", "make"]))
    bring("bom", as_csv(BOM[:4], ["DRIVE", "SUB", "", "1"]))
    file = as_csv(["parent", "item", "qty"], ["SUB", "DRIVE", "1"])

    ((row, _, message),) = refusals("by_products", file)

    assert (row, "must not go into what it comes with" in message) == (2, True)


# --- Firm orders -------------------------------------------------------------------------------------


def test_a_firm_order_is_added_by_its_reference_and_others_stay():
    bring("firm_orders", as_csv(FIRM, ["FO-2", "DRIVE", "make", "3", "2011-06-01", "2011-05-20", ""]))

    rows = FirmOrder.objects.order_by("ref").values_list("ref", "item__code", "kind", "qty", "release")
    assert list(rows) == [
        ("FO-1", "PART", "buy", 5, None),
        ("FO-2", "DRIVE", "make", 3, dt.date(2011, 5, 20)),
    ]


def test_a_firm_order_keeps_which_row_of_a_plan_it_was():
    FirmOrder.objects.update(plan_version=7, planned_order="B-1")

    bring("firm_orders", as_csv(["ref", "qty"], ["FO-1", "8"]))

    firm = FirmOrder.objects.get()
    assert (firm.qty, firm.plan_version, firm.planned_order) == (8, 7, "B-1")


def test_a_firm_order_that_could_not_be_planned_is_named_by_row_and_column():
    file = as_csv(
        FIRM,
        ["FO-2", "PART", "make", "1", "2011-06-01", "", ""],
        ["FO-3", "PART", "buy", "1", "2011-06-01", "", ""],
        ["FO-4", "DRIVE", "make", "1", "2011-06-01", "2011-06-02", ""],
    )

    assert [issue[:2] for issue in refusals("firm_orders", file)] == [
        (2, "kind"),
        (3, "supplier"),
        (4, "release"),
    ]
    assert FirmOrder.objects.count() == 1


# --- Lots and time -----------------------------------------------------------------------------------


def test_rules_of_lots_and_time_come_in_as_columns():
    header = ["code", "kind", "lot_rule", "order_cost", "safety_days", "fence_days", "make_priority"]
    bring("items", as_csv(header, ["PART", "buy", "silver_meal", "12.5", "2", "9", "0"]))
    calendar = builders.factory_document()["calendars"][0]["code"]

    def set_calendar(header, rows):
        rows[0][header.index("lead_time_calendar")] = calendar

    assert counts(bring("sources", edited("sources", set_calendar))) == (0, 1, 0)

    part = Item.objects.get(code="PART")
    assert (part.lot_rule, part.order_cost, part.safety_days, part.fence_days) == (
        "silver_meal",
        Decimal("12.5"),
        2,
        9,
    )
    assert ItemSource.objects.get().lead_time_calendar.calendar.code == calendar


@pytest.mark.parametrize("kind", ["items", "suppliers", "sources", "customers", "routings"])
def test_a_table_leaves_by_products_and_firm_orders_alone(kind):
    before = export_factory()

    preview = bring(kind, export_table(kind=kind, file_format="csv"))

    assert (preview.added, preview.changed) == (0, 0)
    assert export_factory() == before
