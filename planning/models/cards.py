"""Hiring decision cards of a plan: worked out after it, block by block, and how far that is."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from inventory.models.fields import CODE, DAY, one_of, positive
from planning.models.results import PlanResult
from planning.models.runs import PlanRun


class CardsStatus(models.TextChoices):
    """waiting -> working -> done; or failed."""

    WAITING = "waiting", "Waiting"
    WORKING = "working", "Being worked out"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class HiringCards(models.Model):
    """The cards of one plan as a job: a worker keeps it until ``lease_until``, as its ``attempt``.
    ``losses``: workers that were lost since the last card.
    """

    run = models.OneToOneField(PlanRun, on_delete=models.CASCADE, related_name="cards")
    status = models.CharField(max_length=8, choices=CardsStatus.choices, default=CardsStatus.WAITING)
    asked_at = models.DateTimeField()
    attempt = models.PositiveIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    failure_reason = models.TextField(blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = "hiring cards"
        constraints = [one_of("hiring_cards", "status", CardsStatus)]
        indexes = [models.Index(fields=["status", "asked_at"], name="hiring_cards_status")]

    def __str__(self) -> str:
        return f"hiring cards of plan {self.run_id}"


class HiringCard(PlanResult):
    """What one block of hires is worth; fields as in the engine's ``HireCard``. Slips are rows of
    {"name", "days", "is_served"}.
    """

    skill = models.CharField(**CODE)
    month = models.CharField(max_length=7)
    heads = models.PositiveIntegerField()
    requisition_by = models.DateField(**DAY)
    decide_by = models.DateField(**DAY)
    worth = models.FloatField()
    money = models.FloatField()
    late_cost = models.FloatField()
    missing_head_months = models.FloatField()
    break_even_cost = models.FloatField()
    slips = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    never_worth = models.FloatField()
    never_slips = models.JSONField(default=list, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "hiring card"
        constraints = [
            models.UniqueConstraint(fields=["run", "skill", "month"], name="hiring_card_once_per_plan"),
            positive("hiring_card", "heads"),
        ]

    def __str__(self) -> str:
        return f"{self.heads} {self.skill} in {self.month} of plan {self.run_id}"
