"""What is shown to somebody who may not see wages: ``None`` in place of what labour costs.

Hidden with it is what would give it away: totals, cash and exceptions about it, the objectives and bounds
of the certificate, the cost of a build in progress, and the sums that a violated rule about money names.
"""

from typing import Any

from planning.selectors.results import WAGE_EXCEPTIONS
from planning.selectors.runs import FOUND_VIOLATIONS, tells_money

LABOUR_PARTS = ("regular_labour", "overtime", "temporary_labour", "shift_premiums", "hiring", "severance")
HIDDEN_PARTS = frozenset({*LABOUR_PARTS, "total"})
HIDDEN_BOUNDS = {"objective": None, "bound": None}

Row = dict[str, Any]


def hide_in_plan(row: Row) -> Row:
    """A plan as the API shows it, in a list or by itself."""
    hidden = row | {"incumbent_cost": None, "total_cost": None}
    if "cost" in row:
        sums = {"incumbent_cost": None, "objective": None}
        hidden["course"] = [step | sums for step in map(dict, row["course"])]
        hidden["cost"] = hide_in_cost(row["cost"])
        hidden["certificate"] = hide_in_certificate(row["certificate"])
        hidden["violations"] = hide_in_violations(row["violations"])
    if row["failure"] and row["failure"]["code"] == "violations":
        hidden["failure"] = row["failure"] | {"reason": FOUND_VIOLATIONS}
    return hidden


def hide_in_document(document: Row) -> Row:
    """A plan-1 document."""
    return document | {
        "cost": hide_in_cost(document["cost"]),
        "certificate": hide_in_certificate(document["certificate"]),
        "staffing": [hide_in_staffing(row) for row in document["staffing"]],
        "labour_shifts": [hide_in_shift(row) for row in document["labour_shifts"]],
        "cash": None,
        "exceptions": [row for row in document["exceptions"] if row["code"] not in WAGE_EXCEPTIONS],
    }


def hide_in_staffing(row: Row) -> Row:
    """A row of staffing."""
    return row | {"cost": None, "wage_per_hour": None}


def hide_in_shift(row: Row) -> Row:
    """A row of labour_shifts."""
    return row | {"cost": None}


def hide_in_cost(cost: Row | None) -> Row | None:
    """The parts of a plan's cost."""
    return cost and {part: None if part in HIDDEN_PARTS else value for part, value in cost.items()}


def hide_in_certificate(certificate: Row | None) -> Row | None:
    """The stages of a certificate; their gaps stay."""
    return certificate and {
        name: part | HIDDEN_BOUNDS if isinstance(part, dict) else part for name, part in certificate.items()
    }


def hide_in_violations(violations: list[Row]) -> list[Row]:
    """What a rule about cost has to say is about sums of money."""
    return [row | {"text": None} if tells_money(row["rule"]) else row for row in violations]
