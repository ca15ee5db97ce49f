"""What every test may ask for: the broker of the run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import connection
from hypothesis import settings as hypothesis_settings

from config import broker
from config.celery import app as celery_app

# Redis has 16 databases; the first ones may be in use by someone who runs the product beside us.
FIRST_TEST_DATABASE = 8

# How long an example takes says something about the machine, nothing about the product.
hypothesis_settings.register_profile("driveline", deadline=None, print_blob=True)
hypothesis_settings.load_profile("driveline")

_started: list[broker.Broker] = []


def pytest_configure(config: pytest.Config) -> None:
    """Start the embedded broker once for the whole run, unless ``REDIS_URL`` names another.

    The processes of a parallel run inherit the address through the environment.
    """
    if not os.environ.get("REDIS_URL"):
        _started.append(broker.start(Path(settings.VAR_DIR)))
        os.environ["REDIS_URL"] = _started[-1].url
    worker_id = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    number = FIRST_TEST_DATABASE + int(worker_id.removeprefix("gw"))
    url = f"{os.environ['REDIS_URL'].rsplit('/', 1)[0]}/{number}"
    settings.REDIS_URL = settings.CELERY_BROKER_URL = celery_app.conf.broker_url = url


def pytest_unconfigure(config: pytest.Config) -> None:
    while _started:
        _started.pop().stop()


@pytest.fixture
def broker_url() -> Iterator[str]:
    """A broker with an empty queue: the address to hand to workers that a test starts."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield settings.REDIS_URL
        client.flushdb()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, which PostgreSQL drops only when nobody is in it: workers that a test killed may not
    have left yet.
    """
    yield
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
