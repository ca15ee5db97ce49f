"""Check a plan against its factory, both as files: anyone may, and no database is needed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from planning.engine.errors import EngineError
from planning.engine.factory_codec import read_factory
from planning.engine.plan import COST_PARTS, read_plan
from planning.engine.verify import recompute_cost, violations

_SHOWN = 100


class Command(BaseCommand):
    help = (
        "Recompute feasibility and cost of a plan-1 file; exit status 0 only for a plan without violations."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("factory", metavar="FACTORY", type=Path, help="a factory-1 file")
        parser.add_argument("plan", metavar="PLAN", type=Path, help="a plan-1 file")

    def handle(self, *args: Any, factory: Path, plan: Path, **options: Any) -> None:
        try:
            checked_factory = read_factory(factory.read_bytes())
            checked_plan = read_plan(plan.read_bytes())
        except (EngineError, OSError) as error:
            raise CommandError(str(error)) from None
        found = violations(checked_factory, checked_plan)
        for violation in found[:_SHOWN]:
            self.stdout.write(str(violation))
        if len(found) > _SHOWN:
            self.stdout.write(f"... and {len(found) - _SHOWN} more")
        cost = recompute_cost(checked_factory, checked_plan)
        for part in (*COST_PARTS, "total"):
            self.stdout.write(f"{part:18} {getattr(cost, part):18,.2f} {checked_factory.currency}")
        if found:
            raise CommandError(f"{len(found)} violations")
        self.stdout.write("0 violations")
