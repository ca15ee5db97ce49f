"""What the columns and constraints of an entry refuse, each with the key of the value that is wrong."""

from collections.abc import Iterator

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from inventory.models.fields import Edited
from planning.errors import EntryIssue, InvalidEntry

# Columns that callers know by another name.
KEYS = {"down_from": "from", "down_to": "to", "absent_from": "from", "absent_to": "to"}


def refuse(key: str, message: str) -> InvalidEntry:
    """One value that does not fit the factory."""
    return InvalidEntry([EntryIssue(path=f"/{key}", message=message)])


def invalid_entry(row: Edited, error: ValidationError) -> InvalidEntry:
    """All that was refused about ``row``."""
    return InvalidEntry(list(_issues(row, error)))


def _issues(row: Edited, error: ValidationError) -> Iterator[EntryIssue]:
    columns = {field.name for field in row._meta.concrete_fields}
    for column, messages in error.message_dict.items():
        for message in messages:
            # A constraint begins its message with the column that it is about.
            first = message.split(maxsplit=1)[0].rstrip(":") if message else ""
            name = first if column == NON_FIELD_ERRORS and first in columns else column
            path = "" if name == NON_FIELD_ERRORS else f"/{KEYS.get(name, name)}"
            yield EntryIssue(path=path, message=_in_words(message.removeprefix(f"{first}: ")))


def _in_words(message: str) -> str:
    for column, key in KEYS.items():
        message = message.replace(column, key)
    return message[:1].upper() + message[1:] if message[:1].isalpha() else message
