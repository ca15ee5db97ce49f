"""Tables for planners of material: units of bills, by-products, firm orders, rules of lots and time."""

import datetime as dt
from decimal import Decimal

import pytest

from inventory.models import BomLine, ByProduct, Item, ItemSource
from planning.services.exchange import export_factory, import_factory
from planning.services.tables import export_table
from tests import builders
from tests.planning.tables import as_csv, bring, counts, edited, refusals, rows_of

pytestmark = pytest.mark.django_db

BOM = ["parent", "component", "operation", "qty", "uom"]


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
