"""Work centres, and the operations by which an item is made."""

from django.db import models

from inventory.models import Item
from inventory.models.fields import (
    CODE,
    COUNT_LIMIT,
    DAYS_LIMIT,
    HOURS,
    HOURS_LIMIT,
    MONEY,
    NAME,
    ONE,
    QTY,
    RATE,
    RATE_LIMIT,
    ZERO,
    Edited,
    not_blank,
    not_negative,
    positive,
)
from planning.models.calendars import WorkCalendar
from planning.models.workforce import Skill


class WorkCentre(Edited):
    """Parallel, identical ``stations``; ``batch`` units share one unattended station cycle."""

    code = models.CharField(**CODE, unique=True)
    name = models.CharField(**NAME)
    stations = models.PositiveIntegerField(default=1)
    calendar = models.ForeignKey(WorkCalendar, on_delete=models.PROTECT, related_name="work_centres")
    batch = models.DecimalField(**QTY, default=ONE)
    efficiency = models.DecimalField(**RATE, default=ONE)
    cost_per_hour = models.DecimalField(**MONEY, default=ZERO)

    class Meta:
        verbose_name = "work centre"
        constraints = [
            not_blank("work_centre", "code"),
            not_negative("work_centre", "stations", limit=COUNT_LIMIT),
            positive("work_centre", "batch"),
            positive("work_centre", "efficiency", limit=RATE_LIMIT),
            not_negative("work_centre", "cost_per_hour"),
        ]

    def __str__(self) -> str:
        return self.code


class Operation(Edited):
    """One step of an item's routing, done in order of ``seq``.

    In house: on a work centre, ``crew`` people of ``skill`` for ``setup_h`` + ``run_h`` per unit.
    Subcontracted: ``external_days`` of elapsed time and no work centre.
    """

    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="operations")
    seq = models.PositiveIntegerField()
    name = models.CharField(**NAME)
    work_centre = models.ForeignKey(
        WorkCentre, on_delete=models.PROTECT, null=True, blank=True, related_name="operations"
    )
    skill = models.ForeignKey(
        Skill, on_delete=models.PROTECT, null=True, blank=True, related_name="operations"
    )
    crew = models.PositiveIntegerField(default=1)
    setup_h = models.DecimalField(**HOURS, default=ZERO)
    run_h = models.DecimalField(**HOURS, default=ZERO)
    lot = models.DecimalField(**QTY, default=ONE)
    unattended_h = models.DecimalField(**HOURS, default=ZERO)
    setup_family = models.CharField(**CODE, null=True, blank=True)
    overlap = models.BooleanField(default=False)
    queue_h = models.DecimalField(**HOURS, default=ZERO)
    external_days = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "seq"], name="operation_seq_once_per_item"),
            models.CheckConstraint(
                condition=models.Q(work_centre__isnull=False, external_days__isnull=True)
                | models.Q(work_centre__isnull=True, external_days__isnull=False),
                name="operation_in_house_or_external",
                violation_error_message="Either a work centre or external_days is expected, not both.",
            ),
            not_negative("operation", "seq"),
            positive("operation", "crew", limit=COUNT_LIMIT),
            not_negative("operation", "setup_h", limit=HOURS_LIMIT),
            not_negative("operation", "run_h", limit=HOURS_LIMIT),
            positive("operation", "lot"),
            not_negative("operation", "unattended_h", limit=HOURS_LIMIT),
            not_negative("operation", "queue_h", limit=HOURS_LIMIT),
            not_negative("operation", "external_days", limit=DAYS_LIMIT),
            models.CheckConstraint(
                condition=models.Q(setup_family__isnull=True) | ~models.Q(setup_family=""),
                name="operation_setup_family_not_blank",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} / {self.seq}"


class OperationAlternate(Edited):
    """Another work centre that can do the operation, ``speed`` times as fast."""

    operation = models.ForeignKey(Operation, on_delete=models.CASCADE, related_name="alternates")
    work_centre = models.ForeignKey(WorkCentre, on_delete=models.PROTECT, related_name="alternate_for")
    speed = models.DecimalField(**RATE, default=ONE)

    class Meta:
        verbose_name = "alternate work centre"
        constraints = [
            models.UniqueConstraint(
                fields=["operation", "work_centre"], name="operation_alternate_work_centre_once"
            ),
            positive("operation_alternate", "speed", limit=RATE_LIMIT),
        ]

    def __str__(self) -> str:
        return f"{self.operation} on {self.work_centre}"


class SetupTime(Edited):
    """Replaces ``setup_h`` when a station changes from one setup family to another."""

    work_centre = models.ForeignKey(WorkCentre, on_delete=models.CASCADE, related_name="setup_times")
    from_family = models.CharField(**CODE)
    to_family = models.CharField(**CODE)
    hours = models.DecimalField(**HOURS)

    class Meta:
        verbose_name = "setup time"
        constraints = [
            models.UniqueConstraint(
                fields=["work_centre", "from_family", "to_family"], name="setup_time_once_per_change"
            ),
            not_blank("setup_time", "from_family"),
            not_blank("setup_time", "to_family"),
            not_negative("setup_time", "hours", limit=HOURS_LIMIT),
        ]

    def __str__(self) -> str:
        return f"{self.work_centre}: {self.from_family} to {self.to_family}"
