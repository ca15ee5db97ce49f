"""The orders app: what customers asked for, and what they were promised."""

from django.apps import AppConfig


class OrdersConfig(AppConfig):
    """Stands on inventory and works with planning switched off."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "orders"
