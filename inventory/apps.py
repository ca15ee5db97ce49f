"""The inventory app: what exists, what it is made of, what we have and can buy."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    """Lowest of the three apps: it knows nothing of orders or plans."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "inventory"
