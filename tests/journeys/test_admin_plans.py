"""A planner in the admin: builds a plan, follows it, reads it, publishes it."""

import csv
import datetime as dt
import io
import itertools
import json
import re
from html import unescape

import pytest
import tablib
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import Instalment
from planning.admin.results import TABS
from planning.models import (
    HiringDecision,
    LabourShift,
    LoadWeek,
    Pegging,
    PlanException,
    PlannedOrder,
    PlanPromise,
    PlanRun,
    PlanStatus,
)
from planning.models.bulk import insert_rows
from tests.builders import NOW, make_run
from tests.journeys.admin import fields_of, ready_plan, sign_in, small_factory, text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/planning/planrun/"
BUILD = "/admin/planning/planrun/build/"


def page_of(run, *parts):
    return "/".join(["/admin/planning/planrun", str(run.pk), *parts]) + "/"


def test_a_planner_asks_for_a_plan_and_follows_it(broker_url):
    # given a factory
    small_factory()
    client = sign_in("planner")
    assert not PlanRun.objects.exists()

    # when the page of the button is opened, nothing happens; when it is sent, a plan is queued
    client.get(BUILD)
    assert not PlanRun.objects.exists()
    answer = client.post(BUILD, {"as_of": "2011-03-15", "time_limit_seconds": "30"})

    run = PlanRun.objects.get()
    assert answer["Location"] == page_of(run, "change")
    assert (run.status, run.as_of, run.time_limit_seconds) == ("queued", dt.date(2011, 3, 15), 30)
    assert run.requested_by.username == "planner"
    # and its page says so, with the way to cancel it
    said = text_of(client.get(page_of(run, "change")))
    assert "waiting for a worker" in said
    assert "Cancel build" in said


@pytest.mark.parametrize(
    ("asked", "said"),
    [({"as_of": "1900-01-01"}, "1970-01-01"), ({"time_limit_seconds": "0"}, "greater than or equal to 1")],
)
def test_a_request_that_cannot_be_built_is_refused_at_its_field(asked, said):
    small_factory()
    client = sign_in("planner")

    answer = client.post(BUILD, asked)

    assert said in text_of(answer)
    assert not PlanRun.objects.exists()


def test_without_a_factory_the_button_says_what_to_do():
    client = sign_in("planner")

    assert "Import one first" in text_of(client.post(BUILD, {}))


@pytest.mark.parametrize("role", ["sales", "production", "hr", "reader"])
def test_only_planners_build_cancel_and_publish(role):
    small_factory()
    client = sign_in(role)
    run = ready_plan()

    assert client.post(BUILD, {}).status_code == 403
    assert client.post(page_of(run, "cancel")).status_code == 403
    assert client.post(page_of(run, "finish")).status_code == 403
    assert client.post(page_of(run, "publish")).status_code == 403
    assert list(PlanRun.objects.values_list("status", flat=True)) == ["ready"]


def test_progress_is_told_every_second():
    client = sign_in("planner")
    run = make_run(status="running", stage="schedule", percent=40, incumbent_cost=12345.6)

    told = client.get(page_of(run, "progress")).json()

    assert (told["status"], told["stage"], told["percent"], told["cost"]) == (
        "running",
        "schedule",
        40,
        "12,346",
    )
    assert told["ended"] is False
    # and whoever may not see wages is told no cost, which contains them
    assert sign_in("reader").get(page_of(run, "progress")).json()["cost"] is None


@pytest.mark.parametrize(("role", "sees"), [("planner", True), ("reader", False), ("production", False)])
def test_the_first_violation_of_a_failed_build_is_told_to_who_sees_wages(role, sees):
    found = {"rule": "people_told", "entity": "ASM 2024-01", "text": "tells a wage of 5120"}
    reason = "The plan has 1 violations, the first: people_told: ASM 2024-01: tells a wage of 5120"
    run = make_run(status="failed", failure_code="violations", failure_reason=reason, violations=[found])
    client = sign_in(role)

    for page in (page_of(run, "progress"), page_of(run, "change")):
        assert ("5120" in client.get(page).content.decode()) is sees
    assert "5120" not in client.get("/admin/planning/planrun/").content.decode()
    if not sees:
        told = client.get(page_of(run, "progress")).json()["failure"]
        assert told == "The verifier found violations in the plan."


def test_a_build_is_cancelled_by_post_only():
    client = sign_in("planner")
    run = make_run(status="running")

    assert client.get(page_of(run, "cancel")).status_code == 405
    assert PlanRun.objects.get().status == PlanStatus.RUNNING

    client.post(page_of(run, "cancel"))
    assert PlanRun.objects.get().status == PlanStatus.CANCELLED
    assert PlanRun.objects.get().cancelled_by.username == "planner"
    # and a second time is refused in words, with the run as it is
    assert "cancelled" in text_of(client.post(page_of(run, "cancel"), follow=True))


def test_a_build_is_finished_with_the_best_so_far():
    client = sign_in("planner")
    run = make_run(status="running")
    assert "Finish with the best so far" in text_of(client.get(page_of(run, "change")))
    assert client.get(page_of(run, "finish")).status_code == 405

    said = text_of(client.post(page_of(run, "finish"), follow=True))

    assert "Asked to finish by planner" in said
    run.refresh_from_db()
    assert (run.status, run.finish_requested_by.username) == (PlanStatus.RUNNING, "planner")
    # and what has ended cannot be finished
    client.post(page_of(run, "cancel"))
    assert "only a running build can be finished" in text_of(client.post(page_of(run, "finish"), follow=True))


def test_a_certificate_tells_the_course_of_its_build_and_who_cut_it_short():
    small_factory()
    step = {"seconds": 2.0, "incumbent_cost": 98765.0, "late_days": 3, "least_late_days": 1}
    client = sign_in("planner")
    planner = get_user_model().objects.get()
    cut_short = {"reproducible": False, "finish_requested_at": NOW, "finish_requested_by": planner}
    run = ready_plan(course=[step], **cut_short)

    page = client.get(page_of(run, "certificate"))

    said = text_of(page)
    assert "All instalments together are 3 days late; no plan can be less than 1 day late." in said
    assert said.count("planner finished the build early") == 2
    assert b"98,765" in page.content
    # and whoever may not see wages is told no cost
    assert b"98,765" not in sign_in("reader").get(page_of(run, "certificate")).content


def test_a_failed_build_says_why_and_what_the_verifier_found():
    client = sign_in("planner")
    run = make_run(
        status="failed",
        failure_code="violations",
        failure_reason="The plan breaks a rule.",
        violations=[{"rule": "stock_balance", "entity": "MOTOR", "text": "falls to -2"}],
    )

    said = text_of(client.get(page_of(run, "change")))

    assert "The plan breaks a rule." in said
    assert "stock_balance MOTOR falls to -2" in said


def test_a_plan_is_read_at_a_glance():
    # given a plan with one instalment, 4 days late, and 5 people from April on, 3 of them hired
    small_factory()
    client = sign_in("planner")
    run = ready_plan(days_late=4)

    said = text_of(client.get(page_of(run, "change"), follow=True))

    assert "0 of 1 1 late , at most 4 days" in said
    assert "1,000 USD" in said
    assert "regular labour 654 65 %" in said
    assert "5 in 2011-04 5 direct · 3 hires in all" in said
    assert "aggregate heuristic, no bound known" in said
    assert "0 violations reproducible" in said
    assert "2011-07-01 2011-07-05 4 – motors come late (4 d)" in said


@pytest.mark.parametrize(
    ("tab", "said"),
    [
        ("buy", "Week of 2011-03-07 2011-03-09 – MOTOR – 10 2011-03-16"),
        ("make", "Week of 2011-03-14 2011-03-16 DRIVE – 5 2011-03-17"),
        ("operations", "BENCH BENCH 1 2011-03-16 07:00 2011-03-16 12:00"),
        ("people", "ASM 2.0 5.0 +3 3"),
        ("load", "BENCH BENCH 2011-03-14 40.0 5.0 12.5"),
        ("load", "Weeks of 2011 Work centre 03-14 BENCH 12 "),
        ("exceptions", "warning Expedite the order – MOTOR Motors are short. – Ask for them earlier."),
        ("material", "DRIVE – make 0 – 0 0 2011-03-17 5 – – –"),
        ("certificate", "material heuristic 900.00 – – 1.0 own"),
    ],
)
def test_every_tab_shows_its_rows(tab, said):
    small_factory()
    client = sign_in("planner")

    assert said in text_of(client.get(page_of(ready_plan(), tab)))


def test_tabs_are_filtered():
    small_factory()
    client = sign_in("planner")
    run = ready_plan()

    assert "Nothing is made" in text_of(client.get(page_of(run, "operations"), {"work_centre": "OTHER"}))
    assert "BENCH" in text_of(client.get(page_of(run, "operations"), {"work_centre": "BENCH"}))
    assert client.get(page_of(run, "nothing")).status_code == 404


@pytest.mark.parametrize("tab", list(TABS))
@pytest.mark.parametrize("file_format", ["xlsx", "csv"])
def test_every_tab_is_taken_away_as_a_file(tab, file_format):
    small_factory()
    client = sign_in("planner")

    answer = client.get(page_of(ready_plan(days_late=1), tab, file_format))

    assert answer.status_code == 200
    assert answer["Content-Disposition"].endswith(f'-{tab}.{file_format}"')
    content = answer.content if file_format == "xlsx" else answer.content.decode()
    rows = tablib.Dataset().load(content, format=file_format)
    assert len(rows) >= 1
    assert len(rows.headers) >= 5


def test_numbers_of_a_file_are_numbers_and_text_is_no_formula():
    small_factory()
    client = sign_in("planner")
    run = ready_plan()
    run.planexception_rows.update(text="=1+1", suggestion="-2")

    rows = list(csv.DictReader(io.StringIO(client.get(page_of(run, "exceptions", "csv")).content.decode())))
    assert (rows[0]["text"], rows[0]["suggestion"]) == ("'=1+1", "'-2")

    sheet = tablib.Dataset().load(client.get(page_of(run, "buy", "xlsx")).content, format="xlsx").dict[0]
    assert sheet["qty"] == 10
    assert sheet["release"].date() == dt.date(2011, 3, 9)


@pytest.mark.parametrize(
    ("show", "said"),
    [
        ("required", "ASM 5 5 10"),
        ("productive", "ASM 100 100 200"),
        ("load", "Load % by skill and month"),
        ("cost", "ASM 327 327 654"),
    ],
)
def test_people_are_shown_by_what_is_asked_for(show, said):
    small_factory()
    run = ready_plan()

    assert said in text_of(sign_in("planner").get(page_of(run, "people"), {"show": show}))


def test_what_people_lack_stands_above_the_chart_of_heads_with_its_remedy():
    small_factory()
    run = ready_plan()
    lacks = {"code": "AT_RISK_SKILL", "entity": "ASM", "run": run}
    wage = {"code": "WAGE_MISSING", "severity": "info", "entity": "ASM", "text": "ASM has a wage of 0."}
    PlanException.objects.create(**lacks, severity="info", text="A week is full.")
    PlanException.objects.create(
        **lacks,
        severity="warning",
        text="ASM lacks 90 hours: 2011-04 90.",
        suggestion="Take temporary people.",
    )
    PlanException.objects.create(**lacks, severity="error", text="There are 0 and never more than 0.")
    PlanException.objects.create(run=run, **wage)

    said = text_of(sign_in("planner").get(page_of(run, "people")))

    # errors first; a week that its month makes up for is left to the exceptions
    assert (
        "What people lack ASM People are short There are 0 and never more than 0."
        " ASM People are short ASM lacks 90 hours: 2011-04 90. What to do: Take temporary people."
        " ASM Wage missing ASM has a wage of 0."
    ) in said
    assert said.index("What people lack") < said.index("Heads by month")
    assert "A week is full" not in said
    # that a wage is missing is for who sees wages
    assert "Wage missing" not in text_of(sign_in("production").get(page_of(run, "people")))


def page_of_lacking(text, **by_month):
    """What the page of people says where ASM lacks these hours, told with ``text``."""
    small_factory()
    run = ready_plan()
    PlanException.objects.create(
        run=run,
        code="AT_RISK_SKILL",
        severity="warning",
        entity="ASM",
        text=text,
        suggestion="Take temporary people.",
        shortfall=[{"month": f"2011-{month[1:]}", "hours": hours} for month, hours in by_month.items()],
    )
    return text_of(sign_in("planner").get(page_of(run, "people")))


def test_hours_that_lack_are_shown_by_month_from_their_numbers():
    # given words that differ, so that it shows which of the two is read
    said = page_of_lacking("In words.", m04=1250.2, m05=0.3)

    assert "1,250 hours lack for everything to be in time: 2011-04 1,250 , 2011-05 0.3" in said
    assert "In words" not in said


def test_a_few_hours_that_lack_are_shown_with_their_tenths_and_add_up():
    said = page_of_lacking("ASM lacks 5 hours: 2011-04 2.5, 2011-05 2.5.", m04=2.5, m05=2.5)

    assert "5 hours lack for everything to be in time: 2011-04 2.5 , 2011-05 2.5" in said


def test_a_plan_whose_people_lack_nothing_says_nothing_of_it():
    small_factory()
    run = ready_plan()
    assert "What people lack" not in text_of(sign_in("planner").get(page_of(run, "people")))


def test_nobody_asks_for_wages_who_may_not_see_them():
    small_factory()
    run = ready_plan()
    said = text_of(sign_in("production").get(page_of(run, "people"), {"show": "cost"}))

    assert "Heads by skill and month" in said
    assert "327" not in said


def test_hires_lead_to_their_decision():
    # given a plan that hires 3 in April, to be asked for on 03-01
    small_factory()
    run = ready_plan()
    client = sign_in("hr")

    page = client.get(page_of(run, "people"))
    assert "Ask by 2011-03-01 3 to start in 2011-04 ASM 3 Decide" in text_of(page)
    link = re.search(r'href="(/admin/planning/hiringdecision/add/[^"]+)"', page.content.decode())
    address = unescape(link[1])

    # when human resources approve what is proposed
    form = fields_of(client.get(address))
    assert (form["month"], form["heads"], form["verdict"]) == ("2011-04", "3", "approved")
    assert client.post(address, form).status_code == 302

    # then the page says so, and who did is kept
    assert "ASM 3 Approved 3 Change" in text_of(client.get(page_of(run, "people")))
    assert HiringDecision.objects.get().decided_by.username == "hr"
    assert "ASM 3 Approved 3" in text_of(sign_in("reader").get(page_of(run, "people")))


def test_a_cell_leads_to_what_its_hours_are_for():
    small_factory()
    run = ready_plan()
    Pegging.objects.create(run=run, order="M1", item="DRIVE", qty=5, sales_order="SO-1", line=1, instalment=1)
    client = sign_in("planner")

    page = client.get(page_of(run, "people")).content.decode()
    link = unescape(re.search(r'href="([^"]+/drivers/[^"]+month=2011-03)"', page)[1])
    said = text_of(client.get(link))

    assert "ASM in 2011-03" in said
    assert "SO-1 / 1 / 1 5.0 100 %" in said
    assert client.get(link.replace("ASM", "GHOST")).status_code == 404


def test_the_hiring_plan_is_taken_away_as_a_workbook():
    small_factory()
    run = ready_plan()

    answer = sign_in("hr").get(page_of(run, "workforce"))

    assert answer["Content-Disposition"] == f'attachment; filename="plan-{run.pk}-workforce.xlsx"'
    assert answer.content[:2] == b"PK"


def test_wages_are_shown_to_planners_and_hr_only():
    small_factory()
    run = ready_plan()
    for role, sees in (("planner", True), ("hr", True), ("production", False), ("reader", False)):
        client = sign_in(role)
        assert ("654" in text_of(client.get(page_of(run, "people")))) is sees, role
        assert ("1,000" in text_of(client.get(LIST))) is sees, role
        assert ("900" in text_of(client.get(page_of(run, "certificate")))) is sees, role
        assert ("cost" in client.get(page_of(run, "people", "csv")).content.decode()) is sees, role
        assert client.get(page_of(run, "plan-1")).status_code == (200 if sees else 403), role


def test_the_plan_is_exchanged_as_plan_1():
    small_factory()
    client = sign_in("planner")
    run = ready_plan()

    document = json.loads(client.get(page_of(run, "plan-1")).content)

    assert (document["format"], document["version"], len(document["promises"])) == ("plan-1", run.pk, 1)


def test_publishing_shows_first_which_dates_move():
    # given an order promised for 1 July by plan 1, and a plan 2 that says 5 July
    small_factory()
    client = sign_in("planner")
    client.post(page_of(ready_plan(), "publish"))
    second = ready_plan(days_late=4)

    # when the planner opens the page
    said = text_of(client.get(page_of(second, "publish")))

    # then it names the move, and has changed nothing
    assert "1 later" in said
    assert "2011-07-01 2011-07-01 2011-07-05 +4 d" in said
    assert Instalment.objects.get().promised == dt.date(2011, 7, 1)

    # and when it is sent, the dates are promised and the old plan stays readable
    client.post(page_of(second, "publish"))
    row = Instalment.objects.get()
    assert (row.promised, row.promised_in_version) == (dt.date(2011, 7, 5), second.pk)
    assert list(PlanRun.objects.order_by("pk").values_list("status", flat=True)) == ["archived", "published"]
    assert client.get(page_of(PlanRun.objects.first(), "orders")).status_code == 200


def test_an_unfinished_plan_cannot_be_published_or_read():
    client = sign_in("planner")
    run = make_run()

    assert "only a ready one is published" in text_of(client.get(page_of(run, "publish"), follow=True))
    assert client.get(page_of(run, "orders")).status_code == 404
    assert client.get(page_of(run, "orders", "csv")).status_code == 404
    assert client.get("/admin/planning/planrun/999/change/").status_code == 404


@pytest.mark.parametrize("tab", list(TABS))
def test_a_tab_takes_the_same_queries_for_many_rows(tab):
    small_factory()
    client = sign_in("planner")
    run = ready_plan()
    client.get(page_of(run, tab))
    with CaptureQueriesContext(connection) as for_one:
        client.get(page_of(run, tab))
    for name in ("plannedorder", "plannedoperation", "planexception", "loadweek"):
        for row in list(getattr(run, f"{name}_rows").all()):
            for number in range(30):
                row.pk = None
                if name == "plannedorder":
                    row.order = f"{row.kind}-{number}"
                if name == "loadweek":
                    row.week = dt.date(2011, 3, 21) + dt.timedelta(weeks=number)
                row.save()

    with CaptureQueriesContext(connection) as for_many:
        client.get(page_of(run, tab))

    assert len(for_many) == len(for_one)
    # people are told with changes, weeks, shifts, cash and decisions, cards with decisions as well; every tab
    # names the plan to compare with, exceptions are chosen by their words, operations are drawn with what
    # they are for
    assert len(for_many) <= {"people": 22, "hiring": 21, "operations": 24}.get(tab, 17)


def test_a_filter_that_no_database_takes_finds_nothing():
    small_factory()
    run = ready_plan()

    assert sign_in("planner").get(page_of(run, "buy"), {"supplier": "A\0B"}).status_code == 200


def test_the_second_page_of_a_long_list_goes_on_where_the_first_ends():
    # given 130 planned purchases, which go out one a day
    small_factory()
    client = sign_in("planner")
    run = ready_plan()
    run.plannedorder_rows.all().delete()
    first = dt.date(2024, 1, 1)
    days = [first + dt.timedelta(days=number) for number in range(130)]
    columns = ("run", "order", "item", "kind", "qty", "release", "due", "firm")
    rows = [(run.pk, f"B-{day}", "PART", "buy", 1, day, day, False) for day in reversed(days)]
    insert_rows(PlannedOrder, columns, rows)

    pages = [client.get(page_of(run, "buy"), {"page": number}).context["rows"] for number in (1, 2)]

    shown = [[cells[-1][0] for *_, cells in page] for page in pages]
    assert shown == [[f"B-{day}" for day in days[:100]], [f"B-{day}" for day in days[100:]]]


def test_the_list_says_by_which_plan_another_was_replaced():
    # given a plan that was promised, one that never was, and the one that is promised now
    small_factory()
    promised, passed_over, published, draft = (ready_plan() for _ in range(4))
    week = dt.timedelta(days=7)
    PlanRun.objects.filter(pk=promised.pk).update(status=PlanStatus.ARCHIVED, published_at=NOW)
    PlanRun.objects.filter(pk=published.pk).update(status=PlanStatus.PUBLISHED, published_at=NOW + week)
    client = sign_in("planner")

    said = text_of(client.get(LIST))

    assert f"Plan {promised.pk} Replaced by plan {published.pk}" in said
    assert f"Plan {passed_over.pk} Never published; plan {published.pk} is" in said
    assert f"Plan {published.pk} Published" in said
    assert f"Plan {draft.pk} Ready" in said
    # and what can be published no more is not offered to be
    assert "Publish…" not in text_of(client.get(page_of(passed_over, "orders")))
    assert "Publish…" in text_of(client.get(page_of(draft, "orders")))


def test_the_load_grid_names_its_year_and_a_month_that_is_only_its_rest():
    small_factory()
    run = ready_plan()
    LoadWeek.objects.filter(run=run).delete()
    monday = dt.date(2011, 2, 28)
    for number in range(12):
        LoadWeek.objects.create(
            run=run,
            work_centre="BENCH",
            week=monday + dt.timedelta(weeks=number),
            available_hours=40,
            required_hours=5,
        )

    said = text_of(sign_in("planner").get(page_of(run, "load")))

    assert "Weeks of 2011 Month, by the Mondays in it" in said
    assert "04-18 rest of 2011-04 2011-05 BENCH" in said


def test_exceptions_are_told_in_words_and_chosen_by_them():
    small_factory()
    run = ready_plan()
    client = sign_in("planner")

    page = client.get(page_of(run, "exceptions"))

    assert "warning Expedite the order" in text_of(page)
    assert '<option value="EXPEDITE">Expedite the order</option>' in page.content.decode()
    # files keep the codes, which programs read
    assert "EXPEDITE" in client.get(page_of(run, "exceptions", "csv")).content.decode()


def test_hours_by_shift_are_told_and_premiums_to_who_sees_wages():
    small_factory()
    run = ready_plan()
    for month, shift, hours in (
        ("2011-03", "EARLY", 120),
        ("2011-04", "EARLY", 1380),
        ("2011-04", "LATE", 40),
    ):
        LabourShift.objects.create(
            run=run, skill="ASM", month=month, shift=shift, hours=hours, cost=hours / 4
        )

    said = text_of(sign_in("planner").get(page_of(run, "people")))
    assert "EARLY 120 1,380 1,500 375" in said
    assert "LATE – 40 40 10" in said

    said = text_of(sign_in("production").get(page_of(run, "people")))
    assert "EARLY 120 1,380 1,500" in said
    assert "Premiums" not in said


def test_the_days_of_a_reason_are_told_once():
    small_factory()
    run = ready_plan(days_late=3)
    reasons = [
        {"code": "PLANNED_START", "entity": "DRIVE", "days": 2.0, "text": "DRIVE waits for others: 2 days."},
        {"code": "AT_RISK_MATERIAL", "entity": "MOTOR", "days": 1.0, "text": "Motors come late."},
    ]
    PlanPromise.objects.filter(run=run).update(reasons=reasons)
    client = sign_in("planner")

    told = "DRIVE waits for others: 2 days; Motors come late (1 d)"
    assert told in text_of(client.get(page_of(run, "orders")))
    assert told in client.get(page_of(run, "orders", "csv")).content.decode()


def test_a_plan_says_when_it_was_built_not_when_it_was_asked_for():
    small_factory()
    asked, built = (dt.datetime(2011, 3, 1, 12, minute, tzinfo=dt.UTC) for minute in (37, 39))
    run = ready_plan(requested_at=asked, started_at=asked, built_at=asked, finished_at=built)

    assert "built 2011-03-01 12:39" in text_of(sign_in("planner").get(page_of(run, "orders")))


def test_no_level_of_headings_is_left_out():
    small_factory()
    run = ready_plan()
    client = sign_in("planner")

    for page in (*TABS, "abc", "publish"):
        content = client.get(page_of(run, page)).content.decode().partition('id="content"')[2]
        levels = [int(level) for level in re.findall(r"<h([1-6])\b", content)]
        assert levels, page
        assert levels[0] <= 2, page
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), (page, levels)


def test_cards_say_what_each_decision_asks_of_the_next_plan():
    small_factory()
    run = ready_plan()

    said = text_of(sign_in("hr").get(page_of(run, "hiring")))

    assert "Approve : at least so many come in that month. Lock : just so many. Refuse : nobody." in said
    assert said.index("Refuse : nobody.") < said.index("start in 2011-04")
