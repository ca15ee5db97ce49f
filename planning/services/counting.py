"""Cycle counts of a class: what the plan spends most on is counted most often."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from inventory.models import CycleCount
from inventory.models.fields import ZERO
from inventory.selectors import items_to_count
from inventory.services import open_count
from planning.selectors.abc import list_abc
from planning.selectors.runs import get_built_run


@transaction.atomic
def open_count_of_class(
    *,
    version: int,
    abc_class: str,
    now: dt.datetime,
    not_counted_days: int | None = None,
    location: str | None = None,
    tolerance: Decimal = ZERO,
    note: str = "",
    by: Any = None,
) -> CycleCount:
    """A draft of a sheet of all that is in stock of one class, of what was not counted for so many days."""
    run = get_built_run(version)
    due = items_to_count(now=now, not_counted_days=not_counted_days)
    wanted = {row.item_id for row in list_abc(run, now=now) if row.abc_class == abc_class}
    return open_count(
        item_ids=due & wanted,
        location=location,
        tolerance=tolerance,
        note=note or f"Class {abc_class} of plan {version}",
        now=now,
        by=by,
    )
