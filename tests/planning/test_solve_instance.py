"""The command: what it writes, what it refuses and where, and that nothing unsound ever leaves it."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from planning.engine.verify.instance import instance_objective, instance_violations
from planning.management.commands import solve_instance

DATA = Path(__file__).parents[2] / "bench" / "data" / "scheduling"
ROOT = Path(__file__).parents[2]


def small():
    return {
        "name": "two on one machine",
        "objective": "makespan",
        "resources": [{"id": 0, "kind": "machine", "capacity": 1}],
        "jobs": [{"id": 0, "release": 1, "due": None, "weight": 1}],
        "tasks": [
            {"id": 10, "job": 0, "modes": [{"duration": 3, "demands": {"0": 1}}]},
            {"id": 11, "job": 0, "modes": [{"duration": 4, "demands": {"0": 1}}]},
        ],
        "precedences": [[10, 11, 2]],
        "setup_times": [],
        "calendars": [],
    }


def written(tmp_path, document):
    path = tmp_path / "instance.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return path


def solve(path, *options):
    call_command("solve_instance", str(path), "--time-limit", "2", *options)


def test_the_solution_is_written_with_exactly_its_keys(tmp_path, capsys):
    solve(written(tmp_path, small()))

    out, err = capsys.readouterr()
    found = json.loads(out)
    assert list(found) == ["name", "objective", "bound", "status", "seconds", "schedule"]
    # released at 1, 3 units, a lag of 2, 4 units
    assert (found["objective"], found["bound"], found["status"]) == (10, 10, "optimal")
    assert found["schedule"] == [[10, 0, 1], [11, 0, 6]]
    assert "incumbent 10  bound 10  seconds" in err


def test_a_public_instance_is_proved_optimal(tmp_path):
    output = tmp_path / "solution.json"

    call_command("solve_instance", DATA / "ft06.json", "--time-limit", "20", "--output", output)

    instance, found = json.loads((DATA / "ft06.json").read_text()), json.loads(output.read_text())
    assert (found["objective"], found["bound"], found["status"]) == (55, 55, "optimal")
    assert instance_violations(instance, found["schedule"]) == []


def test_a_large_instance_has_a_sound_solution_in_time(tmp_path):
    output = tmp_path / "solution.json"

    call_command("solve_instance", DATA / "behnke37.json", "--time-limit", "3", "--output", output)

    instance, found = json.loads((DATA / "behnke37.json").read_text()), json.loads(output.read_text())
    assert found["status"] == "feasible"
    assert instance_violations(instance, found["schedule"]) == []
    assert instance_objective(instance, found["schedule"]) == found["objective"] >= found["bound"]


def test_what_cannot_be_scheduled_is_infeasible(tmp_path, capsys):
    document = small()
    document["resources"].append({"id": "paint", "kind": "nonrenewable", "capacity": 5})
    for task in document["tasks"]:
        task["modes"][0]["demands"]["paint"] = 3

    solve(written(tmp_path, document))

    found = json.loads(capsys.readouterr().out)
    assert (found["status"], found["objective"], found["bound"], found["schedule"]) == (
        "infeasible",
        None,
        None,
        [],
    )


def test_demands_and_capacities_may_be_left_out(tmp_path, capsys):
    document = small()
    document["resources"][0]["capacity"] = None
    document["resources"].append({"id": "unused", "kind": "machine"})
    del document["tasks"][0]["modes"][0]["demands"]

    solve(written(tmp_path, document))

    assert json.loads(capsys.readouterr().out)["objective"] == 10


def test_times_and_weights_may_be_large(tmp_path, capsys):
    document = small()
    document["objective"] = "total_weighted_tardiness"
    document["jobs"] = [{"id": 0, "due": 0, "weight": 10**6 + 1}, {"id": 1, "due": 0, "weight": 3}]
    document["tasks"][1]["job"] = 1
    document["precedences"] = []
    for task in document["tasks"]:
        task["modes"][0]["duration"] += 10**10

    solve(written(tmp_path, document))

    found = json.loads(capsys.readouterr().out)
    # the heavy one first
    assert found["objective"] == found["bound"] == (10**6 + 1) * (10**10 + 3) + 3 * (2 * 10**10 + 7)


def test_a_longest_wait_is_a_negative_lag_backward(tmp_path, capsys):
    document = small()
    # 11 starts at the end of 10 + 2 or later, and 10 at the end of 11 - 9 or later: so exactly 2 after it
    document["precedences"] = [[10, 11, 2], [11, 10, -9]]

    solve(written(tmp_path, document))

    found = json.loads(capsys.readouterr().out)
    assert (found["objective"], found["bound"], found["status"]) == (10, 10, "optimal")
    assert found["schedule"] == [[10, 0, 1], [11, 0, 6]]


def test_one_task_is_a_schedule(tmp_path, capsys):
    document = {**broken(["tasks", 1], None), "precedences": []}

    solve(written(tmp_path, document))

    found = json.loads(capsys.readouterr().out)
    assert (found["objective"], found["status"], found["schedule"]) == (4, "optimal", [[10, 0, 1]])


def broken(path, value):
    """A change of the small instance at ``path``; ``value`` None takes the key away."""
    document = small()
    *way, last = path
    place = document
    for key in way:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return document


REFUSED = {
    "a key that is missing": (broken(["tasks"], None), "/tasks: the key is missing; add it"),
    "an objective that is unknown": (broken(["objective"], "beauty"), "/objective: expected makespan or"),
    "calendars": (broken(["calendars"], [{"id": 1}]), "/calendars: calendars are not supported"),
    "a resource that is not there": (
        broken(["tasks", 0, "modes", 0, "demands"], {"7": 1}),
        "/tasks/0/modes/0/demands/7: there is no resource '7'",
    ),
    "a job that is not there": (broken(["tasks", 1, "job"], 5), "/tasks/1/job: there is no job 5"),
    "no job": (broken(["tasks", 1, "job"], None), "/tasks/1/job: there is no job None"),
    "a task that is not there": (broken(["precedences", 0, 1], 99), "/precedences/0/1: there is no task 99"),
    "a cycle": (
        broken(["precedences"], [[10, 11, 0], [11, 10, 0]]),
        "/precedences: tasks wait for each other: 1",
    ),
    "a task that waits for itself": (broken(["precedences"], [[10, 10, 0]]), "10 → 10"),
    "a task without modes": (broken(["tasks", 0, "modes"], []), "/tasks/0/modes: task 10 has no mode"),
    "modes that are no list": (broken(["tasks", 0, "modes"], {}), "/tasks/0/modes: expected a list"),
    "a negative duration": (
        broken(["tasks", 0, "modes", 0, "duration"], -1),
        "/tasks/0/modes/0/duration: task 10: expected a duration of 0",
    ),
    "half a duration": (
        broken(["tasks", 0, "modes", 0, "duration"], 1.5),
        "/tasks/0/modes/0/duration: expected a whole number, got 1.5",
    ),
    "a demand over the capacity": (
        broken(["tasks", 0, "modes", 0, "demands", "0"], 2),
        "/tasks/0/modes: task 10 fits in no mode: it demands 2 of resource 0, which has 1",
    ),
    "a negative demand": (
        broken(["tasks", 0, "modes", 0, "demands", "0"], -2),
        "/tasks/0/modes/0/demands/0: task 10: expected 0",
    ),
    "a name twice": (
        {**broken(["tasks", 1, "id"], "10"), "precedences": []},
        "/tasks/1/id: 10 is there twice",
    ),
    "no tasks": (broken(["tasks"], []), "there is no task 10"),
    "nothing at all": (
        {**small(), "tasks": [], "precedences": []},
        "/tasks: there is nothing to schedule; give at least one task",
    ),
    "a cycle whose negative lag is too small": (
        broken(["precedences"], [[10, 11, 2], [11, 10, -8]]),
        "/precedences: tasks wait for each other: 1",
    ),
    "no time where setups are": (
        {**broken(["tasks", 0, "modes", 0, "duration"], 0), "setup_times": [[0, 11, 10, 3]]},
        "/tasks/0/modes/0: task 10 takes no time on resource 0, which has setups; give it a duration",
    ),
    "a setup that is too short a row": (
        broken(["setup_times"], [[0, 10, 11]]),
        "/setup_times/0: expected a list of 4 values",
    ),
    "a setup of negative time": (broken(["setup_times"], [[0, 10, 11, -4]]), "/setup_times/0/3: expected a"),
    "times that are too large": (
        broken(["tasks", 0, "modes", 0, "duration"], 10**12),
        "/tasks: the times add up to 1000000000007; use a coarser unit",
    ),
    "weights that are too large": (
        {
            **broken(["jobs", 0], {"id": 0, "due": -(10**12), "weight": 10**9}),
            "objective": "total_weighted_tardiness",
        },
        "/jobs: weights × times add up to 1000000000009000000000; use smaller weights",
    ),
    "no JSON": ("{", "/: not JSON"),
    "a number that is none": ('{"name": NaN}', "NaN is no number"),
    "a list": ("[]", "/: expected an object, got a list"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_with_place_and_remedy(tmp_path, case):
    document, expected = REFUSED[case]
    output = tmp_path / "solution.json"

    with pytest.raises(CommandError) as refusal:
        solve(written(tmp_path, document), "--output", str(output))

    assert expected in str(refusal.value)
    assert str(tmp_path / "instance.json") in str(refusal.value)
    assert refusal.value.returncode == 2
    assert not output.exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--time-limit", "0"),
        ("--time-limit", "nan"),
        ("--time-limit", "inf"),
        ("--time-limit", "-1"),
        ("--time-limit", "soon"),
        ("--workers", "0"),
        ("--workers", "65"),
        ("--workers", "two"),
        ("--seed", "-1"),
    ],
)
def test_options_out_of_range_are_refused(tmp_path, option, value):
    with pytest.raises(CommandError, match=f"argument {option}: .* expected, not '{value}'"):
        call_command("solve_instance", str(written(tmp_path, small())), f"{option}={value}")


def test_files_that_cannot_be_read_or_written_are_refused(tmp_path):
    with pytest.raises(CommandError, match=r"There is no file .*; give the path of an instance"):
        solve(tmp_path / "nothing.json")
    with pytest.raises(CommandError, match="cannot be read"):
        solve(tmp_path)
    with pytest.raises(CommandError, match=r"the folder .* does not exist; make it"):
        solve(written(tmp_path, small()), "--output", str(tmp_path / "no" / "solution.json"))
    with pytest.raises(CommandError, match="is a folder; name a file"):
        solve(written(tmp_path, small()), "--output", str(tmp_path))


def test_a_solution_that_does_not_hold_is_never_written(tmp_path, monkeypatch):
    output = tmp_path / "solution.json"
    monkeypatch.setattr(solve_instance, "instance_objective", lambda *_: 3)

    with pytest.raises(CommandError, match="does not hold and is not written: objective: it is 3, not 10"):
        solve(written(tmp_path, small()), "--output", str(output))

    assert not output.exists()


def test_from_the_shell_the_time_counts_from_the_start_of_the_process(tmp_path, monkeypatch):
    output = tmp_path / "solution.json"
    monkeypatch.setattr(solve_instance, "_age", lambda: 25.0)
    ended = []
    monkeypatch.setattr(solve_instance.os, "_exit", ended.append)
    command = ["manage.py", "solve_instance", str(DATA / "ta21js.json"), "--time-limit", "26"]
    began = time.monotonic()

    solve_instance.Command().run_from_argv([*command, "--output", str(output)])

    assert time.monotonic() - began < 15
    assert 25 < json.loads(output.read_text())["seconds"] < 40
    assert ended == [0]


def test_the_age_of_the_process_is_known():
    first = solve_instance._age()
    time.sleep(0.1)

    assert first > 0.1
    assert solve_instance._age() - first >= 0.05


@pytest.mark.serial
def test_an_interrupt_keeps_the_best_so_far(tmp_path):
    path, output = DATA / "ta41js.json", tmp_path / "solution.json"
    command = [sys.executable, "manage.py", "solve_instance", str(path), "--time-limit", "100"]
    process = subprocess.Popen(
        [*command, "--output", str(output)], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("incumbent ") and "none" not in line:
            break
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=90)

    instance, found = json.loads(path.read_text()), json.loads(output.read_text())
    assert process.returncode == 0
    assert time.monotonic() - began < 60
    assert found["status"] == "feasible"
    assert instance_violations(instance, found["schedule"]) == []
