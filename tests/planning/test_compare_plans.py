"""Two plans held against each other: what differs, by how much, and why."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from planning.models import (
    CashMonth,
    PlannedOperation,
    PlannedOrder,
    PlanPromise,
    PlanRun,
    StaffingMonth,
)
from planning.selectors.versions import compare_plans
from tests.journeys.admin import ready_plan, small_factory
from tests.rest import Api, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_plans():
    """A published plan, and one beside it that is the same, row by row."""
    small_factory()
    one = ready_plan()
    return one, ready_plan()


def compared(one, two):
    return compare_plans(one.pk, two.pk)


def rows_of(model, run):
    return model.objects.filter(run=run)


def figures(found):
    return {row.name: (row.before, row.after) for row in found.figures}


def test_nothing_differs_between_a_plan_and_its_like(two_plans):
    found = compared(*two_plans)

    assert (found.dates, found.same_dates) == ((), 1)
    assert (found.purchases, found.same_purchases) == ((), 1)
    assert (found.operations.moves, found.operations.unmoved) == ((), 1)
    assert found.people.skills == {}
    assert (found.settings, found.inputs, found.is_same_input) == ((), (), True)
    assert all(row.change == 0 for row in [*found.figures, *found.costs])


def test_a_later_date_says_by_how_many_days_and_why(two_plans):
    one, two = two_plans
    rows_of(PlanPromise, two).update(
        promised="2011-07-10",
        days_late=9,
        reasons=[{"code": "AT_RISK_SKILL", "entity": "ASM", "days": 9, "text": "assemblers are short"}],
    )

    (move,) = compared(one, two).dates

    assert (move.kind, move.days, move.late_before, move.late_after) == ("later", 9, 0, 9)
    assert (move.before, move.after) == (dt.date(2011, 7, 1), dt.date(2011, 7, 10))
    assert move.why == ("assemblers are short (9 d)",)
    # and the other way round it comes earlier, since that reason is gone
    (back,) = compared(two, one).dates
    assert (back.kind, back.days) == ("earlier", -9)
    assert back.why == ("No more: assemblers are short (9 d)",)


def test_only_the_days_that_are_more_than_before_are_a_reason(two_plans):
    one, two = two_plans
    reason = {"code": "AT_RISK_SKILL", "entity": "ASM", "text": "assemblers are short"}
    rows_of(PlanPromise, one).update(promised="2011-07-05", days_late=4, reasons=[reason | {"days": 3.9}])
    rows_of(PlanPromise, two).update(promised="2011-07-10", days_late=9, reasons=[reason | {"days": 9.0}])

    (move,) = compared(one, two).dates

    assert (move.days, move.why) == (5, ("assemblers are short (+5.1 d)",))


def test_an_order_that_changed_itself_is_told_as_the_reason(two_plans):
    one, two = two_plans
    rows_of(PlanPromise, two).update(requested="2011-08-01", promised="2011-08-01", qty=6)

    (move,) = compared(one, two).dates

    assert move.why == (
        "Wanted on 2011-08-01, before on 2011-07-01.",
        "6 units, before 5.",
        "In time in both plans.",
    )


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [("2011-07-01", None, "no_date"), (None, "2011-07-01", "dated"), (None, None, None)],
)
def test_a_date_that_is_there_in_one_plan_only_has_no_days(two_plans, before, after, kind):
    for run, promised in zip(two_plans, (before, after), strict=True):
        rows_of(PlanPromise, run).update(promised=promised)

    assert [(move.kind, move.days) for move in compared(*two_plans).dates] == ([(kind, None)] if kind else [])


def test_an_instalment_of_one_plan_only_is_new_or_gone(two_plans):
    one, two = two_plans
    rows_of(PlanPromise, two).update(sales_order="SO-2")

    assert [(move.kind, move.sales_order) for move in compared(one, two).dates] == [
        ("new", "SO-2"),
        ("gone", "SO-1"),
    ]


def test_people_are_told_by_month_and_only_skills_that_differ(two_plans):
    one, two = two_plans
    rows_of(StaffingMonth, two).filter(month="2011-04").update(headcount=6, hires=4)
    other = {"leavers": 0, "layoffs": 0, "temp_heads": 0, "overtime_hours": 0, "cost": 0}
    for run in two_plans:
        StaffingMonth.objects.create(
            run=run,
            skill="OFF",
            month="2011-04",
            headcount=3,
            hires=0,
            available_hours=1,
            required_hours=1,
            **other,
        )

    people = compared(one, two).people

    assert [(row.month, row.before.heads, row.after.heads) for row in people.totals] == [
        ("2011-03", 2, 2),
        ("2011-04", 8, 9),
    ]
    assert {code: [row.change for row in rows] for code, rows in people.skills.items()} == {"ASM": [0, 1]}
    assert figures(compared(one, two))["hires"] == (3, 4)


def test_purchases_are_compared_by_what_they_are_not_by_their_ids(two_plans):
    one, two = two_plans
    buys = rows_of(PlannedOrder, two).filter(kind="buy")
    buys.update(order="B7")
    assert compared(one, two).purchases == ()
    buys.update(release="2011-03-12", due="2011-03-19")
    PlannedOrder.objects.create(
        run=two, order="B9", item="MOTOR", kind="buy", qty=3, release="2011-05-01", due="2011-05-08"
    )

    changed, added = compared(one, two).purchases

    assert (changed.kind, changed.item, changed.days) == ("changed", "MOTOR", 3)
    assert (added.kind, added.before, added.after.qty, added.days) == ("added", None, 3, None)
    assert [row.kind for row in compared(two, one).purchases] == ["changed", "removed"]


def test_an_operation_has_moved_when_its_start_or_station_is_another(two_plans):
    one, two = two_plans
    operation = rows_of(PlannedOperation, two).get()
    operation.station = 2
    operation.save()
    (move,) = compared(one, two).operations.moves
    assert (move.kind, move.days) == ("moved", 0)
    day = dt.timedelta(days=1)
    for name in ("start", "end", "free"):
        setattr(operation, name, getattr(operation, name) + 2 * day)
    operation.save()

    moves = compared(one, two).operations

    assert [(move.kind, move.item, move.seq, move.days) for move in moves.moves] == [
        ("moved", "DRIVE", 10, 2)
    ]
    assert [(row.work_centre, row.unmoved, row.moved, row.mean_days) for row in moves.centres] == [
        ("BENCH", 0, 1, 2)
    ]


def test_an_operation_is_held_against_the_one_of_the_same_order(two_plans):
    # given lots A and B that change places: A, which began first, begins last
    one, two = two_plans
    first, last = dt.datetime(2011, 4, 1, 8, tzinfo=dt.UTC), dt.datetime(2011, 4, 9, 8, tzinfo=dt.UTC)
    PlannedOperation.objects.all().delete()
    for run, starts in ((one, {"A": first, "B": last}), (two, {"A": last, "B": first})):
        for order, start in starts.items():
            end = start + dt.timedelta(hours=2)
            PlannedOperation.objects.create(
                run=run,
                order=order,
                item="DRIVE",
                seq=10,
                qty=5 if order == "A" else 4,
                work_centre="BENCH",
                station=1,
                crew=1,
                start=start,
                end=end,
                free=end,
            )

    moves = compared(one, two).operations.moves

    assert {move.after.order: move.days for move in moves} == {"A": 8, "B": -8}


def test_what_was_asked_for_and_rows_of_the_factory_that_differ_are_named(two_plans):
    one, two = two_plans
    document = json.loads(two.factory_json)
    document["items"][0]["lead_time_days"] = 99
    document["skills"][0]["wage_per_hour"] = 77
    document["sales_orders"].append(document["sales_orders"][0] | {"ref": "SO-9"})
    PlanRun.objects.filter(pk=two.pk).update(
        weights={"lateness": 10}, seed=7, factory_json=json.dumps(document), input_digest="f" * 64
    )

    found = compared(one, two)

    assert {row.name: (row.before, row.after) for row in found.settings} == {
        "weights.lateness": (1.0, 10),
        "seed": (one.seed, 7),
    }
    assert {row.section: (row.added, row.removed, row.changed) for row in found.inputs} == {
        "items": (0, 0, 1),
        "skills": (0, 0, 1),
        "sales_orders": (1, 0, 0),
    }
    told = {row.section: [(each.key, each.fields) for each in row.examples] for row in found.inputs}
    assert told["skills"] == [(document["skills"][0]["code"], ("wage_per_hour",))]
    assert told["sales_orders"] == [("SO-9", ())]
    # names, never what it says: wages are for some
    assert "77" not in str(found.inputs)


# --- Over HTTP ---------------------------------------------------------------------------------------------


def test_the_api_tells_counts_figures_and_moves(two_plans):
    one, two = two_plans
    rows_of(PlanPromise, two).update(promised="2011-07-10", days_late=9)

    body = Api("planner").get(f"/plans/{one.pk}/compare/{two.pk}/").json()

    assert (body["before"]["version"], body["after"]["version"]) == (one.pk, two.pk)
    assert body["counts"] == {
        "same_dates": 0,
        "dates": 1,
        "same_purchases": 1,
        "purchases": 0,
        "unmoved_operations": 1,
        "operations": 0,
    }
    late = next(row for row in body["figures"] if row["name"] == "days_late")
    assert late == {"name": "days_late", "before": 0, "after": 9, "change": 9}
    assert (body["dates"][0]["days"], body["dates"][0]["after"]) == (9, "2011-07-10")


@pytest.mark.parametrize(
    ("role", "sees"), [("planner", True), ("hr", True), ("sales", False), ("reader", False)]
)
def test_only_who_sees_wages_is_told_what_labour_costs_and_what_cash_there_is(two_plans, role, sees):
    one, two = two_plans
    flows = dict.fromkeys(
        ("opening", "milestones", "deliveries", "payroll", "hiring", "purchases", "machine"), 0
    )
    for run in two_plans:
        CashMonth.objects.create(run=run, month="2011-03", closing=5, short=0, **flows)

    body = Api(role).get(f"/plans/{one.pk}/compare/{two.pk}/").json()

    costs = {row["part"]: row["before"] for row in body["costs"]}
    assert costs["material"] == 300
    assert (costs["total"], costs["regular_labour"]) == ((1000, 654) if sees else (None, None))
    assert ("least_cash" in [row["name"] for row in body["figures"]]) is sees


def test_a_plan_that_is_not_there_or_not_built_cannot_be_compared(two_plans):
    one, _ = two_plans
    queued = PlanRun.objects.create(requested_at=one.requested_at)

    api = Api("planner")
    refused(api.get(f"/plans/{one.pk}/compare/999999/"), 404)
    refused(api.get(f"/plans/{one.pk}/compare/{queued.pk}/"), 409, "plan_not_ready")


def test_a_comparison_asks_the_database_no_more_often_for_large_plans(two_plans):
    one, two = two_plans

    def queries():
        with CaptureQueriesContext(connection) as caught:
            compared(one, two)
        return len(caught)

    few = queries()
    for run in two_plans:
        for number in range(30):
            PlanPromise.objects.create(
                run=run,
                sales_order=f"X-{number}",
                line=1,
                instalment=1,
                item="DRIVE",
                qty=1,
                requested="2011-07-01",
                promised=f"2011-07-{1 + (number + run.pk) % 28:02}",
                days_late=0,
            )

    assert queries() == few <= 9
