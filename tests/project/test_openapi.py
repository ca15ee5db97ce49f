"""The description of the API: complete, true to what is served, and committed."""

import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from config.rest.roles import TABLE


@pytest.fixture(scope="module")
def committed():
    return yaml.safe_load(Path(settings.BASE_DIR, "openapi.yaml").read_text(encoding="utf-8"))


def operations(schema):
    for address, item in schema["paths"].items():
        for method, operation in item.items():
            yield address, method, operation


def test_the_committed_description_is_that_of_the_source(tmp_path, committed):
    path = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(path))
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == committed, "out of date: run `make schema`"


def test_it_is_openapi_3_1_and_is_served(committed):
    response = Client().get("/api/schema/")
    assert response.status_code == 200
    assert yaml.safe_load(response.content)["openapi"].startswith("3.1")
    assert committed["openapi"].startswith("3.1")


def test_it_is_served_as_json_where_that_is_asked_for(committed):
    served = Client().get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    assert served["paths"].keys() == committed["paths"].keys()


def test_every_call_of_the_table_of_roles_is_described_and_nothing_else(committed):
    described = {(method.upper(), address) for address, method, _ in operations(committed)}
    # codes may hold a slash, so the description calls them what the routes do
    assert described == {(right.method, f"/api/v1{right.address}") for right in TABLE}


def test_every_error_is_described_as_a_problem(committed):
    for address, method, operation in operations(committed):
        errors = {code: answer for code, answer in operation["responses"].items() if code >= "400"}
        assert {"400", "401", "403", "405", "500"} <= errors.keys(), (address, method)
        assert method == "get" or {"409", "413", "415"} <= errors.keys()
        for answer in errors.values():
            assert list(answer["content"]) == ["application/problem+json"]


def test_every_call_says_what_it_does(committed):
    for address, method, operation in operations(committed):
        assert operation.get("description"), (address, method)


def test_bounds_of_numbers_are_described(committed):
    line = committed["components"]["schemas"]["NewLineRequest"]["properties"]
    assert line["qty"]["exclusiveMinimum"] == 0
    assert line["qty"]["maximum"] == 10**9
    assert line["unit_price"]["type"] == ["number", "null"]
    assert line["due"] == {"type": ["string", "null"], "format": "date"}


def test_the_browsable_page_needs_nothing_from_elsewhere():
    page = Client().get("/api/docs/").content.decode()
    targets = re.findall(r"""(?:src|href)=["']?([^"'> ]+)""", page)
    assert targets
    assert [target for target in targets if target.startswith(("http:", "https:", "//"))] == []
