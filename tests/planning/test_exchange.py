"""factory-1 in and out: equal after a round trip, updated by key, all or nothing."""

import datetime as dt
import json
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection

from inventory.models import BomLine, Item, ItemSource, PurchaseOrderLine, StockMovement
from inventory.selectors import list_balances
from inventory.services import cancel_purchase, revise_bom
from orders.models import Customer, DeliveryPromise, Instalment, OrderLine, SalesOrder
from orders.services import (
    PromiseRow,
    cancel_order,
    hold_order,
    record_promises,
    release_order,
    ship_instalment,
)
from planning.engine.errors import InvalidFactory
from planning.engine.factory import Factory, Row
from planning.engine.factory_codec import canonical_json, read_factory
from planning.errors import NoFactory
from planning.loading import load_factory, snapshot
from planning.models import ENDED, FactorySettings, HiringDecision, Operation, PlanRun, Skill, WorkCentre
from planning.services.exchange import export_factory, import_factory
from tests.builders import NOW, as_json, factory_document, make_item, make_run
from tests.rest import make_user

pytestmark = pytest.mark.django_db

BALQON = Path(__file__).parents[2] / "data" / "balqon.json"
EVERY_KEY = Path(__file__).with_name("every_key.json")


def load(document, **options):
    text = document if isinstance(document, str | bytes) else as_json(document)
    return import_factory(document=text, now=NOW, **options)


def counts(summary, section):
    row = next(row for row in summary.sections if row.section == section)
    return (row.added, row.updated, row.unchanged, row.removed)


@pytest.mark.parametrize("path", [BALQON, EVERY_KEY], ids=lambda path: path.stem)
def test_a_round_trip_changes_nothing(path):
    document = path.read_bytes()
    load(document)

    assert canonical_json(read_factory(export_factory())) == canonical_json(read_factory(document))


def test_the_small_file_uses_every_key_with_a_value_of_its_own():
    """Otherwise the round trip above proves less than it says."""
    seen = set()

    def look(row):
        for name, field in type(row).model_fields.items():
            value = getattr(row, name)
            if value != field.get_default(call_default_factory=True):
                seen.add((type(row), name))
            for each in value.values() if isinstance(value, dict) else [value]:
                for part in each if isinstance(each, tuple) else [each]:
                    if isinstance(part, Row):
                        look(part)

    look(read_factory(EVERY_KEY.read_bytes()))

    def row_types(base):
        return {base} | {deeper for each in base.__subclasses__() for deeper in row_types(each)}

    expected = {(row, name) for row in row_types(Row) - {Row} for name in row.model_fields}
    assert {f"{row.__name__}.{name}" for row, name in expected - seen} == set()


@pytest.mark.parametrize("path", [BALQON, EVERY_KEY], ids=lambda path: path.stem)
def test_the_second_import_changes_nothing(path):
    document = path.read_bytes()
    load(document)
    histories = (Item, Skill, SalesOrder, Instalment, Operation, BomLine)
    before = [model.history.count() for model in histories]

    summary = load(document)

    assert summary.changed_rows == 0
    assert [model.history.count() for model in histories] == before
    assert set(Item.objects.values_list("version", flat=True)) == {1}


def test_balqon_is_stored_with_all_its_rows():
    load(BALQON.read_bytes())

    assert Item.objects.count() == 87
    assert BomLine.objects.count() == 118
    assert Operation.objects.count() == 77
    assert WorkCentre.objects.count() == 24
    assert Skill.objects.count() == 21
    assert SalesOrder.objects.count() == 4
    assert Instalment.objects.count() == 17
    # 300 drive systems are one line with 12 instalments.
    line = OrderLine.objects.get(order__ref="SO-2011-001", line=1)
    assert (line.qty, line.instalments.count()) == (300, 12)


def test_rows_are_updated_by_key_and_the_rest_stays():
    load(factory_document())
    load(
        factory_document(
            items=[
                {"code": "DRIVE", "kind": "make", "name": "Drive"},
                {"code": "MOTOR", "kind": "buy", "lead_time_days": 7},
                {"code": "PUMP", "kind": "buy"},
            ],
            customers=[{"code": "ACME"}, {"code": "PORT"}],
        )
    )
    summary = load(factory_document())

    # PUMP and PORT are not mentioned any more and stay; DRIVE has lost its name again.
    assert counts(summary, "items") == (0, 1, 1, 0)
    assert set(Item.objects.values_list("code", flat=True)) == {"DRIVE", "MOTOR", "PUMP"}
    assert set(Customer.objects.values_list("code", flat=True)) == {"ACME", "PORT"}
    drive = Item.objects.get(code="DRIVE")
    assert (drive.name, drive.version) == ("", 3)
    assert drive.history.count() == 3


def test_what_the_top_level_leaves_out_stays():
    load(factory_document(currency="EUR", policy={"frozen_days": 5}, staffing={"hire_cost": 9}))
    load(factory_document())

    settings = FactorySettings.objects.get()
    assert (settings.currency, settings.frozen_days, settings.hire_cost) == ("EUR", 5, 9)


def test_parts_of_a_row_that_is_mentioned_are_those_of_the_file():
    line = {"line": 1, "item": "DRIVE", "qty": 5}
    order = {"ref": "SO-1", "customer": "ACME"}
    both = [{"due": "2011-07-01", "qty": 2}, {"due": "2011-08-01", "qty": 3}]
    load(factory_document(sales_orders=[{**order, "lines": [{**line, "instalments": both}]}]))

    summary = load(factory_document(sales_orders=[{**order, "lines": [{**line, "due": "2011-09-01"}]}]))

    assert counts(summary, "sales_orders") == (0, 1, 0, 0)
    assert list(Instalment.objects.values_list("instalment", "due", "qty")) == [
        (1, dt.date(2011, 9, 1), Decimal(5))
    ]
    assert SalesOrder.objects.get().version == 2


def test_an_order_whose_line_is_no_longer_in_the_file_is_updated():
    lines = [{"line": n, "item": "DRIVE", "qty": 1, "due": "2011-07-01"} for n in (1, 2)]
    order = {"ref": "SO-1", "customer": "ACME"}
    load(factory_document(sales_orders=[{**order, "lines": lines}]))

    summary = load(factory_document(sales_orders=[{**order, "lines": lines[:1]}]))

    assert counts(summary, "sales_orders") == (0, 1, 0, 0)
    assert OrderLine.objects.count() == 1


def test_a_dry_run_says_what_would_happen_and_changes_nothing():
    load(factory_document())
    more = factory_document(customers=[{"code": "ACME", "priority": 1}, {"code": "PORT"}])

    summary = load(more, dry_run=True)

    assert counts(summary, "customers") == (1, 1, 0, 0)
    assert list(Customer.objects.values_list("code", "priority")) == [("ACME", 3)]
    assert Customer.history.count() == 1


def test_another_factory_is_refused_unless_it_replaces():
    load(factory_document())
    other = factory_document(name="Other works")

    with pytest.raises(InvalidFactory) as refused:
        load(other)

    assert [issue.path for issue in refused.value.issues] == ["/name"]
    assert "--replace" in refused.value.issues[0].message
    load(other, replace=True)
    assert FactorySettings.objects.get().name == "Other works"


def test_replacing_makes_the_file_the_whole_truth():
    load(BALQON.read_bytes())
    small = factory_document(stock=[{"item": "MOTOR", "qty": 3}])

    load(small, replace=True)

    assert canonical_json(load_factory()) == canonical_json(read_factory(as_json(small)))
    assert Item.objects.count() == 2
    assert SalesOrder.objects.count() == 1


def test_replacing_back_and_forth_ends_where_it_began():
    load(EVERY_KEY.read_bytes())
    load(BALQON.read_bytes(), replace=True)
    load(EVERY_KEY.read_bytes(), replace=True)

    assert canonical_json(load_factory()) == canonical_json(read_factory(EVERY_KEY.read_bytes()))


def test_replacing_keeps_plans_and_the_history_of_promises():
    load(factory_document())
    run = make_run(status="published")
    record_promises(plan_version=run.version, rows=[_promise()], now=NOW)

    load(factory_document(sales_orders=[]), replace=True)

    assert SalesOrder.objects.count() == 0
    assert PlanRun.objects.get().status in ENDED
    promise = DeliveryPromise.objects.get()
    assert (promise.sales_order, promise.instalment_row) == ("SO-1", None)


def _promise():
    return PromiseRow(
        sales_order="SO-1",
        line=1,
        instalment=1,
        item="DRIVE",
        qty=Decimal(5),
        requested=dt.date(2011, 7, 1),
        promised=dt.date(2011, 7, 4),
        days_late=3,
    )


def test_an_import_leaves_promised_and_shipped_dates_alone():
    load(factory_document())
    record_promises(plan_version=1, rows=[_promise()], now=NOW)

    load(
        factory_document(
            items=[{"code": "DRIVE", "kind": "make", "price": 7}, {"code": "MOTOR", "kind": "buy"}]
        )
    )

    assert Instalment.objects.get().promised == dt.date(2011, 7, 4)


def test_stock_is_set_by_an_adjustment_of_the_ledger():
    load(factory_document(stock=[{"item": "MOTOR", "qty": 10}, {"item": "MOTOR", "qty": 4, "lot": "B"}]))
    summary = load(factory_document(stock=[{"item": "MOTOR", "qty": 7}]))

    # 10 - 3 = 7 without a lot; lot B is not mentioned.
    movements = StockMovement.objects.order_by("pk").values_list("lot", "qty", "kind")
    assert list(movements) == [
        (None, 10, "adjustment"),
        ("B", 4, "adjustment"),
        (None, -3, "adjustment"),
    ]
    assert [(row.lot, row.qty) for row in sorted(list_balances(), key=lambda row: row.lot or "")] == [
        (None, 7),
        ("B", 4),
    ]
    assert counts(summary, "stock") == (0, 1, 0, 0)


def test_replacing_empties_the_places_that_the_file_does_not_mention():
    load(factory_document(stock=[{"item": "MOTOR", "qty": 10}, {"item": "MOTOR", "qty": 4, "lot": "B"}]))
    load(factory_document(stock=[{"item": "MOTOR", "qty": 10}]), replace=True)

    assert [(row.lot, row.qty) for row in list_balances()] == [(None, 10)]


def test_orders_on_hold_and_cancelled_stay_so_and_are_neither_planned_nor_exported():
    orders = [
        {
            "ref": ref,
            "customer": "ACME",
            "lines": [{"line": 1, "item": "DRIVE", "qty": 5, "due": "2011-07-01"}],
        }
        for ref in ("HELD", "GONE", "QUOTE", "OPEN")
    ]
    orders[2]["status"] = "quote"
    document = factory_document(sales_orders=orders)
    load(document)
    hold_order(ref="HELD", reason="credit", now=NOW)
    cancel_order(ref="GONE", now=NOW)

    summary = load(document)

    assert sorted(summary.notes) == ["order GONE stays cancelled", "order HELD stays on hold"]
    assert [(row.ref, row.status) for row in load_factory().sales_orders] == [
        ("OPEN", "confirmed"),
        ("QUOTE", "quote"),
    ]
    release_order(ref="HELD", now=NOW)
    assert "HELD" in [row.ref for row in load_factory().sales_orders]


PURCHASE = {"ref": "PO-1", "supplier": "MILL", "item": "MOTOR", "qty": 10, "due": "2011-04-01"}


def with_purchase(**values):
    return factory_document(suppliers=[{"code": "MILL"}], purchase_orders=[PURCHASE | values])


def receipts():
    return [(row.ref, row.qty, row.received_qty) for row in load_factory().purchase_orders]


def test_a_cancelled_rest_is_no_scheduled_receipt_and_survives_a_round_trip():
    load(with_purchase())
    cancel_purchase(ref="PO-1", lines={"PO-1": Decimal(4)})
    assert receipts() == [("PO-1", 6, 0)]
    exported = export_factory()

    summary = load(exported)

    assert counts(summary, "purchase_orders") == (0, 0, 1, 0)
    line = PurchaseOrderLine.objects.get()
    assert (line.qty, line.cancelled_qty) == (6, 4)
    assert export_factory() == exported


def test_a_line_of_which_all_was_cancelled_is_neither_planned_nor_exported():
    load(with_purchase())
    cancel_purchase(ref="PO-1")
    assert receipts() == []

    load(export_factory())
    assert receipts() == []
    assert PurchaseOrderLine.objects.get().cancelled_qty == 10


def test_a_file_that_says_what_was_ordered_does_not_bring_back_what_was_cancelled():
    load(with_purchase())
    cancel_purchase(ref="PO-1", lines={"PO-1": Decimal(4)})

    summary = load(with_purchase())

    assert receipts() == [("PO-1", 6, 0)]
    assert summary.notes == ("PO-1: 4 of 10 were cancelled here and stay cancelled",)


def test_what_came_in_spite_of_it_was_not_cancelled():
    load(with_purchase())
    cancel_purchase(ref="PO-1", lines={"PO-1": Decimal(4)})

    load(with_purchase(received_qty=8))

    # 10 were ordered, 8 came, so at most 2 can have been cancelled
    line = PurchaseOrderLine.objects.get()
    assert (line.qty, line.received_qty, line.cancelled_qty) == (8, 8, 2)


def test_a_new_quantity_or_a_file_that_replaces_is_taken_as_it_is():
    load(with_purchase())
    cancel_purchase(ref="PO-1", lines={"PO-1": Decimal(4)})
    load(with_purchase(qty=7))
    assert receipts() == [("PO-1", 7, 0)]

    load(with_purchase(qty=11), replace=True)
    assert receipts() == [("PO-1", 11, 0)]


def test_a_shipped_order_is_exported_as_confirmed_with_all_of_it_shipped():
    load(factory_document())
    ship_instalment(ref="SO-1", line=1, shipped_on=dt.date(2011, 6, 1), now=NOW)

    assert SalesOrder.objects.get().status == "shipped"
    (order,) = load_factory().sales_orders
    assert (order.status, order.lines[0].shipped_qty) == ("confirmed", 5)
    assert load(export_factory()).changed_rows == 0


def test_revisions_are_exported_as_dates_and_found_again():
    load(factory_document())
    drive = Item.objects.get(code="DRIVE")
    second = revise_bom(item_id=drive.pk, revision="B", effective_from=dt.date(2011, 8, 1))
    second.lines.update(qty=3)

    rows = [(row.qty, row.from_, row.to) for row in load_factory().bom]
    assert sorted(rows) == [(2, None, dt.date(2011, 8, 1)), (3, dt.date(2011, 8, 1), None)]
    document = export_factory()
    assert load(document).changed_rows == 0
    load(document, replace=True)
    assert canonical_json(load_factory()) == canonical_json(read_factory(document))


def test_a_bom_row_that_fits_no_revision_is_refused_with_its_path():
    load(factory_document())
    drive = Item.objects.get(code="DRIVE")
    revise_bom(item_id=drive.pk, revision="B", effective_from=dt.date(2011, 8, 1))

    with pytest.raises(InvalidFactory) as refused:
        load(factory_document())

    # The file says "always" of what revision 1 says until August.
    assert [issue.path for issue in refused.value.issues] == ["/bom/0/to"]


def test_naming_the_first_operation_does_not_add_a_second_component():
    load(factory_document())
    named = {"parent": "DRIVE", "component": "MOTOR", "qty": 2, "operation": 10}

    summary = load(factory_document(bom=[named]))

    assert counts(summary, "bom") == (0, 1, 0, 0)


def test_a_planning_date_that_is_given_wins_over_the_stored_one():
    load(factory_document())

    assert load_factory(as_of=dt.date(2011, 5, 1)).as_of == dt.date(2011, 5, 1)
    assert load_factory().as_of == dt.date(2011, 3, 1)


def test_who_decided_on_a_hire_stays_until_a_file_says_otherwise():
    decision = {"skill": "ASM", "month": "2011-06", "heads": 2, "verdict": "approved"}
    load(factory_document(hiring_decisions=[decision]), by=make_user("hr"))
    later = NOW + dt.timedelta(days=1)
    import_factory(document=as_json(factory_document(hiring_decisions=[decision])), now=later, by=None)
    row = HiringDecision.objects.select_related("decided_by").get()
    assert (row.decided_by.username, row.decided_at) == ("hr", NOW)

    changed = factory_document(hiring_decisions=[decision | {"heads": 3}])
    import_factory(document=as_json(changed), now=later, by=None)
    row = HiringDecision.objects.get()
    assert (row.heads, row.decided_by, row.decided_at) == (3, None, later)


def test_raises_of_a_skill_that_is_mentioned_are_those_of_the_file():
    document = factory_document()
    raises = [{"from": "2011-06-01", "wage_per_hour": 22}, {"from": "2011-09-01", "wage_per_hour": 23}]
    document["skills"][0]["raises"] = raises
    load(document)
    document["skills"][0]["raises"] = raises[1:]
    summary = load(document)

    assert [row.from_ for row in load_factory().skills[0].raises] == [dt.date(2011, 9, 1)]
    assert counts(summary, "skills")[1] == 1


def test_milestones_worth_more_than_their_order_are_kept_since_its_items_price_may_have_fallen():
    document = factory_document(
        sales_orders=[
            {
                "ref": "SO-1",
                "customer": "ACME",
                "milestones": [{"date": "2011-04-01", "amount": 500.5}],
                "lines": [{"line": 1, "item": "DRIVE", "qty": 5, "due": "2011-07-01"}],
            }
        ],
    )
    document["items"][0]["price"] = 100
    load(document)

    (paid,) = load_factory().sales_orders[0].milestones
    assert float(paid.amount) == 500.5


def test_without_an_import_there_is_no_factory():
    with pytest.raises(NoFactory):
        load_factory()


def test_the_number_of_queries_does_not_depend_on_the_size(django_assert_num_queries):
    load(factory_document())
    with django_assert_num_queries(38):
        small = load_factory()
    load(BALQON.read_bytes(), replace=True)
    with django_assert_num_queries(38):
        large = load_factory()

    assert isinstance(small, Factory)
    assert (len(small.items), len(large.items)) == (2, 87)


def test_about_is_kept_as_it_is():
    about = {"story": "300 units\nin 18 months", "numbers": [1, 2.5, None, True], "nested": {"a": {"b": []}}}
    load(factory_document(about=about))

    assert json.loads(export_factory())["about"] == about


def test_sources_are_told_apart_by_the_day_they_begin():
    load(EVERY_KEY.read_bytes())

    assert ItemSource.objects.filter(item__code="WIRE").count() == 3


@pytest.mark.django_db(transaction=True)
def test_all_tables_are_read_as_of_one_moment():
    load(factory_document())

    def add_item():
        make_item("LATE")
        connection.close()

    writer = threading.Thread(target=add_item)
    with snapshot():
        before = Item.objects.count()
        writer.start()
        # SQLite lets the writer wait for us; elsewhere it is done by now.
        writer.join(timeout=0.5)
        assert Item.objects.count() == before == 2
    writer.join()

    assert Item.objects.count() == 3
    assert len(load_factory().items) == 3
