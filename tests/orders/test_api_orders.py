"""Orders over HTTP: entered, read, filtered, moved along."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import DeliveryPromise, Instalment, OrderLine, SalesOrder
from orders.services import PromiseRow, hold_order, record_promises
from tests.builders import NOW, make_customer, make_item, make_order, new_line, new_schedule
from tests.rest import Api, fields_of, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def sales():
    return Api("sales")


@pytest.fixture
def reader():
    return Api("reader")


@pytest.fixture
def catalogue():
    """Customer ACME and the item DRIVE, at 1200 apiece."""
    make_customer("ACME")
    make_item("DRIVE", price=1200)


def order_body(**changes):
    line = {"line": 1, "item": "DRIVE", "qty": 10, "due": "2011-07-31"}
    return {"ref": "SO-1", "customer": "ACME", "lines": [line]} | changes


def test_an_order_is_entered_with_its_milestones(sales, catalogue):
    deposit = {"date": "2011-04-01", "amount": 3000.5, "name": "Deposit"}
    rest = {"date": "2011-03-01", "amount": 100}
    answer = sales.call("POST", "/orders/", order_body(milestones=[deposit, rest]))

    assert answer.status_code == 201
    assert answer.json()["milestones"] == [rest | {"name": ""}, deposit]
    assert sales.get("/orders/SO-1/").json()["milestones"] == [rest | {"name": ""}, deposit]


@pytest.mark.parametrize(
    ("milestone", "place"),
    [
        ({"date": "2011-04-01", "amount": 12_001}, "/milestones"),
        ({"date": "2011-04-31", "amount": 1}, "/milestones/0/date"),
        ({"date": "2011-04-01", "amount": -1}, "/milestones/0/amount"),
        ({"date": "2011-04-01", "amount": 1, "paid": True}, "/milestones/0/paid"),
    ],
)
def test_milestones_that_make_no_sense_are_refused(sales, catalogue, milestone, place):
    answer = sales.call("POST", "/orders/", order_body(milestones=[milestone]))

    assert place in fields_of(answer.json())
    assert not SalesOrder.objects.exists()


def promise(order, instalment=1, *, day=dt.date(2011, 8, 3), late=3, version=7, now=NOW):
    row = PromiseRow(
        sales_order=order.ref,
        line=1,
        instalment=instalment,
        item=order.lines.get().item.code,
        qty=10,
        requested=dt.date(2011, 7, 31),
        promised=day,
        days_late=late,
        deliveries=[{"date": str(day), "qty": 10}],
        reasons=[{"code": "MATERIAL", "entity": "MOTOR", "days": 3, "text": "MOTOR is late."}]
        if late
        else [],
    )
    record_promises(plan_version=version, rows=[row], now=now)


def many_orders(number):
    """So many orders of two lines, written at once: how they came to be does not matter."""
    customer, item = make_customer(), make_item()
    orders = SalesOrder.objects.bulk_create(
        SalesOrder(ref=f"MANY-{row}", customer=customer, order_date=NOW.date()) for row in range(number)
    )
    lines = OrderLine.objects.bulk_create(
        OrderLine(order=order, line=line, item=item, qty=1) for order in orders for line in (1, 2)
    )
    Instalment.objects.bulk_create(Instalment(order_line=line, qty=1, due=NOW.date()) for line in lines)


# --- Entering --------------------------------------------------------------------------------------


def test_an_order_is_entered_as_a_row_of_factory_1(sales, catalogue):
    body = {
        "ref": "SO-2011-001",
        "customer": "ACME",
        "customer_reference": "4500017",
        "kind": "lease",
        "order_date": "2011-01-25",
        "status": "quote",
        "delivery_policy": "all_together",
        "lines": [
            {
                "line": 1,
                "item": "DRIVE",
                "qty": 16.5,
                "instalments": [{"due": "2011-09-30", "qty": 10}, {"due": "2011-08-31", "qty": 6.5}],
                "unit_price": 53000.25,
                "priority": 2,
                "late_cost_per_day": 100,
                "late_cost_fixed": 0,
                "lease_months": 36,
            },
            {"line": 2, "item": "DRIVE", "qty": 3, "due": "2011-12-31", "shipped_qty": 1},
        ],
    }

    response = sales.post("/orders/", body)

    assert response.status_code == 201, response.content
    assert response["Location"] == "http://testserver/api/v1/orders/SO-2011-001/"
    order = response.json()
    assert {key: order[key] for key in body if key != "lines"} == {
        key: body[key] for key in body if key != "lines"
    }
    first, second = order["lines"]
    # the schedule in order of due date
    assert [(row["instalment"], row["due"], row["qty"]) for row in first["instalments"]] == [
        (1, "2011-08-31", 6.5),
        (2, "2011-09-30", 10),
    ]
    assert (first["due"], first["unit_price"], first["lease_months"]) == (None, 53000.25, 36)
    assert (second["due"], second["shipped_qty"], second["unit_price"]) == ("2011-12-31", 1, None)
    assert sales.get("/orders/SO-2011-001/").json() == order


def test_what_is_left_out_has_the_default_of_the_format(sales, catalogue):
    order = sales.post("/orders/", order_body()).json()

    assert (order["kind"], order["status"], order["delivery_policy"]) == ("sale", "confirmed", "independent")
    assert order["confirmed_at"] is not None
    assert order["order_date"] == str(dt.datetime.now(dt.UTC).date())


def test_the_same_order_number_twice_is_a_conflict_and_changes_nothing(sales, catalogue):
    sales.post("/orders/", order_body())

    second = sales.post("/orders/", order_body(kind="lease"))

    assert "SO-1" in refused(second, 409, "duplicate_order")["detail"]
    assert SalesOrder.objects.get().kind == "sale"


def test_the_same_customer_reference_twice_is_a_conflict(sales, catalogue):
    sales.post("/orders/", order_body(customer_reference="4500017"))

    second = sales.post("/orders/", order_body(ref="SO-2", customer_reference="4500017"))

    refused(second, 409, "duplicate_order")
    assert SalesOrder.objects.count() == 1


def test_every_mistake_is_named_at_once_with_its_path(sales, catalogue):
    lines = [
        {"line": 1, "item": "DRIVE", "qty": 0, "due": "2011-02-30"},
        {"line": "2", "item": "DRIVE", "qty": 1, "instalments": [{"due": "2011-07-01", "qty": 1, "x": 1}]},
    ]

    response = sales.post("/orders/", order_body(lines=lines, colour="red"))

    assert sorted(fields_of(refused(response, 400, "validation_error"))) == [
        "/colour",
        "/lines/0/due",
        "/lines/0/qty",
        "/lines/1/instalments/0/x",
        "/lines/1/line",
    ]
    assert not SalesOrder.objects.exists()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"customer": "NOBODY"}, "/customer"),
        ({"lines": [{"line": 1, "item": "GHOST", "qty": 1, "due": "2011-07-31"}]}, "/lines/0/item"),
        ({"lines": [{"line": 1, "item": "DRIVE", "qty": 1}]}, "/lines/0/due"),
        (
            {
                "lines": [
                    {"line": 1, "item": "DRIVE", "qty": 3, "instalments": [{"due": "2011-07-31", "qty": 2}]}
                ]
            },
            "/lines/0/instalments",
        ),
        (
            {"lines": [{"line": 1, "item": "DRIVE", "qty": 1, "due": "2011-07-31"}] * 2},
            "/lines/1/line",
        ),
        (
            {"lines": [{"line": 1, "item": "DRIVE", "qty": 1, "due": "2011-07-31", "shipped_qty": 2}]},
            "/lines/0",
        ),
        (
            {
                "lines": [
                    {
                        "line": 1,
                        "item": "DRIVE",
                        "qty": 2,
                        "instalments": [{"due": "2011-07-31", "qty": 2}],
                        "shipped_qty": 1,
                    }
                ]
            },
            "/lines/0/shipped_qty",
        ),
        ({"lines": []}, "/lines"),
        ({"status": "shipped"}, "/status"),
        ({"status": "cancelled"}, "/status"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place_and_nothing_is_stored(sales, catalogue, changes, path):
    response = sales.post("/orders/", order_body(**changes))

    assert path in fields_of(refused(response, 400))
    assert (SalesOrder.objects.count(), OrderLine.objects.count(), Instalment.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize(
    "field",
    ["id", "version", "changed_at", "confirmed_at", "cancelled_at", "status_reason", "history", "promised"],
)
def test_what_the_system_writes_itself_cannot_be_sent(sales, catalogue, field):
    response = sales.post("/orders/", order_body(**{field: 1}))

    assert fields_of(refused(response, 400)) == [f"/{field}"]


@pytest.mark.parametrize("field", ["promised", "promised_in_version", "shipped_on", "instalment"])
def test_a_customer_cannot_be_promised_anything_by_sending_it(sales, catalogue, field):
    instalment = {"due": "2011-07-31", "qty": 10, field: "2011-07-31"}
    line = {"line": 1, "item": "DRIVE", "qty": 10, "instalments": [instalment]}

    response = sales.post("/orders/", order_body(lines=[line]))

    assert fields_of(refused(response, 400)) == [f"/lines/0/instalments/0/{field}"]


# --- Moving along ------------------------------------------------------------------------------------


def test_a_quote_is_confirmed_held_released_and_cancelled(sales, catalogue):
    sales.post("/orders/", order_body(status="quote"))

    seen = []
    for act, body in [
        ("confirm", None),
        ("hold", {"reason": "credit check"}),
        ("release", {}),
        ("cancel", {"reason": "bankrupt"}),
    ]:
        response = sales.post(f"/orders/SO-1/{act}/", body)
        assert response.status_code == 200, response.content
        seen.append((response.json()["status"], response.json()["status_reason"]))

    assert seen == [
        ("confirmed", ""),
        ("on_hold", "credit check"),
        ("confirmed", ""),
        ("cancelled", "bankrupt"),
    ]
    # 1 entered + 4 acts, each by the one who called
    order = SalesOrder.objects.get()
    assert order.version == 5
    assert {row.history_user for row in order.history.all()} == {sales.user}


@pytest.mark.parametrize("act", ["confirm", "release", "hold", "cancel"])
def test_what_does_not_fit_the_state_is_a_conflict(sales, catalogue, act):
    sales.post("/orders/", order_body(status="quote"))
    sales.post("/orders/SO-1/cancel/")

    refused(sales.post(f"/orders/SO-1/{act}/"), 409, "wrong_status")
    assert SalesOrder.objects.get().status == "cancelled"


@pytest.mark.parametrize("act", ["confirm", "release", "hold", "cancel"])
def test_acts_refuse_bodies_they_do_not_know(sales, catalogue, act):
    sales.post("/orders/", order_body(status="quote"))

    assert fields_of(refused(sales.post(f"/orders/SO-1/{act}/", {"force": True}), 400)) == ["/force"]
    for body in ([], 7, "x", [{}]):
        refused(sales.post(f"/orders/SO-1/{act}/", body), 400)
    assert SalesOrder.objects.get().status == "quote"


@pytest.mark.parametrize("path", ["", "delivery-dates/"])
def test_an_order_that_is_not_there_is_not_found(reader, path):
    assert "GHOST" in refused(reader.get(f"/orders/GHOST/{path}"), 404, "order_not_found")["detail"]


def test_an_order_number_may_hold_a_slash(sales, catalogue):
    created = sales.post("/orders/", order_body(ref="SO/2011/7"))

    path = created["Location"].removeprefix("http://testserver")
    assert sales.get(path).json()["ref"] == "SO/2011/7"
    assert sales.get(f"{path}delivery-dates/").json()["state"] == "not_planned"


# --- Lists -------------------------------------------------------------------------------------------


def test_orders_are_listed_in_pages(reader):
    refs = [make_order().ref for _ in range(5)]

    first = reader.get("/orders/?page_size=2").json()
    last = reader.get("/orders/?page_size=2&page=3").json()

    assert (first["count"], [row["ref"] for row in first["results"]]) == (5, refs[:2])
    assert [row["ref"] for row in last["results"]] == refs[4:]
    assert (first["previous"], last["next"]) == (None, None)
    refused(reader.get("/orders/?page_size=2&page=4"), 404)


def test_a_page_holds_at_most_200_rows(reader):
    many_orders(201)

    page = reader.get("/orders/?page_size=1000000000").json()

    assert (page["count"], len(page["results"])) == (201, 200)


def test_orders_are_filtered_by_customer_and_status(reader):
    mine = make_order(customer=make_customer("ACME"))
    make_order(customer=make_customer("OTHER"))
    quote = make_order(status="quote")

    def refs(query):
        return [row["ref"] for row in reader.get(f"/orders/?{query}").json()["results"]]

    assert refs("customer=ACME") == [mine.ref]
    assert refs("status=quote") == [quote.ref]
    assert refs("customer=ACME&status=quote") == []


def test_late_orders_are_those_with_an_open_date_after_the_requested_one(reader):
    late, punctual, hopeless, shipped, held, unplanned = (make_order() for _ in range(6))
    promise(late)
    promise(punctual, day=dt.date(2011, 7, 31), late=0)
    record_promises(plan_version=7, rows=[hopeless_row(hopeless)], now=NOW)
    promise(shipped)
    Instalment.objects.filter(order_line__order=shipped).update(shipped_qty=10)
    promise(held)
    hold_order(ref=held.ref, now=NOW)

    def refs(query):
        return {row["ref"] for row in reader.get(f"/orders/?{query}").json()["results"]}

    assert refs("late=true") == {late.ref, hopeless.ref}
    assert refs("late=false") == {punctual.ref, shipped.ref, held.ref, unplanned.ref}


def hopeless_row(order):
    """An instalment for which the plan found no supply at all."""
    return PromiseRow(
        sales_order=order.ref,
        line=1,
        instalment=1,
        item=order.lines.get().item.code,
        qty=10,
        requested=dt.date(2011, 7, 31),
        promised=None,
        days_late=500,
    )


def test_changed_since_finds_what_was_changed_or_promised_since(reader):
    old, entered, promised = make_order(), make_order(), make_order()
    at = dt.datetime(2011, 3, 5, tzinfo=dt.UTC)
    SalesOrder.objects.filter(pk__in=[old.pk, promised.pk]).update(changed_at=at - dt.timedelta(days=1))
    SalesOrder.objects.filter(pk=entered.pk).update(changed_at=at)
    promise(promised, now=at + dt.timedelta(hours=1))

    rows = reader.get("/orders/?changed_since=2011-03-05T01:00:00%2B01:00").json()["results"]

    assert [row["ref"] for row in rows] == [entered.ref, promised.ref]


# --- Delivery dates ------------------------------------------------------------------------------------


def test_an_order_that_no_plan_knows_is_not_planned(reader):
    order = make_order()

    dates = reader.get(f"/orders/{order.ref}/delivery-dates/").json()

    item = order.lines.get().item.code
    assert dates == {
        "sales_order": order.ref,
        "status": "confirmed",
        "state": "not_planned",
        "plan_version": None,
        "published_at": None,
        "promises": [],
        "not_planned": [{"line": 1, "instalment": 1, "item": item, "qty": 10, "requested": "2011-07-31"}],
    }


def test_delivery_dates_are_the_promise_rows_of_the_published_plan(reader):
    order = make_order()
    promise(order)

    dates = reader.get(f"/orders/{order.ref}/delivery-dates/").json()

    assert (dates["state"], dates["plan_version"], dates["not_planned"]) == ("promised", 7, [])
    assert dates["published_at"] == "2011-03-01T09:00:00Z"
    assert dates["promises"] == [
        {
            "sales_order": order.ref,
            "line": 1,
            "instalment": 1,
            "item": order.lines.get().item.code,
            "qty": 10,
            "requested": "2011-07-31",
            "promised": "2011-08-03",
            "days_late": 3,
            "deliveries": [{"date": "2011-08-03", "qty": 10}],
            "p50": None,
            "p80": None,
            "p95": None,
            "reasons": [{"code": "MATERIAL", "entity": "MOTOR", "days": 3, "text": "MOTOR is late."}],
            "plan_version": 7,
            "published_at": "2011-03-01T09:00:00Z",
        }
    ]


def test_the_newest_promise_counts_and_the_old_one_stays_written(reader):
    order = make_order()
    promise(order)
    promise(order, day=dt.date(2011, 7, 30), late=0, version=8, now=NOW + dt.timedelta(days=1))

    dates = reader.get(f"/orders/{order.ref}/delivery-dates/").json()

    assert (dates["plan_version"], [row["promised"] for row in dates["promises"]]) == (8, ["2011-07-30"])
    assert DeliveryPromise.objects.count() == 2


def test_an_instalment_without_a_date_is_named_beside_those_that_have_one(reader):
    parts = new_schedule((dt.date(2011, 7, 31), 10), (dt.date(2011, 8, 31), 5))
    order = make_order(lines=[new_line(item=make_item().code, qty=15, due=None, instalments=parts)])
    promise(order)

    dates = reader.get(f"/orders/{order.ref}/delivery-dates/").json()

    assert [row["instalment"] for row in dates["promises"]] == [1]
    assert [(row["instalment"], row["qty"]) for row in dates["not_planned"]] == [(2, 5)]


def test_delivery_dates_take_at_most_5_queries_however_many_instalments(reader):
    parts = new_schedule(*((dt.date(2011, 7, day), 1) for day in range(1, 31)))
    order = make_order(lines=[new_line(item=make_item().code, qty=30, due=None, instalments=parts)])
    for instalment in range(1, 31):
        promise(order, instalment, version=7)

    with CaptureQueriesContext(connection) as queries:
        # as the endpoint is called, the user being known already
        dates = reader.get(f"/orders/{order.ref}/delivery-dates/").json()

    assert len(dates["promises"]) == 30
    # less the one with which the test client looks up its user
    assert len(queries) - 1 <= 5, [query["sql"] for query in queries]


@pytest.mark.parametrize("path", ["/orders/?page_size=200", "/orders/SO-A/"])
def test_the_number_of_queries_does_not_grow_with_the_rows(reader, path):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert reader.get(path).status_code == 200
        return len(queries)

    order = make_order("SO-A")
    few = count()
    many_orders(99)
    item = order.lines.get().item
    OrderLine.objects.bulk_create(
        OrderLine(order=order, line=line, item=item, qty=1) for line in range(2, 101)
    )
    assert count() == few
