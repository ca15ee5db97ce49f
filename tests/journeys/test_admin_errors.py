"""Pages that cannot be shown say why, and lead back."""

import pytest
from django.test import Client

from tests.journeys.admin import sign_in, text_of

pytestmark = pytest.mark.django_db
BACK = 'href="/admin/"'


def test_who_may_not_open_a_page_is_told_his_roles():
    answer = sign_in("sales", username="Mary").get("/admin/planning/planrun/")

    assert answer.status_code == 403
    assert "None of your roles may open this page" in text_of(answer)
    assert "signed in as Mary, with the role sales." in text_of(answer)
    assert BACK in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/admin/planning/planrun/99/orders/", "There is no plan 99."),
        ("/no-such-page/", "nothing at this address It may"),
    ],
)
def test_an_address_of_nothing_says_what_is_missing(address, said):
    answer = sign_in("planner").get(address)

    assert answer.status_code == 404
    assert said in text_of(answer)
    assert "There is nothing at this address" in text_of(answer)
    assert BACK in answer.content.decode()


def test_what_is_not_there_yet_is_not_said_to_have_been_taken_out():
    answer = sign_in("planner").get("/admin/planning/planrun/requirements/item/?code=MOTOR")

    assert answer.status_code == 404
    assert "Material requirements have not been worked out yet" in text_of(answer)
    assert "taken out" not in text_of(answer)


def test_a_form_that_is_out_of_date_says_that_nothing_was_changed():
    answer = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a", "password": "b"})

    assert answer.status_code == 403
    assert "Nothing was changed" in text_of(answer)
    assert "load the page again" in text_of(answer)


def test_a_crash_is_ours_and_tells_nothing_of_itself(monkeypatch):
    def crash(self, request):
        raise RuntimeError("secret")

    monkeypatch.setattr("django.middleware.common.CommonMiddleware.process_request", crash)

    answer = Client(raise_request_exception=False).get("/admin/")

    assert answer.status_code == 500
    assert "it is our mistake It is logged." in text_of(answer)
    assert "secret" not in answer.content.decode()
    assert BACK in answer.content.decode()
