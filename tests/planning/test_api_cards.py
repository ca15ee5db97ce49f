"""Hiring decision cards over HTTP and in the admin: read, decided on with one click, by who may."""

import pytest
from django.urls import reverse
from django.utils import timezone

from planning.models import CardsStatus, HiringCard, HiringCards, HiringDecision, PlanRun
from tests.journeys.admin import sign_in
from tests.rest import Api, refused

pytestmark = pytest.mark.django_db(transaction=True)

SLIP = {"name": "SO-1/1/1", "days": 12.0, "is_served": True}


@pytest.fixture
def run(build):
    """A built plan with one card that somebody has worked out."""
    row = build()
    HiringCards.objects.update_or_create(
        run=row, defaults={"status": CardsStatus.DONE, "asked_at": timezone.now()}
    )
    HiringCard.objects.create(
        run=row,
        skill="ASM",
        month="2024-02",
        heads=2,
        requisition_by="2024-01-18",
        decide_by="2024-01-18",
        worth=1_234.0,
        money=1_000.0,
        late_cost=234.0,
        missing_head_months=0.5,
        break_even_cost=1_117.0,
        slips=[],
        never_worth=56_789.0,
        never_slips=[SLIP],
    )
    return row


@pytest.mark.parametrize("role", ["planner", "hr"])
def test_cards_are_read_with_what_was_decided(run, role):
    path = f"/plans/{run.pk}/hiring-cards/"
    answer = Api(role).get(path).json()
    assert answer["status"] == "done"
    (card,) = answer["cards"]
    assert (card["skill"], card["heads"], card["never_slips"]) == ("ASM", 2, [SLIP])
    assert card["decision"] is None

    Api("hr").post(
        "/hiring-decisions/", {"skill": "ASM", "month": "2024-02", "heads": 2, "verdict": "refused"}
    )

    (card,) = Api(role).get(path).json()["cards"]
    assert card["decision"]["verdict"] == "refused"


@pytest.mark.parametrize("role", ["sales", "production", "reader"])
def test_others_see_no_card(run, role):
    path = f"/plans/{run.pk}/hiring-cards/"
    assert Api(role).get(path).status_code == 403
    assert Api(role).post(path, {}).status_code == 403


def test_they_are_worked_out_again_on_demand(run):
    answer = Api("hr").post(f"/plans/{run.pk}/hiring-cards/", {})

    assert answer.status_code == 202
    assert HiringCards.objects.get(run=run).status == CardsStatus.WAITING
    refused(Api("hr").post("/plans/4711/hiring-cards/", {}), 404, "plan_not_found")


def test_one_click_decides_and_another_takes_it_back(run):
    client = sign_in("hr")
    page = reverse("admin:planning_planrun_results", args=[run.pk, "hiring"])
    shown = client.get(page).content.decode()
    assert "costs 56,789 more" in shown
    assert "SO-1/1/1 +12 days" in shown
    decide = reverse("admin:planning_planrun_decide", args=[run.pk])
    told = {"skill": "ASM", "month": "2024-02", "heads": "2"}

    client.post(decide, told | {"verdict": "locked"})

    row = HiringDecision.objects.get()
    assert (row.skill.code, row.heads, row.verdict, row.decided_by.username) == ("ASM", 2, "locked", "hr")
    assert "Locked 2" in client.get(page).content.decode()

    client.post(decide, told | {"verdict": "undo"})
    assert not HiringDecision.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"heads": "two"}, {"verdict": "perhaps"}, {"skill": "NOBODY"}, {"month": "2024-13"}]
)
def test_a_decision_that_makes_no_sense_changes_nothing(run, wrong):
    client = sign_in("hr")
    decide = reverse("admin:planning_planrun_decide", args=[run.pk])
    told = {"skill": "ASM", "month": "2024-02", "heads": "2", "verdict": "approved"} | wrong

    answer = client.post(decide, told, follow=True)

    assert answer.status_code == 200
    assert [str(each.level_tag) for each in answer.context["messages"]] == ["error"]
    assert not HiringDecision.objects.exists()


def test_sales_decide_nothing(run):
    decide = reverse("admin:planning_planrun_decide", args=[run.pk])
    told = {"skill": "ASM", "month": "2024-02", "heads": "2", "verdict": "approved"}
    assert sign_in("sales").post(decide, told).status_code == 403
    assert PlanRun.objects.filter(pk=run.pk).exists()
