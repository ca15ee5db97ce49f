"""``solve_instance``: schedule a file of the instance format; what is written was checked by the verifier."""

import json
import math
import os
import signal
import sys
import time
from argparse import ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from planning.engine.errors import EngineError
from planning.engine.scheduling.codec import parse_json, problem_of
from planning.engine.scheduling.errors import InvalidInstance
from planning.engine.verify.instance import instance_objective, instance_violations

MOST_SECONDS = 86_400
MOST_WORKERS = 64
VIOLATIONS_SHOWN = 5
REFUSED = 2  # exit status
EXIT_SECONDS = 0.4  # in which the interpreter ends
LEAST_SECONDS = 0.5  # of search, where the start has taken all the time


class Command(BaseCommand):
    requires_system_checks = []
    help = "Schedule an instance: tasks in modes on resources, to the least makespan or weighted tardiness."

    began: float | None = None

    def run_from_argv(self, argv: list[str]) -> None:
        """From the shell, the time counts from the start of the process."""
        self.began = time.monotonic() - _age() - EXIT_SECONDS
        super().run_from_argv(argv)
        # To take the interpreter down may last seconds, and a search that was left behind would hold it up.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", type=Path, metavar="FILE", help="an instance, as docs/scheduling.md has it"
        )
        parser.add_argument(
            "--time-limit", type=_seconds, default=30.0, metavar="S", help="seconds for all of it (30)"
        )
        parser.add_argument(
            "--workers",
            type=_whole(1, MOST_WORKERS),
            default=2,
            metavar="N",
            help="searches side by side (2)",
        )
        parser.add_argument(
            "--seed",
            type=_whole(0, 2**20),
            default=0,
            metavar="K",
            help="another seed searches elsewhere (0)",
        )
        parser.add_argument("--output", type=Path, metavar="FILE", help="write the solution there")

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        if output is not None and not output.absolute().parent.is_dir():
            raise _refusal(f"--output: the folder {output.absolute().parent} does not exist; make it.")
        if output is not None and output.is_dir():
            raise _refusal(f"--output: {output} is a folder; name a file.")
        began = time.monotonic() if self.began is None else self.began
        written = self._solve(_read(options["file"]), options, began)
        if output is None:
            self.stdout.write(written)
            return
        try:
            output.write_text(f"{written}\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"--output: {output} cannot be written ({error.strerror}).") from error

    def _solve(self, document: dict[str, Any], options: dict[str, Any], began: float) -> str:
        try:
            problem = problem_of(document)
        except InvalidInstance as error:
            raise _refusal(f"{options['file']}: {error}") from error
        # Imported here: solver and compiler take a second, which a file that is refused need not wait for.
        from planning.engine.scheduling.board import Progress
        from planning.engine.scheduling.solve import Limits, solve

        def show(progress: Progress) -> None:
            incumbent = "none" if progress.incumbent is None else progress.incumbent
            bound = "none" if progress.bound is None else progress.bound
            self.stderr.write(f"incumbent {incumbent}  bound {bound}  seconds {progress.seconds:.1f}")

        seconds = max(options["time_limit"] - (time.monotonic() - began), LEAST_SECONDS)
        with _interrupts() as is_interrupted:
            try:
                solution = solve(
                    problem,
                    Limits(seconds=seconds),
                    clock=time.monotonic,
                    seed=options["seed"],
                    workers=options["workers"],
                    on_progress=show,
                    is_cancelled=is_interrupted,
                )
            except EngineError as error:
                raise CommandError(str(error)) from error
        rows: list[list[Any]] = []
        if solution.schedule is not None:
            rows = [
                [task.id, mode, start]
                for task, mode, start in zip(
                    problem.tasks, solution.schedule.modes, solution.schedule.starts, strict=True
                )
            ]
            _verify(document, rows, solution.objective)
        return json.dumps(
            {
                "name": problem.name,
                "objective": solution.objective,
                "bound": solution.bound,
                "status": solution.status,
                "seconds": round(time.monotonic() - began, 2),
                "schedule": rows,
            }
        )


def _age() -> float:
    """Seconds since this process began, or where the system does not tell, those of the processor."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        ticks = int(fields[19])  # field 22 of proc(5), the third being the first behind the name
        return max(time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"), 0.0)
    except (OSError, ValueError, IndexError, AttributeError):
        return time.process_time()


def _verify(document: dict[str, Any], rows: list[list[Any]], objective: int | None) -> None:
    """Nothing is written on the solver's word."""
    found = [str(each) for each in instance_violations(document, rows)]
    if not found and instance_objective(document, rows) != objective:
        found = [f"objective: it is {instance_objective(document, rows)}, not {objective}"]
    if found:
        shown = "; ".join(found[:VIOLATIONS_SHOWN])
        raise CommandError(f"The solution does not hold and is not written: {shown}. Please report this.")


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise _refusal(f"There is no file {path}; give the path of an instance.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise _refusal(f"{path} cannot be read ({error}); give a text file in UTF-8.") from error
    try:
        return parse_json(text)
    except InvalidInstance as error:
        raise _refusal(f"{path}: {error}") from error


def _refusal(text: str) -> CommandError:
    """What the caller has to mend, with the exit status that argparse has for it."""
    return CommandError(text, returncode=REFUSED)


@contextmanager
def _interrupts() -> Iterator[Any]:
    """Ctrl-C and a polite end keep the best so far: whether one of them came."""
    came: list[int] = []

    def note(number: int, _: Any) -> None:
        came.append(number)

    kept = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
        if came:
            sys.stderr.write("Stopped; the best so far is kept.\n")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= MOST_SECONDS:
        raise ArgumentTypeError(f"seconds above 0, at most {MOST_SECONDS}, are expected, not {text!r}")
    return value


def _whole(low: int, high: int) -> Any:
    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ArgumentTypeError(f"a whole number from {low} to {high} is expected, not {text!r}")
        return int(text)

    return parse
