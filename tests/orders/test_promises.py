"""Promised dates: on the instalment, and in a history that only grows."""

import datetime as dt
from decimal import Decimal

import pytest

from inventory.errors import AppendOnlyRow
from orders.models import DeliveryPromise, Instalment
from orders.selectors import list_current_promises, list_late_instalments, list_promise_history
from orders.services import PromiseRow, cancel_order, hold_order, record_promises, release_order
from tests.builders import NOW, make_item, make_order, new_line, new_schedule

pytestmark = pytest.mark.django_db

JULY, AUGUST = dt.date(2011, 7, 31), dt.date(2011, 8, 31)


def promise(ref="SO-1", instalment=1, promised=JULY, **values):
    values = {"line": 1, "item": "DRIVE", "qty": Decimal(10), "requested": JULY, "days_late": 0} | values
    return PromiseRow(sales_order=ref, instalment=instalment, promised=promised, **values)


def test_a_promise_leaves_the_requested_date_alone_and_names_its_plan():
    make_order("SO-1")
    late = promise(promised=AUGUST, days_late=31, reasons=[{"code": "SKILL", "entity": "ASM"}])

    done = record_promises(plan_version=7, rows=[late], now=NOW)

    row = Instalment.objects.get()
    assert (row.due, row.promised, row.promised_in_version, row.shipped_on) == (JULY, AUGUST, 7, None)
    (entry,) = list_promise_history("SO-1")
    assert (entry.promised, entry.plan_version, entry.promised_at) == (AUGUST, 7, NOW)
    assert entry.reasons == [{"code": "SKILL", "entity": "ASM"}]
    assert (done.recorded, done.skipped) == (1, ())
    assert list(list_late_instalments()) == [row]


def test_every_promise_is_kept_and_the_last_one_counts():
    make_order("SO-1")
    for version, day in ((1, JULY), (2, AUGUST)):
        record_promises(
            plan_version=version, rows=[promise(promised=day)], now=NOW + dt.timedelta(days=version)
        )

    assert [(row.plan_version, row.promised) for row in list_promise_history("SO-1")] == [
        (2, AUGUST),
        (1, JULY),
    ]
    assert [row.plan_version for row in list_current_promises("SO-1")] == [2]
    assert Instalment.objects.get().promised == AUGUST


def test_recording_the_same_plan_twice_changes_nothing():
    make_order("SO-1")
    record_promises(plan_version=1, rows=[promise()], now=NOW)
    again = record_promises(plan_version=1, rows=[promise(promised=AUGUST)], now=NOW)

    assert again.recorded == 0
    assert DeliveryPromise.objects.count() == 1
    assert Instalment.objects.get().promised == JULY


def test_orders_that_are_not_confirmed_are_promised_nothing():
    for ref in ("GONE", "HELD", "OPEN"):
        make_order(ref)
    cancel_order(ref="GONE", now=NOW)
    hold_order(ref="HELD", now=NOW)

    done = record_promises(
        plan_version=1, rows=[promise(ref) for ref in ("GONE", "HELD", "NEVER", "OPEN")], now=NOW
    )

    assert done.recorded == 1
    assert done.skipped == (("GONE", 1, 1), ("HELD", 1, 1), ("NEVER", 1, 1))
    promised = Instalment.objects.filter(promised__isnull=False).values_list(
        "order_line__order__ref", flat=True
    )
    assert list(promised) == ["OPEN"]


def test_a_hold_does_not_take_back_what_was_promised():
    make_order("SO-1")
    record_promises(plan_version=1, rows=[promise()], now=NOW)
    hold_order(ref="SO-1", now=NOW)
    release_order(ref="SO-1", now=NOW)

    assert Instalment.objects.get().promised == JULY


def test_no_date_is_a_promise_too():
    make_order("SO-1")
    record_promises(plan_version=3, rows=[promise(promised=None, days_late=400)], now=NOW)

    row = Instalment.objects.get()
    assert (row.promised, row.promised_in_version) == (None, 3)


def test_the_history_is_never_changed():
    make_order("SO-1")
    record_promises(plan_version=1, rows=[promise()], now=NOW)
    row = DeliveryPromise.objects.get()

    row.promised = AUGUST
    for change in (
        row.save,
        row.delete,
        DeliveryPromise.objects.all().delete,
        lambda: DeliveryPromise.objects.update(promised=AUGUST),
    ):
        with pytest.raises(AppendOnlyRow):
            change()
    assert DeliveryPromise.objects.get().promised == JULY


def test_promises_of_many_instalments_cost_as_many_queries_as_of_one(django_assert_max_num_queries):
    make_item("DRIVE")
    parts = [(JULY + dt.timedelta(days=n), 1) for n in range(40)]
    make_order("SO-1", lines=[new_line(item="DRIVE", qty=40, due=None, instalments=new_schedule(*parts))])

    with django_assert_max_num_queries(12):
        done = record_promises(plan_version=1, rows=[promise(instalment=n + 1) for n in range(40)], now=NOW)

    assert done.recorded == 40
