"""Hiring decision cards of a stored plan: worked out after it, never before somebody's build."""

import datetime as dt
import json
import sys

import pytest
from django.utils import timezone

from planning.errors import PlanNotFound, PlanNotReady
from planning.models import CardsStatus, HiringCard, HiringCards, StaffingMonth
from planning.services import cards
from planning.services.building import execute_plan
from planning.services.cards import are_cards_due, request_cards, work_out_next_cards
from planning.services.exchange import import_factory
from planning.services.runs import request_plan

pytestmark = pytest.mark.django_db(transaction=True)

# 90 drives of 10 h by the end of March, one person with 520 hours until then; hires come after 20 days
GROWING = {
    "format": "factory-1",
    "name": "Growing",
    "as_of": "2024-01-01",
    "horizon_end": "2024-04-01",
    "calendars": [{"code": "DAY", "shifts": [{"days": [0, 1, 2, 3, 4], "start": "08:00", "end": "16:00"}]}],
    "skills": [{"code": "ASM", "headcount": 1, "wage_per_hour": 20}],
    "staffing": {"hire_lead_days": 20, "hire_cost": 500},
    "work_centres": [{"code": "BENCH", "calendar": "DAY", "stations": 50}],
    "items": [{"code": "DRIVE", "kind": "make"}],
    "routings": {"DRIVE": [{"seq": 10, "work_centre": "BENCH", "skill": "ASM", "run_h": 10}]},
    "customers": [{"code": "C1"}],
    "sales_orders": [
        {
            "ref": "SO-1",
            "customer": "C1",
            "lines": [{"line": 1, "item": "DRIVE", "qty": 90, "due": "2024-03-29", "late_cost_per_day": 900}],
        }
    ],
}


@pytest.fixture
def growing():
    import_factory(document=json.dumps(GROWING), now=timezone.now())


@pytest.fixture
def planned(growing):
    """A plan with hires whose cards wait."""
    run = request_plan(requested_by=None, now=timezone.now())
    assert execute_plan(plan_id=run.pk)
    return run


def test_a_plan_that_hires_asks_for_its_cards(planned):
    assert StaffingMonth.objects.filter(run=planned, hires__gt=0).exists()
    assert HiringCards.objects.get(run=planned).status == CardsStatus.WAITING
    assert are_cards_due()


def test_each_block_of_hires_gets_a_card_with_what_slips_without_it(planned):
    assert work_out_next_cards()

    told = HiringCards.objects.get(run=planned)
    assert (told.status, told.failure_reason) == (CardsStatus.DONE, "")
    hires = StaffingMonth.objects.filter(run=planned, hires__gt=0)
    found = HiringCard.objects.filter(run=planned)
    assert set(found.values_list("skill", "month", "heads")) == set(
        hires.values_list("skill", "month", "hires")
    )
    first = found.order_by("month").first()
    assert first.requisition_by == dt.date.fromisoformat(f"{first.month}-01") - dt.timedelta(days=20)
    # nobody else is hired in any later month: what cannot be made by the end of March comes late
    assert [(each["name"], each["is_served"]) for each in first.never_slips] == [("SO-1/1/1", False)]
    assert first.never_worth > 0
    assert not work_out_next_cards()


def test_a_build_that_waits_goes_first(planned):
    waiting = request_plan(requested_by=None, now=timezone.now())

    assert not work_out_next_cards()
    assert HiringCards.objects.get(run=planned).status == CardsStatus.WAITING

    assert execute_plan(plan_id=waiting.pk)
    assert work_out_next_cards()


def test_a_build_that_comes_meanwhile_has_them_put_aside(planned, monkeypatch):
    # given cards that take a minute, and somebody who asks for a plan when the first look is over
    monkeypatch.setattr(cards, "COMMAND", [sys.executable, "-c", "import time; time.sleep(60)"])
    looks = iter([[], [4711]])
    monkeypatch.setattr(cards, "list_due_runs", lambda: next(looks))

    assert not work_out_next_cards()
    assert HiringCards.objects.get(run=planned).status == CardsStatus.WAITING


def test_what_is_worked_out_is_not_worked_out_again(planned):
    work_out_next_cards()
    first = HiringCard.objects.filter(run=planned).order_by("pk").first()
    HiringCards.objects.filter(run=planned).update(status=CardsStatus.WAITING)

    assert work_out_next_cards()
    assert HiringCard.objects.filter(run=planned).order_by("pk").first() == first

    # but on demand all of it is
    request_cards(version=planned.pk, now=timezone.now())
    assert not HiringCard.objects.filter(run=planned).exists()


def test_who_was_overtaken_stores_nothing_and_ends_nothing(planned, monkeypatch):
    late = cards._claim(planned.pk)
    HiringCards.objects.filter(run=planned).update(lease_until=timezone.now() - dt.timedelta(minutes=1))
    assert cards._claim(planned.pk).attempt == late.attempt + 1

    with pytest.raises(cards._Interrupted):
        cards._store(late, {"requisition_by": "2024-01-01", "decide_by": "2024-01-01"})
    assert not late.row().update(status=CardsStatus.DONE)


def test_cards_that_lose_their_worker_three_times_are_given_up(planned):
    for _ in range(3):
        assert cards._claim(planned.pk) is not None
        HiringCards.objects.filter(run=planned).update(lease_until=timezone.now() - dt.timedelta(minutes=1))

    assert cards._claim(planned.pk) is None
    told = HiringCards.objects.get(run=planned)
    assert (told.status, told.failure_reason) == (CardsStatus.FAILED, "The worker was lost 3 times.")


def test_a_process_that_dies_is_told(planned, monkeypatch):
    monkeypatch.setattr(cards, "COMMAND", ["false"])

    assert work_out_next_cards()

    told = HiringCards.objects.get(run=planned)
    assert told.status == CardsStatus.FAILED
    assert "status 1" in told.failure_reason
    request_cards(version=planned.pk, now=timezone.now())
    assert are_cards_due()


def test_cards_of_what_is_not_built_are_refused(growing):
    run = request_plan(requested_by=None, now=timezone.now())
    with pytest.raises(PlanNotReady):
        request_cards(version=run.pk, now=timezone.now())
    with pytest.raises(PlanNotFound):
        request_cards(version=run.pk + 1, now=timezone.now())
