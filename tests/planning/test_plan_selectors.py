"""What the pages of a plan read: the right order, and no more queries for more rows."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from planning.models import PlanException, PlannedOrder, PlanPromise, PlanRun, Severity, StaffingMonth
from planning.saving import plan_from_rows
from planning.selectors import results, runs
from planning.selectors.staffing import get_staffing_table

pytestmark = pytest.mark.django_db(transaction=True)

LISTS = [
    results.list_promises,
    results.list_planned_orders,
    results.list_purchases,
    results.list_operations,
    results.list_staffing,
    results.list_load,
    results.list_exceptions,
]


def queries(read) -> int:
    with CaptureQueriesContext(connection) as captured:
        read()
    return len(captured)


def test_every_list_is_one_query_and_the_whole_plan_is_eight(build):
    run = build()

    assert [queries(lambda rows=rows: list(rows(run.pk))) for rows in LISTS] == [1] * len(LISTS)
    assert queries(lambda: plan_from_rows(run.pk)) == 8
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


def test_errors_come_before_warnings_and_these_before_the_rest(build):
    run = build()
    for severity in (Severity.INFO, Severity.ERROR, Severity.WARNING):
        PlanException.objects.create(run=run, code="NOT_HONOURED", severity=severity, entity="X", text="-")

    assert [row.severity for row in results.list_exceptions(run.pk)] == ["error", "warning", "info"]


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
