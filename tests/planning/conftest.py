"""A stored factory, and solvers that do as they are told."""

import datetime as dt
import json
import sys
from collections.abc import Callable

import pytest
from django.utils import timezone

from planning.models import PlanRun
from planning.services import solving
from planning.services.building import execute_plan
from planning.services.exchange import import_factory
from planning.services.runs import request_plan
from tests.engine.builders import FACTORY

NOW = dt.datetime(2024, 1, 10, 6, 0, tzinfo=dt.UTC)


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """``solver(seconds=3)`` or ``solver(fault="abort")``: what the next builds meet."""

    def choose(*, seconds: float = 0, fault: str = "") -> None:
        options = ["--seconds", str(seconds), "--fault", fault]
        monkeypatch.setattr(
            solving, "COMMAND", [sys.executable, "-m", "tests.planning.stub_solver", *options]
        )

    choose()
    return choose


@pytest.fixture
def tiny() -> None:
    """The tiny factory, stored."""
    import_factory(document=json.dumps(FACTORY), now=timezone.now())


@pytest.fixture
def queued(tiny: None) -> PlanRun:
    """A plan that was asked for."""
    return request_plan(requested_by=None, now=NOW)


@pytest.fixture
def build(tiny: None, solver: Callable[..., None]) -> Callable[[], PlanRun]:
    """Ask for a plan and build it here; the run as it ended."""

    def run() -> PlanRun:
        row = request_plan(requested_by=None, now=timezone.now())
        assert execute_plan(plan_id=row.pk)
        row.refresh_from_db()
        return row

    return run
