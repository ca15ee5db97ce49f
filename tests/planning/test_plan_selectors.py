"""What the pages of a plan read: the right order, and no more queries for more rows."""

import datetime as dt
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from planning.models import (
    LoadWeek,
    PlanException,
    PlannedOrder,
    PlanPromise,
    PlanRun,
    Severity,
    StaffingMonth,
)
from planning.saving import plan_from_rows
from planning.selectors import results, runs
from planning.selectors.load import get_load_table
from planning.selectors.staffing import get_staffing_table

pytestmark = pytest.mark.django_db(transaction=True)

LISTS = [
    results.list_promises,
    results.list_planned_orders,
    results.list_purchases,
    results.list_operations,
    results.list_staffing,
    results.list_skill_changes,
    results.list_labour_weeks,
    results.list_labour_shifts,
    results.list_cash,
    results.list_load,
    lambda version: results.list_exceptions(version, wages=False),
]


def queries(read) -> int:
    with CaptureQueriesContext(connection) as captured:
        read()
    return len(captured)


def test_every_list_is_one_query_and_the_whole_plan_is_twelve(build):
    run = build()

    assert [queries(lambda rows=rows: list(rows(run.pk))) for rows in LISTS] == [1] * len(LISTS)
    assert queries(lambda: plan_from_rows(run.pk)) == 12
    assert queries(lambda: get_staffing_table(run.pk)) == 2
    assert queries(lambda: [str(row.requested_by) for row in runs.list_runs()]) == 1


def test_twice_the_rows_take_as_many_queries(build):
    run = build()
    before = queries(lambda: get_staffing_table(run.pk)), queries(lambda: plan_from_rows(run.pk))
    for table in (PlannedOrder, PlanPromise, StaffingMonth):
        for row in table.objects.filter(run=run):
            row.pk = None
            changes = {PlannedOrder: "order", PlanPromise: "sales_order", StaffingMonth: "skill"}
            setattr(row, changes[table], getattr(row, changes[table]) + "-2")
            row.save()

    assert (queries(lambda: get_staffing_table(run.pk)), queries(lambda: plan_from_rows(run.pk))) == before


def test_load_is_told_by_week_near_and_by_month_far_away(build):
    # given a centre open 40 hours a week, which works 10 hours in the first and one more in each of the next
    run = build()
    LoadWeek.objects.filter(run=run).delete()
    first = dt.date(2024, 1, 1)
    for number in range(12):
        LoadWeek.objects.create(
            run=run,
            work_centre="BENCH",
            week=first + dt.timedelta(weeks=number),
            available_hours=40,
            required_hours=10 + number,
        )

    table = get_load_table(run.pk)

    # eight weeks from January 1st on; then the week of February 26th, and those of March 4th to 18th
    assert [(each.first.isoformat(), each.is_week) for each in table.periods][7:] == [
        ("2024-02-19", True),
        ("2024-02-01", False),
        ("2024-03-01", False),
    ]
    weeks, (february, march) = table.centres["BENCH"][:8], table.centres["BENCH"][8:]
    assert [each.required_hours for each in weeks] == [10, 11, 12, 13, 14, 15, 16, 17]
    assert (february.required_hours, february.share) == (18, 0.45)
    assert (march.required_hours, march.available_hours, march.share) == (19 + 20 + 21, 120, 0.5)
    assert queries(lambda: get_load_table(run.pk)) == 1


def test_a_centre_that_is_closed_has_no_share_of_load(build):
    run = build()
    LoadWeek.objects.filter(run=run).update(available_hours=0, required_hours=0)

    assert {cell.share for cells in get_load_table(run.pk).centres.values() for cell in cells} == {None}


def test_errors_come_before_warnings_and_these_before_the_rest(build):
    run = build()
    for severity in (Severity.INFO, Severity.ERROR, Severity.WARNING):
        PlanException.objects.create(run=run, code="NOT_HONOURED", severity=severity, entity="X", text="-")

    assert [row.severity for row in results.list_exceptions(run.pk, wages=True)] == [
        "error",
        "warning",
        "info",
    ]


def test_only_purchases_are_listed_to_be_bought(build):
    run = build()

    assert [row.order for row in results.list_purchases(run.pk)] == ["B1"]
    assert [row.order for row in results.list_planned_orders(run.pk)] == ["B1", "F1", "D1", "D2"]


def test_operations_are_listed_by_work_centre_in_order_of_start(build):
    rows = results.list_operations(build().pk)

    assert [(row.work_centre, row.order) for row in rows] == [
        ("BENCH", "D1"),
        ("BENCH", "D2"),
        ("OVEN", "D1"),
        ("OVEN", "D2"),
        ("SAW", "F1"),
    ]


def test_names_and_kinds_of_skills_are_kept_beside_the_input_also_of_earlier_runs(build):
    run = build()
    kept = [
        {"code": row.code, "name": row.name, "kind": row.kind} for row in runs.frozen_factory(run.pk).skills
    ]
    assert [row["code"] for row in kept] == ["ASM", "LEAD", "OFF", "RD"]
    assert run.skills == kept

    PlanRun.objects.update(skills=[])
    import_module("planning.migrations.0005_fill_skills_of_plan_runs").fill(apps, None)

    run.refresh_from_db()
    assert run.skills == kept
