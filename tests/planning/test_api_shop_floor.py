"""Downtimes, absences and pins over HTTP: listed, entered, taken out."""

import datetime as dt

import pytest
from django.db import connection

from planning.loading import load_factory
from planning.models import (
    Absence,
    Downtime,
    Operation,
    OperationAlternate,
    PinnedOperation,
    WorkCentre,
    WorkOrder,
)
from planning.services.shop_floor import pin_operation
from tests.builders import make_item, make_operation
from tests.journeys.admin import small_factory
from tests.rest import Api, fields_of, refused
from tests.threads import at_once

pytestmark = pytest.mark.django_db

DOWN = {"work_centre": "BENCH", "from": "2011-05-02T08:00:00Z", "to": "2011-05-03T10:00:00+02:00"}
AWAY = {"skill": "ASM", "heads": 1.5, "from": "2011-07-01", "to": "2011-07-15"}
PIN = {"order": "WO-1", "seq": 10, "start": "2011-05-02T08:00:00Z"}


def released():
    item = make_operation(item=make_item("PUMP"), seq=10).item
    return WorkOrder.objects.create(ref="WO-1", item=item, qty=1, due=dt.date(2011, 5, 2))


def listed(path, role="reader"):
    return Api(role).get(path).json()["results"]


def test_a_downtime_is_entered_listed_and_taken_out():
    small_factory()
    production = Api("production")

    answer = production.post("/downtimes/", DOWN | {"station": 1, "name": "Spindle"})

    assert answer.status_code == 201, answer.content
    row = answer.json()
    assert row == {
        "id": Downtime.objects.get().pk,
        "work_centre": "BENCH",
        "station": 1,
        "name": "Spindle",
        "from": "2011-05-02T08:00:00Z",
        "to": "2011-05-03T08:00:00Z",
    }
    assert listed("/downtimes/") == [row]
    assert production.call("DELETE", f"/downtimes/{row['id']}/").status_code == 204
    assert listed("/downtimes/") == []
    assert Downtime.history.first().history_user.username == production.user.username
    refused(production.call("DELETE", f"/downtimes/{row['id']}/"), 404, "entry_not_found")


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"work_centre": "BANCH"}, "/work_centre", "There is no work centre BANCH."),
        ({"station": 2}, "/station", "BENCH has 1, got 2."),
        ({"to": "2011-05-02T08:00:00Z"}, "/to", "To must be after from."),
        ({"from": "2011-05-02T08:00:30Z"}, "/from", "A whole minute is expected."),
    ],
)
def test_a_downtime_that_does_not_fit_is_refused_at_its_value(changes, field, words):
    small_factory()

    problem = refused(Api("planner").post("/downtimes/", DOWN | changes), 400, "invalid_entry")

    assert problem["errors"] == [{"field": field, "code": "invalid_entry", "detail": words}]
    assert problem["detail"] == f"{field}: {words}"
    assert not Downtime.objects.exists()


def test_the_same_downtime_is_entered_once():
    small_factory()
    planner = Api("planner")
    planner.post("/downtimes/", DOWN)

    problem = refused(planner.post("/downtimes/", DOWN), 400, "invalid_entry")

    # no single value is to blame, and none is named
    assert problem["detail"] == "There is a downtime of this station from this moment already."


def test_an_absence_is_entered_listed_and_taken_out():
    small_factory()
    planner = Api("planner")

    row = planner.post("/absences/", AWAY).json()

    assert listed("/absences/", "hr") == [row]
    assert row == AWAY | {"id": Absence.objects.get().pk, "name": ""}
    problem = refused(planner.post("/absences/", AWAY | {"skill": "ASN"}), 400, "invalid_entry")
    assert fields_of(problem) == ["/skill"]
    assert planner.call("DELETE", f"/absences/{row['id']}/").status_code == 204
    assert not Absence.objects.exists()


def test_an_operation_is_pinned_moved_and_let_go():
    small_factory()
    released()
    planner = Api("planner")
    row = planner.post("/pinned-operations/", PIN).json()

    moved = planner.post("/pinned-operations/", PIN | {"start": "2011-05-02T09:00:00Z"}).json()

    assert moved == row | {"start": "2011-05-02T09:00:00Z"}
    assert listed("/pinned-operations/") == [moved]
    assert (row["order"], row["seq"], row["work_centre"], row["station"]) == ("WO-1", 10, None, None)
    assert planner.call("DELETE", f"/pinned-operations/{row['id']}/").status_code == 204
    assert not PinnedOperation.objects.exists()


def test_a_pin_that_no_plan_could_keep_is_refused():
    small_factory()
    released()
    planner = Api("planner")

    problem = refused(planner.post("/pinned-operations/", PIN | {"order": "WO-2"}), 400, "invalid_entry")
    assert fields_of(problem) == ["/order"]
    for changes in ({"seq": 20}, {"start": "2011-02-28T08:00:00Z"}, {"work_centre": "BENCH"}):
        problem = refused(planner.post("/pinned-operations/", PIN | changes), 409, "cannot_pin")
        assert not problem["detail"].startswith("/")
    # in UTC the last is a moment of 2100
    for start in ("2011-05-02T08:00:30Z", "2099-12-31T23:00:00-05:00"):
        problem = refused(planner.post("/pinned-operations/", PIN | {"start": start}), 400, "invalid_entry")
        assert fields_of(problem) == ["/start"]
    assert not PinnedOperation.objects.exists()


def test_what_a_changed_routing_or_work_centre_has_no_place_for_stops_no_plan():
    small_factory()
    item = released().item
    planner, bench = Api("planner"), WorkCentre.objects.get(code="BENCH")
    own = Operation.objects.get(item=item)
    OperationAlternate.objects.create(operation=own, work_centre=bench)
    WorkCentre.objects.update(stations=2)
    assert planner.post("/downtimes/", DOWN | {"station": 2}).status_code == 201
    for place in ({"work_centre": "BENCH"}, {"work_centre": "BENCH", "station": 2}, {"station": 2}, {}):
        assert planner.post("/pinned-operations/", PIN | place).status_code == 201
        assert len(load_factory().pinned_operations) == 1
    assert len(load_factory().downtimes) == 1

    PinnedOperation.objects.update(station=2)
    WorkCentre.objects.update(stations=1)
    assert (load_factory().downtimes, load_factory().pinned_operations) == ((), ())

    PinnedOperation.objects.update(station=1, work_centre=bench)
    assert len(load_factory().pinned_operations) == 1
    OperationAlternate.objects.all().delete()
    assert load_factory().pinned_operations == ()

    PinnedOperation.objects.update(station=None, work_centre=None)
    assert len(load_factory().pinned_operations) == 1
    Operation.objects.update(seq=20)
    assert load_factory().pinned_operations == ()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one write after the other")
@pytest.mark.django_db(transaction=True)
def test_two_who_pin_an_operation_at_once_leave_one_pin():
    small_factory()
    released()

    def pin(hour):
        start = dt.datetime(2011, 5, 2, hour, tzinfo=dt.UTC)
        return lambda: pin_operation(order="WO-1", seq=10, start=start)

    assert at_once(*map(pin, (7, 8, 9, 10))) == []
    assert PinnedOperation.objects.get().version == 4
