"""``build_plan``: ask for a plan and wait for it, or build it here; exit status 0 for a sound plan."""

import datetime as dt
import sys
import time
from argparse import ArgumentTypeError
from dataclasses import fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from planning.engine.plan import dump_plan
from planning.engine.request import DEFAULT_WORK_BUDGET, MAX_WORK_BUDGET, Progress, Weights
from planning.errors import PlanningError
from planning.models import BUILT, ENDED, PlanRun, PlanStatus
from planning.saving import plan_from_rows
from planning.selectors.runs import get_run
from planning.services.building import execute_plan
from planning.services.runs import MAX_SEED, MAX_WORKERS, cancel_plan, request_plan
from planning.tasks import submit_plan

POLL_SECONDS = 0.3
# How long a queued plan waits before the reader is told that nobody seems to be at work.
PICK_UP_SECONDS = 30
WIDTH = 78
VIOLATIONS_SHOWN = 10
NAMES = tuple(each.name for each in fields(Weights))


class Command(BaseCommand):
    help = "Build a plan through the queue and wait for it, or with --local in this process."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", type=_day, metavar="DATE", help="planning date (default: the stored one)"
        )
        parser.add_argument(
            "--time-limit",
            type=_whole(1, settings.PLAN_MAX_SECONDS),
            metavar="S",
            help="end the search after so many seconds; the plan is then not reproducible",
        )
        parser.add_argument(
            "--workers",
            type=_whole(1, MAX_WORKERS),
            metavar="N",
            help="processes that try candidates side by side (default: PLAN_WORKERS); the same number gives "
            "the same plan",
        )
        parser.add_argument(
            "--seed",
            type=_whole(0, MAX_SEED),
            default=0,
            metavar="K",
            help="another number searches elsewhere",
        )
        parser.add_argument(
            "--work-budget",
            type=_whole(1, MAX_WORK_BUDGET),
            metavar="N",
            help=f"rounds of the search (default: {DEFAULT_WORK_BUDGET})",
        )
        parser.add_argument(
            "--weight",
            type=_weight,
            action="append",
            default=[],
            metavar="NAME=NUMBER",
            help=f"what matters in the plan, once for each of {', '.join(NAMES)}",
        )
        parser.add_argument(
            "--base-plan",
            type=_whole(1, MAX_SEED),
            metavar="VERSION",
            help="the plan that is to be changed as little as possible",
        )
        parser.add_argument(
            "--move-budget",
            type=_number,
            metavar="SHARE",
            help="of the base plan's operations that may move, 0 to 1 (default: 0.1)",
        )
        parser.add_argument(
            "--local", action="store_true", help="build in this process, without queue and worker"
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="write the plan there, as plan-1")
        parser.add_argument(
            "--pick-up-seconds",
            type=_whole(1, 3600),
            default=PICK_UP_SECONDS,
            metavar="N",
            help="give up when no worker takes the plan within so many seconds",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        if output is not None and not output.absolute().parent.is_dir():
            raise CommandError(f"--output: the folder {output.absolute().parent} does not exist.")
        request = {
            "requested_by": None,
            "now": timezone.now(),
            "as_of": options["as_of"],
            "time_limit_seconds": options["time_limit"],
            "workers": options["workers"],
            "seed": options["seed"],
            "work_budget": options["work_budget"],
            "weights": dict(options["weight"]),
            "base_plan": options["base_plan"],
            "move_budget": options["move_budget"],
        }
        try:
            run = request_plan(**request) if options["local"] else submit_plan(**request)
        except PlanningError as error:
            raise CommandError(str(error)) from error
        if options["local"]:
            execute_plan(plan_id=run.pk, on_progress=lambda progress: self._show(run.pk, progress))
        ended = self._wait(run.pk, options["pick_up_seconds"])
        self._report(ended)
        if output is not None:
            output.write_text(dump_plan(plan_from_rows(ended.pk)), encoding="utf-8")
            self.stdout.write(f"Written to {output}.")

    def _wait(self, version: int, pick_up_seconds: int) -> PlanRun:
        """Until the run has ended; Ctrl-C cancels it."""
        began = time.monotonic()
        try:
            while (run := get_run(version)).status not in ENDED:
                if run.status == PlanStatus.RUNNING:
                    self._show(version, _progress(run))
                elif time.monotonic() - began > pick_up_seconds:
                    cancel_plan(version=version, by=None, now=timezone.now())
                    raise CommandError(
                        f"No worker took plan {version} within {pick_up_seconds} s, so it was cancelled. "
                        "Start one with `make worker`, or build here with --local."
                    )
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            cancel_plan(version=version, by=None, now=timezone.now())
            raise CommandError(f"Plan {version} was cancelled.", returncode=130) from None
        return run

    def _show(self, version: int, progress: Progress) -> None:
        """One line that is written over on a terminal, and left out elsewhere."""
        if not sys.stderr.isatty():
            return
        cost = "" if progress.incumbent_cost is None else f", best so far {progress.incumbent_cost:,.0f}"
        line = f"Plan {version}: {progress.stage} {progress.percent:.0f} %{cost}"
        self.stderr.write(f"\r{line:<{WIDTH}.{WIDTH}}", ending="")

    def _report(self, run: PlanRun) -> None:
        if sys.stderr.isatty():
            self.stderr.write("")
        if run.status not in BUILT:
            lines = [f"Plan {run.pk} {run.get_status_display().lower()}: {run.failure_reason or 'no plan.'}"]
            lines += [
                f"  {row['rule']}: {row['entity']}: {row['text']}"
                for row in run.violations[:VIOLATIONS_SHOWN]
            ]
            raise CommandError("\n".join(lines))
        seconds = (
            (run.finished_at - run.started_at).total_seconds() if run.finished_at and run.started_at else 0
        )
        late = run.planpromise_rows.filter(days_late__gt=0).count()
        rows = run.planpromise_rows.count()
        self.stdout.write(
            f"Plan {run.pk} is ready after {seconds:.0f} s: cost {run.total_cost:,.0f}, "
            f"{rows - late} of {rows} deliveries on time, 0 violations."
        )


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"a date such as 2011-03-01 is expected, not {text!r}") from None


def _whole(low: int, high: int) -> Any:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ArgumentTypeError(f"a whole number from {low} to {high} is expected, not {text!r}")
        return int(text)

    return parse


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ArgumentTypeError(f"a number is expected, not {text!r}") from None


def _weight(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if name not in NAMES or not equals:
        raise ArgumentTypeError(f"one of {', '.join(NAMES)}, as lateness=5, is expected, not {text!r}")
    return name, _number(value)


def _progress(run: PlanRun) -> Progress:
    return Progress(stage=run.stage or "started", percent=run.percent, incumbent_cost=run.incumbent_cost)
