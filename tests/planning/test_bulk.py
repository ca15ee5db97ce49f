"""Rows inserted in bulk: what Django would have stored, checked by the same constraints."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from planning.models import Pegging, PlannedOperation, PlannedOrder, PlanPromise, bulk
from planning.models.bulk import insert_rows
from tests.builders import make_run

pytestmark = pytest.mark.django_db

MOMENT = dt.datetime(2024, 3, 31, 3, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def without_key(row):
    return {key: value for key, value in row.items() if key != "id"}


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (
            PlannedOrder,
            {
                "order": "MAKE-1\t\\N",
                "item": 'Ö "quoted"',
                "kind": "make",
                "qty": Decimal("0.000001"),
                "release": dt.date(2024, 1, 1),
                "due": dt.date(2024, 2, 29),
                "supplier": None,
                "work_order": "",
                "firm": True,
            },
        ),
        (
            PlannedOperation,
            {
                "order": "MAKE-1",
                "item": "DRIVE",
                "seq": 10,
                "qty": Decimal("999999999.123456"),
                "work_centre": None,
                "station": None,
                "skill": "ASM",
                "crew": 2,
                "start": MOMENT,
                "end": MOMENT,
                "free": MOMENT + dt.timedelta(hours=1),
            },
        ),
        (
            PlanPromise,
            {
                "sales_order": "SO-1",
                "line": 1,
                "instalment": 1,
                "item": "DRIVE",
                "qty": Decimal(3),
                "requested": dt.date(2024, 1, 1),
                "promised": None,
                "days_late": 365,
                "deliveries": [{"date": "2024-01-02", "qty": 1.5}],
                "reasons": [],
                "chain": [{"item": "Ö", "from": "2024-01-01", "days": 7}],
            },
        ),
    ],
)
def test_inserted_rows_read_as_created_ones_do(table, values):
    run = make_run(status="ready")
    created = table.objects.create(run=run, **values)
    kept = table.objects.filter(pk=created.pk).values().get()
    created.delete()

    insert_rows(table, ("run", *values), [(run.pk, *values.values())])

    assert without_key(table.objects.values().get()) == without_key(kept)


def test_rows_keep_their_order_over_several_batches(monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 3)
    run = make_run(status="ready")
    insert_rows(
        Pegging, ("run", "order", "item", "qty"), ((run.pk, f"B-{n}", "A", Decimal(1)) for n in range(8))
    )
    assert list(Pegging.objects.order_by("pk").values_list("order", flat=True)) == [
        f"B-{n}" for n in range(8)
    ]


@pytest.mark.parametrize("qty", [Decimal(0), Decimal(-1)])
def test_the_database_still_refuses_what_breaks_a_rule(qty):
    run = make_run(status="ready")
    columns = ("run", "order", "item", "kind", "qty", "release", "due", "firm")
    day = dt.date(2024, 1, 1)

    with pytest.raises(IntegrityError, match="planned_order_qty"), transaction.atomic():
        insert_rows(PlannedOrder, columns, [(run.pk, "B-1", "A", "buy", qty, day, day, False)])

    assert not PlannedOrder.objects.exists()
