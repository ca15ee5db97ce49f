"""Typed readers of environment variables.

A variable that is set to the empty string counts as not set. A secret may come from a file:
``SECRET_KEY_FILE=/run/secrets/key`` stands for the content of that file in ``SECRET_KEY``.
"""

from __future__ import annotations

import os
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "on", "true", "yes"})
FALSE_WORDS = frozenset({"0", "off", "false", "no"})


def load_file(path: Path) -> None:
    """Read ``KEY=value`` lines into the environment; what is set there already wins."""
    if path.is_file():
        environ.Env.read_env(path, overwrite=False)


def string(name: str, default: str = "") -> str:
    """The value of ``name``, or the default."""
    return os.environ.get(name) or default


def secret(name: str) -> str:
    """The value of ``name``, or the content of the file named by ``name_FILE``; "" without both."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: cannot read {path}: {error.strerror}.") from error
    return string(name)


def boolean(name: str, default: bool) -> bool:
    """on/off, true/false, yes/no, 1/0; anything else is refused, so a typing error is never "off"."""
    value = string(name).lower()
    if not value:
        return default
    if value in TRUE_WORDS:
        return True
    if value in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name}={value!r}: write on or off.")


def integer(name: str, default: int, *, minimum: int = 0) -> int:
    """A whole number, at least ``minimum``."""
    value = string(name)
    if not value:
        return default
    try:
        number = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}={value!r}: write a whole number.") from error
    if number < minimum:
        raise ImproperlyConfigured(f"{name}={number}: must be at least {minimum}.")
    return number


def cores(root: Path = Path("/sys/fs/cgroup")) -> int:
    """Processor cores that this process may use: those it is bound to, and no more than the quota of its
    control group (Linux, version 2), of which a part of one counts as one.
    """
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = (root / "cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return bound
    return bound if quota == "max" else max(1, min(bound, -(-int(quota) // int(period))))


def words(name: str) -> list[str]:
    """Comma-separated words, blanks around them ignored."""
    return [word.strip() for word in string(name).split(",") if word.strip()]
