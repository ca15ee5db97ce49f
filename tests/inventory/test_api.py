"""Purchase orders, stock and cycle counts over HTTP."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from inventory.models import PurchaseOrder, PurchaseOrderLine, StockMovement, Supplier
from inventory.services import NewPurchaseLine, ordering, place_purchase_order, receive_stock
from tests.builders import NOW, TODAY, make_item, make_supplier
from tests.rest import Api, fields_of, refused

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)


@pytest.fixture
def planner():
    return Api("planner")


def place(ref, *lines, supplier="ACME"):
    """Lines as pairs of item and quantity, due one day after the other."""
    seller = Supplier.objects.filter(code=supplier).first() or make_supplier(supplier)
    rows = [
        NewPurchaseLine(item_id=item.pk, qty=Decimal(qty), due=TODAY + number * DAY, unit_cost=Decimal(2))
        for number, (item, qty) in enumerate(lines)
    ]
    return place_purchase_order(ref=ref, supplier_id=seller.pk, lines=rows, now=NOW)


def refs(response):
    assert response.status_code == 200, response.content[:300]
    return [row["ref"] for row in response.json()["results"]]


# --- Purchase orders ---------------------------------------------------------------------------------


def test_a_purchase_order_is_read_with_what_is_open(planner):
    place("PO/1", (make_item("CELL", kind="buy"), 10))
    planner.post("/purchase-orders/PO/1/receive/", {"lines": [{"ref": "PO/1", "qty": 4}]})
    planner.post("/purchase-orders/PO/1/cancel/", {"lines": [{"ref": "PO/1", "qty": 1}]})

    order = planner.get("/purchase-orders/PO/1/").json()

    assert (order["supplier"], order["status"]) == ("ACME", "partly_received")
    assert order["lines"] == [
        {
            "ref": "PO/1",
            "line": 1,
            "item": "CELL",
            "qty": 9,
            "received_qty": 4,
            "cancelled_qty": 1,
            "open_qty": 5,
            "due": "2011-03-01",
            "status": "partly_received",
            "unit_cost": 2,
            "plan_version": None,
            "planned_order": None,
        }
    ]


def test_purchase_orders_are_narrowed(planner):
    cell, bolt = make_item("CELL", kind="buy"), make_item("BOLT", kind="buy")
    place("PO-1", (cell, 10), (bolt, 5))
    place("PO-2", (bolt, 5), supplier="BOLTS")
    planner.post("/purchase-orders/PO-1/receive/", {"lines": [{"ref": "PO-1"}]})

    for query, expected in {
        "": ["PO-2", "PO-1"],
        "?supplier=ACME": ["PO-1"],
        "?item=BOLT": ["PO-2", "PO-1"],
        "?item=CELL": ["PO-1"],
        "?open=true": ["PO-2", "PO-1"],
        "?open=false": [],
        "?status=open": ["PO-2"],
        "?status=partly_received": ["PO-1"],
        # the first line has come, the second is due on the 2nd
        "?due_before=2011-03-02": ["PO-2"],
        "?due_before=2011-03-03": ["PO-2", "PO-1"],
        "?plan=7": [],
    }.items():
        assert refs(planner.get(f"/purchase-orders/{query}")) == expected, query


@pytest.mark.parametrize(
    "query", ["open=1", "due_before=tomorrow", "status=lost", "plan=x", "plan=1_0", "colour=red"]
)
def test_a_filter_that_says_nothing_is_refused(planner, query):
    refused(planner.get(f"/purchase-orders/?{query}"), 400, "validation_error")


def test_a_list_of_orders_takes_the_queries_of_one(planner):
    place("PO-0", (make_item(kind="buy"), 1))
    planner.get("/purchase-orders/")
    with CaptureQueriesContext(connection) as for_one:
        planner.get("/purchase-orders/")
    for number in range(1, 20):
        place(f"PO-{number}", (make_item(kind="buy"), 1), supplier=f"S{number}")
    with CaptureQueriesContext(connection) as for_twenty:
        assert len(refs(planner.get("/purchase-orders/"))) == 20
    assert len(for_twenty) == len(for_one)


def test_a_delivery_is_received_once_however_often_it_is_sent(planner):
    place("PO-1", (make_item("CELL", kind="buy"), 10))
    body = {
        "reference": "DN-1",
        "lines": [{"ref": "PO-1", "qty": 4.5, "location": "A-1", "lot": "L1"}],
    }

    first = planner.post("/purchase-orders/PO-1/receive/", body)
    second = planner.post("/purchase-orders/PO-1/receive/", body)

    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert first.json()["lines"] == [
        {"ref": "PO-1", "item": "CELL", "qty": 4.5, "location": "A-1", "lot": "L1"}
    ]
    assert PurchaseOrderLine.objects.get().received_qty == Decimal("4.5")
    other = {"reference": "DN-1", "lines": [{"ref": "PO-1", "qty": 1}]}
    refused(planner.post("/purchase-orders/PO-1/receive/", other), 409, "reference_taken")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"lines": [{"ref": "PO-1", "qty": 11}]}, 409, "over_receipt"),
        ({"lines": [{"ref": "PO-9"}]}, 404, "purchase_order_not_found"),
        ({"lines": []}, 400, "validation_error"),
        ({}, 400, "validation_error"),
        ({"lines": [{"ref": "PO-1", "qty": 0}]}, 400, "validation_error"),
        ({"lines": [{"ref": "PO-1", "qty": "4"}]}, 400, "validation_error"),
        ({"lines": [{"ref": "PO-1", "qty": 1e18}]}, 400, "validation_error"),
        ({"lines": [{"ref": "PO-1", "qty": 1e-9}]}, 400, "validation_error"),
        ({"lines": [{"ref": "PO-1", "location": ""}]}, 400, "validation_error"),
        ({"lines": [{"ref": "PO-1", "lot": " L1"}]}, 400, "validation_error"),
        ({"lines": [{"ref": "PO-1", "colour": 1}]}, 400, "validation_error"),
        ({"reference": "", "lines": [{"ref": "PO-1"}]}, 400, "validation_error"),
    ],
)
def test_a_delivery_that_cannot_be_is_refused(planner, body, status, code):
    place("PO-1", (make_item(kind="buy"), 10))

    refused(planner.post("/purchase-orders/PO-1/receive/", body), status, code)
    assert StockMovement.objects.count() == 0


@pytest.mark.parametrize(
    ("act", "more"), [("cancel", {"qty": 1}), ("cancel", {}), ("reschedule", {"due": "2011-06-01"})]
)
def test_a_line_that_is_named_twice_is_refused(planner, act, more):
    place("PO-1", (make_item("CELL", kind="buy"), 10))
    row = {"ref": "PO-1"} | more

    answer = planner.post(f"/purchase-orders/PO-1/{act}/", {"lines": [row, row]})

    refused(answer, 400, "validation_error")
    assert "PO-1 is named twice" in answer.json()["detail"]
    assert PurchaseOrderLine.objects.get().cancelled_qty == 0


@pytest.mark.parametrize("role", ["sales", "hr"])
@pytest.mark.parametrize(
    "address",
    [
        "/purchase-orders/",
        "/purchase-orders/PO-1/",
        "/stock/",
        "/stock/movements/",
        "/cycle-counts/",
        "/cycle-counts/CC-000001/",
        "/cycle-counts/CC-000001/lines/",
        "/plans/1/purchase-proposals/",
        "/plans/1/abc/",
    ],
)
def test_what_things_cost_to_buy_is_not_for_who_sells_or_hires(role, address):
    refused(Api(role).get(address), 403, "permission_denied")


def test_an_order_is_moved_and_cancelled(planner):
    place("PO-1", (make_item(kind="buy"), 10), (make_item(kind="buy"), 5))

    moved = planner.post("/purchase-orders/PO-1/reschedule/", {"due": "2011-06-01", "reason": "strike"})
    assert [line["due"] for line in moved.json()["lines"]] == ["2011-06-01"] * 2
    one = {"lines": [{"ref": "PO-1/2", "due": "2011-07-01"}]}
    moved = planner.post("/purchase-orders/PO-1/reschedule/", one)
    assert [line["due"] for line in moved.json()["lines"]] == ["2011-06-01", "2011-07-01"]

    cancelled = planner.post("/purchase-orders/PO-1/cancel/", {"reason": "no longer needed"})
    assert cancelled.json()["status"] == "cancelled"
    refused(planner.post("/purchase-orders/PO-1/cancel/"), 409, "nothing_open")
    refused(planner.post("/purchase-orders/PO-1/reschedule/", {"due": "2011-08-01"}), 409, "nothing_open")
    assert PurchaseOrderLine.objects.get(ref="PO-1").history.latest().history_user.username == "planner"


@pytest.mark.parametrize(
    "body", [{}, {"due": "2011-02-30"}, {"due": "2011-06-01", "lines": []}, {"lines": []}]
)
def test_a_day_has_to_be_said_and_to_be_one(planner, body):
    place("PO-1", (make_item(kind="buy"), 10))
    refused(planner.post("/purchase-orders/PO-1/reschedule/", body), 400, "validation_error")


# --- Stock -------------------------------------------------------------------------------------------


def test_stock_is_moved_and_read_by_place(planner):
    make_item("CELL", kind="buy", unit_cost=Decimal("2.5"), name="Cell")
    make_item("BOLT", kind="buy")
    lines = [{"item": "CELL", "qty": 10, "lot": "L1"}, {"item": "BOLT", "qty": 5}]
    assert planner.post("/stock/receipts/", {"lines": lines, "reference": "DN-1"}).status_code == 201
    planner.post("/stock/issues/", {"lines": [{"item": "BOLT", "qty": 5}], "reference": "WO-1"})
    carried = {"item": "CELL", "qty": 4, "lot": "L1", "to_location": "LINE"}
    assert len(planner.post("/stock/transfers/", {"lines": [carried]}).json()) == 2
    found = {"item": "CELL", "qty": 3, "lot": "L1", "location": "LINE"}
    assert planner.post("/stock/adjustments/", {"lines": [found]}).json()[0]["qty"] == -1

    stock = planner.get("/stock/").json()["results"]

    assert [(row["item"], row["location"], row["lot"], row["qty"], row["value"]) for row in stock] == [
        ("CELL", "LINE", "L1", 3, 7.5),
        ("CELL", "MAIN", "L1", 6, 15),
    ]
    assert planner.get("/stock/?location=LINE").json()["count"] == 1
    assert planner.get("/stock/?item=BOLT").json()["count"] == 0
    issues = planner.get("/stock/movements/?kind=issue").json()["results"]
    assert [(row["item"], row["qty"], row["reference"], row["by"]) for row in issues] == [
        ("BOLT", -5, "WO-1", "planner")
    ]
    assert planner.get("/stock/movements/?item=CELL").json()["count"] == 4


def test_no_more_leaves_than_lies_there_and_then_nothing_leaves(planner):
    make_item("CELL", kind="buy")
    receive_stock(item_id=make_item("BOLT", kind="buy").pk, qty=Decimal(5), now=NOW)

    lines = [{"item": "BOLT", "qty": 5}, {"item": "CELL", "qty": 1}]
    problem = refused(planner.post("/stock/issues/", {"lines": lines}), 409, "stock_negative")

    assert fields_of(problem) == ["/lines/1"]
    assert "0 pcs of CELL are at MAIN" in problem["detail"]
    assert StockMovement.objects.count() == 1


def test_an_unknown_item_is_not_found(planner):
    problem = refused(
        planner.post("/stock/issues/", {"lines": [{"item": "GHOST", "qty": 1}]}), 404, "item_not_found"
    )
    assert "GHOST" in problem["detail"]


@pytest.mark.parametrize("act", ["receipts", "issues", "transfers", "adjustments"])
@pytest.mark.parametrize("qty", [-1, True, "1", 1e18, 1e-9, None])
def test_a_quantity_that_is_none_moves_nothing(planner, act, qty):
    receive_stock(item_id=make_item("BOLT", kind="buy").pk, qty=Decimal(5), now=NOW)
    line = {"item": "BOLT", "qty": qty} | ({"to_location": "LINE"} if act == "transfers" else {})

    problem = refused(planner.post(f"/stock/{act}/", {"lines": [line]}), 400, "validation_error")

    assert fields_of(problem) == ["/lines/0/qty"]
    assert StockMovement.objects.count() == 1


def test_stock_takes_the_same_queries_whatever_lies_there(planner):
    def fill(start, end):
        for number in range(start, end):
            item = make_item(f"I{number:03}", kind="buy")
            receive_stock(item_id=item.pk, qty=Decimal(5), location=f"L{number % 3}", now=NOW)

    fill(0, 1)
    planner.get("/stock/")
    with CaptureQueriesContext(connection) as for_one:
        planner.get("/stock/")
    fill(1, 40)
    with CaptureQueriesContext(connection) as for_forty:
        assert planner.get("/stock/").json()["count"] == 40
    assert len(for_forty) == len(for_one)


# --- Cycle counts ------------------------------------------------------------------------------------


def test_a_sheet_is_opened_counted_and_posted(planner):
    for code, qty in (("CELL", 10), ("BOLT", 20)):
        item = make_item(code, kind="buy", unit_cost=2)
        receive_stock(item_id=item.pk, qty=Decimal(qty), now=NOW)

    opened = planner.post("/cycle-counts/", {"items": ["CELL", "BOLT"], "tolerance": 0.1})
    assert (opened.status_code, opened["Location"].endswith("/cycle-counts/CC-000001/")) == (201, True)
    page = "/cycle-counts/CC-000001/"
    assert planner.post(f"{page}start/").json()["status"] == "counting"
    lines = [{"item": "CELL", "qty": 9}, {"item": "BOLT", "qty": 15}]
    sheet = planner.post(f"{page}counts/", {"lines": lines}).json()
    # 1 cell and 5 bolts at 2 each are missing
    assert (sheet["lines"], sheet["counted_lines"], sheet["differing_lines"]) == (2, 2, 2)
    assert (sheet["gains"], sheet["losses"]) == (0, -12)

    # a cell of ten is within a tenth, five bolts of twenty are not
    problem = refused(planner.post(f"{page}post/"), 409, "count_needs_a_second_look")
    assert fields_of(problem) == ["BOLT at MAIN"]
    posted = planner.post(f"{page}post/", {"accept_differences": True})
    assert posted.json()["status"] == "posted"
    assert [row["qty"] for row in planner.get("/stock/").json()["results"]] == [15, 9]
    rows = planner.get(f"{page}lines/?item=BOLT").json()["results"]
    assert [(row["expected_qty"], row["counted_qty"], row["difference"]) for row in rows] == [(20, 15, -5)]
    assert planner.get("/cycle-counts/?status=posted").json()["count"] == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"items": ["GHOST"]}, 404, "item_not_found"),
        ({}, 409, "invalid_count"),
        ({"tolerance": 2}, 400, "validation_error"),
        ({"not_counted_days": 0}, 400, "validation_error"),
        ({"location": "", "items": []}, 400, "validation_error"),
    ],
)
def test_a_sheet_of_nothing_is_refused(planner, body, status, code):
    refused(planner.post("/cycle-counts/", body), status, code)


@pytest.mark.parametrize("value", [1, "true", None])
def test_a_decision_is_true_or_false(planner, value):
    refused(planner.post("/cycle-counts/CC-1/post/", {"accept_differences": value}), 400, "validation_error")


@pytest.mark.parametrize("moment", ["2011-03-01", "2011-03-01T08:00:00", 5])
def test_a_moment_has_its_offset(planner, moment):
    body = {"lines": [{"item": "CELL", "qty": 1}], "counted_at": moment}
    problem = refused(planner.post("/cycle-counts/CC-1/counts/", body), 400, "validation_error")
    assert fields_of(problem) == ["/counted_at"]


# --- Large calls -------------------------------------------------------------------------------------

STOCK_ACTS = {"receipts": 1, "issues": 1, "adjustments": 2, "transfers": 1}


def stocked_lines(count):
    """Lines about as many items, of which 10 each are in stock."""
    rows = [{"item": f"N-{count}-{number}", "qty": 10, "location": "A"} for number in range(count)]
    for row in rows:
        receive_stock(item_id=make_item(row["item"], kind="buy").pk, qty=Decimal(10), location="A", now=NOW)
    return rows


@pytest.mark.parametrize("act", STOCK_ACTS)
def test_a_large_booking_takes_the_queries_of_a_small_one(planner, act):
    def queries(count):
        more = {"qty": STOCK_ACTS[act]} | ({"to_location": "B"} if act == "transfers" else {})
        body = {"lines": [row | more for row in stocked_lines(count)]}
        with CaptureQueriesContext(connection) as asked:
            assert planner.post(f"/stock/{act}/", body).status_code == 201
        return len(asked)

    queries(1)
    assert queries(3) == queries(30)


def test_a_large_delivery_takes_the_queries_of_a_small_one(planner):
    def queries(count):
        order = place(f"PO-{count}", *((make_item(kind="buy"), 5) for _ in range(count)))
        body = {"lines": [{"ref": line.ref} for line in order.lines.all()]}
        with CaptureQueriesContext(connection) as asked:
            assert planner.post(f"/purchase-orders/PO-{count}/receive/", body).status_code == 200
        return len(asked)

    queries(1)
    assert queries(3) == queries(30)


def test_a_delivery_is_in_the_history_of_its_lines(planner):
    place("PO-1", (make_item("CELL", kind="buy"), 10))

    planner.post("/purchase-orders/PO-1/receive/", {"lines": [{"ref": "PO-1", "qty": 4}]})

    latest = PurchaseOrderLine.objects.get().history.latest()
    assert (latest.received_qty, latest.version, latest.history_type) == (4, 2, "~")
    assert latest.history_user.username == "planner"


# --- Placing a purchase order ------------------------------------------------------------------------


def order_body(**values):
    lines = [
        {"item": "CELL", "qty": 10.5, "due": "2011-04-01", "unit_cost": 2},
        {"item": "BOLT", "qty": 4, "due": "2011-05-01"},
    ]
    return {"supplier": "ACME", "lines": lines} | values


@pytest.fixture
def seller():
    make_item("CELL", kind="buy")
    make_item("BOLT", kind="buy")
    return make_supplier("ACME")


@pytest.mark.usefixtures("seller")
def test_a_purchase_order_is_placed_with_its_lines_and_the_next_number(planner):
    placed = planner.post("/purchase-orders/", order_body(order_date="2011-03-02"))

    assert placed.status_code == 201, placed.content
    assert placed["Location"].endswith("/api/v1/purchase-orders/PO-000001/")
    order = placed.json()
    assert (order["ref"], order["supplier"], order["order_date"]) == ("PO-000001", "ACME", "2011-03-02")
    assert [
        (row["ref"], row["item"], row["qty"], row["due"], row["unit_cost"]) for row in order["lines"]
    ] == [
        ("PO-000001", "CELL", 10.5, "2011-04-01", 2),
        ("PO-000001/2", "BOLT", 4, "2011-05-01", None),
    ]
    assert planner.get("/purchase-orders/PO-000001/").json() == order
    assert PurchaseOrder.objects.get().history.get().history_user.username == "planner"


@pytest.mark.usefixtures("seller")
def test_an_order_that_is_sent_twice_is_placed_once_also_after_it_has_moved(planner):
    body = order_body(ref="WEB-7")
    assert planner.post("/purchase-orders/", body).status_code == 201
    planner.post("/purchase-orders/WEB-7/reschedule/", {"due": "2011-06-01"})
    planner.post("/purchase-orders/WEB-7/cancel/", {"lines": [{"ref": "WEB-7", "qty": 1}]})

    again = planner.post("/purchase-orders/", body)

    assert again.status_code == 200
    assert again.json() == planner.get("/purchase-orders/WEB-7/").json()
    assert PurchaseOrder.objects.count() == 1
    other = body | {"lines": body["lines"][:1]}
    refused(planner.post("/purchase-orders/", other), 409, "ref_taken")
    refused(planner.post("/purchase-orders/", order_body(ref="WEB-7/2")), 409, "ref_taken")
    assert PurchaseOrderLine.objects.count() == 2


@pytest.mark.usefixtures("seller")
def test_an_order_that_somebody_has_edited_since_answers_the_sender_again(planner):
    body = order_body(ref="WEB-7", order_date="2011-03-02")
    assert planner.post("/purchase-orders/", body).status_code == 201
    order = PurchaseOrder.objects.get()
    later = timezone.now()
    added = PurchaseOrderLine(
        purchase_order=order,
        ref="WEB-7/3",
        line=3,
        item=order.lines.get(line=1).item,
        qty=1,
        due=later.date(),
        placed_at=later,
    )
    added.save()
    order.supplier, order.order_date = make_supplier("OTHER"), later.date()
    order.save()

    again = planner.post("/purchase-orders/", body)

    assert again.status_code == 200, again.content
    assert len(again.json()["lines"]) == 3


@pytest.mark.usefixtures("seller")
@pytest.mark.parametrize(("qty", "status"), [(10.5, 200), (11, 409)])
def test_an_order_that_is_sent_twice_at_the_same_time_is_placed_once(planner, monkeypatch, qty, status):
    """The first is committed after the second has looked for it."""
    mine, look = order_body(ref="WEB-7"), ordering.is_taken
    first = order_body(ref="WEB-7")
    first["lines"][0]["qty"] = qty

    def is_taken(ref):
        found = look(ref)
        if not found:
            monkeypatch.setattr(ordering, "is_taken", look)
            assert planner.post("/purchase-orders/", first).status_code == 201
        return found

    monkeypatch.setattr(ordering, "is_taken", is_taken)

    assert planner.post("/purchase-orders/", mine).status_code == status
    assert PurchaseOrder.objects.count() <= 1


@pytest.mark.usefixtures("seller")
def test_everything_that_does_not_fit_an_order_is_named_by_its_place(planner):
    make_item("KIT", kind="phantom")
    lines = [{"item": name, "qty": 1, "due": "2011-04-01"} for name in ("CELL", "GHOST", "KIT")]

    problem = refused(
        planner.post("/purchase-orders/", {"supplier": "NOBODY", "lines": lines}), 400, "invalid_purchase"
    )

    assert fields_of(problem) == ["/supplier", "/lines/1/item", "/lines/2/item"]
    assert PurchaseOrder.objects.count() == 0


@pytest.mark.usefixtures("seller")
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lines": []}, "/lines"),
        ({"lines": [{"item": "CELL", "qty": 0, "due": "2011-04-01"}]}, "/lines/0/qty"),
        ({"lines": [{"item": "CELL", "qty": "1_0", "due": "2011-04-01"}]}, "/lines/0/qty"),
        ({"lines": [{"item": "CELL", "qty": 1, "due": "2011-02-30"}]}, "/lines/0/due"),
        ({"lines": [{"item": "CELL", "qty": 1}]}, "/lines/0/due"),
        ({"ref": "R" * 60}, "/ref"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_an_order_that_cannot_be_read_is_refused(planner, change, field):
    problem = refused(planner.post("/purchase-orders/", order_body(**change)), 400, "validation_error")

    assert fields_of(problem) == [field]
    assert PurchaseOrder.objects.count() == 0


@pytest.mark.usefixtures("seller")
def test_only_planners_place_orders():
    for role in ("sales", "production", "reader", "hr"):
        refused(Api(role).post("/purchase-orders/", order_body()), 403)
    assert PurchaseOrder.objects.count() == 0
