"""Customers."""

from django.contrib import admin

from inventory.admin.base import EditedAdmin
from orders.models import Customer


@admin.register(Customer)
class CustomerAdmin(EditedAdmin):
    list_display = ["code", "name", "priority"]
    search_fields = ["code", "name"]
    list_filter = ["priority"]
    ordering = ["code"]
