"""Hiring decision cards over HTTP and in the admin: read, decided on with one click, by who may."""

import pytest
from django.urls import reverse
from django.utils import timezone

from planning.models import CardsStatus, HiringCard, HiringCards, HiringDecision, PlanRun
from planning.services.hiring import decide_hires
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

    client.post(decide, told | {"verdict": "undo", "seen": str(row.version)})
    assert not HiringDecision.objects.exists()


def test_after_a_click_the_page_stands_at_its_card_and_after_a_refusal_at_the_top(run):
    client = sign_in("hr")
    card = HiringCard.objects.get(run=run)
    page = reverse("admin:planning_planrun_results", args=[run.pk, "hiring"])
    decide = reverse("admin:planning_planrun_decide", args=[run.pk])
    told = {"skill": card.skill, "month": card.month, "verdict": "locked", "card": str(card.pk)}
    assert f'id="card-{card.pk}"' in client.get(page).content.decode()

    assert client.post(decide, told | {"heads": "2"})["Location"] == f"{page}#card-{card.pk}"
    assert client.post(decide, told | {"heads": "2", "page": "2", "seen": "1"})["Location"] == (
        f"{page}?page=2#card-{card.pk}"
    )
    assert client.post(decide, told | {"heads": "two"})["Location"] == page
    assert client.post(decide, told | {"heads": "2", "seen": "1", "card": "//evil"})["Location"] == page


@pytest.mark.parametrize("seen", ["", "1"])
@pytest.mark.parametrize("verdict", ["undo", "approved"])
def test_a_page_that_does_not_show_the_newest_decision_changes_nothing(run, verdict, seen):
    decide = reverse("admin:planning_planrun_decide", args=[run.pk])
    told = {"skill": "ASM", "month": "2024-02"}
    for heads in (2, 3):  # the second time somebody thinks again
        decide_hires(**told, heads=heads, verdict="locked", now=timezone.now())

    answer = sign_in("hr").post(decide, told | {"heads": "9", "verdict": verdict, "seen": seen}, follow=True)

    assert [str(each.level_tag) for each in answer.context["messages"]] == ["error"]
    row = HiringDecision.objects.get()
    assert (row.heads, row.verdict, row.version) == (3, "locked", 2)


def test_a_note_stays_when_a_click_decides_otherwise(run):
    decide = reverse("admin:planning_planrun_decide", args=[run.pk])
    told = {"skill": "ASM", "month": "2024-02"}
    decide_hires(**told, heads=1, verdict="approved", note="Board, March", now=timezone.now())

    sign_in("hr").post(decide, told | {"heads": "2", "verdict": "approved", "seen": "1"})

    row = HiringDecision.objects.get()
    assert (row.heads, row.note) == (2, "Board, March")


def test_figures_are_told_to_the_cent_and_the_tenth_of_a_day(run):
    HiringCard.objects.filter(run=run).update(
        worth=0.1 + 0.2, money=-1e-13, slips=[{"name": "SO-1/1/1", "days": 2.0000000004, "is_served": True}]
    )
    (card,) = Api("hr").get(f"/plans/{run.pk}/hiring-cards/").json()["cards"]
    assert (card["worth"], str(card["money"]), card["slips"][0]["days"]) == (0.3, "0.0", 2.0)


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
