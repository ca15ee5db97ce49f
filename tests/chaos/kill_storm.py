"""A storm of kills on real workers, and what is left of the plans that were asked for.

    python -m config.broker run python -m tests.chaos.kill_storm --runs 100 --kills 100

Runs on a test database of its own (SQLite, or that of ``DATABASE_URL``) and a database of its own in the
broker. A run that lost its worker twice is spared: a third loss ends it by design. Exit status 0: nothing
lost, nothing twice, no process left behind.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

LEASE = 3
REAP_SECONDS = 1.0
BUILD_SECONDS = 1
PATIENCE_PER_RUN = 30
STORM_DATABASE = 7
ROWS = {
    "plannedorder": 4,
    "plannedoperation": 5,
    "staffingmonth": 8,
    "loadweek": 24,
    "pegging": 10,
    "planpromise": 2,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Kill workers in mid-build and count the plans.")
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--flushes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")
    django.setup()
    with _surroundings() as folder:
        return Storm(options, folder).rage()


@contextmanager
def _surroundings() -> Iterator[Path]:
    from django.conf import settings
    from django.db import connection

    from config.celery import app

    if not os.environ.get("REDIS_URL"):
        sys.exit("REDIS_URL is not set: python -m config.broker run python -m tests.chaos.kill_storm")
    url = f"{os.environ['REDIS_URL'].rsplit('/', 1)[0]}/{STORM_DATABASE}"
    settings.REDIS_URL = settings.CELERY_BROKER_URL = app.conf.broker_url = url
    settings.PLAN_LEASE_SECONDS = LEASE
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)


class Storm:
    """Two workers of two children; each beat kills one of them, or all that it is made of."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        from tests.chaos.workers import Worker

        self.options = options
        self.random = random.Random(options.seed)
        self.workers = [Worker(lease=LEASE, log=folder / f"worker-{number}.log") for number in range(2)]
        self.kills: Counter[str] = Counter()
        self.flushes = 0
        self.lost_at: dict[int, float] = {}
        self.recoveries: list[float] = []
        self.reaped_at = 0.0

    def rage(self) -> int:
        began = time.monotonic()
        try:
            runs = self._submit()
            deadline = began + PATIENCE_PER_RUN * len(runs) + 60
            while self._open() and time.monotonic() < deadline:
                self._note_recoveries()
                self._strike()
                self._reap()
                time.sleep(0.2)
        finally:
            for worker in self.workers:
                worker.stop()
        return self._report(time.monotonic() - began)

    def _submit(self) -> list[int]:
        import json

        from django.utils import timezone

        from planning.services.exchange import import_factory
        from planning.tasks import submit_plan
        from tests.engine.builders import FACTORY

        import_factory(document=json.dumps(FACTORY), now=timezone.now())
        count = range(self.options.runs)
        return [submit_plan(requested_by=None, now=timezone.now(), seed=BUILD_SECONDS).pk for _ in count]

    def _open(self) -> bool:
        from planning.models import ENDED, PlanRun

        return PlanRun.objects.exclude(status__in=ENDED).exists()

    def _strike(self) -> None:
        """As many kills as were asked for, spread over the whole storm."""
        from planning.models import ENDED, PlanRun

        done = PlanRun.objects.filter(status__in=ENDED).count()
        struck = sum(self.kills.values())
        if struck < self.options.kills and struck <= self.options.kills * (done + 1) / self.options.runs:
            if self.random.random() < 0.5:
                self._kill_child()
            else:
                self._kill_worker()
        if self.flushes < self.options.flushes * done / self.options.runs:
            self._flush()

    def _victims(self) -> dict[int, list[tuple[int, int]]]:
        """By process id of the builder: its run, and how often that one was claimed."""
        from planning.models import PlanRun, PlanStatus

        found: dict[int, list[tuple[int, int]]] = {}
        rows = PlanRun.objects.filter(status=PlanStatus.RUNNING).exclude(stage="")
        for pk, worker, attempt in rows.values_list("pk", "worker", "attempt"):
            found.setdefault(int(worker.rpartition(":")[2]), []).append((pk, attempt))
        return found

    def _kill_child(self) -> None:
        from tests.chaos.workers import kill, processes

        alive = processes()
        victims = self._victims()
        for pid, runs in victims.items():
            if pid in alive and all(attempt < 3 for _, attempt in runs):
                kill(pid)
                self._count("child", runs)
                return

    def _kill_worker(self) -> None:
        victims = self._victims()
        for worker in self.random.sample(self.workers, len(self.workers)):
            runs = [run for pid in worker.children() for run in victims.get(pid, [])]
            if runs and all(attempt < 3 for _, attempt in runs):
                worker.power_loss()
                self._count("whole worker", runs)
                worker.start()
                return

    def _count(self, kind: str, runs: list[tuple[int, int]]) -> None:
        self.kills[kind] += 1
        for pk, _ in runs:
            self.lost_at[pk] = time.time()

    def _note_recoveries(self) -> None:
        """From the kill to the next claim of the same run."""
        from planning.models import PlanRun

        for pk, started_at in PlanRun.objects.filter(pk__in=self.lost_at).values_list("pk", "started_at"):
            if started_at.timestamp() > self.lost_at[pk]:
                self.recoveries.append(started_at.timestamp() - self.lost_at.pop(pk))

    def _flush(self) -> None:
        import redis
        from django.conf import settings

        with redis.Redis.from_url(settings.REDIS_URL) as client:
            client.flushdb()
        self.flushes += 1

    def _reap(self) -> None:
        """What the clock beside a worker does in production, there every 10 s."""
        from planning.tasks import reap_plan_runs_task

        if time.monotonic() - self.reaped_at > REAP_SECONDS:
            reap_plan_runs_task()
            self.reaped_at = time.monotonic()

    def _report(self, seconds: float) -> int:
        from planning.models import PlanRun, PlanStatus
        from tests.chaos.workers import processes

        runs = list(PlanRun.objects.all())
        lost = [run.pk for run in runs if run.status != PlanStatus.READY]
        wrong = [run.pk for run in runs if run.pk not in lost and not _is_whole(run)]
        time.sleep(1)
        left = [pid for pid, (parent, line) in processes().items() if "stub_solver" in line and parent == 1]
        attempts = Counter(run.attempt for run in runs)
        figures = {
            "runs": len(runs),
            "kills": ", ".join(f"{count} {kind}" for kind, count in sorted(self.kills.items())) or "none",
            "broker emptied": self.flushes,
            "lost": len(lost),
            "incomplete or twice": len(wrong),
            "solvers left behind": len(left),
            "attempts": " ".join(f"{attempt}:{count}" for attempt, count in sorted(attempts.items())),
            "recovery p50/p99/max (s)": _quantiles(self.recoveries),
            "seconds": f"{seconds:.0f}",
        }
        for name, value in figures.items():
            sys.stdout.write(f"{name}: {value}\n")
        return 1 if lost or wrong or left else 0


def _is_whole(run: object) -> bool:
    """Exactly the rows of the tiny factory's plan: none missing, none twice."""
    return all(getattr(run, f"{table}_rows").count() == count for table, count in ROWS.items())


def _quantiles(values: list[float]) -> str:
    ranked = sorted(values)
    if not ranked:
        return "no kill hit a build"
    return " / ".join(
        f"{ranked[min(len(ranked) - 1, int(len(ranked) * share))]:.1f}" for share in (0.5, 0.99, 1)
    )


if __name__ == "__main__":
    sys.exit(main())
