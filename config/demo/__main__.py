"""``make demo``: from nothing to a plan, in a folder of its own.

The plan is asked for over HTTP with a planner's token and built by a Celery worker, exactly as
in production. Exit status 0 means: a plan, and the verifier found nothing against it.
"""

from __future__ import annotations

import argparse
import logging.config
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from types import FrameType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import django
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from config import broker
from config.demo.client import Client
from config.demo.processes import (
    Children,
    adopt_orphans,
    compiler_command,
    end_orphans,
    free_port,
    requirements_command,
    web_command,
    worker_command,
)
from config.demo.surroundings import DEMO_DIR, FACTORY_FILE, DemoError, only_one, set_environment

if TYPE_CHECKING:
    from config.demo.accounts import Login

READY_SECONDS = 60
# Far beyond what any build of this factory takes; the builder's own limits come first.
BUILD_SECONDS = 600
POLL_SECONDS = 0.5
BUILT = ("ready", "published", "archived")
ENDED = (*BUILT, "failed", "cancelled")
WIDTH_WITHOUT_TERMINAL = 160


class StopRequested(Exception):
    """Ctrl-C, or SIGTERM: not an error, but the end."""


def main(arguments: list[str]) -> int:
    """Run the demonstration; return the exit status of the process."""
    parser = argparse.ArgumentParser(prog="make demo", description="Show the product on an example factory.")
    parser.add_argument("--once", action="store_true", help="stop after the summary")
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL, highlight=False)
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    try:
        with only_one(), ExitStack() as stack:
            return _show(console, stack, once=options.once)
    except StopRequested:
        console.print("Stopped before there was a plan.")
        return 130
    except (DemoError, broker.BrokerNotAvailable) as error:
        console.print(f"[bold red]{error}[/bold red]")
        return 1


def _stop(number: int, frame: FrameType | None) -> None:
    """Raise once; whoever presses Ctrl-C twice does not interrupt the tidying up."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise StopRequested


def _show(console: Console, stack: ExitStack, *, once: bool) -> int:
    began = time.monotonic()
    adopt_orphans()
    stack.callback(end_orphans)
    _step(console, "Broker", "starting")
    server = stack.enter_context(broker.running(DEMO_DIR))
    set_environment(server.url)
    helpers = Children()
    stack.callback(helpers.stop)
    helpers.start("compiler", compiler_command())  # beside the database, which leaves cores idle
    logins = _prepare_database(console)
    token_of = {login.role: login.token for login in logins}

    port = free_port()
    children = Children()
    stack.callback(children.stop)
    _step(console, "Web server and worker", f"starting, on port {port}")
    children.start("web server", web_command(port))
    children.start("worker", worker_command())
    planner = Client(port=port, token=token_of["planner"])
    planner.wait_until_ready(READY_SECONDS, children.check)
    if helpers.is_running("compiler"):
        _step(console, "Loops", "compiling what plans are made with, once per machine")
        helpers.wait_for("compiler")

    _step(console, "Plan", "requested by the planner, over HTTP")
    version = _build_plan(console, planner, children)
    is_sound = _summarise(console, planner, version)
    console.print(f"From the start to the summary: {time.monotonic() - began:.0f} s.\n")
    if not once:
        helpers.start("requirements", requirements_command())
        _print_doors(console, port, version, logins)
        _serve(console, children)
    return 0 if is_sound else 1


def _serve(console: Console, children: Children) -> None:
    """Until somebody asks to stop, which is how a demonstration ends."""
    try:
        while True:
            children.check()
            time.sleep(1)
    except StopRequested:
        console.print("Stopping ...")


def _step(console: Console, what: str, detail: str) -> None:
    console.print(f"[bold]{what}[/bold]: {detail} ...")


def _prepare_database(console: Console) -> list[Login]:
    """Migrations, the factory, the logins: each only where it is not there yet."""
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from config.demo.accounts import ensure_logins
    from planning.models import FactorySettings

    logging.config.dictConfig(settings.LOGGING)
    _step(console, "Database", "bringing it up to date")
    call_command("migrate", verbosity=0)
    if FactorySettings.objects.exists():
        console.print(f"[bold]Factory[/bold]: there already; remove {DEMO_DIR} to begin anew.")
    else:
        _step(console, "Factory", f"importing {FACTORY_FILE.name}")
        call_command("import_factory", str(FACTORY_FILE))
    return ensure_logins()


def _build_plan(console: Console, planner: Client, children: Children) -> int:
    """Ask for a plan, show its progress until it is built; return its version."""
    reply = planner.expect(202, "POST", "/api/v1/plans/", {})
    version, location = int(reply.body["version"]), reply.headers["location"]
    path = urlsplit(location).path
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task(f"Plan {version}: waiting for a worker", total=100)
        run: dict[str, Any] = {"status": "queued"}
        for run in _poll(planner, path, children):
            bar.update(task, description=_progress_line(version, run), completed=_percent(run))
    if run["status"] not in BUILT:
        raise DemoError(f"Plan {version} {run['status']}: {_failure(run)}")
    return version


def _poll(planner: Client, path: str, children: Children) -> Iterator[dict[str, Any]]:
    """The state of the run, again and again until it has ended."""
    deadline = time.monotonic() + BUILD_SECONDS
    while time.monotonic() < deadline:
        children.check()
        run: dict[str, Any] = planner.expect(200, "GET", path).body
        yield run
        if run["status"] in ENDED:
            return
        time.sleep(POLL_SECONDS)
    raise DemoError(f"No plan within {BUILD_SECONDS} s; see {DEMO_DIR / 'worker.log'}.")


def _percent(run: dict[str, Any]) -> float:
    if run["status"] in BUILT:
        return 100.0
    return float(run.get("percent") or 0)


def _progress_line(version: int, run: dict[str, Any]) -> str:
    words = [f"Plan {version}: {run.get('stage') or run['status']}"]
    if run["status"] == "running" and (cost := run.get("incumbent_cost")) is not None:
        words.append(f"best so far {float(cost):,.0f}")
    return ", ".join(words)


def _failure(run: dict[str, Any]) -> str:
    lines = [str((run.get("failure") or {}).get("reason") or "no reason given")]
    lines += [str(violation) for violation in run.get("violations") or []]
    return "\n  ".join(lines)


def _summarise(console: Console, planner: Client, version: int) -> bool:
    """Read the plan back as any client does, check it again, and print it; true when it holds."""
    from config.demo.summary import print_summary
    from planning.engine.factory_codec import read_factory
    from planning.engine.plan import read_plan
    from planning.engine.verify import violations
    from planning.models import PlanRun

    plan = read_plan(planner.expect(200, "GET", f"/api/v1/plans/{version}/export/").text)
    factory = read_factory(PlanRun.objects.values_list("factory_json", flat=True).get(pk=version))
    found = violations(factory, plan)
    console.print()
    print_summary(console, factory, plan, found)
    return not found and not plan.certificate.violations


def _print_doors(console: Console, port: int, version: int, logins: list[Login]) -> None:
    address = f"http://localhost:{port}"
    console.print(f"[bold]Admin[/bold]     {address}/admin/")
    console.print(f"[bold]API[/bold]       {address}/api/docs/")
    for login in logins:
        console.print(f"  {login.role:<11} password {login.password:<14} token {login.token}", soft_wrap=True)
    console.print(f"Plan {version} is a draft: publish it in the admin, or so:")
    token = next(login.token for login in logins if login.role == "planner")
    console.print(
        f"  curl -X POST -H 'Authorization: Bearer {token}' {address}/api/v1/plans/{version}/publish/\n",
        soft_wrap=True,
    )
    console.print("Serving until Ctrl-C.")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
