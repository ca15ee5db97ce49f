"""Form fields of the admin that are not Django's own."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError

from inventory.models.fields import plain


class _PlainDigits:
    """Refuses what Python takes for a number and people do not: ``1_000``, and digits of other scripts."""

    error_messages: dict[str, Any]

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and ("_" in value or not value.isascii()):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)  # type: ignore[misc]


class PlainIntegerField(_PlainDigits, forms.IntegerField):
    """A whole number, in plain digits."""


class PlainDecimalField(_PlainDigits, forms.DecimalField):
    """A number, in plain digits. Shows 20, not 20.000000."""

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, Decimal) else value


class KnownChoiceField(forms.ModelChoiceField):
    """A choice that is told the rows that were sent, all at once; unknown ones it looks up itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_rows: dict[str, Any] = {}

    def to_python(self, value: Any) -> Any:
        return self.known_rows.get(str(value)) or super().to_python(value)


class KnownAutocomplete(AutocompleteSelect):
    """An autocomplete that is told the names of what is selected.

    Without that it asks the database for each: 200 lines of an order would be 200 queries. ``known``
    maps keys to names; copies of the widget, one per row, share it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known: dict[str, str] = {}

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        selected = [key for key in value if key]
        if any(key not in self.known for key in selected):
            return super().optgroups(name, list(value), attr)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        options += [self.create_option(name, key, self.known[key], True, len(options)) for key in selected]
        return [(None, options, 0)]
