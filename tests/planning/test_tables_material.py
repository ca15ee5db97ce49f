"""Tables for planners of material: units of bills, by-products, firm orders, rules of lots and time."""

import pytest

from planning.services.exchange import export_factory, import_factory
from planning.services.tables import export_table
from tests import builders
from tests.planning.tables import bring

pytestmark = pytest.mark.django_db


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


@pytest.mark.parametrize("kind", ["items", "suppliers", "sources", "customers", "routings"])
def test_a_table_leaves_by_products_and_firm_orders_alone(kind):
    before = export_factory()

    preview = bring(kind, export_table(kind=kind, file_format="csv"))

    assert (preview.added, preview.changed) == (0, 0)
    assert export_factory() == before
