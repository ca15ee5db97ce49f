"""Checks between the rows of a file some of whose values are wrong: every problem at once.

Rows with a wrong value are set aside, the others are checked as a factory of their own; what is only missing
because it was set aside is no problem of its own, and places are those of the file.
"""

from typing import Any

from pydantic import ValidationError

from planning.engine.errors import FactoryIssue
from planning.engine.factory import Factory
from planning.engine.factory_check import check_factory

KINDS = {
    "calendars": "calendar",
    "skills": "skill",
    "work_centres": "work centre",
    "items": "item",
    "suppliers": "supplier",
    "customers": "customer",
}


def further_issues(data: dict[str, Any], found: list[FactoryIssue]) -> list[FactoryIssue]:
    """What is wrong between the rows of ``data`` that have none of the ``found`` issues."""
    bad: dict[str, set[str]] = {}
    for issue in found:
        section, _, rest = issue.path.removeprefix("/").partition("/")
        bad.setdefault(section, set()).add(rest.partition("/")[0])
    kept: dict[str, Any] = {}
    places: dict[str, list[int]] = {}
    missing: set[str] = set()
    for section, rows in data.items():
        if section not in bad:
            kept[section] = rows
        elif isinstance(rows, list) and "" not in bad[section]:
            places[section] = [index for index in range(len(rows)) if str(index) not in bad[section]]
            kept[section] = [rows[index] for index in places[section]]
            missing |= _codes(rows[int(index)] for index in bad[section])
        elif isinstance(rows, dict) and section == "routings":
            kept[section] = {item: steps for item, steps in rows.items() if item not in bad[section]}
    unsure = {KINDS[section] for section, rows in bad.items() if section in KINDS and "" in rows}
    unsure |= {kind for section, kind in KINDS.items() for i in found if _is_code_of(section, i.path)}
    try:
        factory = Factory.model_validate(kept)
    except ValidationError:
        return []
    return [
        FactoryIssue(path=_in_file(issue.path, places), message=issue.message)
        for issue in check_factory(factory)
        if not any(f" {code};" in issue.message for code in missing)
        and not any(issue.message.startswith(f"unknown {kind} ") for kind in unsure)
    ]


def _is_code_of(section: str, path: str) -> bool:
    return path.startswith(f"/{section}/") and path.endswith("/code") and path.count("/") == 3


def _codes(rows: Any) -> set[str]:
    """The keys of rows, by which others may name them."""
    keys = ("code", "ref")
    return {str(row[key]) for row in rows if isinstance(row, dict) for key in keys if key in row}


def _in_file(path: str, places: dict[str, list[int]]) -> str:
    """``path`` with the row's number in the file instead of among the rows that were checked."""
    _, section, *rest = path.split("/")
    if section in places and rest:
        rest[0] = str(places[section][int(rest[0])])
    return "/".join(["", section, *rest])
