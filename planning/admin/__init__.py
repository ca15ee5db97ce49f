"""The admin of planning: the factory's people, machines and calendars, and the plans made from them."""

from planning.admin import access, calendars, plans, routings, settings, work_orders, workforce

__all__ = ["access", "calendars", "plans", "routings", "settings", "work_orders", "workforce"]
