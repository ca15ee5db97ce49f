"""Liveness and readiness."""

from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests.project.ports import unused_port


def test_a_running_process_is_alive(client):
    reply = client.get("/health/live/")

    assert (reply.status_code, reply.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_it_is_ready_when_database_and_broker_answer(client):
    reply = client.get("/health/ready/")

    assert (reply.status_code, reply.json()["checks"]) == (200, {"database": "ok", "broker": "ok"})


@pytest.mark.django_db
def test_without_its_broker_it_is_not_ready_and_says_so(client, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{unused_port()}/0"

    reply = client.get("/health/ready/")

    assert reply.status_code == 503
    assert reply.json()["checks"] == {"database": "ok", "broker": "unavailable"}


@pytest.mark.django_db
def test_health_takes_no_orders(client):
    assert client.post("/health/live/").status_code == 405


@pytest.mark.django_db
def test_browsers_find_an_icon_where_they_look_for_it(client):
    place = client.get("/favicon.ico").headers["Location"]

    icon = finders.find(place.removeprefix("/static/"))
    assert icon is not None
    assert "<svg" in Path(icon).read_text()
    assert place in client.get("/admin/login/").content.decode()
