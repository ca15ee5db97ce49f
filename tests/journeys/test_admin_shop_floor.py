"""Downtimes, absences and pins in the admin: in the factory's own time, and checked."""

import datetime as dt

import pytest

from planning.models import Absence, Downtime, FactorySettings, PinnedOperation, Skill, WorkCentre, WorkOrder
from tests.builders import make_item, make_operation
from tests.journeys.admin import sign_in, small_factory, text_of

pytestmark = pytest.mark.django_db

MOMENT = dt.datetime(2011, 3, 7, 16, 30, tzinfo=dt.UTC)


def address(model, page="add/"):
    return f"/admin/planning/{model}/{page}"


def moment(name, day, clock):
    return {f"{name}_0": day, f"{name}_1": clock}


@pytest.mark.parametrize("role", ["planner", "production"])
def test_a_downtime_is_typed_and_shown_in_the_time_of_the_factory(role):
    small_factory()
    FactorySettings.objects.update(time_zone="America/Los_Angeles")
    client, bench = sign_in(role), WorkCentre.objects.get()
    form = {"work_centre": bench.pk, "station": "1", "name": "Spindle"}
    form |= moment("down_from", "2011-03-07", "08:30") | moment("down_to", "2011-03-08", "12:00")

    answer = client.post(address("downtime"), form)

    assert answer.status_code == 302, text_of(answer)
    row = Downtime.objects.get()
    assert (row.down_from, row.station) == (MOMENT, 1)
    assert "2011-03-07 08:30" in text_of(client.get(address("downtime", "")))
    assert 'value="08:30' in client.get(address("downtime", f"{row.pk}/change/")).content.decode()


@pytest.mark.parametrize("model", ["downtime", "pinnedoperation"])
def test_the_form_names_the_zone_of_its_moments_and_hides_the_clock_of_the_browser(model):
    small_factory()
    FactorySettings.objects.update(time_zone="America/Los_Angeles")

    page = sign_in("planner").get(address(model))

    assert "In the factory’s own time, America/Los_Angeles." in text_of(page)
    assert "planning/factory_time.css" in page.content.decode()


def test_a_station_that_is_not_there_cannot_be_down():
    small_factory()
    form = {"work_centre": WorkCentre.objects.get().pk, "station": "2", "name": ""}
    form |= moment("down_from", "2011-03-07", "08:30") | moment("down_to", "2011-03-08", "12:00")

    answer = sign_in("planner").post(address("downtime"), form)

    assert "BENCH has 1 stations: a number up to that is expected." in text_of(answer)
    assert not Downtime.objects.exists()


@pytest.mark.parametrize(("role", "status"), [("planner", 302), ("production", 302), ("hr", 403)])
def test_an_absence_is_entered_by_those_who_plan_the_floor(role, status):
    small_factory()
    form = {"skill": Skill.objects.get().pk, "heads": "0.5", "absent_from": "2011-07-01"}

    answer = sign_in(role).post(address("absence"), form | {"absent_to": "2011-07-15", "name": "Ann"})

    assert answer.status_code == status
    assert Absence.objects.count() == (status == 302)


def test_a_pin_is_checked_against_the_routing():
    small_factory()
    client = sign_in("planner")
    item = make_operation(item=make_item("PUMP"), work_centre=WorkCentre.objects.get()).item
    order = WorkOrder.objects.create(ref="WO-1", item=item, qty=1, due=dt.date(2011, 5, 2))
    form = {"work_order": order.pk, "firm_order": "", "work_centre": "", "station": ""}
    form |= moment("start", "2011-05-02", "08:00")

    refused = client.post(address("pinnedoperation"), form | {"seq": "20"})
    assert "WO-1/20: PUMP has no operation 20 (it has 10)." in text_of(refused)
    nobody = client.post(address("pinnedoperation"), form | {"seq": "10", "work_order": ""})
    assert "Either a work order or a firm planned order is expected." in text_of(nobody)
    assert not PinnedOperation.objects.exists()

    assert client.post(address("pinnedoperation"), form | {"seq": "10"}).status_code == 302
    assert str(PinnedOperation.objects.get()) == "WO-1/10"
    assert "PUMP" in text_of(client.get(address("pinnedoperation", "")))
