"""One Django group per role, with the permissions that its work in the admin needs and no more.

What a role may do over the API, and with orders and plans, stands in ``config.rest.roles``.

``ensure_roles`` may run at any time; it adds what a release brought and takes nothing away that
an administrator gave.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db import transaction

from config.rest.roles import HR, PLANNER, PRODUCTION, READER, ROLES, SALES

_MASTER = {
    "inventory": [
        "unitofmeasure",
        "item",
        "billofmaterials",
        "bomline",
        "bomsubstitute",
        "byproduct",
        "supplier",
        "itemsource",
        "pricebreak",
        "purchaseorder",
        "purchaseorderline",
    ],
    "planning": [
        "workcalendar",
        "shift",
        "closure",
        "extrashift",
        "itemleadtimecalendar",
        "skill",
        "skillratio",
        "skillramp",
        "skillraise",
        "skillshift",
        "labourreport",
        "crosstraining",
        "hiringbudget",
        "hiringdecision",
        "workcentre",
        "operation",
        "operationalternate",
        "setuptime",
        "workorder",
        "firmorder",
        "downtime",
        "absence",
        "pinnedoperation",
        "sourceleadtimecalendar",
        "factorysettings",
    ],
}
_RESULTS = [
    "planrun",
    "plannedorder",
    "plannedoperation",
    "staffingmonth",
    "skillchange",
    "labourweek",
    "labourshift",
    "cashmonth",
    "loadweek",
    "pegging",
    "planpromise",
    "planexception",
]
_ORDERS = ["customer", "salesorder", "orderline", "instalment", "milestone", "deliverypromise"]
# Sums of money that are for those who see wages.
_MONEY = ["planning.skillraise", "planning.hiringbudget", "planning.cashmonth"]
_EVERYTHING = [
    *(f"{app}.{model}" for app, models in _MASTER.items() for model in models),
    *(f"inventory.{model}" for model in ("stockmovement", "cyclecount", "cyclecountline")),
    *(f"planning.{model}" for model in _RESULTS),
    *(f"orders.{model}" for model in _ORDERS),
]


def _allow(acts: str, names: Iterable[str]) -> set[str]:
    """Permissions as Django names them: ``orders.add_salesorder``."""
    pairs = [name.split(".") for name in names]
    return {f"{app}.{act}_{model}" for act in acts.split() for app, model in pairs}


def permissions_of(role: str) -> set[str]:
    """Everything that a role may do."""
    everything = _allow("view", _EVERYTHING)
    planned = [f"{app}.{model}" for app, models in _MASTER.items() for model in models]
    people = [f"planning.{name}" for name in ("skill", "skillratio", "skillramp", "skillraise", "skillshift")]
    people += ["planning.crosstraining", "planning.hiringdecision"]
    open_to_all = everything - _allow("view", _MONEY)
    sold = ["orders.customer", "orders.salesorder", "orders.orderline"]
    return {
        SALES: _allow("view", [*(f"orders.{model}" for model in _ORDERS), "inventory.item"])
        | _allow("add change", sold)
        | _allow("add change delete", ["orders.milestone"]),
        PLANNER: everything
        | _allow("add change delete", planned)
        | _allow("add change", ["planning.planrun"])
        | _allow("add", ["inventory.stockmovement"]),
        PRODUCTION: open_to_all
        | _allow("add change", ["planning.workorder"])
        | _allow("add change delete", ["planning.downtime", "planning.absence", "planning.labourreport"])
        | _allow("add", ["inventory.stockmovement"]),
        HR: _allow(
            "view",
            [*people, "planning.absence", "planning.workcalendar", "planning.shift", "planning.closure"],
        )
        | _allow("view", ["planning.extrashift", "planning.factorysettings", "planning.hiringbudget"])
        | _allow("view", [f"planning.{model}" for model in _RESULTS])
        | _allow("add change delete", people),
        READER: open_to_all,
    }[role]


# What an earlier release gave a role: taken back, while what an administrator added stays.
_WITHDRAWN = {
    PRODUCTION: _allow("add change", ["inventory.purchaseorder", "inventory.purchaseorderline"]),
}


@transaction.atomic
def ensure_roles() -> list[Group]:
    """Create the groups of all roles and give them their permissions. Safe to repeat."""
    known = {
        f"{row.content_type.app_label}.{row.codename}": row
        for row in Permission.objects.select_related("content_type").filter(
            content_type__app_label__in=["inventory", "orders", "planning"]
        )
    }
    groups = []
    for role in ROLES:
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.add(*(known[name] for name in sorted(permissions_of(role))))
        group.permissions.remove(*(known[name] for name in sorted(_WITHDRAWN.get(role, ()))))
        groups.append(group)
    return groups


@transaction.atomic
def create_role_user(*, role: str, username: str, password: str) -> Any:
    """A login of one role; the one that is there gets the new password and exactly this role."""
    if role not in ROLES:
        raise ValueError(f"One of the roles {', '.join(ROLES)} is expected, not {role}.")
    ensure_roles()
    user, _ = get_user_model().objects.get_or_create(username=username)
    user.set_password(password)
    user.is_active = user.is_staff = True
    user.save()
    user.groups.set([Group.objects.get(name=role)])
    return user
