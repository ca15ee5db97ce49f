"""Tables in and out: what was exported imports as nothing changed, an edit does what it says and no more."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import (
    BillOfMaterials,
    BomLine,
    ByProduct,
    Item,
    ItemSource,
    PurchaseOrderLine,
    StockMovement,
    Supplier,
)
from inventory.services import revise_bom
from orders.models import Customer, SalesOrder
from orders.services import cancel_order
from planning.errors import InvalidTable, NoFactory, TableNotAllowed, UnknownTable
from planning.models import Absence, Downtime, FirmOrder, HiringDecision, Operation, PinnedOperation
from planning.services.exchange import export_factory, import_factory
from planning.services.tables import KINDS, export_table, template
from tests import builders
from tests.engine.builders import FACTORY
from tests.planning.tables import as_csv, as_xlsx, bring, counts, edited, refusals, rows_of
from tests.rest import make_user

pytestmark = pytest.mark.django_db

BALQON = Path(settings.BASE_DIR, "data", "balqon.json")
EVENTS = {"downtimes", "absences", "pinned_operations", "hiring_decisions"}
EVERY_KEY = Path(__file__).with_name("every_key.json")


def store(document):
    import_factory(document=builders.as_json(document), now=builders.NOW)


@pytest.fixture
def works():
    """A small factory with a row of everything that a table may hold."""
    items = [
        {"code": "DRIVE", "kind": "make", "price": 1000},
        {"code": "MOTOR", "kind": "buy", "unit_cost": 20, "lead_time_days": 7},
        {"code": "MOTOR-B", "kind": "buy", "unit_cost": 25, "lead_time_days": 9},
    ]
    store(
        builders.factory_document(
            items=items,
            bom=[
                {
                    "parent": "DRIVE",
                    "component": "MOTOR",
                    "qty": 2,
                    "scrap": 0.05,
                    "substitutes": [{"item": "MOTOR-B", "qty": 2, "priority": 3}],
                }
            ],
            suppliers=[{"code": "ACME", "name": "Acme"}],
            sources=[
                {
                    "item": "MOTOR",
                    "supplier": "ACME",
                    "lead_time_days": 7,
                    "price_breaks": [{"from_qty": 10, "unit_cost": 19.5}, {"from_qty": 100, "unit_cost": 18}],
                }
            ],
            by_products=[{"parent": "DRIVE", "item": "MOTOR-B", "qty": 0.25, "from": "2011-04-01"}],
            firm_orders=[
                {
                    "ref": "FO-1",
                    "item": "MOTOR",
                    "kind": "buy",
                    "qty": 20,
                    "due": "2011-05-02",
                    "supplier": "ACME",
                }
            ],
            downtimes=[
                {"work_centre": "BENCH", "from": "2011-05-02T08:00Z", "to": "2011-05-03T08:00Z"},
            ],
            absences=[{"skill": "ASM", "heads": 1, "from": "2011-05-02", "to": "2011-05-16", "name": "Ann"}],
            hiring_decisions=[{"skill": "ASM", "month": "2011-06", "heads": 2, "verdict": "approved"}],
            work_orders=[{"ref": "WO-1", "item": "DRIVE", "qty": 1, "due": "2011-05-02"}],
            pinned_operations=[{"order": "WO-1", "seq": 10, "start": "2011-05-02T08:00Z"}],
            stock=[{"item": "MOTOR", "qty": 10}, {"item": "MOTOR", "qty": 4, "lot": "L-1"}],
            purchase_orders=[
                {"ref": "PO-1", "supplier": "ACME", "item": "MOTOR", "qty": 5, "due": "2011-04-01"},
                {
                    "ref": "PO-2",
                    "supplier": "ACME",
                    "item": "MOTOR",
                    "qty": 5,
                    "received_qty": 5,
                    "due": "2011-03-15",
                },
            ],
            sales_orders=[
                {
                    "ref": "SO-1",
                    "customer": "ACME",
                    "lines": [
                        {"line": 1, "item": "DRIVE", "qty": 5, "due": "2011-07-01"},
                        {
                            "line": 2,
                            "item": "DRIVE",
                            "qty": 6,
                            "instalments": [
                                {"due": "2011-08-01", "qty": 2, "shipped_qty": 1},
                                {"due": "2011-09-01", "qty": 4},
                            ],
                        },
                    ],
                }
            ],
        )
    )


def column(header, name):
    return header.index(name)


def setting(row, **values):
    """An edit that sets cells of one row."""

    def edit(header, rows):
        for name, value in values.items():
            rows[row][column(header, name)] = value

    return edit


# --- Round trips -------------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
@pytest.mark.parametrize(
    ("document", "without"),
    [
        (BALQON, {"by_products", "firm_orders", *EVENTS}),
        (EVERY_KEY, set()),
    ],
    ids=["balqon", "every_key"],
)
def test_what_was_exported_imports_as_nothing_changed(document, without, file_format):
    import_factory(document=document.read_bytes(), now=builders.NOW)
    before = export_factory()
    history = {model: model.history.count() for model in (Item, BomLine, SalesOrder, Operation)}
    for kind in KINDS.keys() - without:
        preview = bring(kind, export_table(kind=kind, file_format=file_format))
        assert (preview.added, preview.changed) == (0, 0), (kind, preview.rows[:3])
        assert preview.unchanged > 0
    assert export_factory() == before
    assert {model: model.history.count() for model in history} == history


def test_an_edit_in_every_kind_changes_that_row_and_no_other(works):
    edits = {
        "items": setting(1, lead_time_days=9),
        "suppliers": setting(0, name="Acme Inc."),
        "sources": setting(0, price_breaks="10 = 19; 100 = 17.25"),
        "bom": setting(0, qty=3, substitutes="MOTOR-B = 3 @ 1"),
        "by_products": setting(0, qty=0.5, to=dt.date(2011, 10, 1)),
        "routings": setting(0, run_h=1.5),
        "stock": setting(0, qty=12),
        "purchase_orders": setting(0, due=dt.date(2011, 4, 8)),
        "firm_orders": setting(0, qty=24, release=dt.date(2011, 4, 11)),
        "downtimes": setting(0, to="2011-05-03T14:00+02:00"),
        "absences": setting(0, heads=1.5),
        "pinned_operations": setting(0, station=1),
        "hiring_decisions": setting(0, heads=3, verdict="locked", name="Board"),
        "customers": setting(0, priority=1),
        "sales_orders": setting(1, due=dt.date(2011, 8, 15)),
    }
    assert edits.keys() == KINDS.keys()
    for kind, edit in edits.items():
        preview = bring(kind, edited(kind, edit))
        assert (preview.added, preview.changed) == (0, 1), kind
        again = bring(kind, export_table(kind=kind, file_format="xlsx"))
        assert (again.added, again.changed) == (0, 0), kind
    assert Item.objects.get(code="MOTOR").lead_time_days == 9
    assert Supplier.objects.get().name == "Acme Inc."
    breaks = ItemSource.objects.get().price_breaks.order_by("from_qty").values_list("unit_cost", flat=True)
    assert list(breaks) == [Decimal(19), Decimal("17.25")]
    line = BomLine.objects.get()
    assert (line.qty, line.substitutes.get().qty, line.substitutes.get().priority) == (3, 3, 1)
    left = ByProduct.objects.get()
    assert (left.qty, left.effective_from, left.effective_to) == (
        Decimal("0.5"),
        dt.date(2011, 4, 1),
        dt.date(2011, 10, 1),
    )
    firm = FirmOrder.objects.get()
    assert (firm.qty, firm.release, firm.supplier.code) == (24, dt.date(2011, 4, 11), "ACME")
    assert Downtime.objects.get().down_to == dt.datetime(2011, 5, 3, 12, tzinfo=dt.UTC)
    assert Absence.objects.get().heads == Decimal("1.5")
    assert PinnedOperation.objects.get().station == 1
    decision = HiringDecision.objects.get()
    assert (decision.heads, decision.verdict, decision.note) == (3, "locked", "Board")
    assert Operation.objects.get().run_h == Decimal("1.5")
    assert PurchaseOrderLine.objects.get(ref="PO-1").due == dt.date(2011, 4, 8)
    assert Customer.objects.get().priority == 1
    parts = SalesOrder.objects.get().lines.get(line=2).instalments.order_by("due")
    assert [(part.due.isoformat(), part.shipped_qty) for part in parts] == [
        ("2011-08-15", 1),
        ("2011-09-01", 0),
    ]


def test_milestones_are_one_cell_of_their_order(works):
    text = '2011-04-01 = 500 @ Deposit; 2011-06-01 = 250.5 @ "Half; of the ""rest"""; 2011-06-01 = 10'
    preview = bring(
        "sales_orders",
        edited(
            "sales_orders",
            lambda header, rows: [row.__setitem__(column(header, "milestones"), text) for row in rows],
        ),
    )

    assert preview.changed == 3
    order = SalesOrder.objects.get()
    found = order.milestones.order_by("date", "-amount").values_list("date", "amount", "name")
    assert list(found) == [
        (dt.date(2011, 4, 1), 500, "Deposit"),
        (dt.date(2011, 6, 1), Decimal("250.5"), 'Half; of the "rest"'),
        (dt.date(2011, 6, 1), 10, ""),
    ]
    assert bring("sales_orders", export_table(kind="sales_orders", file_format="csv")).changed == 0


@pytest.mark.parametrize("text", ["500", "2011-04-31 = 5", '2011-04-01 = 5 @ "Half; open', "2011-04-01 = x"])
def test_milestones_that_cannot_be_read_are_refused(works, text):
    with pytest.raises(InvalidTable) as refused:
        bring("sales_orders", edited("sales_orders", setting(0, milestones=text)))

    assert refused.value.issues[0].column == "milestones"


@pytest.mark.parametrize(
    ("cell", "month"), [(dt.date(2011, 7, 1), "2011-07"), ("2011-08", "2011-08"), (dt.date(2011, 7, 2), None)]
)
def test_a_month_is_text_or_the_first_day_that_a_spreadsheet_makes_of_it(works, cell, month):
    table = edited("hiring_decisions", setting(0, month=cell))
    if month is None:
        with pytest.raises(InvalidTable, match="YYYY-MM"):
            bring("hiring_decisions", table)
    else:
        bring("hiring_decisions", table)
    assert HiringDecision.objects.filter(month="2011-06").exists()
    assert HiringDecision.objects.exclude(month="2011-06").exists() == bool(month)


def test_a_dry_run_says_the_same_and_changes_nothing(works):
    before = export_factory()
    file = edited("items", setting(1, lead_time_days=9, name="Motor, 4 kW"))

    preview = bring("items", file, dry_run=True)

    assert preview.dry_run
    assert counts(preview) == (0, 1, 2)
    (row,) = [row for row in preview.rows if row.action == "changed"]
    assert (row.row, row.key) == (3, "MOTOR")
    assert row.fields == (("name", "", "Motor, 4 kW"), ("lead_time_days", 7, 9))
    assert export_factory() == before


def test_the_same_file_twice_is_nothing_the_second_time(works):
    file = as_csv(["code", "kind"], ["NEW-1", "buy"], ["NEW-2", "make"])

    assert counts(bring("items", file)) == (2, 0, 0)
    assert counts(bring("items", file)) == (0, 0, 2)


def test_a_column_that_is_not_there_is_left_as_it_is_and_an_empty_cell_means_the_default(works):
    bring("items", as_csv(["code", "kind", "lead_time_days"], ["MOTOR", "buy", ""]))

    motor = Item.objects.get(code="MOTOR")
    assert (motor.lead_time_days, motor.unit_cost) == (0, 20)


def test_rows_that_a_table_does_not_name_stay(works):
    bring("items", as_csv(["code", "kind"], ["MOTOR", "buy"]))
    bring("routings", as_csv(["item", "seq", "work_centre"], ["DRIVE", 20, "BENCH"]))

    assert Item.objects.count() == 3
    assert list(Operation.objects.order_by("seq").values_list("seq", flat=True)) == [10, 20]


def test_history_names_who_imported_and_why(works):
    user = make_user("planner")
    bring("items", edited("items", setting(1, lead_time_days=9)), by=user)

    record = Item.objects.get(code="MOTOR").history.latest()
    assert (record.history_user, record.history_change_reason) == (user, "import_table")


def test_purchase_orders_are_exported_as_far_as_they_are_open(works):
    header, *rows = rows_of(export_table(kind="purchase_orders", file_format="xlsx"))
    assert [row[column(header, "ref")] for row in rows] == ["PO-1"]


def test_a_template_has_the_columns_and_says_what_they_hold(works):
    for kind in KINDS.values():
        assert rows_of(template(kind=kind.name, file_format="xlsx")) == [
            [column.name for column in kind.columns]
        ]
        assert template(kind=kind.name, file_format="csv").decode("utf-8-sig").count("\n") == 1


def test_a_kind_that_is_none_is_refused_with_those_there_are(works):
    with pytest.raises(UnknownTable, match="There is no table nonsense; there are items, suppliers"):
        bring("nonsense", b"")


def test_without_a_factory_there_is_nothing_to_import_into():
    with pytest.raises(NoFactory):
        bring("items", as_csv(["code", "kind"], ["A", "buy"]))


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        ("items", {"planner"}),
        ("stock", {"planner", "production"}),
        ("purchase_orders", {"planner", "production"}),
        ("sales_orders", {"sales"}),
        ("customers", {"sales"}),
    ],
)
def test_a_table_is_imported_by_whoever_may_edit_its_rows(works, kind, roles):
    file = export_table(kind=kind, file_format="csv")
    for role in ("sales", "planner", "production", "hr", "reader"):
        user = make_user(role, name=f"{role}-{kind}")
        if role in roles:
            assert bring(kind, file, by=user).changed == 0
        else:
            with pytest.raises(TableNotAllowed):
                bring(kind, file, by=user)
    assert bring(kind, file, by=User.objects.create_superuser("root")).changed == 0


# --- Stock -------------------------------------------------------------------------------------------


def test_a_count_moves_the_ledger_by_the_difference(works):
    user = make_user("production")
    file = as_csv(["item", "qty", "lot"], ["MOTOR", "7", ""], ["MOTOR", "4", "L-1"], ["MOTOR-B", "2.5", ""])

    preview = bring("stock", file, by=user)

    assert [row.action for row in preview.rows] == ["changed", "unchanged", "added"]
    moved = StockMovement.objects.filter(reference="import_table").order_by("pk")
    assert [(row.item.code, row.qty, row.kind, row.by) for row in moved.select_related("item", "by")] == [
        ("MOTOR", Decimal(-3), "adjustment", user),
        ("MOTOR-B", Decimal("2.5"), "adjustment", user),
    ]


def test_a_place_that_was_counted_empty_is_empty(works):
    bring("stock", as_csv(["item", "qty"], ["MOTOR", "0"]))
    header, *rows = rows_of(export_table(kind="stock", file_format="xlsx"))
    assert [(row[column(header, "item")], row[column(header, "lot")]) for row in rows] == [("MOTOR", "L-1")]


# --- Bills of materials ------------------------------------------------------------------------------

BOM = ["parent", "revision", "component", "qty", "from", "to", "revision_from", "revision_to"]


def test_a_new_revision_comes_in_as_a_table_and_ends_the_old_one(works):
    file = as_csv(
        BOM,
        ["DRIVE", "1", "MOTOR", "2", "", "", "", "2011-06-01"],
        ["DRIVE", "B", "MOTOR", "1", "", "", "2011-06-01", ""],
        ["DRIVE", "B", "MOTOR-B", "1", "", "", "2011-06-01", ""],
    )

    assert counts(bring("bom", file)) == (2, 1, 0)

    first, second = BillOfMaterials.objects.order_by("pk")
    assert (first.revision, first.effective_to) == ("1", dt.date(2011, 6, 1))
    assert (second.revision, second.effective_from) == ("B", dt.date(2011, 6, 1))
    assert second.lines.count() == 2
    assert counts(bring("bom", file)) == (0, 0, 3)


def test_revisions_survive_the_round_trip(works):
    revise_bom(item_id=Item.objects.get(code="DRIVE").pk, revision="2", effective_from=dt.date(2011, 6, 1))
    before = list(BomLine.objects.order_by("pk").values())
    for file_format in ("xlsx", "csv"):
        assert counts(bring("bom", export_table(kind="bom", file_format=file_format))) == (0, 0, 2)
    assert list(BomLine.objects.order_by("pk").values()) == before
    assert BillOfMaterials.objects.count() == 2


def test_an_empty_revision_is_the_only_one_and_must_be_said_where_there_are_two(works):
    row = as_csv(["parent", "component", "qty"], ["DRIVE", "MOTOR", "4"])
    assert counts(bring("bom", row)) == (0, 1, 0)
    revise_bom(item_id=Item.objects.get(code="DRIVE").pk, revision="2", effective_from=dt.date(2011, 6, 1))

    (issue,) = refusals("bom", row)
    assert issue[:2] == (2, "revision")
    assert "1, 2" in issue[2]


def test_rows_of_a_revision_must_agree_on_its_days(works):
    file = as_csv(
        BOM,
        ["DRIVE", "B", "MOTOR", "1", "", "", "2011-06-01", ""],
        ["DRIVE", "B", "MOTOR-B", "1", "", "", "2011-07-01", ""],
        ["DRIVE", "1", "MOTOR", "1", "", "", "", "2011-06-01"],
    )
    assert [issue[:2] for issue in refusals("bom", file)] == [(3, "revision_from")]


def test_a_line_that_would_never_count_is_refused(works):
    file = as_csv(
        BOM,
        ["DRIVE", "1", "MOTOR", "2", "", "", "", "2011-06-01"],
        ["DRIVE", "1", "MOTOR-B", "2", "2011-07-01", "", "", "2011-06-01"],
        ["DRIVE", "2", "MOTOR-B", "2", "2011-07-02", "2011-07-01", "2011-06-01", ""],
    )
    assert [(row, name) for row, name, _ in refusals("bom", file)] == [(3, "from"), (4, "to")]


def test_a_cycle_is_refused_with_its_row(works):
    bring("items", as_csv(["code", "kind"], ["FRAME", "make"]))
    file = as_csv(["parent", "component", "qty"], ["DRIVE", "FRAME", "1"], ["FRAME", "DRIVE", "1"])
    (issue,) = refusals("bom", file)
    assert issue[0] in {2, 3}
    assert "must not contain itself" in issue[2]
    assert not BomLine.objects.filter(component__code="FRAME").exists()


# --- Sales orders ------------------------------------------------------------------------------------

ORDERS = ["ref", "customer", "line", "item", "qty", "due", "shipped_qty"]


def test_rows_of_one_line_are_its_instalments(works):
    file = as_csv(
        ORDERS,
        ["SO-9", "ACME", "1", "DRIVE", "2", "2011-10-01", ""],
        ["SO-9", "ACME", "1", "DRIVE", "3", "2011-11-01", ""],
        ["SO-9", "ACME", "2", "DRIVE", "1", "2011-10-01", ""],
    )

    assert counts(bring("sales_orders", file)) == (3, 0, 0)

    first, second = SalesOrder.objects.get(ref="SO-9").lines.order_by("line")
    assert (first.qty, first.has_instalments, first.instalments.count()) == (5, True, 2)
    assert (second.qty, second.has_instalments, second.instalments.count()) == (1, False, 1)
    assert counts(bring("sales_orders", file)) == (0, 0, 3)


def test_lines_that_a_table_does_not_name_stay_and_instalments_are_those_of_the_table(works):
    file = as_csv(ORDERS, ["SO-1", "ACME", "2", "DRIVE", "9", "2011-08-01", "1"])

    assert counts(bring("sales_orders", file)) == (0, 1, 0)

    order = SalesOrder.objects.get(ref="SO-1")
    assert [(line.line, line.qty, line.instalments.count()) for line in order.lines.order_by("line")] == [
        (1, 5, 1),
        (2, 9, 1),
    ]


def test_rows_of_one_order_must_agree(works):
    Customer.objects.create(code="OTHER")
    file = as_csv(
        ORDERS,
        ["SO-9", "ACME", "1", "DRIVE", "2", "2011-10-01", ""],
        ["SO-9", "OTHER", "1", "MOTOR", "3", "2011-11-01", ""],
    )
    assert [issue[:2] for issue in refusals("sales_orders", file)] == [(3, "customer"), (3, "item")]


def test_what_has_shipped_is_not_forgotten_by_leaving_out_its_column(works):
    file = as_csv(ORDERS[:-1], ["SO-1", "ACME", "2", "DRIVE", "9", "2011-08-01"])
    (issue,) = refusals("sales_orders", file)
    assert issue[:2] == (2, "shipped_qty")
    assert "1 of the line have shipped" in issue[2]


def test_a_cancelled_order_is_not_brought_back_by_a_table(works):
    cancel_order(ref="SO-1", reason="lost", now=builders.NOW)
    file = as_csv(ORDERS, ["SO-1", "ACME", "1", "DRIVE", "9", "2011-08-01", ""])
    (issue,) = refusals("sales_orders", file)
    assert "cancelled" in issue[2]


# --- As a whole --------------------------------------------------------------------------------------


def test_queries_do_not_grow_with_the_rows(works):
    def queries(rows):
        names = [[f"N-{len(rows)}-{number}", "buy"] for number in rows]
        with CaptureQueriesContext(connection) as asked:
            bring("items", as_csv(["code", "kind"], *names))
        return len(asked)

    # SQLite takes 999 values in one statement, which 40 versions of an item exceed: they are a second batch
    assert queries(range(3)) == queries(range(30))


def test_all_or_nothing(works):
    file = as_csv(["code", "kind", "lead_time_days"], ["NEW", "buy", "3"], ["MOTOR", "buy", "-1"])
    with pytest.raises(InvalidTable, match=r'Sheet items, row 3, column lead_time_days, value "-1"'):
        bring("items", file)
    assert not Item.objects.filter(code="NEW").exists()


def test_the_tiny_factory_of_the_engine_goes_round_as_well():
    store(FACTORY)
    for kind in KINDS.keys() & FACTORY.keys():
        preview = bring(kind, export_table(kind=kind, file_format="xlsx"))
        assert (preview.added, preview.changed) == (0, 0), kind


def test_a_workbook_with_other_sheets_is_read_by_the_name_of_the_kind(works):
    def change(sheet):
        other = sheet.parent.create_sheet("notes")
        other.append(["whatever"])

    file = as_xlsx(["code", "kind"], ["NEW", "buy"], title="items", change=change)
    assert counts(bring("items", file)) == (1, 0, 0)
