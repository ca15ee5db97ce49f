"""``net_requirements``: bring the material requirements up to date and say what they are; or show an item."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from inventory.models.fields import plain
from planning.errors import PlanningError
from planning.models import RequirementsRun
from planning.selectors.requirements import (
    MESSAGE_CODES,
    ItemRequirements,
    Wanted,
    get_item_requirements,
    list_items,
)
from planning.services.requirements import refresh_requirements

COLUMNS = ("gross", "scheduled", "net", "planned", "releases", "on_hand", "expected")
WIDTH = 12


class Command(BaseCommand):
    help = "Bring the material requirements by week up to date; only what changed is planned again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--full", action="store_true", help="plan every item again")
        parser.add_argument("--item", metavar="CODE", help="show the record of this item")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = refresh_requirements(now=timezone.now(), full=options["full"])
            shown = get_item_requirements(options["item"]) if options["item"] else None
        except PlanningError as error:
            raise CommandError(str(error)) from error
        for line in _summary(run):
            self.stdout.write(line)
        for line in _record(shown) if shown else ():
            self.stdout.write(line)


def _summary(run: RequirementsRun) -> Iterator[str]:
    yield (
        f"{run}, {run.get_kind_display().lower()}: {run.buckets} weeks from {run.as_of}, "
        f"{run.planned_again} of {run.items} items planned again in {run.seconds:.2f} s."
    )
    short = list_items(run, Wanted(short=True)).count()
    yield f"{run.planned_orders} planned orders; {short} items run out; {run.messages} messages:"
    for code in MESSAGE_CODES:
        count = sum(list_items(run, Wanted(message=code)).values_list(code.lower(), flat=True))
        if count:
            yield f"  {code:<24}{count:>8}"
    if run.beyond_horizon:
        yield f"{run.beyond_horizon} requirements lie after the horizon and are not in it."


def _record(shown: ItemRequirements) -> Iterator[str]:
    row = shown.row
    yield ""
    name = f"{row.item} {row.name}".rstrip()
    weeks = f"{shown.lead_weeks} week{'' if shown.lead_weeks == 1 else 's'}"
    yield (
        f"{name} ({row.kind}, {row.uom}): {plain(row.on_hand)} on hand, safety stock "
        f"{plain(shown.safety_stock)}, lead time {weeks}, level {shown.low_level_code}"
    )
    if row.past_due_qty:
        yield f"{plain(row.past_due_qty)} should have been ordered before {shown.run.as_of}."
    yield f"{'week of':<11}" + "".join(f"{name.replace('_', ' '):>{WIDTH}}" for name in COLUMNS)
    for week in shown.weeks:
        values = [getattr(week, name) for name in COLUMNS]
        yield f"{week.start!s:<11}" + "".join(f"{plain(value):>{WIDTH}}" for value in values)
    for message in shown.messages:
        yield f"{message.code}: {message.text} {message.suggestion}"
    if shown.chain:
        links = " > ".join(f"{link.item} ({link.lead_weeks})" for link in shown.chain)
        yield f"Longest chain of lead times, in weeks: {links}"
