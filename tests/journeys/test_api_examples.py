"""The examples of docs/api.md, run as they stand, one after the other, on what ``make demo`` leaves."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from config.demo import accounts
from planning.models import PlanRun, PlanStatus
from planning.services.building import execute_plan
from planning.services.exchange import import_factory
from planning.services.runs import request_plan

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "api.md"
FACTORY = Path(settings.BASE_DIR) / "data" / "balqon.json"
# Every call of an example tells its status, on a line of its own.
PREAMBLE = """set -euo pipefail
curl() { command curl -sS --max-time 600 -w '\\n@%{http_code} %{url}\\n' "$@"; }
"""
STATUS = re.compile(r"^@(\d{3}) (\S+)$", re.MULTILINE)
KEY = re.compile(r'"([a-z_]+)":')


def examples():
    """The blocks of the document, by the heading above them."""
    heading, found = "", []
    for part in re.split(
        r"^(## [^\n]*|```sh\n.*?\n```)$", DOCUMENT.read_text(), flags=re.MULTILINE | re.DOTALL
    ):
        if part.startswith("## "):
            heading = part.removeprefix("## ")
        elif part.startswith("```sh"):
            found.append((heading, part.removeprefix("```sh\n").removesuffix("\n```")))
    return found


def told(block):
    """What the comments of a block say comes back: statuses, and keys of bodies."""
    comments = "\n".join(line for line in block.splitlines() if line.startswith("#"))
    return re.findall(r"HTTP/1.1 (\d{3})|^# (\d{3}) ", comments, re.MULTILINE), KEY.findall(comments)


@pytest.fixture
def fresh_demo(tmp_path, monkeypatch, broker_url):
    """The example factory, a login for each role, and plan 1; short work will do for a plan."""
    monkeypatch.setattr(accounts, "FILE", tmp_path / "logins.json")
    import_factory(document=FACTORY.read_text(), now=timezone.now())
    logins = accounts.ensure_logins()
    first = request_plan(requested_by=None, now=timezone.now(), work_budget=1)
    assert first.pk == 1
    assert execute_plan(plan_id=first.pk)
    return {login.role.upper(): login.token for login in logins}


def build_what_was_asked_for():
    """What the worker of the demonstration does."""
    for run in PlanRun.objects.filter(status=PlanStatus.QUEUED):
        PlanRun.objects.filter(pk=run.pk).update(work_budget=1)
        assert execute_plan(plan_id=run.pk)
        run.refresh_from_db()
        assert run.status == PlanStatus.READY, run.failure_reason


@pytest.mark.serial
@pytest.mark.timeout(1200)
@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="the examples are for curl")
@pytest.mark.django_db(transaction=True, reset_sequences=True)
def test_every_example_runs_as_it_stands(fresh_demo, live_server, tmp_path):
    names = os.environ | fresh_demo | {"API": f"{live_server.url}/api/v1"}
    blocks = examples()
    assert len(blocks) >= 15

    for heading, block in blocks:
        done = subprocess.run(
            ["bash", "-c", PREAMBLE + block],
            cwd=tmp_path,
            env=names,
            capture_output=True,
            text=True,
            check=False,
        )
        context = f"{heading}\n{block}\n{done.stdout[-3000:]}\n{done.stderr}"
        assert done.returncode == 0, context
        answers = STATUS.findall(done.stdout)
        assert len(answers) == len(re.findall(r"^curl ", block, re.MULTILINE)), context
        limit = 500 if heading == "When something is refused" else 400
        assert all(int(status) < limit for status, _ in answers), context
        statuses, keys = told(block)
        assert {status for pair in statuses for status in pair if status} <= {each for each, _ in answers}, (
            context
        )
        assert [key for key in keys if f'"{key}"' not in done.stdout] == [], context
        names |= dict(re.findall(r"^([A-Z]+)=(\S+)$", block, re.MULTILINE))
        build_what_was_asked_for()
