"""Reported labour hours, the learning rates they tell, and taking one over: over HTTP and in the admin."""

from itertools import pairwise

import pytest
from django.urls import reverse

from planning.engine.learning import LearningCurve
from planning.loading import load_factory
from planning.models import LabourReport, Skill
from tests import builders
from tests.journeys.admin import sign_in
from tests.rest import Api, refused

pytestmark = pytest.mark.django_db

EDGES = [0, 3, 10, 40, 120]


@pytest.fixture
def factory():
    """A skill that plans at 0.9, and an item that it works on."""
    builders.make_settings()
    builders.make_calendar()
    builders.make_item("DRIVE")
    return builders.make_skill("ASM", learning_rate="0.9")


def reports(rate, *, item="DRIVE", skill="ASM", edges=EDGES):
    """What finished work orders report that learnt at ``rate``, 10 h for the first unit."""
    curve = LearningCurve(rate, 1, None)
    return [
        {
            "work_order": f"WO-{item}-{first}",
            "item": item,
            "skill": skill,
            "units_before": first,
            "units": last - first,
            "hours": round(10 * curve.sum_between(first, last), 6),
            "finished_on": "2024-01-08",
        }
        for first, last in pairwise(edges)
    ]


def tell(rows, role="production"):
    for row in rows:
        answer = Api(role).post("/labour-reports/", row)
        assert answer.status_code == 201, answer.content


@pytest.mark.parametrize("rate", [0.8, 0.85, 1.0])
def test_the_rate_that_made_the_hours_is_told_beside_the_one_used(factory, rate):
    tell(reports(rate))

    (row,) = Api("reader").get("/learning-rates/").json()
    # human resources see them on the page of a skill, so their programs do too
    assert Api("hr").get("/learning-rates/").json() == [row]

    assert (row["skill"], row["item"], row["reports"], row["units"]) == ("ASM", "DRIVE", 4, 120)
    assert (row["rate"], row["used"]) == (pytest.approx(rate, abs=1e-4), 0.9)
    assert row["low"] - 1e-3 <= rate <= row["high"] + 1e-3
    assert row["error"] == pytest.approx(0, abs=1e-3)


def test_one_call_takes_it_over_and_the_next_plan_uses_it(factory):
    tell(reports(0.8))

    first = Api("planner").post("/learning-rates/take-over/", {"skill": "ASM", "item": "DRIVE"})
    again = Api("planner").post("/learning-rates/take-over/", {"skill": "ASM", "item": "DRIVE"})

    assert first.json()["used"] == again.json()["used"] == 0.8
    assert [float(row.learning_rate) for row in load_factory().skills] == [0.8]
    assert Skill.objects.get().version == factory.version + 1


def test_one_click_takes_over_the_rate_of_most_units(factory):
    builders.make_item("MOTOR")
    tell([*reports(0.8), *reports(0.7, item="MOTOR", edges=[0, 2, 5])])
    client, page = sign_in("planner"), reverse("admin:planning_skill_changelist")

    shown = client.get(reverse("admin:planning_skill_change", args=[factory.pk])).content.decode()
    client.post(page, {"action": "take_over_rates", "_selected_action": [factory.pk]})

    assert "DRIVE: 0.8" in shown
    assert "by 4 reports on 120 units; used: 0.9" in shown
    assert float(Skill.objects.get().learning_rate) == 0.8


def test_reports_that_tell_no_rate_are_not_taken_over(factory):
    tell(reports(0.8, edges=[0, 3]))

    (row,) = Api("planner").get("/learning-rates/").json()
    answer = Api("planner").post("/learning-rates/take-over/", {"skill": "ASM", "item": "DRIVE"})

    assert (row["rate"], row["low"], row["high"]) == (None, None, None)
    refused(answer, 409, "no_fitted_rate")
    assert float(Skill.objects.get().learning_rate) == 0.9


@pytest.mark.parametrize(
    "wrong",
    [
        {"skill": "NOBODY"},
        {"item": "NOTHING"},
        {"units": 0},
        {"units_before": -1},
        {"hours": 0},
        {"finished_on": "2024-13-01"},
        {"colour": "red"},
    ],
)
def test_a_report_that_makes_no_sense_is_refused(factory, wrong):
    (row,) = reports(0.8, edges=[0, 3])
    assert Api("planner").post("/labour-reports/", row | wrong).status_code in {400, 422}
    assert not LabourReport.objects.exists()


def test_a_work_order_is_reported_once_and_a_report_can_be_taken_out(factory):
    (row,) = reports(0.8, edges=[0, 3])
    tell([row])
    assert Api("planner").post("/labour-reports/", row).status_code in {400, 409, 422}
    (listed,) = Api("planner").get("/labour-reports/").json()["results"]
    assert Api("planner").call("delete", f"/labour-reports/{listed['id']}/").status_code == 204
    assert not LabourReport.objects.exists()


@pytest.mark.parametrize("role", ["sales", "hr", "reader", "production"])
def test_only_planners_change_what_plans_use(factory, role):
    answer = Api(role).post("/learning-rates/take-over/", {"skill": "ASM", "item": "DRIVE"})
    assert answer.status_code == 403
