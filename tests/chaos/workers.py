"""Real workers on the database and broker of this process, to be killed; and a look at who is alive."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

BASE_DIR = Path(settings.BASE_DIR)


class Worker:
    """A Celery worker with prefork children, in a process group of its own."""

    process: subprocess.Popen[bytes]

    def __init__(self, *, lease: int, log: Path, concurrency: int = 2) -> None:
        self.lease, self.log, self.concurrency = lease, log, concurrency
        self.start()

    def start(self) -> None:
        """Start it, for the first time or again."""
        command = [
            sys.executable,
            "-m",
            "celery",
            "--app",
            "tests.chaos.worker",
            "worker",
            "--queues",
            "solver",
        ]
        options = [
            "--concurrency",
            str(self.concurrency),
            "--loglevel",
            "info",
            "--without-mingle",
            "--without-gossip",
        ]
        environment = os.environ | {
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "PLAN_LEASE_SECONDS": str(self.lease),
            "DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE", "config.settings_test"),
        }
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, *options, "--hostname", f"test-{os.getpid()}-{self.log.stem}@%h"],
                cwd=BASE_DIR,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def children(self) -> list[int]:
        """The prefork children: those who build."""
        return [pid for pid, (parent, _) in processes().items() if parent == self.process.pid]

    def power_loss(self) -> None:
        """Every process of the worker dies at once, unasked, the solvers excepted."""
        for pid in [self.process.pid, *self.children()]:
            kill(pid)
        self.process.wait()

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def processes() -> dict[int, tuple[int, str]]:
    """Parent and command line of every process that is not only waiting to be collected."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                found[int(folder.name)] = (int(parent), (folder / "cmdline").read_text())
    return found


def solvers_of(pid: int) -> list[int]:
    """The solver processes that a worker's child has started."""
    return [child for child, (parent, line) in processes().items() if parent == pid and "stub_solver" in line]


def database_url() -> str:
    """The address of the database this process works on, for the processes that it starts."""
    values = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{values['NAME']}"
    user = f"{quote(values['USER'], safe='')}:{quote(values['PASSWORD'], safe='')}"
    return f"postgres://{user}@{quote(values['HOST'], safe='')}:{values['PORT'] or 5432}/{values['NAME']}"
