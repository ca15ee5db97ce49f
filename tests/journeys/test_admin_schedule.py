"""A planner looks at what stations do: bars of a stretch of days, with the deliveries that they are for."""

import datetime as dt
import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from planning.admin import schedule_view
from planning.models import FactorySettings, Pegging, PlannedOperation, PlanPromise
from planning.selectors import schedule
from tests.journeys.admin import ready_plan, sign_in, small_factory, text_of

pytestmark = pytest.mark.django_db


def page_of(run):
    return f"/admin/planning/planrun/{run.pk}/operations/"


def drawn(client, run, **asked):
    page = client.get(page_of(run), asked).content.decode()
    found = re.search(r'<script id="schedule-data" type="application/json">(.*?)</script>', page)
    return json.loads(found[1]) if found else None


def milliseconds(text):
    return int(dt.datetime.fromisoformat(f"{text}+00:00").timestamp() * 1000)


def another(run, **values):
    """One more operation of the plan, a day after the one that there is."""
    row = PlannedOperation.objects.filter(run=run).first()
    for name in ("start", "end", "free"):
        setattr(row, name, getattr(row, name) + dt.timedelta(days=1))
    for name, value in values.items():
        setattr(row, name, value)
    row.pk = None
    row.save()


def planned(**values):
    small_factory()
    run = ready_plan(**values)
    row = {"order": "M1", "item": "DRIVE", "qty": 5, "day": dt.date(2011, 7, 1)}
    Pegging.objects.create(run=run, **row, sales_order="SO-1", line=1, instalment=1)
    return run


def test_a_bar_tells_the_lot_its_moments_and_the_delivery_it_is_for():
    # given a factory whose clock is five hours behind
    run = planned(days_late=4)
    FactorySettings.objects.update(time_zone="Etc/GMT+5")
    PlannedOperation.objects.update(free=dt.datetime(2011, 3, 16, 14, tzinfo=dt.UTC))

    chart = drawn(sign_in("planner"), run)

    (bar,) = chart["bars"]
    assert chart["lanes"] == ["BENCH · 1"]
    moments = ["2011-03-16T02:00", "2011-03-16T07:00", "2011-03-16T09:00"]
    assert (bar["lane"], bar["times"]) == (0, [milliseconds(moment) for moment in moments])
    assert (bar["item"], bar["order"], bar["qty"], bar["people"]) == ("DRIVE", "M1", "5", "1 × ASM")
    assert bar["when"] == "03-16 02:00 to 03-16 07:00, station free 03-16 09:00"
    assert (bar["serves"], bar["late"]) == ("SO-1 1.1", "late by 4 days")
    assert bar["link"].endswith("/pegging/?order=M1")


def test_it_begins_with_the_week_of_the_first_operation_and_leads_on():
    run, client = planned(), sign_in("planner")

    chart = drawn(client, run)
    page = client.get(page_of(run)).content.decode()

    assert (chart["begins"], chart["ends"]) == (milliseconds("2011-03-14"), milliseconds("2011-03-28"))
    assert "?from=2011-02-28&amp;days=14" in page
    assert "?from=2011-03-28&amp;days=14" in page


def test_days_and_work_centre_choose_bars_rows_and_files_alike():
    run, client = planned(), sign_in("planner")
    another(run, work_centre="DESK")
    hours = {"start": 7, "end": 8, "free": 9}
    another(run, **{name: dt.datetime(2011, 5, 2, hour, tzinfo=dt.UTC) for name, hour in hours.items()})

    def seen(**asked):
        bars = [bar["times"][0] for bar in drawn(client, run, **asked)["bars"]]
        rows = re.search(r"(\d+) rows", text_of(client.get(page_of(run), asked)))
        file = client.get(f"{page_of(run)}csv/", asked).content.decode().strip().splitlines()
        return len(bars), int(rows[1]) if rows else 0, len(file) - 1

    assert seen(**{"from": "2011-03-16", "days": "7"}) == (2, 2, 2)
    assert seen(**{"from": "2011-03-16", "days": "7", "work_centre": "DESK"}) == (1, 1, 1)
    assert seen(**{"from": "2011-05-01", "days": "7"}) == (1, 1, 1)
    # without a day they are those from the week of the first operation on
    assert seen(days="7") == (2, 2, 2)
    assert seen(days="91") == (3, 3, 3)
    # without a stretch the chart has two weeks of the rows
    assert seen() == (2, 3, 3)
    assert seen(**{"from": "2011-03-17"}) == (1, 2, 2)
    # an operation that began before is drawn as far as it takes the station
    assert seen(**{"from": "2011-03-17", "days": "7"}) == (1, 1, 1)


@pytest.mark.parametrize("day", ["soon", "2011-02-30", "0001-01-01", "9999-12-31", ""])
def test_what_is_no_day_is_as_if_nothing_was_asked(day):
    run = planned()
    chart = drawn(sign_in("planner"), run, **{"from": day, "days": "x"})
    assert (chart["begins"], len(chart["bars"])) == (milliseconds("2011-03-14"), 1)


def test_a_chart_of_fewer_days_than_the_rows_says_so():
    run, client = planned(), sign_in("planner")
    words = "The rows below are those of all days"
    assert f"{words}:" in text_of(client.get(page_of(run)))
    assert f"{words} from 2011-03-16 on:" in text_of(client.get(page_of(run), {"from": "2011-03-16"}))
    assert words not in text_of(client.get(page_of(run), {"days": "7"}))


def test_days_in_which_nothing_is_made_say_so():
    run = planned()
    said = text_of(sign_in("planner").get(page_of(run), {"from": "2012-01-01"}))
    assert "No station is taken in these days" in said


def test_what_is_too_much_to_draw_is_told(monkeypatch):
    run = planned()
    another(run)
    monkeypatch.setattr(schedule, "MOST_OPERATIONS", 1)
    monkeypatch.setattr(schedule_view, "MOST_OPERATIONS", 1)
    monkeypatch.setattr(schedule, "MOST_TRACED", 0)

    client = sign_in("planner")

    assert len(drawn(client, run)["bars"]) == 1
    said = text_of(client.get(page_of(run)))
    assert "1 more operations are not drawn : at most 1 are" in said
    assert "Too many orders to look for late deliveries" in said


def test_it_takes_as_many_queries_for_many_operations_as_for_one():
    run, client = planned(), sign_in("planner")
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(page_of(run))
        counts.append(len(captured))
        for station in range(2, 30):
            another(run, station=station)
    assert counts[0] == counts[1]


def test_a_delivery_without_a_date_is_told_as_such():
    run = planned(days_late=453)
    PlanPromise.objects.update(promised=None)
    (bar,) = drawn(sign_in("planner"), run)["bars"]
    assert bar["late"] == "cannot be delivered"


def test_a_bar_of_the_night_in_which_clocks_go_back_is_as_long_as_the_work():
    # 02:30 to 02:10, which is 40 minutes
    run = planned()
    FactorySettings.objects.update(time_zone="Europe/Berlin")
    hours = {"start": (0, 30), "end": (1, 10), "free": (1, 10)}
    moments = {name: dt.datetime(2011, 10, 30, *at, tzinfo=dt.UTC) for name, at in hours.items()}
    PlannedOperation.objects.update(**moments)
    (bar,) = drawn(sign_in("planner"), run)["bars"]
    assert bar["times"][1] - bar["times"][0] == 40 * 60 * 1000
    assert bar["when"] == "10-30 02:30 to 10-30 02:10"
