"""Who may do what over HTTP: exactly the table, for every address there is."""

import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from config.rest.roles import ROLES, TABLE, as_markdown
from tests.rest import Api, make_user, refused

pytestmark = pytest.mark.django_db

# Open to everybody: they describe the API and hold no data. The last one answers what no other address takes.
OPEN = {"schema", "docs", "no-such-address"}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE"]
ARGUMENTS = {"ref": "SO-GHOST", "version": 999, "other": 998, "key": 999, "code": "GHOST", "kind": "ghosts"}
ARGUMENTS |= {"skill": "GHOST", "month": "2011-03"}


def endpoints(resolver=None, prefix=""):
    """Every address below /api/ with its name and view, from the URLconf itself."""
    for pattern in (resolver or get_resolver()).url_patterns:
        address = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            yield from endpoints(pattern, address)
        elif isinstance(pattern, URLPattern) and address.startswith("api/"):
            yield address, pattern


def address_of(pattern, address):
    for name, converter in pattern.pattern.converters.items():
        kind = {"CodeConverter": "code", "IntConverter": "int"}[type(converter).__name__]
        address = address.replace(f"<{kind}:{name}>", str(ARGUMENTS[name]))
    return f"/{address}"


CLOSED = [
    pytest.param(address_of(pattern, address), pattern, id=pattern.name)
    for address, pattern in endpoints()
    if pattern.name not in OPEN
]
WHO = ["nobody", "without-role", *ROLES, "superuser"]


def methods_of(pattern):
    view = pattern.callback.cls
    served = set(view.http_method_names)
    return {method for method in METHODS if hasattr(view, method.lower()) and method.lower() in served}


def caller(who):
    if who == "nobody":
        return Api()
    if who == "superuser":
        return Api(user=make_user(name="root", is_superuser=True))
    return Api(user=make_user(*([] if who == "without-role" else [who]), name=who))


def test_every_address_has_a_row_for_every_method_and_every_row_an_address():
    served = {
        (pattern.name, method)
        for address, pattern in endpoints()
        if pattern.name not in OPEN
        for method in methods_of(pattern)
        if method != "HEAD"
    }
    assert served == {(right.route, right.method) for right in TABLE}
    assert len(CLOSED) >= 20


def test_the_addresses_in_the_table_are_those_of_the_routes():
    shown = {
        pattern.name: f"/{address}".removeprefix("/api/v1")
        .replace("<code:ref>", "{ref}")
        .replace("<code:code>", "{code}")
        .replace("<code:kind>", "{kind}")
        .replace("<code:skill>", "{skill}")
        .replace("<code:month>", "{month}")
        .replace("<int:version>", "{version}")
        .replace("<int:key>", "{key}")
        .replace("<int:other>", "{other}")
        for address, pattern in endpoints()
    }
    assert {right.route: right.address for right in TABLE} == {
        right.route: shown[right.route] for right in TABLE
    }


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("address", "pattern"), CLOSED)
def test_everybody_may_do_what_the_table_says_and_nothing_else(address, pattern, who):
    api = caller(who)
    served = methods_of(pattern)
    for method in METHODS:
        response = api.call(method, address)
        if who == "nobody":
            expected = {401}
        elif method not in served and not (method == "HEAD" and "GET" in served):
            expected = {405}
        elif who == "superuser" or any(
            who in right.roles
            for right in TABLE
            if right.route == pattern.name and right.method == method.replace("HEAD", "GET")
        ):
            # allowed: then it is about what is there, which is nothing
            expected = {200, 201, 202, 400, 404, 409}
        else:
            expected = {403}
        assert response.status_code in expected, (method, response.status_code)
        if response.status_code >= 400 and method != "HEAD":
            refused(response, response.status_code)


def test_an_address_that_was_forgotten_in_the_table_is_closed(monkeypatch):
    monkeypatch.setattr("config.rest.permissions.find_right", lambda route, method: None)

    refused(caller("reader").get("/orders/"), 403, "permission_denied")
    refused(caller("superuser").get("/orders/"), 403, "permission_denied")


@pytest.mark.parametrize("address", ["/api/schema/", "/api/docs/"])
def test_the_description_of_the_api_is_open(address):
    assert Api().get(address).status_code == 200


def test_docs_show_the_table_that_decides():
    page = Path(settings.BASE_DIR, "docs/roles.md").read_text(encoding="utf-8")
    assert page == as_markdown(), "write it with: python -m config.rest.roles > docs/roles.md"


def test_somebody_with_two_roles_may_do_what_either_may(db):
    api = Api(user=make_user("production", "hr", name="both"))
    refused(api.post("/plans/"), 403, "permission_denied")
    api.user.groups.add(Group.objects.get_or_create(name="planner")[0])
    refused(api.post("/plans/"), 409, "no_factory")


# --- Tokens ------------------------------------------------------------------------------------------


@pytest.fixture
def client():
    return APIClient(raise_request_exception=False)


def bearer(client, token):
    return client.get("/api/v1/orders/", headers={"Authorization": f"Bearer {token}"})


def test_a_token_opens_what_its_owner_may_do(client):
    _, token = AuthToken.objects.create(make_user("reader"))
    assert bearer(client, token).status_code == 200
    # hashed at rest
    assert token not in str(list(AuthToken.objects.values()))


def test_an_expired_a_revoked_and_a_retired_owners_token_are_refused(client):
    user = make_user("reader")
    _, expired = AuthToken.objects.create(user, expiry=dt.timedelta(seconds=-1))
    row, revoked = AuthToken.objects.create(user)
    row.delete()
    _, retired = AuthToken.objects.create(make_user("reader", name="retired", is_active=False))

    for token in (expired, revoked, retired):
        problem = refused(bearer(client, token), 401)
        assert problem["title"] == "Unauthorized"
    assert bearer(client, expired)["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer a b",
        "Token x",
        "Bearer " + "f" * 5000,
        "Bearer \xff\xfe",
        "Bearer '",
    ],
)
def test_what_is_no_token_is_refused(client, header):
    response = client.get("/api/v1/orders/", headers={"Authorization": header})
    refused(response, 401)


def test_a_token_in_the_address_is_not_one(client):
    _, token = AuthToken.objects.create(make_user("reader"))
    refused(client.get(f"/api/v1/orders/?token={token}"), 401)


def test_a_session_reads_but_writes_only_with_its_csrf_token():
    user = make_user("planner")
    client = APIClient(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(user)

    assert client.get("/api/v1/plans/").status_code == 200
    assert "CSRF" in refused(client.post("/api/v1/plans/"), 403)["detail"]


def test_somebody_who_is_signed_in_makes_a_token_for_a_program(client):
    client.force_login(make_user("reader"))

    response = client.post("/api/v1/tokens/")

    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    assert bearer(APIClient(), response.json()["token"]).status_code == 200


def test_a_token_cannot_make_itself_a_successor(client):
    _, token = AuthToken.objects.create(make_user("reader"))

    refused(client.post("/api/v1/tokens/", headers={"Authorization": f"Bearer {token}"}), 401)
    assert AuthToken.objects.count() == 1


def test_a_token_is_not_stale_before_its_days_are_over(client):
    row, token = AuthToken.objects.create(make_user("reader"))
    assert row.expiry - timezone.now() > dt.timedelta(days=80)
    assert bearer(client, token).status_code == 200
