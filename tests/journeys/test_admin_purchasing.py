"""A buyer's and a storekeeper's day in the admin: from a proposal to the shelf, and counting it."""

import datetime as dt
from decimal import Decimal

import pytest
import tablib
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import CycleCount, PurchaseOrder, PurchaseOrderLine, StockMovement
from inventory.selectors import get_balance
from inventory.services import (
    NewPurchaseLine,
    open_count,
    place_purchase_order,
    receive_stock,
    start_count,
)
from planning.models import FirmOrder, PlannedOrder
from planning.services.firming import firm_planned_orders
from tests import builders
from tests.builders import NOW, TODAY
from tests.journeys.admin import fields_of, sign_in, text_of

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2011, 3, 7)
ORDERS = "/admin/inventory/purchaseorder/"
LEDGER = "/admin/inventory/stockmovement/"
COUNTS = "/admin/inventory/cyclecount/"


@pytest.fixture
def run():
    """Motors of two weeks from ACME, and a spring that nobody sells."""
    builders.make_settings()
    motor = builders.make_item("MOTOR", kind="buy", name="Motor")
    builders.make_source(item=motor, supplier=builders.make_supplier("ACME", name="Acme Inc."), unit_cost=5)
    builders.make_item("SPRING", kind="buy")
    row = builders.make_run(status="published")
    for number, day in enumerate((0, 2, 7), start=1):
        release = MONDAY + dt.timedelta(days=day)
        propose(row, f"B{number}", "MOTOR", "ACME", release)
    propose(row, "B4", "SPRING", None, MONDAY)
    return row


def propose(run, order, item, supplier, release):
    PlannedOrder.objects.create(
        run=run, order=order, item=item, kind="buy", qty=10, release=release, due=release, supplier=supplier
    )


def proposals(run, query=""):
    return f"/admin/planning/planrun/{run.pk}/purchase-proposals/{query}"


def purchase(*quantities):
    item = builders.make_item("CELL", kind="buy")
    lines = [NewPurchaseLine(item_id=item.pk, qty=Decimal(qty), due=TODAY) for qty in quantities]
    return place_purchase_order(ref="PO-1", supplier_id=builders.make_supplier().pk, lines=lines, now=NOW)


# --- Proposals ---------------------------------------------------------------------------------------


def test_a_planner_orders_a_week_of_a_supplier_by_one_tick(run):
    client = sign_in("planner")
    page = client.get("/admin/planning/planrun/purchase-proposals/", follow=True)
    assert page.redirect_chain[-1][0] == proposals(run)
    text = text_of(page)
    assert "ACME · Acme Inc. · 2011-W10" in text
    assert "Nobody is known who sells SPRING" in text

    answer = client.post(proposals(run, "order/"), {"group": "2011-W10 ACME"}, follow=True)

    assert "1 purchase order was placed: PO-000001" in text_of(answer)
    assert set(PurchaseOrderLine.objects.values_list("planned_order", flat=True)) == {"B1", "B2"}


def test_a_firm_purchase_is_marked_and_ordered_as_it_was_fixed(run):
    firm_planned_orders(version=run.pk, orders=["B1"])
    client = sign_in("planner")
    page = client.get(proposals(run))
    assert "Firm as FO-000001" in page.content.decode()

    answer = client.post(proposals(run, "order/"), {"order": ["B1"]}, follow=True)

    assert "1 purchase order was placed: PO-000001" in text_of(answer)
    assert not FirmOrder.objects.exists()
    # a second planner whose page is older is told
    again = sign_in("planner", username="other").post(proposals(run, "order/"), {"order": ["B1"]})
    assert "B1 (MOTOR) was ordered already, on PO-000001." in text_of(again)


def test_a_firm_order_that_was_let_go_says_so_in_its_row(run):
    propose(run, "FO-000009", "MOTOR", "ACME", MONDAY)
    PlannedOrder.objects.filter(order="FO-000009").update(firm=True)

    page = sign_in("planner").get(proposals(run))

    assert "FO-000009 is no firm order any more. Build a new plan." in text_of(page)
    assert 'value="FO-000009"' not in page.content.decode()


def test_rows_that_another_planner_ordered_are_named(run):
    first, second = sign_in("planner"), sign_in("planner", username="other")
    first.post(proposals(run, "order/"), {"order": ["B1"]})

    answer = second.post(proposals(run, "order/"), {"order": ["B1", "B3"], "query": "supplier=ACME"})

    text = text_of(answer)
    assert "Nothing was ordered: 1 row refused" in text
    assert "B1 (MOTOR) was ordered already, on PO-000001." in text
    # what was ticked and can still be ordered stays ticked
    assert 'value="B3" aria-label="B3" checked' in answer.content.decode()
    assert PurchaseOrder.objects.count() == 1


def test_a_tick_of_a_group_orders_only_what_the_page_showed(run):
    sign_in("planner").post(
        proposals(run, "order/"), {"group": "2011-W10 ACME", "query": "within=6"}, follow=True
    )
    assert list(PurchaseOrderLine.objects.values_list("planned_order", flat=True)) == ["B1"]


def test_proposals_are_narrowed_and_taken_away(run):
    client = sign_in("reader")
    for query, expected in {
        "?within=6": {"B1", "B4"},
        "?week=2011-W11": {"B3"},
        "?supplier=ACME&week=2011-W10": {"B1", "B2"},
        "?overdue=1": set(),
        "?state=ordered": set(),
        "?within=soon&week=never": {"B1", "B2", "B3", "B4"},
    }.items():
        answer = client.get(proposals(run, f"csv/{query}"))
        rows = tablib.Dataset().load(answer.content.decode(), "csv")
        assert {row["order"] for row in rows.dict} == expected, query
        assert client.get(proposals(run, query)).status_code == 200
    row = tablib.Dataset().load(client.get(proposals(run, "xlsx/")).content, "xlsx").dict[0]
    assert (row["week"], row["qty"], row["unit_cost"], row["value"]) == ("2011-W10", 10, 5, 50)


@pytest.mark.parametrize("role", ["reader", "production"])
def test_others_read_proposals_and_order_nothing(run, role):
    client = sign_in(role)

    assert "Create purchase orders" not in text_of(client.get(proposals(run)))
    assert client.post(proposals(run, "order/"), {"order": ["B1"]}).status_code == 403
    assert client.get(proposals(run, "order/")).status_code == 405
    assert PurchaseOrder.objects.count() == 0


def test_a_replaced_plan_says_so_and_orders_nothing(run):
    builders.make_run(status="ready")
    type(run).objects.filter(pk=run.pk).update(status="archived")
    text = text_of(sign_in("planner").get(proposals(run)))
    assert "Nothing of this plan can be ordered" in text
    assert "Create purchase orders" not in text


def test_without_a_plan_there_is_nothing_to_order():
    answer = sign_in("planner").get("/admin/planning/planrun/purchase-proposals/", follow=True)
    assert "There is no plan yet" in text_of(answer)


def test_the_page_of_proposals_takes_the_same_queries_whatever_their_number(run):
    client = sign_in("planner")
    client.get(proposals(run))
    with CaptureQueriesContext(connection) as for_few:
        client.get(proposals(run))
    for number in range(40):
        source = builders.make_source()
        propose(run, f"C{number}", source.item.code, source.supplier.code, MONDAY)
    with CaptureQueriesContext(connection) as for_many:
        assert "43 lines" not in text_of(client.get(proposals(run)))
    assert len(for_many) == len(for_few)


# --- Purchase orders ---------------------------------------------------------------------------------


def test_a_storekeeper_receives_what_came_and_sees_what_is_open():
    order = purchase(10, 5)
    client = sign_in("production")
    page = f"{ORDERS}{order.pk}/receive/"
    form = fields_of(client.get(page))
    first, second = (line.pk for line in order.lines.order_by("line"))
    # the fields stand as if all had come
    assert (form[f"qty_{first}"], form[f"qty_{second}"], form[f"location_{first}"]) == ("10", "5", "MAIN")

    sent = form | {f"qty_{first}": "4", f"qty_{second}": "", f"lot_{first}": "L1", "reference": "DN-1"}
    answer = client.post(page, sent, follow=True)

    assert "A delivery of PO-1 was booked." in text_of(answer)
    assert "Partly received" in text_of(client.get(ORDERS))
    movement = StockMovement.objects.get()
    assert (movement.qty, movement.lot, movement.by.username) == (4, "L1", "production")
    assert f"qty_{second}" in fields_of(client.get(page))


def test_more_than_is_open_is_refused_in_words_and_what_was_typed_stays():
    order = purchase(10)
    client = sign_in("production")
    page = f"{ORDERS}{order.pk}/receive/"
    name = f"qty_{order.lines.get().pk}"

    answer = client.post(page, fields_of(client.get(page)) | {name: "11"})

    assert "Of PO-1, 10 are open" in text_of(answer)
    assert fields_of(answer)[name] == "11"
    assert StockMovement.objects.count() == 0


def test_a_planner_moves_a_line_and_cancels_the_rest_and_the_history_says_why():
    order = purchase(10, 5)
    client = sign_in("planner")
    first = order.lines.get(line=1)
    page = f"{ORDERS}{order.pk}/reschedule/"
    sent = fields_of(client.get(page)) | {f"due_{first.pk}": "2011-06-01", "reason": "strike"}
    assert client.post(page, sent).status_code == 302
    first.refresh_from_db()
    assert first.due == dt.date(2011, 6, 1)

    page = f"{ORDERS}{order.pk}/cancel/"
    sent = fields_of(client.get(page)) | {f"qty_{first.pk}": "3", "reason": "too late"}
    client.post(page, sent)
    first.refresh_from_db()
    assert (first.qty, first.cancelled_qty) == (7, 3)
    reasons = list(first.history.order_by("history_id").values_list("history_change_reason", flat=True))
    assert reasons[1:] == ["strike", "too late"]
    assert first.history.latest().history_user.username == "planner"

    client.post(page, {"everything": "on"})
    assert {line.cancelled_qty for line in order.lines.all()} == {10, 5}
    assert "Nothing of PO-1 is open." in text_of(client.get(page, follow=True))


@pytest.mark.parametrize(
    ("role", "act", "status"),
    [
        ("production", "receive", 200),
        ("production", "cancel", 403),
        ("production", "reschedule", 403),
        ("reader", "receive", 403),
        ("reader", "cancel", 403),
        ("planner", "cancel", 200),
    ],
)
def test_buying_is_the_planners_and_receiving_also_the_stores(role, act, status):
    order = purchase(10)
    assert sign_in(role).get(f"{ORDERS}{order.pk}/{act}/").status_code == status


def test_the_stores_change_no_order():
    order = purchase(10)
    client = sign_in("production")
    assert client.post(f"{ORDERS}{order.pk}/change/", {"ref": "PO-9"}).status_code == 403
    assert client.get(f"{ORDERS}add/").status_code == 403


def test_orders_are_narrowed_by_how_far_they_have_come():
    purchase(10)
    client = sign_in("reader")
    assert "PO-1" in text_of(client.get(f"{ORDERS}?status=open"))
    assert "PO-1" in text_of(client.get(f"{ORDERS}?status=to_come"))
    assert "PO-1 " not in text_of(client.get(f"{ORDERS}?status=received"))


# --- Stock -------------------------------------------------------------------------------------------


def test_stock_is_issued_and_carried_and_never_below_nothing():
    item = builders.make_item("CELL", kind="buy", unit_cost=3, name="Cell")
    receive_stock(item_id=item.pk, qty=Decimal(10), now=NOW)
    client = sign_in("production")
    form = fields_of(client.get(f"{LEDGER}issue/")) | {"item": item.pk, "qty": "11"}
    assert "10 pcs of CELL are at MAIN; 11 cannot be taken." in text_of(client.post(f"{LEDGER}issue/", form))

    client.post(f"{LEDGER}issue/", form | {"qty": "4"})
    carried = {"item": item.pk, "qty": "2", "location": "MAIN", "to_location": "LINE"}
    answer = client.post(f"{LEDGER}transfer/", carried, follow=True)

    assert "CELL: -2 at MAIN, +2 at LINE." in text_of(answer)
    assert get_balance(item_id=item.pk, location="MAIN", lot=None) == 4
    text = text_of(client.get(f"{LEDGER}stock/"))
    # 6 at 3 each
    assert "2 places · material worth 18" in text
    assert "1 places" in text_of(client.get(f"{LEDGER}stock/?location=LINE"))
    assert "Nothing is in stock that fits" in text_of(client.get(f"{LEDGER}stock/?q=bolt"))
    rows = tablib.Dataset().load(client.get(f"{LEDGER}stock/csv/").content.decode(), "csv").dict
    assert [(row["location"], row["qty"], row["value"]) for row in rows] == [
        ("LINE", "2", "6"),
        ("MAIN", "4", "12"),
    ]


@pytest.mark.parametrize("act", ["receive", "issue", "transfer", "count"])
def test_readers_move_nothing(act):
    assert sign_in("reader").get(f"{LEDGER}{act}/").status_code == 403


def test_stock_on_hand_takes_the_same_queries_whatever_lies_there():
    def fill(numbers):
        for number in numbers:
            item = builders.make_item(f"I{number}", kind="buy")
            receive_stock(item_id=item.pk, qty=Decimal(1), now=NOW)

    client = sign_in("reader")
    fill(range(1))
    client.get(f"{LEDGER}stock/")
    with CaptureQueriesContext(connection) as for_one:
        client.get(f"{LEDGER}stock/")
    fill(range(1, 50))
    with CaptureQueriesContext(connection) as for_fifty:
        assert "50 places" in text_of(client.get(f"{LEDGER}stock/"))
    assert len(for_fifty) == len(for_one)


# --- Cycle counts ------------------------------------------------------------------------------------


def sheet_of(*codes):
    """A sheet of items of which ten each are there, opened in the admin and started."""
    for code in codes:
        item = builders.make_item(code, kind="buy", unit_cost=2)
        receive_stock(item_id=item.pk, qty=Decimal(10), now=NOW)
    client = sign_in("production")
    form = fields_of(client.get(f"{COUNTS}new/")) | {"items": "\r\n".join(codes), "tolerance_percent": "5"}
    answer = client.post(f"{COUNTS}new/", form, follow=True)
    count = CycleCount.objects.get()
    assert f"{count.ref} was opened as a draft." in text_of(answer)
    client.post(f"{COUNTS}{count.pk}/act/start/")
    return client, count


def test_a_sheet_is_counted_in_the_grid_and_posted():
    client, count = sheet_of("CELL", "BOLT")
    page = f"{COUNTS}{count.pk}/change/"
    bolt, cell = count.lines.order_by("item__code")
    answer = client.post(
        f"{COUNTS}{count.pk}/act/record/", {f"qty_{cell.pk}": "10", f"qty_{bolt.pk}": "7"}, follow=True
    )
    assert "2 lines counted." in text_of(answer)
    # three bolts at 2 each
    assert "-6.00" in text_of(client.get(page))

    doubted = text_of(client.post(f"{COUNTS}{count.pk}/act/post/"))
    assert "1 lines need a second look" in doubted
    assert "BOLT at MAIN 7 were counted and 10 are in the books" in doubted

    answer = client.post(f"{COUNTS}{count.pk}/act/post/", {"accept_differences": "on"}, follow=True)
    assert "was posted: the ledger is what was counted." in text_of(answer)
    assert StockMovement.objects.get(kind="adjustment").qty == -3
    assert "Take down" not in text_of(client.get(page))


@pytest.mark.parametrize("typed", ["many", "1_000", "1e3", "٣", "NaN", "1,5"])
def test_what_is_no_number_is_named_and_what_was_typed_stays(typed):
    client, count = sheet_of("CELL", "BOLT")
    bolt, cell = count.lines.order_by("item__code")

    answer = client.post(f"{COUNTS}{count.pk}/act/record/", {f"qty_{cell.pk}": "10", f"qty_{bolt.pk}": typed})

    told = f"Nothing was taken down BOLT at MAIN A number like 1234.5 is expected, not {typed}."
    assert told in text_of(answer)
    assert f'name="qty_{cell.pk}" value="10"' in answer.content.decode()
    assert not count.lines.filter(counted_qty__isnull=False).exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_sheet_is_taken_away_filled_in_and_sent_back(kind):
    client, count = sheet_of("CELL", "BOLT")
    content = client.get(f"{COUNTS}{count.pk}/sheet/{kind}/").content
    table = tablib.Dataset().load(content.decode() if kind == "csv" else content, kind)
    rows = [{**row, "counted_qty": 10} for row in table.dict]
    filled = tablib.Dataset(*[list(row.values()) for row in rows], headers=table.headers).export(kind)
    upload = SimpleUploadedFile(f"sheet.{kind}", filled.encode() if kind == "csv" else filled)

    answer = client.post(f"{COUNTS}{count.pk}/act/upload/", {"file": upload}, follow=True)

    assert "2 lines counted." in text_of(answer)
    assert {line.counted_qty for line in count.lines.all()} == {10}


def test_a_bad_file_is_refused_by_its_rows():
    client, count = sheet_of("CELL")
    upload = SimpleUploadedFile("sheet.csv", b"item,counted_qty\nCELL,9\nGHOST,1\n")

    text = text_of(client.post(f"{COUNTS}{count.pk}/act/upload/", {"file": upload}))

    assert "row 3 There is no item GHOST." in text
    assert count.lines.get().counted_qty is None


def test_readers_look_at_sheets_and_touch_nothing():
    _, count = sheet_of("CELL")
    client = sign_in("reader")

    assert client.get(f"{COUNTS}{count.pk}/change/").status_code == 200
    assert client.get(f"{COUNTS}new/").status_code == 403
    for act in ("start", "record", "upload", "post", "cancel"):
        assert client.post(f"{COUNTS}{count.pk}/act/{act}/").status_code == 403
    assert client.get(f"{COUNTS}{count.pk}/act/post/").status_code == 405
    count.refresh_from_db()
    assert count.status == "counting"


def test_a_long_sheet_takes_the_queries_of_a_short_one():
    client, count = sheet_of("CELL")
    page = f"{COUNTS}{count.pk}/change/"
    client.get(page)
    with CaptureQueriesContext(connection) as for_one:
        client.get(page)
    for _ in range(30):
        count.lines.create(item=builders.make_item(), location="MAIN")
    with CaptureQueriesContext(connection) as for_many:
        client.get(page)
    assert len(for_many) == len(for_one)


# --- What nobody can have meant ----------------------------------------------------------------------


@pytest.mark.parametrize("role", ["sales", "hr"])
def test_what_things_cost_to_buy_is_not_shown_to_who_sells_or_hires(run, role):
    client = sign_in(role)

    for page in ("purchase-proposals/", "purchase-proposals/csv/", "abc/", "abc/csv/"):
        assert client.get(f"/admin/planning/planrun/{run.pk}/{page}").status_code == 403
    if role == "hr":
        shown = client.get(f"/admin/planning/planrun/{run.pk}/buy/").content.decode()
        assert "purchase-proposals/" not in shown
        assert f"/{run.pk}/abc/" not in shown


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (f"{ORDERS}abc/receive/", 404),
        (f"{ORDERS}%00/cancel/", 404),
        (f"{ORDERS}?status=%00", 200),
        (f"{LEDGER}issue/?item=abc", 200),
        (f"{LEDGER}issue/?item=%00", 200),
    ],
)
def test_an_address_that_was_typed_wrong_is_no_failure(address, status):
    assert sign_in("planner").get(address).status_code == status


@pytest.mark.parametrize("query", [f"?within={'9' * 5_000}", "?week=9999-W52", "?week=1800-W01"])
def test_a_filter_of_proposals_that_nobody_meant_shows_them_all(run, query):
    assert "ACME" in text_of(sign_in("planner").get(proposals(run, query)))


def test_a_plan_that_no_number_can_be_is_passed_over(run):
    address = f"/admin/planning/planrun/purchase-proposals/?plan={'9' * 5_000}"

    assert sign_in("planner").get(address).status_code == 302


@pytest.mark.parametrize("typed", ["sNaN", "NaN", "1e-9", "1e999999"])
def test_a_count_that_is_no_quantity_is_refused_where_it_was_typed(typed):
    cell = builders.make_item("CELL", kind="buy")
    receive_stock(item_id=cell.pk, qty=Decimal(10), now=NOW)
    count = open_count(item_ids=[cell.pk], now=NOW)
    start_count(ref=count.ref, now=NOW)
    line = count.lines.get()

    page = sign_in("planner").post(f"{COUNTS}{count.pk}/act/record/", {f"qty_{line.pk}": typed})

    assert "Nothing was taken down" in text_of(page)
    assert len(page.content) < 500_000
    line.refresh_from_db()
    assert line.counted_qty is None
