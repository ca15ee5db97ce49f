"""Processes that live no longer than the one that started them."""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from typing import Any, TextIO

PR_SET_PDEATHSIG = 1


def follow_into_death(parent_pid: int) -> None:
    """Ask the kernel to kill this process when its parent dies; go at once if it is dead already."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def limit_memory(megabytes: int | None) -> None:
    """Let this process have no more address space than that."""
    if megabytes is not None:
        size = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


def private_output() -> TextIO:
    """Answers leave by a descriptor of their own: what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return answers


def write_line(answers: TextIO, message: dict[str, Any]) -> None:
    """One message of JSON on a line of its own, at once."""
    answers.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")
    answers.flush()
