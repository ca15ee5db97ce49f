"""Hours of finished work: reported, and the learning rate that they tell taken over."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import transaction

from inventory.models import Item
from planning.errors import NoFittedRate
from planning.models import LabourReport, Skill
from planning.selectors.learning import LearningRate, list_learning_rates
from planning.services.entries import refuse
from planning.services.shop_floor import enter


@transaction.atomic
def report_labour(
    *,
    work_order: str,
    item: str,
    skill: str,
    units_before: int,
    units: int,
    hours: Decimal,
    finished_on: dt.date,
    by: Any = None,
) -> LabourReport:
    """Labour hours of a skill on a finished work order."""
    known, made = Skill.objects.filter(code=skill).first(), Item.objects.filter(code=item).first()
    if known is None:
        raise refuse("skill", f"There is no skill {skill}.")
    if made is None:
        raise refuse("item", f"There is no item {item}.")
    row = LabourReport(
        work_order=work_order,
        item=made,
        skill=known,
        units_before=units_before,
        units=units,
        hours=hours,
        finished_on=finished_on,
    )
    return enter(row, by)


@transaction.atomic
def take_over_rate(*, skill: str, item: str | None = None, by: Any = None) -> LearningRate:
    """Make the rate that reports on ``item`` (None: the item with most units reported) tell the one that the
    next plan uses for the skill. Raises ``InvalidEntry``, and ``NoFittedRate`` where they tell none.
    """
    row = Skill.objects.select_for_update(of=("self",)).filter(code=skill).first()
    if row is None:
        raise refuse("skill", f"There is no skill {skill}.")
    found = [each for each in list_learning_rates(skill) if each.fitted and item in {None, each.item}]
    if not found:
        of_item = "" if item is None else f" of {item}"
        raise NoFittedRate(
            f"Reports{of_item} tell no learning rate of {skill}: two different lots are needed."
        )
    best = max(found, key=lambda each: each.units)
    rate = Decimal(str(best.rate))
    if row.learning_rate != rate:
        row.learning_rate, row.changed_by = rate, by
        row.version += 1
        row.save()
    return next(each for each in list_learning_rates(skill) if each.item == best.item)
