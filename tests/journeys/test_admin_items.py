"""Pages about items, tables and checks, as each role sees them."""

import base64
import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.navigation import navigation
from inventory.models import BillOfMaterials, BomLine, Item
from inventory.services import revise_bom
from planning.services.exchange import import_factory
from planning.services.tables import KINDS
from tests import builders
from tests.journeys.admin import sign_in, text_of
from tests.planning.tables import as_csv, as_xlsx, rows_of

pytestmark = pytest.mark.django_db

PAGES = ("where-used", "bom", "cost", "compare")
NASTY = '<script>alert(1)</script>"><svg onload=x>'


@pytest.fixture(autouse=True)
def works():
    import_factory(
        document=builders.as_json(
            builders.factory_document(
                skills=[{"code": "ASM", "headcount": 2, "wage_per_hour": 37}],
                work_centres=[{"code": "BENCH", "calendar": "DAY", "cost_per_hour": 11}],
                items=[
                    {"code": "DRIVE", "kind": "make"},
                    {"code": "MOTOR", "name": NASTY, "kind": "buy", "unit_cost": 20, "lead_time_days": 7},
                ],
                bom=[{"parent": "DRIVE", "component": "MOTOR", "qty": 2, "scrap": 0.2}],
            )
        ),
        now=builders.NOW,
    )


def page(item, name, query=""):
    return f"/admin/inventory/item/{Item.objects.get(code=item).pk}/{name}/{query}"


def tables(query=""):
    return f"/admin/inventory/item/tables/{query}"


def test_where_used_shows_parents_and_open_orders():
    said = text_of(sign_in("planner").get(page("MOTOR", "where-used")))
    # 2 / 0.8 of each drive, five of which are open
    assert "DRIVE" in said
    assert "2.5 pcs" in said
    assert "SO-1" in said
    assert "12.5 pcs" in said


def test_the_bill_shows_quantities_stock_and_cost():
    said = text_of(sign_in("reader").get(page("DRIVE", "bom")))
    assert "bought parts of one unit cost 50.00" in said
    assert "20 % scrap" in said


def test_the_cost_page_shows_labour_to_those_who_may_see_wages():
    # 50 of material, one hour: 11 of the bench, 37 of people
    for role, whole in (("planner", "98.00"), ("hr", "98.00"), ("reader", "61.00"), ("production", "61.00")):
        response = sign_in(role).get(page("DRIVE", "cost"))
        said = text_of(response)
        assert f"Next unit, number 1 {whole}" in said, role
        assert ("37.00" in response.content.decode()) == (whole == "98.00")
        assert ("labour" in said.lower()) or whole == "61.00"
        assert ("37.0" in response.content.decode()) == (whole == "98.00")


def test_compare_shows_the_two_latest_revisions_at_once():
    revised = revise_bom(
        item_id=Item.objects.get(code="DRIVE").pk, revision="B", effective_from=dt.date(2011, 6, 1)
    )
    revised.lines.update(qty=3, scrap=0)

    response = sign_in("planner").get(page("DRIVE", "compare"))

    said = text_of(response)
    assert "DRIVE rev 1 98.00" in said
    # three motors of 20 instead of 2.5
    assert "DRIVE rev B 108.00 +10.00" in said
    assert "0 added 0 removed 1 changed" in said
    assert "2 → 3" in said


@pytest.mark.parametrize(
    "query", ["?before=X&after=1", "?before=2011-02-30&after=1", "?before=1&after=1&other=GHOST"]
)
def test_what_cannot_be_compared_is_said(query):
    response = sign_in("planner").get(page("DRIVE", "compare", query))
    assert response.status_code == 200
    assert 'class="dl-error"' in response.content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_text_of_strangers_is_escaped(name):
    for item in ("DRIVE", "MOTOR"):
        response = sign_in("admin", username=f"admin-{item}").get(page(item, name))
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()
        assert "<svg onload" not in response.content.decode()


@pytest.mark.parametrize(
    ("role", "opens"),
    [
        ("planner", set(PAGES)),
        ("production", set(PAGES)),
        ("reader", set(PAGES)),
        ("hr", {"cost"}),
        ("sales", set()),
    ],
)
def test_pages_are_for_the_roles_of_the_api(role, opens):
    client = sign_in(role)
    for name in PAGES:
        assert client.get(page("DRIVE", name)).status_code == (200 if name in opens else 403)


def test_an_item_that_is_none_is_not_found():
    assert sign_in("planner").get("/admin/inventory/item/999/cost/").status_code == 404


def test_the_pages_are_reached_from_the_item_and_from_the_list_of_uses():
    client = sign_in("planner")
    item = Item.objects.get(code="DRIVE")
    said = client.get(f"/admin/inventory/item/{item.pk}/change/").content.decode()
    for name in ("where-used", "bom", "cost", "compare"):
        address = f"/admin/inventory/item/{item.pk}/open-{name}/"
        assert address in said
        assert client.get(address)["Location"] == page("DRIVE", name)
    assert page("MOTOR", "where-used") in client.get("/admin/inventory/bomline/").content.decode()


@pytest.mark.parametrize("name", PAGES)
def test_queries_of_pages_do_not_grow_with_rows(name):
    client = sign_in("planner")
    bom = BillOfMaterials.objects.get()

    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(page("DRIVE", name, "?before=1&after=2011-03-01")).status_code == 200
        return len(asked)

    before = queries()
    for _ in range(6):
        BomLine.objects.create(bom=bom, component=builders.make_item(kind="buy"), qty=1)
    assert queries() == before


# --- Checks ------------------------------------------------------------------------------------------


def test_data_checks_lead_to_the_row():
    client = sign_in("planner")
    drive = Item.objects.get(code="DRIVE")
    BomLine.objects.create(
        bom=builders.make_bom(drive, revision="2"), component=Item.objects.get(code="MOTOR"), qty=1
    )

    response = client.get("/admin/inventory/item/data-checks/")

    said, source = text_of(response), response.content.decode()
    assert "Revisions 1 and 2 of DRIVE are both in force" in said
    assert f"/admin/inventory/item/{drive.pk}/change/" in source
    assert any(f"/admin/inventory/bomline/{line.pk}/change/" in source for line in BomLine.objects.all())
    motor = Item.objects.get(code="MOTOR")
    assert "MOTOR has no source" in said
    assert f"/admin/inventory/item/{motor.pk}/change/" in source


def test_data_checks_are_for_those_who_see_bills():
    assert sign_in("sales").get("/admin/inventory/item/data-checks/").status_code == 403


# --- Tables ------------------------------------------------------------------------------------------


def upload(client, kind, content, name="items.csv"):
    return client.post(tables(), {"kind": kind, "file": SimpleUploadedFile(name, content)})


def test_a_file_is_tried_then_applied():
    client = sign_in("planner")
    content = as_xlsx(
        ["code", "kind", "lead_time_days"], ["MOTOR", "buy", 9], ["NEW", "make", 1], title="items"
    )

    tried = upload(client, "items", content, "items.xlsx")
    said = text_of(tried)
    assert "items.xlsx: what it would do 1 added 1 changed 0 unchanged" in said
    assert "lead_time_days: 7 → 9" in said
    assert not Item.objects.filter(code="NEW").exists()

    carried = {"kind": "items", "content": base64.b64encode(content).decode(), "file_name": "items.xlsx"}
    assert carried["content"] in tried.content.decode()
    done = client.post(tables(), carried | {"apply": "1"})
    assert "items.xlsx: done 1 added 1 changed" in text_of(done)
    assert Item.objects.get(code="MOTOR").lead_time_days == 9
    assert Item.objects.get(code="NEW").history.latest().history_user.username == "planner"


def test_problems_are_listed_by_row_and_nothing_changes():
    content = as_csv(["code", "kind", "lead_time_days"], ["MOTOR", "buy", "x"], ["NEW", "bought", "1"])

    said = text_of(upload(sign_in("planner"), "items", content))

    assert "nothing was imported, 2 problems" in said
    assert 'items 2 lead_time_days "x" Expected a whole number of days' in said
    assert 'items 3 kind "bought" Expected one of make, buy, phantom' in said
    assert not Item.objects.filter(code="NEW").exists()


@pytest.mark.parametrize("sent", [{}, {"content": "no base64!"}, {"content": ""}])
def test_without_a_file_nothing_happens(sent):
    response = sign_in("planner").post(tables(), {"kind": "items"} | sent)
    assert "Choose an xlsx or csv file" in text_of(response)


def test_text_of_a_hostile_file_is_escaped():
    content = as_csv(["code", "kind", "name"], ["NEW", NASTY, "x"], ["OTHER", "buy", NASTY])
    response = upload(sign_in("planner"), "items", content, f"{NASTY[:20]}.csv")
    assert "<script>alert" not in response.content.decode()
    tried = upload(sign_in("planner", username="two"), "items", as_csv(["code", "name"], ["DRIVE", NASTY]))
    assert "<script>alert" not in tried.content.decode()
    assert "1 changed" in text_of(tried)


@pytest.mark.parametrize("ext", ["xlsx", "csv"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_taken_away_and_comes_empty(kind, ext):
    client = sign_in("admin")
    full = client.get(f"/admin/inventory/item/tables/{kind}.{ext}")
    empty = client.get(f"/admin/inventory/item/tables/empty/{kind}.{ext}")
    assert (full.status_code, empty.status_code) == (200, 200)
    assert full["Content-Disposition"] == f'attachment; filename="{kind}.{ext}"'
    if ext == "xlsx":
        header = [column.name for column in KINDS[kind].columns]
        assert rows_of(full.content)[0] == header
        assert rows_of(empty.content) == [header]


def test_who_may_take_away_and_bring_in():
    sales, reader, hr = sign_in("sales"), sign_in("reader"), sign_in("hr")
    # items carry costs, which are not for sales
    assert sales.get("/admin/inventory/item/tables/items.csv").status_code == 403
    assert sales.get("/admin/inventory/item/tables/sales_orders.csv").status_code == 200
    assert reader.get("/admin/inventory/item/tables/items.csv").status_code == 200
    assert upload(reader, "items", as_csv(["code"], ["DRIVE"])).status_code == 403
    assert "Bring in" not in text_of(reader.get(tables("?kind=items")))
    assert sales.get(tables("?kind=items")).status_code == 404
    assert "Bring in" in text_of(sales.get(tables("?kind=sales_orders")))
    # human resources keep the decisions on hires, and no other table
    assert hr.get(tables()).status_code == 200
    assert hr.get("/admin/inventory/item/tables/hiring_decisions.csv").status_code == 200
    assert hr.get("/admin/inventory/item/tables/items.csv").status_code == 403
    assert reader.get("/admin/inventory/item/tables/ghosts.csv").status_code == 404
    assert reader.get("/admin/inventory/item/tables/items.ods").status_code == 404


def test_every_list_leads_to_its_table():
    client = sign_in("admin")
    lists = {
        "items": "inventory/item",
        "bom": "inventory/billofmaterials",
        "stock": "inventory/stockmovement",
        "sales_orders": "orders/salesorder",
        "routings": "planning/operation",
    }
    for kind, address in lists.items():
        assert tables(f"?kind={kind}") in client.get(f"/admin/{address}/").content.decode()
    # sales see items, but have no business with their table
    assert "tables/?kind=items" not in sign_in("sales").get("/admin/inventory/item/").content.decode()


@pytest.mark.parametrize(
    ("address", "entry"),
    [
        ("/admin/inventory/item/", "Items"),
        ("/admin/inventory/item/7/change/", "Items"),
        ("/admin/inventory/item/tables/", "Tables"),
        ("/admin/inventory/item/data-checks/", "Data checks"),
        ("/admin/planning/planrun/requirements/item/", "Material requirements"),
        ("/admin/planning/planrun/1/buy/", "Plans"),
        ("/admin/inventory/stockmovement/stock/", "Stock on hand"),
        ("/admin/", None),
    ],
)
def test_one_entry_of_the_sidebar_is_marked_as_open(address, entry, rf):
    request = rf.get(address)

    marked = [item["title"] for group in navigation() for item in group["items"] if item["active"](request)]

    assert marked == ([entry] if entry else [])
