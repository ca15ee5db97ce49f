"""The one factory of this database: its planning date, horizon, staffing rules and policy."""

import zoneinfo

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from inventory.models.fields import (
    CODE,
    COUNT_LIMIT,
    DAY,
    DAYS_LIMIT,
    MONEY,
    RATE,
    RATE_LIMIT,
    ZERO,
    Edited,
    before,
    in_calendar,
    not_blank,
    not_negative,
    share,
)
from planning.models.workforce import StaffingDefaults, staffing_rule_limits

SINGLETON_ID = 1


def known_time_zone(value: str) -> None:
    """A name of the time zone database, such as America/Los_Angeles."""
    if value not in zoneinfo.available_timezones():
        raise ValidationError(f"{value!r} is not a time zone; one like America/Los_Angeles is expected.")


class FactorySettings(StaffingDefaults, Edited):
    """One row. ``as_of`` is the planning date: it stays until somebody changes it.

    ``about`` is free text for people and is kept as it came. ``horizon_end`` is exclusive.
    """

    name = models.CharField(**CODE)
    about = models.JSONField(default=dict, blank=True)
    currency = models.CharField(max_length=3, default="USD", validators=[RegexValidator(r"^[A-Z]{3}\Z")])
    time_zone = models.CharField(**CODE | {"validators": [known_time_zone]}, default="UTC")
    as_of = models.DateField("planning date", **DAY)
    horizon_end = models.DateField(**DAY)

    late_cost_rate = models.DecimalField(**RATE, default="0.001")
    late_cost_fixed_rate = models.DecimalField(**RATE, default="0.01")
    holding_rate_per_year = models.DecimalField(**RATE, default="0.15")
    frozen_days = models.PositiveIntegerField(default=0)
    service_level = models.DecimalField(**RATE, default="0.8")

    cash_opening = models.DecimalField(
        "cash at the planning date", **MONEY, null=True, blank=True, help_text="Empty: cash is not planned."
    )
    cash_floor = models.DecimalField("cash to keep", **MONEY, default=ZERO)
    cash_customer_days = models.PositiveIntegerField("days until customers pay", default=0)
    cash_supplier_days = models.PositiveIntegerField("days until suppliers are paid", default=0)

    class Meta:
        verbose_name = "factory"
        verbose_name_plural = "factory"
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=SINGLETON_ID), name="factory_settings_one_factory"),
            not_blank("factory_settings", "name"),
            in_calendar("factory_settings", "as_of"),
            in_calendar("factory_settings", "horizon_end"),
            before("factory_settings", "as_of", "horizon_end"),
            not_negative("factory_settings", "late_cost_rate", limit=RATE_LIMIT),
            not_negative("factory_settings", "late_cost_fixed_rate", limit=RATE_LIMIT),
            not_negative("factory_settings", "holding_rate_per_year", limit=RATE_LIMIT),
            not_negative("factory_settings", "frozen_days", limit=DAYS_LIMIT),
            share("factory_settings", "service_level"),
            not_negative("factory_settings", "max_total_heads", limit=COUNT_LIMIT),
            not_negative("factory_settings", "hiring_budget_per_month"),
            not_negative("factory_settings", "cash_opening"),
            not_negative("factory_settings", "cash_floor"),
            not_negative("factory_settings", "cash_customer_days", limit=DAYS_LIMIT),
            not_negative("factory_settings", "cash_supplier_days", limit=DAYS_LIMIT),
            *staffing_rule_limits("factory_settings"),
        ]

    def __str__(self) -> str:
        return self.name
