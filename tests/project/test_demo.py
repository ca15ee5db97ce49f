"""The demonstration: what it starts it stops, and what it prints can be trusted."""

import io
import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from rich.console import Console

from config.demo import accounts, processes, surroundings
from config.demo.summary import print_summary
from planning.engine.factory_codec import factory_from_json
from planning.engine.plan import (
    Certificate,
    Cost,
    Delivery,
    Plan,
    PlanException,
    Promise,
    Reason,
    StaffingMonth,
    StageCertificate,
)

# A child that ignores SIGTERM and has a child of its own that does the same.
STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"],
    start_new_session=True)
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def demo_folder(tmp_path, monkeypatch):
    for module in (surroundings, processes):
        monkeypatch.setattr(module, "DEMO_DIR", tmp_path)
    monkeypatch.setattr(accounts, "FILE", tmp_path / "logins.json")
    return tmp_path


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:
        return stat.read().rpartition(")")[2].split()[0] != "Z"


def wait_for(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return value


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="reads /proc")
def test_stopping_leaves_no_process_behind_not_even_a_stubborn_grandchild(demo_folder, monkeypatch):
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.2)
    children = processes.Children()
    children.start("stubborn", [sys.executable, "-c", STUBBORN])
    child = children.running["stubborn"].pid
    grandchild = int(wait_for((demo_folder / "stubborn.log").read_text))

    children.stop()

    wait_for(lambda: not is_running(grandchild))
    assert not is_running(child)


def test_a_child_that_ends_by_itself_is_noticed(demo_folder):
    children = processes.Children()
    children.start("worker", [sys.executable, "-c", "raise SystemExit(3)"])
    children.running["worker"].wait(10)

    with pytest.raises(surroundings.DemoError, match=r"The worker stopped \(status 3\); see .*worker\.log"):
        children.check()
    children.stop()


def test_the_compiler_is_waited_for_and_ends_by_itself(demo_folder):
    helpers = processes.Children()
    helpers.start("compiler", [sys.executable, "-c", "import time; time.sleep(0.5)"])
    assert helpers.is_running("compiler")

    helpers.wait_for("compiler")

    assert not helpers.is_running("compiler")


def test_a_port_that_is_taken_is_passed_over(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(processes, "FIRST_PORT", port)

        assert processes.free_port() > port


def test_a_second_demonstration_in_the_same_folder_is_refused(demo_folder):
    with (
        surroundings.only_one(),
        pytest.raises(surroundings.DemoError, match="running already"),
        surroundings.only_one(),
    ):
        pass


@pytest.mark.django_db
def test_every_role_gets_a_login_that_works_and_keeps_it(demo_folder, client):
    first = accounts.ensure_logins()

    assert [login.role for login in first] == ["sales", "planner", "production", "hr", "reader", "admin"]
    assert accounts.ensure_logins() == first
    for login in first:
        assert client.login(username=login.role, password=login.password)


@pytest.mark.django_db
def test_a_login_that_works_no_longer_is_made_anew(demo_folder, django_user_model):
    first = accounts.ensure_logins()
    sales = django_user_model.objects.get(username="sales")
    sales.set_password("changed by somebody")
    sales.save()

    second = accounts.ensure_logins()

    assert second[0] != first[0]
    assert second[1:] == first[1:]


def small_factory():
    return factory_from_json(
        {
            "format": "factory-1",
            "name": "Small works",
            "as_of": "2011-03-01",
            "horizon_end": "2011-05-01",
            "calendars": [
                {"code": "DAY", "shifts": [{"days": [0, 1, 2, 3, 4], "start": "07:00", "end": "15:00"}]}
            ],
            "skills": [
                {"code": "WELD", "name": "Welder", "headcount": 3},
                {"code": "GNA", "name": "Administration", "kind": "overhead", "headcount": 2},
            ],
            "items": [{"code": "CART", "kind": "buy", "lead_time_days": 5}],
            "customers": [{"code": "PORT", "name": "Port of call"}],
            "sales_orders": [
                {
                    "ref": "SO-1",
                    "customer": "PORT",
                    "lines": [{"line": 1, "item": "CART", "qty": 4, "due": "2011-04-01"}],
                }
            ],
        }
    )


def staffing(skill, month, headcount, hires=0):
    return StaffingMonth(
        skill=skill,
        month=month,
        headcount=headcount,
        hires=hires,
        requisition_by=None,
        leavers=0,
        layoffs=0,
        temp_heads=0,
        available_hours=0,
        required_hours=0,
        overtime_hours=0,
        cost=0,
    )


def small_plan(**changes):
    stage = StageCertificate(
        status="feasible", objective=1000.0, bound=990.0, gap=0.01, seconds=1.5, solver="HiGHS"
    )
    unbounded = stage.model_copy(update={"bound": None, "gap": None, "status": "heuristic"})
    values = {
        "factory": "Small works",
        "version": 7,
        "input_digest": "0" * 64,
        "created_at": datetime(2011, 3, 1, tzinfo=UTC),
        "engine_version": "1",
        "seed": 1,
        "reproducible": True,
        "certificate": Certificate(material=unbounded, aggregate=stage, schedule=unbounded),
        "cost": Cost(
            total=123456.0,
            material=100000.0,
            regular_labour=23456.0,
            overtime=0,
            temporary_labour=0,
            hiring=0,
            severance=0,
            machine=0,
            holding=0,
            lateness=0,
        ),
        "staffing": (
            staffing("WELD", "2011-03", 3),
            staffing("WELD", "2011-04", 5, hires=2),
            staffing("GNA", "2011-03", 2),
            staffing("GNA", "2011-04", 2),
        ),
        "promises": (
            Promise(
                sales_order="SO-1",
                line=1,
                instalment=1,
                item="CART",
                qty=Decimal(4),
                requested=date(2011, 4, 1),
                promised=date(2011, 4, 4),
                days_late=3,
                deliveries=(Delivery(date=date(2011, 4, 4), qty=Decimal(4)),),
                reasons=(Reason(code="MATERIAL", entity="CART", days=3, text="CART arrives too late"),),
            ),
        ),
    }
    return Plan(**{**values, **changes})


def printed(plan, violations=()):
    console = Console(file=io.StringIO(), width=140, highlight=False)
    print_summary(console, small_factory(), plan, violations)
    return console.file.getvalue()


def row_of(text, start):
    """The cells of a row; blank ones leave no trace."""
    line = next(line for line in text.splitlines() if line.strip().startswith(start))
    return re.split(r"\s{2,}", line.strip())


def test_the_summary_tells_who_gets_what_when_and_why_late():
    text = printed(small_plan())

    assert row_of(text, "SO-1") == ["SO-1 1.1", "Port of call", "CART", "4", "2011-04-01", "2011-04-04", "3"]
    assert "SO-1 1.1 is late: CART arrives too late" in text
    assert "0 of 1 deliveries on time." in text


def test_the_summary_counts_heads_and_hires_by_month():
    text = printed(small_plan())

    # 3 welders and 2 others in March; 2 welders hired for April: 5 + 2 = 7
    assert row_of(text, "Welder") == ["Welder", "3", "5 +2"]
    assert row_of(text, "Direct people") == ["Direct people", "3", "5 +2"]
    assert row_of(text, "People in all") == ["People in all", "5", "7 +2"]
    assert "2 hires; 7 people at most, in 2011-04." in text


def test_the_summary_shows_cost_in_parts_and_says_where_no_bound_is_known():
    text = printed(small_plan())

    assert row_of(text, "Regular labour") == ["Regular labour", "23,456"]
    assert row_of(text, "Total") == ["Total", "123,456"]
    assert row_of(text, "aggregate") == ["aggregate", "feasible", "HiGHS", "1,000", "990", "1.00%", "1.5"]
    assert row_of(text, "material")[-3:] == ["none known", "-", "1.5"]


def test_the_verdict_is_the_verifiers():
    assert "The verifier found no violation" in printed(small_plan())

    text = printed(small_plan(), violations=["two lots on one station"])
    assert "The verifier found 1 violations" in text
    assert "two lots on one station" in text


def test_what_the_plan_could_not_honour_is_said():
    exception = PlanException(
        code="NOT_HONOURED", severity="warning", entity="CART", text="Substitutes wait.", suggestion=""
    )

    assert "NOT_HONOURED CART: Substitutes wait." in printed(small_plan(exceptions=(exception,)))


def test_the_demonstration_can_be_stopped_before_it_has_a_plan(tmp_path):
    """Whatever was started by then is stopped as well; the exit status says that there is no plan."""
    process = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(tmp_path)],
        cwd=surroundings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline().startswith("Broker")
    process.send_signal(signal.SIGTERM)

    output, _ = process.communicate(timeout=30)
    assert process.returncode == 130, output
    assert "Stopped before there was a plan" in output


INTERRUPTED = """
import sys, pathlib, time
import config.demo.__main__ as demo, config.demo.surroundings as surroundings
surroundings.DEMO_DIR = demo.DEMO_DIR = pathlib.Path(sys.argv[1])
demo.set_environment = lambda url: time.sleep(60)
sys.stdout.reconfigure(line_buffering=True)
sys.exit(demo.main(["--once"]))
"""
