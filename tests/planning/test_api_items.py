"""Bills, costs and checks over HTTP: by hand, on days and revisions, with wages for who may see them."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import BillOfMaterials, BomLine, Item
from inventory.services import revise_bom
from planning.services.exchange import import_factory
from tests import builders
from tests.planning.tables import as_csv, as_xlsx, rows_of
from tests.rest import Api, fields_of, refused

pytestmark = pytest.mark.django_db

# DRIVE = 2 MOTOR (5 % lost) + 1 KIT at operation 20; KIT (a phantom) = 4 BOLT + 1 PLATE; MOTOR = 3 WIRE
DOCUMENT = builders.factory_document(
    currency="EUR",
    skills=[
        {"code": "ASM", "headcount": 2, "wage_per_hour": 30, "labour_efficiency": 0.75, "learning_rate": 0.8}
    ],
    work_centres=[{"code": "BENCH", "calendar": "DAY", "cost_per_hour": 10}],
    items=[
        {"code": "DRIVE", "name": "Drive", "kind": "make", "units_made": 1},
        {"code": "MOTOR", "kind": "make", "lead_time_days": 3},
        {"code": "KIT", "kind": "phantom"},
        {"code": "BOLT", "kind": "buy", "unit_cost": 1, "lead_time_days": 4},
        {"code": "PLATE", "kind": "buy", "unit_cost": 8, "lead_time_days": 4},
        {"code": "WIRE", "kind": "buy", "unit_cost": 2, "uom": "m"},
    ],
    suppliers=[{"code": "ACME"}],
    sources=[
        {
            "item": "WIRE",
            "supplier": "ACME",
            "lead_time_days": 21,
            "min_order": 100,
            "unit_cost": 2,
            "price_breaks": [{"from_qty": 50, "unit_cost": 1.5}],
        }
    ],
    bom=[
        {"parent": "DRIVE", "component": "MOTOR", "qty": 2, "scrap": 0.05},
        {"parent": "DRIVE", "component": "KIT", "qty": 1, "operation": 20},
        {"parent": "KIT", "component": "BOLT", "qty": 4},
        {"parent": "KIT", "component": "PLATE", "qty": 1},
        {"parent": "MOTOR", "component": "WIRE", "qty": 3},
    ],
    routings={
        "DRIVE": [
            {"seq": 10, "name": "Build", "work_centre": "BENCH", "skill": "ASM", "run_h": 5},
            {"seq": 20, "name": "Close", "work_centre": "BENCH", "run_h": 1},
        ]
    },
    stock=[{"item": "WIRE", "qty": 40}],
)


@pytest.fixture(autouse=True)
def works():
    import_factory(document=builders.as_json(DOCUMENT), now=builders.NOW)


@pytest.fixture
def planner():
    return Api("planner")


def read(api, path):
    response = api.get(path)
    assert response.status_code == 200, response.content
    return json.loads(response.content)


# --- Where used --------------------------------------------------------------------------------------


def test_every_parent_is_listed_with_what_it_takes(planner):
    used = read(planner, "/items/WIRE/where-used/")

    assert used["cut_off"] is False
    motor, drive = used["rows"]
    assert (motor["level"], motor["path"], motor["qty"]) == (1, ["WIRE", "MOTOR"], 3)
    # a drive takes 2 / 0.95 motors of 3
    assert (drive["level"], drive["path"], drive["qty_exact"]) == (2, ["WIRE", "MOTOR", "DRIVE"], "120/19")
    assert drive["qty"] == round(120 / 19, 9)


def test_phantoms_are_passed_through_to_the_operation_that_takes_them(planner):
    kit, drive = read(planner, "/items/BOLT/where-used/")["rows"]

    assert (kit["item"], kit["kind"], kit["phantoms"]) == ("KIT", "phantom", [])
    assert (drive["item"], drive["phantoms"], drive["operation"], drive["qty"]) == ("DRIVE", ["KIT"], 20, 4)


def test_one_level_is_the_direct_parents(planner):
    rows = read(planner, "/items/WIRE/where-used/?levels=1")["rows"]
    assert [row["item"] for row in rows] == ["MOTOR"]


def test_open_order_lines_say_how_much_they_need(planner):
    (line,) = read(planner, "/items/WIRE/where-used/")["demand"]

    assert (line["sales_order"], line["line"], line["item"], line["customer"]) == ("SO-1", 1, "DRIVE", "ACME")
    assert (line["open_qty"], line["next_due"]) == (5, "2011-07-01")
    assert line["needed"] == round(5 * 120 / 19, 9)


def test_an_item_in_two_ways_needs_the_sum_of_both(planner):
    bom = BillOfMaterials.objects.get(item__code="DRIVE")
    BomLine.objects.create(bom=bom, component=Item.objects.get(code="WIRE"), qty=1)

    used = read(planner, "/items/WIRE/where-used/")

    assert [row["path"] for row in used["rows"]].count(["WIRE", "DRIVE"]) == 1
    assert used["demand"][0]["qty_per"] == round(1 + 120 / 19, 9)


def test_on_a_day_only_lines_that_count_are_listed(planner):
    BomLine.objects.filter(component__code="WIRE").update(effective_to=dt.date(2011, 6, 1))

    assert len(read(planner, "/items/WIRE/where-used/?on=2011-05-31")["rows"]) == 2
    late = read(planner, "/items/WIRE/where-used/?on=2011-06-01")
    assert (late["rows"], late["demand"]) == ([], [])
    drive = read(planner, "/items/WIRE/where-used/")["rows"][1]
    assert (drive["from"], drive["to"]) == (None, "2011-06-01")


def test_a_path_whose_days_never_meet_is_none(planner):
    BomLine.objects.filter(component__code="WIRE").update(effective_to=dt.date(2011, 6, 1))
    BomLine.objects.filter(component__code="MOTOR").update(effective_from=dt.date(2011, 6, 1))

    assert [row["item"] for row in read(planner, "/items/WIRE/where-used/")["rows"]] == ["MOTOR"]


# --- Bills -------------------------------------------------------------------------------------------


def test_the_indented_bill_with_lead_times_stock_and_cost(planner):
    bill = read(planner, "/items/DRIVE/bom/")

    assert [(row["level"], row["item"]) for row in bill["rows"]] == [
        (1, "MOTOR"),
        (2, "WIRE"),
        (1, "KIT"),
        (2, "BOLT"),
        (2, "PLATE"),
    ]
    motor, wire, _, bolt, _ = bill["rows"]
    # the source asks for 100 at least, so wire costs 1.50
    assert (wire["lead_time_days"], wire["supplier"], wire["on_hand"]) == (21, "ACME", 40)
    assert (wire["unit_material"], motor["unit_material"], motor["material"]) == (1.5, 4.5, 0)
    assert (bolt["phantoms"], bolt["operation"], bolt["lead_time_days"]) == (["KIT"], 20, 4)
    # 4 x 1 + 8 + 2 / 0.95 x 3 x 1.50
    assert bill["unit_material"] == round(12 + 9 / 0.95, 9)
    assert sum(row["material"] for row in bill["rows"]) == pytest.approx(bill["unit_material"])


def test_a_revision_is_read_as_if_it_were_in_force(planner):
    drive = Item.objects.get(code="DRIVE")
    revised = revise_bom(item_id=drive.pk, revision="B", effective_from=dt.date(2011, 9, 1))
    revised.lines.filter(component__code="MOTOR").update(qty=1)

    assert read(planner, "/items/DRIVE/bom/")["rows"][0]["qty_per"] == 2
    later = read(planner, "/items/DRIVE/bom/?revision=B")
    assert (later["on"], later["revision"], later["rows"][0]["qty_per"]) == ("2011-09-01", "B", 1)
    assert read(planner, "/items/DRIVE/bom/?on=2011-09-01")["rows"][0]["revision"] == "B"
    refused(planner.get("/items/DRIVE/bom/?revision=X"), 404, "revision_not_found")


# --- Cost --------------------------------------------------------------------------------------------


def test_the_cost_of_the_next_unit_of_many_and_at_the_reference(planner):
    cost = read(planner, "/items/DRIVE/cost/?units=3")

    material = round(12 + 9 / 0.95, 9)
    # standard: 5 h at 30 / 0.75 = 40, the station 10 for 5 + 1 h
    assert cost["standard"] == {
        "material": material,
        "labour": 200,
        "machine": 60,
        "subcontract": 0,
        "total": pytest.approx(material + 260),
        "without_labour": pytest.approx(material + 60),
    }
    # the next is unit 2: 80 % of 5 h; the second operation has nobody who could learn
    assert cost["units_made"] == 1
    assert cost["next"]["labour"] == pytest.approx(160)
    assert cost["next"]["machine"] == pytest.approx(50)
    # units 2 to 4: (0.8 + 3 ^ log2 0.8 + 0.64) / 3
    mean = (0.8 + 3**-0.3219280949 + 0.64) / 3
    assert cost["average"]["labour"] == pytest.approx(200 * mean)
    assert cost["currency"] == "EUR"


def test_levels_and_items_add_up(planner):
    cost = read(planner, "/items/DRIVE/cost/?units=7")

    whole = cost["average"]["total"]
    assert sum(level["total"] for level in cost["levels"]) == pytest.approx(whole)
    assert sum(level["share"] for level in cost["levels"]) == pytest.approx(1, abs=1e-5)
    assert sum(item["own"]["total"] * item["qty"] for item in cost["items"]) == pytest.approx(whole)
    assert cost["levels"][0]["material"] == 0
    assert cost["levels"][2]["material"] == pytest.approx(cost["average"]["material"])


def test_the_curve_runs_over_the_next_300_units(planner):
    curve = read(planner, "/items/DRIVE/cost/")["curve"]

    assert (len(curve), curve[0]["unit"], curve[-1]["unit"]) == (300, 2, 301)
    assert curve[0]["labour"] == pytest.approx(160)
    assert curve[-1]["labour"] == pytest.approx(200 * 301**-0.3219280949, rel=1e-5)


@pytest.mark.parametrize(
    ("role", "sees"), [("planner", True), ("hr", True), ("reader", False), ("production", False)]
)
def test_labour_is_for_those_who_may_see_wages(role, sees):
    cost = read(Api(role), "/items/DRIVE/cost/")

    amounts = [cost["next"], cost["average"], cost["standard"], *cost["levels"]]
    amounts += [part for item in cost["items"] for part in (item["own"], item["rolled"])]
    assert all((amount["labour"] is not None) == sees for amount in amounts)
    assert all((amount["total"] is not None) == sees for amount in amounts)
    steps = [step for item in cost["items"] for step in item["operations"]]
    assert steps
    assert all((row["labour"] is not None) == sees for row in [*steps, *cost["curve"]])
    # shares of what is seen add up to all of it: they give nothing away
    assert sum(level["share"] for level in cost["levels"]) == pytest.approx(1, abs=1e-5)


def test_a_subcontracted_item_costs_what_it_was_given():
    Item.objects.filter(code="MOTOR").update(unit_cost=Decimal("7.5"))
    drive = read(Api("planner"), "/items/DRIVE/cost/")
    assert drive["standard"]["subcontract"] == 0

    Item.objects.get(code="MOTOR").operations.create(seq=10, external_days=5)
    drive = read(Api("planner"), "/items/DRIVE/cost/")
    assert drive["standard"]["subcontract"] == pytest.approx(2 / 0.95 * 7.5)


# --- Compare -----------------------------------------------------------------------------------------


@pytest.fixture
def revised():
    """Revision B from September: one motor instead of two, no kit, two plates."""
    drive = Item.objects.get(code="DRIVE")
    bom = revise_bom(item_id=drive.pk, revision="B", effective_from=dt.date(2011, 9, 1))
    bom.lines.filter(component__code="MOTOR").update(qty=1, scrap=0)
    bom.lines.filter(component__code="KIT").delete()
    BomLine.objects.create(bom=bom, component=Item.objects.get(code="PLATE"), qty=2, operation=20)
    return bom


def test_two_revisions(planner, revised):
    found = read(planner, "/items/DRIVE/bom/compare/?from=1&to=B")

    told = {(row["kind"], row["component"]): row for row in found["differences"]}
    assert set(told) == {("changed", "MOTOR"), ("removed", "KIT"), ("added", "PLATE")}
    assert told["changed", "MOTOR"]["changes"] == ["qty", "scrap"]
    assert (told["changed", "MOTOR"]["before"]["qty"], told["changed", "MOTOR"]["after"]["qty"]) == (2, 1)
    assert told["removed", "KIT"]["after"] is None
    assert found["unchanged"] == 0
    # 12 + 9 / 0.95 before, 2 x 8 + 4.50 after
    assert found["cost_change"]["material"] == round(20.5 - 12 - 9 / 0.95, 9)


def test_two_days_find_the_revisions_that_are_in_force(planner, revised):
    by_day = read(planner, "/items/DRIVE/bom/compare/?from=2011-08-31&to=2011-09-01")
    assert {row["component"] for row in by_day["differences"]} == {"MOTOR", "KIT", "PLATE"}
    same = read(planner, "/items/DRIVE/bom/compare/?from=2011-03-01&to=2011-08-31")
    assert (same["differences"], same["unchanged"]) == ([], 2)


def test_all_levels(planner, revised):
    found = read(planner, "/items/DRIVE/bom/compare/?from=1&to=B&levels=all")

    # what was in the kit is gone with it
    told = {(row["kind"], row["parent"], row["component"]) for row in found["differences"]}
    assert {("removed", "KIT", "BOLT"), ("removed", "KIT", "PLATE")} <= told
    assert found["unchanged"] == 1


def test_two_items(planner):
    found = read(planner, "/items/DRIVE/bom/compare/?from=1&to=1&with=MOTOR")

    assert {(row["kind"], row["component"]) for row in found["differences"]} == {
        ("removed", "MOTOR"),
        ("removed", "KIT"),
        ("added", "WIRE"),
    }


def test_an_operation_that_moved_is_a_change_and_so_are_substitutes(planner):
    drive = Item.objects.get(code="DRIVE")
    bom = revise_bom(item_id=drive.pk, revision="B", effective_from=dt.date(2011, 9, 1))
    bom.lines.filter(component__code="KIT").update(operation=10)
    bom.lines.get(component__code="MOTOR").substitutes.create(item=Item.objects.get(code="PLATE"), qty=1)

    found = read(planner, "/items/DRIVE/bom/compare/?from=1&to=B")

    assert {(row["component"], *row["changes"]) for row in found["differences"]} == {
        ("KIT", "operation"),
        ("MOTOR", "substitutes"),
    }


def test_cost_changes_show_labour_to_those_who_may_see_it(revised):
    path = "/items/DRIVE/bom/compare/?from=1&to=B"
    assert read(Api("planner"), path)["before"]["cost"]["labour"] == 200
    seen = read(Api("reader"), path)
    assert {seen[side]["cost"]["labour"] for side in ("before", "after")} == {None}
    assert seen["cost_change"]["total"] is None


# --- Data checks -------------------------------------------------------------------------------------


def test_findings_name_place_and_remedy(planner):
    findings = read(planner, "/data-checks/")["findings"]
    # bolts and plates have no source, the motor no routing but a lead time
    assert [(row["severity"], row["code"], row["entity"]) for row in findings] == [
        ("info", "INVALID_DATA", "BOLT"),
        ("info", "INVALID_DATA", "PLATE"),
    ]
    assert findings[0]["suggestion"].startswith("Add a source for BOLT")


def test_overlapping_revisions_are_found_also_where_no_plan_can_be_built(planner):
    drive = Item.objects.get(code="DRIVE")
    bom = builders.make_bom(drive, revision="X", effective_from=dt.date(2011, 5, 1))
    BomLine.objects.create(bom=bom, component=Item.objects.get(code="MOTOR"), qty=1)

    findings = read(planner, "/data-checks/")["findings"]

    errors = [row["text"] for row in findings if row["severity"] == "error"]
    assert errors[0].startswith("Revisions 1 and X of DRIVE are both in force from 2011-05-01 on")
    assert any("Two rows say how much MOTOR goes into DRIVE" in text for text in errors)


def test_a_cycle_in_the_tables_is_found(planner):
    bom = BillOfMaterials.objects.get(item__code="KIT")
    BomLine.objects.create(bom=bom, component=Item.objects.get(code="DRIVE"), qty=1)

    texts = [row["text"] for row in read(planner, "/data-checks/")["findings"]]

    assert any("is part of itself" in text for text in texts)
    refused(planner.get("/items/DRIVE/cost/"), 409, "invalid_factory")
    assert planner.get("/items/DRIVE/where-used/").status_code == 200


# --- What is asked wrongly, and what it costs --------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/items/DRIVE/where-used/?levels=none", "?levels"),
        ("/items/DRIVE/where-used/?levels=0", "?levels"),
        ("/items/DRIVE/where-used/?on=01.03.2011", "?on"),
        ("/items/DRIVE/where-used/?revision=1", "?revision"),
        ("/items/DRIVE/bom/?on=2011-02-30", "?on"),
        ("/items/DRIVE/bom/?revision=%00", "?revision"),
        ("/items/DRIVE/cost/?units=0", "?units"),
        ("/items/DRIVE/cost/?units=1e3", "?units"),
        ("/items/DRIVE/cost/?units=100001", "?units"),
        ("/items/DRIVE/bom/compare/?to=1", "?from"),
        ("/items/DRIVE/bom/compare/?from=1", "?to"),
        ("/items/DRIVE/bom/compare/?from=1&to=1&levels=2", "?levels"),
    ],
)
def test_a_question_asked_wrongly_is_refused_by_its_parameter(planner, path, field):
    assert fields_of(refused(planner.get(path), 400)) == [field]


@pytest.mark.parametrize("what", ["where-used/", "bom/", "cost/", "bom/compare/?from=1&to=1"])
def test_an_unknown_item_is_not_found(planner, what):
    refused(planner.get(f"/items/GHOST/{what}"), 404, "item_not_found")


def test_sides_that_are_nothing_are_refused(planner):
    refused(planner.get("/items/DRIVE/bom/compare/?from=1&to=Z"), 404, "revision_not_found")
    refused(planner.get("/items/DRIVE/bom/compare/?from=2011-02-30&to=1"), 400, "nothing_to_compare")


@pytest.mark.parametrize(
    "path",
    [
        "/items/DRIVE/bom/",
        "/items/DRIVE/cost/",
        "/items/WIRE/where-used/",
        "/items/DRIVE/bom/compare/?from=1&to=2011-03-01&levels=all",
        "/data-checks/",
    ],
)
def test_queries_do_not_grow_with_rows(planner, path):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            read(planner, path)
        return len(asked)

    before = queries()
    motor, drive = (BillOfMaterials.objects.get(item__code=code) for code in ("MOTOR", "DRIVE"))
    wire = Item.objects.get(code="WIRE")
    for number in range(8):
        part = builders.make_item(f"PART-{number}", kind="make")
        BomLine.objects.create(bom=motor, component=part, qty=1)
        BomLine.objects.create(bom=drive, component=builders.make_item(kind="buy"), qty=1)
        BomLine.objects.create(bom=builders.make_bom(part), component=wire, qty=1)
        builders.make_source(item=builders.make_item(kind="buy"))
        builders.make_order(lines=[builders.new_line(item="DRIVE")])
    deeper = 2 * (
        "/bom/" in path or "cost" in path or "where" in path
    )  # a level more: one query for its lines
    assert queries() - before <= deeper * 2


# --- Tables ------------------------------------------------------------------------------------------


def send(api, kind, content, name="table.csv", query=""):
    api.client.force_authenticate(api.user)
    file = SimpleUploadedFile(name, content)
    return api.client.post(f"/api/v1/imports/{kind}/{query}", {"file": file}, format="multipart")


def test_a_dry_run_and_then_the_import(planner):
    content = as_xlsx(
        ["code", "kind", "lead_time_days"], ["NEW", "buy", 3], ["BOLT", "buy", 5], title="items"
    )

    tried = send(planner, "items", content, "items.xlsx", "?dry_run=true").json()
    assert (tried["dry_run"], tried["added"], tried["changed"], tried["unchanged"]) == (True, 1, 1, 0)
    assert not Item.objects.filter(code="NEW").exists()

    done = send(planner, "items", content, "items.xlsx").json()
    assert done == tried | {"dry_run": False}
    assert done["rows"][1] == {"row": 3, "key": "BOLT", "action": "changed", "columns": ["lead_time_days"]}
    assert Item.objects.get(code="NEW").lead_time_days == 3


def test_refusals_name_sheet_row_and_column(planner):
    content = as_csv(["code", "kind", "lead_time_days"], ["NEW", "bought", "x"], ["", "buy", "1"])

    problem = refused(send(planner, "items", content), 400, "invalid_table")

    assert fields_of(problem) == ["/items/2/kind", "/items/2/lead_time_days", "/items/3/code"]
    assert "expected a whole number of days" in problem["errors"][1]["detail"]


def test_what_is_no_table_is_refused(planner):
    refused(planner.post("/imports/items/", {"file": "x"}), 415)
    assert fields_of(refused(planner.post("/imports/items/"), 400)) == ["/file"]
    refused(send(planner, "ghosts", b"x"), 404, "unknown_table")
    assert fields_of(refused(send(planner, "items", b"code", query="?dry_run=maybe"), 400)) == ["?dry_run"]
    assert fields_of(refused(send(planner, "items", b"code", query="?replace=true"), 400)) == ["?replace"]
    refused(send(planner, "items", b"x" * 5_000_001), 413)


def test_who_may_import_what():
    content = as_csv(["code", "kind"], ["NEW", "buy"])
    refused(send(Api("reader"), "items", content), 403)
    refused(send(Api("sales"), "items", content), 403, "table_not_allowed")
    assert send(Api("sales"), "customers", as_csv(["code"], ["NEW"])).status_code == 200


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_a_table_goes_out_and_comes_back_unchanged(planner, file_format):
    taken = planner.get(f"/exports/items/?format={file_format}")

    assert taken.status_code == 200
    assert taken["Content-Disposition"] == f'attachment; filename="items.{file_format}"'
    answer = send(planner, "items", taken.content, f"items.{file_format}").json()
    assert (answer["added"], answer["changed"], answer["unchanged"]) == (0, 0, Item.objects.count())


def test_a_table_without_a_format_is_xlsx(planner):
    assert rows_of(planner.get("/exports/suppliers/").content)[0] == ["code", "name"]


def test_an_export_that_cannot_be_is_refused(planner):
    assert fields_of(refused(planner.get("/exports/items/?format=pdf"), 400)) == ["?format"]
    assert fields_of(refused(planner.get("/exports/items/?as=csv"), 400)) == ["?as"]
    refused(planner.get("/exports/ghosts/"), 404, "unknown_table")


def test_who_may_take_away_what():
    assert Api("reader").get("/exports/items/").status_code == 200
    assert Api("sales").get("/exports/customers/").status_code == 200
    refused(Api("sales").get("/exports/items/"), 403, "table_not_allowed")
    refused(Api("hr").get("/exports/customers/"), 403, "table_not_allowed")
    assert Api("hr").get("/exports/hiring_decisions/").status_code == 200
