"""``python -m bench [PART ...]``: measure, print, and write ``docs/benchmarks.md``.

Exit status 0: every target was met. Each part has an empty database of its own: SQLite, or one on the server
of ``DATABASE_URL``.
"""

import argparse
import importlib
import subprocess
import sys

from bench import report
from bench.figures import Section
from bench.surroundings import describe_machine, empty_database

PARTS = {
    "import": "bench.exchange",
    "plan": "bench.plans",
    "overtime": "bench.overtime",
    "schedule": "bench.schedule",
    "repair": "bench.repair",
    "netting": "bench.netting",
    "workforce": "bench.workforce",
    "what_if": "bench.what_if",
    "requirements": "bench.requirements",
    "instances": "bench.instances",
    "random": "bench.random_factories",
    "pages": "bench.pages",
    "scale": "bench.scale",
    "storm": "bench.storm",
    "demo": "bench.demo",
}


def main() -> int:
    """Measure the parts that were named, each in a process of its own, so that none warms up another."""
    options = _options()
    if options.alone:
        return _measure(options)
    parts = options.parts or list(PARTS)
    failed = [part for part in parts if subprocess.call([*_command(options), "--alone", part]) != 0]
    if failed:
        print(f"Missed or failed: {', '.join(failed)}")
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure what the product promises.")
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)} (all, unless named)"
    )
    parser.add_argument("--runs", type=int, default=10, help="storm: plans that are asked for")
    parser.add_argument("--kills", type=int, default=10, help="storm: workers that are killed")
    parser.add_argument("--flushes", type=int, default=2, help="storm: times that the broker is emptied")
    parser.add_argument("--workers", type=int, default=1, help="plan: processes that build side by side")
    parser.add_argument("--no-write", action="store_true", help="leave docs/benchmarks.md as it is")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := set(options.parts) - PARTS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; the parts are {', '.join(PARTS)}")
    return options


def _command(options: argparse.Namespace) -> list[str]:
    counts = [f"--{name}={getattr(options, name)}" for name in ("runs", "kills", "flushes", "workers")]
    return [sys.executable, "-m", "bench", *counts, *(["--no-write"] if options.no_write else [])]


def _measure(options: argparse.Namespace) -> int:
    (part,) = options.parts
    with empty_database():
        from django.utils import timezone

        module = importlib.import_module(PARTS[part])
        counts = {"storm": (options.runs, options.kills, options.flushes), "plan": (options.workers,)}
        section: Section = module.measure(*counts.get(part, ()))
        section.circumstances = f"{timezone.localdate()}, {describe_machine()}"
    print(report.plain(section), flush=True)
    if not options.no_write:
        report.write([section], tuple(PARTS))
    return 0 if section.is_met else 1


if __name__ == "__main__":
    sys.exit(main())
