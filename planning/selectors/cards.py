"""Hiring decision cards of a plan, the most urgent first, and what was decided on each since."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from planning.models import HiringCard, HiringCards, HiringDecision


def list_cards(version: int) -> "QuerySet[HiringCard]":
    """Cards by the day on which they must be decided; of those, what is worth most first."""
    return HiringCard.objects.filter(run=version).order_by("decide_by", "-never_worth", "skill", "month")


def find_cards(version: int) -> HiringCards | None:
    """How far the cards of a plan are; None where nobody asked for them."""
    return HiringCards.objects.filter(run=version).first()


def add_decisions(cards: Iterable[Any]) -> None:
    """Set ``decision`` on each card: the ``HiringDecision`` on its skill and month, or None. 1 query."""
    rows = HiringDecision.objects.select_related("skill", "decided_by")
    decided = {(row.skill.code, row.month): row for row in rows}
    for card in cards:
        card.decision = decided.get((card.skill, card.month))
