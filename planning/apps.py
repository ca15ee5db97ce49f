"""The planning app: calendars, people, work centres, plans."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    """Top of the three apps: it calls down into orders and inventory, never the other way."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "planning"
