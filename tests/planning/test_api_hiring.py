"""Decisions on hires over HTTP: taken, repeated, changed, taken back; the next plan is built with them."""

import pytest

from planning.engine.factory_codec import canonical_json
from planning.loading import load_factory
from planning.models import HiringDecision
from tests.journeys.admin import small_factory
from tests.rest import Api, fields_of, refused

pytestmark = pytest.mark.django_db

PATH = "/hiring-decisions/"
THREE = {"skill": "ASM", "month": "2011-06", "heads": 3, "verdict": "approved"}


@pytest.mark.parametrize("role", ["planner", "hr"])
def test_a_decision_is_taken_listed_and_taken_back(role):
    small_factory()
    api = Api(role)

    answer = api.post(PATH, THREE | {"note": "Board, 12 March"})

    assert answer.status_code == 201, answer.content
    row = answer.json()
    stored = HiringDecision.objects.get()
    assert row == THREE | {
        "id": stored.pk,
        "note": "Board, 12 March",
        "decided_by": role,
        "decided_at": row["decided_at"],
    }
    assert Api("reader").get(PATH).json()["results"] == [row]
    assert Api("reader").get(f"{PATH}?verdict=refused").json()["results"] == []
    assert api.call("DELETE", f"{PATH}{stored.pk}/").status_code == 204
    assert api.get(PATH).json()["results"] == []
    refused(api.call("DELETE", f"{PATH}{stored.pk}/"), 404, "entry_not_found")


@pytest.mark.parametrize("month", ["1970-01", "2099-12"])
def test_a_month_is_of_the_years_that_the_formats_know(month):
    small_factory()

    assert Api("hr").post(PATH, THREE | {"month": month}).status_code == 201

    (row,) = load_factory().hiring_decisions
    assert row.month == month


def test_the_next_plan_is_built_with_what_was_decided():
    small_factory()
    before = canonical_json(load_factory())
    key = Api("hr").post(PATH, THREE).json()["id"]

    (row,) = load_factory().hiring_decisions
    assert (row.skill, row.month, row.heads, row.verdict) == ("ASM", "2011-06", 3, "approved")
    Api("hr").call("DELETE", f"{PATH}{key}/")
    assert canonical_json(load_factory()) == before


def test_the_same_decision_twice_is_one_and_stays_with_who_took_it():
    small_factory()
    first = Api("planner").post(PATH, THREE)
    again = Api("hr").post(PATH, THREE)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert (HiringDecision.objects.get().version, HiringDecision.history.count()) == (1, 1)


def test_who_decides_otherwise_is_the_one_who_decided():
    small_factory()
    first = Api("planner").post(PATH, THREE).json()
    other = Api("hr").post(PATH, THREE | {"heads": 0, "verdict": "refused", "note": "No money"})

    assert other.status_code == 200
    assert other.json() == first | {
        "heads": 0,
        "verdict": "refused",
        "note": "No money",
        "decided_by": "hr",
        "decided_at": other.json()["decided_at"],
    }
    # and what was decided before is not forgotten
    history = HiringDecision.history.order_by("history_id")
    assert [(row.verdict, row.history_user.username) for row in history] == [
        ("approved", "planner"),
        ("refused", "hr"),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"month": "2011-13"}, "/month"),
        ({"month": "2011-6"}, "/month"),
        ({"month": "1969-12"}, "/month"),
        ({"month": "2100-01"}, "/month"),
        ({"month": "2011-06\n"}, "/month"),
        ({"month": 201106}, "/month"),
        ({"heads": -1}, "/heads"),
        ({"heads": 1.5}, "/heads"),
        ({"heads": "3"}, "/heads"),
        ({"heads": 100_001}, "/heads"),
        ({"verdict": "perhaps"}, "/verdict"),
        ({"note": "x" * 201}, "/note"),
        ({"decided_by": "somebody else"}, "/decided_by"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(changes, field):
    small_factory()

    assert fields_of(refused(Api("hr").post(PATH, THREE | changes), 400)) == [field]
    assert not HiringDecision.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"skill": "ASN"}, "/skill", "There is no skill ASN."),
        ({"heads": 0}, "/heads", "At least 1 of what is approved is expected."),
    ],
)
def test_a_decision_that_does_not_fit_is_refused_at_its_value(changes, field, words):
    small_factory()

    problem = refused(Api("hr").post(PATH, THREE | changes), 400, "invalid_entry")
    assert problem["detail"] == f"{field}: {words}"
    assert fields_of(problem) == [field]
    assert not HiringDecision.objects.exists()


@pytest.mark.parametrize("role", ["sales", "production", "reader"])
def test_nobody_else_decides(role):
    small_factory()

    refused(Api(role).post(PATH, THREE), 403)


def test_who_sends_a_word_that_is_none_is_told_the_words():
    small_factory()

    problem = refused(Api("hr").post(PATH, THREE | {"verdict": "approve"}), 400, "validation_error")

    assert [error["detail"] for error in problem["errors"]] == [
        "One of these is expected: approved, locked, refused."
    ]
