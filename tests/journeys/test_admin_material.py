"""A materials planner in the admin: reads an item over time, asks why an order exists, fixes orders."""

import csv
import io

import pytest
import tablib
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import SalesOrder
from planning.admin import material, material_view
from planning.models import (
    FirmOrder,
    PinnedOperation,
    PlanException,
    PlannedOperation,
    PlannedOrder,
    WorkCentre,
)
from planning.services.exchange import import_factory
from tests.builders import NOW, as_json, factory_document
from tests.journeys.admin import ready_plan, sign_in, small_factory, text_of
from tests.planning.material_rows import add_order, peg
from tests.planning.test_firming import plan_with_source
from tests.planning.test_material import motors
from tests.planning.test_pegging import plan

pytestmark = pytest.mark.django_db


def page_of(run, *parts):
    return "/".join(["/admin/planning/planrun", str(run.pk), *parts]) + "/"


# --- Items


def test_the_list_of_items_leads_to_an_item_and_is_narrowed():
    run = motors()
    client = sign_in("production")

    answer = client.get(page_of(run, "material"))
    said = text_of(answer)

    assert "MOTOR Traction motor buy 0 – 6 2 2011-03-01 4 2011-03-15 – 2011-02-01" in said
    assert f"{page_of(run, 'item')}?code=MOTOR" in answer.content.decode()
    assert "DRIVE" not in text_of(client.get(page_of(run, "material"), {"search": "traction"}))
    assert "No item fits" in text_of(client.get(page_of(run, "material"), {"exceptions": "with"}))
    assert "2 rows" in said


def test_an_item_is_read_as_a_grid_that_begins_on_the_planning_date():
    said = text_of(sign_in("reader").get(page_of(motors(), "item"), {"code": "MOTOR"}))

    assert "MOTOR · Traction motor bought, in pcs" in said
    assert "Week of 2011-03-01 2011-03-07 2011-03-14 2011-03-21 Gross requirements 8 10" in said
    assert "Scheduled receipts 4 3.5 Net requirements 6.5 Planned receipts, firm 1 Planned receipts 8" in said
    assert "Projected on hand 2 5.5 3.5 4.5 Planned releases 8 1" in said
    # there are no by-products, so there is no line of them
    assert "By-products" not in said
    assert "B1 buy 8 2011-03-07 2011-03-14" in said


def test_what_is_below_nothing_or_the_safety_stock_stands_out():
    run = motors()
    peg(run, "PO-1", "MOTOR", 1, "M1", 3)
    peg(run, "PO-2", "MOTOR", 20, "M2", 14)

    page = sign_in("planner").get(page_of(run, "item"), {"code": "MOTOR"}).content.decode()

    assert '<td class="dl-num dl-warn">1</td>' in page
    assert '<td class="dl-num dl-late">-17.5</td>' in page


def test_days_come_in_parts(monkeypatch):
    monkeypatch.setitem(material.COLUMNS_PER_PAGE, "day", 10)
    run = motors()
    client = sign_in("planner")

    first = text_of(client.get(page_of(run, "item"), {"code": "MOTOR", "bucket": "day"}))
    third = text_of(client.get(page_of(run, "item"), {"code": "MOTOR", "bucket": "day", "page": "3"}))

    assert "Part 1 of 3 Later" in first
    assert "Day of 2011-03-21" in third
    assert "Projected on hand 4.5" in third


def test_the_grid_is_taken_away_whole(monkeypatch):
    monkeypatch.setitem(material.COLUMNS_PER_PAGE, "day", 10)
    client, run = sign_in("production"), motors()

    answer = client.get(page_of(run, "item", "csv"), {"code": "MOTOR", "bucket": "day"})
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    sheet = client.get(page_of(run, "item", "xlsx"), {"code": "MOTOR", "bucket": "month"})

    assert len(rows) == 21
    assert (rows[3]["start"], rows[3]["gross"], rows[3]["on_hand"]) == ("2011-03-04", "8", "2")
    (month,) = tablib.Dataset().load(sheet.content, format="xlsx").dict
    assert (month["gross"], month["scheduled"], month["on_hand"]) == (18, 7.5, 4.5)
    assert client.get(page_of(run, "item", "pdf"), {"code": "MOTOR"}).status_code == 404


@pytest.mark.parametrize(
    "query", [{}, {"code": "GHOST"}, {"code": "MOTOR", "bucket": "year"}, {"code": "\0"}]
)
def test_an_item_that_is_not_there_is_not_found(query):
    assert sign_in("planner").get(page_of(motors(), "item"), query).status_code == 404


def test_who_does_not_work_with_material_does_not_read_it():
    run = motors()
    for role in ("hr", "sales"):
        client = sign_in(role)
        assert client.get(page_of(run, "item"), {"code": "MOTOR"}).status_code == 403, role
        assert client.get(page_of(run, "item", "csv"), {"code": "MOTOR"}).status_code == 403, role
        assert client.get(page_of(run, "material")).status_code == 403, role
        assert client.get(page_of(run, "material", "csv")).status_code == 403, role


def test_a_tab_that_may_not_be_read_is_not_offered():
    small_factory()
    run = ready_plan()

    page = sign_in("hr").get(page_of(run, "buy")).content.decode()

    assert "Material" not in page.split("dl-tabs")[1].split("</nav>")[0]
    # nor a link to a page that would be refused
    assert f"{page_of(run, 'item')}?" not in page


# --- Pegging


def test_sales_read_why_an_order_exists_and_what_it_costs_is_not_there():
    said = text_of(sign_in("sales").get(page_of(plan(), "pegging"), {"order": "B1"}))

    assert "Why B1 exists 12 MOTOR, in stock on 2011-03-05" in said
    assert "SO-1 1 1 DRIVE 2011-03-21 2011-03-25 4" in said
    assert "for nobody yet: lot sizes, safety stock, or what became superfluous 2" in said
    assert "F1 make FRAME 6 2011-03-06 2011-03-08 2011-03-06 1" in said
    assert "D2 make · opened elsewhere DRIVE 4" in said


def test_what_a_delivery_waits_for_shows_the_late_path_and_the_chain():
    run = plan()
    link = {
        "item": "DRIVE",
        "order": "D2",
        "kind": "make",
        "start": "2011-03-10",
        "end": "2011-03-25",
        "days": 15,
    }
    run.planpromise_rows.filter(instalment=1).update(chain=[link])

    answer = sign_in("planner").get(
        page_of(run, "pegging"), {"sales_order": "SO-1", "line": 1, "instalment": 1}
    )
    said = text_of(answer)

    assert "What SO-1 line 1 instalment 1 waits for 3 DRIVE, wanted on 2011-03-21" in said
    assert "DRIVE make D2 2011-03-10 to 2011-03-25 15 d" in said
    assert answer.content.decode().count('class="dl-late-path"') == 4
    assert "PO-9 on order, firm MOTOR 3 2011-03-03" in said


def test_orders_lead_to_their_pegging_from_every_tab():
    run = plan()
    client = sign_in("planner")

    for tab, query in (
        ("buy", "order=B1"),
        ("make", "order=F1"),
        ("orders", "sales_order=SO-1&amp;line=1&amp;instalment=2"),
    ):
        assert f"{page_of(run, 'pegging')}?{query}" in client.get(page_of(run, tab)).content.decode()
    page = client.get(page_of(run, "item"), {"code": "MOTOR"}).content.decode()
    assert f"{page_of(run, 'pegging')}?order=B1" in page


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"order": "GHOST"},
        {"order": "stock"},
        {"order": "B1", "item": "DRIVE"},
        {"sales_order": "SO-1", "line": "x"},
        {"sales_order": "SO-1", "line": "1", "instalment": "9"},
        {"order": "PO-9", "direction": "down"},
        {"order": "\0"},
    ],
)
def test_what_the_plan_does_not_know_is_not_found(query):
    assert sign_in("planner").get(page_of(plan(), "pegging"), query).status_code == 404


def test_every_kind_of_row_has_a_word():
    page = text_of(sign_in("planner").get(page_of(plan(), "pegging"), {"order": "D1", "direction": "down"}))

    assert "What D1 waits for 2 DRIVE" in page
    assert "stock stock MOTOR 1" in page
    assert set(material_view.KINDS) >= {"stock", "purchase_order", "make", "buy"}


def test_an_order_leads_to_what_it_needs_in_the_newest_plan_that_delivers_it():
    import_factory(document=as_json(factory_document()), now=NOW)
    client = sign_in("sales")
    order = "/admin/orders/salesorder/"

    # before there is a plan, the button shows what lead times alone say
    page = client.get("/admin/planning/planrun/needs/", {"order": "SO-1"})
    assert "before any plan: by lead times alone, without stock of other orders" in text_of(page)
    assert "MOTOR" in text_of(page)
    assert client.get("/admin/planning/planrun/needs/", {"order": "GHOST"}).status_code == 404

    older, newer = ready_plan(), ready_plan()
    newer.planpromise_rows.update(sales_order="SO-2")
    answer = client.get("/admin/planning/planrun/needs/", {"order": "SO-1"})
    assert answer["Location"] == f"{page_of(older, 'pegging')}?sales_order=SO-1"
    assert client.get(answer["Location"]).status_code == 200
    # and the order's own page has the button
    page = client.get(f"{order}{SalesOrder.objects.get().pk}/change/").content.decode()
    assert "/admin/planning/planrun/needs/?order=SO-1" in page


# --- Exceptions


def exceptions(run):
    rows = (
        ("EXPEDITE", "error", "SO-1/1/1", "DRIVE", 500.0),
        ("EXPEDITE", "warning", "PO-9", "MOTOR", 70.5),
        ("BELOW_SAFETY_STOCK", "warning", "MOTOR", "MOTOR", None),
    )
    for code, severity, entity, item, money in rows:
        PlanException.objects.create(
            run=run,
            code=code,
            severity=severity,
            entity=entity,
            item=item,
            money_at_risk=money,
            text=f"About {entity}.",
            suggestion=f"See {entity}.",
        )


def test_exceptions_are_summed_up_by_code_and_come_by_money_at_risk():
    small_factory()
    run = ready_plan()
    exceptions(run)
    client = sign_in("planner")

    said = text_of(client.get(page_of(run, "exceptions")))

    assert "Expedite the order 3 up to 500 USD at risk · EXPEDITE Below safety stock 1 warning" in said
    places = [said.index(text) for text in ("About SO-1/1/1.", "About PO-9.", "About MOTOR.")]
    assert places == sorted(places)
    narrowed = text_of(
        client.get(page_of(run, "exceptions"), {"code": "BELOW_SAFETY_STOCK", "item": "MOTOR"})
    )
    assert "About MOTOR." in narrowed
    assert "About PO-9." not in narrowed
    assert "About" not in text_of(client.get(page_of(run, "exceptions"), {"severity": "info"}))


@pytest.mark.parametrize(
    ("role", "sees"),
    [("planner", True), ("hr", True), ("production", False), ("reader", False)],
)
def test_what_is_told_about_cash_is_shown_to_who_sees_wages(role, sees):
    small_factory()
    run = ready_plan()
    exceptions(run)
    PlanException.objects.create(
        run=run,
        code="CASH_BELOW_FLOOR",
        severity="warning",
        entity="2011-03",
        money_at_risk=7149.5,
        text="Cash is 7,149.50 below its floor.",
        suggestion="Find 7,149.50 by 2011-03.",
    )
    client = sign_in(role)
    asked = [{}, {"code": "CASH_BELOW_FLOOR"}]

    pages = [client.get(page_of(run, "exceptions"), query).content.decode() for query in asked]
    files = [client.get(page_of(run, "exceptions", "csv"), query).content.decode() for query in asked]

    for text in (*pages, *files):
        assert ("Cash is" in text, "7,149.50" in text) == (sees, sees)
    assert ("CASH_BELOW_FLOOR" in pages[0]) is sees
    assert "About PO-9." in pages[0]
    assert "About PO-9." in files[0]


def test_what_to_do_leads_to_where_it_can_be_done():
    document = factory_document(
        suppliers=[{"code": "ACME"}],
        purchase_orders=[{"ref": "PO-9", "supplier": "ACME", "item": "MOTOR", "qty": 3, "due": "2011-03-03"}],
    )
    import_factory(document=as_json(document), now=NOW)
    run = ready_plan()
    exceptions(run)

    page = sign_in("planner").get(page_of(run, "exceptions")).content.decode()

    for address in ("/admin/orders/salesorder/", "/admin/inventory/purchaseorder/"):
        assert f'<a class="dl-link" href="{address}' in page
    assert f'<a class="dl-link" href="{page_of(run, "item")}?code=MOTOR">See MOTOR.</a>' in page
    # who may not open orders or items gets no link to one
    told = sign_in("hr").get(page_of(run, "exceptions")).content.decode()
    assert "See MOTOR." in told
    assert "/admin/orders/salesorder/" not in told
    assert page_of(run, "item") not in told


# --- Firm orders


def test_a_planner_fixes_orders_and_lets_them_go():
    run = plan_with_source()
    client = sign_in("planner")
    assert 'name="orders" value="B1"' in client.get(page_of(run, "buy")).content.decode()

    said = text_of(
        client.post(
            page_of(run, "firm"), {"orders": ["B1"], "tab": "buy", "query": "item=MOTOR"}, follow=True
        )
    )

    assert "1 order is firm." in said
    assert "10 2011-03-16 no FO-000001 B1" in said
    assert FirmOrder.objects.get().history.get().history_user.username == "planner"

    said = text_of(client.post(page_of(run, "unfirm"), {"orders": ["B1"], "tab": "buy"}, follow=True))
    assert "1 order is no longer firm." in said
    assert not FirmOrder.objects.exists()


def test_a_refusal_is_said_and_nothing_changes():
    run = plan_with_source()
    PlannedOrder.objects.filter(order="M1").update(firm=True)

    answer = sign_in("planner").post(
        page_of(run, "firm"), {"orders": ["M1", "B1"], "tab": "make"}, follow=True
    )

    assert "M1 is firm already. Nothing was changed." in text_of(answer)
    assert answer.redirect_chain[0][0] == page_of(run, "make")
    assert not FirmOrder.objects.exists()


@pytest.mark.parametrize("role", ["production", "reader", "hr", "sales"])
def test_only_planners_fix_orders(role):
    run = plan_with_source()
    client = sign_in(role)

    assert client.post(page_of(run, "firm"), {"orders": ["B1"]}).status_code == 403
    assert client.post(page_of(run, "unfirm"), {"orders": ["B1"]}).status_code == 403
    if role != "sales":
        assert "Make firm" not in text_of(client.get(page_of(run, "buy")))
    assert not FirmOrder.objects.exists()


def test_a_planner_pins_operations_and_lets_them_go():
    run = plan_with_source()
    client = sign_in("planner")
    key = PlannedOperation.objects.get().pk
    assert f'name="operations" value="{key}"' in client.get(page_of(run, "operations")).content.decode()
    chosen = {"operations": [key], "query": "work_centre=BENCH"}

    answer = client.post(page_of(run, "pin"), chosen, follow=True)

    assert "1 operation is pinned." in text_of(answer)
    assert answer.redirect_chain[0][0] == f"{page_of(run, 'operations')}?work_centre=BENCH"
    assert "ASM 1 yes M1" in text_of(answer)
    assert str(PinnedOperation.objects.get()) == "FO-000001/10"

    said = text_of(client.post(page_of(run, "unpin"), chosen, follow=True))
    assert "1 operation is no longer pinned." in said
    assert "ASM 1 no M1" in said
    assert not PinnedOperation.objects.exists()


@pytest.mark.parametrize("role", ["production", "reader", "hr", "sales"])
def test_only_planners_pin_operations(role):
    run = plan_with_source()
    client = sign_in(role)
    key = PlannedOperation.objects.get().pk

    assert client.post(page_of(run, "pin"), {"operations": [key]}).status_code == 403
    assert client.post(page_of(run, "unpin"), {"operations": [key]}).status_code == 403
    assert not PinnedOperation.objects.exists()


def test_what_cannot_be_pinned_is_said():
    run = plan_with_source()
    WorkCentre.objects.update(stations=0)

    answer = sign_in("planner").post(
        page_of(run, "pin"), {"operations": [PlannedOperation.objects.get().pk, "x"]}, follow=True
    )
    assert "The plan has no operation 0. Nothing was changed." in text_of(answer)
    answer = sign_in("planner", username="eve").post(
        page_of(run, "pin"), {"operations": [PlannedOperation.objects.get().pk]}, follow=True
    )
    assert "which has 0, got 1. Nothing was changed." in text_of(answer)


def test_orders_are_fixed_by_post_only_and_not_in_archived_plans():
    run = plan_with_source()
    client = sign_in("planner")

    assert client.get(page_of(run, "firm")).status_code == 405
    run.status, run.published_at = "archived", NOW
    run.save()
    assert "Make firm" not in text_of(client.get(page_of(run, "buy")))
    assert "Nothing was changed" in text_of(
        client.post(page_of(run, "firm"), {"orders": ["B1"], "tab": "buy"}, follow=True)
    )


# --- Size


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("item", {"code": "MOTOR"}),
        ("pegging", {"order": "B1"}),
        ("pegging", {"sales_order": "SO-1"}),
        ("material", {}),
    ],
)
def test_a_page_takes_the_same_queries_for_many_rows(page, query):
    run = plan()
    client = sign_in("planner")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(run, page), query).status_code == 200
        return len(captured)

    queries()
    before = queries()
    for number in range(60):
        add_order(run, f"F1{number}", "FRAME", 3, 5, 7)
        add_order(run, f"B1{number}", "MOTOR", 3, 5, 7)
        peg(run, "B1", "MOTOR", 1, f"F1{number}", 5)
        peg(run, f"F1{number}", "FRAME", 3, "D1", 8)

    assert queries() == before
    assert before <= 25
