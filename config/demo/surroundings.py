"""Where the demonstration lives: its folder, its settings, and the lock that keeps it single.

Everything is below ``var/demo``, beside the developer's own database and never in it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DEMO_DIR = BASE_DIR / "var" / "demo"
FACTORY_FILE = BASE_DIR / "data" / "balqon.json"


class DemoError(RuntimeError):
    """The demonstration cannot go on; the message says why and what to do."""


@contextmanager
def only_one() -> Iterator[None]:
    """Refuse to run beside another demonstration in the same folder."""
    DEMO_DIR.mkdir(parents=True, exist_ok=True)
    with (DEMO_DIR / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoError(
                "A demo of this folder is running already: stop it first (Ctrl-C there)."
            ) from error
        yield


def set_environment(redis_url: str) -> None:
    """Point this process, and those it starts, at the demonstration's own database and broker."""
    (DEMO_DIR / "static").mkdir(exist_ok=True)  # empty: files are served from the source
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        DEBUG="off",
        HTTPS="off",
        SECRET_KEY=_secret_key(),
        ALLOWED_HOSTS="localhost,127.0.0.1",
        DATABASE_URL=f"sqlite:///{DEMO_DIR / 'driveline.sqlite3'}",
        REDIS_URL=redis_url,
        VAR_DIR=str(DEMO_DIR),
        STATIC_FROM_SOURCE="on",
        LOG_LEVEL=os.environ.get("LOG_LEVEL") or "WARNING",
        LOG_FORMAT="console",
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else may read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _secret_key() -> str:
    path = DEMO_DIR / "secret_key"
    if not path.is_file():
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8")
