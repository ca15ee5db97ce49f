"""Applications of others that are configured here."""

from django.contrib.admin.apps import AdminConfig


class Admin(AdminConfig):
    """The admin, on a site of our own."""

    default_site = "config.admin_site.Site"
