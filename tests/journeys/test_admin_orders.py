"""Sales in the admin: an order is entered, changed, confirmed, held, shipped, cancelled."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Instalment, OrderLine, OrderStatus, SalesOrder
from orders.services import PromiseRow, confirm_order, record_promises
from tests.builders import NOW, make_customer, make_item, make_order, new_line, new_schedule
from tests.journeys.admin import fields_of, sign_in, text_of

pytestmark = pytest.mark.django_db

ADD = "/admin/orders/salesorder/add/"
LIST = "/admin/orders/salesorder/"
# Besides the page: session, user, groups or permissions.
ORDER_PAGE_QUERIES = 15


def page_of(order, act="change"):
    return f"/admin/orders/salesorder/{order.pk}/{act}/"


def entered(customer, item, **values):
    """What sales fills in on an empty order page with one line."""
    return {
        "ref": "SO-300",
        "customer": customer.pk,
        "kind": "sale",
        "order_date": "2011-01-25",
        "delivery_policy": "independent",
        "lines-TOTAL_FORMS": "1",
        "lines-INITIAL_FORMS": "0",
        "lines-0-item": item.pk,
        "lines-0-qty": "300",
        "lines-0-schedule": "20 a month from July 2011",
        "milestones-TOTAL_FORMS": "0",
        "milestones-INITIAL_FORMS": "0",
    } | values


def test_sales_enter_a_deposit_with_the_order_and_take_it_out_again():
    client = sign_in("sales")
    customer, item = make_customer("ACME"), make_item("EDS", price=Decimal(53000))
    deposit = {
        "milestones-TOTAL_FORMS": "1",
        "milestones-0-date": "2011-03-01",
        "milestones-0-amount": "100000",
        "milestones-0-name": "Deposit",
    }

    client.post(ADD, entered(customer, item, **deposit))
    order = SalesOrder.objects.get()
    assert [str(row.amount.normalize()) for row in order.milestones.all()] == ["1E+5"]

    page = fields_of(client.get(page_of(order)))
    refused = client.post(page_of(order), page | {"milestones-0-amount": "99999999"})
    assert refused.status_code == 200
    assert "the order is worth" in text_of(refused)
    assert client.post(page_of(order), page | {"milestones-0-DELETE": "on"}).status_code == 302
    assert not order.milestones.exists()
    assert OrderLine.objects.get().qty == 300


def test_sales_enter_300_units_as_one_line():
    # given a customer and an item with a price
    client = sign_in("sales")
    customer, item = make_customer("ACME"), make_item("EDS", price=Decimal(53000))

    # when 300 units are entered in one sentence, without a price or a line number
    answer = client.post(ADD, entered(customer, item))

    # then there is one line of the item's price with 300 / 20 = 15 instalments, July 2011 to September 2012
    order = SalesOrder.objects.get()
    assert answer.status_code == 302, text_of(answer)
    assert answer["Location"] == page_of(order)
    line = OrderLine.objects.get()
    assert (line.line, line.qty, line.unit_price) == (1, 300, 53000)
    rows = list(line.instalments.order_by("instalment"))
    assert [row.qty for row in rows] == [20] * 15
    assert (rows[0].due, rows[-1].due) == (dt.date(2011, 7, 31), dt.date(2012, 9, 30))
    # and it is a quote, entered by that person
    assert order.status == OrderStatus.QUOTE
    assert order.history.first().history_user.username == "sales"
    # and the page shows the same sentence again
    assert fields_of(client.get(page_of(order)))["lines-0-schedule"] == "20 a month from July 2011"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"lines-0-schedule": "now and then"}, "cannot be read"),
        ({"lines-0-schedule": "6 on 2011-08-31, 10 on 2011-09-30"}, "add up to 16"),
        ({"lines-0-qty": "-5"}, "above 0"),
        ({"lines-0-qty": "NaN"}, "Enter a number"),
        ({"lines-0-qty": "1e18"}, "no more than"),
        ({"lines-0-item": "999999"}, "Select a valid choice"),
        ({"order_date": "1900-01-01"}, "1970-01-01"),
        ({"lines-0-schedule": "2999-01-01"}, "2099-12-31"),
        ({"lines-TOTAL_FORMS": "0"}, "at least one line"),
        ({"customer_reference": "A\u202eB"}, "U+202E"),
    ],
)
def test_what_cannot_be_stored_is_said_and_nothing_typed_is_lost(values, said):
    client = sign_in("sales")
    form = entered(make_customer(), make_item(), **values)

    answer = client.post(ADD, form)

    assert answer.status_code == 200
    assert said in text_of(answer)
    assert not SalesOrder.objects.exists()
    assert fields_of(answer)["ref"] == "SO-300"


def test_the_same_number_twice_is_refused():
    make_order("SO-300")
    client = sign_in("sales")

    answer = client.post(ADD, entered(make_customer(), make_item()))

    assert "already exists" in text_of(answer)
    assert SalesOrder.objects.count() == 1


def test_the_customers_own_number_twice_is_refused_by_the_service():
    customer = make_customer()
    make_order("SO-1", customer=customer, customer_reference="P-9")
    client = sign_in("sales")

    answer = client.post(ADD, entered(customer, make_item(), customer_reference="P-9"))

    assert answer.status_code == 200
    assert SalesOrder.objects.count() == 1
    assert fields_of(answer)["lines-0-schedule"] == "20 a month from July 2011"


def test_acts_ask_first_and_change_by_post_only():
    # given a quote
    client = sign_in("sales")
    order = make_order(status="quote")
    steps = [
        ("confirm", {}, OrderStatus.CONFIRMED),
        ("hold", {"reason": "unpaid"}, OrderStatus.ON_HOLD),
        ("release", {}, OrderStatus.CONFIRMED),
        ("cancel", {"reason": "withdrawn"}, OrderStatus.CANCELLED),
    ]
    for act, answers, status in steps:
        # when its page is opened
        before = SalesOrder.objects.get().status
        form = fields_of(client.get(page_of(order, act)))
        # then nothing has happened
        assert SalesOrder.objects.get().status == before
        # and when it is sent, the act is done
        client.post(page_of(order, act), form | answers)
        assert SalesOrder.objects.get().status == status
    assert SalesOrder.objects.get().status_reason == "withdrawn"


@pytest.mark.parametrize("act", ["hold", "cancel"])
def test_an_order_that_is_not_open_is_read_and_not_changed(act):
    client = sign_in("sales")
    order = make_order()
    form = fields_of(client.get(page_of(order)))
    client.post(page_of(order, act), {"reason": "unpaid"})

    # its page still shows everything, with the reason
    said = text_of(client.get(page_of(order)))
    assert order.ref in said
    assert "unpaid" in said
    # and what is sent to it all the same is refused
    assert client.post(page_of(order), form | {"lines-0-qty": "99"}).status_code == 403
    assert OrderLine.objects.get().qty == 10


def test_an_act_that_does_not_fit_is_refused_in_words():
    client = sign_in("sales")
    order = make_order(status="quote")

    answer = client.post(page_of(order, "hold"), {"reason": ""})

    assert f"Order {order.ref} is quote" in text_of(answer)
    assert SalesOrder.objects.get().status == OrderStatus.QUOTE


def test_an_act_on_an_order_that_changed_meanwhile_is_refused():
    client = sign_in("sales")
    order = make_order(status="quote")
    form = fields_of(client.get(page_of(order, "cancel")))
    confirm_order(ref=order.ref, now=NOW)

    answer = client.post(page_of(order, "cancel"), form)

    assert "changed in the meantime" in text_of(answer)
    assert SalesOrder.objects.get().status == OrderStatus.CONFIRMED


def test_part_of_an_order_ships():
    client = sign_in("sales")
    order = make_order(lines=[new_line(item=make_item().code, qty=10)])
    instalment = Instalment.objects.get()

    # when 4 of 10 leave
    client.post(page_of(order, "ship"), {"shipped_on": "2011-07-30", f"ship_{instalment.pk}": "4"})

    # then 6 are open
    instalment.refresh_from_db()
    assert (instalment.open_qty, instalment.shipped_on) == (6, dt.date(2011, 7, 30))

    # and no more than those can leave
    answer = client.post(page_of(order, "ship"), {"shipped_on": "2011-07-30", f"ship_{instalment.pk}": "7"})
    assert "are open" in text_of(answer)
    instalment.refresh_from_db()
    assert instalment.open_qty == 6


def test_a_list_action_says_every_refusal():
    client = sign_in("sales")
    quote, confirmed = make_order(status="quote"), make_order()

    answer = client.post(
        LIST, {"action": "confirm_selected", "_selected_action": [quote.pk, confirmed.pk]}, follow=True
    )

    assert "1 order confirmed" in text_of(answer)
    assert f"Order {confirmed.ref} is confirmed" in text_of(answer)
    assert SalesOrder.objects.get(pk=quote.pk).status == OrderStatus.CONFIRMED


def test_cancelling_from_the_list_asks_first():
    client = sign_in("sales")
    orders = [make_order(), make_order()]
    chosen = {"action": "cancel_selected", "_selected_action": [order.pk for order in orders]}

    asked = client.post(LIST, chosen)
    assert SalesOrder.objects.filter(status=OrderStatus.CONFIRMED).count() == 2
    assert "There is no way back" in text_of(asked)

    client.post(LIST, chosen | {"act_confirmed": "yes", "reason": "moved"})
    assert SalesOrder.objects.filter(status=OrderStatus.CANCELLED, status_reason="moved").count() == 2


def test_the_second_saver_is_told_who_was_first_and_loses_nothing():
    # given two people with the same order open
    order = make_order()
    ann, bob = sign_in("sales", username="ann"), sign_in("sales", username="bob")
    of_ann, of_bob = fields_of(ann.get(page_of(order))), fields_of(bob.get(page_of(order)))

    # when both save
    assert ann.post(page_of(order), of_ann | {"customer_reference": "ANN-1"}).status_code == 302
    answer = bob.post(page_of(order), of_bob | {"lines-0-qty": "12", "lines-0-schedule": "2011-08-31"})

    # then the second is told, what the first wrote stands, what the second typed is still on the page
    said = text_of(answer)
    assert "was changed by ann at" in said
    assert "ANN-1" in said
    assert (SalesOrder.objects.get().customer_reference, OrderLine.objects.get().qty) == ("ANN-1", 10)
    again = fields_of(answer)
    assert (again["lines-0-qty"], again["lines-0-schedule"]) == ("12", "2011-08-31")

    # and saving again is a decision that counts
    assert bob.post(page_of(order), again | {"customer_reference": "ANN-1"}).status_code == 302
    assert (SalesOrder.objects.get().customer_reference, OrderLine.objects.get().qty) == ("ANN-1", 12)


def test_saving_without_a_change_changes_no_version():
    client = sign_in("sales")
    order = make_order()

    client.post(page_of(order), fields_of(client.get(page_of(order))))

    assert (SalesOrder.objects.get().version, SalesOrder.objects.get().history.count()) == (1, 1)


def test_an_uneven_schedule_survives_a_change_of_another_field():
    schedule = new_schedule((dt.date(2011, 8, 31), 6), (dt.date(2011, 9, 15), 4))
    order = make_order(lines=[new_line(item=make_item().code, due=None, instalments=schedule)])
    client = sign_in("sales")
    form = fields_of(client.get(page_of(order)))
    assert form["lines-0-schedule"] == "6 on 2011-08-31, 4 on 2011-09-15"

    client.post(page_of(order), form | {"customer_reference": "X-1"})

    assert SalesOrder.objects.get().customer_reference == "X-1"
    assert list(Instalment.objects.order_by("due").values_list("qty", flat=True)) == [6, 4]


def test_a_line_is_changed_on_its_own_page():
    client = sign_in("sales")
    order = make_order(lines=[new_line(line=n, item=make_item().code) for n in (1, 2)])
    line = OrderLine.objects.get(line=2)
    page = f"/admin/orders/orderline/{line.pk}/change/"

    answer = client.post(page, fields_of(client.get(page)) | {"late_cost_per_day": "75", "qty": "11"})

    assert answer.status_code == 302, text_of(answer)
    line.refresh_from_db()
    assert (line.late_cost_per_day, line.qty, line.instalments.get().qty) == (75, 11, 11)
    assert SalesOrder.objects.get(pk=order.pk).version == 2
    assert OrderLine.objects.get(line=1).version == 1


def test_an_order_of_200_lines_opens_in_few_queries_and_saves():
    # given 200 lines of 200 items
    order = make_order(lines=[new_line(line=n, item=make_item().code) for n in range(1, 201)])
    client = sign_in("sales")

    # when its page is opened
    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get(page_of(order))

    # then it takes no more queries than it may
    assert len(queries) <= ORDER_PAGE_QUERIES, [query["sql"][:120] for query in queries]
    # and when one quantity changes, all of it is sent and saved
    form = fields_of(page)
    assert len(form) > 1000
    answer = client.post(page_of(order), form | {"lines-199-qty": "12"})
    assert answer.status_code == 302, text_of(answer)[:500]
    assert OrderLine.objects.get(line=200).qty == 12
    assert OrderLine.objects.filter(qty=10).count() == 199


def promise(order, day, version=1):
    row = PromiseRow(
        sales_order=order.ref,
        line=1,
        instalment=1,
        item="X",
        qty=Decimal(10),
        requested=dt.date(2011, 7, 31),
        promised=day,
        days_late=max(0, (day - dt.date(2011, 7, 31)).days),
    )
    record_promises(plan_version=version, rows=[row], now=NOW)


def test_the_list_finds_late_orders_and_shows_every_date():
    client = sign_in("sales")
    late, on_time = make_order("SO-LATE"), make_order("SO-GOOD")
    promise(late, dt.date(2011, 8, 10))
    promise(on_time, dt.date(2011, 7, 31))

    said = text_of(client.get(LIST, {"late": "yes"}))
    assert "SO-LATE" in said
    assert "SO-GOOD" not in said
    # requested, promised, 10 days late, 0 of 10 shipped
    assert "2011-07-31 2011-08-10 10 0 / 10" in said
    assert "SO-GOOD" in text_of(client.get(LIST, {"late": "no"}))
    assert "SO-LATE" not in text_of(client.get(LIST, {"late": "no"}))
    assert "SO-LATE" not in text_of(client.get(LIST, {"customer__id__exact": on_time.customer_id}))
    assert "SO-LATE" not in text_of(client.get(LIST, {"status__exact": "quote"}))


def test_every_promise_stays_on_the_order_page():
    client = sign_in("sales")
    order = make_order()
    promise(order, dt.date(2011, 8, 10), version=1)
    promise(order, dt.date(2011, 8, 3), version=2)

    said = text_of(client.get(page_of(order)))

    assert "2011-08-10 10 1" in said
    assert "2011-08-03 3 2" in said


@pytest.mark.parametrize("role", ["reader", "planner", "production", "hr"])
def test_only_sales_enter_and_confirm_orders(role):
    client = sign_in(role)
    order = make_order(status="quote")

    assert client.post(ADD, entered(make_customer(), make_item())).status_code == 403
    assert client.post(page_of(order, "confirm"), {}).status_code == 403
    assert SalesOrder.objects.get().status == OrderStatus.QUOTE


def test_customers_and_items_are_chosen_by_code_and_name():
    make_customer("POLA", name="Port of Los Angeles")
    make_item("EDS-100", name="Drive system, 100 kW")
    client = sign_in("sales")

    def offered(model, field, term):
        query = {"app_label": "orders", "model_name": model, "field_name": field, "term": term}
        return [row["text"] for row in client.get("/admin/autocomplete/", query).json()["results"]]

    assert offered("salesorder", "customer", "los ang") == ["POLA · Port of Los Angeles"]
    assert offered("orderline", "item", "100 kW") == ["EDS-100 · Drive system, 100 kW"]


def test_what_was_chosen_is_shown_by_code_and_name():
    item = make_item("EDS-100", name="Drive system, 100 kW")
    order = make_order(lines=[new_line(item=item.code)])

    page = sign_in("sales").get(f"/admin/orders/salesorder/{order.pk}/change/").content.decode()

    assert "EDS-100 · Drive system, 100 kW" in page
