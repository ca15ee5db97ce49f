"""``replay_plan VERSION``: rebuild a plan from its stored input; exit status 0 when it is the same."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from planning.errors import PlanningError
from planning.services.replaying import replay_plan

DIFFERENCES_SHOWN = 20


class Command(BaseCommand):
    help = "Build a plan again from its stored input and compare the two. Saves nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version", type=int, help="version of a built plan")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            replay = replay_plan(options["version"])
        except PlanningError as error:
            raise CommandError(str(error)) from error
        if not replay.differences:
            self.stdout.write(f"Plan {replay.version}: the rebuilt plan is identical (seconds aside).")
            return
        shown = [f"  {line}" for line in replay.differences[:DIFFERENCES_SHOWN]]
        why = "" if replay.reproducible else " Its build was cut short, so this was to be expected."
        raise CommandError(
            "\n".join([f"Plan {replay.version}: {len(replay.differences)} differences.{why}", *shown])
        )
