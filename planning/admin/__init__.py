"""The admin of planning: the factory's people, machines and calendars, and the plans made from them."""

from planning.admin import (
    access,
    calendars,
    hiring,
    learning,
    plans,
    routings,
    settings,
    shop_floor,
    table_pages,
    work_orders,
    workforce,
)

table_pages.offer_tables()

__all__ = [
    "access",
    "calendars",
    "hiring",
    "learning",
    "plans",
    "routings",
    "settings",
    "shop_floor",
    "work_orders",
    "workforce",
]
