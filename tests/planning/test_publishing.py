"""From draft to promise: what moves, what is written, what stays readable, and what is left out."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import DeliveryPromise, Instalment, OrderStatus, SalesOrder
from orders.services import cancel_order, hold_order
from orders.services.commands import NewInstalment, NewLine, NewOrder
from orders.services.entry import enter_order
from planning.errors import NoPublishedPlan, PlanNotFound, PlanNotReady, PlanSuperseded
from planning.models import PlanPromise, PlanRun, PlanStatus
from planning.saving import plan_from_rows
from planning.selectors.results import find_order_dates, list_promises
from planning.selectors.runs import get_current
from planning.services.publishing import preview_publish, publish_plan
from planning.services.runs import cancel_plan, request_plan
from tests.planning.conftest import NOW

pytestmark = pytest.mark.django_db(transaction=True)

FIRST, SECOND = dt.date(2024, 2, 2), dt.date(2024, 2, 9)
LATER = NOW + dt.timedelta(hours=1)


def promised() -> list[dt.date | None]:
    return list(Instalment.objects.order_by("instalment").values_list("promised", flat=True))


def move_promise(run: PlanRun, instalment: int, day: dt.date | None) -> None:
    """As a plan that found another date would have it."""
    PlanPromise.objects.filter(run=run, instalment=instalment).update(promised=day)


def test_publishing_writes_the_dates_and_their_history(build, django_user_model):
    planner = django_user_model.objects.create(username="planner")
    run = build()
    assert promised() == [None, None]

    published = publish_plan(version=run.pk, by=planner, now=NOW)

    assert (published.status, published.published_at, published.published_by) == ("published", NOW, planner)
    assert promised() == [FIRST, SECOND]
    assert set(Instalment.objects.values_list("promised_in_version", flat=True)) == {run.pk}
    rows = DeliveryPromise.objects.order_by("instalment").values_list(
        "promised", "plan_version", "promised_at"
    )
    assert list(rows) == [(FIRST, run.pk, NOW), (SECOND, run.pk, NOW)]
    assert published.stale == []
    assert get_current().pk == run.pk


def test_publishing_twice_promises_once(build):
    run = build()
    publish_plan(version=run.pk, by=None, now=NOW)

    again = publish_plan(version=run.pk, by=None, now=LATER)

    assert again.published_at == NOW
    assert DeliveryPromise.objects.count() == 2


def test_the_planner_sees_what_would_move_and_by_how_much(build):
    publish_plan(version=build().pk, by=None, now=NOW)
    draft = build()
    move_promise(draft, 1, FIRST + dt.timedelta(days=6))

    preview = preview_publish(draft.pk)

    (move,) = preview.moves
    assert (move.sales_order, move.line, move.instalment, move.item) == ("SO-1", 1, 1, "DRIVE")
    assert (move.moves_from, move.moves_to, move.days, move.kind) == (FIRST, dt.date(2024, 2, 8), 6, "later")
    assert preview.counts == {"new": 0, "earlier": 0, "later": 1, "withdrawn": 0, "unchanged": 1, "stale": 0}
    assert preview.replaces == draft.pk - 1
    # and nothing has happened yet
    assert promised() == [FIRST, SECOND]


def test_a_first_promise_an_earlier_one_and_a_withdrawn_one_are_told_apart(build):
    first = build()
    assert preview_publish(first.pk).counts["new"] == 2
    publish_plan(version=first.pk, by=None, now=NOW)
    draft = build()
    move_promise(draft, 1, None)
    move_promise(draft, 2, SECOND - dt.timedelta(days=1))

    kinds = {(move.instalment, move.kind, move.days) for move in preview_publish(draft.pk).moves}

    assert kinds == {(1, "withdrawn", None), (2, "earlier", -1)}


def test_the_plan_that_is_replaced_stays_readable(build):
    old = build()
    publish_plan(version=old.pk, by=None, now=NOW)
    document = plan_from_rows(old.pk)
    new = build()

    publish_plan(version=new.pk, by=None, now=LATER)

    old.refresh_from_db()
    assert (old.status, old.published_at) == (PlanStatus.ARCHIVED, NOW)
    assert plan_from_rows(old.pk) == document
    assert get_current().pk == new.pk
    # the history knows both
    assert DeliveryPromise.objects.values("plan_version").distinct().count() == 2


def test_an_older_draft_does_not_replace_a_newer_plan(build):
    older, newer = build(), build()
    publish_plan(version=newer.pk, by=None, now=NOW)

    with pytest.raises(PlanSuperseded, match=str(newer.pk)):
        publish_plan(version=older.pk, by=None, now=LATER)

    older.refresh_from_db()
    assert older.status == PlanStatus.READY
    assert get_current().pk == newer.pk


def test_only_a_built_plan_is_published(build, tiny):
    with pytest.raises(NoPublishedPlan):
        get_current()
    waiting = request_plan(requested_by=None, now=NOW)
    for act in (preview_publish, lambda version: publish_plan(version=version, by=None, now=NOW)):
        with pytest.raises(PlanNotReady):
            act(waiting.pk)
        with pytest.raises(PlanNotFound):
            act(waiting.pk + 1000)
    cancel_plan(version=waiting.pk, by=None, now=NOW)
    with pytest.raises(PlanNotReady):
        publish_plan(version=waiting.pk, by=None, now=NOW)
    assert promised() == [None, None]


@pytest.mark.parametrize("act", [cancel_order, hold_order])
def test_an_order_that_was_cancelled_or_held_while_the_plan_was_built_is_not_promised(build, act):
    run = build()
    act(ref="SO-1", now=NOW, reason="the customer called")

    preview = preview_publish(run.pk)
    published = publish_plan(version=run.pk, by=None, now=NOW)

    assert promised() == [None, None]
    assert not DeliveryPromise.objects.exists()
    status = SalesOrder.objects.get().status
    assert status in {OrderStatus.CANCELLED, OrderStatus.ON_HOLD}
    assert [(row["instalment"], row["code"]) for row in published.stale] == [(1, status), (2, status)]
    assert preview.counts["stale"] == 2
    assert preview.moves == ()


def test_an_instalment_that_changed_is_stale_and_the_others_are_promised(build):
    run = build()
    Instalment.objects.filter(instalment=1).update(due=dt.date(2024, 1, 31))

    published = publish_plan(version=run.pk, by=None, now=NOW)

    assert promised() == [None, SECOND]
    (entry,) = published.stale
    assert entry["code"] == "changed"
    assert "2024-02-02" in entry["text"]
    assert "2024-01-31" in entry["text"]


def test_an_instalment_that_shipped_in_part_keeps_its_date_and_a_whole_one_needs_none(build):
    run = build()
    Instalment.objects.filter(instalment=1).update(shipped_qty=1)
    Instalment.objects.filter(instalment=2).update(shipped_qty=2)

    published = publish_plan(version=run.pk, by=None, now=NOW)

    assert promised() == [FIRST, None]
    assert [row["code"] for row in published.stale] == ["shipped"]


def test_an_order_confirmed_since_is_named_as_not_planned(build):
    run = build()
    parts = (NewInstalment(due=dt.date(2024, 2, 20), qty=1),)
    new = NewOrder(
        ref="SO-2", customer="C1", lines=(NewLine(line=1, item="DRIVE", qty=1, instalments=parts),)
    )
    enter_order(order=new, now=NOW)

    published = publish_plan(version=run.pk, by=None, now=NOW)

    assert [(row["sales_order"], row["code"]) for row in published.stale] == [("SO-2", "not_in_plan")]
    assert find_order_dates("SO-2") is None
    assert [row.promised for row in find_order_dates("SO-1").promises] == [FIRST, SECOND]


def test_a_preview_asks_the_same_queries_whatever_moves(build):
    run = build()
    with CaptureQueriesContext(connection) as few:
        preview_publish(run.pk)
    assert len(few) == 5


def test_late_deliveries_are_listed_first(build):
    run = build()
    PlanPromise.objects.filter(run=run, instalment=2).update(days_late=3)

    assert [row.instalment for row in list_promises(run.pk)] == [2, 1]
