"""Plans over HTTP: asked for, watched, read section by section, published, cancelled."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from orders.services import cancel_order
from planning import tasks
from planning.engine.factory_codec import canonical_json, digest
from planning.engine.plan import plan_json, read_plan
from planning.loading import load_factory
from planning.models import LoadWeek, PlanException, PlannedOrder, PlanPromise, PlanRun, PlanStatus
from planning.saving import plan_from_rows, save_plan
from planning.services.publishing import publish_plan
from planning.services.runs import cancel_plan, claim_plan, request_plan
from tests.builders import make_run
from tests.engine.builders import PLAN, make_plan, plan_document
from tests.rest import Api, fields_of, refused

pytestmark = pytest.mark.django_db

SECTIONS = {
    "planned-orders": "planned_orders",
    "operations": "operations",
    "staffing": "staffing",
    "skill-changes": "skill_changes",
    "labour-weeks": "labour_weeks",
    "labour-shifts": "labour_shifts",
    "cash": "cash",
    "load": "load",
    "pegging": "pegging",
    "promises": "promises",
    "exceptions": "exceptions",
}
PEOPLE = {
    "skill_changes": [{"from_skill": "OFF", "to_skill": "RD", "month": "2024-02", "heads": 1}],
    "labour_weeks": [
        {"skill": "ASM", "week": f"2024-01-{day}", "available_hours": 60.5, "required_hours": 33.25}
        for day in (15, 22)
    ],
    "labour_shifts": [
        {"skill": "ASM", "month": "2024-02", "shift": name, "hours": 12.5, "cost": 31.25}
        for name in ("DAY", "NIGHT")
    ],
    "cash": [
        dict.fromkeys(("milestones", "deliveries", "payroll", "hiring", "purchases", "machine"), 0)
        | {
            "month": "2024-01",
            "opening": 500,
            "milestones": 250.5,
            "payroll": 900,
            "closing": -149.5,
            "short": 149.5,
        }
    ],
}
LABOUR = ["regular_labour", "overtime", "temporary_labour", "shift_premiums", "hiring", "severance"]


@pytest.fixture
def planner():
    return Api("planner")


@pytest.fixture
def reader():
    return Api("reader")


@pytest.fixture
def sent(monkeypatch):
    """The runs that a worker was woken for."""
    messages = []
    monkeypatch.setattr(tasks.execute_plan_task, "apply_async", lambda **message: messages.append(message))
    return messages


@pytest.fixture
def ready(tiny):
    """The plan of the tiny factory, built: 2 instalments, 4 planned orders, 5 operations."""
    return built()


def built(**sections):
    run = request_plan(requested_by=None, now=timezone.now(), seed=1)
    text = canonical_json(load_factory())
    assert claim_plan(plan_id=run.pk)
    PlanRun.objects.filter(pk=run.pk).update(
        factory_json=text, input_digest=digest(text), as_of=dt.date(2024, 1, 10)
    )
    exceptions = [
        {"code": "OVERLOAD", "severity": severity, "entity": "BENCH", "text": "full", "suggestion": "wait"}
        for severity in ("info", "error", "warning")
    ]
    document = plan_document() | {"version": run.pk, "exceptions": exceptions} | PEOPLE | sections
    save_plan(plan_id=run.pk, attempt=1, plan=make_plan(document))
    return PlanRun.objects.get(pk=run.pk)


def with_one_late(document_promises):
    late, other = json.loads(json.dumps(document_promises))
    reason = {"code": "MATERIAL", "entity": "PART", "days": 4, "text": "PART comes late."}
    late |= {"promised": "2024-02-06", "days_late": 4, "reasons": [reason]}
    late["deliveries"] = [{"date": "2024-02-06", "qty": 2}]
    return [late, other]


# --- Asking and watching ---------------------------------------------------------------------------


def test_a_plan_is_requested_and_its_address_given(tiny, planner, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = planner.post("/plans/")

    run = PlanRun.objects.get()
    assert response.status_code == 202, response.content
    assert response["Location"] == f"http://testserver/api/v1/plans/{run.pk}/"
    body = response.json()
    assert (body["version"], body["status"], body["requested_by"]) == (run.pk, "queued", "planner")
    assert (body["cost"], body["certificate"], body["summary"], body["failure"]) == (None,) * 4
    assert [message["kwargs"] for message in sent] == [{"plan_id": run.pk}]


def test_what_is_asked_for_is_kept_with_the_run(tiny, planner, sent):
    asked = {"as_of": "2024-01-17", "time_limit_seconds": 30, "workers": 2, "seed": 7, "work_budget": 9}

    body = planner.post("/plans/", asked).json()

    assert {name: body[name] for name in asked} == asked
    run = PlanRun.objects.get()
    assert (run.as_of, run.time_limit_seconds, run.workers) == (dt.date(2024, 1, 17), 30, 2)
    assert (run.seed, run.work_budget) == (7, 9)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"as_of": "1900-01-01"}, "/as_of"),
        ({"as_of": "2999-01-01"}, "/as_of"),
        ({"as_of": "2024-03-01"}, "/as_of"),
        ({"as_of": 7}, "/as_of"),
        ({"time_limit_seconds": 0}, "/time_limit_seconds"),
        ({"time_limit_seconds": True}, "/time_limit_seconds"),
        ({"time_limit_seconds": "30"}, "/time_limit_seconds"),
        ({"time_limit_seconds": 10**18}, "/time_limit_seconds"),
        ({"time_limit_seconds": 3600}, "/time_limit_seconds"),
        ({"workers": 0}, "/workers"),
        ({"workers": None}, "/workers"),
        ({"workers": 1.5}, "/workers"),
        ({"workers": 10**6}, "/workers"),
        ({"seed": -1}, "/seed"),
        ({"seed": 2**31}, "/seed"),
        ({"status": "published"}, "/status"),
        ({"version": 1}, "/version"),
        ({"work_budget": 0}, "/work_budget"),
        ({"work_budget": 10_001}, "/work_budget"),
    ],
)
def test_a_request_that_nobody_can_build_is_refused(tiny, planner, sent, body, path):
    assert fields_of(refused(planner.post("/plans/", body), 400)) == [path]
    assert not PlanRun.objects.exists()


def test_without_a_factory_there_is_nothing_to_plan(planner):
    refused(planner.post("/plans/"), 409, "no_factory")


def test_progress_is_read_while_a_plan_is_being_built(planner):
    run = make_run(status="running", stage="schedule", percent=60, incumbent_cost=1234.5)

    body = planner.get(f"/plans/{run.pk}/").json()

    assert (body["status"], body["stage"], body["percent"]) == ("running", "schedule", 60)
    assert (body["incumbent_cost"], body["summary"]) == (1234.5, None)


def test_a_failed_plan_says_why(planner):
    found = [{"rule": "capacity", "entity": "BENCH", "text": "two orders at once"}]
    run = make_run(status="failed", violations=found)

    body = planner.get(f"/plans/{run.pk}/").json()

    assert body["failure"] == {"code": "solver_failed", "reason": "no answer"}
    assert body["violations"] == found


def test_a_plan_is_cancelled_once(planner):
    run = make_run(status="running")

    assert planner.post(f"/plans/{run.pk}/cancel/").json()["status"] == "cancelled"
    refused(planner.post(f"/plans/{run.pk}/cancel/"), 409, "plan_not_cancellable")
    run.refresh_from_db()
    assert (run.status, run.cancelled_by) == (PlanStatus.CANCELLED, planner.user)


def test_a_running_build_is_finished_with_the_best_so_far(planner):
    run = make_run(status="running")

    body = planner.post(f"/plans/{run.pk}/finish/").json()

    # it is running until its worker has saved the plan; asking again changes nothing
    assert (body["status"], body["finish_requested_by"]) == ("running", "planner")
    again = planner.post(f"/plans/{run.pk}/finish/").json()
    assert again["finish_requested_at"] == body["finish_requested_at"] is not None
    cancel_plan(version=run.pk, by=None, now=timezone.now())
    refused(planner.post(f"/plans/{run.pk}/finish/"), 409, "plan_not_finishable")


@pytest.mark.parametrize("version", ["0", "999", "9" * 18, "9" * 30, "9" * 400])
@pytest.mark.parametrize("path", ["", "operations/", "export/", "publish-preview/"])
def test_a_plan_that_is_not_there_is_not_found(planner, version, path):
    refused(planner.get(f"/plans/{version}/{path}"), 404)


@pytest.mark.parametrize("act", ["cancel", "finish", "publish"])
def test_what_is_not_there_cannot_be_acted_upon(planner, act):
    refused(planner.post(f"/plans/{'9' * 30}/{act}/"), 404, "plan_not_found")


@pytest.mark.parametrize("version", ["-1", "1.5", "٣", "abc", "%00", "1e3", "0x1"])
def test_a_version_is_a_whole_number(planner, version):
    refused(planner.get(f"/plans/{version}/"), 404, "not_found")


# --- Reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", SECTIONS)
@pytest.mark.parametrize("status", ["queued", "running", "failed", "cancelled"])
def test_a_plan_that_is_not_built_has_no_rows_rather_than_none(planner, path, status):
    run = make_run(status=status)

    refused(planner.get(f"/plans/{run.pk}/{path}/"), 409, "plan_not_ready")


@pytest.mark.parametrize(("path", "section"), SECTIONS.items())
def test_a_section_has_the_rows_of_plan_1(ready, planner, path, section):
    expected = plan_json(plan_from_rows(ready.pk))[section]

    page = planner.get(f"/plans/{ready.pk}/{path}/?page_size=200").json()

    assert page["count"] == len(expected) > 0
    assert sorted(map(comparable, page["results"])) == sorted(map(comparable, expected))


def test_what_a_build_says_of_people_and_cash_is_exported_as_it_was_said(tiny, planner):
    staffing = [
        row | {"moved_in": 1, "training_heads": 1.5, "wage_per_hour": 20.25} for row in PLAN["staffing"]
    ]
    run = built(staffing=staffing)

    document = planner.get(f"/plans/{run.pk}/export/").json()

    assert {name: document[name] for name in PEOPLE} == PEOPLE
    for told, said in zip(document["staffing"], staffing, strict=True):
        assert {name: told[name] for name in said} == said
        assert told["moved_out"] == 0


def comparable(row):
    """Rows as text, whatever their order and whether UTC is written Z or +00:00."""
    return json.dumps(row, sort_keys=True).replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("planned-orders/?kind=buy", 1),
        ("planned-orders/?item=DRIVE", 2),
        ("planned-orders/?supplier=ACME", 1),
        ("operations/?work_centre=OVEN", 2),
        ("operations/?skill=ASM", 3),
        ("operations/?order=D1", 2),
        ("operations/?item=FRAME&skill=ASM", 1),
        ("staffing/?skill=RD", 2),
        ("staffing/?month=2024-02", 4),
        ("skill-changes/?to_skill=RD", 1),
        ("skill-changes/?from_skill=RD", 0),
        ("labour-weeks/?skill=ASM&week=2024-01-22", 1),
        ("labour-shifts/?skill=ASM&month=2024-02&shift=NIGHT", 1),
        ("load/?work_centre=SAW", 8),
        ("load/?week=2024-01-15", 3),
        ("pegging/?for_order=D1", 3),
        ("pegging/?order=stock", 2),
        ("pegging/?sales_order=SO-1", 2),
        ("promises/?late=true", 0),
        ("promises/?late=false", 2),
        ("promises/?sales_order=SO-1", 2),
        ("promises/?sales_order=SO-2", 0),
        ("exceptions/?severity=error", 1),
        ("exceptions/?code=OVERLOAD", 3),
    ],
)
def test_rows_are_narrowed_by_filters(ready, reader, query, count):
    assert reader.get(f"/plans/{ready.pk}/{query}").json()["count"] == count


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("planned-orders/?kind=steal", "?kind"),
        ("load/?week=x", "?week"),
        ("load/?week=9999-12-31", "?week"),
        ("load/?week=2024-02-30", "?week"),
        ("promises/?late=1", "?late"),
        ("exceptions/?severity=fatal", "?severity"),
        ("operations/?order=%00", "?order"),
        ("staffing/?cost=1", "?cost"),
        ("staffing/?ordering=cost", "?ordering"),
        ("staffing/?cost__gt=1", "?cost__gt"),
        ("operations/?page_size=0", "?page_size"),
        ("export/?format=xml", "?format"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(ready, reader, path, parameter):
    assert fields_of(refused(reader.get(f"/plans/{ready.pk}/{path}"), 400)) == [parameter]


@pytest.mark.parametrize("query", ["status=lost", "status=", "version=1", "total_cost=1"])
def test_plans_are_filtered_by_what_is_known(reader, query):
    refused(reader.get(f"/plans/?{query}"), 400)


def test_plans_are_listed_the_newest_first(ready, reader):
    failed = make_run(status="failed")

    page = reader.get("/plans/").json()

    assert [row["version"] for row in page["results"]] == [failed.pk, ready.pk]
    assert [row["version"] for row in reader.get("/plans/?status=ready").json()["results"]] == [ready.pk]


def test_a_built_plan_is_summed_up(tiny, planner):
    run = built(promises=with_one_late(PLAN["promises"]))

    body = planner.get(f"/plans/{run.pk}/").json()

    # heads in February: 2 + 1 + 2 + 1.9
    assert body["summary"] == {
        "instalments": 2,
        "late_instalments": 1,
        "worst_days_late": 4,
        "make_orders": 3,
        "buy_orders": 1,
        "operations": 5,
        "hires": 2,
        "peak_heads": pytest.approx(6.9),
        "peak_month": "2024-02",
        "exceptions": {"info": 1, "warning": 1, "error": 1},
    }
    assert body["cost"] == PLAN["cost"]
    assert body["certificate"]["aggregate"]["gap"] == 0.1
    assert body["input_digest"] == digest(canonical_json(load_factory()))


def test_the_export_is_the_very_document_of_the_plan(ready, planner):
    response = planner.get(f"/plans/{ready.pk}/export/")

    assert response["Content-Disposition"] == f'attachment; filename="plan-{ready.pk}.json"'
    assert response.json() == plan_json(plan_from_rows(ready.pk))
    assert read_plan(response.content) == plan_from_rows(ready.pk)


@pytest.mark.parametrize(
    "path", ["", "planned-orders/", "load/", "promises/", "exceptions/", "export/", "publish-preview/"]
)
def test_the_number_of_queries_does_not_grow_with_the_rows(ready, planner, path):
    def count(address):
        with CaptureQueriesContext(connection) as queries:
            assert planner.get(address).status_code == 200
        return len(queries)

    address = f"/plans/{ready.pk}/{path}"
    few = count(address)
    monday = dt.date(2025, 1, 6)
    for number in range(100):
        PlannedOrder.objects.create(
            run=ready, order=f"X{number}", item="PART", kind="buy", qty=1, release=monday, due=monday
        )
        LoadWeek.objects.create(
            run=ready,
            work_centre="SAW",
            week=monday + dt.timedelta(weeks=number),
            available_hours=1,
            required_hours=1,
        )
        PlanException.objects.create(run=ready, code="X", severity="info", entity=str(number), text="x")
        PlanPromise.objects.create(
            run=ready,
            sales_order=f"X{number}",
            line=1,
            instalment=1,
            item="DRIVE",
            qty=1,
            requested=monday,
            promised=monday,
            days_late=0,
        )
    assert count(address) == few


def test_the_list_of_plans_takes_as_many_queries_for_100_as_for_one(ready, planner):
    def count():
        with CaptureQueriesContext(connection) as queries:
            assert planner.get("/plans/?page_size=200").status_code == 200
        return len(queries)

    few = count()
    for _ in range(99):
        make_run(status="failed", requested_by=planner.user)
    assert count() == few


# --- Publishing --------------------------------------------------------------------------------------


def test_what_publishing_would_move_is_seen_before(tiny, planner):
    first = built()
    publish_plan(version=first.pk, by=None, now=timezone.now())
    second = built(promises=with_one_late(PLAN["promises"]))

    preview = planner.get(f"/plans/{second.pk}/publish-preview/").json()

    assert (preview["version"], preview["replaces"], preview["stale"]) == (second.pk, first.pk, [])
    assert preview["counts"] == {
        "new": 0,
        "earlier": 0,
        "later": 1,
        "withdrawn": 0,
        "unchanged": 1,
        "stale": 0,
    }
    (move,) = preview["moves"]
    assert (move["sales_order"], move["instalment"], move["qty"]) == ("SO-1", 1, 2)
    assert (move["moves_from"], move["moves_to"], move["days"]) == ("2024-02-02", "2024-02-06", 4)
    second.refresh_from_db()
    assert second.status == PlanStatus.READY


def test_publishing_makes_the_dates_the_promised_ones_and_keeps_the_old_plan(tiny, planner, reader):
    first, second = built(), built(promises=with_one_late(PLAN["promises"]))

    assert planner.post(f"/plans/{first.pk}/publish/").json()["status"] == "published"
    assert reader.get("/plans/current/").json()["version"] == first.pk
    body = planner.post(f"/plans/{second.pk}/publish/", {}).json()

    assert (body["status"], body["published_by"]) == ("published", "planner")
    assert reader.get("/plans/current/").json()["version"] == second.pk
    assert reader.get(f"/plans/{first.pk}/").json()["status"] == "archived"
    assert reader.get(f"/plans/{first.pk}/promises/").json()["count"] == 2
    dates = reader.get("/orders/SO-1/delivery-dates/").json()
    assert [row["promised"] for row in dates["promises"]] == ["2024-02-06", "2024-02-09"]
    assert (dates["plan_version"], dates["published_at"]) == (second.pk, body["published_at"])


def test_an_older_draft_is_not_published_over_a_newer_plan(tiny, planner):
    older, newer = built(), built()
    planner.post(f"/plans/{newer.pk}/publish/")

    refused(planner.post(f"/plans/{older.pk}/publish/"), 409, "plan_superseded")
    assert PlanRun.objects.get(status=PlanStatus.PUBLISHED).pk == newer.pk


@pytest.mark.parametrize("status", ["queued", "running", "failed", "cancelled"])
def test_only_a_built_plan_is_published(tiny, planner, status):
    run = make_run(status=status)

    refused(planner.post(f"/plans/{run.pk}/publish/"), 409, "plan_not_ready")
    refused(planner.get(f"/plans/{run.pk}/publish-preview/"), 409, "plan_not_ready")


def test_what_changed_since_the_build_is_named_and_not_promised(ready, planner):
    cancel_order(ref="SO-1", now=timezone.now())

    body = planner.post(f"/plans/{ready.pk}/publish/").json()

    assert [(row["sales_order"], row["instalment"]) for row in body["stale"]] == [("SO-1", 1), ("SO-1", 2)]
    assert planner.get("/orders/SO-1/delivery-dates/").json()["promises"] == []


@pytest.mark.parametrize("body", [{"force": True}, [], 1, "x"])
@pytest.mark.parametrize("act", ["publish", "cancel", "finish"])
def test_acts_refuse_bodies_they_do_not_know(ready, planner, act, body):
    refused(planner.post(f"/plans/{ready.pk}/{act}/", body), 400)
    ready.refresh_from_db()
    assert ready.status == PlanStatus.READY


def test_without_a_published_plan_there_is_no_current_one(ready, reader):
    refused(reader.get("/plans/current/"), 404, "no_published_plan")


# --- Wages -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["planner", "hr"])
def test_who_works_with_wages_sees_them(ready, role):
    api = Api(role)

    plan = api.get(f"/plans/{ready.pk}/").json()
    staffing = api.get(f"/plans/{ready.pk}/staffing/").json()["results"]

    assert plan["cost"] == PLAN["cost"]
    assert (plan["total_cost"], plan["certificate"]["aggregate"]["objective"]) == (44506.1, 100)
    assert sorted(row["cost"] for row in staffing) == sorted(row["cost"] for row in PLAN["staffing"])
    assert None not in {row["wage_per_hour"] for row in staffing}
    assert api.get(f"/plans/{ready.pk}/cash/").json()["results"][0]["short"] == 149.5
    assert api.get(f"/plans/{ready.pk}/export/").json()["cash"][0]["closing"] == -149.5
    assert api.get(f"/plans/{ready.pk}/export/").json()["cost"] == PLAN["cost"]


@pytest.mark.parametrize("role", ["sales", "production", "reader"])
def test_nobody_else_sees_wages_or_what_they_could_be_worked_out_from(ready, role):
    api = Api(role)
    publish_plan(version=ready.pk, by=None, now=timezone.now())

    plan = api.get(f"/plans/{ready.pk}/").json()
    listed = api.get("/plans/").json()["results"][0]
    document = api.get(f"/plans/{ready.pk}/export/").json()
    staffing = api.get(f"/plans/{ready.pk}/staffing/").json()["results"]

    for cost in (plan["cost"], document["cost"], api.get("/plans/current/").json()["cost"]):
        assert {part for part, value in cost.items() if value is None} == {*LABOUR, "total"}
        assert (cost["material"], cost["holding"], cost["machine"]) == (100, 7.1, 47)
    assert (plan["total_cost"], plan["incumbent_cost"]) == (None, None)
    assert (listed["total_cost"], listed["incumbent_cost"]) == (None, None)
    for certificate in (plan["certificate"], document["certificate"]):
        aggregate = certificate["aggregate"]
        assert (aggregate["objective"], aggregate["bound"], aggregate["gap"]) == (None, None, 0.1)
    assert {row["cost"] for row in [*staffing, *document["staffing"]]} == {None}
    assert {row["wage_per_hour"] for row in [*staffing, *document["staffing"]]} == {None}
    assert document["cash"] is None
    refused(api.get(f"/plans/{ready.pk}/cash/"), 403)
    # heads and hires are no secret
    assert sum(row["hires"] for row in staffing) == 2


SHORT = {
    "code": "CASH_BELOW_FLOOR",
    "severity": "warning",
    "entity": "2024-01",
    "text": "Cash is 7,149.50 below its floor at the end of 2024-01.",
    "suggestion": "Find 7,149.50 by 2024-01.",
    "money_at_risk": 7149.5,
}
FREE = {
    "code": "WAGE_MISSING",
    "severity": "info",
    "entity": "ASM",
    "text": "ASM has a wage of 0.",
    "suggestion": "Give ASM its wage per hour.",
}
FULL = {"code": "OVERLOAD", "severity": "info", "entity": "BENCH", "text": "full", "suggestion": "wait"}


@pytest.mark.parametrize(
    ("role", "codes"),
    [(role, ["OVERLOAD"]) for role in ("sales", "production", "reader")]
    + [(role, ["CASH_BELOW_FLOOR", "OVERLOAD", "WAGE_MISSING"]) for role in ("planner", "hr")],
)
def test_what_is_told_about_cash_and_wages_is_for_who_sees_wages(tiny, role, codes):
    run = built(exceptions=[SHORT, FULL, FREE])
    api = Api(role)

    answers = [api.get(f"/plans/{run.pk}/{name}/") for name in ("exceptions", "export")]
    rows, document = answers[0].json()["results"], answers[1].json()

    assert [row["code"] for row in rows] == [row["code"] for row in document["exceptions"]] == codes
    warnings = api.get(f"/plans/{run.pk}/").json()["summary"]["exceptions"]["warning"]
    assert warnings == codes.count("CASH_BELOW_FLOOR")
    told = [b"7,149.50" in answer.content or b"7149.5" in answer.content for answer in answers]
    assert told == ["CASH_BELOW_FLOOR" in codes] * 2


def test_hours_that_lack_by_month_are_numbers_for_everybody_who_reads_exceptions(tiny):
    hours = [{"month": "2024-01", "hours": 40.5}, {"month": "2024-02", "hours": 8.0}]
    lacks = {"code": "AT_RISK_SKILL", "severity": "warning", "entity": "ASM", "text": "-", "suggestion": "-"}
    run = built(exceptions=[lacks | {"shortfall": hours}, FULL])
    api = Api("reader")

    rows = api.get(f"/plans/{run.pk}/exceptions/").json()["results"]
    document = api.get(f"/plans/{run.pk}/export/").json()

    for told in (rows, document["exceptions"]):
        # what is about no hours, or was stored by an earlier release, tells none
        assert {row["code"]: row["shortfall"] for row in told} == {"AT_RISK_SKILL": hours, "OVERLOAD": []}


def test_a_violated_cost_names_no_sums_to_who_may_not_see_them():
    found = [
        {"rule": "staffing_cost_recomputed", "entity": "ASM", "text": "costs 5, recomputed 5120"},
        {"rule": "cash_recomputed", "entity": "2024-01", "text": "closes at 5, recomputed 5120"},
        {"rule": "people_told", "entity": "ASM 2024-01", "text": "tells a wage of 5, its days give 5120"},
        {"rule": "certificate_consistent", "entity": "schedule", "text": "bound 9 lies above 5120"},
        {"rule": "station_free", "entity": "BENCH", "text": "two orders at once"},
    ]
    reason = "The plan has 2 violations, the first: costs 5, recomputed 5120"
    run = make_run(status="failed", failure_code="violations", failure_reason=reason, violations=found)

    answer = Api("reader").get(f"/plans/{run.pk}/")

    assert [row["text"] for row in answer.json()["violations"]] == [None] * 4 + ["two orders at once"]
    assert b"5120" not in answer.content
    assert b"5120" in Api("hr").get(f"/plans/{run.pk}/").content
