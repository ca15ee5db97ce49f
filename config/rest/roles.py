"""Who may do what: one table for every address and method of the API.

A role is a Django group; a person may have several and may do what any of them may. Superusers may
do everything. What is not in the table is refused. ``python -m config.rest.roles`` prints docs/roles.md.
"""

from dataclasses import dataclass
from typing import Any

SALES, PLANNER, PRODUCTION, HR, READER = "sales", "planner", "production", "hr", "reader"
ROLES = (SALES, PLANNER, PRODUCTION, HR, READER)
EVERY_ROLE = frozenset(ROLES)
# Wages, the cost of labour, and the totals from which it could be worked out.
SEES_WAGES = frozenset({HR, PLANNER})
# What things are made of and cost: sales knows items and prices.
SEES_BILLS = (PLANNER, PRODUCTION, READER)

ROLE_WORDS = {
    SALES: "enters and confirms orders, reads delivery dates",
    PLANNER: "builds, compares and publishes plans, places purchase orders, sees what labour costs",
    PRODUCTION: "reads what to make, where and when; receives, moves and counts stock",
    HR: "reads heads, hires and what they cost, decides on hires",
    READER: "reads everything but wages, changes nothing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """``roles`` may call ``method`` of the address named ``route``, which ``does`` something."""

    route: str
    method: str
    address: str
    does: str
    roles: frozenset[str]


def _read(route: str, address: str, does: str) -> Right:
    return Right(route=route, method="GET", address=address, does=does, roles=EVERY_ROLE)


def _read_by(route: str, address: str, does: str, *roles: str) -> Right:
    return Right(route=route, method="GET", address=address, does=does, roles=frozenset(roles))


def _look(route: str, address: str, does: str, *others: str) -> Right:
    """For those who work with material."""
    return _read_by(route, address, does, PLANNER, PRODUCTION, READER, *others)


def _act(route: str, address: str, does: str, *roles: str) -> Right:
    return Right(route=route, method="POST", address=address, does=does, roles=frozenset(roles))


def _remove(route: str, address: str, does: str, *roles: str) -> Right:
    return Right(route=route, method="DELETE", address=address, does=does, roles=frozenset(roles))


TABLE = (
    _act("token-list", "/tokens/", "make a token for a program, once signed in", *ROLES),
    _read("order-list", "/orders/", "list orders"),
    _act("order-list", "/orders/", "enter an order", SALES),
    _read("order-detail", "/orders/{ref}/", "read an order"),
    _read("order-delivery-dates", "/orders/{ref}/delivery-dates/", "read the dates the customer was given"),
    _act("order-confirm", "/orders/{ref}/confirm/", "turn a quote into demand", SALES),
    _act("order-hold", "/orders/{ref}/hold/", "take an order out of planning for a while", SALES, PLANNER),
    _act("order-release", "/orders/{ref}/release/", "let planning have it again", SALES, PLANNER),
    _act("order-cancel", "/orders/{ref}/cancel/", "end an order", SALES),
    _read("plan-list", "/plans/", "list plans"),
    _act("plan-list", "/plans/", "request a plan", PLANNER),
    _read("plan-current", "/plans/current/", "read the published plan"),
    _read("plan-detail", "/plans/{version}/", "read a plan: progress, cost, certificate"),
    _act("plan-cancel", "/plans/{version}/cancel/", "stop a build", PLANNER),
    _act("plan-finish", "/plans/{version}/finish/", "end a build with the best plan so far", PLANNER),
    Right(
        route="plan-publish-preview",
        method="GET",
        address="/plans/{version}/publish-preview/",
        does="see which promised dates would move",
        roles=frozenset({SALES, PLANNER}),
    ),
    _act("plan-publish", "/plans/{version}/publish/", "make its dates the promised dates", PLANNER),
    _read("plan-compare", "/plans/{version}/compare/{other}/", "see what differs between two plans"),
    _read("plan-planned-orders", "/plans/{version}/planned-orders/", "read what to make and buy"),
    _read("plan-operations", "/plans/{version}/operations/", "read operations by station"),
    _read("plan-staffing", "/plans/{version}/staffing/", "read heads and hires by month"),
    _read(
        "plan-staffing-drivers",
        "/plans/{version}/staffing/{skill}/{month}/drivers/",
        "read what the hours of a skill in a month are for",
    ),
    _read("plan-workforce", "/plans/{version}/workforce/", "take away the hiring plan as xlsx"),
    _read("plan-skill-changes", "/plans/{version}/skill-changes/", "read who changes to which skill"),
    _read("plan-labour-weeks", "/plans/{version}/labour-weeks/", "read hours of people by week"),
    _read("plan-labour-shifts", "/plans/{version}/labour-shifts/", "read hours of people by month and shift"),
    _read_by("plan-cash", "/plans/{version}/cash/", "read money in and out by month", HR, PLANNER),
    _read_by("plan-hiring-cards", "/plans/{version}/hiring-cards/", "read what hires are worth", HR, PLANNER),
    _act("plan-hiring-cards", "/plans/{version}/hiring-cards/", "work out what hires are worth", PLANNER, HR),
    _read("plan-load", "/plans/{version}/load/", "read the load of work centres by week"),
    _read("plan-pegging", "/plans/{version}/pegging/", "read what supplies what"),
    _read("plan-promises", "/plans/{version}/promises/", "read the dates the plan gives"),
    _read("plan-exceptions", "/plans/{version}/exceptions/", "read what needs attention"),
    _look("plan-material", "/plans/{version}/material/", "read when each item runs out"),
    _look(
        "plan-item-material", "/plans/{version}/items/{code}/material/", "read one item by day, week or month"
    ),
    _look(
        "plan-pegging-tree",
        "/plans/{version}/pegging-tree/",
        "read why an order exists and what a delivery waits for",
        SALES,
    ),
    _act("plan-firm", "/plans/{version}/firm/", "make planned orders firm", PLANNER),
    _look("firm-order-list", "/firm-orders/", "list firm planned orders"),
    _remove("firm-order-detail", "/firm-orders/{ref}/", "let planning decide about it again", PLANNER),
    _look("downtime-list", "/downtimes/", "list downtimes"),
    _act("downtime-list", "/downtimes/", "say that a station is down", PLANNER, PRODUCTION),
    _remove("downtime-detail", "/downtimes/{key}/", "take a downtime out", PLANNER, PRODUCTION),
    _look("absence-list", "/absences/", "list absences", HR),
    _act("absence-list", "/absences/", "say who is absent", PLANNER, PRODUCTION),
    _remove("absence-detail", "/absences/{key}/", "take an absence out", PLANNER, PRODUCTION),
    _look("labour-report-list", "/labour-reports/", "list labour hours of finished work"),
    _act("labour-report-list", "/labour-reports/", "report labour hours", PLANNER, PRODUCTION),
    _remove("labour-report-detail", "/labour-reports/{key}/", "take a report out again", PLANNER, PRODUCTION),
    _look("learning-rate-list", "/learning-rates/", "read the learning rates that reports tell", HR),
    _act("learning-rate-take-over", "/learning-rates/take-over/", "use a rate from now on", PLANNER),
    _look("hiring-decision-list", "/hiring-decisions/", "list decisions on hires", HR),
    _act("hiring-decision-list", "/hiring-decisions/", "approve, lock or refuse hires", PLANNER, HR),
    _remove("hiring-decision-detail", "/hiring-decisions/{key}/", "take a decision back", PLANNER, HR),
    _look("pin-list", "/pinned-operations/", "list pinned operations"),
    _act("pin-list", "/pinned-operations/", "pin an operation", PLANNER),
    _remove("pin-detail", "/pinned-operations/{key}/", "let planning move it again", PLANNER),
    _look("requirements-list", "/requirements/", "read what is needed of each item by week", SALES),
    _act("requirements-list", "/requirements/", "bring requirements up to date", PLANNER, PRODUCTION, SALES),
    _look("requirements-detail", "/requirements/{code}/", "read one item by week, and why it is late", SALES),
    _read("plan-export", "/plans/{version}/export/", "fetch the plan as a plan-1 document"),
    _read_by("item-where-used", "/items/{code}/where-used/", "read what an item goes into", *SEES_BILLS),
    _read_by("item-bom", "/items/{code}/bom/", "read what an item is made of", *SEES_BILLS),
    _read_by("item-bom-compare", "/items/{code}/bom/compare/", "compare two bills of materials", *SEES_BILLS),
    _read_by("item-cost", "/items/{code}/cost/", "read what an item costs, by level", *SEES_BILLS, HR),
    _read_by("data-checks", "/data-checks/", "read what is wrong with bills and sources", *SEES_BILLS),
    _look("table-export", "/exports/{kind}/", "take away a table as a file", SALES, HR),
    _act("table-import", "/imports/{kind}/", "import a table", SALES, PLANNER, PRODUCTION, HR),
    _look(
        "plan-purchase-proposals",
        "/plans/{version}/purchase-proposals/",
        "read what to order, by supplier and week",
    ),
    _act("plan-purchase-orders", "/plans/{version}/purchase-orders/", "turn proposals into orders", PLANNER),
    _look("plan-abc", "/plans/{version}/abc/", "read ABC classes of items"),
    _act(
        "plan-cycle-counts", "/plans/{version}/cycle-counts/", "open a count of a class", PLANNER, PRODUCTION
    ),
    _look("purchase-order-list", "/purchase-orders/", "list purchase orders"),
    _act("purchase-order-list", "/purchase-orders/", "place a purchase order", PLANNER),
    _look("purchase-order-detail", "/purchase-orders/{ref}/", "read a purchase order"),
    _act(
        "purchase-order-receive",
        "/purchase-orders/{ref}/receive/",
        "put a delivery into stock",
        PLANNER,
        PRODUCTION,
    ),
    _act("purchase-order-cancel", "/purchase-orders/{ref}/cancel/", "cancel what has not come", PLANNER),
    _act("purchase-order-reschedule", "/purchase-orders/{ref}/reschedule/", "move it to a day", PLANNER),
    _look("stock-list", "/stock/", "read what lies where"),
    _look("stock-movements", "/stock/movements/", "read the ledger"),
    _act("stock-receipts", "/stock/receipts/", "put units into stock", PLANNER, PRODUCTION),
    _act("stock-issues", "/stock/issues/", "take units out of stock", PLANNER, PRODUCTION),
    _act("stock-adjustments", "/stock/adjustments/", "correct what lies somewhere", PLANNER, PRODUCTION),
    _act("stock-transfers", "/stock/transfers/", "carry units to another location", PLANNER, PRODUCTION),
    _look("cycle-count-list", "/cycle-counts/", "list cycle counts"),
    _act("cycle-count-list", "/cycle-counts/", "open a cycle count", PLANNER, PRODUCTION),
    _look("cycle-count-detail", "/cycle-counts/{ref}/", "read a cycle count"),
    _look("cycle-count-lines", "/cycle-counts/{ref}/lines/", "read its lines"),
    _act("cycle-count-start", "/cycle-counts/{ref}/start/", "begin to count", PLANNER, PRODUCTION),
    _act("cycle-count-counts", "/cycle-counts/{ref}/counts/", "say what was found", PLANNER, PRODUCTION),
    _act("cycle-count-post", "/cycle-counts/{ref}/post/", "bring the ledger to it", PLANNER, PRODUCTION),
    _act("cycle-count-cancel", "/cycle-counts/{ref}/cancel/", "give it up", PLANNER, PRODUCTION),
)

_BY_CALL = {(right.route, right.method): right for right in TABLE}


def find_right(route: str, method: str) -> Right | None:
    """The row of the table, if there is one. HEAD is a GET without its body."""
    return _BY_CALL.get((route, "GET" if method == "HEAD" else method))


def may(user: Any, route: str, method: str = "GET") -> bool:
    """May this user call the address named ``route``?"""
    right = find_right(route, method)
    return bool(user.is_superuser) or bool(right and roles_of(user) & right.roles)


def roles_of(user: Any) -> frozenset[str]:
    """The roles of a user; one query, asked once per request."""
    known: frozenset[str] | None = getattr(user, "roles_of_request", None)
    if known is None:
        known = frozenset(user.groups.values_list("name", flat=True)) & EVERY_ROLE
        user.roles_of_request = known
    return known


def sees_wages(user: Any) -> bool:
    """May this user see wages, the cost of labour, and totals that give them away?"""
    return bool(user.is_superuser) or bool(roles_of(user) & SEES_WAGES)


PAGE = """\
# Roles

A role is a group of the admin. Somebody may have several roles and may do what any of them may; a
superuser may do everything. Without a token or a session every address answers 401, without the role
403. This page is written from the table in `config/rest/roles.py`, which is also what decides.

{roles}

| under `/api/v1` | | {names} |
|---|---|{rule}
{rows}

Wages and what labour costs are `null` without the role {wages}: `cost` and `wage_per_hour` of a staffing
row; of a plan's cost `regular_labour`, `overtime`, `temporary_labour`, `shift_premiums`, `hiring`,
`severance` and `total`; `cost` of a row of hours by shift;
and what gives them away: objectives and bounds of the certificate (the gap stays), and the cost of a build
in progress. The same holds for the exported document, where `cash` is `null` as well. Exceptions
about cash (`CASH_BELOW_FLOOR`) are left out of lists, counts and the document. Of an item's cost
`labour` and `total` are `null`; `without_labour` is there. A table is imported by whoever may edit its
rows: master data by planners, stock counts, purchase orders, downtimes and absences by planners and
production, hiring decisions by planners and human resources, customers and sales orders by sales. Sales and
human resources take away the tables that they import, the other roles of the row all of them.

`/api/schema/` and `/api/docs/` are open to everybody: they describe the API and hold no data.
"""


def as_markdown() -> str:
    """docs/roles.md."""
    return PAGE.format(
        roles="\n".join(f"* **{role}** {words}" for role, words in ROLE_WORDS.items()),
        names=" | ".join(ROLES),
        rule="---|" * len(ROLES),
        rows="\n".join(_row(right) for right in TABLE),
        wages=" or ".join(sorted(SEES_WAGES)),
    )


def _row(right: Right) -> str:
    marks = " | ".join("x" if role in right.roles else "" for role in ROLES)
    return f"| `{right.method} {right.address}` | {right.does} | {marks} |"


if __name__ == "__main__":
    print(as_markdown(), end="")  # noqa: T201
