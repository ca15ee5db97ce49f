"""Hours that finished work took, from which the learning rate is fitted again."""

from django.db import models

from inventory.models import Item
from inventory.models.fields import CODE, COUNT_LIMIT, DAY, HOURS, Edited, in_calendar, not_blank, positive
from planning.models.workforce import Skill


class LabourReport(Edited):
    """``hours`` of labour, setups left out, that people of a skill worked on ``units`` of an item, which
    finished as a work order when ``units_before`` had been made.
    """

    work_order = models.CharField(**CODE)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="labour_reports")
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="labour_reports")
    units_before = models.PositiveIntegerField()
    units = models.PositiveIntegerField()
    hours = models.DecimalField(**HOURS)
    finished_on = models.DateField(**DAY)

    class Meta:
        verbose_name = "labour report"
        constraints = [
            models.UniqueConstraint(
                fields=["work_order", "skill"],
                name="labour_report_once_per_work_order",
                violation_error_message="There is a report of this skill on this work order already.",
            ),
            not_blank("labour_report", "work_order"),
            positive("labour_report", "units", limit=COUNT_LIMIT),
            models.CheckConstraint(
                condition=models.Q(units_before__gte=0, units_before__lte=COUNT_LIMIT),
                name="labour_report_units_before_in_range",
                violation_error_message=f"units_before: a number from 0 to {COUNT_LIMIT} is expected.",
            ),
            positive("labour_report", "hours"),
            in_calendar("labour_report", "finished_on"),
        ]

    def __str__(self) -> str:
        return f"{self.work_order} by {self.skill}"
