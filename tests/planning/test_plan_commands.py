"""``build_plan`` and ``replay_plan``: exit status, words, and the file."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from planning.engine.plan import read_plan
from planning.engine.verify import violations
from planning.models import PlanRun, PlanStatus
from planning.saving import plan_from_rows
from planning.selectors.runs import frozen_factory
from planning.selectors.staffing import get_staffing_table

pytestmark = pytest.mark.django_db(transaction=True)


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_a_plan_built_here_is_written_as_plan_1_that_holds(tiny, solver, tmp_path):
    file = tmp_path / "plan.json"

    told = run("build_plan", "--local", "--output", str(file))

    row = PlanRun.objects.get()
    assert row.status == PlanStatus.READY
    assert "2 of 2 deliveries on time, 0 violations" in told
    plan = read_plan(file.read_text())
    assert json.loads(file.read_text())["format"] == "plan-1"
    assert plan == plan_from_rows(row.pk)
    assert violations(frozen_factory(row.pk), plan) == []


def test_a_plan_is_asked_for_with_all_that_a_request_may_hold(tiny, solver):
    run("build_plan", "--local")
    base = PlanRun.objects.get()
    search = ["--seed=7", "--workers=2", "--work-budget=3", "--time-limit=60"]
    wishes = ["--weight=stock=5", "--weight", "on_time=1e3", f"--base-plan={base.pk}", "--move-budget=0.25"]

    run("build_plan", "--local", *search, *wishes)

    row = PlanRun.objects.latest("pk")
    assert (row.seed, row.workers, row.work_budget, row.time_limit_seconds) == (7, 2, 3, 60)
    assert (row.weights["stock"], row.weights["on_time"], row.weights["lateness"]) == (5, 1000, 1)
    assert (row.base_plan, row.move_budget) == (base, 0.25)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--weight=beauty=1"], "one of lateness, on_time"),
        (["--weight=stock"], "one of lateness, on_time"),
        (["--weight=stock=much"], "a number is expected"),
        (["--weight=stock=-1"], "weights: stock"),
        (["--move-budget=0.5"], "a base plan is expected"),
        (["--base-plan=99"], "a plan that is built is expected"),
        (["--seed=-1"], "a whole number from 0"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(tiny, arguments, words):
    with pytest.raises(CommandError, match=words):
        run("build_plan", "--local", *arguments)
    assert not PlanRun.objects.exists()


def test_a_plan_with_violations_ends_with_an_error_and_writes_no_file(tiny, solver, tmp_path):
    solver(fault="violation")
    file = tmp_path / "plan.json"

    with pytest.raises(CommandError, match="station_exists") as caught:
        run("build_plan", "--local", "--output", str(file))

    assert caught.value.returncode == 1
    assert not file.exists()


def test_a_queue_without_workers_is_told_and_leaves_nothing_behind(tiny, broker_url):
    with pytest.raises(CommandError, match=r"No worker took plan \d+ within 1 s.*make worker"):
        run("build_plan", "--pick-up-seconds", "1")
    assert PlanRun.objects.get().status == PlanStatus.CANCELLED


def test_without_a_factory_there_is_nothing_to_build():
    with pytest.raises(CommandError, match="import_factory"):
        run("build_plan", "--local")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--as-of", "01.03.2011"], "a date such as 2011-03-01 is expected, not '01.03.2011'"),
        (["--as-of", "2024-03-01", "--local"], "before the end of the horizon"),
        (["--time-limit", "0"], "a whole number from 1 to 900 is expected, not '0'"),
        (["--workers", "many"], "a whole number from 1 to 64 is expected, not 'many'"),
        (["--output", "/nowhere/plan.json"], "the folder /nowhere does not exist"),
    ],
)
def test_bad_arguments_say_what_was_expected(tiny, arguments, expected):
    with pytest.raises(CommandError, match=expected):
        run("build_plan", *arguments)
    assert not PlanRun.objects.exists()


def test_a_replay_rebuilds_the_very_same_plan(build):
    version = build().pk

    assert "identical" in run("replay_plan", str(version))
    assert PlanRun.objects.count() == 1


def test_a_replay_names_every_place_that_differs(build, solver):
    solver(fault="time")
    version = build().pk

    with pytest.raises(CommandError, match="/certificate/material/objective: stored") as caught:
        run("replay_plan", str(version))
    assert "2 differences" in str(caught.value)  # one hand-made certificate serves two stages


def test_what_was_not_built_cannot_be_replayed(tiny):
    with pytest.raises(CommandError, match="There is no plan 77"):
        run("replay_plan", "77")


def test_people_are_added_up_in_all_and_direct(build):
    table = get_staffing_table(build().pk)

    assert table.months == ("2024-01", "2024-02")
    assert [skill.code for skill in table.skills] == ["ASM", "LEAD", "RD", "OFF"]
    # 2 assemblers, then a lead, two engineers and 1.9 in the office
    assert [(total.heads, total.direct_heads) for total in table.totals] == [(5, 2), (pytest.approx(6.9), 2)]
    assert (table.hires, table.peak.month) == (2, "2024-02")
