"""The program refuses to start half-configured, and starts safe."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.settings import database

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "DEBUG": "off",
    "SECRET_KEY": "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "ALLOWED_HOSTS": "plan.example.com",
    "DATABASE_URL": "postgres://user:password@localhost:5432/driveline",
    "REDIS_URL": "redis://localhost:6379/0",
}


def manage(*arguments, **variables):
    base = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**base, "DJANGO_SETTINGS_MODULE": "config.settings", **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_deployment_check_finds_nothing():
    result = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)

    assert result.returncode == 0, result.stderr


def test_without_its_settings_the_program_does_not_start_and_names_them_all():
    # Set but empty, so that a developer's .env does not fill them in.
    result = manage("check", **dict.fromkeys(PRODUCTION, ""))

    assert result.returncode != 0
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"):
        assert name in result.stderr


@pytest.mark.parametrize("key", ["short", ""])
def test_a_key_that_can_be_guessed_is_refused(key):
    result = manage("check", **{**PRODUCTION, "SECRET_KEY": key})

    assert result.returncode != 0
    assert "SECRET_KEY" in result.stderr
    assert "REDIS_URL:" not in result.stderr


def test_a_secret_may_come_from_a_file(tmp_path, monkeypatch):
    path = tmp_path / "key"
    path.write_text("from a file\n")
    monkeypatch.setenv("SOME_SECRET_FILE", str(path))

    assert env.secret("SOME_SECRET") == "from a file"


@pytest.mark.parametrize(
    ("text", "value"), [("on", True), ("YES", True), ("0", False), ("off", False), ("", True)]
)
def test_switches_are_words(monkeypatch, text, value):
    monkeypatch.setenv("SWITCH", text)

    assert env.boolean("SWITCH", default=True) is value


def test_a_misspelt_switch_is_refused_rather_than_off(monkeypatch):
    monkeypatch.setenv("SWITCH", "ture")

    with pytest.raises(ImproperlyConfigured, match=r"SWITCH='ture': write on or off\."):
        env.boolean("SWITCH", default=False)


@pytest.mark.parametrize("text", ["0", "-3", "ten", "1.5"])
def test_a_number_that_makes_no_sense_is_refused(monkeypatch, text):
    monkeypatch.setenv("NUMBER", text)

    with pytest.raises(ImproperlyConfigured, match="NUMBER="):
        env.integer("NUMBER", 5, minimum=1)


@pytest.mark.parametrize(
    ("quota", "cores"),
    [("150000 100000", 2), ("20000 100000", 1), ("max 100000", 4), ("900000 100000", 4), (None, 4)],
)
def test_a_build_may_use_the_cores_that_the_process_is_given(tmp_path, monkeypatch, quota, cores):
    # given four cores that the process is bound to, and the quota of its control group
    monkeypatch.setattr(env.os, "sched_getaffinity", lambda pid: {0, 1, 4, 5}, raising=False)
    if quota is not None:
        (tmp_path / "cpu.max").write_text(f"{quota}\n")

    # 150 ms of every 100 ms are one core and a half: two processes; a fifth of a core is one
    assert env.cores(tmp_path) == cores


def test_writers_of_sqlite_queue_instead_of_failing(tmp_path):
    options = database(f"sqlite:///{tmp_path / 'x.sqlite3'}")["OPTIONS"]

    assert "journal_mode=WAL" in options["init_command"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] == 20


def test_limits_of_a_build_end_it_in_the_right_order():
    limits = [
        settings.PLAN_MAX_SECONDS,
        settings.CELERY_TASK_TIME_LIMIT,
        settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"],
    ]

    assert limits == sorted(set(limits))
    assert not hasattr(settings, "CELERY_TASK_SOFT_TIME_LIMIT")


def test_the_queue_takes_nothing_but_json_and_keeps_no_results():
    assert settings.CELERY_ACCEPT_CONTENT == ["json"]
    assert settings.CELERY_TASK_IGNORE_RESULT
    assert not settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_WORKER_PREFETCH_MULTIPLIER == 1
