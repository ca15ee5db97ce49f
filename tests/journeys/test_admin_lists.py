"""Every list of the admin: few queries however many rows, files to take away, edits that are checked."""

import datetime as dt
import re
from decimal import Decimal

import pytest
import tablib
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inventory.models import (
    BillOfMaterials,
    BomLine,
    CycleCount,
    Item,
    ItemSource,
    PurchaseOrder,
    PurchaseOrderLine,
    StockMovement,
    Supplier,
    UnitOfMeasure,
)
from inventory.services import open_count, receive_stock
from orders.models import Customer, DeliveryPromise, OrderLine, SalesOrder
from planning.models import (
    Absence,
    CrossTraining,
    Downtime,
    FactorySettings,
    FirmOrder,
    HiringBudget,
    HiringDecision,
    LabourReport,
    Operation,
    PinnedOperation,
    PlanRun,
    Shift,
    Skill,
    SkillRaise,
    WorkCalendar,
    WorkCentre,
    WorkOrder,
)
from tests import builders
from tests.journeys.admin import fields_of, sign_in, text_of
from tests.rest import make_user

pytestmark = pytest.mark.django_db

OURS = {"inventory", "orders", "planning"}


def _purchase_order(number):
    order = builders.make_purchase_order()
    order.lines.create(ref=order.ref, item=builders.make_item(kind="buy"), qty=1, due=dt.date(2011, 5, 1))
    return order


def _calendar(number):
    calendar = builders.make_calendar()
    start, end = dt.time(7), dt.time(15)
    Shift.objects.create(calendar=calendar, days=[0, 1, 2], start=start, end=end)
    return calendar


def _movement(number):
    user = sign_in("production", username=f"user-{number}").session["_auth_user_id"]
    receive_stock(item_id=builders.make_item().pk, qty=Decimal(1), now=builders.NOW)
    return user


def _count(number):
    item = builders.make_item()
    sign_in("production", username=f"user-{number}")
    user = User.objects.get(username=f"user-{number}")
    return open_count(item_ids=[item.pk], now=builders.NOW, by=user)


def _promise(number):
    order = builders.make_order()
    line = order.lines.get()
    DeliveryPromise.objects.create(
        instalment_row=line.instalments.get(),
        sales_order=order.ref,
        line=1,
        instalment=1,
        item=line.item.code,
        qty=1,
        requested=dt.date(2011, 7, 31),
        promised=dt.date(2011, 8, 1),
        days_late=1,
        plan_version=number + 1,
        promised_at=builders.NOW,
    )


# One new row of each list, with other rows of its own wherever it names one.
ROWS = {
    UnitOfMeasure: lambda n: builders.make_uom(f"u{n}"),
    Item: lambda n: builders.make_bom_line(),
    BillOfMaterials: lambda n: builders.make_bom_line(),
    BomLine: lambda n: builders.make_bom_line(),
    Supplier: lambda n: builders.make_supplier(),
    ItemSource: lambda n: builders.make_source(),
    PurchaseOrder: _purchase_order,
    StockMovement: _movement,
    CycleCount: _count,
    Customer: lambda n: builders.make_customer(),
    SalesOrder: lambda n: builders.make_order(),
    OrderLine: lambda n: builders.make_order(),
    DeliveryPromise: _promise,
    WorkCalendar: _calendar,
    WorkCentre: lambda n: builders.make_work_centre(),
    Operation: lambda n: builders.make_operation(skill=builders.make_skill()),
    Skill: lambda n: builders.make_skill(calendar=builders.make_calendar()),
    WorkOrder: lambda n: WorkOrder.objects.create(
        ref=f"WO-{n}", item=builders.make_item(), qty=1, due=dt.date(2011, 5, 1)
    ),
    FirmOrder: lambda n: FirmOrder.objects.create(
        ref=f"FIRM-{n}",
        item=builders.make_item(kind="buy"),
        kind="buy",
        qty=1,
        due=dt.date(2011, 5, 1),
        supplier=builders.make_supplier(),
    ),
    Downtime: lambda n: Downtime.objects.create(
        work_centre=builders.make_work_centre(),
        down_from=builders.NOW,
        down_to=builders.NOW + dt.timedelta(hours=n + 1),
    ),
    Absence: lambda n: Absence.objects.create(
        skill=builders.make_skill(),
        heads=1,
        absent_from=builders.TODAY,
        absent_to=builders.TODAY + dt.timedelta(days=n + 1),
    ),
    PinnedOperation: lambda n: PinnedOperation.objects.create(
        work_order=WorkOrder.objects.create(
            ref=f"WO-{n}", item=builders.make_item(), qty=1, due=dt.date(2011, 5, 1)
        ),
        seq=10,
        start=builders.NOW,
        work_centre=builders.make_work_centre(),
    ),
    CrossTraining: lambda n: CrossTraining.objects.create(
        from_skill=builders.make_skill(), to_skill=builders.make_skill(), max_per_month=1
    ),
    HiringBudget: lambda n: HiringBudget.objects.create(month=f"{2011 + n // 12}-{n % 12 + 1:02}", amount=1),
    HiringDecision: lambda n: HiringDecision.objects.create(
        skill=builders.make_skill(),
        month="2011-06",
        heads=1,
        verdict="approved",
        decided_by=make_user(name=f"decider-{n}"),
        decided_at=builders.NOW,
    ),
    LabourReport: lambda n: LabourReport.objects.create(
        work_order=f"WO-{n}",
        item=builders.make_item(),
        skill=builders.make_skill(),
        units_before=n,
        units=1,
        hours=1,
        finished_on=builders.TODAY,
    ),
    PlanRun: lambda n: builders.make_run(status="ready", factory_json='{"skills": []}'),
    FactorySettings: None,
}
LISTS = [model for model, make in ROWS.items() if make]


def address(model, page=""):
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/{page}"


def test_no_list_is_forgotten_here():
    registered = {model for model in admin.site._registry if model._meta.app_label in OURS}
    assert registered == set(ROWS)


@pytest.mark.parametrize("model", LISTS)
def test_fifty_rows_take_the_queries_of_one(model):
    client = sign_in("admin")
    ROWS[model](0)
    client.get(address(model))
    with CaptureQueriesContext(connection) as for_one:
        client.get(address(model))
    for number in range(1, 50):
        ROWS[model](number)

    with CaptureQueriesContext(connection) as for_fifty:
        page = client.get(address(model))

    assert page.status_code == 200
    assert len(for_fifty) == len(for_one), [query["sql"][:150] for query in for_fifty][-5:]


@pytest.mark.parametrize("role", ["admin", "reader"])
@pytest.mark.parametrize("model", LISTS)
def test_every_page_of_a_row_opens(model, role):
    ROWS[model](0)
    key = model._default_manager.first().pk
    # money for hires is shown to those who see wages only
    client = sign_in("hr" if model is HiringBudget and role == "reader" else role)

    # wages stand in the history of a skill, money in that of a way; a plan is written once and has none
    closed = {(model, "reader", "history/"): 403 for model in (Skill, CrossTraining)}
    closed |= {(PlanRun, role, "history/"): 404}
    for page in ("change/", "history/"):
        answer = client.get(address(model, f"{key}/{page}"), follow=True)
        assert answer.status_code == closed.get((model, role, page), 200)
    assert client.get(address(model, f"{key}/delete/")).status_code in {200, 403, 404}
    assert client.get(address(model), {"q": "x"}).status_code == 200


@pytest.mark.parametrize("model", LISTS)
def test_every_list_is_taken_away(model):
    client = sign_in("admin")
    for number in range(3):
        ROWS[model](number)

    for index, name in enumerate(("xlsx", "csv")):
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(address(model, "export/"), {"format": str(index), "resource": "0"})
        assert "attachment" in answer["Content-Disposition"], text_of(answer)
        rows = tablib.Dataset().load(answer.content if name == "xlsx" else answer.content.decode(), name)
        assert len(rows) >= 3
        assert "id" not in rows.headers
        assert len(queries) <= 10


def test_text_that_a_spreadsheet_would_run_is_defused():
    # given names that start like a formula
    client = sign_in("admin")
    for number, start in enumerate("=+-@"):
        builders.make_supplier(f"S{number}", name=f"{start}cmd|'/c calc'!A1")

    for index, name in enumerate(("xlsx", "csv")):
        answer = client.post(address(Supplier, "export/"), {"format": str(index), "resource": "0"})
        rows = tablib.Dataset().load(answer.content if name == "xlsx" else answer.content.decode(), name)

        assert all(row["name"].startswith("'") for row in rows.dict)


def test_numbers_are_exported_as_numbers():
    client = sign_in("admin")
    item = builders.make_item(unit_cost=Decimal("2.5"))

    answer = client.post(address(Item, "export/"), {"format": "0", "resource": "0"})

    row = tablib.Dataset().load(answer.content, "xlsx").dict[0]
    assert (row["code"], row["unit_cost"], row["uom"]) == (item.code, 2.5, "pcs")


def test_a_circle_of_components_is_refused_with_its_path():
    # given A is made of B
    client = sign_in("planner")
    parent, part = builders.make_item("A"), builders.make_item("B")
    builders.make_bom_line(parent=parent, component=part)
    back = builders.make_bom(part)
    page = address(BillOfMaterials, f"{back.pk}/change/")

    # when B is to be made of A
    form = fields_of(client.get(page)) | {"lines-TOTAL_FORMS": "1", "lines-0-component": parent.pk}
    answer = client.post(page, form | {"lines-0-qty": "1", "lines-0-scrap": "0"})

    # then the page says which circle that closes, and nothing is stored
    assert "B > A > B" in text_of(answer) or "A > B > A" in text_of(answer)
    assert not back.lines.exists()


def test_the_same_component_twice_is_refused_on_the_page():
    client = sign_in("planner")
    bom, part = builders.make_bom(), builders.make_item(kind="buy")
    page = address(BillOfMaterials, f"{bom.pk}/change/")
    rows = {
        f"lines-{n}-{name}": value
        for n in (0, 1)
        for name, value in {"component": part.pk, "qty": "1", "scrap": "0"}.items()
    }

    answer = client.post(page, fields_of(client.get(page)) | {"lines-TOTAL_FORMS": "2"} | rows)

    assert "Two rows have the same component" in text_of(answer)
    assert not bom.lines.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("unit_cost", "-1"),
        ("price", "NaN"),
        ("safety_stock", "1e18"),
        ("earliest_production", "1900-01-01"),
        ("code", ""),
    ],
)
def test_bad_values_are_said_at_their_field(field, value):
    client = sign_in("planner")
    item = builders.make_item()
    page = address(Item, f"{item.pk}/change/")

    answer = client.post(page, fields_of(client.get(page)) | {field: value})

    assert answer.status_code == 200
    assert answer.context["errors"]
    item.refresh_from_db()
    assert (item.version, item.history.count()) == (1, 1)


def test_the_second_editor_of_an_item_is_told_who_was_first():
    item = builders.make_item(name="Motor")
    page = address(Item, f"{item.pk}/change/")
    ann, bob = sign_in("planner", username="ann"), sign_in("planner", username="bob")
    of_ann, of_bob = fields_of(ann.get(page)), fields_of(bob.get(page))

    ann.post(page, of_ann | {"name": "Big motor"})
    answer = bob.post(page, of_bob | {"price": "9"})

    assert "was changed by ann at" in text_of(answer)
    assert "name: Motor → Big motor" in text_of(answer)
    item.refresh_from_db()
    assert (item.name, item.price, item.version) == ("Big motor", None, 2)


def test_history_says_who_changed_what():
    client = sign_in("planner")
    item = builders.make_item(name="Motor")
    page = address(Item, f"{item.pk}/change/")

    client.post(page, fields_of(client.get(page)) | {"name": "Big motor"})

    said = text_of(client.get(address(Item, f"{item.pk}/history/")))
    assert "planner" in said
    assert "Big motor" in said


def test_stock_is_received_and_counted_through_forms():
    client = sign_in("production")
    item = builders.make_item()
    form = {"item": item.pk, "location": "MAIN"}

    client.post(address(StockMovement, "receive/"), form | {"qty": "10"})
    client.post(address(StockMovement, "count/"), form | {"qty": "7"})
    refused = client.post(address(StockMovement, "receive/"), form | {"qty": "-1"})

    assert [row.qty for row in StockMovement.objects.order_by("pk")] == [10, -3]
    assert {row.by.username for row in StockMovement.objects.all()} == {"production"}
    assert "above 0" in text_of(refused)


@pytest.mark.parametrize("typed", ["1_000", "٣"])
def test_a_number_is_written_in_plain_digits_in_every_form(typed):
    client = sign_in("admin")
    item = builders.make_item()

    moved = client.post(
        address(StockMovement, "receive/"), {"item": item.pk, "location": "MAIN", "qty": typed}
    )
    saved = client.post(
        address(Item, f"{item.pk}/change/"),
        fields_of(client.get(address(Item, f"{item.pk}/change/"))) | {"lead_time_days": typed},
    )

    assert "Enter a number." in text_of(moved)
    assert "Enter a whole number." in text_of(saved)
    assert not StockMovement.objects.exists()
    assert Item.objects.get().lead_time_days == item.lead_time_days


def test_the_ledger_is_never_edited():
    client = sign_in("admin")
    _movement(1)
    row = StockMovement.objects.get()

    assert client.post(address(StockMovement, f"{row.pk}/delete/"), {"post": "yes"}).status_code == 403
    assert client.post(address(StockMovement, f"{row.pk}/change/"), {"qty": "5"}).status_code == 403
    assert client.get(address(StockMovement, "add/")).status_code == 403


def test_a_purchase_order_is_placed_and_received():
    client = sign_in("planner")
    item, supplier = builders.make_item(kind="buy"), builders.make_supplier()
    form = {"ref": "PO-7", "supplier": supplier.pk, "lines-TOTAL_FORMS": "1", "lines-INITIAL_FORMS": "0"}

    answer = client.post(
        address(PurchaseOrder, "add/"),
        form | {"lines-0-item": item.pk, "lines-0-qty": "5", "lines-0-due": "2011-05-01"},
    )
    assert answer.status_code == 302, text_of(answer)
    line = PurchaseOrderLine.objects.get()
    assert (line.ref, line.line, line.qty) == ("PO-7", 1, 5)

    chosen = {"action": "receive_all", "_selected_action": [line.purchase_order_id]}
    client.post(address(PurchaseOrder), chosen)
    line.refresh_from_db()
    assert line.received_qty == 5
    assert StockMovement.objects.get().qty == 5


def test_there_is_one_factory_and_it_opens_at_once():
    builders.make_settings()
    client = sign_in("planner")
    page = address(FactorySettings, "1/change/")

    assert client.get(address(FactorySettings))["Location"] == page
    assert client.get(address(FactorySettings, "add/")).status_code == 403
    assert client.post(page, fields_of(client.get(page)) | {"as_of": "2011-04-01"}).status_code == 302
    assert FactorySettings.objects.get().as_of == dt.date(2011, 4, 1)


def test_the_days_of_a_shift_are_ticked():
    client = sign_in("planner")
    form = {"code": "DAY", "closures-TOTAL_FORMS": "0", "closures-INITIAL_FORMS": "0"}
    form |= {"extra_shifts-TOTAL_FORMS": "0", "extra_shifts-INITIAL_FORMS": "0"}
    form |= {"shifts-TOTAL_FORMS": "1", "shifts-INITIAL_FORMS": "0", "shifts-0-days": ["4", "0"]}

    client.post(address(WorkCalendar, "add/"), form | {"shifts-0-start": "07:00", "shifts-0-end": "15:00"})

    assert Shift.objects.get().days == [0, 4]


# --- roles


@pytest.mark.parametrize("role", ["sales", "hr", "reader", "production"])
def test_each_role_sees_what_it_needs(role):
    sees = {
        "sales": {SalesOrder, Customer, Item, OrderLine, DeliveryPromise},
        "hr": {
            *(Skill, Absence, PlanRun, WorkCalendar, FactorySettings),
            *(CrossTraining, HiringBudget, HiringDecision),
        },
        "reader": set(ROWS) - {HiringBudget},
        "production": set(ROWS) - {HiringBudget},
    }[role]
    client = sign_in(role)

    seen = {model for model in ROWS if client.get(address(model)).status_code == 200}

    assert seen == sees


def test_sales_see_prices_and_not_what_items_cost_or_are_made_of():
    line = builders.make_bom_line(component=builders.make_item("SECRET-PART", kind="buy"))
    Item.objects.filter(pk=line.bom.item_id).update(price=Decimal("77.5"), unit_cost=Decimal("33.25"))
    for role, sees in (("sales", False), ("production", True)):
        client = sign_in(role)
        page = client.get(address(Item, f"{line.bom.item_id}/change/")).content.decode()
        assert "77.5" in page
        assert ("33.25" in page) is sees
        assert ("SECRET-PART" in page) is sees
        assert ("33.25" in client.get(address(Item)).content.decode()) is sees
        answer = client.post(address(Item, "export/"), {"format": "1", "resource": "0"})
        assert ("33.25" in answer.content.decode()) is sees


def test_readers_change_nothing():
    client = sign_in("reader")
    for model in LISTS:
        assert client.post(address(model, "add/"), {}).status_code == 403, model
    item = builders.make_item(name="Motor")
    client.post(address(Item, f"{item.pk}/change/"), {"name": "X"})
    item.refresh_from_db()
    assert item.name == "Motor"


@pytest.mark.parametrize(
    ("role", "sees"), [("planner", True), ("hr", True), ("production", False), ("reader", False)]
)
def test_raises_budgets_and_cash_are_shown_to_who_sees_wages(role, sees):
    skill, other = builders.make_skill("ASM"), builders.make_skill("WIRE")
    SkillRaise.objects.create(skill=skill, raised_from=builders.TODAY, wage_per_hour=Decimal("23.75"))
    way = CrossTraining.objects.create(
        from_skill=skill, to_skill=other, max_per_month=1, cost=Decimal("955.25")
    )
    settings = builders.make_settings(
        cash_opening=Decimal("81234.5"),
        cash_floor=Decimal("4567.5"),
        hiring_budget_per_month=Decimal("7654.25"),
    )
    client = sign_in(role)

    for row, amounts in (
        (skill, ["23.75"]),
        (way, ["955.25"]),
        (settings, ["81234.5", "4567.5", "7654.25"]),
    ):
        page = client.get(address(type(row), f"{row.pk}/change/")).content.decode()
        assert [amount in page for amount in amounts] == [sees] * len(amounts), (role, row)
    listed = client.post(address(CrossTraining, "export/"), {"format": "1", "resource": "0"}).content.decode()
    assert ("955.25" in listed) is sees


def test_who_saves_a_decision_is_the_one_who_decided():
    skill = builders.make_skill("ASM")
    client = sign_in("hr")
    form = {"skill": skill.pk, "month": "2011-06", "heads": "2", "verdict": "approved", "note": ""}
    assert client.post(address(HiringDecision, "add/"), form).status_code == 302
    row = HiringDecision.objects.get()
    assert (row.decided_by.username, row.version) == ("hr", 1)

    page = address(HiringDecision, f"{row.pk}/change/")
    planner = sign_in("planner")
    assert planner.post(page, fields_of(planner.get(page))).status_code == 302
    assert HiringDecision.objects.get().decided_by.username == "hr"
    assert planner.post(page, fields_of(planner.get(page)) | {"verdict": "locked"}).status_code == 302
    assert HiringDecision.objects.get().decided_by.username == "planner"
    assert sign_in("production").post(page, {"verdict": "refused"}).status_code == 403
    refused = client.post(address(HiringDecision, "add/"), form | {"month": "June"})
    assert "A month as YYYY-MM" in text_of(refused)


def test_wages_of_skills_are_hidden_where_they_are_not_needed():
    skill = builders.make_skill(wage_per_hour=Decimal("31.25"))
    builders.make_settings(temp_wage_per_hour=Decimal("31.25"))
    for role, sees in (("hr", True), ("planner", True), ("production", False), ("reader", False)):
        client = sign_in(role)
        pages = [
            address(Skill),
            address(Skill, f"{skill.pk}/change/"),
            address(FactorySettings, "1/change/"),
        ]
        for page in pages:
            assert ("31.25" in client.get(page).content.decode()) is sees, (role, page)
        answer = client.post(address(Skill, "export/"), {"format": "1", "resource": "0"})
        assert ("31.25" in answer.content.decode()) is sees, role
        assert client.get(address(Skill, f"{skill.pk}/history/")).status_code == (200 if sees else 403)


@pytest.mark.parametrize("role", ["admin", "planner", "production", "hr", "sales", "reader"])
def test_no_page_links_to_what_its_reader_may_not_open(role):
    item = builders.make_item(unit_cost=Decimal("31.25"))
    item.price = 40
    item.save()
    builders.make_settings()
    order = builders.make_order(lines=[builders.new_line(item=item.code)])
    skill = builders.make_skill(calendar=builders.make_calendar())
    client = sign_in(role)
    pages = [
        address(type(row), f"{row.pk}/{page}")
        for row in (item, order, skill, FactorySettings.objects.get())
        for page in ("change/", "history/")
    ]

    opened = {page: client.get(page) for page in pages}
    links = {
        (page, link)
        for page, answer in opened.items()
        if answer.status_code == 200
        for link in re.findall(r'href="(/admin/[^"?]+/(?:change|history)/)"', answer.content.decode())
    }

    assert links
    assert [pair for pair in sorted(links) if client.get(pair[1]).status_code != 200] == []


def test_history_is_offered_to_those_who_see_every_field_of_it():
    item = builders.make_item(unit_cost=Decimal("31.25"))
    page = address(Item, f"{item.pk}/change/")
    history = address(Item, f"{item.pk}/history/")
    version = f"{history}{item.history.get().pk}/"
    for role, sees in (("planner", True), ("sales", False)):
        client = sign_in(role)
        assert (history in client.get(page).content.decode()) is sees
        assert [client.get(address).status_code for address in (history, version)] == [
            200 if sees else 403
        ] * 2


def test_a_change_that_no_user_made_has_no_author_to_open():
    order = builders.make_order()
    page = sign_in("admin").get(address(SalesOrder, f"{order.pk}/history/"))
    assert page.status_code == 200
    assert "/admin/auth/user/None/" not in page.content.decode()


def test_wages_cannot_be_guessed_by_narrowing_a_list():
    builders.make_skill(wage_per_hour=Decimal("31.25"))
    for role, sees in (("hr", True), ("planner", True), ("production", False), ("reader", False)):
        client = sign_in(role)
        for model, question in (
            (Skill, {"wage_per_hour__gte": "31"}),
            (Skill, {"hire_cost__isnull": "True"}),
            (PlanRun, {"total_cost__gte": "23000000"}),
        ):
            assert client.get(address(model), question).status_code == (200 if sees else 400), (
                role,
                question,
            )
        assert client.get(address(PlanRun), {"cost__regular_labour__gte": "1"}).status_code == 400, role
