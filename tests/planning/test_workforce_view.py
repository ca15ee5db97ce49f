"""The workforce of a plan: heads that hours stand for, and what drives a skill in a month."""

import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from planning.models import CashMonth, Pegging, PlanException, PlannedOperation, SkillChange, StaffingMonth
from planning.selectors.drivers import get_drivers
from planning.selectors.workforce import MEASURES, get_workforce
from planning.services.hiring import decide_hires
from tests.builders import NOW
from tests.rest import Api, refused

pytestmark = pytest.mark.django_db(transaction=True)


def sheets(content):
    book = load_workbook(io.BytesIO(content))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def test_hours_of_a_month_are_told_in_trained_heads(build):
    workforce = get_workforce(build().pk, wages=True)

    # 16 open days of 8 h from 01-10 on; one trained head works 16 x 8 x 0.9 x 0.8 = 92.16 standard hours
    assembly = workforce.of("ASM", "2024-01")
    assert assembly.paid_hours == 2 * 128
    assert assembly.productive_heads == pytest.approx(184.32 / 92.16)
    assert assembly.required_heads == pytest.approx(19 / 92.16)
    assert assembly.load_percent == pytest.approx(100 * 19 / 184.32)


def test_rules_ask_for_heads_where_no_operation_does(build):
    workforce = get_workforce(build().pk, wages=True)

    # one lead for two direct heads, of whom there are 2; engineers ramp up to 2; the office stays as it was
    assert [workforce.of(skill, "2024-02").required_heads for skill in ("LEAD", "RD", "OFF")] == [1, 2, 1]


def test_a_month_is_added_up_over_all_skills(build):
    workforce = get_workforce(build().pk, wages=True)

    assert workforce.total(MEASURES["heads"], "2024-02") == pytest.approx(2 + 1 + 2 + 1.9)
    assert workforce.total(MEASURES["cost"], "2024-01") == pytest.approx(5120 + 3840 + 5120 + 1280)


def test_hires_are_told_by_the_day_of_their_requisition_with_what_is_decided(build):
    run = build()
    decide_hires(skill="OFF", month="2024-02", heads=1, verdict="refused", now=NOW)
    decide_hires(skill="ASM", month="2024-01", heads=2, verdict="locked", now=NOW)

    told = [
        (hire.skill.code, hire.row.month, hire.row.hires, hire.decision and hire.decision.verdict)
        for hire in get_workforce(run.pk, wages=True).hires
    ]

    assert told == [
        ("ASM", "2024-01", 0, "locked"),
        ("OFF", "2024-02", 1, "refused"),
        ("RD", "2024-02", 1, None),
    ]


def test_operations_of_a_month_add_up_to_its_required_hours(build):
    run = build()

    for row in StaffingMonth.objects.filter(run=run):
        drivers = get_drivers(run.pk, skill=row.skill, month=row.month)
        assert drivers.hours == pytest.approx(row.required_hours)


def test_hours_go_to_the_orders_that_they_are_for_also_through_parts(build):
    drivers = get_drivers(build().pk, skill="ASM", month="2024-01")

    # 8 crew-hours for each pair of drives; of the 3 h for 4 frames one half each
    assert [(row.sales_order, row.line, row.instalment, row.hours) for row in drivers.deliveries] == [
        ("SO-1", 1, 1, 9.5),
        ("SO-1", 1, 2, 9.5),
    ]
    assert [(row.item, row.hours, row.orders) for row in drivers.items] == [("DRIVE", 16, 2), ("FRAME", 3, 1)]
    assert [(row.order, row.hours) for row in drivers.operations] == [("D1", 8), ("D2", 8), ("F1", 3)]
    assert (drivers.excess_hours, drivers.other_hours) == (0, 0)


def test_hours_for_nobody_are_told_as_such(build):
    run = build()
    Pegging.objects.filter(run=run, order="D2").update(sales_order=None, line=None, instalment=None)
    Pegging.objects.filter(run=run, order="D1").delete()

    drivers = get_drivers(run.pk, skill="ASM", month="2024-01")

    assert drivers.deliveries == ()
    assert (drivers.excess_hours, drivers.other_hours) == (9.5, 9.5)


def test_only_what_lies_within_the_month_and_open_hours_is_counted(build):
    run = build()
    # from 12:00 on the last working day of January to 10:00 on 02-01: 4 h before, 2 h after midnight, times 2
    PlannedOperation.objects.filter(run=run, order="D1", seq=10).update(
        start="2024-01-31T12:00Z", end="2024-02-01T10:00Z", free="2024-02-01T10:00Z"
    )

    hours = [get_drivers(run.pk, skill="ASM", month=month).hours for month in ("2024-01", "2024-02")]

    assert hours == [8 + 3 + 8, 4]


def test_while_a_station_is_down_nobody_works_there(build):
    run = build()
    frozen = json.loads(run.factory_json)
    down = {
        "work_centre": "BENCH",
        "station": 1,
        "from": "2024-01-15T09:00:00+00:00",
        "to": "2024-01-15T10:30:00+00:00",
    }
    run.factory_json = json.dumps(frozen | {"downtimes": [down]})
    run.save()

    hours = {row.order: row.hours for row in get_drivers(run.pk, skill="ASM", month="2024-01").operations}

    # D1 has station 1 from 08:00 to 12:00 with two people; F1 stands on the saw
    assert hours == {"D1": 2 * 2.5, "D2": 8, "F1": 3}


def test_rules_are_told_where_there_are_no_operations(build):
    drivers = get_drivers(build().pk, skill="LEAD", month="2024-02")

    assert (drivers.hours, drivers.operations) == (0, ())
    assert drivers.rules == ("At least one for every 2 direct heads.",)


def test_twice_the_operations_take_as_many_queries(build):
    run = build()

    def queries(read):
        with CaptureQueriesContext(connection) as captured:
            read()
        return len(captured)

    before = queries(lambda: get_drivers(run.pk, skill="ASM", month="2024-01"))
    people = queries(lambda: get_workforce(run.pk, wages=True))
    for operation in PlannedOperation.objects.filter(run=run):
        operation.pk = None
        operation.save()
    for row in StaffingMonth.objects.filter(run=run, skill="OFF"):
        row.pk, row.month = None, f"2025{row.month[4:]}"
        row.save()

    assert queries(lambda: get_drivers(run.pk, skill="ASM", month="2024-01")) == before
    assert queries(lambda: get_workforce(run.pk, wages=True)) == people


# --- Over HTTP ---------------------------------------------------------------------------------------


def test_drivers_are_read_by_address(build):
    run = build()

    answer = Api("hr").get(f"/plans/{run.pk}/staffing/ASM/2024-01/drivers/").json()

    assert (answer["skill"], answer["month"], answer["required_hours"], answer["hours"]) == (
        "ASM",
        "2024-01",
        19,
        19,
    )
    assert answer["deliveries"][0] == {
        "sales_order": "SO-1",
        "line": 1,
        "instalment": 1,
        "customer": "",
        "item": "DRIVE",
        "requested": "2024-02-02",
        "promised": "2024-02-02",
        "hours": 9.5,
    }
    for path in ("ASM/2030-01", "GHOST/2024-01"):
        refused(Api("hr").get(f"/plans/{run.pk}/staffing/{path}/drivers/"), 404, "skill_not_in_plan")


@pytest.mark.parametrize(("role", "sees"), [("hr", True), ("planner", True), ("reader", False)])
def test_the_workbook_holds_money_only_for_who_sees_wages(build, role, sees):
    run = build()
    StaffingMonth.objects.filter(run=run, skill="ASM").update(wage_per_hour=20.25)
    SkillChange.objects.create(run=run, from_skill="OFF", to_skill="RD", month="2024-02", heads=1)
    amounts = dict.fromkeys(("milestones", "deliveries", "payroll", "hiring", "purchases", "machine"), 0)
    CashMonth.objects.create(run=run, month="2024-01", opening=77_777, closing=77_777, short=0, **amounts)

    answer = Api(role).get(f"/plans/{run.pk}/workforce/")

    assert answer["Content-Disposition"] == f'attachment; filename="plan-{run.pk}-workforce.xlsx"'
    found = sheets(answer.content)
    header, first, *_ = found["people"]
    row = dict(zip(header, first, strict=True))
    assert (row["skill"], row["month"], row["headcount"], row["required_hours"]) == ("ASM", "2024-01", 2, 19)
    assert ("cost" in header, "wage_per_hour" in header, "cash" in found) == (sees, sees, sees)
    cells = {cell for sheet in found.values() for line in sheet for cell in line}
    assert ({5120, 20.25, 77_777} <= cells) is sees
    assert {5120, 20.25, 77_777}.isdisjoint(cells) is not sees
    assert [line[2] for line in found["hires"][1:]] == ["OFF", "RD"]
    assert found["changes of skill"][1:] == [["2024-02", "OFF", "RD", 1]]


@pytest.mark.parametrize(("role", "sees"), [("hr", True), ("production", False)])
def test_the_workbook_tells_what_people_lack_and_what_to_do(build, role, sees):
    run = build()
    row = {"run": run, "entity": "ASM", "severity": "warning"}
    PlanException.objects.create(
        **row,
        code="AT_RISK_SKILL",
        text="ASM lacks 9 hours: 2024-02 9.",
        suggestion="Take temps.",
        shortfall=[{"month": "2024-01", "hours": 1.5}, {"month": "2024-02", "hours": 7.5}],
    )
    PlanException.objects.create(
        **row | {"severity": "info"}, code="WAGE_MISSING", text="ASM has a wage of 0."
    )

    found = sheets(Api(role).get(f"/plans/{run.pk}/workforce/").content)["what lacks"]

    told = {line[1]: line for line in found[1:]}
    lacks = told["AT_RISK_SKILL"]
    assert lacks[2] == "ASM"
    assert lacks[4:6] == ["ASM lacks 9 hours: 2024-02 9.", "Take temps."]
    hours = dict(zip(found[0][6:], lacks[6:], strict=True))
    assert {name: each for name, each in hours.items() if each is not None} == {
        "hours": 9,
        "2024-01": 1.5,
        "2024-02": 7.5,
    }
    assert ("WAGE_MISSING" in told) is sees
    assert not any(told["WAGE_MISSING"][6:] if sees else ())


@pytest.mark.parametrize(("role", "lists"), [("sales", False), ("hr", True), ("reader", True)])
def test_the_workbook_tells_what_was_decided_to_who_may_list_decisions(build, role, lists):
    run = build()
    decide_hires(
        skill="RD", month="2024-02", heads=1, verdict="approved", note="Board, 12 March", by=None, now=NOW
    )
    api = Api(role)
    assert (api.get("/hiring-decisions/").status_code == 200) is lists

    found = sheets(api.get(f"/plans/{run.pk}/workforce/").content)["hires"]

    row = next(dict(zip(found[0], line, strict=True)) for line in found[1:] if line[2] == "RD")
    assert row["hires"] == 1
    told = [row[name] or None for name in ("verdict", "heads decided", "note")]
    assert told == (["approved", 1, "Board, 12 March"] if lists else [None, None, None])
