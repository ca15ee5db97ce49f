"""The sidebar of the admin: what sales, planners, production and human resources work with."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.http import HttpRequest
from django.urls import reverse_lazy

from config.rest.roles import HR, SALES, SEES_BILLS, roles_of


def _may_see(app: str, model: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.has_perm(f"{app}.view_{model}")


def _list(title: str, icon: str, app: str, model: str) -> dict[str, Any]:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model}_changelist"),
        "permission": _may_see(app, model),
    }


def _page(title: str, icon: str, name: str, roles: Collection[str]) -> dict[str, Any]:
    def may_open(request: HttpRequest) -> bool:
        user = request.user
        return bool(user.is_superuser) or bool(roles_of(user) & set(roles))

    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{name}"),
        "permission": may_open,
    }


def _list_page(title: str, icon: str, app: str, model: str, page: str) -> dict[str, Any]:
    """A page that belongs to a list, for whoever may see its rows."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{app}_{model}_{page}"),
        "permission": _may_see(app, model),
    }


def _marked(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One entry is marked as the page that is open: of those below which it lies, the nearest."""
    links = [item["link"] for group in groups for item in group["items"]]

    def is_nearest(link: Any) -> Callable[[HttpRequest], bool]:
        def is_open(request: HttpRequest) -> bool:
            above = [str(each) for each in links if request.path.startswith(str(each))]
            return str(link) == max(above, key=len, default=None)

        return is_open

    for group in groups:
        for item in group["items"]:
            item["active"] = is_nearest(item["link"])
    return groups


def navigation() -> list[dict[str, Any]]:
    """Groups of lists; an entry is shown to whoever may see its rows."""
    return _marked(_groups())


def _groups() -> list[dict[str, Any]]:
    return [
        {
            "title": "Sales",
            "items": [
                _list("Sales orders", "receipt_long", "orders", "salesorder"),
                _list("Customers", "group", "orders", "customer"),
                _list("Promises made", "event_available", "orders", "deliverypromise"),
            ],
        },
        {
            "title": "Planning",
            "items": [
                _list("Plans", "event_note", "planning", "planrun"),
                _list("Factory", "factory", "planning", "factorysettings"),
                _list("Calendars", "calendar_month", "planning", "workcalendar"),
            ],
        },
        {
            "title": "Production",
            "items": [
                _list("Work orders", "build", "planning", "workorder"),
                _list("Firm planned orders", "push_pin", "planning", "firmorder"),
                _list("Pinned operations", "keep", "planning", "pinnedoperation"),
                _list("Downtimes", "build_circle", "planning", "downtime"),
                _list("Work centres", "precision_manufacturing", "planning", "workcentre"),
                _list("Operations", "account_tree", "planning", "operation"),
            ],
        },
        {
            "title": "Materials",
            "items": [
                _list("Items", "category", "inventory", "item"),
                _list("Bills of materials", "list_alt", "inventory", "billofmaterials"),
                _list("Where used", "hub", "inventory", "bomline"),
                _list_page("Stock on hand", "inventory", "inventory", "stockmovement", "on_hand"),
                _list("Stock ledger", "inventory_2", "inventory", "stockmovement"),
                _list("Cycle counts", "fact_check", "inventory", "cyclecount"),
                _page(
                    "Material requirements",
                    "view_week",
                    "planning_requirements",
                    {*SEES_BILLS, SALES},
                ),
                _page("Purchase proposals", "add_shopping_cart", "planning_planrun_proposals", SEES_BILLS),
                _list("Purchase orders", "shopping_cart", "inventory", "purchaseorder"),
                _list("Suppliers", "local_shipping", "inventory", "supplier"),
                _list("Sources", "sell", "inventory", "itemsource"),
                _list("Units", "straighten", "inventory", "unitofmeasure"),
                _page("Tables", "table_view", "planning_tables", {*SEES_BILLS, SALES, HR}),
                _page("Data checks", "rule", "planning_data_checks", SEES_BILLS),
            ],
        },
        {
            "title": "People",
            "items": [
                _list("Skills", "badge", "planning", "skill"),
                _list("Ways to another skill", "swap_horiz", "planning", "crosstraining"),
                _list("Hiring decisions", "how_to_reg", "planning", "hiringdecision"),
                _list("Hiring budgets", "savings", "planning", "hiringbudget"),
                _list("Labour reports", "timer", "planning", "labourreport"),
                _list("Absences", "event_busy", "planning", "absence"),
            ],
        },
        {
            "title": "Access",
            "collapsible": True,
            "items": [
                _list("Users", "person", "auth", "user"),
                _list("Roles", "shield_person", "auth", "group"),
            ],
        },
    ]
