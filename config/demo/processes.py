"""Child processes: started together, stopped together, their children included."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from config.demo.surroundings import BASE_DIR, DEMO_DIR, DemoError

FIRST_PORT = 8000
PORTS_TRIED = 100
# Long enough for a web request or a message in hand, short for somebody who pressed Ctrl-C.
STOP_SECONDS = 5.0
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


def free_port() -> int:
    """The first port of localhost from 8000 on that nobody listens to."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DemoError(f"No free port between {FIRST_PORT} and {FIRST_PORT + PORTS_TRIED - 1}.")


@dataclass(slots=True)
class Children:
    """The processes we started, by name, in the order they were started."""

    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: list[str]) -> None:
        """Run ``command``; what it prints goes to ``var/demo/NAME.log``.

        It gets a session of its own, so Ctrl-C in the terminal reaches us alone and we stop it in order.
        """
        with log_file(name).open("ab") as log:
            self.running[name] = subprocess.Popen(
                command,
                cwd=BASE_DIR,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise ``DemoError`` when one of them has ended by itself."""
        for name, process in self.running.items():
            if (status := process.poll()) is not None:
                raise DemoError(f"The {name} stopped (status {status}); see {log_file(name)}.")

    def is_running(self, name: str) -> bool:
        """Whether it has not ended yet."""
        return self.running[name].poll() is None

    def wait_for(self, name: str) -> None:
        """Until it has ended by itself."""
        self.running[name].wait()

    def stop(self) -> None:
        """Stop them all, the last one first, and whatever they started themselves."""
        family = _descendants({process.pid for process in self.running.values()})
        for process in reversed(self.running.values()):
            _signal(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.running.values():
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal(process.pid, signal.SIGKILL)
                process.wait()
        # A worker that was killed cannot stop the solver it had started.
        for pid in family & _all_pids():
            _signal(pid, signal.SIGKILL)
        self.running.clear()


def adopt_orphans() -> None:
    """Become the parent of whatever our children leave behind, so that it can be found and ended (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_orphans() -> None:
    """End every process that still descends from this one, and collect it."""
    for pid in _descendants({os.getpid()}):
        _signal(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0)[0]:
            pass


def web_command(port: int) -> list[str]:
    """The production web server, on localhost."""
    program = str(Path(sys.executable).with_name("granian"))
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    return [program, *options, "--blocking-threads", "4", "--no-ws", "config.wsgi:application"]


def compiler_command() -> list[str]:
    """Compiles what plans are made with; next to nothing where that was done before."""
    return [sys.executable, "-m", "planning.engine.warm", "plans"]


def requirements_command() -> list[str]:
    """Compiles what requirements by week are netted with, before somebody asks for them."""
    return [sys.executable, "-m", "planning.engine.warm", "requirements"]


def worker_command() -> list[str]:
    """A prefork worker of two, so one looks after the runs while the other builds; with its clock."""
    program = str(Path(sys.executable).with_name("celery"))
    options = ["--beat", "--queues", "solver", "--concurrency", "2", "--loglevel", "info"]
    return [program, "--app", "config", "worker", *options, "--hostname", f"demo-{os.getpid()}@%h"]


def log_file(name: str) -> Path:
    return DEMO_DIR / f"{name}.log"


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _parents() -> dict[int, int]:
    """The parent of every process of the machine."""
    if Path("/proc/self/stat").exists():
        return dict(filter(None, (_parent_in_proc(folder) for folder in Path("/proc").glob("[0-9]*"))))
    listing = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=False)
    return {int(pid): int(parent) for pid, parent in (line.split() for line in listing.stdout.splitlines())}


def _parent_in_proc(folder: Path) -> tuple[int, int] | None:
    """Process and parent; ``None`` where the process ended meanwhile or only waits to be collected."""
    try:
        # "pid (name) state parent ...": the name may hold blanks and brackets, so count from its end.
        state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state == "Z" else (int(folder.name), int(parent))


def _all_pids() -> set[int]:
    return set(_parents())


def _descendants(roots: set[int]) -> set[int]:
    """Children, their children and so on, without the roots."""
    parents = _parents()
    found = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - roots
