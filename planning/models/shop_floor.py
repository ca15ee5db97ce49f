"""What happens on the shop floor beside the calendars: stations that are down."""

from django.db import models
from django.db.models.functions import Coalesce

from inventory.models.fields import NAME, Edited, before, moment_in_calendar
from planning.models.routings import WorkCentre


class Downtime(Edited):
    """A station of a work centre (empty: all of them) is closed in ``[down_from, down_to)``."""

    work_centre = models.ForeignKey(WorkCentre, on_delete=models.CASCADE, related_name="downtimes")
    station = models.PositiveIntegerField(null=True, blank=True)
    down_from = models.DateTimeField("from")
    down_to = models.DateTimeField("to")
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
