"""Two plans side by side in the admin."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from planning.models import PlanPromise, PlanRun, PlanStatus
from tests.builders import NOW, make_run
from tests.journeys.admin import ready_plan, sign_in, small_factory, text_of

pytestmark = pytest.mark.django_db

LIST = "/admin/planning/planrun/"
COMPARE = "/admin/planning/planrun/compare/"


@pytest.fixture
def published_and_later():
    """A published plan, and a newer one in which the delivery comes nine days later."""
    small_factory()
    one = ready_plan()
    PlanRun.objects.filter(pk=one.pk).update(
        status=PlanStatus.PUBLISHED, published_at=NOW, total_cost=900, cost={"total": 900, "material": 200}
    )
    return one, ready_plan(days_late=9)


def address(one, two):
    return f"{COMPARE}?before={one.pk}&after={two.pk}"


def test_two_plans_are_selected_in_the_list_and_compared(published_and_later):
    one, two = published_and_later
    client = sign_in("planner")

    answer = client.post(LIST, {"action": "compare_selected", "_selected_action": [two.pk, one.pk]})

    # the older one first
    assert answer["Location"] == address(one, two)
    said = text_of(client.get(answer["Location"]))
    assert "1 later" in said
    assert "+9 d motors come late (9 d)" in said
    assert "Late instalments 0 1 +1" in said


@pytest.mark.parametrize("count", [1, 3])
def test_one_or_three_plans_are_not_compared(published_and_later, count):
    runs = [*published_and_later, ready_plan()][:count]

    answer = sign_in("planner").post(
        LIST, {"action": "compare_selected", "_selected_action": [run.pk for run in runs]}, follow=True
    )

    assert "Select two plans to compare." in text_of(answer)


def test_a_build_that_is_not_done_is_not_compared(published_and_later):
    one, _ = published_and_later
    queued = make_run(status="queued")

    answer = sign_in("planner").post(
        LIST, {"action": "compare_selected", "_selected_action": [one.pk, queued.pk]}, follow=True
    )

    assert "Select two plans to compare that are both built." in text_of(answer)


def test_the_page_of_a_plan_leads_to_the_published_one_beside_it(published_and_later):
    one, two = published_and_later
    client = sign_in("planner")

    page = client.get(f"{LIST}{two.pk}/orders/").content.decode()

    assert f'href="{address(one, two).replace("&", "&amp;")}"' in page
    assert "Compare with the published" in page
    # and before it is published, so does the page that asks for it
    assert f"Compare with plan {one.pk}" in text_of(client.get(f"{LIST}{two.pk}/publish/"))


def test_a_first_plan_has_nothing_to_be_compared_with():
    small_factory()
    run = ready_plan()
    client = sign_in("planner")

    assert "Compare" not in text_of(client.get(f"{LIST}{run.pk}/orders/"))
    assert "there is only one so far" in text_of(client.get(COMPARE))


@pytest.mark.parametrize(
    ("role", "sees"), [("planner", True), ("hr", True), ("production", False), ("reader", False)]
)
def test_sums_of_money_are_for_who_sees_wages(published_and_later, role, sees):
    page = sign_in(role).get(address(*published_and_later)).content.decode()

    assert ("1,000" in page) is sees
    assert ("regular labour" in page.lower()) is sees
    assert "Key figures" in page


@pytest.mark.parametrize("what", ["dates", "people", "purchases", "operations"])
def test_each_list_is_taken_away_whole(published_and_later, what):
    one, two = published_and_later

    answer = sign_in("planner").get(f"{COMPARE}{what}/csv/?before={one.pk}&after={two.pk}")

    assert answer.status_code == 200
    assert f"plan-{one.pk}-to-{two.pk}-{what}.csv" in answer["Content-Disposition"]
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == {"dates": 2, "people": 3, "purchases": 1, "operations": 1}[what]


@pytest.mark.parametrize("query", ["before=x&after=y", "before=999999&after=999998", "before=1&after=1"])
def test_an_address_that_names_no_two_plans_is_told_so(published_and_later, query):
    answer = sign_in("planner").get(f"{COMPARE}?{query}")

    assert answer.status_code == 200
    assert re.search(r"There is no plan|Choose two different plans|Key figures", text_of(answer))


def test_the_page_asks_the_database_no_more_often_for_more_rows(published_and_later):
    one, two = published_and_later
    client = sign_in("planner")

    def queries():
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address(one, two)).status_code == 200
        return len(caught)

    queries()
    few = queries()
    for run in (one, two):
        for number in range(20):
            PlanPromise.objects.create(
                run=run,
                sales_order=f"X-{number}",
                line=1,
                instalment=1,
                item="DRIVE",
                qty=1,
                requested="2011-07-01",
                promised=f"2011-07-{1 + (number + run.pk) % 28:02}",
                days_late=0,
            )

    assert queries() == few
