"""When work is done: shifts by weekday, closures, extra shifts. Clock times are the factory's own."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from inventory.models import Item, ItemSource
from inventory.models.fields import CODE, DAY, NAME, Edited, before, in_calendar, not_blank


class WorkCalendar(Edited):
    """The open hours of machines or people."""

    code = models.CharField(**CODE, unique=True)

    class Meta:
        verbose_name = "calendar"
        constraints = [not_blank("work_calendar", "code")]

    def __str__(self) -> str:
        return self.code


def weekdays(value: Any) -> None:
    """A list of different numbers from 0 (Monday) to 6."""
    is_list = isinstance(value, list) and bool(value)
    if not is_list or any(type(day) is not int or not 0 <= day <= 6 for day in value):
        raise ValidationError("A list of days from 0 (Monday) to 6 is expected.", code="weekdays")
    if len(set(value)) != len(value):
        raise ValidationError("A day is listed twice.", code="weekdays")


class Shift(Edited):
    """Open from ``start`` to ``end`` on ``days`` (0 = Monday).

    An ``end`` at or before ``start`` runs past midnight and belongs to the day it starts on.
    """

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="shifts")
    days = models.JSONField(validators=[weekdays])
    start = models.TimeField()
    end = models.TimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "days", "start", "end"], name="shift_once_per_calendar"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.days} {self.start:%H:%M}-{self.end:%H:%M}"


class Closure(Edited):
    """Closed in ``[closed_from, closed_to)``."""

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="closures")
    closed_from = models.DateField(**DAY)
    closed_to = models.DateField(**DAY)
    name = models.CharField(**NAME)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "closed_from", "closed_to", "name"], name="closure_once_per_calendar"
            ),
            in_calendar("closure", "closed_from"),
            in_calendar("closure", "closed_to"),
            before("closure", "closed_from", "closed_to"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} closed {self.closed_from} to {self.closed_to} {self.name}".rstrip()


class ExtraShift(Edited):
    """Open on one date, even when the calendar is closed that day."""

    calendar = models.ForeignKey(WorkCalendar, on_delete=models.CASCADE, related_name="extra_shifts")
    date = models.DateField(**DAY)
    start = models.TimeField()
    end = models.TimeField()

    class Meta:
        verbose_name = "extra shift"
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "date", "start", "end"], name="extra_shift_once_per_calendar"
            ),
            in_calendar("extra_shift", "date"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} {self.date} {self.start:%H:%M}-{self.end:%H:%M}"


class ItemLeadTimeCalendar(Edited):
    """The calendar in which an item's lead time counts; without one, calendar days."""

    item = models.OneToOneField(Item, on_delete=models.CASCADE, related_name="lead_time_calendar")
    calendar = models.ForeignKey(WorkCalendar, on_delete=models.PROTECT, related_name="lead_time_items")

    class Meta:
        verbose_name = "lead time calendar"

    def __str__(self) -> str:
        return f"{self.item}: {self.calendar}"


class SourceLeadTimeCalendar(Edited):
    """The calendar in which a source's lead time counts; without one, calendar days."""

    source = models.OneToOneField(ItemSource, on_delete=models.CASCADE, related_name="lead_time_calendar")
    calendar = models.ForeignKey(WorkCalendar, on_delete=models.PROTECT, related_name="lead_time_sources")

    class Meta:
        verbose_name = "lead time calendar of a source"

    def __str__(self) -> str:
        return f"{self.source}: {self.calendar}"
