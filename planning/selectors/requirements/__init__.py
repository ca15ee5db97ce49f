"""Material requirements: rows to a netting problem, and what the current run says."""

from planning.selectors.requirements.changes import newest_change
from planning.selectors.requirements.current import (
    find_current_run,
    get_current_run,
    is_outdated,
    read_stored,
    remember,
    units,
)
from planning.selectors.requirements.items import (
    MESSAGE_CODES,
    ItemRequirements,
    Wanted,
    get_item_requirements,
    list_items,
)
from planning.selectors.requirements.rows import RequirementsInput, read_input

__all__ = [
    "MESSAGE_CODES",
    "ItemRequirements",
    "RequirementsInput",
    "Wanted",
    "find_current_run",
    "get_current_run",
    "get_item_requirements",
    "is_outdated",
    "list_items",
    "newest_change",
    "read_input",
    "read_stored",
    "remember",
    "units",
]
