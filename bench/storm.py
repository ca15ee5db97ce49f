"""Workers killed and the broker emptied in mid-build: every plan that was asked for is there once."""

import os
import subprocess
import sys

import redis

from bench.figures import Section
from bench.surroundings import ROOT

MUST_BE_ZERO = ("lost", "incomplete or twice", "solvers left behind")


def measure(runs: int, kills: int, flushes: int) -> Section:
    """On the database and broker of the environment; the solver is a stub that takes a second."""
    section = Section("storm", "Kills, an emptied broker, messages that come twice")
    counts = ["--runs", str(runs), "--kills", str(kills), "--flushes", str(flushes)]
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings_test",
        # Another database than the one this process holds open.
        "DATABASE_URL": f"{os.environ['DATABASE_URL']}_storm",
    }
    answer = subprocess.run(
        [sys.executable, "-m", "tests.chaos.kill_storm", *counts],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    section.tell("Broker", _broker())
    for line in answer.stdout.splitlines():
        name, _, value = line.partition(": ")
        if name in MUST_BE_ZERO:
            section.check(name.capitalize(), value, "0", value == "0")
        else:
            section.tell(name.capitalize(), value)
    section.check("Exit status", str(answer.returncode), "0", answer.returncode == 0)
    if answer.returncode:
        section.remarks.append(f"It said: `{answer.stderr.strip()[-500:]}`")
    section.remarks.append(
        "Every second all runs that wait are sent again, so most messages come more than once; a run that "
        "lost its worker twice is spared, since a third loss ends it by design. The solver is a stub that "
        "takes a second: the storm is about rows, not about plans."
    )
    return section


def _broker() -> str:
    with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
        told = client.info("server")
    name = str(told.get("server_name", "redis")).capitalize()
    return f"{name} {told.get('valkey_version') or told['redis_version']}"
