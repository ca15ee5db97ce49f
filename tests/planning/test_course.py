"""How the best plan of a build became better, second by second."""

from itertools import pairwise

import pytest
from django.utils import timezone

from planning.admin.course_view import course_view, lateness_words
from planning.engine.request import Progress
from planning.models import PlanRun, PlanStatus
from planning.services.building import execute_plan
from planning.services.course import MOST_ROWS, Course
from planning.services.runs import cancel_plan, claim_plan
from tests.builders import make_run
from tests.planning.stub_solver import FOUND
from tests.planning.test_runs_build import executed, wait_for_stage
from tests.rest import Api

STEP = {"seconds": 1.5, "incumbent_cost": 1234.0, "late_days": 3, "least_late_days": 1, "objective": 1999.0}


def told(cost=None, late=None, least=None, objective=None):
    return Progress(
        stage="schedule",
        percent=50,
        incumbent_cost=cost,
        late_days=late,
        least_late_days=least,
        objective=objective,
    )


def test_only_what_is_new_is_a_step():
    course = Course()
    for second, progress in enumerate(
        [told(), told(100.0, 4, 1), told(100.0, 4, 1), told(90.0, 4, 1), told(90.0, 3, 1)]
    ):
        course.note(second, progress)

    assert course.steps == ((1, 100, 4, 1, None), (3, 90, 4, 1, None), (4, 90, 3, 1, None))


def test_what_a_stage_does_not_tell_is_not_forgotten():
    course = Course()
    course.note(1, told(100.0, 4, 1))
    # the same plan, and nothing new about it
    course.note(2, told(100.0))
    course.note(3, told())
    # another plan: its lateness is not known, the bound of all plans is
    course.note(4, told(90.0))

    assert course.steps == ((1, 100, 4, 1, None), (4, 90, None, 1, None))


def test_the_objective_falls_where_the_money_in_it_rises():
    course = Course()
    course.note(1, told(100.0, 4, 1, objective=500.0))
    course.note(2, told(120.0, 1, 1, objective=220.0))
    # the stage that follows tells the same plan without its objective
    course.note(3, told(120.0, 1, 1))

    assert [(step.incumbent_cost, step.objective) for step in course.steps] == [(100, 500), (120, 220)]


@pytest.mark.parametrize("count", [199, 200, 201, 1_000, 12_345])
def test_a_long_course_is_thinned_evenly_from_its_first_to_its_last_step(count):
    course = Course()
    for number in range(count):
        course.note(number, told(float(count - number)))

    seconds = [step.seconds for step in course.steps]
    assert len(seconds) <= MOST_ROWS
    assert (seconds[0], seconds[-1]) == (0, count - 1)
    gaps = {after - before for before, after in pairwise(seconds[:-1])}
    assert len(gaps) == 1
    assert count < MOST_ROWS or len(seconds) >= MOST_ROWS / 2


@pytest.mark.django_db(transaction=True)
def test_a_built_plan_keeps_its_course_up_to_the_plan_itself(queued, solver):
    solver(seconds=1.2)

    execute_plan(plan_id=queued.pk)

    queued.refresh_from_db()
    *search, last = queued.course
    assert [(step["incumbent_cost"], step["late_days"]) for step in search] == list(FOUND)
    assert {step["least_late_days"] for step in queued.course} == {1}
    assert (last["incumbent_cost"], last["late_days"]) == (44506.1, 0)
    seconds = [step["seconds"] for step in queued.course]
    assert seconds == sorted(seconds)


@pytest.mark.django_db(transaction=True)
def test_the_course_is_written_while_the_plan_is_built(queued, solver):
    solver(seconds=60)
    thread = executed(queued)
    wait_for_stage(queued, "schedule")

    assert (queued.course[0]["incumbent_cost"], queued.course[0]["late_days"]) == FOUND[0]
    cancel_plan(version=queued.pk, by=None, now=timezone.now())
    thread.join(10)
    # and what was found stays with the run that gave it up
    queued.refresh_from_db()
    assert (queued.status, bool(queued.course)) == (PlanStatus.CANCELLED, True)


@pytest.mark.django_db
def test_another_attempt_has_a_course_of_its_own(queued):
    PlanRun.objects.update(course=[STEP])

    claim_plan(plan_id=queued.pk)

    queued.refresh_from_db()
    assert queued.course == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "cost"), [("planner", 1234), ("hr", 1234), ("sales", None), ("reader", None)]
)
def test_who_may_not_see_wages_reads_the_course_without_its_costs(role, cost):
    run = make_run(status="running", course=[STEP])

    body = Api(role).get(f"/plans/{run.pk}/").json()

    assert body["course"] == [STEP | {"incumbent_cost": cost, "objective": cost and 1999}]
    assert "course" not in Api(role).get("/plans/").json()["results"][0]


@pytest.mark.parametrize(
    ("late", "least", "words"),
    [
        (None, None, ""),
        (None, 0, ""),
        (None, 2, "No plan can be less than 2 days late."),
        (0, 0, "No instalment is late."),
        (5, None, "All instalments together are 5 days late; how much of it no plan can avoid is not known."),
        (5, 1, "All instalments together are 5 days late; no plan can be less than 1 day late."),
        (5, 5, "All instalments together are 5 days late, and no plan can be less late."),
        (1, 0, "All instalments together are 1 day late; that any have to be is not proved."),
    ],
)
def test_lateness_and_its_bound_are_named_in_words(late, least, words):
    assert lateness_words({"late_days": late, "least_late_days": least}) == words


@pytest.mark.django_db
def test_what_the_build_minimises_is_drawn_and_the_money_below_it():
    run = make_run(status="running", course=[STEP])

    view = course_view(run, now=run.started_at, wages=True)

    words = "objective 1,999, cost 1,234, 3 days late"
    assert [(panel["name"].partition(":")[0], panel["points"]) for panel in view["panels"]] == [
        ("Objective", [[1.5, 1999, words]]),
        ("Cost of the best plan", [[1.5, 1234, words]]),
    ]
    assert "the money in it may rise" in view["note"]
    # and the chart ends no earlier than its last step
    assert view["until"] == 1.5


@pytest.mark.django_db
def test_without_wages_the_days_late_are_drawn():
    run = make_run(status="running", course=[STEP])

    view = course_view(run, now=run.started_at, wages=False)

    assert [panel["points"] for panel in view["panels"]] == [[[1.5, 3, "3 days late"]]]
    assert (view["until"], view["note"]) == (1.5, "")


@pytest.mark.django_db
def test_a_course_of_an_earlier_release_has_its_cost_alone():
    step = {name: value for name, value in STEP.items() if name != "objective"}
    run = make_run(status="running", course=[step])

    view = course_view(run, now=run.started_at, wages=True)

    assert [panel["name"] for panel in view["panels"]] == ["Cost of the best plan"]
    assert "may rise" in view["note"]
    assert Api("planner").get(f"/plans/{run.pk}/").json()["course"] == [step | {"objective": None}]
