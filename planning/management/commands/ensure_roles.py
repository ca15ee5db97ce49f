"""``manage.py ensure_roles``: the groups of all roles with the permissions of this release."""

from typing import Any

from django.core.management.base import BaseCommand

from planning.services.roles import ensure_roles


class Command(BaseCommand):
    help = "Create the groups sales, planner, production, hr and reader, and give them their permissions."

    def handle(self, *args: Any, **options: Any) -> None:
        for group in ensure_roles():
            self.stdout.write(f"{group.name}: {group.permissions.count()} permissions")
