"""Whatever goes wrong, the answer is a problem (RFC 9457) that gives nothing away."""

import pytest
from django.test import Client, override_settings

from config.rest.errors import problem
from orders import selectors
from tests.rest import Api, make_user, refused

pytestmark = pytest.mark.django_db


def test_a_crash_is_a_problem_that_says_nothing_about_us(monkeypatch):
    def crash(ref):
        raise RuntimeError("SELECT secret FROM /etc/passwd")

    monkeypatch.setattr(selectors, "get_order", crash)

    response = Api("reader").get("/orders/SO-1/")

    assert refused(response, 500, "server_error")["errors"] == []
    for word in (b"secret", b"passwd", b"RuntimeError", b"Traceback", b"SELECT"):
        assert word not in response.content


@override_settings(DEBUG=True)
def test_it_is_one_in_development_too(monkeypatch):
    monkeypatch.setattr(selectors, "get_order", lambda ref: 1 / 0)

    refused(Api("reader").get("/orders/SO-1/"), 500, "server_error")
    refused(Api("reader").get("/nowhere/"), 404, "not_found")


def test_a_crash_outside_of_a_view_is_a_problem_below_api_only(monkeypatch):
    def crash(self, request):
        raise RuntimeError("secret")

    monkeypatch.setattr("django.middleware.common.CommonMiddleware.process_request", crash)
    client = Client(raise_request_exception=False)

    refused(client.get("/api/v1/orders/"), 500, "server_error")
    elsewhere = client.get("/admin/")
    assert (elsewhere.status_code, elsewhere["Content-Type"].split(";")[0]) == (500, "text/html")


@pytest.mark.parametrize(
    "address",
    [
        "/api/",
        "/api/v1/",
        "/api/v1/orders",
        "/api/v1/plans",
        "/api/v2/orders/",
        "/api/v1/orders/SO-1",
        "/api/v1/plans/1",
        "/api/v1/plans/1/wages/",
        "/api/v1/plans/-1/",
    ],
)
@pytest.mark.parametrize("method", ["get", "post", "delete", "options"])
def test_an_address_that_is_not_there_is_a_problem_for_every_method(address, method):
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)

    assert "slash" in refused(getattr(client, method)(address), 404, "not_found")["detail"]


def test_an_unknown_host_is_a_problem():
    response = Client(raise_request_exception=False).get("/api/v1/orders/", headers={"Host": "evil.example"})

    refused(response, 400, "bad_request")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_a_method_that_is_not_there_is_a_problem(method):
    problem = refused(Api("reader").call(method, "/orders/"), 405, "method_not_allowed")

    assert problem["title"] == "Method Not Allowed"


def test_head_is_a_get_without_its_body():
    response = Api("reader").call("HEAD", "/orders/")

    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize("accepted", ["text/html", "application/xml", "image/png", "*/*", "nonsense"])
def test_there_is_one_representation_whatever_is_accepted(accepted):
    response = Api("reader").call("GET", "/orders/", Accept=accepted)

    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_a_problem_lists_at_most_100_mistakes():
    body = {f"x{number}": 1 for number in range(500)}

    answer = refused(Api("sales").post("/orders/", body), 400)

    # 500 unknown fields and 3 that are required
    assert answer["detail"].startswith("503 values")
    assert len(answer["errors"]) == 100


def test_what_a_stranger_wrote_comes_back_short_and_printable():
    detail = problem(400, code="x", detail="a\x00\ud800" + "b" * 9000)["detail"]

    assert detail.startswith("a\\x00\\ud800b")
    assert len(detail) == 2000
    detail.encode("utf-8")


def test_a_user_without_roles_is_told_so():
    assert "roles" in refused(Api(user=make_user()).get("/orders/"), 403, "permission_denied")["detail"]
