"""Processes that live no longer than the one that started them."""

import contextlib
import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def follow_into_death(parent_pid: int) -> None:
    """Ask the kernel to kill this process when its parent dies; go at once if it is dead already."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)
