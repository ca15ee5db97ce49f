"""What is known and decided of hiring: raises, ways from one skill to another, budgets, decisions on hires.

A month is text, "2011-03", as in the formats.
"""

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from inventory.models.fields import (
    COUNT_LIMIT,
    DAY,
    MONEY,
    NAME,
    ONE,
    RATE,
    WEEKS_LIMIT,
    ZERO,
    Edited,
    in_calendar,
    not_negative,
    one_of,
    positive,
    share,
)
from planning.models.workforce import Skill

_MONTH = "(19[7-9][0-9]|20[0-9][0-9])-(0[1-9]|1[0-2])"
MONTH: dict[str, Any] = {
    "max_length": 7,
    "validators": [RegexValidator(rf"\A{_MONTH}\Z", "A month as YYYY-MM, 1970-01 to 2099-12, is expected.")],
}


def is_month(row: str, column: str) -> models.CheckConstraint:
    """A month of the years that the formats know."""
    return models.CheckConstraint(
        condition=models.Q(**{f"{column}__regex": f"^{_MONTH}$"}),
        name=f"{row}_{column}_is_month",
        violation_error_message=f"{column}: a month as YYYY-MM is expected.",
    )


class SkillRaise(Edited):
    """From a day on an hour of the skill costs ``wage_per_hour``."""

    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="raises")
    raised_from = models.DateField("from", **DAY)
    wage_per_hour = models.DecimalField(**MONEY)

    class Meta:
        verbose_name = "raise"
        constraints = [
            models.UniqueConstraint(fields=["skill", "raised_from"], name="skill_raise_once_per_day"),
            in_calendar("skill_raise", "raised_from"),
            not_negative("skill_raise", "wage_per_hour"),
        ]

    def __str__(self) -> str:
        return f"{self.skill} from {self.raised_from}"


class CrossTraining(Edited):
    """A way from one skill to another: up to ``max_per_month`` people change on the first day of a month.

    For ``weeks`` they give ``productivity`` of a trained head's hours; ``cost`` each.
    """

    from_skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="ways_out")
    to_skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="ways_in")
    max_per_month = models.PositiveIntegerField()
    weeks = models.DecimalField(**RATE, default=ZERO)
    productivity = models.DecimalField(**RATE, default=ONE)
    cost = models.DecimalField(**MONEY, default=ZERO)

    class Meta:
        verbose_name = "way to another skill"
        verbose_name_plural = "ways to another skill"
        constraints = [
            models.UniqueConstraint(fields=["from_skill", "to_skill"], name="cross_training_once_per_way"),
            models.CheckConstraint(
                condition=~models.Q(from_skill=models.F("to_skill")),
                name="cross_training_to_another_skill",
                violation_error_message="to_skill: another skill is expected.",
            ),
            positive("cross_training", "max_per_month", limit=COUNT_LIMIT),
            not_negative("cross_training", "weeks", limit=WEEKS_LIMIT),
            share("cross_training", "productivity"),
            not_negative("cross_training", "cost"),
        ]

    def __str__(self) -> str:
        return f"{self.from_skill} to {self.to_skill}"


class HiringBudget(Edited):
    """The most money for hires and courses in one month, in place of the factory's own."""

    month = models.CharField(**MONTH, unique=True)
    amount = models.DecimalField(**MONEY)

    class Meta:
        verbose_name = "hiring budget"
        constraints = [is_month("hiring_budget", "month"), not_negative("hiring_budget", "amount")]

    def __str__(self) -> str:
        return self.month


class Verdict(models.TextChoices):
    """What was decided: at least so many come, exactly so many, or none."""

    APPROVED = "approved", "Approved"
    LOCKED = "locked", "Locked"
    REFUSED = "refused", "Refused"


class HiringDecision(Edited):
    """What somebody decided on the hires of a skill in a month, by whom and when (null: from a file)."""

    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="hiring_decisions")
    month = models.CharField(**MONTH)
    heads = models.PositiveIntegerField()
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    note = models.CharField(**NAME)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    decided_at = models.DateTimeField(editable=False)

    class Meta:
        verbose_name = "hiring decision"
        constraints = [
            models.UniqueConstraint(
                fields=["skill", "month"],
                name="hiring_decision_once_per_month",
                violation_error_message="There is a decision on this skill and month already.",
            ),
            is_month("hiring_decision", "month"),
            not_negative("hiring_decision", "heads", limit=COUNT_LIMIT),
            one_of("hiring_decision", "verdict", Verdict),
            models.CheckConstraint(
                condition=~models.Q(verdict=Verdict.APPROVED) | models.Q(heads__gt=0),
                name="hiring_decision_approved_has_heads",
                violation_error_message="heads: at least 1 of what is approved is expected.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.skill} {self.month}: {self.heads} {self.verdict}"
