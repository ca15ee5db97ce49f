"""What happens on the shop floor beside the calendars: stations that are down, people who are not there,
operations that a planner has pinned.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce

from inventory.models.fields import (
    COUNT_LIMIT,
    DAY,
    NAME,
    QTY,
    Edited,
    before,
    in_calendar,
    moment_in_calendar,
    not_negative,
    positive,
)
from planning.models.routings import WorkCentre
from planning.models.work_orders import FirmOrder, WorkOrder
from planning.models.workforce import Skill


def whole_minute(value: dt.datetime) -> None:
    """Plans are made of whole minutes."""
    if value.second or value.microsecond:
        raise ValidationError("A whole minute is expected.", code="whole_minute")


class Downtime(Edited):
    """A station of a work centre (empty: all of them) is closed in ``[down_from, down_to)``."""

    work_centre = models.ForeignKey(WorkCentre, on_delete=models.CASCADE, related_name="downtimes")
    station = models.PositiveIntegerField(null=True, blank=True)
    down_from = models.DateTimeField("from", validators=[whole_minute])
    down_to = models.DateTimeField("to", validators=[whole_minute])
    name = models.CharField(**NAME)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "work_centre",
                Coalesce("station", 0),
                "down_from",
                name="downtime_once_per_station",
                violation_error_message="There is a downtime of this station from this moment already.",
            ),
            moment_in_calendar("downtime", "down_from"),
            moment_in_calendar("downtime", "down_to"),
            before("downtime", "down_from", "down_to"),
            models.CheckConstraint(
                condition=models.Q(station__isnull=True) | models.Q(station__gt=0),
                name="downtime_station_positive",
                violation_error_message="station: a number above 0 is expected.",
            ),
        ]

    def __str__(self) -> str:
        station = f" station {self.station}" if self.station else ""
        return f"{self.work_centre}{station} down from {self.down_from:%Y-%m-%d %H:%M} {self.name}".rstrip()


class Absence(Edited):
    """``heads`` of a skill are paid but not there on its open days in ``[absent_from, absent_to)``."""

    skill = models.ForeignKey(Skill, on_delete=models.CASCADE, related_name="absences")
    heads = models.DecimalField(**QTY)
    absent_from = models.DateField("from", **DAY)
    absent_to = models.DateField("to", **DAY, help_text="The first day on which they are there again.")
    name = models.CharField(**NAME)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["skill", "absent_from", "name"], name="absence_once_per_name"),
            positive("absence", "heads", limit=COUNT_LIMIT),
            in_calendar("absence", "absent_from"),
            in_calendar("absence", "absent_to"),
            before("absence", "absent_from", "absent_to"),
        ]

    def __str__(self) -> str:
        return f"{self.heads.normalize():f} {self.skill} absent from {self.absent_from} {self.name}".rstrip()


class PinnedOperation(Edited):
    """Operation ``seq`` of a released or firm order starts at ``start``, on ``work_centre`` (empty: the
    routing's) and ``station`` (empty: any). It goes with its order.
    """

    work_order = models.ForeignKey(
        WorkOrder, on_delete=models.CASCADE, null=True, blank=True, related_name="pins"
    )
    firm_order = models.ForeignKey(
        FirmOrder, on_delete=models.CASCADE, null=True, blank=True, related_name="pins"
    )
    seq = models.PositiveIntegerField("operation")
    start = models.DateTimeField(validators=[whole_minute])
    work_centre = models.ForeignKey(
        WorkCentre, on_delete=models.CASCADE, null=True, blank=True, related_name="pins"
    )
    station = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = "pinned operation"
        constraints = [
            models.UniqueConstraint(
                fields=["work_order", "seq"], name="pinned_operation_once_per_work_order"
            ),
            models.UniqueConstraint(
                fields=["firm_order", "seq"], name="pinned_operation_once_per_firm_order"
            ),
            models.CheckConstraint(
                condition=models.Q(work_order__isnull=False, firm_order__isnull=True)
                | models.Q(work_order__isnull=True, firm_order__isnull=False),
                name="pinned_operation_of_one_order",
                violation_error_message="Either a work order or a firm planned order is expected.",
            ),
            not_negative("pinned_operation", "seq"),
            moment_in_calendar("pinned_operation", "start"),
            models.CheckConstraint(
                condition=models.Q(station__isnull=True) | models.Q(station__gt=0),
                name="pinned_operation_station_positive",
                violation_error_message="station: a number above 0 is expected.",
            ),
        ]

    @property
    def order(self) -> WorkOrder | FirmOrder:
        """The order that it is of; select both along."""
        order = self.work_order or self.firm_order
        assert order is not None  # noqa: S101 - a constraint
        return order

    def __str__(self) -> str:
        return f"{self.order.ref}/{self.seq}"
